"""Pool effects of which several come from one cohort: a three-level model, checked by plain matrix algebra."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from repool.pooling.dependence.robust import cluster_robust
from repool.pooling.dependence.three_level import ThreeLevel, correlated_hierarchical, three_level
from repool.pooling.models.second_engine import EnginesDisagree

if TYPE_CHECKING:
    import pandas as pd

#: What a multilevel model may take as `ci_method`, and the test and degrees of freedom that it stands for.
CI_METHODS = {"wald": ("z", "residual"), "t": ("t", "contain"), "cluster_robust": ("z", "residual")}

#: Likelihoods of a multilevel model.
METHODS_TAU2 = ("REML", "ML")

#: Both sides solve the same equations at the same variances: what parts them is rounding.
TOLERANCE = 1e-7


@dataclass(frozen=True)
class ClusteredPool:
    """One mean of dependent effects.

    Attributes
    ----------
    estimate, se, statistic, df, pval, ci_lb, ci_ub : float
        On the scale of ``yi``; df is nan for the normal distribution.
    model : ThreeLevel
        The fitted model, with its variances by level.
    difference : float
        Largest difference from plain matrix algebra at the same variances, in standard errors.
    note : str
        What a reader must know; blank for nothing.
    """

    estimate: float
    se: float
    statistic: float
    df: float
    pval: float
    ci_lb: float
    ci_ub: float
    model: ThreeLevel
    difference: float
    note: str


def fit_clustered_pool(effects: pd.DataFrame, *, model: Mapping[str, Any], level: float) -> ClusteredPool:
    """Fit a three-level model: effects differ within cohorts and between them.

    Parameters
    ----------
    effects : pandas.DataFrame
        Effects with yi, vi and cohort_id.
    model : mapping
        With "method_tau2" (REML or ML), "ci_method" (wald, t or cluster_robust) and "rho", the declared correlation of
        sampling errors within a cohort.
    level : float
        Level of the interval.

    Raises
    ------
    ValueError
        When a setting is unknown, or the model cannot be fitted.
    EnginesDisagree
        When plain matrix algebra gives another mean or standard error.
    """
    if model["ci_method"] not in CI_METHODS or model["method_tau2"] not in METHODS_TAU2:
        raise ValueError(
            f"a multilevel model takes method_tau2 {' or '.join(METHODS_TAU2)} and ci_method "
            f"{', '.join(CI_METHODS)}, not {model['method_tau2']} and {model['ci_method']}"
        )
    yi, vi = effects["yi"].to_numpy(float), effects["vi"].to_numpy(float)
    cluster = effects["cohort_id"].astype(str).tolist()
    test, dfs = CI_METHODS[model["ci_method"]]
    settings = {"design": None, "method": model["method_tau2"], "test": test, "dfs": dfs, "level": level}
    if model["rho"] > 0:
        fitted = correlated_hierarchical(yi, vi, cluster=cluster, rho=model["rho"], **settings)
    else:
        fitted = three_level(yi, vi, cluster=cluster, **settings)
    found, note = _interval(fitted, ci_method=model["ci_method"], level=level)
    return ClusteredPool(
        **found, model=fitted, difference=_check_by_plain_algebra(effects, fitted),
        note="; ".join(filter(None, [fitted.note, note])),
    )  # fmt: skip


def _interval(fitted: ThreeLevel, *, ci_method: str, level: float) -> tuple[dict[str, float], str]:
    """Return the mean with its interval, and a remark."""
    names = ("se", "statistic", "df", "pval", "ci_lb", "ci_ub")
    fit = fitted.fit
    if ci_method != "cluster_robust":
        return {"estimate": float(fit.beta[0])} | {name: float(getattr(fit, name)[0]) for name in names}, ""
    robust = cluster_robust(
        fit.design, fit.residuals, fit.marginal_covariance, fitted.cluster, beta=fit.beta, weights=None,
        kind="CR2", df_method="satterthwaite", df_covariance=None, level=level,
    )  # fmt: skip
    found = {name: float(getattr(robust, name)[0]) for name in ("estimate", *names)}
    return found, robust.notes[0]


def clustered_weights(
    effects: pd.DataFrame, *, tau2_between: float, tau2_within: float, rho: float
) -> tuple[np.ndarray, float]:
    """Return the weights of dependent effects in their mean, and the variance of that mean.

    Parameters
    ----------
    effects : pandas.DataFrame
        Effects with vi and cohort_id.
    tau2_between, tau2_within : float
        Variance of true effects between cohorts, and within them.
    rho : float
        Correlation of the sampling errors within a cohort.

    Returns
    -------
    weights : numpy.ndarray of shape (k,)
        Shares, which sum to 1; one can be negative where sampling errors are closely correlated.
    variance : float
        Variance of the weighted mean.

    Notes
    -----
    Weights are M^-1 1 / (1' M^-1 1), cohort by cohort, with M = tau2_between J + tau2_within I + the sampling
    covariance: generalised least squares (Aitken 1936, Proc R Soc Edinb 55, 42-48).
    """
    weights = np.empty(len(effects))
    cohorts, vi = effects["cohort_id"].astype(str).to_numpy(), effects["vi"].to_numpy(float)
    for cohort in np.unique(cohorts):
        rows = np.flatnonzero(cohorts == cohort)
        sei = np.sqrt(vi[rows])
        block = rho * np.outer(sei, sei) + tau2_between
        np.fill_diagonal(block, vi[rows] + tau2_between + tau2_within)
        weights[rows] = np.linalg.solve(block, np.ones(rows.size))
    total = math.fsum(weights)
    return weights / total, 1 / total


def _check_by_plain_algebra(effects: pd.DataFrame, fitted: ThreeLevel) -> float:
    """Return how far generalised least squares at the same variances lies apart, in standard errors, or stop."""
    weights, variance = clustered_weights(
        effects, tau2_between=fitted.sigma2_between, tau2_within=fitted.sigma2_within, rho=fitted.rho
    )
    plain, se = float(weights @ effects["yi"].to_numpy(float)), math.sqrt(variance)
    pairs = {"the mean": (float(fitted.fit.beta[0]), plain), "its standard error": (float(fitted.fit.se[0]), se)}
    for name, (ours, other) in pairs.items():
        if not abs(ours - other) <= TOLERANCE * se:
            raise EnginesDisagree(f"the two engines disagree on {name}: {ours:.12g} against {other:.12g}")
    return max(abs(ours - other) / se for ours, other in pairs.values())
