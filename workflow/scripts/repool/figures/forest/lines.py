"""Lines of the forest plot: one study, one pooled result, or words about one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from repool.figures.words import count_text, interval, number, plain_number_text, plain_text, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from repool.figures.forest.presets import Preset

#: What makes two rows of effects.csv the same effect at two steps of the ladder.
EFFECT_KEY = ("study_id", "cohort_id", "result_id")
#: Kinds of lines with a diamond.
DIAMONDS = ("pooled", "subtotal", "model")
#: Kinds of lines that are words alone.
WORDS_ALONE = ("heading", "not_pooled", "test")


@dataclass(frozen=True)
class Arm:
    """What a line says of one arm, in words; "" for what is not known."""

    events: str = ""
    n: str = ""
    mean: str = ""
    sd: str = ""

    def __bool__(self) -> bool:
        """Whether anything is known."""
        return bool(self.events or self.n or self.mean or self.sd)

    @property
    def joined(self) -> str:
        """Everything in one cell: "4/123", "12.3 (4.5), 40" or "40"."""
        if self.events:
            return f"{self.events}/{self.n or '–'}"
        if self.mean:
            spread = f" ({self.sd})" if self.sd else ""
            return f"{self.mean}{spread}, {self.n or '–'}"
        return self.n


NO_ARMS = (Arm(), Arm())


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the plot: a heading, a study, a pooled result, or words about one."""

    kind: str  # heading, study, pooled, subtotal, model, events, prediction, not_pooled or test
    key: str
    label: str
    arms: tuple[Arm, Arm] = NO_ARMS
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
    study_id: str = ""
    #: Degrees of freedom of the distribution behind a prediction interval; infinite for the normal, None if unknown.
    df: float | None = None
    level: float | None = None

    @property
    def text(self) -> str:
        """Label with its marks, which must not be parted from it."""
        return f"{self.label}\u00a0{self.marks}" if self.marks else self.label

    @property
    def effect_text(self) -> str:
        """Estimate and interval in one piece."""
        return f"{self.estimate_text} {self.interval_text}".strip()

    @property
    def is_strong(self) -> bool:
        """Whether its words are bold."""
        return self.kind in ("heading", "pooled", "subtotal")


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
    preset: Preset,
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
    preset : Preset
        How intervals and weights are written.

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
        arms=arms_of(row),
        estimate_text="not estimable" if estimate is None else shown(estimate, is_ratio=is_ratio),
        interval_text=interval_words(low, high, is_ratio=is_ratio, preset=preset),
        weight_text="" if weight is None else f"{weight:.1f}{preset.percent}",
        estimate=estimate,
        low=low,
        high=high,
        weight_percent=weight,
        is_pooled=effect_key(row) in weights,
        assumptions=assumptions,
        marks="\u00a0".join(marks[name][1] for name in assumptions),
        study_id=plain_text(row["study_id"]),
    )


def interval_words(low: float | None, high: float | None, *, is_ratio: bool, preset: Preset) -> str:
    """Return an interval as the preset writes it."""
    return interval(low, high, is_ratio=is_ratio, bracket=preset.bracket, minus_joint=preset.minus_joint)


def arms_of(row: Mapping[str, object]) -> tuple[Arm, Arm]:
    """Return what a row of effects.csv says of both arms."""
    return _arm(row, 1), _arm(row, 2)


def _arm(row: Mapping[str, object], arm: int) -> Arm:
    """Return what a row of effects.csv says of one arm."""
    return Arm(
        events=count_text(row[f"events_arm{arm}"]),
        n=count_text(row[f"n_arm{arm}"]),
        mean=plain_number_text(row.get(f"mean_arm{arm}")),
        sd=plain_number_text(row.get(f"sd_arm{arm}")),
    )


def reason_text(row: Mapping[str, object]) -> str:
    """Return why a step is not pooled, without a full stop."""
    return plain_text(row["reason"]).rstrip(".") or "no reason is recorded"
