"""Routes of standardised differences and of test statistics of two groups."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from repool.effects.conversions import adjusted, intervals, statistics_to_d
from repool.effects.measures.measure import hedges_correction
from repool.effects.routes.means import ancova
from repool.effects.routes.printed import given
from repool.effects.routes.printed_tests import (
    bounded_p,
    exact_p,
    is_plain,
    sides_of_p,
    sign_in_words,
    statistic_is_of_contrast,
)
from repool.effects.routes.tools import (
    Array,
    Choices,
    Found,
    Sizes,
    compares_two_groups,
    flag,
    interval_is_normal,
    numbers,
    sizes,
    words,
)

if TYPE_CHECKING:
    import pandas as pd

#: Where one of these is printed, a bare p-value is not all there is: a better route and another measure exist.
_MORE_THAN_P = ("events_arm1", "percent_arm1", "rate_arm1", "estimate", "statistic_value", "mean_arm1", "median_arm1")


def _d(rows: pd.DataFrame, arms: Sizes, d: Array, *assumptions: Array, **more: object) -> Found:
    return Found(
        family="cohens_d",
        inputs={"d": d, "n_arm1": arms.n1, "n_arm2": arms.n2},
        **({
            "usable": compares_two_groups(rows), "assumptions": [*arms.assumptions, *assumptions],
            "people": arms.people,
        } | more),
    )  # fmt: skip


def d_and_sizes(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take a printed Cohen's d."""
    (d,) = numbers(rows, "estimate")
    return _d(rows, sizes(rows, choices), d)


def g_and_sizes(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take a printed Hedges' g: its correction is undone first, since it is applied again."""
    (g,) = numbers(rows, "estimate")
    arms = sizes(rows, choices)
    return _d(rows, arms, g / hedges_correction(arms.n1 + arms.n2 - 2))


def glass_and_sizes(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take a printed Glass' delta, standardised by the standard deviation of arm 2."""
    (delta,) = numbers(rows, "estimate")
    arms = sizes(rows, choices)
    # A difference of delta in units of a standard deviation of 1.
    zeros, ones = np.zeros(len(rows)), np.ones(len(rows))
    inputs = {"mean_arm1": delta, "n_arm1": arms.n1, "mean_arm2": zeros, "sd_arm2": ones, "n_arm2": arms.n2}
    return Found(
        family="means", inputs=inputs, usable=compares_two_groups(rows), assumptions=arms.assumptions,
        people=arms.people, only=("SMD1",),
    )  # fmt: skip


def _standardised(rows: pd.DataFrame) -> tuple[Array, Array]:
    """Return a printed standardised difference and its measure."""
    (estimate,) = numbers(rows, "estimate")
    return estimate, np.where(words(rows, "estimate_scale") == "glass", "SMD1", "SMD")


def d_and_interval(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take a printed standardised difference with its interval."""
    estimate, measure = _standardised(rows)
    se = intervals.se_from_interval(*numbers(rows, "ci_lb", "ci_ub", "ci_level"))
    usable = interval_is_normal(rows) & compares_two_groups(rows)
    return given(rows, measure, estimate, se, "CI", usable=usable)


def d_and_se(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take a printed standardised difference with its standard error."""
    estimate, measure = _standardised(rows)
    (se,) = numbers(rows, "se")
    return given(rows, measure, estimate, se, "SE", usable=compares_two_groups(rows))


def d_and_p(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take a printed standardised difference with an exact p-value."""
    estimate, measure = _standardised(rows)
    sides, assumed = sides_of_p(rows, choices)
    se = intervals.se_from_p(estimate, exact_p(rows), tails=sides)
    return given(rows, measure, estimate, se, "p", assumptions=[assumed], usable=compares_two_groups(rows))


def t_and_sizes(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take a printed t statistic; its sign is that of the difference."""
    (t,) = numbers(rows, "statistic_value")
    # ASSUME two_group_test
    return _from_t(rows, lambda arms: t, choices, flag(rows, "two_group_test"))


def f_and_sizes(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take a printed F statistic of two groups; its sign is taken from the words."""
    t = _t_of_f(rows)
    return _from_t(rows, lambda arms: t, choices, flag(rows, "two_group_test"), flag(rows, "sign_from_words"))


def _t_of_f(rows: pd.DataFrame) -> Array:
    f, df1 = numbers(rows, "statistic_value", "df1")
    return sign_in_words(rows) * np.sqrt(np.where((f >= 0) & (df1 == 1), f, np.nan))


def _from_t(rows: pd.DataFrame, t_of: object, choices: Choices, *assumptions: Array, usable: object = True) -> Found:
    arms = sizes(rows, choices)
    d = statistics_to_d.d_from_t(t_of(arms.n1 + arms.n2), arms.n1, arms.n2)
    usable = usable & compares_two_groups(rows) & statistic_is_of_contrast(rows) & is_plain(rows)
    return _d(rows, arms, d, *assumptions, usable=usable)


def ancova_test(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take the t or F of an adjusted comparison with the correlation of outcome and covariate."""
    value, r, covariates = numbers(rows, "statistic_value", "r_covariate", "n_covariates")
    is_f = words(rows, "statistic") == "F"
    arms = sizes(rows, choices)
    t = np.where(statistic_is_of_contrast(rows), np.where(is_f, _t_of_f(rows), value), np.nan)
    d = adjusted.d_from_ancova_t(t, arms.n1, arms.n2, r_covariate=r)
    return ancova(rows, arms, d, r, covariates, flag(rows, "sign_from_words", is_f))


def eta2_and_sizes(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take eta squared, or partial eta squared, of two groups; the sign is taken from the words."""
    (eta2,) = numbers(rows, "estimate")
    arms = sizes(rows, choices)
    d = sign_in_words(rows) * statistics_to_d.d_from_eta2(eta2, arms.n1, arms.n2)
    usable = compares_two_groups(rows) & is_plain(rows)
    return _d(rows, arms, d, flag(rows, "two_group_test"), flag(rows, "sign_from_words"), usable=usable)


def r_and_sizes(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take the point-biserial correlation of arm and outcome."""
    (r,) = numbers(rows, "estimate")
    arms = sizes(rows, choices)
    return _d(rows, arms, statistics_to_d.d_from_r_point_biserial(r, arms.n1, arms.n2))


def _bare(rows: pd.DataFrame) -> Array:
    return rows[list(_MORE_THAN_P)].isna().all(axis=1).to_numpy() & (words(rows, "statistic") != "log_rank")


def _from_p(rows: pd.DataFrame, p: Array, choices: Choices, *assumptions: Array) -> Found:
    sides, assumed = sides_of_p(rows, choices)
    sign = sign_in_words(rows)
    shared = (flag(rows, word) for word in ("se_from_p", "two_group_test", "sign_from_words"))
    return _from_t(
        rows, lambda n: sign * statistics_to_d.t_from_p(p, n - 2, tails=sides), choices, assumed, *shared, *assumptions,
        usable=_bare(rows),
    )  # fmt: skip


def p_and_sizes(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take a bare exact p-value; its sign is taken from the words."""
    return _from_p(rows, exact_p(rows), choices)


def p_bound_and_sizes(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take a bare p-value below a bound; its sign is taken from the words."""
    low, high = bounded_p(rows, choices)
    at_bound = _from_p(rows, high, choices, flag(rows, "p_at_its_bound"))
    lowest = _from_p(rows, low, choices)
    return replace(at_bound, others=[{"d": lowest.inputs["d"]}], left_open=flag(rows, "p below a bound"))


def not_significant_and_sizes(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take a result that is only called not significant: no estimate, but a best and a worst case."""
    low, _ = bounded_p(rows, choices)
    arms = sizes(rows, choices)
    sides, assumed = sides_of_p(rows, choices)
    largest = statistics_to_d.d_from_t(
        statistics_to_d.t_from_p(low, arms.n1 + arms.n2 - 2, tails=sides), arms.n1, arms.n2
    )
    # ASSUME only_bounds
    return _d(
        rows, arms, np.full(len(rows), np.nan), assumed, flag(rows, "two_group_test"), flag(rows, "only_bounds"),
        others=[{"d": -largest}, {"d": largest}], left_open=flag(rows, "ns"),
        usable=_bare(rows) & compares_two_groups(rows) & is_plain(rows),
    )  # fmt: skip
