"""Column specifications: what a table may hold, and whether a cell holds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from repool.extraction.number_cells import Doubt, number_in
from repool.extraction.tables import Table, is_missing
from repool.problems import Problem, did_you_mean, fault

ARMS = ("arm1", "arm2")


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
    in_header : bool
        Whether the column must stand in the header although not every row fills it.
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
    in_header: bool = False

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
    """Return the columns of a specification, those of arms and those that are numbered written out.

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
        for name in _names_of(entry):
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
                    in_header=bool(entry.get("in_header")),
                )
            )
    return columns


def _names_of(entry: Mapping[str, Any]) -> list[str]:
    """Return the columns that one entry of a specification stands for."""
    if entry.get("arms"):
        return [f"{entry['name']}_{arm}" for arm in ARMS]
    if "numbered" in entry:
        return [f"{entry['name']}{number}" for number in range(1, entry["numbered"] + 1)]
    return [entry["name"]]


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
        place = {"file": table.file, "line": line, "row_name": cells.get(row_name, "")}
        for column in columns:
            row[column.name] = None
            # A column that is not in the header is one fault of the header, not one in every row.
            if column.name in table.columns:
                cell = cells[column.name]
                row[column.name], doubt = _value(cell, column, decimal_comma=table.decimal_comma)
                if doubt is not None:
                    problems.append(_problem(doubt, column, cell, place))
        problems += _unmet_needs(row, columns, place)
        rows.append(row)
    return rows, problems


def _value(cell: str, column: Column, *, decimal_comma: bool) -> tuple[Any, Doubt | None]:
    # A study may be called "NA": in a text that must be filled, only nothing at all is blank.
    if not cell or (is_missing(cell) and not (column.type == "text" and column.required)):
        blank = Doubt("error", "C01", "this cell must be filled", "Fill it from the paper.")
        return None, blank if column.required else None
    if column.type == "text" or cell in column.choices:
        return cell, None
    if column.type == "choice":
        to_fix = did_you_mean(cell, column.choices)
        return None, Doubt("error", "C02", "this is not an allowed word", to_fix)
    return number_in(
        cell,
        whole=column.type == "whole",
        minimum=column.minimum,
        maximum=column.maximum,
        decimal_comma=decimal_comma,
    )


def _problem(doubt: Doubt, column: Column, cell: str, place: Mapping[str, Any]) -> Problem:
    return Problem(
        severity=doubt.severity,
        rule=doubt.rule,
        column=column.name,
        found=cell,
        problem=doubt.problem,
        expected=column.expected,
        to_fix=doubt.to_fix,
        **place,
    )


def _unmet_needs(row: Mapping[str, Any], columns: list[Column], place: Mapping[str, Any]) -> list[Problem]:
    return [
        fault(
            "C11",
            f'"{column.name}" is filled, but this cell is blank',
            column=needed,
            expected=f'"{needed}" beside "{column.name}"',
            to_fix="Fill it, or leave both blank.",
            **place,
        )
        for column in columns
        if row[column.name] is not None
        for needed in column.needs
        if row.get(needed) is None
    ]
