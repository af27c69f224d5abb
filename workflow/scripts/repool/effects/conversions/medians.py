"""Means and standard deviations from medians, quartiles and ranges, under approximate normality.

Arguments `minimum, q1, median, q3, maximum` are in the unit of the outcome, NaN where not printed;
`n` is the number of people. Three sets of them can be used: the median with the range, the median
with the quartiles, and all five. With the quartiles and only one end of the range, that end is left out.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from repool.effects.conversions.guards import Array, floats, one_where

#: Below this many people nothing is estimated: the order statistics' approximations do not hold.
LEAST_N = 5


def scenario(
    minimum: Array, q1: Array, median: Array, q3: Array, maximum: Array, n: Array, *, median_needed: bool
) -> Array:
    """Return which of three sets of numbers a row offers.

    Parameters
    ----------
    minimum, q1, median, q3, maximum : array, shape (k,)
        NaN where not printed.
    n : array, shape (k,)
        People.
    median_needed : bool
        Whether a row without a median is of no use: it is for a mean, not for a standard deviation.

    Returns
    -------
    array of int, shape (k,)
        1: range; 2: quartiles; 3: all five; 0: none, or numbers out of order, not finite, without any
        spread, or from fewer than 5 people.
    """
    values = np.stack(floats(minimum, q1, median, q3, maximum), axis=-1)
    n = np.asarray(n, dtype=float)
    known = np.isfinite(values)
    # Out of order is judged among all that is printed, also what the scenario would leave out.
    highest_so_far = np.maximum.accumulate(np.where(known, values, -np.inf), axis=-1)
    ordered = ~((values < highest_so_far) & known).any(axis=-1) & ~np.isinf(values).any(axis=-1)
    usable = ordered & (known[..., 2] | (not median_needed)) & (n >= LEAST_N) & np.isfinite(n)
    with_range = known[..., 0] & known[..., 4] & (values[..., 4] > values[..., 0])
    with_quartiles = known[..., 1] & known[..., 3] & (values[..., 3] > values[..., 1])
    only_range = with_range & ~known[..., 1] & ~known[..., 3]
    return np.select([usable & with_range & with_quartiles, usable & with_quartiles, usable & only_range], [3, 2, 1], 0)


def _choose(which: Array, by_range: Array, by_quartiles: Array, by_all: Array) -> Array:
    """Return the number that belongs to each row's scenario, NaN where it has none."""
    return one_where(
        which > 0, np.select([which == 1, which == 2, which == 3], [by_range, by_quartiles, by_all], np.nan)
    )


@np.errstate(all="ignore")
def mean_from_quantiles(minimum: Array, q1: Array, median: Array, q3: Array, maximum: Array, n: Array) -> Array:
    """Return the mean estimated from a median with range, quartiles, or both.

    Parameters
    ----------
    minimum, q1, median, q3, maximum : array, shape (k,)
        In the unit of the outcome, NaN where not printed.
    n : array, shape (k,)
        People, at least 5.

    Returns
    -------
    array, shape (k,)

    Notes
    -----
    Luo et al. (2018), Stat Methods Med Res 27:1785-1805, equations 7, 11 and 15: optimal weights of
    mid-range, mid-quartile and median for normal data.
    """
    minimum, q1, median, q3, maximum, n = floats(minimum, q1, median, q3, maximum, n)
    which = scenario(minimum, q1, median, q3, maximum, n, median_needed=True)
    mid_range, mid_quartile = (minimum + maximum) / 2, (q1 + q3) / 2
    w1 = 4 / (4 + n**0.75)
    w2 = 0.7 + 0.39 / n
    w3_range, w3_quartile = 2.2 / (2.2 + n**0.75), 0.7 - 0.72 / n**0.55
    return _choose(
        which,
        w1 * mid_range + (1 - w1) * median,
        w2 * mid_quartile + (1 - w2) * median,
        w3_range * mid_range + w3_quartile * mid_quartile + (1 - w3_range - w3_quartile) * median,
    )


def _expected_widths(n: Array) -> tuple[Array, Array]:
    """Return the expected range and interquartile range of n normal values, in standard deviations."""
    # Wan et al. (2014) with Blom's (1958) approximation of normal order statistics.
    return 2 * ndtri((n - 0.375) / (n + 0.25)), 2 * ndtri((0.75 * n - 0.125) / (n + 0.25))


@np.errstate(all="ignore")
def sd_from_quantiles(minimum: Array, q1: Array, median: Array, q3: Array, maximum: Array, n: Array) -> Array:
    """Return the standard deviation estimated from a median with range, quartiles, or both.

    Parameters
    ----------
    minimum, q1, median, q3, maximum : array, shape (k,)
        In the unit of the outcome, NaN where not printed. The median is only checked for order.
    n : array, shape (k,)
        People, at least 5.

    Returns
    -------
    array, shape (k,)

    Notes
    -----
    Wan et al. (2014), BMC Med Res Methodol 14:135, equations 9 and 16, for the range and for the
    quartiles; Shi et al. (2020), Res Synth Methods 11:641-654, equation 10, for all five.
    """
    minimum, q1, median, q3, maximum, n = floats(minimum, q1, median, q3, maximum, n)
    which = scenario(minimum, q1, median, q3, maximum, n, median_needed=False)
    range_width, quartile_width = _expected_widths(n)
    by_range, by_quartiles = (maximum - minimum) / range_width, (q3 - q1) / quartile_width
    weight = 1 / (1 + 0.07 * n**0.6)
    return _choose(which, by_range, by_quartiles, weight * by_range + (1 - weight) * by_quartiles)


@np.errstate(all="ignore")
def sd_from_quantiles_wan(minimum: Array, q1: Array, median: Array, q3: Array, maximum: Array, n: Array) -> Array:
    """Return the standard deviation as `sd_from_quantiles` does, but with equal weights when all five are there.

    Parameters
    ----------
    minimum, q1, median, q3, maximum : array, shape (k,)
        In the unit of the outcome, NaN where not printed. The median is only checked for order.
    n : array, shape (k,)
        People, at least 5.

    Returns
    -------
    array, shape (k,)

    Notes
    -----
    Wan et al. (2014), BMC Med Res Methodol 14:135, equations 9, 13 and 16.
    """
    minimum, q1, median, q3, maximum, n = floats(minimum, q1, median, q3, maximum, n)
    which = scenario(minimum, q1, median, q3, maximum, n, median_needed=False)
    range_width, quartile_width = _expected_widths(n)
    by_range, by_quartiles = (maximum - minimum) / range_width, (q3 - q1) / quartile_width
    return _choose(which, by_range, by_quartiles, (by_range + by_quartiles) / 2)
