"""What a bubble plot shows: effects over a numeric moderator and the line that is fitted to them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.models.estimators import tau2, weighted_fit
from repool.pooling.models.intervals import interval, quantile

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Line:
    """The fitted line at some places, each of shape (g,).

    Attributes
    ----------
    estimate, se, ci_lb, ci_ub : numpy.ndarray
        Mean effect there, with its confidence limits.
    pi_lb, pi_ub : numpy.ndarray
        Limits within which the true effect of a new study is expected.
    weights : numpy.ndarray of shape (k,)
        Share of each effect in the fit, in percent.
    tau2 : float
    df : float
        Degrees of freedom of the limits; nan for the normal distribution.
    """

    estimate: np.ndarray
    se: np.ndarray
    ci_lb: np.ndarray
    ci_ub: np.ndarray
    pi_lb: np.ndarray
    pi_ub: np.ndarray
    weights: np.ndarray
    tau2: float
    df: float


def fitted_line(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    design: ArrayLike,
    places: ArrayLike,
    method_tau2: str,
    ci_method: str,
    level: float,
) -> Line:
    """Return the fitted mean, its confidence limits and prediction limits at some places.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    design : array_like of shape (k, p)
        Design matrix of the regression.
    places : array_like of shape (g, p)
        Rows of moderators at which the line is wanted, intercept included.
    method_tau2, ci_method : str
        As in `repool.pooling.models.estimators.tau2` and `repool.pooling.models.intervals.interval`.
    level : float
        Level of both kinds of limits, between 0 and 1.

    Notes
    -----
    x b +- quantile * sqrt(x V x'), and sqrt(x V x' + tau2) for prediction, the quantile being that
    of the coefficients: Riley, Higgins & Deeks (2011), BMJ 342, d549, as metafor's predict().
    """
    places = np.atleast_2d(np.asarray(places, dtype=float))
    left = tau2(yi, vi, method=method_tau2, design=design).tau2
    fit = weighted_fit(yi, vi, tau2=left, design=design)
    found = interval(fit, ci_method=ci_method, level=level)
    estimate = places @ found.estimate
    se = np.sqrt(np.maximum(np.einsum("gp,pq,gq->g", places, found.cov, places), 0.0))
    width = quantile(level, df=found.df)
    spread = np.sqrt(se**2 + left)
    limits = {"ci_lb": estimate - width * se, "ci_ub": estimate + width * se}
    limits |= {"pi_lb": estimate - width * spread, "pi_ub": estimate + width * spread}
    weights = 100.0 * fit.weights / math.fsum(fit.weights)
    return Line(estimate=estimate, se=se, weights=weights, tau2=left, df=found.df, **limits)
