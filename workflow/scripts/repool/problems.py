"""Faults found at the door, said so that a reviewer can mend them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from repool.files import csv_text

#: Columns of results/checks/problems.csv.
COLUMNS = [
    "severity",
    "rule",
    "file",
    "line",
    "column",
    "row_name",
    "found",
    "problem",
    "expected",
    "to_fix",
    "status",
    "reason",
    "initials",
]


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One fault (error) or doubt (warning) in a table or in the configuration.

    Parameters
    ----------
    severity : {"error", "warning"}
        An error stops the run; a warning is shown and listed.
    rule : str
        Number of the rule in docs/checks.md.
    file : str
        File as the reviewer knows it, relative to the review's folder.
    line : int or None
        Line as a spreadsheet shows it: the header is line 1.
    column : str
        Column or setting.
    found, problem, expected, to_fix : str
        What stands there, what is wrong with it, what would be right, what to do.
    row_name : str
        Name of the row (result or study), so that it is found after sorting.
    status : {"open", "acknowledged"}
        Whether data/acknowledged.csv says why a warning stands.
    reason, initials : str
        What it says, and who says it.
    """

    severity: str
    rule: str
    file: str
    line: int | None
    column: str
    found: str
    problem: str
    expected: str
    to_fix: str
    row_name: str = ""
    status: str = "open"
    reason: str = ""
    initials: str = ""

    def as_record(self) -> dict[str, str]:
        """Return the problem as one row of problems.csv."""
        record = {name: str(getattr(self, name)) for name in COLUMNS}
        record["line"] = "" if self.line is None else str(self.line)
        return record

    def as_text(self) -> str:
        """Return the problem as the block of lines shown on the screen."""
        where = self.file
        if self.line is not None:
            where += f", line {self.line}"
        if self.column:
            where += f', column "{self.column}"'
        if self.row_name:
            where += f" ({self.row_name})"
        lines = [
            where,
            f"  found     {self.found or '(blank)'}",
            f"  problem   {self.problem}",
            f"  expected  {self.expected}",
            f"  to fix    {self.to_fix}",
            f"  rule      {self.rule}  docs/checks.md",
        ]
        return "\n".join(lines)


def fault(
    rule: str,
    problem: str,
    *,
    file: str,
    expected: str,
    to_fix: str,
    line: int | None = None,
    column: str = "",
    found: str | None = "",
    row_name: str | None = "",
) -> Problem:
    """Return an error: something that stops the run (the parameters are those of `Problem`)."""
    return Problem(
        severity="error",
        rule=rule,
        file=file,
        line=line,
        column=column,
        found=found or "",
        problem=problem,
        expected=expected,
        to_fix=to_fix,
        row_name=row_name or "",
    )


class ReviewError(Exception):
    """The review cannot be analysed as it stands.

    Parameters
    ----------
    problems : list of Problem
        Everything that was found, warnings included.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = in_order(problems)
        super().__init__(summary(self.problems))


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems sorted by file, line, column and rule."""
    return sorted(problems, key=lambda p: (p.file, p.line or 0, p.column, p.rule, p.found))


def errors(problems: Iterable[Problem]) -> list[Problem]:
    """Return those problems that stop the run."""
    return [problem for problem in problems if problem.severity == "error"]


def open_warnings(problems: Iterable[Problem]) -> list[Problem]:
    """Return the warnings that nobody has acknowledged."""
    return [problem for problem in problems if problem.severity == "warning" and problem.status == "open"]


def summary(problems: Iterable[Problem]) -> str:
    """Return all errors as text, followed by one line that counts.

    Parameters
    ----------
    problems : iterable of Problem
        Errors and warnings in any order.

    Returns
    -------
    str
        The text for the screen; warnings that are not acknowledged are counted, not repeated.
    """
    problems = in_order(problems)
    faults = errors(problems)
    blocks = [problem.as_text() for problem in faults]
    doubts = len(open_warnings(problems))
    what = "1 problem must be fixed" if len(faults) == 1 else f"{len(faults)} problems must be fixed"
    blocks.append(f"{what}, {doubts} {'needs' if doubts == 1 else 'need'} a look. Nothing was analysed.")
    return "\n\n".join(blocks)


def problem_table(problems: Iterable[Problem]) -> str:
    """Return problems as the text of problems.csv."""
    return csv_text((problem.as_record() for problem in in_order(problems)), columns=COLUMNS)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint with the closest known word, or the list of known ones.

    Parameters
    ----------
    word : str
        What was typed.
    known : iterable of str
        What is allowed.

    Returns
    -------
    str
        A sentence for the `to_fix` field.
    """
    known = sorted(known)
    if not known:
        return "None is declared yet; declare it first."
    lowered = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold(), list(lowered), n=1, cutoff=0.6)
    if close:
        return f'Did you mean "{lowered[close[0]]}"?'
    return "Use one of: " + ", ".join(known[:30]) + (", ..." if len(known) > 30 else "")
