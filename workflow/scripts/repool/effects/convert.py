"""From harmonised results to effects: every route that a row supports, in the declared order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from repool.assumptions import step_of
from repool.effects.evaluate import CANNOT_TURN, RESULT, effects_by
from repool.effects.route_catalogue import ACROSS
from repool.effects.routes.across import convert_across
from repool.effects.routes.tools import Choices
from repool.extraction.harmonise import CARRIED

if TYPE_CHECKING:
    import pandas as pd

#: Columns of results/effects/<study>.csv.
EFFECTS = [
    "result_id", "study_id", "cohort_id", "outcome", "term", "measure", "yi", "vi", "sei", "yi_best", "vi_best",
    "yi_worst", "vi_worst", "left_open", "vtype", "zero_cells", "design_effect", "route", "route_rank", "step_order",
    "assumptions", "flip", "doubted", "priority", "time_months", "comparator", "condition_arm1", "condition_arm2",
    "n_arm1", "n_arm2", "n_total", "events_arm1", "events_arm2", *CARRIED, "inputs", "reason", "source_file",
]  # fmt: skip
_FROM_ROW = [
    "result_id", "study_id", "cohort_id", "outcome", "term", "flip", "doubted", "priority", "time_months",
    "comparator", "condition_arm1", "condition_arm2", *CARRIED,
]  # fmt: skip
_NUMBERS = [
    "yi", "vi", "yi_best", "vi_best", "yi_worst", "vi_worst", "design_effect", "n_arm1", "n_arm2", "events_arm1",
    "events_arm2",
]  # fmt: skip
#: Numbers of a row that no source prints as a result.
_NOT_PRINTED = {"flip", "priority", "time_months", "n_total_arms", "followup_percent", "ci_level"}


def convert(
    rows: pd.DataFrame,
    *,
    choices: Choices,
    route_order: list[str],
    ladder: list[dict[str, Any]],
    clustered: Mapping[str, bool],
) -> pd.DataFrame:
    """Compute every effect that the rows support, by every route.

    Parameters
    ----------
    rows : DataFrame
        Harmonised rows: numbers as floats with NaN for blank, words as text with "" for blank.
    choices : Choices
        Measures and the choices that routes follow.
    route_order : list of str
        Names of the routes, the preferred first; `route_rank` counts from 1.
    ladder : list of dict
        Steps of the assumption ladder.
    clustered : mapping
        study_id -> whether its people are nested in clusters, families or repeated measures.

    Returns
    -------
    DataFrame
        Columns `EFFECTS`, sorted by result, measure and rank. A row that supports no route stands there
        once, without effect and with the reason.

    Notes
    -----
    An effect whose assumptions no step of the ladder admits is kept with a blank `step_order`: it enters no analysis.
    An effect with a best and a worst case, but none between, has a blank `yi`.
    """
    rows = rows.assign(clustered=rows["study_id"].map(clustered).astype(bool)).reset_index(drop=True)
    effects = rows[_FROM_ROW].join(_found(rows, choices, route_order, ladder), how="left")
    effects["sei"] = effects["vi"] ** 0.5
    effects["n_total"] = _people(rows, effects)
    effects["reason"] = _reasons(rows, effects)
    effects["source_file"] = "data/extraction/" + effects["study_id"] + ".csv"
    texts = [name for name in RESULT if name not in _NUMBERS]
    effects[texts] = effects[texts].fillna("")
    return effects.sort_values(["result_id", "measure", "route_rank"], kind="stable")[EFFECTS].reset_index(drop=True)


def _reasons(rows: pd.DataFrame, effects: pd.DataFrame) -> np.ndarray:
    """Return for each line why there is no effect; "" where there is one."""
    without = effects["measure"].isna().to_numpy()
    reasons = np.full(len(effects), "", dtype=object)
    reasons[without] = _why_none(rows.loc[effects.index[without]])
    return reasons


def _found(rows: pd.DataFrame, choices: Choices, route_order: list[str], ladder: list[dict[str, Any]]) -> pd.DataFrame:
    """Return the effects by all routes: those from what is printed first, then those from other effects."""
    import pandas as pd

    ranks = {name: rank for rank, name in enumerate(route_order, start=1)}
    nothing = pd.DataFrame(columns=[*RESULT, "route", "route_rank", "step_order"])
    tables = [nothing]
    for name in [name for name in route_order if name not in ACROSS]:
        tables.append(_ranked(effects_by(name, rows, choices), name, ranks, ladder))
    printed = _joined(tables, nothing)
    across = [
        _ranked(convert_across(name, printed, rows), name, ranks, ladder) for name in route_order if name in ACROSS
    ]
    wanted = [table[table["measure"].isin(list(choices.measures))] for table in across if len(table)]
    return _joined([printed, *wanted], nothing)


def _joined(tables: list[pd.DataFrame], nothing: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    tables = [table for table in tables if len(table)]
    joined = pd.concat(tables) if tables else nothing
    return joined.astype(dict.fromkeys(_NUMBERS, float) | {"step_order": "Int64"})


def _ranked(table: pd.DataFrame, name: str, ranks: Mapping[str, int], ladder: list[dict[str, Any]]) -> pd.DataFrame:
    """Return the effects of a route with its rank and the step of the ladder that admits them."""
    import pandas as pd

    steps = {text: step_of(text.split(";") if text else [], ladder=ladder) for text in set(table["assumptions"])}
    order = pd.array([steps[text] for text in table["assumptions"]], dtype="Int64")
    return table.assign(route=name, route_rank=ranks[name], step_order=order)


def _people(rows: pd.DataFrame, effects: pd.DataFrame) -> pd.Series:
    """Return how many people an effect rests on: its arms, or a printed total that covers just these arms."""
    covered = rows["n_total_arms"].eq(rows["condition_arm2"].ne("").map({True: 2, False: 1}))
    total = rows["n_total"].where(covered & rows["n_total_basis"].ne("other_unit"))
    arms = effects["n_arm1"] + effects["n_arm2"].fillna(0)
    return arms.where(arms.notna(), total.reindex(effects.index))


def _why_none(rows: pd.DataFrame) -> list[str]:
    """Return why no route leads from each of these rows to an effect."""
    names = [name for name in rows.columns if rows[name].dtype == float and name not in _NOT_PRINTED]
    known = rows[names].notna().to_numpy()
    # Rows that fill in the same columns with the same words share their reason.
    words = zip(*(rows[name].tolist() for name in ("flip", "estimate_scale", "percent_of", "p_scope")), strict=True)
    keys = list(zip(known, map(tuple, words), strict=True))
    found: dict[tuple[bytes, tuple], str] = {}
    for filled, said in keys:
        key = (filled.tobytes(), said)
        if key not in found:
            found[key] = _reason([name for name, is_there in zip(names, filled, strict=True) if is_there], *said)
    return [found[filled.tobytes(), said] for filled, said in keys]


def _reason(printed: list[str], flip: float, estimate_scale: str, percent_of: str, p_scope: str) -> str:
    """Return why no route leads to an effect from the columns that are filled."""
    if flip == -1 and (estimate_scale in CANNOT_TURN or "rate_arm1" in printed):
        return "a risk, hazard or rate ratio of the opposite outcome cannot be turned round; only an odds ratio can"
    if percent_of == "other_unit":
        return "the percents are not of people, so no effect on people follows from them"
    if estimate_scale == "unclear":
        return "the printed estimate has no clear scale, and nothing else leads to an effect"
    if p_scope in {"all_arms", "other"} and "p" in printed and len(printed) <= 2:
        return "only a p-value is printed, and it tests something else than this contrast"
    return "no route leads to an effect from what is printed: " + (", ".join(printed) or "no number")
