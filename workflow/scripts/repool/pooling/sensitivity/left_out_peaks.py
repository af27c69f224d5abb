"""Search the likelihood of tau2 without each study, all studies at once, by sums less one term."""

from __future__ import annotations

import math

import numpy as np

from repool.pooling.sensitivity.interpolated_sums import CHUNK, Products, interpolant, own, totals
from repool.pooling.sensitivity.slopes import slope_of

#: Step of the scan for peaks on the scale log(tau2 + smallest variance), an eighth of a piece. The slope, a sum of
#: terms with no singularity nearer than pi to the real axis, cannot turn twice within it by an amount that matters.
SCAN_STEP = 0.15

#: Steps of the search after which halving alone has certainly ended.
MAXIMUM_STEPS = 100


def peaks_without_each(
    data: Products, direct: np.ndarray, *, restricted: bool, df: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the tau2 at the one peak of each left-out likelihood.

    Parameters
    ----------
    data : Products
        The studies, with effects around their unweighted fit.
    direct : numpy.ndarray of bool, shape (k,)
        Studies without which the sums have too few digits; they are not looked at.
    restricted : bool
        True for REML, False for ML.
    df : int
        Residual degrees of freedom without a study.

    Returns
    -------
    tuple of numpy.ndarray, each of shape (k,)
        tau2; its place on the scale log(tau2 + smallest variance), to within half a step of the scan; and which
        are still to be searched directly, those with more than one peak added.
    """
    vi = data.vi
    k, offset = vi.size, float(vi.min())
    start = math.log(offset)
    # The bound of estimators.py for the place of the last peak; leaving a study out makes the sum smaller still.
    spread = float(np.sum(data.values[:, -1])) / (df if restricted else df + 1)
    top = 1.01 * (spread + math.sqrt(spread * vi.max()))
    cells = max(4, math.ceil(math.log1p(top / offset) / SCAN_STEP))
    grid = start + SCAN_STEP * np.arange(cells + 1)
    slopes = _slopes_on_grid(data, np.maximum(np.exp(grid) - offset, 0.0), restricted=restricted)
    falls = (slopes[:-1] > 0.0) & (slopes[1:] <= 0.0)
    peaks = falls.sum(axis=0)
    several = (peaks > 1) | ((peaks == 1) & (slopes[0] <= 0.0)) | (slopes[-1] > 0.0) | ~np.isfinite(slopes).all(axis=0)
    direct = direct | several
    inside = np.flatnonzero((peaks == 1) & ~direct)
    near = np.full(k, start)
    cell = falls[:, inside].argmax(axis=0)
    near[inside] = grid[cell] + 0.5 * SCAN_STEP
    found = np.zeros(k)
    if inside.size:
        bracket = np.exp(grid[cell]) - offset, np.exp(grid[cell + 1]) - offset
        found[inside] = _roots(data, inside, near[inside], bracket, start=start, restricted=restricted)
    return found, near, direct


def _slopes_on_grid(data: Products, grid: np.ndarray, *, restricted: bool) -> np.ndarray:
    """Return the slope without each study at the same values of tau2, shape (g, k)."""
    slopes = np.empty((grid.size, data.vi.size))
    step = max(1, CHUNK // (2 * data.values.size))
    for first in range(0, grid.size, step):
        values = grid[first : first + step]
        rest = totals(data, values, powers=2)[:, None] - own(data, values[:, None], powers=2)
        slopes[first : first + step] = slope_of(rest, restricted=restricted)
    return slopes


def _roots(
    data: Products,
    inside: np.ndarray,
    near: np.ndarray,
    bracket: tuple[np.ndarray, np.ndarray],
    *,
    start: float,
    restricted: bool,
) -> np.ndarray:
    """Return where the slope is 0, by Newton's method kept within its bracket."""
    sums = interpolant(data, near, start=start, powers=3)
    members = Products(data.vi[inside], data.values[inside])
    lower, upper = np.maximum(bracket[0], 0.0), bracket[1]
    value = 0.5 * (lower + upper)
    for _ in range(MAXIMUM_STEPS):
        slope, curvature = slope_of(
            sums(value) - own(members, value, powers=3), restricted=restricted, with_curvature=True
        )
        lower = np.where(slope > 0.0, value, lower)
        upper = np.where(slope > 0.0, upper, value)
        with np.errstate(divide="ignore", invalid="ignore"):
            newer = value - slope / curvature
        newer = np.where((newer >= lower) & (newer <= upper), newer, 0.5 * (lower + upper))
        moved = np.abs(newer - value)
        value = newer
        # Newton's steps double the digits: after one of 1e-9 the next would be below rounding.
        if np.all(moved <= 1e-9 * (value + sums.offset)):
            break
    return value
