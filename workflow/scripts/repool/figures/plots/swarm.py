"""Places of circles on both sides of a line, so that none covers another; without chance."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def swarm_offsets(places: Sequence[float], radii: Sequence[float], *, gap: float) -> list[float]:
    """Return how far above or below the line each circle stands.

    Parameters
    ----------
    places, radii : sequence of float
        Middles along the line and radii, in points.
    gap : float
        Least distance between two circles, in points.

    Returns
    -------
    list of float
        Offsets, negative below the line. Large circles are placed first, each as near to the line as it can be.
    """
    order = sorted(range(len(places)), key=lambda index: (-radii[index], places[index], index))
    offsets = [0.0] * len(places)
    placed: list[int] = []
    for index in order:
        near = [
            (other, radii[index] + radii[other] + gap)
            for other in placed
            if abs(places[index] - places[other]) < radii[index] + radii[other] + gap
        ]
        tries = [0.0]
        for other, least in near:
            # Touching the other circle from above or from below.
            step = math.sqrt(least**2 - (places[index] - places[other]) ** 2)
            tries += [offsets[other] + step, offsets[other] - step]
        tries.sort(key=lambda offset: (abs(offset), -offset))
        offsets[index] = next(offset for offset in tries if _is_free(index, offset, near, places, offsets))
        placed.append(index)
    return offsets


def _is_free(index, offset, near, places, offsets) -> bool:
    """Whether a circle at an offset keeps its distance from all others; touching is allowed."""
    return all(
        math.hypot(places[index] - places[other], offset - offsets[other]) >= least - 1e-6 for other, least in near
    )
