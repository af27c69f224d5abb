"""The third stage as one function: from the effects of one analysis to everything that is computed from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from repool import files
from repool.effects.select import ANALYSIS_EFFECTS
from repool.pooling.forest_table import forest_table
from repool.pooling.moderators.meta_regression import REGRESSION_COLUMNS, formula_of, regress_analysis
from repool.pooling.pool import POOLED_COLUMNS, pool_analysis
from repool.pooling.reproduce_r import reproduce_r

if TYPE_CHECKING:
    import pandas as pd

#: Columns of effects.csv that hold numbers.
EFFECT_NUMBERS = [
    "step_order", "yi", "vi", "sei", "flip", "time_months", "n_arm1", "n_arm2", "n_total", "events_arm1",
    "events_arm2", "mean_arm1", "sd_arm1", "mean_arm2", "sd_arm2",
]  # fmt: skip
FOREST_COLUMNS = [*ANALYSIS_EFFECTS, "ci_lb", "ci_ub", "weight_percent"]


def pool_tables(effects: pd.DataFrame, *, analysis: str, pooling: Mapping[str, Any]) -> dict[str, str]:
    """Return every file that pooling makes of one analysis.

    Parameters
    ----------
    effects : DataFrame
        Table effects.csv of the analysis.
    analysis : str
        Its name.
    pooling : mapping
        The key `pooling` of config/review.yaml with the analysis' own primary model, and with
        "moderators", "steps" (names of the ladder's steps) and "readings".

    Returns
    -------
    dict
        Name of the file -> text.
    """
    shared = {name: pooling[name] for name in ("minimum_k", "level")}
    models, i2_definition = pooling["models"], pooling["i2_definition"]
    primary = next(model for model in models if model["id"] == pooling["primary_model"])
    sets = [
        (analysis, step, order, reading)
        for order, step in enumerate(pooling["steps"], start=1)
        for reading in pooling["readings"]
    ]
    pooled = pool_analysis(
        effects, models=models, primary_model=primary["id"], i2_definition=i2_definition, expected_sets=sets,
        minimum_k_prediction=pooling["minimum_k_prediction"], prediction_method=pooling["prediction_method"],
        tau2_interval=pooling["tau2_interval"], refuse_above_i2=pooling["refuse_above_i2"], **shared,
    )  # fmt: skip
    # Without moderators there is nothing to regress on: the table keeps its header alone.
    regressed = effects if pooling["moderators"] else effects.iloc[:0]
    independent = [model for model in models if "structure" not in model]
    permutation = None if pooling["permutations"] == "none" else pooling["permutations"]
    formula = pooling["formula"]
    terms = [formula.removeprefix("~").strip()] if formula.startswith("~") else pooling["moderators"]
    regression = regress_analysis(regressed, moderators=terms, models=independent, permutation=permutation, **shared)
    forest = forest_table(effects, pooled, level=pooling["level"])
    script = reproduce_r(
        pooled,
        regression,
        analysis=analysis,
        level=pooling["level"],
        formula=formula_of(terms, columns=effects.columns) if terms else "",
    )
    return {
        "pooled.csv": files.csv_text(pooled.to_dict("records"), columns=POOLED_COLUMNS),
        "pooled.json": files.json_text(_for_json(pooled)),
        "regression.csv": files.csv_text(regression.to_dict("records"), columns=REGRESSION_COLUMNS),
        "forest.csv": files.csv_text(forest.to_dict("records"), columns=FOREST_COLUMNS + pooling["moderators"]),
        "reproduce.R": script,
    }


def _for_json(pooled: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows with None for blank and every number as it stands in the CSV file."""
    rows = []
    for record in pooled.to_dict("records"):
        texts = {name: files.cell_text(value) for name, value in record.items()}
        rows.append({name: _plain(record[name], text) for name, text in texts.items()})
    return rows


def _plain(value: Any, text: str) -> Any:
    if text == "":
        return None
    return text if isinstance(value, str) else (int(text) if text.lstrip("-").isdigit() else float(text))
