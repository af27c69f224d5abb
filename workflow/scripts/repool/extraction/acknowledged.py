"""Warnings that a reviewer has looked at and lets stand, with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from repool.problems import Problem, did_you_mean, fault

Row = Mapping[str, Any]
ACKNOWLEDGED = "data/acknowledged.csv"
_FOLDER = "data/extraction/"
#: Rules of errors that become a warning when they are acknowledged: a source may print a sum that does not hold.
ERRORS_THAT_MAY_STAND = ("P03",)
#: Rules that can be a warning; a test holds them to the list in workflow/commands/check_rules.py.
WARNING_RULES = (
    *("T01", "C06", "C17", "C19", "C20", "C26", "C27", "C28", "C29", "C30", "C31", "C32", "C33", "C34"),
    *("C35", "C36", "C37", "C38", "C39", "C40", "C42", "C43", "C44", "R15", "R16", "R17"),
    *("U03", "U04", "U05", "U06", "B04", "B08", "P03", "P04", "P07"),
)


def acknowledge(problems: Iterable[Problem], rows: Iterable[Row]) -> list[Problem]:
    """Return the problems with those acknowledged that a row of data/acknowledged.csv names.

    Parameters
    ----------
    problems : iterable of Problem
        Errors and warnings; errors cannot be acknowledged, apart from `ERRORS_THAT_MAY_STAND`.
    rows : iterable of mapping
        Rows of data/acknowledged.csv, with "line". A blank study_id, result_id or column stands for any.

    Returns
    -------
    list of Problem
        The same problems, and a warning for each row that names none of them.
    """
    found = list(problems)
    used: set[int] = set()
    by_rule: dict[str, list[tuple[int, Row]]] = {}
    for place, row in enumerate(rows := list(rows)):
        by_rule.setdefault(row.get("rule") or "", []).append((place, row))
    marked = []
    for problem in found:
        fits = [(place, row) for place, row in by_rule.get(problem.rule, []) if _names(row, problem)]
        used |= {place for place, _ in fits}
        if fits:
            _, row = fits[0]
            words = {"reason": row.get("reason") or "", "initials": row.get("initials") or ""}
            problem = replace(problem, severity="warning", status="acknowledged", **words)
        marked.append(problem)
    stale = [row for place, row in enumerate(rows) if place not in used and row.get("rule") in WARNING_RULES]
    return marked + [_stale(row) for row in stale]


def check_acknowledged(rows: Iterable[Row], studies: Iterable[Row]) -> list[Problem]:
    """Return the errors of data/acknowledged.csv: rules and studies that do not exist.

    Parameters
    ----------
    rows, studies : iterable of mapping
        Rows of the two tables, the first with "line".
    """
    known = [row["study_id"] for row in studies if row.get("study_id")]
    problems = []
    for row in rows:
        place = {"file": ACKNOWLEDGED, "line": row["line"], "row_name": row.get("result_id") or row.get("study_id")}
        rule, study_id = row.get("rule"), row.get("study_id")
        if rule is not None and rule not in WARNING_RULES:
            words = {"column": "rule", "found": rule, "expected": "the rule of a warning; errors must be mended"}
            problem = "no warning has this rule"
            problems.append(fault("R18", problem, to_fix=did_you_mean(rule, WARNING_RULES), **words, **place))
        if study_id is not None and study_id not in known:
            words = {"column": "study_id", "found": study_id, "expected": "a known name"}
            problem = "this study is not in data/studies.csv"
            problems.append(fault("R02", problem, to_fix=did_you_mean(study_id, known), **words, **place))
    return problems


def _names(row: Row, problem: Problem) -> bool:
    """Return whether a row of data/acknowledged.csv names a problem of its rule."""
    if problem.severity != "warning" and problem.rule not in ERRORS_THAT_MAY_STAND:
        return False
    study_id = row.get("study_id")
    own_file = f"{_FOLDER}{study_id}.csv"
    if study_id is not None and problem.file != own_file and problem.row_name != study_id:
        return False
    if row.get("result_id") is not None and row["result_id"] != problem.row_name:
        return False
    return row.get("column") is None or row["column"] == problem.column


def _stale(row: Row) -> Problem:
    named = " ".join(filter(None, (row.get("rule"), row.get("study_id"), row.get("result_id"), row.get("column"))))
    return Problem(
        severity="warning",
        rule="R19",
        file=ACKNOWLEDGED,
        line=row["line"],
        column="rule",
        found=named,
        problem="there is no such warning any more",
        expected="a warning that `make check` shows",
        to_fix="Delete the row, or correct its names.",
        row_name=str(row.get("result_id") or row.get("study_id") or ""),
    )
