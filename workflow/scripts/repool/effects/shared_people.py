"""Which effects of a cohort enter an analysis together: contrasts with a shared arm, and overlapping samples."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from repool.assumptions import step_of
from repool.effects.overlap import constant_correlation, join_effects, shared_arm_covariance
from repool.extraction.arms_of_trials import SPLIT
from repool.extraction.selection_plan import Rules

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[str, Any]

_CONTRAST = ["condition_arm1", "condition_arm2"]
_MEANS = ("mean_arm1", "sd_arm1", "mean_arm2", "sd_arm2")
#: Assumption of effects that were made one with the declared correlation.
RHO_DECLARED = "rho_declared"


@dataclass(frozen=True)
class Entry:
    """What enters an analysis as one effect: a single effect, or several that become one.

    Parameters
    ----------
    members : tuple of mapping
        Effects by their preferred route.
    step : int
        Step of the ladder from which it enters.
    declared : bool
        Whether the members are correlated by the declared rho; otherwise by the arm that they share.
    """

    members: tuple[Row, ...]
    step: int
    declared: bool = False

    @property
    def name(self) -> str:
        """The results that it is made of, joined."""
        return "+".join(sorted(member["result_id"] for member in self.members))


def stand_ins(eligible: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the eligible effects with split or merged rows in place of the results that they are made of.

    Parameters
    ----------
    eligible : DataFrame
        Eligible effects, with "variant", "made_from" and "multi_arm_group".

    Returns
    -------
    eligible : DataFrame
        Without the results that gave way.
    gone : dict
        result_id of a result that gave way -> why.
    """
    variants = eligible["variant"].ne("")
    open_only = eligible.loc[variants & eligible["yi"].isna(), "result_id"]
    gone = dict.fromkeys(open_only, "it has only a best and a worst case")
    for group, made in eligible[variants & eligible["yi"].notna()].groupby("multi_arm_group", sort=True):
        is_split = made["variant"].iloc[0] == SPLIT
        if is_split and len(made[_CONTRAST].drop_duplicates()) < 2:
            alone = "no other contrast of its arm has an effect, so the arm is not divided"
            gone |= dict.fromkeys(made["result_id"], alone)
            continue
        origins = {
            origin: name
            for name, text in zip(made["result_id"], made["made_from"], strict=True)
            for origin in text.split(";")
        }
        others = eligible[eligible["multi_arm_group"].eq(group) & eligible["variant"].eq("")]
        instead = "other results of the same arms stand in its place: " + ", ".join(sorted(set(origins.values())))
        for name in others["result_id"]:
            gone[name] = f"{origins[name]} stands in its place" if name in origins else instead
    return eligible[~eligible["result_id"].isin(list(gone))], gone


def entries_of(ordered: pd.DataFrame, *, rules: Rules, ladder: Sequence[Row]) -> tuple[list[Entry], dict[str, str]]:
    """Return what enters an analysis: one entry per cohort, unless a shared arm is split or all effects are kept.

    Parameters
    ----------
    ordered : DataFrame
        Eligible effects sorted by the declared keys.
    rules : Rules
        Answers to shared arms and to overlapping samples.
    ladder : sequence of mapping
        Steps of the assumption ladder.

    Returns
    -------
    entries : list of Entry
        Sorted by cohort, then by result.
    refused : dict
        cohort_id -> why its effects could not become one as planned.
    """
    cohorts: dict[str, list[dict[str, Any]]] = {}
    for row in ordered.drop_duplicates("result_id").to_dict("records"):
        cohorts.setdefault(row["cohort_id"], []).append(row)
    entries, refused = [], {}
    for cohort in sorted(cohorts):
        planned, why_not = _planned(cohorts[cohort], rules, ladder)
        if why_not:
            refused[cohort] = why_not
        entries += sorted(planned, key=lambda entry: entry.name)
    return entries, refused


def _planned(rows: list[Row], rules: Rules, ladder: Sequence[Row]) -> tuple[list[Entry], str]:
    """Return the entries of one cohort; and why effects that should become one did not."""
    # A result with only a best and a worst case stands alone or not at all.
    rows = [row for row in rows if math.isfinite(row["yi"])] or rows[:1]
    first = rows[0]
    single = [Entry((first,), int(first["step_order"]))]
    group = _distinct([row for row in rows if _is_grouped(row, first)], _CONTRAST)
    if rules.overlap == "keep_all":
        # A multilevel model answers for their dependence; only one of several contrasts of the same arms is kept.
        return [Entry((row,), int(row["step_order"])) for row in _without_repeats(rows, rules)], ""
    if rules.overlap == "aggregate":
        earliest = min(row["step_order"] for row in rows)
        members = _without_repeats([row for row in rows if row["step_order"] == earliest], rules)
    elif first["multi_arm_group"] and first["variant"] == SPLIT:
        return [Entry((member,), int(member["step_order"])) for member in group], ""
    elif first["multi_arm_group"] and rules.multi_arm == "covariance":
        members = [member for member in group if member["step_order"] <= first["step_order"]]
    else:
        return single, ""
    if len(members) == 1:
        return [Entry((members[0],), int(members[0]["step_order"]))], ""
    # Contrasts of one trial with their exact covariance need no declared correlation.
    is_exact = rules.multi_arm == "covariance" and all(_is_grouped(row, first) for row in members)
    declared = rules.overlap == "aggregate" and not (is_exact and first["multi_arm_group"])
    entry = Entry(tuple(members), int(max(member["step_order"] for member in members)), declared)
    if not math.isfinite(one_effect(members, entry, rules)["vi"]):
        return single, "the covariance of its effects cannot be computed from what is printed"
    step = step_of(_assumptions(members, rho=declared), ladder=list(ladder)) if declared else entry.step
    if step is None:
        return [], f"no step of the assumption ladder admits {RHO_DECLARED}"
    return [Entry(entry.members, step, declared)], ""


def _is_grouped(row: Row, first: Row) -> bool:
    return all(row[name] == first[name] for name in ("multi_arm_group", "variant"))


def _distinct(rows: Iterable[Row], keys: Sequence[str]) -> list[Row]:
    """Return the first row of each combination of keys."""
    found: dict[tuple, Row] = {}
    for row in rows:
        found.setdefault(tuple(row[name] for name in keys), row)
    return list(found.values())


def _without_repeats(rows: Sequence[Row], rules: Rules) -> list[Row]:
    """Return the rows without those that repeat a contrast of a group, or, where one is to be chosen, the group."""
    keys = ["multi_arm_group", *(_CONTRAST if rules.multi_arm == "covariance" else [])]
    kept = {row["result_id"] for row in _distinct([row for row in rows if row["multi_arm_group"]], keys)}
    return [row for row in rows if not row["multi_arm_group"] or row["result_id"] in kept]


def one_effect(rows: Sequence[Row], entry: Entry, rules: Rules) -> dict[str, Any]:
    """Return several effects of the same people as one row.

    Parameters
    ----------
    rows : sequence of mapping
        The members of the entry, each by the route that is read.
    entry : Entry
        What they belong to.
    rules : Rules
        With the declared correlation.

    Returns
    -------
    dict
        An effect; yi and vi are NaN where the covariance is not known or not positive definite.
    """
    yi = np.array([row["yi"] for row in rows], dtype=float)
    yi_joined, vi_joined = join_effects(yi, _covariance(rows, rules, declared=entry.declared))
    names = sorted(row["result_id"] for row in rows)
    same = {name: rows[0][name] if len({row[name] for row in rows}) == 1 else np.nan for name in ("time_months",)}
    words = {name: " + ".join(dict.fromkeys(str(row[name]) for row in rows)) for name in (*_CONTRAST, "comparator")}
    people = people_of(rows)
    # People with the outcome add up over arms only where all effects are of one outcome at one time.
    events = dict.fromkeys(("events_arm1", "events_arm2"), np.nan) if entry.declared else _events(rows)
    # A mean is of one arm and one outcome: joined effects have none.
    means = dict.fromkeys(_MEANS, np.nan)
    return {
        **rows[0], **same, **words, **people, **events, **means,
        "yi": yi_joined, "vi": vi_joined, "sei": np.sqrt(vi_joined), "route": "aggregate", "vtype": "GLS",
        "result_id": "+".join(names), "made_from": ";".join(names),
        "assumptions": ";".join(_assumptions(rows, rho=entry.declared)),
    }  # fmt: skip


def people_of(rows: Sequence[Row]) -> dict[str, float]:
    """Return how many people stand behind several effects, nobody counted twice.

    Parameters
    ----------
    rows : sequence of mapping
        Effects of one cohort.

    Returns
    -------
    dict
        n_arm1, n_arm2 and n_total; NaN where they are not known.

    Notes
    -----
    Arms with one label in one study are the same people: the largest number printed of them counts. Several studies
    of a cohort have the same people: the largest study counts.
    """
    studies: dict[str, dict[str, float]] = {}
    for study in sorted({row["study_id"] for row in rows}):
        own = [row for row in rows if row["study_id"] == study]
        arms = {side: _largest((row[f"condition_{side}"], row[f"n_{side}"]) for row in own) for side in _SIDES}
        totals = [row["n_total"] for row in own if row["n_total"] == row["n_total"]]
        both = _largest((label, n) for side in _SIDES for label, n in arms[side].items())
        counted = _total(arms["arm1"]) + np.nan_to_num(_total(arms["arm2"]))
        whole = _total(both) if np.isfinite(counted) else np.nan
        studies[study] = {"n_arm1": _total(arms["arm1"]), "n_arm2": _total(arms["arm2"])}
        studies[study]["n_total"] = float(np.nanmax([whole, *totals])) if totals or np.isfinite(whole) else np.nan
    return max(studies.values(), key=lambda people: np.nan_to_num(people["n_total"]))


_SIDES = ("arm1", "arm2")


def _largest(pairs: Any) -> dict[str, float]:
    """Return label -> the largest number that stands with it; NaN where none does."""
    found: dict[str, float] = {}
    for label, number in pairs:
        found[label] = float(np.fmax(found.get(label, np.nan), number))
    return found


def _total(numbers: Mapping[str, float]) -> float:
    return float(np.sum(list(numbers.values()))) if numbers else np.nan


def _events(rows: Sequence[Row]) -> dict[str, float]:
    arms = {side: _largest((row[f"condition_{side}"], row[f"events_{side}"]) for row in rows) for side in _SIDES}
    return {f"events_{side}": _total(arms[side]) for side in _SIDES}


def _assumptions(rows: Sequence[Row], *, rho: bool) -> list[str]:
    words = {word for row in rows for word in str(row["assumptions"]).split(";") if word}
    # ASSUME rho_declared
    return sorted(words | ({RHO_DECLARED} if rho else set()))


def _covariance(rows: Sequence[Row], rules: Rules, *, declared: bool) -> np.ndarray:
    """Return the covariance of effects: from shared arms where that is the plan, else by the declared rho."""
    vi = np.array([row["vi"] for row in rows], dtype=float)
    matrix = constant_correlation(vi, rho=rules.rho if declared else 0.0)
    if rules.multi_arm != "covariance":
        return matrix
    for place, one in enumerate(rows):
        for other_place, other in enumerate(rows[:place]):
            if one["multi_arm_group"] and one["multi_arm_group"] == other["multi_arm_group"]:
                matrix[place, other_place] = matrix[other_place, place] = _of_pair(one, other, rows)
    return matrix


def _of_pair(one: Row, other: Row, rows: Sequence[Row]) -> float:
    """Return the covariance that shared arms bring to two contrasts; 0 where they share none."""
    shared = 0.0
    for side in _SIDES:
        for other_side in _SIDES:
            if one[f"condition_{side}"] != other[f"condition_{other_side}"]:
                continue
            if one[f"n_{side}"] != other[f"n_{other_side}"] and one[f"n_{side}"] == one[f"n_{side}"]:
                return float("nan")
            group = [row for row in rows if row["multi_arm_group"] == one["multi_arm_group"]]
            part = shared_arm_covariance(
                one["measure"], yi_one=one["yi"], yi_other=other["yi"], n=one[f"n_{side}"],
                events=one[f"events_{side}"], sd=one[f"sd_{side}"], n_all=people_of(group)["n_total"],
            )  # fmt: skip
            # What lifts one contrast and lowers the other, when the arm stands on different sides.
            shared += float(part) if side == other_side else -float(part)
    return shared
