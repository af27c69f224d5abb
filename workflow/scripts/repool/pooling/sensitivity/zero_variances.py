"""Fit subsets one at a time where a sampling variance is 0, which the fast formulas cannot divide by."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.models.estimators import tau2, weighted_fit

if TYPE_CHECKING:
    from repool.pooling.models.estimators import WeightedFit


@dataclass(frozen=True)
class OneFit:
    """One fit, or the reason why there is none.

    Attributes
    ----------
    tau2 : float
        Between-study variance.
    fit : WeightedFit or None
        None where there is no fit.
    q, typical : float
        Q and the typical variance; nan where a variance of 0 forbids them.
    note : str
        Why there is no fit; "" where there is one.
    """

    tau2: float
    fit: WeightedFit | None
    q: float
    typical: float
    note: str


def fit_one(yi: np.ndarray, vi: np.ndarray, *, method: str, design: np.ndarray) -> OneFit:
    """Fit effects of which some may have a sampling variance of 0.

    Parameters
    ----------
    yi, vi : numpy.ndarray of shape (k,)
        Effects and their sampling variances.
    method : str
        Estimator of tau2, as in `repool.pooling.models.estimators.tau2`.
    design : numpy.ndarray of shape (k, p)
        Design matrix.

    Returns
    -------
    OneFit
        Without Q and typical variance where a variance is 0: its weight in them would be infinite. Without a fit
        where tau2 is 0 as well.
    """
    k, p = design.shape
    nothing = OneFit(math.nan, None, math.nan, math.nan, "with a sampling variance of 0 no model can be fitted")
    try:
        found = 0.0 if k == p == 1 or method == "none" else tau2(yi, vi, method=method, design=design).tau2
        fit = weighted_fit(yi, vi, tau2=found, design=design)
    except ValueError:
        return nothing
    if not np.isfinite(fit.weights).all() or (found == 0.0 and (vi == 0.0).any()):
        return nothing
    if k == p:
        return OneFit(found, fit, 0.0 if (vi > 0.0).all() else math.nan, math.nan, "")
    if (vi == 0.0).any():
        return OneFit(found, fit, math.nan, math.nan, "")
    plain = weighted_fit(yi, vi, tau2=0.0, design=design)
    return OneFit(found, fit, plain.rss, plain.df / float(np.sum(plain.weights * (1.0 - plain.leverage))), "")
