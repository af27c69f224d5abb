"""Albatross plot: study size against p-value on both sides, with lines of equal effect."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from repool.figures.axis import plain_number
from repool.figures.lettering import INK, QUIET_INK, measurer
from repool.figures.plots.canvas import (
    BLUE,
    GREEN,
    PURPLE,
    VERMILION,
    Entry,
    Plot,
    PlotWords,
    finish,
    new_figure,
    small,
)
from repool.figures.plots.favours import write_sides
from repool.figures.plots.list_parts import method_words
from repool.figures.plots.pointing import Point
from repool.figures.plots.sides import in_sentence, sides_of
from repool.figures.plots.tables import MOST_NUMBERED
from repool.figures.rendering import figure_style
from repool.figures.words import plain_text, scientific

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

HEIGHT_CM = 9.0
#: Least and furthest p-value, as -log10, that the axis reaches; results beyond it stand at its end.
LEAST_REACH = 2.2
FURTHEST = 6.0
PVALS = (1.0, 0.5, 0.2, 0.1, 0.05, 0.01, 0.001, 1e-4, 1e-5, 1e-6)
#: p-values that are named first where not all fit.
FIRST_NAMED = (1.0, 0.05, 0.001, 1e-5, 0.01, 1e-4, 0.1, 1e-6, 0.5, 0.2)
#: Shape and colour of each stratum, and line of each contour, in order.
STRATA = (("o", BLUE), ("s", VERMILION), ("^", GREEN), ("D", PURPLE), ("v", INK), ("P", QUIET_INK))
CONTOURS = ("-", "--", ":", "-.", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 3)))
RADIUS = 2.6


def draw_albatross(
    albatross: pd.DataFrame, *, words: PlotWords, style: Mapping[str, object], higher_is_better: bool
) -> Plot | str:
    """Draw results by size and p-value, those for arm 1 at the right.

    Parameters
    ----------
    albatross : pandas.DataFrame
        Table albatross.csv of one analysis.
    words : PlotWords
        Words of the analysis.
    style : mapping
        Size and colours of the review's figures.
    higher_is_better : bool
        Whether high values of the measure favour arm 1.

    Returns
    -------
    Plot or str
        The figure, or why there is nothing to draw.
    """
    studies = albatross[albatross["kind"].eq("study")]
    drawn = studies[studies["x"].notna() & (studies["n_total"] > 0)].to_dict("records")
    reasons = _reasons(studies["note"].tolist())
    if not drawn:
        why = "; ".join(reasons)
        return f"No result has both a size and a p-value with a direction{': ' + why if why else ''}."
    reach = min(FURTHEST, max(LEAST_REACH, *(1.06 * abs(record["x"]) for record in drawn)))
    arm1, arm2 = sides_of(words, higher_is_better=higher_is_better)
    with figure_style():
        figure, axes = new_figure(style, height_cm=HEIGHT_CM)
        strata = list(dict.fromkeys(str(record["stratum"]) for record in drawn))
        points, has_bounds = _draw_studies(axes, drawn, strata, reach)
        contours = _draw_contours(axes, albatross[albatross["kind"].eq("contour")], reach)
        _set_axes(axes, drawn, reach, (arm1, arm2), style)
        is_numbered = len(drawn) <= MOST_NUMBERED
        finish(
            figure, words.title, style=style, title=words.title,
            subtitle="Size of each study and its p-value, by the side it favours",
            legend=[*_legend(strata, has_bounds), *contours],
            key=[(str(place), plain_text(record["label"])) for place, record in enumerate(drawn, start=1)]
            if is_numbered else [],
            notes=_notes(drawn, albatross, len(studies), reasons, reach), points=points if is_numbered else [],
        )  # fmt: skip
    return Plot(figure=figure, alternative=_alternative(drawn, (arm1, arm2)), note="; ".join(reasons))


def _reasons(notes: list[object]) -> list[str]:
    """Return each reason why a result is not drawn, once."""
    said = [plain_text(note).removeprefix("not drawn: ").split("; ") for note in notes]
    return list(dict.fromkeys(reason for own in said for reason in own if reason))


def _draw_studies(axes, drawn, strata, reach) -> tuple[list[Point], bool]:
    """Draw one mark per result, hollow and pointing outwards where the p-value is only a bound."""
    points, has_bounds = [], False
    for place, record in enumerate(drawn, start=1):
        marker, colour = STRATA[strata.index(str(record["stratum"])) % len(STRATA)]
        is_beyond, is_bound = abs(record["x"]) > reach, record["is_bound"] == "yes"
        x = math.copysign(reach, record["x"]) if is_beyond else record["x"]
        if is_beyond or is_bound:
            marker = ">" if record["x"] > 0 else "<"
        has_bounds = has_bounds or is_bound
        axes.plot(
            [x], [record["n_total"]], marker=marker, linestyle="none", markersize=2 * RADIUS, markeredgecolor=colour,
            markerfacecolor="white" if is_bound else colour, markeredgewidth=0.9, zorder=4, clip_on=False,
            gid=f"study-{place}",
        )  # fmt: skip
        points.append(
            Point(axes=axes, x=x, y=record["n_total"], text=str(place), gid=f"study-{place}", radius=RADIUS + 0.6)
        )
    return points, has_bounds


def _draw_contours(axes, rows, reach) -> list[Entry]:
    """Draw the lines of equal effect on the side they belong to; return their legend."""
    entries = []
    for index, ((measure, effect), own) in enumerate(rows.groupby(["measure", "contour_effect"], sort=False)):
        own = own.sort_values("x", kind="stable")
        line = CONTOURS[index % len(CONTOURS)]
        look = {"color": QUIET_INK, "linewidth": 0.9, "linestyle": line, "zorder": 2}
        axes.plot(own["x"], own["n_total"], gid=f"contour-{index}", **look)
        entries.append(Entry(label=f"{measure} {plain_number(effect)}", line=line, colour=QUIET_INK, width=0.9))
    return entries


def _set_axes(axes, drawn, reach, sides, style) -> None:
    """Set limits, name p-values and sizes, and say whom the sides favour."""
    axes.set_yscale("log")
    sizes = [record["n_total"] for record in drawn]
    axes.set_ylim(min(sizes) / 1.6, max(sizes) * 1.8)
    axes.set_xlim(-reach, reach)
    axes.axvline(0.0, color=QUIET_INK, linewidth=0.7, zorder=1, gid="no-effect-line")
    low, high = axes.get_ylim()
    steps = [first * 10.0**decade for decade in range(12) for first in (1, 2, 5)]
    steps = [step for step in steps if low <= step <= high]
    steps = steps if len(steps) <= 7 else [step for step in steps if f"{step:e}"[0] == "1"]
    axes.set_yticks(steps, [f"{step:,.0f}".replace(",", "\N{THIN SPACE}") for step in steps])
    axes.set_yticks([], minor=True)
    axes.set_ylabel("People in the study", gid="y-label")
    _name_pvals(axes, reach, style)
    arm1, arm2 = sides
    axes.set_xlabel("Two-sided p-value", gid="x-label")
    write_sides(axes, arm2, arm1)


def _name_pvals(axes, reach, style) -> None:
    """Name as many p-values as fit side by side, the usual ones first."""
    measure = measurer(axes.figure, size=small(style))
    scale = 0.8 * float(style["width_cm"]) / 2.54 * 72 / (2 * reach)
    chosen: dict[float, str] = {}
    for pval in FIRST_NAMED:
        at = -math.log10(pval)
        text = plain_number(pval) if pval >= 0.001 else scientific(pval).removeprefix("1.0×")
        if at > reach:
            continue
        need = [(measure(text) + measure(other)) / 2 + 4 for other in chosen.values()]
        apart = [min(abs(at - place), abs(at + place)) * scale for place in chosen]
        if (at == 0 or 2 * at * scale >= measure(text) + 4) and all(
            have >= least for have, least in zip(apart, need, strict=True)
        ):
            chosen[at] = text
    ticks = sorted({sign * at: text for at, text in chosen.items() for sign in (-1, 1)}.items())
    axes.set_xticks([at for at, _ in ticks], [text for _, text in ticks])


def _legend(strata, has_bounds) -> list[Entry]:
    """Say what the marks mean."""
    entries = []
    for index, stratum in enumerate(strata):
        marker, colour = STRATA[index % len(STRATA)]
        entries.append(Entry(label=method_words(stratum) or "study", marker=marker, colour=colour, fill=colour))
    if has_bounds:
        entries.append(Entry(label="p-value printed as a bound: this far out or further", marker=">", fill="white"))
    return entries


def _notes(drawn, albatross, count, reasons, reach) -> list[str]:
    """Say what the lines rest on and what is not drawn."""
    notes = []
    contours = albatross[albatross["kind"].eq("contour")]
    if len(contours):
        first = contours.iloc[0]
        says = (
            f"Lines: sizes and p-values that go with one effect, for {plain_number(first['arm_ratio'])} in arm 1 to 1"
        )
        says += " in arm 2"
        if first["measure"] in ("OR", "RR") and not math.isnan(first["risk_arm2"]):
            says += f" and a risk of {100 * first['risk_arm2']:.3g} % in arm 2"
        notes.append(f"{says}.")
    if any(abs(record["x"]) > reach for record in drawn):
        notes.append("A filled arrow at the edge: the p-value lies beyond the axis.")
    if count > len(drawn):
        why = "; ".join(reasons)
        notes.append(f"{count - len(drawn)} of {count} results are not drawn: {why}.")
    return notes


def _alternative(drawn, sides) -> str:
    """Say in words what the plot shows."""
    counts = [sum(record["x"] * sign > 0 for record in drawn) for sign in (1, -1)]
    low, high = (pick(record["n_total"] for record in drawn) for pick in (min, max))
    clear = sum(abs(record["x"]) >= -math.log10(0.05) for record in drawn)
    return (
        f"{len(drawn)} results by size ({low:.0f} to {high:.0f} people) and p-value: {counts[0]} lie on the side that "
        f"{in_sentence(sides[0])}, {counts[1]} on the side that {in_sentence(sides[1])}; {clear} with p ≤ 0.05."
    )
