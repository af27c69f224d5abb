"""Traffic light plot: the risk of bias of every study in every domain, as circles with signs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repool.figures.judgements import JUDGEMENTS, OVERALL, mark_judgement
from repool.figures.lettering import LINE_HEIGHT, QUIET_INK
from repool.figures.page import Page
from repool.figures.plots.canvas import GRID, Plot, small
from repool.figures.plots.list_parts import fitted, open_page
from repool.figures.rendering import figure_style
from repool.figures.review.ratings import Rated, ReviewWords, Tool, tools_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

SUBTITLE = "Risk of bias, study by study"
NOTHING = "data/risk_of_bias.csv has no judgement, or the review has no such file"
#: In font sizes: largest diameter of a circle, height of a row without its circle, widest column of a domain.
CIRCLE, AIR, COLUMN = 1.5, 0.35, 5.0
#: Share of its column that a circle takes where columns are narrow, and least share of the page for names.
FILLED, LEAST_LABEL = 0.84, 0.22
#: From so many studies on the heads of the columns stand below the rows too.
HEADS_TWICE_FROM = 30


def draw_risk_of_bias(risk_of_bias: pd.DataFrame, *, words: ReviewWords, style: Mapping[str, object]) -> Plot | str:
    """Draw every judgement as a circle: studies down, domains across, one part per tool.

    Parameters
    ----------
    risk_of_bias : pandas.DataFrame
        Table risk_of_bias.csv.
    words : ReviewWords
        Title of the review and of its tools.
    style : mapping
        Size and colours of the review's figures.

    Returns
    -------
    Plot or str
        The figure, or why there is nothing to draw.
    """
    tools = tools_of(risk_of_bias, words.tools)
    if not tools:
        return NOTHING
    with figure_style():
        page = open_page(words, style, subtitle=SUBTITLE)
        for place, tool in enumerate(tools):
            _draw_tool(page, tool, place=place, is_named=len(tools) > 1)
        page.finish()
    return Plot(figure=page.figure, alternative=" ".join(map(_alternative, tools)), note="")


def _draw_tool(page: Page, tool: Tool, *, place: int, is_named: bool) -> None:
    """Draw one tool's judgements with their legend."""
    if is_named:
        page.top += 0.6 * page.size if place else 0.0
        page.paragraph(tool.title, gid=f"tool-{place}", size=page.size, weight="bold")
        page.top += 0.3 * page.size
    columns = _columns(page, tool)
    _heads(page, tool, columns, gid=f"head-{place}")
    for row, study in enumerate(tool.studies):
        _row(page, study, columns, gid=f"{place}-{row}", is_last=row + 1 == len(tool.studies))
    if len(tool.studies) >= HEADS_TWICE_FROM:
        _heads(page, tool, columns, gid=f"foot-{place}")
    else:
        page.rule(gid=f"rule-bottom-{place}")
    page.top += 0.5 * page.size
    write_levels(page, tool, place=place)
    write_domains(page, tool, place=place)


def _columns(page: Page, tool: Tool) -> dict[str, tuple[float, float]]:
    """Return left and right end of the column of names ("") and of each domain; they fill the page."""
    bold = page.measurer("bold")
    least = {name: bold(name) + 0.5 * page.size for name in tool.columns}
    room = page.width - 2 * page.margin
    label = min(
        max(page.measure(study.name, page.size, "normal") for study in tool.studies) + page.size,
        max(room - sum(max(wide, 2.0 * page.size) for wide in least.values()), LEAST_LABEL * room),
    )
    each = (room - label - least.get(OVERALL, 0.0)) / max(len(tool.domains), 1)
    each = min(each, COLUMN * page.size)
    left = page.margin + label
    columns = {"": (page.margin, left - page.size)}
    for name in tool.columns:
        wide = max(least[name], each) if name == OVERALL else each
        columns[name] = (left, left + wide)
        left += wide
    return columns


def _heads(page: Page, tool: Tool, columns: Mapping[str, tuple[float, float]], *, gid: str) -> None:
    """Write the names of the columns between two rules."""
    page.rule(gid=f"{gid}-rule-above")
    page.top += 0.2 * page.size
    page.text(page.margin, ["Study"], top=page.top, gid=f"{gid}-study", weight="bold")
    for name in tool.columns:
        middle = sum(columns[name]) / 2
        page.text(middle, [name], top=page.top, gid=f"{gid}-{name}", weight="bold", align="center")
    page.top += (LINE_HEIGHT + 0.2) * page.size
    page.rule(gid=f"{gid}-rule-below")


def _row(page: Page, study: Rated, columns: Mapping[str, tuple[float, float]], *, gid: str, is_last: bool) -> None:
    """Draw the judgements of one study."""
    from matplotlib.lines import Line2D

    left, right = columns[""]
    lines = fitted(page, study.name, width=right - left)
    tall = len(lines) * LINE_HEIGHT * page.size
    diameter = _diameter(page, columns)
    height = max(tall, diameter) + AIR * page.size
    middle = page.top + height / 2
    page.text(left, lines, top=middle - tall / 2, gid=f"label-{gid}")
    for name, (start, end) in columns.items():
        if name and name in study.levels:
            mark_judgement(
                page.figure, (start + end) / 2, middle, study.levels[name], diameter=diameter,
                transform=page.points, gid=f"judgement-{gid}-{name}",
            )  # fmt: skip
    page.top += height
    if not is_last:
        ends = [page.margin, page.width - page.margin]
        line = Line2D(ends, [page.top] * 2, transform=page.points, color=GRID, linewidth=0.4, gid=f"line-{gid}")
        page.figure.add_artist(line)


def _diameter(page: Page, columns: Mapping[str, tuple[float, float]]) -> float:
    narrowest = min(end - start for name, (start, end) in columns.items() if name)
    return min(CIRCLE * page.size, FILLED * narrowest)


def write_levels(page: Page, tool: Tool, *, place: int) -> None:
    """Put every mark beside the tool's word for it, in as many lines as they need.

    Parameters
    ----------
    page : Page
        Where to write; it stands below the legend afterwards.
    tool : Tool
        Whose words.
    place : int
        Number of the tool's part in the figure.
    """
    size = small(page.style)
    measure, room, x = page.measurer("normal", size), 1.9 * size, page.margin
    step = 1.25 * LINE_HEIGHT * size
    for level, word in tool.words.items():
        lines = fitted_small(page, word, width=page.width - 2 * page.margin - room)
        wide = room + max(map(measure, lines))
        if x > page.margin and x + wide > page.width - page.margin:
            x = page.margin
            page.top += step
        mark_judgement(
            page.figure, x + 0.65 * size, page.top + LINE_HEIGHT * size / 2, level, diameter=1.3 * size,
            transform=page.points, gid=f"legend-{place}-{level}",
        )  # fmt: skip
        page.text(x + room, lines, top=page.top, gid=f"legend-word-{place}-{level}", size=size)
        page.top += (len(lines) - 1) * LINE_HEIGHT * size
        x += wide + 1.6 * size
    page.top += step + 0.2 * size


def write_domains(page: Page, tool: Tool, *, place: int) -> None:
    """Say below each other what the domains of a tool are about."""
    size = small(page.style)
    for domain, title in tool.domains.items():
        words = f"{domain}: {title}" if title else domain
        page.paragraph(words, gid=f"domain-{place}-{domain}", size=size, colour=QUIET_INK)


def fitted_small(page: Page, text: str, *, width: float) -> list[str]:
    """Return a text in small letters as lines no wider than so many points."""
    from repool.figures.lettering import wrap

    return wrap(text, width=width, measure=page.measurer("normal", small(page.style)))


def _alternative(tool: Tool) -> str:
    """Say in words how many studies have which judgement."""
    said = f"Risk of bias of {len(tool.studies)} {'study' if len(tool.studies) == 1 else 'studies'} by {tool.title}."
    parts = [
        f"{_named(tool, column)}: {_counts(tool, column)}"
        for column in sorted(tool.columns, key=lambda name: name != OVERALL)
    ]
    listed = "; ".join(parts)
    return f"{said} {listed[:1].upper()}{listed[1:]}."


def _named(tool: Tool, column: str) -> str:
    return "overall" if column == OVERALL else tool.domains[column] or column


def _counts(tool: Tool, column: str) -> str:
    """Return "low 3, high 1" of one column."""
    levels: Sequence[str] = [study.levels.get(column, "") for study in tool.studies]
    counts = {level: levels.count(level) for level in JUDGEMENTS}
    return ", ".join(f"{tool.words[level].lower()} {count}" for level, count in counts.items() if count)
