"""Measure how much effects differ beyond chance: Q, I2, H2 and the interval of tau2."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.models.estimators import EPSILON, check_inputs, weighted_fit
from repool.pooling.models.intervals import quantile

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: What may stand in ``i2_definition``.
I2_DEFINITIONS = ("from_q", "from_tau2")


@dataclass(frozen=True)
class QTest:
    """Cochran's Q (residual Q with moderators), its degrees of freedom and p-value."""

    q: float
    df: int
    pval: float


@dataclass(frozen=True)
class Tau2Interval:
    """Confidence limits of tau2, where they come from, and a remark where they need one.

    Attributes
    ----------
    lb, ub : float
        Limits on the squared scale of ``yi``.
    note : str
        A remark in words, or nothing.
    method : str
        See `repool.pooling.models.tau2_intervals.TAU2_INTERVAL_METHODS`.
    level : float
        Confidence level between 0 and 1.
    null : bool
        True when no tau2 fits the data, so that [0, 0] stands for an empty interval.
    """

    lb: float
    ub: float
    note: str
    method: str
    level: float
    null: bool


@dataclass(frozen=True)
class LimitsFromQ:
    """I2 (in percent) and H2 with test-based limits, each as (estimate, lb, ub), and a remark."""

    i2_percent: tuple[float, float, float]
    h2: tuple[float, float, float]
    note: str


def q_test(yi: ArrayLike, vi: ArrayLike, *, design: ArrayLike | None = None) -> QTest:
    """Test whether effects differ by more than chance.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    design : array_like of shape (k, p) or None
        Design matrix; None stands for a single column of ones.

    Returns
    -------
    QTest
        Q with weights 1 / vi, k - p degrees of freedom and the chi-squared p-value.

    Notes
    -----
    Cochran (1954), Biometrics 10, 101-129; with moderators the residual (QE) version.
    """
    from scipy.special import chdtrc

    fit = weighted_fit(yi, vi, tau2=0.0, design=design)
    # As many coefficients as effects leave nothing to test; the rounding that is left is no sign of anything.
    pval = float(chdtrc(fit.df, fit.rss)) if fit.df > 0 else 1.0
    return QTest(q=fit.rss, df=fit.df, pval=pval)


def typical_variance(vi: ArrayLike, *, design: ArrayLike | None = None) -> float:
    """Return the "typical" within-study variance against which tau2 is held in I2.

    Parameters
    ----------
    vi : array_like of shape (k,)
        Sampling variances.
    design : array_like of shape (k, p) or None
        Design matrix; None stands for a single column of ones.

    Returns
    -------
    float
        (k - p) / trace(P), where P = W - WX (X'WX)^-1 X'W and W = diag(1 / vi).

    Notes
    -----
    Higgins & Thompson (2002), Stat Med 21, 1539-1558, equation 9, extended to moderators.
    """
    vi = np.asarray(vi, dtype=float)
    fit = weighted_fit(np.zeros_like(vi), vi, tau2=0.0, design=design)
    return float(fit.df / np.sum(fit.weights * (1.0 - fit.leverage)))


def i2_and_h2(*, definition: str, q: float, q_df: int, tau2: float, typical: float) -> tuple[float, float]:
    """Return I2 in percent and H2, under a named definition.

    Parameters
    ----------
    definition : {"from_q", "from_tau2"}
        "from_q": I2 = (Q - df) / Q, not below 0, and H2 = Q / df. "from_tau2":
        I2 = tau2 / (tau2 + s2) and H2 = (tau2 + s2) / s2 with s2 the typical variance.
    q, q_df : float and int
        Q and its degrees of freedom.
    tau2 : float
        Between-study variance.
    typical : float
        Typical within-study variance, see `typical_variance`.

    Returns
    -------
    tuple of float
        I2 in percent (0 to 100) and H2.

    Raises
    ------
    ValueError
        When the definition is unknown.

    Notes
    -----
    Higgins & Thompson (2002), Stat Med 21, 1539-1558. The two agree for the DL estimator
    whenever Q is at least its degrees of freedom, and for no other estimator in general.
    """
    if definition not in I2_DEFINITIONS:
        allowed = ", ".join(I2_DEFINITIONS)
        raise ValueError(f"i2_definition is {definition!r}; must be one of {allowed}")
    if definition == "from_tau2":
        return 100.0 * tau2 / (tau2 + typical), 1.0 + tau2 / typical
    return (100.0 * (q - q_df) / q if q > q_df else 0.0), q / q_df


def limits_from_q(*, q: float, q_df: int, level: float) -> LimitsFromQ:
    """Return I2 and H2 from Q with limits from the approximate spread of ln H.

    Parameters
    ----------
    q, q_df : float and int
        Q and its degrees of freedom.
    level : float
        Confidence level between 0 and 1, such as 0.95.

    Returns
    -------
    LimitsFromQ
        I2 and H2, not below 0 and 1; limits are nan, with a note, where the formula has none.

    Notes
    -----
    Higgins & Thompson (2002), Stat Med 21, 1539-1558, section 3.3: ln H +- z se(ln H), with
    se = (ln Q - ln df) / (2 (sqrt(2 Q) - sqrt(2 df - 1))) when Q > df + 1, and
    se^2 = (1 - 1 / (3 (df - 1)^2)) / (2 (df - 1)) otherwise; k stands for df + 1 with moderators.
    """
    if q_df < 1:
        raise ValueError(f"Q has {q_df} degrees of freedom; at least 1 is needed for I2 and H2")
    z = quantile(level, df=math.nan)
    h2 = max(1.0, q / q_df)
    if q > q_df + 1:
        se = 0.5 * (math.log(q) - math.log(q_df)) / (math.sqrt(2.0 * q) - math.sqrt(2.0 * q_df - 1.0))
    elif q_df > 1:
        se = math.sqrt((1.0 - 1.0 / (3.0 * (q_df - 1) ** 2)) / (2.0 * (q_df - 1)))
    else:
        note = "two effects whose Q is at most 2 give the formula no spread of ln H"
        return LimitsFromQ((100.0 * (1.0 - 1.0 / h2), math.nan, math.nan), (h2, math.nan, math.nan), note)
    limits = tuple(max(1.0, h2 * math.exp(sign * 2.0 * z * se)) for sign in (-1.0, 1.0))
    values = (h2, *limits)
    return LimitsFromQ(tuple(100.0 * (1.0 - 1.0 / value) for value in values), values, "")


def tau2_interval(yi: ArrayLike, vi: ArrayLike, *, level: float, design: ArrayLike | None = None) -> Tau2Interval:
    """Return the Q-profile confidence interval of the between-study variance.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    level : float
        Confidence level between 0 and 1, such as 0.95.
    design : array_like of shape (k, p) or None
        Design matrix; None stands for a single column of ones.

    Returns
    -------
    Tau2Interval
        Limits, never negative. When no tau2 fits the data the interval is [0, 0], with a note.

    Notes
    -----
    Viechtbauer (2007), Stat Med 26, 37-52. The limits solve Q(tau2) = chi-squared quantile. The
    interval belongs to the data, not to an estimator: an estimate can lie outside it.
    """
    from scipy.special import chdtri, gammaincinv

    yi, vi, design = check_inputs(yi, vi, design)
    df = design.shape[0] - design.shape[1]
    tail = (1.0 - level) / 2.0
    upper_quantile = float(chdtri(df, tail))
    lower_quantile = float(2.0 * gammaincinv(df / 2.0, tail))
    lb = _solve_q(yi, vi, design, target=upper_quantile)
    ub = _solve_q(yi, vi, design, target=lower_quantile)
    if weighted_fit(yi, vi, tau2=0.0, design=design).rss < lower_quantile:
        note = "effects lie closer together than chance allows, so [0, 0]"
        return Tau2Interval(0.0, 0.0, note, method="q_profile", level=level, null=True)
    return Tau2Interval(lb, ub, "", method="q_profile", level=level, null=False)


def _solve_q(yi: np.ndarray, vi: np.ndarray, design: np.ndarray, *, target: float) -> float:
    """Return the tau2 at which the generalised Q falls to the target, 0 when it starts below.

    Q(tau2) is at most RSS / tau2, with RSS the unweighted residual sum of squares, so the root
    lies below RSS / target: no search limit can cut the interval short.
    """
    from scipy.optimize import brentq

    def excess(value: float) -> float:
        return weighted_fit(yi, vi, tau2=value, design=design).rss - target

    if excess(0.0) <= 0.0:
        return 0.0
    unweighted = weighted_fit(yi, np.ones_like(vi), tau2=0.0, design=design).rss
    return float(brentq(excess, 0.0, 1.01 * unweighted / target, xtol=1e-300, rtol=4 * EPSILON, maxiter=500))
