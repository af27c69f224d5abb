"""Routes of one result that lead to different effects: a printed contradiction, or an assumption that matters."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

#: Columns of results/checks/disagreements.csv.
DISAGREEMENTS = [
    "result_id", "study_id", "measure", "route", "yi", "sei", "assumptions", "other_route", "other_yi", "other_sei",
    "other_assumptions", "difference_in_se", "se_ratio",
]  # fmt: skip


#: Differences below this, in standard errors, are those of floating point numbers.
ROUNDING = 1e-9


def disagreements(effects: pd.DataFrame, *, difference_in_se: float, se_ratio: float) -> pd.DataFrame:
    """Return the routes that part from the preferred route of the same result and measure.

    Parameters
    ----------
    effects : DataFrame
        All effects (`convert.EFFECTS`).
    difference_in_se : float
        Effects further apart than this, in standard errors of the less certain one, disagree.
    se_ratio : float
        Standard errors whose ratio, the larger over the smaller, is beyond this disagree.

    Returns
    -------
    DataFrame
        Columns `DISAGREEMENTS`: the preferred route, then the other one, sorted by result, measure and rank.
    """
    import numpy as np

    known = effects[effects["yi"].notna()].sort_values(["result_id", "measure", "route_rank"], kind="stable")
    keys = ["result_id", "measure"]
    first = known.drop_duplicates(keys)
    others = known[known.duplicated(keys)][[*keys, "route", "yi", "sei", "assumptions"]]
    others = others.rename(columns={name: f"other_{name}" for name in ("route", "yi", "sei", "assumptions")})
    pairs = first.merge(others, on=keys, how="inner")
    larger = np.maximum(pairs["sei"], pairs["other_sei"])
    smaller = np.minimum(pairs["sei"], pairs["other_sei"])
    apart = (pairs["yi"] - pairs["other_yi"]).abs() / larger
    # Two ways of computing one number differ in the last digits, which are no difference.
    pairs["difference_in_se"] = apart.where(apart > ROUNDING, 0.0)
    pairs["se_ratio"] = larger / smaller
    parted = (pairs["difference_in_se"] > difference_in_se) | (pairs["se_ratio"] > se_ratio)
    return pairs.loc[parted, DISAGREEMENTS].reset_index(drop=True)
