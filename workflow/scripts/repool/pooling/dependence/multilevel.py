"""Fit multilevel and multivariate random-effects models to effects that depend on each other."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from repool.pooling.dependence.component_search import Peak, highest_peak
from repool.pooling.dependence.covariance_blocks import as_blocks
from repool.pooling.dependence.fit_statistics import (
    FitStatistics,
    ModelTest,
    containment_df,
    fit_statistics,
    heterogeneity_test,
    moderator_test,
    shares_of_variance,
)
from repool.pooling.dependence.random_terms import code_term
from repool.pooling.dependence.working_scale import Component, Prepared, check_effects, component, prepare
from repool.pooling.models.intervals import quantile, two_sided_pval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from repool.pooling.dependence.mixed_likelihood import MixedModel
    from repool.pooling.dependence.random_terms import RandomTerm


@dataclass(frozen=True)
class MultilevelFit:
    """A fitted multilevel model.

    Attributes
    ----------
    beta, se, statistic, pval, ci_lb, ci_ub, df : numpy.ndarray of shape (p,)
        Coefficients with tests and limits; df is nan for the normal distribution.
    cov : numpy.ndarray of shape (p, p)
        Model-based covariance of the coefficients.
    components : tuple of Component
        Variances and correlations, one entry per random term.
    qe, qm : ModelTest
        Test of residual heterogeneity, and of the moderators (of the mean where there are none).
    statistics : FitStatistics
        Log-likelihood, deviance and information criteria.
    i2_total, i2_by_component, icc, typical_variance
        Shares of variance in percent, shares of the total true variance, and the typical
        sampling variance; nan where the model has other terms than random intercepts.
    design, residuals, marginal_covariance
        Design (k, p), effects minus fitted values (k,), and the total covariance as a list of
        (row numbers, block): what robust standard errors need.
    converged, iterations, gradient_norm, at_boundary
        How the search ended; the gradient is per unit of the scaled parameters.
    method, test, level
        Settings.
    note : str
        Warnings in words; empty when there are none.
    prepared, peak : Prepared, Peak
        For predictions and profiles.
    """

    beta: np.ndarray
    se: np.ndarray
    statistic: np.ndarray
    pval: np.ndarray
    ci_lb: np.ndarray
    ci_ub: np.ndarray
    df: np.ndarray
    cov: np.ndarray
    components: tuple[Component, ...]
    qe: ModelTest
    qm: ModelTest
    statistics: FitStatistics
    i2_total: float
    i2_by_component: np.ndarray
    icc: np.ndarray
    typical_variance: float
    design: np.ndarray
    residuals: np.ndarray
    marginal_covariance: list[tuple[np.ndarray, np.ndarray]]
    converged: bool
    iterations: int
    gradient_norm: float
    at_boundary: bool
    method: str
    test: str
    level: float
    note: str
    prepared: Prepared
    peak: Peak

    @property
    def sigma2(self) -> np.ndarray:
        """Variances of the random intercepts, in the order of the terms."""
        parts = [part.variances for part in self.components if part.structure == "intercept"]
        return np.concatenate([np.zeros(0), *parts])


def fit_multilevel(
    yi: ArrayLike,
    sampling: Any,
    *,
    design: ArrayLike,
    random: Sequence[RandomTerm],
    method: str,
    test: str,
    dfs: str,
    level: float,
) -> MultilevelFit:
    """Fit a model with random terms and known sampling covariance.

    Parameters
    ----------
    yi : array_like of shape (k,)
        Effects; ratio measures on the log scale.
    sampling : array_like of shape (k,) or (k, k), SamplingCovariance, or list of (rows, block)
        Sampling variances or their covariance matrix.
    design : array_like of shape (k, p)
        Design matrix; a column of ones for a mean.
    random : sequence of RandomTerm
        Random terms; none gives a common-effect model.
    method : {"ML", "REML"}
        Likelihood.
    test : {"z", "t"}
        Reference distribution of tests and limits.
    dfs : {"residual", "contain"}
        Degrees of freedom for "t": k - p, or levels of the smallest factor within which a
        coefficient's column does not change, minus p. Without use for "z".
    level : float
        Confidence level between 0 and 1.

    Returns
    -------
    MultilevelFit
        The fit, on the scale of the effects.

    Raises
    ------
    ValueError
        When a setting is unknown, data are missing or do not fit together, or the total
        covariance cannot be positive definite.

    Notes
    -----
    Likelihoods and degrees of freedom as in metafor's rma.mv (Viechtbauer 2010, J Stat Softw
    36(3)); three-level models: Konstantopoulos (2011), Res Synth Methods 2, 61-76.
    """
    for name, value, allowed in (("method", method, ("ML", "REML")), ("test", test, ("z", "t"))):
        if value not in allowed:
            raise ValueError(f"{name} is {value!r}; must be one of {', '.join(allowed)}")
    if dfs not in ("residual", "contain"):
        raise ValueError(f"dfs is {dfs!r}; must be 'residual' or 'contain'")
    yi, design = check_effects(yi, design)
    blocks = as_blocks(sampling, yi.size)
    terms = [code_term(term, yi.size) for term in random]
    prepared = prepare(yi, blocks, design, terms, restricted=method == "REML")
    model = prepared.model
    peak = highest_peak(model, total=prepared.total, limits=model.limits, near=None)
    return _result(prepared, peak, design, settings={"method": method, "test": test, "level": level}, dfs=dfs)


def _result(prepared: Prepared, peak: Peak, design: np.ndarray, *, settings: dict[str, Any], dfs: str) -> MultilevelFit:
    """Return the fit on the scale of the effects, with its tests."""
    model, unit = prepared.model, prepared.unit
    k, p = design.shape
    found = _coefficients(prepared, peak, design, test=settings["test"], dfs=dfs, level=settings["level"])
    parts = tuple(component(term, peak.theta[part], unit) for term, part in zip(model.terms, model.parts, strict=True))
    without = model.evaluate(np.zeros(peak.theta.size))
    i2_total, i2_by_component, icc, typical = shares_of_variance(model, parts, without, unit)
    return MultilevelFit(
        components=parts,
        qe=heterogeneity_test(without.rss, k - p),
        qm=moderator_test(found["beta"], found["cov"], design, found["df"]),
        statistics=fit_statistics(model, peak, without, unit),
        i2_total=i2_total,
        i2_by_component=i2_by_component,
        icc=icc,
        typical_variance=typical,
        design=design,
        marginal_covariance=[(rows, block * unit**2) for rows, block in model.marginal(peak.theta)],
        converged=peak.converged,
        iterations=peak.iterations,
        gradient_norm=peak.gradient_norm,
        at_boundary=any(part.at_boundary for part in parts),
        note=_notes(model, peak, parts, positive_definite=bool(np.isfinite(without.value))),
        prepared=prepared,
        peak=peak,
        **found,
        **settings,
    )


def _coefficients(
    prepared: Prepared, peak: Peak, design: np.ndarray, *, test: str, dfs: str, level: float
) -> dict[str, np.ndarray]:
    """Return coefficients with tests and limits, and the residuals, on the scale of the effects."""
    unit, (k, p) = prepared.unit, design.shape
    inverse = np.linalg.inv(prepared.triangle)
    shift = unit * (inverse @ peak.at.beta)
    beta = prepared.start + shift
    cov = unit**2 * (inverse @ peak.at.cov @ inverse.T)
    se = np.sqrt(np.diagonal(cov))
    df = np.full(p, math.nan)
    if test == "t":
        df = np.full(p, float(max(k - p, 1))) if dfs == "residual" else containment_df(design, prepared.model.terms)
    statistic = beta / se
    half_width = np.array([quantile(level, df=float(each)) for each in df]) * se
    return {
        "beta": beta,
        "se": se,
        "statistic": statistic,
        "pval": np.array([float(two_sided_pval(t, df=float(each))) for t, each in zip(statistic, df, strict=True)]),
        "ci_lb": beta - half_width,
        "ci_ub": beta + half_width,
        "df": df,
        "cov": cov,
        "residuals": unit * prepared.model.yi - design @ shift,
    }


def _notes(model: MixedModel, peak: Peak, parts: Sequence[Component], *, positive_definite: bool) -> str:
    """Return what a reader must know about the fit, in words."""
    notes = [] if positive_definite else ["the sampling covariance is not positive definite"]
    if not peak.converged:
        notes.append("the search for the variance components did not converge")
    if any(part.fixed for part in parts):
        notes.append("a random term with one level only has its variance fixed at 0")
    if any(term.structure == "UN_pairs" for term in model.terms):
        notes.append("correlations of levels that never meet in a group are fixed at 0")
    plain = [term.outer for term in model.terms if term.structure == "intercept" and term.outer_correlation is None]
    if any(np.array_equal(a, b) for i, a in enumerate(plain) for b in plain[:i]):
        notes.append("two random terms group the effects alike: only the sum of their variances is estimated")
    return "; ".join(notes)
