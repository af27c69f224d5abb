"""Analyses that ask of their model or moderators what these cannot do are refused, with what to type instead."""

import pytest

from repool.extraction.pooling_plan import check_pooling_plan

SETTINGS = {
    "selection": {
        "one_effect_per_cohort": ["result_id"],
        "sources_order": [],
        "multi_arm": "choose",
        "overlap": {"rule": "one_effect", "rho": 0.5},
    },
    "pooling": {"primary_model": "plain", "models": [{"id": "plain"}, {"id": "levels", "structure": "three_level"}]},
    "moderators": {"latitude": "number", "year": "number", "setting": "text"},
}
BLANK = dict.fromkeys(("multi_arm", "overlap", "primary_model", "moderators", "subgroups"))


def problems_of(**cells):
    return check_pooling_plan([BLANK | {"analysis": "a", "line": 2} | cells], SETTINGS)


def told(**cells):
    return [(p.rule, p.file, p.line, p.column, p.found) for p in problems_of(**cells)]


def test_model_fits_what_is_kept():
    assert told() == []
    assert told(overlap="aggregate") == []
    assert told(overlap="keep_all", primary_model="levels") == []


def test_dependent_effects_need_a_model_that_knows_it():
    (problem,) = problems_of(overlap="keep_all")
    assert (problem.rule, problem.column, problem.found) == ("R21", "primary_model", "plain")
    assert problem.to_fix == "Type overlap: one_effect or aggregate, or as primary_model levels."


def test_structure_needs_several_effects_of_a_cohort():
    (problem,) = problems_of(primary_model="levels")
    assert (problem.rule, problem.found) == ("R21", "levels")
    assert problem.to_fix == "Type overlap: keep_all, or as primary_model plain."


def test_model_that_does_not_exist_is_told_once_and_elsewhere():
    assert told(primary_model="lewels") == []


def test_numbers_make_no_subgroups():
    assert told(subgroups="setting") == []
    assert told(subgroups="year") == [("R22", "config/analyses.csv", 2, "subgroups", "year")]


@pytest.mark.parametrize("formula", ["latitude; year", "~ latitude * setting", "~ I(year - 1990) + log(latitude)"])
def test_formula_that_can_be_read_passes(formula):
    assert told(moderators=formula) == []


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("~ latitude +", "cannot be read"),
        ("~ (latitude", "bracket"),
        ("~ cut(latitude)", "'cut'"),
        ("~ latitude | year", "'|'"),
        ("~ latitude ~ year", "'~'"),
    ],
)
def test_formula_that_cannot_be_read_is_refused_before_anything_is_pooled(formula, words):
    (problem,) = [p for p in problems_of(moderators=formula) if p.rule == "R23"]
    assert (problem.column, problem.found) == ("moderators", formula)
    assert words in problem.problem


def test_meta_regression_needs_one_effect_of_each_cohort():
    asked = {"overlap": "keep_all", "primary_model": "levels", "moderators": "year"}
    assert told(**asked) == [("R24", "config/analyses.csv", 2, "moderators", "year")]
    assert told(**asked | {"overlap": "aggregate", "primary_model": "plain"}) == []


def test_name_that_is_not_declared_is_told_elsewhere():
    assert told(moderators="~ lattitude") == []
