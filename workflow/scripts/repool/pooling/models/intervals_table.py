"""Put every interval of one analysis into one long table: mean, tau2, I2, H2, a new study, probabilities."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from repool.pooling.models import bayes_rows
from repool.pooling.models.estimators import METHODS_TAU2, tau2, tau2_se, weighted_fit
from repool.pooling.models.henmi_copas import henmi_copas
from repool.pooling.models.heterogeneity import limits_from_q, q_test
from repool.pooling.models.intervals import CI_METHODS, MINIMUM_K_PREDICTION, interval
from repool.pooling.models.prediction import (
    PREDICTION_RULES,
    prediction_df,
    prediction_limits,
    probability_beyond,
    proportion_beyond,
)
from repool.pooling.models.profile_likelihood import profile_interval
from repool.pooling.models.tau2_intervals import TAU2_INTERVAL_METHODS, heterogeneity_limits, tau2_limits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd

#: One row per quantity and method; ratio measures stay on the log scale.
COLUMNS = (
    "quantity",
    "method",
    "method_tau2",
    "measure",
    "k",
    "threshold",
    "tail",
    "tau_prior",
    "tau_scale",
    "mu_prior",
    "mu_mean",
    "mu_sd",
    "estimate",
    "lb",
    "ub",
    "level",
    "note",
)

#: What may stand in ``mean_interval_methods``.
MEAN_INTERVAL_METHODS = (*CI_METHODS, "profile_likelihood", "henmi_copas")

#: What may stand in ``tau2_interval_methods``; "test_based" gives I2 and H2 from Q.
TAU2_TABLE_METHODS = (*TAU2_INTERVAL_METHODS, "test_based")

#: What may stand in ``prediction_methods``: the rule for the quantile, and whose standard error.
PREDICTION_METHODS = (*PREDICTION_RULES, *(f"{rule}_knapp_hartung" for rule in PREDICTION_RULES))

COMMON_EFFECT = "not run: a common-effect model assumes that all true effects are equal"


@dataclass(frozen=True)
class _Analysis:
    """The effects of one analysis, its settings and its between-study variance."""

    yi: np.ndarray
    vi: np.ndarray
    method_tau2: str
    level: float
    common: dict[str, Any]
    tau2: float


def interval_rows(
    effects: pd.DataFrame,
    *,
    method_tau2: str,
    level: float,
    tau2_interval_methods: Sequence[str],
    mean_interval_methods: Sequence[str],
    prediction_methods: Sequence[str],
    thresholds: Sequence[float],
    bayes: Sequence[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """Return one row per quantity and method, in the order of the settings.

    Parameters
    ----------
    effects : pandas.DataFrame
        Effects of one analysis with the columns measure, yi and vi.
    method_tau2 : str
        Estimator of the between-study variance, see `repool.pooling.models.estimators.tau2`.
    level : float
        Level of all intervals between 0 and 1.
    tau2_interval_methods, mean_interval_methods, prediction_methods : sequence of str
        Of `TAU2_TABLE_METHODS`, `MEAN_INTERVAL_METHODS` and `PREDICTION_METHODS`.
    thresholds : sequence of float
        On the scale of ``yi`` (log scale for ratios); the probability above each is given.
    bayes : sequence of mapping
        One model each, with the keys tau_prior, tau_scale, mu_prior, mu_mean, mu_sd, interval_type.

    Returns
    -------
    list of dict
        Rows of `COLUMNS`; what cannot be computed is nan with the reason in ``note``.

    Raises
    ------
    ValueError
        When a method is not one of those named.
    """
    _check_names("method_tau2", [method_tau2], METHODS_TAU2)
    _check_names("tau2_interval_methods", tau2_interval_methods, TAU2_TABLE_METHODS)
    _check_names("mean_interval_methods", mean_interval_methods, MEAN_INTERVAL_METHODS)
    _check_names("prediction_methods", prediction_methods, PREDICTION_METHODS)
    yi, vi = effects["yi"].to_numpy(float), effects["vi"].to_numpy(float)
    measure = str(effects["measure"].iloc[0]) if len(effects) else ""
    common = {"method_tau2": method_tau2, "measure": measure, "k": len(effects), "level": level}
    rows: list[dict[str, Any]] = []
    try:
        if len(effects) < 2:
            raise ValueError(f"{len(effects)} effect(s); there is nothing to pool")
        between = tau2(yi, vi, method=method_tau2).tau2
    except ValueError as error:
        methods = {"mean": mean_interval_methods, "tau2": tau2_interval_methods, "prediction": prediction_methods}
        pairs = [(quantity, method) for quantity, named in methods.items() for method in named]
        rows = [_row(common, quantity=name, method=method, note=f"not run: {error}") for name, method in pairs]
    else:
        analysis = _Analysis(yi, vi, method_tau2, level, common, between)
        for method in mean_interval_methods:
            rows += _guarded(analysis, ["mean"], method, partial(_mean, analysis, method))
        for method in tau2_interval_methods:
            rows += _heterogeneity(analysis, method)
        for method in prediction_methods:
            rows += _new_study(analysis, method, thresholds)
        for threshold in thresholds:
            rows += _share(analysis, threshold)
    for model in bayes:
        found = bayes_rows.rows(yi, vi, model=model, level=level, thresholds=thresholds)
        rows += [_row(common | {"method_tau2": ""}, **values) for values in found]
    return rows


def _check_names(setting: str, given: Sequence[str], allowed: Sequence[str]) -> None:
    """Raise when a setting holds a name that is not allowed."""
    unknown = [name for name in given if name not in allowed]
    if unknown:
        raise ValueError(f"{setting} holds {unknown[0]!r}; must be of {', '.join(allowed)}")


def _row(common: Mapping[str, Any], **values: Any) -> dict[str, Any]:
    """Return a full row: blanks for what was not given."""
    words = {"tail": "", "tau_prior": "", "mu_prior": "", "note": ""}
    blank = {name: words.get(name, math.nan) for name in COLUMNS}
    return {**blank, **common, **values}


def _guarded(
    analysis: _Analysis, quantities: Sequence[str], method: str, compute: Callable[[], list[dict[str, Any]]]
) -> list[dict[str, Any]]:
    """Return the computed rows, or blank rows with the reason."""
    try:
        return [_row(analysis.common, method=method, **values) for values in compute()]
    except ValueError as error:
        note = f"not run: {error}"
        return [_row(analysis.common, quantity=quantity, method=method, note=note) for quantity in quantities]


def _mean(analysis: _Analysis, method: str) -> list[dict[str, Any]]:
    """Return the row of the mean by one method."""
    yi, vi, level = analysis.yi, analysis.vi, analysis.level
    if method == "profile_likelihood":
        found = profile_interval(yi, vi, level=level)
        note = f"the estimate is the maximum likelihood one, whatever method_tau2 says. {found.note}".rstrip()
        return [_mean_row(found.estimate, found.ci_lb, found.ci_ub, note)]
    if method == "henmi_copas":
        found = henmi_copas(yi, vi, level=level)
        note = "common-effect weights, limits that allow for heterogeneity (DL)"
        return [_mean_row(found.estimate, found.ci_lb, found.ci_ub, note)]
    model = interval(weighted_fit(yi, vi, tau2=analysis.tau2), ci_method=method, level=level)
    equal = "all effects are equal, so this standard error is 0" if model.se[0] == 0 else ""
    return [_mean_row(float(model.estimate[0]), float(model.ci_lb[0]), float(model.ci_ub[0]), equal)]


def _mean_row(estimate: float, lb: float, ub: float, note: str) -> dict[str, Any]:
    """Return the values of a row of the mean."""
    return {"quantity": "mean", "estimate": estimate, "lb": lb, "ub": ub, "note": note}


def _heterogeneity(analysis: _Analysis, method: str) -> list[dict[str, Any]]:
    """Return the rows of tau2, I2 and H2 by one method."""
    if method == "test_based":
        return _guarded(analysis, ["i2", "h2"], method, lambda: _from_q(analysis))
    quantities = ["tau2", "i2", "h2"]
    if analysis.method_tau2 == "none":
        return [_row(analysis.common, quantity=name, method=method, note=COMMON_EFFECT) for name in quantities]
    return _guarded(analysis, quantities, method, lambda: _from_tau2(analysis, method))


def _from_q(analysis: _Analysis) -> list[dict[str, Any]]:
    """Return I2 and H2 from Q with test-based limits."""
    q = q_test(analysis.yi, analysis.vi)
    found = limits_from_q(q=q.q, q_df=q.df, level=analysis.level)
    values = {"i2": found.i2_percent, "h2": found.h2}
    return [_three(name, three, found.note) for name, three in values.items()]


def _from_tau2(analysis: _Analysis, method: str) -> list[dict[str, Any]]:
    """Return tau2, and I2 and H2 from tau2, with their limits."""
    limits = tau2_limits(analysis.yi, analysis.vi, tau2_interval_method=method, level=analysis.level)
    found = heterogeneity_limits(tau2=analysis.tau2, limits=limits, vi=analysis.vi)
    note = limits.note
    if not limits.lb <= analysis.tau2 <= limits.ub:
        outside = "the estimate lies outside this interval, which rests on another principle"
        note = f"{note}; {outside}" if note else outside
    values = {"tau2": found.tau2, "i2": found.i2_percent, "h2": found.h2}
    return [_three(name, three, note) for name, three in values.items()]


def _three(quantity: str, three: tuple[float, float, float], note: str) -> dict[str, Any]:
    """Return the values of a row from (estimate, lb, ub)."""
    return {"quantity": quantity, "estimate": three[0], "lb": three[1], "ub": three[2], "note": note}


def _new_study(analysis: _Analysis, method: str, thresholds: Sequence[float]) -> list[dict[str, Any]]:
    """Return the prediction interval and the probabilities above the thresholds by one method."""
    note = COMMON_EFFECT if analysis.method_tau2 == "none" else ""
    k = analysis.yi.size
    if not note and k < MINIMUM_K_PREDICTION:
        note = f"not run: {k} effects say next to nothing about the spread; {MINIMUM_K_PREDICTION} are needed"
    asked = [{"threshold": value, "tail": "above", "quantity": "probability_beyond"} for value in thresholds]
    if note:
        blanks = [{"quantity": "prediction"}, *asked]
        return [_row(analysis.common, method=method, note=note, **blank) for blank in blanks]
    rule = method.removesuffix("_knapp_hartung")
    ci_method = "wald" if rule == method else "knapp_hartung"
    model = interval(
        weighted_fit(analysis.yi, analysis.vi, tau2=analysis.tau2), ci_method=ci_method, level=analysis.level
    )
    settings = {"estimate": float(model.estimate[0]), "se": float(model.se[0]), "tau2": analysis.tau2}
    settings["df"] = prediction_df(prediction_rule=rule, k=k, p=1)
    lb, ub = prediction_limits(**settings, level=analysis.level)
    rows = [_row(analysis.common, quantity="prediction", method=method, estimate=settings["estimate"], lb=lb, ub=ub)]
    for question in asked:
        chance = probability_beyond(threshold=question["threshold"], tail="above", **settings)
        note = "the probability that the true effect of a new, similar study lies above the threshold"
        rows.append(_row(analysis.common, method=method, estimate=chance, note=note, **question))
    return rows


def _share(analysis: _Analysis, threshold: float) -> list[dict[str, Any]]:
    """Return the share of true effects above a threshold with its delta-method interval."""
    method = "proportion_delta"
    question = {"quantity": "probability_beyond", "threshold": threshold, "tail": "above"}
    if analysis.method_tau2 == "none":
        return [_row(analysis.common, method=method, note=COMMON_EFFECT, **question)]
    fit = weighted_fit(analysis.yi, analysis.vi, tau2=analysis.tau2)
    found = proportion_beyond(
        threshold=threshold,
        tail="above",
        estimate=float(fit.beta[0]),
        se=math.sqrt(fit.cov[0, 0]),
        tau2=analysis.tau2,
        se_tau2=tau2_se(analysis.yi, analysis.vi, method=analysis.method_tau2, tau2=analysis.tau2),
        level=analysis.level,
    )
    values = {"estimate": found.estimate, "lb": found.lb, "ub": found.ub, "note": found.note}
    return [_row(analysis.common, method=method, **question, **values)]
