"""Fit one model with any estimator, weights or moderators, and return all that R's `rma.uni` returns."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.models.estimators import Tau2, WeightedFit, tau2, tau2_se, weighted_fit
from repool.pooling.models.fit_statistics import FitStatistics, fit_statistics
from repool.pooling.models.intervals import Interval, interval
from repool.pooling.models.stacks import build_stack, project
from repool.pooling.models.weighted import check_lenient

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Heterogeneity:
    """Q, I2 and H2 of a fitted model.

    Attributes
    ----------
    q, q_pval, i2_percent, h2, typical_variance : float
        nan when a sampling variance is 0; see ``note``. I2 and H2 come from Q in a
        common-effect model, else from tau2.
    q_df : int
        k - p.
    note : str
        Why something is nan; empty otherwise.
    """

    q: float
    q_df: int
    q_pval: float
    i2_percent: float
    h2: float
    typical_variance: float
    note: str


@dataclass(frozen=True)
class WholeModel:
    """One fitted model.

    Attributes
    ----------
    tau2 : repool.pooling.models.estimators.Tau2
        The estimate, or the value that was given.
    tau2_se : float
        Its asymptotic standard error; nan for a common-effect model.
    fit : repool.pooling.models.weighted.WeightedFit
    interval : repool.pooling.models.intervals.Interval
    heterogeneity : Heterogeneity
    fit_statistics : repool.pooling.models.fit_statistics.FitStatistics
        Under the REML likelihood for REML, else under the ML likelihood.
    """

    tau2: Tau2
    tau2_se: float
    fit: WeightedFit
    interval: Interval
    heterogeneity: Heterogeneity
    fit_statistics: FitStatistics


def whole_model(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    method_tau2: str,
    ci_method: str,
    level: float,
    design: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    tau2_given: float | None = None,
) -> WholeModel:
    """Return a model of one mean, or of moderators, with everything that belongs to it.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    method_tau2, ci_method : str
        See `repool.pooling.models.estimators.tau2` and `repool.pooling.models.intervals.interval`.
    level : float
        Confidence level between 0 and 1.
    design : array_like of shape (k, p) or None
        Design matrix; None stands for a single column of ones.
    weights : array_like of shape (k,) or None
        Weights of one's own for the coefficients (equal ones: an unweighted model), and for
        tau2 with GENQ and GENQM. None stands for inverse variances; 1 / vi for GENQ and GENQM.
    tau2_given : float or None
        A between-study variance to use instead of an estimate.

    Raises
    ------
    ValueError
        When the model cannot be fitted.
    """
    yi, vi, design = check_lenient(yi, vi, design)
    generalised = method_tau2 in ("GENQ", "GENQM")
    between = (
        tau2(yi, vi, method=method_tau2, design=design, weights=weights if generalised else None)
        if tau2_given is None
        else Tau2(tau2_given, converged=True, iterations=0, at_boundary=False, raw=tau2_given)
    )
    own = 1.0 / vi if generalised and weights is None else weights
    fit = weighted_fit(yi, vi, tau2=between.tau2, design=design, weights=own)
    return WholeModel(
        tau2=between,
        tau2_se=tau2_se(
            yi, vi, method=method_tau2, tau2=between.tau2, design=design, weights=weights if generalised else None
        ),
        fit=fit,
        interval=interval(fit, ci_method=ci_method, level=level),
        heterogeneity=heterogeneity(yi, vi, design=design, tau2=None if method_tau2 == "none" else between.tau2),
        fit_statistics=fit_statistics(
            yi,
            vi,
            tau2=between.tau2,
            tau2_estimated=method_tau2 != "none" and tau2_given is None,
            restricted=method_tau2 == "REML",
            design=design,
            weights=own,
        ),
    )


def heterogeneity(yi: ArrayLike, vi: ArrayLike, *, design: ArrayLike | None, tau2: float | None) -> Heterogeneity:
    """Return Q, I2 and H2.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    design : array_like of shape (k, p) or None
        Design matrix; None stands for a single column of ones.
    tau2 : float or None
        Between-study variance behind I2 and H2; None takes them from Q.

    Notes
    -----
    Higgins & Thompson (2002), Stat Med 21, 1539-1558; the typical variance is (k - p) / trace P
    under weights 1 / vi.
    """
    from scipy.special import chdtrc

    yi, vi, design = check_lenient(yi, vi, design)
    df = design.shape[0] - design.shape[1]
    if (vi == 0).any():
        return Heterogeneity(*[math.nan, df, *[math.nan] * 4], "a sampling variance of 0 leaves no Q, I2 or H2")
    if df == 0:
        return Heterogeneity(0.0, 0, 1.0, 0.0, 1.0, 0.0, "")
    with np.errstate(divide="ignore", invalid="ignore"):
        stack, _ = build_stack(yi[:, None], vi[:, None], np.ones((yi.size, 1), dtype=bool), design)
        fit = project(stack, np.zeros(1))
    q, typical = float(fit.rss()[0]), float(df / fit.trace_p()[0])
    if tau2 is None:
        i2, h2 = (100.0 * (q - df) / q if q > df else 0.0), q / df
    else:
        i2, h2 = 100.0 * tau2 / (tau2 + typical), 1.0 + tau2 / typical
    return Heterogeneity(q, df, float(chdtrc(df, q)), i2, h2, typical, "")
