"""Forest plot of one analysis, drawn from its tables; it computes no statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repool.figures.forest_axis import axis_limits, axis_ticks, has_no_effect_line
from repool.figures.forest_content import forest_of
from repool.figures.forest_layout import COLUMN_GAP, LINE_HEIGHT, columns_of, line_weight, place, wrap
from repool.figures.forest_marks import draw_marks, is_beyond
from repool.figures.forest_notes import NO_EFFECT, heads_of, notes_of, reasons_of
from repool.figures.forest_page import QUIET_INK, Page
from repool.figures.forest_words import plain_text
from repool.figures.rendering import figure_style

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from repool.figures.forest_content import Forest
    from repool.figures.forest_layout import Columns, Placed

STYLE_KEYS = ("width_cm", "font_size", "colour_square", "colour_diamond", "colour_prediction")


def draw_forest(
    effects: pd.DataFrame,
    pooled: pd.DataFrame,
    *,
    title: str,
    measure_label: str,
    favours_left: str,
    favours_right: str,
    level: float,
    style: Mapping[str, object],
    step_titles: Mapping[str, str],
    assumption_titles: Mapping[str, str],
    arm_titles: tuple[str, str],
) -> Figure:
    """Draw the forest plot of one analysis.

    Parameters
    ----------
    effects : pandas.DataFrame
        effects.csv of one analysis, with the columns ci_lb and ci_ub (analysis scale) and
        weight_percent (primary model of the row's step; blank where it is not pooled) added.
    pooled : pandas.DataFrame
        pooled.csv of the same analysis.
    title, measure_label : str
        Title, and name of the measure as in "Odds ratio".
    favours_left, favours_right : str
        Whole words for each side of no effect, as in "Favours usual care"; blank for none.
    level : float
        Level of the intervals, for example 0.95.
    style : mapping
        width_cm (8.9, 12 and 18 are common in journals), font_size (points), colour_square,
        colour_diamond and colour_prediction.
    step_titles, assumption_titles : mapping
        Ladder step and assumption id to words.
    arm_titles : tuple of str
        What the two arms are called where studies name them differently.

    Returns
    -------
    matplotlib.figure.Figure
        Every artist has a gid, such as "square-<result_id>", by which it is found in the SVG.

    Raises
    ------
    ValueError
        If a style key is missing or unknown, the tables do not fit together, words are missing, or
        the page is too narrow for the font size.
    """
    _check_style(style)
    forest = forest_of(
        effects,
        pooled,
        level=level,
        step_titles=step_titles,
        assumption_titles=assumption_titles,
        arm_titles=arm_titles,
    )
    with figure_style():
        page = Page(style)
        page.figure.set_label(plain_text(title))
        if forest.lines:
            heads = heads_of(forest, measure_label=measure_label, level=level)
            favours = (plain_text(favours_left), plain_text(favours_right))
            _draw_table(page, forest, title, heads, favours, assumption_titles)
        else:
            _draw_empty(page, forest, title)
        page.finish()
    return page.figure


def _check_style(style: Mapping[str, object]) -> None:
    """Refuse a style with a missing or an unknown key."""
    missing = [key for key in STYLE_KEYS if key not in style]
    unknown = sorted(set(style) - set(STYLE_KEYS))
    if missing or unknown:
        raise ValueError(f"style: missing {missing}, unknown {unknown}; needs {list(STYLE_KEYS)}")


def _draw_empty(page: Page, forest: Forest, title: str) -> None:
    """Say that there is nothing to draw, and why."""
    page.paragraph(plain_text(title), gid="title", size=page.size + 1, weight="bold")
    page.top += 0.5 * page.size
    page.paragraph(NO_EFFECT, gid="no-effect", size=page.size)
    for index, (_, sentence) in enumerate(reasons_of(forest), start=1):
        page.paragraph(sentence, gid=f"reason-{index}", size=page.size)


def _draw_table(page, forest, title, heads, favours, assumption_titles) -> None:
    """Draw title, heads, lines, axis and notes, from the top down."""
    columns = columns_of(forest, width=page.width, font_size=page.size, heads=heads, measure=page.measure)
    placed = place(forest, columns, font_size=page.size, measure=page.measure)
    limits = axis_limits(forest)
    page.paragraph(plain_text(title), gid="title", size=page.size + 1, weight="bold")
    page.top += 0.5 * page.size
    _draw_heads(page, forest, columns, heads)
    page.top += 0.3 * page.size
    bottom = placed[-1].top + placed[-1].height + 0.4 * page.size
    axes = page.axes(columns.plot, top=page.top, height=bottom, limits=limits)
    for line in placed:
        _draw_words(page, line, columns)
    scale = (columns.plot[1] - columns.plot[0]) / (limits[1] - limits[0])
    if has_no_effect_line(forest):
        _draw_no_effect_line(page, axes, placed, columns, at=columns.plot[0] - limits[0] * scale)
    draw_marks(axes, placed, page=page, limits=limits)
    page.top += bottom
    _draw_ticks(page, axes, limits, is_ratio=forest.is_ratio, scale=scale)
    if has_no_effect_line(forest):
        _draw_favours(page, favours, at=columns.plot[0] - limits[0] * scale)
    page.top += 0.6 * page.size
    page.rule(gid="rule-bottom")
    page.top += 0.4 * page.size
    is_clipped = any(is_beyond(line, limits) != (False, False) for line in forest.lines)
    for name, words in notes_of(forest, assumption_titles=assumption_titles, is_clipped=is_clipped):
        page.paragraph(words, gid=f"note-{name}", size=page.size - 0.5, colour=QUIET_INK)
        page.top += 0.15 * page.size


def _draw_heads(page: Page, forest: Forest, columns: Columns, heads: Mapping[str, list[str]]) -> None:
    """Draw the heads of the columns between two rules."""
    page.rule(gid="rule-top")
    names = ["label", "plot", "effect"]
    names += ["arm1", "arm2"] if columns.has_arms else []
    names += ["weight"] if columns.has_weights else []
    wrapped = {}
    for name in names:
        left, right = getattr(columns, name)
        is_under = name == "label" and columns.is_stacked and forest.has_counts
        texts = heads["stacked" if is_under else name]
        measure = page.measurer("normal" if name == "plot" else "bold")
        pieces = [wrap(text, width=right - left, measure=measure) for text in texts]
        wrapped[name] = [line for piece in pieces for line in piece]
    rows = max(map(len, wrapped.values()))
    page.top += 0.25 * page.size
    for name, lines in wrapped.items():
        top = page.top + (rows - len(lines)) * LINE_HEIGHT * page.size
        x, align = _anchor(columns, name)
        look = {"colour": QUIET_INK} if name == "plot" else {"weight": "bold"}
        page.text(x, lines, top=top, gid=f"head-{name}", align=align, **look)
    page.top += rows * LINE_HEIGHT * page.size + 0.25 * page.size
    page.rule(gid="rule-heads")


def _anchor(columns: Columns, name: str) -> tuple[float, str]:
    """Return where the text of a column is tied, and by which side."""
    left, right = getattr(columns, name)
    if name == "label":
        return left, "left"
    return ((left + right) / 2, "center") if name == "plot" else (right, "right")


def _draw_words(page: Page, placed: Placed, columns: Columns) -> None:
    """Write the cells of one line, each in the middle of the line's height."""
    line = placed.line
    weight = line_weight(line)
    name = {"study": "row", "not_pooled": "not-pooled"}.get(line.kind, line.kind)

    def put(column, lines, *, gid, **look):
        x, align = _anchor(columns, column)
        above = (placed.height - len(lines) * LINE_HEIGHT * page.size) / 2
        page.text(x, lines, top=page.top + placed.top + above, gid=gid, align=align, **look)

    rows = len(placed.label) + len(placed.small)
    top = page.top + placed.top + (placed.height - rows * LINE_HEIGHT * page.size) / 2
    left = columns.label[0]
    down = page.text(left, placed.label, top=top, gid=f"{name}-{line.key}", weight=weight)
    page.text(left, placed.small, top=top + down, gid=f"arms-{line.key}", colour=QUIET_INK)
    prefix = "" if line.kind == "study" else f"{name}-"
    put("effect", placed.effect, gid=f"{prefix}effect-{line.key}", weight=weight)
    if columns.has_arms:
        for column, words in zip(("arm1", "arm2"), line.arms, strict=True):
            put(column, [words] if words else [], gid=f"{column}-{line.key}")
    if line.weight_text:
        put("weight", [line.weight_text], gid=f"weight-{line.key}")


def _draw_no_effect_line(page, axes: Axes, placed: list[Placed], columns: Columns, *, at) -> None:
    """Draw the line of no effect, with gaps where words run across the plot."""
    top = 0.0
    pieces = []
    for line in placed:
        if line.line.kind not in {"heading", "not_pooled"}:
            continue
        width = max(page.measure(text, page.size, line_weight(line.line)) for text in line.label)
        if columns.label[0] + width > at - 0.5 * page.size:
            pieces.append((top, line.top))
            top = line.top + line.height
    pieces.append((top, axes.get_ylim()[0] - page.top))
    for number, (start, end) in enumerate(p for p in pieces if p[1] > p[0]):
        gid = "no-effect-line" if number == 0 else f"no-effect-line-{number + 1}"
        ends = [page.top + start, page.top + end]
        axes.plot([0, 0], ends, color=QUIET_INK, linewidth=0.7, zorder=1, gid=gid)


def _draw_ticks(page: Page, axes: Axes, limits, *, is_ratio, scale) -> None:
    """Name values on the axis."""
    size = page.size - 0.5

    def least_gap(left, right):
        widths = page.measure(left, size, "normal") + page.measure(right, size, "normal")
        return widths / 2 + 0.7 * size

    ticks = axis_ticks(limits, is_ratio=is_ratio, least_gap=least_gap, scale=scale)
    axes.set_xticks([at for at, _ in ticks], [label for _, label in ticks], fontsize=size)
    axes.xaxis.set_gid("axis")
    # The tick, its distance from the label (both in the style sheet) and the label.
    page.top += 5.5 + 1.25 * size


def _draw_favours(page: Page, favours: tuple[str, str], *, at: float) -> None:
    """Write on each side of no effect whom it favours."""
    gap = 0.5 * COLUMN_GAP * page.size
    tallest = 0.0
    for side, words in zip(("left", "right"), favours, strict=True):
        if not words:
            continue
        is_left = side == "left"
        width = (at - page.margin if is_left else page.width - page.margin - at) - gap
        lines = wrap(
            f"← {words}" if is_left else f"{words} →",
            width=width,
            measure=page.measurer("normal"),
        )
        x, align = (at - gap, "right") if is_left else (at + gap, "left")
        height = page.text(x, lines, top=page.top, gid=f"favours-{side}", align=align)
        tallest = max(tallest, height)
    page.top += tallest
