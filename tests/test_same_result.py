"""The table that holds a result against the same result under other choices."""

import math

import pytest

from repool.pooling.sensitivity.same_result import SAME_RESULT_COLUMNS, extremes, same_result_rows, side_of

HEADLINE = {
    "analysis": "demo", "ladder_step": "as_reported", "reading": "preferred", "model": "reml", "measure": "OR",
    "k": 3, "estimate": 0.5, "se": 0.2, "ci_lb": 0.108, "ci_ub": 0.892, "level": 0.95,
}  # fmt: skip


def option(estimate, ci_lb, ci_ub, **cells):
    return {"choice": "model", "option": "other", "k": 3, "note": ""} | {
        "estimate": estimate, "ci_lb": ci_lb, "ci_ub": ci_ub, **cells,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("ci_lb", "ci_ub", "side"),
    [(0.1, 0.2, "above"), (-0.2, -0.1, "below"), (-0.1, 0.1, "includes_no_effect"), (0.0, 1.0, "includes_no_effect"),
     (math.nan, 1.0, "")],
)  # fmt: skip
def test_side_is_that_of_the_whole_interval(ci_lb, ci_ub, side):
    assert side_of(ci_lb, ci_ub) == side


def test_headline_comes_first_and_lies_on_its_own_side():
    (first,) = same_result_rows(HEADLINE, [])
    assert (first["choice"], first["option"], first["same_side"], first["difference_in_se"]) == (
        "headline", "reml", "yes", 0.0,
    )  # fmt: skip
    assert tuple(first) == SAME_RESULT_COLUMNS


def test_distance_is_in_standard_errors_of_the_headline():
    _, row = same_result_rows(HEADLINE, [option(0.3, -0.1, 0.7)])
    assert row["difference_in_se"] == pytest.approx(-1.0)  # (0.3 - 0.5) / 0.2
    assert (row["side"], row["same_side"]) == ("includes_no_effect", "no")


def test_other_measure_is_compared_by_side_alone():
    _, row = same_result_rows(HEADLINE, [option(0.05, 0.01, 0.09, measure="RD")])
    assert math.isnan(row["difference_in_se"]) and row["same_side"] == "yes"


def test_option_without_a_number_is_on_no_side():
    _, row = same_result_rows(HEADLINE, [option(math.nan, math.nan, math.nan, note="too few")])
    assert (row["side"], row["same_side"], row["note"]) == ("", "", "too few")


def test_proportion_lies_on_no_side():
    (row,) = same_result_rows(HEADLINE | {"measure": "PLO"}, [])
    assert (row["side"], row["same_side"]) == ("", "")


def test_extremes_name_the_lowest_and_the_highest():
    rows = [
        {"left_out": name, "k": 2, "estimate": x, "ci_lb": x - 1, "ci_ub": x + 1}
        for name, x in (("A", 0.3), ("B", 0.1), ("C", 0.2))
    ]
    assert [(end["option"], end["estimate"]) for end in extremes(rows, choice="one out", named="left_out")] == [
        ("without B (lowest of 3)", 0.1),
        ("without A (highest of 3)", 0.3),
    ]
    assert len(extremes(rows[:1], choice="one out", named="left_out")) == 1
    assert extremes([], choice="one out", named="left_out") == []
