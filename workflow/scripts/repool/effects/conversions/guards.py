"""What every conversion shares: float arrays in, and NaN for what cannot be."""

from __future__ import annotations

import numpy as np
from scipy.special import stdtrit

Array = np.ndarray


def floats(*values: Array) -> tuple[Array, ...]:
    """Return the values as float arrays of one common shape.

    Parameters
    ----------
    *values : array, shape (k,), or a number

    Returns
    -------
    tuple of array, shape (k,)
    """
    return tuple(np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in values)))


def where(usable: Array, *arrays: Array) -> tuple[Array, ...]:
    """Return the arrays, NaN in all of them where a row is not usable or one of them is not finite.

    Parameters
    ----------
    usable : array of bool, shape (k,)
    *arrays : array, shape (k,)

    Returns
    -------
    tuple of array, shape (k,)
    """
    for array in arrays:
        usable = usable & np.isfinite(array)
    return tuple(np.where(usable, array, np.nan) for array in arrays)


def one_where(usable: Array, array: Array) -> Array:
    """Return one array, NaN where a row is not usable or the number not finite.

    Parameters
    ----------
    usable : array of bool, shape (k,)
    array : array, shape (k,)

    Returns
    -------
    array, shape (k,)
    """
    return where(usable, array)[0]


def tail_of_p(p: Array, tails: Array) -> Array:
    """Return the area of one tail that belongs to a p-value.

    Parameters
    ----------
    p : array, shape (k,)
        p-value, above 0 and at most 1.
    tails : array, shape (k,)
        Sides of the test, 1 or 2.

    Returns
    -------
    array, shape (k,)
        Above 0 and at most 0.5. NaN for a one-sided p above 0.5: such an effect lies on the side
        that was not tested, and the size of its statistic without a sign would mislead.
    """
    tail = p / tails
    return np.where(((tails == 1) | (tails == 2)) & (tail > 0) & (tail <= 0.5), tail, np.nan)


def tail_of_level(level_percent: Array) -> Array:
    """Return the area outside one end of a two-sided interval.

    Parameters
    ----------
    level_percent : array, shape (k,)
        Level of the interval, in percent, above 0 and below 100.

    Returns
    -------
    array, shape (k,)
    """
    return np.where((level_percent > 0) & (level_percent < 100), (100 - level_percent) / 200, np.nan)


def t_quantile(tail: Array, df: Array) -> Array:
    """Return the t statistic that leaves `tail` above it.

    Parameters
    ----------
    tail : array, shape (k,)
        Area, above 0 and at most 0.5.
    df : array, shape (k,)
        Degrees of freedom, above 0.

    Returns
    -------
    array, shape (k,)
        Not negative; NaN where it does not exist.
    """
    # From the lower tail, where small p-values keep their digits: 1 - p would round them away.
    return one_where((df > 0) & (tail > 0) & (tail <= 0.5), np.abs(stdtrit(df, tail)))
