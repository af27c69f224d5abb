"""Tables about single studies: influence, cumulative results, bootstrap and outliers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from repool.pooling.sensitivity.baujat import baujat
from repool.pooling.sensitivity.cumulative import cumulative
from repool.pooling.sensitivity.influence import influence
from repool.pooling.sensitivity.outliers import outliers
from repool.pooling.sensitivity.resampling import bootstrap
from repool.pooling.sensitivity.study_rows import STUDY, finished, measure_of, numbers_of, records_of, study_of, usable
from repool.pooling.sensitivity.subsets import MeanFits

if TYPE_CHECKING:
    import pandas as pd

_FIT = ("k", "estimate", "se", "statistic", "pval", "ci_lb", "ci_ub", "tau2", "q", "q_pval", "i2_percent", "h2")
_SETTINGS = ("measure", "method_tau2", "ci_method", "level", "i2_definition")
_INFLUENCE = (
    *("rstudent", "dffits", "cook_d", "cov_r", "tau2_del", "qe_del", "hat", "weight_percent", "dfbetas"),
    *("baujat_heterogeneity", "baujat_pull"),
)
_BOOTSTRAP = ("estimate", "ci_lb", "ci_ub", "tau2", "tau2_lb", "tau2_ub")

INFLUENCE_COLUMNS = (*STUDY, "k", *_INFLUENCE, "is_influential", "measure", "method_tau2", "ci_method", "note")
CUMULATIVE_COLUMNS = ("step", *STUDY, "order_column", "order_value", *_FIT, *_SETTINGS, "note")
BOOTSTRAP_COLUMNS = ("kind", "k", *_BOOTSTRAP, "measure", "method_tau2", "replicates", "level", "seed", "note")
OUTLIER_COLUMNS = ("part", *STUDY, "outlying", *_FIT, *_SETTINGS, "note")


def influence_rows(effects: pd.DataFrame, *, method_tau2: str, ci_method: str, minimum_k: int) -> list[dict[str, Any]]:
    """Return one row per effect: how far it moves the pooled mean.

    Parameters
    ----------
    effects : pandas.DataFrame
        Effects of one analysis.
    method_tau2, ci_method : str
        See `repool.pooling.sensitivity.influence.influence`.
    minimum_k : int
        Fewest usable effects (never below 3).

    Returns
    -------
    list of dict
        Keys in the order of `INFLUENCE_COLUMNS`; `is_influential` is "yes", "no" or "".
    """
    shared = {"measure": measure_of(effects), "method_tau2": method_tau2, "ci_method": ci_method}
    used, stop = usable(effects, minimum_k)
    rows = [shared | study_of(row) | {"k": int(used.sum())} for row in records_of(effects)]
    if stop:
        return finished(rows, INFLUENCE_COLUMNS, note=stop)
    yi, vi = numbers_of(effects, used)
    found = influence(yi, vi, method=method_tau2, ci_method=ci_method, design=None)
    points = baujat(yi, vi, method=method_tau2, ci_method=ci_method, design=None)
    for place, i in enumerate(np.flatnonzero(used)):
        rows[i] |= {name: float(getattr(found, name)[place]) for name in _INFLUENCE[:8]}
        rows[i] |= {"dfbetas": float(found.dfbetas[place, 0]), "note": found.notes[place]}
        rows[i] |= {"baujat_heterogeneity": float(points.heterogeneity[place])}
        rows[i] |= {"baujat_pull": float(points.pull[place])}
        rows[i]["is_influential"] = {True: "yes", False: "no", None: ""}[found.is_influential[place]]
    return finished(rows, INFLUENCE_COLUMNS, note="no usable effect and variance", where=~used)


def cumulative_rows(
    effects: pd.DataFrame,
    *,
    order_column: str,
    method_tau2: str,
    ci_method: str,
    level: float,
    i2_definition: str,
    minimum_k: int,
) -> list[dict[str, Any]]:
    """Return one row per effect in the order of a column: the pooled result of all effects up to it.

    Parameters
    ----------
    effects : pandas.DataFrame
        Effects of one analysis.
    order_column : str
        Column of numbers or dates to sort by; ties keep the order of the table, blanks are left out.
    method_tau2, ci_method, level, i2_definition
        See `repool.pooling.sensitivity.subsets.subset_fits`.
    minimum_k : int
        Fewest usable effects (never below 3).

    Returns
    -------
    list of dict
        Keys in the order of `CUMULATIVE_COLUMNS`.

    Raises
    ------
    ValueError
        When the table has no such column.
    """
    if order_column not in effects.columns:
        raise ValueError(f"order_column is {order_column!r}; the effects have no column of that name")
    settings = {"method": method_tau2, "ci_method": ci_method, "level": level, "i2_definition": i2_definition}
    shared = {**_named(settings), "measure": measure_of(effects), "order_column": order_column}
    used, stop = usable(effects, minimum_k, needed_column=order_column)
    records = records_of(effects)
    blank = [shared | study_of(row) | {"order_value": row[order_column]} for row in records]
    if stop:
        return finished(blank, CUMULATIVE_COLUMNS, note=stop)
    places = np.flatnonzero(used)
    found = cumulative(*numbers_of(effects, used), order=effects[order_column].to_numpy()[used], **settings)
    rows = []
    for step, place in enumerate(found.order):
        note = "one effect: its own estimate, no pooling" if step == 0 else ""
        rows.append(blank[places[place]] | {"step": step + 1, "note": note} | _fit(found.fits, step))
    left = [blank[i] | {"note": f"no usable effect, or {order_column} is blank"} for i in np.flatnonzero(~used)]
    return finished(rows + left, CUMULATIVE_COLUMNS)


def bootstrap_rows(
    effects: pd.DataFrame, *, kind: str, method_tau2: str, replicates: int, level: float, seed: int, minimum_k: int
) -> list[dict[str, Any]]:
    """Return one row: bootstrap percentile intervals of the mean and of tau2.

    Parameters
    ----------
    effects : pandas.DataFrame
        Effects of one analysis.
    kind, method_tau2, replicates, level, seed
        See `repool.pooling.sensitivity.resampling.bootstrap`.
    minimum_k : int
        Fewest usable effects (never below 3).

    Returns
    -------
    list of dict
        Keys in the order of `BOOTSTRAP_COLUMNS`.
    """
    used, stop = usable(effects, minimum_k)
    row = {"kind": kind, "k": int(used.sum()), "measure": measure_of(effects), "method_tau2": method_tau2}
    row |= {"replicates": replicates, "level": level, "seed": seed}
    if stop:
        return finished([row], BOOTSTRAP_COLUMNS, note=stop)
    settings = {"kind": kind, "method": method_tau2, "replicates": replicates, "level": level, "seed": seed}
    found = bootstrap(*numbers_of(effects, used), **settings)
    return finished([row | {name: getattr(found, name) for name in _BOOTSTRAP}], BOOTSTRAP_COLUMNS)


def outlier_rows(
    effects: pd.DataFrame, *, method_tau2: str, ci_method: str, level: float, i2_definition: str, minimum_k: int
) -> list[dict[str, Any]]:
    """Return the pool of all effects, the pool without outlying ones, and whether each effect is outlying.

    Parameters
    ----------
    effects : pandas.DataFrame
        Effects of one analysis.
    method_tau2, ci_method, level, i2_definition
        See `repool.pooling.sensitivity.outliers.outliers`.
    minimum_k : int
        Fewest usable effects (never below 3).

    Returns
    -------
    list of dict
        Keys in the order of `OUTLIER_COLUMNS`; `part` is "all", "without_outliers" or "effect".
    """
    settings = {"method": method_tau2, "ci_method": ci_method, "level": level, "i2_definition": i2_definition}
    shared = {**_named(settings), "measure": measure_of(effects)}
    used, stop = usable(effects, minimum_k)
    if stop:
        return finished([shared | {"part": "all", "k": int(used.sum())}], OUTLIER_COLUMNS, note=stop)
    found = outliers(*numbers_of(effects, used), **settings)
    rows = [shared | {"part": "all"} | _fit(found.fits, 0)]
    note = "" if found.outlying.any() else "no effect is outlying, so this is the pool of all"
    note = "every effect is outlying, so nothing is left to pool" if found.outlying.all() else note
    rows.append(shared | {"part": "without_outliers", "note": note} | _fit(found.fits, 1))
    records = [row for row, kept in zip(records_of(effects), used, strict=True) if kept]
    for place, record in enumerate(records):
        outlying = "yes" if found.outlying[place] else "no"
        rows.append(shared | {"part": "effect", "outlying": outlying} | study_of(record))
    return finished(rows, OUTLIER_COLUMNS)


def _named(settings: dict[str, Any]) -> dict[str, Any]:
    return {("method_tau2" if name == "method" else name): value for name, value in settings.items()}


def _fit(fits: MeanFits, place: int) -> dict[str, Any]:
    """Return the numbers of one fit."""
    return {name: getattr(fits, name)[place].item() for name in _FIT}
