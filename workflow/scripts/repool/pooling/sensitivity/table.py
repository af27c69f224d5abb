"""Tables about single studies: influence, cumulative results, all subsets, bootstrap and outliers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from repool.pooling.sensitivity.baujat import baujat
from repool.pooling.sensitivity.cumulative import cumulative
from repool.pooling.sensitivity.gosh import gosh, summary
from repool.pooling.sensitivity.influence import influence
from repool.pooling.sensitivity.outliers import outliers
from repool.pooling.sensitivity.resampling import bootstrap
from repool.pooling.sensitivity.subsets import MeanFits

if TYPE_CHECKING:
    import pandas as pd

_STUDY = ("study_id", "cohort_id", "label")
_FIT = ("k", "estimate", "se", "statistic", "pval", "ci_lb", "ci_ub", "tau2", "q", "q_pval", "i2_percent", "h2")
_SETTINGS = ("measure", "method_tau2", "ci_method", "level", "i2_definition")
_INFLUENCE = (
    *("rstudent", "dffits", "cook_d", "cov_r", "tau2_del", "qe_del", "hat", "weight_percent", "dfbetas"),
    *("baujat_heterogeneity", "baujat_pull"),
)
_SUMMARY = ("mean", "sd", "minimum", "q05", "q25", "median", "q75", "q95", "maximum")
_BOOTSTRAP = ("estimate", "ci_lb", "ci_ub", "tau2", "tau2_lb", "tau2_ub")

INFLUENCE_COLUMNS = (*_STUDY, "k", *_INFLUENCE, "is_influential", "measure", "method_tau2", "ci_method", "note")
CUMULATIVE_COLUMNS = ("step", *_STUDY, "order_column", "order_value", *_FIT, *_SETTINGS, "note")
GOSH_COLUMNS = (
    *("part", "study_id", "label", "quantity", "subsets", *_SUMMARY),
    *("measure", "method_tau2", "maximum_subsets", "seed", "every_subset", "note"),
)
BOOTSTRAP_COLUMNS = ("kind", "k", *_BOOTSTRAP, "measure", "method_tau2", "replicates", "level", "seed", "note")
OUTLIER_COLUMNS = ("part", *_STUDY, "outlying", *_FIT, *_SETTINGS, "note")

#: Below this many effects there is nothing to leave out that would still be a pool.
MINIMUM_K = 3


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
    shared = {"measure": _measure(effects), "method_tau2": method_tau2, "ci_method": ci_method}
    used, stop = _usable(effects, minimum_k)
    rows = [shared | _study(row) | {"k": int(used.sum())} for row in _records(effects)]
    if stop:
        return _finished(rows, INFLUENCE_COLUMNS, note=stop)
    yi, vi = _numbers(effects, used)
    found = influence(yi, vi, method=method_tau2, ci_method=ci_method, design=None)
    points = baujat(yi, vi, method=method_tau2, ci_method=ci_method, design=None)
    for place, i in enumerate(np.flatnonzero(used)):
        rows[i] |= {name: float(getattr(found, name)[place]) for name in _INFLUENCE[:8]}
        rows[i] |= {"dfbetas": float(found.dfbetas[place, 0]), "note": found.notes[place]}
        rows[i] |= {"baujat_heterogeneity": float(points.heterogeneity[place])}
        rows[i] |= {"baujat_pull": float(points.pull[place])}
        rows[i]["is_influential"] = {True: "yes", False: "no", None: ""}[found.is_influential[place]]
    return _finished(rows, INFLUENCE_COLUMNS, note="no usable effect and variance", where=~used)


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
    shared = {**_named(settings), "measure": _measure(effects), "order_column": order_column}
    used, stop = _usable(effects, minimum_k, needed_column=order_column)
    records = _records(effects)
    blank = [shared | _study(row) | {"order_value": row[order_column]} for row in records]
    if stop:
        return _finished(blank, CUMULATIVE_COLUMNS, note=stop)
    places = np.flatnonzero(used)
    found = cumulative(*_numbers(effects, used), order=effects[order_column].to_numpy()[used], **settings)
    rows = []
    for step, place in enumerate(found.order):
        note = "one effect: its own estimate, no pooling" if step == 0 else ""
        rows.append(blank[places[place]] | {"step": step + 1, "note": note} | _fit(found.fits, step))
    left = [blank[i] | {"note": f"no usable effect, or {order_column} is blank"} for i in np.flatnonzero(~used)]
    return _finished(rows + left, CUMULATIVE_COLUMNS)


def gosh_rows(
    effects: pd.DataFrame, *, method_tau2: str, maximum_subsets: int, seed: int, minimum_k: int
) -> list[dict[str, Any]]:
    """Return how results are spread over subsets of the studies, and over those with and without each study.

    Parameters
    ----------
    effects : pandas.DataFrame
        Effects of one analysis.
    method_tau2, maximum_subsets, seed
        See `repool.pooling.sensitivity.gosh.gosh`.
    minimum_k : int
        Fewest usable effects (never below 3).

    Returns
    -------
    list of dict
        Keys in the order of `GOSH_COLUMNS`; `part` is "all", "with" or "without" (the study of the row).
    """
    shared = {"measure": _measure(effects), "method_tau2": method_tau2, "maximum_subsets": maximum_subsets}
    shared |= {"seed": seed}
    used, stop = _usable(effects, minimum_k)
    if stop:
        return _finished([shared | {"part": "all"}], GOSH_COLUMNS, note=stop)
    found = gosh(*_numbers(effects, used), method=method_tau2, maximum_subsets=maximum_subsets, seed=seed)
    shared["every_subset"] = "yes" if found.every_subset else "no"
    shared["note"] = "" if found.every_subset else "a random sample of all subsets"
    rows = [
        shared | {"part": "all", "quantity": name} | _summary(getattr(found, name))
        for name in ("estimate", "tau2", "q", "i2_percent")
    ]
    records = [row for row, kept in zip(_records(effects), used, strict=True) if kept]
    for place, record in enumerate(records):
        inside = found.included[:, place]
        for part, which in (("with", inside), ("without", ~inside)):
            row = shared | {"part": part, "quantity": "estimate", **_study(record)}
            rows.append(row | _summary(found.estimate[which]))
    return _finished(rows, GOSH_COLUMNS)


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
    used, stop = _usable(effects, minimum_k)
    row = {"kind": kind, "k": int(used.sum()), "measure": _measure(effects), "method_tau2": method_tau2}
    row |= {"replicates": replicates, "level": level, "seed": seed}
    if stop:
        return _finished([row], BOOTSTRAP_COLUMNS, note=stop)
    settings = {"kind": kind, "method": method_tau2, "replicates": replicates, "level": level, "seed": seed}
    found = bootstrap(*_numbers(effects, used), **settings)
    return _finished([row | {name: getattr(found, name) for name in _BOOTSTRAP}], BOOTSTRAP_COLUMNS)


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
    shared = {**_named(settings), "measure": _measure(effects)}
    used, stop = _usable(effects, minimum_k)
    if stop:
        return _finished([shared | {"part": "all", "k": int(used.sum())}], OUTLIER_COLUMNS, note=stop)
    found = outliers(*_numbers(effects, used), **settings)
    rows = [shared | {"part": "all"} | _fit(found.fits, 0)]
    note = "" if found.outlying.any() else "no effect is outlying, so this is the pool of all"
    note = "every effect is outlying, so nothing is left to pool" if found.outlying.all() else note
    rows.append(shared | {"part": "without_outliers", "note": note} | _fit(found.fits, 1))
    records = [row for row, kept in zip(_records(effects), used, strict=True) if kept]
    for place, record in enumerate(records):
        outlying = "yes" if found.outlying[place] else "no"
        rows.append(shared | {"part": "effect", "outlying": outlying} | _study(record))
    return _finished(rows, OUTLIER_COLUMNS)


def _usable(effects: pd.DataFrame, minimum_k: int, *, needed_column: str = "") -> tuple[np.ndarray, str]:
    """Return which effects can be used, and in words why the rest of the work is not done, if so."""
    yi, vi = effects["yi"].to_numpy(float), effects["vi"].to_numpy(float)
    used = np.isfinite(yi) & np.isfinite(vi) & (vi > 0)
    if needed_column:
        used &= effects[needed_column].notna().to_numpy() & (effects[needed_column] != "").to_numpy()
    needed, k = max(MINIMUM_K, minimum_k), int(used.sum())
    return used, "" if k >= needed else f"not run: needs {needed} usable effects, there are {k}"


def _numbers(effects: pd.DataFrame, used: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return effects["yi"].to_numpy(float)[used], effects["vi"].to_numpy(float)[used]


def _measure(effects: pd.DataFrame) -> str:
    """Return the one measure of the effects, or stop: different measures are never pooled."""
    measures = sorted(set(effects["measure"].astype(str)))
    if len(measures) > 1:
        raise ValueError(f"effects of different measures cannot be pooled: {', '.join(measures)}")
    return measures[0] if measures else ""


def _records(effects: pd.DataFrame) -> list[dict[str, Any]]:
    return effects.to_dict("records")


def _study(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in _STUDY}


def _named(settings: dict[str, Any]) -> dict[str, Any]:
    return {("method_tau2" if name == "method" else name): value for name, value in settings.items()}


def _fit(fits: MeanFits, place: int) -> dict[str, Any]:
    """Return the numbers of one fit."""
    return {name: getattr(fits, name)[place].item() for name in _FIT}


def _summary(values: np.ndarray) -> dict[str, Any]:
    """Return number, mean, standard deviation and quantiles."""
    if not values.size:
        return {"subsets": 0, "note": "no subset of this kind was drawn"}
    spread = summary(values)
    return {"subsets": values.size} | dict(zip(_SUMMARY, (spread.mean, spread.sd, *spread.quantiles), strict=True))


def _finished(
    rows: list[dict[str, Any]], columns: tuple[str, ...], *, note: str = "", where: np.ndarray | None = None
) -> list[dict[str, Any]]:
    """Return rows with all columns in order: words blank as "", numbers as nan; the note where it applies."""
    words = {*_STUDY, "note", "is_influential", "outlying", "quantity", "every_subset", "order_column"}
    result = []
    for i, row in enumerate(rows):
        extra = {"note": note} if note and (where is None or where[i]) else {}
        full = row | extra
        result.append({name: full.get(name, "" if name in words else math.nan) for name in columns})
    return result
