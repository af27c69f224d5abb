"""Words for the two sides of a plot of directions: which one favours arm 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repool.figures.forest_words import inner, plain_text
from repool.figures.plots.canvas import POINTS_PER_CM, measurer, wrapped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

    from repool.figures.plots.canvas import PlotWords

#: Up to so many studies each gets a number and a line in the key.
MOST_NUMBERED = 40
UNCLEAR = "No clear direction"


def sides_of(words: PlotWords, *, higher_is_better: bool) -> tuple[str, str]:
    """Return whom a direction for arm 1 and one for arm 2 favours, as in "Favours peer support".

    Parameters
    ----------
    words : PlotWords
        Says whom low and high values favour.
    higher_is_better : bool
        Whether high values favour arm 1.
    """
    low, high = (plain_text(whom) for whom in (words.favours_low, words.favours_high))
    first, second = (high, low) if higher_is_better else (low, high)
    return first or "Favours arm 1", second or "Favours arm 2"


def in_sentence(side: str) -> str:
    """Return a side for use inside a sentence: "Favours peer support" as "favours peer support"."""
    return inner(side)


def plural(side: str) -> str:
    """Return a side as what several studies do: "Favours peer support" as "favour peer support"."""
    said = in_sentence(side)
    return f"favour {said.removeprefix('favours ')}" if said.startswith("favours ") else said


def side_label(axes: Axes, words: PlotWords, style: Mapping[str, object]) -> str:
    """Return the name of an axis of effects, with whom its two sides favour on lines of their own."""
    sides = [plain_text(words.favours_low), plain_text(words.favours_high)]
    return "\n".join([words.measure_label, *two_sides(axes, *sides, style=style)])


def two_sides(axes: Axes, left: str, right: str, *, style: Mapping[str, object]) -> list[str]:
    """Return what lies to the left and to the right as one line, or as more where the figure is narrow."""
    if not (left and right):
        return []
    size, width = float(style["font_size"]), 0.8 * float(style["width_cm"]) * POINTS_PER_CM
    text = f"← {left}      {right} →"
    if measurer(axes.figure, size=size)(text) <= width:
        return [text]
    pieces = (wrapped(axes.figure, side, width=width, size=size) for side in (f"← {left}", f"{right} →"))
    return [line for piece in pieces for line in piece]
