"""How all figures write: inks, margins and lines, and texts measured and broken as the renderer draws them."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure

POINTS_PER_CM = 72 / 2.54
INK = "#1a1a1a"
QUIET_INK = "#555555"
#: Distance from one baseline to the next, and of the page's edge, in font sizes.
LINE_HEIGHT = 1.36
MARGIN = 0.7
#: From the top of a line to the baseline, in font sizes: DejaVu Sans' capitals are 0.73 high, and stand in its middle.
BASELINE = LINE_HEIGHT / 2 + 0.365
#: In points: widths are sums of rounded numbers, and a text as wide as its column must fit.
ROUNDING = 0.01


def measurer(figure: Figure, *, size: float, weight: str = "normal") -> Callable[[str], float]:
    """Return what measures the width of a text in points, as the renderer draws it."""
    return lambda text: _text_width(text, size, weight, float(figure.dpi))


@lru_cache(maxsize=8192)
def _text_width(text: str, size: float, weight: str, dpi: float) -> float:
    """Return the width of a text in points; kept, because the same names stand in many figures."""
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.font_manager import FontProperties

    renderer = RendererAgg(8, 8, dpi)
    font = FontProperties(size=size, weight=weight)
    return renderer.get_text_width_height_descent(text, font, ismath=False)[0] * 72 / dpi


def unbroken(text: str) -> list[str]:
    """Split a text where a line may end; a sign stays with its number, as in "k = 2" and "95 %"."""
    return re.split(r" (?![%=<−])(?<![=<−] )", text)


def wrap(text: str, *, width: float, measure: Callable[[str], float]) -> list[str]:
    """Break a text into lines no wider than `width`; a word wider than that is broken too.

    Parameters
    ----------
    text : str
        Words separated by spaces.
    width : float
        In the unit of `measure`.
    measure : callable
        Width of a text.

    Returns
    -------
    list of str
        At least one line, possibly blank.
    """
    lines, current = [], ""
    for word in unbroken(text):
        trial = f"{current} {word}" if current else word
        if measure(trial) <= width + ROUNDING:
            current = trial
            continue
        if current:
            lines.append(current)
        while len(word) > 1 and measure(word) > width + ROUNDING:
            lengths = range(1, len(word))
            fitting = bisect_right(lengths, width + ROUNDING, key=lambda n, w=word: measure(w[:n]))
            # A hyphen is a better place to break than the last letter that fits.
            cut = word.rfind("-", 0, fitting) + 1 or max(1, fitting)
            lines.append(word[:cut])
            word = word[cut:]
        current = word
    return [*lines, current] if current or not lines else lines
