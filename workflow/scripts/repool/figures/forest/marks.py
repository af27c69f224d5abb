"""Marks of the forest plot: squares, whiskers, diamonds, prediction intervals and arrow heads."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from repool.figures.forest.lines import DIAMONDS
from repool.figures.forest.prediction import draw_distribution, draw_shade
from repool.figures.lettering import INK, QUIET_INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from repool.figures.forest.layout import Placed
    from repool.figures.forest.lines import Line
    from repool.figures.page import Page

#: Side of the largest square, and of the square of a study without a weight, in font sizes.
LARGEST_SQUARE = 1.15
SMALL_SQUARE = 0.5
#: Half the height of a diamond, and of another model's, in font sizes.
HALF_DIAMOND = 0.5
HALF_OTHER_DIAMOND = 0.32
#: Size of an arrow head, in font sizes.
ARROW = 0.75
#: Widths of lines, in points.
EDGE = 0.8
WHISKER = 0.9
BAR = 2.4


def is_beyond(line: Line, limits: tuple[float, float]) -> tuple[bool, bool]:
    """Whether the interval or estimate of a line goes beyond the left and the right end."""
    values = [value for value in (line.low, line.estimate, line.high) if value is not None]
    return any(v < limits[0] for v in values), any(v > limits[1] for v in values)


def draw_marks(
    axes: Axes, placed: list[Placed], *, page: Page, limits: tuple[float, float], heaviest: float, later: Line | None
) -> None:
    """Draw what stands for numbers.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Analysis scale across; points from the top of the page down.
    placed : list of Placed
        The lines of the page.
    page : Page
        Gives font size, colours and the top of the table.
    limits : tuple of float
        Ends of the axis.
    heaviest : float
        Largest weight of the whole plot, in percent.
    later : Line or None
        The next prediction interval on a later page.
    """
    for p in placed:
        y = page.top + p.centre
        if p.line.kind == "study":
            _interval(axes, p.line, y, limits, gid="whisker", color=INK, linewidth=WHISKER)
            _square(axes, p.line, y, limits, page=page, heaviest=heaviest)
            _arrows(axes, p.line, y, limits, name="arrow", page=page, colour=INK)
        elif p.line.kind in DIAMONDS:
            _diamond(axes, p.line, y, limits, page=page)
            name = "diamond-arrow" if p.line.kind == "pooled" else f"{p.line.kind}-arrow"
            edge = page.style.get("edge_diamond", page.style["colour_diamond"])
            _arrows(axes, p.line, y, limits, name=name, page=page, colour=edge)
        elif p.line.kind == "prediction":
            _prediction(axes, p, y, limits, page=page)
    if page.prediction == "shade":
        _shades(axes, placed, limits, page=page, later=later)


def _prediction(axes, p, y, limits, *, page) -> None:
    """Draw a prediction interval in its own row: as a distribution where the table tells which, else as a bar."""
    colour = page.style["colour_prediction"]
    if page.prediction == "shade":
        return
    is_known = p.line.df is not None and all(map(math.isfinite, (p.line.low, p.line.high)))
    if page.prediction == "distribution" and is_known and p.line.high > p.line.low:
        base = page.top + p.top + p.height - 0.2 * page.size
        draw_distribution(axes, p.line, base=base, height=0.85 * p.height, limits=limits, colour=colour, edge=WHISKER)
    else:
        _interval(axes, p.line, y, limits, gid="prediction-bar", color=colour, linewidth=BAR)
    _arrows(axes, p.line, y, limits, name="prediction-arrow", page=page, colour=colour)


def _shades(axes, placed, limits, *, page, later) -> None:
    """Draw each prediction interval behind the lines above it, up to the one before."""
    top = 0.0
    look = {"limits": limits, "colour": page.style["colour_prediction"], "edge": WHISKER}
    for p in placed:
        if p.line.kind == "prediction":
            draw_shade(axes, p.line, top=page.top + top, bottom=page.top + p.top + p.height, **look)
            top = p.top + p.height
    if later is not None:
        draw_shade(axes, later, top=page.top + top, bottom=page.top + placed[-1].top + placed[-1].height, **look)


def _interval(axes, line, y, limits, *, gid, **look) -> None:
    """Draw the part of an interval that lies on the axis."""
    if line.low is None or line.high is None or line.low > limits[1] or line.high < limits[0]:
        return
    ends = [max(line.low, limits[0]), min(line.high, limits[1])]
    axes.plot(ends, [y, y], gid=f"{gid}-{line.key}", zorder=4, solid_capstyle="butt", **look)


def _square(axes, line, y, limits, *, page, heaviest) -> None:
    """Draw the square of a study; its area is proportional to the weight."""
    if line.estimate is None or not limits[0] <= line.estimate <= limits[1]:
        return
    area = (SMALL_SQUARE * page.size) ** 2
    edge = page.style["colour_square"] if line.is_pooled else QUIET_INK
    if line.weight_percent is not None:
        area = (LARGEST_SQUARE * page.size) ** 2 * line.weight_percent / heaviest
    is_filled = line.is_pooled and not line.assumptions
    axes.scatter(
        [line.estimate],
        [y],
        s=[area],
        marker="s",
        facecolors=edge if is_filled else "white",
        edgecolors=edge,
        linewidths=EDGE,
        # A hollow square hides its whisker, a filled one is crossed by it.
        zorder=3 if is_filled else 5,
        clip_on=False,
        gid=f"square-{line.key}",
    )


def _diamond(axes, line, y, limits, *, page) -> None:
    """Draw a diamond whose points are the ends of the interval; the axes clip it."""
    from matplotlib.patches import Polygon, Rectangle

    span = limits[1] - limits[0]
    low, high = (math.copysign(100 * span, end) if math.isinf(end) else end for end in (line.low, line.high))
    colour = page.style["colour_diamond"]
    half = (HALF_DIAMOND if line.kind != "model" else HALF_OTHER_DIAMOND) * page.size
    corners = [(low, y), (line.estimate, y - half), (high, y), (line.estimate, y + half)]
    diamond = Polygon(
        corners,
        closed=True,
        facecolor="white" if line.assumptions else colour,
        edgecolor=page.style.get("edge_diamond", colour),
        linewidth=EDGE,
        joinstyle="miter",
        zorder=3,
        gid=f"{'diamond' if line.kind == 'pooled' else line.kind + '-diamond'}-{line.key}",
    )
    axes.add_patch(diamond)
    # Where an arrow head shows that the diamond goes on, it needs room to be seen beside it.
    room = ARROW * page.size * span / page.plot_width
    left, right = (
        end + beyond * sign * room for end, beyond, sign in zip(limits, is_beyond(line, limits), (1, -1), strict=True)
    )
    diamond.set_clip_path(Rectangle((left, y - page.size), right - left, 2 * page.size, transform=axes.transData))


def _arrows(axes, line, y, limits, *, name, page, colour) -> None:
    """Draw an arrow head at each end of the axis beyond which the line goes on."""
    from matplotlib.markers import CARETLEFT, CARETRIGHT

    heads = zip(("left", "right"), limits, (CARETLEFT, CARETRIGHT), strict=True)
    for (side, at, marker), beyond in zip(heads, is_beyond(line, limits), strict=True):
        if beyond:
            axes.plot(
                [at],
                [y],
                marker=marker,
                markersize=ARROW * page.size,
                color=colour,
                markeredgewidth=0,
                linestyle="none",
                zorder=6,
                clip_on=False,
                gid=f"{name}-{side}-{line.key}",
            )
