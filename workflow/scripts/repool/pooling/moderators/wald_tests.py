"""Test several coefficients at once, contrasts of them, and one model against a larger one."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.models.estimators import tau2, weighted_fit
from repool.pooling.models.intervals import Interval, quantile, two_sided_pval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: Share of a column of the larger design that the smaller one may leave unexplained.
NESTED = 1e-8


@dataclass(frozen=True)
class JointTest:
    """Joint test of several coefficients.

    Attributes
    ----------
    statistic : float
        Chi-squared, or F where the coefficients have degrees of freedom; nan where it cannot be
        computed because a standard error is 0.
    df1, df2 : float
        Degrees of freedom; df2 is nan for chi-squared.
    pval : float
    """

    statistic: float
    df1: int
    df2: float
    pval: float


@dataclass(frozen=True)
class Contrasts:
    """Weighted sums of coefficients, each of shape (m,), and their joint test.

    Attributes
    ----------
    estimate, se, statistic, pval, ci_lb, ci_ub : numpy.ndarray of shape (m,)
    joint : JointTest
        Whether all are 0; nan where a contrast repeats another.
    """

    estimate: np.ndarray
    se: np.ndarray
    statistic: np.ndarray
    pval: np.ndarray
    ci_lb: np.ndarray
    ci_ub: np.ndarray
    joint: JointTest


@dataclass(frozen=True)
class LikelihoodRatio:
    """A model against a larger one by their maximum likelihoods.

    Attributes
    ----------
    statistic : float
        Twice the gain in log-likelihood.
    df : int
        How many parameters more the larger model has.
    pval : float
    log_likelihood_full, log_likelihood_reduced : float
    tau2_full, tau2_reduced : float
        Between-study variance left in each.
    """

    statistic: float
    df: int
    pval: float
    log_likelihood_full: float
    log_likelihood_reduced: float
    tau2_full: float
    tau2_reduced: float


def joint_test(coefficients: Interval, *, columns: Iterable[int]) -> JointTest:
    """Test whether all of the named coefficients are 0.

    Parameters
    ----------
    coefficients : repool.pooling.models.intervals.Interval
        Coefficients with covariance; with degrees of freedom the test is F, else chi-squared.
    columns : iterable of int
        Positions, from 0.

    Returns
    -------
    JointTest
        The test.

    Raises
    ------
    ValueError
        When a position does not exist or none is given.

    Notes
    -----
    b' V^-1 b on m degrees of freedom; divided by m and F on m and k - p with Knapp-Hartung:
    Knapp & Hartung (2003), Stat Med 22, 2693-2710, section 3.
    """
    p = coefficients.estimate.size
    columns = sorted(set(columns))
    if not columns or columns[0] < 0 or columns[-1] >= p:
        raise ValueError(f"columns to test are {columns}; they must lie between 0 and {p - 1}")
    place = np.ix_(columns, columns)
    return _quadratic(coefficients.estimate[columns], coefficients.cov[place], df=coefficients.df)


def contrast_test(coefficients: Interval, *, contrasts: ArrayLike, level: float) -> Contrasts:
    """Estimate and test weighted sums of coefficients.

    Parameters
    ----------
    coefficients : repool.pooling.models.intervals.Interval
        Coefficients with covariance.
    contrasts : array_like of shape (m, p) or (p,)
        One row of weights per contrast, such as (0, 1, -1).
    level : float
        Confidence level between 0 and 1.

    Returns
    -------
    Contrasts
        Each contrast, and all together.

    Raises
    ------
    ValueError
        When a row has not one weight per coefficient, or only zeros.
    """
    weights = np.atleast_2d(np.asarray(contrasts, dtype=float))
    p = coefficients.estimate.size
    if weights.ndim != 2 or weights.shape[1] != p:
        raise ValueError(f"a contrast needs {p} weights, one per coefficient; there are {weights.shape[-1]}")
    if not np.isfinite(weights).all() or not weights.any(axis=1).all():
        raise ValueError("a contrast must hold numbers, and at least one that is not 0")
    estimate = weights @ coefficients.estimate
    cov = weights @ coefficients.cov @ weights.T
    se = np.sqrt(np.maximum(np.diagonal(cov), 0.0))
    statistic = np.divide(estimate, se, out=np.full_like(se, math.nan), where=se > 0)
    half_width = quantile(level, df=coefficients.df) * se
    joint = _quadratic(estimate, cov, df=coefficients.df)
    pval = two_sided_pval(statistic, df=coefficients.df)
    return Contrasts(estimate, se, statistic, pval, estimate - half_width, estimate + half_width, joint)


def likelihood_ratio_test(
    yi: ArrayLike, vi: ArrayLike, *, design_full: ArrayLike, design_reduced: ArrayLike, method_tau2: str
) -> LikelihoodRatio:
    """Test a model against a larger one by their likelihoods.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    design_full, design_reduced : array_like of shape (k, p) and (k, r)
        Designs; every column of the smaller must be a combination of columns of the larger.
    method_tau2 : {"ML", "none"}
        Restricted likelihoods of different designs cannot be compared.

    Returns
    -------
    LikelihoodRatio
        The test.

    Raises
    ------
    ValueError
        When the method is another, the models are not nested, or do not differ.

    Notes
    -----
    Wilks (1938), Ann Math Stat 9, 60-62; chi-squared on the difference in parameters.
    """
    from scipy.special import chdtrc

    if method_tau2 not in ("ML", "none"):
        raise ValueError(
            f"method_tau2 is {method_tau2!r}; a likelihood ratio test of coefficients needs ML (or none): restricted "
            "likelihoods of different designs cannot be compared"
        )
    full, reduced = np.asarray(design_full, dtype=float), np.asarray(design_reduced, dtype=float)
    _check_nested(full, reduced)
    tau2_full, height_full = _top(yi, vi, full, method_tau2=method_tau2)
    tau2_reduced, height_reduced = _top(yi, vi, reduced, method_tau2=method_tau2)
    statistic, df = 2.0 * (height_full - height_reduced), full.shape[1] - reduced.shape[1]
    pval = float(chdtrc(df, max(statistic, 0.0)))
    return LikelihoodRatio(statistic, df, pval, height_full, height_reduced, tau2_full, tau2_reduced)


def _check_nested(full: np.ndarray, reduced: np.ndarray) -> None:
    """Refuse models of which one is not part of the other."""
    if full.ndim != 2 or reduced.ndim != 2 or len(full) != len(reduced):
        raise ValueError("both models must be fitted to the same effects")
    if full.shape[1] <= reduced.shape[1]:
        raise ValueError("the larger model must have more coefficients than the smaller one")
    basis, _ = np.linalg.qr(full)
    rest = reduced - basis @ (basis.T @ reduced)
    if np.any(np.linalg.norm(rest, axis=0) > NESTED * np.linalg.norm(reduced, axis=0)):
        raise ValueError("the smaller model is not part of the larger one: one of its columns is no combination of it")


def _top(yi: ArrayLike, vi: ArrayLike, design: np.ndarray, *, method_tau2: str) -> tuple[float, float]:
    """Return tau2 and the full log-likelihood there."""
    between = tau2(yi, vi, method=method_tau2, design=design).tau2
    fit = weighted_fit(yi, vi, tau2=between, design=design)
    constant = fit.weights.size * math.log(2.0 * math.pi)
    return between, 0.5 * float(np.sum(np.log(fit.weights)) - fit.rss - constant)


def _quadratic(estimate: np.ndarray, cov: np.ndarray, *, df: float) -> JointTest:
    """Return the chi-squared or F test that all estimates are 0."""
    from scipy.special import chdtrc, fdtrc

    m = estimate.size
    variances = np.diagonal(cov)
    nothing = JointTest(math.nan, m, df, math.nan)
    if not np.all(variances > 0) or not np.isfinite(cov).all():
        return nothing
    # Scaled to unit variances: moderators of very different size would cost digits.
    scale = np.sqrt(variances)
    standard, correlation = estimate / scale, cov / np.outer(scale, scale)
    if np.linalg.matrix_rank(correlation, hermitian=True) < m:
        return nothing
    chi2 = float(standard @ np.linalg.solve(correlation, standard))
    if math.isnan(df):
        return JointTest(chi2, m, math.nan, float(chdtrc(m, chi2)))
    pval = float(fdtrc(m, df, chi2 / m)) if df > 0 else math.nan
    return JointTest(chi2 / m, m, df, pval)
