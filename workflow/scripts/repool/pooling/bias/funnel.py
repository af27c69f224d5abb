"""Prepare a funnel plot: the effects against their standard errors, with lines of equal p-value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.models.estimators import check_inputs

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Contour:
    """The funnel inside which effects have a p-value above ``pval`` against ``centre``.

    Attributes
    ----------
    pval : float
        Two-sided p-value on the line.
    centre, slope : float
        The lines are ``centre - slope * se`` and ``centre + slope * se``.
    se, lb, ub : numpy.ndarray
        Standard errors from 0 to the largest, and the two lines there.
    n_outside : int
        Number of effects with a p-value at or below ``pval``.
    """

    pval: float
    centre: float
    slope: float
    se: np.ndarray
    lb: np.ndarray
    ub: np.ndarray
    n_outside: int


def contours(
    yi: ArrayLike, vi: ArrayLike, *, contour_levels: Sequence[float], centre: float, n_points: int
) -> list[Contour]:
    """Return the lines of equal p-value of a funnel plot.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    contour_levels : sequence of float
        Two-sided p-values, such as 0.10, 0.05 and 0.01.
    centre : float
        0 shows significance against no effect; the pooled estimate shows the expected scatter.
    n_points : int
        Points per line; 2 are enough, because the lines are straight.

    Raises
    ------
    ValueError
        When a level is not between 0 and 1 or the data are not usable.

    Notes
    -----
    Peters, Sutton, Jones, Abrams & Rushton (2008), J Clin Epidemiol 61, 991-996. Standard errors on
    the vertical axis: Sterne & Egger (2001), J Clin Epidemiol 54, 1046-1055.
    """
    from scipy.special import ndtri

    yi, vi = _pairs(yi, vi)
    if not math.isfinite(centre):
        raise ValueError(f"centre is {centre!r}; must be 0 or the pooled estimate")
    if n_points < 2:
        raise ValueError(f"n_points is {n_points!r}; a line needs at least 2")
    sei = np.sqrt(vi)
    grid = np.linspace(0.0, float(sei.max()), n_points)
    lines = []
    for pval in sorted(contour_levels, reverse=True):
        if not 0.0 < pval < 1.0:
            raise ValueError(f"contour level {pval!r} must be a p-value between 0 and 1, such as 0.05")
        slope = -float(ndtri(pval / 2.0))
        outside = int(np.sum(np.abs(yi - centre) >= slope * sei))
        lines.append(Contour(pval, float(centre), slope, grid, centre - slope * grid, centre + slope * grid, outside))
    return lines


def pvals(yi: ArrayLike, vi: ArrayLike, *, centre: float) -> np.ndarray:
    """Return each effect's two-sided p-value against the centre."""
    from scipy.special import ndtr

    yi, vi = _pairs(yi, vi)
    return 2.0 * ndtr(-np.abs(yi - centre) / np.sqrt(vi))


def _pairs(yi: ArrayLike, vi: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return usable effects and variances; a single one is a funnel plot too."""
    yi, vi = np.asarray(yi, dtype=float), np.asarray(vi, dtype=float)
    if yi.size == 0:
        raise ValueError("there are no effects to plot")
    # The checks want more effects than coefficients; repeating a single effect asks nothing new.
    if yi.size == 1:
        check_inputs(np.repeat(yi, 2), np.repeat(vi, 2))
    else:
        check_inputs(yi, vi)
    return yi, vi
