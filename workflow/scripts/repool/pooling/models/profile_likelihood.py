"""Give the profile-likelihood interval of the mean, which allows for tau2 being estimated."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.models.estimators import EPSILON, check_inputs, weighted_fit
from repool.pooling.models.estimators import tau2 as estimate_tau2
from repool.pooling.models.intervals import quantile

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: Points of the scan over tau2 for one mean: neighbours within a factor of 1.4 over a dozen powers of ten.
SCAN_POINTS = 90

#: The scan over tau2 starts at this share of the smallest variance; below it the likelihood is flat.
SCAN_START = 1e-4

#: Means tried between the estimate and the outermost effect, so that no second crossing is missed.
MEANS = 40

#: More doublings of the distance from the mean than any level can need.
DOUBLINGS = 2000


@dataclass(frozen=True)
class ProfileInterval:
    """The maximum likelihood mean with its profile-likelihood limits.

    Attributes
    ----------
    estimate, ci_lb, ci_ub : float
        On the scale of ``yi``; the limits need not be symmetric.
    tau2, tau2_at_lb, tau2_at_ub : float
        The most likely between-study variance at the estimate and at each limit.
    log_likelihood : float
        Log-likelihood at the estimate, with all constants.
    statistic, pval : float
        Likelihood-ratio test of a mean of 0: chi-squared on 1 degree of freedom.
    note : str
        A remark in words, or nothing.
    """

    estimate: float
    ci_lb: float
    ci_ub: float
    tau2: float
    tau2_at_lb: float
    tau2_at_ub: float
    log_likelihood: float
    statistic: float
    pval: float
    note: str


def profile_interval(yi: ArrayLike, vi: ArrayLike, *, level: float) -> ProfileInterval:
    """Return the means that a likelihood-ratio test does not reject.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances; at least two effects.
    level : float
        Confidence level between 0 and 1, such as 0.95.

    Returns
    -------
    ProfileInterval
        Estimate and limits; the outermost crossings when the profile has several peaks.

    Raises
    ------
    ValueError
        When there are fewer than two effects, a variance is not above 0 and finite, or the level
        is not between 0 and 1.

    Notes
    -----
    Hardy & Thompson (1996), Stat Med 15, 619-629: for every mean the likelihood is maximised over
    tau2, and the limits are where it has fallen by half the chi-squared quantile.
    """
    from scipy.special import chdtrc

    yi, vi, _ = check_inputs(yi, vi)
    drop = 0.5 * quantile(level, df=math.nan) ** 2
    top = estimate_tau2(yi, vi, method="ML").tau2
    fit = weighted_fit(yi, vi, tau2=top)
    centre = float(fit.beta[0])
    # Around the estimate, a common offset of the effects costs no digits.
    profile = _Profile(fit.residuals, vi)
    best = profile.at(0.0)[0]
    lower, gap_below = _crossing(profile, best - drop, sign=-1.0)
    upper, gap_above = _crossing(profile, best - drop, sign=1.0)
    statistic = max(0.0, 2.0 * (best - profile.at(-centre)[0]))
    note = "the likelihood has more than one peak; means between these limits are rejected too"
    return ProfileInterval(
        estimate=centre,
        ci_lb=centre + lower,
        ci_ub=centre + upper,
        tau2=top,
        tau2_at_lb=profile.at(lower)[1],
        tau2_at_ub=profile.at(upper)[1],
        log_likelihood=best - 0.5 * yi.size * math.log(2.0 * math.pi),
        statistic=statistic,
        pval=float(chdtrc(1.0, statistic)),
        note=note if gap_below or gap_above else "",
    )


class _Profile:
    """The log-likelihood of a mean, maximised over tau2."""

    def __init__(self, residuals: np.ndarray, vi: np.ndarray) -> None:
        self.residuals = residuals
        self.vi = vi

    def at(self, shift: float) -> tuple[float, float]:
        """Return the log-likelihood of a mean this far from the estimate, and its tau2.

        For a known mean the slope in tau2 is the sum of w_i (w_i r_i^2 - 1), which is below 0
        once tau2 exceeds the largest squared residual: no peak lies beyond it.
        """
        squares = (self.residuals - shift) ** 2
        largest = float(np.max(squares - self.vi))
        if largest <= 0.0:
            return float(self._heights(np.zeros(1), squares)[0]), 0.0
        start = SCAN_START * min(float(self.vi.min()), largest)
        points = np.concatenate([[0.0], np.geomspace(start, largest, SCAN_POINTS)])
        slopes = self._slopes(points, squares)
        peaks = [
            self._peak(points[i], points[i + 1], squares) for i in np.flatnonzero((slopes[:-1] > 0) & (slopes[1:] <= 0))
        ]
        values = np.array([0.0, *peaks])
        heights = self._heights(values, squares)
        best = int(np.argmax(heights))
        return float(heights[best]), float(values[best])

    def _heights(self, tau2: np.ndarray, squares: np.ndarray) -> np.ndarray:
        """Return the log-likelihood, up to a constant, at many tau2."""
        total = self.vi + tau2[:, None]
        return -0.5 * np.sum(np.log(total) + squares / total, axis=1)

    def _slopes(self, tau2: np.ndarray, squares: np.ndarray) -> np.ndarray:
        """Return twice the slope of the log-likelihood at many tau2."""
        total = self.vi + tau2[:, None]
        return np.sum((squares - total) / total**2, axis=1)

    def _peak(self, left: float, right: float, squares: np.ndarray) -> float:
        """Return the tau2 between two points where the slope is 0."""
        from scipy.optimize import brentq

        def slope(value: float) -> float:
            return float(self._slopes(np.array([value]), squares)[0])

        return float(brentq(slope, left, right, xtol=1e-300, rtol=4 * EPSILON, maxiter=500))


def _crossing(profile: _Profile, target: float, *, sign: float) -> tuple[float, bool]:
    """Return the furthest distance from the estimate at which the profile falls to the target.

    Beyond the outermost effect every squared residual grows, so the profile only falls: the last
    crossing lies either between the means tried here or is found by doubling. The second value
    says whether a mean nearer by is rejected already.
    """
    from scipy.optimize import brentq

    outermost = max(float(np.max(sign * profile.residuals)), float(np.sqrt(np.min(profile.vi))))
    distances = list(np.linspace(0.0, outermost, MEANS + 1))
    heights = [profile.at(sign * distance)[0] for distance in distances]
    heights[0] = max(heights[0], target)
    for _ in range(DOUBLINGS):
        if heights[-1] < target:
            break
        distances.append(2.0 * distances[-1])
        heights.append(profile.at(sign * distances[-1])[0])
    inside = [i for i, height in enumerate(heights) if height >= target]
    last = inside[-1]
    root = brentq(
        lambda distance: profile.at(sign * distance)[0] - target,
        distances[last],
        distances[last + 1],
        xtol=1e-14 * outermost,
        rtol=4 * EPSILON,
        maxiter=500,
    )
    return sign * float(root), len(inside) < last + 1
