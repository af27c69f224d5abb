"""Which effect of a cohort enters an analysis, and the reason written beside each that does not."""

import math

import pandas as pd
import pytest

from repool.effects.select import choose_effects
from repool.extraction.selection_plan import Rules

LADDER = [{"step": "as_reported"}, {"step": "equal_allocation"}]
KEYS = [
    "ladder_step",
    "doubted",
    "priority",
    "distance_to_target",
    "latest_time",
    "route_rank",
    "result_id",
]
ANALYSIS = {
    "analysis": "demo", "outcome": "abstinence", "measure": "OR", "designs": "rct", "comparators": "usual_care",
    "interventions_excluded": "bundle", "time_target_months": 6.0, "time_min_months": 1.0, "time_max_months": 12.0,
    "time_not_stated": "leave_out", "moderators": "", "subgroups": "",
}  # fmt: skip
STUDIES = pd.DataFrame(
    [
        {
            "study_id": "a",
            "label": "A 2001",
            "design": "rct",
            "intervention_class": "peer",
            "status": "included",
        },
        {
            "study_id": "a2",
            "label": "A 2002",
            "design": "rct",
            "intervention_class": "peer",
            "status": "included",
        },
        {
            "study_id": "b",
            "label": "B 2001",
            "design": "rct",
            "intervention_class": "bundle",
            "status": "included",
        },
        {
            "study_id": "c",
            "label": "C 2001",
            "design": "cohort_comparative",
            "intervention_class": "peer",
            "status": "included",
        },
        {
            "study_id": "d",
            "label": "D 2001",
            "design": "rct",
            "intervention_class": "peer",
            "status": "awaiting",
        },
    ]
).set_index("study_id", drop=False)


def effect(result_id, **cells):
    study_id = result_id.split("-")[0]
    row = {
        "result_id": result_id, "study_id": study_id, "cohort_id": study_id, "outcome": "abstinence",
        "term": "abstinent", "measure": "OR", "yi": 0.5, "vi": 0.04, "sei": 0.2, "vtype": "LS", "route": "counts",
        "route_rank": 1, "step_order": 1, "assumptions": "", "flip": 1, "doubted": "", "priority": 1.0,
        "time_months": 6.0, "comparator": "usual_care", "condition_arm1": "peer", "condition_arm2": "usual",
        "n_arm1": 10.0, "n_arm2": 10.0, "n_total": 20.0, "events_arm1": 5.0, "events_arm2": 4.0, "reason": "",
        "yi_best": math.nan, "vi_best": math.nan, "yi_worst": math.nan, "vi_worst": math.nan,
        "outcome_source": "self_report", "variant": "", "made_from": "", "multi_arm_group": "", "shared_arm": "",
        "mean_arm1": math.nan, "sd_arm1": math.nan, "mean_arm2": math.nan, "sd_arm2": math.nan,
    }  # fmt: skip
    return row | cells


def choose(*effects, analysis=ANALYSIS, readings=("preferred", "cautious"), keys=KEYS):
    frame = pd.DataFrame(effects).astype({"step_order": "Int64"})
    rules = Rules(
        sort_keys=tuple(keys),
        sources_order=(),
        multi_arm="choose",
        overlap="one_effect",
        rho=0.5,
    )
    return choose_effects(
        frame,
        analysis=analysis,
        studies=STUDIES,
        ladder=LADDER,
        readings=list(readings),
        rules=rules,
        carried=[],
    )


def reason_of(selection, result_id):
    return selection.set_index("result_id").loc[result_id, "reason"]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"comparator": "active_professional"}, "comparator is active_professional"),
        ({"time_months": 18.0}, "18 months is outside the window of 1 to 12"),
        ({"time_months": math.nan}, "time is not stated"),
        ({"measure": "HR"}, "measure is HR, which is never mixed with OR"),
        (
            {"yi": math.nan, "reason": "no route leads to an effect"},
            "no route leads to an effect",
        ),
        (
            {"step_order": None},
            "no step of the assumption ladder admits what its routes assume",
        ),
    ],
)
def test_each_refusal_has_its_reason(cells, words):
    chosen, selection = choose(effect("a-01", **cells))
    assert chosen.empty and reason_of(selection, "a-01") == words


def test_design_and_intervention_come_from_the_table_of_studies():
    _, selection = choose(effect("b-01"), effect("c-01"))
    assert reason_of(selection, "b-01") == "intervention is bundle"
    assert reason_of(selection, "c-01") == "design is cohort_comparative"


def test_a_study_that_awaits_a_decision_is_not_pooled():
    chosen, selection = choose(effect("d-01"))
    assert chosen.empty and reason_of(selection, "d-01") == "study is awaiting"


def test_a_doubted_row_is_used_only_if_its_cohort_has_no_other():
    near, far = (
        effect("a-01", doubted="yes", time_months=6.0),
        effect("a-02", time_months=12.0),
    )
    assert set(choose(near, far)[0]["result_id"]) == {"a-02"}
    assert set(choose(near)[0]["result_id"]) == {"a-01"}


def test_time_not_stated_enters_where_the_analysis_allows_it():
    chosen, _ = choose(
        effect("a-01", time_months=math.nan),
        analysis=ANALYSIS | {"time_not_stated": "allow"},
    )
    assert set(chosen["result_id"]) == {"a-01"}


def test_priority_comes_before_distance_to_the_target_time():
    chosen, selection = choose(
        effect("a-01", priority=2.0, time_months=6.0),
        effect("a-02", priority=1.0, time_months=12.0),
    )
    assert set(chosen["result_id"]) == {"a-02"}
    assert reason_of(selection, "a-01") == "one effect per cohort: a-02 comes first by the declared rule"


def test_of_equally_distant_times_the_later_is_taken():
    chosen, _ = choose(effect("a-01", time_months=3.0), effect("a-02", time_months=9.0))
    assert set(chosen["result_id"]) == {"a-02"}


def test_two_papers_on_one_cohort_are_one_effect():
    chosen, _ = choose(effect("a-01"), effect("a2-01", cohort_id="a", priority=2.0))
    assert set(chosen["result_id"]) == {"a-01"}


def test_a_cohort_keeps_its_effect_at_later_steps():
    # The preferred term needs an assumption; the cohort already has an effect without one.
    chosen, selection = choose(
        effect("a-01", priority=1.0, step_order=2),
        effect("a-02", priority=2.0, step_order=1),
    )
    assert set(chosen["result_id"]) == {"a-02"}
    assert selection.set_index("result_id").loc["a-02", "used_from"] == "as_reported"


def test_later_steps_only_add_cohorts():
    chosen, _ = choose(
        effect("a-01"),
        effect("a2-01", step_order=2, assumptions="equal_arms"),
        readings=["preferred"],
    )
    by_step = chosen.groupby("ladder_step")["result_id"].agg(list).to_dict()
    assert by_step == {"as_reported": ["a-01"], "equal_allocation": ["a-01", "a2-01"]}
    assert (
        chosen.set_index(["ladder_step", "result_id"]).loc[("equal_allocation", "a2-01"), "added_at"]
        == "equal_allocation"
    )


def test_cautious_reading_takes_the_widest_route_its_step_admits():
    exact = effect("a-01", route="ratio_and_p", vi=0.0267, route_rank=1, step_order=1)
    shared = effect("a-01", route="percents_and_total", vi=0.0557, route_rank=2, step_order=2)
    chosen, _ = choose(exact, shared)
    routes = chosen.set_index(["ladder_step", "reading"])["route"].to_dict()
    assert routes == {
        ("as_reported", "preferred"): "ratio_and_p",
        ("as_reported", "cautious"): "ratio_and_p",
        ("equal_allocation", "preferred"): "ratio_and_p",
        ("equal_allocation", "cautious"): "percents_and_total",
    }


def test_order_of_rows_does_not_matter():
    effects = [
        effect("a-01", time_months=3.0),
        effect("a-02"),
        effect("a2-01", cohort_id="a2"),
        effect("b-01"),
    ]
    forward, backward = choose(*effects), choose(*reversed(effects))
    for one, other in zip(forward, backward, strict=True):
        pd.testing.assert_frame_equal(one.reset_index(drop=True), other.reset_index(drop=True))
