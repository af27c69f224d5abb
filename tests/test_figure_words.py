"""Values become words of the forest plot that are short and never tell a false zero."""

import math

import pytest

from repool.figures.axis import plain_number
from repool.figures.words import count_text, interval, scientific, shown, significant


@pytest.mark.parametrize(("n", "words"), [(41.7766666667, "≈42"), (481.75, "≈482"), (40.0, "40")])
def test_an_arm_size_that_follows_from_an_assumed_share_is_shown_as_about(n, words):
    assert count_text(n) == words


@pytest.mark.parametrize(
    "value, expected",
    [
        (0.0, "0.00"),
        (-0.0, "0.00"),
        (1.005, "1.00"),  # the nearest double lies below 1.005
        (-0.5, "−0.50"),
        (0.0034, "0.0034"),
        (-0.00341, "−0.0034"),
        (123.4, "123"),
        (12345.6, "12346"),
        (2.5e6, "2.5×10⁶"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
    ],
)
def test_differences_are_shown_short_but_never_as_a_false_zero(value, expected):
    assert shown(value, is_ratio=False) == expected


@pytest.mark.parametrize(
    "ratio, expected",
    [
        (1.0, "1.00"),
        (0.997, "0.997"),
        (1.0004, "1.0004"),
        (0.333, "0.33"),
        (0.0072, "0.0072"),
        (99.99, "99.99"),
        (150.2, "150"),
    ],
)
def test_ratios_never_round_onto_no_effect(ratio, expected):
    assert shown(math.log(ratio), is_ratio=True) == expected


def test_ratios_beyond_floating_point_are_still_told():
    assert shown(1000.0, is_ratio=True) == ">10³⁰⁰"
    assert shown(-1000.0, is_ratio=True) == "<10⁻³⁰⁰"
    assert interval(-math.inf, math.inf, is_ratio=True) == "[0.00 to ∞]"


def test_number_words():
    assert significant(0.021349, digits=3) == "0.0213"
    assert significant(12345.0, digits=3) == "12345"
    assert significant(0.0, digits=3) == "0"
    assert scientific(-0.00000324) == "−3.2×10⁻⁶"
    assert [plain_number(v) for v in (0.01, 100.0, -0.5, -0.0)] == ["0.01", "100", "−0.5", "0"]
