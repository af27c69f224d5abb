"""The flow of studies as reviewers counted it: the template of the R package PRISMA2020, read and summed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from repool.extraction.tables import is_missing

Row = Mapping[str, Any]

PRISMA = "data/prisma.csv"
#: Rows whose number may be a list of parts, each with its own.
LISTS = ("database_specific_results", "register_specific_results", "dbr_excluded", "other_excluded")
#: Rows that hold a number, in the order of the flow. "dbr" is by databases and registers, "other" by other methods.
COUNTED = (
    *("previous_studies", "previous_reports"),
    *("database_results", "database_specific_results", "register_results", "register_specific_results"),
    *("website_results", "organisation_results", "citations_results"),
    *("duplicates", "excluded_automatic", "excluded_other", "records_screened", "records_excluded"),
    *("dbr_sought_reports", "dbr_notretrieved_reports", "dbr_assessed", "dbr_excluded"),
    *("other_sought_reports", "other_notretrieved_reports", "other_assessed", "other_excluded"),
    *("new_studies", "new_reports", "total_studies", "total_reports", "total_studies_ma", "total_reports_ma"),
)
#: Rows of the template that are headings, although they have a name.
HEADINGS = ("identification", "screening", "included")
_THOUSANDS = re.compile(r"\d{1,3}([, ]\d{3})+")


@dataclass(frozen=True)
class Count:
    """One number of the flow.

    Parameters
    ----------
    n : int or None
        The number; None where it is not recorded.
    parts : tuple of (str, int or None)
        Reasons or sources with their numbers, where they are told apart.
    """

    n: int | None
    parts: tuple[tuple[str, int | None], ...] = ()


@dataclass(frozen=True)
class Balance:
    """A number that follows from others: `result` is the sum of `plus` less the sum of `minus`."""

    result: str
    plus: tuple[str, ...]
    minus: tuple[str, ...] = ()


#: What the flow diagram implies (Page et al. 2021, BMJ 372:n71, figure 1). Records that are sought by other methods
#: need not be all that were found there, so nothing is asked of them.
BALANCES = (
    Balance(
        "records_screened",
        ("database_results", "register_results"),
        ("duplicates", "excluded_automatic", "excluded_other"),
    ),
    Balance("dbr_sought_reports", ("records_screened",), ("records_excluded",)),
    Balance("dbr_assessed", ("dbr_sought_reports",), ("dbr_notretrieved_reports",)),
    Balance("other_assessed", ("other_sought_reports",), ("other_notretrieved_reports",)),
    Balance("new_reports", ("dbr_assessed", "other_assessed"), ("dbr_excluded", "other_excluded")),
    Balance("total_studies", ("previous_studies", "new_studies")),
    Balance("total_reports", ("previous_reports", "new_reports")),
    Balance("database_results", ("database_specific_results",)),
    Balance("register_results", ("register_specific_results",)),
)


def prisma_counts(rows: Iterable[Row]) -> dict[str, Count]:
    """Return every number of the flow by its name in the template.

    Parameters
    ----------
    rows : iterable of mapping
        Rows of data/prisma.csv with "data" and "n" as text or None, without errors.

    Returns
    -------
    dict
        Every name of `COUNTED` -> its number; not recorded where the row is blank or missing.
    """
    found = {row["data"]: count_in(row["data"], row["n"]) for row in rows if row["data"] in COUNTED}
    return {name: found.get(name) or Count(None) for name in COUNTED}


def count_in(name: str, cell: str | None) -> Count | None:
    """Return what a cell counts; None where it cannot be read.

    Parameters
    ----------
    name : str
        Name of the row in the template.
    cell : str or None
        A whole number; for the rows of `LISTS` also parts such as "Wrong population, 10; No control group, 3". A part
        without a number is one whose number is not recorded.
    """
    text = (cell or "").strip()
    if is_missing(text):
        return Count(None)
    if text.isascii() and text.isdigit():
        return Count(int(text))
    if name not in LISTS or _THOUSANDS.fullmatch(text):
        return None
    parts = [_part(part) for part in text.split(";") if part.strip()]
    if not parts or None in parts:
        return None
    known = [number for _, number in parts if number is not None]
    return Count(sum(known) if len(known) == len(parts) else None, tuple(parts))


def broken_balances(counts: Mapping[str, Count]) -> Iterator[tuple[Balance, str, int]]:
    """Yield every number that does not follow from the others.

    Parameters
    ----------
    counts : mapping
        As `prisma_counts` returns them.

    Yields
    ------
    balance : Balance
        The rows.
    relation : {"", "at most ", "at least "}
        What was asked: where a number is not recorded, a sum still gives a bound, since no count is negative.
    expected : int
        The sum of what is recorded.
    """
    for balance in BALANCES:
        result = counts[balance.result].n
        plus = [counts[name].n for name in balance.plus]
        minus = [counts[name].n for name in balance.minus]
        if result is None or (None in plus and None in minus) or all(number is None for number in plus):
            continue
        expected = sum(filter(None, plus)) - sum(filter(None, minus))
        if None in minus:
            relation, holds = "at most ", result <= expected
        elif None in plus:
            relation, holds = "at least ", result >= expected
        else:
            relation, holds = "", result == expected
        if not holds:
            yield balance, relation, expected


def _part(text: str) -> tuple[str, int | None] | None:
    """Return a reason with its number; None where what stands behind its last comma is no number."""
    words, comma, number = text.strip().rpartition(",")
    if not comma:
        return text.strip(), None
    number = number.strip()
    if is_missing(number):
        return words.strip(), None
    return (words.strip(), int(number)) if words.strip() and number.isascii() and number.isdigit() else None
