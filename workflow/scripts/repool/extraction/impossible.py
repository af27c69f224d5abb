"""Numbers of one row that cannot stand together: order, totals, pairs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from repool.extraction.printed import half_unit
from repool.extraction.row_problems import COMPARE, refuse
from repool.problems import Problem

Row = Mapping[str, Any]
ARMS = ("arm1", "arm2")
#: From the smallest value to the largest.
ORDERED = ("min", "q1", "median", "q3", "max")
_PAIRS = ("pairs_yes_yes", "pairs_yes_no", "pairs_no_yes", "pairs_no_no")


def impossible(row: Row, *, file: str) -> list[Problem]:
    """Return the errors of numbers that cannot stand together in one row.

    Parameters
    ----------
    row : mapping
        Cells as float, str or None, with "line".
    file : str
        Name of the file, for messages.
    """
    return [*_order(row, file), *_totals(row, file), *_pairs(row, file), *_log_rank(row, file)]


def same_people(row: Row) -> bool:
    """Return whether both arms of a row are the same or matched people."""
    return row.get("paired") == "yes" or row.get("comparator") == "pre"


def _order(row: Row, file: str) -> Iterator[Problem]:
    for arm in ARMS:
        filled = [f"{name}_{arm}" for name in ORDERED if row.get(f"{name}_{arm}") is not None]
        pairs = list(zip(filled, filled[1:], strict=False))
        # Outside the smallest and the largest value no mean can lie, apart from rounding.
        mean = f"mean_{arm}"
        if row.get(mean) is not None:
            pairs += [(f"min_{arm}", mean)] if row.get(f"min_{arm}") is not None else []
            pairs += [(mean, f"max_{arm}")] if row.get(f"max_{arm}") is not None else []
        for low, high in pairs:
            if row[low] > row[high] + half_unit(row, low) + half_unit(row, high):
                problem = f"{low} is above {high} ({row[high]:g})"
                place = {"file": file, "column": low, "expected": f"{low} <= {high}"}
                yield refuse("C21", problem, row, to_fix="Compare with the paper; the two may be swapped.", **place)


def _totals(row: Row, file: str) -> Iterator[Problem]:
    place = {"file": file, "to_fix": COMPARE}
    n1, n2 = (row.get(f"n_{arm}") for arm in ARMS)
    total, arms, events = (row.get(name) for name in ("n_total", "n_total_arms", "events_total"))
    # The same people in both arms are counted once.
    people = _sum(n1, n2) if not same_people(row) else max(n1 or 0, n2 or 0)
    if None not in (total, arms) and row.get("n_total_basis") != "other_unit":
        inside = people if arms >= 2 else max(n1 or 0, 0)
        if inside > total:
            problem = f"the arms hold more people ({inside:g}) than all of them together"
            expected = f"n_total of {inside:g} or more"
            yield refuse("C24", problem, row, column="n_total", expected=expected, **place)
    if events is None:
        return
    parts = _sum(row.get("events_arm1"), row.get("events_arm2"))
    place["column"] = "events_total"
    if parts > events:
        problem = f"the arms have more events ({parts:g}) than both together"
        yield refuse("C24", problem, row, expected=f"{parts:g} or more", **place)
    if None not in (n1, n2) and events > n1 + n2:
        problem = f"more people with the outcome than people in both arms ({n1 + n2:g})"
        yield refuse("C24", problem, row, expected=f"{n1 + n2:g} or less", **place)


def _sum(one: float | None, other: float | None) -> float:
    return (one or 0) + (other or 0)


def _pairs(row: Row, file: str) -> Iterator[Problem]:
    counts = [row.get(name) for name in _PAIRS]
    if any(count is None for count in counts):
        return
    pairs = counts[0] + counts[1] + counts[2] + counts[3]
    for arm in ARMS:
        n = row.get(f"n_{arm}")
        if n is not None and n != pairs:
            problem = f"the four numbers of pairs are {pairs:g} together, not the {n:g} people of the arm"
            place = {"file": file, "column": f"n_{arm}", "expected": f"{pairs:g}, or pairs that make {n:g}"}
            yield refuse("C24", problem, row, to_fix=COMPARE, **place)


def _log_rank(row: Row, file: str) -> Iterator[Problem]:
    variance = row.get("v_log_rank")
    if variance is not None and variance <= 0:
        place = {"file": file, "column": "v_log_rank", "expected": "a number above 0"}
        yield refuse("C25", f"no variance can be {variance:g}", row, to_fix=COMPARE, **place)
