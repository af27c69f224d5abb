"""Marks of the committed figures lie where their tables put them, and ticks where their labels say."""

import functools
import math
from dataclasses import replace
from pathlib import Path

import pytest
from figure_places import Axis, drawn_rows, shifted, ticks_of
from figure_sources import figures_of
from figure_svg import middle

from repool import files

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = [ROOT, *(path.parent for path in sorted((ROOT / "examples").glob("*/results")))]
BCG = ROOT / "examples" / "bcg"
MAGNESIUM = ROOT / "examples" / "magnesium"


@functools.cache
def drawn(folder):
    """Return the figures of a review and the measure of each analysis."""
    plan = files.read_rows(folder / "config" / "analyses.csv")
    return list(figures_of(folder)), {row["analysis"]: row["measure"] for row in plan}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_ticks_stand_where_their_labels_say(folder):
    axes = [(figure, name, axis) for figure in drawn(folder)[0] for name, axis in ticks_of(figure)]
    assert axes
    assert [(figure.analysis, figure.name, name) for figure, name, axis in axes if not axis.is_straight] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_marks_lie_where_their_tables_put_them(folder):
    figures, measures = drawn(folder)
    found = [(figure, list(shifted(figure, measures.get(figure.analysis, "")))) for figure in figures]
    assert [(figure.analysis, figure.name, gids) for figure, gids in found if gids] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_square_stands_in_the_row_of_its_study(folder):
    for figure in drawn(folder)[0]:
        if figure.is_forest:
            names = [row["result_id"] for row in drawn_rows(figure)]
            names = [name for name in names if f"square-{name}" in figure.svg.marks]
            down = {name: middle(figure.svg.marks[f"square-{name}"][0])[1] for name in names}
            assert sorted(names, key=down.get) == sorted(names, key=lambda name: figure.svg.places[f"row-{name}"][1])


@pytest.mark.parametrize(
    ("folder", "name", "table", "columns"),
    [
        (BCG, "forest", "forest", ("yi", "ci_lb", "ci_ub")),
        (BCG, "forest_jama", "pooled", ("ci_lb", "ci_ub", "pi_lb")),
        (BCG, "funnel", "funnel", ("yi", "se")),
        (BCG, "bubble", "bubble", ("x", "yi")),
        (BCG, "labbe", "effects", ("events_arm1", "n_arm2")),
        (BCG, "same_result", "same_result", ("estimate", "ci_lb")),
        (BCG, "orchard", "effects", ("yi",)),
        (MAGNESIUM, "leave_one_out", "leave_one_out", ("estimate", "ci_lb", "ci_ub")),
        (MAGNESIUM, "cumulative", "cumulative", ("estimate",)),
        (MAGNESIUM, "baujat", "influence", ("baujat_heterogeneity", "baujat_pull")),
    ],
)
def test_a_mark_that_lies_elsewhere_is_noticed(folder, name, table, columns):
    figures, measures = drawn(folder)
    figure = next(one for one in figures if one.name == name)
    rows = figure.tables[table]
    for column in columns:
        # The first row that is drawn, moved by a fifth and by a fifth of one.
        place = next(i for i, row in enumerate(rows) if row[column] and not is_aside(figure, row))
        moved = [dict(row) for row in rows]
        moved[place][column] = repr(1.2 * float(rows[place][column]) + 0.2)
        other = replace(figure, tables=figure.tables | {table: moved})
        assert list(shifted(other, measures[figure.analysis])), column


def is_aside(figure, row):
    """Whether a row is of another kind than what is drawn as a study."""
    return row.get("element", "effect") != "effect" or row.get("row", "effect") not in ("effect", "subgroup")


@pytest.mark.parametrize(("ticks", "is_straight"), [([1, 2, 5], True), ([1, 2, 6], False), ([1, 3, 5], False)])
def test_a_wrong_label_bends_an_axis(ticks, is_straight):
    # The ticks 1, 2 and 5 of a log scale of 100 points from 1 to 10.
    places = [100 * math.log10(value) for value in (1, 2, 5)]
    axis = Axis([(place, str(label)) for place, label in zip(places, ticks, strict=True)])
    assert axis.is_straight is is_straight


def test_a_changed_digit_of_a_ticks_label_is_noticed():
    for figure in [*drawn(BCG)[0], *drawn(MAGNESIUM)[0]]:
        for (panel, along), ticks in figure.svg.ticks.items():
            if len(ticks) > 2 and (figure.name, along) not in {("influence", "x"), ("specification", "x")}:
                place, label = ticks[1]
                at = next((at for at, letter in enumerate(label) if letter in "123456789"), len(label) - 1)
                wrong = f"{label[:at]}{(int(label[at]) + 1) % 10}{label[at + 1 :]}"
                changed = {(panel, along): [ticks[0], (place, wrong), *ticks[2:]]}
                other = replace(figure, svg=replace(figure.svg, ticks=changed))
                assert not all(axis.is_straight for _, axis in ticks_of(other)), (figure.name, panel, along, label)
