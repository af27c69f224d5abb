"""What to add to counts when one of them is zero."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

Array = np.ndarray

#: The rules in words. The first four are those of metafor's `escalc`, argument `to`.
RULES = {
    "only0": "added to every cell of the tables that have a zero cell",
    "all": "added to every cell of every table",
    "if0all": "added to every cell of every table as soon as one table has a zero cell",
    "none": "nothing is added",
    "zero_cells_only": "added just to the cells that are zero",
    "treatment_arm": "added to every cell of the tables that have a zero cell, in proportion to the size of the arm",
}


@dataclass(frozen=True)
class ZeroCells:
    """A rule for tables with a zero cell.

    Attributes
    ----------
    rule : str
        One of `RULES`.
    add : float
        What is added to a cell, in people or events; usually 0.5.
    drop_double_zero : bool
        Whether to leave out (NaN) comparisons in which nobody or everybody has the outcome in both arms.

    Raises
    ------
    ValueError
        For an unknown rule, or an `add` that is negative or not a number.

    Notes
    -----
    `treatment_arm` is the treatment arm continuity correction of Sweeting, Sutton and Lambert (2004, Statistics in
    Medicine 23, 1351-1375). What is added in an arm is proportional to the reciprocal of the size of the
    other arm, and both arms together get 2 * add; that is 2 * add * n1 / (n1 + n2) in each cell of arm 1 and
    2 * add * n2 / (n1 + n2) in each cell of arm 2. With add = 0.5 the two sum to 1, as in the paper, and with equal
    arms the rule is `only0`.

    With `drop_double_zero`, pairs are left out when nobody, or everybody, has the outcome both times. R leaves out
    pairs without the outcome in arm 2 alone, which are informative.
    """

    rule: str
    add: float
    drop_double_zero: bool

    def __post_init__(self) -> None:
        """Refuse a rule that does not exist."""
        if self.rule not in RULES:
            raise ValueError(f"the rule for zero cells is {self.rule!r}; must be one of {', '.join(RULES)}")
        if not (math.isfinite(self.add) and self.add >= 0):
            raise ValueError(f"what is added to zero cells is {self.add!r}; must be a number, 0 or more")


#: The cells of each kind of data, the arm (0 or 1) each stands in, and the groups of cells that are all zero in a
#: comparison that says nothing. Kinds of data that are not here have no cells.
_BOTH_ARMS = (("yes_arm1", "yes_arm2"), ("no_arm1", "no_arm2"))
_LAYOUTS: dict[str, tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]] = {
    "two_by_two": (("yes_arm1", "no_arm1", "yes_arm2", "no_arm2"), _BOTH_ARMS),
    "marginal_pairs": (("yes_arm1", "no_arm1", "yes_arm2", "no_arm2"), _BOTH_ARMS),
    "person_time": (("events_arm1", "events_arm2"), (("events_arm1", "events_arm2"),)),
    "pairs": (
        ("pairs_yes_yes", "pairs_yes_no", "pairs_no_yes", "pairs_no_no"),
        (("pairs_yes_yes", "pairs_yes_no", "pairs_no_yes"), ("pairs_yes_no", "pairs_no_yes", "pairs_no_no")),
    ),
    "proportion": (("yes", "no"), ()),
    "rate": (("events",), ()),
}


def has_cells(family: str) -> bool:
    """Return whether data of this family are counts that a rule for zero cells applies to."""
    return family in _LAYOUTS


def with_cells(family: str, values: SimpleNamespace, zero_cells: ZeroCells) -> tuple[SimpleNamespace, Array]:
    """Return the inputs with their cells, corrected where the rule says so.

    Parameters
    ----------
    family : str
        A family with cells.
    values : namespace of array, shape (k,)
        The inputs; NaN where they are impossible.
    zero_cells : ZeroCells
        The rule.

    Returns
    -------
    values : namespace of array, shape (k,)
        The inputs and the cells: people with and without the outcome per arm, pairs, or events.
    corrected : array of bool, shape (k,)
        Where something was added.

    Raises
    ------
    ValueError
        When `treatment_arm` is asked for data other than two-by-two tables.
    """
    if zero_cells.rule == "treatment_arm" and family != "two_by_two":
        raise ValueError(f"the rule treatment_arm is for two independent arms with people counted, not for {family}")
    raw = _split(family, values)
    names, double_zeros = _LAYOUTS[family]
    cells = np.stack([getattr(raw, name) for name in names])
    cells = np.where(np.isnan(cells).any(axis=0), np.nan, cells)
    if zero_cells.drop_double_zero:
        for group in double_zeros:
            empty = np.all([getattr(raw, name) == 0 for name in group], axis=0)
            cells = np.where(empty, np.nan, cells)
    extra = _extra(cells, values, zero_cells)
    corrected = (extra > 0).any(axis=0) & ~np.isnan(cells).any(axis=0)
    parts = dict(zip(names, cells + extra, strict=True))
    return SimpleNamespace(**{**vars(raw), **parts}), corrected


def _split(family: str, values: SimpleNamespace) -> SimpleNamespace:
    """Add the people without the outcome to the people with it."""
    known = dict(vars(values))
    if family in ("two_by_two", "marginal_pairs"):
        known |= {
            "yes_arm1": values.events_arm1,
            "no_arm1": values.n_arm1 - values.events_arm1,
            "yes_arm2": values.events_arm2,
            "no_arm2": values.n_arm2 - values.events_arm2,
        }
    elif family == "proportion":
        known |= {"yes": values.events, "no": values.n - values.events}
    return SimpleNamespace(**known)


def _extra(cells: Array, values: SimpleNamespace, zero_cells: ZeroCells) -> Array:
    """Return what the rule adds to each cell; cells have shape (cells, k)."""
    zero = cells == 0
    tables = zero.any(axis=0)
    if zero_cells.rule == "none":
        where = np.zeros_like(zero)
    elif zero_cells.rule == "zero_cells_only":
        where = zero
    elif zero_cells.rule in ("only0", "treatment_arm"):
        where = np.broadcast_to(tables, zero.shape)
    else:
        where = np.full(zero.shape, zero_cells.rule == "all" or bool(tables.any()))
    share = 1.0
    if zero_cells.rule == "treatment_arm":
        both = values.n_arm1 + values.n_arm2
        share = 2 * np.stack([values.n_arm1, values.n_arm1, values.n_arm2, values.n_arm2]) / both
    # Not a product: 0 times the NaN of an empty table would spread.
    return np.where(where, zero_cells.add * share, 0.0)
