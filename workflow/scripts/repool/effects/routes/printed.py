"""Routes of ready-made ratios, differences and correlations: the effect is printed, its variance follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from repool.effects.conversions import intervals, statistics_to_d, survival
from repool.effects.routes.printed_tests import (
    bounded_p,
    exact_p,
    is_plain,
    sides_of_p,
    sign_in_words,
    statistic_is_of_contrast,
    z_of_p,
)
from repool.effects.routes.tools import (
    ONE_GROUP,
    Array,
    Choices,
    Found,
    both,
    compares_two_groups,
    flag,
    interval_is_normal,
    numbers,
    percents_of_people,
    printed_sizes,
    sizes,
    words,
)

if TYPE_CHECKING:
    import pandas as pd

#: Scales of differences -> the measure they are; a coefficient of the arm is a difference of means.
_DIFFERENCES = {"MD": "MD", "RD": "RD", "IRD": "IRD", "b": "MD"}


def given(rows: pd.DataFrame, measure: object, yi: Array, se: Array, vtype: str, **more: object) -> Found:
    """Return a printed effect with the standard error that follows from what is printed beside it.

    Notes
    -----
    A standard error of 0 is one that was rounded: it gives no variance, since an effect without error outweighs all.
    """
    se = np.where(se > 0, se, np.nan)
    base = {"usable": _has_two_sides(rows), "people": printed_sizes(rows), "printed_spread": True} | more
    measures = np.broadcast_to(np.asarray(measure, dtype=object), len(rows))
    # The other end of a bound without a use, such as "p < 1", is of no use either.
    others = [{"vi": np.where(np.isfinite(se), end**2, np.nan)} for end in base.pop("other_se", [])]
    inputs = {"measure": measures, "yi": yi, "vi": se**2}
    return Found(family="given", inputs=inputs, vtype=vtype, others=others, **base)


def _has_two_sides(rows: pd.DataFrame) -> Array:
    """Return whether a printed ratio or difference can be one of arm 1 against something."""
    return words(rows, "comparator") != "none"


def _log_ratio(rows: pd.DataFrame) -> Array:
    (estimate,) = numbers(rows, "estimate")
    return np.log(estimate)


def ratio_and_interval(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take a printed ratio with its interval."""
    low, high, level = numbers(rows, "ci_lb", "ci_ub", "ci_level")
    se = intervals.se_from_interval(np.log(low), np.log(high), level)
    usable = interval_is_normal(rows) & _has_two_sides(rows)
    return given(rows, words(rows, "estimate_scale"), _log_ratio(rows), se, "CI", usable=usable)


def ratio_and_se(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take a printed ratio with the standard error of its logarithm."""
    (se,) = numbers(rows, "se")
    return given(rows, words(rows, "estimate_scale"), _log_ratio(rows), se, "SE")


def ratio_and_z(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take a printed ratio with its z or its chi-squared of one degree of freedom."""
    value, df = numbers(rows, "statistic_value", "df1")
    chi2 = words(rows, "statistic") == "chi2"
    z = np.where(chi2, np.where(df == 1, np.sqrt(value), np.nan), np.abs(value))
    yi = _log_ratio(rows)
    # ASSUME se_from_p
    assumed = [flag(rows, "se_from_p", chi2)]
    return given(
        rows, words(rows, "estimate_scale"), yi, intervals.se_from_z(yi, z), "z", assumptions=assumed,
        usable=statistic_is_of_contrast(rows) & _has_two_sides(rows),
    )  # fmt: skip


def ratio_and_p(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take a printed ratio with an exact p-value."""
    sides, assumed = sides_of_p(rows, choices)
    return _ratio_from_p(rows, exact_p(rows), sides, [assumed])


def ratio_and_one_sided_p(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take a printed ratio with an exact p-value of unstated sides, read the other way."""
    sides, _ = sides_of_p(rows, choices)
    unstated = ~np.isin(words(rows, "tails"), ["one", "two"])
    # ASSUME p_one_sided
    other = "one" if choices.p_without_sides == "two" else "two"
    return _ratio_from_p(rows, np.where(unstated, exact_p(rows), np.nan), 3.0 - sides, [flag(rows, f"p_{other}_sided")])


def _ratio_from_p(rows: pd.DataFrame, p: Array, sides: Array, assumptions: list[Array]) -> Found:
    yi = _log_ratio(rows)
    se = intervals.se_from_p(yi, p, tails=sides)
    return given(rows, words(rows, "estimate_scale"), yi, se, "p", assumptions=assumptions)


def ratio_and_p_bound(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take a printed ratio with a p-value below a bound: the bound, and the next lower one as the other end."""
    return _from_bound(rows, words(rows, "estimate_scale"), _log_ratio(rows), choices)


def _from_bound(
    rows: pd.DataFrame, measure: object, yi: Array, choices: Choices, *more: Array, **others: object
) -> Found:
    low, high = bounded_p(rows, choices)
    sides, assumed = sides_of_p(rows, choices)
    # ASSUME p_at_its_bound
    assumptions = [flag(rows, "p_at_its_bound"), assumed, *more]
    return given(
        rows, measure, yi, intervals.se_from_p(yi, high, tails=sides), "p", assumptions=assumptions,
        other_se=[intervals.se_from_p(yi, low, tails=sides)], left_open=flag(rows, "p below a bound"), **others,
    )  # fmt: skip


def _difference(rows: pd.DataFrame) -> tuple[Array, Array, list[Array]]:
    """Return the printed difference, its measure, and what is assumed of a coefficient."""
    (estimate,) = numbers(rows, "estimate")
    scale = words(rows, "estimate_scale")
    measure = np.array([_DIFFERENCES.get(name, "") for name in scale], dtype=object)
    # ASSUME coefficient_is_difference
    return estimate, measure, [flag(rows, "coefficient_is_difference", scale == "b")]


def difference_and_interval(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take a printed difference with its interval."""
    estimate, measure, assumed = _difference(rows)
    low, high, level = numbers(rows, "ci_lb", "ci_ub", "ci_level")
    se = intervals.se_from_interval(low, high, level)
    usable = interval_is_normal(rows) & _has_two_sides(rows)
    return given(rows, measure, estimate, se, "CI", assumptions=assumed, usable=usable)


def difference_and_se(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take a printed difference with its standard error."""
    estimate, measure, assumed = _difference(rows)
    (se,) = numbers(rows, "se")
    return given(rows, measure, estimate, se, "SE", assumptions=assumed)


def difference_and_p(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take a printed difference with its t, its z or an exact p-value."""
    estimate, measure, assumed = _difference(rows)
    se, words_of_p = se_of_tested_difference(rows, estimate, choices)
    return given(rows, measure, estimate, se, "p", assumptions=[*assumed, *words_of_p])


def se_of_tested_difference(rows: pd.DataFrame, difference: Array, choices: Choices) -> tuple[Array, list[Array]]:
    """Return the standard error of a difference from its test, and what that assumes.

    Notes
    -----
    Cochrane Handbook 6.5.2.3: the difference over its t; a p-value is turned into a t with the degrees of freedom
    of two groups where their sizes are printed, else into a z.
    """
    (value,) = numbers(rows, "statistic_value")
    n1, n2 = printed_sizes(rows)
    sides, assumed = sides_of_p(rows, choices)
    p = exact_p(rows)
    df = n1 + n2 - 2
    t = np.where(np.isfinite(df), statistics_to_d.t_from_p(p, df, tails=sides), z_of_p(p, sides))
    statistic = np.isin(words(rows, "statistic"), ["t", "z"]) & statistic_is_of_contrast(rows) & np.isfinite(value)
    return intervals.se_from_z(difference, np.where(statistic, value, t)), [np.where(statistic, "", assumed)]


def difference_to_d(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take a printed mean difference with its spread, and divide by the standard deviation behind it."""
    estimate, _, assumed = _difference(rows)
    low, high, level, se = numbers(rows, "ci_lb", "ci_ub", "ci_level", "se")
    arms = sizes(rows, choices)
    tested_se, of_p = se_of_tested_difference(rows, estimate, choices)
    width = intervals.se_from_t_interval(low, high, level, arms.n1 + arms.n2 - 2)
    # ASSUME two_group_test
    by_interval = np.isfinite(width) & interval_is_normal(rows)
    spread = np.where(np.isfinite(se), se, np.where(by_interval, width, tested_se))
    from_test = ~np.isfinite(se) & ~by_interval
    d = estimate / intervals.sd_pooled_from_difference_se(spread, arms.n1, arms.n2)
    return Found(
        family="cohens_d", inputs={"d": d, "n_arm1": arms.n1, "n_arm2": arms.n2},
        usable=compares_two_groups(rows) & is_plain(rows),
        assumptions=[
            *arms.assumptions, *assumed, flag(rows, "two_group_test"),
            *(np.where(from_test, part, "") for part in of_p),
        ],
        people=arms.people,
    )  # fmt: skip


def rates_and_p(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take printed rates of both arms with an exact p-value."""
    r1, r2 = both(rows, "rate")
    yi = np.log(r1 / r2)
    sides, assumed = sides_of_p(rows, choices)
    return given(rows, "IRR", yi, intervals.se_from_p(yi, exact_p(rows), tails=sides), "p", assumptions=[assumed])


def percents_and_p(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take printed percents with an exact p-value or a chi-squared statistic of one degree of freedom."""
    value, df = numbers(rows, "statistic_value", "df1")
    chi2 = (words(rows, "statistic") == "chi2") & (df == 1) & (value > 0) & statistic_is_of_contrast(rows)
    sides, assumed = sides_of_p(rows, choices)
    yi = _log_odds_of_percents(rows)
    from_p = intervals.se_from_p(yi, exact_p(rows), tails=sides)
    # ASSUME se_from_p (Miettinen 1976, test-based limits)
    return given(
        rows, "OR", yi, np.where(chi2, intervals.se_from_z(yi, np.sqrt(np.where(chi2, value, np.nan))), from_p), "p",
        assumptions=[flag(rows, "se_from_p"), np.where(chi2, "", assumed)],
        usable=percents_of_people(rows) & compares_two_groups(rows), people=None,
    )  # fmt: skip


def percents_and_p_bound(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take printed percents with a p-value below a bound."""
    usable = percents_of_people(rows) & compares_two_groups(rows)
    return _from_bound(
        rows, "OR", _log_odds_of_percents(rows), choices, flag(rows, "se_from_p"), usable=usable, people=None
    )


def _log_odds_of_percents(rows: pd.DataFrame) -> Array:
    p1, p2 = both(rows, "percent")
    return np.log(p1 / (100 - p1)) - np.log(p2 / (100 - p2))


def o_minus_e(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take observed minus expected events of a log-rank test with their variance."""
    yi, vi = survival.log_hr_from_o_minus_e(*numbers(rows, "o_minus_e", "v_log_rank"))
    return given(rows, "HR", yi, np.sqrt(vi), "O-E", usable=~np.isin(words(rows, "comparator"), ONE_GROUP))


def log_rank_test(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take the chi-squared or exact p-value of a log-rank test and all events; its sign is taken from the words."""
    value, events, estimate = numbers(rows, "statistic_value", "events_total", "estimate")
    n1, n2 = printed_sizes(rows)
    shared = ~np.isfinite(n1 + n2)
    share = np.where(shared, choices.allocation.value, n1 / (n1 + n2))
    sides, assumed = sides_of_p(rows, choices)
    by_value = (value > 0) & statistic_is_of_contrast(rows)
    z = np.where(by_value, np.sqrt(np.where(by_value, value, np.nan)), z_of_p(exact_p(rows), sides))
    # Parmar 1998: V from the events and the allocation; the statistic is (O - E) over its root.
    v = survival.v_from_events_and_sizes(events, share, 1 - share)
    return given(
        rows, "HR", sign_in_words(rows) * z / np.sqrt(v), 1 / np.sqrt(v), "p",
        usable=~np.isfinite(estimate) & ~np.isin(words(rows, "comparator"), ONE_GROUP),
        assumptions=[
            flag(rows, "se_from_p"), flag(rows, "sign_from_words"), np.where(by_value, "", assumed),
            flag(rows, "declared_allocation", shared),
        ],
    )  # fmt: skip
