"""What tables about single studies share: which effects are usable, what names a study, and rows with all columns."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

#: Columns that name a study.
STUDY = ("study_id", "cohort_id", "label")
#: Below this many effects there is nothing to leave out that would still be a pool.
MINIMUM_K = 3


def usable(effects: pd.DataFrame, minimum_k: int, *, needed_column: str = "") -> tuple[np.ndarray, str]:
    """Return which effects can be used, and in words why the rest of the work is not done, if so."""
    yi, vi = effects["yi"].to_numpy(float), effects["vi"].to_numpy(float)
    used = np.isfinite(yi) & np.isfinite(vi) & (vi > 0)
    if needed_column:
        used &= effects[needed_column].notna().to_numpy() & (effects[needed_column] != "").to_numpy()
    needed, k = max(MINIMUM_K, minimum_k), int(used.sum())
    return used, "" if k >= needed else f"not run: needs {needed} usable effects, there are {k}"


def numbers_of(effects: pd.DataFrame, used: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the usable effects and their sampling variances."""
    return effects["yi"].to_numpy(float)[used], effects["vi"].to_numpy(float)[used]


def measure_of(effects: pd.DataFrame) -> str:
    """Return the one measure of the effects, or stop: different measures are never pooled."""
    measures = sorted(set(effects["measure"].astype(str)))
    if len(measures) > 1:
        raise ValueError(f"effects of different measures cannot be pooled: {', '.join(measures)}")
    return measures[0] if measures else ""


def records_of(effects: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the effects row by row."""
    return effects.to_dict("records")


def study_of(row: dict[str, Any]) -> dict[str, Any]:
    """Return what names the study of a row."""
    return {name: row[name] for name in STUDY}


def finished(
    rows: list[dict[str, Any]], columns: tuple[str, ...], *, note: str = "", where: np.ndarray | None = None
) -> list[dict[str, Any]]:
    """Return rows with all columns in order: words blank as "", numbers as nan; the note where it applies."""
    words = {*STUDY, "note", "is_influential", "outlying", "quantity", "every_subset", "order_column"}
    result = []
    for i, row in enumerate(rows):
        extra = {"note": note} if note and (where is None or where[i]) else {}
        full = row | extra
        result.append({name: full.get(name, "" if name in words else math.nan) for name in columns})
    return result
