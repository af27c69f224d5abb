"""Prediction intervals of the forest plot: as a bar, as a shade behind the studies, or as the distribution itself."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes

    from repool.figures.forest.lines import Line

#: Points of the curve of a distribution, and how far it reaches beyond the interval, in half widths.
CURVE_POINTS = 161
CURVE_REACH = 1.6
#: Share of the colour in the shade, and in the tails and the body of a distribution.
TINT = 0.18
TAIL_TINT = 0.25
BODY_TINT = 0.75


def prediction_density(line: Line) -> tuple[np.ndarray, np.ndarray]:
    """Return the curve of the distribution behind a prediction interval.

    Parameters
    ----------
    line : Line
        Of the kind "prediction": ends of the interval on the analysis scale, its level, and the degrees of freedom
        of the t distribution (infinite for the normal one).

    Returns
    -------
    tuple of numpy.ndarray
        Places on the analysis scale and heights, 1 at the top, shape (`CURVE_POINTS`,) each.

    Notes
    -----
    The interval of Higgins, Thompson & Spiegelhalter (2009, J R Stat Soc A 172, 137-159) is the centre plus and minus
    a quantile times a spread; the curve has that centre and that spread, so that its share between the ends is the
    level. Nothing is estimated: the table gives the ends, the level and the distribution.
    """
    import numpy as np
    from scipy.special import ndtri, stdtrit

    centre, half = (line.low + line.high) / 2, (line.high - line.low) / 2
    quantile = ndtri(0.5 + line.level / 2) if math.isinf(line.df) else stdtrit(line.df, 0.5 + line.level / 2)
    places = np.linspace(centre - CURVE_REACH * half, centre + CURVE_REACH * half, CURVE_POINTS)
    z = quantile * (places - centre) / half
    heights = np.exp(-z * z / 2) if math.isinf(line.df) else (1 + z * z / line.df) ** (-(line.df + 1) / 2)
    return places, heights


def draw_distribution(axes: Axes, line: Line, *, base: float, height: float, limits, colour: str, edge: float) -> None:
    """Draw the distribution behind a prediction interval, darker between its ends.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Analysis scale across; points from the top of the page down.
    line : Line
        The prediction interval.
    base, height : float
        Foot and height of the curve, in points.
    limits : tuple of float
        Ends of the axis; the curve stops there.
    colour : str
        Colour of prediction intervals.
    edge : float
        Width of the curve, in points.
    """
    places, heights = prediction_density(line)
    inside = (places >= limits[0]) & (places <= limits[1])
    if not inside.any():
        return
    # The ends of the interval are points of the curve up to rounding.
    span = (line.high - line.low) * 1e-9
    within = ((places >= line.low - span) & (places <= line.high + span))[inside]
    places, tops = places[inside], base - height * heights[inside]
    area = {"color": colour, "linewidth": 0}
    axes.fill_between(places, base, tops, alpha=TAIL_TINT, gid=f"prediction-tails-{line.key}", **area)
    axes.fill_between(places, base, tops, where=within, alpha=BODY_TINT, gid=f"prediction-body-{line.key}", **area)
    axes.plot(places, tops, color=colour, linewidth=edge, zorder=3, gid=f"prediction-curve-{line.key}")


def draw_shade(axes: Axes, line: Line, *, top: float, bottom: float, limits, colour: str, edge: float) -> None:
    """Draw a prediction interval as a band behind the studies.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Analysis scale across; points from the top of the page down.
    line : Line
        The prediction interval.
    top, bottom : float
        Ends of the band, in points.
    limits : tuple of float
        Ends of the axis.
    colour : str
        Colour of prediction intervals.
    edge : float
        Width of the dashed ends, in points.
    """
    from matplotlib.patches import Rectangle

    left, right = max(line.low, limits[0]), min(line.high, limits[1])
    if left >= right:
        return
    look = {"facecolor": colour, "alpha": TINT, "linewidth": 0, "zorder": 0}
    axes.add_patch(Rectangle((left, top), right - left, bottom - top, gid=f"prediction-shade-{line.key}", **look))
    # Dashed ends show the band where its tint is lost in print.
    dashed = {"color": colour, "linewidth": edge, "linestyle": (0, (3, 2)), "zorder": 1}
    for side, value in (("left", line.low), ("right", line.high)):
        if limits[0] <= value <= limits[1]:
            axes.plot([value] * 2, [top, bottom], gid=f"prediction-end-{side}-{line.key}", **dashed)
