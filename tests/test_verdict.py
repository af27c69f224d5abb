"""The verdict on an analysis: which rule speaks against it, and what would change it."""

import math

import pytest

from repool.pooling.verdict import RULES, VERDICT_COLUMNS, Facts, verdict_rows, wide_reach

HEADLINE = {
    "analysis": "demo", "ladder_step": "as_reported", "reading": "preferred", "model": "reml", "measure": "OR",
    "verdict": "pooled", "reason": "", "k": 8, "n_participants": 900.0, "estimate": 0.5, "ci_lb": 0.2, "ci_ub": 0.8,
    "pi_lb": 0.1, "pi_ub": 0.9, "tau2": 0.0, "i2_percent": 20.0, "level": 0.95, "converged": "yes",
}  # fmt: skip
FACTS = {
    "weights_percent": [30.0, 20.0], "sides_without_one": ["above"] * 8, "sides_of_choices": ["above"] * 9,
    "small_study_pvals": {"egger": 0.4}, "robust_df": 12.0, "first_step": True, "vi": [0.1] * 8,
}  # fmt: skip
RULES_ON = {
    "few_effects": 5, "few_participants": 400, "one_study_dominates": 50, "heterogeneity": 75,
    "prediction_across": True, "wide_interval": {"ratio": 2, "standardised": 0.5}, "hangs_on_one_study": True,
    "hangs_on_choices": 0, "rests_on_assumptions": True, "search_unsettled": True, "small_study_effects": 0.1,
    "few_clusters": 4,
}  # fmt: skip


def told(headline=None, facts=None, rules=None, left_out=()):
    return verdict_rows(
        HEADLINE | (headline or {}), Facts(**(FACTS | (facts or {}))), rules=RULES_ON | (rules or {}), minimum_k=2,
        left_out=left_out,
    )  # fmt: skip


def broken(rows):
    return [row["name"] for row in rows if row["kind"] == "rule" and row["says"] == "yes"]


def test_result_that_no_rule_speaks_against_is_pooled():
    rows = told()
    assert rows[0]["says"] == "pooled" and broken(rows) == []
    assert tuple(rows[0]) == VERDICT_COLUMNS
    assert [row["name"] for row in rows if row["kind"] == "rule"] == list(RULES) == list(RULES_ON)


@pytest.mark.parametrize(
    ("rule", "headline", "facts"),
    [
        ("few_effects", {"k": 4}, {}),
        ("few_participants", {"n_participants": 399.0}, {}),
        ("one_study_dominates", {}, {"weights_percent": [51.0, 49.0]}),
        ("heterogeneity", {"i2_percent": 75.1}, {}),
        ("prediction_across", {"pi_lb": -0.1}, {}),
        ("hangs_on_one_study", {}, {"sides_without_one": ["above"] * 7 + ["includes_no_effect"]}),
        ("hangs_on_choices", {}, {"sides_of_choices": ["above", "below"]}),
        ("rests_on_assumptions", {}, {"first_step": False}),
        ("search_unsettled", {"converged": "no"}, {}),
        ("small_study_effects", {}, {"small_study_pvals": {"egger": 0.4, "peters": 0.09}}),
        ("few_clusters", {}, {"robust_df": 3.9}),
    ],
)
def test_rule_speaks_beyond_its_limit_and_is_told_in_words(rule, headline, facts):
    rows = told(headline, facts)
    assert broken(rows) == [rule] and rows[0]["says"] == "pooled_with_warning"
    (row,) = (row for row in rows if row["name"] == rule)
    assert row["words"] and row["words"] in rows[0]["words"]


def test_interval_that_holds_a_halving_and_a_doubling_is_too_wide():
    across = {"estimate": 0.0, "ci_lb": -0.7, "ci_ub": 0.7, "pi_lb": -0.8, "pi_ub": 0.8}
    sides = {"sides_without_one": ["includes_no_effect"], "sides_of_choices": ["includes_no_effect"]}
    assert broken(told(across, sides)) == ["wide_interval"]
    # ln 2 is 0.693: an interval to 0.69 does not hold a doubling.
    assert broken(told(across | {"ci_ub": 0.69}, sides)) == []


def test_rule_that_is_not_looked_at_is_not_told():
    assert "few_effects" not in {row["name"] for row in told({"k": 4}, rules={"few_effects": "none"})}


def test_what_is_not_known_is_no_warning_but_is_said():
    rows = told({"n_participants": math.nan}, {"small_study_pvals": {}, "robust_df": math.nan})
    unknown = {row["name"]: row["words"] for row in rows if row["says"] == "not_known"}
    assert set(unknown) == {"few_participants", "small_study_effects", "few_clusters"} and all(unknown.values())
    assert rows[0]["says"] == "pooled"


def test_proportion_has_no_side_to_lie_on():
    rows = told({"measure": "PLO"})
    assert {row["name"] for row in rows if row["says"] == "not_known"} >= {"prediction_across", "hangs_on_choices"}
    assert not [row for row in rows if row["kind"] == "change"]


def test_pooled_result_says_how_many_studies_would_turn_it():
    # Eight weights of 10: W = 80, z = 1.96; (0.5 x 80 / 1.96)^2 = 416.5, less 80, over 10: 33.6, so 34.
    (change,) = (row for row in told() if row["kind"] == "change")
    assert (change["name"], change["found"]) == ("contradicting_studies", 34)


def test_refused_analysis_says_what_is_missing():
    refused = HEADLINE | {"verdict": "not_pooled", "reason": "1 effect; too few", "k": 1}
    rows = verdict_rows(refused, None, rules=RULES_ON, minimum_k=3, left_out=["Adams 2001: no time is stated"])
    assert (rows[0]["says"], rows[0]["words"]) == ("not_pooled", "1 effect; too few")
    assert [(row["name"], row["found"]) for row in rows[1:]] == [("more_effects", 2), ("left_out", "")]


def test_reach_of_a_useless_interval_is_declared_for_ratios_and_standardised_differences():
    limit = {"ratio": 2, "standardised": 0.5}
    assert wide_reach("OR", limit) == pytest.approx(math.log(2))
    assert wide_reach("SMD", limit) == 0.5
    assert wide_reach("MD", limit) is None
