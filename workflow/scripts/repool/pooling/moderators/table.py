"""Tables of subgroups and of bubble plots: what a review shows of its moderators, with every guard in words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from repool.pooling.effect_sets import checked_set
from repool.pooling.models.heterogeneity import i2_and_h2
from repool.pooling.moderators.bubble import fitted_line
from repool.pooling.moderators.formula import Design, design_from_formula
from repool.pooling.moderators.meta_regression import design_notes, formula_of, refusal_of
from repool.pooling.moderators.subgroups import Subgroup, Subgroups, subgroups

if TYPE_CHECKING:
    import pandas as pd

_SETTINGS = ("method_tau2", "ci_method", "level", "minimum_k")

#: Columns of the table of subgroups, in order. `row` is "subgroup", "between" (do they differ?)
#: or "within" (what is left inside them).
SUBGROUP_COLUMNS = (
    *("moderator", "row", "subgroup", "k", "n_studies", "estimate", "se", "ci_lb", "ci_ub"),
    *("statistic", "df1", "df", "pval", "tau2", "q", "q_df", "q_pval", "i2_from_q_percent"),
    *("tau2_common", *_SETTINGS, "note"),
)

#: Columns of the table of a bubble plot, in order. `row` is "effect" or "line".
BUBBLE_COLUMNS = (
    *("moderator", "row", "label", "x", "yi", "vi", "weight_percent"),
    *("estimate", "se", "ci_lb", "ci_ub", "pi_lb", "pi_ub", "tau2", "df", "k"),
    *("also_in_model", *_SETTINGS, "note"),
)


def subgroup_rows(
    effects: pd.DataFrame,
    *,
    moderator: str,
    tau2_common: bool,
    method_tau2: str,
    ci_method: str,
    level: float,
    minimum_k: int,
) -> list[dict[str, Any]]:
    """Return the pooled effect of each subgroup and the tests between and within them.

    Parameters
    ----------
    effects : pandas.DataFrame
        Effects of one analysis, one row each.
    moderator : str
        Column whose values are the subgroups, in the order of its categories, else sorted.
    tau2_common : bool
        One between-study variance for all subgroups, or one for each.
    method_tau2, ci_method : str
        As in `repool.pooling.models.estimators.tau2` and `repool.pooling.models.intervals.interval`.
    level : float
        Confidence level between 0 and 1.
    minimum_k : int
        Fewest effects of a subgroup; a smaller one is named but neither pooled nor compared.

    Returns
    -------
    list of dict
        `SUBGROUP_COLUMNS`.
    """
    effects = checked_set(effects)
    settings = {"method_tau2": method_tau2, "ci_method": ci_method, "level": level}
    shared = {"moderator": moderator, "tau2_common": tau2_common, "minimum_k": minimum_k} | settings
    groups, order, notes = _groups(effects, moderator)
    sizes = {name: groups.count(name) for name in order}
    pooled = [name for name in order if sizes[name] >= max(minimum_k, 1)]
    small = [name for name in order if name not in pooled]
    if small:
        notes.append(f"left out, fewer than {minimum_k} effects: {', '.join(small)}")
    inside = np.array([group in pooled for group in groups], dtype=bool)
    if tau2_common and method_tau2 != "none" and pooled and inside.sum() <= len(pooled):
        notes.append("not fitted: with one effect in each subgroup nothing is left to estimate a common tau2 from")
        small, pooled = order, []
    rows = [
        {"row": "subgroup", "subgroup": name, "k": sizes[name], "note": f"not pooled: {sizes[name]} effects"}
        for name in small
    ]
    if not pooled:
        reason = "; ".join(["nothing to compare", *notes])
        return _complete([*rows, {"row": "between", "k": 0, "note": reason}], shared, SUBGROUP_COLUMNS)
    chosen = effects[inside]
    names = [group for group in groups if group in pooled]
    yi, vi = chosen["yi"].to_numpy(float), chosen["vi"].to_numpy(float)
    found = subgroups(yi, vi, groups=names, order=pooled, tau2_common=tau2_common, **settings)
    studies = {name: chosen.loc[np.array(names) == name, "study_id"].nunique() for name in pooled}
    rows += [_subgroup_row(group, studies[group.name], tau2_common=tau2_common) for group in found.groups]
    rows.sort(key=lambda row: order.index(row["subgroup"]))
    rows += _test_rows(found, k=len(chosen), n_studies=chosen["study_id"].nunique(), notes=notes)
    return _complete(rows, shared, SUBGROUP_COLUMNS)


def _groups(effects: pd.DataFrame, moderator: str) -> tuple[list[str], list[str], list[str]]:
    """Return the subgroup of every effect ("" for none), the order of subgroups, and notes."""
    if moderator not in effects:
        raise ValueError(f"there is no column {moderator!r} to form subgroups by")
    formula = f"~ factor(`{moderator}`) - 1"
    try:
        design = design_from_formula(effects, formula, levels={}, usable=None)
    except ValueError as error:
        if "no row has a value" not in str(error):
            raise
        return [""] * len(effects), [], [f"no effect has a value of {moderator}"]
    # One level alone makes a column of ones, which goes by the name of an intercept.
    order = [name.split(": ", 1)[-1] for name in design.names]
    if design.intercept:
        order = [str(effects.loc[design.kept, moderator].iloc[0])]
    groups = np.full(len(effects), "", dtype=object)
    groups[design.kept] = [order[place] for place in np.argmax(design.matrix, axis=1)]
    blank = sorted(str(label) for label in effects.loc[~design.kept, "label"])
    return groups.tolist(), order, [f"left out, no value: {', '.join(blank)}"] if blank else []


def _subgroup_row(group: Subgroup, n_studies: int, *, tau2_common: bool) -> dict[str, Any]:
    """Return the row of one pooled subgroup."""
    notes = ["df: the normal distribution has none"] if math.isnan(group.df) else []
    row = {name: getattr(group, name) for name in ("estimate", "se", "ci_lb", "ci_ub", "statistic", "df", "pval")}
    row |= {"row": "subgroup", "subgroup": group.name, "k": group.k, "n_studies": n_studies, "tau2": group.tau2}
    if group.k == 1:
        notes.append("q, i2_from_q_percent: one effect cannot differ from itself")
        if not tau2_common:
            notes.append("tau2: cannot be estimated from one effect, taken as 0; limits from its own variance")
    else:
        i2, _ = i2_and_h2(definition="from_q", q=group.q.q, q_df=group.q.df, tau2=math.nan, typical=math.nan)
        row |= {"q": group.q.q, "q_df": group.q.df, "q_pval": group.q.pval, "i2_from_q_percent": i2}
    return row | {"note": "; ".join(notes)}


def _test_rows(found: Subgroups, *, k: int, n_studies: int, notes: Sequence[str]) -> list[dict[str, Any]]:
    """Return the row that compares subgroups and the row of what is left within them."""
    between = {"row": "between", "k": k, "n_studies": n_studies, "df1": found.between.df1, "df": found.between.df2}
    between |= {"statistic": found.between.statistic, "pval": found.between.pval}
    if len(found.groups) < 2:
        words = ["no test: it needs two subgroups"]
        between |= {"df1": math.nan}
    elif math.isnan(found.between.statistic):
        words = ["no test: a standard error is 0"]
    else:
        words = ["statistic: chi-squared" if math.isnan(found.between.df2) else "statistic: F"]
    within = {"row": "within", "k": k, "n_studies": n_studies, "note": ""}
    within |= {"q": found.within.q, "q_df": found.within.df, "q_pval": found.within.pval}
    return [between | {"note": "; ".join([*words, *notes])}, within]


def bubble_rows(
    effects: pd.DataFrame,
    *,
    moderator: str,
    also_in_model: Sequence[str],
    method_tau2: str,
    ci_method: str,
    level: float,
    minimum_k: int,
    grid_points: int,
) -> list[dict[str, Any]]:
    """Return the bubbles of a bubble plot and the fitted line with its limits.

    Parameters
    ----------
    effects : pandas.DataFrame
        Effects of one analysis, one row each.
    moderator : str
        Column of numbers on the horizontal axis.
    also_in_model : sequence of str
        Further moderators of the regression, held at their mean along the line.
    method_tau2, ci_method : str
        As in `repool.pooling.models.estimators.tau2` and `repool.pooling.models.intervals.interval`.
    level : float
        Level of both kinds of limits, between 0 and 1.
    minimum_k : int
        Fewest effects to fit a line.
    grid_points : int
        How many places of the line, from the smallest to the largest value; at least 2.

    Returns
    -------
    list of dict
        `BUBBLE_COLUMNS`; where no line can be fitted, one row that says why.
    """
    if grid_points < 2:
        raise ValueError(f"grid_points is {grid_points}; a line needs at least 2")
    effects = checked_set(effects)
    settings = {"method_tau2": method_tau2, "ci_method": ci_method, "level": level}
    shared = {"moderator": moderator, "also_in_model": " + ".join(also_in_model), "minimum_k": minimum_k} | settings
    formula = formula_of([moderator, *also_in_model], columns=list(effects))
    try:
        design = design_from_formula(effects, formula, levels={}, usable=None)
    except ValueError as error:
        if "no row has a value" not in str(error):
            raise
        reason = "no line: no effect has a value of every moderator"
        return _complete([{"row": "line", "k": 0, "note": reason}], shared, BUBBLE_COLUMNS)
    notes = design_notes(design, effects["label"].tolist())
    refusal = refusal_of(design, minimum_k=minimum_k)
    if not refusal and (moderator not in design.names or not design.intercept):
        refusal = f"no line: {moderator} is not a column of numbers that differ"
    if refusal:
        row = {"row": "line", "k": len(design.matrix), "note": "; ".join([refusal, *notes])}
        return _complete([row], shared, BUBBLE_COLUMNS)
    rows = _bubbles_and_line(effects[design.kept], design, moderator, grid_points=grid_points, **settings)
    return _complete(rows, shared | {"note": "; ".join(notes)}, BUBBLE_COLUMNS)


def _bubbles_and_line(
    effects: pd.DataFrame, design: Design, moderator: str, *, grid_points: int, **settings: Any
) -> list[dict[str, Any]]:
    """Return the rows of the effects and of the line."""
    place = design.names.index(moderator)
    x = design.matrix[:, place]
    grid = np.linspace(x.min(), x.max(), grid_points)
    places = np.tile(design.matrix.mean(axis=0), (grid_points, 1))
    places[:, place] = grid
    yi, vi = effects["yi"].to_numpy(float), effects["vi"].to_numpy(float)
    line = fitted_line(yi, vi, design=design.matrix, places=places, **settings)
    columns = zip(effects["label"], x, yi, vi, line.weights, strict=True)
    names = ("label", "x", "yi", "vi", "weight_percent")
    rows = [{"row": "effect", "k": len(x)} | dict(zip(names, values, strict=True)) for values in columns]
    limits = ("estimate", "se", "ci_lb", "ci_ub", "pi_lb", "pi_ub")
    for i, value in enumerate(grid):
        numbers = {name: float(getattr(line, name)[i]) for name in limits}
        rows.append({"row": "line", "x": float(value), "tau2": line.tau2, "df": line.df, "k": len(x)} | numbers)
    return rows


def _complete(
    rows: Sequence[Mapping[str, Any]], shared: Mapping[str, Any], columns: Sequence[str]
) -> list[dict[str, Any]]:
    """Return rows with all columns in order: blank words are "", blank numbers nan."""
    blank = {name: "" if name in ("subgroup", "label", "note", "also_in_model") else math.nan for name in columns}
    return [{name: (blank | dict(shared) | dict(row))[name] for name in columns} for row in rows]
