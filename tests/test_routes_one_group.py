"""Routes of single groups, against metafor 3.8.1 and algebra on paper."""

import math

import numpy as np
import pytest
from rows import CLOSED, R_DIGITS, effect_of, gives_nothing, holds, ids

ALONE = {"comparator": "none", "condition_arm2": ""}
PAST = {"comparator": "pre"}
ONE_ARM = {"n_total_arms": 1.0, "n_total_basis": "analysed"}
COUNT = ALONE | {"events_arm1": 67.0, "n_arm1": 70.0}
RATE = ALONE | {"events_arm1": 15.0, "person_time_arm1": 512.0}
MEAN = ALONE | {"mean_arm1": 12.3, "sd_arm1": 8.8, "n_arm1": 50.0}
PRE_POST = PAST | {"pre_mean_arm1": 12.3, "pre_sd_arm1": 8.8, "mean_arm1": 9.1, "sd_arm1": 7.9, "n_arm1": 50.0}
KNOWN_R = PRE_POST | {"r_pre_post": 0.6}
CHANGE = PAST | {"mean_change_arm1": -5.1, "n_arm1": 40.0}
D = PAST | {"estimate": -0.78, "estimate_scale": "d_prepost", "n_arm1": 60.0}
#: Error of a mean change with an SD of 6.2 in 40 people; R: qt(.975, 39) = 2.02269092003676.
SE, T39 = 6.2 / math.sqrt(40), 2.02269092003676
# metafor: escalc("SMCC", m1i=-5.1, m2i=0, sd1i=6.2, sd2i=0, ni=40, ri=0)
SMCC = (-0.8066425189144718, 0.0331334019165085)

CASES = [
    # metafor: escalc("PLO" | "PR", xi=67, ni=70)
    ("single_count", "PLO", COUNT, 3.106080330722857, 0.348258706467662, ""),
    ("single_count", "PR", COUNT, 0.95714285714285718, 0.00058600583090379, ""),
    # 96 % of 70 people are 67.
    (
        "single_percent",
        "PLO",
        ALONE | {"percent_arm1": 96.0, "n_arm1": 70.0},
        3.106080330722857,
        0.348258706467662,
        "counts_from_percent",
    ),
    (
        "single_percent",
        "PLO",
        ALONE | {"percent_arm1": 96.0, "n_total": 70.0} | ONE_ARM | {"n_total_basis": "enrolled"},
        3.106080330722857,
        0.348258706467662,
        "all_randomised_counted;counts_from_percent",
    ),
    # metafor: escalc("IR" | "IRLN", xi=15, ti=512)
    ("single_rate", "IR", RATE, 0.029296875, 5.7220458984375e-05, ""),
    ("single_rate", "IRLN", RATE, -3.5302744239372976, 1 / 15, ""),
    # metafor: escalc("MN", mi=12.3, sdi=8.8, ni=50)
    ("single_mean", "MN", MEAN, 12.3, 1.5488, ""),
    # metafor: escalc("SMCR", m1i=9.1, m2i=12.3, sd1i=8.8, ni=50, ri=.6); SMCRH with sd2i=7.9 too.
    ("single_pre_post", "SMCR", KNOWN_R, -0.3580371553586078, 0.0172819060461728, ""),
    ("single_pre_post", "SMCRH", KNOWN_R, -0.3580371553586078, 0.0156839171651728, ""),
    # metafor: escalc("SMCC" | "MC" | "ROMC", m1i=9.1, m2i=12.3, sd1i=7.9, sd2i=8.8, ni=50, ri=.6)
    ("single_pre_post", "SMCC", KNOWN_R, -0.4194412489094087, 0.0217593096128668, ""),
    ("single_pre_post", "MC", KNOWN_R, -3.2, 1.12852, ""),
    ("single_pre_post", "ROMC", KNOWN_R, -0.3013248488555675, 0.0104038920318869, ""),
    ("single_change", "MC", CHANGE | {"sd_change_arm1": 6.2}, -5.1, 6.2**2 / 40, ""),
    ("single_change", "SMCC", CHANGE | {"sd_change_arm1": 6.2}, *SMCC, ""),
    ("single_change", "SMCC", CHANGE | {"se_arm1": SE}, *SMCC, ""),
    ("single_change", "SMCC", CHANGE | {"t_change_arm1": 5.1 / SE}, *SMCC, ""),
    # The p-value .05 of a paired t test with 39 df.
    ("single_change", "MC", CHANGE | {"p_change_arm1": 0.05}, -5.1, (5.1 / T39) ** 2, ""),
    (
        "single_change",
        "MC",
        CHANGE | {"ci_lb_arm1": -5.1 - T39, "ci_ub_arm1": -5.1 + T39, "ci_level": 95.0},
        -5.1,
        1.0,
        "",
    ),
    # metafor: escalc("SMCR", m1i=-.78, m2i=0, sd1i=1, ni=60, ri=.5)
    ("single_d", "SMCR", D, -0.7700354645566251, 0.0216079551389578, "baseline_sd_standardises;r_declared"),
    (
        "single_d",
        "SMCR",
        D | {"r_pre_post": 0.5},
        -0.7700354645566251,
        0.0216079551389578,
        "baseline_sd_standardises",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=ids(CASES))
def test_route_gives_the_expected_effect(case):
    holds(case)


def test_rounded_percent_leaves_its_counts_open():
    # 12 % of 200 may be 23, 24 or 25 people.
    effect = effect_of("single_percent", "PR", ALONE | {"percent_arm1": 12.0, "n_arm1": 200.0})
    assert effect["yi"] == pytest.approx(24 / 200, rel=CLOSED) and effect["left_open"] == "rounded percents"
    assert sorted([effect["yi_best"], effect["yi_worst"]]) == pytest.approx([23 / 200, 25 / 200], rel=CLOSED)


def test_declared_correlation_leaves_a_change_open():
    # SMCR: 2 (1 - r) / 50 + g^2 / 100 with r = 0.3 and 0.7; a fall is worst where it is most certain.
    effect = effect_of("single_pre_post", "SMCR", PRE_POST)
    g = -0.3580371553586078
    assert effect["assumptions"] == "r_declared" and effect["left_open"] == "correlation"
    assert effect["vi"] == pytest.approx(1.0 / 50 + g**2 / 100, rel=R_DIGITS)
    assert effect["vi_best"] == pytest.approx(1.4 / 50 + g**2 / 100, rel=R_DIGITS)
    assert effect["vi_worst"] == pytest.approx(0.6 / 50 + g**2 / 100, rel=R_DIGITS)


def test_size_of_the_study_stands_in_for_that_of_its_only_group():
    # 80 % of 100 enrolled: 80 people; those randomised are named only where nobody says who was left.
    cells = ALONE | ONE_ARM | {"mean_arm1": 12.3, "sd_arm1": 8.8, "n_total": 100.0, "n_total_basis": "enrolled"}
    assert effect_of("single_mean", "MN", cells)["assumptions"] == "all_randomised_counted"
    followed = effect_of("single_mean", "MN", cells | {"followup_percent": 80.0})
    assert followed["vi"] == pytest.approx(8.8**2 / 80, rel=CLOSED) and followed["assumptions"] == ""
    assert gives_nothing("single_mean", cells | {"n_total_arms": 2.0})


@pytest.mark.parametrize("comparator", ["usual_care", "pre"])
def test_single_group_stands_alone(comparator):
    for route, cells in (
        ("single_count", COUNT),
        ("single_percent", ALONE | {"percent_arm1": 96.0, "n_arm1": 70.0}),
        ("single_rate", RATE),
        ("single_mean", MEAN),
    ):
        assert gives_nothing(route, cells | {"comparator": comparator}), route


@pytest.mark.parametrize("comparator", ["usual_care", "none"])
def test_change_of_a_group_is_against_its_own_past(comparator):
    for route, cells in (("single_pre_post", PRE_POST), ("single_d", D), ("single_change", CHANGE | {"se_arm1": SE})):
        assert gives_nothing(route, cells | {"comparator": comparator}), route


def test_counts_of_visits_give_nothing_on_people():
    visits = {"n_total": 70.0, "n_total_arms": 1.0, "n_total_basis": "other_unit"}
    assert gives_nothing("single_count", COUNT | visits)
    assert gives_nothing("single_percent", ALONE | visits | {"percent_arm1": 96.0})
    assert gives_nothing("single_percent", ALONE | {"percent_arm1": 96.0, "n_arm1": 70.0, "percent_of": "other_unit"})
    assert gives_nothing("single_mean", ALONE | visits | {"mean_arm1": 12.3, "sd_arm1": 8.8})


def test_printed_counts_leave_no_use_for_the_percent():
    assert gives_nothing("single_percent", COUNT | {"percent_arm1": 96.0})


@pytest.mark.parametrize("method", ["exact", "bootstrap"])
def test_interval_that_is_not_normal_gives_no_spread(method):
    cells = CHANGE | {"ci_lb_arm1": -6.0, "ci_ub_arm1": -4.2, "ci_level": 95.0, "ci_method": method}
    assert gives_nothing("single_change", cells)


def test_opposite_of_a_proportion_is_that_of_the_others():
    # 3 of 70 instead of 67 of 70: the logit changes its sign, the proportion becomes 3/70.
    assert effect_of("single_count", "PLO", COUNT | {"flip": -1.0})["yi"] == pytest.approx(-3.106080330722857)
    assert effect_of("single_count", "PR", COUNT | {"flip": -1.0})["yi"] == pytest.approx(3 / 70, rel=CLOSED)
    assert gives_nothing("single_rate", RATE | {"flip": -1.0})


def test_people_of_a_single_group_stand_in_arm_1_only():
    effect = effect_of("single_count", "PLO", COUNT)
    assert effect["n_arm1"] == 70 and np.isnan(effect["n_arm2"])
