"""What one result row shows by itself: what cannot be, and what contradicts itself."""

import pytest

from repool.extraction.checks import check_result, duplicate_keys

#: A row without fault: 13 of 40 against 7 of 40.
ROW = {
    **{"line": 4, "result_id": "r1", "condition_arm1": "service", "condition_arm2": "none"},
    **{"comparator": "usual_care", "n_arm1": 40.0, "n_arm2": 40.0},
    **{"events_arm1": 13.0, "events_arm2": 7.0},
}


#: Without counts: an estimate is then compared with nothing.
NO_COUNTS = {"events_arm1": None, "events_arm2": None}


def told(**cells):
    """Return (rule, severity, column) of every problem of the row with these cells."""
    problems = check_result(ROW | cells, file="f.csv")
    assert all((p.file, p.line, p.row_name) == ("f.csv", 4, "r1") for p in problems)
    return [(p.rule, p.severity, p.column) for p in problems]


def test_row_without_fault_is_silent():
    assert told() == []


def test_blank_row_is_silent():
    assert check_result({"line": 2, "comparator": None}, file="f.csv") == []


@pytest.mark.parametrize(
    ("cells", "rule", "column"),
    [
        ({"events_arm1": 41.0}, "C13", "events_arm1"),
        ({"ci_lb": 2.0, "ci_ub": 1.0, "estimate_scale": "MD"}, "C14", "ci_lb"),
        ({"ci_lb": 2.0, "ci_ub": 2.0, "estimate_scale": "MD"}, "C14", "ci_lb"),
        ({"ci_lb_arm2": -1.0, "ci_ub_arm2": -9.0}, "C14", "ci_lb_arm2"),
        ({"condition_arm2": "service"}, "C15", "condition_arm2"),
        ({"condition_arm2": None}, "C15", "condition_arm2"),
        ({"estimate": -0.79, "estimate_scale": "OR"} | NO_COUNTS, "C16", "estimate"),
        ({"estimate": 0.0, "estimate_scale": "HR"}, "C16", "estimate"),
        ({"ci_lb": -0.3, "ci_ub": 1.9, "estimate_scale": "RR"}, "C16", "ci_lb"),
        ({"estimate": 3.6, "ci_lb": 1.3, "ci_ub": 3.5, "estimate_scale": "OR"} | NO_COUNTS, "C18", "estimate"),
    ],
)
def test_what_cannot_be_is_an_error(cells, rule, column):
    assert told(**cells) == [(rule, "error", column)]


@pytest.mark.parametrize(
    "cells",
    [
        {"events_arm1": 40.0},
        {"condition_arm2": None, "comparator": "none"},
        {"condition_arm2": None, "comparator": "pre"},
        {"estimate": -0.79, "estimate_scale": "MD"},
        {"estimate": 3.6, "ci_lb": 1.3, "ci_ub": 9.8, "estimate_scale": "OR"} | NO_COUNTS,
        {"estimate": 1.3, "ci_lb": 1.3, "ci_ub": 9.8, "estimate_scale": "OR", "ci_method": "exact"} | NO_COUNTS,
    ],
)
def test_what_can_be_is_silent(cells):
    assert told(**cells) == []


def test_unclear_scale_is_a_warning():
    assert told(estimate=-2.62, estimate_scale="unclear") == [("C17", "warning", "estimate")]


@pytest.mark.parametrize(
    ("percent", "events", "doubted"),
    [
        # 13 of 40 is 32.5 %.
        (32.5, 13.0, False),
        (32.5, None, False),
        (33.0, 13.0, False),  # printed without a decimal
        (33.0, None, False),
        (32.0, 13.0, False),
        (34.0, 13.0, True),
        (32.6, 13.0, True),
        (31.2, None, True),  # 12 of 40 is 30 %, 13 is 32.5 %
    ],
)
def test_percent_must_be_a_count_of_the_arm(percent, events, doubted):
    found = told(percent_arm1=percent, events_arm1=events)
    assert found == ([("C19", "warning", "percent_arm1")] if doubted else [])


@pytest.mark.parametrize(
    ("cells", "doubted"),
    [
        # 13/40 v 7/40: chi-squared = 80 (13*33 - 27*7)^2 / (20*60*40*40) = 2.4, and p = .121.
        ({"p": 0.12, "p_op": "="}, False),
        ({"p": 0.05, "p_op": "="}, False),
        ({"p": 0.04, "p_op": "="}, True),  # .121 is more than 3 times .04
        ({"p": 0.36, "p_op": "="}, False),
        ({"p": 0.37, "p_op": "="}, True),
        ({"p": 0.05, "p_op": "<"}, False),
        ({"p": 0.001, "p_op": "<"}, True),
        ({"p": 0.5, "p_op": "<"}, False),
        ({"p": 0.001, "p_op": "="}, True),
        ({"p": 0.001, "p_op": "=", "adjusted": "yes"}, False),
        ({"p": 0.001, "p_op": "=", "p_scope": "all_arms"}, False),
        # chi-squared 3.74 on 3 degrees of freedom: p = .291 (any table of the distribution).
        ({"p": 0.29, "p_op": "=", "statistic": "chi2", "statistic_value": 3.74, "df1": 3.0}, False),
        ({"p": 0.44, "p_op": "=", "statistic": "chi2", "statistic_value": 3.74, "df1": 3.0}, True),
        # 4 degrees of freedom give p = .442; and a statistic tells of its own p-value whatever both test.
        ({"p": 0.44, "p_op": "=", "statistic": "chi2", "statistic_value": 3.74, "df1": 4.0}, False),
        ({"p": 0.44, "p_op": "=", "statistic": "chi2", "statistic_value": 3.74, "df1": 3.0, "p_scope": "other"}, True),
        # t = 2.97 on 47 df: p = .0047; F(1, 275) = 8.72: p = .0034; z = 1.96: p = .05 (R: pt, pf, pnorm).
        ({"p": 0.005, "p_op": "=", "statistic": "t", "statistic_value": -2.97, "df1": 47.0}, False),
        ({"p": 0.5, "p_op": "=", "statistic": "t", "statistic_value": -2.97, "df1": 47.0}, True),
        ({"p": 0.003, "p_op": "=", "statistic": "F", "statistic_value": 8.72, "df1": 1.0, "df2": 275.0}, False),
        ({"p": 0.03, "p_op": "=", "statistic": "F", "statistic_value": 8.72, "df1": 1.0, "df2": 275.0}, True),
        ({"p": 0.05, "p_op": "=", "statistic": "z", "statistic_value": 1.96}, False),
        ({"p": 0.25, "p_op": "=", "statistic": "z", "statistic_value": 1.96}, True),
        # One side: half of .05.
        ({"p": 0.008, "p_op": "=", "statistic": "z", "statistic_value": 1.96}, True),
        ({"p": 0.025, "p_op": "=", "statistic": "z", "statistic_value": 1.96, "tails": "one"}, False),
        # A p that is said to be large, and one that is called not significant.
        ({"p": 0.05, "p_op": ">", "statistic": "z", "statistic_value": 3.0}, True),
        ({"p_op": "ns", "statistic": "z", "statistic_value": 3.0}, True),
        ({"p_op": "ns", "statistic": "z", "statistic_value": 1.0}, False),
    ],
)
def test_p_value_must_follow_from_the_numbers_beside_it(cells, doubted):
    found = told(**{"p_scope": "contrast"} | cells)
    assert found == ([("C20", "warning", "p")] if doubted else [])


def test_p_value_is_not_doubted_where_nobody_or_everybody_has_the_outcome():
    p = {"p": 0.001, "p_op": "=", "p_scope": "contrast"}
    assert told(events_arm1=0.0, events_arm2=0.0, **p) == []
    assert told(events_arm1=40.0, events_arm2=40.0, **p) == []


def test_name_that_stands_twice_names_the_first_line():
    rows = [{"k": "a", "line": 2}, {"k": None, "line": 3}, {"k": "a", "line": 5}]
    (problem,) = duplicate_keys(rows, key="k", file="f.csv")
    assert (problem.rule, problem.line, problem.problem) == (
        "C12",
        5,
        "this name stands in line 2 too",
    )
