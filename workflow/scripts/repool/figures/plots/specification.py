"""Specification curve: all choices sorted by their estimate, with a matrix of what was chosen below."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from repool.figures.lettering import INK, QUIET_INK, measurer
from repool.figures.plots.canvas import (
    GRID,
    VERMILION,
    Entry,
    Plot,
    PlotWords,
    finish,
    new_panels,
    number_axis,
    ratio_axis,
    small,
)
from repool.figures.plots.interval_rows import BAND, effect_limits, has_no_effect
from repool.figures.plots.list_parts import method_words, readable
from repool.figures.plots.same_result import HEADLINE, choice_label
from repool.figures.rendering import figure_style
from repool.figures.words import interval, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

#: Height of the curve, and of one line of the matrix, in centimetres.
CURVE_CM = 6.0
LINE_CM = 0.42


def draw_specification(same_result: pd.DataFrame, *, words: PlotWords, style: Mapping[str, object]) -> Plot | str:
    """Draw the specification curve of the choices that share the main result's measure.

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
    drawn = [r for r in records if r["measure"] == head["measure"] and not math.isnan(r["estimate"])]
    if len(drawn) < 2:
        return "There is no other choice with a number on the main result's scale."
    drawn.sort(key=lambda record: record["estimate"])
    lines = [choice for choice in dict.fromkeys(r["choice"] for r in records) if choice in {r["choice"] for r in drawn}]
    with figure_style():
        low = len(lines) * LINE_CM + 0.8
        share = low / (low + CURVE_CM)
        gap = 0.02
        figure, (curve, matrix) = new_panels(
            style, height_cm=low + CURVE_CM, places=[(0, share + gap, 1, 1 - share - gap), (0, 0, 1, share)]
        )
        _draw_curve(curve, drawn, head, words=words, style=style)
        _draw_matrix(matrix, drawn, lines, style=style)
        key = [(str(place), _name(record)) for place, record in enumerate(drawn, start=1)]
        left_out = len(records) - len(drawn)
        notes = [f"Not drawn: {left_out} choices without a number on this scale."] if left_out else []
        finish(
            figure, words.title, style=style, title=words.title,
            subtitle="Every choice, sorted by its estimate, one changed at a time",
            legend=_legend(words, style), key=key, notes=notes,
        )  # fmt: skip
    return Plot(figure=figure, alternative=_alternative(drawn, head, words), note="")


def _name(record: Mapping[str, object]) -> str:
    """Return a choice and what was chosen, for the key."""
    if record["choice"] == HEADLINE:
        return f"main result: {method_words(record['option'])}"
    return f"{readable(record['choice'])}: {choice_label(record)}"


def _is_changed(record, words) -> bool:
    """Whether a choice says something else about no effect than the main result."""
    return record["same_side"] == "no" and has_no_effect(words)


def _draw_curve(axes, drawn, head, *, words, style) -> None:
    """Draw estimates with their intervals, the main result's interval behind them."""
    limits = effect_limits(
        [(r["ci_lb"], r["estimate"], r["ci_ub"]) for r in drawn], band=(head["ci_lb"], head["ci_ub"]), words=words
    )
    main = str(style["colour_square"])
    axes.axhspan(head["ci_lb"], head["ci_ub"], facecolor=BAND, edgecolor="none", zorder=0, gid="band")
    if has_no_effect(words):
        axes.axhline(0.0, color=QUIET_INK, linewidth=0.7, zorder=1, gid="no-effect-line")
    for place, record in enumerate(drawn, start=1):
        is_head, changed = record["choice"] == HEADLINE, _is_changed(record, words)
        colour = INK if is_head else VERMILION if changed else main
        ends = [record["ci_lb"], record["ci_ub"]]
        axes.plot([place] * 2, ends, color=colour, linewidth=1.0, zorder=3, gid=f"whisker-{place}")
        _draw_arrows(axes, place, ends, limits, colour)
        axes.plot(
            [place], [record["estimate"]], linestyle="none", marker="s" if is_head else "D" if changed else "o",
            markersize=5 if is_head else 4, color=colour, markerfacecolor="white" if changed else colour,
            markeredgewidth=0.9, zorder=4, gid=f"mark-{place}",
        )  # fmt: skip
    (ratio_axis if words.is_ratio else number_axis)(axes, limits, along="y")
    axes.set_xlim(0.3, len(drawn) + 0.7)
    axes.set_xticks([])
    axes.set_ylabel(words.measure_label, gid="y-label")


def _draw_arrows(axes, place, ends, limits, colour) -> None:
    """Draw an arrow head where an interval goes on beyond the axis."""
    beyond = {"down": (ends[0] < limits[0], limits[0], "v"), "up": (ends[1] > limits[1], limits[1], "^")}
    for name, (is_beyond, end, marker) in beyond.items():
        if is_beyond:
            look = {"marker": marker, "markersize": 4, "color": colour, "markeredgewidth": 0, "linestyle": "none"}
            axes.plot([place], [end], clip_on=False, zorder=4, gid=f"arrow-{name}-{place}", **look)


def _draw_matrix(axes, drawn, lines, *, style) -> None:
    """Draw one line per kind of choice, with a mark where it is the one that was changed."""
    for row in range(len(lines)):
        axes.axhline(row, color=GRID, linewidth=0.5, zorder=1, gid=f"grid-{row}")
    for place, record in enumerate(drawn, start=1):
        axes.plot(
            [place], [lines.index(record["choice"])], marker="s", markersize=4, color=INK, markeredgewidth=0,
            linestyle="none", zorder=3, gid=f"choice-{place}",
        )  # fmt: skip
    titles = ["main result" if choice == HEADLINE else readable(choice) for choice in lines]
    axes.set_yticks(range(len(lines)), titles, fontsize=small(style))
    axes.set_ylim(len(lines) - 0.4, -0.6)
    axes.set_xlim(0.3, len(drawn) + 0.7)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    _number_columns(axes, len(drawn), titles, style)


def _number_columns(axes, count, titles, style) -> None:
    """Write the numbers of the columns; in two lines, or only every so many, where they are crowded."""
    measure = measurer(axes.figure, size=small(style))
    width = float(style["width_cm"]) / 2.54 * 72 - max(map(measure, titles)) - 3 * small(style)
    pitch, need = width / (count + 0.4), measure(str(count)) + 2
    rows = 1 if pitch >= need else 2
    every = max(1, math.ceil(need / (pitch * rows)))
    places = list(range(1, count + 1, every))
    texts = ["\n" * (index % 2) + str(place) if rows == 2 else str(place) for index, place in enumerate(places)]
    axes.set_xticks(places, texts, fontsize=small(style))


def _legend(words, style) -> list[Entry]:
    """Say what the marks mean."""
    colour = str(style["colour_square"])
    entries = [
        Entry(label="main result", marker="s", colour=INK, fill=INK),
        Entry(label="its interval", is_area=True, fill=BAND, colour="#b8c2cc"),
    ]
    if not has_no_effect(words):
        return [*entries, Entry(label="another choice", marker="o", colour=colour, fill=colour)]
    entries.append(Entry(label="says the same about no effect", marker="o", colour=colour, fill=colour))
    return [*entries, Entry(label="says something else about no effect", marker="D", colour=VERMILION, fill="white")]


def _alternative(drawn, head, words) -> str:
    """Say in words what the plot shows."""
    show = {"is_ratio": words.is_ratio}
    first, last = drawn[0], drawn[-1]
    text = (
        f"{words.measure_label} under {len(drawn)} choices, sorted: from {shown(first['estimate'], **show)} "
        f"({_name(first)}) to {shown(last['estimate'], **show)} ({_name(last)}); the main result is "
        f"{shown(head['estimate'], **show)} {interval(head['ci_lb'], head['ci_ub'], **show)}."
    )
    changed = sum(_is_changed(record, words) for record in drawn)
    return f"{text} Something else about no effect is said by {changed} of them." if has_no_effect(words) else text
