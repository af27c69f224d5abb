"""Subgroup plot: a diamond for each subgroup, and the test between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repool.figures.forest.tests_in_words import between_text
from repool.figures.plots.canvas import Plot, PlotWords
from repool.figures.plots.interval_list import draw_interval_list
from repool.figures.plots.interval_rows import Row, interval_row
from repool.figures.plots.list_parts import heading_words, readable
from repool.figures.words import interval, plain_text, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


def draw_subgroups(subgroups: pd.DataFrame, *, words: PlotWords, style: Mapping[str, object]) -> Plot | str:
    """Draw the pooled effect of every subgroup, moderator by moderator.

    Parameters
    ----------
    subgroups : pandas.DataFrame
        Table subgroups.csv of one analysis.
    words : PlotWords
        Words of the analysis.
    style : mapping
        Size and colours of the review's figures.

    Returns
    -------
    Plot or str
        The figure, or why there is nothing to draw.
    """
    rows, said = [], []
    for place, (moderator, own) in enumerate(subgroups.groupby("moderator", sort=False)):
        title = readable(moderator)
        rows.append(Row(key=f"m{place}", label=heading_words(moderator), kind="heading"))
        for index, record in enumerate(own.to_dict("records")):
            rows += _rows(record, key=f"m{place}-{index}")
            if record["row"] == "between":
                said.append(f"difference by {title}: {between_text(record)}")
    drawn = [row for row in rows if row.kind == "interval"]
    if not drawn:
        notes = [plain_text(note) for note in subgroups["note"].tolist() if plain_text(note)] if len(subgroups) else []
        return "; ".join(["No subgroup has a pooled effect", *dict.fromkeys(notes)]) + "."
    notes = ["A subgroup's own interval does not say whether subgroups differ; the test of the difference does."]
    figure = draw_interval_list(
        rows, words=words, style=style, subtitle="The pooled effect within subgroups of studies",
        label_head="Subgroup", k_head="Effects", band=None, legend=[], notes=notes,
    )  # fmt: skip
    show = {"is_ratio": words.is_ratio}
    named = [f"{r.label} {shown(r.estimate, **show)} {interval(r.low, r.high, **show)}".strip() for r in drawn]
    alternative = f"{words.measure_label} by subgroup: {'; '.join(named[:8])}{'; and more' if len(named) > 8 else ''}."
    if said:
        alternative += f" Test of the {'; '.join(said)}."
    return Plot(figure=figure, alternative=alternative, note="")


def _rows(record: Mapping[str, object], *, key: str) -> list[Row]:
    """Return the row of a subgroup or of the test between them; the rest within groups is not drawn."""
    if record["row"] == "subgroup":
        return [interval_row(record, key=key, label=plain_text(record["subgroup"]), mark="diamond")]
    if record["row"] == "between":
        return [Row(key=key, label="Test of the difference", kind="words", text=between_text(record))]
    return []
