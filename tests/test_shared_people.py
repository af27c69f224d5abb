"""A trial with three arms under all four answers, overlapping samples, the keys of choice and the readings."""

import math

import pandas as pd
import pytest

from repool.effects.select import choose_effects
from repool.extraction.selection_plan import Rules

LADDER = [{"step": "as_reported", "assumptions": []}, {"step": "more", "assumptions": ["equal_arms", "rho_declared"]}]
KEYS = ("ladder_step", "doubted", "priority", "distance_to_target", "latest_time", "route_rank", "result_id")
ANALYSIS = {
    "analysis": "demo", "outcome": "abstinence", "measure": "OR", "designs": "rct", "comparators": "usual_care",
    "interventions_excluded": "", "time_target_months": 6.0, "time_min_months": 1.0, "time_max_months": 12.0,
    "time_not_stated": "leave_out", "moderators": "", "subgroups": "",
}  # fmt: skip
STUDIES = pd.DataFrame(
    [
        {"study_id": name, "label": label, "design": "rct", "intervention_class": "peer", "status": "included"}
        for name, label in (("t", "Trial 2001"), ("t2", "Trial 2002"), ("u", "Unlike 2001"))
    ]
).set_index("study_id", drop=False)


def rules(**choices):
    plain = {"sort_keys": KEYS, "sources_order": (), "multi_arm": "choose", "overlap": "one_effect", "rho": 0.5}
    return Rules(**(plain | choices))


def effect(result_id, **cells):
    study_id = result_id.split("-")[0]
    row = {
        "result_id": result_id, "study_id": study_id, "cohort_id": study_id, "outcome": "abstinence",
        "term": "abstinent", "measure": "OR", "yi": 0.5, "vi": 0.04, "yi_best": math.nan, "vi_best": math.nan,
        "yi_worst": math.nan, "vi_worst": math.nan, "vtype": "LS", "route": "counts", "route_rank": 1, "step_order": 1,
        "assumptions": "", "flip": 1, "doubted": "", "priority": 1.0, "time_months": 6.0, "comparator": "usual_care",
        "condition_arm1": "A", "condition_arm2": "C", "n_arm1": 100.0, "n_arm2": 110.0, "events_arm1": 30.0,
        "events_arm2": 40.0, "reason": "", "outcome_source": "self_report", "variant": "", "made_from": "",
        "multi_arm_group": "", "shared_arm": "", "sd_arm1": math.nan, "sd_arm2": math.nan,
        "mean_arm1": math.nan, "mean_arm2": math.nan,
    } | cells  # fmt: skip
    return row | {"n_total": cells.get("n_total", row["n_arm1"] + row["n_arm2"]), "sei": row["vi"] ** 0.5}


def choose(*effects, readings=("preferred",), analysis=None, ladder=LADDER, **choices):
    frame = pd.DataFrame(effects).astype({"step_order": "Int64"})
    return choose_effects(
        frame, analysis=ANALYSIS | (analysis or {}), studies=STUDIES, ladder=ladder, readings=list(readings),
        rules=rules(**choices), carried=[],
    )  # fmt: skip


def at_step(chosen, step="as_reported"):
    return chosen[chosen["ladder_step"] == step].to_dict("records")


def fate_of(selection, result_id):
    row = selection.set_index("result_id").loc[result_id]
    return row["fate"], row["reason"]


# The trial: A 30 of 100, B 24 of 90, both against C 40 of 110. Effects by metafor 3.8-1, escalc(measure = "OR"):
# whole contrasts; with C in halves (20 of 55); A and B as one (54 of 190).
GROUP = {"multi_arm_group": "t-01", "shared_arm": "arm2"}
B = {"condition_arm1": "B", "n_arm1": 90.0, "events_arm1": 24.0}
WHOLE = [
    effect("t-01", yi=-0.287682072451781, vi=0.0869047619047619, **GROUP),
    effect("t-02", yi=-0.451985123743058, vi=0.0961038961038961, **B, **GROUP),
]
HALF = {"variant": "split", "n_arm2": 55.0, "events_arm2": 20.0}
SPLIT = [
    effect("t-01+split", yi=-0.287682072451781, vi=0.126190476190476, made_from="t-01", **HALF, **GROUP),
    effect("t-02+split", yi=-0.451985123743058, vi=0.13538961038961, made_from="t-02", **HALF, **B, **GROUP),
]
AS_ONE = {"condition_arm1": "A + B", "n_arm1": 190.0, "events_arm1": 54.0, "variant": "combined"}
COMBINED = effect(
    "t-01+combined", yi=-0.364055051236355, vi=0.0651571739807034, made_from="t-01;t-02", **AS_ONE, **GROUP
)
TRIAL = [*WHOLE, *SPLIT, COMBINED]


def test_choose_takes_one_contrast_and_says_so_of_the_other():
    chosen, selection = choose(*TRIAL)
    (row,) = at_step(chosen)
    assert (row["result_id"], row["yi"], row["vi"], row["n_total"]) == ("t-01", WHOLE[0]["yi"], WHOLE[0]["vi"], 210)
    assert fate_of(selection, "t-02") == ("dropped", "one effect per cohort: t-01 comes first by the declared rule")
    assert list(selection["result_id"]) == ["t-01", "t-02"]  # parts and merged rows are no results of this analysis


def test_split_takes_both_contrasts_with_half_of_the_shared_arm_each():
    chosen, selection = choose(*TRIAL, multi_arm="split")
    rows = at_step(chosen)
    assert [(row["result_id"], row["vi"]) for row in rows] == [
        ("t-01+split", 0.126190476190476),
        ("t-02+split", 0.13538961038961),
    ]
    # 100 + 55 and 90 + 55: all 300 people, once.
    assert sum(row["n_total"] for row in rows) == 300
    assert [row["label"] for row in rows] == ["Trial 2001: A", "Trial 2001: B"]
    assert [row["cohort_id"] for row in rows] == ["t: A", "t: B"]
    assert fate_of(selection, "t-01") == ("merged", "t-01+split stands in its place")


def test_combine_takes_one_contrast_of_both_arms_together():
    chosen, selection = choose(*TRIAL, multi_arm="combine")
    (row,) = at_step(chosen)
    assert (row["result_id"], row["yi"], row["vi"]) == ("t-01+combined", -0.364055051236355, 0.0651571739807034)
    assert (row["n_total"], row["made_from"]) == (300, "t-01;t-02")
    assert fate_of(selection, "t-02") == ("merged", "t-01+combined stands in its place")


def test_covariance_makes_both_contrasts_one_effect():
    # metafor 3.8-1: aggregate(escalc("OR"), V) with 1/40 + 1/70 beside the diagonal; rma.mv(yi, V) gave the same.
    chosen, selection = choose(*TRIAL, multi_arm="covariance")
    (row,) = at_step(chosen)
    # rtol 1e-9: 15 digits printed by R, and a system of two equations.
    assert (row["yi"], row["vi"]) == pytest.approx((-0.36259745335143, 0.0651924500370096), rel=1e-9)
    assert row["sei"] == pytest.approx(math.sqrt(0.0651924500370096), rel=1e-9)
    assert (row["result_id"], row["made_from"], row["route"]) == ("t-01+t-02", "t-01;t-02", "aggregate")
    # C is counted once: 100 + 90 + 110 people, 30 + 24 and 40 with the outcome.
    assert [row[name] for name in ("n_arm1", "n_arm2", "n_total")] == [190, 110, 300]
    assert (row["events_arm1"], row["events_arm2"], row["condition_arm1"]) == (54, 40, "A + B")
    assert fate_of(selection, "t-02") == ("merged", "one of the effects that make up t-01+t-02")


def test_printed_means_go_with_a_single_effect_and_not_with_joined_ones():
    printed = {"mean_arm1": 8.2, "sd_arm1": 7.1, "mean_arm2": 11.5, "sd_arm2": 8.4}
    trial = [row | printed for row in WHOLE]
    (single,) = at_step(choose(*trial)[0])
    assert {name: single[name] for name in printed} == printed
    (joined,) = at_step(choose(*trial, multi_arm="covariance")[0])
    assert all(math.isnan(joined[name]) for name in printed)


def test_covariance_that_is_not_known_falls_back_to_one_contrast_and_says_why():
    ready_made = [row | {"events_arm2": math.nan, "route": "ratio_and_interval"} for row in WHOLE]
    chosen, selection = choose(*ready_made, multi_arm="covariance")
    assert [row["result_id"] for row in at_step(chosen)] == ["t-01"]
    assert "the covariance of its effects cannot be computed from what is printed" in fate_of(selection, "t-02")[1]


@pytest.mark.parametrize("answer", ["split", "combine"])
def test_without_parts_or_merged_rows_one_contrast_is_chosen(answer):
    chosen, _ = choose(*WHOLE, multi_arm=answer)
    assert [row["result_id"] for row in at_step(chosen)] == ["t-01"]


def test_arm_is_not_divided_where_its_other_contrast_has_no_effect():
    lone = SPLIT[1] | {"yi": math.nan, "vi": math.nan, "step_order": None, "reason": "no route"}
    chosen, selection = choose(*WHOLE, SPLIT[0], lone, multi_arm="split")
    assert [row["result_id"] for row in at_step(chosen)] == ["t-01"]
    reason = "no other contrast of its arm has an effect, so the arm is not divided"
    assert fate_of(selection, "t-01+split") == ("dropped", reason)


def test_split_effects_enter_each_at_its_own_step():
    later = SPLIT[1] | {"step_order": 2, "assumptions": "equal_arms"}
    chosen, _ = choose(*WHOLE, SPLIT[0], later, multi_arm="split")
    assert [len(at_step(chosen, step)) for step in ("as_reported", "more")] == [1, 2]


# Several effects of one cohort.

THREE = [
    effect("t-01", yi=0.3, vi=0.04),
    effect("t-02", yi=0.5, vi=0.09, term="abstinent last month", priority=2.0),
    effect("t-03", yi=-0.2, vi=0.02, time_months=12.0),
]


def test_aggregate_makes_all_effects_of_a_cohort_one():
    # metafor 3.8-1, aggregate(struct = "CS", rho = 0.5) of 0.3 (0.04), 0.5 (0.09) and -0.2 (0.02); rtol as above.
    chosen, selection = choose(*THREE, overlap="aggregate")
    assert at_step(chosen) == []  # rho_declared is admitted by the second step only
    (row,) = at_step(chosen, "more")
    assert (row["yi"], row["vi"]) == pytest.approx((-0.137876100902706, 0.0186656191865698), rel=1e-9)
    assert (row["result_id"], row["assumptions"], row["added_at"]) == ("t-01+t-02+t-03", "rho_declared", "more")
    # The same 210 people stand behind all three.
    assert row["n_total"] == 210 and math.isnan(row["events_arm1"]) and math.isnan(row["time_months"])
    assert {fate_of(selection, f"t-0{i}")[0] for i in (1, 2, 3)} == {"merged"}


def test_single_effect_of_a_cohort_needs_no_declared_correlation():
    chosen, _ = choose(effect("t-01"), overlap="aggregate")
    (row,) = at_step(chosen)
    assert (row["result_id"], row["assumptions"], row["route"]) == ("t-01", "", "counts")


def test_aggregate_that_no_step_admits_enters_nowhere_and_says_so():
    chosen, selection = choose(*THREE, overlap="aggregate", ladder=[{"step": "as_reported", "assumptions": []}])
    assert chosen.empty
    assert fate_of(selection, "t-01") == ("dropped", "no step of the assumption ladder admits rho_declared")


def test_aggregate_takes_the_effects_that_assume_least():
    later = effect("t-04", step_order=2, assumptions="equal_arms")
    chosen, selection = choose(*THREE[:2], later, overlap="aggregate")
    assert {row["result_id"] for row in at_step(chosen, "more")} == {"t-01+t-02"}
    assert fate_of(selection, "t-04")[0] == "dropped"


def test_aggregate_counts_a_shared_arm_once_or_with_its_covariance():
    third = effect("t-03", yi=-0.1, vi=0.05, term="abstinent last month")
    chosen, _ = choose(*WHOLE, third, overlap="aggregate")
    assert {row["result_id"] for row in at_step(chosen, "more")} == {"t-01+t-03"}
    # metafor 3.8-1: aggregate(V) of the three, 1/40 + 1/70 between the contrasts, 0.5 x root(vi vj) elsewhere.
    chosen, _ = choose(*WHOLE, third, overlap="aggregate", multi_arm="covariance")
    (row,) = at_step(chosen, "more")
    assert (row["yi"], row["vi"]) == pytest.approx((-0.187635450299438, 0.0444442594139582), rel=1e-9)


def test_contrasts_with_their_covariance_need_no_declared_correlation():
    # As under covariance alone, above: nothing else stands in the cohort.
    chosen, _ = choose(*WHOLE, overlap="aggregate", multi_arm="covariance")
    (row,) = at_step(chosen)
    assert (row["yi"], row["vi"]) == pytest.approx((-0.36259745335143, 0.0651924500370096), rel=1e-9)
    assert (row["assumptions"], row["events_arm2"]) == ("", 40)


def test_cautious_reading_aggregates_the_widest_routes():
    # By algebra: two effects with one variance v and correlation 1/2 have the plain mean, with v x 3/4.
    narrow = [effect("t-01", yi=0.2), effect("t-02", yi=0.4, term="other")]
    wide = [row | {"vi": 0.16, "route": "percents", "route_rank": 2} for row in narrow]
    chosen, _ = choose(*narrow, *wide, overlap="aggregate", readings=("preferred", "cautious"))
    rows = {row["reading"]: (row["yi"], row["vi"]) for row in at_step(chosen, "more")}
    assert rows["preferred"] == pytest.approx((0.3, 0.03)) and rows["cautious"] == pytest.approx((0.3, 0.12))


# Keys and readings.


def test_largest_takes_the_effect_with_the_most_people():
    small, large = effect("t-01"), effect("t-02", n_arm1=150.0)
    assert at_step(choose(small, large, sort_keys=("largest", "result_id"))[0])[0]["result_id"] == "t-02"


def test_effect_without_a_number_of_people_comes_after_all_others():
    unknown = effect("t-01", n_total=math.nan)
    chosen, _ = choose(unknown, effect("t-02"), sort_keys=("largest", "result_id"))
    assert at_step(chosen)[0]["result_id"] == "t-02"


@pytest.mark.parametrize(
    ("order", "first"), [(("bioassay", "self_report"), "t-02"), (("self_report",), "t-01"), ((), "t-01")]
)
def test_declared_order_of_sources_decides(order, first):
    effects = effect("t-01", outcome_source="self_report"), effect("t-02", outcome_source="bioassay")
    chosen, _ = choose(*effects, sort_keys=("source_order", "result_id"), sources_order=order)
    assert at_step(chosen)[0]["result_id"] == first


def test_cases_are_the_ends_of_the_preferred_route():
    cases = {"yi_best": 0.9, "vi_best": 0.05, "yi_worst": 0.1, "vi_worst": 0.06}
    chosen, _ = choose(effect("t-01", **cases), effect("u-01"), readings=("preferred", "best_case", "worst_case"))
    found = {(row["reading"], row["result_id"]): (row["yi"], row["vi"]) for row in at_step(chosen)}
    assert found == {
        ("preferred", "t-01"): (0.5, 0.04), ("best_case", "t-01"): (0.9, 0.05), ("worst_case", "t-01"): (0.1, 0.06),
        # What leaves nothing open is the same in every case.
        ("preferred", "u-01"): (0.5, 0.04), ("best_case", "u-01"): (0.5, 0.04), ("worst_case", "u-01"): (0.5, 0.04),
    }  # fmt: skip


def test_result_with_cases_alone_enters_only_the_cases_and_gives_way_to_an_effect():
    cases = {"yi_best": 0.9, "vi_best": 0.05, "yi_worst": -0.9, "vi_worst": 0.05}
    open_result = effect("t-01", yi=math.nan, vi=math.nan, **cases)
    chosen, _ = choose(open_result, readings=("preferred", "best_case"))
    assert [(row["reading"], row["yi"]) for row in at_step(chosen)] == [("best_case", 0.9)]
    chosen, _ = choose(open_result, effect("t-02", priority=3.0))
    assert [row["result_id"] for row in at_step(chosen)] == ["t-02"]
