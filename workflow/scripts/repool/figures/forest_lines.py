"""Lines of the forest plot: one study, one pooled result, or words about one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from repool.figures.forest_words import (
    count_text,
    inner,
    interval,
    level_text,
    number,
    plain_text,
    shown,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What makes two rows of effects.csv the same effect at two steps of the ladder.
EFFECT_KEY = ("study_id", "cohort_id", "result_id")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the plot: a heading, a study, a pooled result, or words about one."""

    kind: str  # heading, study, pooled, prediction or not_pooled
    key: str
    label: str
    arms: tuple[str, str] = ("", "")
    estimate_text: str = ""
    interval_text: str = ""
    weight_text: str = ""
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    weight_percent: float | None = None
    is_pooled: bool = False
    assumptions: tuple[str, ...] = ()
    marks: str = ""

    @property
    def text(self) -> str:
        """Label with its marks, which must not be parted from it."""
        return f"{self.label}\u00a0{self.marks}" if self.marks else self.label

    @property
    def effect_text(self) -> str:
        """Estimate and interval in one piece."""
        return f"{self.estimate_text} {self.interval_text}".strip()


def assumption_ids(cell: object) -> list[str]:
    """Split a cell of assumption ids joined with ";"."""
    return [name for name in re.split(r"\s*;\s*", plain_text(cell)) if name]


def effect_key(row: Mapping[str, object]) -> tuple:
    """Return what names the effect of a row at every step of the ladder."""
    return tuple(row[name] for name in EFFECT_KEY)


def identifier(name: object, taken: set[str]) -> str:
    """Return a name that may stand in an SVG id and is not in `taken`, and add it there."""
    stem = re.sub(r"[^A-Za-z0-9_.-]+", "_", plain_text(name)) or "_"
    candidate, count = stem, 1
    while candidate in taken:
        count += 1
        candidate = f"{stem}.{count}"
    taken.add(candidate)
    return candidate


def study_line(
    row: Mapping[str, object],
    *,
    key: str,
    marks: Mapping[str, tuple[str, str]],
    weights: Mapping[tuple, float | None],
    is_ratio: bool,
) -> Line:
    """Return the line of one effect.

    Parameters
    ----------
    row : mapping
        One row of effects.csv with ci_lb and ci_ub on the analysis scale.
    key : str
        Its name in the file.
    marks : mapping
        Assumption id to its letter and its raised letter.
    weights : mapping
        Effect to its weight in percent; an effect that is never pooled has no key.
    is_ratio : bool
        Whether the analysis scale is logarithmic.

    Returns
    -------
    Line
        Of the kind "study".
    """
    estimate, low, high = (number(row[name]) for name in ("yi", "ci_lb", "ci_ub"))
    assumptions = tuple(assumption_ids(row["assumptions"]))
    weight = weights.get(effect_key(row))
    return Line(
        kind="study",
        key=key,
        label=plain_text(row["label"]) or plain_text(row["study_id"]),
        arms=(_arm(row, 1), _arm(row, 2)),
        estimate_text="not estimable" if estimate is None else shown(estimate, is_ratio=is_ratio),
        interval_text=interval(low, high, is_ratio=is_ratio),
        weight_text="" if weight is None else f"{weight:.1f} %",
        estimate=estimate,
        low=low,
        high=high,
        weight_percent=weight,
        is_pooled=effect_key(row) in weights,
        assumptions=assumptions,
        marks="\u00a0".join(marks[name][1] for name in assumptions),
    )


def _arm(row: Mapping[str, object], arm: int) -> str:
    """Return events over people of an arm, or the people alone."""
    events, people = count_text(row[f"events_arm{arm}"]), count_text(row[f"n_arm{arm}"])
    return f"{events}/{people or '–'}" if events else people


def result_lines(row: Mapping[str, object], *, key: str, is_ratio: bool, level: float) -> list[Line]:
    """Return the lines of one pooled result, or the reason why there is none.

    Parameters
    ----------
    row : mapping
        One row of pooled.csv with the words of its step as "step_title".
    key : str
        Its name in the file.
    is_ratio : bool
        Whether the analysis scale is logarithmic.
    level : float
        Level of the intervals.

    Returns
    -------
    list of Line
        A diamond with or without a prediction interval, or one line of words.
    """
    if row["verdict"] != "pooled":
        return [Line(kind="not_pooled", key=key, label=f"Not pooled: {reason_text(row)}.")]
    estimate, low, high = (number(row[name]) for name in ("estimate", "ci_lb", "ci_ub"))
    if estimate is None or low is None or high is None:
        raise ValueError(f"{row['step_title']}: pooled, but without an estimate or interval")
    diamond = Line(
        kind="pooled",
        key=key,
        label=f"Pooled, {inner(row['step_title'])} (k = {count_text(row['k'])})",
        estimate_text=shown(estimate, is_ratio=is_ratio),
        interval_text=interval(low, high, is_ratio=is_ratio),
        estimate=estimate,
        low=low,
        high=high,
        is_pooled=True,
        assumptions=tuple(assumption_ids(row["assumptions"])),
    )
    low, high = number(row["pi_lb"]), number(row["pi_ub"])
    if low is None or high is None:
        return [diamond]
    bar = Line(
        kind="prediction",
        key=key,
        label=f"{level_text(level)} prediction interval",
        interval_text=interval(low, high, is_ratio=is_ratio),
        low=low,
        high=high,
    )
    return [diamond, bar]


def reason_text(row: Mapping[str, object]) -> str:
    """Return why a step is not pooled, without a full stop."""
    return plain_text(row["reason"]).rstrip(".") or "no reason is recorded"
