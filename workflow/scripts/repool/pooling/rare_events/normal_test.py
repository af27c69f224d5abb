"""The normal test, the interval and the chi-squared tests that the methods for counts share."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np


class NormalTest(NamedTuple):
    """Statistic, two-sided p-value and limits of one estimate."""

    statistic: float
    pval: float
    ci_lb: float
    ci_ub: float


class Heterogeneity(NamedTuple):
    """Cochran's Q around a given estimate; I2 in percent."""

    q: float
    df: int
    pval: float
    i2_percent: float
    h2: float


def normal_test(estimate: float, se: float, *, level: float) -> NormalTest:
    """Return the normal test and interval of an estimate; nan where the standard error is 0 or nan.

    Parameters
    ----------
    estimate, se : float
        On the analysis scale.
    level : float
        Confidence level between 0 and 1, such as 0.95.

    Raises
    ------
    ValueError
        When the level is not between 0 and 1.
    """
    from scipy.special import ndtr, ndtri

    if not 0 < level < 1:
        raise ValueError(f"level is {level!r}; must be between 0 and 1, such as 0.95")
    half = float(ndtri(0.5 + level / 2)) * se
    statistic = estimate / se if se > 0 else math.nan
    return NormalTest(statistic, float(2 * ndtr(-abs(statistic))), estimate - half, estimate + half)


def chi2_pval(statistic: float, df: int) -> float:
    """Return the upper tail of the chi-squared distribution; nan without degrees of freedom."""
    from scipy.special import chdtrc

    if df < 1 or math.isnan(statistic):
        return math.nan
    return 0.0 if math.isinf(statistic) else float(chdtrc(df, statistic))


def spread_around(q: float, df: int) -> Heterogeneity:
    """Return Q with its p-value, I2 = 100 (Q - df) / Q (not below 0) and H2 = Q / df.

    Parameters
    ----------
    q : float
        Weighted sum of squares; not used when there is one effect.
    df : int
        Number of effects minus 1; below 1 stands for "nothing to compare", Q 0 and p 1 as in R.
    """
    if df < 1:
        return Heterogeneity(0.0, df, 1.0, 0.0, 1.0)
    if not np.isfinite(q):
        return Heterogeneity(q, df, chi2_pval(q, df), math.nan, q / df)
    i2_percent = max(0.0, 100 * (q - df) / q) if q > 0 else 0.0
    return Heterogeneity(q, df, chi2_pval(q, df), i2_percent, q / df)
