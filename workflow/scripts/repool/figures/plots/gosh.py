"""Plot of all subsets (GOSH): the cloud of their pooled results, and the results with and without each study."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repool.effects.measure_words import ONE_GROUP_MEASURES
from repool.figures.lettering import INK, POINTS_PER_CM, QUIET_INK, measurer, wrap
from repool.figures.plots.canvas import Entry, Plot, effect_axis, finish, new_panels, padded, small
from repool.figures.plots.gosh_cloud import cells_of, cloud_height, cloud_places, cloud_words, colour_with, draw_cloud
from repool.figures.plots.tables import counted, drawable, name_of
from repool.figures.rendering import figure_style
from repool.figures.words import inner, plain_text, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from repool.figures.plots.canvas import PlotWords

QUANTILES = ("q05", "q25", "median", "q75", "q95")
#: Height of one study's pair of bars in font sizes.
ROW = 2.5
#: More studies than this do not fit on a page; those whose presence moves the median most are drawn.
MOST_DRAWN = 40
#: Share of the width that names may take.
NAME_SHARE = 0.34
#: Between cloud and bars, in font sizes: the values of the cloud's axis, its name and whom it favours.
GAP = 7.5
#: For the same below the bars, in centimetres.
BELOW_CM = 1.6
#: Place of the two bars above and below the middle of a row, and the greyness that tells them apart.
WITH, WITHOUT = 0.19, -0.19


@figure_style()
def draw_gosh(
    gosh: pd.DataFrame, gosh_cloud: pd.DataFrame, *, words: PlotWords, style: Mapping[str, object]
) -> Plot | str:
    """Draw the pooled results of subsets as a cloud, and below it those with and without each study as bars.

    Parameters
    ----------
    gosh, gosh_cloud : pandas.DataFrame
        Tables gosh.csv and gosh_cloud.csv.
    words, style
        See `repool.figures.plots.funnel.draw_funnel`.

    Returns
    -------
    Plot or str
        The figure, or why there is none.

    Notes
    -----
    Olkin, Dahabreh & Trikalinos (2012), Research Synthesis Methods 3, 214-223. The cloud tells the subsets of one
    study apart, the one that moves the median most; two panels say it without a colour. The bars stand for the
    clouds of all other studies.
    """
    estimates = drawable(gosh[gosh["quantity"] == "estimate"], QUANTILES)
    everything = estimates[estimates["part"] == "all"]
    pairs = _pairs(estimates)
    if everything.empty or not pairs or cells_of(gosh_cloud, "cell").empty:
        reasons = [plain_text(text) for text in gosh.get("note", ()) if plain_text(text)]
        return reasons[0] if reasons else "no subsets of studies were pooled"
    drawn, note = _chosen(pairs)
    figure, panels, room = _panels(drawn, style)
    limits = _limits(estimates, cells_of(gosh_cloud, "cell"), words)
    shades = draw_cloud(panels[:-1], gosh_cloud, limits=limits, words=words, style=style)
    _rows(panels[-1], everything.iloc[0], drawn, limits=limits, room=room, words=words, style=style)
    finish(
        figure, words.title, style=style, title=words.title, subtitle="Pooled results of subsets of the studies",
        legend=[*shades, *_legend(style, has_null=words.measure not in ONE_GROUP_MEASURES)],
        notes=_notes(everything.iloc[0], note),
    )  # fmt: skip
    alternative = f"{_alternative(everything.iloc[0], drawn, words=words)} {cloud_words(gosh_cloud, words=words)}"
    return Plot(figure=figure, alternative=alternative, note=note)


def _panels(drawn, style):
    """Return the figure with the panels of the cloud and, last, that of the bars, and the room for names in points."""
    size = small(style)
    above, gap = cloud_height(), GAP * size / POINTS_PER_CM
    below = (len(drawn) + 1) * ROW * size / POINTS_PER_CM
    height = above + gap + below
    width = float(style["width_cm"]) * POINTS_PER_CM
    room = NAME_SHARE * width
    # Names stand to the left of the bars, within the room that the clouds take whole.
    left = min(0.5, (room + size) / (0.86 * width))
    places = [*cloud_places(top=1.0, height_cm=height), (left, 0.0, 1 - left, below / height)]
    figure, panels = new_panels(style, height_cm=height + BELOW_CM, places=places)
    return figure, panels, room


def _notes(everything, note) -> list[str]:
    """Say what the parts of the figure are, how many subsets there were, and which studies are not drawn."""
    drawn_from = plain_text(everything.get("note", ""))
    subsets = counted(int(everything["subsets"]), "subset")
    notes = [
        "Cloud: shades count the subsets in a cell of estimate by I² (from Q); the study is the one that moves the "
        "median most. Beside the clouds: subsets by estimate alone and by I² alone, filled with it, outlined without.",
        "Below: box: middle half of the results; line: middle 90 %; stroke: median.",
        f"{subsets} were pooled{f': {drawn_from}' if drawn_from else ''}.",
        note,
    ]
    return [text for text in notes if text]


def _pairs(estimates):
    """Return (subsets with, subsets without) of each study that has both, in the order of the table."""
    without = {row.study_id: row for row in estimates[estimates["part"] == "without"].itertuples()}
    rows = estimates[estimates["part"] == "with"].itertuples()
    return [(row, without[row.study_id]) for row in rows if row.study_id in without]


def _chosen(pairs):
    """Return the pairs to draw, in the order of the table, and a note when some are left out."""
    if len(pairs) <= MOST_DRAWN:
        return pairs, ""
    ranked = sorted(range(len(pairs)), key=lambda i: (-abs(pairs[i][0].median - pairs[i][1].median), i))
    kept = sorted(ranked[:MOST_DRAWN])
    words = f"Drawn are the {MOST_DRAWN} of {len(pairs)} studies that move the median most."
    return [pairs[i] for i in kept], words


def _limits(estimates, cells, words) -> tuple[float, float]:
    """Return the ends of the axis of clouds and bars, which are read against each other."""
    reach = [*cells["estimate_lb"], *cells["estimate_ub"], *estimates["q05"], *estimates["q95"]]
    return padded(reach if words.measure in ONE_GROUP_MEASURES else [*reach, 0.0], share=0.02)


def _rows(axes, everything, drawn, *, limits, room, words, style) -> None:
    """Draw all subsets on top and below them a pair of bars per study, and name the rows."""
    effect_axis(axes, words, limits)
    axes.set_ylim(len(drawn) + 0.55, -0.55)
    if words.measure not in ONE_GROUP_MEASURES:
        axes.axvline(0, color=QUIET_INK, linewidth=0.7, linestyle=":", zorder=1, gid="no-effect")
    middle = float(everything["median"])
    axes.axvline(middle, color="#bbbbbb", linewidth=0.7, zorder=0.5, gid="median-of-all")
    _bar(axes, everything, 0.0, gid="all", colour=INK, fill="#888888")
    for place, (inside, outside) in enumerate(drawn, start=1):
        _bar(axes, inside._asdict(), place - WITH, gid=f"with-{place - 1}", colour=colour_with(style))
        _bar(axes, outside._asdict(), place - WITHOUT, gid=f"without-{place - 1}", colour=INK, fill="white")
    size = small(style)
    measure = measurer(axes.figure, size=size)
    names = ["All subsets", *(name_of(inside) for inside, _ in drawn)]
    shortened = []
    for name in names:
        lines = wrap(name, width=room, measure=measure)
        shortened.append(
            lines[0] if len(lines) == 1 else "\n".join([lines[0], f"{lines[1]}{'…' if len(lines) > 2 else ''}"])
        )
    axes.set_yticks(range(len(names)), labels=shortened, linespacing=1.05)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def _bar(axes, row, at, *, gid, colour, fill=None) -> None:
    """Draw the middle 90 percent as a line, the middle half as a box and the median as a stroke."""
    q05, q25, median, q75, q95 = (float(row[name]) for name in QUANTILES)
    half = 0.14
    axes.plot([q05, q95], [at, at], color=colour, linewidth=0.9, zorder=2, gid=f"{gid}-reach", solid_capstyle="butt")
    axes.fill(
        [q25, q75, q75, q25], [at - half, at - half, at + half, at + half], facecolor=fill or colour, edgecolor=colour,
        linewidth=0.7, zorder=3, gid=f"{gid}-half",
    )  # fmt: skip
    stroke = "white" if fill is None else INK
    axes.plot([median] * 2, [at - half, at + half], color=stroke, linewidth=1.3, zorder=4, gid=f"{gid}-median")


def _legend(style, *, has_null) -> list[Entry]:
    """Name the boxes and their parts."""
    entries = [
        Entry(label="bars: subsets with the study", is_area=True, fill=colour_with(style)),
        Entry(label="without it", is_area=True, fill="white"),
    ]
    return [*entries, Entry(label="no effect", line=":", colour=QUIET_INK, width=0.7)] if has_null else entries


def _alternative(everything, drawn, *, words) -> str:
    """Say in words where the subsets lie and which study moves them most."""
    ends = [shown(float(everything[name]), is_ratio=words.is_ratio) for name in ("median", "q05", "q95")]
    said = (
        f"Pooled {inner(plain_text(words.measure_label))} of {counted(int(everything['subsets']), 'subset')}: "
        f"median {ends[0]}, middle 90 % from {ends[1]} to {ends[2]}."
    )
    inside, outside = max(drawn, key=lambda pair: abs(pair[0].median - pair[1].median))
    medians = [shown(row.median, is_ratio=words.is_ratio) for row in (inside, outside)]
    return f"{said} {name_of(inside)} moves the median most: {medians[0]} with it, {medians[1]} without it."
