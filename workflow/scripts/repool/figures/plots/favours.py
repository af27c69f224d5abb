"""Whom the two sides of an axis favour, written below it on either side of no effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repool.figures.lettering import LINE_HEIGHT, measurer
from repool.figures.plots.canvas import wrapped
from repool.figures.words import plain_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

#: Ends of the names of the two texts, after the name of their axes.
ENDS = ("-favours-left", "-favours-right")
#: Distance of either text from no effect, in font sizes.
GAP = 0.7


def write_sides(axes: Axes, left: str, right: str) -> None:
    """Write whom values on the left and on the right favour; nothing where a side has no words.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Axes whose no effect is 0; `settle_sides` puts the texts below them once the axes stand.
    left, right : str
        As in "Favours peer support".
    """
    sides = plain_text(left), plain_text(right)
    if not all(sides):
        return
    look = {"fontsize": axes.xaxis.label.get_fontsize(), "va": "top", "clip_on": False, "parse_math": False}
    for end, text, align in zip(ENDS, (f"← {sides[0]}", f"{sides[1]} →"), ("right", "left"), strict=True):
        axes.text(0, 0, text, ha=align, linespacing=LINE_HEIGHT, gid=f"{axes.get_gid()}{end}", **look)


def side_texts(axes: Axes) -> list[Text]:
    """Return the texts of `write_sides`, the left one first."""
    return [text for text in axes.texts if (text.get_gid() or "").endswith(ENDS)]


def settle_sides(figure: Figure, *, margin: float) -> None:
    """Put the texts of all axes below the name of the axis, around no effect, within the page.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        With its axes in their places.
    margin : float
        What stays free at both edges of the page, in points.
    """
    for axes in figure.axes:
        if texts := side_texts(axes):
            _settle(figure, axes, texts, margin)


def _settle(figure, axes, texts, margin) -> None:
    """Put both texts side by side, or the right one below the left where the page is too narrow."""
    scale = 72 / figure.dpi
    size, width = texts[0].get_fontsize(), figure.get_size_inches()[0] * 72
    below = axes.xaxis.get_tightbbox(figure.canvas.get_renderer()).y0 * scale - 0.25 * size
    low, high = sorted(axes.get_xlim())
    at = axes.transData.transform((min(max(0.0, low), high), axes.get_ylim()[0]))[0] * scale
    inner, gap, measure = width - 2 * margin, GAP * size, measurer(figure, size=size)
    lines = [wrapped(figure, " ".join(text.get_text().split("\n")), width=inner, size=size) for text in texts]
    left, right = (max(map(measure, own)) for own in lines)
    is_beside = left + right + 2 * gap <= inner
    if is_beside:
        at = min(max(at, margin + left + gap), width - margin - right - gap)
    ends = max(at - gap, margin + left), min(at + gap, width - margin - right)
    tops = below, below - (0 if is_beside else len(lines[0]) * LINE_HEIGHT * size)
    for text, own, x, y in zip(texts, lines, ends, tops, strict=True):
        text.set_transform(_points(figure))
        text.set_text("\n".join(own))
        text.set_position((x, y))


def _points(figure):
    """Return what takes points from the lower left of the page to the screen."""
    from matplotlib.transforms import Affine2D

    return Affine2D().scale(1 / 72) + figure.dpi_scale_trans
