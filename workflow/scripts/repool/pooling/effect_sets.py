"""Sets of effects that are pooled together: one analysis, ladder step and reading at a time."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

#: What tells one set of effects from another.
SET_COLUMNS = ("analysis", "ladder_step", "step_order", "reading")

#: Order of the readings in every table.
READINGS = ("preferred", "cautious", "best_case", "worst_case")


def sets_of(effects: pd.DataFrame, *, expected_sets: Iterable[tuple] = ()) -> list[tuple]:
    """Return the sets of an effects table in order: by step, the preferred reading first.

    Parameters
    ----------
    effects : pandas.DataFrame
        Effects with the columns of `SET_COLUMNS`; may be empty.
    expected_sets : iterable of tuple
        Sets, as in `SET_COLUMNS`, that are listed even when they hold no effect.

    Returns
    -------
    list of tuple
        Pairs of (values of `SET_COLUMNS`, the rows of that set).
    """
    groups = effects.groupby(list(SET_COLUMNS), sort=True)
    found = {_with_whole_step(key): rows for key, rows in groups}
    keys = sorted({*found, *map(_with_whole_step, expected_sets)}, key=_place)
    return [(key, found.get(key, effects.iloc[:0])) for key in keys]


def checked_set(effects: pd.DataFrame) -> pd.DataFrame:
    """Return a set of independent effects in order, or stop when it must not be pooled.

    Parameters
    ----------
    effects : pandas.DataFrame
        Effects of one analysis, ladder step and reading.

    Returns
    -------
    pandas.DataFrame
        The same rows sorted by study and cohort, so that the order of rows moves no digit.

    Raises
    ------
    ValueError
        When measures differ, a cohort stands twice, or yi or vi of an effect cannot be used.
    """
    twice = sorted(set(effects.loc[effects["cohort_id"].duplicated(), "cohort_id"].astype(str)))
    if twice:
        raise ValueError(f"one effect per cohort; more than one for {', '.join(twice)}")
    return checked_dependent_set(effects)


def checked_dependent_set(effects: pd.DataFrame) -> pd.DataFrame:
    """Return a set of effects in order, of which several may come from one cohort, or stop as `checked_set` does."""
    measures = sorted(set(effects["measure"]))
    if len(measures) > 1:
        raise ValueError(f"effects of different measures cannot be pooled: {', '.join(measures)}")
    for label, yi, vi in zip(effects["label"], effects["yi"], effects["vi"], strict=True):
        if not math.isfinite(float(yi)):
            raise ValueError(f"yi of {label} is {yi}; must be a number")
        if not (math.isfinite(float(vi)) and float(vi) > 0):
            raise ValueError(f"vi of {label} is {vi}; must be a number above 0")
    keys = [name for name in ("study_id", "cohort_id", "result_id") if name in effects]
    return effects.sort_values(keys, kind="stable", ignore_index=True)


def _with_whole_step(key: tuple) -> tuple:
    """Return the values of a set with the step's number as a whole number."""
    analysis, ladder_step, step_order, reading = key
    return analysis, ladder_step, int(step_order), reading


def _place(key: tuple) -> tuple:
    """Return what a set is sorted by."""
    analysis, ladder_step, step_order, reading = key
    rank = READINGS.index(reading) if reading in READINGS else len(READINGS)
    return analysis, step_order, ladder_step, rank, reading
