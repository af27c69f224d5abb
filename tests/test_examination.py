"""What is asked of one pooled result, end to end on tables: the BCG trials, dependent effects, and nothing pooled.

Expected numbers: R 4.2.2, metafor 3.8-1 on the thirteen log risk ratios of tests/known/bcg.json:
leave1out(rma(yi, vi)), regtest(rma(yi, vi), model = "lm"), trimfill(rma(yi, vi)),
confint(rma(yi, vi)).
"""

import csv
import io
import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import yaml
from known_answers import effects_table, kept

from repool.pooling.examination import case_of
from repool.stages.examine import examine_tables
from repool.stages.pool import pool_tables

BCG = kept("bcg.json")
#: A search: R and we stop near the same top of a likelihood.
ITERATIVE = 1e-6
REML = {"id": "reml", "method_tau2": "REML", "ci_method": "wald"}
POOLING = {
    "minimum_k": 2, "primary_model": "reml", "level": 0.95, "i2_definition": "from_tau2",
    "tau2_interval": "q_profile", "refuse_above_i2": "none",
    "permutations": "none", "prediction_method": "normal", "minimum_k_prediction": 3, "minimum_k_leave_one_out": 3,
    "models": [REML, {"id": "common", "method_tau2": "none", "ci_method": "wald"}], "moderators": [], "formula": "",
    "numbers": [], "steps": ["as_reported"], "readings": ["preferred"],
}  # fmt: skip
EXAMINE = yaml.safe_load("""
intervals: {tau2: [q_profile], mean: [henmi_copas], prediction: [normal], thresholds: [0]}
bayes:
  - {tau_prior: half_normal, tau_scale: 0.5, mu_prior: uniform, mu_mean: none, mu_sd: none, interval_type: shortest}
rare_events:
  - {id: mh, method: mantel_haenszel, measure: OR, add: [0.5, 0], to: [only0, none], drop00: [true, true],
     correct: false}
dependence: {models: [three_level], working_models: [correlated], rho: [0.5], method_tau2: REML, test: t, dfs: contain,
  small_sample: CR2, minimum_clusters: 3}
subgroups: {tau2: separate, minimum_k: 2, bubble_points: 5}
missing_evidence:
  minimum_k: 10
  methods:
    - {id: egger, method: egger, predictor: sei, model: weighted_regression, ci_method: t}
    - {id: filled, method: trim_and_fill, estimator: L0, side: auto, ci_method: wald}
    - {id: selection, method: selection_model, weight: stepfun, steps: [0.025, 1], delta: none,
       alternative: favours_arm1, method_tau2: ML}
  contour_levels: [0.05]
  contour_centre: no_effect
  contour_points: 3
sensitivity: {minimum_k: 3, cumulative_by: none, gosh_subsets: none, bootstrap: [], seed: 1, outliers: none,
  subsets: [], other_measures: {}}
without_pooling: {by: [], unit: cohort_id, agreement: 0.7, zero_rule: leave_out, interval: wilson, combined_p: [fisher],
  bounds: as_value, without_p: as_no_evidence, albatross: {effects: {}, arm_ratio: 1, risk_arm2: 0.3, pvals: [0.05]}}
verdict: {few_effects: 5, few_participants: none, one_study_dominates: 50, heterogeneity: 75, prediction_across: true,
  wide_interval: {ratio: 2, standardised: 0.5}, hangs_on_one_study: true, hangs_on_choices: 20,
  rests_on_assumptions: true, search_unsettled: true, small_study_effects: 0.1, few_clusters: 4}
""")


def set_of(yi, vi, **columns):
    blank = dict.fromkeys(("n_arm1", "n_arm2", "events_arm1", "events_arm2"), math.nan)
    frame = effects_table(yi, vi, **{**blank, "measure": "RR", "flip": 1.0, "year": "2000", **columns})
    return frame.assign(result_id=frame["study_id"] + "-01", sei=np.sqrt(frame["vi"]), design="rct")


def examined(effects, *, pooling=None, examine=None, votes=(), higher_is_better=False, other=None, risk_of_bias=None):
    """Return file -> rows, as the two stages write them one after the other."""
    pooling = POOLING | (pooling or {})
    tables = pool_tables(
        effects.reindex(columns=[*effects.columns, "time_months"]), analysis="invented", pooling=pooling
    )  # fmt: skip
    pooled = pd.read_csv(io.StringIO(tables["pooled.csv"]), keep_default_na=False)
    pooled = pooled.apply(lambda column: pd.to_numeric(column.replace("", None)) if _is_number(column) else column)
    settings = SimpleNamespace(
        pooling=pooling, examine=EXAMINE | (examine or {}), votes=list(votes), risk_of_bias=risk_of_bias or {},
        plan={"subgroups": [], "higher_is_better": higher_is_better},
    )  # fmt: skip
    selection = pd.DataFrame({"fate": ["dropped"], "reason": ["time is not stated"], "study_id": ["lost"]})
    found = examine_tables(effects, effects.iloc[:0] if other is None else other, selection, pooled, settings=settings)
    return {name: list(csv.DictReader(io.StringIO(text))) for name, text in found.items()}


def _is_number(column):
    words = [value for value in column if value != ""]
    return bool(words) and all(
        str(value).replace(".", "").replace("-", "").replace("e", "").isdigit() for value in words
    )


def row_of(rows, **cells):
    (row,) = (row for row in rows if all(row[name] == value for name, value in cells.items()))
    return row


@pytest.fixture(scope="module")
def bcg():
    return examined(set_of(BCG["yi"], BCG["vi"]))


def test_tests_for_missing_evidence_are_those_of_r(bcg):
    slope = row_of(bcg["missing_evidence.csv"], id="egger", quantity="slope on study size")
    # regtest(rma(yi, vi), model = "lm")
    assert float(slope["statistic"]) == pytest.approx(-1.40128200228933, rel=1e-9)
    filled = row_of(bcg["missing_evidence.csv"], id="filled")
    # trimfill(rma(yi, vi)): one effect added on the right.
    assert (filled["k_filled"], filled["n_hidden"]) == ("14", "1")
    assert float(filled["estimate"]) == pytest.approx(-0.657082783487766, rel=ITERATIVE)


def test_selection_is_looked_for_on_the_side_that_favours_arm_1(bcg):
    settings = {row["settings"] for row in bcg["missing_evidence.csv"] if row["id"] == "selection"}
    # Less tuberculosis is better, so results below 0 are the ones that get published.
    assert all("alternative = less" in words for words in settings) and settings
    better_above = examined(set_of(BCG["yi"], BCG["vi"]), higher_is_better=True)
    words = row_of(better_above["missing_evidence.csv"], id="selection", quantity="test of no selection")["settings"]
    assert "alternative = greater" in words


def test_funnel_holds_studies_contours_and_mirror_images(bcg):
    kinds = [row["element"] for row in bcg["funnel.csv"]]
    assert (kinds.count("effect"), kinds.count("filled")) == (13, 1) and "contour" in kinds


def test_same_result_lists_the_lowest_and_highest_without_one_study(bcg):
    left_out = [row for row in bcg["same_result.csv"] if row["choice"] == "one study left out"]
    # leave1out(rma(yi, vi)): the smallest and the largest estimate.
    known = sorted(next(r for r in BCG["leave_one_out"] if r["method"] == "REML" and r["test"] == "z")["estimate"])
    assert [float(row["estimate"]) for row in left_out] == pytest.approx([known[0], known[-1]], rel=ITERATIVE)


def test_headline_is_told_first_and_common_effect_lies_on_its_side(bcg):
    first, second = bcg["same_result.csv"][:2]
    assert (first["choice"], second["option"], second["same_side"]) == ("headline", "common", "yes")
    assert float(second["estimate"]) == pytest.approx(-0.430285163654091, rel=1e-9)  # rma(yi, vi, method = "EE")


def test_verdict_warns_of_heterogeneity(bcg):
    verdict = bcg["verdict.csv"]
    assert verdict[0]["says"] == "pooled_with_warning"
    # confint(rma(yi, vi)): I2 = 92.22 %.
    assert float(row_of(verdict, name="heterogeneity")["found"]) == pytest.approx(92.221384521269, rel=ITERATIVE)
    assert row_of(verdict, name="rests_on_assumptions")["says"] == "no"


def test_models_of_counts_of_another_measure_are_not_run(bcg):
    assert bcg["rare_events.csv"] == []


def test_term_that_was_turned_counts_the_other_people():
    # Ten trials of 4 of 10 against 2 of 10, entered as the outcome's opposite: the effect speaks of 6 against 8.
    log_or = math.log(6 / 4 / (8 / 2))
    counts = {"n_arm1": 10.0, "n_arm2": 10.0, "events_arm1": 4.0, "events_arm2": 2.0}
    turned = set_of([log_or] * 3, [1 / 4 + 1 / 6 + 1 / 2 + 1 / 8] * 3, measure="OR", flip=-1.0, **counts)
    (row,) = examined(turned)["rare_events.csv"]
    assert float(row["estimate"]) == pytest.approx(
        log_or, rel=1e-12
    )  # equal tables: Mantel-Haenszel is their odds ratio


def test_refused_analysis_keeps_directions_and_says_what_is_missing():
    votes = [{"study_id": "v", "cohort_id": "v", "label": "V", "design": "rct", "n_total": 50.0,
              "result": "favours_peer", "p_as_reported": ""}]  # fmt: skip
    found = examined(set_of([0.4], [0.1]), votes=votes, higher_is_better=True)
    assert found["verdict.csv"][0]["says"] == "not_pooled"
    changes = [row for row in found["verdict.csv"] if row["kind"] == "change"]
    assert [row["words"] for row in changes] == [
        "1 more study of this outcome with a usable result would be pooled", "time is not stated: lost",
    ]  # fmt: skip
    direction = row_of(found["without_pooling.csv"], kind="direction")
    assert (direction["n_favours_arm1"], direction["n_counted"]) == ("2", "2")
    # Two of two by a fair coin: one-sided 1/4.
    assert float(direction["pval_favours_arm1"]) == pytest.approx(0.25, rel=1e-12)
    assert found["intervals.csv"] == found["same_result.csv"] == []


@pytest.fixture(scope="module")
def dependent():
    effects = set_of([0.1, 0.5, 0.2, 0.8, 0.3], [0.04, 0.05, 0.03, 0.06, 0.02], cohort_id=["a", "a", "b", "b", "c"])
    model = {"id": "reml", "method_tau2": "REML", "ci_method": "t", "structure": "three_level", "rho": 0.0}
    return effects, examined(effects, pooling={"models": [model]})


def test_dependent_effects_are_made_one_before_methods_that_know_no_dependence(dependent):
    _, found = dependent
    assert {row["k"] for row in found["influence.csv"]} == {"3"}
    assert all("made one first" in row["note"] for row in found["influence.csv"])
    # Uncorrelated errors: cohort a is 0.1 and 0.5 with weights 25 and 20.
    funnel = row_of(found["funnel.csv"], element="effect", study_id="study0000")
    assert float(funnel["yi"]) == pytest.approx((25 * 0.1 + 20 * 0.5) / 45, rel=1e-12)


def test_one_cohort_is_left_out_at_a_time(dependent):
    _, found = dependent
    # Without a or b two cohorts remain, of which one has two effects.
    assert [(row["left_out"], row["k"]) for row in found["leave_one_out.csv"]] == [("a", "3"), ("b", "3"), ("c", "4")]


def test_dependence_is_tried_with_declared_correlations(dependent):
    _, found = dependent
    assert [row["model"] for row in found["dependence.csv"]] == ["three_level"]
    assert [row["rho"] for row in found["robust.csv"]] == ["0.5"]


def test_case_is_the_first_step_that_can_be_pooled():
    first = set_of([0.1], [0.1])
    second = set_of([0.1, 0.3], [0.1, 0.1], ladder_step="converted", step_order=2)
    pooled = pd.DataFrame(
        {"is_primary": "yes", "reading": "preferred", "model": "reml", "ladder_step": ["as_reported", "converted"],
         "verdict": ["not_pooled", "pooled"]}
    )  # fmt: skip
    case = case_of(pd.concat([first, second]), pooled, pooling=POOLING)
    assert (case.headline["ladder_step"], len(case.effects), case.is_pooled) == ("converted", 2, True)


def test_parts_outliers_and_other_measures_stand_beside_the_headline():
    effects = set_of(BCG["yi"], BCG["vi"], allocation=BCG["alloc"])
    sensitivity = EXAMINE["sensitivity"] | {
        "subsets": [{"title": "systematic only", "column": "allocation", "keep": ["systematic"]}],
        "outliers": "interval_apart", "bootstrap": [{"kind": "cases", "replicates": 50}],
    }  # fmt: skip
    other = set_of([0.1, 0.3], [0.1, 0.1], measure="OR")
    rows = examined(effects, examine={"sensitivity": sensitivity}, other=other)["same_result.csv"]
    # rma(yi, vi, subset = alloc == "systematic"): REML, four trials.
    part = row_of(rows, choice="part of the studies")
    assert (part["option"], part["k"]) == ("systematic only", "4")
    assert float(part["estimate"]) == pytest.approx(-0.4242074, abs=5e-8)  # R prints seven digits
    # Two effects of equal variance: their mean; another scale, so no distance from the headline.
    measure = row_of(rows, choice="other measure")
    assert (measure["measure"], measure["difference_in_se"]) == ("OR", "")
    assert float(measure["estimate"]) == pytest.approx(0.2, rel=1e-12)
    assert int(row_of(rows, choice="outliers removed")["k"]) < 13
    assert row_of(rows, choice="bootstrap")["option"] == "cases"


def test_subset_of_one_study_is_named_but_not_pooled():
    effects = set_of([0.1, 0.4, 0.2], [0.1, 0.1, 0.1], risk_of_bias=["low", "high", "high"])
    subsets = [{"title": "low risk of bias only", "column": "risk_of_bias", "keep": ["low"]}]
    rows = examined(effects, examine={"sensitivity": EXAMINE["sensitivity"] | {"subsets": subsets}})["same_result.csv"]
    part = row_of(rows, option="low risk of bias only")
    assert (part["estimate"], part["same_side"], part["note"]) == ("", "", "not pooled: 1 effect(s)")


def test_judgement_stands_beside_the_direction_of_its_study():
    effects = set_of([0.1, 0.4, 0.2], [0.1, 0.1, 0.1])
    first, second, third = effects["study_id"]
    rows = examined(effects, risk_of_bias={second: "Some concerns"})["effect_direction.csv"]
    assert {row["study_id"]: row["risk_of_bias"] for row in rows} == {first: "", second: "Some concerns", third: ""}
