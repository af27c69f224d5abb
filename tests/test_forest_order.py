"""Studies stand in the order that the review chose, numbers in their labels sorted as numbers."""

import pytest
from forest_case import by_setting, draw, study, tables
from forest_picture import depth

from repool.figures.forest.order import natural, ordered

ROWS = [
    {"label": "Study 10", "study_id": "a", "yi": 0.2, "weight_percent": 30.0},
    {"label": "study 9", "study_id": "b", "yi": -0.4, "weight_percent": None},
    {"label": "Study 2", "study_id": "c", "yi": None, "weight_percent": 30.0},
    {"label": "Ünal 1", "study_id": "d", "yi": 0.1, "weight_percent": 40.0},
]
YEARS = {"a": "1999", "b": "2004", "c": "", "d": "1999"}


@pytest.mark.parametrize(
    ("order", "expected"),
    [("study", "cbad"), ("year", "adbc"), ("effect", "bdac"), ("weight", "dcab")],
)
def test_blank_comes_last_and_ties_go_by_label(order, expected):
    assert "".join(row["study_id"] for row in ordered(ROWS, order=order, years=YEARS)) == expected


def test_labels_sort_as_people_sort_them():
    labels = ["B 2", "a 10", "A 9", "", "1st"]
    assert sorted(labels, key=natural) == ["", "1st", "A 9", "a 10", "B 2"]


def test_an_unknown_order_is_refused():
    with pytest.raises(ValueError, match="'size' is not one of study, year, effect, weight"):
        ordered(ROWS, order="size", years={})


def test_the_plot_follows_the_order_within_each_group():
    studies = [study("A", 2, 1, 4, step="equal_arms"), study("B", 1.5, 1, 4), study("C", 1.2, 1, 4)]
    frames = tables(studies, {"as_reported": "no", "equal_arms": "no"})
    figure = draw(frames, order="effect")
    rows = sorted(("r0", "r1", "r2"), key=lambda key: depth(figure, f"row-{key}"))
    assert rows == ["r2", "r1", "r0"]  # C before B at the first step; A came in at the second


def test_the_weight_that_orders_is_the_one_that_is_shown():
    effects, pooled = tables(
        [study("A", 2, 1, 4, weights={"as_reported": 20.0}), study("B", 2, 1, 4, weights={"as_reported": 80.0})],
        {"as_reported": {"k": 2, "estimate": 1.5, "ci_lb": 1.0, "ci_ub": 2.0}},
    )
    figure = draw((effects, pooled), order="weight")
    assert depth(figure, "row-r1") < depth(figure, "row-r0")


def test_years_come_from_the_effects():
    figure = by_setting(order="year").figure
    # The case counts years down: the last study is the earliest.
    depths = [depth(figure, f"row-r{index}") for index in (2, 1, 0)]
    assert depths == sorted(depths)


def test_without_a_year_column_labels_decide():
    frames = tables([study("B", 2, 1, 4), study("A", 2, 1, 4)], {"as_reported": "no"})
    figure = draw(frames, order="year", steps={"as_reported": "As reported"})
    assert depth(figure, "row-r1") < depth(figure, "row-r0")
