"""What a relative effect means for people: risks and differences at an assumed baseline risk."""

from __future__ import annotations

import math
from collections.abc import Iterable
from statistics import median

#: Measures that give a risk from a baseline risk; a rate ratio speaks of events in time, which has no risk of its own.
WITH_RISK = frozenset({"OR", "PETO", "RR", "RD", "HR"})


def risk_with(effect: float, baseline: float, *, measure: str) -> float:
    """Return the risk in arm 1 that an effect gives at the risk of arm 2.

    Parameters
    ----------
    effect : float
        On the analysis scale: a natural logarithm for OR, PETO, RR and HR, a difference of risks for RD. May be
        infinite: an end of an interval without a bound.
    baseline : float
        Assumed risk in arm 2, from 0 to 1.
    measure : str
        Of `WITH_RISK`.

    Returns
    -------
    float
        From 0 to 1. A risk ratio or difference can point beyond that; then it is the bound, see `is_beyond`.

    Raises
    ------
    ValueError
        If the baseline is no risk, or the measure gives none.

    Notes
    -----
    Cochrane Handbook 5.1, 12.5.4.2 and 12.5.4.3: RR p0, and OR p0 / (1 - p0 + OR p0). For a hazard ratio the share
    without an event in arm 1 is that of arm 2 to the power of the hazard ratio (proportional hazards).
    """
    return min(1.0, max(0.0, _unbounded(effect, baseline, measure)))


def is_beyond(effect: float, baseline: float, *, measure: str) -> bool:
    """Return whether an effect gives no possible risk at a baseline risk (see `risk_with`)."""
    found = _unbounded(effect, baseline, measure)
    return not 0 <= found <= 1


def _unbounded(effect: float, baseline: float, measure: str) -> float:
    if not 0 <= baseline <= 1:
        raise ValueError(f"a baseline risk lies from 0 to 1, not at {baseline}")
    if measure not in WITH_RISK:
        raise ValueError(f"{measure} gives no risk")
    if measure == "RD":
        return baseline + effect
    # No trial sees a risk of exactly 0 or 1 move by a ratio: 0 stays 0, and by an odds or hazard ratio 1 stays 1.
    if baseline == 0 or (baseline == 1 and measure != "RR"):
        return baseline
    if measure == "RR":
        return _exp(math.log(baseline) + effect)
    if measure == "HR":
        return -math.expm1(math.log1p(-baseline) * _exp(effect))
    # On log odds no large odds ratio overflows.
    log_odds = effect + math.log(baseline) - math.log1p(-baseline)
    return 1 / (1 + _exp(-log_odds))


def _exp(value: float) -> float:
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf


def median_risk(counts: Iterable[tuple[float, float]]) -> float | None:
    """Return the median of the risks of several groups, None where there is no group.

    Parameters
    ----------
    counts : iterable of tuple of float
        Pairs of events and people.

    Returns
    -------
    float or None
        From 0 to 1; groups without people are left out.

    Notes
    -----
    The median risk of the comparison groups is what the Cochrane Handbook 5.1, 12.5.4.4, calls reasonable where no
    better baseline is known.
    """
    risks = [events / people for events, people in counts if people > 0]
    return median(risks) if risks else None
