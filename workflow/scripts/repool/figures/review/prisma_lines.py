"""Marks of the PRISMA flow: boxes with their text, headings, and arrows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repool.figures.lettering import INK, LINE_HEIGHT, wrap
from repool.figures.plots.canvas import small

if TYPE_CHECKING:
    from collections.abc import Sequence

    from repool.figures.page import Page
    from repool.figures.review.prisma_boxes import Box

    Place = tuple[float, float, float, float]

#: Fill of headings over columns and beside rows: light, so that text on them is read in grey too.
COLUMN_FILL, STAGE_FILL = "#eeeeee", "#d6e4f0"
#: Length of an arrow's head, in font sizes.
HEAD = 0.75


def draw_box(page: Page, place: Place, box: Box, *, gid: str) -> None:
    """Draw a box with its heading and its lines from the top left.

    Parameters
    ----------
    page : Page
        Where to draw.
    place : (left, top, right, bottom)
        In points of the page.
    box : Box
        What stands in it.
    gid : str
        Name of the frame; the lines are called gid-0, gid-1 and so on.
    """
    left, top, right, bottom = place
    size = small(page.style)
    _frame(page, place, fill="white", gid=gid)
    texts = [text for text in (box.heading, *box.lines) if text]
    wrapped = [wrap(text, width=right - left - size, measure=page.measurer("normal", size)) for text in texts]
    height = sum(map(len, wrapped)) * LINE_HEIGHT * size
    at = top + (bottom - top - height) / 2
    for place_of, lines in enumerate(wrapped):
        at += page.text(left + 0.5 * size, lines, top=at, gid=f"{gid}-{place_of}", size=size)


def draw_heading(page: Page, place: Place, lines: Sequence[str], *, gid: str) -> None:
    """Draw the title of a stream in a grey box, its lines in the middle."""
    left, top, right, bottom = place
    size = small(page.style)
    _frame(page, place, fill=COLUMN_FILL, gid=gid)
    at = top + (bottom - top - len(lines) * LINE_HEIGHT * size) / 2
    page.text((left + right) / 2, lines, top=at, gid=f"{gid}-0", size=size, weight="bold", align="center")


def draw_stage(page: Page, name: str, span: tuple[float, float], *, width: float, gid: str) -> None:
    """Draw the heading of a stage beside its rows, written upwards."""
    top, bottom = span
    place = (page.margin, top, page.margin + width, bottom)
    _frame(page, place, fill=STAGE_FILL, gid=gid)
    page.figure.text(
        page.margin + width / 2, (top + bottom) / 2, name, transform=page.points, fontsize=small(page.style),
        fontweight="bold", rotation=90, ha="center", va="center", color=INK, parse_math=False, gid=f"{gid}-0",
    )  # fmt: skip


def draw_arrow(page: Page, points: Sequence[tuple[float, float]], *, gid: str) -> None:
    """Draw a line of straight pieces with a head at its end.

    Parameters
    ----------
    page : Page
        Where to draw.
    points : sequence of (x, y)
        In points of the page; the last piece runs to the right, to the left or down.
    gid : str
        Name of the line; the head's is this and "-head".
    """
    from matplotlib.lines import Line2D
    from matplotlib.markers import CARETDOWN, CARETLEFT, CARETRIGHT

    (x0, y0), (x1, y1) = points[-2:]
    size = HEAD * small(page.style)
    marker = CARETDOWN if y1 > y0 and x1 == x0 else CARETRIGHT if x1 > x0 else CARETLEFT
    line = Line2D(
        [x for x, _ in points], [y for _, y in points], transform=page.points, color=INK, linewidth=0.8,
        solid_joinstyle="miter", solid_capstyle="butt", gid=gid,
    )  # fmt: skip
    head = Line2D(
        [x1], [y1], transform=page.points, color=INK, marker=marker, markersize=size, markeredgewidth=0,
        linestyle="none", gid=f"{gid}-head",
    )  # fmt: skip
    page.figure.add_artist(line)
    page.figure.add_artist(head)


def _frame(page: Page, place: Place, *, fill: str, gid: str) -> None:
    """Draw the frame of a box."""
    from matplotlib.patches import Rectangle

    left, top, right, bottom = place
    frame = Rectangle(
        (left, top), right - left, bottom - top, transform=page.points, facecolor=fill, edgecolor=INK, linewidth=0.7,
        gid=gid,
    )  # fmt: skip
    page.figure.add_artist(frame)
