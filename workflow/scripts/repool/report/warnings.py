"""Warnings about the extracted data: those that nobody has looked at, and those that stand for a reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from repool.report import terms
from repool.report import words as say
from repool.report.view import Cell, Table, longs, table

Row = Mapping[str, Any]
#: One row per warning of results/checks/problems.csv.
WARNINGS = (
    *("status", "rule", "study_id", "label", "result_id", "term", "file", "column", "found", "problem", "expected"),
    *("fate", "verbatim", "reason", "initials"),
)
#: Status -> heading, in the order of the report.
STATUSES = {"open": "Open: nobody has said yet why it stands", "acknowledged": "Looked at, and left to stand"}
_FOLDER = "data/extraction/"


def warning_rows(problems: Iterable[Row], *, ledger: Iterable[Row], labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return every warning with its study, and with what became of its result.

    Parameters
    ----------
    problems : iterable of mapping
        Rows of results/checks/problems.csv.
    ledger : iterable of mapping
        Rows of `report_counts.ledger_rows`.
    labels : mapping
        study_id -> label.

    Returns
    -------
    list of dict
        Columns `WARNINGS`, those that are open first.
    """
    results = {row["result_id"]: row for row in ledger}
    rows = []
    for problem in problems:
        if problem["severity"] != "warning":
            continue
        result = results.get(problem["row_name"], {})
        study_id = _study(problem)
        # The fate and the words of the source are those of the result; a warning about a study has neither.
        known = {name: result.get(name, "") for name in ("result_id", "term", "fate", "verbatim")}
        rows.append({**problem, **known, "study_id": study_id, "label": labels.get(study_id, "")})
    order = list(STATUSES)
    return sorted(rows, key=lambda row: order.index(row["status"]))


def _study(problem: Row) -> str:
    if problem["file"].startswith(_FOLDER):
        return problem["file"].removeprefix(_FOLDER).removesuffix(".csv")
    return problem["row_name"]


def warnings_table(rows: Sequence[Row]) -> Table | None:
    """Return the warnings as a table, or None where there is none.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of `warning_rows`.
    """
    heads = [*longs("Study", "Result", "Doubt", "Why it stands"), "Then"]
    groups = [(title, [_cells(row) for row in rows if row["status"] == name]) for name, title in STATUSES.items()]
    return table("warnings-table", "Warnings about the extracted data", heads, groups, csv="tables/warnings.csv")


def _cells(row: Row) -> list[str | Cell]:
    study = Cell(text=row["label"], href=say.link("study", row["study_id"])) if row["label"] else row["file"]
    printed = f"the source prints: {row['verbatim']}" if row["verbatim"] else ""
    result = Cell(text=row["term"], small="; ".join(filter(None, (row["result_id"], printed))))
    doubt = Cell(text=row["problem"], small=f"{row['column']}: {row['found'] or 'blank'}; {row['rule']}")
    why = Cell(text=row["reason"] or say.BLANK, small=row["initials"])
    return [study, result if row["result_id"] else say.BLANK, doubt, why, terms.FATES.get(row["fate"], "").lower()]


def warnings_sentence(rows: Sequence[Row]) -> str:
    """Return how many warnings there are, and how many of them are open.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of `warning_rows`.
    """
    if not rows:
        return "The check of the extracted data raised no warning."
    count = sum(row["status"] == "open" for row in rows)
    raised = f"The check raised {say.plural(len(rows), 'warning', 'warnings')}"
    if not count:
        return f"{raised}; each was looked at and stands for a reason."
    return f"{raised}; {say.whole(count)} {'is' if count == 1 else 'are'} open."
