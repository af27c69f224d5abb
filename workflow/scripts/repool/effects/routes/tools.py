"""What the routes share: the declared choices, columns, arm sizes, and what a route returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from repool.effects.measures.zero_cells import ZeroCells

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray
ARMS = ("arm1", "arm2")
RATIO_SCALES = ("OR", "RR", "HR", "IRR")
#: Comparators of rows in which a single group is described, or compared with its own past.
ONE_GROUP = ("none", "pre")


@dataclass(frozen=True)
class Range:
    """A number that is declared because no source prints it, with the ends of what is plausible.

    Parameters
    ----------
    value : float
        What is used.
    lowest, highest : float
        What the best and the worst case use.
    """

    value: float
    lowest: float
    highest: float


@dataclass(frozen=True, kw_only=True)
class Choices:
    """Statistical choices of the configuration that conversion follows.

    Parameters
    ----------
    measures : mapping of str to str
        Measure -> vtype; "given" for one that is only taken as printed.
    zero_cells : ZeroCells
        Correction of tables with a zero cell.
    double_zeros_dropped : sequence of str
        Measures to which a table without any event, or with events in everybody, says nothing.
    p_without_sides : {"two", "one"}
        What a p-value of unstated sides is read as.
    p_thresholds : sequence of float
        Conventional bounds of p-values: a source that prints p < .05 would have printed the next lower one.
    not_significant : float
        The p-value above which a source calls a result not significant.
    allocation : Range
        Share of arm 1 where only a total is printed.
    r_pre_post : Range
        Correlation of two measurements of the same people where none is printed.
    icc : Range or None
        Intracluster correlation where none is printed; None: none is assumed.
    medians : {"luo_wan_shi", "quantile_estimation", "box_cox"}
        How mean and SD are estimated from medians.
    """

    measures: Mapping[str, str]
    zero_cells: ZeroCells
    double_zeros_dropped: Sequence[str]
    p_without_sides: str
    p_thresholds: Sequence[float]
    not_significant: float
    allocation: Range
    r_pre_post: Range
    icc: Range | None
    medians: str

    def zero_cells_of(self, measure: str, family: str) -> ZeroCells:
        """Return the correction of one measure of a family, with whether it drops tables without any event.

        Notes
        -----
        Data other than two-by-two tables have no two arms to share `treatment_arm`: there it is `only0`, which it is
        with equal arms.
        """
        shared = self.zero_cells.rule == "treatment_arm" and family != "two_by_two"
        rule = "only0" if shared else self.zero_cells.rule
        return replace(self.zero_cells, rule=rule, drop_double_zero=measure in self.double_zeros_dropped)

    def at_ends(self) -> list[Choices]:
        """Return the choices with what is declared at the ends of its range, every end with every other."""
        shares = [Range(end, end, end) for end in (self.allocation.lowest, self.allocation.highest)]
        correlations = [Range(end, end, end) for end in (self.r_pre_post.lowest, self.r_pre_post.highest)]
        return [replace(self, allocation=share, r_pre_post=r) for share in shares for r in correlations]


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a route reads out of rows, ready for the measures of a family.

    Parameters
    ----------
    family : str
        Family of measures (`measures.catalogue`), or "given" where the effect itself is printed.
    inputs : mapping of str to array, shape (k,)
        What the measures of the family take; for "given": "measure", "yi", "vi".
    assumptions : list of array of str, shape (k,)
        Ids of assumptions, "" where none is made.
    usable : array of bool, shape (k,)
        Rows that the route may be used for.
    others : sequence of mapping
        Inputs that change at the ends of what the print leaves open, each to be put over `inputs`. The ends of what
        is declared (arm sizes, correlations) are not among them: the route is asked again with these.
    left_open : array of str, shape (k,)
        What the print leaves open, in a word; "" where nothing.
    people, events : pair of array, or None
        Per arm, for tables and plots.
    vtype : str
        How the variance was come by, for "given".
    printed_spread : bool
        Whether the variance rests on a printed interval, standard error or p-value, which may allow for clusters.
    only : tuple of str
        Measures of the family that make sense here; empty for all.
    """

    family: str
    inputs: Mapping[str, Any]
    usable: Array
    assumptions: Sequence[Array] = ()
    others: Sequence[Mapping[str, Any]] = ()
    left_open: Any = ""
    people: tuple[Array, Array] | None = None
    events: tuple[Array, Array] | None = None
    vtype: str = ""
    printed_spread: bool = False
    only: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sizes:
    """People per arm: printed, or a declared share of a printed total."""

    n1: Array
    n2: Array
    assumptions: list[Array]

    @property
    def people(self) -> tuple[Array, Array]:
        """Sizes of both arms."""
        return self.n1, self.n2


def numbers(rows: pd.DataFrame, *names: str) -> list[Array]:
    """Return columns as float arrays of shape (k,), blank cells as NaN."""
    return [rows[name].to_numpy(dtype=float) for name in names]


def both(rows: pd.DataFrame, *names: str) -> list[Array]:
    """Return the columns of both arms, one name after the other: name_arm1, name_arm2, ..."""
    return numbers(rows, *(f"{name}_{arm}" for name in names for arm in ARMS))


def words(rows: pd.DataFrame, name: str) -> Array:
    """Return a column of words, shape (k,)."""
    return rows[name].to_numpy(dtype=object)


def flag(rows: pd.DataFrame, text: str, where: Any = True) -> Array:
    """Return a word for each row where it applies, else ""."""
    return np.where(np.broadcast_to(where, len(rows)), text, "")


def compares_two_groups(rows: pd.DataFrame) -> Array:
    """Return whether each row compares two groups that count people."""
    return ~np.isin(words(rows, "comparator"), ONE_GROUP) & (words(rows, "n_total_basis") != "other_unit")


def percents_of_people(rows: pd.DataFrame) -> Array:
    """Return whether the percents of each row are of people."""
    return words(rows, "percent_of") != "other_unit"


def printed_sizes(rows: pd.DataFrame) -> tuple[Array, Array]:
    """Return the printed arm sizes, blank where they count anything but people."""
    people = words(rows, "n_total_basis") != "other_unit"
    n1, n2 = both(rows, "n")
    return np.where(people, n1, np.nan), np.where(people, n2, np.nan)


def total_of_both(rows: pd.DataFrame) -> tuple[Array, list[Array]]:
    """Return the people of two arms as far as a printed total tells them, and what that assumes."""
    total, arms, follow_up = numbers(rows, "n_total", "n_total_arms", "followup_percent")
    basis = words(rows, "n_total_basis")
    lost = np.isfinite(follow_up)
    # ASSUME all_randomised_counted, equal_follow_up
    people = 2 * total / arms * np.where(lost, follow_up / 100, 1.0)
    assumed = [
        flag(rows, "all_randomised_counted", np.isin(basis, ["randomised", "enrolled"]) & ~lost),
        flag(rows, "equal_follow_up", lost),
    ]
    return np.where((arms >= 2) & (basis != "other_unit"), people, np.nan), assumed


def sizes_of_total(rows: pd.DataFrame, choices: Choices) -> Sizes:
    """Return arm sizes that share a printed total as declared, where no arm size is printed."""
    n1, n2 = both(rows, "n")
    people, assumed = total_of_both(rows)
    people = np.where(np.isfinite(n1) & np.isfinite(n2), np.nan, people)
    share = choices.allocation.value
    # ASSUME declared_allocation
    return Sizes(people * share, people * (1 - share), [flag(rows, "declared_allocation"), *assumed])


def sizes(rows: pd.DataFrame, choices: Choices) -> Sizes:
    """Return printed arm sizes, and shares of the total where none are printed."""
    n1, n2 = printed_sizes(rows)
    shared = sizes_of_total(rows, choices)
    known = np.isfinite(n1) & np.isfinite(n2)
    return Sizes(
        np.where(known, n1, shared.n1),
        np.where(known, n2, shared.n2),
        [np.where(known, "", part) for part in shared.assumptions],
    )


def interval_is_normal(rows: pd.DataFrame) -> Array:
    """Return whether an interval may be read as a normal or t interval around its estimate."""
    return np.isin(words(rows, "ci_method"), ["", "normal"])


def correlation(rows: pd.DataFrame, choices: Choices) -> tuple[Array, list[Array]]:
    """Return the correlation of two measurements of the same people: printed, or the declared one.

    Returns
    -------
    r : array, shape (k,)
        The correlation.
    assumptions : list of array of str
        "r_declared" where it is not printed.
    """
    (printed,) = numbers(rows, "r_pre_post")
    known = np.isfinite(printed)
    # ASSUME r_declared
    return np.where(known, printed, choices.r_pre_post.value), [flag(rows, "r_declared", ~known)]
