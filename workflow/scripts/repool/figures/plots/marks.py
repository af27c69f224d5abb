"""Studies as points: their marks, their numbers and the key that names them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repool.figures.plots.canvas import Entry
from repool.figures.plots.pointing import Point
from repool.figures.plots.tables import MOST_NUMBERED, name_of, unnumbered_note

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes

#: Largest and smallest diameter of a mark whose area shows a weight, in points.
LARGEST, SMALLEST = 15.0, 3.4


def mark_studies(
    axes: Axes, studies: pd.DataFrame, *, x: str, y: str, colour: object, size: float
) -> tuple[list[Point], list[tuple[str, str]], list[Entry], str]:
    """Draw one filled circle of equal size per study.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Where to draw.
    studies : pandas.DataFrame
        One row per study with "label" or "study_id".
    x, y : str
        Columns of the coordinates.
    colour : str
        Fill of the circles; their edge is white, so that one on another is seen.
    size : float
        Diameter in points.

    Returns
    -------
    tuple
        Points to number, key, legend entry, and a note where there are too many points to number.
    """
    axes.plot(
        studies[x], studies[y], marker="o", linestyle="none", markersize=size, color=str(colour),
        markeredgecolor="white", markeredgewidth=0.4, gid="studies", zorder=5, clip_on=False,
    )  # fmt: skip
    points, key = number_studies(axes, studies, x=x, y=y, radii=[size / 2] * len(studies))
    legend = [Entry(label="study", marker="o", fill=str(colour), colour="white", size=size + 1)]
    return points, key, legend, unnumbered_note(len(studies))


def number_studies(
    axes: Axes,
    studies: pd.DataFrame,
    *,
    x: str,
    y: str,
    radii: Sequence[float],
    chosen: Sequence[bool] | None = None,
    most: int = MOST_NUMBERED,
    is_above: bool = False,
) -> tuple[list[Point], list[tuple[str, str]]]:
    """Return the points to number by their place in the table, and the key.

    Parameters
    ----------
    axes, studies, x, y
        See `mark_studies`.
    radii : sequence of float
        Half the size of each mark, in points.
    chosen : sequence of bool, optional
        The studies to number where there are more than `most`; none by default.
    most : int
        Up to so many studies all are numbered.
    is_above : bool
        Whether numbers stand over their points only.
    """
    everyone = len(studies) <= most
    rows = list(studies.itertuples())
    is_numbered = [everyone or (chosen is not None and bool(chosen[i])) for i in range(len(rows))]
    if sum(is_numbered) == 0 or sum(is_numbered) > most:
        return [], []
    points = [
        Point(
            axes=axes, x=float(getattr(row, x)), y=float(getattr(row, y)), text=str(i + 1) if is_numbered[i] else "",
            gid=f"study-{i}", radius=radii[i], is_above=is_above,
        )
        for i, row in enumerate(rows)
    ]  # fmt: skip
    return points, [(str(i + 1), name_of(row)) for i, row in enumerate(rows) if is_numbered[i]]


def diameters(weights: Sequence[float]) -> list[float]:
    """Return diameters in points whose areas are proportional to weights, except for the very smallest."""
    heaviest = max(weights, default=0.0)
    if heaviest <= 0:
        return [SMALLEST for _ in weights]
    return [max(SMALLEST, LARGEST * (max(0.0, float(weight)) / heaviest) ** 0.5) for weight in weights]


def mark_sized(
    axes: Axes, studies: pd.DataFrame, *, x: str, y: str, weights: Sequence[float], colour: object
) -> tuple[list[Point], list[tuple[str, str]], str]:
    """Draw one circle per study, its area proportional to a weight, the largest first.

    Returns
    -------
    tuple
        Points to number, key, and a note on points without numbers or marks that are too large.
    """
    sizes = diameters(weights)
    order = sorted(range(len(studies)), key=lambda i: (-sizes[i], i))
    axes.scatter(
        [float(studies[x].iloc[i]) for i in order], [float(studies[y].iloc[i]) for i in order],
        s=[sizes[i] ** 2 for i in order], facecolor=str(colour), edgecolor="white", linewidth=0.4, alpha=0.8,
        gid="studies", zorder=4, clip_on=False,
    )  # fmt: skip
    points, key = number_studies(axes, studies, x=x, y=y, radii=[size / 2 for size in sizes])
    enlarged = "The smallest marks are drawn larger than their share, so that they are seen."
    notes = [unnumbered_note(len(studies)), enlarged if SMALLEST in sizes else ""]
    return points, key, " ".join(text for text in notes if text)
