"""Canvas that all plots share: size, title, legend, key and notes around one or more axes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from repool.figures.axis import axis_ticks
from repool.figures.lettering import INK, LINE_HEIGHT, QUIET_INK, measurer, wrap
from repool.figures.plots.pointing import place_numbers
from repool.figures.words import plain_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from repool.figures.plots.pointing import Point

GRID = "#cccccc"
# Okabe and Ito's palette, its darker half: told apart by people who do not see red or green.
BLUE = "#0072b2"
VERMILION = "#d55e00"
GREEN = "#009e73"
PURPLE = "#a0527f"
#: No text is smaller, in points: journals ask for 6 or more.
LEAST_TEXT = 6.0


@dataclass(frozen=True, kw_only=True)
class PlotWords:
    """What a plot says about its analysis.

    Parameters
    ----------
    title : str
        Title of the analysis.
    measure : str
        metafor's code, for example "OR".
    measure_label : str
        The measure in words, for example "Odds ratio".
    is_ratio : bool
        Whether values are logarithms that are shown as ratios.
    favours_low, favours_high : str
        Whom values below and above no effect favour; "" when the measure has no such value.
    level : float
        Level of the intervals, between 0 and 1.
    """

    title: str
    measure: str
    measure_label: str
    is_ratio: bool
    favours_low: str
    favours_high: str
    level: float


@dataclass(frozen=True, kw_only=True)
class Plot:
    """A drawn figure with the words that stand for it where it is not seen."""

    figure: Figure
    alternative: str
    note: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of a legend: a marker, a line or a filled area, and what it means."""

    label: str
    marker: str = ""
    line: str = ""
    colour: str = INK
    fill: str = "none"
    is_area: bool = False
    size: float = 5.0
    width: float = 1.2


def small(style: Mapping[str, object]) -> float:
    """Return the size of small text in points, never below the least that can be read."""
    return max(LEAST_TEXT, 0.86 * float(style["font_size"]))


def new_figure(style: Mapping[str, object], *, height_cm: float) -> tuple[Figure, Axes]:
    """Return a figure of the review's width with one pair of axes; call inside `figure_style()`.

    Parameters
    ----------
    style : mapping
        "width_cm" and "font_size" of the review's figures.
    height_cm : float
        Height of the axes with their labels; title, legend, key and notes come on top of it.
    """
    figure, (axes,) = new_panels(style, height_cm=height_cm, places=[(0.0, 0.0, 1.0, 1.0)])
    axes.set_gid("plot")
    return figure, axes


def new_panels(
    style: Mapping[str, object], *, height_cm: float, places: Sequence[tuple[float, float, float, float]]
) -> tuple[Figure, list[Axes]]:
    """Return a figure with several axes, called panel-0, panel-1 and so on.

    Parameters
    ----------
    style, height_cm
        See `new_figure`.
    places : sequence of (left, bottom, width, height)
        Shares of the area that is left for the axes, as `finish` finds it.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(float(style["width_cm"]) / 2.54, height_cm / 2.54))
    FigureCanvasAgg(figure)
    figure.set_gid("figure")
    axes = []
    for index, place in enumerate(places):
        one = figure.add_axes(place, gid=f"panel-{index}")
        one.tick_params(labelsize=small(style), pad=2.5, width=0.7, length=3)
        for label in (one.xaxis.label, one.yaxis.label):
            label.set_fontsize(float(style["font_size"]))
        for side in ("left", "bottom"):
            one.spines[side].set_visible(True)
        axes.append(one)
    return figure, axes


def ratio_axis(axes: Axes, limits: tuple[float, float], *, along: str = "x") -> None:
    """Name sensible ratios on an axis of natural logarithms; keep the limits as they are given.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Axes of `new_figure` or `new_panels`.
    limits : tuple of float
        Ends of the axis, as logarithms; the first may be the larger.
    along : {"x", "y"}
        Which axis.
    """
    _named_axis(axes, limits, along=along, is_ratio=True)


def number_axis(axes: Axes, limits: tuple[float, float], *, along: str = "x") -> None:
    """Name round values on an axis of plain numbers; like `ratio_axis` otherwise."""
    _named_axis(axes, limits, along=along, is_ratio=False)


def effect_axis(
    axes: Axes, words: PlotWords, limits: tuple[float, float], *, along: str = "x", is_named: bool = True
) -> None:
    """Name the values of the effect measure on an axis, and below a horizontal one whom they favour.

    Parameters
    ----------
    axes, limits, along
        See `ratio_axis`.
    words : PlotWords
        What the values are, and whom they favour.
    is_named : bool
        False where another panel has the same axis and names it.
    """
    from repool.figures.plots.favours import write_sides

    (ratio_axis if words.is_ratio else number_axis)(axes, limits, along=along)
    if not is_named:
        axes.tick_params(axis=along, labelbottom=False, labelleft=False)
        return
    if along == "y":
        axes.set_ylabel(plain_text(words.measure_label))
        return
    axes.set_xlabel(plain_text(words.measure_label), linespacing=LINE_HEIGHT)
    write_sides(axes, words.favours_low, words.favours_high)


def _named_axis(axes, limits, *, along, is_ratio) -> None:
    """Set the ends of an axis and as many round values as fit beside each other."""
    size = float(axes.xaxis.get_tick_params()["labelsize"])
    measure = measurer(axes.figure, size=size)
    wide, high = axes.figure.get_size_inches() * 72
    place = axes.get_position(original=True)
    length = 0.82 * (wide * place.width if along == "x" else high * place.height)

    def least_gap(left: str, right: str) -> float:
        return (measure(left) + measure(right)) / 2 + 1.5 * size if along == "x" else 2.2 * size

    low, high = sorted(limits)
    ticks = axis_ticks((low, high), is_ratio=is_ratio, least_gap=least_gap, scale=length / (high - low))
    axis = axes.xaxis if along == "x" else axes.yaxis
    axis.set_ticks([at for at, _ in ticks], labels=[text for _, text in ticks])
    (axes.set_xlim if along == "x" else axes.set_ylim)(limits)


def finish(
    figure: Figure,
    label: str,
    *,
    style: Mapping[str, object],
    title: str = "",
    subtitle: str = "",
    legend: Sequence[Entry] = (),
    key: Sequence[tuple[str, str]] = (),
    notes: Sequence[str] = (),
    points: Sequence[Point] = (),
    lines: Sequence[tuple] = (),
) -> None:
    """Put the words around the axes, set the height of the figure and number its points.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        From `new_figure` or `new_panels`, with everything drawn in its axes; call this once.
    label : str
        Title of the file, for those who do not see it.
    style : mapping
        As for `new_figure`.
    title, subtitle : str
        Above the axes, bold and plain.
    legend : sequence of Entry
        Below the axes, side by side as far as they fit.
    key : sequence of (number, label)
        Below the legend, in as many columns as fit.
    notes : sequence of str
        At the foot, in small letters.
    points : sequence of Point
        Points that get their number beside them, never over each other.
    lines : sequence of (axes, start, end)
        Straight lines in data coordinates that the numbers keep off where they can.
    """
    from repool.figures.plots.surroundings import Surroundings

    figure.set_label(plain_text(label))
    around = Surroundings(figure, style=style)
    around.paragraph(plain_text(title), gid="title", size=float(style["font_size"]), weight="bold")
    around.paragraph(plain_text(subtitle), gid="subtitle", size=small(style), colour=QUIET_INK)
    around.leave_room_for_axes()
    around.legend(legend)
    around.key(key)
    for index, note in enumerate(notes):
        around.paragraph(plain_text(note), gid=f"note-{index}", size=small(style), colour=QUIET_INK)
    around.place()
    place_numbers(figure, points, size=small(style), lines=lines)


def wrapped(figure: Figure, text: str, *, width: float, size: float, weight: str = "normal") -> list[str]:
    """Return a text as lines no wider than so many points."""
    return wrap(text, width=width, measure=measurer(figure, size=size, weight=weight))


def padded(values: Sequence[float], *, share: float = 0.05) -> tuple[float, float]:
    """Return the ends of the finite values with some room on both sides.

    Raises
    ------
    ValueError
        When no value is finite.
    """
    finite = [float(value) for value in values if math.isfinite(value)]
    if not finite:
        raise ValueError("there is no finite value to draw")
    low, high = min(finite), max(finite)
    room = share * (high - low) or 0.5 * abs(high) or 0.5
    return low - room, high + room
