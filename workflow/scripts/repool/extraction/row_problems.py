"""One problem of one extracted row, with its place filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from repool.problems import Problem

Row = Mapping[str, Any]
COMPARE = "Compare with the paper."


def tell(
    severity: str,
    rule: str,
    problem: str,
    row: Row,
    *,
    file: str,
    column: str,
    expected: str,
    to_fix: str,
    found: str | None = None,
) -> Problem:
    """Return a problem of one row (the parameters are those of `Problem`).

    Parameters
    ----------
    row : mapping
        The row, with "line" and "result_id".
    found : str, optional
        What stands there; the row's cell in that column where it is not given.
    """
    value = row.get(column)
    cell = value if isinstance(value, str) else "" if value is None else f"{value:g}"
    return Problem(
        severity=severity,
        rule=rule,
        file=file,
        line=row["line"],
        column=column,
        found=cell if found is None else found,
        problem=problem,
        expected=expected,
        to_fix=to_fix,
        row_name=str(row.get("result_id") or ""),
    )


def warn(rule: str, problem: str, row: Row, **place: Any) -> Problem:
    """Return a doubt about one row (see `tell`)."""
    return tell("warning", rule, problem, row, **place)


def refuse(rule: str, problem: str, row: Row, **place: Any) -> Problem:
    """Return an error of one row (see `tell`)."""
    return tell("error", rule, problem, row, **place)
