"""Parts of the plots that list rows: an opened page, its axis, the words on both sides of it and the legend."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from repool.figures.lettering import LINE_HEIGHT, QUIET_INK, wrap
from repool.figures.page import Page
from repool.figures.plots.canvas import small
from repool.figures.words import plain_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from repool.figures.plots.canvas import Entry, PlotWords

#: Width of a legend's swatch and distance to what comes next, in font sizes.
SWATCH = 2.2
GAP = 1.4
#: Names of methods as they are written, by the words of the tables.
METHOD_NAMES = {
    "knapp hartung": "Knapp-Hartung",
    "henmi copas": "Henmi-Copas",
    "mantel haenszel": "Mantel-Haenszel",
    "pet peese": "PET-PEESE",
    "three psm": "three-parameter selection model",
    "three level": "three-level",
    "half normal": "half-normal",
    "quasi experimental": "quasi-experimental",
    "half cauchy": "half-Cauchy",
    "che": "correlated and hierarchical effects",
} | {
    name.lower(): name
    for name in ("Wald", "Peto", "Bayes", "RCT", "REML", "DL", "ML", "PM", "HE", "HS", "SJ", "EB", "GLMM")
}
METHOD_NAMES |= {name.lower(): name for name in ("OR", "RR", "RD", "SMD", "MD")}
#: Size of an arrow head, in font sizes.
ARROW = 0.75


def open_page(words: PlotWords, style: Mapping[str, object], *, subtitle: str) -> Page:
    """Return a page with title and subtitle on it; call inside `figure_style()`."""
    page = Page(style)
    page.figure.set_gid("figure")
    page.figure.set_label(plain_text(words.title))
    page.paragraph(plain_text(words.title), gid="title", size=page.size, weight="bold")
    page.paragraph(plain_text(subtitle), gid="subtitle", size=small(style), colour=QUIET_INK)
    page.top += 0.5 * page.size
    return page


def fitted(page: Page, text: str, *, width: float, weight: str = "normal") -> list[str]:
    """Return a text as lines no wider than so many points; most fit on one, which one measurement shows."""
    measure = page.measurer(weight)
    return [text] if measure(text) <= width else wrap(text, width=width, measure=measure)


def write_favours(page: Page, words: PlotWords, *, at: float) -> None:
    """Write on each side of no effect, `at` points from the left, whom it favours."""
    gap, measure = 0.5 * page.size, page.measurer("normal")
    depth = {"left": 0.0, "right": 0.0}
    for side, whom in (("left", plain_text(words.favours_low)), ("right", plain_text(words.favours_high))):
        if not whom:
            continue
        is_left = side == "left"
        text = f"← {whom}" if is_left else f"{whom} →"
        room = (at - page.margin if is_left else page.width - page.margin - at) - gap
        # A side too narrow for its words borrows room from the other, one line further down.
        width = max(room, min(measure(text), 0.45 * page.width))
        lines = wrap(text, width=width, measure=measure)
        edge = max(at - gap, page.margin + width) if is_left else min(at + gap, page.width - page.margin - width)
        below = depth["left"] if width > room else 0.0
        tall = page.text(
            edge, lines, top=page.top + below, gid=f"favours-{side}", align="right" if is_left else "left"
        )  # fmt: skip
        depth[side] = below + tall
    page.top += max(depth.values())


def write_legend(page: Page, entries: Sequence[Entry]) -> None:
    """Put marks with their meaning side by side, in as many lines as they need."""
    size = small(page.style)
    measure, room, x = page.measurer("normal", size), (SWATCH + 0.6) * size, page.margin
    for index, entry in enumerate(entries):
        lines = wrap(entry.label, width=page.width - 2 * page.margin - room, measure=measure)
        wide = room + max(map(measure, lines))
        if x > page.margin and (x + wide > page.width - page.margin or len(lines) > 1):
            x = page.margin
            page.top += LINE_HEIGHT * size
        _swatch(page, entry, x, page.top + LINE_HEIGHT * size / 2, gid=f"legend-mark-{index}")
        page.text(x + room, lines, top=page.top, gid=f"legend-{index}", size=size)
        page.top += (len(lines) - 1) * LINE_HEIGHT * size
        x += wide + GAP * size
    if entries:
        page.top += (LINE_HEIGHT + 0.3) * size


def _swatch(page: Page, entry: Entry, x: float, y: float, *, gid: str) -> None:
    """Draw the mark, line or area of one legend entry."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Rectangle

    size = small(page.style)
    wide, high = SWATCH * size, 0.8 * size
    if entry.is_area:
        look = {"facecolor": entry.fill, "edgecolor": entry.colour, "linewidth": 0.5, "linestyle": entry.line or "-"}
        page.figure.add_artist(Rectangle((x, y - high / 2), wide, high, transform=page.points, gid=gid, **look))
        return
    ends = [x, x + wide] if entry.line else [x + wide / 2]
    mark = Line2D(
        ends, [y] * len(ends), transform=page.points, color=entry.colour, linestyle=entry.line or "none",
        linewidth=entry.width, marker=None if entry.line else entry.marker, markersize=entry.size,
        markerfacecolor=entry.fill, markeredgecolor=entry.colour, markeredgewidth=0.8, gid=gid,
    )  # fmt: skip
    page.figure.add_artist(mark)


def draw_whisker(axes: Axes, ends, y, limits, *, key: str, size: float, colour: str, width: float = 0.9) -> None:
    """Draw the part of an interval that lies on the axis, with an arrow head where it goes on beyond it."""
    from matplotlib.markers import CARETLEFT, CARETRIGHT

    low, high = ends
    if low <= limits[1] and high >= limits[0]:
        shown = [max(low, limits[0]), min(high, limits[1])]
        look = {"color": colour, "linewidth": width, "solid_capstyle": "butt"}
        axes.plot(shown, [y, y], gid=f"whisker-{key}", zorder=4, **look)
    for side, at, marker, is_beyond in (
        ("left", limits[0], CARETLEFT, low < limits[0]),
        ("right", limits[1], CARETRIGHT, high > limits[1]),
    ):
        if is_beyond:
            look = {"color": colour, "markersize": ARROW * size, "markeredgewidth": 0, "linestyle": "none"}
            axes.plot([at], [y], marker=marker, zorder=6, clip_on=False, gid=f"arrow-{side}-{key}", **look)


def is_number(value: object) -> bool:
    """Whether a cell holds a finite number."""
    return isinstance(value, int | float) and math.isfinite(value)


def readable(name: object) -> str:
    """Return a name of the tables as words: "best_case" as "best case"."""
    return plain_text(name).replace("_", " ")


def heading_words(name: object) -> str:
    """Return a name of the tables as the words of a heading: "best_case" as "Best case"."""
    words = method_words(name)
    return words[:1].upper() + words[1:]


def method_words(name: object) -> str:
    """Return the name of a choice as words, methods spelt as people spell them."""
    pattern = "|".join(rf"\b{words}\b" for words in METHOD_NAMES)
    return re.sub(pattern, lambda found: METHOD_NAMES[found.group()], readable(name))
