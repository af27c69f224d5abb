"""Drapery plot: the p-value of every possible effect, by each study and by the pooled result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from repool.effects.measure_words import ONE_GROUP_MEASURES
from repool.figures.lettering import QUIET_INK
from repool.figures.plots.canvas import Entry, Plot, effect_axis, finish, new_figure, number_axis
from repool.figures.plots.marks import number_studies
from repool.figures.plots.tables import counted, drawable, estimate_text, primary_row, unnumbered_note
from repool.figures.rendering import figure_style
from repool.figures.words import inner, interval, level_text, number, plain_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from repool.figures.plots.canvas import PlotWords

HEIGHT_CM = 8.0
#: Curves end at this p-value: below it nothing is seen of them.
FOOT = 0.001
#: Two-sided p-values of the points of a curve, from its foot to its peak: dense where it bends.
HEIGHTS = np.concatenate([np.geomspace(FOOT, 0.05, 40, endpoint=False), np.linspace(0.05, 1.0, 80)])
#: Room above the peaks for the numbers of the studies.
TOP = 1.2
#: More peaks than this stand too close for their numbers.
MOST_PEAKS = 20
STUDY_INK = "#8c8c8c"
#: Curves whose foot is wider than this share of the studies' are cut at the edge of the axes.
QUANTILE = 0.9


@figure_style()
def draw_drapery(
    effects: pd.DataFrame, pooled: pd.DataFrame, *, words: PlotWords, style: Mapping[str, object]
) -> Plot | str:
    """Draw the p-value functions of the studies and of the pooled result.

    Parameters
    ----------
    effects, pooled : pandas.DataFrame
        Rows of one ladder step and reading of effects.csv (with "yi", "sei") and pooled.csv.
    words, style
        See `repool.figures.plots.funnel.draw_funnel`.

    Returns
    -------
    Plot or str
        The figure, or why there is none.

    Notes
    -----
    Rücker & Schwarzer (2021), Research Synthesis Methods 12, 8-19. A study's curve is
    2 (1 − Φ(|effect − yi| / sei)); the pooled one uses its own standard error and degrees of freedom,
    so that it crosses 1 − level at the ends of its interval.
    """
    studies = drawable(effects, ("yi", "sei"))
    studies = studies[studies["sei"] > 0].reset_index(drop=True)
    if studies.empty:
        return "there is no effect with a standard error, so there are no p-value curves"
    mean = primary_row(pooled)
    figure, axes = new_figure(style, height_cm=HEIGHT_CM)
    limits = _limits(studies, mean, has_null=words.measure not in ONE_GROUP_MEASURES)
    effect_axis(axes, words, limits)
    number_axis(axes, (0.0, TOP), along="y")
    axes.set_ylabel("Two-sided p-value")
    weight = max(0.35, min(0.9, 12 / len(studies)))
    for place, row in enumerate(studies.itertuples()):
        at, height = p_value_curve(float(row.yi), float(row.sei), df=None)
        axes.plot(at, height, color=STUDY_INK, linewidth=weight, zorder=2, gid=f"study-{place}")
    legend = [Entry(label="study", line="-", colour=STUDY_INK, width=0.9)]
    legend += _null(axes, words) + _level(axes, words) + _pooled(axes, mean, words=words, style=style)
    peaks = studies.assign(peak=1.0)
    points, key = number_studies(
        axes, peaks, x="yi", y="peak", radii=[0.5] * len(peaks), most=MOST_PEAKS, is_above=True
    )
    unnumbered = unnumbered_note(len(studies), noun="Curves", most=MOST_PEAKS)
    finish(
        figure, words.title, style=style, title=words.title,
        subtitle=f"Drapery plot of {counted(len(studies), 'effect')}", legend=legend, key=key,
        notes=[unnumbered] if unnumbered else [], points=points,
    )  # fmt: skip
    return Plot(figure=figure, alternative=_alternative(studies, mean, words=words), note="")


def p_value_curve(estimate: float, se: float, *, df: float | None) -> tuple[np.ndarray, np.ndarray]:
    """Return places on the effect's axis and the two-sided p-values of these effects.

    Parameters
    ----------
    estimate, se : float
        On the analysis scale.
    df : float or None
        Degrees of freedom of the t distribution; None for the normal one.
    """
    from scipy.special import ndtri, stdtrit

    # Quantiles of half the p-value, from the foot up to 0 at the peak.
    below = ndtri(HEIGHTS / 2) if df is None else stdtrit(df, HEIGHTS / 2)
    away = np.concatenate([below, -below[-2::-1]])
    return estimate + away * se, np.concatenate([HEIGHTS, HEIGHTS[-2::-1]])


def _limits(studies, mean, *, has_null) -> tuple[float, float]:
    """Return the ends of the axis: all peaks, and the feet of all but the least precise studies."""
    usual = float(np.quantile(studies["sei"], QUANTILE))
    reach = 2.6 * np.minimum(studies["sei"], usual)
    ends = [*(studies["yi"] - reach), *(studies["yi"] + reach)]
    if mean is not None:
        ends += [float(mean[name]) for name in ("ci_lb", "ci_ub")]
        spread = max(ends) - min(ends)
        ends += [float(np.clip(value, min(ends) - spread, max(ends) + spread)) for value in _prediction(mean)]
    ends += [0.0] if has_null else []
    return min(ends), max(ends)


def _prediction(mean) -> list[float]:
    """Return both prediction limits, or nothing."""
    found = [number(mean.get(name)) for name in ("pi_lb", "pi_ub")]
    return [] if None in found else found


def _null(axes, words) -> list[Entry]:
    """Draw the line of no effect where the measure has one."""
    if words.measure in ONE_GROUP_MEASURES:
        return []
    axes.axvline(0, color=QUIET_INK, linewidth=0.8, linestyle=":", zorder=1, gid="no-effect")
    return [Entry(label="no effect", line=":", colour=QUIET_INK, width=0.8)]


def _level(axes, words) -> list[Entry]:
    """Draw the height at which a curve is as wide as its interval."""
    at = 1 - words.level
    axes.axhline(at, color=QUIET_INK, linewidth=0.6, linestyle="-.", zorder=1, gid="level")
    label = f"p = {at:.3g}: as wide as the {level_text(words.level)} interval"
    return [Entry(label=label, line="-.", colour=QUIET_INK, width=0.6)]


def _pooled(axes, mean, *, words, style) -> list[Entry]:
    """Draw the pooled result's curve and, at the level's height, its prediction interval."""
    if mean is None:
        return []
    colour = str(style["colour_diamond"])
    at, height = p_value_curve(float(mean["estimate"]), float(mean["se"]), df=number(mean["df"]))
    axes.plot(at, height, color=colour, linewidth=2.0, zorder=4, gid="pooled")
    legend = [Entry(label="pooled result", line="-", colour=colour, width=2.0)]
    ends = _prediction(mean)
    if ends:
        amber = str(style["colour_prediction"])
        axes.plot(ends, [1 - words.level] * 2, color=amber, linewidth=2.6, zorder=3, gid="prediction")
        legend.append(Entry(label=f"{level_text(words.level)} prediction interval", line="-", colour=amber, width=2.6))
    return legend


def _alternative(studies, mean, *, words) -> str:
    """Say in words what the curves show."""
    said = [f"P-value curves of {counted(len(studies), 'effect')}."]
    if mean is not None:
        said.append(f"The pooled {inner(plain_text(words.measure_label))} peaks at {estimate_text(mean, words=words)}.")
        ends = _prediction(mean)
        if ends:
            said.append(f"Prediction interval {interval(*ends, is_ratio=words.is_ratio)}.")
    return " ".join(said)
