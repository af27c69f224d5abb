"""One vocabulary, one direction, one time axis; every row kept, or dropped with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from repool.extraction.specification import Column

#: Months in one unit of time (Gregorian year of 365.2425 days).
MONTHS_IN = {"days": 12 / 365.2425, "weeks": 7 * 12 / 365.2425, "months": 1.0, "years": 12.0}
#: Columns put in front of the numbers in results/harmonised/<study>.csv.
FRONT = [
    *("result_id", "study_id", "cohort_id", "outcome", "term", "term_higher_is_better"),
    *("flip", "priority", "time_months"),
]
LEDGER = [
    *("study_id", "result_id", "term", "outcome", "time_months", "fate", "reason", "warnings"),
    *("verbatim", "source", "locator"),
]
LINES = ["result_id", "file", "line"]
#: Columns for people: they go into the ledger or stay in the extraction file, so that editing one
#: converts nothing again.
_NOT_DATA = frozenset(
    {
        *("result_id", "outcome", "instrument", "outcome_source", "analysis_set", "covariates"),
        *("time", "time_unit", "verbatim", "derivation", "source", "locator", "note"),
    }
)
#: Why a result of a term without direction goes no further.
NO_DIRECTION = "nobody agrees whether more of this is better, so it has no direction"


def data_columns(columns: list[Column]) -> list[Column]:
    """Return those columns of the extraction that conversion reads."""
    return [column for column in columns if column.name not in _NOT_DATA]


def harmonise(
    extraction: Mapping[str, list[dict[str, Any]]],
    *,
    studies: list[dict[str, Any]],
    vocabulary: list[dict[str, Any]],
    outcomes: Mapping[str, Mapping[str, Any]],
    columns: list[Column],
    warnings: Mapping[str, list[str]],
) -> tuple[dict[str, list[dict[str, Any]]], list[dict[str, Any]]]:
    """Bring every result to one vocabulary, one direction and one time axis.

    Parameters
    ----------
    extraction : mapping
        study_id -> rows of its extraction file, numbers as floats, blanks as None.
    studies, vocabulary : list of dict
        Rows of data/studies.csv and config/vocabulary.csv.
    outcomes : mapping
        Outcome -> {"title", "higher_is_better"}.
    columns : list of Column
        Specification of the extraction.
    warnings : mapping
        result_id -> doubts in words, for the ledger.

    Returns
    -------
    harmonised : dict
        study_id -> kept rows: the columns `FRONT`, then `data_columns`.
    ledger : list of dict
        Every row of the extraction with its fate and the reason (columns `LEDGER`).

    Notes
    -----
    `flip` is -1 where more of the reported term means less of the outcome; conversion multiplies
    by it, once.
    """
    cohorts = {study["study_id"]: study["cohort_id"] for study in studies}
    terms = {row["term"]: row for row in vocabulary}
    harmonised: dict[str, list[dict[str, Any]]] = {}
    ledger = []
    for study_id in sorted(extraction):
        kept = harmonised.setdefault(study_id, [])
        for row in sorted(extraction[study_id], key=lambda r: r["result_id"]):
            term = terms[row["outcome"]]
            shared = {
                "study_id": study_id,
                "result_id": row["result_id"],
                "term": row["outcome"],
                "outcome": term["outcome"],
                "time_months": _months(row),
            }
            fate, reason = ("kept", "") if has_direction(term) else ("dropped", NO_DIRECTION)
            doubts = "; ".join(warnings.get(row["result_id"], []))
            printed = {name: row[name] for name in ("verbatim", "source", "locator")}
            ledger.append(shared | {"fate": fate, "reason": reason, "warnings": doubts} | printed)
            if fate == "kept":
                better = outcomes[term["outcome"]]["higher_is_better"]
                front = shared | {
                    "cohort_id": cohorts[study_id],
                    "term_higher_is_better": term["higher_is_better"],
                    "flip": 1 if (term["higher_is_better"] == "yes") == better else -1,
                    "priority": term["priority"],
                }
                numbers = {column.name: row[column.name] for column in data_columns(columns)}
                kept.append(front | numbers)
    return harmonised, ledger


def has_direction(term: Mapping[str, Any]) -> bool:
    """Return whether a term of the vocabulary says if more of it is better."""
    return term["higher_is_better"] != "unclear"


def _months(row: Mapping[str, Any]) -> float | None:
    return None if row["time"] is None else row["time"] * MONTHS_IN[row["time_unit"]]
