"""Run one declared test or correction for missing evidence, and put its numbers into rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from repool.pooling.bias import count_asymmetry, fail_safe
from repool.pooling.bias.asymmetry import AsymmetryTest, egger
from repool.pooling.bias.excess_significance import excess_significance
from repool.pooling.bias.p_curve import p_curve
from repool.pooling.bias.pet_peese import peese, pet, pet_peese
from repool.pooling.bias.rank_correlation import rank_test
from repool.pooling.bias.selection_models import selection_model
from repool.pooling.bias.trim_and_fill import trim_and_fill
from repool.pooling.models.estimators import tau2 as estimate_tau2
from repool.pooling.models.estimators import weighted_fit
from repool.pooling.models.intervals import interval


@dataclass(frozen=True)
class Data:
    """The effects of one analysis as arrays; sizes and counts are nan where unknown."""

    yi: np.ndarray
    vi: np.ndarray
    n_total: np.ndarray
    n_arm1: np.ndarray
    n_arm2: np.ndarray
    events_arm1: np.ndarray
    events_arm2: np.ndarray
    level: float
    method_tau2: str

    @property
    def counts(self) -> dict[str, np.ndarray]:
        """Events and persons per arm, under the names of the tests that need them."""
        names = ("events_arm1", "events_arm2", "n_arm1", "n_arm2")
        return {name: getattr(self, name) for name in names}

    @property
    def arms(self) -> dict[str, np.ndarray]:
        """Persons per arm."""
        return {"n_arm1": self.n_arm1, "n_arm2": self.n_arm2}


Rows = list[dict[str, Any]]


def run(data: Data, method: str, settings: Mapping[str, Any]) -> Rows:
    """Return the rows of one method.

    Parameters
    ----------
    data : Data
        Effects of one analysis.
    method : str
        A key of `METHODS`.
    settings : mapping
        Its settings, all of them and no others.

    Raises
    ------
    ValueError
        When a setting is missing or unknown, or the method cannot run on these effects.
    """
    return METHODS[method].rows(data, **settings)


def _test(test: AsymmetryTest) -> Rows:
    """Return the slope, which is tested, and the limit for a study without error."""
    rows = [
        {
            "quantity": "slope on study size",
            "estimate": test.slope,
            "se": test.slope_se,
            "statistic": test.statistic,
            "df": test.df,
            "pval": test.pval,
            "tau2": test.tau2,
            "note": test.note,
        }
    ]
    if not math.isnan(test.estimate):
        rows.append(_limit(test))
    return rows


def _limit(test: AsymmetryTest) -> dict[str, Any]:
    """Return the effect at infinite study size as a row."""
    fields = {name: getattr(test, name) for name in ("estimate", "se", "ci_lb", "ci_ub", "df", "tau2", "note")}
    return {"quantity": "effect of an infinitely large study"} | fields


def _egger(data: Data, *, predictor: str, model: str, ci_method: str) -> Rows:
    settings = {"model": model, "method_tau2": data.method_tau2, "ci_method": ci_method, "level": data.level}
    return _test(egger(data.yi, data.vi, predictor=predictor, n_total=data.n_total, **settings))


def _begg(data: Data, *, exact: bool) -> Rows:
    test = rank_test(data.yi, data.vi, exact=exact)
    return [{"quantity": "rank correlation", "estimate": test.tau, "pval": test.pval, "note": test.note}]


def _trim_and_fill(data: Data, *, estimator: str, side: str, ci_method: str) -> Rows:
    filled = trim_and_fill(data.yi, data.vi, method_tau2=data.method_tau2, estimator=estimator, side=side)
    row = _pooled(filled.yi, filled.vi, data, ci_method=ci_method)
    counts = {"k_filled": data.yi.size + filled.k0, "n_hidden": filled.k0}
    blank = "; the standard error of the count has no value" if math.isnan(filled.k0_se) else ""
    note = f"{filled.k0} effect(s) added on the {filled.side}{blank}"
    return [{"quantity": "effect with mirror images"} | row | counts | {"note": note}]


def _pooled(yi: np.ndarray, vi: np.ndarray, data: Data, *, ci_method: str) -> dict[str, Any]:
    """Return the pooled effect of any effects, with the analysis' own estimator of tau2."""
    tau2 = estimate_tau2(yi, vi, method=data.method_tau2).tau2
    pooled = interval(weighted_fit(yi, vi, tau2=tau2), ci_method=ci_method, level=data.level)
    names = ("estimate", "se", "ci_lb", "ci_ub", "statistic", "pval")
    return {name: float(getattr(pooled, name)[0]) for name in names} | {"df": float(pooled.df), "tau2": tau2}


def _pet(data: Data, *, model: str, ci_method: str) -> Rows:
    return [_limit(pet(data.yi, data.vi, **_line(data, model, ci_method)))]


def _peese(data: Data, *, model: str, ci_method: str) -> Rows:
    return [_limit(peese(data.yi, data.vi, **_line(data, model, ci_method)))]


def _line(data: Data, model: str, ci_method: str) -> dict[str, Any]:
    """Return the settings of PET and PEESE."""
    return {"model": model, "method_tau2": data.method_tau2, "ci_method": ci_method, "level": data.level}


def _pet_peese(data: Data, *, model: str, ci_method: str, alpha_one_sided: float, direction: str) -> Rows:
    line = _line(data, model, ci_method)
    both = pet_peese(data.yi, data.vi, **line, alpha_one_sided=alpha_one_sided, direction=direction)
    note = f"{both.chosen} chosen: PET's one-sided p is {both.pval_one_sided:.3g}, the limit {alpha_one_sided:g}"
    return [_limit(both.fit) | {"note": note}]


def _selection(
    data: Data, *, weight: str, steps: list[float] | None, delta: list[float] | None, alternative: str, method_tau2: str
) -> Rows:
    settings = {"weight": weight, "steps": steps, "delta": delta, "alternative": alternative}
    fit = selection_model(data.yi, data.vi, **settings, method_tau2=method_tau2, level=data.level)
    names = ("estimate", "se", "ci_lb", "ci_ub", "statistic", "pval", "tau2", "note")
    rows = [{"quantity": "effect corrected for selection"} | {name: getattr(fit, name) for name in names}]
    for j, value in enumerate(fit.delta):
        given = math.isnan(fit.delta_se[j])
        row = {"quantity": f"selection weight {j + 1}", "estimate": float(value)}
        for name in ("se", "statistic", "pval", "ci_lb", "ci_ub"):
            row[name] = float(getattr(fit, f"delta_{name}")[j])
        rows.append(row | {"note": "given, not estimated" if given else ""})
    untested = "" if fit.lrt_df else "all weights are given: nothing to test"
    test = {"quantity": "test of no selection", "statistic": fit.lrt if fit.lrt_df else math.nan}
    return [*rows, test | {"df": float(fit.lrt_df), "pval": fit.lrt_pval, "note": untested}]


def _excess(data: Data, *, alternative: str, alpha: float, test: str, test_alternative: str) -> Rows:
    pooled = _pooled(data.yi, data.vi, data, ci_method="wald")
    found = excess_significance(
        data.yi,
        data.vi,
        theta=pooled["estimate"],
        tau2=pooled["tau2"],
        alternative=alternative,
        alpha=alpha,
        test=test,
        test_alternative=test_alternative,
    )
    row = {"quantity": "significant studies, observed / expected", "estimate": found.ratio, "pval": found.pval}
    chi_square = {"statistic": found.statistic, "df": 1.0 if test == "chi2" else math.nan, "tau2": found.tau2}
    return [row | chi_square | {"note": f"{found.observed} observed, {found.expected:.3g} expected"}]


def _fail_safe(found: fail_safe.FailSafe) -> Rows:
    """Return the number of studies as a row."""
    note = "" if math.isnan(found.target) else f"mean {found.mean:.3g}, to be brought down to {found.target:.3g}"
    fields = {"estimate": found.mean, "pval": found.pval, "n_hidden": found.n_hidden, "note": note}
    return [{"quantity": "hidden null results"} | fields]


def _p_curve(data: Data) -> Rows:
    found = p_curve(data.yi, data.vi)
    rows: Rows = []
    for quantity, name in (
        ("right skew, p < .05", "right_full"),
        ("right skew, p < .025", "right_half"),
        ("flatter than 33 % power, p < .05", "flat_full"),
        ("flatter than 33 % power, p < .025", "flat_half"),
    ):
        fields = {"statistic": getattr(found, f"z_{name}"), "pval": getattr(found, f"p_{name}")}
        rows.append({"quantity": quantity} | fields | {"note": found.note})
    used = f"from {found.n_significant} significant result(s) of {found.k}; limits are of 90 %, whatever the level"
    power = {"estimate": found.power, "ci_lb": found.power_lb, "ci_ub": found.power_ub, "note": used}
    return [*rows, {"quantity": "average power of the significant studies"} | power]


@dataclass(frozen=True)
class Method:
    """How a method runs, which settings it wants, and whether it needs standard errors that differ."""

    rows: Callable[..., Rows]
    settings: tuple[str, ...]
    needs_spread: bool


#: All methods; the names of the settings are those of the configuration.
METHODS = {
    "egger": Method(_egger, ("predictor", "model", "ci_method"), True),
    "macaskill": Method(
        lambda data: _test(count_asymmetry.macaskill(data.yi, data.vi, data.n_total, level=data.level)), (), False
    ),
    "peters": Method(lambda data: _test(count_asymmetry.peters(data.yi, **data.counts, level=data.level)), (), False),
    "harbord": Method(lambda data: _test(count_asymmetry.harbord(**data.counts, level=data.level)), (), False),
    "deeks": Method(lambda data: _test(count_asymmetry.deeks(data.yi, **data.arms, level=data.level)), (), False),
    "pustejovsky_rodgers": Method(
        lambda data: _test(count_asymmetry.pustejovsky_rodgers(data.yi, **data.arms, level=data.level)), (), False
    ),
    "begg": Method(_begg, ("exact",), True),
    "trim_and_fill": Method(_trim_and_fill, ("estimator", "side", "ci_method"), False),
    "pet": Method(_pet, ("model", "ci_method"), True),
    "peese": Method(_peese, ("model", "ci_method"), True),
    "pet_peese": Method(_pet_peese, ("model", "ci_method", "alpha_one_sided", "direction"), True),
    "selection_model": Method(_selection, ("weight", "steps", "delta", "alternative", "method_tau2"), False),
    "excess_significance": Method(_excess, ("alternative", "alpha", "test", "test_alternative"), False),
    "rosenthal": Method(
        lambda data, alpha: _fail_safe(fail_safe.rosenthal(data.yi, data.vi, alpha=alpha)), ("alpha",), False
    ),
    "rosenberg": Method(
        lambda data, alpha: _fail_safe(fail_safe.rosenberg(data.yi, data.vi, alpha=alpha)), ("alpha",), False
    ),
    "orwin": Method(
        lambda data, weighted, target: _fail_safe(
            fail_safe.orwin(data.yi, data.vi if weighted else None, target=target)
        ),
        ("weighted", "target"),
        False,
    ),
    "p_curve": Method(_p_curve, (), False),
}
