"""Foot of the forest plot: the axis with its sides, the tests beside or below it, the notes and the legend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repool.figures.forest.bias import DOT_WIDTH, legend_of
from repool.figures.forest.heads import draw_circle, place_sides
from repool.figures.forest.layout import COLUMN_GAP, line_weight
from repool.figures.forest.lines import WORDS_ALONE
from repool.figures.lettering import LINE_HEIGHT, QUIET_INK, wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from repool.figures.forest.content import Forest
    from repool.figures.forest.layout import Placed
    from repool.figures.forest.lines import Line
    from repool.figures.forest.widths import Layout
    from repool.figures.page import Page

#: Words for a side take at most so many lines where they could have more room elsewhere.
MOST_LINES = 2


def split_foot(lines: Sequence[Line]) -> tuple[list[Line], list[Line]]:
    """Return the lines of the table, and the tests under the last result, which stand at the foot."""
    count = len(lines)
    while count and lines[count - 1].kind == "test":
        count -= 1
    return list(lines[:count]), list(lines[count:])


def draw_no_effect_line(page: Page, axes: Axes, placed: list[Placed], layout: Layout, *, at: float) -> None:
    """Draw the line of no effect, with gaps where words run across the plot."""
    top = 0.0
    pieces = []
    for line in placed:
        if line.line.kind not in WORDS_ALONE:
            continue
        width = max(page.measure(text, page.size, line_weight(line.line)) for text in line.label)
        if layout.spans["label"][0] + width > at - 0.5 * page.size:
            pieces.append((top, line.top))
            top = line.top + line.height
    pieces.append((top, axes.get_ylim()[0] - page.top))
    for number, (start, end) in enumerate(p for p in pieces if p[1] > p[0]):
        gid = "no-effect-line" if number == 0 else f"no-effect-line-{number + 1}"
        ends = [page.top + start, page.top + end]
        axes.plot([0, 0], ends, color=QUIET_INK, linewidth=0.7, zorder=1, gid=gid)


def draw_foot(
    page: Page, axes: Axes, forest: Forest, layout: Layout, *, limits, at, sides, axis_words: str, tests: list[Line]
) -> None:
    """Draw the axis and what stands beside it.

    Parameters
    ----------
    page : Page
        Filled down to the axis.
    axes : matplotlib.axes.Axes
        The plot.
    forest : Forest
        What is drawn.
    layout : Layout
        Where the columns are.
    limits : tuple of float
        Ends of the axis.
    at : float
        Place of no effect, in points.
    sides : tuple of str or None
        Whom both sides favour, where they stand under the axis.
    axis_words : str
        Name of the axis; "" for none.
    tests : list of Line
        Tests under the last result.
    """
    gap = COLUMN_GAP * page.size
    beside = layout.words_end("test", gap=gap)
    is_beside = bool(tests) and beside < layout.plot[0]
    start = page.top
    if is_beside:
        # The first value of the axis may begin left of the plot.
        _draw_tests(page, tests, width=beside - gap - page.margin)
    bottom, page.top = page.top, start
    page.name_values(axes, limits, is_ratio=forest.is_ratio, size=page.size - 0.5)
    if sides is not None:
        left = layout.plot[0] - 0.5 * gap if is_beside else page.margin
        look = {"at": at, "weight": "normal", "arrows": True}
        placed = place_sides(page, sides, span=(left, page.width - page.margin), **look)
        if placed is None or max(len(lines) for _, lines, *_ in placed) > MOST_LINES:
            # Beside the tests there is no room: the sides stand below them, over the whole width.
            page.top = max(page.top, bottom)
            placed = place_sides(page, sides, span=(page.margin, page.width - page.margin), is_whole=True, **look)
        _draw_sides(page, placed or _one_below_the_other(page, sides))
    if axis_words:
        _draw_axis_words(page, axis_words, layout)
    page.top = max(page.top, bottom)
    if tests and not is_beside:
        page.top += 0.2 * page.size
        _draw_tests(page, tests, width=page.width - 2 * page.margin)


def _draw_tests(page: Page, tests: list[Line], *, width: float) -> None:
    """Write tests from the left margin down."""
    page.top += 0.15 * page.size
    for line in tests:
        page.paragraph(line.label, gid=f"test-{line.key}", size=page.size, width=width)


def _one_below_the_other(page: Page, sides: tuple[str, str]) -> list[tuple]:
    """Return both sides over the whole width, for words that are too long to stand side by side."""
    measure, width = page.measurer("normal"), page.width - 2 * page.margin
    lines = [wrap(text, width=width, measure=measure) for text in (f"← {sides[0]}", f"{sides[1]} →")]
    return [("left", lines[0], page.margin, "left"), ("right", [""] * len(lines[0]) + lines[1], page.margin, "left")]


def _draw_sides(page: Page, placed: list[tuple]) -> None:
    """Write on each side of no effect whom it favours."""
    heights = [page.text(x, lines, top=page.top, gid=f"favours-{side}", align=a) for side, lines, x, a in placed]
    page.top += max(heights, default=0.0)


def _draw_axis_words(page: Page, words: str, layout: Layout) -> None:
    """Write the name of the axis below it, in the middle of the plot."""
    left, right = layout.plot
    lines = wrap(words, width=right - left, measure=page.measurer("normal"))
    page.top += page.text((left + right) / 2, lines, top=page.top, gid="axis-words", align="center")


def draw_notes(page: Page, forest: Forest, notes: Sequence[tuple[str, str]]) -> None:
    """Write the notes below a rule, then the legend of the risk of bias."""
    page.top += 0.6 * page.size
    page.rule(gid="rule-bottom")
    page.top += 0.4 * page.size
    for name, words in notes:
        page.paragraph(words, gid=f"note-{name}", size=page.size - 0.5, colour=QUIET_INK)
        page.top += 0.15 * page.size
    if forest.bias:
        _draw_legend(page, forest)


def _draw_legend(page: Page, forest: Forest) -> None:
    """Explain signs and letters of the risk of bias: signs side by side, domains as a paragraph."""
    size, gap = page.size - 0.5, 1.2 * DOT_WIDTH * page.size
    step = max(LINE_HEIGHT * size, gap)
    heading = "Risk of bias:"
    page.text(page.margin, [heading], top=page.top, gid="legend-bias", size=size, colour=QUIET_INK)
    x = page.margin + page.measure(heading, size, "normal") + page.size
    for level, words in legend_of(forest.bias):
        if not level:
            continue
        wide = gap + page.measure(words, size, "normal") + page.size
        if x + wide > page.width - page.margin and x > page.margin:
            x, page.top = page.margin, page.top + step
        draw_circle(page, level, x=x + gap / 2, y=page.top + LINE_HEIGHT * size / 2, gid=f"legend-{level}")
        page.text(x + gap, [words], top=page.top, gid=f"legend-{level}-words", size=size, colour=QUIET_INK)
        x += wide
    page.top += step
    for place, words in enumerate((words for level, words in legend_of(forest.bias) if not level), start=1):
        page.paragraph(words, gid=f"legend-domains-{place}", size=size, colour=QUIET_INK)
