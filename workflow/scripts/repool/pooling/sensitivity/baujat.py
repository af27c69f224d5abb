"""Where each study stands in Baujat's plot: its part in heterogeneity against its pull on the result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.models.estimators import check_inputs, tau2, weighted_fit
from repool.pooling.sensitivity.deletions import deletions
from repool.pooling.sensitivity.subsets import variance_factor

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Baujat:
    """Coordinates of Baujat's plot, each of shape (k,).

    Attributes
    ----------
    heterogeneity : numpy.ndarray
        Horizontal axis: squared Pearson residual, the study's part in Q for a common-effect model.
    pull : numpy.ndarray
        Vertical axis: squared move of the study's fitted value when it is left out, over the variance of that value.
    """

    heterogeneity: np.ndarray
    pull: np.ndarray


def baujat(yi: ArrayLike, vi: ArrayLike, *, method: str, ci_method: str, design: ArrayLike | None) -> Baujat:
    """Return the coordinates of Baujat's plot.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    method : str
        Estimator of tau2; Baujat et al. describe "none", the common-effect model.
    ci_method : {"wald", "t", "knapp_hartung", "knapp_hartung_floored"}
        The variance factor of the method goes into the variance of the fitted value.
    design : array_like of shape (k, p) or None
        Design matrix; None stands for a single column of ones.

    Returns
    -------
    Baujat
        One point per study; the pull is nan where the model without the study does not exist.

    Raises
    ------
    ValueError
        When the data cannot be pooled.

    Notes
    -----
    Baujat, Mahe, Pignon & Hill (2002), Stat Med 21, 2641-2652, section 2; the variance of the fitted value is that
    of the model without the study.
    """
    yi, vi, design = check_inputs(yi, vi, design)
    full = weighted_fit(yi, vi, tau2=tau2(yi, vi, method=method, design=design).tau2, design=design)
    without = deletions(yi, vi, method=method, design=design)
    moved = np.einsum("kp,kp->k", design, full.beta - without.beta)
    variance = np.einsum("kp,kpq,kq->k", design, without.cov, design)
    factor = variance_factor(without.rss, np.full(yi.size, without.df), ci_method=ci_method)
    with np.errstate(divide="ignore", invalid="ignore"):
        return Baujat(full.weights * full.residuals**2, moved**2 / (factor * variance))
