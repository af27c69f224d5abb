"""The axis of the forest plot reaches as far as it should and names plain values."""

import itertools
import math

import pytest
from forest_case import draw, study, tables, two_studies
from forest_picture import ROUNDING, artists, text_of


def test_a_ratio_axis_never_covers_more_than_a_hundredfold():
    studies = [study(str(i), 1.0, 1e-6, 1e6) for i in range(5)]
    low, high = artists(draw(tables(studies, {"as_reported": "no"})))["plot"].get_xlim()
    # 100 and the 5 % of room beside it.
    assert (low, high) == pytest.approx((-1.05 * math.log(100), 1.05 * math.log(100)))


def ticks_of(figure):
    """Return (position, label) of the ticks."""
    axes = artists(figure)["plot"]
    labels = [label.get_text() for label in axes.get_xticklabels()]
    return list(zip(axes.get_xticks(), labels, strict=True))


def test_ratio_ticks_are_plain_numbers_at_their_logarithms():
    ticks = ticks_of(draw(two_studies()))
    labels = {label for _, label in ticks}
    assert "1" in labels
    assert labels <= {"0.2", "0.5", "1", "2", "5", "10"}
    for at, label in ticks:
        assert at == pytest.approx(math.log(float(label)), abs=ROUNDING)


def test_a_wide_ratio_axis_names_decades():
    studies = [study(str(i), 1.0, 1e-6, 1e6) for i in range(5)]
    labels = [label for _, label in ticks_of(draw(tables(studies, {"as_reported": "no"})))]
    assert {"0.01", "0.1", "1", "10", "100"} <= set(labels)


def test_a_short_ratio_axis_still_names_three_values():
    frames = tables([study("A", 1.02, 0.98, 1.06)], {"as_reported": "no"})
    ticks = ticks_of(draw(frames))
    assert len(ticks) >= 3
    assert "1" in [label for _, label in ticks]


def test_a_difference_has_a_linear_axis_with_a_true_minus():
    studies = [study("A", -0.4, -0.9, 0.1), study("B", 0.3, -0.2, 0.8)]
    figure = draw(tables(studies, {"as_reported": "no"}, measure="SMD"))
    ticks = ticks_of(figure)
    steps = {round(b - a, 9) for (a, _), (b, _) in itertools.pairwise(ticks)}
    assert len(steps) == 1
    assert "0" in [label for _, label in ticks]
    assert any(label.startswith("−") for _, label in ticks)
    assert text_of(figure, "effect-r0") == "−0.40 [−0.90 to 0.10]"
    assert "head-plot" not in artists(figure)


def test_a_measure_of_one_group_has_no_line_of_no_effect():
    frames = tables([study("A", 55, 52, 58), study("B", 57, 54, 60)], {"as_reported": "no"}, measure="MN")
    found = artists(draw(frames))
    assert "no-effect-line" not in found
    assert found["plot"].get_xlim()[0] > 40
