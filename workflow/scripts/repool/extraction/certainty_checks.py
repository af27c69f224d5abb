"""What is wrong with data/summary_of_findings.csv: analyses that do not exist, and ratings that contradict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from repool.extraction.row_problems import refuse, warn
from repool.extraction.settings import words_of
from repool.problems import Problem, did_you_mean

Row = Mapping[str, Any]

SUMMARY_OF_FINDINGS = "data/summary_of_findings.csv"
#: Measures from which, with a baseline risk, an absolute effect follows.
WITH_BASELINE = ("OR", "RR", "RD", "HR")
CERTAINTY = ("very_low", "low", "moderate", "high")
FACTORS = ("risk_of_bias", "inconsistency", "indirectness", "imprecision", "publication_bias")
_LEVELS_DOWN = {"not_serious": 0, "serious": 1, "very_serious": 2}


def check_certainty(rows: Iterable[Row], *, analyses: Iterable[Row]) -> list[Problem]:
    """Return the faults of baseline risks and ratings, and ratings that do not follow from their reasons.

    Parameters
    ----------
    rows : iterable of mapping
        Rows of data/summary_of_findings.csv, with "line".
    analyses : iterable of mapping
        Rows of config/analyses.csv.
    """
    planned = {row["analysis"]: row for row in analyses}
    problems: list[Problem] = []
    for row in rows:
        named = dict(row) | {"result_id": row["analysis"]}
        if row["analysis"] is None:
            continue
        if row["analysis"] not in planned:
            problem, expected = "config/analyses.csv does not have this analysis", "a known name"
            to_fix = did_you_mean(row["analysis"], [name for name in planned if name])
            place = {"file": SUMMARY_OF_FINDINGS, "column": "analysis", "expected": expected, "to_fix": to_fix}
            problems.append(refuse("P05", problem, named, **place))
            continue
        problems += [*_check_baseline(named, planned[row["analysis"]]), *_check_level(named, planned[row["analysis"]])]
    return problems


def expected_certainty(row: Row, *, designs: Iterable[str]) -> str | None:
    """Return the certainty that follows from what was rated down and up; None where that cannot be said.

    Parameters
    ----------
    row : mapping
        Row of data/summary_of_findings.csv.
    designs : iterable of str
        Designs that the analysis admits.

    Notes
    -----
    GRADE (Balshem et al. 2011, J Clin Epidemiol 64:401-406): randomised trials start as high, other designs as low;
    each serious concern takes one level, each very serious one two. Analyses that mix both have no one start.
    """
    randomised = {design == "rct" for design in designs}
    if len(randomised) != 1 or any(row[factor] is None for factor in FACTORS):
        return None
    start = CERTAINTY.index("high" if randomised == {True} else "low")
    place = start - sum(_LEVELS_DOWN[row[factor]] for factor in FACTORS) + int(row["upgrade"] or 0)
    return CERTAINTY[min(max(place, 0), len(CERTAINTY) - 1)]


def _check_baseline(row: Row, analysis: Row) -> Iterator[Problem]:
    measure = analysis["measure"]
    if row["baseline_risk_per_1000"] is None or measure is None or measure in WITH_BASELINE:
        return
    problem = f"the measure of this analysis is {measure}, from which no absolute risk follows"
    place = {"file": SUMMARY_OF_FINDINGS, "column": "baseline_risk_per_1000"}
    to_fix = "Leave it blank; a baseline risk belongs to " + ", ".join(WITH_BASELINE) + "."
    yield refuse("P06", problem, row, expected="a blank cell", to_fix=to_fix, **place)


def _check_level(row: Row, analysis: Row) -> Iterator[Problem]:
    expected = expected_certainty(row, designs=words_of(analysis["designs"]))
    if expected is None or row["certainty"] in (None, expected):
        return
    start = "high" if words_of(analysis["designs"]) == ["rct"] else "low"
    problem = f"from {start}, the start for these designs, the reasons rated down and up lead elsewhere"
    place = {"file": SUMMARY_OF_FINDINGS, "column": "certainty", "expected": expected}
    yield warn("P07", problem, row, to_fix="Compare the reasons with the level; acknowledge it if both stand.", **place)
