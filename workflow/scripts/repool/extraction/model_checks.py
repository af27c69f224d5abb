"""What the models of config/review.yaml contradict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from repool.extraction.setting_faults import contradiction, missing_setting
from repool.problems import Problem, did_you_mean

#: What a model with a structure may say; it is fitted by likelihood.
_OF_STRUCTURES = {"method_tau2": ("REML", "ML"), "ci_method": ("wald", "t", "cluster_robust")}


def check_models(pooling: Mapping[str, Any]) -> list[Problem]:
    """Return what the models of a review contradict.

    Parameters
    ----------
    pooling : mapping
        The key `pooling` of config/review.yaml.
    """
    models = [model["id"] for model in pooling["models"]]
    problems = [
        contradiction("pooling.models", model, "two models have the same id", "different ids", "Rename one.")
        for model in sorted({model for model in models if models.count(model) > 1})
    ]
    primary = pooling["primary_model"]
    if primary not in models:
        where, hint = "pooling.primary_model", did_you_mean(primary, models)
        problems.append(contradiction(where, primary, "no model has this id", "the id of a model", hint))
    for number, model in enumerate(pooling["models"]):
        problems += _check_structure(model, f"pooling.models.{number}")
    return problems


def _check_structure(model: Mapping[str, Any], where: str) -> list[Problem]:
    """Return what does not go with a structure, or not without one."""
    if "structure" not in model:
        alone = {"ci_method": model["ci_method"] == "cluster_robust", "rho": "rho" in model}
        problem, expected = "only a model with a structure can have this", "a model with a structure"
        to_fix = "Add structure: three_level and rho to the model, or take this away."
        return [
            contradiction(f"{where}.{name}", model[name], problem, expected, to_fix)
            for name, is_wrong in alone.items()
            if is_wrong
        ]
    problems = [] if "rho" in model else [missing_setting(f"{where}.rho")]
    for name, allowed in _OF_STRUCTURES.items():
        if model[name] not in allowed:
            problem, expected = "a model with a structure cannot have this", "one of " + ", ".join(allowed)
            to_fix = f"Take one of {', '.join(allowed)}, or delete structure and rho."
            problems.append(contradiction(f"{where}.{name}", model[name], problem, expected, to_fix))
    return problems
