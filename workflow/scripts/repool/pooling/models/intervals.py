"""Confidence intervals for pooled effects and coefficients, and prediction intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from repool.pooling.models.estimators import WeightedFit

#: What may stand in ``ci_method``.
CI_METHODS = ("wald", "t", "knapp_hartung", "knapp_hartung_floored")

#: What may stand in ``prediction_method``.
PREDICTION_METHODS = ("t_k_minus_1", "t_k_minus_2", "normal", "none")

#: With fewer effects no prediction interval is given, whatever the review asks for: two effects
#: say next to nothing about how effects are spread, and t on k - 2 does not exist.
MINIMUM_K_PREDICTION = 3


@dataclass(frozen=True)
class Interval:
    """Coefficients with their tests and confidence limits, each of shape (p,).

    Attributes
    ----------
    estimate, se, statistic, pval, ci_lb, ci_ub : numpy.ndarray
        On the scale of ``yi``; statistic and pval are nan where se is 0.
    cov : numpy.ndarray of shape (p, p)
        Covariance of the coefficients, variance factor included.
    df : float
        Degrees of freedom of the t distribution; nan for the normal distribution.
    variance_factor : float
        What the model-based variance was multiplied by; 1 for Wald.
    """

    estimate: np.ndarray
    se: np.ndarray
    statistic: np.ndarray
    pval: np.ndarray
    ci_lb: np.ndarray
    ci_ub: np.ndarray
    cov: np.ndarray
    df: float
    variance_factor: float


@dataclass(frozen=True)
class Prediction:
    """Limits of a prediction interval, or the reason why there is none."""

    pi_lb: float
    pi_ub: float
    reason: str


def wald(fit: WeightedFit, *, level: float) -> Interval:
    """Return intervals from the model-based variance and the normal distribution.

    Parameters
    ----------
    fit : repool.pooling.models.estimators.WeightedFit
        Coefficients and covariance at the estimated tau2.
    level : float
        Confidence level between 0 and 1, such as 0.95.

    Returns
    -------
    Interval
        Estimates, tests and limits.
    """
    return _interval(fit, level=level, variance_factor=1.0, df=math.nan)


def t_distribution(fit: WeightedFit, *, level: float) -> Interval:
    """Return intervals from the model-based variance and the t distribution on k - p.

    Parameters
    ----------
    fit : repool.pooling.models.estimators.WeightedFit
        Coefficients and covariance at the estimated tau2.
    level : float
        Confidence level between 0 and 1, such as 0.95.

    Returns
    -------
    Interval
        Estimates, tests and limits.

    Notes
    -----
    Follmann & Proschan (1999), Biometrics 55, 732-737; called "t" in metafor.
    """
    return _interval(fit, level=level, variance_factor=1.0, df=float(fit.df))


def knapp_hartung(fit: WeightedFit, *, level: float) -> Interval:
    """Return Knapp-Hartung intervals: variance times RSS / (k - p), t on k - p.

    Parameters
    ----------
    fit : repool.pooling.models.estimators.WeightedFit
        Coefficients and covariance at the estimated tau2.
    level : float
        Confidence level between 0 and 1, such as 0.95.

    Returns
    -------
    Interval
        Estimates, tests and limits.

    Notes
    -----
    Knapp & Hartung (2003), Stat Med 22, 2693-2710. When the effects lie nearer to each other
    than their variances say, the factor is below 1 and the interval narrower than Wald's.
    """
    return _interval(fit, level=level, variance_factor=fit.rss / fit.df, df=float(fit.df))


def knapp_hartung_floored(fit: WeightedFit, *, level: float) -> Interval:
    """Return Knapp-Hartung intervals whose variance factor is not allowed below 1.

    Parameters
    ----------
    fit : repool.pooling.models.estimators.WeightedFit
        Coefficients and covariance at the estimated tau2.
    level : float
        Confidence level between 0 and 1, such as 0.95.

    Returns
    -------
    Interval
        Estimates, tests and limits.

    Notes
    -----
    Roever, Knapp & Friede (2015), BMC Med Res Methodol 15, 99. The same rule is called "adhoc"
    in metafor and "knapp-hartung-conservative" in PyMARE.
    """
    factor = max(1.0, fit.rss / fit.df)
    return _interval(fit, level=level, variance_factor=factor, df=float(fit.df))


def interval(fit: WeightedFit, *, ci_method: str, level: float) -> Interval:
    """Return the intervals of the named method.

    Parameters
    ----------
    fit : repool.pooling.models.estimators.WeightedFit
        Coefficients and covariance at the estimated tau2.
    ci_method : {"wald", "t", "knapp_hartung", "knapp_hartung_floored"}
        How uncertainty is measured.
    level : float
        Confidence level between 0 and 1, such as 0.95.

    Returns
    -------
    Interval
        Estimates, tests and limits.

    Raises
    ------
    ValueError
        When the method or the level is not one of those allowed.
    """
    methods = {
        "wald": wald,
        "t": t_distribution,
        "knapp_hartung": knapp_hartung,
        "knapp_hartung_floored": knapp_hartung_floored,
    }
    if ci_method not in methods:
        raise ValueError(f"ci_method is {ci_method!r}; must be one of {', '.join(CI_METHODS)}")
    if fit.df == 0:
        # One effect has no spread to learn from: its own variance is all there is.
        alone = wald(fit, level=level)
        return alone if ci_method == "wald" or fit.beta.size == 1 else _untested(alone)
    return methods[ci_method](fit, level=level)


def prediction_interval(
    *, estimate: float, se: float, tau2: float, k: int, method: str, level: float, minimum_k: int
) -> Prediction:
    """Return the interval in which the true effect of a new, similar study is expected.

    Parameters
    ----------
    estimate, se : float
        Pooled effect and the standard error reported beside it: with Knapp-Hartung the
        Knapp-Hartung one (as in metafor), with Wald the model-based one.
    tau2 : float
        Between-study variance.
    k, minimum_k : int
        Number of effects, and fewest for which the interval is wanted (never below 3).
    method : {"t_k_minus_1", "t_k_minus_2", "normal", "none"}
        Distribution that gives the quantile.
    level : float
        Level between 0 and 1, such as 0.95.

    Notes
    -----
    Estimate +- quantile * sqrt(tau2 + se^2): Higgins, Thompson & Spiegelhalter (2009), J R Stat
    Soc A 172, 137-159, with t on k - 2; current software has moved to t on k - 1.
    """
    if method not in PREDICTION_METHODS:
        raise ValueError(f"prediction_method {method!r} is not one of {PREDICTION_METHODS}")
    needed = max(MINIMUM_K_PREDICTION, minimum_k)
    if method == "none":
        return Prediction(math.nan, math.nan, "the review asks for none")
    if k < needed:
        return Prediction(math.nan, math.nan, f"needs {needed} effects, there are {k}")
    df = {"t_k_minus_1": k - 1.0, "t_k_minus_2": k - 2.0, "normal": math.nan}[method]
    half_width = quantile(level, df=df) * math.sqrt(tau2 + se**2)
    return Prediction(estimate - half_width, estimate + half_width, "")


def quantile(level: float, *, df: float) -> float:
    """Return the two-sided quantile of the t distribution, or the normal one when df is nan.

    Parameters
    ----------
    level : float
        Level between 0 and 1, such as 0.95.
    df : float
        Degrees of freedom; nan for the normal distribution.

    Returns
    -------
    float
        The quantile, above 0.

    Raises
    ------
    ValueError
        When the level is not between 0 and 1.
    """
    from scipy.special import ndtri, stdtrit

    if not 0.0 < level < 1.0:
        raise ValueError(f"level is {level!r}; must lie between 0 and 1, such as 0.95")
    tail = (1.0 - level) / 2.0
    return float(-ndtri(tail) if math.isnan(df) else -stdtrit(df, tail))


def two_sided_pval(statistic: np.ndarray, *, df: float) -> np.ndarray:
    """Return two-sided p-values from the t distribution, or the normal one when df is nan.

    Parameters
    ----------
    statistic : numpy.ndarray
        Estimate divided by its standard error.
    df : float
        Degrees of freedom; nan for the normal distribution.

    Returns
    -------
    numpy.ndarray
        P-values, of the shape of the statistic.
    """
    from scipy.special import ndtr, stdtr

    lower = -np.abs(statistic)
    return 2.0 * (ndtr(lower) if math.isnan(df) else stdtr(df, lower))


def _untested(fitted: Interval) -> Interval:
    """Return a model with a coefficient per effect: a t distribution without degrees of freedom tests nothing."""
    blank = np.full_like(fitted.estimate, math.nan)
    return replace(fitted, statistic=blank, pval=blank, ci_lb=blank, ci_ub=blank, df=0.0)


def _interval(fit: WeightedFit, *, level: float, variance_factor: float, df: float) -> Interval:
    """Return the intervals for a given variance factor and reference distribution."""
    cov = fit.cov * variance_factor
    se = np.sqrt(np.diagonal(cov))
    # Identical effects give plain Knapp-Hartung a standard error of 0, hence no test.
    statistic = np.divide(fit.beta, se, out=np.full_like(se, math.nan), where=se > 0)
    half_width = quantile(level, df=df) * se
    return Interval(
        estimate=fit.beta,
        se=se,
        statistic=statistic,
        pval=two_sided_pval(statistic, df=df),
        ci_lb=fit.beta - half_width,
        ci_ub=fit.beta + half_width,
        cov=cov,
        df=df,
        variance_factor=variance_factor,
    )
