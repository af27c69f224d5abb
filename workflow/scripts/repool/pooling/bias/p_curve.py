"""Judge a set of significant results by the shape of their p-values (p-curve)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

#: Results count as significant below this two-sided p-value, and enter the half curve below half
#: of it. Fixed by the method: its critical values and its 33 % rule are built on it.
ALPHA = 0.05

#: Power against which "too flat" is judged: Simonsohn et al. (2014), page 537.
LOW_POWER = 1.0 / 3.0

#: Estimated power is reported between these: no less than alpha, no more than can be told apart.
POWER_RANGE = (0.05, 0.99)

#: Normal quantile of a 90 % interval.
Z_90 = 1.6448536269514722

#: Probabilities are kept this far from 0 and 1, so that one result cannot decide alone.
SMALLEST = 2.2e-16


@dataclass(frozen=True)
class PCurve:
    """Tests of a p-curve.

    Attributes
    ----------
    k, n_significant, n_half : int
        Number of results, of those with p < .05, and of those with p < .025.
    z_right_full, p_right_full, z_right_half, p_right_half : float
        Right skew (evidential value) on the full and the half curve; nan where it is empty.
    z_flat_full, p_flat_full, z_flat_half, p_flat_half : float
        Flatter than 33 % power (evidential value inadequate).
    p_binomial_right, p_binomial_flat : float
        The same questions by the share of p-values below .025.
    power, power_lb, power_ub : float
        Average power of the significant results, with a 90 % interval.
    evidential_value, inadequate : bool
        The combined rules of Simonsohn, Simmons & Nelson (2015).
    note : str
        What is blank and why.
    """

    k: int
    n_significant: int
    n_half: int
    z_right_full: float
    p_right_full: float
    z_right_half: float
    p_right_half: float
    z_flat_full: float
    p_flat_full: float
    z_flat_half: float
    p_flat_half: float
    p_binomial_right: float
    p_binomial_flat: float
    power: float
    power_lb: float
    power_ub: float
    evidential_value: bool
    inadequate: bool
    note: str


def p_curve(yi: ArrayLike, vi: ArrayLike) -> PCurve:
    """Return the p-curve tests of all significant results.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances; only z = yi / sqrt(vi) matters.

    Raises
    ------
    ValueError
        When no result is significant, or a number is not usable.

    Notes
    -----
    Simonsohn, Nelson & Simmons (2014), J Exp Psychol Gen 143, 534-547 and Perspect Psychol Sci 9,
    666-681 (power); Simonsohn, Simmons & Nelson (2015), J Exp Psychol Gen 144, 1146-1152 (Stouffer,
    half curve, combined rules). All closed forms for two-sided normal tests; one root for power.
    """
    yi, vi = np.asarray(yi, dtype=float), np.asarray(vi, dtype=float)
    if yi.shape != vi.shape or not (np.isfinite(yi).all() and np.isfinite(vi).all()) or (vi <= 0).any():
        raise ValueError("p-curve needs a number and a variance above 0 for every effect")
    size = np.abs(yi) / np.sqrt(vi)
    full, half = size[size > _critical(ALPHA)], size[size > _critical(ALPHA / 2.0)]
    if full.size == 0:
        raise ValueError(f"none of {yi.size} results has p < {ALPHA:g}: there is no p-curve")
    low = _shift_for_power(LOW_POWER)
    right_full, right_half = _skew(full, ALPHA, shift=0.0), _skew(half, ALPHA / 2.0, shift=0.0)
    # Flat means more large p-values than at 33 % power: the other tail of the same sum.
    flat_full, flat_half = (-z for z in (_skew(full, ALPHA, shift=low), _skew(half, ALPHA / 2.0, shift=low)))
    p_right, p_right_half = _lower(right_full), _lower(right_half)
    p_flat, p_flat_half = _lower(flat_full), _lower(flat_half)
    share = float(_beyond(_critical(ALPHA / 2.0), low)) / LOW_POWER
    p_binomial_right = _binomial_at_least(half.size, full.size, 0.5)
    p_binomial_flat = 1.0 - _binomial_at_least(half.size + 1, full.size, share)
    power, power_lb, power_ub = (_power(full, quantile) for quantile in (0.0, -Z_90, Z_90))
    return PCurve(
        k=yi.size,
        n_significant=full.size,
        n_half=half.size,
        z_right_full=right_full,
        p_right_full=p_right,
        z_right_half=right_half,
        p_right_half=p_right_half,
        z_flat_full=flat_full,
        p_flat_full=p_flat,
        z_flat_half=flat_half,
        p_flat_half=p_flat_half,
        p_binomial_right=p_binomial_right,
        p_binomial_flat=p_binomial_flat,
        power=power,
        power_lb=power_lb,
        power_ub=power_ub,
        evidential_value=bool(p_right_half < 0.05 or (p_right_half < 0.1 and p_right < 0.1)),
        inadequate=bool(p_flat < 0.05 or (p_flat_half < 0.1 and p_binomial_flat < 0.1)),
        note="" if half.size else "no p-value below .025: the half curve is empty",
    )


def _critical(alpha: float) -> float:
    """Return the two-sided critical value."""
    from scipy.special import ndtri

    return -float(ndtri(alpha / 2.0))


def _beyond(size: ArrayLike, shift: float) -> np.ndarray:
    """Return the chance of |z| beyond a size when z has this mean."""
    from scipy.special import ndtr

    return ndtr(shift - np.asarray(size)) + ndtr(-shift - np.asarray(size))


def _lower(z: float) -> float:
    """Return the lower tail of the normal distribution; nan for nan."""
    from scipy.special import ndtr

    return float(ndtr(z))


def _skew(size: np.ndarray, alpha: float, *, shift: float) -> float:
    """Return Stouffer's z of the chances of a larger result among the significant ones; nan if empty.

    Below 0: results are larger than a true mean of ``shift`` makes them.
    """
    from scipy.special import ndtri

    if size.size == 0:
        return math.nan
    chance = _beyond(size, shift) / _beyond(_critical(alpha), shift)
    return float(np.sum(ndtri(np.clip(chance, SMALLEST, 1.0 - SMALLEST))) / math.sqrt(size.size))


def _root(function: Callable[[float], float], lower: float, upper: float) -> float:
    """Return the place where a monotone function is 0."""
    from scipy.optimize import brentq

    return float(brentq(function, lower, upper, xtol=1e-13, rtol=1e-13))


def _shift_for_power(power: float) -> float:
    """Return the true mean of z at which a two-sided 5 % test has this power."""
    line = _critical(ALPHA)
    return 0.0 if power <= ALPHA else _root(lambda shift: float(_beyond(line, shift)) - power, 0.0, 40.0)


def _power(size: np.ndarray, quantile: float) -> float:
    """Return the power at which the curve's skew equals a normal quantile, kept within the range.

    Quantile 0 gives the estimate, +-1.645 the limits of the 90 % interval.
    """
    shifts = [_shift_for_power(power) for power in POWER_RANGE]
    misfits = [_skew(size, ALPHA, shift=shift) - quantile for shift in shifts]
    if misfits[0] >= 0.0:
        return POWER_RANGE[0]
    if misfits[1] <= 0.0:
        return POWER_RANGE[1]
    shift = _root(lambda value: _skew(size, ALPHA, shift=value) - quantile, *shifts)
    return float(_beyond(_critical(ALPHA), shift))


def _binomial_at_least(count: int, n: int, share: float) -> float:
    """Return the chance of at least this many of n."""
    from scipy.special import bdtrc

    return 1.0 if count <= 0 else float(bdtrc(count - 1, n, share))
