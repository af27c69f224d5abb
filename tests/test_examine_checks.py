"""Settings under `examine` that a method would not understand are refused at the door, each with its key.

What each method takes stands in docs/methods/; that the door and the methods agree is held below.
"""

import pytest
from tiny_review import SCHEMAS, SETTINGS

from repool.extraction.examine_checks import _COUNT_MODELS, _WORDS
from repool.extraction.settings import read_settings
from repool.pooling.bias import asymmetry, excess_significance, selection_models, selection_weights, trim_and_fill
from repool.pooling.models.intervals import CI_METHODS
from repool.pooling.rare_events.table import SETTINGS as COUNT_SETTINGS

EGGER = "{id: e, method: egger, predictor: sei, model: weighted_regression, ci_method: t}"
STEPS = (
    "{id: s, method: selection_model, weight: stepfun, steps: [0.025, 1], delta: none, alternative: less, "
    "method_tau2: ML}"
)
GLMM = (
    "{id: g, method: glmm, measure: OR, glmm_model: UM.FS, method_tau2: ML, nodes: 7, add: 0.5, to: only0, "
    "drop00: true}"
)
PRIOR = (
    "{tau_prior: half_normal, tau_scale: 0.5, mu_prior: uniform, mu_mean: none, mu_sd: none, interval_type: central}"
)
PLACES = {
    "methods": "examine.missing_evidence.methods",
    "rare_events": "examine.rare_events",
    "bayes": "examine.bayes",
}


def told(key, *items):
    """Return (rule, column below the list, found) of every fault of the settings with these items in a list."""
    text = SETTINGS.replace(f"{key}: []", f"{key}: [{', '.join(items)}]")
    assert text != SETTINGS
    problems = read_settings(text.encode(), SCHEMAS["review"], routes=["counts", "ratio_and_interval"])[1]
    return [(p.rule, p.column.removeprefix(f"{PLACES[key]}."), p.found) for p in problems]


@pytest.mark.parametrize(
    ("key", "item"), [("methods", EGGER), ("methods", STEPS), ("rare_events", GLMM), ("bayes", PRIOR)]
)
def test_right_settings_pass(key, item):
    assert told(key, item) == []


@pytest.mark.parametrize(
    ("key", "item", "old", "new", "problem"),
    [
        ("methods", EGGER, "weighted_regression", "weighted_regresion", ("S04", "0.model", "weighted_regresion")),
        ("methods", EGGER, "sei", "se", ("S04", "0.predictor", "se")),
        ("methods", EGGER, "}", ", alpha: 0.05}", ("S02", "0.alpha", "alpha")),
        ("methods", EGGER, "predictor: sei, ", "", ("S03", "0.predictor", "")),
        ("methods", STEPS, "stepfun", "step", ("S04", "0.weight", "step")),
        ("methods", STEPS, "[0.025, 1]", "0.025", ("S05", "0.steps", "0.025")),
        ("methods", STEPS, "[0.025, 1]", "[1]", ("S05", "0.steps", "[1]")),
        ("methods", STEPS, "[0.025, 1]", "[2.5, 100]", ("S05", "0.steps", "[2.5, 100]")),
        ("methods", STEPS, "delta: none", "delta: 1", ("S05", "0.delta", "1")),
        ("methods", "{id: b, method: begg, exact: true}", "true", "yes please", ("S04", "0.exact", "yes please")),
        ("methods", "{id: r, method: rosenthal, alpha: 0.05}", "0.05", "5", ("S05", "0.alpha", "5")),
        ("rare_events", GLMM, "nodes: 7, ", "", ("S03", "0.nodes", "")),
        ("rare_events", GLMM, "}", ", correct: true}", ("S02", "0.correct", "correct")),
        ("rare_events", GLMM, "add: 0.5", "add: [0.5, 0]", ("S05", "0.add", "[0.5, 0]")),
        ("bayes", PRIOR, "tau_scale: 0.5", "tau_scale: none", ("S06", "0.tau_scale", "none")),
        ("bayes", PRIOR, "half_normal", "jeffreys", ("S06", "0.tau_scale", "0.5")),
        ("bayes", PRIOR, "mu_mean: none", "mu_mean: 0", ("S06", "0.mu_mean", "0")),
    ],
)
def test_wrong_setting_is_named_by_its_key(key, item, old, new, problem):
    assert item.count(old) == 1
    assert told(key, item.replace(old, new)) == [problem]


def test_peto_answers_in_odds_ratios_alone():
    item = "{id: p, method: peto, measure: RR, add: 0, to: none, drop00: true}"
    assert told("rare_events", item) == [("S04", "0.measure", "RR")]


def test_two_methods_of_one_name_could_not_be_told_apart():
    assert told("methods", EGGER, EGGER) == [("S06", PLACES["methods"], "e")]


@pytest.mark.parametrize(
    ("old", "new", "column", "found"),
    [
        (
            *("subsets: []", "subsets: [{title: Low risk, column: rob, keep: [low]}]"),
            *("examine.sensitivity.subsets.0.column", "rob"),
        ),
        ("other_measures: {}", "other_measures: {OR: [RR]}", "examine.sensitivity.other_measures.OR", "RR"),
    ],
)
def test_name_that_nobody_declares_is_refused(old, new, column, found):
    text = SETTINGS.replace(old, new)
    problems = read_settings(text.encode(), SCHEMAS["review"], routes=["counts", "ratio_and_interval"])[1]
    assert [(p.rule, p.column, p.found) for p in problems] == [("S06", column, found)]


def test_door_and_methods_know_the_same_words():
    """The door stands below the methods and repeats their words; a word added to one must be added to the other."""
    favours = ("favours_arm1",)
    assert _WORDS["egger"] == {
        "predictor": asymmetry.PREDICTORS,
        "model": asymmetry.MODELS,
        "ci_method": CI_METHODS,
    }
    assert _WORDS["trim_and_fill"]["estimator"] == trim_and_fill.ESTIMATORS
    assert _WORDS["trim_and_fill"]["side"] == trim_and_fill.SIDES
    assert _WORDS["selection_model"]["weight"] == selection_weights.TYPES
    assert _WORDS["selection_model"]["alternative"] == favours + selection_weights.ALTERNATIVES
    assert _WORDS["selection_model"]["method_tau2"] == selection_models.METHODS
    assert _WORDS["excess_significance"]["test"] == excess_significance.TESTS
    assert set(_WORDS["excess_significance"]["test_alternative"]) == set(excess_significance.ALTERNATIVES)
    # Peto's answers in the odds ratio: its measure says in which analyses it stands, and is no setting of it.
    assert {k: set(v) - ({"measure"} if k == "peto" else set()) for k, v in _COUNT_MODELS.items()} == {
        k: set(v) for k, v in COUNT_SETTINGS.items()
    }
