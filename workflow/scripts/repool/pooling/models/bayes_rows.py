"""Turn one Bayesian model into rows of the table of intervals, and each study's shrinkage into rows of its own."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from repool.pooling.models.bayes_grid import Posterior, Priors, posterior
from repool.pooling.models.bayes_summary import (
    Mixture,
    PosteriorSummary,
    mean_mixture,
    new_study_mixture,
    probability_above,
    study_mixture,
    summarise_mixture,
    summarise_tau,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import pandas as pd

#: Keys of a model in the setting ``bayes``; none has a default.
MODEL_KEYS = ("tau_prior", "tau_scale", "mu_prior", "mu_mean", "mu_sd", "interval_type")

#: One row per study and model.
SHRINKAGE_COLUMNS = (
    "study_id",
    "label",
    "method",
    "tau_prior",
    "tau_scale",
    "mu_prior",
    "mu_mean",
    "mu_sd",
    "yi",
    "vi",
    "estimate",
    "sd",
    "lb",
    "ub",
    "level",
    "note",
)

MEDIAN = "the estimate is the posterior median"


def rows(
    yi: np.ndarray, vi: np.ndarray, *, model: Mapping[str, Any], level: float, thresholds: Sequence[float]
) -> list[dict[str, Any]]:
    """Return the values of the rows of one model: mean, tau, prediction and probabilities.

    Parameters
    ----------
    yi, vi : numpy.ndarray of shape (k,)
        Effects and their sampling variances.
    model : mapping
        With the keys of `MODEL_KEYS`; numbers that a prior does not have are nan.
    level : float
        Level of the intervals between 0 and 1.
    thresholds : sequence of float
        On the scale of ``yi``; the probability above each is given.

    Returns
    -------
    list of dict
        Rows without the columns that all rows of the analysis share.
    """
    common = _common(model)
    asked = [{"quantity": "probability_beyond", "threshold": value, "tail": "above"} for value in thresholds]
    try:
        found = posterior(yi, vi, priors=_priors(model))
    except ValueError as error:
        note = f"not run: {error}"
        blanks = [{"quantity": name} for name in ("mean", "tau", "prediction")]
        return [{**common, **blank, "note": note} for blank in [*blanks, *asked]]
    settings = {"level": level, "interval_type": model["interval_type"]}
    mean, new = mean_mixture(found), new_study_mixture(found)
    summaries = {
        "mean": summarise_mixture(mean, **settings),
        "tau": summarise_tau(found, **settings),
        "prediction": summarise_mixture(new, **settings),
    }
    written = [{**common, "quantity": name, **_values(summary)} for name, summary in summaries.items()]
    parts: list[tuple[str, Mixture]] = [("the mean", mean), ("the true effect of a new study", new)]
    for question in asked:
        for words, mixture in parts:
            note = f"the posterior probability that {words} lies above the threshold"
            chance = probability_above(mixture, threshold=question["threshold"])
            written.append({**common, **question, "estimate": chance, "note": note})
    return written


def shrinkage_rows(effects: pd.DataFrame, *, model: Mapping[str, Any], level: float) -> list[dict[str, Any]]:
    """Return each study's true effect under one Bayesian model.

    Parameters
    ----------
    effects : pandas.DataFrame
        Effects of one analysis with the columns study_id, label, yi and vi.
    model : mapping
        With the keys of `MODEL_KEYS`.
    level : float
        Level of the intervals between 0 and 1.

    Returns
    -------
    list of dict
        Rows of `SHRINKAGE_COLUMNS`; blank, with the reason, when the model cannot be fitted.
    """
    yi, vi = effects["yi"].to_numpy(float), effects["vi"].to_numpy(float)
    reason, found = "", None
    try:
        found = posterior(yi, vi, priors=_priors(model))
    except ValueError as error:
        reason = f"not run: {error}"
    written = []
    for i, (study_id, label) in enumerate(zip(effects["study_id"], effects["label"], strict=True)):
        row = {**_common(model), "study_id": study_id, "label": label, "yi": float(yi[i]), "vi": float(vi[i])}
        row |= {"estimate": math.nan, "sd": math.nan, "lb": math.nan, "ub": math.nan, "level": level, "note": reason}
        if found is not None:
            row |= _study_values(found, i, level=level, interval_type=model["interval_type"])
        written.append({name: row[name] for name in SHRINKAGE_COLUMNS})
    return written


def _study_values(found: Posterior, index: int, *, level: float, interval_type: str) -> dict[str, Any]:
    """Return the summary of one study's true effect."""
    summary = summarise_mixture(study_mixture(found, index), level=level, interval_type=interval_type)
    return {**_values(summary), "sd": summary.sd}


def _priors(model: Mapping[str, Any]) -> Priors:
    """Return the priors of a model, or say which key is missing or unknown."""
    wrong = sorted(set(model) ^ set(MODEL_KEYS))
    if wrong:
        raise ValueError(f"a Bayesian model needs the keys {', '.join(MODEL_KEYS)}; {wrong[0]} is missing or unknown")
    return Priors(**{name: model[name] for name in MODEL_KEYS[:-1]})


def _common(model: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns that name the model."""
    named = {name: model.get(name, "") for name in MODEL_KEYS[:-1]}
    return {"method": f"bayes_{model.get('interval_type', '')}", **named}


def _values(summary: PosteriorSummary) -> dict[str, Any]:
    """Return estimate and limits of a summary with its note."""
    note = f"{MEDIAN}; {summary.note}" if summary.note else MEDIAN
    return {"estimate": summary.median, "lb": summary.lb, "ub": summary.ub, "note": note}
