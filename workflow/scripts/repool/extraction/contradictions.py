"""Numbers of one result row that contradict each other: doubts, for sources may print them so."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from repool.extraction.p_values import P_DIFFERENCE, p_contradicts, p_of_statistic, p_of_z
from repool.extraction.printed import Span, half_unit, words
from repool.extraction.row_problems import warn
from repool.problems import Problem

#: Smaller p-values are told as being below this.
P_PRINTED = 0.001


def doubts_of(row: Mapping[str, Any], *, file: str) -> list[Problem]:
    """Return the contradictions within one row of an extraction file.

    Parameters
    ----------
    row : mapping
        Cells as float, str or None, with "line" and, where known, the typed texts under "printed".
    file : str
        Name of the file, for messages.

    Returns
    -------
    list of Problem
        Warnings.
    """
    return [*_unclear_scale(row, file), *_percents(row, file), *_p_values(row, file)]


def _unclear_scale(row: Mapping[str, Any], file: str) -> list[Problem]:
    if row.get("estimate") is None or row.get("estimate_scale") != "unclear":
        return []
    return [
        warn(
            "C17",
            "the scale of this printed estimate is unclear",
            row,
            file=file,
            column="estimate",
            expected="an estimate whose scale is known",
            to_fix="It is not used. Ask the authors.",
        )
    ]


def _percents(row: Mapping[str, Any], file: str) -> list[Problem]:
    """Warn of a percent that is no count of the arm, or not the printed count."""
    problems = []
    if row.get("percent_of") is not None:
        return []
    for arm in ("arm1", "arm2"):
        percent, n, events = (row.get(f"{name}_{arm}") for name in ("percent", "n", "events"))
        if percent is None or not n:
            continue
        count = events if events is not None else round(percent / 100 * n, 0)
        implied = 100 * count / n
        if abs(implied - percent) > half_unit(row, f"percent_{arm}") + 1e-9:
            problems.append(
                warn(
                    "C19",
                    f"{percent:g} % of {n:g} people is no whole number of people; "
                    f"the nearest, {count:g}, is {implied:.1f} %"
                    if events is None
                    else f"{percent:g} % of {n:g} people is not {events:g}; {events:g} is {implied:.1f} %",
                    row,
                    file=file,
                    column=f"percent_{arm}",
                    expected="a percent that a whole number of people gives",
                    to_fix="Compare with the paper; the denominator may be another.",
                )
            )
    return problems


def _p_values(row: Mapping[str, Any], file: str) -> list[Problem]:
    """Warn of a p-value that does not follow from the printed statistic or counts."""
    recomputed, what, difference = p_of_statistic(row), "statistic", P_DIFFERENCE
    # A statistic and its p-value belong together, whatever they test; counts tell of one contrast only.
    if recomputed is None and row.get("p_scope") == "contrast" and row.get("adjusted") != "yes":
        recomputed, what, difference = _p_of_counts(row), "counts", None
    if recomputed is None or not p_contradicts(row, recomputed, difference=difference):
        return []
    return [p_warning(row, f"the printed {what}", recomputed, file=file)]


def p_warning(row: Mapping[str, Any], what: str, recomputed: Span, *, file: str) -> Problem:
    """Return the doubt that the printed p-value does not follow from other numbers of its row.

    Parameters
    ----------
    row : mapping
        With p and p_op.
    what : str
        The other numbers, in words and in the plural.
    recomputed : tuple of float
        Lowest and highest p-value that they give.
    file : str
        Name of the file, for messages.
    """
    low, high = (f"= {value:.3f}" if value >= P_PRINTED else f"< {P_PRINTED:g}" for value in recomputed)
    p = "" if row.get("p") is None else f" {row['p']:g}"
    return warn(
        "C20",
        f"{what} give{'s' if what.endswith('statistic') else ''} p "
        + (low if low == high else f"= {words(recomputed)}"),
        row,
        file=file,
        column="p",
        found=f"p {row.get('p_op')}{p}",
        expected="numbers of one row that agree",
        to_fix="Compare with the paper; one of them is wrong.",
    )


def _p_of_counts(row: Mapping[str, Any]) -> Span | None:
    """Return Pearson's chi-squared p-value of a two-by-two table (1 df, no correction)."""
    cells = [row.get(name) for name in ("events_arm1", "n_arm1", "events_arm2", "n_arm2")]
    if any(cell is None for cell in cells) or row.get("paired") == "yes" or row.get("comparator") == "pre":
        return None
    events1, n1, events2, n2 = cells
    if not (n1 and n2):
        return None
    share = (events1 + events2) / (n1 + n2)
    if not 0 < share < 1:
        return None
    z = (events1 / n1 - events2 / n2) / math.sqrt(share * (1 - share) * (1 / n1 + 1 / n2))
    return p_of_z(z), p_of_z(z)
