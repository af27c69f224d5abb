"""Give confidence limits of the between-study variance by a named method, and of tau, I2 and H2 from them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.models.estimators import EPSILON, check_inputs, weighted_fit
from repool.pooling.models.heterogeneity import Tau2Interval, tau2_interval, typical_variance
from repool.pooling.models.intervals import quantile
from repool.pooling.models.quadratic_forms import survival

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

#: What may stand in ``tau2_interval_method``; the two profile likelihoods differ in the likelihood.
TAU2_INTERVAL_METHODS = ("q_profile", "profile_likelihood_ml", "profile_likelihood_reml", "generalised_q")

#: Points of the scan of the likelihood: neighbours within a factor of 1.3 over a dozen powers of ten.
SCAN_POINTS = 120

#: The scan of the likelihood starts at this share of the smallest variance; below it is flat.
SCAN_START = 1e-4

#: A root is bracketed by doubling; 2000 doublings leave the range of floating point numbers.
DOUBLINGS = 2000


@dataclass(frozen=True)
class HeterogeneityLimits:
    """Estimate and limits of tau2 and of what follows from it, each as (estimate, lb, ub).

    Attributes
    ----------
    tau2, tau, i2_percent, h2 : tuple of float
        I2 (in percent) and H2 are those from tau2 and the typical variance.
    limits : repool.pooling.models.heterogeneity.Tau2Interval
        Where the limits come from.
    """

    tau2: tuple[float, float, float]
    tau: tuple[float, float, float]
    i2_percent: tuple[float, float, float]
    h2: tuple[float, float, float]
    limits: Tau2Interval


def tau2_limits(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    tau2_interval_method: str,
    level: float,
    design: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> Tau2Interval:
    """Return the confidence limits of tau2 by the named method.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    tau2_interval_method : {"q_profile", "profile_likelihood_ml", "profile_likelihood_reml", "generalised_q"}
        The method; "profile_likelihood_ml" belongs to ML estimates, "profile_likelihood_reml" to REML.
    level : float
        Confidence level between 0 and 1, such as 0.95.
    design : array_like of shape (k, p) or None
        Design matrix; None stands for a single column of ones.
    weights : array_like of shape (k,) or None
        Fixed weights, for "generalised_q" only; None stands for 1 / vi.

    Returns
    -------
    repool.pooling.models.heterogeneity.Tau2Interval
        Limits; the upper one is never cut at a search limit.

    Raises
    ------
    ValueError
        When the method is unknown, or the data cannot carry an interval of tau2.
    """
    if tau2_interval_method not in TAU2_INTERVAL_METHODS:
        allowed = ", ".join(TAU2_INTERVAL_METHODS)
        raise ValueError(f"tau2_interval_method is {tau2_interval_method!r}; must be one of {allowed}")
    if weights is not None and tau2_interval_method != "generalised_q":
        raise ValueError(f"weights were given, but {tau2_interval_method} takes none; only generalised_q does")
    if tau2_interval_method == "q_profile":
        return tau2_interval(yi, vi, level=level, design=design)
    if tau2_interval_method == "generalised_q":
        return generalised_q(yi, vi, level=level, design=design, weights=weights)
    restricted = tau2_interval_method == "profile_likelihood_reml"
    return profile_likelihood(yi, vi, level=level, restricted=restricted, design=design)


def heterogeneity_limits(
    *, tau2: float, limits: Tau2Interval, vi: ArrayLike, design: ArrayLike | None = None
) -> HeterogeneityLimits:
    """Return tau2, tau, I2 and H2 with the limits that follow from those of tau2.

    Parameters
    ----------
    tau2 : float
        Estimate of the between-study variance.
    limits : repool.pooling.models.heterogeneity.Tau2Interval
        Its confidence limits.
    vi : array_like of shape (k,)
        Sampling variances.
    design : array_like of shape (k, p) or None
        Design matrix; None stands for a single column of ones.

    Notes
    -----
    I2 = tau2 / (tau2 + s2) and H2 = (tau2 + s2) / s2 rise with tau2, so limits of tau2 carry over;
    s2 is the typical variance of Higgins & Thompson (2002), Stat Med 21, 1539-1558, equation 9.
    """
    typical = typical_variance(vi, design=design)
    values = (tau2, limits.lb, limits.ub)
    return HeterogeneityLimits(
        tau2=values,
        tau=tuple(math.sqrt(value) for value in values),
        i2_percent=tuple(100.0 * value / (value + typical) for value in values),
        h2=tuple(1.0 + value / typical for value in values),
        limits=limits,
    )


def profile_likelihood(
    yi: ArrayLike, vi: ArrayLike, *, level: float, restricted: bool, design: ArrayLike | None = None
) -> Tau2Interval:
    """Return the values of tau2 that a likelihood-ratio test does not reject.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    level : float
        Confidence level between 0 and 1, such as 0.95.
    restricted : bool
        True for the restricted likelihood (REML), False for the likelihood (ML).
    design : array_like of shape (k, p) or None
        Design matrix; None stands for a single column of ones.

    Returns
    -------
    repool.pooling.models.heterogeneity.Tau2Interval
        The smallest and largest tau2 whose log-likelihood lies within half a chi-squared quantile
        (1 degree of freedom) of the highest; a note when values between them are rejected.

    Notes
    -----
    Hardy & Thompson (1996), Stat Med 15, 619-629; Viechtbauer (2007), Stat Med 26, 37-52.
    """
    from scipy.optimize import brentq

    yi, vi, design = check_inputs(yi, vi, design)

    def height(value: float) -> float:
        return log_likelihood(yi, vi, tau2=value, restricted=restricted, design=design)

    points, heights, target = _scanned(yi, vi, design, height, drop=0.5 * quantile(level, df=math.nan) ** 2)
    inside = np.flatnonzero(heights >= target)
    first, last = int(inside[0]), int(inside[-1])
    lb = 0.0
    settings = {"xtol": 1e-300, "rtol": 4 * EPSILON, "maxiter": 500}
    if first > 0:
        lb = float(brentq(lambda value: height(value) - target, points[first - 1], points[first], **settings))
    ub = float(brentq(lambda value: height(value) - target, points[last], points[last + 1], **settings))
    gaps = inside.size < last - first + 1
    note = "the likelihood has more than one peak; values between these limits are rejected too" if gaps else ""
    method = f"profile_likelihood_{'reml' if restricted else 'ml'}"
    return Tau2Interval(lb, ub, note, method=method, level=level, null=False)


def log_likelihood(
    yi: ArrayLike, vi: ArrayLike, *, tau2: float, restricted: bool, design: ArrayLike | None = None
) -> float:
    """Return the (restricted) log-likelihood at a tau2, maximised over the coefficients.

    Notes
    -----
    Viechtbauer (2005), J Educ Behav Stat 30, 261-293; terms without tau2 are left out.
    """
    fit = weighted_fit(yi, vi, tau2=tau2, design=design)
    value = 0.5 * (float(np.sum(np.log(fit.weights))) - fit.rss)
    return value + 0.5 * float(np.linalg.slogdet(fit.cov)[1]) if restricted else value


def generalised_q(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    level: float,
    design: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> Tau2Interval:
    """Return the tau2 at which a Q with fixed weights is neither too large nor too small.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    level : float
        Confidence level between 0 and 1, such as 0.95.
    design : array_like of shape (k, p) or None
        Design matrix; None stands for a single column of ones.
    weights : array_like of shape (k,) or None
        Fixed weights above 0; None stands for 1 / vi.

    Returns
    -------
    repool.pooling.models.heterogeneity.Tau2Interval

    Notes
    -----
    Jackson (2013), Res Synth Methods 4, 220-229: Q is a weighted sum of chi-squared variables,
    whose distribution is known exactly and moves up with tau2.
    """
    yi, vi, design = check_inputs(yi, vi, design)
    tail = (1.0 - level) / 2.0
    quantile(level, df=math.nan)
    probability = _generalised_q_tail(yi, vi, design, weights)
    unit = float(np.mean(vi))
    lb = _tail_root(probability, tail, unit=unit)
    ub = _tail_root(probability, 1.0 - tail, unit=unit)
    null = ub == 0.0
    note = "effects lie closer together than chance allows, so [0, 0]" if null else ""
    return Tau2Interval(lb, ub, note, method="generalised_q", level=level, null=null)


def _scanned(
    yi: np.ndarray, vi: np.ndarray, design: np.ndarray, height: Callable[[float], float], *, drop: float
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return scan points from 0 to where the likelihood is surely low, their heights, and top - drop.

    Beyond twice (RSS / (k - p) + the largest variance) the likelihood only falls, so doubling
    from there on finds the last crossing; the peaks themselves are refined between neighbours.
    """
    from scipy.optimize import minimize_scalar

    k, p = design.shape
    spread = weighted_fit(yi, np.ones_like(vi), tau2=0.0, design=design).rss / (k - p)
    top = 2.0 * (spread + float(vi.max()))
    points = np.concatenate([[0.0], np.geomspace(SCAN_START * float(vi.min()), top, SCAN_POINTS)])
    heights = np.array([height(value) for value in points])
    for i in np.flatnonzero((heights[1:-1] >= heights[:-2]) & (heights[1:-1] >= heights[2:])) + 1:
        bounds = (float(points[i - 1]), float(points[i + 1]))
        found = minimize_scalar(lambda value: -height(value), bounds=bounds, method="bounded", options={"xatol": 0.0})
        if -found.fun > heights[i]:
            points[i], heights[i] = found.x, -found.fun
    values, tops = list(points), list(heights)
    for _ in range(DOUBLINGS):
        if tops[-1] < max(tops) - drop:
            break
        values.append(2.0 * values[-1])
        tops.append(height(values[-1]))
    return np.array(values), np.array(tops), float(max(tops)) - drop


def _generalised_q_tail(
    yi: np.ndarray, vi: np.ndarray, design: np.ndarray, weights: ArrayLike | None
) -> Callable[[float], float]:
    """Return the function of tau2 that gives the chance of a Q above the one seen."""
    weights = 1.0 / vi if weights is None else np.asarray(weights, dtype=float)
    if weights.shape != vi.shape or not np.all(np.isfinite(weights) & (weights > 0)):
        raise ValueError("weights must be finite numbers above 0, one per effect")
    k, p = design.shape
    observed = weighted_fit(yi, 1.0 / weights, tau2=0.0, design=design).rss
    root = np.sqrt(weights)
    # Q = |u|^2 with u = basis' yi, where the basis spans what the weighted design does not.
    basis = root[:, None] * np.linalg.qr(root[:, None] * design, mode="complete")[0][:, p:]
    within = basis.T @ (vi[:, None] * basis)
    between = basis.T @ basis
    if np.allclose(weights * vi, weights[0] * vi[0], rtol=1e-14, atol=0.0):
        # Weights 1 / vi: the two share their eigenvectors, one decomposition serves all tau2.
        shares = np.linalg.eigvalsh(between)
        return lambda value: float(survival(observed, weights[0] * vi[0] + value * shares))
    return lambda value: float(survival(observed, np.linalg.eigvalsh(within + value * between)))


def _tail_root(probability: Callable[[float], float], target: float, *, unit: float) -> float:
    """Return the tau2 at which the tail probability rises to the target, 0 when it starts above."""
    from scipy.optimize import brentq

    if probability(0.0) >= target:
        return 0.0
    upper = unit
    for _ in range(DOUBLINGS):
        if probability(upper) >= target:
            break
        upper *= 2.0
    lower = 0.0 if upper == unit else upper / 2.0
    return float(
        brentq(lambda value: probability(value) - target, lower, upper, xtol=1e-14 * unit, rtol=1e-13, maxiter=500)
    )
