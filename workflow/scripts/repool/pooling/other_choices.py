"""Gather what every other choice makes of a pooled result, and what the verdict looks at."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from repool.pooling.clustered_pool import clustered_weights, fit_clustered_pool
from repool.pooling.models.pooled_model import fit_pool
from repool.pooling.sensitivity.same_result import extremes, side_of
from repool.pooling.verdict import Facts

if TYPE_CHECKING:
    import pandas as pd

    from repool.pooling.examination import Case

Rows = Sequence[Mapping[str, Any]]

#: Quantities of missing_evidence.csv that are the pooled effect, corrected.
CORRECTED = ("effect with mirror images", "effect of an infinitely large study", "effect corrected for selection")

#: Methods whose effect of an infinitely large study is told; the line of a test is no estimate of the effect.
CORRECTING = ("trim_and_fill", "pet", "peese", "pet_peese", "selection_model")


def options(
    case: Case, *, pooled: pd.DataFrame, other_measures: pd.DataFrame, left_out: Rows, found: Mapping[str, Rows],
    subsets: Rows, minimum_k: int,
) -> list[dict[str, Any]]:  # fmt: skip
    """Return the result of one analysis under every other choice.

    Parameters
    ----------
    case : Case
        The headline.
    pooled, other_measures : DataFrame
        Tables of the analysis.
    left_out : sequence of mapping
        Rows of leave_one_out.csv.
    found : mapping
        Name of a table -> its rows, as the examination found them.
    subsets : sequence of mapping
        Planned subsets, with "title", "column" and "keep".
    minimum_k : int
        Fewest effects that are pooled.

    Returns
    -------
    list of dict
        Options as `repool.pooling.sensitivity.same_result.same_result_rows` takes them.
    """
    return [
        *_pooled_options(case, pooled),
        *extremes(_own(left_out, case), choice="one study left out", named="left_out"),
        *_outliers(found["outliers"]),
        *_subsets(case, subsets, minimum_k),
        *_other_measures(case, other_measures, minimum_k),
        *_intervals(found["intervals"]),
        *_bootstrap(found["bootstrap"]),
        *_models(found["rare_events"], choice="model of the counts", named="method_id"),
        *_dependence(found["dependence"]),
        *_robust(found["robust"]),
        *_corrected(found["missing_evidence"]),
    ]


def facts_of(case: Case, *, left_out: Rows, same: Rows, found: Mapping[str, Rows]) -> Facts:
    """Return what the rules of the verdict look at, beside the pooled row.

    Parameters
    ----------
    case, left_out, found
        As in `options`.
    same : sequence of mapping
        Rows of same_result.csv.
    """
    tests = {
        row["id"]: float(row["pval"])
        for row in found["missing_evidence"]
        if row["quantity"] in ("slope on study size", "rank correlation") and row["pval"] == row["pval"]
    }
    robust = [row["df"] for row in found["dependence"] if row["small_sample"] != "none" and row["df"] == row["df"]]
    return Facts(
        weights_percent=[100 * share for share in _weights(case)],
        sides_without_one=[side_of(row["ci_lb"], row["ci_ub"]) for row in _own(left_out, case)],
        # What leaves one study out has a rule of its own; corrections answer another question.
        sides_of_choices=[row["side"] for row in same if row["choice"] in _CHOICES],
        small_study_pvals=tests,
        robust_df=min(robust, default=math.nan),
        first_step=case.headline["step_order"] == 1,
        # How far further cohorts would move a multilevel model is not told: their sizes and numbers of effects count.
        vi=[] if case.model.get("structure") else case.effects["vi"].tolist(),
    )


#: Choices that a reviewer could have made for the same question and the same studies.
_CHOICES = frozenset(
    {"model", "reading", "other measure", "interval of the mean", "bootstrap", "model of the counts", "dependence"}
)


def without_one_cohort(
    case: Case, *, minimum_k: int, minimum_k_leave_one_out: int, level: float
) -> list[dict[str, Any]]:
    """Return the multilevel model refitted once without each cohort.

    Parameters
    ----------
    case : Case
        The headline.
    minimum_k, minimum_k_leave_one_out : int
        Fewest effects to pool, and fewest cohorts to leave one out.
    level : float
        Level of the intervals.

    Returns
    -------
    list of dict
        Columns `repool.pooling.sensitivity.leave_one_out.LEAVE_ONE_OUT_COLUMNS`.
    """
    rows = []
    cohorts = sorted(set(case.effects["cohort_id"]))
    if not case.is_pooled or len(cohorts) < max(3, minimum_k_leave_one_out):
        return rows
    for cohort in cohorts:
        rest = case.effects[case.effects["cohort_id"].ne(cohort)].reset_index(drop=True)
        if len(rest) < max(2, minimum_k) or not rest["cohort_id"].duplicated().any():
            continue
        pool = fit_clustered_pool(rest, model=case.model, level=level)
        numbers = {name: getattr(pool, name) for name in ("estimate", "se", "ci_lb", "ci_ub", "pval")}
        fitted = pool.model
        rows.append(
            {
                "ladder_step": case.headline["ladder_step"], "reading": case.headline["reading"],
                "model": case.model["id"], "left_out": cohort, "cohort_id": cohort, "k": len(rest), **numbers,
                "tau2": fitted.sigma2_between + fitted.sigma2_within, "q": fitted.fit.qe.statistic,
                "i2_percent": fitted.i2_percent,
            }
        )  # fmt: skip
    return rows


def _weights(case: Case) -> list[float]:
    """Return the share of every cohort in the pooled mean."""
    row = case.headline
    if case.model.get("structure"):
        within = row["tau2_within"]
        shares = clustered_weights(
            case.effects, tau2_between=row["tau2"] - within, tau2_within=within, rho=row["rho"]
        )[0]  # fmt: skip
        return case.effects.assign(share=shares).groupby("cohort_id", sort=True)["share"].sum().tolist()
    weights = 1 / (case.effects["vi"] + row["tau2"])
    return (weights / weights.sum()).tolist()


def _own(left_out: Rows, case: Case) -> list[Mapping[str, Any]]:
    """Return the rows of the headline's own step and reading."""
    keys = ("ladder_step", "reading")
    return [row for row in left_out if all(row[key] == case.headline[key] for key in keys)]


def _option(row: Mapping[str, Any], *, choice: str, option: str, note: str = "", **other: Any) -> dict[str, Any]:
    numbers = {name: row[name] for name in ("k", "estimate", "ci_lb", "ci_ub")}
    return {"choice": choice, "option": option, "note": note, **numbers, **other}


def _pooled_options(case: Case, pooled: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the other models, readings and steps of the ladder."""
    head, rows = case.headline, []
    for row in pooled.to_dict("records"):
        same_step, same_reading = row["ladder_step"] == head["ladder_step"], row["reading"] == head["reading"]
        note = row["reason"]
        if same_step and same_reading and row["model"] != head["model"]:
            rows.append(_option(row, choice="model", option=row["model"], note=note))
        if row["model"] != head["model"]:
            continue
        if same_step and not same_reading:
            rows.append(_option(row, choice="reading", option=row["reading"], note=note))
        if same_reading and row["step_order"] > head["step_order"]:
            rows.append(_option(row, choice="step of the ladder", option=row["ladder_step"], note=note))
    order = ("model", "reading", "step of the ladder")
    return sorted(rows, key=lambda row: order.index(row["choice"]))


def _outliers(rows: Rows) -> list[dict[str, Any]]:
    parts = [row for row in rows if row["part"] == "without_outliers"]
    return [_option(row, choice="outliers removed", option="interval apart", note=row["note"]) for row in parts]


def _subsets(case: Case, subsets: Rows, minimum_k: int) -> list[dict[str, Any]]:
    found = []
    for subset in subsets:
        part = case.independent[case.independent[subset["column"]].isin(subset["keep"])]
        found.append(_refit(part, case, choice="part of the studies", option=subset["title"], minimum_k=minimum_k))
    return found


def _other_measures(case: Case, effects: pd.DataFrame, minimum_k: int) -> list[dict[str, Any]]:
    own = effects[effects["ladder_step"].eq(case.headline["ladder_step"])]
    return [
        _refit(part, case, choice="other measure", option=str(measure), measure=str(measure), minimum_k=minimum_k)
        for measure, part in own.groupby("measure", sort=True)
    ]


def _refit(
    effects: pd.DataFrame, case: Case, *, choice: str, option: str, minimum_k: int, **other: Any
) -> dict[str, Any]:
    """Return the primary model, or its nearest for independent effects, on other effects."""
    blank = dict.fromkeys(("estimate", "ci_lb", "ci_ub"), math.nan) | {"k": len(effects)}
    if len(effects) < max(2, minimum_k):
        return _option(blank, choice=choice, option=option, note=f"not pooled: {len(effects)} effect(s)", **other)
    if effects["cohort_id"].duplicated().any():
        note = "not pooled: several effects of one cohort"
        return _option(blank, choice=choice, option=option, note=note, **other)
    yi, vi = effects["yi"].to_numpy(float), effects["vi"].to_numpy(float)
    pool = fit_pool(yi, vi, level=case.level, i2_definition=case.i2_definition, **case.one_by_one)
    numbers = {name: float(getattr(pool.interval, name)[0]) for name in ("estimate", "ci_lb", "ci_ub")}
    return _option(blank | numbers, choice=choice, option=option, note=case.remark, **other)


def _intervals(rows: Rows) -> list[dict[str, Any]]:
    """Return other intervals of the mean, and Bayesian ones."""
    return [
        {
            "choice": "interval of the mean", "option": _interval_name(row), "k": row["k"],
            "estimate": row["estimate"], "ci_lb": row["lb"], "ci_ub": row["ub"], "note": row["note"],
        }
        for row in rows
        if row["quantity"] == "mean"
    ]  # fmt: skip


def _interval_name(row: Mapping[str, Any]) -> str:
    if not row["tau_prior"]:
        return str(row["method"])
    return f"{row['method']}, {row['tau_prior']} {row['tau_scale']:g}"


def _bootstrap(rows: Rows) -> list[dict[str, Any]]:
    return [_option(row, choice="bootstrap", option=str(row["kind"]), note=row["note"]) for row in rows]


def _models(rows: Rows, *, choice: str, named: str) -> list[dict[str, Any]]:
    return [_option(row, choice=choice, option=str(row[named]), note=row["note"]) for row in rows]


def _dependence(rows: Rows) -> list[dict[str, Any]]:
    return [
        _option(row, choice="dependence", option=f"{row['model']}, rho {row['rho']:g}", note=row["note"])
        for row in rows
    ]


def _robust(rows: Rows) -> list[dict[str, Any]]:
    found = []
    for row in rows:
        rho = "" if math.isnan(row["rho"]) else f", rho {row['rho']:g}"
        option = f"cluster-robust, {row['working_model']}{rho}"
        found.append(_option(row, choice="dependence", option=option, note=row["note"]))
    return found


def _corrected(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the pooled effect as methods for missing evidence correct it."""
    return [
        _option(row, choice="missing evidence", option=str(row["id"]), note=row["note"])
        for row in rows
        if row["quantity"] in CORRECTED and row["method"] in CORRECTING
    ]
