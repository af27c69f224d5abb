"""Bubble plot: effects over a numeric moderator with the fitted line and its limits."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from repool.effects.measure_words import ONE_GROUP_MEASURES
from repool.figures.lettering import INK, QUIET_INK
from repool.figures.plots.canvas import Entry, Plot, effect_axis, finish, new_figure, number_axis, padded
from repool.figures.plots.marks import mark_sized
from repool.figures.plots.tables import counted, rows_of
from repool.figures.rendering import figure_style
from repool.figures.words import inner, interval, level_text, plain_text, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from repool.figures.plots.canvas import PlotWords

HEIGHT_CM = 8.5
BAND = "#d9d9d9"


@figure_style()
def draw_bubble(bubble: pd.DataFrame, *, words: PlotWords, style: Mapping[str, object]) -> Plot | str:
    """Draw the bubble plot of one moderator.

    Parameters
    ----------
    bubble : pandas.DataFrame
        Rows of bubble.csv of one moderator.
    words, style
        See `repool.figures.plots.funnel.draw_funnel`; "colour_prediction" draws the prediction limits.

    Returns
    -------
    Plot or str
        The figure, or why there is none.

    Raises
    ------
    ValueError
        When the rows are of several moderators.
    """
    studies = rows_of(bubble, "row", "effect", needed=("x", "yi", "weight_percent"))
    if studies.empty:
        reasons = [plain_text(text) for text in bubble.get("note", ()) if plain_text(text)]
        return reasons[0] if reasons else "no effect has a value of a numeric moderator"
    moderators = sorted({plain_text(name) for name in bubble["moderator"]})
    if len(moderators) > 1:
        raise ValueError(f"the rows are of several moderators ({', '.join(moderators)}); one bubble plot shows one")
    line = rows_of(bubble, "row", "line", needed=("x", "estimate", "ci_lb", "ci_ub")).sort_values("x", kind="stable")
    line = line.reset_index(drop=True)
    figure, axes = new_figure(style, height_cm=HEIGHT_CM)
    number_axis(axes, padded([*studies["x"], *line["x"]]), along="x")
    centre = [] if words.measure in ONE_GROUP_MEASURES else [0.0]
    # The limits may reach far beyond the studies at the ends; the line itself always stays in view.
    effect_axis(axes, words, padded([*studies["yi"], *line["estimate"], *_near(studies, line), *centre]), along="y")
    moderator = moderators[0].replace("_", " ")
    axes.set_xlabel(moderator[:1].upper() + moderator[1:])
    for at in centre:
        axes.axhline(at, color=QUIET_INK, linewidth=0.6, zorder=1, gid="no-effect")
    legend = _line(axes, line, words=words, colour=str(style["colour_prediction"]))
    points, key, unnumbered = mark_sized(
        axes, studies, x="x", y="yi", weights=list(studies["weight_percent"]), colour=style["colour_square"]
    )
    legend.insert(0, Entry(label="study, area by weight", marker="o", fill=str(style["colour_square"]), colour="white"))
    also = [plain_text(text) for text in bubble.get("also_in_model", ()) if plain_text(text)]
    notes = [f"Also in the model: {also[0]}." if also else "", unnumbered]
    finish(
        figure, words.title, style=style, title=words.title,
        subtitle=f"Bubble plot of {counted(len(studies), 'effect')} over {moderator}", legend=legend, key=key,
        notes=[text for text in notes if text], points=points,
        lines=[(axes, *ends) for ends in pairwise(zip(line["x"], line["estimate"], strict=True))],
    )  # fmt: skip
    return Plot(figure=figure, alternative=_alternative(studies, line, moderator, words=words), note=notes[0])


def _near(studies, line):
    """Return the limits of the line that do not reach further than the studies' own spread beyond them."""
    spread = float(studies["yi"].max() - studies["yi"].min())
    low, high = float(studies["yi"].min()) - spread, float(studies["yi"].max()) + spread
    limits = [line[name].to_numpy(dtype=float) for name in ("ci_lb", "ci_ub", "pi_lb", "pi_ub") if name in line]
    values = np.concatenate(limits) if limits else np.array([])
    return list(np.clip(values[np.isfinite(values)], low, high))


def _line(axes, line, *, words, colour) -> list[Entry]:
    """Draw the fitted line with its interval and its prediction limits."""
    if line.empty:
        return []
    axes.fill_between(
        line["x"], line["ci_lb"], line["ci_ub"], facecolor=BAND, edgecolor="none", zorder=0.5, gid="interval"
    )
    axes.plot(line["x"], line["estimate"], color=INK, linewidth=1.2, zorder=3, gid="line")
    level = level_text(words.level)
    legend = [
        Entry(label="fitted line", line="-"),
        Entry(label=f"{level} interval", is_area=True, fill=BAND, colour="#aaaaaa"),
    ]
    if {"pi_lb", "pi_ub"} <= set(line.columns) and line[["pi_lb", "pi_ub"]].notna().all(axis=None):
        for side in ("pi_lb", "pi_ub"):
            axes.plot(line["x"], line[side], color=colour, linewidth=1.0, linestyle="--", zorder=2, gid=side)
        legend.append(Entry(label=f"{level} prediction limits", line="--", colour=colour, width=1.0))
    return legend


def _alternative(studies, line, moderator, *, words) -> str:
    """Say in words where the line begins and ends."""
    ends = " to ".join(f"{value:.4g}" for value in (studies["x"].min(), studies["x"].max()))
    said = [f"Bubble plot of {counted(len(studies), 'effect')} over {moderator} from {ends}."]
    if len(line):
        first, last = line.iloc[0], line.iloc[-1]
        places = [
            f"{shown(float(row['estimate']), is_ratio=words.is_ratio)} "
            f"{interval(float(row['ci_lb']), float(row['ci_ub']), is_ratio=words.is_ratio)} at {row['x']:.4g}"
            for row in (first, last)
        ]
        said.append(f"The fitted {inner(plain_text(words.measure_label))} is {places[0]} and {places[1]}.")
    return " ".join(said)
