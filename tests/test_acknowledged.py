"""Warnings that a reviewer lets stand: marked with reason and initials, and nothing else is."""

import csv
import io
from pathlib import Path

import pytest
from tiny_review import FILES, read

from commands.check import report
from commands.check_rules import RULES
from repool import door
from repool.extraction.acknowledged import ACKNOWLEDGED, WARNING_RULES, acknowledge
from repool.extraction.review import read_review
from repool.problems import COLUMNS, Problem, fault, problem_table, summary
from repool.schemas import schema

ROOT = Path(__file__).parents[1]

HEADER = "rule,study_id,result_id,column,reason,initials,date\n"
ADAMS = "data/extraction/adams2001.csv"
#: 20 of 40 is 50 %, not 51.4 %.
DOUBTFUL = {
    ADAMS: FILES[ADAMS]
    .replace("events_arm2,", "events_arm2,percent_arm1,")
    .replace("40,42,20,15,", "40,42,20,15,51.4,")
}


def read_with(*lines):
    """Return the tiny review with one doubtful percent and these acknowledgements."""
    return read(DOUBTFUL | {ACKNOWLEDGED: HEADER + "".join(f"{line}\n" for line in lines)})


def told(review):
    return [(p.rule, p.status, p.reason, p.initials) for p in review.problems]


def test_rules_of_warnings_are_those_of_the_list_of_checks():
    # R19 says that an acknowledgement is out of date: it goes away by mending, not by another acknowledgement.
    warnings = {number for number, rule in RULES.items() if "warning" in rule.severity} - {"R19"}
    assert set(WARNING_RULES) == warnings


def test_review_without_acknowledgements_has_open_warnings():
    assert told(read(DOUBTFUL)) == [("C19", "open", "", "")]
    assert told(read_with()) == [("C19", "open", "", "")]


@pytest.mark.parametrize(
    "names",
    ["C19,adams2001,a1,percent_arm1", "C19,adams2001,a1,", "C19,,a1,", "C19,adams2001,,", "C19,,,"],
)
def test_blank_names_stand_for_any(names):
    assert told(read_with(f"{names},printed so,XY,")) == [("C19", "acknowledged", "printed so", "XY")]


@pytest.mark.parametrize(
    "names",
    ["C20,adams2001,a1,", "C19,brown2002,,", "C19,adams2001,a2,", "C19,adams2001,a1,percent_arm2"],
)
def test_acknowledgement_of_another_warning_marks_nothing_and_is_told(names):
    review = read_with(f"{names},printed so,XY,")
    assert told(review) == [("C19", "open", "", ""), ("R19", "open", "", "")]
    stale = review.problems[1]
    assert (stale.file, stale.line, stale.severity) == (ACKNOWLEDGED, 2, "warning")


def test_rule_that_is_no_warning_is_an_error_with_the_nearest():
    problem = read_with("C91,adams2001,a1,,printed so,XY,").problems[1]
    assert (problem.rule, problem.severity, problem.line, problem.column) == ("R18", "error", 2, "rule")
    assert problem.to_fix.startswith("Did you mean")
    assert [p.rule for p in read_with("C13,adams2001,a1,,printed so,XY,").problems] == ["C19", "R18"]


def test_unknown_study_is_an_error_with_the_nearest():
    found = [p for p in read_with("C19,adams2011,a1,,printed so,XY,").problems if p.severity == "error"]
    (problem,) = found
    assert (problem.rule, problem.file, problem.line) == ("R02", ACKNOWLEDGED, 2)
    assert problem.to_fix == 'Did you mean "adams2001"?'


def test_reason_and_initials_must_be_filled():
    found = [(p.rule, p.column) for p in read_with("C19,adams2001,a1,,,,").problems if p.severity == "error"]
    assert found == [("C01", "reason"), ("C01", "initials")]


def test_errors_cannot_be_acknowledged():
    error = fault("T01", "no text", file=ADAMS, expected="text", to_fix="Save it again.")
    (same, stale) = acknowledge([error], [{"rule": "T01", "line": 2, "reason": "x", "initials": "XY"}])
    assert same == error
    assert stale.rule == "R19"


def test_warning_about_a_study_is_named_by_its_study():
    doubt = Problem(
        **{"severity": "warning", "rule": "R17", "file": "data/studies.csv", "line": 2, "column": "cluster"},
        **{"found": "clinics", "problem": "clusters", "expected": "icc", "to_fix": "Type it.", "row_name": "adams2001"},
    )
    row = {"rule": "R17", "study_id": "adams2001", "line": 2, "reason": "not printed", "initials": "XY"}
    (marked,) = acknowledge([doubt], [row])
    assert marked.status == "acknowledged"
    other, stale = acknowledge([doubt], [row | {"study_id": "brown2002"}])
    assert (other.status, stale.rule) == ("open", "R19")


def test_check_shows_open_warnings_and_counts_the_others():
    assert report(read(DOUBTFUL).problems).endswith(
        "0 errors, 1 warning needs a look, 0 acknowledged. The review can be analysed."
    )
    said = report(read_with("C19,adams2001,a1,,printed so,XY,").problems)
    assert said == "0 errors, 0 warnings need a look, 1 acknowledged. The review can be analysed."


def test_refusal_counts_open_warnings_alone():
    error = fault("C13", "more events", file=ADAMS, expected="less", to_fix="Compare.")
    known = read_with("C19,adams2001,a1,,printed so,XY,").problems
    assert summary([error, *known]).endswith("1 problem must be fixed, 0 need a look. Nothing was analysed.")
    assert summary([error, *read(DOUBTFUL).problems]).endswith("fixed, 1 needs a look. Nothing was analysed.")


def test_list_of_problems_tells_status_reason_and_initials():
    text = problem_table(read_with("C19,adams2001,a1,,printed so,XY,2026-01-31").problems)
    (row,) = csv.DictReader(io.StringIO(text))
    assert COLUMNS[-3:] == ["status", "reason", "initials"]
    assert [row[name] for name in COLUMNS[-3:]] == ["acknowledged", "printed so", "XY"]


def _shipped():
    names = [path for pattern in door.PATTERNS for path in sorted(ROOT.glob(pattern))]
    contents = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in names}
    return read_review(contents, {name: schema(name) for name in door.SCHEMA_NAMES}).problems


@pytest.mark.parametrize(
    ("rule", "result_id", "words"),
    [
        # The traps of the shipped review that a program can see, each printed so in its source.
        ("C17", "cupp2022-01", "scale"),
        ("C19", "suzuki2023-02", "41.2 % of 12 people"),
        ("C20", "maarefvand2015-01", "p = 0.055"),
        ("C20", "maarefvand2015-02", "p = 0.090"),
        ("C20", "go2013-02", "the printed statistic gives p = 0.29"),
        ("C30", "timko2007-01", "OR = 1.44 to 1.56"),
        ("C30", "timko2007-02", "OR = 1.43 to 1.56"),
        ("C32", "winhusen2020-11", "less than a third"),
        ("R17", "go2013", "nested in clusters"),
    ],
)
def test_traps_of_the_shipped_review_are_found(rule, result_id, words):
    (found,) = [p for p in _shipped() if (p.rule, p.row_name) == (rule, result_id)]
    assert words in found.problem


def test_every_warning_of_the_shipped_review_has_a_reason():
    found = _shipped()
    assert [p for p in found if p.severity == "error" or p.status == "open"] == []
    assert all(p.reason and p.initials == "RP" for p in found)
