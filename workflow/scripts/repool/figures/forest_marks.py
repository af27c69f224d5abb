"""Marks of the forest plot: squares, whiskers, diamonds, prediction bars and arrow heads."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from repool.figures.forest_page import INK, QUIET_INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from repool.figures.forest_layout import Placed
    from repool.figures.forest_lines import Line
    from repool.figures.forest_page import Page

#: Side of the largest square, and of the square of a study without a weight, in font sizes.
LARGEST_SQUARE = 1.15
SMALL_SQUARE = 0.5
#: Half the height of a diamond, in font sizes.
HALF_DIAMOND = 0.5
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


def draw_marks(axes: Axes, placed: list[Placed], *, page: Page, limits: tuple[float, float]) -> None:
    """Draw what stands for numbers.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Analysis scale across; points from the top of the page down.
    placed : list of Placed
        The lines of the plot.
    page : Page
        Gives font size, colours and the top of the table.
    limits : tuple of float
        Ends of the axis.
    """
    weights = [p.line.weight_percent for p in placed if p.line.weight_percent is not None]
    heaviest = max(weights, default=0.0)
    for p in placed:
        y = page.top + p.centre
        if p.line.kind == "study":
            _interval(axes, p.line, y, limits, gid="whisker", color=INK, linewidth=WHISKER)
            _square(axes, p.line, y, limits, page=page, heaviest=heaviest)
            _arrows(axes, p.line, y, limits, name="arrow", page=page, colour=INK)
        elif p.line.kind == "pooled":
            colour = page.style["colour_diamond"]
            _diamond(axes, p.line, y, limits, page=page, colour=colour)
            _arrows(axes, p.line, y, limits, name="diamond-arrow", page=page, colour=colour)
        elif p.line.kind == "prediction":
            colour = page.style["colour_prediction"]
            _interval(axes, p.line, y, limits, gid="prediction-bar", color=colour, linewidth=BAR)
            _arrows(axes, p.line, y, limits, name="prediction-arrow", page=page, colour=colour)


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


def _diamond(axes, line, y, limits, *, page, colour) -> None:
    """Draw a diamond whose points are the ends of the interval; the axes clip it."""
    from matplotlib.patches import Polygon, Rectangle

    span = limits[1] - limits[0]
    low, high = (math.copysign(100 * span, end) if math.isinf(end) else end for end in (line.low, line.high))
    half = HALF_DIAMOND * page.size
    corners = [(low, y), (line.estimate, y - half), (high, y), (line.estimate, y + half)]
    diamond = Polygon(
        corners,
        closed=True,
        facecolor="white" if line.assumptions else colour,
        edgecolor=colour,
        linewidth=EDGE,
        joinstyle="miter",
        zorder=3,
        gid=f"diamond-{line.key}",
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
