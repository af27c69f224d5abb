"""What the routes share: columns, arm sizes, p-values, and the table that each of them returns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

#: Columns that a route returns; the index is that of the rows.
RESULT = ["measure", "yi", "vi", "vtype", "n_arm1", "n_arm2", "events_arm1", "events_arm2", "assumptions"]
RATIO_SCALES = ("OR", "RR", "HR", "IRR")
#: The logarithm of these does not merely change its sign when the outcome is turned into its opposite.
CANNOT_TURN = ("RR", "HR", "IRR")


@dataclass(frozen=True)
class Choices:
    """Statistical choices of the configuration that routes follow."""

    zero_rule: str
    zero_add: float
    p_without_sides: str


def numbers(rows: pd.DataFrame, *names: str) -> list[np.ndarray]:
    """Return columns as float arrays of shape (k,), blank cells as NaN."""
    return [rows[name].to_numpy(dtype=float) for name in names]


def result_table(
    rows: pd.DataFrame,
    mask: np.ndarray,
    measure: Any,
    yi: Any,
    vi: Any,
    vtype: str,
    n: Any,
    events: Any,
    assumptions: Iterable[str],
) -> pd.DataFrame:
    """Return the results of the rows under the mask that have an effect."""
    import pandas as pd

    size = len(rows)
    missing = np.full(size, np.nan)
    n1, n2 = n if n is not None else (missing, missing)
    e1, e2 = events if events is not None else (missing, missing)
    table = pd.DataFrame(
        {
            "measure": measure,
            "yi": yi,
            "vi": vi,
            "vtype": vtype,
            "n_arm1": n1,
            "n_arm2": n2,
            "events_arm1": e1,
            "events_arm2": e2,
            "assumptions": list(assumptions),
        },
        index=rows.index,
    )
    return table[mask & np.isfinite(yi) & np.isfinite(vi)]


def concat(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Return several result tables as one; an empty one with the same columns if there are none."""
    import pandas as pd

    tables = [table for table in tables if len(table)]
    return pd.concat(tables) if tables else pd.DataFrame(columns=RESULT)


def join_flags(*parts: np.ndarray) -> list[str]:
    """Return the non-empty parts of each row, joined with ";"."""
    return [";".join(sorted(word for word in row if word)) for row in zip(*parts, strict=True)]


def flag(rows: pd.DataFrame, text: str, where: Any = True) -> np.ndarray:
    """Return a word for each row where it applies, else ""."""
    return np.where(np.broadcast_to(where, len(rows)), text, "")


def compares_two_groups(rows: pd.DataFrame) -> np.ndarray:
    """Return whether each row compares two groups that count people."""
    return ~np.isin(rows["comparator"].to_numpy(object), ["none", "pre"]) & (
        rows["n_total_basis"].to_numpy(object) != "other_unit"
    )


def percents_of_people(rows: pd.DataFrame) -> np.ndarray:
    """Return whether the percents of each row are of people."""
    return rows["percent_of"].to_numpy(object) != "other_unit"


def arms_of_total(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Return the arm size under equal allocation, where it may be used, and what is assumed."""
    total, arms, follow_up = numbers(rows, "n_total", "n_total_arms", "followup_percent")
    basis = rows["n_total_basis"].to_numpy(dtype=object)
    lost = np.isfinite(follow_up)
    # ASSUME equal_arms
    size = total / arms * np.where(lost, follow_up / 100, 1.0)
    printed = np.isfinite(rows["n_arm1"].to_numpy(float)) & np.isfinite(rows["n_arm2"].to_numpy(float))
    usable = np.isfinite(size) & (arms >= 2) & (basis != "other_unit") & ~printed
    assumed = [
        flag(rows, "equal_arms"),
        flag(rows, "all_randomised_counted", np.isin(basis, ["randomised", "enrolled"]) & ~lost),
        flag(rows, "equal_follow_up", lost),
    ]
    return size, usable, assumed


def printed_arm_sizes(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the printed arm sizes, blank where they count anything but people."""
    people = rows["n_total_basis"].to_numpy(object) != "other_unit"
    n1, n2 = numbers(rows, "n_arm1", "n_arm2")
    return np.where(people, n1, np.nan), np.where(people, n2, np.nan)


def p_as_read(rows: pd.DataFrame, sign: str, choices: Choices) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return (p, sides, usable, words): the p-value of this contrast as it is read by default."""
    (p,) = numbers(rows, "p")
    tails = rows["tails"].to_numpy(object)
    usable = (
        (rows["p_op"].to_numpy(object) == sign) & (rows["p_scope"].to_numpy(object) == "contrast") & (p > 0) & (p < 1)
    )
    stated = np.isin(tails, ["one", "two"])
    # ASSUME p_two_sided
    sides = np.where(np.where(stated, tails, choices.p_without_sides) == "one", 1.0, 2.0)
    words = np.where(stated, "", f"p_{choices.p_without_sides}_sided")
    return np.where(usable, p, np.nan), sides, usable, words


def sign_in_words(rows: pd.DataFrame) -> np.ndarray:
    """Return the sign, in the direction of the reported term, of a result that is given in words."""
    # ASSUME sign_from_words
    favours = rows["favours"].to_numpy(object)
    better = np.where(rows["term_higher_is_better"].to_numpy(object) == "yes", 1.0, -1.0)
    return np.where(favours == "arm1", better, np.where(favours == "arm2", -better, np.nan))


def can_be_turned(rows: pd.DataFrame, scale: np.ndarray) -> np.ndarray:
    """Return whether each ready-made ratio may be used: it points the right way, or is an odds ratio."""
    return (rows["flip"].to_numpy(dtype=float) == 1) | ~np.isin(scale, CANNOT_TURN)
