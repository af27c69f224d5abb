"""From the tables of a review to one workbook that says what each of them holds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from repool.report.workbook import Sheet, workbook_bytes

Row = Mapping[str, str]
#: Columns of the first sheet, and of the second.
CONTENTS, COLUMNS = ("sheet", "rows", "holds", "file"), ("sheet", "column", "meaning")
#: What a reader must know of all sheets.
NOTES = (
    "Every number stands here in full; report.html rounds.",
    "Effects and intervals are on the scale of analysis: ratios are natural logarithms, and columns that end in _exp "
    "hold the ratios themselves.",
    "An empty cell has no value; the columns note and reason say why.",
    "The sheet Columns says what each column means, and its unit.",
)


def workbook_file(
    tables: Mapping[str, Sequence[Row]], *, specification: Mapping[str, Any], title: str, question: str
) -> bytes:
    """Return the workbook of a review.

    Parameters
    ----------
    tables : mapping
        File of a table -> its rows, all cells as text; tables of the same kind of every analysis become one sheet.
    specification : mapping
        Content of results.yaml: "words" (column -> meaning), "numbers" (columns of numbers) and "tables".
    title, question : str
        Of the review.

    Returns
    -------
    bytes
        An xlsx file with "Read me", "Columns" and one sheet per kind of table.

    Raises
    ------
    ValueError
        If a table is not described in the specification.
    """
    known = {entry["file"]: entry for entry in specification["tables"]}
    kinds: dict[str, list[Row]] = {}
    for file, rows in tables.items():
        kind = re.sub(r"^(results/analyses/)[^/]+", r"\1<analysis>", file)
        if kind not in known:
            raise ValueError(f"{kind} is not described in workflow/schemas/results.yaml")
        kinds.setdefault(kind, []).extend(rows)
    numbers = frozenset(specification["numbers"])
    sheets = [
        Sheet(name=_name(kind), columns=known[kind]["columns"], rows=rows, numbers=numbers)
        for kind, rows in kinds.items()
    ]
    entries = [known[kind] for kind in kinds]
    columns = Sheet(name="Columns", columns=COLUMNS, rows=_meanings(entries, specification["words"]), is_prose=True)
    front = _read_me(entries, sheets, title=title, question=question)
    return workbook_bytes([front, columns, *sheets], title=title)


def _name(file: str) -> str:
    return file.rpartition("/")[2].removesuffix(".csv")


def _meanings(entries: Sequence[Mapping[str, Any]], words: Mapping[str, str]) -> list[Row]:
    """Return the meaning of every column; what the table itself says of one goes first."""
    return [
        {"sheet": _name(entry["file"]), "column": column, "meaning": (words | entry.get("here", {}))[column]}
        for entry in entries
        for column in entry["columns"]
    ]


def _read_me(entries: Sequence[Mapping[str, Any]], sheets: Sequence[Sheet], *, title: str, question: str) -> Sheet:
    """Return the first sheet: which sheets there are, and below them what to know of all."""
    rows = [
        {"sheet": sheet.name, "rows": str(len(sheet.rows)), "holds": entry["title"], "file": entry["file"]}
        for entry, sheet in zip(entries, sheets, strict=True)
    ]
    notes = [{"holds": note} for note in (title, question, *NOTES)]
    return Sheet(name="Read me", columns=CONTENTS, rows=[*notes, *rows], numbers=frozenset({"rows"}), is_prose=True)
