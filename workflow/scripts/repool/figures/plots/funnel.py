"""Funnel plot: effects against their standard errors, over areas of equal p-value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from repool.effects.measure_words import ONE_GROUP_MEASURES
from repool.figures.lettering import INK
from repool.figures.plots.canvas import Entry, Plot, effect_axis, finish, new_figure, number_axis, padded
from repool.figures.plots.marks import mark_studies
from repool.figures.plots.pointing import Point
from repool.figures.plots.tables import counted, estimate_text, primary_row, rows_of, span_text
from repool.figures.rendering import figure_style
from repool.figures.words import plain_text, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from repool.figures.plots.canvas import PlotWords

HEIGHT_CM = 8.5
#: Greys of the areas: the lightest outside, the darkest next to the white middle, as in Peters et al. (2008).
OUTER_GREY, INNER_GREY = 0.94, 0.74
EDGE = "#888888"
MARK = 4.6


@figure_style()
def draw_funnel(
    funnel: pd.DataFrame, pooled: pd.DataFrame, *, words: PlotWords, style: Mapping[str, object]
) -> Plot | str:
    """Draw the funnel plot of one analysis.

    Parameters
    ----------
    funnel, pooled : pandas.DataFrame
        Tables funnel.csv and pooled.csv; of pooled.csv the rows of one ladder step and reading.
    words : PlotWords
        What the figure says about its analysis.
    style : mapping
        See `repool.figures.plots.canvas.new_figure`, and "colour_square", "colour_diamond".

    Returns
    -------
    Plot or str
        The figure, or why there is none.
    """
    effects = rows_of(funnel, "element", "effect", needed=("yi", "se"))
    if effects.empty:
        return "there is no effect with a standard error, so there is no funnel to draw"
    filled = rows_of(funnel, "element", "filled", needed=("yi", "se"))
    lines, note = _contours(funnel, words)
    mean = primary_row(pooled)
    figure, axes = new_figure(style, height_cm=HEIGHT_CM)
    middles = [float(mean["estimate"])] if mean is not None else []
    middles += [float(lines["centre_value"].iloc[0])] if len(lines) else []
    limits = padded([*effects["yi"], *filled["yi"], *middles], share=0.08)
    deepest = 1.06 * float(max([*effects["se"], *filled["se"]])) or 1.0
    effect_axis(axes, words, limits)
    number_axis(axes, (deepest, 0.0), along="y")
    axes.set_ylabel("Standard error")
    points, key, legend, unnumbered = mark_studies(
        axes, effects, x="yi", y="se", colour=style["colour_square"], size=MARK
    )
    legend += _filled(axes, filled, points)
    legend += _pooled_line(axes, mean, deepest, words=words, colour=style["colour_diamond"])
    legend += _areas(axes, lines, limits=limits, deepest=deepest)
    finish(
        figure, words.title, style=style, title=words.title,
        subtitle=f"Funnel plot of {counted(len(effects), 'effect')}",
        legend=legend, key=key, notes=[text for text in (unnumbered, note) if text], points=points,
        lines=[(axes, (at, 0.0), (at, deepest)) for at in middles],
    )  # fmt: skip
    return Plot(figure=figure, alternative=_alternative(effects, filled, lines, mean, words=words), note=note)


def _contours(funnel, words):
    """Return the lines of equal p-value, and why they are left out where they mean nothing."""
    lines = rows_of(funnel, "element", "contour", needed=("se", "lb", "ub", "contour_level", "centre_value"))
    lines = lines[lines["se"] > 0]
    if len(lines) and words.measure in ONE_GROUP_MEASURES and set(lines["centre"]) == {"null"}:
        return lines.iloc[0:0], "The measure has no value that means no effect, so there are no areas of equal p-value."
    return lines, ""


def _areas(axes, lines, *, limits, deepest) -> list[Entry]:
    """Shade the areas between lines of equal p-value: the widest funnel first, narrower ones over it."""
    if lines.empty:
        return []
    levels = sorted(set(lines["contour_level"]))
    greys = [f"{grey:.3f}" for grey in np.linspace(OUTER_GREY, INNER_GREY, len(levels))]
    inside = [*greys[1:], "white"]
    axes.axvspan(*limits, facecolor=greys[0], edgecolor="none", zorder=0, gid="area-outside")
    for place, level in enumerate(levels):
        line = lines[lines["contour_level"] == level].sort_values("se", kind="stable").iloc[-1]
        # The lines are straight and meet at standard error 0: one point of each draws it to the foot.
        middle, stretch = float(line["centre_value"]), deepest / float(line["se"])
        left, right = (middle + stretch * (float(line[side]) - middle) for side in ("lb", "ub"))
        axes.fill(
            [left, middle, right], [deepest, 0, deepest], facecolor=inside[place], edgecolor=EDGE, linewidth=0.5,
            zorder=1 + 0.01 * place, gid=f"area-{level:g}",
        )  # fmt: skip
    middle = float(lines["centre_value"].iloc[0])
    axes.plot([middle] * 2, [0, deepest], color=EDGE, linewidth=0.6, zorder=2, gid="centre")
    steps = [f"p < {levels[0]:g}", *(f"p {a:g} to {b:g}" for a, b in zip(levels, levels[1:], strict=False))]
    named = [*zip(steps, greys, strict=True), (f"p > {levels[-1]:g}", "white")]
    return [Entry(label=label, is_area=True, fill=grey, colour=EDGE) for label, grey in named]


def _filled(axes, filled, points) -> list[Entry]:
    """Draw what trim and fill put in, hollow, and keep its places free of numbers."""
    if filled.empty:
        return []
    axes.plot(
        filled["yi"], filled["se"], marker="o", linestyle="none", markersize=MARK, color=INK, markerfacecolor="white",
        markeredgewidth=0.8, gid="filled", zorder=4, clip_on=False,
    )  # fmt: skip
    for place, row in enumerate(filled.itertuples()):
        points.append(Point(axes=axes, x=row.yi, y=row.se, text="", gid=f"filled-{place}", radius=MARK / 2))
    return [Entry(label="filled in by trim and fill, not a study", marker="o", fill="white", size=MARK)]


def _pooled_line(axes, mean, deepest, *, words, colour) -> list[Entry]:
    """Draw the pooled estimate as an upright line."""
    if mean is None:
        return []
    at = float(mean["estimate"])
    axes.plot([at] * 2, [0, deepest], color=colour, linewidth=1.2, linestyle="--", zorder=3, gid="pooled")
    return [Entry(label=f"pooled: {shown(at, is_ratio=words.is_ratio)}", line="--", colour=str(colour))]


def _alternative(effects, filled, lines, mean, *, words) -> str:
    """Say in words what the funnel shows."""
    label = plain_text(words.measure_label)
    ends = " to ".join(f"{value:.2g}" for value in (effects["se"].min(), effects["se"].max()))
    said = [
        f"Funnel plot of {counted(len(effects), 'effect')}: {label} {span_text(effects['yi'], words=words)}, "
        f"standard errors {ends}."
    ]
    said += [f"The pooled result is {estimate_text(mean, words=words)}."] if mean is not None else []
    outside = []
    if len(lines):
        firsts = lines.drop_duplicates("contour_level").sort_values("contour_level", kind="stable")
        # A second part of the note is about the effects, not about the line.
        outside = [
            f"{plain_text(row.note).split(';')[0]} the line p = {row.contour_level:g}" for row in firsts.itertuples()
        ]
    if len(filled):
        outside.append(f"trim and fill adds {counted(len(filled), 'mirror image')}")
    said += ["; ".join(outside) + "."] if outside else []
    return " ".join(said)
