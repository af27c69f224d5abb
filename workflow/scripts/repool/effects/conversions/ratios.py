"""Between odds ratio, risk ratio and risk difference at a given risk in arm 2.

Effects are on the analysis scale: natural logarithm for the ratios. `baseline_risk` is the risk in arm 2,
taken as known: its own uncertainty is not in the variances.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logit

from repool.effects.conversions.guards import Array, floats, one_where, where

#: log odds ratio, log risk ratio, risk difference.
MEASURES = ("OR", "RR", "RD")


def _check(measure: str) -> None:
    """Refuse a measure that is none of the three."""
    if measure not in MEASURES:
        raise ValueError(f"measure is {measure!r}; must be one of {', '.join(MEASURES)}")


@np.errstate(all="ignore")
def risk_arm1(yi: Array, baseline_risk: Array, *, measure: str) -> Array:
    """Return the risk in arm 1 that an effect and the risk in arm 2 imply.

    Parameters
    ----------
    yi : array, shape (k,)
        Log odds ratio, log risk ratio or risk difference.
    baseline_risk : array, shape (k,)
        Risk in arm 2, between 0 and 1, both excluded.
    measure : {"OR", "RR", "RD"}

    Returns
    -------
    array, shape (k,)
        NaN where it would not lie between 0 and 1: then effect and baseline risk contradict each other.

    Raises
    ------
    ValueError
        When `measure` is another word.
    """
    _check(measure)
    yi, p2 = floats(yi, baseline_risk)
    p1 = {"OR": lambda: expit(logit(p2) + yi), "RR": lambda: p2 * np.exp(yi), "RD": lambda: p2 + yi}[measure]()
    return one_where((p2 > 0) & (p2 < 1) & (p1 > 0) & (p1 < 1), p1)


@np.errstate(all="ignore")
def effect_at_baseline(yi: Array, baseline_risk: Array, *, from_measure: str, to_measure: str) -> Array:
    """Return an effect, or a limit of its interval, on another scale at a given baseline risk.

    Parameters
    ----------
    yi : array, shape (k,)
        Effect or limit on the analysis scale of `from_measure`.
    baseline_risk : array, shape (k,)
        Risk in arm 2, between 0 and 1, both excluded.
    from_measure, to_measure : {"OR", "RR", "RD"}

    Returns
    -------
    array, shape (k,)
        On the analysis scale of `to_measure`. The conversion rises with yi, so limits keep their order.

    Raises
    ------
    ValueError
        When a measure is another word.

    Notes
    -----
    Zhang & Yu (1998), JAMA 280:1690-1691, RR = OR / (1 - p2 + p2 OR), and its relatives (Grant 2014,
    BMJ 348:f7450). For crude odds ratios this is exact; for adjusted ones it is an approximation, and
    converted limits are the better the nearer p2 is to the covariate-adjusted risk (Shrier & Steele 2006,
    Int J Epidemiol 35:1592-1594).
    """
    _check(to_measure)
    yi, p2 = floats(yi, baseline_risk)
    p1 = risk_arm1(yi, p2, measure=from_measure)
    if from_measure == to_measure:
        return one_where(np.isfinite(p1), yi)
    target = {"OR": lambda: logit(p1) - logit(p2), "RR": lambda: np.log(p1 / p2), "RD": lambda: p1 - p2}[to_measure]()
    return one_where(np.isfinite(p1), target)


@np.errstate(all="ignore")
def effect_and_variance_at_baseline(
    yi: Array, vi: Array, baseline_risk: Array, *, from_measure: str, to_measure: str
) -> tuple[Array, Array]:
    """Return an effect and its variance on another scale at a given baseline risk.

    Parameters
    ----------
    yi, vi : array, shape (k,)
        Effect on the analysis scale of `from_measure`, and its variance.
    baseline_risk : array, shape (k,)
        Risk in arm 2, between 0 and 1, both excluded.
    from_measure, to_measure : {"OR", "RR", "RD"}

    Returns
    -------
    yi, vi : array, shape (k,)

    Raises
    ------
    ValueError
        When a measure is another word.

    Notes
    -----
    Delta method with the baseline risk fixed: with p1 the risk in arm 1, a log odds ratio moves p1 by
    p1 (1 - p1), a log risk ratio by p1, a risk difference by 1.
    """
    yi, vi, p2 = floats(yi, vi, baseline_risk)
    converted = effect_at_baseline(yi, p2, from_measure=from_measure, to_measure=to_measure)
    p1 = risk_arm1(yi, p2, measure=from_measure)
    slope = {"OR": p1 * (1 - p1), "RR": p1, "RD": np.ones_like(p1)}
    return where(vi > 0, converted, vi * (slope[from_measure] / slope[to_measure]) ** 2)
