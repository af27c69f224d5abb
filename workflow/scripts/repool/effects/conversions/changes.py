"""Changes from before to after, within people and between arms."""

from __future__ import annotations

import numpy as np

from repool.effects.conversions.guards import Array, floats, one_where, where
from repool.effects.conversions.intervals import sd_from_se, se_from_z
from repool.effects.conversions.statistics_to_d import t_from_p
from repool.effects.measures.measure import hedges_correction


@np.errstate(all="ignore")
def sd_change_from_t(mean_change: Array, t: Array, n: Array) -> Array:
    """Return the standard deviation of changes from the paired t statistic.

    Parameters
    ----------
    mean_change : array, shape (k,)
        Mean of the changes; the sign does not matter.
    t : array, shape (k,)
        Paired t statistic; the sign does not matter.
    n : array, shape (k,)
        People measured twice.

    Returns
    -------
    array, shape (k,)
        NaN where the mean change or t is 0.

    Notes
    -----
    Cochrane Handbook, section 6.5.2.8: SE = |mean change| / t, SD = SE * sqrt(n).
    """
    mean_change, t, n = floats(mean_change, t, n)
    return sd_from_se(se_from_z(mean_change, t), n)


@np.errstate(all="ignore")
def sd_change_from_p(mean_change: Array, p: Array, n: Array, *, tails: Array) -> Array:
    """Return the standard deviation of changes from the p-value of the paired t test.

    Parameters
    ----------
    mean_change : array, shape (k,)
        Mean of the changes; the sign does not matter.
    p : array, shape (k,)
        p-value.
    n : array, shape (k,)
        People measured twice.
    tails : array, shape (k,)
        Sides of the test, 1 or 2.

    Returns
    -------
    array, shape (k,)

    Notes
    -----
    Cochrane Handbook, section 6.5.2.8; t with n - 1 degrees of freedom.
    """
    mean_change, p, n, tails = floats(mean_change, p, n, tails)
    return sd_change_from_t(mean_change, t_from_p(p, n - 1, tails=tails), n)


@np.errstate(all="ignore")
def sd_change_from_sds(sd_pre: Array, sd_post: Array, r: Array) -> Array:
    """Return the standard deviation of changes from those before and after and their correlation.

    Parameters
    ----------
    sd_pre, sd_post : array, shape (k,)
        Standard deviations before and after.
    r : array, shape (k,)
        Correlation between before and after, from -1 to 1.

    Returns
    -------
    array, shape (k,)

    Notes
    -----
    Cochrane Handbook, section 6.5.2.8: the variance of a difference.
    """
    sd_pre, sd_post, r = floats(sd_pre, sd_post, r)
    usable = (sd_pre >= 0) & (sd_post >= 0) & (np.abs(r) <= 1)
    # The same as sd_pre^2 + sd_post^2 - 2 r sd_pre sd_post, but never below 0 by rounding.
    return one_where(usable, np.sqrt((sd_pre - sd_post) ** 2 + 2 * (1 - r) * sd_pre * sd_post))


@np.errstate(all="ignore")
def standardised_change(mean_pre: Array, mean_post: Array, sd_pre: Array, n: Array, r: Array) -> tuple[Array, Array]:
    """Return one arm's mean change in standard deviations of its baseline, and its variance.

    Parameters
    ----------
    mean_pre, mean_post : array, shape (k,)
        Means before and after.
    sd_pre : array, shape (k,)
        Standard deviation before.
    n : array, shape (k,)
        People measured twice.
    r : array, shape (k,)
        Correlation between before and after, above -1 and below 1.

    Returns
    -------
    yi, vi : array, shape (k,)
        Positive where the mean rose.

    Notes
    -----
    Becker (1988), Br J Math Stat Psychol 41:257-278: vi = 2 (1 - r) / n + yi^2 / (2 n); the
    small-sample factor has n - 1 degrees of freedom.
    """
    mean_pre, mean_post, sd_pre, n, r = floats(mean_pre, mean_post, sd_pre, n, r)
    yi = hedges_correction(n - 1) * (mean_post - mean_pre) / sd_pre
    return where((sd_pre > 0) & (np.abs(r) < 1), yi, 2 * (1 - r) / n + yi**2 / (2 * n))


@np.errstate(all="ignore")
def difference_of_changes(yi_arm1: Array, vi_arm1: Array, yi_arm2: Array, vi_arm2: Array) -> tuple[Array, Array]:
    """Return the difference of two arms' standardised changes, and its variance.

    Parameters
    ----------
    yi_arm1, vi_arm1, yi_arm2, vi_arm2 : array, shape (k,)
        What `standardised_change` returns for each arm.

    Returns
    -------
    yi, vi : array, shape (k,)
        Positive where arm 1 rose more.

    Notes
    -----
    Becker (1988): the arms are independent, so the variances add up.
    """
    yi_arm1, vi_arm1, yi_arm2, vi_arm2 = floats(yi_arm1, vi_arm1, yi_arm2, vi_arm2)
    return where((vi_arm1 > 0) & (vi_arm2 > 0), yi_arm1 - yi_arm2, vi_arm1 + vi_arm2)
