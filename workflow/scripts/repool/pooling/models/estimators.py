"""Estimate the between-study variance (tau2) and the weighted mean that follows from it.

A common-effect model is the case ``tau2 = 0``. Throughout, ``yi`` are effects (ratio measures on
the log scale), ``vi`` their sampling variances, and the design is a k by p matrix whose single
column of ones stands for "one mean, no moderators".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: What may stand in ``method_tau2``; "none" is the common-effect model.
METHODS_TAU2 = ("none", "DL", "ML", "REML")

#: Points of the coarse scan for peaks of the likelihood. 200 points over at most a dozen powers
#: of ten put neighbours within 15 percent of each other; far fewer could step over a peak.
SCAN_POINTS = 200

#: A scan starts at this share of the smallest variance; below it the likelihood is flat.
SCAN_START = 1e-4

#: Residuals below this many units in the last place of the effects are rounding, not spread.
ROUNDING_UNITS = 16.0

EPSILON = float(np.finfo(float).eps)


@dataclass(frozen=True)
class Tau2:
    """The between-study variance and how the search for it ended.

    Attributes
    ----------
    tau2 : float
        Between-study variance, on the squared scale of ``yi``; never negative.
    converged : bool
        True when the search met its tolerance (always so for closed forms).
    iterations : int
        Steps of the root search; 0 for closed forms and for an estimate of exactly 0.
    at_boundary : bool
        True when tau2 was estimated and came out as 0.
    start : float
        What PyMARE alone answered, before the search was carried to the last digit.
    """

    tau2: float
    converged: bool
    iterations: int
    at_boundary: bool
    start: float


@dataclass(frozen=True)
class WeightedFit:
    """Weighted least squares with known weights ``1 / (vi + tau2)``.

    Attributes
    ----------
    beta, cov : numpy.ndarray of shape (p,) and (p, p)
        Coefficients and their model-based covariance.
    weights, residuals : numpy.ndarray of shape (k,)
        The weights, and ``yi`` minus its fitted value.
    rss : float
        Weighted sum of squared residuals.
    leverage : numpy.ndarray of shape (k,)
        Diagonal of the weighted hat matrix.
    """

    beta: np.ndarray
    cov: np.ndarray
    weights: np.ndarray
    residuals: np.ndarray
    rss: float
    leverage: np.ndarray

    @property
    def df(self) -> int:
        """Residual degrees of freedom, k - p."""
        return self.residuals.size - self.beta.size


def check_inputs(
    yi: ArrayLike, vi: ArrayLike, design: ArrayLike | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return effects, variances and design as float arrays, or say in words what is wrong.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    design : array_like of shape (k, p) or None
        Design matrix; None stands for a single column of ones.

    Raises
    ------
    ValueError
        When a value is not finite, a variance is not above 0, sizes differ, there are not more
        effects than coefficients, or two columns of the design carry the same information.
    """
    yi = np.asarray(yi, dtype=float)
    vi = np.asarray(vi, dtype=float)
    design = np.ones((yi.size, 1)) if design is None else np.asarray(design, dtype=float)
    if yi.ndim != 1 or yi.shape != vi.shape or design.ndim != 2 or len(design) != yi.size:
        raise ValueError("yi and vi must be lists of equal length, with one design row per effect")
    for name, values in (("yi", yi), ("vi", vi), ("moderators", design)):
        if not np.isfinite(values).all():
            raise ValueError(f"{name} holds a value that is missing or infinite")
    if (vi <= 0).any():
        raise ValueError(f"vi must be above 0; the smallest here is {vi.min():g}")
    k, p = design.shape
    if k < p + 1:
        raise ValueError(f"{k} effect(s) cannot carry {p} coefficient(s); at least {p + 1} needed")
    if np.linalg.matrix_rank(design / np.abs(design).max(axis=0, initial=1e-300)) < p:
        raise ValueError("two columns of the design carry the same information")
    return yi, vi, design


def weighted_fit(yi: ArrayLike, vi: ArrayLike, *, tau2: float, design: ArrayLike | None = None) -> WeightedFit:
    """Fit the weighted mean, or the weighted regression, at a given between-study variance.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    tau2 : float
        Between-study variance; 0 gives the common-effect model.
    design : array_like of shape (k, p) or None
        Design matrix; None stands for a single column of ones.

    Notes
    -----
    Solved by QR around the unweighted solution, so that neither a large common offset of the
    effects nor an uncentred moderator (a calendar year) costs digits.
    """
    yi, vi, design = check_inputs(yi, vi, design)
    start, residuals = _unweighted_residuals(yi, design)
    weights = 1.0 / (vi + tau2)
    root = np.sqrt(weights)
    q, r = np.linalg.qr(root[:, None] * design)
    step = np.linalg.solve(r, q.T @ (root * residuals))
    residuals = _without_rounding(residuals - design @ step, yi)
    inverse = np.linalg.inv(r)
    return WeightedFit(
        beta=start + step,
        cov=inverse @ inverse.T,
        weights=weights,
        residuals=residuals,
        rss=float(np.sum(weights * residuals**2)),
        leverage=np.sum(q**2, axis=1),
    )


def tau2(yi: ArrayLike, vi: ArrayLike, *, method: str, design: ArrayLike | None = None) -> Tau2:
    """Estimate the between-study variance.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    method : {"none", "DL", "ML", "REML"}
        Estimator; "none" returns 0 for the common-effect model.
    design : array_like of shape (k, p) or None
        Design matrix; None stands for a single column of ones.

    Raises
    ------
    ValueError
        When the method is unknown or the data cannot be pooled (see `check_inputs`).

    Notes
    -----
    DL: DerSimonian & Laird (1986). ML, REML: the highest peak of the (restricted) likelihood,
    Viechtbauer (2005), J Educ Behav Stat 30, 261-293, carried on from PyMARE's answer.
    """
    if method not in METHODS_TAU2:
        raise ValueError(f"method_tau2 is {method!r}; must be one of {', '.join(METHODS_TAU2)}")
    yi, vi, design = check_inputs(yi, vi, design)
    if method == "none":
        return Tau2(0.0, converged=True, iterations=0, at_boundary=False, start=0.0)
    # Only the span of the design matters for tau2: any engine does best on orthonormal columns
    # and on effects without their unweighted fit.
    basis, _ = np.linalg.qr(design)
    residuals = _without_rounding(_unweighted_residuals(yi, design)[1], yi)
    start = _pymare_tau2(residuals, vi, basis, method=method)
    if method == "DL":
        return Tau2(start, converged=True, iterations=0, at_boundary=start == 0.0, start=start)
    return _highest_peak(residuals, vi, basis, restricted=method == "REML", start=start)


def _unweighted_residuals(yi: np.ndarray, design: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the ordinary least squares coefficients and residuals."""
    beta = np.linalg.lstsq(design, yi, rcond=None)[0]
    return beta, yi - design @ beta


def _without_rounding(residuals: np.ndarray, yi: np.ndarray) -> np.ndarray:
    """Return zeros when all residuals are within the rounding of the effects themselves."""
    rounding = ROUNDING_UNITS * EPSILON * np.max(np.abs(yi))
    return np.zeros_like(residuals) if np.all(np.abs(residuals) <= rounding) else residuals


def _pymare_tau2(yi: np.ndarray, vi: np.ndarray, basis: np.ndarray, *, method: str) -> float:
    """Return PyMARE's estimate, every option named because its defaults have changed before."""
    from pymare.estimators import DerSimonianLaird, VarianceBasedLikelihoodEstimator

    options = {"weight_scheme": "individual", "rho": None, "small_sample_correction": "wald"}
    if method == "DL":
        engine = DerSimonianLaird(**options)
    else:
        search = {"xtol": 1e-6, "ftol": 1e-12, "maxiter": 50}
        engine = VarianceBasedLikelihoodEstimator(method=method.lower(), **options, **search)
    engine.fit(y=yi[:, None], v=vi[:, None], X=basis, g=None)
    return float(np.ravel(engine.params_["tau2"])[0])


def _profile(
    tau2_values: ArrayLike,
    residuals: np.ndarray,
    vi: np.ndarray,
    basis: np.ndarray,
    *,
    restricted: bool,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the profile log-likelihood (up to a constant) and its slope at many tau2 at once."""
    weights = 1.0 / (vi + np.asarray(tau2_values, dtype=float)[:, None])
    root = np.sqrt(weights)
    q, r = np.linalg.qr(root[:, :, None] * basis)
    scaled = root * residuals
    scaled = scaled - np.einsum("gkp,gp->gk", q, np.einsum("gkp,gk->gp", q, scaled))
    log_likelihood = 0.5 * np.sum(np.log(weights) - scaled**2, axis=1)
    slope = 0.5 * np.sum(weights * (scaled**2 - 1.0), axis=1)
    if restricted:
        diagonal = np.abs(np.diagonal(r, axis1=1, axis2=2))
        log_likelihood = log_likelihood - np.sum(np.log(diagonal), axis=1)
        slope = slope + 0.5 * np.sum(weights * np.sum(q**2, axis=2), axis=1)
    return log_likelihood, slope


def _scan(residuals: np.ndarray, vi: np.ndarray, basis: np.ndarray, *, restricted: bool, start: float) -> np.ndarray:
    """Return increasing tau2 values from 0 to beyond the last place where the slope can be 0.

    With RSS the unweighted residual sum of squares and m = k - p (REML) or k (ML), the slope is
    below RSS / (2 tau2^2) - m / (2 (tau2 + max vi)), negative from a + sqrt(a max vi) on, where
    a = RSS / m.
    """
    k, p = basis.shape
    spread = float(np.sum(residuals**2)) / (k - p if restricted else k)
    top = 1.01 * (spread + np.sqrt(spread * vi.max()))
    if top <= 0.0:
        return np.zeros(1)
    points = np.geomspace(SCAN_START * min(top, vi.min()), top, SCAN_POINTS)
    return np.unique(np.concatenate([[0.0, start], points]))


def _highest_peak(residuals: np.ndarray, vi: np.ndarray, basis: np.ndarray, *, restricted: bool, start: float) -> Tau2:
    """Return the tau2 of the highest peak; 0 when no peak inside is higher than the edge.

    Each place where the slope turns from rising to falling holds a peak; all are followed,
    because a search from one start can stop on a lower one.
    """
    from scipy.optimize import brentq

    def slope_at(value: float) -> float:
        return float(_profile([value], residuals, vi, basis, restricted=restricted)[1][0])

    points = _scan(residuals, vi, basis, restricted=restricted, start=start)
    heights, slopes = _profile(points, residuals, vi, basis, restricted=restricted)
    best = Tau2(0.0, converged=True, iterations=0, at_boundary=True, start=start)
    best_height = heights[0]
    for left in np.flatnonzero((slopes[:-1] > 0) & (slopes[1:] <= 0)):
        bracket = (points[left], points[left + 1])
        peak, report = brentq(slope_at, *bracket, xtol=1e-300, rtol=4 * EPSILON, maxiter=200, full_output=True)
        height = _profile([peak], residuals, vi, basis, restricted=restricted)[0][0]
        # A gain smaller than the rounding of the likelihood is no evidence against 0.
        if height - best_height > 4 * EPSILON * (1.0 + abs(best_height)):
            best_height = height
            best = Tau2(float(peak), report.converged, report.iterations, False, start)
    return best
