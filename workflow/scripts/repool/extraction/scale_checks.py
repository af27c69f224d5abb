"""One row against its instrument, as config/vocabulary.csv describes it: range, spread, skew, whole scores."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from repool.extraction.granularity import grim, grimmer
from repool.extraction.impossible import ARMS, ORDERED
from repool.extraction.printed import half_unit, printed_decimals
from repool.extraction.row_problems import COMPARE, refuse, warn
from repool.extraction.units import same_unit
from repool.problems import Problem

Row = Mapping[str, Any]
#: Means that are scores on the instrument, with their standard deviations.
_LEVELS = (("mean", "sd"), ("pre_mean", "pre_sd"))
_AS_PRINTED = "Compare with the paper; if it prints so, leave the cell blank and say so in the note."


def scale_problems(row: Row, term: Row, *, file: str) -> list[Problem]:
    """Return what one row says that its instrument does not allow or makes doubtful.

    Parameters
    ----------
    row : mapping
        Cells as float, str or None, with "line".
    term : mapping
        The row of config/vocabulary.csv: unit, scale_min, scale_max, items.
    file : str
        Name of the file, for messages.

    Returns
    -------
    list of Problem
        None where the row is in another unit than the term.
    """
    if None not in (row.get("unit"), term.get("unit")) and not same_unit(row["unit"], term["unit"]):
        return []
    return [*_range(row, term, file), *_spread(row, term, file), *_skew(row, term, file), *_whole(row, term, file)]


def _range(row: Row, term: Row, file: str) -> Iterator[Problem]:
    low, high = term.get("scale_min"), term.get("scale_max")
    if low is None and high is None:
        return
    low, high = (-math.inf if low is None else low), (math.inf if high is None else high)
    levels = [f"{name}_{arm}" for name in ("mean", "pre_mean", *ORDERED) for arm in ARMS]
    changes = [f"mean_change_{arm}" for arm in ARMS]
    changes += ["estimate"] if row.get("estimate_scale") == "MD" else []
    for columns, least, most in ((levels, low, high), (changes, low - high, high - low)):
        for column in columns:
            value = row.get(column)
            if value is None:
                continue
            half = half_unit(row, column)
            if not least - half <= value <= most + half:
                problem = f"the instrument has no {'such difference' if column in changes else 'such score'}"
                expected = f"a number from {least:g} to {most:g}"
                yield refuse("C22", problem, row, file=file, column=column, expected=expected, to_fix=_AS_PRINTED)


def largest_sd(*, low: float, high: float, n: float | None, mean: tuple[float, float] | None) -> float:
    """Return the largest standard deviation (divisor n - 1) that scores within limits can have.

    Parameters
    ----------
    low, high : float
        Limits of the scores.
    n : float or None
        People; None allows for two, which gives the largest value.
    mean : tuple of float or None
        Lowest and highest possible mean, where it is known.

    Notes
    -----
    Popoviciu (1935): variance (divisor n) <= (high - low)^2 / 4; with an odd n the halves cannot be equal, and
    (high - low)^2 (n^2 - 1) / (4 n^2). Bhatia & Davis (2000), Am Math Mon 107:353-357: variance <=
    (high - mean) (mean - low). The factor n / (n - 1) turns the divisor n into n - 1.
    """
    width = high - low
    people = 2.0 if n is None or n < 2 else n
    odd = n is not None and n > 2 and n % 2 == 1
    variance = width * width / 4 * (1 - 1 / (people * people) if odd else 1.0)
    if mean is not None:
        nearest = min(max((low + high) / 2, mean[0]), mean[1])
        variance = min(variance, max(high - nearest, 0.0) * max(nearest - low, 0.0))
    return math.sqrt(max(variance, 0.0) * people / (people - 1))


def _spread(row: Row, term: Row, file: str) -> Iterator[Problem]:
    low, high = term.get("scale_min"), term.get("scale_max")
    if low is None or high is None:
        return
    for arm in ARMS:
        for mean_name, sd_name in _LEVELS:
            column = f"{sd_name}_{arm}"
            mean, sd = row.get(f"{mean_name}_{arm}"), row.get(column)
            if sd is None:
                continue
            half = 0.0 if mean is None else half_unit(row, f"{mean_name}_{arm}")
            limits = None if mean is None else (mean - half, mean + half)
            # People at baseline are not always those of the arm: then any number of them is allowed.
            n = row.get(f"n_{arm}") if mean_name == "mean" else None
            most = largest_sd(low=low, high=high, n=n, mean=limits)
            if sd - half_unit(row, column) > most * (1 + 1e-9):
                problem = f"scores from {low:g} to {high:g} cannot spread so much"
                expected = f"{most:.3g} or less"
                yield refuse("C23", problem, row, file=file, column=column, expected=expected, to_fix=_AS_PRINTED)


def _skew(row: Row, term: Row, file: str) -> Iterator[Problem]:
    low = term.get("scale_min")
    if low is None:
        return
    arms = [arm for arm in ARMS if None not in (row.get(f"mean_{arm}"), row.get(f"sd_{arm}"))]
    skewed = [arm for arm in arms if row[f"mean_{arm}"] - 2 * row[f"sd_{arm}"] < low - half_unit(row, f"mean_{arm}")]
    if skewed:
        column = f"sd_{skewed[0]}"
        problem = f"skewed? The mean less two standard deviations lies below the lowest score, {low:g}"
        to_fix = "Compare with the paper: median and quartiles have columns of their own; if it is skewed, say so."
        yield warn("C35", problem, row, file=file, column=column, expected="mean - 2 SD >= lowest score", to_fix=to_fix)


def _whole(row: Row, term: Row, file: str) -> Iterator[Problem]:
    items = term.get("items")
    if items is None:
        return
    for arm in ARMS:
        n = row.get(f"n_{arm}")
        for mean_name, sd_name in (("mean", "sd"), ("mean_change", "sd_change")):
            column, spread = f"{mean_name}_{arm}", f"{sd_name}_{arm}"
            if row.get(column) is None or not n:
                continue
            decimals = printed_decimals(row, column)
            # With as many scores as the last place tells apart, every mean is possible.
            if decimals < 1 or n * items >= 10**decimals:
                continue
            shared = {"n": int(n), "items": int(items)}
            of = f"{n:g} whole-number scores" if items == 1 else f"{n:g} people's means of {items:g} whole-number items"
            if not grim(mean=row[column], decimals=decimals, **shared):
                problem = f"{of} cannot have this mean"
                expected = f"a sum divided by {n * items:g}"
                yield warn("C38", problem, row, file=file, column=column, expected=expected, to_fix=COMPARE)
            elif row.get(spread) is not None and n >= 2:
                known = {"mean": row[column], "mean_decimals": decimals, "sd": row[spread]}
                if not grimmer(**known, sd_decimals=printed_decimals(row, spread), **shared):
                    problem = f"{of} with a mean of {row[column]:g} cannot have this standard deviation"
                    expected = "a standard deviation that whole numbers give"
                    yield warn("C39", problem, row, file=file, column=spread, expected=expected, to_fix=COMPARE)
