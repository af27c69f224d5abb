"""Pool the effects of an analysis, at every ladder step, in every reading and by every model."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from repool.effects.measure_words import RATIO_MEASURES
from repool.pooling.effect_sets import SET_COLUMNS, checked_set, sets_of
from repool.pooling.models.heterogeneity import Tau2Interval, tau2_interval
from repool.pooling.models.intervals import prediction_interval
from repool.pooling.models.pooled_model import Pool, fit_pool
from repool.pooling.models.second_engine import agree

if TYPE_CHECKING:
    import pandas as pd

#: Columns of the table of pooled results, in order.
POOLED_COLUMNS = (
    *SET_COLUMNS,
    *("model", "is_primary", "verdict", "reason", "measure", "k", "n_studies", "n_participants"),
    *("method_tau2", "ci_method", "level", "prediction_method", "i2_definition"),
    *("estimate", "se", "statistic", "df", "pval", "ci_lb", "ci_ub", "pi_lb", "pi_ub"),
    *("tau2", "tau", "tau2_lb", "tau2_ub", "q", "q_df", "q_pval", "i2_percent", "h2"),
    *("estimate_exp", "ci_lb_exp", "ci_ub_exp", "pi_lb_exp", "pi_ub_exp"),
    *("assumptions", "converged", "iterations", "at_boundary"),
    *("second_engine", "second_engine_difference", "note"),
)

TEXT_COLUMNS = (
    *("analysis", "ladder_step", "reading", "model", "is_primary", "verdict", "reason", "measure"),
    *("method_tau2", "ci_method", "prediction_method", "i2_definition", "assumptions"),
    *("converged", "at_boundary", "second_engine", "note"),
)

#: exp() of more than this is beyond the largest double.
LARGEST_LOG = 709.0

#: Smaller differences between the engines are rounding noise, which differs between processors: shown as this.
SMALLEST_DIFFERENCE = 1e-6


def pool_set(
    effects: pd.DataFrame,
    *,
    model: Mapping[str, str],
    minimum_k: int,
    minimum_k_prediction: int,
    level: float,
    i2_definition: str,
    prediction_method: str,
) -> dict[str, Any]:
    """Pool one set of effects by one model, or say why it is not pooled.

    Parameters
    ----------
    effects : pandas.DataFrame
        One row per cohort, of one ladder step and reading; may be empty.
    model, minimum_k, minimum_k_prediction, level, i2_definition, prediction_method
        As in `pool_analysis`.

    Returns
    -------
    dict
        `POOLED_COLUMNS` without those that tell sets apart; nan or "" where there is no value.
    """
    effects = checked_set(effects)
    row = _heading(effects, model)
    row.update(level=level, prediction_method=prediction_method, i2_definition=i2_definition)
    if model["method_tau2"] == "none":
        row.update(prediction_method="none", i2_definition="from_q")
    notes = _who_lacks_n(effects)
    if len(effects) < max(2, minimum_k):
        row.update(verdict="not_pooled", reason=_too_few(len(effects), minimum_k))
        notes.insert(0, "numbers: nothing was pooled")
    else:
        notes += _write_results(row, effects)
        notes += _write_prediction(row, minimum_k=minimum_k_prediction)
        notes += _write_exp(row)
    row["note"] = "; ".join(notes)
    return row


def pool_analysis(
    effects: pd.DataFrame,
    *,
    models: Sequence[Mapping[str, str]],
    minimum_k: int,
    minimum_k_prediction: int,
    level: float,
    i2_definition: str,
    prediction_method: str,
    primary_model: str,
    expected_sets: Iterable[tuple] = (),
) -> pd.DataFrame:
    """Pool an analysis: every ladder step and reading by every model.

    Parameters
    ----------
    effects : pandas.DataFrame
        Effects of one analysis, one row per ladder step, reading and cohort.
    models, primary_model
        Dictionaries with "id", "method_tau2" and "ci_method"; and the id of the headline model.
    minimum_k, minimum_k_prediction, level, i2_definition, prediction_method
        The review's rules; fewer than 2 are never pooled, fewer than 3 never predicted from.
    expected_sets : iterable of tuple
        (analysis, ladder_step, step_order, reading) that get a row even without an effect.

    Raises
    ------
    ValueError
        When a set must not be pooled, or the two engines disagree.
    """
    _check_primary(primary_model, models)
    rules = {"minimum_k": minimum_k, "minimum_k_prediction": minimum_k_prediction, "level": level}
    rules |= {"i2_definition": i2_definition, "prediction_method": prediction_method}
    rows = []
    for key, members in sets_of(effects, expected_sets=expected_sets):
        heading = dict(zip(SET_COLUMNS, key, strict=True))
        rows += [heading | pool_set(members, model=model, **rules) for model in models]
    return _table(rows, primary_model=primary_model)


def _check_primary(primary_model: str, models: Sequence[Mapping[str, str]]) -> None:
    """Stop when the headline model is not among the models."""
    ids = [model["id"] for model in models]
    if primary_model not in ids:
        raise ValueError(f"primary_model {primary_model!r} is not one of {', '.join(ids)}")


def _table(rows: list[dict[str, Any]], *, primary_model: str) -> pd.DataFrame:
    """Return the rows as a table, the headline model marked."""
    import pandas as pd

    table = pd.DataFrame(rows, columns=list(POOLED_COLUMNS))
    return table.assign(is_primary=table["model"].eq(primary_model).map({True: "yes", False: "no"}))


def _heading(effects: pd.DataFrame, model: Mapping[str, str]) -> dict[str, Any]:
    """Return a row with the counts of the set and the settings of the model, else blank."""
    row = {name: "" if name in TEXT_COLUMNS else math.nan for name in POOLED_COLUMNS}
    words = [part for cell in effects["assumptions"].fillna("") for part in str(cell).split(";")]
    row.update(
        model=model["id"],
        method_tau2=model["method_tau2"],
        ci_method=model["ci_method"],
        measure=effects["measure"].iloc[0] if len(effects) else "",
        k=len(effects),
        n_studies=int(effects["study_id"].nunique()),
        n_participants=float(effects["n_total"].astype(float).sum(skipna=False)),
        assumptions=";".join(sorted({word.strip() for word in words} - {""})),
    )
    for name in SET_COLUMNS:
        del row[name]
    return row


def _who_lacks_n(effects: pd.DataFrame) -> list[str]:
    """Return a note on whose missing n_total leaves the number of participants blank."""
    without = sorted(effects.loc[effects["n_total"].isna(), "label"].astype(str))
    return [f"n_participants: not known for {', '.join(without)}"] if without else []


def _too_few(k: int, minimum_k: int) -> str:
    """Return in words why k effects are not pooled."""
    if k == 0:
        return "no effect"
    if k == 1 and minimum_k < 2:
        return "1 effect; there is nothing to pool it with"
    effects = "1 effect" if k == 1 else f"{k} effects"
    return f"{effects}; the review asks for at least {minimum_k} before it pools"


def _write_results(row: dict[str, Any], effects: pd.DataFrame) -> list[str]:
    """Write the pooled model and the second engine's verdict on it; return notes on blanks."""
    yi, vi = effects["yi"].to_numpy(float), effects["vi"].to_numpy(float)
    rules = {name: row[name] for name in ("method_tau2", "ci_method", "level")}
    pool = fit_pool(yi, vi, i2_definition=row["i2_definition"], **rules)
    answers = {"tau2": pool.tau2.tau2, "q": pool.q.q, "interval": pool.interval}
    row["second_engine_difference"] = max(agree(yi, vi, **answers, **rules), SMALLEST_DIFFERENCE)
    row.update(verdict="pooled", second_engine="statsmodels")
    limits = tau2_interval(yi, vi, level=row["level"])
    return _write_mean(row, pool) + _write_heterogeneity(row, pool, limits)


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


def _write_prediction(row: dict[str, Any], *, minimum_k: int) -> list[str]:
    """Write the prediction interval into the row; return a note when there is none."""
    if row["method_tau2"] == "none":
        return ["pi_lb, pi_ub: a common-effect model assumes that all true effects are equal"]
    limits = prediction_interval(
        estimate=row["estimate"],
        se=row["se"],
        tau2=row["tau2"],
        k=row["k"],
        method=row["prediction_method"],
        level=row["level"],
        minimum_k=minimum_k,
    )
    row["pi_lb"], row["pi_ub"] = limits.pi_lb, limits.pi_ub
    return [f"pi_lb, pi_ub: {limits.reason}"] if limits.reason else []


def _write_heterogeneity(row: dict[str, Any], pool: Pool, limits: Tau2Interval) -> list[str]:
    """Write tau2, Q, I2 and H2 into the row; return notes on what stays blank."""
    row.update(q=pool.q.q, q_df=pool.q.df, q_pval=pool.q.pval)
    row.update(i2_percent=pool.i2_percent, h2=pool.h2)
    row.update(tau2=pool.tau2.tau2, tau=math.sqrt(pool.tau2.tau2))
    if row["method_tau2"] == "none":
        return ["tau2: 0 by assumption, so tau2_lb and tau2_ub are blank and I2 comes from Q"]
    row.update(tau2_lb=limits.lb, tau2_ub=limits.ub)
    return [f"tau2_lb, tau2_ub: {limits.note}"] if limits.note else []


def _write_exp(row: dict[str, Any]) -> list[str]:
    """Write back-transformed values for ratio measures; return a note for other measures."""
    if row["measure"] not in RATIO_MEASURES:
        return [f"columns ending in _exp: {row['measure']} is not a ratio"]
    for name in ("estimate", "ci_lb", "ci_ub", "pi_lb", "pi_ub"):
        value = row[name]
        row[f"{name}_exp"] = math.inf if value > LARGEST_LOG else math.exp(value)
    return []
