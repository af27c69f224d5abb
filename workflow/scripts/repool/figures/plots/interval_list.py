"""A list of intervals: rows of label, number of effects, estimate with limits and the same in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from repool.figures.lettering import LINE_HEIGHT, QUIET_INK, wrap
from repool.figures.plots.canvas import small
from repool.figures.plots.interval_rows import (
    Row,
    draw_behind,
    draw_row,
    effect_limits,
    has_no_effect,
    numbers_text,
    weight_of,
)
from repool.figures.plots.list_parts import fitted, open_page, write_favours, write_legend
from repool.figures.rendering import figure_style
from repool.figures.words import level_text, plain_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from repool.figures.page import Page
    from repool.figures.plots.canvas import Entry, PlotWords

#: Distances and shares of the width.
GAP = 0.9
LEAST_PLOT = 0.30
LEAST_LABEL = 0.26
#: Share of the width that labels get where the numbers stand below them.
STACKED_LABEL = 0.42
#: From this number of rows on, rows stand closer.
CROWDED_FROM = 25


@dataclass(frozen=True, kw_only=True)
class _Columns:
    """Left and right end of each column in points."""

    label: tuple[float, float]
    k: tuple[float, float]
    plot: tuple[float, float]
    text: tuple[float, float]
    is_stacked: bool


def draw_interval_list(
    rows: Sequence[Row],
    *,
    words: PlotWords,
    style: Mapping[str, object],
    subtitle: str,
    label_head: str,
    k_head: str,
    band: tuple[float, float] | None,
    legend: Sequence[Entry],
    notes: Sequence[str],
) -> Figure:
    """Draw rows from the top down; the page grows with them.

    Parameters
    ----------
    rows : sequence of Row
        At least one of them with an interval.
    words : PlotWords
        Words of the analysis.
    style : mapping
        Size and colours of the review's figures.
    subtitle, label_head, k_head : str
        What the list shows, and the heads of its first two columns.
    band : tuple of float or None
        Limits of the interval that is shaded behind all rows.
    legend : sequence of Entry
        What the marks mean.
    notes : sequence of str
        At the foot.

    Returns
    -------
    matplotlib.figure.Figure
        Gids are "label-<key>", "k-<key>", "mark-<key>", "whisker-<key>" and "text-<key>".
    """
    with figure_style():
        page = open_page(words, style, subtitle=subtitle)
        heads = (label_head, k_head, _numbers_head(words))
        columns = _columns_of(page, rows, heads, words=words)
        drawn = [row for row in rows if row.kind == "interval"]
        limits = effect_limits([(row.low, row.estimate, row.high) for row in drawn], band=band, words=words)
        _write_heads(page, columns, heads)
        axes = _write_rows(page, rows, columns, words=words, limits=limits, band=band)
        page.name_values(axes, limits, is_ratio=words.is_ratio, size=small(style))
        if has_no_effect(words):
            write_favours(page, words, at=columns.plot[0] - limits[0] * page.plot_width / (limits[1] - limits[0]))
        page.top += 0.6 * page.size
        write_legend(page, legend)
        for index, note in enumerate(notes):
            page.paragraph(plain_text(note), gid=f"note-{index}", size=small(style), colour=QUIET_INK)
        page.finish()
    return page.figure


def _numbers_head(words: PlotWords) -> str:
    """Return the head of the numbers; no line ends inside its brackets."""
    return f"{words.measure_label} " + f"[{level_text(words.level)} interval]".replace(" ", "\N{NO-BREAK SPACE}")


def _columns_of(page: Page, rows, heads, *, words) -> _Columns:
    """Divide the width; the numbers move below the label where the page is too narrow for both."""
    inner, gap = page.width - 2 * page.margin, GAP * page.size
    left, right = page.margin, page.width - page.margin
    texts = [numbers_text(row, is_ratio=words.is_ratio) for row in rows]
    text = max(page.measure(t, page.size, weight_of(row)) for t, row in zip(texts, rows, strict=True))
    text = max(text, *(page.measure(word, page.size, "bold") for word in heads[2].split(" ")))
    k = max(page.measure(row.k, page.size, weight_of(row)) for row in rows)
    k = max(k, *(page.measure(word, page.size, "bold") for word in heads[1].split(" "))) if k else 0.0
    gaps = gap * (3 if k else 2)
    label = max(page.measure(plain_text(row.label), page.size, weight_of(row)) for row in rows)
    is_stacked = inner - gaps - k - text - LEAST_PLOT * inner < min(label, LEAST_LABEL * inner)
    if is_stacked:
        label, gaps = max(min(label, STACKED_LABEL * inner), text), gaps - gap
        text = 0.0
    label = min(label, inner - gaps - k - text - LEAST_PLOT * inner)
    k_left = left + label + gap
    plot_left = k_left + k + gap if k else k_left
    plot_right = right if is_stacked else right - text - gap
    # Half a tick label may hang over the end of the axis.
    room = 0.8 * page.size if is_stacked else 0.0
    return _Columns(
        label=(left, left + label), k=(k_left, k_left + k), plot=(plot_left, plot_right - room),
        text=(right - text, right), is_stacked=is_stacked,
    )  # fmt: skip


def _write_heads(page: Page, columns: _Columns, heads) -> None:
    """Write the heads of the columns between two rules."""
    page.rule(gid="rule-top")
    measure = page.measurer("bold")
    number_at = columns.plot if columns.is_stacked else columns.text
    places = [(columns.label, "left", "label"), (columns.k, "right", "k"), (number_at, "right", "text")]
    wrapped = []
    for (span, align, name), head in zip(places, heads, strict=True):
        width = span[1] - span[0]
        wrapped.append((span, align, name, wrap(head, width=width, measure=measure) if width > 0 else []))
    count = max(len(lines) for *_, lines in wrapped)
    page.top += 0.25 * page.size
    for span, align, name, lines in wrapped:
        top = page.top + (count - len(lines)) * LINE_HEIGHT * page.size
        x = span[0] if align == "left" else span[1]
        page.text(x, lines, top=top, gid=f"head-{name}", align=align, weight="bold")
    page.top += (count * LINE_HEIGHT + 0.25) * page.size
    page.rule(gid="rule-heads")
    page.top += 0.3 * page.size


def _write_rows(page: Page, rows, columns: _Columns, *, words, limits, band) -> Axes:
    """Write and draw all rows, then what stands behind them; return the axes."""
    air = (0.12 if len(rows) > CROWDED_FROM else 0.35) * page.size
    placed, top = [], page.top
    for row in rows:
        above = max(2 * air, 0.5 * page.size) if row.kind == "heading" else 0.5 * air
        tall, middle = _write_row(page, row, columns, top=top + above, is_ratio=words.is_ratio)
        height = above + tall + 0.5 * air
        placed.append((row, top, height, middle))
        top += height
    bottom = top + 0.3 * page.size
    axes = page.axes(columns.plot, top=page.top, height=bottom - page.top, limits=limits)
    for row, _, _, middle in placed:
        if row.kind == "interval":
            draw_row(page, axes, row, middle, limits)
    draw_behind(axes, placed, limits, band=band, bottom=bottom, has_null=has_no_effect(words))
    page.top = bottom
    return axes


def _write_row(page: Page, row: Row, columns: _Columns, *, top, is_ratio) -> tuple[float, float]:
    """Write the cells of one row; return its height and its middle."""
    weight, step = weight_of(row), LINE_HEIGHT * page.size
    is_words, numbers = row.kind == "words", numbers_text(row, is_ratio=is_ratio)
    spans = {"heading": (columns.label[0], columns.k[1]), "words": columns.label}
    span = spans.get(row.kind, columns.label)
    lines = fitted(page, plain_text(row.label), width=span[1] - span[0], weight=weight)
    # Where numbers stand below the label, words do so too, over the whole width.
    said_from = columns.label[0] if columns.is_stacked else columns.plot[0]
    across = page.width - page.margin - said_from
    said = fitted(page, plain_text(row.text), width=across) if is_words else []
    under = ([numbers] if numbers else said) if columns.is_stacked else []
    tall = max(len(lines) + len(under), len(said)) * step
    middle = top + tall / 2
    y = middle - (len(lines) + len(under)) * step / 2
    down = page.text(columns.label[0], lines, top=y, gid=f"label-{row.key}", weight=weight)
    name = "words" if is_words else "text"
    if columns.is_stacked:
        page.text(columns.label[0], under, top=y + down, gid=f"{name}-{row.key}", colour=QUIET_INK)
    elif is_words:
        page.text(said_from, said, top=middle - len(said) * step / 2, gid=f"words-{row.key}", colour=QUIET_INK)
    elif numbers:
        x = columns.text[1]
        page.text(x, [numbers], top=middle - step / 2, gid=f"text-{row.key}", align="right", weight=weight)
    if row.k:
        k_top = y if is_words and columns.is_stacked else middle - step / 2
        page.text(columns.k[1], [row.k], top=k_top, gid=f"k-{row.key}", align="right", weight=weight)
    return tall, middle
