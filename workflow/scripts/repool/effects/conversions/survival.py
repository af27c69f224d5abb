"""Log hazard ratios and their variances from log-rank statistics, p-values and events.

`v` is the variance of the log-rank statistic O - E, the inverse of the variance of the log hazard ratio.
"""

from __future__ import annotations

import numpy as np

from repool.effects.conversions.guards import Array, floats, one_where, where


@np.errstate(all="ignore")
def log_hr_from_o_minus_e(o_minus_e: Array, v: Array) -> tuple[Array, Array]:
    """Return the log hazard ratio of a log-rank analysis, and its variance.

    Parameters
    ----------
    o_minus_e : array, shape (k,)
        Events observed minus expected in arm 1.
    v : array, shape (k,)
        Variance of the log-rank statistic.

    Returns
    -------
    yi, vi : array, shape (k,)
        Negative where arm 1 has fewer events than expected.

    Notes
    -----
    Peto's one-step estimate (Yusuf et al. 1985, Prog Cardiovasc Dis 27:335-371): yi = (O - E) / V, vi = 1 / V.
    """
    o_minus_e, v = floats(o_minus_e, v)
    return where(v > 0, o_minus_e / v, 1 / v)


@np.errstate(all="ignore")
def v_from_events_and_sizes(events_total: Array, n1: Array, n2: Array) -> Array:
    """Return the log-rank variance from all events and the number of people in each arm.

    Parameters
    ----------
    events_total : array, shape (k,)
        Events in both arms.
    n1, n2 : array, shape (k,)
        People randomised per arm, or their ratio.

    Returns
    -------
    array, shape (k,)

    Notes
    -----
    Parmar et al. (1998); Tierney et al. (2007): events * n1 * n2 / (n1 + n2)^2.
    """
    events_total, n1, n2 = floats(events_total, n1, n2)
    return one_where((events_total > 0) & (n1 > 0) & (n2 > 0), events_total * (n1 / (n1 + n2)) * (n2 / (n1 + n2)))
