"""From one effect measure to another: standardised mean difference, log odds ratio, correlation.

Functions take an effect and its variance and return both, NaN in both where one cannot be computed.
"""

from __future__ import annotations

import numpy as np

from repool.effects.conversions.guards import Array, floats, where

#: Standard deviation of the standard logistic distribution.
LOGISTIC_SD = np.pi / np.sqrt(3)
#: Cox and Snell (1989), Analysis of binary data, page 21: a flatter match than pi / sqrt(3) = 1.81.
COX_FACTOR = 1.65
#: How the number of people enters between d and r.
FORMULAS = ("exact", "large_sample")


def _scaled(yi: Array, vi: Array, factor: float) -> tuple[Array, Array]:
    """Return an effect times a factor, and its variance."""
    yi, vi = floats(yi, vi)
    return where(vi > 0, yi * factor, vi * factor**2)


@np.errstate(all="ignore")
def log_or_from_d(d: Array, vi: Array) -> tuple[Array, Array]:
    """Return the log odds ratio that belongs to a standardised mean difference.

    Parameters
    ----------
    d, vi : array, shape (k,)
        Standardised mean difference and its variance.

    Returns
    -------
    yi, vi : array, shape (k,)

    Notes
    -----
    Hasselblad & Hedges (1995), Psychol Bull 117:167-178: a logistic outcome cut anywhere; factor pi / sqrt(3).
    """
    return _scaled(d, vi, LOGISTIC_SD)


@np.errstate(all="ignore")
def d_from_log_or(yi: Array, vi: Array) -> tuple[Array, Array]:
    """Return the standardised mean difference that belongs to a log odds ratio.

    Parameters
    ----------
    yi, vi : array, shape (k,)
        Log odds ratio and its variance.

    Returns
    -------
    d, vi : array, shape (k,)

    Notes
    -----
    Hasselblad & Hedges (1995): factor sqrt(3) / pi.
    """
    return _scaled(yi, vi, 1 / LOGISTIC_SD)


@np.errstate(all="ignore")
def d_from_log_or_cox(yi: Array, vi: Array) -> tuple[Array, Array]:
    """Return the standardised mean difference that belongs to a log odds ratio, by Cox's factor.

    Parameters
    ----------
    yi, vi : array, shape (k,)
        Log odds ratio and its variance.

    Returns
    -------
    d, vi : array, shape (k,)

    Notes
    -----
    Sánchez-Meca et al. (2003), Psychol Methods 8:448-467: d = log OR / 1.65, less biased than the
    logistic factor when the outcome behind is normal.
    """
    return _scaled(yi, vi, 1 / COX_FACTOR)


def _allocation(n1: Array, n2: Array, formula: str) -> Array:
    """Return the number a in r = d / sqrt(d^2 + a)."""
    if formula not in FORMULAS:
        raise ValueError(f"formula is {formula!r}; must be one of {', '.join(FORMULAS)}")
    people = n1 + n2 - 2 if formula == "exact" else n1 + n2
    return np.where((n1 > 0) & (n2 > 0) & (people > 0), people / n1 + people / n2, np.nan)


@np.errstate(all="ignore")
def r_from_d(d: Array, vi: Array, n1: Array, n2: Array, *, formula: str) -> tuple[Array, Array]:
    """Return the correlation of outcome and arm that belongs to a standardised mean difference.

    Parameters
    ----------
    d, vi : array, shape (k,)
        Standardised mean difference and its variance.
    n1, n2 : array, shape (k,)
        People per arm; any two equal numbers give the large-sample formula its a = 4.
    formula : {"exact", "large_sample"}
        a = (n1 + n2 - 2) (1/n1 + 1/n2), which inverts the t statistic, or a = (n1 + n2)^2 / (n1 n2).

    Returns
    -------
    r, vi : array, shape (k,)

    Raises
    ------
    ValueError
        When `formula` is another word.

    Notes
    -----
    Lipsey & Wilson (2001), Practical meta-analysis, page 62, and Borenstein et al. (2009), Introduction to
    meta-analysis, equations 7.7 to 7.9: r = d / sqrt(d^2 + a), variance a^2 vi / (d^2 + a)^3.
    """
    d, vi, n1, n2 = floats(d, vi, n1, n2)
    a = _allocation(n1, n2, formula)
    return where(vi > 0, d / np.sqrt(d**2 + a), a**2 * vi / (d**2 + a) ** 3)


@np.errstate(all="ignore")
def d_from_r(r: Array, vi: Array, n1: Array, n2: Array, *, formula: str) -> tuple[Array, Array]:
    """Return the standardised mean difference that belongs to a correlation of outcome and arm.

    Parameters
    ----------
    r, vi : array, shape (k,)
        Correlation, between -1 and 1, and its variance.
    n1, n2 : array, shape (k,)
        People per arm; any two equal numbers give the large-sample formula its a = 4.
    formula : {"exact", "large_sample"}
        As in `r_from_d`.

    Returns
    -------
    d, vi : array, shape (k,)

    Raises
    ------
    ValueError
        When `formula` is another word.

    Notes
    -----
    Borenstein et al. (2009), equations 7.5 and 7.6: d = sqrt(a) r / sqrt(1 - r^2), variance a vi / (1 - r^2)^3.
    """
    r, vi, n1, n2 = floats(r, vi, n1, n2)
    a, rest = _allocation(n1, n2, formula), (1 - r) * (1 + r)
    return where((np.abs(r) < 1) & (vi > 0), np.sqrt(a) * r / np.sqrt(rest), a * vi / rest**3)
