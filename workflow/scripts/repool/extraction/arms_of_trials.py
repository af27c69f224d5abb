"""Trials with more than two arms: which arms are used twice, and their contrasts split or merged."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from repool.extraction.arm_numbers import ARM_COLUMNS, COUNTS, combined_arm, part_of_arm

Row = Mapping[str, Any]

SPLIT, COMBINED = "split", "combined"
#: Answer to a shared arm in config (`multi_arm`) -> the variant of rows that it needs.
VARIANT_OF = {"split": SPLIT, "combine": COMBINED}
#: One-group comparisons share no arm with anything.
_ONE_GROUP = frozenset({"none", "pre"})
#: Numbers of a contrast as it was printed; they are not true of a part of it, nor of several contrasts merged.
OF_THE_CONTRAST = (
    *("n_total", "n_total_arms", "followup_percent", "events_total", "estimate", "estimate_scale", "se", "ci_lb"),
    *("ci_ub", "ci_method", "o_minus_e", "v_log_rank", "statistic", "statistic_value", "df1", "df2", "p", "p_op"),
    *("p_scope", "tails", "favours", "pairs_yes_yes", "pairs_yes_no", "pairs_no_yes", "pairs_no_no"),
)
#: Any of these sets of numbers, in both arms, leads to an effect.
_ENOUGH = (("n", "events"), ("n", "percent"), ("events", "person_time"), ("rate", "person_time"),
           ("n", "mean", "sd"), ("n", "mean_change", "sd_change"))  # fmt: skip


def shared_arms(rows: Iterable[Row]) -> dict[str, tuple[str, str]]:
    """Return which results of a study share an arm with another contrast.

    Parameters
    ----------
    rows : iterable of mapping
        Harmonised rows of one study.

    Returns
    -------
    dict
        result_id -> (name of its group, which is the first result_id in it; "arm1", "arm2" or "arm1;arm2": the arms
        of the row that other contrasts of the group use too). Rows that share no arm are not in it.

    Notes
    -----
    Contrasts belong together when term, time, source of the outcome and role of the comparator are the same. An arm
    is the same arm when it carries the same label.
    """
    alike: dict[tuple, list[Row]] = {}
    for row in sorted(rows, key=lambda r: r["result_id"]):
        if row["condition_arm2"] is not None and row["comparator"] not in _ONE_GROUP:
            alike.setdefault(tuple(row[name] for name in _ALIKE), []).append(row)
    found: dict[str, tuple[str, str]] = {}
    for members in alike.values():
        partners = _partners(members)
        first: dict[str, str] = {}
        for row in members:
            used_twice = [arm for arm in ("arm1", "arm2") if len(partners[row[f"condition_{arm}"]]) > 1]
            if used_twice:
                ends = _reached(row["condition_arm1"], partners)
                name = first.setdefault(min(ends), row["result_id"])
                found[row["result_id"]] = (name, ";".join(used_twice))
    return found


_ALIKE = ("term", "time_months", "outcome_source", "comparator")


def variants_of(rows: Iterable[Row], *, variant: str) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Return the rows that answer shared arms by splitting or merging, and why some cannot.

    Parameters
    ----------
    rows : iterable of mapping
        Harmonised rows of one study, with "multi_arm_group" and "shared_arm".
    variant : {"split", "combined"}
        Which answer.

    Returns
    -------
    made : list of dict
        New rows, with "variant", "made_from" and names such as x-01+split.
    refused : dict
        result_id of a row that has no such answer -> why not.
    """
    groups: dict[str, list[Row]] = {}
    for row in rows:
        if row["multi_arm_group"]:
            groups.setdefault(row["multi_arm_group"], []).append(row)
    made, refused = [], {}
    for members in groups.values():
        members = sorted(members, key=lambda r: r["result_id"])
        why_not = _why_not(members)
        new: list[dict[str, Any]] = []
        if not why_not:
            new, why_not = _split(members) if variant == SPLIT else _combined(members)
        made += new
        if why_not:
            refused |= {row["result_id"]: why_not for row in members}
    return made, refused


def arm_of(row: Row, arm: str) -> dict[str, Any]:
    """Return the numbers of one arm of a row, without the suffix of the arm."""
    return {name: row.get(f"{name}_{arm}") for name in ARM_COLUMNS}


def _partners(rows: Iterable[Row]) -> dict[str, set[str]]:
    """Return label of an arm -> labels of the arms that it is compared with."""
    partners: dict[str, set[str]] = {}
    for row in rows:
        one, other = row["condition_arm1"], row["condition_arm2"]
        partners.setdefault(one, set()).add(other)
        partners.setdefault(other, set()).add(one)
    return partners


def _reached(label: str, partners: Mapping[str, set[str]]) -> set[str]:
    """Return the labels of all arms that are linked with one by contrasts."""
    reached, ahead = {label}, [label]
    while ahead:
        new = partners[ahead.pop()] - reached
        reached |= new
        ahead += sorted(new)
    return reached


def _why_not(members: list[Row]) -> str:
    """Return why the contrasts of a group can be neither split nor merged, or ""."""
    if any(row.get("paired") == "yes" for row in members):
        return "the arms are the same or matched people"
    printed: dict[tuple[str, str], float] = {}
    for row in members:
        for arm in ("arm1", "arm2"):
            for name in (*COUNTS, "mean", "sd"):
                value, key = row.get(f"{name}_{arm}"), (row[f"condition_{arm}"], name)
                if value is not None and printed.setdefault(key, value) != value:
                    return f'rows print {printed[key]:g} and {value:g} as {name} of the same arm, "{key[0]}"'
    return ""


def _split(members: list[Row]) -> tuple[list[dict[str, Any]], str]:
    """Return the contrasts with each shared arm divided equally among those that use it."""
    parts = {label: len(others) for label, others in _partners(members).items()}
    for row in members:
        for arm in ("arm1", "arm2"):
            if parts[row[f"condition_{arm}"]] > 1 and all(row.get(f"{name}_{arm}") is None for name in COUNTS):
                label = row[f"condition_{arm}"]
                return (
                    [],
                    f'no people, events or person-time of "{label}", which is shared, stand in {row["result_id"]}',
                )
    made = []
    for row in members:
        new = dict(row) | dict.fromkeys(OF_THE_CONTRAST)
        for arm in ("arm1", "arm2"):
            part = part_of_arm(arm_of(row, arm), parts[row[f"condition_{arm}"]])
            new |= {f"{name}_{arm}": value for name, value in part.items()}
        made.append(new | _names(row["result_id"], SPLIT, [row]))
    _check_parts(members, made)
    return made, ""


def _check_parts(members: list[Row], made: list[dict[str, Any]]) -> None:
    """Raise ValueError where the parts of an arm do not add up to the whole."""
    parts: dict[tuple[str, str], dict[str, float]] = {}
    for row in made:
        for arm, other in (("arm1", "arm2"), ("arm2", "arm1")):
            for name in COUNTS:
                if row[f"{name}_{arm}"] is not None:
                    key = (row[f"condition_{arm}"], name)
                    parts.setdefault(key, {})[row[f"condition_{other}"]] = row[f"{name}_{arm}"]
    number_of = {label: len(others) for label, others in _partners(members).items()}
    for row in members:
        for arm in ("arm1", "arm2"):
            for name in COUNTS:
                label, whole = row[f"condition_{arm}"], row.get(f"{name}_{arm}")
                pieces = list(parts.get((label, name), {}).values())
                # A contrast that prints no such number leaves its part of the arm unused, which is no fault.
                if whole is None or len(pieces) < number_of[label]:
                    continue
                if not math.isclose(math.fsum(pieces), whole, rel_tol=1e-12):  # a sum of a few quotients
                    raise ValueError(f"{row['result_id']}: the parts of {name} of {label} do not add up to {whole:g}")


def _combined(members: list[Row]) -> tuple[list[dict[str, Any]], str]:
    """Return one contrast, the arms that are not shared merged into one group; or no row and why not."""
    sides = [side for side in ("arm1", "arm2") if len({row[f"condition_{side}"] for row in members}) == 1]
    if not sides:
        return [], "no arm stands on the same side of all its contrasts"
    (shared,) = sides
    merged = "arm1" if shared == "arm2" else "arm2"
    first: dict[str, Row] = {}
    for row in members:
        first.setdefault(row[f"condition_{merged}"], row)
    rows = list(first.values())
    group = combined_arm([arm_of(row, merged) for row in rows])
    whole = {name: _first_filled(arm_of(row, shared)[name] for row in rows) for name in ARM_COLUMNS}
    if not any(all(arm[name] is not None for arm in (group, whole) for name in names) for names in _ENOUGH):
        return [], "not every arm prints its size with events, a percent, or a mean and its standard deviation"
    new = {name: value if all(row[name] == value for row in rows) else None for name, value in rows[0].items()}
    new |= dict.fromkeys(OF_THE_CONTRAST) | {f"condition_{merged}": " + ".join(first)}
    new |= {f"{name}_{merged}": value for name, value in group.items()}
    new |= {f"{name}_{shared}": value for name, value in whole.items()}
    new["doubted"] = "yes" if any(row.get("doubted") == "yes" for row in rows) else None
    _check_sums(rows, new, merged)
    return [new | _names(rows[0]["result_id"], COMBINED, rows)], ""


def _check_sums(rows: list[Row], new: Row, merged: str) -> None:
    """Raise ValueError where the merged group is not the sum of its arms."""
    for name in COUNTS:
        column = f"{name}_{merged}"
        if new[column] is not None and not math.isclose(new[column], math.fsum(row[column] for row in rows)):
            raise ValueError(f"{rows[0]['result_id']}: {column} of the merged arms is not their sum")


def _names(result_id: str, variant: str, rows: list[Row]) -> dict[str, Any]:
    made_from = ";".join(row["result_id"] for row in rows)
    return {"result_id": f"{result_id}+{variant}", "variant": variant, "made_from": made_from}


def _first_filled(values: Iterable[Any]) -> Any:
    return next((value for value in values if value is not None), None)
