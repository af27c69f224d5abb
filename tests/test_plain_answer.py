"""The plain sentence of an analysis, word by word, for every kind of result it can tell."""

from math import log

import pytest
from report_plan import PLAN, SETTINGS, plan_row

from repool.report.plain_answer import plain_answer, told_row


def ladder_row(**cells):
    row = {"analysis": "visits_rct", "ladder_step": "printed", "reading": "preferred", "basis": "pooled"}
    row |= {"measure": "OR", "k": "3", "n_studies": "3", "n_participants": "1600", "people_not_stated": ""}
    row |= {"level": "0.95", "estimate": log(2), "ci_lb": log(1.25), "ci_ub": log(3.2), "pi_lb": "", "pi_ub": ""}
    row |= {"interval_side": "better", "is_wide": "no", "studies": "Ash 2001; B", "i2_percent": "41.26"}
    row |= {"method_tau2": "REML", "ci_method": "knapp_hartung", "structure": "", "note": ""}
    return row | cells


def said(plan=PLAN["visits_rct"], **cells):
    return plain_answer(ladder_row(**cells), plan=plan, settings=SETTINGS)


def test_a_benefit_where_more_is_better():
    assert said(pi_lb=log(1.1), pi_ub=log(4)) == (
        "3 trials comparing walking group with usual care (1,600 people): the odds of visits kept were higher with "
        "walking group, a benefit (OR 2.00, 95 % CI 1.25 to 3.20; REML, Knapp-Hartung; I² 41.3 %). In a new, "
        "similar study the effect would point the same way (95 % prediction interval 1.10 to 4.00)."
    )


def test_a_benefit_where_less_is_better_in_studies_of_any_design():
    plan = plan_row("x", outcome="relapse", measure="RR", designs="rct; quasi_experimental")
    cells = {"measure": "RR", "estimate": log(0.5), "ci_lb": log(0.3), "ci_ub": log(0.8)}
    assert said(plan, **cells, pi_lb=log(0.2), pi_ub=log(1.5)) == (
        "3 studies comparing walking group with usual care (1,600 people): the risk of relapse was lower with walking "
        "group, a benefit (RR 0.50, 95 % CI 0.30 to 0.80; REML, Knapp-Hartung; I² 41.3 %). The studies differ: in a "
        "new, similar study there could be no effect, or the opposite one (95 % prediction interval 0.20 to 1.50)."
    )


def test_a_harm_is_called_one():
    plan = plan_row("x", outcome="relapse", measure="SMD")
    cells = {"measure": "SMD", "estimate": 0.4, "ci_lb": 0.1, "ci_ub": 0.7, "interval_side": "worse"}
    assert "relapse was higher with walking group, a harm (SMD 0.40, 95 % CI 0.10 to 0.70;" in said(plan, **cells)


@pytest.mark.parametrize(
    ("outcome", "words"), [("visits", "visits kept were higher"), ("relapse", "relapse was higher")]
)
def test_an_outcome_in_the_plural_has_its_verb(outcome, words):
    side = "better" if outcome == "visits" else "worse"
    plan = plan_row("x", outcome=outcome, measure="SMD")
    assert words in said(plan, measure="SMD", interval_side=side)


def test_the_chance_of_what_is_wanted_and_no_risk_of_it():
    plan = plan_row("x", outcome="visits", measure="RR")
    assert "the chance of visits kept was higher with walking group" in said(plan, measure="RR")


def test_an_interval_across_no_effect_leaves_it_open():
    cells = {"ci_lb": log(0.9), "interval_side": "includes_no_effect", "pi_lb": log(0.5), "pi_ub": log(8)}
    assert said(**cells) == (
        "3 trials comparing walking group with usual care (1,600 people): it is not clear whether the odds of visits "
        "kept are higher or lower with walking group (OR 2.00, 95 % CI 0.90 to 3.20; REML, Knapp-Hartung; I² 41.3 %). "
        "In a new, similar study the effect could go either way (95 % prediction interval 0.50 to 8.00)."
    )


def test_a_wide_interval_is_told_as_such():
    found = said(ci_lb=log(0.1), ci_ub=log(40), interval_side="includes_no_effect", is_wide="yes")
    assert "That interval is too wide to say anything: it holds a halving as well as a doubling." in found


def test_why_nothing_is_said_of_a_new_study():
    found = said(note="pi_lb, pi_ub: needs 3 effects, there are 2")
    reason = "(prediction interval: needs 3 effects, there are 2)"
    assert found.endswith(f"What a new, similar study would find cannot be said {reason}.")


def test_one_study_is_told_by_its_name_and_not_called_pooled():
    cells = {"basis": "one_study", "k": "1", "n_studies": "1", "n_participants": "80", "studies": "Ash 2001"}
    assert said(**cells) == (
        "Only 1 trial gives an effect (Ash 2001, 80 people), so nothing is pooled: the odds of visits kept were higher "
        "with walking group, a benefit (OR 2.00, 95 % CI 1.25 to 3.20)."
    )
    unknown = said(**cells, people_not_stated="Ash 2001")
    assert unknown.startswith("Only 1 trial gives an effect (number of people not stated for Ash 2001), so nothing")


def test_no_and_too_few_effects():
    assert said(basis="none") == "No trial gives an effect, so nothing can be said."
    assert said(basis="too_few", k="2", n_studies="2") == "2 trials (1,600 people) give an effect, too few to pool."


def test_more_effects_than_studies_are_both_counted():
    assert said(k="7").startswith("7 effects of 3 trials comparing walking group with usual care (1,600 people): ")


def test_a_proportion_of_one_group_is_not_compared():
    plan = PLAN["reach_single"]
    # Log odds of 0.5, 0.2 and 0.8.
    cells = {"measure": "PLO", "estimate": 0.0, "ci_lb": log(0.25), "ci_ub": log(4), "interval_side": ""}
    assert said(plan, **cells, pi_lb=log(1 / 9), pi_ub=log(9)) == (
        "3 studies (1,600 people): reach, proportion 50.0 % (95 % CI 20.0 to 80.0 %; REML, Knapp-Hartung; I² 41.3 %). "
        "In a new, similar study it would lie at 10.0 to 90.0 % (95 % prediction interval)."
    )


def test_a_change_is_set_against_before():
    plan = plan_row("x", outcome="relapse", measure="SMCR", designs="single_arm_prepost")
    cells = {"measure": "SMCR", "estimate": -0.4, "ci_lb": -0.7, "ci_ub": -0.1}
    found = said(plan, **cells)
    assert " comparing after with before (1,600 people): relapse was lower than before, a benefit (SMCR −0.40," in found


@pytest.mark.parametrize(
    ("bases", "told"),
    [(["none", "one_study", "pooled", "pooled"], 2), (["none", "one_study", "one_study"], 1), (["none"], 0)],
)
def test_the_answer_is_the_first_step_that_says_most(bases, told):
    numbers = {"none": ""}
    rows = [
        ladder_row(basis=basis, ladder_step=str(n), estimate=numbers.get(basis, 1)) for n, basis in enumerate(bases)
    ]
    others = [ladder_row(reading="cautious"), ladder_row(analysis="another")]
    assert told_row([*others, *rows], "visits_rct")["ladder_step"] == str(told)


def test_no_row_no_answer():
    assert told_row([], "visits_rct") is None
