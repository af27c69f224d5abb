"""What the routes read out of a printed test: whether it is of the contrast, its p-value, sides and sign."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from repool.effects.conversions import bounds
from repool.effects.conversions.guards import tail_of_p
from repool.effects.routes.tools import Array, Choices, numbers, words

if TYPE_CHECKING:
    import pandas as pd


def p_is_of_contrast(rows: pd.DataFrame) -> Array:
    """Return whether the p-value that is printed tests the contrast of the row."""
    return words(rows, "p_scope") == "contrast"


def statistic_is_of_contrast(rows: pd.DataFrame) -> Array:
    """Return whether the statistic that is printed tests the contrast of the row.

    Notes
    -----
    A statistic without a p-value has no `p_scope`. It is then taken to be of the row, except a log-rank test whose
    degrees of freedom do not say that it compares two groups.
    """
    (df1,) = numbers(rows, "df1")
    of_two = (words(rows, "statistic") != "log_rank") | (df1 == 1)
    return p_is_of_contrast(rows) | ((words(rows, "p_scope") == "") & of_two)


def is_plain(rows: pd.DataFrame) -> Array:
    """Return whether the printed test or interval can be that of two plain groups, without covariates or clusters."""
    return (words(rows, "adjusted") != "yes") & (words(rows, "clustering_adjusted") != "yes")


def sides_of_p(rows: pd.DataFrame, choices: Choices) -> tuple[Array, Array]:
    """Return the sides of each p-value as it is read by default, and the assumption where they are not stated."""
    tails = words(rows, "tails")
    stated = np.isin(tails, ["one", "two"])
    # ASSUME p_two_sided
    sides = np.where(np.where(stated, tails, choices.p_without_sides) == "one", 1.0, 2.0)
    return sides, np.where(stated, "", f"p_{choices.p_without_sides}_sided")


def exact_p(rows: pd.DataFrame) -> Array:
    """Return the exact p-value of the contrast, NaN where there is none."""
    (p,) = numbers(rows, "p")
    usable = (words(rows, "p_op") == "=") & p_is_of_contrast(rows) & (p > 0) & (p < 1)
    return np.where(usable, p, np.nan)


def z_of_p(p: Array, sides: Array) -> Array:
    """Return the size of the z statistic that has a p-value; NaN for a one-sided p above one half."""
    return np.abs(ndtri(tail_of_p(p, sides)))


def bounded_p(rows: pd.DataFrame, choices: Choices) -> tuple[Array, Array]:
    """Return the lowest and the highest p-value that a printed bound leaves open, NaN where there is none."""
    (p,) = numbers(rows, "p")
    low, high = bounds.p_range(
        p, words(rows, "p_op"), thresholds=tuple(choices.p_thresholds), alpha=choices.not_significant
    )
    usable = np.isin(words(rows, "p_op"), ["<", ">", "ns"]) & p_is_of_contrast(rows)
    return np.where(usable, low, np.nan), np.where(usable, high, np.nan)


def sign_in_words(rows: pd.DataFrame) -> Array:
    """Return the sign, in the direction of the reported term, of a result that is given in words."""
    # ASSUME sign_from_words
    favours = words(rows, "favours")
    better = np.where(words(rows, "term_higher_is_better") == "yes", 1.0, -1.0)
    return np.where(favours == "arm1", better, np.where(favours == "arm2", -better, np.nan))
