"""Which effects enter which analysis: the plan of config/analyses.csv applied, every refusal with its reason."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from repool.effects.conservation import check_counted_once, check_nothing_lost
from repool.effects.shared_people import Entry, entries_of, one_effect, stand_ins
from repool.extraction.arms_of_trials import SPLIT, VARIANT_OF
from repool.extraction.selection_plan import Rules
from repool.extraction.settings import moderators_of, words_of

if TYPE_CHECKING:
    import pandas as pd

#: Columns of results/analyses/<analysis>/effects.csv; one column per moderator follows.
ANALYSIS_EFFECTS = [
    "analysis", "ladder_step", "step_order", "reading", "study_id", "cohort_id", "label", "result_id",
    "measure", "yi", "vi", "sei", "flip", "vtype", "route", "assumptions", "added_at", "design", "comparator",
    "time_months", "n_arm1", "n_arm2", "n_total", "events_arm1", "events_arm2", "mean_arm1", "sd_arm1", "mean_arm2",
    "sd_arm2", "condition_arm1", "condition_arm2", "made_from",
]  # fmt: skip
#: Columns of results/analyses/<analysis>/selection.csv.
SELECTION = [
    "analysis", "result_id", "study_id", "cohort_id", "term", "comparator", "time_months", "used_from", "reason",
    "fate", "months_outside", "n_arm1", "n_arm2", "n_total",
]  # fmt: skip
#: Reading of an end of what a print leaves open -> ending of its columns.
CASES = {"best_case": "best", "worst_case": "worst"}


def choose_effects(
    effects: pd.DataFrame,
    *,
    analysis: Mapping[str, Any],
    studies: pd.DataFrame,
    ladder: list[dict],
    readings: list[str],
    rules: Rules,
    carried: Sequence[str],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Choose the effects of one analysis at every step of the ladder.

    Parameters
    ----------
    effects : DataFrame
        All effects of the review: `convert.EFFECTS`, and the columns `harmonise.CARRIED`.
    analysis : mapping
        One row of config/analyses.csv.
    studies : DataFrame
        Rows of data/studies.csv, indexed by study_id.
    ladder, readings : list
        From config/review.yaml: steps and readings.
    rules : Rules
        Answers to results that share people.
    carried : sequence of str
        Columns of `studies` that enter the table beside the moderators.

    Returns
    -------
    chosen : DataFrame
        One row per step, reading and cohort (`ANALYSIS_EFFECTS`, moderators, carried); where a shared arm is split,
        one row per part, each with a cohort_id and a label of its own.
    selection : DataFrame
        One row per result of the analysis' outcome with its fate, used, merged or dropped, and the reason
        (`SELECTION`).

    Raises
    ------
    ValueError
        Where people would be lost or counted twice, which no input should bring about.

    Notes
    -----
    A cohort enters with the effects of the earliest step at which it has any, and keeps them at later steps.
    """
    wanted = ["", VARIANT_OF.get(rules.multi_arm, "")]
    candidates = effects[effects["outcome"].eq(analysis["outcome"]) & effects["variant"].isin(wanted)]
    results = _by_result(candidates)
    known = studies.to_dict("index")
    reasons = {name: _why_not(rows, analysis, known[rows[0]["study_id"]]) for name, rows in results.items()}
    eligible = candidates[
        candidates["result_id"].map(reasons).eq("")
        & candidates["measure"].eq(analysis["measure"])
        & candidates["step_order"].notna()
        & (candidates["yi"].notna() | candidates["yi_best"].notna())
    ]
    eligible, gone = stand_ins(eligible)
    entries, refused = entries_of(_in_order(eligible, analysis, rules), rules=rules, ladder=ladder)
    routes = _by_result(eligible)
    chosen = _at_every_step(entries, routes, ladder=ladder, readings=readings, rules=rules)
    table = _chosen_table(chosen, analysis, studies, carried)
    selection = _selection_table(results, reasons | gone, refused, entries, analysis, ladder)
    check_nothing_lost(candidates, selection)
    check_counted_once(table, candidates, all_kept=rules.overlap == "keep_all")
    return table, selection


def _at_every_step(
    entries: list[Entry], routes: Mapping[str, list[dict[str, Any]]], *, ladder: list[dict], readings: list[str],
    rules: Rules,
) -> list[dict[str, Any]]:  # fmt: skip
    """Return what enters the pool at every step of the ladder, under every reading."""
    chosen = []
    for number, step in enumerate(ladder, start=1):
        for reading in readings:
            for entry in entries:
                if entry.step > number:
                    continue
                row = _read(entry, routes, number, reading, rules)
                # A result with a best and a worst case alone has no effect in the other readings.
                if row["vi"] == row["vi"]:
                    added_at = ladder[entry.step - 1]["step"]
                    place = {"ladder_step": step["step"], "step_order": number, "reading": reading}
                    chosen.append(row | place | {"added_at": added_at})
    return chosen


def _by_result(effects: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """Return result_id -> its effects, by every route; sorted by result."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in effects.sort_values("result_id", kind="stable").to_dict("records"):
        found.setdefault(row["result_id"], []).append(row)
    return found


def _why_not(rows: list[dict[str, Any]], analysis: Mapping[str, Any], study: Mapping[str, Any]) -> str:
    """Return why a result cannot enter the analysis, or "" if it can."""
    import pandas as pd

    row = rows[0]
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
    # With an effect, or at least a best and a worst case.
    rows = [route for route in rows if math.isfinite(route["yi"]) or math.isfinite(route["yi_best"])]
    if not rows:
        return row["reason"]
    right = [route for route in rows if route["measure"] == analysis["measure"]]
    if not right:
        measures = ", ".join(sorted({route["measure"] for route in rows}))
        return f"measure is {measures}, which is never mixed with {analysis['measure']}"
    if all(pd.isna(route["step_order"]) for route in right):
        return "no step of the assumption ladder admits what its routes assume"
    return ""


def _in_order(eligible: pd.DataFrame, analysis: Mapping[str, Any], rules: Rules) -> pd.DataFrame:
    """Return the eligible effects sorted by the declared keys."""
    places = {source: place for place, source in enumerate(rules.sources_order)}
    columns = {
        "ladder_step": "step_order", "distance_to_target": "_distance", "latest_time": "_earliness",
        "source_order": "_source", "largest": "_smallness",
    }  # fmt: skip
    ordered = eligible.assign(
        _distance=(eligible["time_months"] - analysis["time_target_months"]).abs(),
        _earliness=-eligible["time_months"],
        _source=eligible["outcome_source"].map(places).fillna(len(places)),
        _smallness=-eligible["n_total"],
        _is_open=eligible["yi"].isna(),
    )
    # Whatever the keys: a result with nothing but a best and a worst case gives way to one with an effect.
    keys = ["_is_open", *(columns.get(key, key) for key in rules.sort_keys)]
    return ordered.sort_values(keys, kind="stable")


def _read(
    entry: Entry, routes: Mapping[str, list[dict[str, Any]]], step_order: int, reading: str, rules: Rules
) -> dict[str, Any]:
    """Return what enters the pool for an entry at one step, under one reading."""
    rows = [_as_read(member, routes[member["result_id"]], step_order, reading) for member in entry.members]
    if len(rows) > 1:
        joined = one_effect(rows, entry, rules)
        if joined["vi"] == joined["vi"]:
            return joined
        # The widest routes may lack what the covariance needs; the preferred ones were seen to have it.
        return one_effect(entry.members, entry, rules)
    if rows[0]["variant"] == SPLIT:
        own = {"arm2": "condition_arm1", "arm1": "condition_arm2"}.get(rows[0]["shared_arm"])
        part = rows[0][own] if own else f"{rows[0]['condition_arm1']} v {rows[0]['condition_arm2']}"
        # A multilevel model needs to know which parts are of one cohort.
        cohort = rows[0]["cohort_id"] if rules.overlap == "keep_all" else f"{rows[0]['cohort_id']}: {part}"
        return rows[0] | {"cohort_id": cohort, "_part": f": {part}"}
    if rules.overlap == "keep_all":
        return rows[0] | {"_part": f": {rows[0]['result_id']}"}
    return rows[0]


def _as_read(effect: Mapping[str, Any], routes: list[dict[str, Any]], step_order: int, reading: str) -> dict[str, Any]:
    """Return the effect by its preferred route, or at an end of what that leaves open, or by the widest route."""
    row = dict(effect)
    if reading in CASES:
        yi, vi = (row[f"{name}_{CASES[reading]}"] for name in ("yi", "vi"))
        return row | ({"yi": yi, "vi": vi, "sei": vi**0.5} if vi == vi else {})
    if reading == "preferred":
        return row
    admitted = [route for route in routes if route["step_order"] <= step_order and math.isfinite(route["vi"])]
    return dict(min(admitted, key=lambda route: (-route["vi"], route["route_rank"]), default=row))


def _chosen_table(
    chosen: list[dict[str, Any]], analysis: Mapping[str, Any], studies: pd.DataFrame, carried: Sequence[str]
) -> pd.DataFrame:
    import pandas as pd

    named = [*moderators_of(analysis["moderators"]), *words_of(analysis["subgroups"]), *carried]
    moderators = list(dict.fromkeys(named))
    table = pd.DataFrame(chosen, columns=None if chosen else ANALYSIS_EFFECTS).assign(analysis=analysis["analysis"])
    for column in ["label", "design", *moderators]:
        table[column] = table["study_id"].map(studies[column])
    if "_part" in table:
        has_several = table.groupby("study_id")["result_id"].transform("nunique") > 1
        table["label"] = table["label"] + table["_part"].fillna("").where(has_several, "")
    return table[ANALYSIS_EFFECTS + moderators].sort_values(
        ["step_order", "reading", "label", "result_id"], kind="stable", key=_reading_first
    )


def _reading_first(column: pd.Series) -> pd.Series:
    """Put the preferred reading before the others; leave other columns as they are."""
    places = {"preferred": 0, "cautious": 1, "best_case": 2, "worst_case": 3}
    return column.map(places) if column.name == "reading" else column


def _selection_table(
    results: Mapping[str, list[dict[str, Any]]],
    reasons: Mapping[str, str],
    refused: Mapping[str, str],
    entries: list[Entry],
    analysis: Mapping[str, Any],
    ladder: list[dict],
) -> pd.DataFrame:
    import pandas as pd

    entry_of = {member["result_id"]: entry for entry in entries for member in entry.members}
    used = {str(entry.members[0]["cohort_id"]): entry.name for entry in reversed(entries)}
    stands_for = {
        origin: name for name, entry in entry_of.items() for member in entry.members if member["result_id"] == name
        for origin in filter(None, member["made_from"].split(";"))
    }  # fmt: skip
    rows = []
    for result_id, group in results.items():
        row = group[0] | {name: _largest([route[name] for route in group]) for name in _PEOPLE}
        entry, reason = entry_of.get(result_id), reasons[result_id]
        fate, used_from = "dropped", ""
        if entry is not None:
            fate, used_from = "used", ladder[entry.step - 1]["step"]
            if len(entry.members) > 1:
                fate, reason = "merged", f"one of the effects that make up {entry.name}"
        elif result_id in stands_for:
            fate = "merged"
        elif not reason and row["cohort_id"] in used:
            reason = f"one effect per cohort: {used[row['cohort_id']]} comes first by the declared rule"
        if entry is None and not reasons[result_id] and row["cohort_id"] in refused:
            reason = "; ".join(filter(None, [reason, refused[row["cohort_id"]]]))
        more = {"used_from": used_from, "reason": reason, "fate": fate, "months_outside": _outside(row, analysis)}
        rows.append({name: row.get(name) for name in SELECTION} | {"analysis": analysis["analysis"]} | more)
    return pd.DataFrame(rows, columns=SELECTION).sort_values(["study_id", "result_id"], kind="stable")


_PEOPLE = ["n_arm1", "n_arm2", "n_total"]


def _largest(numbers: list[float]) -> float:
    return max((number for number in numbers if number == number), default=math.nan)


def _outside(row: Mapping[str, Any], analysis: Mapping[str, Any]) -> float:
    """Return by how many months a result lies outside the time window; NaN where it does not, or has no time."""
    months = row["time_months"]
    outside = max(months - analysis["time_max_months"], analysis["time_min_months"] - months)
    return outside if outside > 0 else math.nan
