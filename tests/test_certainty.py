"""What people decide on each analysis: baseline risks with a source, and ratings that follow from their reasons."""

import pytest
from tiny_review import FILES, read, told

from repool.extraction.certainty_checks import expected_certainty

FILE, DEVIATIONS = "data/summary_of_findings.csv", "data/deviations.csv"
HEADER = (
    "analysis,baseline_risk_per_1000,baseline_source,certainty,risk_of_bias,inconsistency,indirectness,imprecision,"
    "publication_bias,upgrade,explanation,rated_by_role\n"
)
NOT = "not_serious"


def summary(row):
    return read({FILE: f"{HEADER}{row}\n"})


def test_rated_row_and_blank_row_are_accepted():
    rated = f"abstinence_or,120,register,low,serious,{NOT},{NOT},serious,{NOT},,two trials are small,two reviewers"
    assert summary(rated).problems == []
    assert summary("abstinence_or,,,,,,,,,,,").problems == []


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("abstinence_rr,,,,,,,,,,,", ("P05", FILE, 2, "analysis")),
        ("abstinence_or,1200,register,,,,,,,,,", ("C05", FILE, 2, "baseline_risk_per_1000")),
        ("abstinence_or,-1,register,,,,,,,,,", ("C05", FILE, 2, "baseline_risk_per_1000")),
        ("abstinence_or,120,,,,,,,,,,", ("C11", FILE, 2, "baseline_source")),
        ("abstinence_or,,,lo,,,,,,,why,who", ("C02", FILE, 2, "certainty")),
        ("abstinence_or,,,low,,,,,,,,who", ("C11", FILE, 2, "explanation")),
        ("abstinence_or,,,low,,,,,,,why,", ("C11", FILE, 2, "rated_by_role")),
        ("abstinence_or,,,,bad,,,,,,,", ("C02", FILE, 2, "risk_of_bias")),
        ("abstinence_or,,,,,,,,,,,\nabstinence_or,,,,,,,,,,,", ("C12", FILE, 3, "analysis")),
    ],
)
def test_fault_is_told_with_its_place(row, problem):
    assert told(summary(row)) == [problem]


def test_near_analysis_is_offered():
    (problem,) = summary("abstinence_ro,,,,,,,,,,,").problems
    assert problem.to_fix == 'Did you mean "abstinence_or"?'


def test_baseline_risk_beside_a_measure_without_absolute_risk_is_refused():
    analyses = FILES["config/analyses.csv"].replace("abstinence,OR,rct", "days_of_use,SMD,rct")
    review = read({FILE: f"{HEADER}abstinence_or,120,register,,,,,,,,,\n", "config/analyses.csv": analyses})
    assert ("P06", FILE, 2, "baseline_risk_per_1000") in told(review)


@pytest.mark.parametrize(
    ("designs", "reasons", "upgrade", "expected"),
    [
        # GRADE: randomised from high, others from low; serious one level, very serious two; never beyond the ends.
        (["rct"], [NOT] * 5, None, "high"),
        (["rct"], ["serious", NOT, NOT, NOT, NOT], None, "moderate"),
        (["rct"], ["serious", NOT, NOT, "serious", NOT], None, "low"),
        (["rct"], ["serious", NOT, NOT, "very_serious", NOT], None, "very_low"),
        (["rct"], ["very_serious"] * 5, None, "very_low"),
        (["cohort_comparative"], [NOT] * 5, None, "low"),
        (["cohort_comparative", "quasi_experimental"], [NOT] * 5, 1.0, "moderate"),
        (["rct", "cohort_comparative"], [NOT] * 5, None, None),
        (["rct"], [NOT, NOT, NOT, NOT, None], None, None),
    ],
)
def test_certainty_follows_from_what_is_rated_down_and_up(designs, reasons, upgrade, expected):
    names = ("risk_of_bias", "inconsistency", "indirectness", "imprecision", "publication_bias")
    row = dict(zip(names, reasons, strict=True)) | {"upgrade": upgrade}
    assert expected_certainty(row, designs=designs) == expected


def test_certainty_that_does_not_follow_is_a_doubt():
    (problem,) = summary(f"abstinence_or,,,high,serious,{NOT},{NOT},{NOT},{NOT},,why,who").problems
    assert (problem.severity, problem.rule, problem.found, problem.expected) == ("warning", "P07", "high", "moderate")


def test_deviation_says_what_why_and_when():
    header = "deviation_id,part,planned,done,why,when\n"
    review = read({DEVIATIONS: header + "d1,analysis,odds ratios,risk ratios,risks are high,after_results\n"})
    assert (review.problems, review.deviations[0]["when"]) == ([], "after_results")
    assert told(read({DEVIATIONS: header + "d1,analysis,odds ratios,risk ratios,,later\n"})) == [
        ("C01", DEVIATIONS, 2, "why"),
        ("C02", DEVIATIONS, 2, "when"),
    ]
