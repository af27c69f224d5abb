"""Test whether effects and their variances go together by rank (Begg & Mazumdar)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.models.estimators import EPSILON

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


#: Deviations below this many units in the last place of the effects are rounding, not spread.
ROUNDING_UNITS = 16.0


@dataclass(frozen=True)
class RankTest:
    """Kendall's tau between standardised effects and variances, its p-value, and how it was found."""

    tau: float
    pval: float
    exact: bool
    k: int
    note: str


def rank_test(yi: ArrayLike, vi: ArrayLike, *, exact: bool) -> RankTest:
    """Correlate standardised effects with their variances by Kendall's tau.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    exact : bool
        True asks for the exact distribution; with ties there is none, and the normal
        approximation that corrects for ties is used instead (the note says so).

    Returns
    -------
    RankTest
        Tau-b and its two-sided p-value.

    Raises
    ------
    ValueError
        With fewer than two effects or variances that are not above 0.

    Notes
    -----
    Begg & Mazumdar (1994), Biometrics 50, 1088-1101: (yi - mean) / sqrt(vi - 1 / sum(1 / vi)) with
    the inverse-variance mean. Ties: Kendall (1970), Rank correlation methods, chapters 3 and 4.
    """
    yi, vi = np.asarray(yi, dtype=float), np.asarray(vi, dtype=float)
    if yi.ndim != 1 or yi.shape != vi.shape or yi.size < 2:
        raise ValueError("a rank correlation needs lists of equal length with at least two effects")
    if not np.isfinite(yi).all() or np.isnan(vi).any():
        raise ValueError("yi or vi holds a value that is missing or infinite")
    if (vi <= 0).any() or not np.isfinite(vi).any():
        raise ValueError(f"vi must be above 0, and finite for at least one effect; the smallest is {vi.min():g}")
    # A variance of infinity is a weight of 0: such a study keeps its rank and moves no mean.
    known = np.isfinite(vi)
    total = np.sum(1.0 / vi[known])
    start = yi[known][0]
    residuals = (yi - start) - np.sum((yi - start)[known] / vi[known]) / total
    if np.all(np.abs(residuals) <= ROUNDING_UNITS * EPSILON * np.max(np.abs(yi))):
        residuals = np.zeros_like(residuals)
    # A study with nearly all of the weight can lose its variance to rounding.
    spread = np.maximum(vi - 1.0 / total, np.finfo(float).tiny)
    return kendall(residuals / np.sqrt(spread), vi, exact=exact)


def kendall(x: ArrayLike, y: ArrayLike, *, exact: bool) -> RankTest:
    """Return Kendall's tau-b of two lists and its two-sided p-value; see `rank_test`."""
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    k = x.size
    score, ties_x, ties_y = _score(x, y), _tie_sizes(x), _tie_sizes(y)
    pairs = k * (k - 1) / 2
    free = math.sqrt((pairs - _pairs(ties_x)) * (pairs - _pairs(ties_y)))
    if free == 0.0:
        return RankTest(math.nan, math.nan, False, k, "all effects, or all variances, are the same: no correlation")
    tied = ties_x.size > 0 or ties_y.size > 0
    if exact and not tied:
        return RankTest(score / free, _exact_pval(score, k), True, k, "")
    note = "ties leave no exact distribution: normal approximation" if exact else ""
    return RankTest(score / free, _normal_pval(score, ties_x, ties_y, k), False, k, note)


def _score(x: np.ndarray, y: np.ndarray) -> int:
    """Return the number of concordant minus discordant pairs."""
    total = 0
    for i in range(1, x.size):
        total += int(np.sum(np.sign(x[i] - x[:i]) * np.sign(y[i] - y[:i])))
    return total


def _tie_sizes(values: np.ndarray) -> np.ndarray:
    """Return how many values share each tied value."""
    _, counts = np.unique(values, return_counts=True)
    return counts[counts > 1].astype(float)


def _pairs(sizes: np.ndarray) -> float:
    """Return the number of pairs within ties."""
    return float(np.sum(sizes * (sizes - 1.0)) / 2.0)


def _exact_pval(score: int, k: int) -> float:
    """Return the two-sided p-value over all k! orders.

    The number of discordant pairs is a sum of independent uniforms on 0..j-1 (j = 2..k), whose
    distribution is built up one factor at a time.
    """
    chance = np.ones(1)
    for size in range(2, k + 1):
        running = np.concatenate([np.cumsum(chance), np.full(size - 1, np.sum(chance))])
        running[size:] -= np.cumsum(chance)[: running.size - size]
        chance = running / size
    discordant = (k * (k - 1) // 2 - abs(score)) // 2
    return min(1.0, 2.0 * float(np.sum(chance[: discordant + 1])))


def _normal_pval(score: int, ties_x: np.ndarray, ties_y: np.ndarray, k: int) -> float:
    """Return the two-sided p-value of the normal approximation with variance corrected for ties."""
    from scipy.special import ndtr

    plain = k * (k - 1.0) * (2.0 * k + 5.0)
    lost = [float(np.sum(t * (t - 1.0) * (2.0 * t + 5.0))) for t in (ties_x, ties_y)]
    variance = (plain - lost[0] - lost[1]) / 18.0
    variance += 2.0 * _pairs(ties_x) * _pairs(ties_y) / (k * (k - 1.0))
    if k > 2:
        triples = [float(np.sum(t * (t - 1.0) * (t - 2.0))) for t in (ties_x, ties_y)]
        variance += triples[0] * triples[1] / (9.0 * k * (k - 1.0) * (k - 2.0))
    return 2.0 * float(ndtr(-abs(score) / math.sqrt(variance)))
