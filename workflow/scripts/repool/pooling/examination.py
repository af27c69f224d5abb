"""What is asked of one pooled result: room by room, each answer a table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from repool.pooling.bias import table as bias
from repool.pooling.dependence import robust_table
from repool.pooling.dependence import table as dependence
from repool.pooling.dependence.aggregate import aggregate
from repool.pooling.models import intervals_table
from repool.pooling.moderators import table as moderators
from repool.pooling.rare_events import table as rare_events
from repool.pooling.sensitivity import table as sensitivity
from repool.pooling.sensitivity.gosh_table import gosh_tables
from repool.pooling.without_pooling import plot_tables
from repool.pooling.without_pooling import table as without_pooling

if TYPE_CHECKING:
    import pandas as pd

Rows = list[dict[str, Any]]
Row = Mapping[str, Any]

#: What a note says where dependent effects were made one per cohort first.
MADE_ONE = "effects of one cohort were made one first, correlated by {rho:g}"


@dataclass(frozen=True)
class Case:
    """One pooled result and the effects behind it.

    Parameters
    ----------
    headline : mapping
        Row of pooled.csv: the primary model at the first step that can be pooled.
    effects : DataFrame
        Its effects, as they were pooled.
    independent : DataFrame
        The same with one effect per cohort.
    remark : str
        What was done to make them so; blank for nothing.
    model : mapping
        The primary model.
    level : float
        Level of all intervals.
    i2_definition : str
        Definition of I2.
    """

    headline: Row
    effects: pd.DataFrame
    independent: pd.DataFrame
    remark: str
    model: Row
    level: float
    i2_definition: str

    @property
    def is_pooled(self) -> bool:
        """Whether there is a pooled result to ask anything of."""
        return self.headline["verdict"] == "pooled"

    @property
    def one_by_one(self) -> dict[str, str]:
        """Estimator and interval for effects that stand for themselves, close to the primary model."""
        if not self.model.get("structure"):
            return {name: self.model[name] for name in ("method_tau2", "ci_method")}
        ci_method = "wald" if self.model["ci_method"] == "wald" else "knapp_hartung"
        return {"method_tau2": self.model["method_tau2"], "ci_method": ci_method}


def case_of(effects: pd.DataFrame, pooled: pd.DataFrame, *, pooling: Row) -> Case:
    """Return the result that is examined: the first pooled step, or else the last step, of the preferred reading.

    Parameters
    ----------
    effects, pooled : DataFrame
        Tables effects.csv and pooled.csv of one analysis.
    pooling : mapping
        The analysis' pooling settings, with `models`, `primary_model`, `level` and `i2_definition`.
    """
    primary = pooled[pooled["is_primary"].eq("yes") & pooled["reading"].eq("preferred")].to_dict("records")
    headline = next((row for row in primary if row["verdict"] == "pooled"), primary[-1])
    model = next(model for model in pooling["models"] if model["id"] == headline["model"])
    own = effects[
        effects["ladder_step"].eq(headline["ladder_step"]) & effects["reading"].eq(headline["reading"])
    ].sort_values(["study_id", "cohort_id", "result_id"], kind="stable", ignore_index=True)
    one_each, remark = own, ""
    if own["cohort_id"].duplicated().any():
        one_each, remark = _one_per_cohort(own, rho=float(model.get("rho", 0.0)))
    return Case(headline, own, one_each, remark, model, pooling["level"], pooling["i2_definition"])


def _one_per_cohort(effects: pd.DataFrame, *, rho: float) -> tuple[pd.DataFrame, str]:
    """Return the effects of every cohort as one, and the remark that says so."""
    joined = aggregate(
        effects["yi"].to_numpy(float), effects["vi"].to_numpy(float), effects["cohort_id"].to_numpy(), rho=rho,
        is_weighted=True,
    )  # fmt: skip
    first = effects.drop_duplicates("cohort_id").set_index("cohort_id", drop=False)
    frame = first.loc[list(joined.cluster)].reset_index(drop=True)
    of_one_result = ("events_arm1", "events_arm2", "mean_arm1", "sd_arm1", "mean_arm2", "sd_arm2")
    blank = dict.fromkeys(of_one_result, float("nan"))
    label = frame["label"].str.split(": ").str[0]
    return frame.assign(yi=joined.yi, vi=joined.vi, sei=joined.vi**0.5, label=label, **blank), MADE_ONE.format(rho=rho)


def with_remark(rows: Rows, case: Case) -> Rows:
    """Return rows whose note says that dependent effects were made one first, where they were."""
    if not case.remark:
        return rows
    return [row | {"note": "; ".join(filter(None, [row["note"], case.remark]))} for row in rows]


def intervals(case: Case, settings: Row) -> Rows:
    """Return further intervals of the mean, the between-study variance and a new study."""
    wanted = settings["intervals"]
    # A prior without a scale has none: nan.
    bayes = [{key: math.nan if value == "none" else value for key, value in m.items()} for m in settings["bayes"]]
    rows = intervals_table.interval_rows(
        case.independent, method_tau2=case.one_by_one["method_tau2"], level=case.level,
        tau2_interval_methods=wanted["tau2"], mean_interval_methods=wanted["mean"],
        prediction_methods=wanted["prediction"], thresholds=wanted["thresholds"], bayes=bayes,
    )  # fmt: skip
    return with_remark(rows, case)


def rare(case: Case, settings: Row) -> Rows:
    """Return the models of counts that answer in the measure of the analysis."""
    methods = [method for method in settings["rare_events"] if method["measure"] == case.headline["measure"]]
    # Peto's is the odds ratio and takes no measure.
    named = [{k: v for k, v in m.items() if m["method"] != "peto" or k != "measure"} for m in methods]
    return rare_events.rare_event_rows(_turned(case.effects), methods=named, level=case.level)


def _turned(effects: pd.DataFrame) -> pd.DataFrame:
    """Return the effects with the people of whom the effect speaks: a term that was turned counts the others."""
    turned = effects["flip"].astype(float).eq(-1)
    sides = {
        f"events_{arm}": effects[f"events_{arm}"].where(~turned, effects[f"n_{arm}"] - effects[f"events_{arm}"])
        for arm in ("arm1", "arm2")
    }
    return effects.assign(**sides)


def dependent(case: Case, settings: Row) -> Rows:
    """Return the models of dependent effects, where several come from one cohort."""
    wanted = settings["dependence"]
    if not case.remark:
        return []
    return dependence.dependence_rows(
        case.effects, cluster_column="cohort_id", models=[{"model": name} for name in wanted["models"]],
        rho_grid=wanted["rho"], method=wanted["method_tau2"], level=case.level,
        **{name: wanted[name] for name in ("test", "dfs", "small_sample", "minimum_clusters")},
    )  # fmt: skip


def robust(case: Case, settings: Row) -> Rows:
    """Return means with cluster-robust intervals under several working models, where cohorts have several effects."""
    wanted = settings["dependence"]
    if not case.remark:
        return []
    return robust_table.robust_rows(
        case.effects, cluster="cohort_id", working_models=wanted["working_models"], rhos=wanted["rho"],
        method_tau2=wanted["method_tau2"], kind="CR2", df_method="satterthwaite", ci_method="wald", level=case.level,
    )  # fmt: skip


def subgroups(case: Case, settings: Row, *, columns: Sequence[str]) -> Rows:
    """Return each subgroup pooled by itself and the test between them."""
    wanted, rows = settings["subgroups"], []
    for column in columns:
        rows += moderators.subgroup_rows(
            case.independent, moderator=column, tau2_common=wanted["tau2"] == "common", level=case.level,
            minimum_k=wanted["minimum_k"], **case.one_by_one,
        )  # fmt: skip
    return with_remark(rows, case)


def bubbles(case: Case, settings: Row, *, columns: Sequence[str], minimum_k: int) -> Rows:
    """Return the points and the line of a bubble plot for every moderator that holds numbers."""
    rows = []
    for column in columns:
        others = [name for name in columns if name != column]
        rows += moderators.bubble_rows(
            case.independent, moderator=column, also_in_model=others, level=case.level, minimum_k=minimum_k,
            grid_points=settings["subgroups"]["bubble_points"], **case.one_by_one,
        )  # fmt: skip
    return with_remark(rows, case)


def missing(case: Case, settings: Row, *, higher_is_better: bool) -> tuple[Rows, Rows]:
    """Return the tests and corrections for missing evidence, and the funnel."""
    wanted = settings["missing_evidence"]
    sides = {"alternative": ("greater", "less"), "direction": ("positive", "negative")}
    methods = []
    for method in wanted["methods"]:
        own = {key: None if value == "none" and key in ("steps", "delta") else value for key, value in method.items()}
        # Results in favour of arm 1 are the ones that get published; on which side they lie, the outcome says.
        for key, (better_above, better_below) in sides.items():
            if own.get(key) == "favours_arm1":
                own[key] = better_above if higher_is_better else better_below
        methods.append(own)
    method_tau2 = case.one_by_one["method_tau2"]
    tests = bias.bias_rows(
        case.independent, minimum_k=wanted["minimum_k"], level=case.level, methods=methods, method_tau2=method_tau2
    )
    centre = {"no_effect": "null"}.get(wanted["contour_centre"], wanted["contour_centre"])
    funnel = bias.funnel_rows(
        case.independent, contour_levels=wanted["contour_levels"], centre=centre, method_tau2=method_tau2,
        n_points=wanted["contour_points"],
    )  # fmt: skip
    for method in methods:
        if method["method"] == "trim_and_fill":
            filled = bias.filled_rows(
                case.independent, minimum_k=wanted["minimum_k"], method_tau2=method_tau2,
                estimator=method["estimator"], side=method["side"],
            )  # fmt: skip
            shared = dict.fromkeys(bias.FUNNEL_COLUMNS, "")
            funnel += [
                shared | {name: row[name] for name in bias.FUNNEL_COLUMNS if name in row} | {"element": "filled"}
                for row in filled
                if row["yi"] == row["yi"]
            ]
    return with_remark(tests, case), with_remark(funnel, case)


def single_studies(case: Case, settings: Row) -> dict[str, Rows]:
    """Return what single studies do to the result: influence, order in time, all subsets, outliers, resampling."""
    wanted = settings["sensitivity"]
    effects, one = case.independent, case.one_by_one
    shared = {"minimum_k": wanted["minimum_k"]}
    fit = one | shared | {"level": case.level, "i2_definition": case.i2_definition}
    found = {
        "influence": sensitivity.influence_rows(effects, **one, **shared),
        "cumulative": [],
        "gosh": [],
        "gosh_cloud": [],
    }
    if wanted["cumulative_by"] != "none":
        found["cumulative"] = sensitivity.cumulative_rows(effects, order_column=wanted["cumulative_by"], **fit)
    if wanted["gosh_subsets"] != "none":
        found |= gosh_tables(
            effects, method_tau2=one["method_tau2"], maximum_subsets=wanted["gosh_subsets"], seed=wanted["seed"],
            **shared,
        )  # fmt: skip
    found["outliers"] = sensitivity.outlier_rows(effects, **fit) if wanted["outliers"] != "none" else []
    found["bootstrap"] = [
        row
        for sample in wanted["bootstrap"]
        for row in sensitivity.bootstrap_rows(
            effects, method_tau2=one["method_tau2"], level=case.level, seed=wanted["seed"], **sample, **shared
        )
    ]
    return {name: with_remark(rows, case) for name, rows in found.items()}


def directions(
    case: Case, votes: Sequence[Row], settings: Row, *, higher_is_better: bool, risk_of_bias: Mapping[str, str]
) -> dict[str, Rows]:
    """Return directions, combined p-values, and data of the plots of directions and of p-values.

    `risk_of_bias` maps a study to the judgement on it as a whole; a study that is not judged is not in it.
    """
    wanted = settings["without_pooling"]
    shared = {"by": wanted["by"], "unit": wanted["unit"], "positive_favours_arm1": higher_is_better}
    counted = without_pooling.direction_rows(
        case.effects, votes, agreement=wanted["agreement"], zero_rule=wanted["zero_rule"],
        interval_method=wanted["interval"], alpha=1 - case.level, **shared,
    )  # fmt: skip
    combined = without_pooling.combined_p_rows(
        case.effects, votes, methods=wanted["combined_p"], bounds=wanted["bounds"], without_p=wanted["without_p"],
        **shared,
    )  # fmt: skip
    plot = wanted["albatross"]
    measure = case.headline["measure"]
    lines = plot["effects"].get(measure, [])
    albatross = plot_tables.albatross_rows(
        case.effects, votes, measure=measure if lines else "SMD", contour_effects=lines, arm_ratio=plot["arm_ratio"],
        risk_arm2=plot["risk_arm2"], contour_pvals=plot["pvals"], **shared,
    )  # fmt: skip
    by_study = plot_tables.effect_direction_rows(
        case.effects, votes, agreement=wanted["agreement"], risk_of_bias=risk_of_bias, **shared
    )
    return {"directions": counted, "combined_p": combined, "effect_direction": by_study, "albatross": albatross}
