"""Nobody lost, nobody counted twice; and which answers a plan asks for."""

import math

import pandas as pd
import pytest
from test_shared_people import SPLIT, TRIAL, WHOLE, choose, effect

from repool.effects.conservation import check_counted_once, check_nothing_lost, participants
from repool.effects.select import ANALYSIS_EFFECTS, SELECTION
from repool.effects.shared_people import people_of
from repool.extraction.selection_plan import planned_variants, rules_of


def test_selection_tells_how_far_outside_the_window_a_result_lies():
    _, selection = choose(effect("t-01", time_months=18.0), effect("t-02", time_months=0.5), effect("t-03"))
    outside = selection.set_index("result_id")["months_outside"]
    # The window is 1 to 12 months.
    assert (outside["t-01"], outside["t-02"]) == (6.0, 0.5) and math.isnan(outside["t-03"])


def test_tables_have_their_columns_and_people():
    chosen, selection = choose(*TRIAL, effect("u-01"), multi_arm="split")
    assert list(chosen.columns) == ANALYSIS_EFFECTS and list(selection.columns) == SELECTION
    people = selection.set_index("result_id")[["n_arm1", "n_arm2", "n_total"]].loc["t-02"]
    assert list(people) == [90, 110, 200]


@pytest.mark.parametrize(
    ("answer", "used", "left_out"),
    # Of 100 + 90 + 110 people, only choose leaves some out: the 90 of B.
    [("choose", 210, 90), ("split", 300, 0), ("combine", 300, 0), ("covariance", 300, 0)],
)
def test_people_known_are_people_used_and_people_left_out(answer, used, left_out):
    chosen, selection = choose(*TRIAL, multi_arm=answer)
    (row,) = participants(chosen, selection, pd.DataFrame(TRIAL), all_kept=False).to_dict("records")
    assert (row["n_known"], row["n_used"], row["n_left_out"]) == pytest.approx((300, used, left_out))
    assert bool(row["reason"]) == bool(left_out)


def test_people_of_two_papers_on_one_cohort_are_the_larger_paper():
    rows = [effect("t-01"), effect("t2-01", cohort_id="t", n_arm1=50.0, n_arm2=50.0)]
    assert people_of(rows)["n_total"] == 210


def pool(*rows):
    return pd.DataFrame(rows).assign(reading="preferred")


def test_arm_in_two_effects_of_one_pool_is_refused():
    with pytest.raises(ValueError, match="people of t are counted twice: t-01, t-02"):
        check_counted_once(pool(*WHOLE), pd.DataFrame(TRIAL), all_kept=False)


def test_parts_that_are_more_than_the_arm_are_refused():
    greedy = [row | {"n_arm2": 60.0} for row in SPLIT]
    with pytest.raises(ValueError, match="the parts of the arm C are more people than it has"):
        check_counted_once(pool(*greedy), pd.DataFrame([*WHOLE, *greedy]), all_kept=False)
    check_counted_once(pool(*SPLIT), pd.DataFrame(TRIAL), all_kept=False)


def test_result_without_a_fate_or_a_reason_is_refused():
    _, selection = choose(*WHOLE)
    with pytest.raises(ValueError, match="without just one fate: t-02"):
        check_nothing_lost(pd.DataFrame(WHOLE), selection[selection["result_id"] != "t-02"])
    with pytest.raises(ValueError, match="without a reason: t-02"):
        check_nothing_lost(pd.DataFrame(WHOLE), selection.assign(reason=""))


# The plan.

SELECTION_SETTINGS = {
    "one_effect_per_cohort": ["priority", "result_id"],
    "sources_order": ["bioassay"],
    "multi_arm": "choose",
    "overlap": {"rule": "one_effect", "rho": 0.3},
}


def test_analysis_may_answer_otherwise_than_the_configuration():
    own = rules_of(SELECTION_SETTINGS, {"multi_arm": "split", "overlap": None})
    assert (own.multi_arm, own.overlap, own.rho) == ("split", "one_effect", 0.3)
    own = rules_of(SELECTION_SETTINGS, {"multi_arm": None, "overlap": "aggregate"})
    assert (own.multi_arm, own.overlap, own.sources_order) == ("choose", "aggregate", ("bioassay",))


def test_variants_are_made_only_for_outcomes_whose_analyses_ask_for_them():
    plan = [
        ("abstinence", None),
        ("abstinence", "combine"),
        ("abstinence", "split"),
        ("days", None),
        ("harm", "covariance"),
    ]
    analyses = [{"outcome": outcome, "multi_arm": answer, "overlap": None} for outcome, answer in plan]
    assert planned_variants(analyses, SELECTION_SETTINGS) == {"abstinence": ["combined", "split"]}


# Every effect of a cohort kept, for a multilevel model.


def test_all_kept_effects_of_a_cohort_enter_under_names_of_their_own():
    chosen, selection = choose(effect("t-01"), effect("t-02", time_months=3.0), overlap="keep_all")
    first = chosen[chosen["step_order"].eq(1)]
    assert list(first["result_id"]) == ["t-01", "t-02"] and set(first["cohort_id"]) == {"t"}
    assert first["label"].is_unique and set(selection["fate"]) == {"used"}


def test_people_of_effects_that_are_all_kept_are_counted_once():
    rows = [effect("t-01"), effect("t-02", time_months=3.0)]
    chosen, selection = choose(*rows, overlap="keep_all")
    (row,) = participants(chosen, selection, pd.DataFrame(rows), all_kept=True).to_dict("records")
    # Two measurements of the same 210 people (100 + 110) are 210 people.
    assert (row["n_known"], row["n_used"], row["n_left_out"]) == (210, 210, 0)


def test_only_one_of_several_contrasts_of_the_same_arms_is_kept():
    chosen, _ = choose(*WHOLE, overlap="keep_all")
    assert list(chosen["result_id"].unique()) == ["t-01"]
