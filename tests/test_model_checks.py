"""Models that contradict themselves are refused at the door, each with its key."""

import pytest

from repool.extraction.model_checks import check_models

PLAIN = {"id": "plain", "method_tau2": "REML", "ci_method": "wald"}
LEVELS = {"id": "levels", "method_tau2": "REML", "ci_method": "t", "structure": "three_level", "rho": 0}


def told(*models, primary="plain"):
    problems = check_models({"primary_model": primary, "models": list(models)})
    return [(p.rule, p.column, p.found) for p in problems]


def test_models_with_and_without_a_structure_stand_side_by_side():
    assert told(PLAIN, LEVELS) == []


@pytest.mark.parametrize(
    ("changed", "rule", "column"),
    [
        # A multilevel model is fitted by likelihood; Knapp and Hartung's variance is one of independent effects.
        ({"method_tau2": "DL"}, "S06", "method_tau2"),
        ({"method_tau2": "none"}, "S06", "method_tau2"),
        ({"ci_method": "knapp_hartung"}, "S06", "ci_method"),
        ({"ci_method": "knapp_hartung_floored"}, "S06", "ci_method"),
    ],
)
def test_structure_takes_likelihood_and_its_own_intervals(changed, rule, column):
    assert told(PLAIN, LEVELS | changed) == [(rule, f"pooling.models.1.{column}", *changed.values())]


def test_structure_needs_a_declared_correlation():
    without = {name: value for name, value in LEVELS.items() if name != "rho"}
    assert told(PLAIN, without) == [("S03", "pooling.models.1.rho", "")]


@pytest.mark.parametrize(("column", "value"), [("ci_method", "cluster_robust"), ("rho", 0.5)])
def test_what_needs_a_structure_is_refused_without_one(column, value):
    assert told(PLAIN | {column: value}) == [("S06", f"pooling.models.0.{column}", str(value))]


def test_two_models_of_one_name_and_an_unknown_primary_are_told_together():
    assert told(PLAIN, PLAIN, primary="plane") == [
        ("S06", "pooling.models", "plain"),
        ("S06", "pooling.primary_model", "plane"),
    ]
