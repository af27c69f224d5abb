"""Measures of events per person-time, in two arms or in one group."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from repool.effects.measures.measure import Array, Measure

Pair = tuple[Array, Array]


def log_rate_ratio(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the log incidence rate ratio and its variance (Rothman et al. 2008)."""
    yi = np.log(x.events_arm1 / x.person_time_arm1) - np.log(x.events_arm2 / x.person_time_arm2)
    return yi, 1 / x.events_arm1 + 1 / x.events_arm2


def rate_difference(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the incidence rate difference and its variance (Rothman et al. 2008)."""
    rate1, rate2 = x.events_arm1 / x.person_time_arm1, x.events_arm2 / x.person_time_arm2
    return rate1 - rate2, rate1 / x.person_time_arm1 + rate2 / x.person_time_arm2


def root_rate_difference(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the difference of the root rates and its variance (Bagos and Nikolopoulos 2009)."""
    yi = np.sqrt(x.events_arm1 / x.person_time_arm1) - np.sqrt(x.events_arm2 / x.person_time_arm2)
    return yi, 1 / (4 * x.person_time_arm1) + 1 / (4 * x.person_time_arm2)


def rate(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the rate and its Poisson variance."""
    yi = x.events / x.person_time
    return yi, yi / x.person_time


def log_rate(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the log rate and its variance, by the delta method."""
    return np.log(x.events / x.person_time), 1 / x.events


def root_rate(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the root rate and its variance, which does not depend on the rate."""
    return np.sqrt(x.events / x.person_time), 1 / (4 * x.person_time)


def freeman_tukey_rate(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the double root rate and its variance (Freeman and Tukey 1950)."""
    yi = (np.sqrt(x.events / x.person_time) + np.sqrt((x.events + 1) / x.person_time)) / 2
    return yi, 1 / (4 * x.person_time)


def _rate(name: str, title: str, function, *, family: str, scale: str, source: str, corrected: bool) -> Measure:
    """Return a measure of rates; events per time have no other way round."""
    arms = ("events_arm1", "person_time_arm1", "events_arm2", "person_time_arm2")
    inputs = arms if family == "person_time" else ("events", "person_time")
    call = f'escalc("{name}")'
    return Measure(name, title, family, inputs, ("LS",), scale, "no", source, call, function, corrected)


_ROTHMAN, _FREEMAN = "Rothman et al. (2008)", "Freeman and Tukey (1950)"
_TWO, _ONE = {"family": "person_time"}, {"family": "rate"}

MEASURES = (
    _rate("IRR", "log rate ratio", log_rate_ratio, **_TWO, scale="log", source=_ROTHMAN, corrected=True),
    _rate("IRD", "rate difference", rate_difference, **_TWO, scale="plain", source=_ROTHMAN, corrected=True),
    _rate(
        "IRSD",
        "difference of root rates",
        root_rate_difference,
        **_TWO,
        scale="sqrt",
        source="Bagos and Nikolopoulos (2009)",
        corrected=False,
    ),
    _rate("IR", "rate", rate, **_ONE, scale="plain", source="Poisson variance", corrected=True),
    _rate("IRLN", "log rate", log_rate, **_ONE, scale="log", source="delta method", corrected=True),
    _rate("IRS", "root rate", root_rate, **_ONE, scale="sqrt", source=_FREEMAN, corrected=False),
    _rate(
        "IRFT",
        "Freeman-Tukey rate",
        freeman_tukey_rate,
        **_ONE,
        scale="freeman_tukey",
        source=_FREEMAN,
        corrected=False,
    ),
)
