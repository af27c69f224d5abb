"""Assumption ladder: the main model's result at every step, all readings side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from repool.figures.plots.canvas import Entry, Plot, PlotWords
from repool.figures.plots.interval_list import draw_interval_list
from repool.figures.plots.interval_rows import BAND, MARKS, Row, count, headline_of, interval_row, value
from repool.figures.plots.list_parts import readable
from repool.figures.words import interval, model_text, plain_text, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

#: Reading -> what it is called, and its mark.
READINGS = {
    "preferred": ("preferred reading", "circle"),
    "cautious": ("cautious reading", "square"),
    "best_case": ("best case", "triangle_up"),
    "worst_case": ("worst case", "triangle_down"),
}


def draw_ladder(
    pooled: pd.DataFrame,
    *,
    words: PlotWords,
    style: Mapping[str, object],
    step_titles: Mapping[str, str],
) -> Plot | str:
    """Draw the primary model at each step of the assumption ladder.

    Parameters
    ----------
    pooled : pandas.DataFrame
        Table pooled.csv of one analysis.
    words : PlotWords
        Words of the analysis.
    style : mapping
        Size and colours of the review's figures.
    step_titles : mapping
        Step -> title.

    Returns
    -------
    Plot or str
        The figure, or why there is nothing to draw.
    """
    primary = pooled[pooled["is_primary"].eq("yes")].sort_values("step_order", kind="stable")
    rows: list[Row] = []
    for place, (step, own) in enumerate(primary.groupby("ladder_step", sort=False)):
        rows.append(Row(key=f"s{place}", label=plain_text(step_titles[step]), kind="heading"))
        rows += _step_rows(own.to_dict("records"), key=f"s{place}")
    drawn = [row for row in rows if row.kind == "interval"]
    if not drawn:
        return "No step of the assumption ladder was pooled, so there is no result to compare."
    headline = headline_of(pooled) or primary[primary["estimate"].notna()].to_dict("records")[0]
    band = (value(headline["ci_lb"]), value(headline["ci_ub"]))
    used = [name for name in READINGS if primary["reading"].eq(name).any()]
    figure = draw_interval_list(
        rows, words=words, style=style, subtitle="The same question with more assumptions at every step",
        label_head="Step and reading", k_head="Effects", band=band, legend=_legend(used, style),
        notes=[f"Model: {model_text(headline)}."],
    )  # fmt: skip
    return Plot(figure=figure, alternative=_alternative(rows, words), note="")


def _step_rows(records: list[dict[str, object]], *, key: str) -> list[Row]:
    """Return the rows of one step; one for all readings where none was pooled, for one reason."""
    rows = [_row(record, key=f"{key}-{index}") for index, record in enumerate(records)]
    if len(rows) > 1 and len({(row.kind, row.text, row.k) for row in rows}) == 1 and rows[0].kind == "words":
        return [replace(rows[0], label="all readings")]
    return rows


def _row(record: Mapping[str, object], *, key: str) -> Row:
    """Return the row of one step and reading, in words where it was not pooled."""
    title, mark = READINGS.get(record["reading"], (readable(record["reading"]), "circle"))
    if record["verdict"] != "pooled":
        reason = plain_text(record["reason"])
        text = f"not pooled: {reason}" if reason else "not pooled"
        return Row(key=key, label=title, kind="words", k=count(record["k"]), text=text)
    return interval_row(record, key=key, label=title, mark=mark)


def _legend(used, style) -> list[Entry]:
    """Say what the marks mean."""
    colour = str(style["colour_square"])
    entries = [Entry(label="interval of the main result", is_area=True, fill=BAND, colour="#b8c2cc")]
    for name in used:
        title, mark = READINGS[name]
        shape, is_filled, _ = MARKS[mark]
        entries.append(Entry(label=title, marker=shape, colour=colour, fill=colour if is_filled else "white"))
    return entries


def _alternative(rows, words) -> str:
    """Say the first reading of each step in words."""
    parts = []
    for place, row in enumerate(rows):
        if row.kind != "heading" or place + 1 == len(rows):
            continue
        first = rows[place + 1]
        if first.kind == "words":
            parts.append(f"{row.label}: {first.text}")
            continue
        numbers = interval(first.low, first.high, is_ratio=words.is_ratio)
        parts.append(f"{row.label}: {shown(first.estimate, is_ratio=words.is_ratio)} {numbers} from {first.k} effects")
    return f"{words.measure_label} by step of the assumption ladder, preferred reading. {'; '.join(parts)}."
