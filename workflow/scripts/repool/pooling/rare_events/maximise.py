"""Find the highest point of a sum of study log-likelihoods by Newton's method."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

Array = np.ndarray

#: Newton steps before giving up.
STEPS = 100

#: Half the squared length of the next step, in standard errors, at which the search stops: 1e-8 standard errors.
DECREMENT = 1e-16

#: No parameter moves further in one step; they are log odds, log rates and standard deviations.
STEP_LIMIT = 2.0

#: Steps of the numeric derivatives, in standard errors: rounding and truncation then both stay near 1e-10.
STEP_SHARE = 0.01

#: Where the searches for standard deviations start; on the log odds or log rate scale these are small, usual, huge.
SPREAD_STARTS = (0.1, 0.5, 2.0)

#: Gain in log-likelihood, relative to its size, below which a standard deviation counts as 0.
GAIN = 1e-12

#: Curvature below this is no information; the step is then as long as allowed.
FLAT = 1e-14


class Slopes(NamedTuple):
    """Value (k,), gradient (k, d) and Hessian (k, d, d) of each study's log-likelihood."""

    value: Array
    gradient: Array
    hessian: Array


@dataclass(frozen=True)
class Problem:
    """A sum of study log-likelihoods.

    Attributes
    ----------
    value : callable
        (local (..., k), shared (..., g)) to log-likelihoods (..., k).
    slopes : callable
        (local (k,), shared (g,), steps) to `Slopes` in the order local, shared.
    local : numpy.ndarray of bool, shape (k,)
        Studies with a parameter of their own.
    """

    value: Callable
    slopes: Callable
    local: Array


@dataclass(frozen=True)
class Peak:
    """The end of a search.

    Attributes
    ----------
    local, shared : numpy.ndarray of shape (k,) and (g,)
        Parameters of single studies and of all.
    height : float
        Log-likelihood.
    information : numpy.ndarray of shape (free, free)
        Minus the Hessian of the free shared parameters, the local ones profiled out.
    slopes : Slopes
        At the peak.
    converged : bool
        Whether the tolerance was met.
    iterations : int
        Newton steps.
    """

    local: Array
    shared: Array
    height: float
    information: Array
    slopes: Slopes
    converged: bool
    iterations: int


def maximise(problem: Problem, local: Array, shared: Array, *, free: tuple[int, ...], tolerance: float) -> Peak:
    """Climb from a start to a peak.

    Parameters
    ----------
    problem : Problem
        What to maximise.
    local, shared : numpy.ndarray of shape (k,) and (g,)
        The start.
    free : tuple of int
        Shared parameters that may move.
    tolerance : float
        Newton decrement at which to stop; `DECREMENT`, or more for a rough search.

    Returns
    -------
    Peak
        Where the search ended.
    """
    free_index = list(free)
    steps = np.full(1 + shared.size, 1e-3), np.full(local.size, 1e-3)
    converged, iterations = False, 0
    while iterations < STEPS:
        iterations += 1
        slopes = problem.slopes(local, shared, steps)
        info, move_shared, move_local, decrement = _newton(problem, slopes, free_index)
        steps = _difference_steps(problem, slopes, info, free_index, shared.size)
        height = float(np.sum(slopes.value))
        if decrement <= tolerance:
            converged = True
            break
        local, shared, better = _move(problem, local, shared, move_local, move_shared, free_index, height, decrement)
        if not better:
            # Nothing higher along the step: rounding decides here, and a small remainder is an arrival.
            converged = decrement <= 1e-9
            break
    slopes = problem.slopes(local, shared, steps)
    info = _newton(problem, slopes, free_index)[0]
    return Peak(local, shared, float(np.sum(slopes.value)), info, slopes, converged, iterations)


def _newton(problem: Problem, slopes: Slopes, free: list[int]) -> tuple[Array, Array, Array, float]:
    """Return the profiled information, the Newton step of shared and local parameters, and the decrement."""
    columns = [1 + index for index in free]
    own = np.where(problem.local, -slopes.hessian[:, 0, 0], 1.0)
    own = np.maximum(np.abs(own), FLAT)
    own_slope = np.where(problem.local, slopes.gradient[:, 0], 0.0)
    cross = np.where(problem.local[:, None], slopes.hessian[:, 0, columns], 0.0)
    information = -np.sum(slopes.hessian[:, columns][:, :, columns], axis=0) - (cross / own[:, None]).T @ cross
    gradient = np.sum(slopes.gradient[:, columns], axis=0) + (cross / own[:, None]).T @ own_slope
    if free:
        values, vectors = np.linalg.eigh((information + information.T) / 2)
        # A valley or a ridge: its own slope leads away from it when the sign of the curvature is turned.
        values = np.maximum(np.abs(values), FLAT)
        turned = vectors.T @ gradient
        move = vectors @ (turned / values)
        decrement = float(np.sum(turned**2 / values))
    else:
        move, decrement = np.zeros(0), 0.0
    move_local = (own_slope + cross @ move) / own
    return information, move, move_local, 0.5 * (decrement + float(np.sum(own_slope**2 / own)))


def _difference_steps(problem: Problem, slopes: Slopes, info: Array, free: list[int], g: int) -> tuple[Array, Array]:
    """Return steps for numeric derivatives: a share of a standard error, per shared parameter and per study."""
    steps = np.full(1 + g, 1e-3)
    diagonal = np.maximum(np.abs(np.diagonal(info)), FLAT)
    steps[[1 + index for index in free]] = np.clip(STEP_SHARE / np.sqrt(diagonal), 1e-7, 1e-2)
    own = np.where(problem.local, np.maximum(np.abs(slopes.hessian[:, 0, 0]), FLAT), 1.0)
    return steps, np.clip(STEP_SHARE / np.sqrt(own), 1e-7, 1e-2)


def _move(problem, local, shared, move_local, move_shared, free, height, decrement):
    """Take the step, halved until it leads up; far from the peak its length is limited."""
    longest = max(np.max(np.abs(move_local), initial=0.0), np.max(np.abs(move_shared), initial=0.0))
    length = min(1.0, STEP_LIMIT / max(longest, 1e-300))
    slack = 1e-13 * (1 + abs(height))
    for _ in range(40):
        new_local = local + length * move_local
        new_shared = shared.copy()
        new_shared[free] += length * move_shared
        new_height = float(np.sum(problem.value(new_local, new_shared)))
        # Near the peak a gain drowns in rounding; the full step is right there.
        if new_height > height or (decrement < 1e-9 and new_height > height - slack):
            return new_local, new_shared, True
        length /= 2
    return local, shared, False


def numeric_slopes(value: Callable, local: Array, shared: Array, steps: tuple[Array, Array], *, own: bool) -> Slopes:
    """Return derivatives by central differences of fourth order.

    Parameters
    ----------
    value : callable
        (local (..., k), shared (..., g)) to (..., k).
    local, shared : numpy.ndarray of shape (k,) and (g,)
        Where.
    steps : tuple of numpy.ndarray, shapes (1 + g,) and (k,)
        Step per shared parameter (from index 1) and per study's own parameter.
    own : bool
        Whether studies have a parameter of their own; its derivatives are 0 otherwise.

    Returns
    -------
    Slopes
        In the order local, shared.

    Notes
    -----
    First and second derivatives: the five-point formulas of Abramowitz & Stegun (1964), table 25.2 and 25.3.24;
    mixed ones: the product of two five-point first derivatives.
    """
    k, d = local.size, 1 + shared.size
    first = 0 if own else 1
    offsets, places = _stencil(d, first)
    unit = np.vstack([steps[1], np.broadcast_to(steps[0][1:, None], (d - 1, k))])
    grid_local = local + offsets[:, :1] * unit[0]
    grid_shared = shared + offsets[:, 1:] * steps[0][1:]
    values = value(grid_local, grid_shared)
    # Differences from the centre keep the digits that large likelihoods would take.
    change = values - values[0]
    gradient, hessian = np.zeros((k, d)), np.zeros((k, d, d))
    for i in range(first, d):
        minus2, minus1, plus1, plus2 = (change[places[i, i, s, 0]] for s in (-2, -1, 1, 2))
        gradient[:, i] = (minus2 - 8 * minus1 + 8 * plus1 - plus2) / (12 * unit[i])
        hessian[:, i, i] = (-minus2 + 16 * minus1 + 16 * plus1 - plus2) / (12 * unit[i] ** 2)
        for j in range(i + 1, d):
            parts = [_FIRST[s] * _FIRST[t] * change[places[i, j, s, t]] for s in _FIRST for t in _FIRST]
            hessian[:, i, j] = hessian[:, j, i] = np.sum(parts, axis=0) / (unit[i] * unit[j])
    return Slopes(values[0], gradient, hessian)


#: Weights of the five-point first derivative (its centre has weight 0).
_FIRST = {-2: 1 / 12, -1: -8 / 12, 1: 8 / 12, 2: -1 / 12}


def _stencil(d: int, first: int) -> tuple[Array, dict[tuple[int, int, int, int], int]]:
    """Return the offsets of all points, in steps, and where each stands; the first point is the centre."""
    rows, places = [np.zeros(d)], {}
    for i in range(first, d):
        for j in range(i, d):
            for s in _FIRST:
                for t in _FIRST if j > i else (0,):
                    row = np.zeros(d)
                    row[j] += t
                    row[i] += s
                    places[i, j, s, t] = len(rows)
                    rows.append(row)
    return np.array(rows), places


def highest_peak(
    problem: Problem, local: Array, shared: Array, *, free: tuple[int, ...], spreads: tuple[int, ...]
) -> Peak:
    """Return the highest of the peaks that several starts lead to, with standard deviations of 0 where they end there.

    Parameters
    ----------
    problem : Problem
        What to maximise; symmetric in each standard deviation, so that 0 is no wall for the search.
    local, shared : numpy.ndarray of shape (k,) and (g,)
        The start; entries of `spreads` are replaced.
    free : tuple of int
        Shared parameters that may move.
    spreads : tuple of int
        Those of `free` that are standard deviations.

    Returns
    -------
    Peak
        The peak; its information is that of the parameters that are not at 0.
    """
    fixed = tuple(index for index in free if index not in spreads)
    floor = maximise(problem, local, _with(shared, spreads, 0.0), free=fixed, tolerance=DECREMENT)
    if not spreads:
        return floor
    rough = [
        maximise(problem, floor.local, _with(floor.shared, spreads, start), free=free, tolerance=1e-5)
        for start in SPREAD_STARTS
    ]
    best = max(rough, key=lambda peak: peak.height)
    iterations = int(np.sum([peak.iterations for peak in (floor, *rough)]))
    best = maximise(problem, best.local, best.shared, free=free, tolerance=DECREMENT)
    for index in spreads:
        others = tuple(other for other in spreads if other != index)
        low = floor
        if others:
            start = _with(best.shared, (index,), 0.0)
            left = tuple(one for one in free if one != index)
            low = maximise(problem, best.local, start, free=left, tolerance=DECREMENT)
        # A gain within the rounding of the likelihood is no evidence against 0.
        if low.height >= best.height - GAIN * (1 + abs(best.height)):
            best, free = low, tuple(one for one in free if one != index)
    return replace(best, iterations=iterations + best.iterations)


def _with(values: Array, places: tuple[int, ...], number: float) -> Array:
    """Return a copy with one number in some places."""
    copy = values.copy()
    copy[list(places)] = number
    return copy
