"""Same-result plot: what every other reasonable choice gives, beside the main result."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from repool.effects.measure_words import MEASURE_WORDS, RATIO_MEASURES
from repool.figures.plots.canvas import VERMILION, Entry, Plot, PlotWords
from repool.figures.plots.interval_list import draw_interval_list
from repool.figures.plots.interval_rows import BAND, Row, has_no_effect, interval_row
from repool.figures.plots.list_parts import heading_words, method_words, readable
from repool.figures.words import interval, plain_text, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

HEADLINE = "headline"


def draw_same_result(same_result: pd.DataFrame, *, words: PlotWords, style: Mapping[str, object]) -> Plot | str:
    """Draw all choices grouped by what was chosen, with the main result's interval behind them.

    Parameters
    ----------
    same_result : pandas.DataFrame
        Table same_result.csv of one analysis.
    words : PlotWords
        Words of the analysis.
    style : mapping
        Size and colours of the review's figures.

    Returns
    -------
    Plot or str
        The figure, or why there is nothing to draw.
    """
    records = same_result.to_dict("records")
    head = next((record for record in records if record["choice"] == HEADLINE), None)
    if head is None or math.isnan(head["estimate"]):
        return "There is no main result that other choices could be compared with: nothing was pooled."
    main = interval_row(head, key="headline", label=method_words(head["option"]), mark="diamond")
    main = replace(main, is_main=True)
    rows, changed, counted = [Row(key="g-headline", label="Main result", kind="heading"), main], [], 0
    others = [record for record in records if record["choice"] != HEADLINE]
    for group, choice in enumerate(dict.fromkeys(record["choice"] for record in others)):
        title = readable(choice)
        rows.append(Row(key=f"g{group}", label=heading_words(choice), kind="heading"))
        own = [record for record in others if record["choice"] == choice]
        for index, record in enumerate(own):
            row = _row(record, key=f"g{group}-{index}", measure=head["measure"], words=words)
            rows.append(row)
            # Where no value means no effect, no side is told.
            is_told = record["same_side"] in ("yes", "no")
            counted += is_told if has_no_effect(words) else not math.isnan(record["estimate"])
            if record["same_side"] == "no" and has_no_effect(words):
                changed.append(f"{title}: {row.label}")
    figure = draw_interval_list(
        rows, words=words, style=style, subtitle="The result again under every other choice, one changed at a time",
        label_head="Choice", k_head="Effects", band=(main.low, main.high), legend=_legend(words, style), notes=[],
    )  # fmt: skip
    return Plot(figure=figure, alternative=_alternative(main, changed, counted, words), note="")


def _row(record: Mapping[str, object], *, key: str, measure: str, words: PlotWords) -> Row:
    """Return the row of one choice; in words where it has no number, or one of another measure."""
    label, note = choice_label(record), plain_text(record["note"])
    row = interval_row(record, key=key, label=label)
    if row.kind == "words":
        return replace(row, text=note or "not computed")
    is_changed = record["same_side"] == "no" and has_no_effect(words)
    if record["measure"] == measure:
        return replace(row, mark="changed") if is_changed else row
    show = {"is_ratio": record["measure"] in RATIO_MEASURES}
    says = f"{shown(row.estimate, **show)} {interval(row.low, row.high, **show)}; not on this axis"
    if has_no_effect(words):
        says += "; says something else about no effect" if is_changed else "; says the same about no effect"
    return Row(key=key, label=label, kind="words", k=row.k, text=says)


def choice_label(record: Mapping[str, object]) -> str:
    """Return what was chosen in words; a study's name stays as it is."""
    if record["option"] in MEASURE_WORDS:
        title = MEASURE_WORDS[record["option"]].title
        return title[:1].upper() + title[1:]
    return plain_text(record["option"]) if "left out" in record["choice"] else method_words(record["option"])


def _legend(words, style) -> list[Entry]:
    """Say what the marks mean."""
    colour = str(style["colour_square"])
    entries = [Entry(label="interval of the main result", is_area=True, fill=BAND, colour="#b8c2cc")]
    same = "says the same about no effect as the main result" if has_no_effect(words) else "another choice"
    entries.append(Entry(label=same, marker="o", colour=colour, fill=colour))
    if has_no_effect(words):
        entries.append(Entry(label="says something else about no effect", marker="D", colour=VERMILION, fill="white"))
    return entries


def _alternative(main, changed, counted, words) -> str:
    """Say in words what the plot shows."""
    show = {"is_ratio": words.is_ratio}
    whole = f"{shown(main.estimate, **show)} {interval(main.low, main.high, **show)}".strip()
    text = f"{words.measure_label} of the main result: {whole}, beside {counted} other choices."
    if not has_no_effect(words):
        return text
    if not changed:
        return f"{text} All say the same about no effect."
    listed = "; ".join(changed[:6]) + ("; and more" if len(changed) > 6 else "")
    return f"{text} Something else about no effect is said by {len(changed)} of them: {listed}."
