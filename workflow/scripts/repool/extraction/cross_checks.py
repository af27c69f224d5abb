"""What one table of a review says of another: names that are used somewhere and stand nowhere."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from repool.extraction import checks
from repool.extraction.settings import Names, moderators_of, words_of
from repool.problems import Problem, did_you_mean, fault

EXTRACTION_FOLDER = "data/extraction/"
ANALYSES, VOCABULARY = "config/analyses.csv", "config/vocabulary.csv"
STUDIES, VOTES = "data/studies.csv", "data/votes.csv"
#: Status of studies whose results may be extracted.
EXTRACTED_STATUS = ("included", "awaiting")
#: Names of files beside the tables of the studies.
RESERVED = ("ledger",)
_NO_OUTCOME = "this outcome is not in config/review.yaml"

Row = Mapping[str, Any]


def check_outcomes(
    vocabulary: Iterable[Row], votes: Iterable[Row], studies: Iterable[Row], names: Names
) -> list[Problem]:
    """Return the faults of vocabulary and votes: outcomes and studies that nobody declares.

    Parameters
    ----------
    vocabulary, votes, studies : iterable of mapping
        Rows of the three tables, with "line".
    names : Names
        What config/review.yaml declares.

    Returns
    -------
    list of Problem
        One per unknown name.
    """
    known = {row["study_id"] for row in studies}
    problems = []
    for row in vocabulary:
        place = {"file": VOCABULARY, "row_name": row["term"]}
        problems += _unknown(row, "outcome", names.outcomes, "R01", _NO_OUTCOME, **place)
    for row in votes:
        place = {"file": VOTES, "row_name": row["vote_id"]}
        no_study = "this study is not in data/studies.csv"
        problems += _unknown(row, "study_id", known, "R02", no_study, **place)
        problems += _unknown(row, "outcome", names.outcomes, "R01", _NO_OUTCOME, **place)
    return problems


def check_extraction(
    extraction: Mapping[str, list[Row]], vocabulary: Iterable[Row], studies: Iterable[Row]
) -> list[Problem]:
    """Return the faults of extraction files as a whole: their names, their terms, names used twice.

    Parameters
    ----------
    extraction : mapping
        study_id -> rows of its file, with "line".
    vocabulary, studies : iterable of mapping
        Rows of the two tables.

    Returns
    -------
    list of Problem
        One per fault; a review without a single result is a fault too.
    """
    status = {row["study_id"]: row["status"] for row in studies}
    terms = {row["term"] for row in vocabulary}
    problems: list[Problem] = []
    first_file: dict[str, str] = {}
    for study_id, rows in extraction.items():
        file = f"{EXTRACTION_FOLDER}{study_id}.csv"
        problems += _check_study(study_id, status, file)
        for row in rows:
            no_term = "config/vocabulary.csv does not know this term"
            place = {"file": file, "row_name": row["result_id"]}
            problems += _unknown(row, "outcome", terms, "R04", no_term, **place)
            if row["result_id"] is None:
                continue
            other = first_file.setdefault(row["result_id"], file)
            if other != file:
                problems.append(_named_twice(row, file, other))
    if not any(extraction.values()):
        problems.append(_no_result())
    return problems


def check_analyses(analyses: Iterable[Row], names: Names) -> list[Problem]:
    """Return the faults of config/analyses.csv against config/review.yaml and against itself.

    Parameters
    ----------
    analyses : iterable of mapping
        Rows of the table, with "line".
    names : Names
        What config/review.yaml declares.

    Returns
    -------
    list of Problem
        One per fault.
    """
    problems = []
    for row in analyses:
        place = {"file": ANALYSES, "row_name": row["analysis"]}
        problems += _check_name(row)
        problems += _unknown(row, "outcome", names.outcomes, "R01", _NO_OUTCOME, **place)
        no_measure = "conversion.measures of config/review.yaml does not name this measure"
        problems += _unknown(row, "measure", names.measures, "R20", no_measure, **place)
        no_model = "no model of config/review.yaml has this id"
        problems += _unknown(row, "primary_model", names.models, "R07", no_model, **place)
        no_moderator = "config/review.yaml does not declare this moderator"
        lists = [
            ("moderators", names.moderators, "R08", no_moderator),
            ("subgroups", names.moderators, "R08", no_moderator),
            ("designs", checks.DESIGNS, "R10", "this word is not known"),
            ("comparators", checks.COMPARATORS, "R10", "this word is not known"),
        ]
        for column, known, rule, problem in lists:
            for word in moderators_of(row[column]) if known is names.moderators else words_of(row[column]):
                single = {"line": row["line"], column: word}
                problems += _unknown(single, column, known, rule, problem, **place)
        problems += _check_window(row)
    return problems


def _check_name(row: Row) -> list[Problem]:
    name = row["analysis"]
    if name is None or re.fullmatch(r"[a-z][a-z0-9_]*", name):
        return []
    return [
        fault(
            "R06",
            "this cannot be the name of a folder",
            file=ANALYSES,
            line=row["line"],
            column="analysis",
            found=name,
            expected="small letters, digits and underscores, a letter first",
            to_fix="Rename the analysis.",
            row_name=name,
        )
    ]


def _check_window(row: Row) -> list[Problem]:
    window = [row["time_min_months"], row["time_target_months"], row["time_max_months"]]
    if None in window or window == sorted(window):
        return []
    return [
        fault(
            "R09",
            f"the target lies outside the window of {window[0]:g} to {window[2]:g} months",
            file=ANALYSES,
            line=row["line"],
            column="time_target_months",
            found=f"{window[1]:g}",
            expected="time_min_months <= time_target_months <= time_max_months",
            to_fix="Correct the window.",
            row_name=row["analysis"],
        )
    ]


def check_classes(analyses: Iterable[Row], studies: Iterable[Row]) -> list[Problem]:
    """Return a fault for each intervention class that an analysis leaves out and no study has.

    Parameters
    ----------
    analyses, studies : iterable of mapping
        Rows of the two tables, those of analyses with "line".

    Returns
    -------
    list of Problem
        A mistyped class would let in, in silence, what the plan keeps out.
    """
    classes = sorted({row["intervention_class"] for row in studies if row.get("intervention_class")})
    problems = []
    for row in analyses:
        for word in words_of(row["interventions_excluded"]):
            single = {"line": row["line"], "interventions_excluded": word}
            place = {"file": ANALYSES, "row_name": row["analysis"]}
            no_class = "no study in data/studies.csv has this intervention_class"
            problems += _unknown(single, "interventions_excluded", classes, "R13", no_class, **place)
    return problems


def _check_study(study_id: str, status: Mapping[str | None, str | None], file: str) -> list[Problem]:
    if study_id in RESERVED:
        return [
            fault(
                "R14",
                "a study cannot have this name: a file of the results has it",
                file=file,
                found=study_id,
                expected=f"any name but {', '.join(RESERVED)}",
                to_fix="Rename the study here and in data/studies.csv.",
            )
        ]
    if study_id not in status:
        return [
            fault(
                "R02",
                "no study in data/studies.csv has the name of this file",
                file=file,
                found=study_id,
                expected="a study_id of data/studies.csv",
                to_fix=did_you_mean(study_id, [name for name in status if name is not None]),
            )
        ]
    if status[study_id] is None or status[study_id] in EXTRACTED_STATUS:
        return []
    return [
        fault(
            "R03",
            "results are extracted of a study that is not included",
            file=file,
            found=status[study_id],
            expected=f"status {' or '.join(EXTRACTED_STATUS)}",
            to_fix="Correct its status in data/studies.csv, or delete the file.",
        )
    ]


def _named_twice(row: Row, file: str, other: str) -> Problem:
    return fault(
        "R05",
        f"this name stands in {other} too",
        file=file,
        line=row["line"],
        column="result_id",
        found=row["result_id"],
        expected="a name of its own",
        to_fix="Rename one of the two.",
        row_name=row["result_id"],
    )


def _no_result() -> Problem:
    return fault(
        "R12",
        "no result is typed in yet",
        file=EXTRACTION_FOLDER,
        expected="a file for each study in data/studies.csv, with a row for each result",
        to_fix=(
            "Type what the paper prints into data/extraction/<study_id>.csv; "
            "docs/data-dictionary.md explains each column."
        ),
    )


def _unknown(
    row: Row,
    column: str,
    known: Collection[str | None] | None,
    rule: str,
    problem: str,
    *,
    file: str,
    row_name: str | None,
) -> list[Problem]:
    """Return a fault if the cell is filled and not known; none where `known` is None."""
    value = row[column]
    if value is None or known is None or value in known:
        return []
    return [
        fault(
            rule,
            problem,
            file=file,
            line=row["line"],
            column=column,
            found=value,
            expected="a known name",
            to_fix=did_you_mean(value, [name for name in known if name is not None]),
            row_name=row_name,
        )
    ]
