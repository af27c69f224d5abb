"""Routes of means, medians and changes in two groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from repool.effects.conversions import adjusted, box_cox, changes, intervals, quantile_fits
from repool.effects.conversions import medians as quantiles
from repool.effects.measures.catalogue import effect_sizes
from repool.effects.routes.printed import given, se_of_tested_difference
from repool.effects.routes.printed_tests import is_plain
from repool.effects.routes.tools import (
    Array,
    Choices,
    Found,
    Sizes,
    both,
    compares_two_groups,
    correlation,
    flag,
    interval_is_normal,
    numbers,
    sizes,
    words,
)

if TYPE_CHECKING:
    import pandas as pd

#: Measures that two means with one common standard deviation can give.
_COMMON_SD = ("MD", "SMD", "D2ORL", "D2ORN", "RPB", "RBIS")


def _means(
    rows: pd.DataFrame, arms: Sizes, m1: Array, sd1: Array, m2: Array, sd2: Array, *assumptions: Array, **more: object
) -> Found:
    # ASSUME pairing_ignored
    paired = flag(rows, "pairing_ignored", words(rows, "paired") == "yes")
    return Found(
        family="means",
        inputs={
            "mean_arm1": m1, "sd_arm1": sd1, "n_arm1": arms.n1, "mean_arm2": m2, "sd_arm2": sd2, "n_arm2": arms.n2,
        },
        assumptions=[*arms.assumptions, paired, *assumptions],
        **({"usable": compares_two_groups(rows), "people": arms.people} | more),
    )  # fmt: skip


def means_and_sds(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take means and standard deviations of both arms."""
    m1, m2, sd1, sd2 = both(rows, "mean", "sd")
    return _means(rows, sizes(rows, choices), m1, sd1, m2, sd2)


def means_and_pooled_sd(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take means and one standard deviation for both arms."""
    m1, m2 = both(rows, "mean")
    (sd,) = numbers(rows, "sd_pooled")
    return _means(rows, sizes(rows, choices), m1, sd, m2, sd, only=_COMMON_SD)


def means_and_ses(rows: pd.DataFrame, choices: Choices) -> list[Found]:
    """Take means and their standard errors."""
    m1, m2, se1, se2 = both(rows, "mean", "se")
    arms = sizes(rows, choices)
    sd1, sd2 = intervals.sd_from_se(se1, arms.n1), intervals.sd_from_se(se2, arms.n2)
    return _from_errors(rows, arms, m1, sd1, m2, sd2)


def _from_errors(rows: pd.DataFrame, arms: Sizes, m1: Array, sd1: Array, m2: Array, sd2: Array) -> list[Found]:
    """Return means whose SDs come from standard errors; from adjusted ones follows the difference, but no SD."""
    two, plain = compares_two_groups(rows), is_plain(rows)
    difference, se = m1 - m2, np.hypot(sd1 / np.sqrt(arms.n1), sd2 / np.sqrt(arms.n2))
    return [
        _means(rows, arms, m1, sd1, m2, sd2, usable=two & plain),
        given(rows, "MD", difference, se, "SE", usable=two & ~plain, assumptions=arms.assumptions, people=arms.people),
    ]


def means_and_intervals(rows: pd.DataFrame, choices: Choices) -> list[Found]:
    """Take means and their intervals."""
    m1, m2, low1, low2, high1, high2 = both(rows, "mean", "ci_lb", "ci_ub")
    arms = sizes(rows, choices)
    sd1, sd2 = _sds_of_intervals(rows, low1, high1, low2, high2, arms.n1, arms.n2)
    return _from_errors(rows, arms, m1, sd1, m2, sd2)


def _sds_of_intervals(
    rows: pd.DataFrame, low1: Array, high1: Array, low2: Array, high2: Array, n1: Array, n2: Array
) -> tuple[Array, Array]:
    (level,) = numbers(rows, "ci_level")
    normal = np.where(interval_is_normal(rows), level, np.nan)
    return intervals.sd_from_interval(low1, high1, normal, n1), intervals.sd_from_interval(low2, high2, normal, n2)


def means_and_test(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take means and the test of their difference; the test tells the standard deviation of both arms."""
    m1, m2 = both(rows, "mean")
    arms = sizes(rows, choices)
    se, assumed = se_of_tested_difference(rows, m1 - m2, choices)
    sd = intervals.sd_pooled_from_difference_se(se, arms.n1, arms.n2)
    usable = compares_two_groups(rows) & is_plain(rows)
    # ASSUME two_group_test
    return _means(rows, arms, m1, sd, m2, sd, flag(rows, "two_group_test"), *assumed, only=_COMMON_SD, usable=usable)


def medians(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take medians with quartiles, extremes or both; mean and standard deviation are estimated from them."""
    arms = sizes(rows, choices)
    m1, sd1 = _mean_and_sd(rows, "arm1", arms.n1, choices.medians)
    m2, sd2 = _mean_and_sd(rows, "arm2", arms.n2, choices.medians)
    # ASSUME medians_to_means
    return _means(rows, arms, m1, sd1, m2, sd2, flag(rows, "medians_to_means"))


def _mean_and_sd(rows: pd.DataFrame, arm: str, n: Array, method: str) -> tuple[Array, Array]:
    five = numbers(rows, *(f"{name}_{arm}" for name in ("min", "q1", "median", "q3", "max")))
    if method == "luo_wan_shi":
        return quantiles.mean_from_quantiles(*five, n), quantiles.sd_from_quantiles(*five, n)
    fit = quantile_fits.fit_quantiles if method == "quantile_estimation" else box_cox.fit_box_cox
    mean, sd = fit(*five, n)[:2]
    return mean, sd


def changes_and_sds(rows: pd.DataFrame, choices: Choices) -> list[Found]:
    """Take mean changes and their standard deviations."""
    sd1, sd2 = both(rows, "sd_change")
    return _changes(rows, sizes(rows, choices), sd1, sd2, usable=compares_two_groups(rows))


def _changes(rows: pd.DataFrame, arms: Sizes, sd1: Array, sd2: Array, *, usable: Array) -> list[Found]:
    m1, m2 = both(rows, "mean_change")
    # ASSUME change_sd_standardises
    by_change = flag(rows, "change_sd_standardises")
    return [
        _means(rows, arms, m1, sd1, m2, sd2, only=("MD",), usable=usable),
        _means(rows, arms, m1, sd1, m2, sd2, by_change, only=("SMD",), usable=usable),
    ]


def _spread_is_of_change(rows: pd.DataFrame) -> Array:
    """Return which rows compare changes: where a mean is printed too, an arm's error and interval belong to it."""
    m1, m2 = both(rows, "mean")
    return compares_two_groups(rows) & ~np.isfinite(m1) & ~np.isfinite(m2)


def changes_and_ses(rows: pd.DataFrame, choices: Choices) -> list[Found]:
    """Take mean changes and their standard errors, or their intervals."""
    se1, se2, low1, low2, high1, high2 = both(rows, "se", "ci_lb", "ci_ub")
    arms = sizes(rows, choices)
    wide1, wide2 = _sds_of_intervals(rows, low1, high1, low2, high2, arms.n1, arms.n2)
    by_se1, by_se2 = intervals.sd_from_se(se1, arms.n1), intervals.sd_from_se(se2, arms.n2)
    sd1, sd2 = np.where(np.isfinite(by_se1), by_se1, wide1), np.where(np.isfinite(by_se2), by_se2, wide2)
    return _changes(rows, arms, sd1, sd2, usable=_spread_is_of_change(rows) & is_plain(rows))


def changes_and_tests(rows: pd.DataFrame, choices: Choices) -> list[Found]:
    """Take mean changes with the paired t, or the exact two-sided p-value, of each arm."""
    arms = sizes(rows, choices)
    found = []
    for arm, n in zip(("arm1", "arm2"), arms.people, strict=True):
        change, t, p = numbers(rows, f"mean_change_{arm}", f"t_change_{arm}", f"p_change_{arm}")
        by_t = changes.sd_change_from_t(change, t, n)
        found.append(np.where(np.isfinite(by_t), by_t, changes.sd_change_from_p(change, p, n, tails=2.0)))
    return _changes(rows, arms, *found, usable=compares_two_groups(rows) & is_plain(rows))


def changes_and_intervals(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take mean changes of both arms with their intervals, without arm sizes."""
    m1, m2, low1, low2, high1, high2 = both(rows, "mean_change", "ci_lb", "ci_ub")
    (level,) = numbers(rows, "ci_level")
    se1, se2 = intervals.se_from_interval(low1, high1, level), intervals.se_from_interval(low2, high2, level)
    usable = _spread_is_of_change(rows) & interval_is_normal(rows)
    return given(rows, "MD", m1 - m2, np.hypot(se1, se2), "CI", usable=usable)


def pre_post_by_arm(rows: pd.DataFrame, choices: Choices) -> list[Found]:
    """Take means before and after in both arms: the difference of the two changes."""
    pre1, pre2, pre_sd1, pre_sd2, m1, m2, sd1, sd2 = both(rows, "pre_mean", "pre_sd", "mean", "sd")
    arms = sizes(rows, choices)
    r, assumed = correlation(rows, choices)
    # The arms are independent: their changes are subtracted, and their variances add up (Becker 1988).
    by_arm = [
        {"mean_first": after, "sd_first": before_sd, "mean_second": before, "sd_second": after_sd, "n": n, "r": r}
        for before, before_sd, after, after_sd, n in (
            (pre1, pre_sd1, m1, sd1, arms.n1),
            (pre2, pre_sd2, m2, sd2, arms.n2),
        )
    ]
    raw1, raw2 = (effect_sizes("MC", arm, vtype="LS", zero_cells=None) for arm in by_arm)
    # The change over the SD before needs no SD after: the same stands in its place where none is printed.
    baseline = [arm | {"sd_second": arm["sd_first"]} for arm in by_arm]
    own1, own2 = (effect_sizes("SMCR", arm, vtype="LS", zero_cells=None) for arm in baseline)
    more = {"usable": compares_two_groups(rows), "people": arms.people, "printed_spread": False}
    base = [*arms.assumptions, *assumed]
    # ASSUME baseline_sd_standardises
    by_baseline = flag(rows, "baseline_sd_standardises")
    return [
        given(rows, "MD", raw1.yi - raw2.yi, np.sqrt(raw1.vi + raw2.vi), "LS", assumptions=base, **more),
        given(
            rows, "SMD", own1.yi - own2.yi, np.sqrt(own1.vi + own2.vi), "SMCR", assumptions=[*base, by_baseline], **more
        ),
    ]


def paired_means(rows: pd.DataFrame, choices: Choices) -> list[Found]:
    """Take means of the same or matched people under both conditions."""
    m1, m2, sd1, sd2, n1, n2 = both(rows, "mean", "sd", "n")
    r, assumed = correlation(rows, choices)
    pairs = np.fmin(n1, n2)
    first = {"mean_first": m1, "sd_first": sd1, "mean_second": m2, "sd_second": sd2, "n": pairs, "r": r}
    raw = effect_sizes("MC", first, vtype="LS", zero_cells=None)
    standardised = effect_sizes("SMCRP", first, vtype="LS", zero_cells=None)
    more = {"usable": compares_two_groups(rows), "people": (pairs, pairs), "printed_spread": False}
    return [
        given(rows, "MD", raw.yi, np.sqrt(raw.vi), "paired", assumptions=assumed, **more),
        given(rows, "SMD", standardised.yi, np.sqrt(standardised.vi), "SMCRP", assumptions=assumed, **more),
    ]


def ancova_means(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take adjusted means, unadjusted standard deviations and the correlation with the covariate."""
    m1, m2, sd1, sd2 = both(rows, "mean", "sd")
    r, covariates = numbers(rows, "r_covariate", "n_covariates")
    arms = sizes(rows, choices)
    d = adjusted.d_from_adjusted_means(m1, m2, intervals.pooled_sd(sd1, arms.n1, sd2, arms.n2))
    return ancova(rows, arms, d, r, covariates)


def ancova(rows: pd.DataFrame, arms: Sizes, d: Array, r: Array, covariates: Array, *assumptions: Array) -> Found:
    """Return Hedges' g of an adjusted comparison from its d, with the variance that the covariate leaves."""
    yi, vi = adjusted.g_from_adjusted_d(d, arms.n1, arms.n2, r_covariate=r, n_covariates=np.fmax(covariates, 1))
    return given(
        rows, "SMD", yi, np.sqrt(vi), "ANCOVA", usable=compares_two_groups(rows), people=arms.people,
        assumptions=[*arms.assumptions, *assumptions], printed_spread=False,
    )  # fmt: skip
