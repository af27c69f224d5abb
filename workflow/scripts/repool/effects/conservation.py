"""Nobody lost, nobody counted twice: the people behind the effects of one analysis."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from repool.effects.shared_people import people_of
from repool.extraction.arms_of_trials import SPLIT

if TYPE_CHECKING:
    import pandas as pd

#: Columns of `participants`.
PARTICIPANTS = ["cohort_id", "n_known", "n_used", "n_left_out", "reason"]
#: Why an effect rests on fewer people than its cohort has.
IN_PART = "not followed up, or in an arm that the effect does not rest on"
#: Sums of a few quotients of people agree with the whole to this.
_ROUNDING = 1e-9


def check_nothing_lost(candidates: pd.DataFrame, selection: pd.DataFrame) -> None:
    """Check that every result of the outcome has one fate, and every one that is left out a reason.

    Parameters
    ----------
    candidates : DataFrame
        Effects of the analysis' outcome.
    selection : DataFrame
        The fates of their results.

    Raises
    ------
    ValueError
        Naming the results.
    """
    asked, told = sorted(set(candidates["result_id"])), list(selection["result_id"])
    if asked != sorted(told):
        odd = sorted(set(asked).symmetric_difference(told) | {name for name in told if told.count(name) > 1})
        raise ValueError(f"results without just one fate: {', '.join(odd)}")
    silent = selection[selection["fate"].eq("dropped") & selection["reason"].eq("")]
    if len(silent):
        raise ValueError(f"results left out without a reason: {', '.join(silent['result_id'])}")


def check_counted_once(chosen: pd.DataFrame, candidates: pd.DataFrame, *, all_kept: bool) -> None:
    """Check that no arm stands behind two effects of one pool, but for parts that add up to no more than it.

    Parameters
    ----------
    chosen : DataFrame
        Effects of the analysis at every step and reading.
    candidates : DataFrame
        Effects of the analysis' outcome, for the arms that they are made of.
    all_kept : bool
        Whether the analysis keeps all effects of a cohort, for a model that knows of their dependence; then the
        same people may stand behind several.

    Raises
    ------
    ValueError
        Naming the arm and the effects.
    """
    origins = {row["result_id"]: row for row in candidates.to_dict("records")}
    if all_kept:
        return
    for _, pool in chosen.groupby(["step_order", "reading"], sort=True):
        effects: dict[str, set[str]] = {}
        behind: dict[tuple[str, str, str], list[tuple[str, float]]] = {}
        for row in pool.to_dict("records"):
            for cohort, arms in _arms_of(row, origins):
                effects.setdefault(cohort, set()).add(row["result_id"])
                for key, n in arms.items():
                    behind.setdefault((cohort, *key), []).append((row["result_id"], n))
        for cohort, names in effects.items():
            if len(names) > 1 and not all(_is_part(name, origins) for name in names):
                raise ValueError(f"people of {cohort} are counted twice: {', '.join(sorted(names))}")
        for (_, study, label), parts in behind.items():
            _check_parts(study, label, parts, origins)


def participants(
    chosen: pd.DataFrame, selection: pd.DataFrame, candidates: pd.DataFrame, *, all_kept: bool
) -> pd.DataFrame:
    """Return how many people of each cohort are known, enter the analysis, and are left out.

    Parameters
    ----------
    chosen, selection : DataFrame
        The two tables of the analysis.
    candidates : DataFrame
        Effects of the analysis' outcome.
    all_kept : bool
        Whether the analysis keeps all effects of a cohort.

    Returns
    -------
    DataFrame
        One row per cohort (`PARTICIPANTS`); people at the last step of the ladder, by the preferred reading. The
        number left out is the difference; where nobody of a cohort enters, the reasons are those of its results.

    Raises
    ------
    ValueError
        Where more people enter than are known.
    """
    import pandas as pd

    last = chosen[chosen["step_order"].eq(chosen["step_order"].max()) & chosen["reading"].eq("preferred")]
    cohort_of = candidates.drop_duplicates("result_id").set_index("result_id")["cohort_id"].to_dict()
    used: dict[str, list[float]] = {}
    for row in last.to_dict("records"):
        used.setdefault(cohort_of[_names_of(row)[0]], []).append(float(row["n_total"]))
    rows = []
    for cohort, group in candidates[candidates["variant"].eq("")].groupby("cohort_id", sort=True):
        n_known = people_of(group.to_dict("records"))["n_total"]
        counts = used.get(cohort, [])
        # Where all effects are kept, the same people stand behind several: as many as behind the largest.
        n_used = max(counts, default=0.0) if all_kept else math.fsum(counts)
        if n_used > n_known * (1 + _ROUNDING):
            raise ValueError(f"{cohort}: {n_used:g} people enter, but only {n_known:g} are known")
        told = selection[selection["cohort_id"].eq(cohort) & selection["fate"].eq("dropped")]
        left_out = max(n_known - n_used, 0.0)
        reason = ""
        if left_out > _ROUNDING * n_known:
            reason = IN_PART if n_used else "; ".join(dict.fromkeys(told["reason"]))
        rows.append(dict(zip(PARTICIPANTS, [cohort, n_known, n_used, left_out, reason], strict=True)))
    return pd.DataFrame(rows, columns=PARTICIPANTS)


def _names_of(row: Mapping[str, Any]) -> list[str]:
    """Return the results that an effect is made of; itself where it is made of no other."""
    return [name for name in str(row["made_from"] or "").split(";") if name] or [row["result_id"]]


def _arms_of(row: Mapping[str, Any], origins: Mapping[str, Any]) -> Iterable[tuple[str, dict[tuple[str, str], float]]]:
    """Yield cohort and arms (study, label -> people of that arm in this effect) of each result behind an effect."""
    for name in _names_of(row):
        origin = origins[name]
        people = row if _is_part(row["result_id"], origins) else origin
        arms = {
            (origin["study_id"], origin[f"condition_{side}"]): float(people[f"n_{side}"])
            for side in ("arm1", "arm2")
            if origin[f"condition_{side}"]
        }
        yield origin["cohort_id"], arms


def _is_part(result_id: str, origins: Mapping[str, Any]) -> bool:
    return result_id in origins and origins[result_id]["variant"] == SPLIT


def _check_parts(study: str, label: str, parts: list[tuple[str, float]], origins: Mapping[str, Any]) -> None:
    """Raise ValueError where the parts of a split arm are more people than the arm has."""
    if len({name for name, _ in parts}) < 2:
        return
    whole = [
        float(row[f"n_{side}"])
        for row in origins.values()
        for side in ("arm1", "arm2")
        if row["variant"] == "" and (row["study_id"], row[f"condition_{side}"]) == (study, label)
    ]
    known = [n for n in whole if n == n]
    if known and math.fsum(n for _, n in parts) > max(known) * (1 + _ROUNDING):
        raise ValueError(f"{study}: the parts of the arm {label} are more people than it has")
