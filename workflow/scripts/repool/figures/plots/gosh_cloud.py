"""The cloud of subsets: shaded cells of estimate by I², with and without one study, and bars of both margins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from repool.effects.measure_words import ONE_GROUP_MEASURES
from repool.figures.lettering import INK, QUIET_INK, measurer
from repool.figures.plots.canvas import Entry, effect_axis, number_axis, small, wrapped
from repool.figures.plots.tables import drawable, name_of
from repool.figures.words import inner, plain_text, shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from matplotlib.axes import Axes

    from repool.figures.plots.canvas import PlotWords

#: Parts of the cloud, in the order of the panels: column of counts, and how a panel is headed.
PARTS = (("subsets_with", "with"), ("subsets_without", "without"))
EDGES = ("estimate_lb", "estimate_ub", "i2_lb", "i2_ub")
#: Least counts of the shades; of a cloud with larger counts the last `MOST_SHADES` are told apart.
LEAST = (1, 3, 10, 30, 100, 300, 1000, 3000, 10000, 30000, 100000, 300000)
MOST_SHADES = 5
#: Share of the review's colour in the lightest shade: still seen on white paper.
LIGHTEST = 0.16
#: Heights in centimetres: bars on top, each of the two clouds, and the gaps that hold titles and names of values.
BARS_CM, CLOUD_CM, TITLE_CM = 1.1, 3.1, 0.75
#: Shares of the width: the clouds, and the bars of I² beside them.
CLOUD_WIDE, BARS_WIDE = 0.84, 0.14
#: Share of the page that the heading of a cloud may take: all that is right of the names of the values.
TITLE_SHARE = 0.8


def cloud_height() -> float:
    """Return the height of the panels in centimetres, without the names of values below the last."""
    return BARS_CM + 2 * (CLOUD_CM + TITLE_CM)


def cloud_places(*, top: float, height_cm: float) -> list[tuple[float, float, float, float]]:
    """Return the places of the five panels: bars of the estimates, then each cloud with its bars of I².

    Parameters
    ----------
    top : float
        Upper end of the panels, as a share of the area.
    height_cm : float
        Height of the area.
    """
    places, bottom = [(0.0, top - BARS_CM / height_cm, CLOUD_WIDE, BARS_CM / height_cm)], top - BARS_CM / height_cm
    for _ in PARTS:
        bottom -= (CLOUD_CM + TITLE_CM) / height_cm
        places.append((0.0, bottom, CLOUD_WIDE, CLOUD_CM / height_cm))
        places.append((1 - BARS_WIDE, bottom, BARS_WIDE, CLOUD_CM / height_cm))
    return places


def cells_of(cloud: pd.DataFrame, part: str) -> pd.DataFrame:
    """Return the rows of gosh_cloud.csv of one kind, "cell", "estimate" or "i2", that can be drawn."""
    needed = {"cell": EDGES, "estimate": EDGES[:2], "i2": EDGES[2:]}[part]
    rows = cloud[cloud["part"] == part] if "part" in cloud.columns else cloud.iloc[:0]
    return drawable(rows, (*needed, "subsets_with", "subsets_without"))


def draw_cloud(
    panels: Sequence[Axes],
    cloud: pd.DataFrame,
    *,
    limits: tuple[float, float],
    words: PlotWords,
    style: Mapping[str, object],
) -> list[Entry]:
    """Draw the cloud into five panels, and return the legend of its shades.

    Parameters
    ----------
    panels : sequence of matplotlib.axes.Axes
        At `cloud_places`.
    cloud : pandas.DataFrame
        Table gosh_cloud.csv.
    limits : tuple of float
        Ends of the axis of estimates.
    words, style
        See `repool.figures.plots.gosh.draw_gosh`.
    """
    cells = cells_of(cloud, "cell")
    shades = shades_of(float(cells[[name for name, _ in PARTS]].to_numpy().max()), colour=str(style["colour_square"]))
    _estimate_bars(panels[0], cells_of(cloud, "estimate"), words=words, limits=limits, style=style)
    for place, (column, part) in enumerate(PARTS):
        axes, bars = panels[1 + 2 * place], panels[2 + 2 * place]
        _cells(axes, cells, column, part, shades=shades)
        total = f"{int(cells[column].sum()):,}"
        head = _on_one_line(axes.figure, f"Subsets {part} {{}}: {total}", name_of(cells.iloc[0]), size=small(style))
        axes.set_title(head, fontsize=small(style), pad=3, loc="left", parse_math=False).set_gid(f"cloud-{part}-title")
        effect_axis(axes, words, limits, is_named=place > 0)
        _mark_no_effect(axes, f"cloud-{part}", words)
        number_axis(axes, (0.0, 100.0), along="y")
        axes.set_ylabel("I² (%)")
        _i2_bars(bars, cells_of(cloud, "i2"), column, part, style=style)
    return _legend(shades)


def shades_of(most: float, *, colour: str) -> list[tuple[int, str]]:
    """Return (least count, colour) of the shades up to the fullest cell, the lightest first."""
    from matplotlib.colors import to_hex, to_rgb

    least = [count for count in LEAST if count <= max(most, 1)][-MOST_SHADES:]
    shares = np.linspace(LIGHTEST, 1.0, len(least)) if len(least) > 1 else [1.0]
    full = np.array(to_rgb(colour))
    # The fewest counts that are drawn at all are 1.
    colours = [to_hex(1 - share * (1 - full)) for share in shares]
    return list(zip([1, *least[1:]], colours, strict=True))


def _cells(axes, cells, column, part, *, shades) -> None:
    """Fill the cells of one part, one path per shade."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    highest = [least for least, _ in shades[1:]] + [np.inf]
    for (least, colour), next_one in zip(shades, highest, strict=True):
        chosen = cells[(cells[column] >= least) & (cells[column] < next_one)]
        corners = [
            corner
            for low, high, bottom, top in chosen[list(EDGES)].to_numpy(dtype=float)
            for corner in ((low, bottom), (high, bottom), (high, top), (low, top), (low, bottom))
        ]
        if corners:
            path = Path(corners, codes * len(chosen))
            axes.add_patch(PathPatch(path, facecolor=colour, linewidth=0, zorder=2, gid=f"cloud-{part}-from-{least}"))


def _on_one_line(figure, pattern, name, *, size) -> str:
    """Return a heading with a name in it that is shortened until the heading fits over a cloud."""
    room = TITLE_SHARE * figure.get_size_inches()[0] * 72 - measurer(figure, size=size)(pattern.format("…"))
    lines = wrapped(figure, name, width=room, size=size)
    return pattern.format(lines[0] if len(lines) == 1 else f"{lines[0]}…")


def _mark_no_effect(axes, name, words) -> None:
    if words.measure not in ONE_GROUP_MEASURES:
        axes.axvline(0, color=QUIET_INK, linewidth=0.7, linestyle=":", zorder=1, gid=f"{name}-no-effect")


def _estimate_bars(axes, margin, *, words, limits, style) -> None:
    """Draw the subsets by estimate, those with the study as an area and those without as an outline."""
    effect_axis(axes, words, limits, is_named=False)
    for column, part in PARTS:
        across, up = _outline(margin, "estimate", column)
        if part == "with":
            axes.fill(across, up, facecolor=colour_with(style), linewidth=0, zorder=2, gid="bars-estimate-with")
        else:
            axes.plot(across, up, color=INK, linewidth=0.9, zorder=3, gid="bars-estimate-without")
    _scale(axes, margin, along="y")
    _mark_no_effect(axes, "bars", words)


def _i2_bars(axes, margin, column, part, *, style) -> None:
    """Draw the subsets of one part by I²."""
    up, across = _outline(margin, "i2", column)
    number_axis(axes, (0.0, 100.0), along="y")
    axes.tick_params(axis="y", labelleft=False)
    if part == "with":
        axes.fill(across, up, facecolor=colour_with(style), linewidth=0, zorder=2, gid="bars-i2-with")
    else:
        axes.plot(across, up, color=INK, linewidth=0.9, zorder=3, gid="bars-i2-without")
    _scale(axes, margin, along="x")


def _scale(axes, margin, *, along) -> None:
    """Let the fullest cell of either part fill the panel; counts stand in the table, so none are named."""
    most = float(margin[[name for name, _ in PARTS]].to_numpy().max())
    (axes.set_xlim if along == "x" else axes.set_ylim)(0.0, 1.06 * most)
    (axes.set_xticks if along == "x" else axes.set_yticks)([])
    axes.spines["bottom" if along == "x" else "left"].set_visible(False)


def _outline(margin, kind, column) -> tuple[list[float], list[float]]:
    """Return the outline of bars side by side: positions and counts, down to 0 where cells are not adjoining."""
    across, up, last = [], [], None
    for row in margin.itertuples():
        low, high, count = (float(getattr(row, name)) for name in (f"{kind}_lb", f"{kind}_ub", column))
        if last is None or low > last + 0.5 * (high - low):
            across += [low] if last is None else [last, low]
            up += [0.0] if last is None else [0.0, 0.0]
        across += [low, high]
        up += [count, count]
        last = high
    return [*across, last], [*up, 0.0]


def colour_with(style: Mapping[str, object]) -> str:
    """Return the colour of all bars of subsets with a study, which is none of the cloud's shades."""
    return str(style["colour_prediction"])


def _legend(shades) -> list[Entry]:
    """Name the shades by their counts."""
    words = []
    for place, (least, colour) in enumerate(shades):
        is_last = place + 1 == len(shades)
        most = None if is_last else shades[place + 1][0] - 1
        label = f"{least} or more" if is_last else f"{least}" if most == least else f"{least} to {most}"
        words.append(Entry(label=f"cell of {label} subsets" if place == 0 else label, is_area=True, fill=colour))
    return words


def cloud_words(cloud: pd.DataFrame, *, words: PlotWords) -> str:
    """Say in words where the cloud is densest with and without the study."""
    cells = cells_of(cloud, "cell")
    name, said = name_of(cells.iloc[0]), []
    for column, part in PARTS:
        top = cells.loc[cells[column].idxmax()]
        ends = " to ".join(shown(float(top[edge]), is_ratio=words.is_ratio) for edge in EDGES[:2])
        said.append(
            f"{part} it {inner(plain_text(words.measure_label))} {ends} and I² {top.i2_lb:g} to {top.i2_ub:g} %"
        )
    return f"A cloud of estimate by I² tells subsets with {name} from those without; densest are {', '.join(said)}."
