"""Layout of the forest plot: where each line goes, in points from the top."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from repool.figures.forest.bias import DOT_GAP, DOT_WIDTH
from repool.figures.forest.columns import cell, effect_parts, small_text
from repool.figures.forest.lines import WORDS_ALONE
from repool.figures.lettering import LINE_HEIGHT, wrap

if TYPE_CHECKING:
    from repool.figures.forest.content import Forest
    from repool.figures.forest.lines import Line
    from repool.figures.forest.widths import Layout

#: Width in points of a text in a weight ("normal" or "bold") and a size in points.
Measure = Callable[[str, float, str], float]

#: Distance of two columns, in font sizes.
COLUMN_GAP = 1.1
#: From this number of studies on, rows stand closer.
CROWDED_FROM = 25
#: Height of the row of a prediction interval that is drawn as a distribution, in lines.
DISTRIBUTION_LINES = 2.2


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


def line_weight(line: Line) -> str:
    """Return the weight of the font in which the words of a line are written."""
    return "bold" if line.is_strong else "normal"


def place(lines: list[Line], forest: Forest, layout: Layout, *, font_size: float, measure: Measure) -> list[Placed]:
    """Give each line its height and its place below the top of the table.

    Parameters
    ----------
    lines : list of Line
        The lines of one page.
    forest : Forest
        The whole plot.
    layout : Layout
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
    for line in lines:
        weight = line_weight(line)
        width = _reach(line, layout, size=font_size) - layout.spans["label"][0]
        label = wrap(line.text, width=width, measure=lambda t, w=weight: measure(t, font_size, w))
        arms = small_text(line, forest, layout.arrangement)
        small = wrap(arms, width=width, measure=lambda t: measure(t, font_size, "normal")) if arms else []
        effect = effect_parts(line, layout.arrangement)
        is_total = line.kind == "pooled" and bool(forest.groups.moderator)
        if placed and (line.kind == "heading" or is_total):
            top += forest.choices.look.space_before_heading * font_size
        rows = max(len(label) + len(small), len(effect), 1)
        if line.kind == "prediction" and forest.choices.prediction == "distribution" and line.df is not None:
            rows = max(rows, DISTRIBUTION_LINES)
        height = rows * LINE_HEIGHT * font_size + (0.0 if line.kind == "test" else padding)
        height += circle_rows(line, forest, layout, size=font_size) * DOT_WIDTH * font_size
        placed.append(Placed(line=line, label=label, small=small, effect=effect, top=top, height=height))
        top += height
    return placed


def circle_rows(line: Line, forest: Forest, layout: Layout, *, size: float) -> int:
    """Return how many rows the circles take that stand under the name of a study."""
    if not (layout.arrangement.bias_below and forest.bias and line.study_id in forest.bias.levels):
        return 0
    return math.ceil(len(forest.bias.letters) / circles_per_row(layout, size=size))


def circles_per_row(layout: Layout, *, size: float) -> int:
    """Return how many circles fit side by side under a name."""
    left, right = layout.spans["label"]
    return max(1, math.floor((right - left + DOT_GAP * size) / ((DOT_WIDTH + DOT_GAP) * size)))


def _reach(line: Line, layout: Layout, *, size: float) -> float:
    """Return how far to the right the name of a line may run."""
    if line.kind in WORDS_ALONE:
        return layout.words_end(line.kind, gap=COLUMN_GAP * size)
    if line.kind == "study":
        return layout.spans["label"][1]
    for column in layout.columns[1:]:
        if column.name == "plot" or cell(line, column.name, layout.arrangement):
            return layout.spans[column.name][0] - COLUMN_GAP * size
    return layout.spans["label"][1]
