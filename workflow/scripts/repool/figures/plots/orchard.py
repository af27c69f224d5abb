"""Orchard plot: every effect as a circle sized by its precision, with the mean and what a new study may show."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from repool.figures.lettering import INK, POINTS_PER_CM, QUIET_INK
from repool.figures.plots.canvas import Entry, Plot, PlotWords, effect_axis, finish, new_figure, padded
from repool.figures.plots.interval_rows import has_no_effect, headline_of, value
from repool.figures.plots.swarm import swarm_offsets
from repool.figures.rendering import figure_style
from repool.figures.words import interval, level_text, model_text, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

#: Radius of the most precise effect and least radius of any, in font sizes; few and many effects.
LARGEST = (0.85, 0.4)
LEAST = (0.22, 0.16)
MANY = 150
#: Points between the circles and the row of the mean.
ROOM = 16.0


def draw_orchard(
    effects: pd.DataFrame, pooled: pd.DataFrame, *, words: PlotWords, style: Mapping[str, object]
) -> Plot | str:
    """Draw the effects of the main result with its mean, interval and prediction interval.

    Parameters
    ----------
    effects, pooled : pandas.DataFrame
        Tables effects.csv and pooled.csv of one analysis; effects of other steps and readings are not drawn.
    words : PlotWords
        Words of the analysis.
    style : mapping
        Size and colours of the review's figures.

    Returns
    -------
    Plot or str
        The figure, or why there is nothing to draw.
    """
    head = headline_of(pooled)
    if head is None:
        return "No step of this analysis was pooled, so there is no mean for the effects to stand around."
    own = effects[effects["ladder_step"].eq(head["ladder_step"]) & effects["reading"].eq(head["reading"])]
    own = own[own["yi"].notna() & (own["sei"] > 0)].sort_values(["yi", "result_id"], kind="stable")
    if not len(own):
        return "There is no effect with a standard error to draw."
    limits = _limits(own, head, words)
    with figure_style():
        x, radii = own["yi"].tolist(), _radii(own["sei"].tolist(), size=float(style["font_size"]))
        # Axis and margins take a tenth of the width at most, so circles stand no closer than planned.
        scale = 0.88 * float(style["width_cm"]) * POINTS_PER_CM / (limits[1] - limits[0])
        offsets = swarm_offsets([one * scale for one in x], radii, gap=0.6)
        reach = max(abs(offset) + radius for offset, radius in zip(offsets, radii, strict=True))
        middle = ROOM + reach
        top, bottom = middle + reach + 4, -ROOM * 0.75
        axis_room = 4.4 * float(style["font_size"])
        figure, axes = new_figure(style, height_cm=(top - bottom + axis_room) / POINTS_PER_CM)
        axes.set_ylim(bottom, top)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        _draw_effects(axes, x, [middle + offset for offset in offsets], radii, own["result_id"], style)
        _draw_mean(axes, head, style)
        if has_no_effect(words):
            axes.axvline(0.0, color=QUIET_INK, linewidth=0.7, zorder=1, gid="no-effect-line")
        effect_axis(axes, words, limits)
        finish(
            figure, words.title, style=style, title=words.title,
            subtitle="Every effect, and the mean around which they lie",
            legend=_legend(head, words, style), notes=[f"Model: {model_text(head)}."],
        )  # fmt: skip
    return Plot(figure=figure, alternative=_alternative(own, head, words), note="")


def _limits(own, head, words) -> tuple[float, float]:
    """Return ends of the axis that hold every effect, the mean's interval and, as far as sensible, the prediction."""
    reach = [*own["yi"].tolist(), value(head["ci_lb"]), value(head["ci_ub"]), value(head["estimate"])]
    reach += [0.0] if has_no_effect(words) else []
    reach = [one for one in reach if math.isfinite(one)]
    span = (max(reach) - min(reach)) or 1.0
    for end in (value(head["pi_lb"]), value(head["pi_ub"])):
        if math.isfinite(end):
            reach.append(min(max(end, min(reach) - span), max(reach) + span))
    return padded(reach, share=0.06)


def _radii(standard_errors: list[float], *, size: float) -> list[float]:
    """Return radii in points; the area of a circle is proportional to its precision, above the least that is seen."""
    few = len(standard_errors) <= MANY
    largest, least = (LARGEST[0], LEAST[0]) if few else (LARGEST[1], LEAST[1])
    best = min(standard_errors)
    return [size * max(least, largest * math.sqrt(best / one)) for one in standard_errors]


def _draw_effects(axes, x, y, radii, names, style) -> None:
    """Draw one circle per effect."""
    for across, up, radius, name in zip(x, y, radii, names, strict=True):
        axes.plot(
            [across], [up], marker="o", linestyle="none", markersize=2 * radius, markerfacecolor=style["colour_square"],
            markeredgecolor="white", markeredgewidth=0.4, alpha=0.8, zorder=3, gid=f"effect-{name}",
        )  # fmt: skip


def _draw_mean(axes, head, style) -> None:
    """Draw the mean, the thick line of its interval and the thin one of the prediction interval."""
    for name, width, colour in (("pi", 1.2, style["colour_prediction"]), ("ci", 4.0, INK)):
        ends = [value(head[f"{name}_lb"]), value(head[f"{name}_ub"])]
        if all(map(math.isfinite, ends)):
            look = {"color": colour, "linewidth": width, "solid_capstyle": "butt"}
            axes.plot(ends, [0.0, 0.0], zorder=4, gid=f"mean-{name}", **look)
    axes.plot(
        [value(head["estimate"])], [0.0], marker="D", linestyle="none", markersize=7, markerfacecolor="white",
        markeredgecolor=INK, markeredgewidth=1.2, zorder=5, gid="mean",
    )  # fmt: skip


def _legend(head, words, style) -> list[Entry]:
    """Say what the marks mean."""
    colour, level = str(style["colour_square"]), level_text(words.level)
    entries = [
        Entry(label="one effect; the larger, the more precise", marker="o", colour=colour, fill=colour),
        Entry(label="mean", marker="D", colour=INK, fill="white"),
        Entry(label=f"{level} interval of the mean", line="-", colour=INK, width=4.0),
    ]
    if math.isfinite(value(head["pi_lb"])):
        look = {"line": "-", "colour": str(style["colour_prediction"]), "width": 1.2}
        entries.append(Entry(label=f"{level} prediction interval: a new study", **look))
    return entries


def _alternative(own, head, words) -> str:
    """Say in words what the plot shows."""
    show = {"is_ratio": words.is_ratio}
    low, high = (shown(one, **show) for one in (own["yi"].min(), own["yi"].max()))
    mean = f"{shown(value(head['estimate']), **show)} {interval(value(head['ci_lb']), value(head['ci_ub']), **show)}"
    text = f"{words.measure_label} of {len(own)} effects, from {low} to {high}, around a mean of {mean}."
    if math.isfinite(value(head["pi_lb"])):
        ends = interval(value(head["pi_lb"]), value(head["pi_ub"]), **show)
        text += f" A new study may show {ends} (prediction interval)."
    return text
