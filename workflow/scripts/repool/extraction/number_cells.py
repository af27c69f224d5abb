"""Numbers as people type them: read for certain, or refused with the reason."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

#: Codes by which other programs mark a missing value.
MISSING_CODES = frozenset({"-9", "-99", "-999", "99", "999", "9999"})
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_MONTH = r"(jan|feb|mar|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)\w*"


@dataclass(frozen=True)
class Doubt:
    """What is wrong with a cell.

    Parameters
    ----------
    severity : {"error", "warning"}
        Whether the cell can be used.
    rule : str
        Number of the rule in docs/checks.md.
    problem, to_fix : str
        What is wrong, and what to do.
    """

    severity: str
    rule: str
    problem: str
    to_fix: str


#: Cells that are no numbers: pattern, rule, what is wrong, what to do. The first that fits counts.
_NOT_NUMBERS = tuple(
    (re.compile(pattern, re.IGNORECASE), Doubt("error", rule, problem, to_fix))
    for pattern, rule, problem, to_fix in (
        (
            rf"\d{{1,2}}[-. /]+{_MONTH}|{_MONTH}[-. /]+\d{{1,4}}|\d{{1,4}}([-/]\d{{1,4}}){{2}}",
            "C07",
            "a spreadsheet has turned this number into a date",
            "Type it again in a column formatted as text.",
        ),
        (
            r"[+-]?\d{1,3}([, ]\d{3})+(\.\d+)?",
            "C08",
            "cannot tell a thousands mark from a decimal mark",
            "Type the number without thousands marks, with a decimal point.",
        ),
        (
            r"[+-]?\d+,\d+",
            "C08",
            "a decimal comma, in a file that writes a decimal point",
            "Type a decimal point.",
        ),
        (
            r"[<>=≤≥]\s*\.?\d.*",
            "C09",
            "a sign stands before the number",
            'Put the sign into its own column ("p_op" for p-values), the number here.',
        ),
        (
            r"\d+(\.\d+)?\s*/\s*\d+",
            "C09",
            "two numbers in one cell",
            'Put the first into "events_...", the second into "n_...".',
        ),
        (
            r"[+-]?[\d.]+\s*(\(.*\)|±.*|\[.*\])",
            "C09",
            "two numbers in one cell",
            "Put each into its own column (events and percent, or mean and sd).",
        ),
        (
            r"[\d.]+\s*%",
            "C09",
            "a percent sign",
            "Type the number alone; the column says that it is a percent.",
        ),
        (r"#.*", "C10", "a spreadsheet error", "Type the number again."),
        (
            r".*",
            "C03",
            "this is not a number",
            "Type the number alone, with a decimal point; leave the cell blank if none is printed.",
        ),
    )
)


def number_in(
    cell: str, *, whole: bool, minimum: float | None, maximum: float | None, decimal_comma: bool
) -> tuple[float | None, Doubt | None]:
    """Return the number in a cell, or why there is none for certain.

    Parameters
    ----------
    cell : str
        A cell that is not blank.
    whole : bool
        Whether only whole numbers are possible.
    minimum, maximum : float or None
        Possible range, ends included.
    decimal_comma : bool
        Whether the file writes a decimal comma.

    Returns
    -------
    number : float or None
        None if it cannot be used.
    doubt : Doubt or None
        What is wrong with it.
    """
    # A dash that a word processor made of a minus.
    cell = re.sub(r"^[–—](?=[\d.,])", "-", cell)
    cell = cell.replace(",", ".") if decimal_comma else cell
    if not _NUMBER.fullmatch(cell):
        return None, next(doubt for pattern, doubt in _NOT_NUMBERS if pattern.fullmatch(cell))
    value = float(cell)
    if not math.isfinite(value):
        problem = "this number is larger than any that can be computed with"
        return None, Doubt("error", "C03", problem, "Compare it with the paper.")
    if whole and value != int(value):
        problem, to_fix = "this is not a whole number", "Type the count that the paper prints."
        return None, Doubt("error", "C04", problem, to_fix)
    too_small = minimum is not None and value < minimum
    if too_small or (maximum is not None and value > maximum):
        return None, _outside(cell)
    # Counts and percents reach 99 and 999 in earnest.
    if cell in MISSING_CODES and not whole and maximum is None:
        problem = f"{cell} is a usual code for a missing value"
        return value, Doubt("warning", "C06", problem, "If it means missing, leave the cell blank.")
    return value, None


def _outside(cell: str) -> Doubt:
    if cell in MISSING_CODES:
        problem = "this is outside the possible range; it looks like a code for a missing value"
        return Doubt("error", "C05", problem, "Leave the cell blank.")
    problem = "this number is outside the possible range"
    return Doubt("error", "C05", problem, "Compare it with the paper.")
