"""Cohen's d and its variance from analyses of covariance of two independent groups.

`r_covariate` is the correlation between the outcome and the covariate within arms, or the multiple
correlation with several covariates. All d are in unadjusted standard deviations.
"""

from __future__ import annotations

import numpy as np

from repool.effects.conversions.guards import Array, floats, one_where, where
from repool.effects.conversions.statistics_to_d import d_from_t
from repool.effects.measures.measure import hedges_correction


@np.errstate(all="ignore")
def d_from_adjusted_means(mean1: Array, mean2: Array, sd: Array) -> Array:
    """Return Cohen's d from means that were adjusted for covariates.

    Parameters
    ----------
    mean1, mean2 : array, shape (k,)
        Adjusted means per arm.
    sd : array, shape (k,)
        Pooled unadjusted standard deviation.

    Returns
    -------
    array, shape (k,)
    """
    mean1, mean2, sd = floats(mean1, mean2, sd)
    return one_where(sd > 0, (mean1 - mean2) / sd)


@np.errstate(all="ignore")
def d_from_ancova_t(t: Array, n1: Array, n2: Array, *, r_covariate: Array) -> Array:
    """Return Cohen's d from the t statistic of the arm in an analysis of covariance.

    Parameters
    ----------
    t : array, shape (k,)
        Statistic, positive where arm 1 has the higher adjusted mean.
    n1, n2 : array, shape (k,)
        People per arm.
    r_covariate : array, shape (k,)
        Correlation between outcome and covariate within arms.

    Returns
    -------
    array, shape (k,)

    Notes
    -----
    Borenstein (2009), table 12.3: d = t * sqrt(1/n1 + 1/n2) * sqrt(1 - R^2). Arms that differ in their
    covariate means have a slightly larger standard error than this takes for granted.
    """
    t, n1, n2, r = floats(t, n1, n2, r_covariate)
    return one_where(np.abs(r) < 1, d_from_t(t, n1, n2) * np.sqrt(1 - r**2))


@np.errstate(all="ignore")
def variance_of_adjusted_d(d: Array, n1: Array, n2: Array, *, r_covariate: Array) -> Array:
    """Return the variance of a Cohen's d that was adjusted for covariates.

    Parameters
    ----------
    d : array, shape (k,)
        Adjusted mean difference in unadjusted standard deviations.
    n1, n2 : array, shape (k,)
        People per arm.
    r_covariate : array, shape (k,)
        Correlation between outcome and covariate within arms.

    Returns
    -------
    array, shape (k,)

    Notes
    -----
    Borenstein (2009), table 12.3: (1/n1 + 1/n2) (1 - R^2) + d^2 / (2 (n1 + n2)).
    """
    d, n1, n2, r = floats(d, n1, n2, r_covariate)
    usable = (n1 > 0) & (n2 > 0) & (np.abs(r) < 1)
    return one_where(usable, (1 / n1 + 1 / n2) * (1 - r**2) + d**2 / (2 * (n1 + n2)))


@np.errstate(all="ignore")
def g_from_adjusted_d(
    d: Array, n1: Array, n2: Array, *, r_covariate: Array, n_covariates: Array
) -> tuple[Array, Array]:
    """Return Hedges' g of an adjusted comparison, and its variance.

    Parameters
    ----------
    d : array, shape (k,)
        Adjusted mean difference in unadjusted standard deviations.
    n1, n2 : array, shape (k,)
        People per arm.
    r_covariate : array, shape (k,)
        Correlation between outcome and covariate within arms.
    n_covariates : array, shape (k,)
        Covariates in the model, at least 0.

    Returns
    -------
    yi, vi : array, shape (k,)

    Notes
    -----
    Borenstein (2009), table 12.3, with n1 + n2 - 2 - n_covariates degrees of freedom in the small-sample
    factor, and g in the variance as in Hedges (1982): without covariates this is vtype LS.
    """
    d, n1, n2, r, q = floats(d, n1, n2, r_covariate, n_covariates)
    g = hedges_correction(n1 + n2 - 2 - q) * d
    return where(q >= 0, g, variance_of_adjusted_d(g, n1, n2, r_covariate=r))
