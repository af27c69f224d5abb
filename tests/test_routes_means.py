"""Routes of means, medians and changes, against metafor 3.8.1 and algebra on paper."""

import math

import numpy as np
import pytest
from rows import CLOSED, EXACT_P, R_DIGITS, SHARED, Z975, effect_of, gives_nothing, holds, ids

MEANS = {"mean_arm1": 21.6, "n_arm1": 40.0, "mean_arm2": 17.2, "n_arm2": 44.0}
SDS = {"sd_arm1": 10.9, "sd_arm2": 9.4}
SE1, SE2 = 10.9 / math.sqrt(40), 9.4 / math.sqrt(44)
#: R: qt(.975, c(39, 43))
T39, T43 = 2.02269092003676, 2.01669219922782
LIMITS = {
    "ci_lb_arm1": 21.6 - T39 * SE1,
    "ci_ub_arm1": 21.6 + T39 * SE1,
    "ci_lb_arm2": 17.2 - T43 * SE2,
    "ci_ub_arm2": 17.2 + T43 * SE2,
    "ci_level": 95.0,
}
# metafor: escalc("SMD" | "MD", m1i=21.6, sd1i=10.9, n1i=40, m2i=17.2, sd2i=9.4, n2i=44)
SMD, MD = (0.4298945627642204, 0.0488273282933099), (4.4, 4.97843181818182)
# The same with sd1i=10.2, sd2i=10.2.
SMD_POOLED, MD_POOLED = (0.4274129799380100, 0.0488146647238173), (4.4, 4.96554545454545)
T_POOLED = 4.4 / (10.2 * math.sqrt(1 / 40 + 1 / 44))
QUARTILES = {"q1_arm1": 4.0, "median_arm1": 14.0, "q3_arm1": 25.0, "n_arm1": 40.0}
QUARTILES |= {"q1_arm2": 2.0, "median_arm2": 9.0, "q3_arm2": 18.0, "n_arm2": 44.0}
# Luo 2018, equation 11: w = 0.7 + 0.39 / n of the middle of the quartiles, 1 - w of the median.
# Wan 2014, equation 16: SD = (q3 - q1) / (2 z) with R: qnorm((0.75 n - 0.125) / (n + 0.25)).
MEDIANS = (0.70975 * 14.5 + 0.29025 * 14) - ((0.7 + 0.39 / 44) * 10 + (0.3 - 0.39 / 44) * 9)
SD_Q1, SD_Q2 = 21 / (2 * 0.650254332726559), 16 / (2 * 0.652429259875992)
CHANGES = {"mean_change_arm1": -5.1, "n_arm1": 40.0, "mean_change_arm2": -4.9, "n_arm2": 42.0}
CHANGE_SDS = {"sd_change_arm1": 6.2, "sd_change_arm2": 5.8}
MD_CHANGE = (-0.2, 6.2**2 / 40 + 5.8**2 / 42)
# metafor: escalc("SMD", m1i=-5.1, sd1i=6.2, n1i=40, m2i=-4.9, sd2i=5.8, n2i=42)
SMD_CHANGE = (-0.0330288654162725, 0.0488161756750768)
#: Crisanti 2019: -5.1 (-9.0 to -1.1) v -4.9 (-8.6 to -1.1).
CRISANTI = {"mean_change_arm1": -5.1, "ci_lb_arm1": -9.0, "ci_ub_arm1": -1.1, "ci_level": 95.0}
CRISANTI |= {"mean_change_arm2": -4.9, "ci_lb_arm2": -8.6, "ci_ub_arm2": -1.1}
PRE_POST = {"pre_mean_arm1": 20.0, "pre_sd_arm1": 6.0, "mean_arm1": 12.0, "sd_arm1": 5.0, "n_arm1": 30.0}
PRE_POST |= {"pre_mean_arm2": 21.0, "pre_sd_arm2": 7.0, "mean_arm2": 17.0, "sd_arm2": 6.0, "n_arm2": 28.0}
PAIRED = MEANS | SDS | {"n_arm2": 40.0, "paired": "yes", "r_pre_post": 0.6}
# Cousineau 2020: d in root mean variances, J with 2 (n - 1) / (1 + r^2) = 57.35 df by R's lgamma: 0.986856204673253.
G_PAIRED = 0.986856204673253 * 4.4 / math.sqrt((10.9**2 + 9.4**2) / 2)
ANCOVA = MEANS | SDS | {"adjusted": "yes", "r_covariate": 0.5, "n_covariates": 1.0}
# Borenstein 2009, table 12.3: J(81) = 0.990707268167283 by R's lgamma.
G_ANCOVA = 0.990707268167283 * 4.4 / math.sqrt((39 * 10.9**2 + 43 * 9.4**2) / 82)

CASES = [
    ("means_and_sds", "MD", MEANS | SDS, *MD, ""),
    ("means_and_sds", "SMD", MEANS | SDS, *SMD, ""),
    # metafor: escalc("SMD1" | "ROM" | "RPB" | "D2ORL", the same)
    ("means_and_sds", "SMD1", MEANS | SDS, 0.4598650436118292, 0.0501304074810922, ""),
    ("means_and_sds", "ROM", MEANS | SDS, 0.2277839308707121, 0.0131543438374474, ""),
    ("means_and_sds", "RPB", MEANS | SDS, 0.2142273776977649, 0.0108406499544979, ""),
    ("means_and_sds", "D2ORL", MEANS | SDS, 0.786966046801596, 0.160702835789519, ""),
    ("means_and_pooled_sd", "MD", MEANS | {"sd_pooled": 10.2}, *MD_POOLED, ""),
    ("means_and_pooled_sd", "SMD", MEANS | {"sd_pooled": 10.2}, *SMD_POOLED, ""),
    ("means_and_ses", "SMD", MEANS | {"se_arm1": SE1, "se_arm2": SE2}, *SMD, ""),
    ("means_and_intervals", "SMD", MEANS | LIMITS, *SMD, ""),
    ("means_and_test", "SMD", MEANS | {"statistic": "t", "statistic_value": T_POOLED}, *SMD_POOLED, "two_group_test"),
    ("means_and_test", "MD", MEANS | {"statistic": "t", "statistic_value": 2.0}, 4.4, 2.2**2, "two_group_test"),
    # R: qt(.975, 63) = 1.99834054252074 is the t of p = .05.
    (
        "means_and_test",
        "MD",
        {"mean_arm1": 9.0, "n_arm1": 30.0, "mean_arm2": 5.0, "n_arm2": 35.0, "p": 0.05, **EXACT_P},
        4.0,
        (4 / 1.99834054252074) ** 2,
        "p_two_sided;two_group_test",
    ),
    ("medians", "MD", QUARTILES, MEDIANS, SD_Q1**2 / 40 + SD_Q2**2 / 44, "medians_to_means"),
    ("changes_and_sds", "MD", CHANGES | CHANGE_SDS, *MD_CHANGE, ""),
    ("changes_and_sds", "SMD", CHANGES | CHANGE_SDS, *SMD_CHANGE, "change_sd_standardises"),
    (
        "changes_and_ses",
        "SMD",
        CHANGES | {"se_arm1": 6.2 / math.sqrt(40), "se_arm2": 5.8 / math.sqrt(42)},
        *SMD_CHANGE,
        "change_sd_standardises",
    ),
    # The paired t is the change over its error; R: 2 * pt(-abs(-4.9 / (5.8 / sqrt(42))), 41) is the p of arm 2.
    (
        "changes_and_tests",
        "SMD",
        CHANGES | {"t_change_arm1": -5.1 / (6.2 / math.sqrt(40)), "p_change_arm2": 2.40629296131572e-06},
        *SMD_CHANGE,
        "change_sd_standardises",
    ),
    # Widths 7.9 and 7.5: the variances of independent arms add.
    ("changes_and_intervals", "MD", CRISANTI, -0.2, (7.9**2 + 7.5**2) / (2 * Z975) ** 2, ""),
    # metafor: escalc("SMCR", m1i=12, m2i=20, sd1i=6, ni=30, ri=.5), minus the same with 17, 21, 7, 28.
    (
        "pre_post_by_arm",
        "SMD",
        PRE_POST | {"r_pre_post": 0.5},
        -1.2984999794623004 + 0.5553820797719473,
        0.0614350366110599 + 0.0412223081166395,
        "baseline_sd_standardises",
    ),
    # Variances of the changes: 36 + 25 - 2 * 0.5 * 30 = 31 and 49 + 36 - 2 * 0.5 * 42 = 43.
    ("pre_post_by_arm", "MD", PRE_POST | {"r_pre_post": 0.5}, -4.0, 31 / 30 + 43 / 28, ""),
    # Elbourne 2002: the variance of a difference within people.
    ("paired_means", "MD", PAIRED, 4.4, (10.9**2 + 9.4**2 - 2 * 0.6 * 10.9 * 9.4) / 40, ""),
    ("paired_means", "SMD", PAIRED, G_PAIRED, 0.8 / 40 + G_PAIRED**2 * 1.36 / 160, ""),
    ("ancova_means", "SMD", ANCOVA, G_ANCOVA, 0.75 * (1 / 40 + 1 / 44) + G_ANCOVA**2 / 168, ""),
]


@pytest.mark.parametrize("case", CASES, ids=ids(CASES))
def test_route_gives_the_expected_effect(case):
    holds(case)


def test_standard_error_of_crisanti_is_the_printed_one():
    # 2.78, printed with the evidence to two decimals.
    assert math.sqrt(effect_of("changes_and_intervals", "MD", CRISANTI)["vi"]) == pytest.approx(2.78, abs=0.005)


def test_median_of_a_range_is_turned_by_the_formulas_for_a_range():
    # Luo 2018, equation 7, w = 4 / (4 + 40^0.75), and Wan 2014, equation 9, z the quantile of 39.625 / 40.25.
    ranges = {f"{name}_arm{arm}": value for arm in (1, 2) for name, value in (("min", 0.0), ("max", 60.0), ("n", 40.0))}
    effect = effect_of("medians", "MD", ranges | {"median_arm1": 14.0, "median_arm2": 10.0})
    w = 4 / (4 + 40**0.75)
    assert effect["yi"] == pytest.approx((1 - w) * 4, rel=CLOSED)
    # Both arms have SD 60 / (2 z): vi = 2 SD^2 / 40.
    z = 60 / 2 / math.sqrt(effect["vi"] * 20)
    assert math.erf(z / math.sqrt(2)) == pytest.approx(2 * 39.625 / 40.25 - 1, rel=R_DIGITS)


@pytest.mark.parametrize("method", ["quantile_estimation", "box_cox"])
def test_median_in_the_middle_of_its_quartiles_is_about_the_mean_by_every_method(method):
    # Symmetric quartiles leave no skewness to find, whatever the method; the SD of normal data is IQR / 1.349.
    middle = {"q1_arm1": 40.0, "median_arm1": 50.0, "q3_arm1": 60.0, "n_arm1": 100.0}
    middle |= {"q1_arm2": 30.0, "median_arm2": 40.0, "q3_arm2": 50.0, "n_arm2": 100.0}
    effect = effect_of("medians", "MD", middle, medians=method)
    assert effect["yi"] == pytest.approx(10, abs=0.5)  # McGrath 2020: families differ by some percent of the SD
    assert effect["vi"] == pytest.approx(2 * (20 / 1.349) ** 2 / 100, rel=0.05)


def test_declared_correlation_leaves_the_error_of_a_change_open():
    # Variances of the changes 61 - 60 r and 85 - 84 r, with r = 0.3, 0.5, 0.7. The effect is against arm 1, so it
    # looks best where it is least certain.
    effect = effect_of("pre_post_by_arm", "MD", PRE_POST)
    assert effect["assumptions"] == "r_declared" and effect["left_open"] == "correlation"
    assert effect["vi"] == pytest.approx(31 / 30 + 43 / 28, rel=CLOSED)
    assert effect["vi_best"] == pytest.approx(43 / 30 + 59.8 / 28, rel=CLOSED)
    assert effect["vi_worst"] == pytest.approx(19 / 30 + 26.2 / 28, rel=CLOSED)


def test_declared_correlation_and_allocation_are_both_left_open():
    # MD = -4, vi = (61 - 60 r) / n1 + (85 - 84 r) / n2: largest at r = 0.3 and 120 v 80, smallest at r = 0.7 and
    # 19 / n1 + 26.2 / n2 with n1 = 80, 100 or 120 of 200: 0.4558, 0.4520, 0.4858.
    arms = {name: value for name, value in PRE_POST.items() if not name.startswith("n_")}
    effect = effect_of("pre_post_by_arm", "MD", arms | SHARED)
    assert effect["assumptions"] == "declared_allocation;r_declared"
    assert effect["left_open"] == "arm sizes; correlation"
    assert effect["vi_best"] == pytest.approx(43 / 120 + 59.8 / 80, rel=CLOSED)
    # Only ends of both are tried together: 0.4558 is the smallest of these and of the declared effect (0.74).
    assert effect["vi_worst"] == pytest.approx(19 / 80 + 26.2 / 120, rel=CLOSED)


def test_printed_correlation_leaves_nothing_open():
    effect = effect_of("pre_post_by_arm", "MD", PRE_POST | {"r_pre_post": 0.5})
    assert np.isnan(effect["yi_best"]) and effect["left_open"] == ""


def test_shared_total_names_the_declared_allocation_and_leaves_it_open():
    # MD with SDs 10.9 and 9.4: 118.81 / n1 + 88.36 / n2, for 80 v 120 and 120 v 80.
    effect = effect_of("means_and_sds", "MD", {"mean_arm1": 21.6, "mean_arm2": 17.2, **SDS, **SHARED})
    assert effect["assumptions"] == "declared_allocation"
    assert effect["vi"] == pytest.approx((118.81 + 88.36) / 100, rel=CLOSED)
    assert effect["vi_worst"] == pytest.approx(118.81 / 80 + 88.36 / 120, rel=CLOSED)
    # 2.22 and 2.09 at the ends, 2.07 at the half: the declared effect is its own best case.
    assert effect["vi_best"] == pytest.approx((118.81 + 88.36) / 100, rel=CLOSED)
    assert effect["left_open"] == "arm sizes"


def test_those_randomised_are_named_when_nobody_says_who_was_analysed():
    cells = {"mean_arm1": 21.6, "mean_arm2": 17.2, **SDS, **SHARED, "n_total_basis": "randomised"}
    assert effect_of("means_and_sds", "MD", cells)["assumptions"] == "all_randomised_counted;declared_allocation"


def test_paired_people_in_two_independent_groups_are_named():
    assert effect_of("means_and_sds", "MD", PAIRED)["assumptions"] == "pairing_ignored"
    assert gives_nothing("paired_means", PAIRED | {"paired": ""})


@pytest.mark.parametrize("cells", [{"adjusted": "yes"}, {"clustering_adjusted": "yes"}])
def test_adjusted_error_gives_the_difference_but_no_standardised_one(cells):
    # The error of an adjusted mean is not its SD over root n; the variance of the difference is still the sum.
    for printed in ({"se_arm1": SE1, "se_arm2": SE2}, LIMITS):
        route = "means_and_ses" if "se_arm1" in printed else "means_and_intervals"
        assert gives_nothing(route, MEANS | printed | cells, "SMD")
        assert effect_of(route, "MD", MEANS | printed | cells)["vi"] == pytest.approx(SE1**2 + SE2**2, rel=R_DIGITS)
    assert gives_nothing("means_and_test", MEANS | {"statistic": "t", "statistic_value": 2.0} | cells)


def test_error_beside_means_is_not_read_as_that_of_changes():
    ses = {"se_arm1": 1.0, "se_arm2": 1.0}
    assert gives_nothing("changes_and_ses", CHANGES | ses | {"mean_arm1": 20.0, "mean_arm2": 21.0})
    assert gives_nothing("changes_and_intervals", CRISANTI | {"mean_arm1": 20.0})
    # The SD of the change has a column of its own, and stays what it is.
    assert not gives_nothing("changes_and_sds", CHANGES | CHANGE_SDS | {"mean_arm1": 20.0, "mean_arm2": 21.0})


@pytest.mark.parametrize("method", ["exact", "profile", "bootstrap"])
def test_interval_that_is_not_normal_gives_no_spread(method):
    assert gives_nothing("means_and_intervals", MEANS | LIMITS | {"ci_method": method})
    assert gives_nothing("changes_and_intervals", CRISANTI | {"ci_method": method})
    assert gives_nothing("changes_and_ses", CRISANTI | {"n_arm1": 40.0, "n_arm2": 42.0, "ci_method": method})


@pytest.mark.parametrize("scope", ["all_arms", "other"])
def test_test_of_something_else_gives_no_spread(scope):
    cells = {"statistic": "t", "statistic_value": 2.0, "p": 0.05, "p_op": "=", "p_scope": scope}
    assert gives_nothing("means_and_test", MEANS | cells)


def test_medians_out_of_order_give_nothing():
    assert gives_nothing("medians", QUARTILES | {"q1_arm1": 26.0})


def test_adjusted_means_need_to_be_called_adjusted():
    assert gives_nothing("ancova_means", ANCOVA | {"adjusted": "no"})
    assert gives_nothing("ancova_means", ANCOVA | {"r_covariate": 1.0})
