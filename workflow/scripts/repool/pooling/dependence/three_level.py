"""Three-level models: effects within studies, with independent or correlated sampling errors."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from repool.pooling.dependence.covariance_blocks import block_covariance
from repool.pooling.dependence.multilevel import fit_multilevel
from repool.pooling.dependence.profile_components import term_test
from repool.pooling.dependence.random_terms import RandomTerm
from repool.pooling.models.intervals import quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from repool.pooling.dependence.multilevel import MultilevelFit
    from repool.pooling.dependence.profile_components import TermTest


@dataclass(frozen=True)
class ThreeLevel:
    """A three-level model.

    Attributes
    ----------
    fit : MultilevelFit
        The model; its first coefficient is the mean where there are no moderators.
    cluster : numpy.ndarray of shape (k,)
        Cluster code of each effect.
    n_clusters : int
        Number of clusters.
    sigma2_between, sigma2_within : float
        Variance of true effects between clusters, and within them.
    i2_between_percent, i2_within_percent, i2_percent : float
        Share of the total variance at each level and at both: Cheung (2014).
    icc : float
        Share of the true variance that lies between clusters; nan where both variances are 0.
    pi_lb, pi_ub : float
        Interval for the true effect of one new outcome in a new cluster; nan with moderators.
    test_between, test_within : TermTest
        Likelihood ratio tests of dropping a level.
    rho : float
        Correlation assumed between sampling errors of a cluster; 0 for independent errors.
    note : str
        What a reader must know; empty when there is nothing.
    """

    fit: MultilevelFit
    cluster: np.ndarray
    n_clusters: int
    sigma2_between: float
    sigma2_within: float
    i2_between_percent: float
    i2_within_percent: float
    i2_percent: float
    icc: float
    pi_lb: float
    pi_ub: float
    test_between: TermTest
    test_within: TermTest
    rho: float
    note: str


def three_level(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    cluster: Sequence[Any],
    design: ArrayLike | None,
    method: str,
    test: str,
    dfs: str,
    level: float,
) -> ThreeLevel:
    """Fit a mean or regression with random effects of clusters and of effects within clusters.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances, errors taken as independent.
    cluster : sequence of length k
        Study or cohort of each effect.
    design : array_like of shape (k, p) or None
        Design matrix; None for a mean.
    method, test, dfs, level
        As in `repool.pooling.dependence.multilevel.fit_multilevel`.

    Returns
    -------
    ThreeLevel
        Fit, variances by level and tests of the levels.

    Raises
    ------
    ValueError
        As `fit_multilevel`.

    Notes
    -----
    Konstantopoulos (2011), Res Synth Methods 2, 61-76; Cheung (2014), Psychol Methods 19, 211-229.
    """
    return _three_level(yi, vi, rho=0.0, cluster=cluster, design=design, method=method, test=test, dfs=dfs, level=level)


def correlated_hierarchical(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    cluster: Sequence[Any],
    rho: float,
    design: ArrayLike | None,
    method: str,
    test: str,
    dfs: str,
    level: float,
) -> ThreeLevel:
    """Fit the correlated-and-hierarchical-effects working model (CHE) for one assumed correlation.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    cluster : sequence of length k
        Study or cohort of each effect.
    rho : float
        Correlation assumed between sampling errors of effects of the same cluster.
    design : array_like of shape (k, p) or None
        Design matrix; None for a mean.
    method, test, dfs, level
        As in `repool.pooling.dependence.multilevel.fit_multilevel`.

    Returns
    -------
    ThreeLevel
        Fit, variances by level and tests of the levels.

    Raises
    ------
    ValueError
        As `fit_multilevel`, and when the correlation is impossible in a cluster.

    Notes
    -----
    Pustejovsky & Tipton (2022), Prev Sci 23, 425-438. The correlation is assumed, not estimated:
    report robust standard errors beside it (`repool.pooling.dependence.robust`), and other rho.
    """
    count = np.arange(len(np.asarray(yi)))
    sampling = block_covariance(vi, cluster=cluster, obs=count, rho_obs=rho, indefinite="raise")
    settings = {"cluster": cluster, "design": design, "method": method, "test": test, "dfs": dfs, "level": level}
    return _three_level(yi, sampling, rho=rho, **settings)


def _three_level(
    yi: ArrayLike,
    sampling: Any,
    *,
    rho: float,
    cluster: Sequence[Any],
    design: ArrayLike | None,
    method: str,
    test: str,
    dfs: str,
    level: float,
) -> ThreeLevel:
    """Return the three-level model for a given sampling covariance."""
    k = len(np.asarray(yi))
    terms = [RandomTerm(cluster, name="between clusters"), RandomTerm(range(k), name="within clusters")]
    columns = np.ones((k, 1)) if design is None else design
    fit = fit_multilevel(yi, sampling, design=columns, random=terms, method=method, test=test, dfs=dfs, level=level)
    between, within = (float(value) for value in fit.sigma2)
    pi_lb = pi_ub = math.nan
    if design is None:
        half_width = quantile(level, df=float(fit.df[0])) * math.sqrt(fit.se[0] ** 2 + between + within)
        pi_lb, pi_ub = float(fit.beta[0]) - half_width, float(fit.beta[0]) + half_width
    cluster_codes = fit.prepared.model.terms[0].outer
    return ThreeLevel(
        fit=fit,
        cluster=cluster_codes,
        n_clusters=int(cluster_codes.max()) + 1,
        sigma2_between=between,
        sigma2_within=within,
        i2_between_percent=float(fit.i2_by_component[0]),
        i2_within_percent=float(fit.i2_by_component[1]),
        i2_percent=fit.i2_total,
        icc=float(fit.icc[0]),
        pi_lb=pi_lb,
        pi_ub=pi_ub,
        test_between=term_test(fit, term=0),
        test_within=term_test(fit, term=1),
        rho=rho,
        note=_note(fit, cluster_codes),
    )


def _note(fit: MultilevelFit, cluster: np.ndarray) -> str:
    """Return what a reader must know about a three-level model."""
    sizes = np.bincount(cluster)
    notes = [fit.note] if fit.note else []
    if sizes.max() > 1 and np.sum(sizes > 1) < 3:
        notes.append(f"only {np.sum(sizes > 1)} cluster(s) hold more than one effect: the split of variance is a guess")
    if sizes.size < 5:
        notes.append(f"{sizes.size} clusters: the variance between them is hardly known")
    return "; ".join(notes)
