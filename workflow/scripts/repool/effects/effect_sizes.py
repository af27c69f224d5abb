"""Closed forms from summary numbers to an effect and its sampling variance.

Vocabulary: `yi` is the effect on the analysis scale (natural logarithm for ratios), `vi` its sampling
variance, arm 1 the intervention. All functions take and return float arrays of shape (k,); what cannot
be computed is NaN, and the caller says why.
"""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln, ndtri, stdtrit

Array = np.ndarray


def corrected_table(
    events1: Array, n1: Array, events2: Array, n2: Array, *, rule: str, add: float
) -> tuple[Array, ...]:
    """Return the four cells of two-by-two tables after the continuity correction.

    Parameters
    ----------
    events1, n1, events2, n2 : array, shape (k,)
        People with the outcome and people, per arm.
    rule : {"only0", "all", "none"}
        Which tables are corrected: those with a zero cell, all, or none.
    add : float
        What is added to each cell, in people.

    Returns
    -------
    tuple of array
        Cells a, b, c, d, each of shape (k,): with and without the outcome in arm 1, then in arm 2.

    Notes
    -----
    The rules and their names are those of metafor's `escalc` (arguments `add` and `to`).
    """
    cells = np.stack([events1, n1 - events1, events2, n2 - events2]).astype(float)
    if rule == "none":
        return tuple(cells)
    corrected = np.ones(cells.shape[1], dtype=bool) if rule == "all" else (cells == 0).any(axis=0)
    return tuple(cells + add * corrected)


def log_odds_ratio(a: Array, b: Array, c: Array, d: Array) -> tuple[Array, Array]:
    """Return the log odds ratio of two-by-two tables and its variance (Woolf 1955)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return _finite(np.log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d)


def log_risk_ratio(a: Array, b: Array, c: Array, d: Array) -> tuple[Array, Array]:
    """Return the log risk ratio and its variance (Katz et al. 1978)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        n1, n2 = a + b, c + d
        return _finite(np.log(a / n1) - np.log(c / n2), 1 / a - 1 / n1 + 1 / c - 1 / n2)


def risk_difference(a: Array, b: Array, c: Array, d: Array) -> tuple[Array, Array]:
    """Return the risk difference and its variance (unpooled binomial)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        n1, n2 = a + b, c + d
        return _finite(a / n1 - c / n2, a * b / n1**3 + c * d / n2**3)


def logit_proportion(events: Array, n: Array, *, rule: str, add: float) -> tuple[Array, Array]:
    """Return the logit of a proportion and its variance, corrected where no or all people have the outcome."""
    empty = (events == 0) | (events == n)
    extra = add * (np.ones_like(n, dtype=bool) if rule == "all" else empty & (rule == "only0"))
    with np.errstate(divide="ignore", invalid="ignore"):
        with_outcome, without = events + extra, n - events + extra
        return _finite(np.log(with_outcome / without), 1 / with_outcome + 1 / without)


def hedges_correction(df: Array) -> Array:
    """Return the factor that makes Cohen's d unbiased, for degrees of freedom of shape (k,)."""
    # Hedges (1981), exact; in logarithms because gamma itself overflows from df = 344.
    return np.exp(gammaln(df / 2) - gammaln((df - 1) / 2)) / np.sqrt(df / 2)


def hedges_g(d: Array, n1: Array, n2: Array) -> tuple[Array, Array]:
    """Return Hedges' g from Cohen's d, and its large-sample variance (vtype LS).

    Parameters
    ----------
    d : array, shape (k,)
        Cohen's d, in standard deviations.
    n1, n2 : array, shape (k,)
        People per arm.

    Returns
    -------
    yi, vi : array, shape (k,)
        Hedges' g and its variance.

    Notes
    -----
    Hedges (1982): vi = 1/n1 + 1/n2 + g^2 / (2 (n1 + n2)), which metafor calls vtype "LS".
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        g = hedges_correction(n1 + n2 - 2) * d
        return _finite(g, 1 / n1 + 1 / n2 + g**2 / (2 * (n1 + n2)))


def cohens_d(mean1: Array, sd1: Array, n1: Array, mean2: Array, sd2: Array, n2: Array) -> Array:
    """Return the mean difference in pooled standard deviations."""
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = ((n1 - 1) * sd1**2 + (n2 - 1) * sd2**2) / (n1 + n2 - 2)
        return (mean1 - mean2) / np.sqrt(pooled)


def mean_difference(mean1: Array, sd1: Array, n1: Array, mean2: Array, sd2: Array, n2: Array) -> tuple[Array, Array]:
    """Return the mean difference and its variance with unequal variances."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return _finite(mean1 - mean2, sd1**2 / n1 + sd2**2 / n2)


def d_from_t(t: Array, n1: Array, n2: Array) -> Array:
    """Return Cohen's d from the t statistic of two independent groups (Rosenthal 1994)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return t * np.sqrt(1 / n1 + 1 / n2)


def se_from_interval(lower: Array, upper: Array, level_percent: Array) -> Array:
    """Return the standard error from a normal interval on the analysis scale.

    Parameters
    ----------
    lower, upper : array, shape (k,)
        Limits, on the log scale for ratios.
    level_percent : array, shape (k,)
        Level of the interval, in percent.

    Notes
    -----
    Cochrane Handbook, section 6.3: width divided by twice the normal quantile.
    """
    return (upper - lower) / (2 * ndtri(0.5 + level_percent / 200))


def se_from_p(yi: Array, p: Array, *, tails: Array) -> Array:
    """Return the standard error that gives a Wald test of `yi` the p-value `p`.

    Parameters
    ----------
    yi : array, shape (k,)
        Effect on the analysis scale.
    p : array, shape (k,)
        p-value, above 0 and below 1.
    tails : array, shape (k,)
        Sides of the test, 1 or 2.

    Notes
    -----
    Cochrane Handbook, section 6.3.2: SE = |yi| / z(p). NaN where the effect is 0 or z is not positive.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        z = ndtri(1 - p / tails)
        return np.where((z > 0) & (yi != 0), np.abs(yi) / z, np.nan)


def t_from_p(p: Array, df: Array, *, tails: Array) -> Array:
    """Return the absolute t statistic with `df` degrees of freedom that has the p-value `p`."""
    return stdtrit(df, 1 - p / tails)


def _finite(yi: Array, vi: Array) -> tuple[Array, Array]:
    """Blank effects that are not finite or have no positive variance, both together."""
    usable = np.isfinite(yi) & np.isfinite(vi) & (vi > 0)
    return np.where(usable, yi, np.nan), np.where(usable, vi, np.nan)
