"""Baujat plot: what each study adds to heterogeneity, against how far it moves the pooled result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repool.figures.plots.canvas import VERMILION, Entry, Plot, finish, new_figure, number_axis
from repool.figures.plots.marks import number_studies
from repool.figures.plots.tables import MOST_NUMBERED, counted, drawable, name_of, none_influential, unnumbered_note
from repool.figures.rendering import figure_style

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from repool.figures.plots.canvas import PlotWords

HEIGHT_CM = 7.5
MARK = 4.8
#: So many studies are named in the alternative text.
NAMED = 3


@figure_style()
def draw_baujat(influence: pd.DataFrame, *, words: PlotWords, style: Mapping[str, object]) -> Plot | str:
    """Draw the Baujat plot of one analysis.

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

    Notes
    -----
    Baujat, Mahé, Pignon & Hill (2002), Statistics in Medicine 21, 2641-2652.
    """
    studies = drawable(influence, ("baujat_heterogeneity", "baujat_pull"))
    if studies.empty:
        return "no study has a value of influence (fewer than 3 effects, or none was examined)"
    figure, axes = new_figure(style, height_cm=HEIGHT_CM)
    for along, name in (("x", "baujat_heterogeneity"), ("y", "baujat_pull")):
        number_axis(axes, (0.0, 1.07 * float(studies[name].max()) or 1.0), along=along)
    axes.set_xlabel("Contribution to heterogeneity (squared Pearson residual)")
    axes.set_ylabel("Influence on the pooled result")
    is_influential = (studies["is_influential"] == "yes").to_numpy()
    legend = []
    for gid, chosen, marker, colour, label in (
        ("studies", ~is_influential, "o", str(style["colour_square"]), "study"),
        ("influential", is_influential, "D", VERMILION, "influential study"),
    ):
        if chosen.any():
            axes.plot(
                studies["baujat_heterogeneity"][chosen], studies["baujat_pull"][chosen], marker=marker,
                linestyle="none", markersize=MARK, color=colour, markeredgecolor="white", markeredgewidth=0.4,
                gid=gid, zorder=5, clip_on=False,
            )  # fmt: skip
            legend.append(Entry(label=label, marker=marker, fill=colour, colour="white", size=MARK + 1))
    radii = [MARK / 2] * len(studies)
    points, key = number_studies(
        axes, studies, x="baujat_heterogeneity", y="baujat_pull", radii=radii, chosen=is_influential
    )
    unnumbered = unnumbered_note(len(studies))
    if unnumbered and key:
        unnumbered = f"Only influential studies are numbered: there are more than {MOST_NUMBERED} studies."
    finish(
        figure, words.title, style=style, title=words.title,
        subtitle=f"Baujat plot of {counted(len(studies), 'study')}", legend=legend,
        key=key, notes=[unnumbered] if unnumbered else [], points=points,
    )  # fmt: skip
    return Plot(figure=figure, alternative=_alternative(studies, is_influential), note="")


def _alternative(studies, is_influential) -> str:
    """Say in words which studies stand out."""
    by_pull = studies.sort_values("baujat_pull", ascending=False, kind="stable").head(NAMED)
    moving = "; ".join(
        f"{name_of(row)} (heterogeneity {row.baujat_heterogeneity:.2g}, influence {row.baujat_pull:.2g})"
        for row in by_pull.itertuples()
    )
    found = [name_of(row) for row in studies[is_influential].itertuples()]
    said = f"Influential by the usual limits: {', '.join(found)}." if found else none_influential(studies)
    return f"Baujat plot of {len(studies)} studies. They move the pooled result most: {moving}. {said}"
