"""Changes from before to after, within people and between arms."""

from __future__ import annotations

import numpy as np

from repool.effects.conversions.guards import Array, floats
from repool.effects.conversions.intervals import sd_from_se, se_from_z
from repool.effects.conversions.statistics_to_d import t_from_p


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
