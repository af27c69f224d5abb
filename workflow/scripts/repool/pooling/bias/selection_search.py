"""Find the highest likelihood of a selection model, from several starts, with exact derivatives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.bias.selection_weights import DELTA_MAXIMUM

if TYPE_CHECKING:
    from repool.pooling.bias.selection_weights import StepWeights
    from repool.pooling.bias.smooth_weights import SmoothWeights

#: Starts differ in the weight of results that are not significant.
START_DELTAS = (1.0, 0.2, 5.0)

#: Newton steps at most; a dozen are usual.
MAXIMUM_STEPS = 200

#: A step is halved at most this often before the search gives up.
HALVINGS = 40

#: The search ends when the next step promises less than this share of the log-likelihood: below
#: its rounding, so that the place is exact to many more digits than its standard error has.
LAST_GAIN = 1e-14

#: Peaks whose log-likelihoods differ by more than this are two.
OTHER_PEAK = 1e-6

#: Where rounding stops the climb earlier, less than this must be left to gain.
STILL_TO_GAIN = 1e-8


@dataclass(frozen=True)
class Peak:
    """The place found: parameters mu, tau2, deltas; which are on a bound; Hessian; how it ended."""

    theta: np.ndarray
    log_likelihood: float
    gradient: np.ndarray
    hessian: np.ndarray
    on_bound: np.ndarray
    converged: bool
    iterations: int


class Likelihood:
    """The log-likelihood of effects that were selected by weights of their p-values."""

    def __init__(self, yi: np.ndarray, vi: np.ndarray, weights: StepWeights | SmoothWeights) -> None:
        self.yi, self.vi, self.weights = yi, vi, weights

    def derivatives(self, theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return the log-likelihood, its gradient and its Hessian.

        Log weight plus normal density minus log of the expected weight, summed over studies:
        Hedges (1992), Stat Sci 7, 246-255, equation 2.
        """
        mu, tau2 = theta[:2]
        terms = self.weights.terms(mu, tau2, theta[2:])
        variance, error = self.vi + tau2, self.yi - mu
        value = np.sum(terms.log_weight - 0.5 * (np.log(2.0 * np.pi * variance) + error**2 / variance))
        value -= np.sum(np.log(terms.normaliser))
        slope = terms.normaliser_1 / terms.normaliser[:, None]
        gradient = np.sum(terms.log_weight_1 - slope, axis=0)
        hessian = np.sum(terms.log_weight_2 - terms.normaliser_2 / terms.normaliser[:, None, None], axis=0)
        hessian += slope.T @ slope
        gradient[0] += np.sum(error / variance)
        gradient[1] += 0.5 * np.sum((error**2 / variance - 1.0) / variance)
        cross = np.sum(error / variance**2)
        hessian[:2, :2] -= [
            [np.sum(1.0 / variance), cross],
            [cross, np.sum((error**2 / variance - 0.5) / variance**2)],
        ]
        return float(value), gradient, hessian


def peaks_from(likelihood: Likelihood, *, starts: np.ndarray, free: np.ndarray) -> list[Peak]:
    """Return the peaks reached from the starts (rows mu, tau2, deltas), the highest first.

    The likelihood of a step function often has two: one with a large effect and little selection,
    one with a small effect and much of it.

    Parameters
    ----------
    likelihood : Likelihood
        What to make as large as possible.
    starts : numpy.ndarray of shape (n, q)
        Starting places.
    free : numpy.ndarray of bool, shape (q,)
        Which parameters are searched; the others keep their value in the start.
    """
    # A climb that has not settled may have run off along a ridge; it counts only when all have.
    found = sorted(
        (_climb(likelihood, start, free) for start in starts),
        key=lambda peak: (not peak.converged, -peak.log_likelihood),
    )
    peaks = found[:1]
    for peak in found[1:]:
        if peak.converged and peaks[-1].log_likelihood - peak.log_likelihood > OTHER_PEAK:
            peaks.append(peak)
    return peaks


def _bounds(likelihood: Likelihood, q: int) -> tuple[np.ndarray, np.ndarray]:
    """Return lower and upper bounds of mu, tau2 and the weights."""
    lower = np.concatenate([[-np.inf, 0.0], np.full(q - 2, likelihood.weights.lowest)])
    return lower, np.concatenate([[np.inf, np.inf], np.full(q - 2, DELTA_MAXIMUM)])


def _climb(likelihood: Likelihood, theta: np.ndarray, free: np.ndarray) -> Peak:
    """Return the peak above a start: Newton steps, shortened until they climb, kept within bounds.

    Weights of steps are moved on the log scale, where their likelihood is better behaved.
    """
    lower, upper = _bounds(likelihood, theta.size)
    logged = (np.arange(theta.size) >= 2) & free & (likelihood.weights.lowest > 0.0)
    theta = np.clip(theta, lower, upper)
    value, gradient, hessian = likelihood.derivatives(theta)
    converged, steps_taken = False, 0
    while not converged and steps_taken < MAXIMUM_STEPS:
        steps_taken += 1
        held = _held(theta, gradient, lower, upper)
        step, promise = _uphill(theta, gradient, hessian, free & ~held, logged)
        new, trial = _shortened(likelihood, theta, value, step, logged, (lower, upper))
        if new is None:
            # Not even the smallest step climbs: the place is as high as rounding can tell.
            converged = promise < STILL_TO_GAIN * (1.0 + abs(value))
            break
        theta, (value, gradient, hessian) = trial, new
        converged = promise < LAST_GAIN * (1.0 + abs(value))
    on_bound = _held(theta, gradient, lower, upper) & free
    return Peak(theta, value, gradient, hessian, on_bound, converged, steps_taken)


def _shortened(
    likelihood: Likelihood,
    theta: np.ndarray,
    value: float,
    step: np.ndarray,
    logged: np.ndarray,
    bounds: tuple[np.ndarray, np.ndarray],
) -> tuple[tuple[float, np.ndarray, np.ndarray] | None, np.ndarray]:
    """Return the derivatives at the longest of the halved steps that does not descend, and its place."""
    for halving in range(HALVINGS):
        length = 0.5**halving
        moved = np.where(logged, theta * np.exp(length * np.where(logged, step, 0.0)), theta + length * step)
        trial = np.clip(moved, *bounds)
        with np.errstate(all="ignore"):
            new = likelihood.derivatives(trial)
        if np.isfinite(new[0]) and np.isfinite(new[2]).all() and new[0] >= value:
            return new, trial
    return None, theta


def _held(theta: np.ndarray, gradient: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Return which parameters lie on a bound and would have to cross it to climb."""
    return ((theta <= lower) & (gradient <= 0)) | ((theta >= upper) & (gradient >= 0))


def _uphill(
    theta: np.ndarray, gradient: np.ndarray, hessian: np.ndarray, moving: np.ndarray, logged: np.ndarray
) -> tuple[np.ndarray, float]:
    """Return the Newton step, bent uphill where the likelihood is not curved downwards, and its promised gain."""
    step = np.zeros_like(gradient)
    if not moving.any():
        return step, 0.0
    unit = np.where(logged, theta, 1.0)
    slope = (gradient * unit)[moving]
    curvature = -(hessian * np.outer(unit, unit) + np.diag(np.where(logged, gradient * theta, 0.0)))
    curvature = curvature[np.ix_(moving, moving)]
    scale = np.sqrt(np.maximum(np.abs(np.diagonal(curvature)), 1e-300))
    values, vectors = np.linalg.eigh(curvature / np.outer(scale, scale))
    values = np.maximum(np.abs(values), 1e-8)
    inner = vectors @ ((vectors.T @ (slope / scale)) / values) / scale
    # A weight changes by no more than the factor e^2 at a time: far steps rest on far curvature.
    reach = np.max(np.abs(inner[logged[moving]]), initial=0.0)
    inner = inner * min(1.0, 2.0 / reach) if reach > 0 else inner
    step[moving] = inner
    return step, float(slope @ inner)
