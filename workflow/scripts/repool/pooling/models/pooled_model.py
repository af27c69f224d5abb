"""Fit one pooled model to one set of effects: tau2, the mean and its interval, Q, I2 and H2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from repool.pooling.models.estimators import Tau2, tau2, weighted_fit
from repool.pooling.models.heterogeneity import QTest, i2_and_h2, q_test, typical_variance
from repool.pooling.models.intervals import Interval, interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Pool:
    """One pooled model: tau2, the mean with its interval, Q, I2 and H2.

    Attributes
    ----------
    tau2 : repool.pooling.models.estimators.Tau2
    interval : repool.pooling.models.intervals.Interval
    q : repool.pooling.models.heterogeneity.QTest
    i2_percent, h2 : float
    i2_definition : str
        The definition used; a common-effect model has no tau2, hence always "from_q".
    """

    tau2: Tau2
    interval: Interval
    q: QTest
    i2_percent: float
    h2: float
    i2_definition: str


def fit_pool(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    method_tau2: str,
    ci_method: str,
    level: float,
    i2_definition: str,
) -> Pool:
    """Return the weighted mean of a set of effects and their heterogeneity.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    method_tau2, ci_method, i2_definition : str
        See `repool.pooling.models.estimators.tau2`, `repool.pooling.models.intervals.interval` and
        `repool.pooling.models.heterogeneity.i2_and_h2`.
    level : float
        Confidence level between 0 and 1.

    Returns
    -------
    Pool
        The results, not rounded.
    """
    between = tau2(yi, vi, method=method_tau2)
    q = q_test(yi, vi)
    definition = "from_q" if method_tau2 == "none" else i2_definition
    i2_percent, h2 = i2_and_h2(definition=definition, q=q.q, q_df=q.df, tau2=between.tau2, typical=typical_variance(vi))
    mean = interval(weighted_fit(yi, vi, tau2=between.tau2), ci_method=ci_method, level=level)
    return Pool(between, mean, q, i2_percent, h2, definition)
