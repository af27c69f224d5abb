"""p-values and quantiles that a check recomputes from printed numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import NormalDist
from typing import Any

from repool.extraction.printed import Span, scaled, span

#: A p-value recomputed by another test (Fisher, continuity correction, one side instead of two)
#: may differ: only a factor beyond this is called a contradiction.
P_FACTOR = 3.0
#: A statistic and its own p-value leave no such choice; this allows for the rounding of both.
P_DIFFERENCE = 0.05
#: Below this two p-values say the same, whatever their ratio.
P_SMALL = 0.01
#: p-values on both sides of the interval's own level are a contradiction from this factor on.
P_FACTOR_DECISION = 1.5
#: Below this many degrees of freedom a study without stated size is not expected; the t quantile of an
#: interval then lies between that for these and the normal one.
FEWEST_DF = 10.0


def p_of_z(value: float) -> float:
    """Return the two-sided p-value of a standard normal deviate."""
    return math.erfc(abs(value) / math.sqrt(2))


def p_of_t(value: float, df: float | None) -> float:
    """Return the two-sided p-value of a t statistic; of a normal deviate where df is None."""
    if df is None:
        return p_of_z(value)
    from scipy.special import stdtr

    return float(2 * stdtr(df, -abs(value)))


def quantile(level_percent: float, df: float | None) -> float:
    """Return the number of standard errors on each side of an interval of that level, 0 to 100."""
    upper = 0.5 + level_percent / 200
    if df is None:
        return NormalDist().inv_cdf(upper)
    from scipy.special import stdtrit

    return float(stdtrit(df, upper))


def p_of_statistic(row: Mapping[str, Any]) -> Span | None:
    """Return the lowest and highest two-sided p-value of the printed statistic.

    Parameters
    ----------
    row : mapping
        With statistic, statistic_value, df1 and df2.

    Returns
    -------
    tuple of float or None
        None where the statistic or its degrees of freedom are not printed. A t without df is not read as normal.
    """
    within, kind = span(row, "statistic_value"), row.get("statistic")
    if within is None or kind is None:
        return None
    df1, df2 = row.get("df1"), row.get("df2")
    if kind == "z" or (kind == "t" and df1 is not None):
        sizes = sorted(abs(value) for value in within)
        lowest = 0.0 if within[0] <= 0 <= within[1] else sizes[0]
        df = None if kind == "z" else df1
        return p_of_t(sizes[1], df), p_of_t(lowest, df)
    if (kind == "chi2" and df1 is not None) or (kind == "F" and None not in (df1, df2)):
        low, high = max(within[0], 0.0), max(within[1], 0.0)
        return _tail(kind, df1, df2, high), _tail(kind, df1, df2, low)
    return None


def _tail(kind: str, df1: float, df2: float | None, value: float) -> float:
    from scipy.special import chdtrc, fdtrc

    return float(chdtrc(df1, value) if kind == "chi2" else fdtrc(df1, df2, value))


def p_contradicts(row: Mapping[str, Any], recomputed: Span, *, difference: float | None) -> bool:
    """Return whether the printed p-value cannot be the recomputed one.

    Parameters
    ----------
    row : mapping
        With p, p_op and tails.
    recomputed : tuple of float
        Lowest and highest two-sided p-value that the printed numbers give.
    difference : float or None
        A difference that is too much beside "=", whatever the factor; None for no such limit.

    Notes
    -----
    "ns" is read as p > 0.05, the usual meaning; the factor leaves room for another.
    """
    p, sign = (0.05, ">") if row.get("p_op") == "ns" else (row.get("p"), row.get("p_op"))
    if p is None or p <= 0 or sign not in {"=", "<", ">"} or not all(map(math.isfinite, recomputed)):
        return False
    low, high = scaled(recomputed, 0.5) if row.get("tails") == "one" else recomputed
    if max(p, high) < P_SMALL and sign != ">":
        return False
    too_small, too_large = p * P_FACTOR < low, high * P_FACTOR < p
    if sign == "<":
        return too_small
    if sign == ">":
        return too_large
    distant = difference is not None and max(low - p, p - high) > difference
    return too_small or too_large or distant
