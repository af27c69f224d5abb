"""Scores, spreads, directions and totals that cannot be or are hard to believe: one row at a time."""

import math
from itertools import combinations_with_replacement
from statistics import stdev

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from repool.extraction.checks import check_against_term, check_result
from repool.extraction.scale_checks import largest_sd
from repool.extraction.specification import columns_of
from repool.schemas import schema

ROW = {"line": 4, "result_id": "r1", "condition_arm1": "service", "condition_arm2": "none", "comparator": "usual_care"}
ARMS = {"n_arm1": 40.0, "n_arm2": 40.0}
MEANS = ARMS | {"mean_arm1": 20.4, "mean_arm2": 16.2, "sd_arm1": 4.1, "sd_arm2": 3.9}
#: 0 to 63, as the Beck Depression Inventory.
TERM = {"higher_is_better": "no", "scale_min": 0.0, "scale_max": 63.0}


def told(*parts, **cells):
    """Return (rule, severity, column) of every problem of the row with these cells."""
    row = dict(ROW)
    for part in (*parts, cells):
        row |= part
    return [(p.rule, p.severity, p.column) for p in check_result(row, file="f.csv")]


def told_of_term(term, *parts, **cells):
    row = dict(ROW)
    for part in (*parts, cells):
        row |= part
    return [(p.rule, p.severity, p.column) for p in check_against_term(row, term, file="f.csv")]


@pytest.mark.parametrize(
    ("cells", "rule", "column"),
    [
        ({"q1_arm1": 9.0, "median_arm1": 7.0, "q3_arm1": 12.0}, "C21", "q1_arm1"),
        ({"q1_arm1": 5.0, "median_arm1": 9.0, "q3_arm1": 7.0}, "C21", "median_arm1"),
        ({"min_arm2": 10.0, "q1_arm2": 3.0}, "C21", "min_arm2"),
        ({"min_arm2": 3.0, "max_arm2": 1.0}, "C21", "min_arm2"),
        ({"mean_arm1": 31.2, "max_arm1": 30.0}, "C21", "mean_arm1"),
        ({"mean_arm1": 1.2, "min_arm1": 3.0}, "C21", "min_arm1"),
        ({"n_arm1": 60.0, "n_arm2": 50.0, "n_total": 100.0, "n_total_arms": 2.0}, "C24", "n_total"),
        ({"n_arm1": 60.0, "n_total": 50.0, "n_total_arms": 1.0}, "C24", "n_total"),
        (ARMS | {"events_arm1": 12.0, "events_arm2": 9.0, "events_total": 20.0}, "C24", "events_total"),
        (ARMS | {"events_total": 81.0}, "C24", "events_total"),
        (
            {"n_arm1": 50.0} | {"pairs_yes_yes": 12.0, "pairs_yes_no": 9.0, "pairs_no_yes": 3.0, "pairs_no_no": 30.0},
            *("C24", "n_arm1"),
        ),
        ({"o_minus_e": -4.2, "v_log_rank": 0.0}, "C25", "v_log_rank"),
    ],
)
def test_what_cannot_stand_together_is_an_error(cells, rule, column):
    assert told(cells) == [(rule, "error", column)]


@pytest.mark.parametrize(
    "cells",
    [
        {"min_arm1": 0.0, "q1_arm1": 4.0, "median_arm1": 4.0, "q3_arm1": 25.0, "max_arm1": 30.0, "mean_arm1": 11.3},
        {"mean_arm1": 30.2, "max_arm1": 30.0},  # both may round
        {"n_arm1": 60.0, "n_arm2": 40.0, "n_total": 100.0, "n_total_arms": 2.0},
        {"n_arm1": 60.0, "n_arm2": 50.0, "n_total": 100.0, "n_total_arms": 2.0, "n_total_basis": "other_unit"},
        {"n_arm1": 60.0, "n_arm2": 50.0, "n_total": 60.0, "n_total_arms": 2.0, "paired": "yes"},
        ARMS | {"events_arm1": 12.0, "events_arm2": 9.0, "events_total": 21.0},
        {"n_arm1": 54.0} | {"pairs_yes_yes": 12.0, "pairs_yes_no": 9.0, "pairs_no_yes": 3.0, "pairs_no_no": 30.0},
        {"o_minus_e": -4.2, "v_log_rank": 9.7},
    ],
)
def test_what_can_stand_together_is_silent(cells):
    assert told(cells) == []


@pytest.mark.parametrize(
    ("cells", "rule", "column"),
    [
        ({"mean_arm1": 64.0}, "C22", "mean_arm1"),
        ({"median_arm2": -1.0}, "C22", "median_arm2"),
        ({"mean_change_arm1": -64.0}, "C22", "mean_change_arm1"),
        ({"estimate": 70.0, "estimate_scale": "MD"}, "C22", "estimate"),
        # Half the range is 31.5; 40 people: 31.5 * sqrt(40 / 39) = 31.9.
        ({"sd_arm1": 32.5, "n_arm1": 40.0}, "C23", "sd_arm1"),
        # A mean of 2, or 2.5 that is printed as 2, leaves sqrt(2.5 * 60.5 * 40 / 39) = 12.5.
        ({"mean_arm1": 2.0, "sd_arm1": 13.6, "n_arm1": 40.0}, "C23", "sd_arm1"),
    ],
)
def test_score_that_the_instrument_does_not_have_is_an_error(cells, rule, column):
    found = told_of_term(TERM, cells)
    assert (rule, "error", column) in found
    assert {problem[0] for problem in found} <= {rule, "C35"}


@pytest.mark.parametrize(
    "cells",
    [
        {"mean_arm1": 63.0},
        {"mean_change_arm1": -60.0},
        {"sd_arm1": 31.9, "n_arm1": 40.0},
        {"mean_arm1": 90.0, "unit": "percent"},
    ],
)
def test_score_that_the_instrument_has_is_silent(cells):
    assert told_of_term(TERM | {"unit": "points"}, {"unit": "points"} | cells) == []


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_largest_standard_deviation_is_that_of_the_most_extreme_sample(n):
    """Against every sample of n scores from 0 to 4, by Python's statistics."""
    samples = list(combinations_with_replacement(range(5), n))
    # rtol: sums of a few whole numbers in double precision.
    assert largest_sd(low=0, high=4, n=n, mean=None) == pytest.approx(max(map(stdev, samples)), rel=1e-12)
    for sample in samples:
        mean = sum(sample) / n
        assert stdev(sample) <= largest_sd(low=0, high=4, n=n, mean=(mean, mean)) + 1e-12


def test_unknown_number_of_people_allows_the_spread_of_two():
    # 0 and 4: standard deviation 4 / sqrt(2).
    assert largest_sd(low=0, high=4, n=None, mean=None) == pytest.approx(4 / math.sqrt(2), rel=1e-12)


def test_spread_that_reaches_below_the_lowest_score_is_called_skewed():
    # 10 - 2 * 6 is below 0, 10 - 2 * 5 is not.
    assert told_of_term(TERM, mean_arm2=10.0, sd_arm2=6.0) == [("C35", "warning", "sd_arm2")]
    assert told_of_term(TERM, mean_arm2=10.0, sd_arm2=5.0) == []
    assert told_of_term(TERM | {"scale_min": None}, mean_arm2=10.0, sd_arm2=6.0) == []


@pytest.mark.parametrize(
    ("printed", "rule"),
    [
        # 28 people: 5.18 is 145/28, 5.19 nothing (Brown & Heathers 2017); with 120 people every mean of two decimals is
        # possible. 5.0 of 12 is 60/12, with an SD of 1.00: squares of 310.9 to 311.1, so 311, odd with an even sum.
        ({"n_arm1": "28", "mean_arm1": "5.18"}, None),
        ({"n_arm1": "28", "mean_arm1": "5.19"}, "C38"),
        ({"n_arm1": "120", "mean_arm1": "5.19"}, None),
        ({"n_arm1": "28", "mean_arm1": "5"}, None),
        ({"n_arm1": "12", "mean_arm1": "5.00", "sd_arm1": "1.00"}, "C39"),
        ({"n_arm1": "12", "mean_arm1": "5.00", "sd_arm1": "1.04"}, None),
        ({"n_arm1": "12", "mean_change_arm1": "-1.51"}, "C38"),
    ],
)
def test_means_of_whole_scores_are_checked_where_the_study_is_small(printed, rule):
    cells = {name: float(text) for name, text in printed.items()} | {"printed": printed}
    found = told_of_term({"higher_is_better": "no", "items": 1.0}, cells)
    assert [problem[:2] for problem in found] == ([(rule, "warning")] if rule else [])
    assert told_of_term({"higher_is_better": "no"}, cells) == []


def test_zeros_at_the_end_of_a_printed_number_count():
    # 5.2 may be 145/28 = 5.18; 5.20 may not, for 146/28 is 5.21.
    term, cells = {"higher_is_better": "no", "items": 1.0}, {"n_arm1": 28.0, "mean_arm1": 5.2}
    assert told_of_term(term, cells, printed={"mean_arm1": "5.20"}) == [("C38", "warning", "mean_arm1")]
    # With one decimal 28 people can have every mean.
    assert told_of_term(term, cells, printed={"mean_arm1": "5.2"}) == []


@pytest.mark.parametrize(
    ("cells", "rule", "column"),
    [
        # 10.5 / 3.3 = 3.18: Winhusen 2020 at 6 months.
        ({"sd_arm1": 10.5, "sd_arm2": 3.3}, "C32", "sd_arm2"),
        ({"sd_arm1": 0.6, "sd_arm2": 3.8}, "C32", "sd_arm1"),
        ({"estimate": -3.2, "estimate_scale": "g"}, "C34", "estimate"),
        (MEANS | {"sd_arm1": 1.2, "sd_arm2": 1.1}, "C34", "sd_arm1"),
        (MEANS | {"pre_mean_arm1": 20.4, "pre_sd_arm1": 4.1}, "C40", "mean_arm1"),
        (MEANS | {"mean_arm2": 20.4, "sd_arm2": 4.1}, "C40", "mean_arm1"),
    ],
)
def test_what_is_hard_to_believe_of_means_is_a_warning(cells, rule, column):
    assert told(cells) == [(rule, "warning", column)]


@pytest.mark.parametrize(
    "cells",
    [
        MEANS,
        {"sd_arm1": 10.5, "sd_arm2": 3.6},
        {"estimate": -2.9, "estimate_scale": "g"},
        MEANS | {"pre_mean_arm1": 20.4, "pre_sd_arm1": 4.3},
        # Whole numbers meet by chance; and the same people may well end where they began.
        MEANS | {"mean_arm1": 20.0, "sd_arm1": 4.0, "mean_arm2": 20.0, "sd_arm2": 4.0},
        MEANS | {"mean_arm2": 20.4, "sd_arm2": 4.1, "comparator": "pre"},
    ],
)
def test_usual_means_are_silent(cells):
    assert told(cells) == []


@pytest.mark.parametrize(
    ("cells", "better", "against"),
    [
        # More abstinence is better, and arm 1 has more.
        (ARMS | {"events_arm1": 13.0, "events_arm2": 7.0, "favours": "arm1"}, "yes", None),
        (ARMS | {"events_arm1": 13.0, "events_arm2": 7.0, "favours": "arm2"}, "yes", "events_arm1"),
        (ARMS | {"events_arm1": 13.0, "events_arm2": 7.0, "favours": "arm1"}, "no", "events_arm1"),
        (ARMS | {"events_arm1": 13.0, "events_arm2": 7.0, "favours": "neither"}, "no", None),
        (ARMS | {"events_arm1": 13.0, "events_arm2": 7.0, "favours": "arm1"}, "unclear", None),
        ({"percent_arm1": 62.0, "percent_arm2": 73.0, "favours": "arm1"}, "yes", "percent_arm1"),
        ({"estimate": 0.46, "estimate_scale": "OR", "favours": "arm1"}, "yes", "estimate"),
        ({"estimate": 0.46, "estimate_scale": "OR", "favours": "arm1"}, "no", None),
        ({"estimate": -0.3, "estimate_scale": "d", "favours": "arm1"}, "yes", "estimate"),
        ({"estimate": -0.3, "estimate_scale": "unclear", "favours": "arm1"}, "yes", None),
        ({"mean_arm1": 5.0, "mean_arm2": 9.0, "favours": "arm1"}, "yes", "mean_arm1"),
        # People who started lower may have gained more.
        (
            {"mean_arm1": 5.0, "mean_arm2": 9.0, "pre_mean_arm1": 1.0, "pre_mean_arm2": 8.0, "favours": "arm1"},
            "yes",
            None,
        ),
    ],
)
def test_numbers_must_favour_the_arm_that_the_source_favours(cells, better, against):
    found = told_of_term({"higher_is_better": better}, cells)
    assert found == ([("C37", "warning", against)] if against else [])


NUMBERS = [column.name for column in columns_of(schema("extraction")) if column.is_number]
CHOICES = {column.name: column.choices for column in columns_of(schema("extraction")) if column.choices}


@settings(derandomize=True, deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(
    cells=st.dictionaries(st.sampled_from(NUMBERS), st.floats(allow_nan=False, allow_infinity=False), max_size=25),
    words=st.fixed_dictionaries({name: st.sampled_from([None, *choices]) for name, choices in CHOICES.items()}),
    items=st.sampled_from([None, 1.0, 7.0]),
)
def test_no_number_however_odd_stops_the_check(cells, words, items):
    """Numbers outside the possible range are kept from these checks by C05, but no check relies on that."""
    row = ROW | words | cells
    problems = check_result(row, file="f.csv")
    problems += check_against_term(row, TERM | {"items": items}, file="f.csv")
    assert all(problem.problem and problem.expected and problem.to_fix for problem in problems)
