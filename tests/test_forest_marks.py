"""Squares, whiskers, diamonds, prediction bars and arrow heads stand where the tables put them."""

import math

import pytest
from forest_case import STYLE, draw, ladder, study, tables, two_studies
from forest_picture import ROUNDING, artists, depth, text_of
from matplotlib.colors import to_hex


def test_square_area_is_proportional_to_weight():
    found = artists(draw(two_studies()))
    heavy, light = (found[f"square-r{i}"].get_sizes()[0] for i in (0, 1))
    assert heavy / light == pytest.approx(75 / 25, rel=ROUNDING)


def test_squares_and_whiskers_stand_at_their_values():
    found = artists(draw(two_studies()))
    assert found["square-r0"].get_offsets()[0][0] == pytest.approx(math.log(2))
    assert list(found["whisker-r0"].get_xdata()) == pytest.approx([math.log(0.9), math.log(4)])


def test_an_effect_that_needed_an_assumption_is_hollow():
    found = artists(draw(ladder()))
    fills = [to_hex(found[f"square-r{i}"].get_facecolor()[0]) for i in range(3)]
    assert fills == [STYLE["colour_square"], "#ffffff", "#ffffff"]
    assert to_hex(found["diamond-equal_arms"].get_facecolor()) == "#ffffff"
    assert to_hex(found["diamond-derived"].get_facecolor()) == STYLE["colour_diamond"]


def test_a_study_in_no_pool_has_a_small_hollow_square_of_fixed_size():
    squares = []
    for effect in (2.0, 3.0):
        frames = tables([study("A", effect, 1, 4)], {"as_reported": "one effect"})
        squares.append(artists(draw(frames))["square-r0"])
    assert to_hex(squares[0].get_facecolor()[0]) == "#ffffff"
    assert squares[0].get_sizes() == squares[1].get_sizes()
    assert squares[0].get_sizes()[0] < artists(draw(two_studies()))["square-r0"].get_sizes()[0]


def test_diamond_ends_are_the_interval_and_its_middle_the_estimate():
    corners = artists(draw(two_studies()))["diamond-as_reported"].get_xy()
    across = [x for x, _ in corners]
    assert (min(across), max(across)) == pytest.approx((math.log(0.8), math.log(3.2)))
    top = min(corners, key=lambda corner: corner[1])
    assert top[0] == pytest.approx(math.log(1.5))


def test_prediction_bar_spans_its_interval_below_the_diamond():
    figure = draw(ladder())
    bar = artists(figure)["prediction-bar-derived"]
    assert list(bar.get_xdata()) == pytest.approx([math.log(0.6), math.log(3.5)])
    assert depth(figure, "prediction-bar-derived") > depth(figure, "diamond-derived")


def test_an_arrow_head_stands_exactly_where_an_interval_is_clipped():
    studies = [
        study("Narrow", 1.2, 0.8, 1.8),
        study("Right", 1.2, 0.8, 1e4),
        study("Both", 1.2, 1e-4, 1e4),
        study("Beyond", 500, 300, 900),
    ]
    figure = draw(tables(studies, {"as_reported": "no"}))
    found = artists(figure)
    low, high = found["plot"].get_xlim()
    for index, one in enumerate(studies):
        assert (f"arrow-left-r{index}" in found) == (math.log(one["low"]) < low)
        assert (f"arrow-right-r{index}" in found) == (math.log(one["high"]) > high)
    assert {g for g in found if g.startswith("arrow-")} == {
        "arrow-right-r1",
        "arrow-left-r2",
        "arrow-right-r2",
        "arrow-right-r3",
    }
    assert list(found["whisker-r2"].get_xdata()) == [low, high]
    assert "square-r3" not in found
    assert text_of(figure, "effect-r3") == "500 [300 to 900]"


def test_a_huge_pooled_interval_is_clipped_and_keeps_its_ends_and_its_words():
    figure = draw(two_studies(ci_lb=math.exp(-15), ci_ub=math.exp(15)))
    found = artists(figure)
    assert {"diamond-arrow-left-as_reported", "diamond-arrow-right-as_reported"} <= set(found)
    corners = found["diamond-as_reported"].get_xy()
    assert (corners[:, 0].min(), corners[:, 0].max()) == pytest.approx((-15, 15))
    # exp(15) = 3269017.37 and exp(-15) = 3.059e-7, from a table of exponentials.
    assert text_of(figure, "pooled-effect-as_reported") == "1.50 [3.1×10⁻⁷ to 3.3×10⁶]"
    # Studies reach from 0.5 to 4; the axis is theirs, not the pooled interval's.
    assert found["plot"].get_xlim()[1] < math.log(20)


def test_an_infinite_interval_is_clipped():
    effects, pooled = two_studies()
    effects.loc[0, "ci_ub"] = math.inf
    pooled.loc[0, "ci_ub"] = math.inf
    figure = draw((effects, pooled))
    assert {"arrow-right-r0", "diamond-arrow-right-as_reported"} <= set(artists(figure))
    assert text_of(figure, "effect-r0") == "2.00 [0.90 to ∞]"
