"""One vocabulary, one direction, one time axis, one unit; every row kept, or dropped with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from repool.extraction.arms_of_trials import shared_arms, variants_of
from repool.extraction.ledger import PRINTED, check_ledger, entry, variant_entries
from repool.extraction.specification import Column
from repool.extraction.units import to_unit_of_term

#: Months in one unit of time (Gregorian year of 365.2425 days).
MONTHS_IN = {"days": 12 / 365.2425, "weeks": 7 * 12 / 365.2425, "months": 1.0, "years": 12.0}
#: Columns put in front of the numbers in results/harmonised/<study>.csv.
FRONT = [
    *("result_id", "study_id", "cohort_id", "outcome", "term", "term_higher_is_better"),
    *("flip", "priority", "time_months", "outcome_source"),
    *("variant", "made_from", "multi_arm_group", "shared_arm"),
]
#: Columns of harmonised rows, besides those of the effects themselves, that the choice of effects and the forest plot
#: read: conversion hands them on as they are.
CARRIED = (
    *("outcome_source", "variant", "made_from", "multi_arm_group", "shared_arm"),
    *("mean_arm1", "sd_arm1", "mean_arm2", "sd_arm2"),
)
LINES = ["result_id", "file", "line"]
#: Columns for people: they go into the ledger or stay in the extraction file, so that editing one
#: converts nothing again.
_NOT_DATA = frozenset(
    {
        *("result_id", "outcome", "instrument", "outcome_source", "analysis_set", "covariates"),
        *("time", "time_unit", "unit", "verbatim", "derivation", "source", "locator", "note"),
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
    units: list[dict[str, Any]],
    variants: Mapping[str, Sequence[str]],
    columns: list[Column],
    warnings: Mapping[str, list[str]],
) -> tuple[dict[str, list[dict[str, Any]]], list[dict[str, Any]]]:
    """Bring every result to one vocabulary, one direction, one time axis and the unit of its term.

    Parameters
    ----------
    extraction : mapping
        study_id -> rows of its extraction file, numbers as floats, blanks as None.
    studies, vocabulary, units : list of dict
        Rows of data/studies.csv, config/vocabulary.csv and config/units.csv.
    outcomes : mapping
        Outcome -> {"title", "higher_is_better"}.
    variants : mapping
        Outcome -> variants of rows ("split", "combined") that its analyses ask for where contrasts share an arm.
    columns : list of Column
        Specification of the extraction.
    warnings : mapping
        result_id -> doubts in words, for the ledger.

    Returns
    -------
    harmonised : dict
        study_id -> kept rows sorted by result: the columns `FRONT`, then `data_columns`.
    ledger : list of dict
        Every row of the extraction, and every row made from others, with its fate and the reason (columns `LEDGER`).

    Raises
    ------
    ValueError
        If a row or its people are lost on the way, which no input should bring about.

    Notes
    -----
    `flip` is -1 where more of the reported term means less of the outcome; conversion multiplies
    by it, once.
    """
    cohorts = {study["study_id"]: study["cohort_id"] for study in studies}
    terms = {row["term"]: row for row in vocabulary}
    data = [column.name for column in data_columns(columns)]
    harmonised: dict[str, list[dict[str, Any]]] = {}
    ledger: list[dict[str, Any]] = []
    for study_id in sorted(extraction):
        kept, entries = [], []
        for row in sorted(extraction[study_id], key=lambda r: r["result_id"]):
            term = terms[row["outcome"]]
            shared = {"study_id": study_id, "result_id": row["result_id"], "term": row["outcome"]}
            shared |= {"outcome": term["outcome"], "time_months": _months(row)}
            in_unit, conversion = to_unit_of_term(row, term, units)
            fate, reason = ("converted", conversion) if conversion else ("kept", "")
            if has_direction(term):
                front = shared | {"cohort_id": cohorts[study_id]} | _front(row, term, outcomes)
                kept.append(front | {name: in_unit[name] for name in data})
            else:
                fate, reason = "dropped", NO_DIRECTION
            doubts = "; ".join(warnings.get(row["result_id"], []))
            entries.append(entry(shared, fate, reason, typed=row, after=kept[-1] if has_direction(term) else {}))
            entries[-1] |= {"warnings": doubts} | {name: row[name] for name in PRINTED}
        made = _answer_shared_arms(kept, entries, variants)
        harmonised[study_id] = sorted([*kept, *made], key=lambda r: r["result_id"])
        ledger += sorted(entries, key=lambda r: r["result_id"])
    check_ledger(extraction, harmonised, ledger)
    return harmonised, ledger


def _front(row: Mapping[str, Any], term: Mapping[str, Any], outcomes: Mapping[str, Any]) -> dict[str, Any]:
    better = outcomes[term["outcome"]]["higher_is_better"]
    return {
        "term_higher_is_better": term["higher_is_better"],
        "flip": 1 if (term["higher_is_better"] == "yes") == better else -1,
        "priority": term["priority"],
        "outcome_source": row["outcome_source"],
        **dict.fromkeys(("variant", "made_from", "multi_arm_group", "shared_arm")),
    }


def _answer_shared_arms(
    kept: list[dict[str, Any]], entries: list[dict[str, Any]], variants: Mapping[str, Sequence[str]]
) -> list[dict[str, Any]]:
    """Mark the rows that share an arm, enter what is made of them in the ledger, and return the rows that are made."""
    shared = shared_arms(kept)
    for row in kept:
        if row["result_id"] in shared:
            row["multi_arm_group"], row["shared_arm"] = shared[row["result_id"]]
    made: list[dict[str, Any]] = []
    for variant in sorted({variant for names in variants.values() for variant in names}):
        asked = [row for row in kept if variant in variants.get(row["outcome"], ())]
        new, refused = variants_of(asked, variant=variant)
        made += new
        for line in entries:
            if line["result_id"] in refused:
                why_not = f"not {variant}: {refused[line['result_id']]}"
                line["reason"] = "; ".join(filter(None, [line["reason"], why_not]))
    entries += variant_entries(made, entries)
    return made


def has_direction(term: Mapping[str, Any]) -> bool:
    """Return whether a term of the vocabulary says if more of it is better."""
    return term["higher_is_better"] != "unclear"


def _months(row: Mapping[str, Any]) -> float | None:
    return None if row["time"] is None else row["time"] * MONTHS_IN[row["time_unit"]]
