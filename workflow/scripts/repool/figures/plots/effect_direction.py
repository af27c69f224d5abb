"""Effect-direction plot: one arrow per study, up, down or sideways, larger for larger studies."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from repool.figures.lettering import LINE_HEIGHT, QUIET_INK, wrap
from repool.figures.page import Page
from repool.figures.plots.canvas import BLUE, VERMILION, Plot, PlotWords, small
from repool.figures.plots.interval_rows import count
from repool.figures.plots.list_parts import fitted, heading_words, open_page
from repool.figures.plots.sides import UNCLEAR, done_by, in_sentence, sides_of
from repool.figures.rendering import figure_style
from repool.figures.words import count_text, plain_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

#: Direction -> arrow where the size is known and where it is not, and colour.
ARROWS = {"up": ("▲", "△", BLUE), "down": ("▼", "▽", VERMILION), "sideways": ("◀▶", "◁▷", QUIET_INK)}
#: Size class -> size of the arrow, in font sizes.
SIZES = {"small": 0.8, "medium": 1.2, "large": 1.7, "": 1.2}
HEADS = {
    "people": "People in\N{NO-BREAK SPACE}arm\N{NO-BREAK SPACE}1",
    "arrow": "Direction",
    "results": "Results",
    "bias": "Risk of bias",
}
GAP = 1.0
#: The least width of the study's name, as a share of the page.
LEAST_LABEL = 0.3


def draw_effect_direction(
    effect_direction: pd.DataFrame, *, words: PlotWords, style: Mapping[str, object], higher_is_better: bool
) -> Plot | str:
    """Draw the direction of every study, grouped by stratum.

    Parameters
    ----------
    effect_direction : pandas.DataFrame
        Table effect_direction.csv of one analysis.
    words : PlotWords
        Words of the analysis.
    style : mapping
        Size and colours of the review's figures.
    higher_is_better : bool
        Whether high values of the measure favour arm 1.

    Returns
    -------
    Plot or str
        The figure, or why there is nothing to draw.
    """
    if not len(effect_direction):
        return "No study of this analysis has a listed direction."
    arm1, arm2 = sides_of(words, higher_is_better=higher_is_better)
    records = effect_direction.to_dict("records")
    with figure_style():
        page = open_page(words, style, subtitle="Which way the results of each study point; the p-value plays no part")
        cells = [_cells(record) for record in records]
        columns = _columns_of(page, records, cells)
        _write_heads(page, columns)
        stratum = None
        for index, (record, cell) in enumerate(zip(records, cells, strict=True)):
            if record["stratum"] != stratum:
                stratum = record["stratum"]
                page.top += 0.5 * page.size
                page.paragraph(heading_words(stratum), gid=f"stratum-{index}", size=page.size, weight="bold")
            _write_row(page, columns, record, cell, key=f"r{index}")
        page.top += 0.4 * page.size
        page.rule(gid="rule-bottom")
        page.top += 0.4 * page.size
        for index, note in enumerate(_notes(records, cells, (arm1, arm2))):
            page.paragraph(note, gid=f"note-{index}", size=small(style), colour=QUIET_INK)
        page.finish()
    return Plot(figure=page.figure, alternative=_alternative(records, (arm1, arm2)), note="")


def _cells(record: Mapping[str, object]) -> dict[str, str]:
    """Return the words of one row."""
    people = count_text(record["n"])
    star = "*" if people and record["n_counts"] != "arm 1" else ""
    results, share = count(record["n_results"]), record["share"]
    if results not in ("", "0", "1") and not math.isnan(share):
        results = f"{results}, {100 * share:.0f} % agree"
    return {"people": people + star, "results": results, "bias": plain_text(record["risk_of_bias"])}


def _columns_of(page: Page, records, cells) -> dict[str, tuple[float, float]]:
    """Return left and right end of each column; a column without a word is left out."""
    shown = [name for name in HEADS if name == "arrow" or any(cell[name] for cell in cells)]
    widths = {}
    for name in shown:
        texts = [cell[name] for cell in cells] if name != "arrow" else ["◀▶◀"]
        head = max(page.measure(word, page.size, "bold") for word in HEADS[name].split(" "))
        widths[name] = max([head, *(page.measure(text, page.size, "normal") for text in texts)])
    gap = GAP * page.size
    room = page.width - 2 * page.margin - sum(widths.values()) - gap * len(widths)
    label = max(page.measure(plain_text(record["label"]), page.size, "normal") for record in records)
    label = min(label, max(room, LEAST_LABEL * page.width))
    # What is left over stands between the columns, so that they fill the page.
    more = max(0.0, room - label) / (len(widths) + 1)
    left = page.margin
    columns = {"label": (left, left + label)}
    left += label + gap + more
    for name, width in widths.items():
        columns[name] = (left, left + width)
        left += width + gap + more
    return columns


def _write_heads(page: Page, columns) -> None:
    """Write the heads of the columns between two rules."""
    page.rule(gid="rule-top")
    page.top += 0.25 * page.size
    heads = {"label": "Study"} | HEADS
    lines = {
        name: wrap(heads[name], width=right - left, measure=page.measurer("bold"))
        for name, (left, right) in columns.items()
    }
    most = max(map(len, lines.values()))
    for name, own in lines.items():
        x, align = _anchor(columns, name)
        top = page.top + (most - len(own)) * LINE_HEIGHT * page.size
        page.text(x, own, top=top, gid=f"head-{name}", weight="bold", align=align)
    page.top += (most * LINE_HEIGHT + 0.25) * page.size
    page.rule(gid="rule-heads")


def _anchor(columns, name) -> tuple[float, str]:
    """Return where the text of a column is tied, and by which side."""
    left, right = columns[name]
    if name == "arrow":
        return (left + right) / 2, "center"
    return (right, "right") if name == "people" else (left, "left")


def _write_row(page: Page, columns, record, cell, *, key: str) -> None:
    """Write one study with its arrow."""
    step = LINE_HEIGHT * page.size
    left, right = columns["label"]
    label = fitted(page, plain_text(record["label"]), width=right - left)
    size_class = plain_text(record["size_class"])
    height = max(len(label) * step, LINE_HEIGHT * SIZES.get(size_class, 1.2) * page.size, step) + 0.15 * page.size
    middle = page.top + height / 2
    page.text(left, label, top=middle - len(label) * step / 2, gid=f"label-{key}")
    for name in ("people", "results", "bias"):
        if name in columns and cell[name]:
            x, align = _anchor(columns, name)
            page.text(x, [cell[name]], top=middle - step / 2, gid=f"{name}-{key}", align=align)
    filled, hollow, colour = ARROWS.get(plain_text(record["symbol"]), ("?", "?", QUIET_INK))
    size = max(6.0, SIZES.get(size_class, 1.2) * page.size)
    x, align = _anchor(columns, "arrow")
    top = middle - LINE_HEIGHT * size / 2
    arrow = filled if size_class else hollow
    page.text(x, [arrow], top=top, gid=f"arrow-{key}", size=size, align=align, colour=colour)
    page.top += height


def _notes(records, cells, sides) -> list[str]:
    """Say what the arrows mean."""
    notes = [f"▲ {in_sentence(sides[0])}   ▼ {in_sentence(sides[1])}   ◀▶ {in_sentence(UNCLEAR)}"]
    if any(not plain_text(record["symbol"]) for record in records):
        notes[0] += "   ? not stated"
    if any(plain_text(record["size_class"]) for record in records):
        notes.append("Small arrows: fewer than 50 people in arm 1; middle-sized: 50 to 300; large: more than 300.")
    if any(not plain_text(record["size_class"]) for record in records):
        notes.append("Hollow arrows: the size of the study is not known.")
    if any(cell["people"].endswith("*") for cell in cells):
        notes.append("* people in both arms, halved for the size of the arrow")
    shares = sorted({record["agreement"] for record in records if not math.isnan(record["agreement"])})
    if shares:
        says = " or ".join(f"{100 * share:.0f} %" for share in shares)
        notes.append(f"An arrow needs {says} of a study's results to point the same way.")
    return notes


def _alternative(records, sides) -> str:
    """Say in words what the plot shows."""
    counts = {name: sum(record["symbol"] == name for record in records) for name in ARROWS}
    unknown = len(records) - sum(counts.values())
    text = (
        f"Direction of {len(records)} studies: {counts['up']} {done_by(counts['up'], sides[0])}, "
        f"{counts['down']} {done_by(counts['down'], sides[1])}, {counts['sideways']} with no clear direction"
    )
    return f"{text}, {unknown} not stated." if unknown else f"{text}."
