"""Numbers beside the points of a plot: each where it covers no other number and no point."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Directions that are tried in this order, in degrees from the right, anticlockwise.
DIRECTIONS = (45, 0, -45, 135, 180, -135, 90, -90, 22, -22, 158, -158, 67, -67, 113, -113)
UPWARDS = (90, 67, 113, 45, 135, 22, 158)
#: Distances from the edge of the point that are tried, in font sizes.
DISTANCES = (0.25, 0.8, 1.5, 2.3, 3.2, 4.5, 6.0, 8.0, 11.0, 15.0, 20.0)
#: Room between two numbers in font sizes, so that 1 and 6 are not read as 16.
APART = 0.45
#: Up to here a place off the lines is worth the way.
NEAR = DISTANCES[:5]
#: From this distance on a thin line leads from the number to its point.
LEADER_FROM = 0.8


@dataclass(frozen=True, kw_only=True)
class Point:
    """A point with its number: `radius` in points is half the size of its mark, which no number covers.

    With `is_above` the number stands over its point, never beside or below it.
    """

    axes: Axes
    x: float
    y: float
    text: str
    gid: str
    radius: float
    is_above: bool = False


def place_numbers(figure: Figure, points: Sequence[Point], *, size: float, lines: Sequence[tuple] = ()) -> None:
    """Write the number of each point near it, with a leader line where it had to move away.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        With its final size and axes in place.
    points : sequence of Point
        In the order in which they choose their place; one without text is only kept free. A number
        for which no place is free is written at the furthest distance that was tried.
    size : float
        Font size in points.
    lines : sequence of (axes, start, end)
        Straight lines in data coordinates that numbers keep off where they can.
    """
    renderer = figure.canvas.get_renderer()
    scale = figure.dpi / 72
    marks = []
    for point in points:
        x, y = point.axes.transData.transform((point.x, point.y)) / scale
        marks.append((float(x), float(y), point.radius))
    segments = [
        tuple(tuple(axes.transData.transform(end) / scale) for end in (start, stop)) for axes, start, stop in lines
    ]
    taken: list[tuple[float, float, float, float]] = []
    for point, (x, y, radius) in zip(points, marks, strict=True):
        if not point.text:
            continue
        wide = renderer.get_text_width_height_descent(point.text, _font(size), ismath=False)[0] / scale
        frame = point.axes.get_window_extent(renderer)
        inside = (frame.x0 / scale, frame.y0 / scale, frame.x1 / scale, frame.y1 / scale)
        room = _Room(marks, taken, inside, segments, gap=APART * size)
        box, distance = _free_place((x, y, radius), (wide, 0.75 * size), room, size, is_above=point.is_above)
        taken.append(box)
        _write(point, (x, y), box, size, has_leader=distance >= LEADER_FROM)


def _font(size):
    """Return the font of the numbers."""
    from matplotlib.font_manager import FontProperties

    return FontProperties(size=size)


def _free_place(mark, extent, room, size, *, is_above):
    """Return the first box near a mark that is free, as left, bottom, right and top, and its distance."""
    box, distance = (mark[0], mark[1], mark[0] + extent[0], mark[1] + extent[1]), 0.0
    for distances, keeps_off_lines in ((NEAR, True), (DISTANCES, False)):
        for distance in distances:
            for degrees in UPWARDS if is_above else DIRECTIONS:
                box = _box(mark, extent, degrees=degrees, away=distance * size)
                if room.is_free(box, keeps_off_lines=keeps_off_lines):
                    return box, distance
    return box, distance


def _box(mark, extent, *, degrees, away):
    """Return the box whose nearest side or corner lies so far from the edge of a mark, in a direction."""
    x, y, radius = mark
    wide, high = extent
    across, up = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    left = x + (radius + away) * across - wide * (1 - across) / 2
    bottom = y + (radius + away) * up - high * (1 - up) / 2
    return left, bottom, left + wide, bottom + high


@dataclass(frozen=True)
class _Room:
    """What a number may not cover, in points."""

    marks: list
    taken: list
    inside: tuple
    segments: list
    gap: float

    def is_free(self, box, *, keeps_off_lines) -> bool:
        """Whether a box lies inside the axes and covers nothing."""
        if not _within(box, self.inside) or any(_overlap(box, other, self.gap) for other in self.taken):
            return False
        if any(_covers(box, mark) for mark in self.marks):
            return False
        return not (keeps_off_lines and any(_crosses(box, *ends) for ends in self.segments))


def _crosses(box, start, end) -> bool:
    """Whether a straight line runs through a box (Liang and Barsky's clipping)."""
    first, last = 0.0, 1.0
    for at, low, high, step in (
        (start[0], box[0], box[2], end[0] - start[0]),
        (start[1], box[1], box[3], end[1] - start[1]),
    ):
        if step == 0:
            if not low <= at <= high:
                return False
            continue
        enters, leaves = sorted(((low - at) / step, (high - at) / step))
        first, last = max(first, enters), min(last, leaves)
    return first <= last


def _within(box, frame) -> bool:
    """Whether a box lies inside a frame."""
    return box[0] >= frame[0] and box[1] >= frame[1] and box[2] <= frame[2] and box[3] <= frame[3]


def _overlap(one, other, gap) -> bool:
    """Whether two boxes come closer than a gap across, or half of it up and down."""
    across = one[0] < other[2] + gap and other[0] < one[2] + gap
    return across and one[1] < other[3] + gap / 2 and other[1] < one[3] + gap / 2


def _covers(box, mark) -> bool:
    """Whether a box reaches into a round mark."""
    x, y, radius = mark
    nearest = (min(max(x, box[0]), box[2]), min(max(y, box[1]), box[3]))
    return math.hypot(nearest[0] - x, nearest[1] - y) < radius


def _write(point, place, box, size, *, has_leader) -> None:
    """Write the number, and the line to it, at offsets in points from the point itself."""
    x, y = place
    offset = (box[0] - x, box[1] - y)
    point.axes.annotate(
        point.text, (point.x, point.y), xytext=offset, textcoords="offset points", fontsize=size, ha="left",
        va="baseline", parse_math=False, gid=f"{point.gid}-number", zorder=6, annotation_clip=False,
    )  # fmt: skip
    if has_leader:
        end = (min(max(x, box[0]), box[2]) - x, min(max(y, box[1]), box[3]) - y)
        line = point.axes.annotate(
            "", (point.x, point.y), xytext=end, textcoords="offset points", annotation_clip=False, zorder=2,
            arrowprops={"arrowstyle": "-", "linewidth": 0.4, "color": "#777777", "shrinkA": 0, "shrinkB": point.radius},
        )  # fmt: skip
        line.set_gid(f"{point.gid}-leader")
