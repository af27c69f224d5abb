"""Harvest plot: one bar per study under the direction it points to, taller for larger studies."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from repool.figures.lettering import QUIET_INK, measurer
from repool.figures.plots.canvas import (
    BLUE,
    GRID,
    VERMILION,
    Entry,
    Plot,
    PlotWords,
    finish,
    new_panels,
    small,
    wrapped,
)
from repool.figures.plots.list_parts import heading_words, method_words
from repool.figures.plots.sides import UNCLEAR, done_by, sides_of
from repool.figures.plots.tables import MOST_NUMBERED
from repool.figures.rendering import figure_style
from repool.figures.words import p_text, plain_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

#: Size class -> height of the bar; a study of unknown size gets a hollow one.
HEIGHTS = {"large": 3.0, "medium": 2.0, "small": 1.0, "": 1.5}
PANEL_CM = 3.0
#: Direction -> colour, from left to right.
COLOURS = {-1: VERMILION, 0: QUIET_INK, 1: BLUE}
#: Least share of the width for one direction, and the width of a bar.
LEAST_ZONE = 0.2
BAR = 0.7


def draw_harvest(
    effect_direction: pd.DataFrame,
    without_pooling: pd.DataFrame,
    *,
    words: PlotWords,
    style: Mapping[str, object],
    higher_is_better: bool,
) -> Plot | str:
    """Draw the studies of every stratum by direction and size.

    Parameters
    ----------
    effect_direction, without_pooling : pandas.DataFrame
        Tables effect_direction.csv and without_pooling.csv of one analysis.
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
    stated = effect_direction[effect_direction["sign"].notna()] if len(effect_direction) else effect_direction
    if not len(stated):
        return "No study of this analysis has a listed direction."
    records = stated.to_dict("records")
    for number, record in enumerate(records, start=1):
        record["number"] = number
    strata = list(dict.fromkeys(str(record["stratum"]) for record in records))
    zones = _zones(records, strata)
    arm1, arm2 = sides_of(words, higher_is_better=higher_is_better)
    is_numbered = len(records) <= MOST_NUMBERED
    counted = without_pooling[without_pooling["kind"].eq("direction")] if len(without_pooling) else without_pooling
    with figure_style():
        share = 1 / len(strata)
        places = [(0, 1 - (index + 1) * share, 1, 0.93 * share) for index in range(len(strata))]
        figure, panels = new_panels(style, height_cm=PANEL_CM * len(strata) + 1.2, places=places)
        for index, (axes, stratum) in enumerate(zip(panels, strata, strict=True)):
            own = [record for record in records if str(record["stratum"]) == stratum]
            _draw_panel(axes, own, zones, style=style, is_numbered=is_numbered)
            said = counted[counted["stratum"].astype(str).eq(stratum)].to_dict("records")
            _write_title(axes, f"{heading_words(stratum)}: {_count_text(own, said, arm1)}", style, gid=f"title-{index}")
            _name_zones(axes, zones, (arm2, UNCLEAR, arm1) if index + 1 == len(strata) else ("", "", ""), style)
        left_out = len(effect_direction) - len(records)
        finish(
            figure, words.title, style=style, title=words.title,
            subtitle="Direction of each study; the taller the bar, the larger the study", legend=_legend(records),
            key=[(str(r["number"]), plain_text(r["label"])) for r in records] if is_numbered else [],
            notes=[f"Not drawn: {left_out} without a stated direction."] if left_out else [],
        )  # fmt: skip
    return Plot(figure=figure, alternative=_alternative(records, strata, (arm1, arm2)), note="")


def _zones(records, strata) -> dict[int, tuple[float, float]]:
    """Return where each direction begins and how wide it is, wide enough for its studies in every stratum."""
    most = {
        sign: max(sum(r["sign"] == sign and str(r["stratum"]) == stratum for r in records) for stratum in strata)
        for sign in COLOURS
    }
    wide = {sign: count + 1.0 for sign, count in most.items()}
    for _ in range(3):
        total = sum(wide.values())
        wide = {sign: max(width, LEAST_ZONE * total) for sign, width in wide.items()}
    zones, left = {}, 0.0
    for sign in COLOURS:
        zones[sign] = (left, wide[sign])
        left += wide[sign]
    return zones


def _draw_panel(axes, own, zones, *, style, is_numbered) -> None:
    """Draw the bars of one stratum, large studies in the middle of their direction's first place."""
    from matplotlib.patches import Rectangle

    end = zones[1][0] + zones[1][1]
    axes.set_xlim(0, end)
    axes.set_ylim(0, 5.6)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    for sign in (0, 1):
        axes.axvline(
            zones[sign][0], color=GRID, linewidth=0.6, zorder=1, ymax=3.9 / 5.6, gid=f"{axes.get_gid()}-zone-{sign}"
        )
    pitch = 0.9 * float(style["width_cm"]) / 2.54 * 72 / end
    for sign, (left, wide) in zones.items():
        bars = [record for record in own if record["sign"] == sign]
        bars.sort(key=lambda record: (-HEIGHTS[plain_text(record["size_class"])], record["number"]))
        start = left + (wide - len(bars)) / 2
        for place, record in enumerate(bars):
            height = HEIGHTS[plain_text(record["size_class"])]
            middle = start + place + 0.5
            bar = Rectangle(
                (middle - BAR / 2, 0), BAR, height, edgecolor=COLOURS[sign], linewidth=0.8, zorder=3,
                facecolor=COLOURS[sign] if plain_text(record["size_class"]) else "white", gid=f"bar-{record['number']}",
            )  # fmt: skip
            axes.add_patch(bar)
            if is_numbered:
                _number_bar(axes, middle, height, record["number"], pitch, style)


def _number_bar(axes, x, height, number, pitch, style) -> None:
    """Write the number of a study above its bar, upright where bars stand too close."""
    size = small(style)
    is_wide = measurer(axes.figure, size=size)(str(number)) <= 0.95 * pitch
    axes.text(
        x, height + 0.12, str(number), fontsize=size, ha="center", va="bottom", rotation=0 if is_wide else 90,
        parse_math=False, gid=f"number-{number}",
    )  # fmt: skip


def _write_title(axes, text, style, *, gid) -> None:
    """Write what a panel shows inside it, at the top left."""
    width = 0.95 * (float(style["width_cm"]) / 2.54 * 72 - 2 * float(style["font_size"]))
    lines = wrapped(axes.figure, text, width=width, size=small(style), weight="bold")
    axes.text(
        0.0, 5.6, "\n".join(lines), fontsize=small(style), fontweight="bold", ha="left", va="top", parse_math=False,
        gid=gid,
    )  # fmt: skip


def _name_zones(axes, zones, names, style) -> None:
    """Name the directions below the lowest panel."""
    end = zones[1][0] + zones[1][1]
    scale = 0.9 * float(style["width_cm"]) / 2.54 * 72 / end
    texts = [
        "\n".join(wrapped(axes.figure, name, width=wide * scale - 4, size=small(style))) if name else ""
        for name, (_, wide) in zip(names, zones.values(), strict=True)
    ]
    axes.set_xticks([left + wide / 2 for left, wide in zones.values()], texts)
    axes.tick_params(axis="x", length=0)


def _count_text(own, said, arm1) -> str:
    """Return how many studies of a stratum favour arm 1, with the table's interval and sign test."""
    row = said[0] if said else None
    if row is None or math.isnan(row["proportion"]):
        count = sum(record["sign"] == 1 for record in own)
        return f"{count} of {len(own)} {done_by(count, arm1)}"
    count, known = row["n_counted_for"], row["n_counted"]
    text = f"{count:.10g} of {known:.10g} with a direction {done_by(count, arm1)}"
    if not math.isnan(row["ci_lb"]):
        text += f" ({100 * row['proportion']:.0f} %, interval {100 * row['ci_lb']:.0f} to {100 * row['ci_ub']:.0f} %)"
    return text if math.isnan(row["pval_two_sided"]) else f"{text}, sign test {p_text(row['pval_two_sided'])}"


def _legend(records) -> list[Entry]:
    """Say what the heights mean."""
    says = "height: below 50, 50 to 300, above 300 people in arm 1"
    is_known = any(plain_text(record["size_class"]) for record in records)
    entries = [Entry(label=says, marker="|", size=7)] if is_known else []
    if any(not plain_text(record["size_class"]) for record in records):
        entries.append(Entry(label="size not known", is_area=True, fill="white", colour=QUIET_INK))
    return entries


def _alternative(records, strata, sides) -> str:
    """Say in words what the plot shows."""
    parts = []
    for stratum in strata:
        own = [record for record in records if str(record["stratum"]) == stratum]
        counts = [sum(record["sign"] == sign for record in own) for sign in (1, -1, 0)]
        parts.append(f"{method_words(stratum)} {counts[0]}, {counts[1]} and {counts[2]}")
    return (
        f"Studies that {done_by(2, sides[0])}, that {done_by(2, sides[1])} and that have no clear direction, by group: "
        f"{'; '.join(parts)}."
    )
