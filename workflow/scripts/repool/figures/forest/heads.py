"""Heads and cells of the forest plot: the words around the marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repool.figures.forest.bias import DOT_DIAMETER, DOT_GAP, DOT_WIDTH
from repool.figures.forest.columns import cell
from repool.figures.forest.layout import circle_rows, circles_per_row, line_weight
from repool.figures.judgements import mark_judgement
from repool.figures.lettering import LINE_HEIGHT, QUIET_INK, wrap

if TYPE_CHECKING:
    from repool.figures.forest.columns import Column
    from repool.figures.forest.content import Forest
    from repool.figures.forest.layout import Placed
    from repool.figures.forest.widths import Layout
    from repool.figures.page import Page

#: Kind of a line -> what its words are called in the file.
NAMES = {"study": "row", "not_pooled": "not-pooled"}


def draw_heads(page: Page, forest: Forest, layout: Layout, *, sides: tuple[str, str] | None, at: float | None) -> None:
    """Draw the heads of the columns between two rules.

    Parameters
    ----------
    page : Page
        Filled from the top.
    forest : Forest
        What is drawn.
    layout : Layout
        Where the columns are.
    sides : tuple of str or None
        Whom both sides favour, where they stand over the plot.
    at : float or None
        Place of no effect, in points.
    """
    page.rule(gid="rule-top")
    own = {column.name: _wrapped(page, forest, layout, column) for column in layout.columns}
    groups = _groups(page, layout)
    below = {column.group: 0 for column in layout.columns if column.group}
    for column in layout.columns:
        if column.group:
            below[column.group] = max(below[column.group], len(own[column.name]))
    rows = max([*map(len, own.values()), *(len(lines) + below[name] for name, (lines, _) in groups.items())])
    if sides is not None:
        placed = sides_on_top(page, layout, sides, at=at)
        rows = max([rows, *(len(lines) for _, lines, *_ in placed)])
    page.top += 0.25 * page.size
    step = LINE_HEIGHT * page.size
    for column in layout.columns:
        lines = own[column.name]
        x, align = anchor(layout, column)
        look = {"weight": "bold"} if forest.choices.look.tests or column.name != "plot" else {"colour": QUIET_INK}
        page.text(x, lines, top=page.top + (rows - len(lines)) * step, gid=f"head-{column.name}", align=align, **look)
    for place, (name, (lines, (left, right))) in enumerate(groups.items(), start=1):
        top = page.top + (rows - below[name] - len(lines)) * step
        page.text((left + right) / 2, lines, top=top, gid=f"head-group-{place}", align="center", weight="bold")
    if sides is not None:
        for side, lines, x, align, weight in placed:
            top = page.top + (rows - len(lines)) * step
            page.text(x, lines, top=top, gid=f"favours-{side}", align=align, weight=weight)
    page.top += rows * step + 0.25 * page.size
    page.rule(gid="rule-heads")


def sides_on_top(page: Page, layout: Layout, sides: tuple[str, str], *, at: float) -> list[tuple]:
    """Return the sides over the plot: in bold, without arrows; broken where not even their words have room."""
    for weight in ("bold", "normal"):
        found = place_sides(page, sides, span=layout.plot, at=at, weight=weight, arrows=False)
        if found is not None:
            return [(*one, weight) for one in found]
    middle, gap = sum(layout.plot) / 2, 0.3 * page.size
    width = (layout.plot[1] - layout.plot[0]) / 2 - gap
    lines = [wrap(text, width=width, measure=page.measurer("normal")) if text else [] for text in sides]
    return [
        ("left", lines[0], middle - gap, "right", "normal"),
        ("right", lines[1], middle + gap, "left", "normal"),
    ]


def _wrapped(page: Page, forest: Forest, layout: Layout, column: Column) -> list[str]:
    """Return the lines of a column's own head."""
    left, right = layout.spans[column.name]
    is_light = column.name == "plot" and not forest.choices.look.tests
    measure = page.measurer("normal" if is_light else "bold")
    lines = [line for text in column.head for line in wrap(text, width=right - left, measure=measure)]
    return [line.replace("\u00a0", " ") for line in lines]


def _groups(page: Page, layout: Layout) -> dict[str, tuple[list[str], tuple[float, float]]]:
    """Return the common heads of neighbours: their lines, and from where to where they stand."""
    found = {}
    for column in layout.columns:
        if column.group:
            own = [layout.spans[other.name] for other in layout.columns if other.group == column.group]
            left, right = min(own)[0], max(own)[1]
            found[column.group] = (wrap(column.group, width=right - left, measure=page.measurer("bold")), (left, right))
    return found


def place_sides(
    page: Page,
    sides: tuple[str, str],
    *,
    span: tuple[float, float],
    at: float,
    weight: str,
    arrows: bool,
    is_whole: bool = False,
) -> list[tuple] | None:
    """Return whom both sides favour as (side, lines, x, alignment), each wrapped on its side of no effect.

    Parameters
    ----------
    page : Page
        Measures texts.
    sides : tuple of str
        Words of the left and of the right side; "" for none.
    span : tuple of float
        From where to where the words may stand, in points.
    at : float
        Place of no effect. Words move off it only as far as their longest word needs.
    weight : str
        Weight of the font.
    arrows : bool
        Whether arrows point to the sides.
    is_whole : bool
        Whether words move off no effect as far as it takes to keep each side on one line, where both have room.

    Returns
    -------
    list of tuple or None
        None where even the longest words have no room side by side.
    """
    gap = 0.55 * page.size
    # An arrow is never parted from its word.
    texts = [f"←\u00a0{sides[0]}", f"{sides[1]}\u00a0→"] if arrows else list(sides)
    texts = [text if words else "" for text, words in zip(texts, sides, strict=True)]
    needs = [max(page.measure(word, page.size, weight) for word in text.split(" ")) for text in texts]
    if needs[0] + needs[1] + 2 * gap > span[1] - span[0]:
        return None
    wholes = [page.measure(text, page.size, weight) for text in texts]
    if is_whole and wholes[0] + wholes[1] + 2 * gap <= span[1] - span[0]:
        needs = wholes
    split = max(min(at, span[1] - needs[1] - gap), span[0] + needs[0] + gap)
    found = []
    for side, text in zip(("left", "right"), texts, strict=True):
        if text:
            width = (split - span[0] if side == "left" else span[1] - split) - gap
            x, align = (split - gap, "right") if side == "left" else (split + gap, "left")
            lines = wrap(text, width=width, measure=page.measurer(weight))
            found.append((side, [line.replace("\u00a0", " ") for line in lines], x, align))
    return found


def anchor(layout: Layout, column: Column) -> tuple[float, str]:
    """Return where the text of a column is tied, and by which side."""
    left, right = layout.spans[column.name]
    return {"left": left, "right": right, "center": (left + right) / 2}[column.align], column.align


def draw_cells(page: Page, forest: Forest, placed: Placed, layout: Layout) -> None:
    """Write the cells of one line, each in the middle of the line's height."""
    line = placed.line
    weight = line_weight(line)
    name = NAMES.get(line.kind, line.kind)
    prefix = "" if line.kind == "study" else f"{name}-"
    step = LINE_HEIGHT * page.size
    circles = circle_rows(line, forest, layout, size=page.size) * DOT_WIDTH * page.size
    rows = len(placed.label) + len(placed.small)
    top = page.top + placed.top + (placed.height - rows * step - circles) / 2
    left = layout.spans["label"][0]
    down = page.text(left, placed.label, top=top, gid=f"{name}-{line.key}", weight=weight)
    page.text(left, placed.small, top=top + down, gid=f"arms-{line.key}", colour=QUIET_INK)
    for column in layout.columns[1:]:
        lines = cell(line, column.name, layout.arrangement)
        if lines:
            x, align = anchor(layout, column)
            above = page.top + placed.top + (placed.height - len(lines) * step) / 2
            page.text(x, lines, top=above, gid=f"{prefix}{column.name}-{line.key}", align=align, weight=weight)
    if forest.bias and line.kind == "study" and line.study_id in forest.bias.levels:
        y = top + rows * step + DOT_WIDTH * page.size / 2 if circles else page.top + placed.centre
        _draw_circles(page, forest, line, layout, y=y)


def _draw_circles(page: Page, forest: Forest, line, layout: Layout, *, y: float) -> None:
    """Draw the judgements of one study side by side."""
    left, per_row = layout.spans["label"][0], circles_per_row(layout, size=page.size)
    for place, (letter, level) in enumerate(zip(forest.bias.letters, forest.bias.levels[line.study_id], strict=True)):
        if f"bias-{letter}" in layout.spans:
            x, down = sum(layout.spans[f"bias-{letter}"]) / 2, 0
        else:
            down, across = divmod(place, per_row)
            x = left + (DOT_WIDTH * (across + 0.5) + DOT_GAP * across) * page.size
        if level:
            draw_circle(page, level, x=x, y=y + down * DOT_WIDTH * page.size, gid=f"bias-{letter}-{line.key}")


def draw_circle(page: Page, level: str, *, x: float, y: float, gid: str) -> None:
    """Draw one judgement with its middle at a place of the page."""
    size = DOT_DIAMETER * page.size
    mark_judgement(page.figure, x, y, level, diameter=size, transform=page.points, gid=gid)
