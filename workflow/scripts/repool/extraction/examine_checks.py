"""What the key `examine` of config/review.yaml asks for and cannot get: settings that a method does not know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from repool.extraction.setting_faults import contradiction, missing_setting, not_allowed, unknown_setting, wrong_value
from repool.problems import Problem, did_you_mean

_INTERVALS = ("wald", "t", "knapp_hartung", "knapp_hartung_floored")
_LINES = ("weighted_regression", "meta_regression")
_SIDES = ("greater", "less", "two.sided")
#: Method for missing evidence -> setting -> words that it may be; the schema knows which settings each method has.
_WORDS: dict[str, dict[str, Sequence[str]]] = {
    "egger": {
        "predictor": ("sei", "vi", "ni", "ninv", "sqrtni", "sqrtninv"),
        "model": _LINES,
        "ci_method": _INTERVALS,
    },
    "trim_and_fill": {"estimator": ("L0", "R0", "Q0"), "side": ("auto", "left", "right"), "ci_method": _INTERVALS},
    "pet": {"model": _LINES, "ci_method": _INTERVALS},
    "peese": {"model": _LINES, "ci_method": _INTERVALS},
    "pet_peese": {
        "model": _LINES,
        "ci_method": _INTERVALS,
        "direction": ("favours_arm1", "positive", "negative"),
    },
    "selection_model": {
        "weight": ("stepfun", "beta", "halfnorm", "negexp", "logistic", "power"),
        "alternative": ("favours_arm1", *_SIDES),
        "method_tau2": ("ML", "none"),
    },
    "excess_significance": {
        "alternative": ("favours_arm1", *_SIDES),
        "test": ("exact", "chi2", "binomial"),
        "test_alternative": _SIDES,
    },
}
_PROBABILITIES = ("alpha", "alpha_one_sided")
_SWITCHES = ("exact", "weighted")
#: Model of counts -> settings that it needs; it knows no others.
_COUNT_MODELS = {
    "mantel_haenszel": ("measure", "add", "to", "drop00", "correct"),
    "peto": ("measure", "add", "to", "drop00"),
    "glmm": ("measure", "glmm_model", "method_tau2", "nodes", "add", "to", "drop00"),
}
_SCALED_PRIORS = ("half_normal", "half_cauchy")


def check_examine(
    examine: Mapping[str, Any], *, measures: Mapping[str, str], moderators: Mapping[str, str]
) -> list[Problem]:
    """Return the faults of what is computed beside each pooled result.

    Parameters
    ----------
    examine : mapping
        The key `examine` of config/review.yaml, as its schema wants it.
    measures, moderators : mapping
        `conversion.measures` and `moderators`: what may be named.
    """
    methods = examine["missing_evidence"]["methods"]
    problems = _twice("examine.missing_evidence.methods", methods) + _twice(
        "examine.rare_events", examine["rare_events"]
    )
    for number, method in enumerate(methods):
        problems += _check_method(method, f"examine.missing_evidence.methods.{number}")
    for number, model in enumerate(examine["rare_events"]):
        problems += _check_counts(model, f"examine.rare_events.{number}")
    for number, model in enumerate(examine["bayes"]):
        problems += _check_priors(model, f"examine.bayes.{number}")
    return problems + _check_names(examine["sensitivity"], measures, moderators)


def _twice(where: str, methods: Sequence[Mapping[str, Any]]) -> list[Problem]:
    ids = [method["id"] for method in methods]
    return [
        contradiction(where, name, "two methods have the same id", "different ids", "Rename one.")
        for name in sorted({name for name in ids if ids.count(name) > 1})
    ]


def _check_method(method: Mapping[str, Any], where: str) -> list[Problem]:
    """Return the settings of one method for missing evidence that it would not understand."""
    problems = [
        not_allowed(f"{where}.{name}", method[name], allowed)
        for name, allowed in _WORDS.get(method["method"], {}).items()
        if method[name] not in allowed
    ]
    for name in set(_SWITCHES) & set(method):
        if not isinstance(method[name], bool):
            problems.append(not_allowed(f"{where}.{name}", method[name], ("true", "false")))
    for name in set(_PROBABILITIES) & set(method):
        if not (_is_number(method[name]) and 0 < method[name] < 1):
            problems.append(_no_number(f"{where}.{name}", method[name], "a number between 0 and 1, such as 0.05"))
    if "target" in method and not _is_number(method["target"]):
        problems.append(_no_number(f"{where}.target", method["target"], "a number"))
    if method["method"] == "selection_model":
        problems += _check_steps(method, where)
    return sorted(problems, key=lambda problem: problem.column)


def _check_steps(method: Mapping[str, Any], where: str) -> list[Problem]:
    """Return what is wrong with the p-values at which selection changes, and with given weights."""
    problems, steps, delta = [], method["steps"], method["delta"]
    is_list = isinstance(steps, list) and bool(steps) and all(_is_number(step) and 0 < step <= 1 for step in steps)
    if method["weight"] == "stepfun" and not (is_list and min(steps) < 1):
        expected = "p-values above 0, at least one below 1, such as [0.025, 1]"
        problems.append(_no_number(f"{where}.steps", steps, expected))
    if delta != "none" and not (isinstance(delta, list) and all(_is_number(weight) for weight in delta)):
        problems.append(_no_number(f"{where}.delta", delta, "none, or a list of numbers"))
    return problems


def _check_counts(model: Mapping[str, Any], where: str) -> list[Problem]:
    """Return the settings that a model of counts lacks, or does not know."""
    needed = _COUNT_MODELS[model["method"]]
    problems = [missing_setting(f"{where}.{name}") for name in needed if name not in model]
    extra = sorted(set(model) - {"id", "method", *needed})
    problems += [unknown_setting(f"{where}.{name}", name, ["id", "method", *needed]) for name in extra]
    if model["method"] == "peto" and model["measure"] != "OR":
        problems.append(not_allowed(f"{where}.measure", model["measure"], ("OR",)))
    pairs = [name for name in ("add", "to", "drop00") if isinstance(model[name], list)]
    if model["method"] == "glmm":
        problems += [_no_number(f"{where}.{name}", model[name], "one value, for the single effects") for name in pairs]
    return problems


def _check_priors(model: Mapping[str, Any], where: str) -> list[Problem]:
    """Return the numbers that a prior needs and does not have, or has and does not need."""
    needs = {
        "tau_scale": ("tau_prior", model["tau_prior"] in _SCALED_PRIORS),
        "mu_mean": ("mu_prior", model["mu_prior"] == "normal"),
        "mu_sd": ("mu_prior", model["mu_prior"] == "normal"),
    }
    problems = []
    for name, (prior, is_needed) in needs.items():
        if is_needed == (model[name] == "none"):
            expected = "a number" if is_needed else "none"
            problem = f"{prior} is {model[prior]}, which {'needs' if is_needed else 'does not have'} it"
            to_fix = f"Type {expected}, or take another {prior}."
            problems.append(contradiction(f"{where}.{name}", model[name], problem, expected, to_fix))
    return problems


def _check_names(
    sensitivity: Mapping[str, Any], measures: Mapping[str, str], moderators: Mapping[str, str]
) -> list[Problem]:
    """Return measures and moderators that nobody declares."""
    problems, where = [], "examine.sensitivity"
    words = [name for name, kind in moderators.items() if kind == "text"]
    for number, subset in enumerate(sensitivity["subsets"]):
        if (column := subset["column"]) not in words:
            path, hint = f"{where}.subsets.{number}.column", did_you_mean(column, words)
            problem, expected = "moderators does not declare this column as text", "a moderator in words"
            problems.append(contradiction(path, column, problem, expected, hint))
    for measure, others in sensitivity["other_measures"].items():
        for name in (measure, *others):
            if name not in measures:
                problem, expected = "conversion.measures does not name this measure", "a key of conversion.measures"
                hint = did_you_mean(name, measures)
                problems.append(contradiction(f"{where}.other_measures.{measure}", name, problem, expected, hint))
    return problems


def _no_number(path: str, value: Any, expected: str) -> Problem:
    return wrong_value(path, value, "this value cannot be used", expected)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
