"""Show how much each study moves the model: residuals without it, distances, and its weight."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.models.estimators import tau2, weighted_fit
from repool.pooling.models.weighted import check_lenient
from repool.pooling.sensitivity.deletions import Deletions, deletions
from repool.pooling.sensitivity.subsets import variance_factor

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from repool.pooling.models.estimators import WeightedFit

#: Residuals below this are rounding and count as 0, as in R's metafor: 100 units in the last place of 1.
NO_RESIDUAL = 100.0 * float(np.finfo(float).eps)


@dataclass(frozen=True)
class Influence:
    """Influence of each study; every field has one entry per study.

    Attributes
    ----------
    resid, resid_se, rstandard : numpy.ndarray of shape (k,)
        Effect minus fitted value, its standard error, and their ratio.
    resid_del, resid_del_se, rstudent : numpy.ndarray of shape (k,)
        The same with the fitted value of the model without the study.
    dffits : numpy.ndarray of shape (k,)
        How far the study moves its own fitted value, in standard errors.
    cook_d : numpy.ndarray of shape (k,)
        How far the study moves all coefficients together (squared distance).
    cov_r : numpy.ndarray of shape (k,)
        Generalised variance of the coefficients without the study over that with it.
    tau2_del, qe_del : numpy.ndarray of shape (k,)
        Between-study variance and residual Q without the study.
    hat, weight_percent : numpy.ndarray of shape (k,)
        Leverage, and share of the weight in percent.
    dfbetas : numpy.ndarray of shape (k, p)
        How far the study moves each coefficient, in standard errors.
    is_influential : tuple of bool or None
        Whether any of the four rules flags the study; None where the model without it does not exist.
    notes : tuple of str
        Why the model without the study does not exist; "" where it does.
    """

    resid: np.ndarray
    resid_se: np.ndarray
    rstandard: np.ndarray
    resid_del: np.ndarray
    resid_del_se: np.ndarray
    rstudent: np.ndarray
    dffits: np.ndarray
    cook_d: np.ndarray
    cov_r: np.ndarray
    tau2_del: np.ndarray
    qe_del: np.ndarray
    hat: np.ndarray
    weight_percent: np.ndarray
    dfbetas: np.ndarray
    is_influential: tuple[bool | None, ...]
    notes: tuple[str, ...]


def influence(yi: ArrayLike, vi: ArrayLike, *, method: str, ci_method: str, design: ArrayLike | None) -> Influence:
    """Return the influence of each study on a pooled mean or a meta-regression.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    method : str
        Estimator of tau2, as in `repool.pooling.models.estimators.tau2`.
    ci_method : {"wald", "t", "knapp_hartung", "knapp_hartung_floored"}
        The variance factor of the method goes into every standard error.
    design : array_like of shape (k, p) or None
        Design matrix; None stands for a single column of ones.

    Returns
    -------
    Influence
        One entry per study.

    Raises
    ------
    ValueError
        When the data cannot be pooled, or a method is unknown.

    Notes
    -----
    Viechtbauer & Cheung (2010), Res Synth Methods 1, 112-125, sections 2 and 3; cut-offs as in `flagged`.
    """
    yi, vi, design = check_lenient(yi, vi, design)
    if len(yi) <= design.shape[1]:
        raise ValueError(f"influence needs more effects than coefficients; there are {len(yi)} and {design.shape[1]}")
    full = weighted_fit(yi, vi, tau2=tau2(yi, vi, method=method, design=design).tau2, design=design)
    without = deletions(yi, vi, method=method, design=design)
    return _influence(yi, vi, design, full, without, ci_method=ci_method)


def _influence(
    yi: np.ndarray, vi: np.ndarray, design: np.ndarray, full: WeightedFit, without: Deletions, *, ci_method: str
) -> Influence:
    """Return the influence set from the model with all studies and the models without each."""
    factor = variance_factor(np.array([full.rss]), np.array([full.df]), ci_method=ci_method)[0]
    factor_del = variance_factor(without.rss, np.full(yi.size, without.df), ci_method=ci_method)
    moved = full.beta - without.beta
    fit_moved = np.einsum("kp,kp->k", design, moved)
    own_variance = vi + without.tau2
    predicted_variance = np.einsum("kp,kpq,kq->k", design, without.cov, design)
    with np.errstate(divide="ignore", invalid="ignore"):
        resid_del = _no_rounding(full.residuals + fit_moved)
        resid_del_se = np.sqrt(factor_del * (own_variance + predicted_variance))
        resid, resid_se = _no_rounding(full.residuals), np.sqrt((1.0 - full.leverage) / full.weights)
        dffits = fit_moved / np.sqrt(factor_del * full.leverage * own_variance)
        dfbetas = moved / np.sqrt(factor_del[:, None] * np.diagonal(without.cov_all, axis1=1, axis2=2))
        cook_d = np.einsum("kp,pq,kq->k", moved, np.linalg.inv(full.cov), moved) / factor
        share = np.linalg.det(without.cov) / np.linalg.det(full.cov)
        cov_r = share * (factor_del / factor) ** full.beta.size
        rstandard, rstudent = resid / resid_se, resid_del / resid_del_se
    return Influence(
        **{"resid": resid, "resid_se": resid_se, "rstandard": rstandard},
        **{"resid_del": resid_del, "resid_del_se": resid_del_se, "rstudent": rstudent},
        **{"dffits": dffits, "cook_d": cook_d, "cov_r": cov_r, "tau2_del": without.tau2, "qe_del": without.q},
        **{"hat": full.leverage, "weight_percent": 100.0 * full.weights / full.weights.sum(), "dfbetas": dfbetas},
        is_influential=flagged(dffits, cook_d, full.leverage, dfbetas),
        notes=without.notes,
    )


def flagged(dffits: np.ndarray, cook_d: np.ndarray, hat: np.ndarray, dfbetas: np.ndarray) -> tuple[bool | None, ...]:
    """Return which studies any of four rules calls influential.

    Parameters
    ----------
    dffits, cook_d, hat : numpy.ndarray of shape (k,)
        See `Influence`.
    dfbetas : numpy.ndarray of shape (k, p)
        See `Influence`.

    Returns
    -------
    tuple of bool or None
        None where the first, second and fourth rule cannot be applied and the third does not flag.

    Notes
    -----
    Viechtbauer & Cheung (2010) as applied by R's metafor: abs(DFFITS) > 3 sqrt(p / (k - p)); Cook's distance beyond
    the median of chi-squared on p degrees of freedom; leverage > 3 p / k; any abs(DFBETAS) > 1.
    """
    from scipy.special import chdtr

    k, p = dfbetas.shape
    with np.errstate(invalid="ignore"):
        rules = np.abs(dffits) > 3.0 * math.sqrt(p / (k - p))
        rules |= (chdtr(p, cook_d) > 0.5) | (hat > 3.0 * p / k) | (np.abs(dfbetas) > 1.0).any(axis=1)
    unknown = np.isnan(dffits) | np.isnan(cook_d)
    return tuple(True if rule else None if blank else False for rule, blank in zip(rules, unknown, strict=True))


def _no_rounding(residuals: np.ndarray) -> np.ndarray:
    """Return residuals with those that are rounding set to 0."""
    return np.where(np.abs(residuals) < NO_RESIDUAL, 0.0, residuals)
