"""Estimates, intervals, standard errors, tests and p-values that must follow from each other.

Expected numbers: base R 4.2. For 20 of 100 against 40 of 100: OR 0.375, SE of its logarithm 0.3227, interval 0.199 to
0.706 (95 %), 0.221 to 0.638 (90 %), 0.163 to 0.861 (99 %); RR 0.5. For means 20 (SD 8, n 40) against 16 (SD 10, n 50):
pooled SD 9.168, d 0.436, t 2.057 (Welch 2.108), p .043, interval of the difference 0.14 to 7.86.
"""

import csv
import math
from pathlib import Path

import pytest

from repool.extraction.checks import check_result
from repool.extraction.printed import apart, decimals_of, half_unit, span

ROW = {"line": 4, "result_id": "r1", "condition_arm1": "service", "condition_arm2": "none", "comparator": "usual_care"}
COUNTS = {"n_arm1": 100.0, "n_arm2": 100.0, "events_arm1": 20.0, "events_arm2": 40.0}
RATIO = {"estimate": 0.375, "ci_lb": 0.199, "ci_ub": 0.706, "ci_level": 95.0, "estimate_scale": "OR"}
MEANS = {"n_arm1": 40.0, "n_arm2": 50.0, "mean_arm1": 20.0, "mean_arm2": 16.0, "sd_arm1": 8.0, "sd_arm2": 10.0}
TENTHS = {"mean_arm1": "20.0", "mean_arm2": "16.0", "sd_arm1": "8.0", "sd_arm2": "10.0"}
DIFFERENCE = {"estimate": 4.0, "ci_lb": 0.14, "ci_ub": 7.86, "ci_level": 95.0, "estimate_scale": "MD"}
P = {"p_op": "=", "p_scope": "contrast"}


def problems(*parts, **cells):
    row = dict(ROW)
    for part in (*parts, cells):
        row |= part
    return check_result(row, file="f.csv")


def told(*parts, **cells):
    """Return (rule, column) of every problem of the row; all are warnings."""
    found = problems(*parts, **cells)
    assert all(problem.severity == "warning" for problem in found)
    return [(problem.rule, problem.column) for problem in found]


@pytest.mark.parametrize(
    ("text", "decimals"), [("2.50", 2), ("12", 0), ("-.5", 1), ("1,25", 2), ("1.5e-3", 4), ("2e3", -3), ("5.", 0)]
)
def test_printed_decimals_are_counted_as_typed(text, decimals):
    assert decimals_of(text) == decimals


def test_rounding_is_half_a_unit_of_the_last_typed_place():
    assert half_unit({"p": 0.5, "printed": {"p": "0.50"}}, "p") == pytest.approx(0.005)
    assert half_unit({"p": 0.5}, "p") == pytest.approx(0.05)
    assert span({"n": 12.0}, "n") == (11.5, 12.5)
    assert span({"n": None}, "n") is None


def test_numbers_are_apart_only_beyond_rounding_and_tolerance():
    assert not apart((0.9, 1.0), (1.0, 1.1), tolerance=0.0)
    assert apart((0.9, 1.0), (1.01, 1.1), tolerance=0.0)
    assert not apart((0.9, 1.0), (1.01, 1.1), tolerance=0.02)
    assert not apart((math.inf, math.inf), (1.0, 1.1), tolerance=0.02)


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (RATIO, []),
        # One digit wrong in each of the three.
        (RATIO | {"estimate": 0.475}, [("C26", "estimate")]),
        (RATIO | {"ci_lb": 0.109}, [("C26", "estimate")]),
        (RATIO | {"ci_ub": 0.906}, [("C26", "estimate")]),
        (RATIO | {"ci_ub": 0.906, "ci_method": "exact"}, []),
        (RATIO | {"ci_ub": 0.906, "ci_method": "normal"}, [("C26", "estimate")]),
        (RATIO | {"ci_ub": 0.906, "estimate_scale": "unclear"}, [("C17", "estimate")]),
        (DIFFERENCE, []),
        (DIFFERENCE | {"estimate": 4.4}, [("C26", "estimate")]),
        # d = 0.8 of 20 and 20: noncentral t gives 0.15 to 1.44 (its middle is 0.795); a typing error gives more.
        ({"estimate": 0.8, "ci_lb": 0.15, "ci_ub": 1.44, "ci_level": 95.0, "estimate_scale": "d"}, []),
        (
            {"estimate": 0.8, "ci_lb": 0.15, "ci_ub": 1.74, "ci_level": 95.0, "estimate_scale": "d"},
            [("C26", "estimate")],
        ),
        # r = .5 of 50 people: atanh(.5) +- 1.96 / sqrt(47) is .258 to .683.
        ({"estimate": 0.50, "ci_lb": 0.26, "ci_ub": 0.68, "ci_level": 95.0, "estimate_scale": "r"}, []),
        (
            {"estimate": 0.50, "ci_lb": 0.26, "ci_ub": 0.86, "ci_level": 95.0, "estimate_scale": "r"},
            [("C26", "estimate")],
        ),
        # Crisanti 2019: the middle is -5.05 with limits of one decimal.
        ({"mean_change_arm1": -5.1, "ci_lb_arm1": -9.0, "ci_ub_arm1": -1.1, "ci_level": 95.0}, []),
        (
            {"mean_change_arm1": -5.1, "ci_lb_arm1": -9.0, "ci_ub_arm1": -2.1, "ci_level": 95.0},
            [("C26", "mean_change_arm1")],
        ),
    ],
)
def test_interval_must_be_symmetric_on_its_own_scale(cells, found):
    assert told(cells) == found


def test_logarithm_typed_as_a_ratio_is_recognised():
    # The logarithm of 3.6 (1.3 to 9.8) is 1.28 (0.26 to 2.28).
    assert told(RATIO, estimate=1.28, ci_lb=0.26, ci_ub=2.28) == [("C27", "estimate")]
    assert told(RATIO, estimate=3.6, ci_lb=1.3, ci_ub=9.8) == []


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (RATIO | {"se": 0.323}, []),
        (RATIO | {"se": 0.361}, [("C28", "se")]),
        # 0.375 * 0.323: the standard error of the ratio itself.
        (RATIO | {"se": 0.121}, [("C28", "se")]),
        (RATIO | {"estimate": 0.375, "ci_lb": 0.221, "ci_ub": 0.638, "se": 0.323}, [("C29", "ci_level")]),
        (RATIO | {"estimate": 0.375, "ci_lb": 0.163, "ci_ub": 0.861, "se": 0.323}, [("C29", "ci_level")]),
        (DIFFERENCE | {"se": 1.94, "n_arm1": 40.0, "n_arm2": 50.0}, []),
        (DIFFERENCE | {"se": 3.4, "n_arm1": 40.0, "n_arm2": 50.0}, [("C28", "se")]),
        # Tracy 2020: b = -0.08, SE = 0.03, t = -2.97 agree within rounding.
        ({"estimate": -0.08, "estimate_scale": "b", "se": 0.03, "statistic": "t", "statistic_value": -2.97}, []),
        (
            {"estimate": -0.08, "estimate_scale": "b", "se": 0.03, "statistic": "t", "statistic_value": -4.97},
            [("C28", "statistic_value")],
        ),
    ],
)
def test_standard_error_must_follow_from_interval_and_statistic(cells, found):
    assert told(cells) == found


def test_standard_error_of_a_ratio_itself_is_named():
    (problem,) = problems(RATIO, se=0.121)
    assert problem.to_fix.startswith("It looks like the standard error of the ratio itself")


@pytest.mark.parametrize(
    ("cells", "doubted"),
    [
        # ln(0.375) / 0.3227 = -3.04: p = .0024.
        (RATIO | {"p": 0.003}, False),
        (RATIO | {"p": 0.3}, True),
        (RATIO | {"p": 0.03}, True),
        (RATIO | {"p": 0.001, "p_op": "<"}, False),
        (RATIO | {"p": 0.05, "p_op": ">"}, True),
        (RATIO | {"p": 0.3, "p_scope": "other"}, False),
        # 0.98 to 2.55 holds no effect: p is .06, not .02; and .09 is within the factor.
        (RATIO | {"estimate": 1.58, "ci_lb": 0.98, "ci_ub": 2.55, "p": 0.06}, False),
        (RATIO | {"estimate": 1.58, "ci_lb": 0.98, "ci_ub": 2.55, "p": 0.025}, True),
        (RATIO | {"estimate": 1.58, "ci_lb": 0.98, "ci_ub": 2.55, "p": 0.09}, False),
        (DIFFERENCE | {"p": 0.043}, False),
        (DIFFERENCE | {"p": 0.43}, True),
    ],
)
def test_p_value_must_follow_from_the_interval(cells, doubted):
    assert told(P, cells) == ([("C20", "p")] if doubted else [])


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (RATIO, []),
        (RATIO | {"estimate_scale": "RR", "estimate": 0.5, "ci_lb": 0.32, "ci_ub": 0.79}, []),
        (RATIO | {"estimate_scale": "RD", "estimate": -0.2, "ci_lb": -0.32, "ci_ub": -0.08}, []),
        (RATIO | {"estimate_scale": "RD", "estimate": -20.0, "ci_lb": -32.0, "ci_ub": -8.0}, []),
        # A risk ratio that is called an odds ratio.
        (RATIO | {"estimate": 0.5, "ci_lb": 0.32, "ci_ub": 0.79}, [("C30", "estimate")]),
        (RATIO | {"estimate": 0.5, "ci_lb": 0.32, "ci_ub": 0.79, "adjusted": "yes"}, []),
        # Arm 2 against arm 1.
        (RATIO | {"estimate": 2.67, "ci_lb": 1.42, "ci_ub": 5.02}, [("C30", "estimate")]),
        (RATIO | {"estimate_scale": "RD", "estimate": 0.2, "ci_lb": 0.08, "ci_ub": 0.32}, [("C30", "estimate")]),
        # The interval of another level, or of nothing that the counts give.
        (RATIO | {"ci_lb": 0.221, "ci_ub": 0.638}, [("C29", "ci_level")]),
        (RATIO | {"ci_lb": 0.163, "ci_ub": 0.861}, [("C29", "ci_level")]),
        (RATIO | {"ci_lb": 0.276, "ci_ub": 0.510}, [("C30", "ci_ub")]),
        (RATIO | {"ci_lb": 0.276, "ci_ub": 0.510, "ci_method": "exact"}, []),
        (RATIO | {"ci_lb": 0.163, "ci_ub": 0.861, "clustering_adjusted": "yes"}, []),
    ],
)
def test_estimate_and_interval_must_follow_from_the_counts(cells, found):
    assert told(COUNTS, cells) == found


def test_swapped_arms_are_named():
    (problem,) = problems(COUNTS, RATIO, estimate=2.67, ci_lb=1.42, ci_ub=5.02)
    assert problem.to_fix.startswith("It agrees with arm 2 against arm 1")


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        # Manning 2012: 64 % and 33 % make 3.6; Timko 2007: 51 % and 41 % make 1.50, and 1.61 is printed.
        ({"percent_arm1": 64.0, "percent_arm2": 33.0, "estimate": 3.6, "estimate_scale": "OR"}, []),
        ({"percent_arm1": 51.0, "percent_arm2": 41.0, "estimate": 1.61, "estimate_scale": "OR"}, [("C30", "estimate")]),
        ({"rate_arm1": 1.1, "rate_arm2": 0.5, "estimate": 2.2, "estimate_scale": "IRR"}, []),
        ({"rate_arm1": 1.1, "rate_arm2": 0.5, "estimate": 3.2, "estimate_scale": "IRR"}, [("C30", "estimate")]),
        # Nobody in arm 2: a printed ratio rests on a correction.
        ({"percent_arm1": 100.0, "percent_arm2": 0.0, "estimate": 99.0, "estimate_scale": "OR"}, []),
    ],
)
def test_ratio_must_follow_from_percents_and_rates(cells, found):
    assert told(cells) == found


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (DIFFERENCE, []),
        (DIFFERENCE | {"estimate": 4.6, "ci_lb": 0.74, "ci_ub": 8.46}, [("C31", "estimate")]),
        (DIFFERENCE | {"estimate": 4.6, "ci_lb": 0.74, "ci_ub": 8.46, "adjusted": "yes"}, []),
        (DIFFERENCE | {"estimate": -4.0, "ci_lb": -7.86, "ci_ub": -0.14}, [("C31", "estimate")]),
        ({"estimate": 0.44, "estimate_scale": "d"}, []),
        # With the small-sample factor of Hedges: 0.436 (1 - 3 / 351) = 0.4326.
        ({"estimate": 0.43, "estimate_scale": "g"}, []),
        ({"estimate": 0.58, "estimate_scale": "d"}, [("C31", "estimate")]),
        # Divided by the standard deviation of arm 2.
        ({"estimate": 0.40, "estimate_scale": "glass"}, []),
        ({"statistic": "t", "statistic_value": 2.06, "df1": 88.0}, []),
        ({"statistic": "t", "statistic_value": -2.11, "df1": 83.0}, []),
        ({"statistic": "t", "statistic_value": 2.6, "df1": 88.0}, [("C31", "statistic_value")]),
        ({"statistic": "F", "statistic_value": 4.23, "df1": 1.0, "df2": 88.0}, []),
        ({"statistic": "F", "statistic_value": 6.5, "df1": 1.0, "df2": 88.0}, [("C31", "statistic_value")]),
        ({"p": 0.04, **P}, []),
        ({"p": 0.4, **P}, [("C20", "p")]),
        ({"p": 0.001, **P}, [("C20", "p")]),
        ({"p": 0.4, **P, "adjusted": "yes"}, []),
        # A standard error typed as standard deviation: 8 / sqrt(40) and 10 / sqrt(50) make t 13.
        ({"sd_arm1": 1.3, "sd_arm2": 1.4, "p": 0.04, **P, "printed": {}}, [("C20", "p")]),
    ],
)
def test_differences_and_tests_must_follow_from_the_means(cells, found):
    assert told(MEANS, {"printed": TENTHS}, cells) == found


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        # 0.436 sqrt(40 * 50 / 90) = 2.057.
        ({"statistic": "t", "statistic_value": 2.06, "df1": 88.0}, []),
        ({"statistic": "t", "statistic_value": 3.06, "df1": 88.0}, [("C31", "statistic_value")]),
        ({"p": 0.043, **P}, []),
        ({"p": 0.43, **P}, [("C20", "p")]),
        ({"p": 0.43, **P, "adjusted": "yes"}, []),
    ],
)
def test_tests_must_follow_from_a_standardised_difference(cells, found):
    smd = {"n_arm1": 40.0, "n_arm2": 50.0, "estimate": 0.436, "estimate_scale": "d"}
    assert told(smd, cells) == found


def test_number_that_is_wrong_by_several_routes_is_told_once():
    # p = .4 contradicts the interval and the means.
    assert told(MEANS, DIFFERENCE, P, p=0.4, printed=TENTHS | {"ci_lb": "0.14", "ci_ub": "7.86"}) == [("C20", "p")]


def test_turned_sign_is_named():
    (problem,) = problems(MEANS, DIFFERENCE, estimate=-4.0, ci_lb=-7.86, ci_ub=-0.14)
    assert problem.to_fix.startswith("Its sign is turned")


def _bcg():
    """Yield counts of the BCG trials with their risk ratios and intervals as metafor's escalc prints them."""
    folder = Path(__file__).parents[1] / "examples" / "bcg" / "data" / "extraction"
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as handle:
            (row,) = csv.DictReader(handle)
        events1, n1, events2, n2 = (float(row[c]) for c in ("events_arm1", "n_arm1", "events_arm2", "n_arm2"))
        yield events1, n1, events2, n2


@pytest.mark.parametrize("decimals", [1, 2, 3])
def test_rounded_numbers_of_real_trials_raise_no_doubt(decimals):
    """Risk ratios of the thirteen BCG trials by Katz' formula, at three roundings."""
    for events1, n1, events2, n2 in _bcg():
        log_ratio, se = math.log(events1 / n1 * n2 / events2), math.sqrt(1 / events1 - 1 / n1 + 1 / events2 - 1 / n2)
        limits = [math.exp(log_ratio + side * 1.959964 * se) for side in (0, -1, 1)]
        if round(limits[1], decimals) <= 0:
            continue
        printed = dict(zip(("estimate", "ci_lb", "ci_ub"), (f"{x:.{decimals}f}" for x in limits), strict=True))
        cells = {name: float(text) for name, text in printed.items()} | {"printed": printed}
        counts = {"n_arm1": n1, "n_arm2": n2, "events_arm1": events1, "events_arm2": events2}
        assert told(counts, cells, estimate_scale="RR", ci_level=95.0) == []
