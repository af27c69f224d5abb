"""Column specifications: what a table may hold, and whether a cell holds it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from repool.problems import Problem, did_you_mean
from repool.tables import Table, is_missing

ARMS = ("arm1", "arm2")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_DATE = re.compile(
    r"(\d{1,2}[-. /](jan|feb|mar|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)\w*)|"
    r"((jan|feb|mar|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)\w*[-. /]\d{1,4})|(\d{1,4}[-/]\d{1,2}[-/]\d{1,4})",
    re.IGNORECASE,
)
#: Codes by which other programs mark a missing value.
_MISSING_CODES = frozenset({"-9", "-99", "-999", "99", "999", "9999"})


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name : str
        Name in the header.
    type : {"text", "number", "whole", "percent", "probability", "choice"}
        What its cells hold.
    required : bool
        Whether a row must fill it.
    description, example : str
        For the data dictionary.
    choices : tuple of str
        Allowed values of a choice.
    minimum, maximum : float or None
        Allowed range, ends included.
    needs : tuple of str
        Columns that must be filled when this one is.
    is_moderator : bool
        Whether an analysis may regress on it: then the column must stand in the header.
    """

    name: str
    type: str
    required: bool
    description: str
    example: str
    choices: tuple[str, ...]
    minimum: float | None
    maximum: float | None
    needs: tuple[str, ...]
    is_moderator: bool = False

    @property
    def is_number(self) -> bool:
        """Whether the cells are numbers."""
        return self.type in {"number", "whole", "percent", "probability"}

    @property
    def expected(self) -> str:
        """What a cell must hold, in words."""
        if self.type == "choice":
            return "one of " + ", ".join(self.choices)
        if not self.is_number:
            return "text"
        words = "a whole number" if self.type == "whole" else "a number"
        if self.minimum is not None and self.maximum is not None:
            return f"{words} from {self.minimum:g} to {self.maximum:g}"
        if self.minimum is not None:
            return f"{words}, {self.minimum:g} or more"
        return words


def columns_of(specification: Mapping[str, Any]) -> list[Column]:
    """Return the columns of a specification, those of arms written out for both arms.

    Parameters
    ----------
    specification : mapping
        Content of a file of workflow/schemas, with a list under "columns".

    Returns
    -------
    list of Column
        In the order of the specification.
    """
    columns = []
    for entry in specification["columns"]:
        names = [f"{entry['name']}_{arm}" for arm in ARMS] if entry.get("arms") else [entry["name"]]
        for name in names:
            columns.append(
                Column(
                    name=name,
                    type=entry["type"],
                    required=bool(entry.get("required")),
                    description=entry["description"],
                    example=str(entry.get("example", "")),
                    choices=tuple(str(c) for c in entry.get("choices", ())),
                    minimum=entry.get("minimum"),
                    maximum=entry.get("maximum"),
                    needs=tuple(entry.get("needs", ())),
                )
            )
    return columns


def check_cells(table: Table, columns: list[Column], *, row_name: str) -> tuple[list[dict[str, Any]], list[Problem]]:
    """Return the rows with numbers as floats and blanks as None, and every fault of a cell.

    Parameters
    ----------
    table : Table
        The table as typed.
    columns : list of Column
        Its specification; columns missing from the header are blank.
    row_name : str
        Column that names a row in messages.

    Returns
    -------
    rows : list of dict
        One mapping column -> str, float or None per row, with "line" added.
    problems : list of Problem
        Errors and warnings.
    """
    rows, problems = [], []
    for cells, line in zip(table.rows, table.lines, strict=True):
        row: dict[str, Any] = {"line": line}
        name = cells.get(row_name, "")
        for column in columns:
            value, problem = _value(cells.get(column.name, ""), column, decimal_comma=table.decimal_comma)
            row[column.name] = value
            if problem is not None:
                severity, rule, what, to_fix = problem
                problems.append(
                    Problem(severity=severity, rule=rule, file=table.file, line=line, column=column.name,
                            found=cells.get(column.name, ""), problem=what, expected=column.expected, to_fix=to_fix,
                            row_name=name)
                )
        problems += _unmet_needs(row, columns, table.file, name)
        rows.append(row)
    return rows, problems


def _value(cell: str, column: Column, *, decimal_comma: bool) -> tuple[Any, tuple[str, str, str, str] | None]:
    if column.type == "text":
        # A study may be called "NA": only a dash-like mark or nothing at all is blank in a text.
        blank = not cell or (not column.required and is_missing(cell))
    else:
        blank = is_missing(cell)
    if blank:
        fault = ("error", "C01", "this cell must be filled", "Fill it from the paper.") if column.required else None
        return None, fault
    if column.type == "text":
        return cell, None
    if column.type == "choice":
        if cell in column.choices:
            return cell, None
        return None, ("error", "C02", "this is not an allowed word", did_you_mean(cell, column.choices))
    # A dash that a word processor made of a minus.
    cell = re.sub(r"^[–—](?=[\d.,])", "-", cell)
    return _number(cell.replace(",", ".") if decimal_comma else cell, column)


def _number(cell: str, column: Column) -> tuple[float | None, tuple[str, str, str, str] | None]:
    if not _NUMBER.fullmatch(cell):
        return None, ("error", *_why_no_number(cell))
    value = float(cell)
    if not math.isfinite(value):
        return None, ("error", "C03", "this number is too large for any computer", "Compare it with the paper.")
    if column.type == "whole" and value != int(value):
        return None, ("error", "C04", "this is not a whole number", "Type the count that the paper prints.")
    too_small = column.minimum is not None and value < column.minimum
    too_large = column.maximum is not None and value > column.maximum
    if too_small or too_large:
        if cell in _MISSING_CODES:
            return None, ("error", "C05", f"{cell} is outside the range; it looks like a code for a missing value", "Leave the cell blank.")
        return None, ("error", "C05", "this number is outside the possible range", "Compare it with the paper.")
    if cell in _MISSING_CODES and column.type == "number":
        return value, ("warning", "C06", f"{cell} is a usual code for a missing value", "If it means missing, leave the cell blank.")
    return value, None


def _why_no_number(cell: str) -> tuple[str, str, str]:
    """Return (rule, problem, what to do) for a cell that is no number."""
    if _DATE.fullmatch(cell):
        return "C07", "a spreadsheet has turned this number into a date", "Type it again in a column formatted as text."
    if re.fullmatch(r"[+-]?\d{1,3}([, ]\d{3})+(\.\d+)?", cell):
        return "C08", "cannot tell a thousands mark from a decimal mark", "Type the number without thousands marks, with a decimal point."
    if re.fullmatch(r"[+-]?\d+,\d+", cell):
        return "C08", "a decimal comma, in a file that writes a decimal point", "Type a decimal point."
    if re.fullmatch(r"[<>=≤≥]\s*\.?\d.*", cell):
        return "C09", "a sign stands before the number", 'Put the sign into its own column ("p_op" for p-values), the number here.'
    if re.fullmatch(r"\d+(\.\d+)?\s*/\s*\d+", cell):
        return "C09", "two numbers in one cell", 'Put the first into "events_...", the second into "n_...".'
    if re.fullmatch(r"[+-]?[\d.]+\s*(\(.*\)|±.*|\[.*\])", cell):
        return "C09", "two numbers in one cell", "Put each into its own column (events and percent, or mean and sd)."
    if re.fullmatch(r"[\d.]+\s*%", cell):
        return "C09", "a percent sign", "Type the number alone; the column says that it is a percent."
    if cell.startswith("#"):
        return "C10", "a spreadsheet error", "Type the number again."
    return "C03", "this is not a number", "Type the number alone, with a decimal point; leave the cell blank if it is not printed."


def _unmet_needs(row: Mapping[str, Any], columns: list[Column], file: str, name: str) -> list[Problem]:
    problems = []
    for column in columns:
        if row[column.name] is None:
            continue
        for needed in column.needs:
            if row.get(needed) is None:
                problems.append(
                    Problem(severity="error", rule="C11", file=file, line=row["line"], column=needed, found="",
                            problem=f'"{column.name}" is filled, but this cell is blank', expected=f'"{needed}" beside "{column.name}"',
                            to_fix="Fill it, or leave both blank.", row_name=name)
                )
    return problems
