"""Fit robust variance estimation with the working models of Hedges, Tipton and Johnson (robumeta's `robu`)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.dependence.cluster_inputs import cluster_codes, diagonal_blocks
from repool.pooling.dependence.robust import RobustFit, cluster_robust
from repool.pooling.models.estimators import check_inputs, weighted_fit

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: Why effects of one cluster depend on each other: measured on the same people (correlated), or
#: studies of one team (hierarchical); "user" takes weights as they are given.
MODELS = ("correlated", "hierarchical", "user")

NOT_TOLD_APART = "the clusters do not allow a variance between clusters to be told apart from the coefficients"


@dataclass(frozen=True)
class RobuFit:
    """Robust variance estimation: coefficients with tests, and the working model behind the weights.

    Attributes
    ----------
    coefficients : RobustFit
        Coefficients, robust standard errors, tests and limits.
    model : str
        Working model.
    rho : float
        Assumed correlation within clusters; nan where the model has none.
    tau2, omega2 : float
        Variance between clusters, and between effects of a cluster; nan where the model has none.
    i2_percent : float
        Share of Q beyond chance; nan unless the model is "correlated".
    weights : numpy.ndarray of shape (k,)
        Weights of the effects.
    n_clusters, k : int
        Numbers of clusters and effects.
    note : str
        What could not be told apart, or "".
    """

    coefficients: RobustFit
    model: str
    rho: float
    tau2: float
    omega2: float
    i2_percent: float
    weights: np.ndarray
    n_clusters: int
    k: int
    note: str


@dataclass(frozen=True)
class _Components:
    """Variance components of a working model and the weights they give."""

    weights: np.ndarray
    tau2: float
    omega2: float
    i2_percent: float
    note: str


def robu(
    yi: ArrayLike,
    vi: ArrayLike,
    cluster: ArrayLike,
    *,
    design: ArrayLike | None,
    model: str,
    rho: float,
    weights: ArrayLike | None,
    is_small_sample: bool,
    level: float,
) -> RobuFit:
    """Fit a mean or regression with approximate weights and cluster-robust standard errors.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    cluster : array_like of shape (k,)
        Cluster of each effect: numbers or names.
    design : array_like of shape (k, p) or None
        Design matrix; None stands for a single column of ones.
    model : {"correlated", "hierarchical", "user"}
        Working model.
    rho : float
        Correlation of sampling errors within a cluster, 0 to 1; used by "correlated" alone.
    weights : array_like of shape (k,) or None
        Weights of "user"; None otherwise.
    is_small_sample : bool
        True: CR2 with Satterthwaite degrees of freedom. False: CR1p with clusters - p.
    level : float
        Confidence level between 0 and 1, such as 0.95.

    Raises
    ------
    ValueError
        When the data cannot be pooled, there is one cluster only, or an option is not possible.

    Notes
    -----
    Hedges, Tipton & Johnson (2010), Res Synth Methods 1, 39-65; small-sample version Tipton
    (2015), Psychol Methods 20, 375-393; same numbers as robumeta 2.0.
    """
    yi, vi, columns = check_inputs(yi, vi, design)
    codes = cluster_codes(cluster, k=yi.size)
    parts = _components(yi, vi, columns, codes, model=model, rho=rho, weights=weights)
    # The fit at weights w is the fit at variances 1 / w.
    fit = weighted_fit(yi, 1.0 / parts.weights, tau2=0.0, design=columns)
    kind, df_method = ("CR2", "satterthwaite") if is_small_sample else ("CR1p", "clusters_minus_p")
    options = {"kind": kind, "df_method": df_method, "level": level, "beta": fit.beta}
    if model == "user":
        # robumeta's convention: CR2 takes the mean variance of the cluster, its df equal variances.
        mean_vi = (np.bincount(codes, vi) / np.bincount(codes))[codes]
        target = diagonal_blocks(mean_vi)
        options |= {"weights": parts.weights, "df_covariance": diagonal_blocks(np.ones(yi.size))}
    else:
        target = diagonal_blocks(1.0 / parts.weights)
        options |= {"weights": None, "df_covariance": None}
    tested = cluster_robust(columns, fit.residuals, target, codes, **options)
    return RobuFit(
        coefficients=tested,
        model=model,
        rho=float(rho) if model == "correlated" else math.nan,
        tau2=parts.tau2,
        omega2=parts.omega2,
        i2_percent=parts.i2_percent,
        weights=parts.weights,
        n_clusters=tested.n_clusters,
        k=yi.size,
        note=parts.note,
    )


def _components(
    yi: np.ndarray,
    vi: np.ndarray,
    design: np.ndarray,
    codes: np.ndarray,
    *,
    model: str,
    rho: float,
    weights: ArrayLike | None,
) -> _Components:
    """Return variance components and weights of the named working model."""
    if model not in MODELS:
        raise ValueError(f"model is {model!r}; must be one of {', '.join(MODELS)}")
    if (weights is None) == (model == "user"):
        raise ValueError('weights are needed by the model "user", and by no other')
    if model == "correlated":
        if not 0.0 <= rho <= 1.0:
            raise ValueError(f"rho is {rho!r}; must lie between 0 and 1")
        return _correlated(yi, vi, design, codes, rho=rho)
    if model == "hierarchical":
        return _hierarchical(yi, vi, design, codes)
    weights = np.asarray(weights, dtype=float)
    if weights.shape != yi.shape or not (np.isfinite(weights) & (weights > 0)).all():
        raise ValueError(f"weights must be {yi.size} finite numbers above 0, one per effect")
    return _Components(weights, math.nan, math.nan, math.nan, "")


def _correlated(yi: np.ndarray, vi: np.ndarray, design: np.ndarray, codes: np.ndarray, *, rho: float) -> _Components:
    """Return tau2 by moments, and each cluster's weight shared equally among its effects.

    Hedges, Tipton & Johnson (2010), "correlated effects": every effect of a cluster is given the mean
    variance of the cluster; rho enters tau2 only.
    """
    sizes = np.bincount(codes)[codes]
    mean_vi = (np.bincount(codes, vi) / np.bincount(codes))[codes]
    start = weighted_fit(yi, sizes * mean_vi, tau2=0.0, design=design)
    totals = _cluster_sums(design, codes)
    own_w = np.bincount(codes, start.weights) / np.bincount(codes)
    n = np.bincount(codes).size
    apart = np.trace(start.cov @ (design.T @ ((start.weights / sizes)[:, None] * design)))
    together = np.trace(start.cov @ (totals.T @ ((own_w / np.bincount(codes))[:, None] * totals)))
    shared = np.trace(start.cov @ (totals.T @ ((own_w**2)[:, None] * totals)))
    slope = np.sum(start.weights) - shared
    if _is_zero(slope, np.sum(start.weights)):
        raise ValueError(NOT_TOLD_APART)
    excess = start.rss - (n - (1.0 - rho) * apart - rho * together)
    tau2 = max(0.0, float(excess / slope))
    i2_percent = max(0.0, 100.0 * excess / start.rss) if start.rss > 0 else 0.0
    return _Components(1.0 / (sizes * (mean_vi + tau2)), tau2, math.nan, float(i2_percent), "")


def _hierarchical(yi: np.ndarray, vi: np.ndarray, design: np.ndarray, codes: np.ndarray) -> _Components:
    """Return tau2 and omega2 by two moments: weighted squares, and squared sums of clusters.

    Hedges, Tipton & Johnson (2010), "hierarchical effects". Each moment has the expectation
    constant + omega2 * a + tau2 * b under the working model.
    """
    start = weighted_fit(yi, vi, tau2=0.0, design=design)
    weighted, totals = start.weights[:, None] * design, _cluster_sums(design, codes)
    weighted_totals = _cluster_sums(weighted, codes)
    sizes = np.bincount(codes).astype(float)
    squared, v = weighted.T @ weighted, start.cov
    both, cross = totals.T @ totals, totals.T @ (sizes[:, None] * weighted_totals)
    # Weighted squares of the residuals.
    qe_omega2 = np.sum(start.weights) - np.trace(v @ squared)
    qe_tau2 = np.sum(start.weights) - np.trace(v @ (weighted_totals.T @ weighted_totals))
    # Squared sums of the residuals of each cluster.
    sums = np.bincount(codes, start.residuals)
    q1_fixed = np.sum(vi) - np.trace(v @ both)
    q1_omega2 = yi.size - 2.0 * np.trace(v @ (totals.T @ weighted_totals)) + np.trace(v @ both @ v @ squared)
    q1_tau2 = np.sum(sizes**2) - 2.0 * np.trace(v @ cross)
    q1_tau2 += np.trace(v @ both @ v @ (weighted_totals.T @ weighted_totals))
    left, right = np.sum(sums**2) - q1_fixed, start.rss - start.df
    if _is_zero(qe_tau2, np.sum(start.weights)):
        raise ValueError(NOT_TOLD_APART)
    determinant, note = q1_omega2 * qe_tau2 - qe_omega2 * q1_tau2, ""
    if _is_zero(determinant, q1_omega2 * qe_tau2):
        # One effect per cluster: only tau2 + omega2 is known, and the weights need no more.
        omega2, note = 0.0, "no cluster holds two effects: omega2 is set to 0 and tau2 holds both variances"
    else:
        omega2 = max(0.0, float((left * qe_tau2 - right * q1_tau2) / determinant))
    tau2 = max(0.0, float((right - omega2 * qe_omega2) / qe_tau2))
    return _Components(1.0 / (vi + tau2 + omega2), tau2, omega2, math.nan, note)


def _cluster_sums(columns: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Return the sums of the columns over each cluster, one row per cluster."""
    return np.column_stack([np.bincount(codes, column) for column in columns.T])


def _is_zero(value: float, yardstick: float) -> bool:
    """Return whether a value is 0 but for rounding."""
    return abs(value) <= 1e-12 * abs(yardstick)
