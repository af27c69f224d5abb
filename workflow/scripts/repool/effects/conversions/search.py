"""The lowest point of many one-dimensional functions at once, found without chance or starting values."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from repool.effects.conversions.guards import Array

#: Points of the first, coarse look; minima closer together than the interval / 80 are not told apart.
GRID_POINTS = 81
#: Golden section steps; the bracket shrinks to 0.618^60, below rounding.
STEPS = 60
_GOLDEN = (np.sqrt(5) - 1) / 2


@np.errstate(all="ignore")
def minimise(objective: Callable[[Array], Array], low: float, high: float, shape: tuple[int, ...]) -> Array:
    """Return for each row the place between `low` and `high` where its objective is lowest.

    Parameters
    ----------
    objective : function
        Takes one place per row and returns one value per row; NaN counts as infinitely high.
    low, high : float
        Ends of the interval, the same for all rows.
    shape : tuple of int
        Shape of the rows, (k,).

    Returns
    -------
    array, shape (k,)
        NaN where the objective is nowhere finite.

    Notes
    -----
    A grid finds the valley, golden section search (Kiefer 1953) its bottom.
    """
    grid = np.linspace(low, high, GRID_POINTS)
    heights = np.stack([_finite_or_high(objective, np.full(shape, place)) for place in grid], axis=-1)
    best = heights.argmin(axis=-1)
    left, right = grid[np.maximum(best - 1, 0)], grid[np.minimum(best + 1, GRID_POINTS - 1)]
    inner, outer = right - _GOLDEN * (right - left), left + _GOLDEN * (right - left)
    at_inner, at_outer = _finite_or_high(objective, inner), _finite_or_high(objective, outer)
    for _ in range(STEPS):
        lower_is_inner = at_inner <= at_outer
        left, right = np.where(lower_is_inner, left, inner), np.where(lower_is_inner, outer, right)
        inner, outer = right - _GOLDEN * (right - left), left + _GOLDEN * (right - left)
        at_inner, at_outer = _finite_or_high(objective, inner), _finite_or_high(objective, outer)
    # At an end of the interval golden section comes close but never there.
    middle, coarse = (left + right) / 2, grid[best]
    chosen = np.where(_finite_or_high(objective, middle) <= heights.min(axis=-1), middle, coarse)
    return np.where(np.isfinite(heights).any(axis=-1), chosen, np.nan)


def _finite_or_high(objective: Callable[[Array], Array], place: Array) -> Array:
    """Return the objective, infinite where it is not finite."""
    height = objective(place)
    return np.where(np.isfinite(height), height, np.inf)
