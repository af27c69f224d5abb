"""What an effect can have been when a paper prints only "p < .05", "ns" or the like."""

from __future__ import annotations

import numpy as np

from repool.effects.conversions.guards import Array, floats


def _both(usable: Array, low: Array, high: Array) -> tuple[Array, Array]:
    """Return both ends, NaN in both where a row is not usable or an end is unknown; infinity may stay."""
    usable = usable & ~np.isnan(low) & ~np.isnan(high)
    return np.where(usable, low, np.nan), np.where(usable, high, np.nan)


@np.errstate(all="ignore")
def p_range(p: Array, p_op: Array, *, thresholds: tuple[float, ...], alpha: float) -> tuple[Array, Array]:
    """Return between which values an imprecisely printed p-value lies.

    Parameters
    ----------
    p : array, shape (k,)
        The printed number; may be NaN for "ns".
    p_op : array of str, shape (k,)
        "=", "<", "<=", ">", ">=" or "ns".
    thresholds : tuple of float
        Conventional thresholds the paper's authors had in mind, such as (0.001, 0.01, 0.05): a paper
        that writes "p < .05" would have written "p < .01" had it held.
    alpha : float
        Level meant by "ns" without a number.

    Returns
    -------
    p_low, p_high : array, shape (k,)
        Equal for "="; NaN for another sign or a number outside 0 to 1.
    """
    (p,) = floats(p)
    sign = np.char.strip(np.broadcast_to(np.asarray(p_op, dtype=str), p.shape))
    ladder = np.concatenate([[0.0], np.unique(np.asarray(thresholds, dtype=float))])
    # The first rung is 0, so that something lies below every positive p.
    next_lower = ladder[np.maximum(np.searchsorted(ladder, p, side="left") - 1, 0)]
    below, above, not_significant = np.isin(sign, ["<", "<="]), np.isin(sign, [">", ">="]), sign == "ns"
    p = np.where(not_significant & np.isnan(p), alpha, p)
    low = np.select([sign == "=", below, above | not_significant], [p, next_lower, p], np.nan)
    high = np.select([(sign == "=") | below, above | not_significant], [p, 1.0], np.nan)
    return _both((p > 0) & (p <= 1), low, high)
