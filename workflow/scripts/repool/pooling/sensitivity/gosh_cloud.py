"""The cloud of all subsets: how many pooled results fall into each cell of estimate by heterogeneity."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from repool.pooling.sensitivity.gosh import Gosh

#: Most cells across the estimates: as many as are still told apart in a figure 8.9 cm wide.
MOST_CELLS = 40
#: Height of a cell, in percentage points of I2.
I2_STEP = 2.5
#: A result that lies on an edge but for rounding, in cells, belongs to the cell above it on every machine.
ON_THE_EDGE = 1e-9
#: Estimates spread less than this share of the largest are equal but for rounding, and share a cell or two.
LEAST_SPREAD = 1e-3


@dataclass(frozen=True)
class Cloud:
    """Cells of a histogram in two dimensions, and of each dimension alone.

    Attributes
    ----------
    estimate_step : float
        Width of a cell: 1, 2, 2.5 or 5 times a power of ten.
    cells : dict
        (column, row) -> (subsets with the study, subsets without it), for cells that hold any. The cell's estimates
        lie from column * estimate_step up to the next column, its I2 from row * `I2_STEP` up to the next row.
    """

    estimate_step: float
    cells: dict[tuple[int, int], tuple[int, int]]

    def margin(self, axis: int) -> dict[int, tuple[int, int]]:
        """Return the cells of one dimension alone: 0 of the estimate, 1 of I2."""
        sums: dict[int, tuple[int, int]] = {}
        for place, (inside, outside) in sorted(self.cells.items()):
            before = sums.get(place[axis], (0, 0))
            sums[place[axis]] = (before[0] + inside, before[1] + outside)
        return dict(sorted(sums.items()))


def i2_from_q(found: Gosh) -> np.ndarray:
    """Return I2 in percent of each subset, from Q and its degrees of freedom; 0 for a single study.

    Parameters
    ----------
    found : repool.pooling.sensitivity.gosh.Gosh
        Fits to subsets.

    Notes
    -----
    Higgins & Thompson (2002), Stat Med 21, 1539-1558: 100 (Q - df) / Q, not below 0. Unlike I2 from tau2 it does not
    depend on the estimator, so that clouds of two models can be laid on each other.
    """
    df = found.included.sum(axis=1) - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(found.q > df, 100.0 * (found.q - df) / found.q, 0.0)


def most_moving(found: Gosh) -> int | None:
    """Return the place of the study whose presence moves the median estimate most; None when none can be compared.

    Parameters
    ----------
    found : repool.pooling.sensitivity.gosh.Gosh
        Fits to subsets.
    """
    moves = [
        abs(float(np.median(found.estimate[inside])) - float(np.median(found.estimate[~inside])))
        if inside.any() and not inside.all()
        else -math.inf
        for inside in found.included.T
    ]
    largest = max(moves, default=-math.inf)
    # Of studies that move it equally, but for rounding, the first.
    return None if largest == -math.inf else next(i for i, move in enumerate(moves) if move >= largest * (1 - 1e-9))


def cloud(estimate: np.ndarray, i2_percent: np.ndarray, *, inside: np.ndarray) -> Cloud:
    """Count the pooled results of subsets in cells of estimate by I2.

    Parameters
    ----------
    estimate, i2_percent : numpy.ndarray of shape (b,)
        Results of b subsets.
    inside : numpy.ndarray of bool, shape (b,)
        Whether a subset holds the study that is told apart.

    Raises
    ------
    ValueError
        When there is no subset, or a result is not a finite number.

    Notes
    -----
    Olkin, Dahabreh & Trikalinos (2012), Res Synth Methods 3, 214-223, plot every subset as a point and colour those
    with one study; counts in cells show the same and stay small for any number of subsets. Edges are round numbers, so
    that rounding noise in the estimates moves no edge.
    """
    if not estimate.size or not (np.isfinite(estimate).all() and np.isfinite(i2_percent).all()):
        raise ValueError("a cloud needs at least one subset, all with finite results")
    step = _step(float(estimate.min()), float(estimate.max()))
    columns = np.floor(estimate / step + ON_THE_EDGE).astype(int)
    # I2 = 100 would be a row of its own: Q without end.
    rows = np.minimum(np.floor(i2_percent / I2_STEP + ON_THE_EDGE), 100 / I2_STEP - 1).astype(int)
    cells: dict[tuple[int, int], list[int]] = {}
    for column, row, is_in in zip(columns.tolist(), rows.tolist(), inside.tolist(), strict=True):
        cells.setdefault((column, row), [0, 0])[0 if is_in else 1] += 1
    return Cloud(step, {place: tuple(counts) for place, counts in sorted(cells.items())})


def _step(low: float, high: float) -> float:
    """Return the least round width at which so many cells hold everything from low to high."""
    largest = max(abs(low), abs(high))
    spread = max(high - low, LEAST_SPREAD * largest) or 1.0
    power = math.floor(math.log10(spread / MOST_CELLS))
    for exponent in range(power, power + 3):
        for digits in (1.0, 2.0, 2.5, 5.0):
            # Written as a decimal, a step and its multiples come out the same everywhere.
            step = float(f"{digits}e{exponent}")
            cells = math.floor(high / step + ON_THE_EDGE) - math.floor(low / step + ON_THE_EDGE) + 1
            if cells <= MOST_CELLS and step * MOST_CELLS >= spread:
                return step
    raise AssertionError("a step a thousandfold the spread has one or two cells")
