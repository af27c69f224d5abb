"""From what the routes read out of the rows to effects: every measure asked for, with its best and worst case."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from repool.effects.conversions.design import design_effect
from repool.effects.measures.catalogue import MEASURES, effect_sizes
from repool.effects.route_catalogue import CATALOGUE, Route
from repool.effects.routes.registry import ROUTES
from repool.effects.routes.tools import Array, Choices, Found, numbers, words

if TYPE_CHECKING:
    import pandas as pd

#: Columns that a route returns; the index is that of the rows.
RESULT = [
    "measure", "yi", "vi", "yi_best", "vi_best", "yi_worst", "vi_worst", "left_open", "vtype", "zero_cells",
    "design_effect", "n_arm1", "n_arm2", "events_arm1", "events_arm2", "assumptions", "inputs",
]  # fmt: skip
#: Counts and the people they are of: the opposite outcome is computed from the opposite counts.
_COUNTED = (("events_arm1", "n_arm1"), ("events_arm2", "n_arm2"), ("events", "n"))
#: What the effect of the opposite outcome is, times the effect (`Measure.turned`).
_SIGN_OF_OPPOSITE = {"sign": -1.0, "keep": 1.0, "recompute": np.nan, "no": np.nan}
#: Printed ratios whose logarithm does not merely change its sign when the outcome is turned into its opposite.
CANNOT_TURN = ("RR", "HR", "IRR", "ROM", "VR", "CVR")
#: The opposite of what happens to a pair.
_OPPOSITE_PAIRS = {
    "pairs_yes_yes": "pairs_no_no", "pairs_yes_no": "pairs_no_yes", "pairs_no_yes": "pairs_yes_no",
    "pairs_no_no": "pairs_yes_yes",
}  # fmt: skip
#: Assumptions by which a declared number is used, and what the print leaves open there.
_DECLARED = {
    "declared_allocation": "arm sizes",
    "r_declared": "correlation",
    "icc_declared": "intracluster correlation",
}
#: From inputs, and the rows that count, to yi, vi and where a zero cell was corrected.
Compute = Callable[[Mapping[str, Any], Array], tuple[Array, Array, Array]]
#: A case this close to the effect itself is no other case; far below any rounding of a printed number.
_SAME = 1e-9


def effects_by(name: str, rows: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    """Return the effects of the rows that support a route, in the direction of their outcome.

    Parameters
    ----------
    name : str
        A route of the catalogue that starts from what is printed.
    rows : DataFrame
        Harmonised rows: numbers as floats with NaN for blank, words as text with "" for blank.
    choices : Choices
        Statistical choices.

    Returns
    -------
    DataFrame
        Columns `RESULT`, one row per result and measure.
    """
    import pandas as pd

    here = rows[_printed(rows, CATALOGUE[name])]
    tables = [table for part in _parts(name, here, choices) for table in _tables(part, choices) if len(table)]
    return pd.concat(tables) if tables else pd.DataFrame(columns=RESULT)


@dataclass(frozen=True)
class _Part:
    """What a route found in rows, and what it finds when the declared numbers are at the ends of their ranges."""

    rows: pd.DataFrame
    found: Found
    at_ends: Sequence[Found]
    design: _Design

    @cached_property
    def usable(self) -> Array:
        return np.asarray(self.found.usable, dtype=bool)

    @cached_property
    def assumptions(self) -> Array:
        return join_words([*self.found.assumptions, self.design.assumed], self.usable)

    @cached_property
    def inputs_in_words(self) -> Array:
        return _inputs_in_words(self.found.inputs, self.usable)

    @cached_property
    def left_open(self) -> Array:
        declared = [
            np.where(np.asarray(part) == name, text, "")
            for part in (*self.found.assumptions, self.design.assumed)
            for name, text in _DECLARED.items()
        ]
        return join_words([np.broadcast_to(self.found.left_open, len(self.rows)), *declared], self.usable, between="; ")


def _parts(name: str, rows: pd.DataFrame, choices: Choices) -> list[_Part]:
    """Return what a route finds in rows; asked again at the ends of what is declared, where it needs that."""
    if rows.empty:
        return []
    founds = _asked(name, rows, choices)
    declared = [(np.isin(part, list(_DECLARED)) & found.usable).any() for found in founds for part in found.assumptions]
    ends = [_asked(name, rows, end) for end in choices.at_ends()] if any(declared) else []
    return [
        _Part(rows, found, [end[place] for end in ends], _design_of(rows, found, choices))
        for place, found in enumerate(founds)
        if np.any(found.usable)
    ]


def _asked(name: str, rows: pd.DataFrame, choices: Choices) -> list[Found]:
    # A number that cannot be is answered by NaN, not by a warning.
    with np.errstate(all="ignore"):
        found = ROUTES[name](rows, choices)
    return found if isinstance(found, list) else [found]


def _printed(rows: pd.DataFrame, route: Route) -> Array:
    """Return which rows print what a route needs."""
    mask = np.ones(len(rows), dtype=bool)
    for column in route.columns:
        values = rows[column]
        mask &= (values != "").to_numpy() if values.dtype == object else values.notna().to_numpy()
    for column, allowed in route.when.items():
        mask &= np.isin(words(rows, column), allowed)
    return mask


def _tables(part: _Part, choices: Choices) -> list[pd.DataFrame]:
    found = part.found
    if found.family == "given":
        measure = found.inputs["measure"]
        wanted = part.usable & np.isin(measure, list(choices.measures))
        return [_table(part, choices, wanted, measure, found.vtype, partial(_as_given, part.rows))]
    return [
        _table(part, choices, part.usable, name, vtype, partial(_computed, part.rows, key, vtype, choices))
        for name, vtype in choices.measures.items()
        if vtype != "given" and (key := _key(name, found.family)) and (not found.only or name in found.only)
    ]


def _key(name: str, family: str) -> str:
    """Return the key of a measure that is computed from the data of a family, "" if there is none."""
    keys = (name, f"{name}:{family}")
    return next((key for key in keys if key in MEASURES and MEASURES[key].family == family), "")


def _as_given(rows: pd.DataFrame, inputs: Mapping[str, Any], wanted: Array) -> tuple[Array, Array, Array]:
    """Return a printed effect in the direction of its outcome; ratios that cannot be turned are left out."""
    (flip,) = numbers(rows, "flip")
    refused = (flip == -1) & np.isin(inputs["measure"], CANNOT_TURN)
    return np.where(refused, np.nan, inputs["yi"] * flip), inputs["vi"], np.zeros(len(rows), bool)


def _computed(
    rows: pd.DataFrame, key: str, vtype: str, choices: Choices, inputs: Mapping[str, Any], wanted: Array
) -> tuple[Array, Array, Array]:
    """Return a computed effect in the direction of its outcome, and where a zero cell was corrected."""
    (flip,) = numbers(rows, "flip")
    opposite = flip == -1
    sign = np.where(opposite, _SIGN_OF_OPPOSITE[MEASURES[key].turned], 1.0)
    # Rows that do not count must not enter a variance, or a rule for zero cells, that looks at all rows together.
    values = {name: np.where(wanted, value, np.nan) for name, value in inputs.items()}
    turned = dict(values)
    for events, people in _COUNTED:
        if events in values and people in values:
            turned[events] = np.where(opposite, values[people] - values[events], values[events])
            sign = np.ones(len(rows))
    if "pairs_yes_no" in values:
        turned |= {name: np.where(opposite, values[other], values[name]) for name, other in _OPPOSITE_PAIRS.items()}
        sign = np.ones(len(rows))
    zero_cells = choices.zero_cells_of(MEASURES[key].name, MEASURES[key].family)
    if not MEASURES[key].corrected_by_default:
        # A zero does these measures no harm: as in R, nothing is added.
        zero_cells = replace(zero_cells, add=0.0)
    effect = effect_sizes(key, turned, vtype=vtype, zero_cells=zero_cells)
    return effect.yi * sign, effect.vi, effect.corrected


def _table(part: _Part, choices: Choices, wanted: Array, measure: Any, vtype: str, compute: Compute) -> pd.DataFrame:
    """Return the results of the wanted rows that have an effect, or at least a best and a worst case."""
    import pandas as pd

    rows, found, design = part.rows, part.found, part.design
    drawn = [{**end.inputs, **other} for end in (found, *part.at_ends) for other in ({}, *end.others)]
    with np.errstate(all="ignore"):
        (yi, vi, corrected), *others = (compute(inputs, wanted) for inputs in drawn)
        cases = [(y, v * factor) for y, v, _ in others for factor in (design.effect, *design.ends)]
        cases += [(yi, vi * factor) for factor in design.ends]
        vi = vi * design.effect
    known = np.isfinite(yi) & np.isfinite(vi)
    yi, vi = np.where(known, yi, np.nan), np.where(known, vi, np.nan)
    best, worst = _cases(rows, yi, vi, cases)
    keep = wanted & (known | np.isfinite(best[0]))
    rule = choices.zero_cells_of("", found.family)
    n, events = found.people or (np.nan, np.nan), found.events or (np.nan, np.nan)
    columns = {
        "measure": measure, "yi": yi, "vi": vi,
        "yi_best": best[0], "vi_best": best[1], "yi_worst": worst[0], "vi_worst": worst[1],
        "left_open": np.where(np.isfinite(best[0]), part.left_open, ""), "vtype": vtype,
        "zero_cells": np.where(corrected & known, f"{rule.rule} +{rule.add:g}", ""),
        "design_effect": design.effect, "n_arm1": n[0], "n_arm2": n[1], "events_arm1": events[0],
        "events_arm2": events[1], "assumptions": part.assumptions, "inputs": part.inputs_in_words,
    }  # fmt: skip
    table = pd.DataFrame({name: np.broadcast_to(values, len(rows))[keep] for name, values in columns.items()})
    table.index = rows.index[keep]
    return table


@dataclass(frozen=True)
class _Design:
    """By how much clusters widen the variance of each row, what is assumed of them, and the ends of that."""

    effect: Array
    assumed: Array
    ends: Sequence[Array] = field(default_factory=list)


def _design_of(rows: pd.DataFrame, found: Found, choices: Choices) -> _Design:
    icc, size = numbers(rows, "icc", "cluster_size")
    adjusted = found.printed_spread & (words(rows, "clustering_adjusted") == "yes")
    clustered = (rows["clustered"].to_numpy(bool) | np.isfinite(icc)) & ~adjusted
    declared = clustered & ~np.isfinite(icc) & np.isfinite(size) & (choices.icc is not None)
    # ASSUME icc_declared
    value, ends = icc, []
    if choices.icc is not None:
        value = np.where(declared, choices.icc.value, icc)
        ends = [choices.icc.lowest, choices.icc.highest] if declared.any() else []
    known = clustered & np.isfinite(value) & np.isfinite(size)
    factor = np.where(known, design_effect(value, size), 1.0)
    # ASSUME clustering_ignored
    assumed = np.where(declared, "icc_declared", np.where(clustered & ~known, "clustering_ignored", ""))
    return _Design(factor, assumed, [np.where(declared, design_effect(end, size), factor) for end in ends])


def _cases(rows: pd.DataFrame, yi: Array, vi: Array, ends: Sequence[tuple[Array, Array]]) -> list[tuple[Array, Array]]:
    """Return the best and the worst case for arm 1 among the effect and the ends of what is left open.

    Notes
    -----
    Best is the largest effect in the direction that is better, and of equal effects the one with the largest z;
    worst the other way round. Where all ends are the effect itself, there are no cases.
    """
    missing = np.full(len(rows), np.nan)
    if not ends:
        return [(missing, missing)] * 2
    all_yi, all_vi = (np.stack(values) for values in zip((yi, vi), *ends, strict=True))
    better = np.where(words(rows, "term_higher_is_better") == "yes", 1.0, -1.0) * numbers(rows, "flip")[0]
    with np.errstate(all="ignore"):
        z = np.where(np.isfinite(all_vi), better * all_yi / np.sqrt(all_vi), np.nan)
        known = np.isfinite(z)
        slack = _SAME * np.sqrt(np.where(known, all_vi, np.inf).min(axis=0))
        moved = known & ((np.abs(all_yi - yi) > slack) | (np.abs(all_vi - vi) > _SAME * vi))
        is_open = known.any(axis=0) & (moved.any(axis=0) | ~np.isfinite(yi))
        picked = []
        for side in (better, -better):
            signed = np.where(known, side * all_yi, -np.inf)
            first = signed >= signed.max(axis=0) - slack
            place = np.where(first & known, side * better * z, -np.inf).argmax(axis=0)
            chosen = [np.take_along_axis(values, place[None], axis=0)[0] for values in (all_yi, all_vi)]
            picked.append(tuple(np.where(is_open, values, np.nan) for values in chosen))
    return picked


def join_words(parts: Sequence[Array], keep: Array, *, between: str = ";") -> Array:
    """Return the different non-empty words of the kept rows, in order and joined; "" in the other rows."""
    joined = np.full(len(keep), "", dtype=object)
    columns = [np.asarray(part, dtype=object)[keep] for part in parts]
    known: dict[tuple[str, ...], str] = {}
    joined[keep] = [
        known[row] if row in known else known.setdefault(row, between.join(sorted(set(filter(None, row)))))
        for row in zip(*columns, strict=True)
    ]
    return joined


def _inputs_in_words(inputs: Mapping[str, Any], keep: Array) -> Array:
    """Return the numbers that went into each effect, as "name=value"; for a printed effect they are the effect."""
    written = np.full(len(keep), "", dtype=object)
    if "yi" not in inputs:
        columns = [np.broadcast_to(values, len(keep))[keep].tolist() for values in inputs.values()]
        form = ";".join(f"{name}=%.10g" for name in inputs)
        written[keep] = [form % row for row in zip(*columns, strict=True)]
    return written
