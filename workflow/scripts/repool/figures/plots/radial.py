"""Radial plot (Galbraith): effects in units of their standard errors, against their precision."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

from repool.figures.lettering import INK, QUIET_INK
from repool.figures.plots.canvas import Entry, Plot, finish, new_figure, number_axis, padded, ratio_axis, small
from repool.figures.plots.marks import mark_studies
from repool.figures.plots.tables import common_row, counted, drawable, estimate_text, primary_row
from repool.figures.rendering import figure_style
from repool.figures.words import inner, level_text, plain_text, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from repool.figures.plots.canvas import PlotWords

HEIGHT_CM = 8.5
MARK = 4.6


@figure_style()
def draw_radial(
    effects: pd.DataFrame, pooled: pd.DataFrame, *, words: PlotWords, style: Mapping[str, object]
) -> Plot | str:
    """Draw the radial plot of one analysis.

    Parameters
    ----------
    effects : pandas.DataFrame
        Rows of one ladder step and reading of effects.csv, with "yi" and "sei".
    pooled : pandas.DataFrame
        The rows of pooled.csv of the same step and reading.
    words, style
        See `repool.figures.plots.funnel.draw_funnel`.

    Returns
    -------
    Plot or str
        The figure, or why there is none.

    Notes
    -----
    Galbraith (1988), Statistics in Medicine 7, 889-894: a line from the origin has the effect as its
    slope, so the axis on the right reads off the effect of every line.
    """
    studies = drawable(effects, ("yi", "sei"))
    studies = studies[studies["sei"] > 0].reset_index(drop=True)
    if studies.empty:
        return "there is no effect with a standard error, so there is no radial plot"
    studies = studies.assign(precision=1 / studies["sei"], standardised=studies["yi"] / studies["sei"])
    figure, axes = new_figure(style, height_cm=HEIGHT_CM)
    furthest = 1.06 * float(studies["precision"].max())
    band = NormalDist().inv_cdf((1 + words.level) / 2)
    slopes = _slopes(pooled, words=words, style=style)
    ends = [furthest * slope + sign * band for slope, _, _ in slopes[:1] for sign in (-1, 1)]
    limits = padded([*studies["standardised"], *ends, -band, band])
    number_axis(axes, (0.0, furthest), along="x")
    number_axis(axes, limits, along="y")
    axes.set_xlabel("Precision (1 / standard error)")
    axes.set_ylabel("Effect / standard error")
    axes.axhline(0, color=QUIET_INK, linewidth=0.6, zorder=1, gid="no-effect")
    points, key, legend, unnumbered = mark_studies(
        axes, studies, x="precision", y="standardised", colour=style["colour_square"], size=MARK
    )
    legend += _lines(axes, slopes, furthest=furthest, band=band, level=words.level)
    _effect_scale(axes, limits, furthest, words=words, style=style)
    note = (
        f"The axis on the right reads the {inner(plain_text(words.measure_label))} where a line from the origin ends."
    )
    finish(
        figure, words.title, style=style, title=words.title,
        subtitle=f"Radial plot of {counted(len(studies), 'effect')}", legend=legend, key=key,
        notes=[text for text in (unnumbered, note) if text], points=points,
        lines=[(axes, (0.0, 0.0), (furthest, furthest * slope)) for slope, _, _ in slopes],
    )  # fmt: skip
    return Plot(figure=figure, alternative=_alternative(studies, pooled, words=words), note=note)


def _slopes(pooled, *, words, style):
    """Return slope, name and line style of the results that are drawn; the band goes around the first."""
    common, mean = common_row(pooled), primary_row(pooled)
    found = []
    if common is not None:
        found.append((float(common["estimate"]), "common effect", "-"))
    if mean is not None and mean["method_tau2"] not in {"none", ""}:
        found.append((float(mean["estimate"]), "primary model", "--"))
    return [(at, f"{name}: {shown(at, is_ratio=words.is_ratio)}", line) for at, name, line in found]


def _lines(axes, slopes, *, furthest, band, level) -> list[Entry]:
    """Draw the lines from the origin and the band around the first of them."""
    legend = []
    for place, (slope, name, line) in enumerate(slopes):
        ends = [0, furthest * slope]
        axes.plot([0, furthest], ends, color=INK, linewidth=1.1, linestyle=line, zorder=3, gid=f"line-{place}")
        legend.append(Entry(label=name, line=line, width=1.1))
        if place == 0:
            low, high = ([end + sign * band for end in ends] for sign in (-1, 1))
            axes.fill_between([0, furthest], low, high, color="#e3e3e3", linewidth=0, zorder=0.5, gid="band")
            share = f"band that holds {level_text(level)} of effects if all are one effect"
            legend.append(Entry(label=share, is_area=True, fill="#e3e3e3", colour="#aaaaaa"))
    return legend


def _effect_scale(axes, limits, furthest, *, words, style) -> None:
    """Name the effects of lines from the origin at the right end of the axes."""
    scale = axes.twinx()
    scale.set_gid("effect-scale")
    scale.tick_params(labelsize=small(style), pad=2.5, width=0.7, length=3)
    scale.spines["right"].set_visible(True)
    ends = (limits[0] / furthest, limits[1] / furthest)
    (ratio_axis if words.is_ratio else number_axis)(scale, ends, along="y")
    scale.set_ylabel(plain_text(words.measure_label), fontsize=float(style["font_size"]))


def _alternative(studies, pooled, *, words) -> str:
    """Say in words what the radial plot shows."""
    precision = " to ".join(f"{value:.3g}" for value in (studies["precision"].min(), studies["precision"].max()))
    said = [f"Radial plot of {counted(len(studies), 'effect')} with precisions from {precision}."]
    mean, common = primary_row(pooled), common_row(pooled)
    if mean is not None:
        said.append(f"{plain_text(words.measure_label)} of the primary model: {estimate_text(mean, words=words)}.")
    if common is not None:
        said.append(f"Common effect: {estimate_text(common, words=words)}.")
    return " ".join(said)
