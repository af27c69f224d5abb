"""One vocabulary, one direction, one time axis; every extraction row kept or dropped with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from repool.specification import Column

#: Months in one unit of time (Gregorian year of 365.2425 days).
MONTHS_IN = {"days": 12 / 365.2425, "weeks": 7 * 12 / 365.2425, "months": 1.0, "years": 12.0}
#: Columns put in front of the numbers in results/harmonised/<study>.csv.
FRONT = ["result_id", "study_id", "cohort_id", "outcome", "term", "term_higher_is_better", "flip", "priority", "time_months"]
LEDGER = ["study_id", "result_id", "term", "outcome", "time_months", "fate", "reason", "warnings", "verbatim", "source", "locator"]
LINES = ["result_id", "file", "line"]
#: Columns for people: they go into the ledger or stay in the extraction file, so that editing one converts nothing again.
_NOT_DATA = frozenset({"result_id", "outcome", "time", "time_unit", "note", "source", "locator", "verbatim", "derivation", "covariates", "analysis_set", "outcome_source", "instrument"})


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
    `flip` is -1 where more of the reported term means less of the outcome; conversion multiplies by it, once.
    """
    cohorts = {study["study_id"]: study["cohort_id"] for study in studies}
    terms = {row["term"]: row for row in vocabulary}
    harmonised: dict[str, list[dict[str, Any]]] = {}
    ledger = []
    for study_id in sorted(extraction):
        kept = harmonised.setdefault(study_id, [])
        for row in sorted(extraction[study_id], key=lambda r: r["result_id"]):
            term = terms[row["outcome"]]
            time_months = None if row["time"] is None else row["time"] * MONTHS_IN[row["time_unit"]]
            entry = {
                "study_id": study_id, "result_id": row["result_id"], "term": row["outcome"], "outcome": term["outcome"],
                "time_months": time_months, "warnings": "; ".join(warnings.get(row["result_id"], [])),
                "verbatim": row["verbatim"], "source": row["source"], "locator": row["locator"], "fate": "kept", "reason": "",
            }  # fmt: skip
            ledger.append(entry)
            if term["higher_is_better"] == "unclear":
                entry |= {"fate": "dropped", "reason": "nobody agrees whether more of this is better, so it has no direction"}
                continue
            same = (term["higher_is_better"] == "yes") == outcomes[term["outcome"]]["higher_is_better"]
            front = {
                "result_id": row["result_id"], "study_id": study_id, "cohort_id": cohorts[study_id], "outcome": term["outcome"],
                "term": row["outcome"], "term_higher_is_better": term["higher_is_better"], "flip": 1 if same else -1,
                "priority": term["priority"], "time_months": time_months,
            }  # fmt: skip
            kept.append(front | {column.name: row[column.name] for column in data_columns(columns)})
    return harmonised, ledger
