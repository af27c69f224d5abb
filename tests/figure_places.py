"""Where the marks of a figure lie, read by its ticks, and where the tables put them."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from figure_cells import LISTS, key_rows, list_rows, result_rows
from figure_numbers import plain
from figure_sources import Figure
from figure_svg import middle
from printed_numbers import value_of

from repool.effects.measure_words import RATIO_MEASURES

#: How far a mark may lie from where its table puts it, as a share of the span of the ticks.
ROOM = 0.005
#: How far the number of a study may stand from its point, in points of the page.
FARTHEST = 40.0
#: Axes that no value lies on: named groups and places in a list.
NAMED = {("specification", "panel-1"), ("harvest", "panel-0")}
#: Figures of points, with the columns of both axes; of effects where they are on the scale of the measure.
POINTS = {
    "funnel": ("yi", "se"),
    "baujat": ("baujat_heterogeneity", "baujat_pull"),
    "bubble": ("x", "yi"),
    "labbe": ("risk_arm2", "risk_arm1"),
}


class Axis:
    """The line through the ticks of an axis, from places to values, those of a log scale as logarithms."""

    def __init__(self, ticks, *, is_log=None):
        self.places = np.array([place for place, _ in ticks])
        values = np.array([value_of(plain(label).removesuffix(" %")) for _, label in ticks])
        tries = [False, True] if is_log is None else [is_log]
        fits = [self._fitted(np.log(values) if log else values) for log in tries if not log or values.min() > 0]
        self.off, self.slope, self.start = min(fits, key=lambda fit: fit[0], default=(math.inf, math.nan, math.nan))
        self.span = float(np.ptp(self.places))

    def _fitted(self, values):
        slope, start = np.polyfit(values, self.places, 1)
        return float(np.abs(start + slope * values - self.places).max()), slope, start

    @property
    def is_straight(self) -> bool:
        """Whether every tick stands where its label says."""
        return self.off <= ROOM * self.span

    def at(self, value: float) -> float:
        """Return the place of a value; of its logarithm on a log scale."""
        return self.start + self.slope * value

    def holds(self, place: float, value: float) -> bool:
        """Whether a mark at a place shows a value."""
        return abs(place - self.at(value)) <= ROOM * self.span


def ticks_of(figure: Figure) -> Iterator[tuple[str, Axis]]:
    """Yield name and line of every axis with values."""
    for (panel, along), ticks in figure.svg.ticks.items():
        if (figure.name, panel) in NAMED:
            continue
        if figure.name == "albatross" and along == "x":
            # p-values fall towards both sides of 1.
            half = [label for _, label in ticks].index("1")
            yield f"{panel} left", Axis(ticks[: half + 1], is_log=True)
            yield f"{panel} right", Axis(ticks[half:], is_log=True)
            continue
        if figure.name == "influence" and along == "x":
            continue
        yield f"{panel} {along}", Axis(ticks)


def effect_axis(figure: Figure, measure: str, *, along: str = "x", panel: str = "plot") -> Axis:
    """Return the axis of effects; no effect is a tick too, so that two labels cannot both be wrong."""
    is_ratio = measure in RATIO_MEASURES
    ticks = list(figure.svg.ticks[panel, along])
    null = figure.svg.marks.get("no-effect-line")
    if null and along == "x":
        ticks.append((null[0][0][0], "1" if is_ratio else "0"))
    return Axis(ticks, is_log=is_ratio)


def shifted(figure: Figure, measure: str) -> Iterator[str]:
    """Yield the gids of marks that do not lie where the tables put them."""
    if figure.is_forest:
        yield from _forest(figure, measure)
    elif figure.name in LISTS - {"effect_direction"}:
        yield from _list(figure, measure)
    elif figure.name in POINTS:
        yield from _points(figure, measure)
    elif figure.name == "orchard":
        axis = effect_axis(figure, measure)
        for row in figure.tables["effects"]:
            found = figure.svg.marks.get(f"effect-{row['result_id']}")
            if found and not axis.holds(middle(found[0])[0], float(row["yi"])):
                yield f"effect-{row['result_id']}"


def _forest(figure, measure):
    axis, marks = effect_axis(figure, measure), figure.svg.marks
    for row in drawn_rows(figure):
        name = row["result_id"]
        if f"square-{name}" in marks and not axis.holds(middle(marks[f"square-{name}"][0])[0], float(row["yi"])):
            yield f"square-{name}"
        yield from _ends(figure, axis, f"whisker-{name}", row["ci_lb"], row["ci_ub"])
    for key, (row, *_) in result_rows(figure).items():
        kind = "subtotal-diamond" if key.startswith("group-") else "diamond"
        yield from _diamond(figure, axis, f"{kind}-{key}", row)
        yield from _ends(figure, axis, f"prediction-bar-{key}", row.get("pi_lb"), row.get("pi_ub"))


def drawn_rows(figure: Figure) -> list[dict[str, str]]:
    """Return the row of each effect of a forest plot: by the preferred reading, at the first step that has it."""
    rows = sorted(figure.tables["forest"], key=lambda row: int(row["step_order"]))
    rows = [row for row in rows if row["reading"] == "preferred"]
    return list({row["result_id"]: row for row in reversed(rows)}.values())


def _list(figure, measure):
    axis, marks = effect_axis(figure, measure), figure.svg.marks
    for key, row in list_rows(figure).items():
        found = marks.get(f"mark-{key}")
        if found and len(found[0]) == 1 and not axis.holds(found[0][0][0], float(row["estimate"])):
            yield f"mark-{key}"
        elif found and len(found[0]) > 1:
            yield from _diamond(figure, axis, f"mark-{key}", row)
        yield from _ends(figure, axis, f"whisker-{key}", row["ci_lb"], row["ci_ub"])


def _diamond(figure, axis, gid, row):
    """Yield a diamond whose corners are not a row's limits or whose tips are not its estimate."""
    yield from _ends(figure, axis, gid, row["ci_lb"], row["ci_ub"])
    # One that goes on beyond the plot is cut, and its tips may be cut with it.
    edges = [x for x, _ in figure.svg.marks["plot"][0]]
    is_whole = all(min(edges) <= axis.at(float(row[end])) <= max(edges) for end in ("ci_lb", "ci_ub") if row[end])
    tip = min(figure.svg.marks.get(gid, [[]])[0], key=lambda point: point[1], default=None)
    if tip and is_whole and not axis.holds(tip[0], float(row["estimate"])):
        yield gid


def _ends(figure, axis, gid, low, high):
    """Yield a gid whose ends are not a row's limits; an end at the edge of the plot stands for what lies beyond."""
    found = figure.svg.marks.get(gid)
    if not found or not low or not high:
        return
    left, right = (pick(x for x, _ in found[0]) for pick in (min, max))
    edges = [x for x, _ in figure.svg.marks["plot"][0]]
    for place, value, edge, side in ((left, float(low), min(edges), -1), (right, float(high), max(edges), 1)):
        goes_on = side * (axis.at(value) - edge) > 0
        reaches = side * (place - edge) >= -ROOM * axis.span
        if not (reaches if goes_on else axis.holds(place, value)):
            yield gid


def _points(figure, measure):
    """Yield the numbers of the studies for which no point lies where both columns put it."""
    across, down = POINTS[figure.name]
    x = effect_axis(figure, measure) if across == "yi" else Axis(figure.svg.ticks["plot", "x"])
    y = effect_axis(figure, measure, along="y") if down == "yi" else Axis(figure.svg.ticks["plot", "y"])
    points = [middle(found) for found in figure.svg.marks["studies"]]
    rows = key_rows(figure)
    if len(points) != len(rows):
        yield f"{len(points)} points of {len(rows)} studies"
    for number, row in enumerate(rows, start=1):
        cells = row if figure.name != "labbe" else row | _risks(row)
        here = [p for p in points if x.holds(p[0], float(cells[across])) and y.holds(p[1], float(cells[down]))]
        # The number of a study stands beside its point, or is joined to it by a line.
        label = figure.svg.places[f"study-{number - 1}-number"]
        if not here or min(math.dist(label, p) for p in here) > FARTHEST:
            yield f"study {number}"


def _risks(row):
    risks = {f"risk_arm{i}": float(row[f"events_arm{i}"]) / float(row[f"n_arm{i}"]) for i in (1, 2)}
    return {name: 1 - risk if row["flip"] == "-1" else risk for name, risk in risks.items()}
