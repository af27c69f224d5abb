"""L'Abbé plot: the risk in one arm against the risk in the other, with the lines of equal effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from repool.figures.lettering import QUIET_INK
from repool.figures.plots.canvas import Entry, Plot, finish, new_panels, number_axis
from repool.figures.plots.marks import mark_sized
from repool.figures.plots.tables import counted, drawable, estimate_text, primary_row
from repool.figures.rendering import figure_style
from repool.figures.words import inner, level_text, plain_text, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from repool.figures.plots.canvas import PlotWords

HIGHEST_CM = 10.5
NEEDED = ("events_arm1", "n_arm1", "events_arm2", "n_arm2")
BAND = "#d9d9d9"
#: Points of a curve.
POINTS = 201


def _odds(risk, effect):
    """Return the risk in arm 1 that a log odds ratio leaves."""
    odds = risk * np.exp(effect)
    return odds / (1 - risk + odds)


#: Risk in arm 1 from the risk in arm 2 and the effect.
CURVES: dict[str, Callable] = {
    "OR": _odds,
    "PETO": _odds,
    "RR": lambda risk, effect: risk * np.exp(effect),
    "RD": lambda risk, effect: risk + effect,
}


@figure_style()
def draw_labbe(
    effects: pd.DataFrame, pooled: pd.DataFrame, *, words: PlotWords, style: Mapping[str, object]
) -> Plot | str:
    """Draw the L'Abbé plot of one analysis.

    Parameters
    ----------
    effects, pooled : pandas.DataFrame
        Rows of one ladder step and reading of effects.csv and pooled.csv.
    words, style
        See `repool.figures.plots.funnel.draw_funnel`.

    Returns
    -------
    Plot or str
        The figure, or why there is none.

    Notes
    -----
    L'Abbé, Detsky & O'Rourke (1987), Annals of Internal Medicine 107, 224-233. Only studies that
    print events and people of both arms have a place.
    """
    if words.measure not in CURVES:
        return f"{inner(plain_text(words.measure_label))} does not follow from the risks of two arms"
    studies = drawable(effects, NEEDED)
    studies = studies[(studies["n_arm1"] > 0) & (studies["n_arm2"] > 0)].reset_index(drop=True)
    if studies.empty:
        return "no study has events and people of both arms"
    studies = _with_risks(studies)
    arms = [_arm_name(studies, arm) for arm in (1, 2)]
    figure, axes = _square(style)
    top = min(1.0, 1.1 * float(studies[["risk_arm1", "risk_arm2"]].max(axis=None))) or 1.0
    for along in ("x", "y"):
        number_axis(axes, (0.0, top), along=along)
    axes.set_xlabel(f"Risk, {arms[1]}")
    axes.set_ylabel(f"Risk, {arms[0]}")
    mean = primary_row(pooled)
    legend = [Entry(label="study, area by people", marker="o", fill=str(style["colour_square"]), colour="white")]
    legend += _curves(axes, mean, top, words=words, colour=str(style["colour_diamond"]))
    points, key, unnumbered = mark_sized(
        axes, studies, x="risk_arm2", y="risk_arm1", weights=list(studies["people"]), colour=style["colour_square"]
    )
    left = len(effects) - len(studies)
    note = f"{counted(left, 'effect')} without events of both arms: not drawn." if left else ""
    finish(
        figure, words.title, style=style, title=words.title,
        subtitle=f"L'Abbé plot of {counted(len(studies), 'effect')}", legend=legend, key=key,
        notes=[text for text in (unnumbered, note) if text], points=points, lines=[(axes, (0.0, 0.0), (top, top))],
    )  # fmt: skip
    return Plot(figure=figure, alternative=_alternative(studies, mean, arms, words=words), note=note)


def _square(style):
    """Return a figure whose axes are about as wide as high, so that no effect runs at 45 degrees."""
    width = float(style["width_cm"])
    height = min(width, HIGHEST_CM)
    share = min(1.0, height / width)
    figure, (axes,) = new_panels(style, height_cm=height, places=[((1 - share) / 2, 0.0, share, 1.0)])
    axes.set_gid("plot")
    return figure, axes


def _with_risks(studies):
    """Return the studies with people and risks; where the term counts the opposite, of those without an event."""
    turned = np.asarray(studies["flip"] == -1) if "flip" in studies else np.zeros(len(studies), dtype=bool)
    risks = {}
    for arm in (1, 2):
        risk = (studies[f"events_arm{arm}"] / studies[f"n_arm{arm}"]).to_numpy(dtype=float)
        risks[f"risk_arm{arm}"] = np.where(turned, 1 - risk, risk)
    return studies.assign(people=studies["n_arm1"] + studies["n_arm2"], **risks)


def _arm_name(studies, arm) -> str:
    """Return what all studies call an arm, or its number where they differ."""
    column = f"condition_arm{arm}"
    names = {plain_text(name) for name in studies[column]} if column in studies else set()
    return names.pop() if len(names) == 1 and names != {""} else f"arm {arm}"


def _curves(axes, mean, top, *, words, colour) -> list[Entry]:
    """Draw the line of no effect, and the risks that the pooled effect and its interval stand for."""
    axes.plot([0, top], [0, top], color=QUIET_INK, linewidth=0.9, linestyle=":", zorder=2, gid="no-effect")
    legend = [Entry(label="no effect", line=":", colour=QUIET_INK, width=0.9)]
    if mean is None:
        return legend
    risk = np.linspace(0.0, top, POINTS)
    curve = CURVES[words.measure]
    low, middle, high = (curve(risk, float(mean[name])) for name in ("ci_lb", "estimate", "ci_ub"))
    axes.fill_between(risk, low, high, facecolor=BAND, edgecolor="none", zorder=0.5, gid="interval")
    axes.plot(risk, middle, color=colour, linewidth=1.3, zorder=3, gid="pooled")
    value = shown(float(mean["estimate"]), is_ratio=words.is_ratio)
    return [
        *legend,
        Entry(label=f"pooled {inner(plain_text(words.measure_label))}: {value}", line="-", colour=colour, width=1.3),
        Entry(label=f"its {level_text(words.level)} interval", is_area=True, fill=BAND, colour="#aaaaaa"),
    ]


def _alternative(studies, mean, arms, *, words) -> str:
    """Say in words how many studies lie on which side of the line of no effect."""
    above = int((studies["risk_arm1"] > studies["risk_arm2"]).sum())
    below = int((studies["risk_arm1"] < studies["risk_arm2"]).sum())
    said = (
        f"L'Abbé plot of {counted(len(studies), 'effect')}: the risk is higher with {arms[0]} in {above}, "
        f"lower in {below} and equal in {len(studies) - above - below}."
    )
    pooled = "" if mean is None else f" Pooled {inner(plain_text(words.measure_label))}: "
    return said + (pooled and f"{pooled}{estimate_text(mean, words=words)}.")
