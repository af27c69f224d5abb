"""How far a printed number can lie from the number behind it: rounding, as intervals."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

#: Lowest and highest value that rounds to what is printed.
Span = tuple[float, float]
#: Two ways to one number may differ by this share beyond rounding before they are called contradictory.
TOLERANCE = 0.02
_DECIMALS = re.compile(r"[+-]?\d*(?:[.,](\d*))?(?:[eE]([+-]?\d+))?")


def decimals_of(text: str) -> int:
    """Return the number of printed decimals: 2 for "2.50", 0 for "12"; negative for "12e3".

    Parameters
    ----------
    text : str
        A number as it is typed, with a decimal point or comma.
    """
    match = _DECIMALS.match(text)
    fraction, power = match.groups() if match else (None, None)
    return len(fraction or "") - int(power or 0)


def printed_decimals(row: Mapping[str, Any], column: str) -> int:
    """Return the printed decimals of a filled cell.

    Parameters
    ----------
    row : mapping
        Cells as float, with the typed texts under "printed" where they are known.
    column : str
        A column that is filled.

    Notes
    -----
    Without the typed text the shortest way to write the number stands in for it, which loses zeros
    at its end: 2.50 counts as 2.5, so that rounding is taken as wider, never as narrower.
    """
    text = (row.get("printed") or {}).get(column) or format(row[column], ".15g")
    return max(-300, min(300, decimals_of(text)))


def half_unit(row: Mapping[str, Any], column: str) -> float:
    """Return half a unit of the last printed place of a filled cell (see `printed_decimals`)."""
    return 0.5 * 10.0 ** -printed_decimals(row, column)


def span(row: Mapping[str, Any], column: str) -> Span | None:
    """Return the lowest and highest number that rounds to a cell; None where it is blank."""
    value = row.get(column)
    if value is None:
        return None
    half = half_unit(row, column)
    return value - half, value + half


def minus(one: Span, other: Span) -> Span:
    """Return the lowest and highest difference of two numbers that are known within limits."""
    return one[0] - other[1], one[1] - other[0]


def size(one: Span) -> Span:
    """Return the lowest and highest absolute value."""
    high = max(abs(one[0]), abs(one[1]))
    return (0.0 if one[0] <= 0 <= one[1] else min(abs(one[0]), abs(one[1]))), high


def over(one: Span, other: Span) -> Span:
    """Return the lowest and highest quotient of two numbers from 0 up; infinite where the divisor may be 0."""
    return (one[0] / other[1] if other[1] > 0 else math.inf), (one[1] / other[0] if other[0] > 0 else math.inf)


def scaled(one: Span, factor: float) -> Span:
    """Return the limits multiplied by a number above 0."""
    return one[0] * factor, one[1] * factor


def gap(one: Span, other: Span) -> float:
    """Return the distance between two intervals; 0 or less where they touch; NaN where it is not defined."""
    return max(one[0] - other[1], other[0] - one[1])


def apart(one: Span, other: Span, *, tolerance: float) -> bool:
    """Return whether two numbers differ by more than rounding and a share of the larger one.

    Parameters
    ----------
    one, other : Span
        The two numbers within their rounding.
    tolerance : float
        Share of the larger number's size that is allowed on top, 0 to 1.
    """
    middle = max(abs(one[0] + one[1]), abs(other[0] + other[1])) / 2
    distance = gap(one, other)
    # The last term is the noise of floating point. Comparisons with NaN are false: then nothing is said.
    return math.isfinite(distance) and distance > tolerance * middle + 1e-9 * max(middle, 1e-300)


def words(one: Span) -> str:
    """Return limits in words: one number where they round to the same three digits."""
    low, high = f"{one[0]:.3g}", f"{one[1]:.3g}"
    return low if low == high else f"{low} to {high}"
