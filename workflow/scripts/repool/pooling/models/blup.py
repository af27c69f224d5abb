"""Shrink each study's effect towards the mean: best linear unbiased predictions of true effects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.models.intervals import quantile

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from repool.pooling.models.intervals import Interval

#: What may stand in ``uncertainty``: whether the mean counts as estimated or as known.
UNCERTAINTIES = ("mean_estimated", "mean_known")


@dataclass(frozen=True)
class ShrunkenEffects:
    """Predicted true effects of the studies themselves, each of shape (k,).

    Attributes
    ----------
    shrinkage : numpy.ndarray
        Weight of the study's own effect, tau2 / (tau2 + vi); the mean gets the rest.
    estimate, se, pi_lb, pi_ub : numpy.ndarray
        Predicted true effect, its standard error and limits.
    deviation, deviation_se, deviation_lb, deviation_ub : numpy.ndarray
        The same for the study's deviation from the mean (its random effect).
    """

    shrinkage: np.ndarray
    estimate: np.ndarray
    se: np.ndarray
    pi_lb: np.ndarray
    pi_ub: np.ndarray
    deviation: np.ndarray
    deviation_se: np.ndarray
    deviation_lb: np.ndarray
    deviation_ub: np.ndarray


def shrunken_effects(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    interval: Interval,
    tau2: float,
    level: float,
    uncertainty: str,
    design: ArrayLike | None = None,
) -> ShrunkenEffects:
    """Return each study's true effect as predicted from its own effect and from the model.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    interval : repool.pooling.models.intervals.Interval
        Coefficients of the model, their covariance and degrees of freedom.
    tau2 : float
        Between-study variance.
    level : float
        Level between 0 and 1, such as 0.95.
    uncertainty : {"mean_estimated", "mean_known"}
        "mean_estimated" adds the uncertainty of the coefficients (metafor's ``blup``);
        "mean_known" is shrinkage conditional on them (empirical Bayes), se = sqrt(shrinkage * vi).
    design : array_like of shape (k, p) or None
        Design matrix; None stands for a single column of ones.

    Returns
    -------
    ShrunkenEffects
        Predictions in the order of the effects.

    Raises
    ------
    ValueError
        When the uncertainty is not one of those named, or sizes differ.

    Notes
    -----
    Raudenbush & Bryk (1985), J Educ Stat 10, 75-98; Morris (1983), J Am Stat Assoc 78, 47-55.
    Neither allows for the uncertainty of tau2, so limits are too narrow when effects are few.
    """
    if uncertainty not in UNCERTAINTIES:
        raise ValueError(f"uncertainty is {uncertainty!r}; must be one of {', '.join(UNCERTAINTIES)}")
    yi, vi = np.asarray(yi, dtype=float), np.asarray(vi, dtype=float)
    design = np.ones((yi.size, 1)) if design is None else np.asarray(design, dtype=float)
    if yi.shape != vi.shape or design.shape != (yi.size, interval.estimate.size):
        raise ValueError("yi, vi and the rows of the design must be those of the fitted model")
    mean = design @ interval.estimate
    uncertain = np.einsum("kp,pq,kq->k", design, interval.cov, design)
    uncertain = uncertain if uncertainty == "mean_estimated" else np.zeros_like(uncertain)
    # An infinite variance, or a tau2 of 0, leaves nothing to the study's own effect.
    own = tau2 / (tau2 + vi) if tau2 > 0 else np.zeros_like(vi)
    within = np.where(own > 0, own * np.where(np.isfinite(vi), vi, 0.0), np.where(np.isfinite(vi), 0.0, tau2))
    deviation = own * (yi - mean)
    se = np.sqrt(within + (1.0 - own) ** 2 * uncertain)
    deviation_se = np.sqrt(within + own**2 * uncertain)
    q = quantile(level, df=interval.df)
    estimate = mean + deviation
    return ShrunkenEffects(
        shrinkage=own,
        estimate=estimate,
        se=se,
        pi_lb=estimate - q * se,
        pi_ub=estimate + q * se,
        deviation=deviation,
        deviation_se=deviation_se,
        deviation_lb=deviation - q * deviation_se,
        deviation_ub=deviation + q * deviation_se,
    )
