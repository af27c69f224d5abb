"""From harmonised results to effects: every route that a row supports, in the declared order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from repool.assumptions import step_of
from repool.effects.route_tools import CANNOT_TURN, RESULT, Choices
from repool.effects.routes import ROUTES

if TYPE_CHECKING:
    import pandas as pd

#: Columns of results/effects/<study>.csv.
EFFECTS = [
    "result_id", "study_id", "cohort_id", "outcome", "term", "measure", "yi", "vi", "sei", "vtype", "route",
    "route_rank", "step_order", "assumptions", "flip", "doubted", "priority", "time_months", "comparator",
    "condition_arm1", "condition_arm2", "n_arm1", "n_arm2", "n_total", "events_arm1", "events_arm2", "reason",
    "source_file",
]  # fmt: skip


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
        Zero-cell rule and reading of p-values.
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
    """
    import pandas as pd

    tables = []
    for rank, name in enumerate(route_order, start=1):
        table = ROUTES[name](rows, choices)
        if len(table):
            tables.append(table.assign(route=name, route_rank=rank))
    numbers = dict.fromkeys(["yi", "vi", "n_arm1", "n_arm2", "events_arm1", "events_arm2"], float)
    nothing = pd.DataFrame(columns=[*RESULT, "route", "route_rank"])
    found = (pd.concat(tables) if tables else nothing).astype(numbers)
    carried = [
        "result_id",
        "study_id",
        "cohort_id",
        "outcome",
        "term",
        "flip",
        "doubted",
        "priority",
        "time_months",
        "comparator",
        "condition_arm1",
        "condition_arm2",
    ]
    effects = rows[carried].join(found, how="left")
    effects["yi"] = effects["yi"] * effects["flip"]
    effects["sei"] = effects["vi"] ** 0.5
    # ASSUME clustering_ignored
    nested = effects["study_id"].map(clustered).astype(bool) & effects["yi"].notna()
    assumptions = effects["assumptions"].fillna("")
    effects["assumptions"] = [
        ";".join(sorted(filter(None, [*text.split(";"), "clustering_ignored" if is_nested else ""])))
        for text, is_nested in zip(assumptions, nested, strict=True)
    ]
    steps = [step_of(text.split(";") if text else [], ladder=ladder) for text in effects["assumptions"]]
    effects["step_order"] = pd.array(steps, dtype="Int64")
    effects.loc[effects["yi"].isna(), "step_order"] = pd.NA
    effects["n_total"] = _people(rows, effects)
    effects["reason"] = [
        "" if has else _why_none(rows.loc[index])
        for index, has in zip(effects.index, effects["yi"].notna(), strict=True)
    ]
    effects["source_file"] = "data/extraction/" + effects["study_id"] + ".csv"
    return effects.sort_values(["result_id", "measure", "route_rank"], kind="stable")[EFFECTS].reset_index(drop=True)


def _people(rows: pd.DataFrame, effects: pd.DataFrame) -> pd.Series:
    """Return how many people an effect rests on: its arms, or a printed total that covers just these arms."""
    covered = rows["n_total_arms"].eq(rows["condition_arm2"].ne("").map({True: 2, False: 1}))
    total = rows["n_total"].where(covered & rows["n_total_basis"].ne("other_unit"))
    arms = effects["n_arm1"] + effects["n_arm2"].fillna(0)
    return arms.where(arms.notna(), total.reindex(effects.index))


def _why_none(row: pd.Series) -> str:
    """Return why no route leads from a row to an effect."""
    numbers = [name for name in row.index if isinstance(row[name], float) and row[name] == row[name]]
    skip = {"flip", "priority", "time_months", "n_total_arms", "followup_percent", "ci_level"}
    printed = [name for name in numbers if name not in skip]
    if row["flip"] == -1 and (row["estimate_scale"] in CANNOT_TURN or "rate_arm1" in printed):
        return "a risk, hazard or rate ratio of the opposite outcome cannot be turned round; only an odds ratio can"
    if row["percent_of"] == "other_unit":
        return "the percents are not of people, so no effect on people follows from them"
    if row["estimate_scale"] == "unclear":
        return "the printed estimate has no clear scale, and nothing else leads to an effect"
    if row["p_scope"] in {"all_arms", "other"} and "p" in printed and len(printed) <= 2:
        return "only a p-value is printed, and it tests something else than this contrast"
    return "no route leads to an effect from what is printed: " + (", ".join(printed) or "no number")
