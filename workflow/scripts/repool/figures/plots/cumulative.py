"""Cumulative plot: the pooled effect again with each study that was added, in a given order."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from repool.figures.plots.canvas import Entry, Plot, PlotWords
from repool.figures.plots.interval_list import draw_interval_list
from repool.figures.plots.interval_rows import BAND, Row, count, interval_row
from repool.figures.plots.list_parts import readable
from repool.figures.words import interval, plain_text, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


def draw_cumulative(cumulative: pd.DataFrame, *, words: PlotWords, style: Mapping[str, object]) -> Plot | str:
    """Draw how the pooled effect moved as studies were added.

    Parameters
    ----------
    cumulative : pandas.DataFrame
        Table cumulative.csv of one analysis.
    words : PlotWords
        Words of the analysis.
    style : mapping
        Size and colours of the review's figures.

    Returns
    -------
    Plot or str
        The figure, or why there is nothing to draw.
    """
    records = cumulative.sort_values("step", kind="stable").to_dict("records")
    rows = [_row(record, is_last=index + 1 == len(records)) for index, record in enumerate(records)]
    drawn = [row for row in rows if row.kind == "interval"]
    if not drawn:
        return "There is no pooled effect of a growing set of studies: nothing was pooled."
    order = readable(records[0]["order_column"])
    last = drawn[-1]
    band = None if math.isnan(last.low) else (last.low, last.high)
    colour = str(style["colour_square"])
    legend = [Entry(label="studies so far, pooled", marker="o", colour=colour, fill=colour)]
    if band is not None:
        legend.insert(0, Entry(label="interval of all studies", is_area=True, fill=BAND, colour="#b8c2cc"))
    if any(record["k"] == 1 for record in records):
        notes = ["The first row is the first study's own effect; nothing is pooled there."]
    else:
        notes = []
    notes.append("Looking again after every study makes chance findings more likely than the intervals say.")
    figure = draw_interval_list(
        rows, words=words, style=style, subtitle=f"The pooled effect as studies were added, by {order}",
        label_head="Added study", k_head="Effects", band=band, legend=legend, notes=notes,
    )  # fmt: skip
    show = {"is_ratio": words.is_ratio}
    ends = [f"{shown(row.estimate, **show)} {interval(row.low, row.high, **show)}".strip() for row in (drawn[0], last)]
    alternative = (
        f"{words.measure_label} pooled again as each study was added by {order}: {ends[0]} with "
        f"{drawn[0].label.removeprefix('+ ')} at first, {ends[1]} with all {len(records)} added."
    )
    return Plot(figure=figure, alternative=alternative, note="")


def _row(record: Mapping[str, object], *, is_last: bool) -> Row:
    """Return the row of one added study."""
    label, order = plain_text(record["label"]), count_or_text(record["order_value"])
    # "Morton 1984" needs no second year.
    label = label if not order or order in label else f"{label} ({order})"
    look = {"mark": "diamond" if is_last else "circle", "is_main": is_last}
    return interval_row(record, key=f"r{count(record['step'])}", label=f"+ {label}", **look)


def count_or_text(cell: object) -> str:
    """Return a cell of any kind as text; whole numbers without a decimal point."""
    return f"{cell:.10g}" if isinstance(cell, int | float) and not math.isnan(cell) else plain_text(cell)
