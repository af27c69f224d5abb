"""Routes of results that count people or events: tables, percents, ratios, rates, proportions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from repool.effects import effect_sizes as es
from repool.effects.route_tools import (
    RATIO_SCALES,
    Choices,
    arms_of_total,
    can_be_turned,
    compares_two_groups,
    concat,
    flag,
    join_flags,
    numbers,
    p_as_read,
    percents_of_people,
    printed_arm_sizes,
    result_table,
)

if TYPE_CHECKING:
    import pandas as pd


def _binary(
    rows: pd.DataFrame, mask: np.ndarray, e1: Any, n1: Any, e2: Any, n2: Any, choices: Choices, assumptions: list[str]
) -> pd.DataFrame:
    cells = es.corrected_table(e1, n1, e2, n2, rule=choices.zero_rule, add=choices.zero_add)
    # The opposite outcome has other cells; its risk ratio is computed from them, and its sign is given back by `flip`.
    opposite = rows["flip"].to_numpy(dtype=float) == -1
    a, b, c, d = cells
    turned = [np.where(opposite, *pair) for pair in ((b, a), (a, b), (d, c), (c, d))]
    risk_ratio, variance = es.log_risk_ratio(*turned)
    forms = {
        "OR": es.log_odds_ratio(*cells),
        "RR": (np.where(opposite, -risk_ratio, risk_ratio), variance),
        "RD": es.risk_difference(*cells),
    }
    # Without any event, or with everybody having one, a table says nothing on a ratio.
    empty = ((e1 + e2) == 0) | ((e1 + e2) == (n1 + n2))
    return concat(
        [
            result_table(
                rows, mask & (~empty if name != "RD" else True), name, *form, "LS", (n1, n2), (e1, e2), assumptions
            )
            for name, form in forms.items()
        ]
    )


def counts(rows: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    """Take printed counts of both arms."""
    e1, n1, e2, n2 = numbers(rows, "events_arm1", "n_arm1", "events_arm2", "n_arm2")
    mask = compares_two_groups(rows) & np.isfinite(e1 + n1 + e2 + n2)
    return _binary(rows, mask, e1, n1, e2, n2, choices, join_flags(flag(rows, "")))


def percents_and_arm_sizes(rows: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    """Take printed percents and arm sizes; the counts are whole people."""
    p1, n1, p2, n2, e1, e2 = numbers(
        rows, "percent_arm1", "n_arm1", "percent_arm2", "n_arm2", "events_arm1", "events_arm2"
    )
    mask = percents_of_people(rows) & compares_two_groups(rows)
    mask &= np.isfinite(p1 + n1 + p2 + n2) & ~np.isfinite(e1 + e2)
    # ASSUME counts_from_percent
    return _binary(
        rows,
        mask,
        np.round(p1 / 100 * n1),
        n1,
        np.round(p2 / 100 * n2),
        n2,
        choices,
        join_flags(flag(rows, "counts_from_percent")),
    )


def percents_and_total(rows: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    """Take printed percents and only a total; counts are left unrounded because the arm size itself is assumed."""
    p1, p2 = numbers(rows, "percent_arm1", "percent_arm2")
    size, usable, assumed = arms_of_total(rows)
    mask = percents_of_people(rows) & compares_two_groups(rows) & usable & np.isfinite(p1 + p2)
    table = _binary(rows, mask, p1 / 100 * size, size, p2 / 100 * size, size, choices, join_flags(*assumed))
    table[["events_arm1", "events_arm2"]] = np.nan
    return table


def ratio_and_interval(rows: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    """Take a printed ratio with its interval."""
    estimate, low, high, level = numbers(rows, "estimate", "ci_lb", "ci_ub", "ci_level")
    scale = rows["estimate_scale"].to_numpy(object)
    with np.errstate(invalid="ignore", divide="ignore"):
        yi = np.log(estimate)
        vi = es.se_from_interval(np.log(low), np.log(high), level) ** 2
    return result_table(
        rows,
        np.isin(scale, RATIO_SCALES) & can_be_turned(rows, scale),
        scale,
        yi,
        vi,
        "CI",
        printed_arm_sizes(rows),
        None,
        join_flags(flag(rows, "")),
    )


def ratio_and_p(rows: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    """Take a printed ratio with an exact p-value."""
    p, sides, usable, words = p_as_read(rows, "=", choices)
    return _ratio_from_p(rows, p, sides, usable, join_flags(words))


def ratio_and_one_sided_p(rows: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    """Take a printed ratio with an exact p-value of unstated sides, read the other way."""
    p, sides, usable, _ = p_as_read(rows, "=", choices)
    unstated = ~np.isin(rows["tails"].to_numpy(object), ["one", "two"])
    # ASSUME p_one_sided
    other = "one" if choices.p_without_sides == "two" else "two"
    return _ratio_from_p(rows, p, 3.0 - sides, usable & unstated, join_flags(flag(rows, f"p_{other}_sided")))


def _ratio_from_p(
    rows: pd.DataFrame, p: np.ndarray, sides: np.ndarray, usable: np.ndarray, assumptions: list[str]
) -> pd.DataFrame:
    (estimate,) = numbers(rows, "estimate")
    scale = rows["estimate_scale"].to_numpy(object)
    with np.errstate(invalid="ignore", divide="ignore"):
        yi = np.log(estimate)
    vi = es.se_from_p(yi, p, tails=sides) ** 2
    return result_table(
        rows,
        usable & np.isin(scale, RATIO_SCALES) & can_be_turned(rows, scale),
        scale,
        yi,
        vi,
        "p",
        printed_arm_sizes(rows),
        None,
        assumptions,
    )


def rates_and_p(rows: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    """Take printed rates of both arms with an exact p-value."""
    r1, r2 = numbers(rows, "rate_arm1", "rate_arm2")
    p, sides, usable, words = p_as_read(rows, "=", choices)
    with np.errstate(invalid="ignore", divide="ignore"):
        yi = np.log(r1 / r2)
    return result_table(
        rows,
        usable & (rows["flip"].to_numpy(dtype=float) == 1),
        "IRR",
        yi,
        es.se_from_p(yi, p, tails=sides) ** 2,
        "p",
        printed_arm_sizes(rows),
        None,
        join_flags(words),
    )


def _percents_from_p(
    rows: pd.DataFrame, p: np.ndarray, sides: np.ndarray, mask: np.ndarray, assumptions: list[str]
) -> pd.DataFrame:
    # ASSUME se_from_p (Miettinen 1976, test-based limits)
    p1, p2 = numbers(rows, "percent_arm1", "percent_arm2")
    with np.errstate(invalid="ignore", divide="ignore"):
        yi = np.log(p1 / (100 - p1)) - np.log(p2 / (100 - p2))
    return result_table(
        rows,
        mask & percents_of_people(rows) & compares_two_groups(rows),
        "OR",
        yi,
        es.se_from_p(yi, p, tails=sides) ** 2,
        "p",
        None,
        None,
        assumptions,
    )


def percents_and_p(rows: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    """Take printed percents with an exact p-value or a chi-squared statistic of one degree of freedom."""
    p, sides, usable, words = p_as_read(rows, "=", choices)
    value, df = numbers(rows, "statistic_value", "df1")
    tested = (
        (rows["statistic"].to_numpy(object) == "chi2")
        & (df == 1)
        & (value > 0)
        & (rows["p_scope"].to_numpy(object) == "contrast")
    )
    from scipy.special import chdtrc

    p = np.where(tested, chdtrc(1, np.where(tested, value, 1.0)), p)
    sides = np.where(tested, 2.0, sides)
    assumed = join_flags(flag(rows, "se_from_p"), np.where(tested, "", words))
    return _percents_from_p(rows, p, sides, usable | tested, assumed)


def percents_and_p_bound(rows: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    """Take printed percents with a p-value below a bound."""
    p, sides, usable, words = p_as_read(rows, "<", choices)
    # ASSUME p_at_its_bound
    return _percents_from_p(
        rows, p, sides, usable, join_flags(flag(rows, "se_from_p"), flag(rows, "p_at_its_bound"), words)
    )


def _single(
    rows: pd.DataFrame, events: np.ndarray, n: np.ndarray, mask: np.ndarray, choices: Choices, assumptions: list[str]
) -> pd.DataFrame:
    missing = np.full(len(rows), np.nan)
    alone = rows["comparator"].to_numpy(object) == "none"
    yi, vi = es.logit_proportion(events, n, rule=choices.zero_rule, add=choices.zero_add)
    return result_table(rows, mask & alone, "PLO", yi, vi, "LS", (n, missing), (events, missing), assumptions)


def single_count(rows: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    """Take the count of a single group."""
    events, n = numbers(rows, "events_arm1", "n_arm1")
    return _single(rows, events, n, np.isfinite(events + n), choices, join_flags(flag(rows, "")))


def single_percent(rows: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    """Take the percent of a single group with its size, or with the size of the study."""
    percent, n, events, total, arms = numbers(rows, "percent_arm1", "n_arm1", "events_arm1", "n_total", "n_total_arms")
    from_total = ~np.isfinite(n) & (arms == 1)
    size = np.where(from_total, total, n)
    # ASSUME counts_from_percent
    assumed = join_flags(flag(rows, "counts_from_percent"), flag(rows, "all_randomised_counted", from_total))
    mask = percents_of_people(rows) & np.isfinite(percent + size) & ~np.isfinite(events)
    return _single(rows, np.round(percent / 100 * size), size, mask, choices, assumed)
