"""Panel of influence: six measures of how far each study moves the pooled result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from repool.figures.lettering import POINTS_PER_CM, QUIET_INK
from repool.figures.plots.canvas import VERMILION, Entry, Plot, finish, new_panels, number_axis, padded, small
from repool.figures.plots.pointing import Point
from repool.figures.plots.tables import MOST_NUMBERED, drawable, name_of, none_influential
from repool.figures.rendering import figure_style

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from repool.figures.plots.canvas import PlotWords

#: Column, title and the value that a study without any influence would have.
MEASURES = (
    ("rstudent", "Studentised residual", 0.0),
    ("dffits", "DFFITS", 0.0),
    ("cook_d", "Cook's distance", 0.0),
    ("cov_r", "Covariance ratio", 1.0),
    ("tau2_del", "τ² without the study", None),
    ("hat", "Hat value", None),
)
PANEL_CM = 3.2
#: Room between panels in font sizes, for the numbers on their axes and their titles.
ACROSS, UP = 5.0, 4.4
#: So many panels stand side by side where the page is so many font sizes wide.
COLUMNS_FROM = ((2, 32), (3, 55))
MARK = 4.2


@figure_style()
def draw_influence(influence: pd.DataFrame, *, words: PlotWords, style: Mapping[str, object]) -> Plot | str:
    """Draw the measures of influence of every study, side by side.

    Parameters
    ----------
    influence : pandas.DataFrame
        Table influence.csv.
    words, style
        See `repool.figures.plots.funnel.draw_funnel`.

    Returns
    -------
    Plot or str
        The figure, or why there is none.
    """
    studies = drawable(influence, ("hat", "tau2_del"))
    if studies.empty:
        return "no study has a value of influence (fewer than 3 effects, or none was examined)"
    size = small(style)
    ems = float(style["width_cm"]) * POINTS_PER_CM / size
    columns = max((count for count, least in COLUMNS_FROM if ems >= least), default=1)
    rows = len(MEASURES) // columns
    across_cm, up_cm = (room * size / POINTS_PER_CM for room in (ACROSS, UP))
    height_cm = (PANEL_CM + up_cm) * rows
    gaps = (across_cm / float(style["width_cm"]), up_cm / height_cm)
    figure, panels = new_panels(style, height_cm=height_cm, places=_places(columns=columns, rows=rows, gaps=gaps))
    is_influential = (studies["is_influential"] == "yes").to_numpy()
    number = np.arange(1, len(studies) + 1)
    points: list[Point] = []
    for axes, measure in zip(panels, MEASURES, strict=True):
        _panel(axes, studies, measure, number, is_influential, style=style)
        values = studies[measure[0]].to_numpy(dtype=float)
        points += [
            Point(
                axes=axes, x=float(number[i]), y=float(values[i]), text=str(number[i]) if is_influential[i] else "",
                gid=f"{measure[0]}-{i}", radius=MARK / 2,
            )
            for i in range(len(studies)) if np.isfinite(values[i])
        ]  # fmt: skip
    for axes in panels[-columns:]:
        axes.set_xlabel("Number of the study")
    everyone = len(studies) <= MOST_NUMBERED
    names = [(str(i + 1), name_of(row)) for i, row in enumerate(studies.itertuples()) if everyone or is_influential[i]]
    note = "" if everyone else "The numbers follow the order of the table; the key names the influential studies."
    finish(
        figure, words.title, style=style, title=words.title, subtitle=f"Influence of {len(studies)} studies",
        legend=_legend(is_influential, style), key=names, notes=[note] if note else [], points=points,
    )  # fmt: skip
    return Plot(figure=figure, alternative=_alternative(studies, is_influential), note=note)


def _places(*, columns, rows, gaps):
    """Return where the panels stand, row by row from the top, as shares of the area."""
    across, up = gaps
    wide, high = (1 - across * (columns - 1)) / columns, (1 - up * (rows - 1)) / rows
    return [
        (column * (wide + across), 1 - high - row * (high + up), wide, high)
        for row in range(rows)
        for column in range(columns)
    ]


def _panel(axes, studies, measure, number, is_influential, *, style) -> None:
    """Draw one measure of all studies, by their numbers."""
    column, title, neutral = measure
    values = studies[column].to_numpy(dtype=float)
    axes.set_title(title, fontsize=small(style), pad=3, loc="left").set_gid(f"{column}-title")
    seen = [*values, *([] if neutral is None else [neutral])]
    number_axis(axes, padded(seen, share=0.12) if np.isfinite(seen).any() else (0.0, 1.0), along="y")
    number_axis(axes, (0.3, len(studies) + 0.7), along="x")
    if neutral is not None:
        axes.axhline(neutral, color=QUIET_INK, linewidth=0.6, linestyle=":", zorder=1, gid=f"{column}-neutral")
    axes.plot(number, values, color="#bbbbbb", linewidth=0.6, zorder=2, gid=f"{column}-line")
    for gid, chosen, marker, colour in (
        ("studies", ~is_influential, "o", str(style["colour_square"])),
        ("influential", is_influential, "D", VERMILION),
    ):
        if chosen.any():
            axes.plot(
                number[chosen], values[chosen], marker=marker, linestyle="none", markersize=MARK, color=colour,
                markeredgecolor="white", markeredgewidth=0.4, zorder=4, gid=f"{column}-{gid}", clip_on=False,
            )  # fmt: skip


def _legend(is_influential, style) -> list[Entry]:
    """Name the two kinds of marks; one, where no study is influential."""
    entries = [Entry(label="study", marker="o", fill=str(style["colour_square"]), colour="white", size=MARK + 1)]
    if is_influential.any():
        entries.append(Entry(label="influential study", marker="D", fill=VERMILION, colour="white", size=MARK + 1))
    return [*entries, Entry(label="no influence", line=":", colour=QUIET_INK, width=0.8)]


def _alternative(studies, is_influential) -> str:
    """Name the influential studies with their values, and how far τ² reaches."""
    found = [
        f"{name_of(row)} (Cook's distance {row.cook_d:.2g}, studentised residual {row.rstudent:.2f})"
        for row in studies[is_influential].itertuples()
    ]
    said = f"Influential: {'; '.join(found)}." if found else none_influential(studies)
    low, high = studies["tau2_del"].min(), studies["tau2_del"].max()
    return (
        f"Six panels with measures of influence of {len(studies)} studies. {said} "
        f"Without one study, τ² lies between {low:.3g} and {high:.3g}."
    )
