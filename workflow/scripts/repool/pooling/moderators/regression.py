"""Fit a meta-regression: coefficients, what they explain together, and what is left."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.models.estimators import tau2, weighted_fit
from repool.pooling.models.heterogeneity import QTest, q_test, typical_variance
from repool.pooling.models.intervals import Interval, interval
from repool.pooling.moderators.wald_tests import JointTest, joint_test

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Regression:
    """One meta-regression: coefficients, what is left unexplained, and what is explained.

    Attributes
    ----------
    tau2 : float
        Between-study variance that remains.
    coefficients : repool.pooling.models.intervals.Interval
        One entry per column of the design; its covariance too.
    intercept : bool
        Whether the first column of the design is an intercept.
    qe : repool.pooling.models.heterogeneity.QTest
        Residual heterogeneity.
    qm : repool.pooling.moderators.wald_tests.JointTest
        Joint test of all coefficients but the intercept (of all, without one or with nothing else).
    i2_percent, h2 : float
        Residual heterogeneity against the typical variance, from tau2; from Q for "none".
    r2_percent : float
        Share of tau2 that the moderators explain, not below 0; for a common-effect model, which
        has no tau2, the adjusted R2 of the weighted regression; nan without an intercept or
        without moderators.
    """

    tau2: float
    coefficients: Interval
    intercept: bool
    qe: QTest
    qm: JointTest
    i2_percent: float
    h2: float
    r2_percent: float


def regress(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    design: ArrayLike,
    method_tau2: str,
    ci_method: str,
    level: float,
) -> Regression:
    """Fit a mixed-effects meta-regression.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    design : array_like of shape (k, p)
        Design matrix, the intercept (if there is one) first; see `formula.design_from_formula`.
    method_tau2, ci_method : str
        As in `repool.pooling.models.estimators.tau2` and `repool.pooling.models.intervals.interval`.
    level : float
        Confidence level between 0 and 1.

    Returns
    -------
    Regression
        The results, not rounded.

    Raises
    ------
    ValueError
        When there are too few effects, or columns of the design repeat each other.

    Notes
    -----
    Berkey et al. (1995), Stat Med 14, 395-411. R2 compares tau2 with that of the model without
    moderators: Raudenbush (2009), in Cooper et al., Handbook of Research Synthesis, page 310.
    """
    yi, vi, design = (np.asarray(values, dtype=float) for values in (yi, vi, design))
    left = tau2(yi, vi, method=method_tau2, design=design).tau2
    fit = weighted_fit(yi, vi, tau2=left, design=design)
    coefficients = interval(fit, ci_method=ci_method, level=level)
    p = design.shape[1]
    intercept = bool(np.all(design[:, 0] == 1.0))
    first = 1 if intercept and p > 1 else 0
    qe = q_test(yi, vi, design=design)
    explained = math.nan
    if intercept and p > 1:
        explained = _r2_percent(yi, vi, qe=qe, left=left, method_tau2=method_tau2)
    i2_percent, h2 = _i2_and_h2(vi, design=design, qe=qe, left=left, method_tau2=method_tau2)
    qm = joint_test(coefficients, columns=range(first, p))
    if fit.df == 0 and ci_method != "wald" and yi.size > 1:
        # An F test without a degree of freedom: R has no answer either.
        qm = JointTest(math.nan, qm.df1, 0.0, math.nan)
    return Regression(left, coefficients, intercept, qe, qm, i2_percent, h2, explained)


def _i2_and_h2(vi: np.ndarray, *, design: np.ndarray, qe: QTest, left: float, method_tau2: str) -> tuple[float, float]:
    """Return residual I2 in percent and H2: nothing is left where no degree of freedom is."""
    if qe.df == 0:
        return 0.0, 1.0
    if method_tau2 == "none":
        return (max(0.0, 100.0 * (qe.q - qe.df) / qe.q) if qe.q > 0 else 0.0), qe.q / qe.df
    typical = typical_variance(vi, design=design)
    return 100.0 * left / (left + typical), (left + typical) / typical


def _r2_percent(yi: np.ndarray, vi: np.ndarray, *, qe: QTest, left: float, method_tau2: str) -> float:
    """Return the share of tau2, or of the weighted spread without one, that moderators explain."""
    if method_tau2 != "none":
        whole = tau2(yi, vi, method=method_tau2).tau2
        return max(0.0, 100.0 * (whole - left) / whole) if whole > 0 else 0.0
    # Adjusted R2: 1 - (residual sum of squares / its df) / (total sum of squares / its df).
    total = q_test(yi, vi)
    if qe.df == 0:
        return math.nan
    if total.q == 0.0:
        return 0.0
    return max(0.0, 100.0 * (1.0 - (qe.q / qe.df) / (total.q / total.df)))
