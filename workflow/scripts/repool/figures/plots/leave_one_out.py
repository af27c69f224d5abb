"""Leave-one-out plot: the pooled effect again without each study in turn."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from repool.figures.plots.canvas import VERMILION, Entry, Plot, PlotWords
from repool.figures.plots.interval_list import draw_interval_list
from repool.figures.plots.interval_rows import (
    BAND,
    Row,
    count,
    has_no_effect,
    headline_of,
    interval_row,
    side_of,
    value,
)
from repool.figures.words import interval, model_text, plain_text, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


def draw_leave_one_out(
    leave_one_out: pd.DataFrame, pooled: pd.DataFrame, *, words: PlotWords, style: Mapping[str, object]
) -> Plot | str:
    """Draw the main result with each study left out.

    Parameters
    ----------
    leave_one_out, pooled : pandas.DataFrame
        Tables leave_one_out.csv and pooled.csv of one analysis; rows of other steps and readings are not drawn.
    words : PlotWords
        Words of the analysis.
    style : mapping
        Size and colours of the review's figures.

    Returns
    -------
    Plot or str
        The figure, or why there is nothing to draw.
    """
    headline = headline_of(pooled)
    if headline is None:
        return "No step of this analysis was pooled, so there is no result to leave a study out of."
    own = leave_one_out
    for name in ("ladder_step", "reading", "model"):
        own = own[own[name].eq(headline[name])]
    rows = [_row(index, record) for index, record in enumerate(own.to_dict("records"))]
    drawn = [row for row in rows if row.kind == "interval"]
    if not drawn:
        return "There is no result with one study left out: at least one more study is needed."
    low, middle, high = (value(headline[name]) for name in ("ci_lb", "estimate", "ci_ub"))
    side = side_of(low, high)
    if has_no_effect(words):
        rows = [_marked(row, side) for row in rows]
    everything = Row(
        key="all", label="None: all studies", k=count(headline["k"]), low=low, estimate=middle, high=high,
        mark="diamond", is_main=True,
    )  # fmt: skip
    changed = [row for row in rows if row.mark == "changed"]
    figure = draw_interval_list(
        [*rows, everything], words=words, style=style, subtitle="The pooled effect without each study in turn",
        label_head="Left out", k_head="Effects", band=(low, high), legend=_legend(changed, style),
        notes=[f"Model: {model_text(headline)}."],
    )  # fmt: skip
    return Plot(figure=figure, alternative=_alternative(drawn, everything, changed, words), note="")


def _row(index: int, record: Mapping[str, object]) -> Row:
    """Return the row of one study left out."""
    return interval_row(record, key=f"r{index}", label=plain_text(record["left_out"]))


def _marked(row: Row, side: str) -> Row:
    """Return a row whose mark says whether its interval lies where that of all studies does."""
    found = side_of(row.low, row.high) if row.kind == "interval" else side
    return row if found in ("", side) else replace(row, mark="changed")


def _legend(changed, style) -> list[Entry]:
    """Say what the marks mean."""
    colour = str(style["colour_square"])
    entries = [Entry(label="interval of all studies", is_area=True, fill=BAND, colour="#b8c2cc")]
    entries.append(Entry(label="one study left out", marker="o", colour=colour, fill=colour))
    if changed:
        says = "says something else about no effect than all studies"
        entries.append(Entry(label=says, marker="D", colour=VERMILION, fill="white"))
    return entries


def _alternative(drawn, everything, changed, words) -> str:
    """Say in words what the plot shows."""
    show = {"is_ratio": words.is_ratio}
    lowest, highest = (pick(drawn, key=lambda row: row.estimate) for pick in (min, max))
    whole = f"{shown(everything.estimate, **show)} {interval(everything.low, everything.high, **show)}"
    text = (
        f"{words.measure_label} with one study left out at a time: from {shown(lowest.estimate, **show)} without "
        f"{lowest.label} to {shown(highest.estimate, **show)} without {highest.label}; all studies give {whole}."
    )
    if has_no_effect(words):
        names = ", ".join(row.label for row in changed)
        text += (
            f" Without {names} the interval says something else about no effect."
            if changed
            else (" No study alone changes on which side of no effect the interval lies.")
        )
    return text
