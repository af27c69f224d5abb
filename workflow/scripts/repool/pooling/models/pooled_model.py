"""Fit one pooled model to one set of effects: tau2, the mean and its interval, Q, I2 and H2."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from repool.pooling.models.estimators import Tau2, tau2, weighted_fit
from repool.pooling.models.heterogeneity import (
    LimitsFromQ,
    QTest,
    i2_and_h2,
    limits_from_q,
    q_test,
    typical_variance,
)
from repool.pooling.models.intervals import Interval, interval
from repool.pooling.models.tau2_intervals import HeterogeneityLimits, heterogeneity_limits, tau2_limits

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
    limits_from_tau2 : repool.pooling.models.tau2_intervals.HeterogeneityLimits or None
        tau2, tau, I2 and H2 with limits; None until `with_limits` adds them.
    limits_from_q : repool.pooling.models.heterogeneity.LimitsFromQ or None
        I2 and H2 from Q with test-based limits; None until `with_limits` adds them.
    """

    tau2: Tau2
    interval: Interval
    q: QTest
    i2_percent: float
    h2: float
    i2_definition: str
    limits_from_tau2: HeterogeneityLimits | None = None
    limits_from_q: LimitsFromQ | None = None


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


def with_limits(pool: Pool, yi: ArrayLike, vi: ArrayLike, *, tau2_interval_method: str, level: float) -> Pool:
    """Return the pooled model with limits of tau2, I2 and H2 added.

    Parameters
    ----------
    pool : Pool
        What `fit_pool` said about the same effects.
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    tau2_interval_method : str
        See `repool.pooling.models.tau2_intervals.tau2_limits`.
    level : float
        Confidence level between 0 and 1.

    Returns
    -------
    Pool
        A new object; nothing else in it has changed.
    """
    from_q = limits_from_q(q=pool.q.q, q_df=pool.q.df, level=level)
    limits = tau2_limits(yi, vi, tau2_interval_method=tau2_interval_method, level=level)
    from_tau2 = heterogeneity_limits(tau2=pool.tau2.tau2, limits=limits, vi=vi)
    return replace(pool, limits_from_tau2=from_tau2, limits_from_q=from_q)
