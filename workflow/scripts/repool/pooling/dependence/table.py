"""The table of dependent-effects models: one row per model and assumed correlation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from repool.pooling.dependence.three_level import correlated_hierarchical, three_level
from repool.pooling.models.intervals import quantile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from repool.pooling.dependence.three_level import ThreeLevel

#: Models of this table: "three_level" takes sampling errors as independent, "che" assumes rho.
MODELS = ("three_level", "che")

#: Standard errors: from the model, or robust to a wrong model (kinds of `robust.cluster_robust`).
SMALL_SAMPLE = ("none", "CR1", "CR2", "CR3")

COLUMNS = (
    "model",
    "rho",
    "method",
    "test",
    "dfs",
    "level",
    "small_sample",
    "k",
    "n_clusters",
    "largest_cluster",
    "estimate",
    "se",
    "statistic",
    "df",
    "pval",
    "ci_lb",
    "ci_ub",
    "pi_lb",
    "pi_ub",
    "sigma2_between",
    "sigma2_within",
    "i2_percent",
    "i2_between_percent",
    "i2_within_percent",
    "icc",
    "lrt_between",
    "lrt_between_pval",
    "lrt_within",
    "lrt_within_pval",
    "q",
    "q_df",
    "q_pval",
    "log_likelihood",
    "aicc",
    "converged",
    "note",
)


def dependence_rows(
    effects: pd.DataFrame,
    *,
    cluster_column: str,
    models: Sequence[Mapping[str, Any]],
    rho_grid: Sequence[float],
    method: str,
    test: str,
    dfs: str,
    level: float,
    small_sample: str,
    minimum_clusters: int,
) -> list[dict[str, Any]]:
    """Return one row per dependent-effects model and assumed correlation.

    Parameters
    ----------
    effects : pandas.DataFrame
        Effects of one analysis with columns yi, vi and the cluster column.
    cluster_column : str
        Column that says which effects share people, such as "study_id" or "cohort_id".
    models : sequence of mapping
        ``{"model": "three_level"}`` and ``{"model": "che"}``; "che" gets a row per rho.
    rho_grid : sequence of float
        Correlations assumed between sampling errors of one cluster.
    method : {"ML", "REML"}
        Likelihood.
    test : {"z", "t"}
        Reference distribution of model-based rows; robust rows say "t" whatever is asked for.
    dfs : {"residual", "contain"}
        Degrees of freedom for "t" of model-based rows; robust rows say "satterthwaite".
    level : float
        Confidence level between 0 and 1.
    small_sample : {"none", "CR1", "CR2", "CR3"}
        "none" reports model-based standard errors; the others cluster-robust ones with
        Satterthwaite degrees of freedom.
    minimum_clusters : int
        Fewest clusters for which a model is run (never below 2).

    Returns
    -------
    list of dict
        Rows with the keys of `COLUMNS`, in the order of the models and the grid.

    Raises
    ------
    ValueError
        When a setting is unknown or the cluster column is not there.
    """
    wanted = [str(model["model"]) for model in models]
    if set(wanted) - set(MODELS):
        raise ValueError(
            f"model must be one of {', '.join(MODELS)}; got {', '.join(sorted(set(wanted) - set(MODELS)))}"
        )
    if small_sample not in SMALL_SAMPLE:
        raise ValueError(f"small_sample is {small_sample!r}; must be one of {', '.join(SMALL_SAMPLE)}")
    if cluster_column not in effects.columns:
        raise ValueError(f"the effects have no column {cluster_column!r} to name their clusters")
    settings = {"method": method, "test": test, "dfs": dfs, "level": level, "small_sample": small_sample}
    usable = effects[np.isfinite(effects["yi"].astype(float)) & np.isfinite(effects["vi"].astype(float))]
    left_out = len(effects) - len(usable)
    data = {
        "yi": usable["yi"].to_numpy(dtype=float),
        "vi": usable["vi"].to_numpy(dtype=float),
        "cluster": usable[cluster_column].astype(str).to_numpy(),
    }
    rows = []
    for model in wanted:
        for rho in [0.0] if model == "three_level" else list(rho_grid):
            row = _row(model, float(rho), data, settings, max(minimum_clusters, 2))
            if left_out:
                row["note"] = "; ".join(filter(None, [row["note"], f"{left_out} effect(s) without yi or vi left out"]))
            rows.append(row)
    return rows


def _row(model: str, rho: float, data: dict[str, np.ndarray], settings: dict[str, Any], minimum: int) -> dict[str, Any]:
    """Return one row: a model's numbers, or why there are none."""
    sizes = np.unique(data["cluster"], return_counts=True)[1]
    facts = {"k": data["yi"].size, "n_clusters": sizes.size, "largest_cluster": int(sizes.max(initial=0))}
    row = (
        dict.fromkeys(COLUMNS, math.nan) | settings | facts | {"model": model, "rho": rho, "converged": "", "note": ""}
    )
    if sizes.size < minimum:
        return row | {"note": f"not run: {sizes.size} cluster(s), at least {minimum} needed"}
    if sizes.max() == 1:
        return row | {"note": "not run: every cluster holds one effect, so the effects do not depend on each other"}
    fit_settings = {name: settings[name] for name in ("method", "test", "dfs", "level")}
    try:
        if model == "three_level":
            fitted = three_level(data["yi"], data["vi"], cluster=data["cluster"], design=None, **fit_settings)
        else:
            fitted = correlated_hierarchical(
                data["yi"], data["vi"], cluster=data["cluster"], rho=rho, design=None, **fit_settings
            )
        mean = _mean(fitted, settings)
    except ValueError as error:
        return row | {"note": f"not run: {error}"}
    notes = [mean.pop("note"), fitted.note]
    return row | _heterogeneity(fitted) | mean | {"note": "; ".join(filter(None, notes))}


def _mean(fitted: ThreeLevel, settings: dict[str, Any]) -> dict[str, Any]:
    """Return the pooled effect with its interval, model-based or cluster-robust."""
    names = ("se", "statistic", "df", "pval", "ci_lb", "ci_ub")
    fit = fitted.fit
    if settings["small_sample"] == "none":
        return {"estimate": float(fit.beta[0]), "note": ""} | {name: float(getattr(fit, name)[0]) for name in names}
    from repool.pooling.dependence.robust import cluster_robust

    robust = cluster_robust(
        fit.design,
        fit.residuals,
        fit.marginal_covariance,
        fitted.cluster,
        beta=fit.beta,
        weights=None,
        kind=settings["small_sample"],
        df_method="satterthwaite",
        df_covariance=None,
        level=settings["level"],
    )
    values = {name: float(getattr(robust, name)[0]) for name in names}
    estimate = float(fit.beta[0])
    # The prediction interval of the row rests on the standard error and df that stand in the row.
    spread = math.sqrt(values["se"] ** 2 + fitted.sigma2_between + fitted.sigma2_within)
    half_width = quantile(settings["level"], df=values["df"]) * spread
    limits = {"pi_lb": estimate - half_width, "pi_ub": estimate + half_width}
    told = {"test": "t", "dfs": "satterthwaite", "note": robust.notes[0]}
    return {"estimate": estimate} | values | limits | told


def _heterogeneity(fitted: ThreeLevel) -> dict[str, Any]:
    """Return variances, their shares and their tests."""
    fit = fitted.fit
    names = ("pi_lb", "pi_ub", "sigma2_between", "sigma2_within", "i2_percent", "i2_between_percent")
    values = {name: getattr(fitted, name) for name in (*names, "i2_within_percent", "icc")}
    return values | {
        "lrt_between": fitted.test_between.statistic,
        "lrt_between_pval": fitted.test_between.pval_boundary,
        "lrt_within": fitted.test_within.statistic,
        "lrt_within_pval": fitted.test_within.pval_boundary,
        "q": fit.qe.statistic,
        "q_df": fit.qe.df,
        "q_pval": fit.qe.pval,
        "log_likelihood": fit.statistics.log_likelihood,
        "aicc": fit.statistics.aicc,
        "converged": fit.converged,
    }
