"""Which effects enter which analysis: the plan of config/analyses.csv applied, every refusal with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from repool.extraction.settings import words_of

if TYPE_CHECKING:
    import pandas as pd

#: Columns of results/analyses/<analysis>/effects.csv; one column per moderator follows.
ANALYSIS_EFFECTS = [
    "analysis", "ladder_step", "step_order", "reading", "study_id", "cohort_id", "label", "result_id",
    "measure", "yi", "vi", "sei", "vtype", "route", "assumptions", "added_at", "design", "comparator",
    "time_months", "n_arm1", "n_arm2", "n_total", "events_arm1", "events_arm2", "condition_arm1",
    "condition_arm2",
]  # fmt: skip
#: Columns of results/analyses/<analysis>/selection.csv.
SELECTION = [
    "analysis",
    "result_id",
    "study_id",
    "cohort_id",
    "term",
    "comparator",
    "time_months",
    "used_from",
    "reason",
]


def select(
    effects: pd.DataFrame,
    *,
    analysis: Mapping[str, Any],
    studies: pd.DataFrame,
    ladder: list[dict],
    readings: list[str],
    sort_keys: list[str],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Choose the effects of one analysis at every step of the ladder.

    Parameters
    ----------
    effects : DataFrame
        All effects of the review (`convert.EFFECTS`).
    analysis : mapping
        One row of config/analyses.csv.
    studies : DataFrame
        Rows of data/studies.csv, indexed by study_id.
    ladder, readings, sort_keys : list
        From config/review.yaml: steps, readings, and the keys that put the effects of one cohort in order.

    Returns
    -------
    chosen : DataFrame
        One row per step, reading and cohort (`ANALYSIS_EFFECTS`, then the moderators).
    selection : DataFrame
        One row per result of the analysis' outcome, used or not, with the reason (`SELECTION`).
    """
    candidates = effects[effects["outcome"] == analysis["outcome"]]
    reasons = {
        result_id: _why_not(rows, analysis, studies.loc[rows["study_id"].iloc[0]])
        for result_id, rows in candidates.groupby("result_id", sort=True)
    }
    eligible = candidates[
        candidates["result_id"].map(reasons).eq("")
        & candidates["measure"].eq(analysis["measure"])
        & candidates["step_order"].notna()
    ]
    first = _first_per_cohort(eligible, analysis, sort_keys)
    chosen = []
    for number, step in enumerate(ladder, start=1):
        for reading in readings:
            for _, effect in first[first["step_order"] <= number].iterrows():
                routes = eligible[eligible["result_id"] == effect["result_id"]]
                row = _as_read(effect, routes[routes["step_order"] <= number], reading)
                added_at = ladder[effect["step_order"] - 1]["step"]
                chosen.append(
                    row | {"ladder_step": step["step"], "step_order": number, "reading": reading, "added_at": added_at}
                )
    return _chosen_table(chosen, analysis, studies), _selection_table(candidates, reasons, first, analysis, ladder)


def _why_not(rows: pd.DataFrame, analysis: Mapping[str, Any], study: pd.Series) -> str:
    """Return why a result cannot enter the analysis, or "" if it can."""
    row = rows.iloc[0]
    months = row["time_months"]
    if study["status"] != "included":
        return f"study is {study['status']}"
    if study["design"] not in words_of(analysis["designs"]):
        return f"design is {study['design']}"
    if row["comparator"] not in words_of(analysis["comparators"]):
        return f"comparator is {row['comparator']}"
    if study["intervention_class"] in words_of(analysis["interventions_excluded"]):
        return f"intervention is {study['intervention_class']}"
    if months != months:
        if analysis["time_not_stated"] == "leave_out":
            return "time is not stated"
    elif not analysis["time_min_months"] <= months <= analysis["time_max_months"]:
        window = f"{analysis['time_min_months']:g} to {analysis['time_max_months']:g}"
        return f"{months:g} months is outside the window of {window}"
    if rows["yi"].isna().all():
        return row["reason"]
    right = rows[rows["measure"] == analysis["measure"]]
    if right.empty:
        return f"measure is {', '.join(sorted(set(rows['measure'])))}, which is never mixed with {analysis['measure']}"
    if right["step_order"].isna().all():
        return "no step of the assumption ladder admits what its routes assume"
    return ""


def _first_per_cohort(eligible: pd.DataFrame, analysis: Mapping[str, Any], sort_keys: list[str]) -> pd.DataFrame:
    """Return the first effect of each cohort after sorting by the declared keys."""
    distance = (eligible["time_months"] - analysis["time_target_months"]).abs()
    columns = {"ladder_step": "step_order", "distance_to_target": "_distance", "latest_time": "_earliness"}
    ordered = eligible.assign(_distance=distance, _earliness=-eligible["time_months"])
    ordered = ordered.sort_values([columns.get(key, key) for key in sort_keys], kind="stable")
    return ordered.drop_duplicates("cohort_id").sort_values(["cohort_id"], kind="stable")


def _as_read(effect: pd.Series, routes: pd.DataFrame, reading: str) -> dict[str, Any]:
    """Return the effect by its preferred route, or by the one with the largest variance."""
    if reading == "preferred":
        return effect.to_dict()
    widest = routes.sort_values(["vi", "route_rank"], ascending=[False, True], kind="stable")
    return widest.iloc[0].to_dict()


def _chosen_table(chosen: list[dict[str, Any]], analysis: Mapping[str, Any], studies: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    moderators = words_of(analysis["moderators"])
    table = pd.DataFrame(chosen, columns=None if chosen else ANALYSIS_EFFECTS).assign(analysis=analysis["analysis"])
    for column in ["label", "design", *moderators]:
        table[column] = table["study_id"].map(studies[column])
    return table[ANALYSIS_EFFECTS + moderators].sort_values(
        ["step_order", "reading", "label", "result_id"], kind="stable", key=_reading_first
    )


def _reading_first(column: pd.Series) -> pd.Series:
    """Put the preferred reading before the cautious one; leave other columns as they are."""
    return column.map({"preferred": 0, "cautious": 1}) if column.name == "reading" else column


def _selection_table(
    candidates: pd.DataFrame,
    reasons: Mapping[str, str],
    first: pd.DataFrame,
    analysis: Mapping[str, Any],
    ladder: list[dict],
) -> pd.DataFrame:
    import pandas as pd

    used = first.set_index("cohort_id")["result_id"].to_dict()
    steps = first.set_index("result_id")["step_order"].to_dict()
    rows = []
    for result_id, group in candidates.groupby("result_id", sort=True):
        row = group.iloc[0]
        reason, used_from = reasons[result_id], ""
        if result_id in steps:
            used_from = ladder[steps[result_id] - 1]["step"]
        elif not reason:
            reason = f"one effect per cohort: {used[row['cohort_id']]} comes first by the declared rule"
        rows.append(
            {name: row.get(name) for name in SELECTION}
            | {"analysis": analysis["analysis"], "used_from": used_from, "reason": reason}
        )
    return pd.DataFrame(rows, columns=SELECTION).sort_values(["study_id", "result_id"], kind="stable")
