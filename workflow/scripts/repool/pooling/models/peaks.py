"""Find the highest peak of the (restricted) likelihood of tau2, and the root of Q, in many data sets at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from repool.pooling.models.stacks import BLOCK, EPSILON, Projection, Stack, project

#: Distance of scan points in log(tau2 + smallest variance). Along it the slope is made of smooth steps,
#: one per effect, each about 1 wide or wider: two changes of sign cannot hide between such neighbours.
SCAN_SPACING = 0.45

#: With a variance of 0 the scan goes along log tau2, from this share of the smallest variance above 0.
SCAN_START = 1e-2

#: Newton steps after which a search is given up; most need three.
MAX_STEPS = 100

#: A search ends when its next step would be this share of tau2,
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
    ends = points[left, sets], points[left + 1, sets]
    start = _crossing(*ends, slopes[left, sets], slopes[left + 1, sets], _smallest(stack)[sets])
    alone = sets.size == stack.k.size and sets.size == 1
    found = _newton(stack if alone else stack.take(sets), *ends, start, restricted=restricted)
    return _best(stack, sets, found, edge=~rising[0], restricted=restricted)


def _smallest(stack: Stack) -> np.ndarray:
    """Return the smallest variance of each set."""
    return stack.vi.min(axis=0, initial=np.inf)


def _scan_points(stack: Stack, *, restricted: bool) -> np.ndarray:
    """Return 0 and increasing tau2 values up to beyond the last place where the slope can be 0.

    With RSS the unweighted residual sum of squares and m = k - p (REML) or k (ML), the slope is
    below RSS / (2 tau2^2) - m / (2 (tau2 + max vi)), negative from a + sqrt(a max vi) on, where
    a = RSS / m.
    """
    smallest = _smallest(stack)
    largest = stack.vi.max(axis=0)
    if np.isinf(largest).any():
        largest = np.max(stack.vi, axis=0, where=np.isfinite(stack.vi), initial=0.0)
    spread = stack.spread / np.maximum(stack.df if restricted else stack.k, 1)
    top = 1.01 * (spread + np.sqrt(spread * largest))
    if (smallest == 0).any():
        return _points_above_0(stack, top)
    with np.errstate(divide="ignore", invalid="ignore"):
        span = np.nan_to_num(np.log1p(top / smallest))
    count = int(np.ceil(span.max(initial=0.0) / SCAN_SPACING)) + 1
    return smallest * np.expm1(np.arange(count + 1)[:, None] * (span / count))


def _points_above_0(stack: Stack, top: np.ndarray) -> np.ndarray:
    """Return the scan points where a variance is 0: the likelihood then has no finite height at 0."""
    smallest = np.min(stack.vi, axis=0, where=np.isfinite(stack.vi) & (stack.vi > 0), initial=np.inf)
    bottom = np.minimum(SCAN_START * np.minimum(smallest, top), top)
    with np.errstate(divide="ignore", invalid="ignore"):
        span = np.nan_to_num(np.where(top > 0, np.log(top / bottom), 0.0))
    count = int(np.ceil(span.max(initial=0.0) / SCAN_SPACING)) + 2
    points = bottom * np.exp(np.linspace(0.0, 1.0, count)[:, None] * span)
    start = np.where((stack.vi == 0).any(axis=0), np.minimum(1e-6 * bottom, EPSILON * top), 0.0)
    return np.concatenate([start[None], points])


def _crossing(
    lower: np.ndarray, upper: np.ndarray, rise: np.ndarray, fall: np.ndarray, smallest: np.ndarray
) -> np.ndarray:
    """Return about where the slope is 0 between two scan points: a straight line along the scale of the scan."""
    before, after = lower + smallest, upper + smallest
    with np.errstate(divide="ignore", invalid="ignore"):
        share = rise * before / (rise * before - fall * after)
        place = before * (after / before) ** share - smallest
    return np.where((place > lower) & (place < upper), place, np.where(lower > 0, np.sqrt(lower * upper), 0.5 * upper))


def _slopes_at(stack: Stack, points: np.ndarray, *, restricted: bool) -> np.ndarray:
    """Return the slope at every scan point (rows) of every set (columns)."""
    if stack.yi.size * len(points) > 8 * BLOCK:
        return np.array([_slope(project(stack, row), restricted=restricted) for row in points])
    if points.shape[1] == 1:
        # One set at many values: the effects stand once, beside as many columns of weights.
        return _slope(project(stack, points[:, 0]), restricted=restricted)[:, None]
    wide = stack.take(np.tile(np.arange(points.shape[1]), len(points)))
    return _slope(project(wide, points.ravel()), restricted=restricted).reshape(points.shape)


def _newton(stack: Stack, low: np.ndarray, high: np.ndarray, start: np.ndarray, *, restricted: bool) -> Roots:
    """Return the zero of the slope within each bracket: Newton steps, halving where they leave it."""
    now, active, smallest = start, np.arange(start.size), _smallest(stack)
    before, steady = np.full(start.size, np.inf), np.zeros(start.size, dtype=bool)
    found = Roots(start.copy(), np.zeros(start.size, dtype=bool), np.zeros(start.size, dtype=int))
    for step in range(1, MAX_STEPS + 1 if start.size else 0):
        fit = project(stack, now)
        slope, curvature = _slope(fit, restricted=restricted), _curvature(fit, restricted=restricted)
        rising = slope > 0
        low, high = np.where(rising, now, low), np.where(rising, high, now)
        with np.errstate(divide="ignore", invalid="ignore"):
            move = now - slope / curvature
            inside = (curvature < 0) & (move >= low) & (move <= high)
            following = np.where(inside, move, np.where(low > 0, np.sqrt(low * high), 0.5 * high))
            size = np.abs(following - now)
            done = _ended(now, size, before, smallest, steady=steady & inside) | (slope == 0)
        now, before, steady = np.where(slope == 0, now, following), size, inside
        found.tau2[active], found.iterations[active], found.converged[active] = now, step, done
        if done.all():
            break
        if done.any():
            rest = ~done
            stack, active = stack.take(rest), active[rest]
            low, high, now, smallest, before, steady = (
                part[rest] for part in (low, high, now, smallest, before, steady)
            )
    return found


def _ended(
    now: np.ndarray, size: np.ndarray, before: np.ndarray, smallest: np.ndarray, *, steady: np.ndarray
) -> np.ndarray:
    """Return which searches are over, from the sizes of their last two steps.

    Newton's steps square: after steps a and b the next is about b^3 / a^2, taken to be b^2 / tau2 at
    least. Halving does not square, and then the step itself has to be small.
    """
    share = np.where(steady, np.maximum((size / before) ** 2, size / now), 1.0)
    rounding = (size <= ROUNDING_TOLERANCE * (now + smallest)) & (size >= 0.5 * before)
    return (size * np.minimum(share, 1.0) <= STEP_TOLERANCE * now) | rounding


def _best(stack: Stack, sets: np.ndarray, found: Roots, *, edge: np.ndarray, restricted: bool) -> Roots:
    """Return each set's highest peak among those found and, where the slope falls there, 0."""
    n = stack.k.size
    best = Roots(np.zeros(n), np.ones(n, dtype=bool), np.zeros(n, dtype=int))
    best.tau2[sets], best.converged[sets], best.iterations[sets] = found.tau2, found.converged, found.iterations
    candidates = np.bincount(sets, minlength=n)
    # With a variance of 0 the likelihood has no finite height at 0: only peaks inside count.
    edge = edge & (candidates > 0) & (_smallest(stack) > 0)
    rivals = np.flatnonzero((candidates[sets] > 1) | edge[sets])
    if not rivals.size:
        return best
    reached, at_edge = np.full(n, -np.inf), np.flatnonzero(edge)
    reached[at_edge] = height(stack.take(at_edge), np.zeros(at_edge.size), restricted=restricted)
    best.tau2[at_edge], best.converged[at_edge], best.iterations[at_edge] = 0.0, True, 0
    tops = height(stack.take(sets[rivals]), found.tau2[rivals], restricted=restricted)
    for place, top in zip(rivals, tops, strict=True):
        at = sets[place]
        # A gain smaller than the rounding of the likelihood is no evidence against 0.
        if np.isfinite(reached[at]) and not top - reached[at] > 4 * EPSILON * (1.0 + abs(reached[at])):
            continue
        reached[at] = top
        best.tau2[at], best.converged[at], best.iterations[at] = (
            found.tau2[place], found.converged[place], found.iterations[place]
        )  # fmt: skip
    return best


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
