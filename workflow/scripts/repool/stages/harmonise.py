"""The first stage as one function: from a checked review to the texts of its files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from repool import files
from repool.extraction.harmonise import FRONT, LINES, data_columns, harmonise
from repool.extraction.ledger import LEDGER
from repool.extraction.review import EXTRACTION_FOLDER, Review
from repool.extraction.risk_of_bias import COLUMNS as RATING_COLUMNS
from repool.extraction.risk_of_bias import ratings
from repool.extraction.selection_plan import planned_variants
from repool.extraction.specification import columns_of
from repool.problems import problem_table

PROBLEMS_FILE = "results/checks/problems.csv"
#: The table of studies as it was read: what later stages need of it, so that an edited citation converts nothing again.
STUDIES_FILE = "results/checks/studies.csv"
#: What was judged of the risk of bias, one row per study and domain; only the header where nothing was.
RATINGS_FILE = "results/checks/risk_of_bias.csv"
STUDY_COLUMNS = ["study_id", "cohort_id", "label", "status", "design", "cluster", "intervention_class", "year"]


def harmonised_tables(review: Review, schema: Mapping[str, Any], *, inputs: Iterable[str]) -> dict[str, str]:
    """Return the files of the first stage: harmonised tables, ledger, lines, studies, risk of bias, problems.

    Parameters
    ----------
    review : Review
        The checked review.
    schema : mapping
        Specification of the extraction.
    inputs : iterable of str
        Files that this stage reads; problems of other files are not listed here.

    Returns
    -------
    dict
        File -> text.
    """
    inputs = list(inputs)
    columns = columns_of(schema)
    problems = [problem for problem in review.problems if problem.file in inputs]
    warnings: dict[str, list[str]] = {}
    for problem in problems:
        warnings.setdefault(problem.row_name, []).append(f"{problem.problem} ({problem.rule})")
    harmonised, ledger = harmonise(
        review.extraction, studies=review.studies, vocabulary=review.vocabulary, outcomes=review.settings["outcomes"],
        units=review.units, variants=planned_variants(review.analyses, review.settings["selection"]),
        columns=columns, warnings=warnings,
    )  # fmt: skip
    header = FRONT + [column.name for column in data_columns(columns)]
    lines = [
        {"result_id": row["result_id"], "file": f"{EXTRACTION_FOLDER}{study_id}.csv", "line": row["line"]}
        for study_id, rows in review.extraction.items()
        for row in rows
    ]
    tables = {
        f"results/harmonised/{study_id}.csv": files.csv_text(rows, columns=header)
        for study_id, rows in harmonised.items()
    }
    tables["results/harmonised/ledger.csv"] = files.csv_text(ledger, columns=LEDGER)
    tables["results/checks/lines.csv"] = files.csv_text(sorted(lines, key=lambda r: r["result_id"]), columns=LINES)
    tables[STUDIES_FILE] = files.csv_text(
        _in_order(review.studies), columns=list(dict.fromkeys([*STUDY_COLUMNS, *review.settings["moderators"]]))
    )
    tools = review.settings["risk_of_bias"]["tools"]
    rated = ratings(review.risk_of_bias, studies=review.studies, tools=tools)
    tables[RATINGS_FILE] = files.csv_text(rated, columns=RATING_COLUMNS)
    tables[PROBLEMS_FILE] = problem_table(problems)
    return tables


def _in_order(studies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(studies, key=lambda row: row["study_id"])
