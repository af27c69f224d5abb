"""Which arm the source says did better, against the numbers of the row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from repool.extraction.count_checks import proportion
from repool.extraction.impossible import ARMS
from repool.extraction.interval_checks import LOG_SCALES
from repool.extraction.row_problems import warn
from repool.problems import Problem

Row = Mapping[str, Any]
#: Scales of which the sign says which arm has more.
SIGNED = frozenset({"MD", "RD", "IRD", "d", "g", "glass", "d_prepost", "r", "b", "beta", "r_point_biserial", "phi"})
_LEVELS = ("percent", "rate", "mean", "mean_change", "median")


def direction_problems(row: Row, term: Row, *, file: str) -> list[Problem]:
    """Return a doubt where the source says one arm did better and its numbers say the other.

    Parameters
    ----------
    row : mapping
        Cells as float, str or None, with "line"; `favours` holds the words of the source.
    term : mapping
        The row of config/vocabulary.csv, with higher_is_better.
    file : str
        Name of the file, for messages.
    """
    favours, better = row.get("favours"), term.get("higher_is_better")
    if favours not in ARMS or better not in {"yes", "no"}:
        return []
    wanted = (favours == "arm1") == (better == "yes")
    against = [column for column, arm1_has_more in _signs(row) if arm1_has_more != wanted]
    if not against:
        return []
    more = "more" if better == "yes" else "less"
    problem = (
        f"the source is said to favour {_arm(favours)}, and {more} of this is better, but the numbers say the other"
    )
    to_fix = "Compare with the paper: arms may be swapped, a sign turned, or favours or higher_is_better wrong."
    expected = "numbers that agree with favours"
    return [warn("C37", problem, row, file=file, column=against[0], expected=expected, to_fix=to_fix)]


def _arm(name: str) -> str:
    return f"arm {name[-1]}"


def _signs(row: Row) -> Iterator[tuple[str, bool]]:
    """Yield each number or pair of numbers that differs, and whether arm 1 has more of the outcome."""
    estimate, scale = row.get("estimate"), row.get("estimate_scale")
    null = 1.0 if scale in LOG_SCALES else 0.0
    if estimate is not None and scale in LOG_SCALES | SIGNED and estimate != null:
        yield "estimate", estimate > null
    if None not in (row.get("events_arm1"), row.get("events_arm2")):
        one, two = (proportion(row, arm) for arm in ARMS)
        if one is not None and two is not None and one[0] != two[0] and row.get("n_arm1") and row.get("n_arm2"):
            yield "events_arm1", one[0] > two[0]
    for name in _LEVELS:
        one, two = (row.get(f"{name}_{arm}") for arm in ARMS)
        # Means may differ the other way where people started apart: then the change counts.
        started_apart = name == "mean" and (
            row.get("pre_mean_arm1") is not None or row.get("mean_change_arm1") is not None
        )
        if None not in (one, two) and one != two and not started_apart:
            yield f"{name}_arm1", one > two
