"""Find the highest peak of the (restricted) likelihood of tau2, and the root of Q, in many data sets at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from repool.pooling.models.stacks import BLOCK, EPSILON, Projection, Stack, project

#: Distance of scan points in log tau2. Along log tau2 the slope is made of smooth steps, one per
#: effect, each about 1 wide or wider: two changes of sign cannot hide between such neighbours.
SCAN_SPACING = 0.45

#: A scan starts at this share of the smallest variance: below, no weight changes by 1 percent.
SCAN_START = 1e-2

#: Newton steps after which a search is given up; most need five.
MAX_STEPS = 100

#: A search ends when its step is this share of tau2,
STEP_TOLERANCE = 1e-13

#: or when steps below this share of tau2 plus the smallest variance no longer shrink: what is left
#: is the rounding of the slope, which does not see tau2 where it is far below the variances.
ROUNDING_TOLERANCE = 1e-8


@dataclass(frozen=True)
class Roots:
    """Where searches ended, one per set: tau2, whether they met their tolerance, and their steps."""

    tau2: np.ndarray
    converged: np.ndarray
    iterations: np.ndarray


def height(stack: Stack, tau2: np.ndarray, *, restricted: bool) -> np.ndarray:
    """Return the (restricted) log-likelihood of every set, without its constants."""
    fit = project(stack, tau2)
    logs = np.log(fit.weights, where=fit.weights > 0, out=np.zeros_like(fit.weights)).sum(axis=0)
    value = 0.5 * (logs - fit.rss())
    if restricted:
        for norm in fit.norms:
            value = value - 0.5 * np.log(norm)
    return value


def _slope(fit: Projection, *, restricted: bool) -> np.ndarray:
    """Return the slope of the log-likelihood in tau2."""
    pulled = fit.weights * fit.residuals
    trace = fit.trace_p() if restricted else fit.weights.sum(axis=0)
    return 0.5 * (np.einsum("kn,kn->n", pulled, pulled) - trace)


def _curvature(fit: Projection, *, restricted: bool) -> np.ndarray:
    """Return the second derivative of the log-likelihood in tau2."""
    trace = fit.trace_pp() if restricted else np.einsum("kn,kn->n", fit.weights, fit.weights)
    return 0.5 * trace - fit.cubic()


def highest_peaks(stack: Stack, *, restricted: bool) -> Roots:
    """Return the tau2 at the highest peak of each set's likelihood; 0 when no other is higher.

    Parameters
    ----------
    stack : Stack
        Data sets, more effects than coefficients in each.
    restricted : bool
        REML when True, ML when False.

    Notes
    -----
    Viechtbauer (2005), J Educ Behav Stat 30, 261-293. Every place where the slope turns from
    rising to falling holds a peak; all are followed by Newton's method and compared.
    """
    points = _scan_points(stack, restricted=restricted)
    slopes = _slopes_at(stack, points, restricted=restricted)
    rising = slopes > 0
    left, sets = np.nonzero(rising[:-1] & ~rising[1:])
    found = _newton(stack.take(sets), points[left, sets], points[left + 1, sets], restricted=restricted)
    return _best(stack, sets, found, edge=~rising[0], restricted=restricted)


def _scan_points(stack: Stack, *, restricted: bool) -> np.ndarray:
    """Return 0 and increasing tau2 values up to beyond the last place where the slope can be 0.

    With RSS the unweighted residual sum of squares and m = k - p (REML) or k (ML), the slope is
    below RSS / (2 tau2^2) - m / (2 (tau2 + max vi)), negative from a + sqrt(a max vi) on, where
    a = RSS / m.
    """
    there = np.isfinite(stack.vi)
    largest = np.max(stack.vi, axis=0, where=there, initial=0.0)
    smallest = np.min(stack.vi, axis=0, where=there & (stack.vi > 0), initial=np.inf)
    spread = stack.spread / np.maximum(stack.df if restricted else stack.k, 1)
    top = 1.01 * (spread + np.sqrt(spread * largest))
    bottom = np.minimum(SCAN_START * np.minimum(smallest, top), top)
    with np.errstate(divide="ignore", invalid="ignore"):
        span = np.nan_to_num(np.where(top > 0, np.log(top / bottom), 0.0))
    count = int(np.ceil(span.max(initial=0.0) / SCAN_SPACING)) + 2
    steps = np.linspace(0.0, 1.0, count)[:, None]
    points = bottom * np.exp(steps * span)
    # With a variance of 0 the likelihood has no finite height at 0, and the scan cannot start there.
    start = np.where((stack.vi == 0).any(axis=0), np.minimum(1e-6 * bottom, EPSILON * top), 0.0)
    return np.concatenate([start[None], points])


def _slopes_at(stack: Stack, points: np.ndarray, *, restricted: bool) -> np.ndarray:
    """Return the slope at every scan point (rows) of every set (columns)."""
    if stack.yi.size * len(points) > 8 * BLOCK:
        return np.array([_slope(project(stack, row), restricted=restricted) for row in points])
    wide = stack.take(np.tile(np.arange(points.shape[1]), len(points)))
    return _slope(project(wide, points.ravel()), restricted=restricted).reshape(points.shape)


def _newton(stack: Stack, lower: np.ndarray, upper: np.ndarray, *, restricted: bool) -> Roots:
    """Return the zero of the slope within each bracket: Newton steps, halving where they leave it."""
    lower, upper = lower.copy(), upper.copy()
    tau2 = np.where(lower > 0, np.sqrt(lower * upper), 0.5 * upper)
    iterations = np.zeros(tau2.size, dtype=int)
    converged = np.zeros(tau2.size, dtype=bool)
    smallest = np.min(stack.vi, axis=0, initial=np.inf)
    before = np.full(tau2.size, np.inf)
    active = np.arange(tau2.size)
    for step in range(1, MAX_STEPS + 1):
        if not active.size:
            break
        part = stack if active.size == tau2.size else stack.take(active)
        now = tau2[active]
        fit = project(part, now)
        slope = _slope(fit, restricted=restricted)
        curvature = _curvature(fit, restricted=restricted)
        low = lower[active] = np.where(slope > 0, now, lower[active])
        high = upper[active] = np.where(slope > 0, upper[active], now)
        with np.errstate(divide="ignore", invalid="ignore"):
            move = now - slope / curvature
        inside = (curvature < 0) & (move >= low) & (move <= high)
        following = np.where(inside, move, np.where(low > 0, np.sqrt(low * high), 0.5 * high))
        iterations[active] = step
        size = np.abs(following - now)
        rounding = (size <= ROUNDING_TOLERANCE * (now + smallest[active])) & (size >= 0.5 * before[active])
        done = (size <= STEP_TOLERANCE * now) | (slope == 0) | rounding
        before[active] = size
        tau2[active] = np.where(slope == 0, now, following)
        converged[active[done]] = True
        active = active[~done]
    return Roots(tau2, converged, iterations)


def _best(stack: Stack, sets: np.ndarray, found: Roots, *, edge: np.ndarray, restricted: bool) -> Roots:
    """Return each set's highest peak among those found and, where the slope falls there, 0."""
    n = stack.k.size
    tau2, converged, iterations = np.zeros(n), np.ones(n, dtype=bool), np.zeros(n, dtype=int)
    candidates = np.bincount(sets, minlength=n)
    reached = np.full(n, -np.inf)
    # With a variance of 0 the likelihood has no finite height at 0: only peaks inside count.
    at_edge = np.flatnonzero(edge & (candidates > 0) & ~(stack.vi == 0).any(axis=0))
    reached[at_edge] = height(stack.take(at_edge), np.zeros(at_edge.size), restricted=restricted)
    tops = np.full(sets.size, np.inf)
    rivals = np.flatnonzero((candidates[sets] > 1) | np.isfinite(reached[sets]))
    tops[rivals] = height(stack.take(sets[rivals]), found.tau2[rivals], restricted=restricted)
    for place, at in enumerate(sets):
        # A gain smaller than the rounding of the likelihood is no evidence against 0.
        if np.isfinite(reached[at]) and not tops[place] - reached[at] > 4 * EPSILON * (1.0 + abs(reached[at])):
            continue
        reached[at] = tops[place]
        tau2[at], converged[at], iterations[at] = found.tau2[place], found.converged[place], found.iterations[place]
    return Roots(tau2, converged, iterations)


def q_roots(stack: Stack, target: np.ndarray) -> Roots:
    """Return the tau2 at which each set's generalised Q falls to its target; 0 when it starts below.

    Parameters
    ----------
    stack : Stack
        Data sets.
    target : numpy.ndarray of shape (n,)
        What Q(tau2) should be, above 0: k - p for Paule-Mandel.

    Notes
    -----
    Paule & Mandel (1982), J Res Natl Bur Stand 87, 377-385. Q(tau2) is a sum of c^2 / (l + tau2)
    with fixed l and c, so 1 / Q is concave and rises: Newton's method on 1 / Q - 1 / target,
    started at 0, comes from the left and never oversteps the root.
    """
    n = target.size
    zero = (stack.vi == 0).any(axis=0)
    tau2 = np.where(zero, EPSILON * stack.spread / target, 0.0)
    converged, iterations = np.zeros(n, dtype=bool), np.zeros(n, dtype=int)
    active = np.arange(n)
    for step in range(MAX_STEPS):
        if not active.size:
            break
        part = stack if active.size == n else stack.take(active)
        now, aim = tau2[active], target[active]
        fit = project(part, now)
        q = fit.rss()
        pulled = fit.weights * fit.residuals
        fall = np.einsum("kn,kn->n", pulled, pulled)
        with np.errstate(divide="ignore", invalid="ignore"):
            move = np.where(q > aim, q * (q - aim) / (aim * fall), 0.0)
        done = move <= STEP_TOLERANCE * now
        tau2[active] = now + move
        iterations[active] = step
        converged[active[done]] = True
        active = active[~done]
    return Roots(np.where(zero & (iterations == 0), 0.0, tau2), converged, iterations)
