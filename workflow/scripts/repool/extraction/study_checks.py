"""What studies say of each other: one trial under two names, a spread like no other, clusters left aside."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

from repool.extraction.impossible import ARMS
from repool.extraction.row_problems import warn
from repool.problems import Problem

Row = Mapping[str, Any]
Extraction = Mapping[str, list[Row]]
FOLDER, STUDIES = "data/extraction/", "data/studies.csv"
#: Result cells of two studies that must be equal before they are called the same numbers, and the significant
#: digits they must have together: three counts of two digits meet by chance, three means with a decimal do not.
SHARED_CELLS, SHARED_DIGITS = 3, 8
#: A number that stands in more rows than this tells nothing.
COMMON = 30
#: A study's standard deviation this many times below the median of the others is looked at.
SD_BELOW = 2.5
#: Other studies that are needed for that.
SD_OTHERS = 2
_RESULTS = ("n", "events", "person_time", "mean", "sd", "se", "median", "mean_change", "sd_change", "ci_lb", "ci_ub")
_CELLS = (
    *(f"{name}_{arm}" for name in (*_RESULTS, "percent", "rate", "pre_mean", "pre_sd") for arm in ARMS),
    *("estimate", "se", "ci_lb", "ci_ub", "statistic_value", "o_minus_e", "v_log_rank"),
)


def study_problems(extraction: Extraction, studies: Iterable[Row], terms: Mapping[str, Row]) -> list[Problem]:
    """Return the doubts that only several studies, or a study and its results, show.

    Parameters
    ----------
    extraction : mapping
        study_id -> rows of its file, with "line".
    studies : iterable of mapping
        Rows of data/studies.csv, with "line".
    terms : mapping
        Term -> its row of config/vocabulary.csv.
    """
    studies = list(studies)
    cohorts = {row["study_id"]: row.get("cohort_id") for row in studies}
    return [
        *_same_numbers(extraction, cohorts),
        *_same_doi(studies),
        *_clusters(extraction, studies),
        *_small_sd(extraction, terms),
    ]


def digits(row: Row, column: str) -> int:
    """Return the significant digits of a cell, zeros at its end not counted: 2 for 0.86, 1 for 40."""
    text = format(abs(row[column]), ".15g").partition("e")[0].replace(".", "")
    return len(text.strip("0"))


def _same_numbers(extraction: Extraction, cohorts: Mapping[str, Any]) -> Iterator[Problem]:
    """Warn of rows of two studies, of different people, that share their numbers."""
    holders: dict[tuple[str, float], list[tuple[str, int]]] = {}
    for study_id, rows in extraction.items():
        for place, row in enumerate(rows):
            for column in _CELLS:
                value = row.get(column)
                # Both arms of one size are one number, not two.
                if value is None or (column == "n_arm2" and value == row.get("n_arm1")) or digits(row, column) < 2:
                    continue
                holders.setdefault((column, value), []).append((study_id, place))
    shared: dict[tuple[tuple[str, int], tuple[str, int]], list[str]] = {}
    for (column, _), rows in holders.items():
        if 1 < len(rows) <= COMMON:
            for one, two in combinations(rows, 2):
                if one[0] != two[0] and (cohorts.get(one[0]) is None or cohorts.get(one[0]) != cohorts.get(two[0])):
                    shared.setdefault((one, two), []).append(column)
    told = set()
    for ((study, first), (other, second)), columns in shared.items():
        row, twin = extraction[study][first], extraction[other][second]
        enough = len(columns) >= SHARED_CELLS and math.fsum(digits(row, c) for c in columns) >= SHARED_DIGITS
        # One row of each pair of studies says it: the second of the two files.
        if not enough or (study, other) in told:
            continue
        told.add((study, other))
        problem = f"{len(columns)} numbers are those of {row.get('result_id')} in {FOLDER}{study}.csv"
        to_fix = "If both report the same people, give them one cohort_id in data/studies.csv."
        place = {"file": f"{FOLDER}{other}.csv", "column": columns[0], "expected": "numbers of its own"}
        yield warn("R15", f"{problem} ({', '.join(columns[:4])})", twin, to_fix=to_fix, **place)


def _same_doi(studies: Iterable[Row]) -> Iterator[Problem]:
    first: dict[str, Row] = {}
    for row in studies:
        doi = str(row.get("doi") or "").casefold().strip()
        doi = doi[doi.find("10.") :] if "10." in doi else ""
        other = first.setdefault(doi, row)
        if doi and other is not row and other.get("cohort_id") != row.get("cohort_id"):
            problem = f"{other['study_id']} in line {other['line']} has this DOI too, with other people"
            to_fix = "If both are the same people, give them one cohort_id."
            place = {"file": STUDIES, "column": "doi", "expected": "a DOI of its own"}
            yield warn("R16", problem, {**row, "result_id": row["study_id"]}, to_fix=to_fix, **place)


def _clusters(extraction: Extraction, studies: Iterable[Row]) -> Iterator[Problem]:
    for study in studies:
        rows = extraction.get(study["study_id"]) or []
        if study.get("cluster") in (None, "", "no"):
            continue
        silent = [row for row in rows if row.get("icc") is None and row.get("clustering_adjusted") is None]
        if silent:
            count = f"{len(silent)} of {len(rows)} rows say" if len(rows) > 1 else "its row says"
            problem = f"people are nested in clusters, but {count} neither icc nor clustering_adjusted"
            to_fix = "Type icc and cluster_size, or clustering_adjusted; otherwise the error may be too small."
            place = {"file": STUDIES, "column": "cluster", "expected": "the unit of analysis of every row"}
            yield warn("R17", problem, {**study, "result_id": study["study_id"]}, to_fix=to_fix, **place)


def _small_sd(extraction: Extraction, terms: Mapping[str, Row]) -> Iterator[Problem]:
    """Warn of standard deviations far below those of other studies on the same instrument, nearer as SE * sqrt(n)."""
    groups: dict[tuple, dict[str, list[tuple[Row, str]]]] = {}
    for study_id, rows in extraction.items():
        for row in rows:
            term = terms.get(row.get("outcome") or "", {})
            key = (row.get("instrument") or term.get("instrument") or row.get("outcome"), _unit(row, term))
            for column in ("sd_arm1", "sd_arm2"):
                if row.get(column):
                    groups.setdefault(key, {}).setdefault(study_id, []).append((row, column))
    for by_study in groups.values():
        if len(by_study) <= SD_OTHERS:
            continue
        medians = {name: statistics.median(row[column] for row, column in cells) for name, cells in by_study.items()}
        for study_id, cells in by_study.items():
            usual = statistics.median(value for name, value in medians.items() if name != study_id)
            for row, column in cells:
                n = row.get(f"n_{column[-4:]}")
                if row[column] * SD_BELOW > usual or not n or not _nearer(row[column], n, usual):
                    continue
                problem = f"other studies have about {usual:.3g} on this instrument; is it a standard error?"
                place = {"file": f"{FOLDER}{study_id}.csv", "column": column}
                expected = f"{row[column] * math.sqrt(n):.3g}, if it is one"
                yield warn("C33", problem, row, expected=expected, to_fix="Compare with the paper.", **place)


def _unit(row: Row, term: Row) -> str | None:
    return row.get("unit") or term.get("unit")


def _nearer(sd: float, n: float, usual: float) -> bool:
    """Return whether the number is nearer to the usual one, as a ratio, once it is taken for a standard error."""
    return abs(math.log(sd * math.sqrt(n) / usual)) < abs(math.log(sd / usual))
