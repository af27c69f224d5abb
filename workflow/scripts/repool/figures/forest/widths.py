"""Widths of the forest plot: where each column goes, in points from the left."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from repool.figures.forest.bias import DOT_GAP, DOT_WIDTH
from repool.figures.forest.columns import Arrangement, Column, arrangements, cell, columns_of, shown_lines
from repool.figures.forest.layout import COLUMN_GAP, line_weight
from repool.figures.lettering import MARGIN, unbroken

if TYPE_CHECKING:
    from repool.figures.forest.content import Forest
    from repool.figures.forest.layout import Measure
    from repool.figures.forest.lines import Line

#: Distances in font sizes: between columns that belong together, and between circles.
INNER_GAP = 0.8
#: Least share of the width for the plot, and for study names that need it; the second where many columns stand beside.
LEAST_SHARE = 0.22
LEAST_SHARE_BESIDE = 0.15
#: A column is as wide as its head where that is at most so many times as wide as its cells.
HEAD_REACH = 1.1
#: Share of the width left of the plot from which words under a result stay beside it.
WORDS_BESIDE = 0.35


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The columns with their places: left and right end of each in points."""

    columns: tuple[Column, ...]
    spans: Mapping[str, tuple[float, float]]
    arrangement: Arrangement
    width: float

    @property
    def plot(self) -> tuple[float, float]:
        """Left and right end of the plot."""
        return self.spans["plot"]

    def words_end(self, kind: str, *, gap: float) -> float:
        """Return how far to the right words that stand alone may run."""
        beside = self.plot[0] - gap
        if kind == "test" and beside >= WORDS_BESIDE * self.width:
            return beside
        return max(right for _, right in self.spans.values())


def layout_of(forest: Forest, *, width: float, font_size: float, measure_label: str, measure: Measure) -> Layout:
    """Share the width among the columns.

    Parameters
    ----------
    forest : Forest
        What is to be drawn.
    width, font_size : float
        In points.
    measure_label : str
        Name of the measure, for the heads.
    measure : callable
        Width of a text.

    Returns
    -------
    Layout
        All columns side by side where they fit; otherwise rows stacked on several lines.

    Raises
    ------
    ValueError
        If the page is too narrow for the font size even then.
    """
    for arrangement in arrangements(forest):
        columns = columns_of(forest, arrangement, measure_label=measure_label)
        found = _share(forest, columns, arrangement, width=width, size=font_size, measure=measure)
        if found is not None:
            return found
    raise ValueError(f"width_cm is too narrow for font_size {font_size:g}")


def _share(forest, columns, arrangement, *, width, size, measure) -> Layout | None:
    """Return the places of the columns, or None when plot and study names get less than their share."""
    wide = _widths(forest, columns, arrangement, size=size, measure=measure)
    gaps = [_gap(one, other) * size for one, other in zip(columns, columns[1:], strict=False)]
    least = LEAST_SHARE * width
    if not arrangement.arms_below and (arrangement.is_split or forest.bias):
        least = LEAST_SHARE_BESIDE * width
    free = width - 2 * MARGIN * size - math.fsum([*gaps, *(wide[n] for n in wide if n != "label")])
    wanted = forest.choices.look.plot_share * width
    label = max(min(wide["label"], free - wanted), min(wide["label"], least))
    if free - label < least:
        return None
    wide |= {"label": label, "plot": free - label}
    spans, left = {}, MARGIN * size
    for column, gap in zip(columns, [*gaps, 0.0], strict=True):
        spans[column.name] = (left, left + wide[column.name])
        left += wide[column.name] + gap
    return Layout(columns=tuple(columns), spans=spans, arrangement=arrangement, width=width)


def _gap(one: Column, other: Column) -> float:
    """Return the distance of two neighbours in font sizes."""
    if one.is_circle and other.is_circle:
        return DOT_GAP
    return INNER_GAP if one.group and one.group == other.group else COLUMN_GAP


def _widths(forest, columns, arrangement, *, size, measure) -> dict[str, float]:
    """Return the width that each column but the plot needs."""

    def widest(texts, weight="normal"):
        return max((measure(text, size, weight) for text in texts), default=0.0)

    wide = {}
    for column in columns:
        words = widest((word for text in column.head for word in unbroken(text)), "bold")
        if column.name == "plot":
            wide["plot"] = 0.0
        elif column.name == "label":
            wide["label"] = max(words, widest(line.text for line in forest.studies))
        elif column.is_circle:
            wide[column.name] = max(DOT_WIDTH * size, words)
        else:
            texts = {weight: [] for weight in ("normal", "bold")}
            for line in forest.lines:
                texts[line_weight(line)] += cell(line, column.name, arrangement)
            cells = max(words, *(widest(own, weight) for weight, own in texts.items()))
            # A head that is hardly wider than its cells is not broken.
            lines = widest(column.head, "bold")
            wide[column.name] = max(cells, lines) if lines <= HEAD_REACH * cells else cells
    _widen_groups(columns, wide, size=size, widest=widest)
    names = [line for line in shown_lines(forest.lines, arrangement) if line.kind in ("pooled", "subtotal")]
    for line in names:
        beside = _beside(line, columns, arrangement, wide, size=size)
        wide["label"] = max(wide["label"], measure(line.text, size, "bold") - beside)
    return wide


def _widen_groups(columns, wide, *, size, widest) -> None:
    """Widen the first column of a group until the longest word of their common head fits over all of them."""
    for group in dict.fromkeys(column.group for column in columns if column.group):
        own = [column for column in columns if column.group == group]
        have = math.fsum(wide[column.name] for column in own)
        have += math.fsum(_gap(one, other) * size for one, other in zip(own, own[1:], strict=False))
        wide[own[0].name] += max(0.0, widest(unbroken(group), "bold") - have)


def _beside(line: Line, columns, arrangement: Arrangement, wide, *, size: float) -> float:
    """Return how far the name of a line may run on over empty columns at its right."""
    beside = 0.0
    for one, column in zip(columns, columns[1:], strict=False):
        if column.name == "plot" or cell(line, column.name, arrangement):
            break
        beside += _gap(one, column) * size + wide[column.name]
    return beside
