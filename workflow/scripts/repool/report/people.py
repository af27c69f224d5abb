"""The people behind each analysis: how many are known, enter it, and are left out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from repool.figures.words import number
from repool.report import words as say
from repool.report.view import Table, longs, numbers, table

Row = Mapping[str, Any]
#: One row per analysis and cohort that reports its outcome.
PARTICIPANTS = ("analysis", "title", "cohort_id", "n_known", "n_used", "n_left_out", "reason")


def participant_rows(
    plan: Mapping[str, Row], results: Mapping[str, Mapping[str, Sequence[Row]]]
) -> list[dict[str, Any]]:
    """Return the people of each cohort in each analysis.

    Parameters
    ----------
    plan : mapping
        Analysis -> row of config/analyses.csv.
    results : mapping
        Analysis -> table -> rows, with the table "participants" of each.
    """
    return [
        {**row, "analysis": name, "title": analysis["title"]}
        for name, analysis in plan.items()
        for row in results[name]["participants"]
    ]


def participants_table(rows: Sequence[Row]) -> Table | None:
    """Return the people of each analysis in one line, or None where nothing was extracted.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of `participant_rows`.
    """
    heads = [*longs("Analysis"), *numbers("Cohorts", "Known", "Used", "Left out", "Cohorts of unknown size")]
    titles = dict.fromkeys(row["title"] for row in rows)
    lines = [_line(title, [row for row in rows if row["title"] == title]) for title in titles]
    caption = "The people of each planned analysis"
    return table("participants-table", caption, heads, [("", lines)], csv="tables/participants.csv")


def _line(title: str, rows: Sequence[Row]) -> list[str]:
    sums = [say.whole(_sum(row[name] for row in rows)) for name in ("n_known", "n_used", "n_left_out")]
    unknown = sum(number(row["n_known"]) is None for row in rows)
    return [title, say.whole(len(rows)), *sums, say.whole(unknown)]


def _sum(cells: Iterable[object]) -> float:
    return math.fsum(found for found in map(number, cells) if found is not None)
