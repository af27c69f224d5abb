"""Routes of results on a scale: means, changes, differences, d, t, F and bare p-values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from repool.effects import effect_sizes as es
from repool.effects.route_tools import (
    Choices,
    arms_of_total,
    compares_two_groups,
    concat,
    flag,
    join_flags,
    numbers,
    p_as_read,
    printed_arm_sizes,
    result_table,
    sign_in_words,
)

if TYPE_CHECKING:
    import pandas as pd


def _means(
    rows: pd.DataFrame, mask: np.ndarray, n1: np.ndarray, n2: np.ndarray, assumptions: list[str]
) -> pd.DataFrame:
    m1, s1, m2, s2 = numbers(rows, "mean_arm1", "sd_arm1", "mean_arm2", "sd_arm2")
    smd = es.hedges_g(es.cohens_d(m1, s1, n1, m2, s2, n2), n1, n2)
    difference = es.mean_difference(m1, s1, n1, m2, s2, n2)
    mask = mask & compares_two_groups(rows)
    return concat([
        result_table(rows, mask, "SMD", *smd, "LS", (n1, n2), None, assumptions),
        result_table(rows, mask, "MD", *difference, "LS", (n1, n2), None, assumptions),
    ])  # fmt: skip


def means_and_sds(rows: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    """Take means, standard deviations and sizes of both arms."""
    n1, n2 = numbers(rows, "n_arm1", "n_arm2")
    return _means(rows, np.isfinite(n1 + n2), n1, n2, join_flags(flag(rows, "")))


def means_sds_and_total(rows: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    """Take means and standard deviations with only a total."""
    size, usable, assumed = arms_of_total(rows)
    return _means(rows, usable, size, size, join_flags(*assumed))


def _smd(
    rows: pd.DataFrame, mask: np.ndarray, d: np.ndarray, n1: np.ndarray, n2: np.ndarray, assumptions: list[str]
) -> pd.DataFrame:
    return result_table(
        rows, mask & compares_two_groups(rows), "SMD", *es.hedges_g(d, n1, n2), "LS", (n1, n2), None, assumptions
    )


def d_and_arm_sizes(rows: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    """Take a printed Cohen's d with arm sizes."""
    d, n1, n2 = numbers(rows, "estimate", "n_arm1", "n_arm2")
    return _smd(
        rows,
        (rows["estimate_scale"].to_numpy(object) == "d") & np.isfinite(n1 + n2),
        d,
        n1,
        n2,
        join_flags(flag(rows, "")),
    )


def d_and_total(rows: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    """Take a printed Cohen's d with only a total."""
    (d,) = numbers(rows, "estimate")
    size, usable, assumed = arms_of_total(rows)
    return _smd(rows, usable & (rows["estimate_scale"].to_numpy(object) == "d"), d, size, size, join_flags(*assumed))


def t_and_total(rows: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    """Take a printed t statistic with only a total; its sign is that of the difference."""
    (t,) = numbers(rows, "statistic_value")
    size, usable, assumed = arms_of_total(rows)
    mask = usable & (rows["statistic"].to_numpy(object) == "t")
    # ASSUME two_group_test
    return _smd(rows, mask, es.d_from_t(t, size, size), size, size, join_flags(*assumed, flag(rows, "two_group_test")))


def f_and_total(rows: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    """Take a printed F statistic of two groups with only a total; its sign is taken from the words."""
    f, df1 = numbers(rows, "statistic_value", "df1")
    size, usable, assumed = arms_of_total(rows)
    mask = usable & (rows["statistic"].to_numpy(object) == "F") & (df1 == 1)
    d = sign_in_words(rows) * es.d_from_t(np.sqrt(np.where(f >= 0, f, np.nan)), size, size)
    return _smd(
        rows, mask, d, size, size, join_flags(*assumed, flag(rows, "two_group_test"), flag(rows, "sign_from_words"))
    )


def _smd_from_p(rows: pd.DataFrame, sign: str, choices: Choices, *more: str) -> pd.DataFrame:
    p, sides, usable, words = p_as_read(rows, sign, choices)
    size, known, assumed = arms_of_total(rows)
    # Rows that print counts, percents, rates or a ratio have a better route, and another measure.
    printed = ["events_arm1", "percent_arm1", "rate_arm1", "estimate", "statistic_value", "mean_arm1"]
    bare = rows[printed].isna().all(axis=1).to_numpy()
    d = sign_in_words(rows) * es.d_from_t(es.t_from_p(p, 2 * size - 2, tails=sides), size, size)
    assumptions = join_flags(
        *assumed, words, *(flag(rows, word) for word in ("se_from_p", "two_group_test", "sign_from_words", *more))
    )
    return _smd(rows, usable & known & bare, d, size, size, assumptions)


def p_and_total(rows: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    """Take a bare exact p-value with only a total; its sign is taken from the words."""
    return _smd_from_p(rows, "=", choices)


def p_bound_and_total(rows: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    """Take a bare p-value below a bound with only a total; its sign is taken from the words."""
    return _smd_from_p(rows, "<", choices, "p_at_its_bound")


def arm_changes_and_intervals(rows: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    """Take mean changes of both arms with their intervals."""
    m1, l1, u1, m2, l2, u2, level = numbers(
        rows, "mean_change_arm1", "ci_lb_arm1", "ci_ub_arm1", "mean_change_arm2", "ci_lb_arm2", "ci_ub_arm2", "ci_level"
    )
    vi = es.se_from_interval(l1, u1, level) ** 2 + es.se_from_interval(l2, u2, level) ** 2
    return result_table(
        rows,
        compares_two_groups(rows),
        "MD",
        m1 - m2,
        vi,
        "CI",
        printed_arm_sizes(rows),
        None,
        join_flags(flag(rows, "")),
    )


def difference_and_interval(rows: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    """Take a printed mean or risk difference with its interval."""
    estimate, low, high, level = numbers(rows, "estimate", "ci_lb", "ci_ub", "ci_level")
    scale = rows["estimate_scale"].to_numpy(object)
    vi = es.se_from_interval(low, high, level) ** 2
    return result_table(
        rows,
        np.isin(scale, ["MD", "RD"]),
        scale,
        estimate,
        vi,
        "CI",
        printed_arm_sizes(rows),
        None,
        join_flags(flag(rows, "")),
    )
