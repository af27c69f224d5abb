"""Say where the true effect of a new study is expected, and how likely it lies beyond a threshold."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.models.intervals import quantile, two_sided_pval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from repool.pooling.models.intervals import Interval

#: What may stand in ``prediction_rule``, and the degrees of freedom it gives for k effects and p
#: coefficients; nan stands for the normal distribution.
PREDICTION_RULES = {
    "normal": lambda k, p: math.nan,
    "t_k_minus_1": lambda k, p: k - 1.0,
    "t_k_minus_2": lambda k, p: k - 2.0,
    "t_k_minus_p": lambda k, p: float(k - p),
    "t_k_minus_p_minus_1": lambda k, p: float(k - p - 1),
}

#: What may stand in ``tail``: which side of the threshold is asked about.
TAILS = ("above", "below")


@dataclass(frozen=True)
class Predictions:
    """Means of rows of a design, their confidence limits and prediction limits, each of shape (m,)."""

    estimate: np.ndarray
    se: np.ndarray
    statistic: np.ndarray
    pval: np.ndarray
    ci_lb: np.ndarray
    ci_ub: np.ndarray
    pi_lb: np.ndarray
    pi_ub: np.ndarray


@dataclass(frozen=True)
class Proportion:
    """A share of true effects beyond a threshold with its limits, and a remark where it needs one."""

    estimate: float
    se: float
    lb: float
    ub: float
    note: str


def predict(interval: Interval, *, rows: ArrayLike, tau2: float, level: float) -> Predictions:
    """Return the mean, its confidence interval and the prediction interval at rows of a design.

    Parameters
    ----------
    interval : repool.pooling.models.intervals.Interval
        Coefficients, their covariance (Knapp-Hartung factor included) and degrees of freedom.
    rows : array_like of shape (m, p)
        One row of moderator values per prediction; ``[[1.0]]`` for the pooled mean.
    tau2 : float
        Between-study variance.
    level : float
        Level between 0 and 1, such as 0.95.

    Returns
    -------
    Predictions
        As metafor's ``predict``: quantiles of the distribution that the interval itself uses.

    Raises
    ------
    ValueError
        When the rows do not fit the coefficients or hold a value that is missing or infinite.
    """
    rows = np.atleast_2d(np.asarray(rows, dtype=float))
    if rows.ndim != 2 or rows.shape[1] != interval.estimate.size:
        raise ValueError(f"rows have {rows.shape[-1]} values each; the model has {interval.estimate.size} coefficients")
    if not np.isfinite(rows).all():
        raise ValueError("rows hold a value that is missing or infinite")
    estimate = rows @ interval.estimate
    variance = np.maximum(0.0, np.einsum("mp,pq,mq->m", rows, interval.cov, rows))
    se = np.sqrt(variance)
    statistic = np.divide(estimate, se, out=np.full_like(se, math.nan), where=se > 0)
    q = quantile(level, df=interval.df)
    spread = np.sqrt(variance + tau2)
    return Predictions(
        estimate=estimate,
        se=se,
        statistic=statistic,
        pval=two_sided_pval(statistic, df=interval.df),
        ci_lb=estimate - q * se,
        ci_ub=estimate + q * se,
        pi_lb=estimate - q * spread,
        pi_ub=estimate + q * spread,
    )


def prediction_df(*, prediction_rule: str, k: int, p: int) -> float:
    """Return the degrees of freedom of a named rule; nan for the normal distribution.

    Parameters
    ----------
    prediction_rule : str
        One of `PREDICTION_RULES`.
    k, p : int
        Number of effects and of coefficients.

    Returns
    -------
    float
        Degrees of freedom; may be 0 or below when effects are too few for the rule.

    Raises
    ------
    ValueError
        When the rule is unknown.

    Notes
    -----
    normal: Skipka (2006). t_k_minus_2: Higgins, Thompson & Spiegelhalter (2009), J R Stat Soc A
    172, 137-159. t_k_minus_1: Veroniki et al. (2019), Res Synth Methods 10, 23-43. t_k_minus_p is
    what metafor uses beside t or Knapp-Hartung tests, t_k_minus_p_minus_1 its "Riley" (2011).
    """
    if prediction_rule not in PREDICTION_RULES:
        raise ValueError(f"prediction_rule is {prediction_rule!r}; must be one of {', '.join(PREDICTION_RULES)}")
    return PREDICTION_RULES[prediction_rule](k, p)


def prediction_limits(*, estimate: float, se: float, tau2: float, df: float, level: float) -> tuple[float, float]:
    """Return the interval in which the true effect of a new, similar study is expected.

    Parameters
    ----------
    estimate, se : float
        Mean and its standard error; the Knapp-Hartung one gives the Knapp-Hartung prediction interval
        of Partlett & Riley (2017), Stat Med 36, 301-317.
    tau2 : float
        Between-study variance.
    df : float
        Degrees of freedom, see `prediction_df`; nan for the normal distribution.
    level : float
        Level between 0 and 1, such as 0.95.

    Returns
    -------
    tuple of float
        Limits: estimate +- quantile * sqrt(tau2 + se^2).

    Raises
    ------
    ValueError
        When there are no degrees of freedom left.
    """
    _check_df(df)
    half_width = quantile(level, df=df) * math.sqrt(tau2 + se**2)
    return estimate - half_width, estimate + half_width


def probability_beyond(*, threshold: float, tail: str, estimate: float, se: float, tau2: float, df: float) -> float:
    """Return the probability that the true effect of a new, similar study lies beyond a threshold.

    Parameters
    ----------
    threshold : float
        On the scale of the effects (log scale for ratios).
    tail : {"above", "below"}
        Which side is asked about.
    estimate, se, tau2, df : float
        As in `prediction_limits`.

    Returns
    -------
    float
        Probability; 0.5 at the estimate. With no spread at all it is 0, 0.5 or 1.

    Notes
    -----
    Higgins, Thompson & Spiegelhalter (2009), J R Stat Soc A 172, 137-159, section 4: the
    distribution behind the prediction interval, read as a probability.
    """
    from scipy.special import ndtr, stdtr

    sign = _sign(tail)
    _check_df(df)
    distance = sign * (estimate - threshold)
    spread = math.sqrt(tau2 + se**2)
    if spread == 0.0:
        return 0.5 * (1.0 + math.copysign(1.0, distance)) if distance else 0.5
    return float(ndtr(distance / spread) if math.isnan(df) else stdtr(df, distance / spread))


def proportion_beyond(
    *, threshold: float, tail: str, estimate: float, se: float, tau2: float, se_tau2: float, level: float
) -> Proportion:
    """Return the estimated share of true effects beyond a threshold with its delta-method interval.

    Parameters
    ----------
    threshold : float
        On the scale of the effects (log scale for ratios).
    tail : {"above", "below"}
        Which side is asked about.
    estimate, se, tau2, se_tau2 : float
        Mean and between-study variance with their standard errors.
    level : float
        Level between 0 and 1, such as 0.95.

    Returns
    -------
    Proportion
        Share between 0 and 1, limits cut to that range; nan limits, with a note, when tau2 is 0.

    Notes
    -----
    Mathur & VanderWeele (2019), Stat Med 38, 1336-1342: share Phi((estimate - threshold) / tau),
    variance phi^2 (se^2 / tau2 + se_tau2^2 (estimate - threshold)^2 / (4 tau2^3)). They advise
    against this interval when the share is below 0.15 or above 0.85.
    """
    from scipy.special import ndtr

    distance = _sign(tail) * (estimate - threshold)
    if tau2 == 0.0:
        share = 0.5 if distance == 0 else float(distance > 0)
        note = "tau2 is 0, so all true effects are taken as equal and the share has no interval"
        return Proportion(share, math.nan, math.nan, math.nan, note)
    score = distance / math.sqrt(tau2)
    density = math.exp(-0.5 * score**2) / math.sqrt(2.0 * math.pi)
    spread = density * math.sqrt(se**2 / tau2 + (se_tau2 / tau2 * score) ** 2 / 4.0)
    share = float(ndtr(score))
    half_width = quantile(level, df=math.nan) * spread
    extreme = not 0.15 <= share <= 0.85
    note = "a share below 0.15 or above 0.85 makes this interval unreliable" if extreme else ""
    return Proportion(share, spread, max(0.0, share - half_width), min(1.0, share + half_width), note)


def _sign(tail: str) -> float:
    """Return 1 for above and -1 for below."""
    if tail not in TAILS:
        raise ValueError(f"tail is {tail!r}; must be one of {', '.join(TAILS)}")
    return 1.0 if tail == "above" else -1.0


def _check_df(df: float) -> None:
    """Raise when a t distribution has no degrees of freedom."""
    if df <= 0:
        raise ValueError(f"{df:g} degrees of freedom; there are too few effects for this rule")
