"""Table of pooled means whose standard errors allow for effects of one cluster to depend on each other."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from repool.pooling.dependence.aggregate import aggregate
from repool.pooling.dependence.robu import robu
from repool.pooling.dependence.robust import DF_METHODS, TRUSTED_DF, robust_regression
from repool.pooling.dependence.sandwich import KINDS
from repool.pooling.models.estimators import tau2 as estimate_tau2
from repool.pooling.models.estimators import weighted_fit
from repool.pooling.models.intervals import interval

#: How the dependence is modelled: weights 1 / (vi + tau2) with a robust standard error; weights of
#: robumeta; or one combined effect per cluster.
WORKING_MODELS = ("independent", "correlated", "hierarchical", "aggregated")

ROBUST_COLUMNS = (
    *("working_model", "cluster", "method_tau2", "rho", "kind", "df_method", "ci_method", "level"),
    *("k", "n_clusters", "largest_cluster", "estimate", "se", "statistic", "df", "pval", "ci_lb", "ci_ub"),
    *("tau2", "omega2", "i2_percent", "is_trusted", "note"),
)


def robust_rows(
    effects: Any,
    *,
    cluster: str,
    working_models: Sequence[str],
    method_tau2: str,
    rhos: Sequence[float],
    kind: str,
    df_method: str,
    ci_method: str,
    level: float,
) -> list[dict[str, Any]]:
    """Return the pooled mean under each working model, and under each assumed correlation.

    Parameters
    ----------
    effects : pandas.DataFrame
        Effects of one analysis: yi, vi and the column named by `cluster`.
    cluster : str
        Column of the clusters, such as "cohort_id".
    working_models : sequence of str
        Out of `WORKING_MODELS`.
    method_tau2 : str
        Estimator of tau2 of "independent" and "aggregated".
    rhos : sequence of float
        Assumed correlations of "correlated" and "aggregated"; one row each.
    kind, df_method : str
        Robust variance of "independent"; robumeta's models are CR2 with Satterthwaite.
    ci_method : str
        Interval of "aggregated".
    level : float
        Confidence level between 0 and 1, such as 0.95.

    Returns
    -------
    list of dict
        Columns `ROBUST_COLUMNS`; what could not be run is nan beside a note.

    Raises
    ------
    ValueError
        When a setting is unknown or the cluster column is missing.
    """
    unknown = [name for name in working_models if name not in WORKING_MODELS]
    if unknown:
        raise ValueError(f"working_models names {unknown[0]!r}; must be out of {', '.join(WORKING_MODELS)}")
    if kind not in KINDS or df_method not in DF_METHODS:
        raise ValueError(f"kind {kind!r} must be one of {KINDS} and df_method {df_method!r} one of {DF_METHODS}")
    if cluster not in effects:
        raise ValueError(f"effects have no column {cluster!r} to cluster by")
    settings = {"method_tau2": method_tau2, "kind": kind, "df_method": df_method, "ci_method": ci_method}
    settings |= {"level": level, "cluster": cluster}
    rows = []
    for name in working_models:
        for rho in rhos if name in ("correlated", "aggregated") else (math.nan,):
            rows.append(_row(effects, name, rho=rho, settings=settings))
    return rows


def _row(effects: Any, name: str, *, rho: float, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return one row, or what stands in the way of it."""
    yi, vi = (effects[column].to_numpy(dtype=float) for column in ("yi", "vi"))
    clusters = effects[settings["cluster"]].tolist()
    sizes = np.unique([str(value) for value in clusters], return_counts=True)[1]
    row = dict.fromkeys(ROBUST_COLUMNS, math.nan) | _used(name, settings) | {"rho": rho, "working_model": name}
    row |= {"k": yi.size, "n_clusters": sizes.size, "largest_cluster": int(sizes.max(initial=0)), "is_trusted": "no"}
    if sizes.size < 2:
        return row | {"note": f"not run: {sizes.size} cluster(s), and at least two are needed"}
    run = {"independent": _independent, "aggregated": _aggregated}.get(name, _robumeta)
    try:
        found = run(yi, vi, clusters, name=name, rho=rho, settings=settings)
    except ValueError as problem:
        return row | {"note": f"not run: {problem}"}
    alone = "no cluster holds two effects: there is no dependence to allow for" if sizes.max() == 1 else ""
    row |= found | {"note": "; ".join(note for note in dict.fromkeys((alone, found["note"])) if note)}
    is_trusted = not math.isnan(row["pval"]) and not row["df"] < TRUSTED_DF
    return row | {"is_trusted": "yes" if is_trusted else "no"}


def _used(name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that shape this working model, others blank."""
    used = {"cluster": settings["cluster"], "level": settings["level"]}
    if name == "independent":
        return used | {n: settings[n] for n in ("method_tau2", "kind", "df_method")} | {"ci_method": ""}
    if name == "aggregated":
        return used | {n: settings[n] for n in ("method_tau2", "ci_method")} | {"kind": "", "df_method": ""}
    return used | {"method_tau2": "", "kind": "CR2", "df_method": "satterthwaite", "ci_method": ""}


def _independent(yi: np.ndarray, vi: np.ndarray, clusters: list, **given: Any) -> dict[str, Any]:
    """Return the mean with weights 1 / (vi + tau2) and a robust standard error."""
    settings = given["settings"]
    value = estimate_tau2(yi, vi, method=settings["method_tau2"]).tau2
    options = {name: settings[name] for name in ("kind", "df_method", "level")}
    fit = robust_regression(yi, vi, clusters, tau2=value, design=None, **options)
    return _first(fit) | {"tau2": value, "note": fit.notes[0]}


def _robumeta(yi: np.ndarray, vi: np.ndarray, clusters: list, **given: Any) -> dict[str, Any]:
    """Return the mean under a working model of robumeta."""
    level, rho = given["settings"]["level"], given["rho"]
    options = {"model": given["name"], "rho": rho, "weights": None, "is_small_sample": True, "level": level}
    fit = robu(yi, vi, clusters, design=None, **options)
    numbers = {"tau2": fit.tau2, "omega2": fit.omega2, "i2_percent": fit.i2_percent}
    notes = (fit.note, fit.coefficients.notes[0])
    return _first(fit.coefficients) | numbers | {"note": "; ".join(note for note in notes if note)}


def _aggregated(yi: np.ndarray, vi: np.ndarray, clusters: list, **given: Any) -> dict[str, Any]:
    """Return the mean of one combined effect per cluster."""
    settings = given["settings"]
    one = aggregate(yi, vi, clusters, rho=given["rho"], is_weighted=True)
    value = estimate_tau2(one.yi, one.vi, method=settings["method_tau2"]).tau2
    fit = interval(weighted_fit(one.yi, one.vi, tau2=value), ci_method=settings["ci_method"], level=settings["level"])
    outside = int(np.count_nonzero(~one.is_inside))
    note = f"{outside} combined effect(s) lie outside the range of their own effects; lower rho" if outside else ""
    numbers = {name: float(np.ravel(getattr(fit, name))[0]) for name in ("estimate", "se", "statistic", "pval")}
    numbers |= {"ci_lb": float(fit.ci_lb[0]), "ci_ub": float(fit.ci_ub[0]), "df": float(np.ravel(fit.df)[0])}
    return numbers | {"tau2": value, "note": note}


def _first(fit: Any) -> dict[str, float]:
    """Return the numbers of the first coefficient."""
    names = ("estimate", "se", "statistic", "df", "pval", "ci_lb", "ci_ub")
    return {name: float(getattr(fit, name)[0]) for name in names}
