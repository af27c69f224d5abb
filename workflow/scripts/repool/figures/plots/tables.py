"""What plots read from the tables: rows that can be drawn, the primary result, numbers and names of studies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from repool.figures.words import interval, level_text, plain_text, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from repool.figures.plots.canvas import PlotWords

#: Up to so many points each gets a number and a line in the key.
MOST_NUMBERED = 40


def drawable(table: pd.DataFrame, needed: Sequence[str]) -> pd.DataFrame:
    """Return the rows whose needed cells are all finite numbers, numbered anew from 0.

    Parameters
    ----------
    table : pandas.DataFrame
        A table as it stands in the results.
    needed : sequence of str
        Columns; a table without one of them has no such row.
    """
    import pandas as pd

    if any(name not in table.columns for name in needed):
        return table.iloc[0:0].reset_index(drop=True)
    numbers = {name: pd.to_numeric(table[name], errors="coerce").astype(float) for name in needed}
    found = table.assign(**numbers)
    is_finite = np.isfinite(found[list(needed)].to_numpy(dtype=float)).all(axis=1)
    return found[is_finite].reset_index(drop=True)


def rows_of(table: pd.DataFrame, column: str, value: str, *, needed: Sequence[str]) -> pd.DataFrame:
    """Return the drawable rows with one value in a column."""
    if column not in table.columns:
        return table.iloc[0:0].reset_index(drop=True)
    return drawable(table[table[column] == value], needed)


def primary_row(pooled: pd.DataFrame) -> pd.Series | None:
    """Return the row of the primary model; None when nothing was pooled.

    Raises
    ------
    ValueError
        When there are several: the table must hold one ladder step and one reading.
    """
    usable = drawable(pooled, ("estimate", "ci_lb", "ci_ub"))
    found = usable[(usable["is_primary"] == "yes") & (usable["verdict"] == "pooled")]
    if len(found) > 1:
        raise ValueError(f"{len(found)} primary results; a plot needs those of one ladder step and one reading")
    return None if found.empty else found.iloc[0]


def common_row(pooled: pd.DataFrame) -> pd.Series | None:
    """Return the row of the common-effect model, the first if there are several; None when there is none."""
    usable = drawable(pooled, ("estimate", "ci_lb", "ci_ub"))
    found = usable[(usable["method_tau2"].isin(["none", ""])) & (usable["verdict"] == "pooled")]
    return None if found.empty else found.iloc[0]


def counted(count: int, noun: str) -> str:
    """Return "1 effect", "16 effects" or "16 studies"."""
    several = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count} {noun if count == 1 else several}"


def name_of(row: object) -> str:
    """Return the label of a row, or its study's name where it has none."""
    return plain_text(getattr(row, "label", "")) or plain_text(getattr(row, "study_id", ""))


def estimate_text(row: pd.Series, *, words: PlotWords) -> str:
    """Return a pooled result in words, for example "0.46 (95 % interval 0.30 to 0.73)"."""
    span = interval(float(row["ci_lb"]), float(row["ci_ub"]), is_ratio=words.is_ratio).strip("[]")
    return f"{shown(float(row['estimate']), is_ratio=words.is_ratio)} ({level_text(words.level)} interval {span})"


def span_text(values: Sequence[float], *, words: PlotWords) -> str:
    """Return the smallest and the largest value as "0.11 to 1.25"."""
    return " to ".join(shown(float(end), is_ratio=words.is_ratio) for end in (min(values), max(values)))


def unnumbered_note(count: int, *, noun: str = "Points", most: int = MOST_NUMBERED) -> str:
    """Say why points have no numbers, where there are too many; "" otherwise."""
    return f"{noun} are not numbered: there are more than {most}." if count > most else ""


def none_influential(studies: pd.DataFrame) -> str:
    """Say that no study is influential, or that the table does not tell."""
    known = (studies["is_influential"] == "no").any()
    return "No study is influential." if known else "The table does not say which studies are influential."
