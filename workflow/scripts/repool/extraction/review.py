"""A whole review at the door: its configuration and tables, read and checked together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from repool.effects.route_catalogue import CATALOGUE
from repool.extraction import checks
from repool.extraction.acknowledged import ACKNOWLEDGED, acknowledge, check_acknowledged
from repool.extraction.certainty_checks import SUMMARY_OF_FINDINGS
from repool.extraction.cross_checks import (
    ANALYSES,
    EXTRACTION_FOLDER,
    STUDIES,
    VOCABULARY,
    VOTES,
    check_analyses,
    check_classes,
    check_extraction,
    check_outcomes,
)
from repool.extraction.evidence_checks import check_evidence
from repool.extraction.file_checks import file_problems
from repool.extraction.pooling_plan import check_pooling_plan
from repool.extraction.prisma import PRISMA
from repool.extraction.risk_of_bias import MODERATOR, RISK_OF_BIAS
from repool.extraction.selection_plan import check_plan
from repool.extraction.settings import REVIEW_FILE, Names, names_in, read_settings
from repool.extraction.specification import Column, check_cells, columns_of
from repool.extraction.study_checks import study_problems
from repool.extraction.tables import read_table
from repool.extraction.unit_checks import UNITS, check_units
from repool.problems import Problem, errors, fault

DEVIATIONS = "data/deviations.csv"
#: Plain tables of a review: file -> (schema, column that names a row, whether the file must exist).
TABLES = {
    ANALYSES: ("analyses", "analysis", True),
    VOCABULARY: ("vocabulary", "term", True),
    STUDIES: ("studies", "study_id", True),
    VOTES: ("votes", "vote_id", False),
    UNITS: ("units", "conversion", False),
    ACKNOWLEDGED: ("acknowledged", "rule", False),
    RISK_OF_BIAS: ("risk_of_bias", "Study", False),
    PRISMA: ("prisma", "data", False),
    SUMMARY_OF_FINDINGS: ("summary_of_findings", "analysis", False),
    DEVIATIONS: ("deviations", "deviation_id", False),
}
#: Tables of which several rows may have one name.
WITHOUT_KEY = (ACKNOWLEDGED, RISK_OF_BIAS, PRISMA)
#: Endings of tables that a program may have saved where only .csv is read.
TABLE_ENDINGS = (
    ".csv",
    ".numbers",
    ".ods",
    ".tab",
    ".tsv",
    ".txt",
    ".xls",
    ".xlsb",
    ".xlsm",
    ".xlsx",
)
#: Names under which other programs' columns are accepted.
ALIASES = {
    **{"event_arm1": "events_arm1", "event_arm2": "events_arm2"},
    **{"totaln_arm1": "n_arm1", "totaln_arm2": "n_arm2"},
    **{"ai": "events_arm1", "n1i": "n_arm1", "ci": "events_arm2", "n2i": "n_arm2"},
    **{"m1i": "mean_arm1", "sd1i": "sd_arm1", "m2i": "mean_arm2", "sd2i": "sd_arm2"},
    **{"event.e": "events_arm1", "n.e": "n_arm1", "event.c": "events_arm2", "n.c": "n_arm2"},
    **{"mean.e": "mean_arm1", "sd.e": "sd_arm1", "mean.c": "mean_arm2", "sd.c": "sd_arm2"},
}


@dataclass
class Review:
    """A review as it was typed.

    Parameters
    ----------
    settings : dict
        Content of config/review.yaml; empty if it has a fault.
    analyses, vocabulary, studies, votes, units, acknowledged : list of dict
        Rows of the tables, numbers as floats, blanks as None, each with "line".
    risk_of_bias, prisma, summary_of_findings, deviations : list of dict
        Likewise, of the tables that a review may leave out.
    extraction : dict
        study_id -> rows of its extraction file.
    problems : list of Problem
        Errors and warnings.
    """

    settings: dict[str, Any] = field(default_factory=dict)
    analyses: list[dict[str, Any]] = field(default_factory=list)
    vocabulary: list[dict[str, Any]] = field(default_factory=list)
    studies: list[dict[str, Any]] = field(default_factory=list)
    votes: list[dict[str, Any]] = field(default_factory=list)
    units: list[dict[str, Any]] = field(default_factory=list)
    acknowledged: list[dict[str, Any]] = field(default_factory=list)
    risk_of_bias: list[dict[str, Any]] = field(default_factory=list)
    prisma: list[dict[str, Any]] = field(default_factory=list)
    summary_of_findings: list[dict[str, Any]] = field(default_factory=list)
    deviations: list[dict[str, Any]] = field(default_factory=list)
    extraction: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read_review(contents: Mapping[str, bytes], schemas: Mapping[str, Any], *, unread: Iterable[str] = ()) -> Review:
    """Read and check a whole review; faulty settings do not hide the faults of the tables.

    Parameters
    ----------
    contents : mapping of str to bytes
        The review's files: config/review.yaml, config/*.csv, data/*.csv, data/extraction/*.csv.
    schemas : mapping
        Content of workflow/schemas/*.yaml, by the file's name without its endings.
    unread : iterable of str
        Further files of data/extraction; those that look like a table are a fault.

    Returns
    -------
    Review
        With every problem found; where there are errors the rows are incomplete.
    """
    review = Review()
    settings = None
    if REVIEW_FILE in contents:
        settings, faults = read_settings(contents[REVIEW_FILE], schemas["review"], routes=list(CATALOGUE))
        review.problems += faults
        review.settings = {} if errors(faults) else settings
    needed = [REVIEW_FILE, *(file for file, (_, _, must_exist) in TABLES.items() if must_exist)]
    review.problems += [_missing(file) for file in needed if file not in contents]
    review.problems += [_not_read(file) for file in unread if file.lower().endswith(TABLE_ENDINGS)]
    names = names_in(settings)
    _read_tables(review, contents, schemas, names)
    review.problems += check_analyses(review.analyses, names)
    readable = set(contents) - _unreadable(review.problems)
    if {STUDIES, ANALYSES} <= readable:
        review.problems += check_evidence(review)
    if {STUDIES, VOCABULARY} <= readable:
        review.problems += _check_names(review, names)
        review.problems += _check_numbers(review)
    if review.settings:
        review.problems += check_plan(review.analyses, review.settings["selection"])
        # A cell with a fault was read as blank: what a blank would mean there is not what was meant.
        faulty = {problem.line for problem in errors(review.problems) if problem.file == ANALYSES}
        sound = [row for row in review.analyses if row["line"] not in faulty]
        review.problems += check_pooling_plan(sound, review.settings)
    review.problems = acknowledge(review.problems, review.acknowledged)
    return review


def _check_names(review: Review, names: Names) -> list[Problem]:
    """Return what one table says of another: names that stand nowhere, units that lead nowhere."""
    return [
        *check_outcomes(review.vocabulary, review.votes, review.studies, names),
        *check_extraction(review.extraction, review.vocabulary, review.studies),
        *check_classes(review.analyses, review.studies),
        *check_units(review.extraction, review.vocabulary, review.units),
        *check_acknowledged(review.acknowledged, review.studies),
    ]


def _check_numbers(review: Review) -> list[Problem]:
    """Return what the results say against their terms and against each other."""
    problems: list[Problem] = []
    terms = {row["term"]: row for row in review.vocabulary}
    for study_id, rows in review.extraction.items():
        file = f"{EXTRACTION_FOLDER}{study_id}.csv"
        problems += file_problems(rows, file=file)
        for row in rows:
            if row["outcome"] in terms:
                problems += checks.check_against_term(row, terms[row["outcome"]], file=file)
    return problems + study_problems(review.extraction, review.studies, terms)


def _unreadable(problems: Iterable[Problem]) -> set[str]:
    """Return the files that were not read to their end, so that nothing can be missed in them."""
    return {problem.file for problem in errors(problems) if problem.rule in {"T01", "T03", "T08"}}


def _read_tables(review: Review, contents: Mapping[str, bytes], schemas: Mapping[str, Any], names: Names) -> None:
    """Fill the review with the rows of its tables and with their problems."""
    for file, (schema, row_name, _) in TABLES.items():
        if file in contents:
            columns = columns_of(schemas[schema])
            moderators = names.moderators or {} if file == STUDIES else {}
            own = {column.name for column in columns}
            # The risk of bias has a table of its own.
            own.add(MODERATOR)
            columns += [_moderator(name, kind) for name, kind in moderators.items() if name not in own]
            rows, problems = _read(contents[file], columns, file=file, row_name=row_name)
            if file == STUDIES and names.moderators is None:
                # Which columns are moderators is not known, so no column is known to be wrong.
                problems = [problem for problem in problems if problem.rule != "T05"]
            setattr(review, schema, rows)
            review.problems += problems
    columns = columns_of(schemas["extraction"])
    for file in sorted(name for name in contents if name.startswith(EXTRACTION_FOLDER)):
        study_id = file.removeprefix(EXTRACTION_FOLDER).removesuffix(".csv")
        rows, problems = _read(contents[file], columns, file=file, row_name="result_id", aliases=ALIASES)
        review.extraction[study_id] = rows
        review.problems += problems
        for row in rows:
            review.problems += checks.check_result(row, file=file)


def _read(
    content: bytes,
    columns: list[Column],
    *,
    file: str,
    row_name: str,
    aliases: Mapping[str, str] | None = None,
) -> tuple[list[dict[str, Any]], list[Problem]]:
    """Return the rows of one table and what is wrong with its shape, its cells and its keys."""
    # A declared moderator needs its column, though not in every row.
    required = [column.name for column in columns if column.required or column.in_header]
    known = [column.name for column in columns]
    table, problems = read_table(content, file=file, known=known, required=required, aliases=dict(aliases or {}))
    rows, cell_problems = check_cells(table, columns, row_name=row_name)
    if file.startswith(EXTRACTION_FOLDER):
        # Rounding is told from the digits that are typed: 2.50 is not 2.5.
        for row, cells in zip(rows, table.rows, strict=True):
            row["printed"] = cells
    repeated = [] if file in WITHOUT_KEY else checks.duplicate_keys(rows, key=row_name, file=file)
    return rows, [*problems, *cell_problems, *repeated]


def _moderator(name: str, kind: str) -> Column:
    return Column(
        name=name,
        type=kind,
        required=False,
        description="Moderator.",
        example="",
        choices=(),
        minimum=None,
        maximum=None,
        needs=(),
        in_header=True,
    )


def _missing(file: str) -> Problem:
    return fault(
        "R00",
        "this file is missing",
        file=file,
        expected=f"a file {file}",
        to_fix="`make new REVIEW=path` makes a folder with every file.",
    )


def _not_read(file: str) -> Problem:
    return fault(
        "R11",
        "this looks like a table, but only files whose name ends in .csv are read",
        file=file,
        found=file.rpartition("/")[2],
        expected="data/extraction/<study_id>.csv",
        to_fix='Save it as "CSV UTF-8", or move it elsewhere.',
    )
