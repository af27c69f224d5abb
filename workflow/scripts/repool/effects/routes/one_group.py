"""Routes of single groups: proportions, rates, means, and their own past."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from repool.effects.conversions import changes, intervals, tables
from repool.effects.routes.tools import (
    Array,
    Choices,
    Found,
    correlation,
    flag,
    interval_is_normal,
    numbers,
    percents_of_people,
    words,
)

if TYPE_CHECKING:
    import pandas as pd


#: Measures of change that do not divide by the standard deviation of one of the two measurements.
_EITHER_SD = ("MC", "SMCC", "SMCRP", "SMCRPH", "ROMC", "VRC", "CVRC")


def _size(rows: pd.DataFrame) -> tuple[Array, list[Array]]:
    """Return the size of the group: printed, or the total of a study with one group."""
    n, total, arms, follow_up = numbers(rows, "n_arm1", "n_total", "n_total_arms", "followup_percent")
    from_total = ~np.isfinite(n) & (arms == 1)
    lost = from_total & np.isfinite(follow_up)
    people = np.where(from_total, total * np.where(lost, follow_up / 100, 1.0), n)
    people = np.where(words(rows, "n_total_basis") == "other_unit", np.nan, people)
    basis = np.isin(words(rows, "n_total_basis"), ["randomised", "enrolled"])
    # ASSUME all_randomised_counted
    return people, [flag(rows, "all_randomised_counted", from_total & ~lost & basis)]


def _counts_people(rows: pd.DataFrame) -> Array:
    return words(rows, "n_total_basis") != "other_unit"


def single_count(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take the count of a single group."""
    events, n = numbers(rows, "events_arm1", "n_arm1")
    return _proportion(rows, events, n)


def _proportion(rows: pd.DataFrame, events: Array, n: Array, **more: object) -> Found:
    missing = np.full(len(rows), np.nan)
    return Found(
        family="proportion", inputs={"events": events, "n": n},
        **({"usable": _counts_people(rows), "people": (n, missing), "events": (events, missing)} | more),
    )  # fmt: skip


def single_percent(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take the percent of a single group with its size, or with the size of the study."""
    percent, events, printed, total, arms = numbers(
        rows, "percent_arm1", "events_arm1", "n_arm1", "n_total", "n_total_arms"
    )
    # A percent with a total is of that total: follow-up does not shrink it.
    from_total = ~np.isfinite(printed) & (arms == 1)
    n = np.where(from_total, total, printed)
    _, fewest, most = tables.counts_from_percent(percent, n, decimals=tables.decimals_of(percent))
    followed = np.isin(words(rows, "n_total_basis"), ["analysed"])
    # ASSUME counts_from_percent
    return _proportion(
        rows, np.round(percent / 100 * n), n,
        usable=percents_of_people(rows) & _counts_people(rows) & ~np.isfinite(events),
        assumptions=[flag(rows, "counts_from_percent"), flag(rows, "all_randomised_counted", from_total & ~followed)],
        others=[{"events": fewest}, {"events": most}], left_open=flag(rows, "rounded percents", fewest < most),
    )  # fmt: skip


def single_rate(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take events and person-time of a single group."""
    events, person_time, n = numbers(rows, "events_arm1", "person_time_arm1", "n_arm1")
    missing = np.full(len(rows), np.nan)
    return Found(
        family="rate", inputs={"events": events, "person_time": person_time}, usable=np.ones(len(rows), bool),
        people=(n, missing), events=(events, missing),
    )  # fmt: skip


def single_mean(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take mean and standard deviation of a single group."""
    mean, sd = numbers(rows, "mean_arm1", "sd_arm1")
    n, assumed = _size(rows)
    return Found(
        family="mean", inputs={"mean": mean, "sd": sd, "n": n}, usable=np.isfinite(n), assumptions=assumed,
        people=(n, np.full(len(rows), np.nan)),
    )  # fmt: skip


def single_pre_post(rows: pd.DataFrame, choices: Choices) -> list[Found]:
    """Take means before and after in a single group; the effect is after minus before."""
    pre, pre_sd, mean, sd = numbers(rows, "pre_mean_arm1", "pre_sd_arm1", "mean_arm1", "sd_arm1")
    n, assumed = _size(rows)
    r, declared = correlation(rows, choices)
    first, second = {"mean_first": mean, "sd_first": sd}, {"mean_second": pre, "sd_second": pre_sd}
    shared = {"usable": np.isfinite(n), "assumptions": [*assumed, *declared], "people": (n, np.full(len(rows), np.nan))}
    # The measures in the SD of one measurement take that of the first; here it is to be that of the baseline.
    by_baseline = first | second | {"sd_first": pre_sd, "sd_second": sd}
    return [
        Found(family="change", inputs=by_baseline | {"n": n, "r": r}, only=("SMCR", "SMCRH"), **shared),
        Found(family="change", inputs=first | second | {"n": n, "r": r}, only=_EITHER_SD, **shared),
    ]


def single_change(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take the mean change of a single group with any measure of its spread."""
    change, sd, se, t, p = numbers(
        rows, "mean_change_arm1", "sd_change_arm1", "se_arm1", "t_change_arm1", "p_change_arm1"
    )
    low, high, level = numbers(rows, "ci_lb_arm1", "ci_ub_arm1", "ci_level")
    n, assumed = _size(rows)
    by_spread = [
        intervals.sd_from_se(se, n),
        intervals.sd_from_interval(low, high, np.where(interval_is_normal(rows), level, np.nan), n),
        changes.sd_change_from_t(change, t, n),
        changes.sd_change_from_p(change, p, n, tails=2.0),
    ]
    for other in by_spread:
        sd = np.where(np.isfinite(sd), sd, other)
    # With no correlation, and no spread before, the SD of the change is that of the first measurement.
    inputs = {"mean_first": change, "sd_first": sd, "mean_second": 0.0 * change, "sd_second": 0.0 * sd, "n": n}
    people = (n, np.full(len(rows), np.nan))
    return Found(
        family="change", inputs=inputs | {"r": 0.0 * change}, usable=np.isfinite(n), assumptions=assumed, people=people,
        only=("MC", "SMCC"),
    )  # fmt: skip


def single_d(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take a printed standardised mean change of a single group, standardised by the baseline."""
    (d,) = numbers(rows, "estimate")
    n, assumed = _size(rows)
    r, declared = correlation(rows, choices)
    # A change of d in units of a standard deviation of 1.
    ones, zeros = np.ones(len(rows)), np.zeros(len(rows))
    inputs = {"mean_first": d, "sd_first": ones, "mean_second": zeros, "sd_second": ones, "n": n, "r": r}
    # ASSUME baseline_sd_standardises
    return Found(
        family="change", inputs=inputs, usable=np.isfinite(n), only=("SMCR",),
        assumptions=[*assumed, *declared, flag(rows, "baseline_sd_standardises")],
        people=(n, np.full(len(rows), np.nan)),
    )  # fmt: skip
