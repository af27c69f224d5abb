"""Layout of the forest plot: where each line and column goes, in points from the top left."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from repool.figures.forest_content import Forest
    from repool.figures.forest_lines import Line

#: Width in points of a text in a weight ("normal" or "bold") and a size in points.
Measure = Callable[[str, float, str], float]

#: Distances as multiples of the font size.
LINE_HEIGHT = 1.36
COLUMN_GAP = 1.1
MARGIN = 0.7
#: In points: widths are sums of rounded numbers, and a text as wide as its column must fit.
ROUNDING = 0.01
#: From this number of studies on, rows stand closer.
CROWDED_FROM = 25
#: Least share of the width for the plot, and for study names that need it.
LEAST_SHARE = 0.22
#: Share of the width that the plot gets when study names take all they can.
COMMON_SHARE = 0.28


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Left and right end of each column in points, and how rows are written in them."""

    label: tuple[float, float]
    arm1: tuple[float, float]
    arm2: tuple[float, float]
    plot: tuple[float, float]
    effect: tuple[float, float]
    weight: tuple[float, float]
    is_stacked: bool
    has_arms: bool
    has_weights: bool


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A line with its wrapped words and its place below the top of the table, in points."""

    line: Line
    label: list[str]
    small: list[str]
    effect: list[str]
    top: float
    height: float

    @property
    def centre(self) -> float:
        """Middle of the line."""
        return self.top + self.height / 2


def unbroken(text: str) -> list[str]:
    """Split a text where a line may end; a sign stays with its number, as in "k = 2" and "95 %"."""
    return re.split(r" (?![%=<−])(?<![=<−] )", text)


def wrap(text: str, *, width: float, measure: Callable[[str], float]) -> list[str]:
    """Break a text into lines no wider than `width`; a word wider than that is broken too.

    Parameters
    ----------
    text : str
        Words separated by spaces.
    width : float
        In the unit of `measure`.
    measure : callable
        Width of a text.

    Returns
    -------
    list of str
        At least one line, possibly blank.
    """
    lines, current = [], ""
    for word in unbroken(text):
        trial = f"{current} {word}" if current else word
        if measure(trial) <= width + ROUNDING:
            current = trial
            continue
        if current:
            lines.append(current)
        while len(word) > 1 and measure(word) > width + ROUNDING:
            lengths = range(1, len(word))
            fitting = bisect_right(lengths, width + ROUNDING, key=lambda n, w=word: measure(w[:n]))
            cut = max(1, fitting)
            lines.append(word[:cut])
            word = word[cut:]
        current = word
    return [*lines, current] if current or not lines else lines


def columns_of(
    forest: Forest, *, width: float, font_size: float, heads: dict[str, list[str]], measure: Measure
) -> Columns:
    """Share the width among the columns.

    Parameters
    ----------
    forest : Forest
        What is to be drawn.
    width, font_size : float
        In points.
    heads : dict
        Lines of each column's head by column name.
    measure : callable
        Width of a text.

    Returns
    -------
    Columns
        All columns side by side where they fit; otherwise rows stacked on two lines.

    Raises
    ------
    ValueError
        If the page is too narrow for the font size even then.
    """
    for is_stacked in (False, True):
        found = _share(forest, width=width, size=font_size, heads=heads, measure=measure, is_stacked=is_stacked)
        if found is not None:
            return found
    raise ValueError(f"width_cm is too narrow for font_size {font_size:g}")


def _share(forest, *, width, size, heads, measure, is_stacked) -> Columns | None:
    """Return the columns, or None when plot and study names get less than their share."""
    wide = _widths(forest, size=size, heads=heads, measure=measure, is_stacked=is_stacked)
    gap, margin = COLUMN_GAP * size, MARGIN * size
    least = LEAST_SHARE * width
    free = width - 2 * margin - gap - math.fsum(wide[n] + gap for n in wide if n != "label" and wide[n])
    label = max(min(wide["label"], free - COMMON_SHARE * width), min(wide["label"], least))
    if free - label < least:
        return None
    wide |= {"label": label, "plot": free - label}
    spans, left = {}, margin
    for name in ("label", "arm1", "arm2", "plot", "effect", "weight"):
        spans[name] = (left, left + wide[name])
        left += wide[name] + (gap if wide[name] else 0.0)
    has_arms, has_weights = wide["arm1"] > 0, wide["weight"] > 0
    return Columns(**spans, is_stacked=is_stacked, has_arms=has_arms, has_weights=has_weights)


def _widths(forest, *, size, heads, measure, is_stacked) -> dict[str, float]:
    """Return the width that each column but the plot needs; 0 for a column that is not drawn."""

    def widest(texts, weight="normal"):
        return max((measure(text, size, weight) for text in texts), default=0.0)

    def column(name, texts):
        words = (word for text in heads[name] for word in unbroken(text))
        return max(widest(texts), widest(words, "bold"))

    pooled = [line for line in forest.lines if line.kind == "pooled"]
    weights = [line.weight_text for line in forest.studies if line.weight_text]
    arms = [0.0, 0.0]
    if forest.has_counts and not is_stacked:
        arms = [column(f"arm{i + 1}", [s.arms[i] for s in forest.studies]) for i in (0, 1)]
    effects = [p for line in forest.lines for p in effect_parts(line, is_stacked=is_stacked)]
    strong = [p for line in pooled for p in effect_parts(line, is_stacked=is_stacked)]
    # The name of a pooled result may run on below the columns of the arms.
    beside = math.fsum(arm + COLUMN_GAP * size for arm in arms if arm)
    pooled_label = widest((line.label for line in pooled), "bold") - beside
    return {
        "label": max(column("label", [line.text for line in forest.studies]), pooled_label),
        "arm1": arms[0],
        "arm2": arms[1],
        "effect": max(column("effect", effects), widest(strong, "bold")),
        "weight": column("weight", weights) if weights else 0.0,
    }


def effect_parts(line: Line, *, is_stacked: bool) -> list[str]:
    """Return the effect of a line as one text, or as estimate over interval when stacked."""
    parts = [line.estimate_text, line.interval_text] if is_stacked else [line.effect_text]
    return [part for part in parts if part]


def line_weight(line: Line) -> str:
    """Return the weight of the font in which the words of a line are written."""
    return "bold" if line.kind in {"heading", "pooled"} else "normal"


def place(forest: Forest, columns: Columns, *, font_size: float, measure: Measure) -> list[Placed]:
    """Give each line its height and its place below the top of the table.

    Parameters
    ----------
    forest : Forest
        What is to be drawn.
    columns : Columns
        Where the columns are.
    font_size : float
        In points.
    measure : callable
        Width of a text.

    Returns
    -------
    list of Placed
        One per line, from the top.
    """
    placed: list[Placed] = []
    top = 0.0
    padding = font_size * (0.5 if len(forest.studies) < CROWDED_FROM else 0.15)
    for line in forest.lines:
        weight = line_weight(line)
        right = {
            "study": columns.label[1],
            "heading": columns.weight[1],
            "not_pooled": columns.weight[1],
        }
        width = right.get(line.kind, columns.plot[0] - COLUMN_GAP * font_size) - columns.label[0]
        label = wrap(line.text, width=width, measure=lambda t, w=weight: measure(t, font_size, w))
        small = []
        if columns.is_stacked and any(line.arms):
            arms = " v\u00a0".join(arm or "–" for arm in line.arms)
            small = wrap(arms, width=width, measure=lambda t: measure(t, font_size, "normal"))
        effect = effect_parts(line, is_stacked=columns.is_stacked)
        if line.kind == "heading" and placed:
            top += 0.6 * font_size
        height = max(len(label) + len(small), len(effect), 1) * LINE_HEIGHT * font_size + padding
        placed.append(Placed(line=line, label=label, small=small, effect=effect, top=top, height=height))
        top += height
    return placed
