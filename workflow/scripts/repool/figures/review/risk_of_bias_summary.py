"""Summary of the risk of bias: in each domain, the share of the studies at every level, as stacked bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repool.figures.judgements import JUDGEMENTS, OVERALL
from repool.figures.lettering import INK, LINE_HEIGHT, QUIET_INK
from repool.figures.page import Page
from repool.figures.plots.canvas import Plot, small
from repool.figures.plots.list_parts import fitted, open_page
from repool.figures.rendering import figure_style
from repool.figures.review.ratings import ReviewWords
from repool.figures.review.risk_of_bias import NOTHING, fitted_small
from repool.figures.words import plain_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

SUBTITLE = "Risk of bias, share of the studies at each level"
#: In font sizes: height of a bar and of the room between bars.
BAR, BETWEEN = 1.7, 0.7
#: Largest share of the page that the names of the domains take.
MOST_LABEL = 0.42
#: Values that are named on the axis, in percent.
TICKS = (0, 25, 50, 75, 100)


def draw_risk_of_bias_summary(shares: pd.DataFrame, *, words: ReviewWords, style: Mapping[str, object]) -> Plot | str:
    """Draw one bar per domain and one for the whole, split by level; one part per tool.

    Parameters
    ----------
    shares : pandas.DataFrame
        Table risk_of_bias_summary.csv.
    words : ReviewWords
        Title of the review and of its tools.
    style : mapping
        Size and colours of the review's figures.

    Returns
    -------
    Plot or str
        The figure, or why there is nothing to draw.
    """
    if not len(shares):
        return NOTHING
    tools = list(dict.fromkeys(shares["tool"]))
    notes = [_weights(shares[shares["tool"] == tool], _title(tool, words)) for tool in tools]
    with figure_style():
        page = open_page(words, style, subtitle=SUBTITLE)
        label = _label_width(page, shares)
        for place, tool in enumerate(tools):
            if len(tools) > 1:
                page.top += 0.6 * page.size if place else 0.0
                page.paragraph(_title(tool, words), gid=f"tool-{place}", size=page.size, weight="bold")
                page.top += 0.3 * page.size
            _bars(page, shares[shares["tool"] == tool], label=label, place=place)
            page.paragraph(notes[place], gid=f"note-{place}", size=small(style), colour=QUIET_INK)
        page.finish()
    alternative = " ".join(_alternative(shares[shares["tool"] == tool], _title(tool, words)) for tool in tools)
    return Plot(figure=page.figure, alternative=alternative, note=" ".join(notes))


def _title(tool: str, words: ReviewWords) -> str:
    return plain_text(words.tools.get(tool, tool))


def _named(row) -> str:
    """Return what a row's domain is about."""
    return OVERALL if row.domain == OVERALL else plain_text(row.domain_title) or plain_text(row.domain)


def _label_width(page: Page, shares) -> float:
    """Return how wide the names of the domains are: as long as the longest, or what they may take at most."""
    widest = max(page.measure(_named(row), page.size, "bold") for row in shares.itertuples())
    return min(widest, MOST_LABEL * (page.width - 2 * page.margin))


def _bars(page: Page, shares, *, label: float, place: int) -> None:
    """Draw the bars of one tool with their axis and legend."""
    left = page.margin + label + 0.8 * page.size
    right = page.width - page.margin - page.measure("100 %", small(page.style), "normal") / 2
    for domain, own in shares.groupby("domain", sort=False):
        weight = "bold" if domain == OVERALL else "normal"
        lines = fitted(page, _named(next(own.itertuples())), width=label, weight=weight)
        tall = len(lines) * LINE_HEIGHT * page.size
        height = max(tall, BAR * page.size)
        gid = f"{place}-{domain}"
        page.text(page.margin, lines, top=page.top + (height - tall) / 2, gid=f"label-{gid}", weight=weight)
        _bar(page, own, (left, right), page.top + height / 2, gid=gid)
        page.top += height + BETWEEN * page.size
    _axis(page, (left, right), place=place)
    _legend(page, shares, place=place)


def _bar(page: Page, own, ends: tuple[float, float], middle: float, *, gid: str) -> None:
    """Draw one bar: a piece per level, with its sign and percentage where they fit."""
    from matplotlib.patches import Rectangle

    scale = (ends[1] - ends[0]) / 100
    start = ends[0]
    for row in own.itertuples():
        shown, wide = JUDGEMENTS[row.risk_level], float(row.share_percent) * scale
        piece = Rectangle(
            (start, middle - BAR * page.size / 2), wide, BAR * page.size, transform=page.points, facecolor=shown.fill,
            edgecolor=INK, linewidth=0.5, hatch=_pattern(shown), gid=f"share-{gid}-{row.risk_level}",
        )  # fmt: skip
        page.figure.add_artist(piece)
        _inside(page, row, shown, start + wide / 2, middle, room=wide, gid=f"percent-{gid}-{row.risk_level}")
        start += wide


def _pattern(shown) -> str | None:
    return shown.hatch or None


def _inside(page: Page, row, shown, x: float, middle: float, *, room: float, gid: str) -> None:
    """Write sign and percentage into a piece of a bar, the percentage alone or the sign alone where less fits."""
    size = small(page.style)
    percent = f"{_percent(row.share_percent)}\N{NO-BREAK SPACE}%"
    choices = [f"{shown.symbol} {percent}".strip(), percent, shown.symbol]
    fitting = [text for text in choices if text and page.measure(text, size, "normal") + 0.5 * size <= room]
    if not fitting:
        return
    colour = shown.ink
    backed = {"facecolor": shown.fill, "edgecolor": "none", "pad": 0.8} if shown.hatch else None
    page.figure.text(
        x, middle + 0.365 * size, fitting[0], transform=page.points, fontsize=size, ha="center", va="baseline",
        color=colour, parse_math=False, gid=gid, bbox=backed,
    )  # fmt: skip


def _percent(share: float) -> str:
    """Return a share in percent, with one decimal where it is not whole."""
    return f"{share:.1f}".removesuffix(".0")


def _axis(page: Page, ends: tuple[float, float], *, place: int) -> None:
    """Name the percentages below the bars."""
    from matplotlib.lines import Line2D

    size = small(page.style)
    page.top -= 0.3 * page.size
    line = Line2D(list(ends), [page.top] * 2, transform=page.points, color=INK, linewidth=0.7, gid=f"axis-{place}")
    page.figure.add_artist(line)
    for value in TICKS:
        x = ends[0] + value / 100 * (ends[1] - ends[0])
        tick = Line2D(
            [x, x], [page.top, page.top + 3], transform=page.points, color=INK, linewidth=0.7,
            gid=f"tick-mark-{place}-{value}",
        )  # fmt: skip
        page.figure.add_artist(tick)
        page.text(
            x, [f"{value}\N{NO-BREAK SPACE}%"], top=page.top + 3, gid=f"tick-{place}-{value}", size=size, align="center"
        )
    page.top += 3 + (LINE_HEIGHT + 0.4) * size


def _legend(page: Page, shares, *, place: int) -> None:
    """Put a filled area with the level's sign beside the tool's word for it."""
    from matplotlib.patches import Rectangle

    size = small(page.style)
    room, x = 2.9 * size, page.margin
    first = shares.drop_duplicates("risk_level").set_index("risk_level")["judgement"]
    for level in [name for name in JUDGEMENTS if name in first.index]:
        shown = JUDGEMENTS[level]
        sign = f" ({shown.symbol})" if shown.symbol else ""
        lines = fitted_small(page, f"{plain_text(first[level])}{sign}", width=page.width - 2 * page.margin - room)
        wide = room + max(page.measure(line, size, "normal") for line in lines)
        if x > page.margin and x + wide > page.width - page.margin:
            x = page.margin
            page.top += LINE_HEIGHT * size
        swatch = Rectangle(
            (x, page.top + 0.25 * size), 2.2 * size, 0.86 * size, transform=page.points, facecolor=shown.fill,
            edgecolor=INK, linewidth=0.5, hatch=_pattern(shown), gid=f"legend-{place}-{level}",
        )  # fmt: skip
        page.figure.add_artist(swatch)
        page.text(x + room, lines, top=page.top, gid=f"legend-word-{place}-{level}", size=size)
        page.top += (len(lines) - 1) * LINE_HEIGHT * size
        x += wide + 1.4 * size
    page.top += (LINE_HEIGHT + 0.3) * size


def _weights(shares, title: str) -> str:
    """Say by what the studies of a tool are weighted."""
    studies = int(shares.groupby("domain", sort=False)["n_studies"].sum().max())
    number = f"{studies} {'study' if studies == 1 else 'studies'}"
    if shares["is_weighted"].iloc[0] == "yes":
        return f"{title}: {number}, weighted as typed in the column Weight of data/risk_of_bias.csv."
    return f"{title}: {number}, all of equal weight."


def _alternative(shares, title: str) -> str:
    """Say in words which share is at each level."""
    parts = []
    for _, own in shares.groupby("domain", sort=False):
        levels = ", ".join(
            f"{plain_text(row.judgement).lower()} {_percent(row.share_percent)} %" for row in own.itertuples()
        )
        parts.append(f"{_named(next(own.itertuples()))}: {levels}")
    return f"Share of the studies by {title}. {'; '.join(parts)}."
