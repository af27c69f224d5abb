"""Axis of a plot: how far it reaches and which values it names."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from repool.effects.measure_words import ONE_GROUP_MEASURES

if TYPE_CHECKING:
    from repool.figures.forest.content import Forest

#: The widest ratio axis that is drawn: 1/100 to 100.
WIDEST_LOG_REACH = math.log(100)
#: An interval is clipped where it reaches this many times further than the upper fifth begins.
CLIP_FACTOR = 2.0
CLIP_QUANTILE = 0.8
#: Fewer values than this on a ratio axis do not show its scale.
FEWEST_TICKS = 3


def axis_limits(forest: Forest) -> tuple[float, float]:
    """Choose the ends of the axis on the analysis scale.

    Parameters
    ----------
    forest : Forest
        What is to be drawn.

    Returns
    -------
    tuple of float
        Left and right end. No effect, the estimates and the intervals lie between them, except that
        no ratio beyond 1/100 or 100 is covered and that intervals far wider than most are clipped.
    """
    drawn = [line for line in forest.lines if line.low is not None or line.estimate is not None]
    estimates = [line.estimate for line in drawn if line.estimate is not None]
    if not estimates:
        return -1.0, 1.0
    centre = 0.0 if has_no_effect_line(forest) else sorted(estimates)[len(estimates) // 2]
    ends = [e - centre for s in drawn for e in (s.low, s.high) if e is not None]
    study_ends = [abs(e - centre) for s in forest.studies for e in (s.low, s.high) if e is not None]
    furthest = 1.1 * max(abs(e - centre) for e in estimates)
    cap = max(CLIP_FACTOR * _quantile(study_ends, CLIP_QUANTILE), furthest)
    if forest.is_ratio:
        cap = min(cap, WIDEST_LOG_REACH)
    reach = [*ends, *(e - centre for e in estimates)]
    left, right = (min(cap, max(0.0, *(sign * r for r in reach))) for sign in (-1, 1))
    # Both sides keep room for the words under the axis that say whom it favours.
    left, right = max(left, 0.3 * right), max(right, 0.3 * left)
    if left == right == 0:
        left = right = 1.0
    return centre - 1.05 * left, centre + 1.05 * right


def has_no_effect_line(forest: Forest) -> bool:
    """Whether a value of the measure means "no effect"."""
    return forest.measure not in ONE_GROUP_MEASURES


def _quantile(values: list[float], share: float) -> float:
    """Return the value below which a share of the finite values lies; 0 when there are none."""
    ranked = sorted(value for value in values if math.isfinite(value))
    if not ranked:
        return 0.0
    position = share * (len(ranked) - 1)
    below = math.floor(position)
    above = min(below + 1, len(ranked) - 1)
    return ranked[below] + (position - below) * (ranked[above] - ranked[below])


def axis_ticks(
    limits: tuple[float, float],
    *,
    is_ratio: bool,
    least_gap: Callable[[str, str], float],
    scale: float,
) -> list[tuple[float, str]]:
    """Choose the values to name on the axis, as many as fit side by side.

    Parameters
    ----------
    limits : tuple of float
        Ends of the axis on the analysis scale.
    is_ratio : bool
        Whether the axis shows ratios of the analysis scale's logarithms.
    least_gap : callable
        Distance in points that the middles of two neighbouring labels need.
    scale : float
        Points per unit of the analysis scale.

    Returns
    -------
    list of tuple
        Position on the analysis scale and label, from left to right. A ratio axis names 1 and, in
        pairs of a ratio and its reciprocal, 10, 5, 2 and their decades; a range too short for
        these gets evenly spaced ratios.
    """

    def fits(ticks):
        ordered = sorted(ticks)
        return all(
            (right - left) * scale >= least_gap(left_label, right_label)
            for (left, left_label), (right, right_label) in zip(ordered, ordered[1:], strict=False)
        )

    if is_ratio:
        ticks = _paired_ticks(limits, fits=fits)
        if len(ticks) >= FEWEST_TICKS:
            return ticks
    return _even_ticks(limits, is_ratio=is_ratio, fits=fits)


def _paired_ticks(limits, *, fits) -> list[tuple[float, str]]:
    """Return 1 and as many of 10, 5, 2 and their decades with their reciprocals as fit."""
    low, high = limits
    ticks = [(0.0, "1")]
    for first in (10, 5, 2):
        for decade in (1, 10):
            pair = [(sign * math.log(first * decade), first * decade) for sign in (-1, 1)]
            more = [(at, plain_number(ratio if at > 0 else 1 / ratio)) for at, ratio in pair if low <= at <= high]
            if fits(ticks + more):
                ticks += more
    # Where too few pairs fit, one of a pair is better than none.
    low_end, high_end = math.exp(low), math.exp(high)
    for first in (10, 5, 2) if len(ticks) < FEWEST_TICKS else ():
        for ratio in (first, 1 / first, 10 * first, 1 / (10 * first)):
            one = (math.log(ratio), plain_number(ratio))
            if low_end <= ratio <= high_end and one not in ticks and fits([*ticks, one]):
                ticks.append(one)
    return sorted(ticks)


def _even_ticks(limits, *, is_ratio, fits) -> list[tuple[float, str]]:
    """Return evenly spaced round values, as many as fit."""
    from matplotlib.ticker import MaxNLocator

    low, high = (math.exp(e) for e in limits) if is_ratio else limits
    ticks: list[tuple[float, str]] = []
    for count in range(8, 0, -1):
        values = MaxNLocator(nbins=count, steps=[1, 2, 5, 10]).tick_values(low, high)
        inside = [float(v) for v in values if low <= v <= high and (v > 0 or not is_ratio)]
        ticks = [(math.log(v) if is_ratio else v, plain_number(v)) for v in inside]
        if fits(ticks):
            break
    return ticks


def plain_number(value: float) -> str:
    """Return a round number without exponent or needless zeros, with a true minus sign."""
    text = f"{value:.10f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text.replace("-", "−")
