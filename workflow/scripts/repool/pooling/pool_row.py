"""Write the numbers of one pooled model into its row, and say why a number is blank."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from repool.effects.measure_words import RATIO_MEASURES
from repool.pooling.clustered_pool import fit_clustered_pool
from repool.pooling.models.intervals import prediction_interval
from repool.pooling.models.pooled_model import Pool, fit_pool, with_limits
from repool.pooling.models.second_engine import agree

if TYPE_CHECKING:
    import pandas as pd

#: exp() of more than this is beyond the largest double.
LARGEST_LOG = 709.0

#: Smaller differences between the engines are rounding noise, which differs between processors: shown as this.
SMALLEST_DIFFERENCE = 1e-6


def write_results(row: dict[str, Any], effects: pd.DataFrame, *, tau2_interval: str) -> list[str]:
    """Write the pooled model and the second engine's verdict on it; return notes on blanks.

    Parameters
    ----------
    row : dict
        A row of `repool.pooling.pool.POOLED_COLUMNS` with the settings of the model; numbers are written into it.
    effects : pandas.DataFrame
        One row per effect, each of another cohort.
    tau2_interval : str
        How the limits of tau2, and of I2 and H2 from it, are found.
    """
    yi, vi = effects["yi"].to_numpy(float), effects["vi"].to_numpy(float)
    rules = {name: row[name] for name in ("method_tau2", "ci_method", "level")}
    pool = fit_pool(yi, vi, i2_definition=row["i2_definition"], **rules)
    pool = with_limits(pool, yi, vi, tau2_interval_method=tau2_interval, level=row["level"])
    answers = {"tau2": pool.tau2.tau2, "q": pool.q.q, "interval": pool.interval}
    row["second_engine_difference"] = max(agree(yi, vi, **answers, **rules), SMALLEST_DIFFERENCE)
    row.update(verdict="pooled", second_engine="statsmodels")
    row.update(tau2_interval="" if row["method_tau2"] == "none" else tau2_interval)
    notes = _write_mean(row, pool) + _write_heterogeneity(row, pool)
    return [*notes, "rho, tau2_within: every effect stands for itself"]


def write_clustered(row: dict[str, Any], effects: pd.DataFrame, model: Mapping[str, Any]) -> list[str]:
    """Write a multilevel model and the check on it into the row; return notes."""
    pool = fit_clustered_pool(effects, model=model, level=row["level"])
    fitted, total = pool.model, pool.model.sigma2_between + pool.model.sigma2_within
    for name in ("estimate", "se", "statistic", "df", "pval", "ci_lb", "ci_ub"):
        row[name] = getattr(pool, name)
    typical = fitted.fit.typical_variance
    row.update(
        verdict="pooled", i2_definition="from_tau2", tau2=total, tau=math.sqrt(total),
        tau2_within=fitted.sigma2_within, q=fitted.fit.qe.statistic, q_df=fitted.fit.qe.df,
        q_pval=fitted.fit.qe.pval, i2_percent=fitted.i2_percent, h2=(total + typical) / typical,
        converged="yes" if fitted.fit.converged else "no", iterations=fitted.fit.iterations,
        at_boundary="yes" if fitted.fit.at_boundary else "no", second_engine="plain matrix algebra",
        second_engine_difference=max(pool.difference, SMALLEST_DIFFERENCE),
    )  # fmt: skip
    notes = [f"tau2: {total:.4g} in all, {fitted.sigma2_within:.4g} of it within cohorts"]
    notes.append("tau2_lb, tau2_ub, i2_lb, i2_ub, h2_lb, h2_ub: a multilevel model has variances by level")
    return notes + ([pool.note] if pool.note else [])


def _write_mean(row: dict[str, Any], pool: Pool) -> list[str]:
    """Write the pooled mean into the row; return notes on what stays blank."""
    for name in ("estimate", "se", "statistic", "pval", "ci_lb", "ci_ub"):
        row[name] = float(getattr(pool.interval, name)[0])
    row["df"] = pool.interval.df
    row["converged"] = "yes" if pool.tau2.converged else "no"
    row["iterations"] = pool.tau2.iterations
    row["at_boundary"] = "yes" if pool.tau2.at_boundary else "no"
    notes = [] if pool.tau2.converged else ["tau2: the search did not settle; read with care"]
    if math.isnan(row["df"]):
        notes.append("df: the normal distribution has none")
    if row["se"] == 0:
        notes.append("statistic, pval: all effects are equal, so this standard error is 0")
    return notes


def write_prediction(row: dict[str, Any], *, k: int, minimum_k: int) -> list[str]:
    """Write the prediction interval into the row; return a note when there is none."""
    if row["method_tau2"] == "none":
        return ["pi_lb, pi_ub: a common-effect model assumes that all true effects are equal"]
    limits = prediction_interval(
        estimate=row["estimate"],
        se=row["se"],
        tau2=row["tau2"],
        k=k,
        method=row["prediction_method"],
        level=row["level"],
        minimum_k=minimum_k,
    )
    row["pi_lb"], row["pi_ub"] = limits.pi_lb, limits.pi_ub
    return [f"pi_lb, pi_ub: {limits.reason}"] if limits.reason else []


def _write_heterogeneity(row: dict[str, Any], pool: Pool) -> list[str]:
    """Write tau2, Q, I2 and H2 with their limits into the row; return notes on what stays blank."""
    row.update(q=pool.q.q, q_df=pool.q.df, q_pval=pool.q.pval)
    row.update(i2_percent=pool.i2_percent, h2=pool.h2)
    row.update(tau2=pool.tau2.tau2, tau=math.sqrt(pool.tau2.tau2))
    by_q = pool.i2_definition == "from_q"
    source = pool.limits_from_q if by_q else pool.limits_from_tau2
    for name in ("i2", "h2"):
        found = getattr(source, f"{name}_percent" if name == "i2" else name)
        row[f"{name}_lb"], row[f"{name}_ub"] = found[1], found[2]
    remark = source.note if by_q else source.limits.note
    notes = [f"i2_lb, i2_ub, h2_lb, h2_ub: {remark}"] if remark else []
    if row["method_tau2"] == "none":
        return [*notes, "tau2: 0 by assumption, so tau2_lb and tau2_ub are blank and I2 comes from Q"]
    limits = pool.limits_from_tau2
    if by_q and limits.limits.note:
        notes.append(f"tau2_lb, tau2_ub: {limits.limits.note}")
    row.update(tau2_lb=limits.tau2[1], tau2_ub=limits.tau2[2])
    return notes if by_q else [note.replace("i2_lb,", "tau2_lb, tau2_ub, i2_lb,") for note in notes]


def write_exp(row: dict[str, Any]) -> list[str]:
    """Write back-transformed values for ratio measures; return a note for other measures."""
    if row["measure"] not in RATIO_MEASURES:
        return [f"columns ending in _exp: {row['measure']} is not a ratio"]
    for name in ("estimate", "ci_lb", "ci_ub", "pi_lb", "pi_ub"):
        value = row[name]
        row[f"{name}_exp"] = math.inf if value > LARGEST_LOG else math.exp(value)
    return []
