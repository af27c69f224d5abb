"""Routes of printed ratios and differences, against algebra on paper."""

import math

import numpy as np
import pytest
from rows import CLOSED, EXACT_P, SHARED, Z975, effect_of, gives_nothing, holds, ids

#: Normal quantiles from a printed table: one-sided .05, .01, .02, .005.
Z95, Z99, Z98, Z995 = 1.6448536269514722, 2.3263478740408408, 2.0537489106318225, 2.5758293035489004
CI = {"ci_lb": 1.02, "ci_ub": 1.87, "ci_level": 95.0}
BELOW = {"p": 0.05, "p_op": "<", "p_scope": "contrast"}
LOG_RANK = {"statistic": "log_rank", "statistic_value": 4.0, "df1": 1.0, "events_total": 80.0, "favours": "arm1"}
LOG_RANK |= {"n_arm1": 100.0, "n_arm2": 100.0}
MAGIDSON = {"percent_arm1": 88.6, "percent_arm2": 59.7, "statistic": "chi2", "statistic_value": 10.10, "df1": 1.0}
MEANS = {"estimate": 4.4, "estimate_scale": "MD", "n_arm1": 40.0, "n_arm2": 44.0}
#: Standard error of a difference between 40 and 44 people with one standard deviation of 10.2.
SE = 10.2 * math.sqrt(1 / 40 + 1 / 44)


def scale(name, estimate, **more):
    return {"estimate": estimate, "estimate_scale": name} | more


def log_odds(percent):
    return math.log(percent / (100 - percent))


YI_MAGIDSON = log_odds(88.6) - log_odds(59.7)
# metafor 3.8.1: escalc("SMD", m1i=21.6, sd1i=10.2, n1i=40, m2i=17.2, sd2i=10.2, n2i=44)
SMD = (0.4274129799380100, 0.0488146647238173)

CASES = [
    # Cochrane Handbook 6.3.2: the width of the interval on the log scale over twice the quantile.
    (
        "ratio_and_interval",
        "OR",
        scale("OR", 1.38, **CI),
        math.log(1.38),
        (math.log(1.87 / 1.02) / (2 * Z975)) ** 2,
        "",
    ),
    # Limits exp(-z) and exp(z) at 90 %: standard error 1.
    (
        "ratio_and_interval",
        "HR",
        scale("HR", 1.0, ci_lb=math.exp(-Z95), ci_ub=math.exp(Z95), ci_level=90.0),
        0.0,
        1.0,
        "",
    ),
    ("ratio_and_se", "HR", scale("HR", 0.8, se=0.1), math.log(0.8), 0.01, ""),
    # |log 1.5| over z.
    (
        "ratio_and_z",
        "IRR",
        scale("IRR", 1.5, statistic="z", statistic_value=2.0),
        math.log(1.5),
        (math.log(1.5) / 2) ** 2,
        "",
    ),
    (
        "ratio_and_z",
        "RR",
        scale("RR", 1.5, statistic="chi2", statistic_value=4.0, df1=1.0),
        math.log(1.5),
        (math.log(1.5) / 2) ** 2,
        "se_from_p",
    ),
    ("ratio_and_p", "OR", scale("OR", math.exp(Z975), p=0.05, **EXACT_P), Z975, 1.0, "p_two_sided"),
    ("ratio_and_p", "OR", scale("OR", math.exp(Z975), p=0.05, tails="two", **EXACT_P), Z975, 1.0, ""),
    ("ratio_and_one_sided_p", "OR", scale("OR", math.exp(Z95), p=0.05, **EXACT_P), Z95, 1.0, "p_one_sided"),
    (
        "ratio_and_p_bound",
        "OR",
        scale("OR", math.exp(Z975), **BELOW),
        Z975,
        1.0,
        "p_at_its_bound;p_two_sided",
    ),
    # Width 5.4 over twice the quantile.
    (
        "difference_and_interval",
        "MD",
        scale("MD", -3.2, ci_lb=-5.9, ci_ub=-0.5, ci_level=95.0),
        -3.2,
        (5.4 / (2 * Z975)) ** 2,
        "",
    ),
    (
        "difference_and_interval",
        "MD",
        scale("b", -3.2, ci_lb=-5.9, ci_ub=-0.5, ci_level=95.0),
        -3.2,
        (5.4 / (2 * Z975)) ** 2,
        "coefficient_is_difference",
    ),
    ("difference_and_se", "RD", scale("RD", 0.12, se=0.05), 0.12, 0.0025, ""),
    ("difference_and_se", "IRD", scale("IRD", 0.12, se=0.05), 0.12, 0.0025, ""),
    ("difference_and_p", "MD", scale("MD", -3.2, p=0.02, **EXACT_P), -3.2, (3.2 / Z99) ** 2, "p_two_sided"),
    ("difference_and_p", "MD", scale("MD", -3.2, statistic="t", statistic_value=-2.0), -3.2, 1.6**2, ""),
    # With sizes the p-value is that of a t test; R: qt(.975, 63) = 1.99834054252074.
    (
        "difference_and_p",
        "MD",
        scale("MD", -3.2, p=0.05, n_arm1=30.0, n_arm2=35.0, **EXACT_P),
        -3.2,
        (3.2 / 1.99834054252074) ** 2,
        "p_two_sided",
    ),
    ("difference_to_d", "SMD", MEANS | {"se": SE}, *SMD, "two_group_test"),
    # A 95 % t interval; R: qt(.975, 82) = 1.98931855713657.
    (
        "difference_to_d",
        "SMD",
        MEANS | {"ci_lb": 4.4 - 1.98931855713657 * SE, "ci_ub": 4.4 + 1.98931855713657 * SE, "ci_level": 95.0},
        *SMD,
        "two_group_test",
    ),
    ("difference_to_d", "SMD", MEANS | {"statistic": "t", "statistic_value": 4.4 / SE}, *SMD, "two_group_test"),
    # Binswanger 2015: 0.2 v 0.6 admissions per 100 person-days, p = .04; |log(1/3)| / 2.0537 = 0.5349.
    (
        "rates_and_p",
        "IRR",
        {"rate_arm1": 0.2, "rate_arm2": 0.6, "p": 0.04, **EXACT_P},
        -math.log(3),
        (math.log(3) / Z98) ** 2,
        "p_two_sided",
    ),
    # Miettinen 1976: the standard error is |yi| over the root of chi-squared. Magidson: 88.6 v 59.7 %, 10.10.
    ("percents_and_p", "OR", MAGIDSON, YI_MAGIDSON, YI_MAGIDSON**2 / 10.10, "se_from_p"),
    (
        "percents_and_p",
        "OR",
        {"percent_arm1": 60.0, "percent_arm2": 50.0, "p": 0.05, **EXACT_P},
        math.log(1.5),
        (math.log(1.5) / Z975) ** 2,
        "p_two_sided;se_from_p",
    ),
    (
        "percents_and_p_bound",
        "OR",
        {"percent_arm1": 60.0, "percent_arm2": 50.0, **BELOW},
        math.log(1.5),
        (math.log(1.5) / Z975) ** 2,
        "p_at_its_bound;p_two_sided;se_from_p",
    ),
    # Yusuf 1985: (O - E) / V and 1 / V.
    ("o_minus_e", "HR", {"o_minus_e": -4.2, "v_log_rank": 9.7}, -4.2 / 9.7, 1 / 9.7, ""),
    # Parmar 1998: V = 80 * 100 * 100 / 200^2 = 20; log HR = root of chi-squared over root of V.
    ("log_rank_test", "HR", LOG_RANK, 2 / math.sqrt(20), 1 / 20, "se_from_p;sign_from_words"),
    # V = 80 * 50 * 150 / 200^2 = 15; the p-value .05 is z = 1.96.
    (
        "log_rank_test",
        "HR",
        {"statistic": "log_rank", "p": 0.05, "events_total": 80.0, "favours": "arm2", "n_arm1": 50.0, "n_arm2": 150.0}
        | EXACT_P,
        -Z975 / math.sqrt(15),
        1 / 15,
        "p_two_sided;se_from_p;sign_from_words",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=ids(CASES))
def test_route_gives_the_expected_effect(case):
    holds(case)


def test_standard_error_of_binswanger_is_the_printed_one():
    effect = effect_of("rates_and_p", "IRR", {"rate_arm1": 0.2, "rate_arm2": 0.6, "p": 0.04, **EXACT_P})
    assert math.sqrt(effect["vi"]) == pytest.approx(0.5349, abs=0.5e-4)


def test_stated_sides_leave_no_other_reading_of_a_p_value():
    stated = scale("OR", 2.0, p=0.05, tails="two", **EXACT_P)
    assert gives_nothing("ratio_and_one_sided_p", stated)
    # Where one-sided is the rule of the review, the other reading is two-sided.
    unstated = scale("OR", math.exp(Z975), p=0.05, **EXACT_P)
    other = effect_of("ratio_and_one_sided_p", "OR", unstated, p_without_sides="one")
    assert other["assumptions"] == "p_two_sided" and other["vi"] == pytest.approx(1, rel=1e-9)


def test_p_below_a_bound_is_open_down_to_the_next_bound():
    # p < .05 would have been printed as p < .01 had it been: the best case is z = 2.5758 instead of 1.96.
    effect = effect_of("ratio_and_p_bound", "OR", scale("OR", math.exp(Z975), **BELOW))
    assert effect["vi_best"] == pytest.approx((Z975 / Z995) ** 2, rel=1e-9)
    assert effect["vi_worst"] == pytest.approx(1, rel=1e-9)
    assert effect["left_open"] == "p below a bound"


def test_bound_that_says_nothing_leads_nowhere():
    assert gives_nothing("ratio_and_p_bound", scale("OR", 2.0, p=1.0, p_op="<", p_scope="contrast"))


def test_log_rank_test_without_sizes_leaves_the_allocation_open():
    cells = {name: value for name, value in LOG_RANK.items() if not name.startswith("n_")}
    effect = effect_of("log_rank_test", "HR", cells)
    assert effect["assumptions"] == "declared_allocation;se_from_p;sign_from_words"
    # V = 80 * 0.4 * 0.6 = 19.2 at both ends: the same z, so the effect itself and an end tie for best and worst.
    assert {round(1 / effect[f"vi_{end}"], 9) for end in ("best", "worst")} <= {19.2, 20.0}
    assert effect["left_open"] == "arm sizes"


def test_allocation_of_a_tested_difference_is_left_open():
    # d = difference / SD, and the SD behind an SE of 2 is 2 / sqrt(1/n1 + 1/n2): at 80 v 120 of 200 people
    # 2 / sqrt(1/48), with small-sample factor J(198) = 0.99621 of both.
    effect = effect_of("difference_to_d", "SMD", SHARED | scale("MD", 4.0, statistic="t", statistic_value=2.0))
    assert effect["assumptions"] == "declared_allocation;two_group_test"
    assert effect["yi"] == pytest.approx(2 * math.sqrt(2 / 100) * 0.99621, rel=1e-5)
    ends = {round(effect[f"yi_{end}"], 4) for end in ("best", "worst")}
    assert ends <= {round(2 * math.sqrt(total) * 0.99621, 4) for total in (1 / 80 + 1 / 120, 2 / 100)}
    assert effect["left_open"] == "arm sizes"


RATIO, DIFFERENCE = scale("OR", 1.38, **CI), scale("MD", -3.2, ci_lb=-5.9, ci_ub=-0.5, ci_level=95.0)


@pytest.mark.parametrize("method", ["exact", "profile", "bootstrap"])
def test_interval_that_is_not_normal_gives_no_standard_error(method):
    assert gives_nothing("ratio_and_interval", RATIO | {"ci_method": method})
    assert gives_nothing("difference_and_interval", DIFFERENCE | {"ci_method": method})
    assert gives_nothing("difference_to_d", DIFFERENCE | {"n_arm1": 40.0, "n_arm2": 44.0, "ci_method": method})
    assert not gives_nothing("ratio_and_interval", RATIO | {"ci_method": "normal"})


@pytest.mark.parametrize("scope", ["all_arms", "other", ""])
def test_p_value_of_something_else_is_never_used(scope):
    cells = {"p": 0.05, "p_op": "=", "p_scope": scope}
    assert gives_nothing("ratio_and_p", scale("OR", 2.0) | cells)
    assert gives_nothing("difference_and_p", scale("MD", 2.0) | cells)
    assert gives_nothing("rates_and_p", {"rate_arm1": 0.2, "rate_arm2": 0.6} | cells)
    assert gives_nothing("percents_and_p", {"percent_arm1": 60.0, "percent_arm2": 50.0} | cells)
    assert gives_nothing("percents_and_p_bound", {"percent_arm1": 60.0, "percent_arm2": 50.0} | cells | {"p_op": "<"})


@pytest.mark.parametrize("scope", ["all_arms", "other"])
def test_statistic_of_something_else_is_never_used(scope):
    assert gives_nothing("ratio_and_z", scale("RR", 1.5, statistic="z", statistic_value=2.0, p_scope=scope))
    assert gives_nothing("percents_and_p", MAGIDSON | {"p_scope": scope})
    assert gives_nothing("log_rank_test", LOG_RANK | {"p_scope": scope})
    assert gives_nothing("difference_and_p", scale("MD", 2.0, statistic="t", statistic_value=2.0, p_scope=scope))


@pytest.mark.parametrize(
    ("route", "cells"),
    [
        ("ratio_and_z", scale("RR", 1.5, statistic="chi2", statistic_value=4.0, df1=2.0)),
        ("percents_and_p", MAGIDSON | {"df1": 4.0}),
        # A log-rank test whose degrees of freedom are not printed may compare all arms.
        ("log_rank_test", LOG_RANK | {"df1": np.nan}),
        ("log_rank_test", LOG_RANK | {"favours": "neither"}),
        ("log_rank_test", LOG_RANK | {"estimate": 0.8, "estimate_scale": "HR"}),
    ],
)
def test_test_of_more_than_two_groups_or_without_direction_leads_nowhere(route, cells):
    assert gives_nothing(route, cells)


@pytest.mark.parametrize("cells", [{"adjusted": "yes"}, {"clustering_adjusted": "yes"}])
def test_adjusted_error_tells_no_standard_deviation(cells):
    assert gives_nothing("difference_to_d", MEANS | {"se": SE} | cells)


def test_rates_alone_have_no_error():
    assert gives_nothing("rates_and_p", {"rate_arm1": 0.2, "rate_arm2": 0.6})


def test_percents_of_appointments_give_no_odds_of_people():
    assert gives_nothing("percents_and_p", MAGIDSON | {"percent_of": "other_unit"})


@pytest.mark.parametrize("estimate", [0.0, -1.5, math.inf])
def test_ratio_that_cannot_be_gives_nothing(estimate):
    assert gives_nothing("ratio_and_interval", scale("OR", estimate, **CI))
    assert gives_nothing("ratio_and_se", scale("OR", estimate, se=0.1))


def test_standard_error_rounded_to_zero_gives_nothing():
    assert gives_nothing("ratio_and_se", scale("OR", 1.5, se=0.0))
    assert gives_nothing("difference_and_interval", scale("MD", 1.0, ci_lb=1.0, ci_ub=1.0, ci_level=95.0))


@pytest.mark.parametrize("name", ["RR", "HR", "IRR", "ROM"])
def test_ratio_of_the_opposite_outcome_is_refused_but_odds_turn(name):
    assert gives_nothing("ratio_and_interval", scale(name, 1.38, flip=-1.0, **CI))
    turned = effect_of("ratio_and_interval", "OR", scale("OR", 1.38, flip=-1.0, **CI))
    assert turned["yi"] == pytest.approx(-math.log(1.38), rel=CLOSED)
