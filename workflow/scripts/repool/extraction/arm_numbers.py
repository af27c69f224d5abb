"""Numbers of arms: several arms as one group, and one arm as equal parts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

Row = Mapping[str, Any]

#: Numbers of an arm that count people or time: parts add up to the whole.
COUNTS = ("n", "events", "person_time")
#: Pairs of a mean and its standard deviation.
MEANS = (("mean", "sd"), ("mean_change", "sd_change"), ("pre_mean", "pre_sd"))
#: Numbers of an arm that stay true of an equal part of it.
_STAYS = ("percent", "rate", "mean", "sd", "median", "q1", "q3", "mean_change", "sd_change", "pre_mean", "pre_sd")
#: Numbers of an arm in a row of the extraction, without the suffix of the arm.
ARM_COLUMNS = (
    *("n", "events", "percent", "rate", "person_time", "mean", "sd", "se", "ci_lb", "ci_ub", "median", "q1", "q3"),
    *("min", "max", "mean_change", "sd_change", "t_change", "p_change", "pre_mean", "pre_sd"),
)


def combined_mean(n: Sequence[float], mean: Sequence[float], sd: Sequence[float]) -> tuple[float, float, float]:
    """Return size, mean and standard deviation of several groups taken as one.

    Parameters
    ----------
    n, mean, sd : sequence of float
        Size in people, mean and standard deviation (n - 1) of each group.

    Returns
    -------
    tuple of float
        n, mean and sd of all people together; NaN for all three where a number is missing or impossible.

    Notes
    -----
    Exact: the sum of squares within groups plus that between them; for two groups it is the formula of the Cochrane
    Handbook (version 6, section 6.5.2.10, table 6.5.a).
    """
    sizes, places, spreads = (np.asarray(values, dtype=float) for values in (n, mean, sd))
    with np.errstate(all="ignore"):
        people = sizes.sum()
        centre = (sizes * places).sum() / people
        within = ((sizes - 1) * spreads**2).sum()
        between = (sizes * (places - centre) ** 2).sum()
        deviation = np.sqrt((within + between) / (people - 1))
    possible = (sizes > 0).all() and (spreads >= 0).all() and people > 1
    if not possible or not np.isfinite([people, centre, deviation]).all():
        return (math.nan, math.nan, math.nan)
    return float(people), float(centre), float(deviation)


def part_of_arm(arm: Row, parts: int) -> dict[str, float | None]:
    """Return the numbers of one of several equal parts of an arm.

    Parameters
    ----------
    arm : mapping
        `ARM_COLUMNS` -> number or None.
    parts : int
        Number of parts.

    Returns
    -------
    dict
        The same columns. People, events and person-time are divided; means, standard deviations, percents and
        rates stay; a standard error grows by the root of the number of parts. What cannot be divided (limits,
        extremes, tests within the arm) is blank.

    Notes
    -----
    Cochrane Handbook (version 6, section 23.3.4): "split the shared group".
    """
    if parts == 1:
        return {name: arm.get(name) for name in ARM_COLUMNS}
    part: dict[str, float | None] = dict.fromkeys(ARM_COLUMNS)
    part |= {name: arm[name] for name in _STAYS if arm.get(name) is not None}
    part |= {name: arm[name] / parts for name in COUNTS if arm.get(name) is not None}
    if arm.get("se") is not None:
        part["se"] = arm["se"] * math.sqrt(parts)
    return part


def combined_arm(arms: Sequence[Row]) -> dict[str, float | None]:
    """Return the numbers of several arms taken as one group, as far as each of them prints what is needed.

    Parameters
    ----------
    arms : sequence of mapping
        `ARM_COLUMNS` -> number or None, one mapping per arm.

    Returns
    -------
    dict
        The same columns: counts summed, means and standard deviations by `combined_mean` (a standard deviation that
        is not printed is taken from the standard error), percents and rates weighted by people and person-time.
        Blank where an arm lacks what is needed.
    """
    group: dict[str, float | None] = dict.fromkeys(ARM_COLUMNS)
    for name in COUNTS:
        group[name] = _sum([arm.get(name) for arm in arms])
    group["percent"] = _weighted(arms, "percent", "n")
    group["rate"] = _weighted(arms, "rate", "person_time")
    for mean, sd in MEANS:
        spread = [_sd(arm, sd) for arm in arms]
        columns = [arm.get("n") for arm in arms], [arm.get(mean) for arm in arms], spread
        if all(value is not None for column in columns for value in column):
            _, centre, deviation = combined_mean(*columns)
            group |= {mean: _or_none(centre), sd: _or_none(deviation)}
    return group


def _sd(arm: Row, name: str) -> float | None:
    """Return a printed standard deviation, or that of the standard error of the mean: se x root of n."""
    if arm.get(name) is not None:
        return arm[name]
    # The column `se` belongs to the mean, or to the mean change where no mean is printed.
    owner = "sd" if arm.get("mean") is not None else "sd_change"
    if name != owner or arm.get("se") is None or arm.get("n") is None:
        return None
    return arm["se"] * math.sqrt(arm["n"])


def _sum(values: Iterable[float | None]) -> float | None:
    values = list(values)
    return None if any(value is None for value in values) else math.fsum(values)


def _weighted(arms: Sequence[Row], name: str, weight: str) -> float | None:
    total = _sum([arm.get(weight) for arm in arms])
    if not total or any(arm.get(name) is None for arm in arms):
        return None
    return math.fsum(arm[name] * arm[weight] for arm in arms) / total


def _or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None
