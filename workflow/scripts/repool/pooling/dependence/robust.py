"""Give standard errors that stay right when effects of one cluster depend on each other in an unknown way."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from repool.pooling.dependence.cluster_inputs import Block, diagonal_blocks
from repool.pooling.dependence.sandwich import WorkingModel, adjusted, expected_products, working_model
from repool.pooling.models.estimators import weighted_fit
from repool.pooling.models.intervals import quantile, two_sided_pval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: Where degrees of freedom come from: Satterthwaite per coefficient, clusters - 1 (clubSandwich's
#: "naive-t"), clusters - coefficients (metafor's `robust`), or none (normal distribution).
DF_METHODS = ("satterthwaite", "clusters_minus_1", "clusters_minus_p", "normal")

#: What is smaller than this share of the terms it is the sum of, is their rounding.
ROUNDING = 1e-12

#: Below this many degrees of freedom the t approximation fails: Tipton (2015), Psychol Methods
#: 20, 375-393, found p-values too small there; fixed from that paper, not from data.
TRUSTED_DF = 4.0


@dataclass(frozen=True)
class RobustFit:
    """Coefficients with cluster-robust tests and confidence limits, each of shape (p,).

    Attributes
    ----------
    estimate, se, statistic, df, pval, ci_lb, ci_ub : numpy.ndarray of shape (p,)
        On the scale of ``yi``; statistic and pval are nan where se is 0, df is nan for the
        normal distribution, and all but the estimate where clusters cannot judge a coefficient.
    cov : numpy.ndarray of shape (p, p)
        Cluster-robust covariance of the coefficients.
    kind, df_method : str
        How variance and degrees of freedom were found.
    n_clusters : int
        Number of clusters.
    notes : tuple of str
        Per coefficient what a reader must know, or "".
    """

    estimate: np.ndarray
    se: np.ndarray
    statistic: np.ndarray
    df: np.ndarray
    pval: np.ndarray
    ci_lb: np.ndarray
    ci_ub: np.ndarray
    cov: np.ndarray
    kind: str
    df_method: str
    n_clusters: int
    notes: tuple[str, ...]


def cluster_robust(
    design: ArrayLike,
    residuals: ArrayLike,
    covariance: Sequence[Block] | ArrayLike,
    cluster: ArrayLike,
    *,
    beta: ArrayLike,
    weights: ArrayLike | None,
    kind: str,
    df_method: str,
    df_covariance: Sequence[Block] | ArrayLike | None,
    level: float,
) -> RobustFit:
    """Return cluster-robust tests and limits of the coefficients of a fitted model.

    Parameters
    ----------
    design : array_like of shape (k, p)
        Design matrix of the fitted model.
    residuals : array_like of shape (k,)
        Effects less their fitted values.
    covariance : sequence of (indices, block), or array_like of shape (k, k)
        Working marginal covariance of the effects; diagonal vi + tau2 for a model without
        dependence (see `diagonal_blocks`).
    cluster : array_like of shape (k,)
        Cluster of each effect: numbers or names.
    beta : array_like of shape (p,)
        Coefficients of the fitted model.
    weights : array_like of shape (k,) or None
        Weights the model was fitted with; None stands for the inverse of the covariance.
    kind : {"CR0", "CR1", "CR1p", "CR1S", "CR2", "CR3"}
        Small-sample adjustment; CR2 is the one to use.
    df_method : {"satterthwaite", "clusters_minus_1", "clusters_minus_p", "normal"}
        Degrees of freedom.
    df_covariance : as covariance, or None
        Covariance that the Satterthwaite degrees of freedom take to be true; None stands for the
        working covariance, which is what is meant nearly always.
    level : float
        Confidence level between 0 and 1, such as 0.95.

    Raises
    ------
    ValueError
        When there are too few clusters, a name is unknown, or sizes do not fit.

    Notes
    -----
    Pustejovsky & Tipton (2018), J Bus Econ Stat 36, 672-683. metafor's `robust` is CR1p
    (adjust = TRUE) or CR0, both with clusters_minus_p.
    """
    beta, residuals = np.asarray(beta, dtype=float), np.asarray(residuals, dtype=float)
    model = working_model(design, covariance, cluster, weights=weights)
    if residuals.shape != model.cluster.shape or not np.isfinite(residuals).all():
        raise ValueError(f"residuals must be {model.cluster.size} finite numbers, one per effect")
    members, adjust = adjusted(model, kind=kind)
    cov = robust_covariance(model, residuals, members, adjust)
    satterthwaite = _satterthwaite(model, members, adjust)
    judged = np.isfinite(satterthwaite)
    if df_covariance is not None:
        satterthwaite = _satterthwaite(working_model(design, df_covariance, cluster, weights=weights), members, adjust)
    df = _degrees(satterthwaite, df_method=df_method, n_clusters=model.n_clusters)
    cov = np.where(judged[:, None] & judged, cov, math.nan)
    named = {"kind": kind, "df_method": df_method, "n_clusters": model.n_clusters}
    return _tests(beta, cov, df, judged=judged, level=level, **named)


def robust_regression(
    yi: ArrayLike,
    vi: ArrayLike,
    cluster: ArrayLike,
    *,
    tau2: float,
    design: ArrayLike | None,
    kind: str,
    df_method: str,
    level: float,
) -> RobustFit:
    """Return the weighted mean or regression with weights 1 / (vi + tau2) and robust standard errors.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    cluster : array_like of shape (k,)
        Cluster of each effect: numbers or names.
    tau2 : float
        Between-study variance.
    design : array_like of shape (k, p) or None
        Design matrix; None stands for a single column of ones.
    kind, df_method, level
        See `cluster_robust`.
    """
    fit = weighted_fit(yi, vi, tau2=tau2, design=design)
    columns = np.ones((fit.residuals.size, 1)) if design is None else np.asarray(design, dtype=float)
    covariance = diagonal_blocks(np.asarray(vi, dtype=float) + tau2)
    options = {"kind": kind, "df_method": df_method, "df_covariance": None, "level": level}
    return cluster_robust(columns, fit.residuals, covariance, cluster, beta=fit.beta, weights=None, **options)


def robust_covariance(
    model: WorkingModel, residuals: np.ndarray, members: Sequence[np.ndarray], adjust: Sequence[np.ndarray]
) -> np.ndarray:
    """Return the robust covariance: the products of the adjusted scores, summed over clusters.

    Parameters
    ----------
    model : WorkingModel
        The weighted regression.
    residuals : numpy.ndarray of shape (k,)
        Effects less their fitted values.
    members, adjust : sequence of numpy.ndarray
        From `repool.pooling.dependence.sandwich.adjusted`.

    Returns
    -------
    numpy.ndarray of shape (p, p)
        Covariance of the coefficients; 0 where clusters cancel but for rounding.
    """
    pairs = zip(members, adjust, strict=True)
    scores = np.array([model.scores[places].T @ (matrix @ residuals[places]) for places, matrix in pairs])
    scores = scores @ model.root_inverse.T
    cov = scores.T @ scores
    terms = (np.abs(model.scores).T @ np.abs(residuals)) @ np.abs(model.root_inverse).T
    rounding = np.diagonal(cov) <= (ROUNDING * terms) ** 2
    return np.where(rounding[:, None] | rounding, 0.0, cov)


def _satterthwaite(model: WorkingModel, members: Sequence[np.ndarray], adjust: Sequence[np.ndarray]) -> np.ndarray:
    """Return Satterthwaite degrees of freedom; nan for coefficients that the clusters cannot judge."""
    p, model_variance = model.basis.shape[1], _model_variance(model)
    traces, squares = np.empty(p), np.empty(p)
    for place in range(p):
        own = expected_products(model, np.eye(p)[[place]], members=members, adjust=adjust)[0, 0]
        # In units of the model's own variance, so that no scale of the data underflows; what is
        # then next to 0 is rounding: the model fits the clusters that carry the coefficient.
        own = own / model_variance[place]
        traces[place] = np.trace(own)
        squares[place] = np.sum(own**2) if np.abs(own).max() > ROUNDING else 0.0
    return np.divide(traces**2, squares, out=np.full(p, math.nan), where=squares > 0)


def _degrees(satterthwaite: np.ndarray, *, df_method: str, n_clusters: int) -> np.ndarray:
    """Return degrees of freedom per coefficient by the named method."""
    p = satterthwaite.size
    if df_method not in DF_METHODS:
        raise ValueError(f"df_method is {df_method!r}; must be one of {', '.join(DF_METHODS)}")
    if df_method == "clusters_minus_p" and n_clusters <= p:
        raise ValueError(
            f"{n_clusters} clusters cannot carry {p} coefficient(s); more clusters than coefficients are needed"
        )
    if df_method == "satterthwaite":
        return satterthwaite
    plain = {"clusters_minus_1": n_clusters - 1.0, "clusters_minus_p": float(n_clusters - p), "normal": math.nan}
    return np.where(np.isnan(satterthwaite), math.nan, plain[df_method])


def _model_variance(model: WorkingModel) -> np.ndarray:
    """Return the variances of the coefficients under the working model."""
    return np.einsum("ip,pq,iq->i", model.root_inverse, model.core, model.root_inverse)


def _tests(
    beta: np.ndarray, cov: np.ndarray, df: np.ndarray, *, judged: np.ndarray, level: float, **named: Any
) -> RobustFit:
    """Return tests and limits from a covariance and degrees of freedom."""
    se = np.sqrt(np.diagonal(cov))
    statistic = np.divide(beta, se, out=np.full_like(se, math.nan), where=se > 0)
    pairs = list(zip(statistic, df, judged, strict=True))
    pval = [float(two_sided_pval(value, df=own)) if ok else math.nan for value, own, ok in pairs]
    half = np.array([quantile(level, df=own) if ok else math.nan for _, own, ok in pairs]) * se
    notes = tuple(_note(value, own) for value, own in zip(se, df, strict=True))
    limits = {"ci_lb": beta - half, "ci_ub": beta + half}
    numbers = {"estimate": beta, "se": se, "statistic": statistic, "df": df, "pval": np.array(pval), **limits}
    return RobustFit(**numbers, cov=cov, notes=notes, **named)


def _note(se: float, df: float) -> str:
    """Return what a reader must know of one coefficient."""
    if math.isnan(se):
        return "no standard error: the model fits the clusters that carry this coefficient, so none is left to judge it"
    if se == 0:
        return "no test: the clusters agree entirely, so the standard error is 0"
    return df_note(df)


def df_note(df: float) -> str:
    """Return the warning that belongs to few degrees of freedom, or "".

    Parameters
    ----------
    df : float
        Degrees of freedom of a t test, or of the denominator of an F test.
    """
    if df < TRUSTED_DF:
        return f"{df:.1f} degrees of freedom, fewer than {TRUSTED_DF:g}: the p-value and interval are not to be trusted"
    return ""
