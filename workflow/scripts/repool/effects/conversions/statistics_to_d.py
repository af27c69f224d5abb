"""Cohen's d of two independent groups from test statistics and measures of association."""

from __future__ import annotations

import numpy as np

from repool.effects.conversions.guards import (
    Array,
    floats,
    one_where,
    t_quantile,
    tail_of_p,
)


@np.errstate(all="ignore")
def d_from_t(t: Array, n1: Array, n2: Array) -> Array:
    """Return Cohen's d from the t statistic of two independent groups.

    Parameters
    ----------
    t : array, shape (k,)
        Statistic of the t test with equal variances; positive where arm 1 has the higher mean.
    n1, n2 : array, shape (k,)
        People per arm.

    Returns
    -------
    array, shape (k,)

    Notes
    -----
    Rosenthal (1994), in The handbook of research synthesis; exact: d = t * sqrt(1/n1 + 1/n2).
    """
    t, n1, n2 = floats(t, n1, n2)
    return one_where((n1 > 0) & (n2 > 0), t * np.sqrt(1 / n1 + 1 / n2))


@np.errstate(all="ignore")
def d_from_f(f: Array, n1: Array, n2: Array) -> Array:
    """Return the size of Cohen's d from the F statistic of two independent groups.

    Parameters
    ----------
    f : array, shape (k,)
        F statistic with 1 and n1 + n2 - 2 degrees of freedom.
    n1, n2 : array, shape (k,)
        People per arm.

    Returns
    -------
    array, shape (k,)
        Not negative: F has no sign, and the caller gives one.

    Notes
    -----
    With two groups F is the square of t.
    """
    f, n1, n2 = floats(f, n1, n2)
    return d_from_t(np.sqrt(f), n1, n2)


@np.errstate(all="ignore")
def t_from_p(p: Array, df: Array, *, tails: Array) -> Array:
    """Return the size of the t statistic with `df` degrees of freedom that has the p-value `p`.

    Parameters
    ----------
    p : array, shape (k,)
        p-value, above 0 and at most 1.
    df : array, shape (k,)
        Degrees of freedom.
    tails : array, shape (k,)
        Sides of the test, 1 or 2.

    Returns
    -------
    array, shape (k,)
        Not negative; NaN for a one-sided p above 0.5.
    """
    p, df, tails = floats(p, df, tails)
    return t_quantile(tail_of_p(p, tails), df)


@np.errstate(all="ignore")
def d_from_r_point_biserial(r: Array, n1: Array, n2: Array) -> Array:
    """Return Cohen's d from the correlation of the outcome with the arm.

    Parameters
    ----------
    r : array, shape (k,)
        Point-biserial correlation, between -1 and 1; positive where arm 1 has the higher mean.
    n1, n2 : array, shape (k,)
        People per arm.

    Returns
    -------
    array, shape (k,)

    Notes
    -----
    Exact: t = r * sqrt(df / (1 - r^2)) with df = n1 + n2 - 2, and d from that t.
    """
    r, n1, n2 = floats(r, n1, n2)
    df = n1 + n2 - 2
    return one_where((np.abs(r) < 1) & (df > 0), d_from_t(r * np.sqrt(df / ((1 - r) * (1 + r))), n1, n2))


@np.errstate(all="ignore")
def d_from_partial_eta2(partial_eta2: Array, df_error: Array, n1: Array, n2: Array) -> Array:
    """Return the size of Cohen's d from (partial) eta squared of two independent groups.

    Parameters
    ----------
    partial_eta2 : array, shape (k,)
        Share of variance, at least 0 and below 1; with no other term in the model it is plain eta squared.
    df_error : array, shape (k,)
        Degrees of freedom of the error term: n1 + n2 - 2 with no other term in the model.
    n1, n2 : array, shape (k,)
        People per arm.

    Returns
    -------
    array, shape (k,)
        Not negative. With other terms in the model, d is in standard deviations of the error.

    Notes
    -----
    By definition partial eta squared is F / (F + df_error) for an effect with 1 degree of freedom.
    """
    eta2, df_error, n1, n2 = floats(partial_eta2, df_error, n1, n2)
    usable = (eta2 >= 0) & (eta2 < 1) & (df_error > 0)
    return one_where(usable, d_from_f(df_error * eta2 / (1 - eta2), n1, n2))


@np.errstate(all="ignore")
def d_from_eta2(eta2: Array, n1: Array, n2: Array) -> Array:
    """Return the size of Cohen's d from eta squared of two independent groups.

    Parameters
    ----------
    eta2 : array, shape (k,)
        Share of variance, at least 0 and below 1.
    n1, n2 : array, shape (k,)
        People per arm.

    Returns
    -------
    array, shape (k,)
        Not negative.
    """
    eta2, n1, n2 = floats(eta2, n1, n2)
    return d_from_partial_eta2(eta2, n1 + n2 - 2, n1, n2)
