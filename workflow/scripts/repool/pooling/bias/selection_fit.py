"""Turn the peak of a selection model's likelihood into estimates, tests, limits and remarks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from repool.pooling.bias.selection_weights import DELTA_MAXIMUM
from repool.pooling.models.intervals import quantile

if TYPE_CHECKING:
    from repool.pooling.bias.selection_search import Peak
    from repool.pooling.bias.selection_weights import StepWeights
    from repool.pooling.bias.smooth_weights import SmoothWeights


@dataclass(frozen=True)
class SelectionFit:
    """A pooled effect with selection.

    Attributes
    ----------
    estimate, se, statistic, pval, ci_lb, ci_ub : float
        Adjusted mean effect with normal test and limits.
    tau2, tau2_se : float
        Adjusted between-study variance; its standard error is nan at the boundary.
    delta, delta_se, delta_statistic, delta_pval, delta_ci_lb, delta_ci_ub : numpy.ndarray
        Weight parameters, tested against "no selection"; nan where fixed. Limits not below 0.
    lrt, lrt_df, lrt_pval : float
        Likelihood-ratio test of no selection; p is nan when nothing about selection is estimated.
    log_likelihood, log_likelihood_unselected : float
        With and without selection.
    counts : tuple of int
        Number of observed p-values per step.
    at_boundary : tuple of str
        Parameters that ended on the edge of what is allowed.
    converged, iterations
        How the search ended.
    other_peaks : tuple of (float, float)
        Mean effect and log-likelihood of lower peaks, at which another search might stop.
    note : str
        What is blank or doubtful and why.
    """

    estimate: float
    se: float
    statistic: float
    pval: float
    ci_lb: float
    ci_ub: float
    tau2: float
    tau2_se: float
    delta: np.ndarray
    delta_se: np.ndarray
    delta_statistic: np.ndarray
    delta_pval: np.ndarray
    delta_ci_lb: np.ndarray
    delta_ci_ub: np.ndarray
    lrt: float
    lrt_df: int
    lrt_pval: float
    log_likelihood: float
    log_likelihood_unselected: float
    counts: tuple[int, ...]
    k: int
    at_boundary: tuple[str, ...]
    converged: bool
    iterations: int
    other_peaks: tuple[tuple[float, float], ...]
    note: str


def summarise(
    peaks: list[Peak],
    weights: StepWeights | SmoothWeights,
    free: np.ndarray,
    *,
    turn: float,
    k: int,
    unselected: float,
    level: float,
) -> SelectionFit:
    """Return the fit at the highest peak with standard errors, tests and limits.

    Parameters
    ----------
    peaks : list of Peak
        The highest first.
    weights : StepWeights or SmoothWeights
        The selection, with the weight parameters that stand for none.
    free : numpy.ndarray of bool, shape (2 + J,)
        Which parameters were estimated.
    turn : float
        -1 when effects were turned round for the search, else 1.
    k : int
        Number of effects.
    unselected : float
        Log-likelihood without selection.
    level : float
        Confidence level.
    """
    from scipy.special import chdtrc, ndtr

    peak = peaks[0]
    se = _standard_errors(peak, free)
    critical = quantile(level, df=math.nan)
    mu = turn * float(peak.theta[0])
    z = mu / float(se[0])
    lrt, lrt_df = max(0.0, 2.0 * (peak.log_likelihood - unselected)), int(np.sum(free[2:]))
    others = tuple((turn * float(other.theta[0]), other.log_likelihood) for other in peaks[1:])
    names = np.array(["mu", "tau2", *(f"delta {j + 1}" for j in range(free.size - 2))])
    boundary = tuple(str(name) for name in names[peak.on_bound])
    return SelectionFit(
        estimate=mu,
        se=float(se[0]),
        statistic=z,
        pval=2.0 * float(ndtr(-abs(z))),
        ci_lb=mu - critical * float(se[0]),
        ci_ub=mu + critical * float(se[0]),
        tau2=float(peak.theta[1]),
        tau2_se=float(se[1]),
        **_weight_tests(peak.theta[2:], se[2:], weights.neutral, critical=critical),
        lrt=lrt,
        lrt_df=lrt_df,
        lrt_pval=float(chdtrc(lrt_df, lrt)) if lrt_df else math.nan,
        log_likelihood=peak.log_likelihood,
        log_likelihood_unselected=unselected,
        counts=tuple(int(count) for count in weights.counts),
        k=k,
        at_boundary=boundary,
        converged=peak.converged,
        iterations=peak.iterations,
        other_peaks=others,
        note=_note(peak, boundary, se, others),
    )


def _weight_tests(delta: np.ndarray, se: np.ndarray, neutral: np.ndarray, *, critical: float) -> dict[str, Any]:
    """Return tests of the weight parameters against no selection, and limits not below 0."""
    from scipy.special import ndtr

    with np.errstate(invalid="ignore", divide="ignore"):
        z = (delta - neutral) / se
    return {
        "delta": delta,
        "delta_se": se,
        "delta_statistic": z,
        "delta_pval": 2.0 * ndtr(-np.abs(z)),
        "delta_ci_lb": np.maximum(0.0, delta - critical * se),
        "delta_ci_ub": delta + critical * se,
    }


def _standard_errors(peak: Peak, free: np.ndarray) -> np.ndarray:
    """Return standard errors from the Hessian.

    A tau2 of 0 stays there; weights on their edge, which is a convention, take part.
    """
    se = np.full(free.size, math.nan)
    moving = free.copy()
    moving[1] &= not peak.on_bound[1]
    curvature = -peak.hessian[np.ix_(moving, moving)]
    scale = np.sqrt(np.abs(np.diagonal(curvature)))
    if (scale > 0).all() and np.isfinite(curvature).all():
        values, vectors = np.linalg.eigh(curvature / np.outer(scale, scale))
        if values.min() > 1e-14:
            se[moving] = np.sqrt(np.sum(vectors**2 / values, axis=1)) / scale
    return se


def _note(peak: Peak, boundary: tuple[str, ...], se: np.ndarray, others: tuple[tuple[float, float], ...]) -> str:
    """Return what a reader must know before using the numbers."""
    parts = []
    if boundary:
        edge = f"on the edge of what is allowed (0 or {DELTA_MAXIMUM:g}): "
        parts.append(edge + ", ".join(boundary) + ("; a tau2 of 0 has no standard error" * ("tau2" in boundary)))
    if math.isnan(se[0]):
        parts.append("the likelihood is too flat for standard errors")
    for estimate, height in others:
        lost = peak.log_likelihood - height
        parts.append(f"a second peak at an effect of {estimate:.3g} is lower by {lost:.2g} log-likelihood units")
    if not peak.converged:
        parts.append("the search did not settle")
    return "; ".join(parts)
