"""Forest plot of one analysis, drawn from its tables; it computes no statistics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from repool.figures.axis import axis_limits, has_no_effect_line
from repool.figures.forest.columns import shown_lines
from repool.figures.forest.content import forest_of
from repool.figures.forest.description import describe
from repool.figures.forest.foot import draw_foot, draw_no_effect_line, draw_notes, split_foot
from repool.figures.forest.heads import draw_cells, draw_heads
from repool.figures.forest.layout import place
from repool.figures.forest.marks import draw_marks, is_beyond
from repool.figures.forest.notes import NO_EFFECT, notes_of, reasons_of
from repool.figures.forest.pages import pages_of
from repool.figures.forest.widths import layout_of
from repool.figures.page import Page
from repool.figures.rendering import figure_style
from repool.figures.words import plain_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure

    from repool.figures.forest.content import Forest, ForestNames, ForestTables
    from repool.figures.forest.lines import Line
    from repool.figures.forest.presets import ForestChoices
    from repool.figures.forest.widths import Layout
    from repool.figures.plots.canvas import PlotWords

#: What the look of a figure needs of the key `figures` of config/review.yaml.
LOOK = ("width_cm", "font_size", "colour_square", "colour_diamond", "colour_prediction")


@dataclass(frozen=True)
class ForestPicture:
    """A drawn forest plot.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Everything on one page. Every artist has a gid, such as "square-<result_id>", by which it is found in the SVG.
    pages : tuple of matplotlib.figure.Figure
        The same on as many pages as the review asks for; the figure itself where one is enough.
    alternative : str
        What it shows, for readers who do not see it; every number is the one printed in the plot.
    moderator : str
        What its subgroups are made of; "" where it has none.
    note : str
        What a reader of the list of figures should know beside.
    """

    figure: Figure
    pages: tuple[Figure, ...]
    alternative: str
    moderator: str
    note: str = ""


def draw_forest(
    tables: ForestTables,
    *,
    words: PlotWords,
    names: ForestNames,
    style: Mapping[str, object],
    choices: ForestChoices,
) -> ForestPicture:
    """Draw the forest plot of one analysis.

    Parameters
    ----------
    tables : ForestTables
        forest.csv and pooled.csv of the analysis, and what else the plot needs.
    words : PlotWords
        Title, measure, sides and level.
    names : ForestNames
        Steps of the ladder, assumptions and arms in words.
    style : mapping
        width_cm (8.9, 12 and 18 are common in journals), font_size (points), colour_square,
        colour_diamond and colour_prediction.
    choices : ForestChoices
        The look, the order of rows, and what is shown.

    Raises
    ------
    ValueError
        If a style key is missing or unknown, the tables do not fit together, words are missing, or
        the page is too narrow for the font size.
    """
    _check_style(style)
    forest = forest_of(tables, names=names, level=words.level, choices=choices)
    look = {**style, **choices.look.colours}
    with figure_style():
        if not forest.lines:
            figure = _empty(forest, look, words)
            return ForestPicture(figure, (figure,), describe(forest, words), "")
        whole = _Drawing(forest, words, look)
        figure = whole.page(forest.lines)
        pages = pages_of(forest.lines, rows_per_page=choices.rows_per_page)
        drawn = [figure] if len(pages) == 1 else [whole.page(lines, pages, index) for index, lines in enumerate(pages)]
    return ForestPicture(figure, tuple(drawn), describe(forest, words), forest.groups.moderator)


def _check_style(style: Mapping[str, object]) -> None:
    """Refuse a style with a missing or an unknown key."""
    missing = [key for key in LOOK if key not in style]
    unknown = sorted(set(style) - set(LOOK))
    if missing or unknown:
        raise ValueError(f"style: missing {missing}, unknown {unknown}; needs {list(LOOK)}")


def _empty(forest: Forest, look: Mapping[str, object], words: PlotWords) -> Figure:
    """Say that there is nothing to draw, and why."""
    page = Page(look)
    page.figure.set_label(plain_text(words.title))
    page.paragraph(plain_text(words.title), gid="title", size=page.size + 1, weight="bold")
    page.top += 0.5 * page.size
    page.paragraph(NO_EFFECT, gid="no-effect", size=page.size)
    for index, (_, sentence) in enumerate(reasons_of(forest), start=1):
        page.paragraph(sentence, gid=f"reason-{index}", size=page.size)
    page.finish()
    return page.figure


class _Drawing:
    """What all pages of one plot share: columns, axis and weights."""

    def __init__(self, forest: Forest, words: PlotWords, look: Mapping[str, object]) -> None:
        self.forest, self.words, self.look = forest, words, look
        first = Page(look)
        self.layout: Layout = layout_of(
            forest, width=first.width, font_size=first.size, measure_label=words.measure_label, measure=first.measure
        )
        self.limits = axis_limits(forest)
        self.heaviest = max((s.weight_percent for s in forest.studies if s.weight_percent is not None), default=0.0)
        left, right = self.layout.plot
        self.at = left - self.limits[0] * (right - left) / (self.limits[1] - self.limits[0])
        sides = (plain_text(words.favours_low), plain_text(words.favours_high))
        self.sides = sides if has_no_effect_line(forest) and any(sides) else None

    def page(self, lines: list[Line], pages: list[list[Line]] | None = None, index: int = 0) -> Figure:
        """Draw some of the lines, from title to axis; the notes stand on the last page."""
        forest, layout, preset = self.forest, self.layout, self.forest.choices.look
        page = Page(self.look, prediction=forest.choices.prediction)
        title = plain_text(self.words.title)
        page.figure.set_label(title)
        number = f" (page {index + 1} of {len(pages)})" if pages else ""
        page.paragraph(f"{title}{number}", gid="title", size=page.size + 1, weight="bold")
        page.top += 0.5 * page.size
        on_top = self.sides if preset.favours_on_top else None
        draw_heads(page, forest, layout, sides=on_top, at=self.at)
        page.top += 0.3 * page.size
        table, tests = split_foot(shown_lines(lines, layout.arrangement))
        placed = place(table, forest, layout, font_size=page.size, measure=page.measure)
        axes = self._plot(page, placed, later=_later(pages, index))
        axis_words = preset.axis_words.format(measure=plain_text(self.words.measure_label), level=forest.level_words)
        draw_foot(
            page, axes, forest, layout, limits=self.limits, at=self.at, sides=None if on_top else self.sides,
            axis_words=axis_words, tests=tests,
        )  # fmt: skip
        if pages is None or index + 1 == len(pages):
            is_clipped = any(is_beyond(line, self.limits) != (False, False) for line in forest.lines)
            draw_notes(page, forest, notes_of(forest, is_clipped=is_clipped))
        page.finish()
        return page.figure

    def _plot(self, page: Page, placed, *, later: Line | None):
        """Draw cells and marks; the page's top is the axis afterwards."""
        bottom = placed[-1].top + placed[-1].height + 0.4 * page.size
        axes = page.axes(self.layout.plot, top=page.top, height=bottom, limits=self.limits)
        for line in placed:
            draw_cells(page, self.forest, line, self.layout)
        if has_no_effect_line(self.forest):
            draw_no_effect_line(page, axes, placed, self.layout, at=self.at)
        draw_marks(axes, placed, page=page, limits=self.limits, heaviest=self.heaviest, later=later)
        page.top += bottom
        return axes


def _later(pages: list[list[Line]] | None, index: int) -> Line | None:
    """Return the next prediction interval on a later page, whose shade begins above it."""
    lines = [line for page in (pages or [])[index + 1 :] for line in page]
    return next((line for line in lines if line.kind == "prediction"), None)
