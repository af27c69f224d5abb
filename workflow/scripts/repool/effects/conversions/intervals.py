"""Standard errors and standard deviations from intervals, p-values and test statistics."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from repool.effects.conversions.guards import Array, floats, one_where, t_quantile, tail_of_level, tail_of_p


@np.errstate(all="ignore")
def se_from_interval(lower: Array, upper: Array, level_percent: Array) -> Array:
    """Return the standard error from a normal interval on the analysis scale.

    Parameters
    ----------
    lower, upper : array, shape (k,)
        Limits, on the log scale for ratios.
    level_percent : array, shape (k,)
        Level of the interval, in percent.

    Returns
    -------
    array, shape (k,)
        NaN where the interval has no width or its limits are swapped.

    Notes
    -----
    Cochrane Handbook, section 6.3: width divided by twice the normal quantile.
    """
    lower, upper, level_percent = floats(lower, upper, level_percent)
    return one_where(upper > lower, (upper - lower) / (-2 * ndtri(tail_of_level(level_percent))))


@np.errstate(all="ignore")
def se_from_t_interval(lower: Array, upper: Array, level_percent: Array, df: Array) -> Array:
    """Return the standard error from an interval that was made with the t distribution.

    Parameters
    ----------
    lower, upper : array, shape (k,)
        Limits, on the analysis scale.
    level_percent : array, shape (k,)
        Level of the interval, in percent.
    df : array, shape (k,)
        Degrees of freedom of the t distribution.

    Returns
    -------
    array, shape (k,)
        NaN where the interval has no width or its limits are swapped.

    Notes
    -----
    Cochrane Handbook, section 6.5.2.3.
    """
    lower, upper, level_percent, df = floats(lower, upper, level_percent, df)
    return one_where(upper > lower, (upper - lower) / (2 * t_quantile(tail_of_level(level_percent), df)))


@np.errstate(all="ignore")
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

    Returns
    -------
    array, shape (k,)
        NaN where the effect is 0 or z is not positive.

    Notes
    -----
    Cochrane Handbook, section 6.3.2: SE = |yi| / z(p).
    """
    yi, p, tails = floats(yi, p, tails)
    z = -ndtri(tail_of_p(p, tails))
    return one_where((z > 0) & (yi != 0), np.abs(yi) / z)


@np.errstate(all="ignore")
def se_from_z(yi: Array, z: Array) -> Array:
    """Return the standard error of an effect from its Wald statistic.

    Parameters
    ----------
    yi : array, shape (k,)
        Effect on the analysis scale.
    z : array, shape (k,)
        Wald statistic; its sign is ignored, since papers often print it without.

    Returns
    -------
    array, shape (k,)
        NaN where the effect or z is 0.
    """
    yi, z = floats(yi, z)
    return one_where((yi != 0) & (z != 0), np.abs(yi / z))


@np.errstate(all="ignore")
def sd_from_se(se: Array, n: Array) -> Array:
    """Return the standard deviation of one arm from the standard error of its mean.

    Parameters
    ----------
    se : array, shape (k,)
        Standard error, in the unit of the outcome.
    n : array, shape (k,)
        People.

    Returns
    -------
    array, shape (k,)

    Notes
    -----
    Cochrane Handbook, section 6.5.2.2: SD = SE * sqrt(n).
    """
    se, n = floats(se, n)
    return one_where((se > 0) & (n > 0), se * np.sqrt(n))


@np.errstate(all="ignore")
def sd_from_interval(lower: Array, upper: Array, level_percent: Array, n: Array) -> Array:
    """Return the standard deviation of one arm from the interval of its mean.

    Parameters
    ----------
    lower, upper : array, shape (k,)
        Limits of the mean, in the unit of the outcome.
    level_percent : array, shape (k,)
        Level of the interval, in percent.
    n : array, shape (k,)
        People, at least 2.

    Returns
    -------
    array, shape (k,)

    Notes
    -----
    Cochrane Handbook, section 6.5.2.2, which lets a normal quantile stand in for t in large samples.
    Here it is always t with n - 1 degrees of freedom: no jump at a sample size, and at n = 60 the two
    differ by 2 %.
    """
    lower, upper, level_percent, n = floats(lower, upper, level_percent, n)
    return sd_from_se(se_from_t_interval(lower, upper, level_percent, n - 1), n)


@np.errstate(all="ignore")
def sd_pooled_from_difference_se(se: Array, n1: Array, n2: Array) -> Array:
    """Return the standard deviation both arms share from the standard error of their mean difference.

    Parameters
    ----------
    se : array, shape (k,)
        Standard error of the difference between two independent means.
    n1, n2 : array, shape (k,)
        People per arm.

    Returns
    -------
    array, shape (k,)

    Notes
    -----
    Cochrane Handbook, section 6.5.2.3: SD = SE / sqrt(1/n1 + 1/n2).
    """
    se, n1, n2 = floats(se, n1, n2)
    return one_where((se > 0) & (n1 > 0) & (n2 > 0), se / np.sqrt(1 / n1 + 1 / n2))


@np.errstate(all="ignore")
def pooled_sd(sd1: Array, n1: Array, sd2: Array, n2: Array) -> Array:
    """Return the pooled standard deviation of two arms.

    Parameters
    ----------
    sd1, sd2 : array, shape (k,)
        Standard deviations per arm.
    n1, n2 : array, shape (k,)
        People per arm.

    Returns
    -------
    array, shape (k,)
        Root of the variances' mean, weighted by their degrees of freedom.
    """
    sd1, n1, sd2, n2 = floats(sd1, n1, sd2, n2)
    usable = (sd1 >= 0) & (sd2 >= 0) & (n1 >= 1) & (n2 >= 1) & (n1 + n2 > 2)
    return one_where(usable, np.sqrt(((n1 - 1) * sd1**2 + (n2 - 1) * sd2**2) / (n1 + n2 - 2)))
