"""Count how many hidden null results would undo a finding (fail-safe N)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: A count this near to a whole number is that number; only more than that is rounded up.
NEAR_WHOLE = 2.0**-26


@dataclass(frozen=True)
class FailSafe:
    """How many hidden studies it takes.

    Attributes
    ----------
    n_hidden : float
        Whole number of studies; infinite when no number suffices.
    pval : float
        P-value before any is added; nan for Orwin, which tests nothing.
    mean, target : float
        Mean effect before, and the mean that the hidden studies would leave; nan where not used.
    k : int
        Number of effects.
    """

    n_hidden: float
    pval: float
    mean: float
    target: float
    k: int


def rosenthal(yi: ArrayLike, vi: ArrayLike, *, alpha: float) -> FailSafe:
    """Return how many null results would lift Stouffer's one-sided p-value to alpha.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    alpha : float
        One-sided level.

    Notes
    -----
    Rosenthal (1979), Psychol Bull 86, 638-641: k (Z / z_alpha)^2 - k with Z = sum(z_i) / sqrt(k).
    """
    from scipy.special import ndtr

    yi, vi = _checked(yi, vi, alpha=alpha, zero_variance=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = yi / np.sqrt(vi)
    stouffer = abs(float(np.sum(z))) / math.sqrt(yi.size)
    hidden = yi.size * (stouffer / _quantile(alpha)) ** 2 - yi.size
    return FailSafe(_whole(hidden), float(ndtr(-stouffer)), math.nan, math.nan, yi.size)


def orwin(yi: ArrayLike, vi: ArrayLike | None, *, target: float | None) -> FailSafe:
    """Return how many null results would bring the mean effect down to a target.

    Parameters
    ----------
    yi : array_like of shape (k,)
        Effects.
    vi : array_like of shape (k,) or None
        Sampling variances for an inverse-variance mean; None for the plain mean.
    target : float or None
        Smallest effect that matters, in the direction of the mean; None for half of the mean.

    Notes
    -----
    Orwin (1983), J Educ Stat 8, 157-159: k (mean - target) / target.
    """
    yi, weights = _checked(yi, np.ones_like(np.asarray(yi, dtype=float)) if vi is None else vi, alpha=None)
    centre = yi[0]
    mean = float(centre + np.sum((yi - centre) / weights) / np.sum(1.0 / weights))
    if target is not None and not math.isfinite(target):
        raise ValueError(f"target is {target!r}; must be a number, or None for half of the mean")
    aim = mean / 2.0 if target is None else math.copysign(target, mean)
    if aim == 0.0:
        return FailSafe(math.inf, math.nan, mean, aim, yi.size)
    return FailSafe(_whole(yi.size * (mean - aim) / aim), math.nan, mean, aim, yi.size)


def rosenberg(yi: ArrayLike, vi: ArrayLike, *, alpha: float) -> FailSafe:
    """Return how many null results of average weight would make the common-effect mean non-significant.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    alpha : float
        Two-sided level.

    Notes
    -----
    Rosenberg (2005), Evolution 59, 464-468, equations 7 to 10 with a normal quantile.
    """
    from scipy.special import ndtr

    yi, vi = _checked(yi, vi, alpha=alpha)
    weights = 1.0 / vi
    total = float(np.sum(weights))
    mean = float(np.sum(weights * yi)) / total
    z = mean * math.sqrt(total)
    hidden = yi.size * ((z / _quantile(alpha / 2.0)) ** 2 - 1.0)
    return FailSafe(_whole(hidden), 2.0 * float(ndtr(-abs(z))), mean, math.nan, yi.size)


def _checked(
    yi: ArrayLike, vi: ArrayLike, *, alpha: float | None, zero_variance: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Return float arrays, or say what is wrong with them."""
    yi, vi = np.asarray(yi, dtype=float), np.asarray(vi, dtype=float)
    if yi.ndim != 1 or yi.shape != vi.shape or yi.size == 0:
        raise ValueError("yi and vi must be lists of equal length with at least one effect")
    if not np.isfinite(yi).all() or np.isnan(vi).any():
        raise ValueError("yi or vi holds a value that is missing or infinite")
    if (vi < 0).any() or ((vi == 0).any() and not zero_variance):
        raise ValueError(f"vi must be above 0; the smallest here is {vi.min():g}")
    if alpha is not None and not 0.0 < alpha < 0.5:
        raise ValueError(f"alpha is {alpha!r}; must lie between 0 and 0.5, such as 0.05")
    return yi, vi


def _quantile(tail: float) -> float:
    """Return the normal quantile with this much above it."""
    from scipy.special import ndtri

    return -float(ndtri(tail))


def _whole(count: float) -> float:
    """Return the count rounded up, never below 0."""
    if math.isnan(count):
        raise ValueError("effects with variance 0 on both sides of 0 leave no combined test")
    count = max(0.0, count)
    if math.isinf(count):
        return count
    nearest = float(round(count))
    return nearest if abs(count - nearest) < NEAR_WHOLE else float(math.ceil(count))
