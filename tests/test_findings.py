"""Summary of findings: where risks start, what they become, and what people typed; numbers are made on paper."""

from math import log

import pytest
from report_plan import PLAN, SETTINGS

from repool.report.findings import FINDINGS, finding_rows
from repool.report.findings_table import findings_notes, findings_tables

#: Closed forms of few operations.
CLOSE = {"rel": 1e-12}


def ladder_row(analysis="visits_rct", *, basis="pooled", measure="OR", ratios=(2, 1, 4), **cells):
    """One row of the ladder; estimate and limits are given as ratios."""
    estimate, low, high = map(log, ratios)
    plan = PLAN[analysis]
    row = {"analysis": analysis, "title": plan["title"], "role": plan["role"], "outcome": plan["outcome"]}
    row |= {"ladder_step": "printed", "step_order": "1", "reading": "preferred", "basis": basis, "measure": measure}
    row |= {"k": "3", "n_studies": "3", "n_participants": "600", "people_not_stated": "", "level": "0.95"}
    row |= {"estimate": estimate, "ci_lb": low, "ci_ub": high, "pi_lb": "", "pi_ub": "", "note": "of the ladder"}
    return row | {"interval_side": "includes_no_effect", "is_wide": "no", "studies": "A; B"} | cells


def counts(events, people, *, flip="1", step="printed", reading="preferred"):
    return {"events_arm2": events, "n_arm2": people, "flip": flip, "ladder_step": step, "reading": reading}


def finding(row, effects=(), *, typed=(), baseline_risk="median_of_arm2"):
    """The only row that is made of one analysis."""
    plan = {row["analysis"]: PLAN[row["analysis"]]}
    made = finding_rows(plan, [row], {row["analysis"]: effects}, typed=typed, baseline_risk=baseline_risk)
    (found,) = made
    return found


def typed(**cells):
    names = ("baseline_risk_per_1000", "baseline_source", *FINDINGS[-9:])
    return dict.fromkeys(names, "") | {"analysis": "visits_rct"} | cells


EFFECTS = [counts("10", "100"), counts("20", "100"), counts("60", "200")]


def test_risk_starts_from_the_median_of_arm_2():
    found = finding(ladder_row(), EFFECTS)
    # 100, 200 and 300 of 1000; odds of 0.25 doubled are 0.5: a third.
    assert (found["baseline_risk_per_1000"], found["baseline_kind"], found["baseline_groups"]) == (
        200,
        "median_of_arm2",
        3,
    )
    assert found["risk_per_1000"] == pytest.approx(1000 / 3, **CLOSE)
    assert found["difference_per_1000"] == pytest.approx(1000 / 3 - 200, **CLOSE)
    # Odds of 0.25 by 1 and by 4: a fifth and a half.
    assert found["risk_lb_per_1000"] == pytest.approx(200, **CLOSE)
    assert found["risk_ub_per_1000"] == pytest.approx(500, **CLOSE)
    assert found["note"] == ""


def test_a_term_that_counts_the_opposite_is_turned():
    turned = [counts("90", "100", flip="-1"), counts("20", "100"), counts("140", "200", flip="-1")]
    assert finding(ladder_row(), turned)["baseline_risk_per_1000"] == pytest.approx(200, **CLOSE)


def test_only_effects_of_the_answering_step_and_reading_count():
    others = [counts("90", "100", step="equal"), counts("90", "100", reading="cautious"), counts("", "100")]
    assert finding(ladder_row(), [*EFFECTS, *others])["baseline_groups"] == 3


def test_typed_risk_goes_first_and_keeps_its_source():
    found = finding(
        ladder_row(), EFFECTS, typed=[typed(baseline_risk_per_1000="500", baseline_source="register, 2019")]
    )
    assert (found["baseline_risk_per_1000"], found["baseline_kind"]) == (500, "typed")
    assert found["baseline_source"] == "register, 2019"
    # Odds of 1 doubled: two thirds.
    assert found["risk_per_1000"] == pytest.approx(2000 / 3, **CLOSE)


def test_prediction_interval_becomes_people_too():
    found = finding(ladder_row(pi_lb=str(log(0.25)), pi_ub=str(log(16))), EFFECTS)
    # Odds of 0.25 by 1/4 and by 16: 1/16 and 4.
    assert found["risk_pi_lb_per_1000"] == pytest.approx(1000 / 17, **CLOSE)
    assert found["difference_pi_ub_per_1000"] == pytest.approx(800 - 200, **CLOSE)


@pytest.mark.parametrize(
    ("row", "effects", "why"),
    [
        (ladder_row(measure="IRR"), EFFECTS, "an IRR gives no number of people"),
        (ladder_row(measure="SMD"), EFFECTS, "an SMD gives no number of people"),
        (ladder_row(measure="HR"), EFFECTS, "no risk without the intervention is known"),
        (ladder_row(), [counts("", "")], "no risk without the intervention is known"),
        (ladder_row(basis="none", estimate="", ci_lb="", ci_ub=""), EFFECTS, "there is no effect"),
    ],
)
def test_why_there_is_no_number_of_people(row, effects, why):
    found = finding(row, effects)
    assert found["note"] == why
    assert found["risk_per_1000"] == found["difference_per_1000"] == ""


def test_hazard_ratio_takes_a_typed_risk():
    found = finding(ladder_row(measure="HR"), typed=[typed(baseline_risk_per_1000="190", baseline_source="x")])
    # 0.81 stay without the event; to the power of 2: 0.6561.
    assert found["risk_per_1000"] == pytest.approx(1000 - 656.1, **CLOSE)


def test_declared_none_gives_no_median_and_a_risk_difference_needs_none():
    assert finding(ladder_row(), EFFECTS, baseline_risk="none")["risk_per_1000"] == ""
    difference = ladder_row(measure="RD", estimate=-0.05, ci_lb=-0.1, ci_ub=0.02)
    found = finding(difference, EFFECTS, baseline_risk="none")
    assert (found["difference_per_1000"], found["risk_per_1000"]) == (-50, "")


def test_an_impossible_end_is_cut_and_told():
    found = finding(ladder_row(measure="RR", ratios=(2, 1, 9)), EFFECTS)
    assert found["risk_ub_per_1000"] == 1000
    assert found["note"] == "cut at what is possible"


def test_one_study_that_is_not_pooled_answers_where_no_step_is_pooled():
    rows = [
        ladder_row(basis="none", estimate="", ci_lb="", ci_ub=""),
        ladder_row(basis="one_study", ladder_step="equal"),
    ]
    plan = {"visits_rct": PLAN["visits_rct"]}
    (found,) = finding_rows(plan, rows, {"visits_rct": []}, typed=[], baseline_risk="none")
    assert (found["basis"], found["ladder_step"]) == ("one_study", "equal")


def cells_of(found):
    """Head -> text and small print of the only row of the table."""
    (made,) = findings_tables([found], PLAN, SETTINGS)
    (row,) = made.groups[0].rows
    return {column.title: (cell.text, cell.small) for column, cell in zip(made.columns, row, strict=True)}


def test_row_for_a_reader():
    row = ladder_row(pi_lb=str(log(0.25)), pi_ub=str(log(16)))
    cells = cells_of(finding(row, EFFECTS))
    assert cells == {
        "Outcome": ("Visits kept, trials", "more is better"),
        "Studies and people": ("3 trials", "600 people"),
        "Relative effect": ("2.00 (1.00 to 4.00)", "OR\na new study: 0.25 to 16.00"),
        "With usual care": ("200 per 1000", "median of 3 groups"),
        "With walking group": ("333 per 1000", "200 to 500"),
        "Difference": ("133 more", "no difference to 300 more\na new study: 141 fewer to 600 more"),
        "Certainty": ("Not rated", ""),
    }


@pytest.mark.parametrize(
    ("risk", "words"),
    [
        # Odds ratio 0.55, on paper: 0.25 becomes 0.1375 / 0.8875 = 0.15493, 0.025 becomes 0.01375 / 0.98875 = 0.013906,
        # and 0.0025 becomes 0.001375 / 0.998875 = 0.0013765.
        ("250", "95 fewer"),
        ("25", "11.1 fewer"),
        ("2.5", "1.12 fewer"),
        ("0", "no difference"),
    ],
)
def test_rare_outcomes_are_told_with_more_digits(risk, words):
    row = ladder_row(ratios=(0.55, 0.5, 0.6))
    found = finding(row, typed=[typed(baseline_risk_per_1000=risk, baseline_source="x")])
    assert cells_of(found)["Difference"][0] == words


def test_both_ends_on_one_side_share_the_word():
    row = ladder_row(ratios=(0.5, 0.4, 0.6))
    found = finding(row, typed=[typed(baseline_risk_per_1000="500", baseline_source="x")])
    # Odds of 0.4 and 0.6: 285.7 and 375 of 1000.
    assert cells_of(found)["Difference"][1] == "214 to 125 fewer"


def test_certainty_is_told_as_people_typed_it():
    rated = typed(
        certainty="low", imprecision="very_serious", inconsistency="not_serious", explanation="<b>wide</b>", upgrade="1"
    )
    cells = cells_of(finding(ladder_row(), EFFECTS, typed=[rated | {"rated_by_role": "two reviewers"}]))
    text, small = cells["Certainty"]
    assert text.endswith("Low")
    assert small == "Lowered for imprecision (very serious). Raised by 1 level. <b>wide</b>. Rated by two reviewers"


def test_notes_say_that_nobody_rated():
    found = finding(ladder_row(), EFFECTS)
    assert any(note.startswith("Nobody has rated the certainty") for note in findings_notes([found], SETTINGS))
    rated = finding(ladder_row(), EFFECTS, typed=[typed(certainty="low", explanation="wide")])
    assert "Certainty is rated by people, not computed." in findings_notes([rated], SETTINGS)
    both = findings_notes([found, rated], SETTINGS)
    assert "Certainty is rated by people, not computed; 1 of 2 results are not rated." in both
