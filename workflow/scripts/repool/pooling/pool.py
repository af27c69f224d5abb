"""Pool the effects of an analysis, at every ladder step, in every reading and by every model."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from repool.pooling.effect_sets import SET_COLUMNS, checked_dependent_set, sets_of
from repool.pooling.pool_row import write_clustered, write_exp, write_prediction, write_results

if TYPE_CHECKING:
    import pandas as pd

#: Columns of the table of pooled results, in order.
POOLED_COLUMNS = (
    *SET_COLUMNS,
    *("model", "is_primary", "verdict", "reason", "measure", "k", "n_studies", "n_participants"),
    *("method_tau2", "ci_method", "structure", "rho", "level", "prediction_method", "i2_definition"),
    *("estimate", "se", "statistic", "df", "pval", "ci_lb", "ci_ub", "pi_lb", "pi_ub"),
    *("tau2", "tau", "tau2_lb", "tau2_ub", "tau2_interval", "tau2_within", "q", "q_df", "q_pval"),
    *("i2_percent", "i2_lb", "i2_ub", "h2", "h2_lb", "h2_ub"),
    *("estimate_exp", "ci_lb_exp", "ci_ub_exp", "pi_lb_exp", "pi_ub_exp"),
    *("assumptions", "converged", "iterations", "at_boundary"),
    *("second_engine", "second_engine_difference", "note"),
)

TEXT_COLUMNS = (
    *("analysis", "ladder_step", "reading", "model", "is_primary", "verdict", "reason", "measure"),
    *("method_tau2", "ci_method", "structure", "prediction_method", "i2_definition", "tau2_interval", "assumptions"),
    *("converged", "at_boundary", "second_engine", "note"),
)


#: What is known of a set before anything is pooled.
_HEADING = frozenset(
    {"model", "is_primary", "measure", "k", "n_studies", "n_participants", "method_tau2", "ci_method", "structure"}
    | {"rho", "level", "prediction_method", "i2_definition", "assumptions"}
)


def pool_set(
    effects: pd.DataFrame,
    *,
    model: Mapping[str, str],
    minimum_k: int,
    minimum_k_prediction: int,
    level: float,
    i2_definition: str,
    prediction_method: str,
    tau2_interval: str,
    refuse_above_i2: float | str,
) -> dict[str, Any]:
    """Pool one set of effects by one model, or say why it is not pooled.

    Parameters
    ----------
    effects : pandas.DataFrame
        One row per effect, of one ladder step and reading; may be empty.
    model, minimum_k, minimum_k_prediction, level, i2_definition, prediction_method, tau2_interval, refuse_above_i2
        As in `pool_analysis`.

    Returns
    -------
    dict
        `POOLED_COLUMNS` without those that tell sets apart; nan or "" where there is no value.
    """
    effects = checked_dependent_set(effects)
    row = _heading(effects, model)
    row.update(level=level, prediction_method=prediction_method, i2_definition=i2_definition)
    if model["method_tau2"] == "none":
        row.update(prediction_method="none", i2_definition="from_q")
    notes = _who_lacks_n(effects)
    refusal = _refusal(effects, model, minimum_k)
    if refusal:
        row.update(verdict="not_pooled", reason=refusal)
        notes.insert(0, "numbers: nothing was pooled")
    else:
        if row["structure"]:
            notes += write_clustered(row, effects, model)
        else:
            notes += write_results(row, effects, tau2_interval=tau2_interval)
        if refuse_above_i2 != "none" and row["i2_percent"] > refuse_above_i2:
            return _too_different(row, limit=float(refuse_above_i2))
        # A new cohort is what a model of cohorts predicts.
        k = effects["cohort_id"].nunique() if row["structure"] else len(effects)
        notes += write_prediction(row, k=k, minimum_k=minimum_k_prediction)
        notes += write_exp(row)
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
    tau2_interval: str,
    refuse_above_i2: float | str,
    primary_model: str,
    expected_sets: Iterable[tuple] = (),
) -> pd.DataFrame:
    """Pool an analysis: every ladder step and reading by every model.

    Parameters
    ----------
    effects : pandas.DataFrame
        Effects of one analysis, one row per ladder step, reading and effect.
    models, primary_model
        Dictionaries with "id", "method_tau2" and "ci_method", and for dependent effects "structure" and "rho"; and
        the id of the headline model.
    minimum_k, minimum_k_prediction, level, i2_definition, prediction_method, tau2_interval, refuse_above_i2
        The review's rules; fewer than 2 are never pooled, fewer than 3 never predicted from.
        Above `refuse_above_i2` (percent, or "none") effects differ too much to be pooled.
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
    rules |= {"tau2_interval": tau2_interval, "refuse_above_i2": refuse_above_i2}
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
        n_participants=_people(effects),
        structure=model.get("structure", ""),
        rho=float(model.get("rho", math.nan)),
        assumptions=";".join(sorted({word.strip() for word in words} - {""})),
    )
    for name in SET_COLUMNS:
        del row[name]
    return row


def _people(effects: pd.DataFrame) -> float:
    """Return the number of participants; several effects of one cohort rest on the people of the largest."""
    n_total = effects["n_total"].astype(float)
    if not len(effects) or n_total.isna().any():
        return math.nan if len(effects) else 0.0
    return math.fsum(n_total.groupby(effects["cohort_id"]).max())


def _refusal(effects: pd.DataFrame, model: Mapping[str, Any], minimum_k: int) -> str:
    """Return in words why a set is not pooled by a model, or ""."""
    if len(effects) < max(2, minimum_k):
        return _too_few(len(effects), minimum_k)
    is_dependent = effects["cohort_id"].duplicated().any()
    if is_dependent and not model.get("structure"):
        return "several effects come from one cohort; only a model with a structure may pool them"
    if model.get("structure") and not is_dependent:
        return "every cohort has one effect; a model with a structure needs several of some"
    if model.get("structure") and effects["cohort_id"].nunique() < 2:
        return "all effects come from one cohort; there is nothing to pool it with"
    return ""


def _too_different(row: Mapping[str, Any], *, limit: float) -> dict[str, Any]:
    """Return the row of a set whose effects differ too much for one mean to stand for them."""
    reason = f"the effects differ too much: I2 is {row['i2_percent']:.1f} %, and the review pools up to {limit:g} %"
    kept = {name: value for name, value in row.items() if name in _HEADING}
    blank = {name: "" if name in TEXT_COLUMNS else math.nan for name in row}
    return blank | kept | {"verdict": "not_pooled", "reason": reason, "note": "numbers: nothing was pooled"}


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
