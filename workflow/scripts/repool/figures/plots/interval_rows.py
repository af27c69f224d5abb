"""Rows of a list of intervals: what a row says, and the marks that stand for its numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from repool.effects.measure_words import ONE_GROUP_MEASURES
from repool.figures.axis import axis_limits
from repool.figures.lettering import QUIET_INK
from repool.figures.plots.canvas import VERMILION
from repool.figures.plots.list_parts import draw_whisker
from repool.figures.words import interval, number, plain_text, shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from matplotlib.axes import Axes

    from repool.figures.page import Page
    from repool.figures.plots.canvas import PlotWords

BAND = "#e4e9ef"
#: Mark -> shape, whether it is filled, and its size in font sizes. The shape alone tells marks apart in grey.
MARKS = {
    "circle": ("o", True, 0.62),
    "changed": ("D", False, 0.68),
    "square": ("s", True, 0.60),
    "triangle_up": ("^", False, 0.74),
    "triangle_down": ("v", False, 0.74),
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the list.

    Parameters
    ----------
    key : str
        Ends the gid of everything drawn for the row.
    label : str
        At the left.
    kind : {"interval", "heading", "words"}
        A heading stands over a group; words take the place of an interval that cannot be drawn.
    k : str
        Number of effects.
    low, estimate, high : float
        On the analysis scale; nan where unknown.
    text : str
        Of the row in words, where `kind` is "words".
    mark : str
        One of `MARKS`, or "diamond", whose points are the limits.
    is_main : bool
        Whether the row is written in bold.
    """

    key: str
    label: str
    kind: str = "interval"
    k: str = ""
    low: float = math.nan
    estimate: float = math.nan
    high: float = math.nan
    text: str = ""
    mark: str = "circle"
    is_main: bool = False


def numbers_text(row: Row, *, is_ratio: bool) -> str:
    """Return an estimate with its interval as "0.48 [0.33 to 0.73]"; "" for a row without."""
    if row.kind != "interval":
        return ""
    low, high = (None if math.isnan(end) else end for end in (row.low, row.high))
    return f"{shown(row.estimate, is_ratio=is_ratio)} {interval(low, high, is_ratio=is_ratio)}".strip()


def has_no_effect(words: PlotWords) -> bool:
    """Whether a value of the measure means "no effect"."""
    return words.measure not in ONE_GROUP_MEASURES


def side_of(low: float, high: float) -> str:
    """Say where an interval lies: "below", "above" or "includes" no effect; "" where a limit is missing."""
    if math.isnan(low) or math.isnan(high):
        return ""
    return "below" if high < 0 else "above" if low > 0 else "includes"


@dataclass(frozen=True, kw_only=True)
class _Line:
    """What `axis_limits` asks of a line: the cells that are known."""

    low: float | None
    estimate: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True)
class _Drawn:
    """What `axis_limits` asks of a figure."""

    lines: Sequence[_Line]
    studies: Sequence[_Line]
    measure: str
    is_ratio: bool


def effect_limits(
    triples: Sequence[tuple[float, float, float]], *, band: tuple[float, float] | None, words: PlotWords
) -> tuple[float, float]:
    """Return the ends of an axis of effects; intervals far wider than most go on beyond it.

    Parameters
    ----------
    triples : sequence of (low, estimate, high)
        What is drawn, on the analysis scale; nan where unknown.
    band : tuple of float or None
        Limits of an interval that lies behind all.
    words : PlotWords
        Measure of the analysis.
    """
    own = [_Line(**dict(zip(("low", "estimate", "high"), map(number, one), strict=True))) for one in triples]
    behind = [] if band is None else [_Line(low=number(band[0]), estimate=own[0].estimate, high=number(band[1]))]
    return axis_limits(_Drawn(lines=[*own, *behind], studies=own, measure=words.measure, is_ratio=words.is_ratio))


def value(cell: object) -> float:
    """Return a cell as a number; nan for a blank one."""
    found = number(cell)
    return math.nan if found is None else found


def count(cell: object) -> str:
    """Return a number of effects as text; "" for a blank cell."""
    found = number(cell)
    return "" if found is None else f"{found:.10g}"


def weight_of(row: Row) -> str:
    """Return the weight of a row's letters."""
    return "bold" if row.is_main or row.kind == "heading" else "normal"


def interval_row(record: Mapping[str, object], *, key: str, label: str, mark: str = "circle", is_main=False) -> Row:
    """Return the row of a table's estimate with its limits; in words where the estimate is blank."""
    low, estimate, high = (value(record[name]) for name in ("ci_lb", "estimate", "ci_ub"))
    shared = {"key": key, "label": label, "k": count(record["k"]), "is_main": is_main}
    if math.isnan(estimate):
        return Row(**shared, kind="words", text=plain_text(record.get("note")) or "not computed")
    return Row(**shared, low=low, estimate=estimate, high=high, mark=mark)


def headline_of(pooled: pd.DataFrame) -> dict[str, object] | None:
    """Return the main result: the first pooled step of the preferred reading by the primary model; None without one."""
    chosen = pooled["is_primary"].eq("yes") & pooled["reading"].eq("preferred") & pooled["verdict"].eq("pooled")
    rows = pooled[chosen].sort_values("step_order", kind="stable").to_dict("records")
    return next((row for row in rows if not math.isnan(value(row["estimate"]))), None)


def draw_row(page: Page, axes: Axes, row: Row, y: float, limits) -> None:
    """Draw the interval and the mark of one row."""
    from matplotlib.patches import Polygon

    colour = page.style["colour_diamond"] if row.mark == "diamond" else page.style["colour_square"]
    colour = VERMILION if row.mark == "changed" else colour
    if not (math.isnan(row.low) or math.isnan(row.high)):
        width = 0.0 if row.mark == "diamond" else 0.9
        draw_whisker(axes, (row.low, row.high), y, limits, key=row.key, size=page.size, colour=colour, width=width)
    if row.mark == "diamond" and not math.isnan(row.low):
        half = 0.45 * page.size
        corners = [(row.low, y), (row.estimate, y - half), (row.high, y), (row.estimate, y + half)]
        look = {"facecolor": colour, "edgecolor": colour, "linewidth": 0.8, "joinstyle": "miter"}
        axes.add_patch(Polygon(corners, closed=True, zorder=3, gid=f"mark-{row.key}", **look))
    elif limits[0] <= row.estimate <= limits[1]:
        shape, is_filled, size = MARKS.get(row.mark, MARKS["circle"])
        look = {"markerfacecolor": colour if is_filled else "white", "markeredgecolor": colour, "markeredgewidth": 1.0}
        axes.plot(
            [row.estimate], [y], marker=shape, linestyle="none", markersize=size * page.size, zorder=5, clip_on=False,
            gid=f"mark-{row.key}", **look,
        )  # fmt: skip


def draw_behind(axes: Axes, placed, limits, *, band, bottom, has_null) -> None:
    """Draw the shaded interval and the line of no effect, with gaps where words run across them."""
    from matplotlib.patches import Rectangle

    pieces, start = [], placed[0][1]
    for row, top, height, _ in placed:
        if row.kind == "words":
            pieces.append((start, top))
            start = top + height
    pieces.append((start, bottom))
    for index, (top, end) in enumerate(piece for piece in pieces if piece[1] > piece[0]):
        tail = "" if index == 0 else f"-{index + 1}"
        if band is not None:
            ends = [min(max(end_of, limits[0]), limits[1]) for end_of in band]
            area = (ends[0], top), ends[1] - ends[0], end - top
            axes.add_patch(Rectangle(*area, facecolor=BAND, edgecolor="none", zorder=0, gid=f"band{tail}"))
        if has_null:
            look = {"color": QUIET_INK, "linewidth": 0.7}
            axes.plot([0, 0], [top, end], zorder=1, gid=f"no-effect-line{tail}", **look)
