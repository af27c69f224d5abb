"""Find the highest peak of a mixed model's likelihood, edges of the parameter space included."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.dependence.structures import starts

if TYPE_CHECKING:
    from repool.pooling.dependence.mixed_likelihood import Evaluation, MixedModel

#: Scoring steps per start, and Newton steps of the polish. Scoring needs about ten.
SCORING_STEPS = 150
NEWTON_STEPS = 60

#: Most points per term of the scan, by number of terms: two or more per power of ten; and how
#: many of the best points are followed.
SCAN_POINTS = {1: 40, 2: 24, 3: 9}
SCAN_KEPT = 4

#: A start is given up to the polish when the expected gain in log-likelihood is below this.
ROUGH_GAIN = 1e-5

#: The polish ends when the gain still expected is below this share of 1 + |log-likelihood|.
FINAL_GAIN = 1e-15

#: Gains below this share of 1 + |log-likelihood| are rounding.
ROUNDING = 1e-13

#: Relative step of the difference quotient that turns slopes into a Hessian.
HESSIAN_STEP = 1e-5


@dataclass(frozen=True)
class Peak:
    """Where a search ended.

    Attributes
    ----------
    theta : numpy.ndarray of shape (n,)
        Parameters at the peak.
    at : Evaluation
        The model there.
    converged : bool
        True when no more than rounding can be gained by another step.
    iterations : int
        Steps of all starts together.
    gradient_norm : float
        Largest slope of the log-likelihood among parameters that are not at a limit, per unit of
        the (scaled) parameter.
    """

    theta: np.ndarray
    at: Evaluation
    converged: bool
    iterations: int
    gradient_norm: float


def highest_peak(
    model: MixedModel, *, total: float, limits: tuple[np.ndarray, np.ndarray], near: np.ndarray | None
) -> Peak:
    """Return the highest peak found from many starts.

    Parameters
    ----------
    model : MixedModel
        The model, effects scaled so that their spread is about 1.
    total : float
        Rough total variance of the true effects, to start from.
    limits : tuple of numpy.ndarray
        Lower and upper limits of the parameters; equal ones hold a parameter.
    near : numpy.ndarray or None
        Known parameters near the peak; then only few other starts are tried.

    Returns
    -------
    Peak
        The best of all, polished.

    Raises
    ------
    ValueError
        When no start gives a positive definite covariance.

    Notes
    -----
    Fisher scoring with step halving from each start, parameters held at their limits while the
    likelihood falls inwards, then Newton's method on analytic slopes.
    """
    lower, upper = limits
    best: tuple[np.ndarray, Evaluation] | None = None
    steps = 0
    for start in _starts(model, total, near):
        theta, at, used = _climb(model, np.clip(start, lower, upper), lower, upper)
        steps += used
        if np.isfinite(at.value) and (best is None or at.value > best[1].value + 1e-9 * (1.0 + abs(at.value))):
            best = theta, at
    if best is None:
        raise ValueError("the total covariance is not positive definite for any variance components; check V")
    return _polish(model, *best, lower, upper, steps)


def _starts(model: MixedModel, total: float, near: np.ndarray | None) -> list[np.ndarray]:
    """Return starts: the total shared out, each term alone, little and much, or near a known place."""
    n = len(model.terms)
    if n == 0:
        return [np.zeros(0)]
    alone = [np.where(np.arange(n) == term, total, 0.0) for term in range(n)] if n > 1 else []
    shares = [np.full(n, total / n), *alone]
    if near is not None:
        return [near, *(_first(model, share) for share in shares)]
    shares += [np.full(n, 0.01 * total), np.full(n, 10.0 * total)]
    options = []
    for share in shares:
        per_term = [starts(term, float(part)) for term, part in zip(model.terms, share, strict=True)]
        options += [np.concatenate(choice) for choice in itertools.islice(itertools.product(*per_term), 9)]
    return options + _scan(model, total)


def _first(model: MixedModel, share: np.ndarray) -> np.ndarray:
    """Return the first start of each term for its share of the variance."""
    return np.concatenate([starts(term, float(part))[0] for term, part in zip(model.terms, share, strict=True)])


def _scan(model: MixedModel, total: float) -> list[np.ndarray]:
    """Return the best points of a coarse grid where sampling variances span many powers of ten.

    There can be a peak at the scale of each sampling variance, and a climb never ends lower than
    it began. Models of more than three terms would need too many points.
    """
    diagonals = [np.diagonal(stack.sampling, axis1=1, axis2=2).ravel() for stack in model.stacks]
    sampling = np.concatenate(diagonals)
    smallest = 0.1 * float(np.min(sampling[sampling > 0], initial=np.inf))
    if len(model.terms) > 3 or not smallest < 1e-3 * total:
        return []
    points = max(3, min(SCAN_POINTS[len(model.terms)], math.ceil(2.0 * math.log10(total / smallest))))
    values = np.append(0.0, np.geomspace(smallest, 10.0 * total, points))
    grid = [_first(model, np.array(share)) for share in itertools.product(values, repeat=len(model.terms))]
    heights = np.array([model.evaluate(theta, information=False).value for theta in grid])
    return [grid[at] for at in np.argsort(-heights, kind="stable")[:SCAN_KEPT]]


def _climb(
    model: MixedModel, theta: np.ndarray, lower: np.ndarray, upper: np.ndarray
) -> tuple[np.ndarray, Evaluation, int]:
    """Return where Fisher scoring leads from a start."""
    at = model.evaluate(theta)
    if not np.isfinite(at.value):
        return theta, at, 0
    halvings = 0
    for step in range(SCORING_STEPS):
        free = _free(theta, at.gradient, lower, upper)
        if not free.any():
            return theta, at, step
        # Where a Cholesky factor nears 0 the expected information vanishes and scoring overshoots.
        curvature = at.information if halvings < 3 else _hessian(model, theta, free, lower, upper)
        move = _direction(at.gradient, curvature, free)
        gain = float(move @ at.gradient)
        if gain < ROUGH_GAIN:
            return theta, at, step
        there = _step(model, theta, at, move, lower, upper)
        if there is None or there[1].value - at.value < ROUNDING * (1.0 + abs(at.value)):
            return (theta, at, step) if there is None else (*there[:2], step)
        theta, at, halved = there
        halvings = max(halvings, halved)
    return theta, at, SCORING_STEPS


def _free(theta: np.ndarray, gradient: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Return which parameters may move: not those at a limit that the likelihood pushes against."""
    held = ((theta <= lower) & (gradient <= 0)) | ((theta >= upper) & (gradient >= 0)) | (lower == upper)
    return ~held


def _direction(gradient: np.ndarray, curvature: np.ndarray, free: np.ndarray) -> np.ndarray:
    """Return the uphill step that a curvature suggests for the free parameters."""
    move = np.zeros_like(gradient)
    part = curvature[np.ix_(free, free)]
    scale = np.sqrt(np.maximum(np.abs(np.diagonal(part)), 1e-300))
    scaled = part / np.outer(scale, scale)
    values, vectors = np.linalg.eigh(0.5 * (scaled + scaled.T))
    # Flat directions (components that cannot be told apart) are left alone.
    size = np.abs(values)
    keep = size > 1e-10 * max(size.max(), 1e-300)
    along = vectors[:, keep].T @ (gradient[free] / scale)
    move[free] = vectors[:, keep] @ (along / size[keep]) / scale
    return move


def _step(
    model: MixedModel, theta: np.ndarray, at: Evaluation, move: np.ndarray, lower: np.ndarray, upper: np.ndarray
) -> tuple[np.ndarray, Evaluation, int] | None:
    """Return the first of ever shorter steps that gains and how often it was halved, or None."""
    for halving in range(40):
        there = np.clip(theta + move * 0.5**halving, lower, upper)
        if np.array_equal(there, theta):
            return None
        found = model.evaluate(there)
        if found.value > at.value:
            return there, found, halving
    return None


def _hessian(
    model: MixedModel, theta: np.ndarray, free: np.ndarray, lower: np.ndarray, upper: np.ndarray
) -> np.ndarray:
    """Return minus the second derivatives, from differences of the analytic slopes."""
    n = theta.size
    result = np.eye(n)
    for at in np.flatnonzero(free):
        h = HESSIAN_STEP * max(abs(theta[at]), 1e-6)
        up, down = theta.copy(), theta.copy()
        up[at], down[at] = min(theta[at] + h, upper[at]), max(theta[at] - h, lower[at])
        slopes = [model.evaluate(there, information=False).gradient for there in (up, down)]
        result[at, :] = (slopes[1] - slopes[0]) / (up[at] - down[at])
    block = np.ix_(free, free)
    result[block] = 0.5 * (result[block] + result[block].T)
    return result


def _polish(
    model: MixedModel, theta: np.ndarray, at: Evaluation, lower: np.ndarray, upper: np.ndarray, steps: int
) -> Peak:
    """Return the peak carried to the last digits by Newton's method."""
    converged = False
    free = _free(theta, at.gradient, lower, upper)
    for _ in range(NEWTON_STEPS):
        free = _free(theta, at.gradient, lower, upper)
        if not free.any():
            converged = True
            break
        curvature = _hessian(model, theta, free, lower, upper)
        if np.linalg.eigvalsh(curvature[np.ix_(free, free)])[0] <= 0:
            curvature = at.information
        move = _direction(at.gradient, curvature, free)
        gain = float(move @ at.gradient)
        steps += 1
        there = np.clip(theta + move, lower, upper)
        found = model.evaluate(there)
        noise = ROUNDING * (1.0 + abs(at.value))
        if gain <= FINAL_GAIN * (1.0 + abs(at.value)):
            # The last, tiny step is taken on trust: the likelihood cannot show its gain.
            theta, at = (there, found) if found.value >= at.value - noise else (theta, at)
            converged = True
            break
        if found.value < at.value - noise:
            shorter = _step(model, theta, at, move, lower, upper)
            if shorter is None:
                converged = gain < 1e-8
                break
            there, found, _ = shorter
        theta, at = there, found
    free = _free(theta, at.gradient, lower, upper)
    norm = float(np.max(np.abs(at.gradient[free]), initial=0.0))
    return Peak(theta, at, converged, steps, norm)
