"""Routes of correlations and reliabilities, against metafor 3.8.1 and algebra on paper."""

import math

import pytest
from rows import CLOSED, R_DIGITS, Z975, effect_of, gives_nothing, holds, ids

ONE_SAMPLE = {"comparator": "none", "condition_arm2": "", "n_total": 60.0, "n_total_arms": 1.0}
ONE_SAMPLE |= {"n_total_basis": "analysed"}


def scale(name, estimate, **more):
    return ONE_SAMPLE | {"estimate": estimate, "estimate_scale": name} | more


R = scale("r", 0.4)
INTERVAL = {"ci_lb": 0.16, "ci_ub": 0.59, "ci_level": 95.0}
#: Fisher's z is symmetric: half the width of its interval over the quantile.
V_INTERVAL = ((math.atanh(0.59) - math.atanh(0.16)) / (2 * Z975)) ** 2
# A partial correlation with t = 2.2 in 60 people, two variables held constant: 2.2 / sqrt(2.2^2 + 56).
PARTIAL = scale("r_partial", 2.2 / math.sqrt(2.2**2 + 56), n_covariates=2.0)
ALPHA = scale("alpha", 0.85, n_items=21.0, n_total=120.0)

CASES = [
    # metafor: escalc("COR" | "UCOR" | "ZCOR", ri=.4, ni=60)
    ("r_and_n", "COR", R, 0.4, 0.0119593220338983, ""),
    ("r_and_n", "UCOR", R, 0.402993406825669, 0.011890976022349, ""),
    ("r_and_n", "ZCOR", R, 0.4236489301936018, 1 / 57, ""),
    # Bonett & Wright 2000: variance (1 + rho^2 / 2) / (n - 3).
    ("rho_and_n", "ZCOR", scale("rho", 0.4), 0.4236489301936018, 1.08 / 57, ""),
    ("rho_and_n", "ZSPEARMAN", scale("rho", 0.4), 0.4236489301936018, 1.08 / 57, ""),
    ("fisher_z_and_n", "ZCOR", scale("fisher_z", 0.4236489301936018), 0.4236489301936018, 1 / 57, ""),
    ("fisher_z_and_n", "COR", scale("fisher_z", 0.4236489301936018), 0.4, 0.0119593220338983, ""),
    ("r_and_interval", "ZCOR", R | INTERVAL, math.atanh(0.4), V_INTERVAL, ""),
    (
        "r_and_interval",
        "ZCOR",
        scale("fisher_z", 0.5, ci_lb=0.2, ci_ub=0.8, ci_level=95.0),
        0.5,
        (0.3 / Z975) ** 2,
        "",
    ),
    # metafor: escalc("PCOR" | "ZPCOR", ti=2.2, ni=60, mi=3)
    ("partial_r_and_n", "PCOR", PARTIAL, 0.2820512820512821, 0.0151289788674101, ""),
    ("partial_r_and_n", "ZPCOR", PARTIAL, 0.2899092476264711, 1 / 56, ""),
    # Peterson & Brown 2005: r = beta + .05 where beta is not negative.
    ("beta_and_n", "ZCOR", scale("beta", 0.3), math.atanh(0.35), 1 / 57, "beta_is_correlation"),
    ("beta_and_n", "ZCOR", scale("beta", -0.3), math.atanh(-0.3), 1 / 57, "beta_is_correlation"),
    # metafor: escalc("ARAW" | "ABT" | "AHW", ai=.85, mi=21, ni=120)
    ("alpha_and_n", "ARAW", ALPHA, 0.85, 0.000400423728813559, ""),
    ("alpha_and_n", "ABT", ALPHA, 1.8971199848858811, 0.0177966101694915, ""),
    ("alpha_and_n", "AHW", ALPHA, 0.468670715408694427, 0.000555623826650451, ""),
]
PRINTED = {case[0]: case[2] for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=ids(CASES))
def test_route_gives_the_expected_effect(case):
    holds(case)


def test_correlation_over_two_arms_rests_on_the_people_of_both():
    effect = effect_of("r_and_n", "ZCOR", R | {"n_arm1": 25.0, "n_arm2": 25.0})
    assert effect["vi"] == pytest.approx(1 / 47, rel=CLOSED) and effect["n_arm1"] == 50


@pytest.mark.parametrize("route", sorted(PRINTED))
def test_correlation_is_not_one_of_people_with_their_own_past(route):
    assert gives_nothing(route, PRINTED[route] | {"comparator": "pre"})


@pytest.mark.parametrize("route", sorted(set(PRINTED) - {"r_and_interval"}))
def test_correlation_needs_a_number_of_people(route):
    assert gives_nothing(route, PRINTED[route] | {"n_total_basis": "other_unit"})
    assert gives_nothing(route, PRINTED[route] | {"n_total": math.nan})


@pytest.mark.parametrize("estimate", [1.0, -1.0, 1.7])
def test_correlation_of_one_or_more_has_no_error(estimate):
    assert gives_nothing("r_and_n", R | {"estimate": estimate}, "ZCOR")
    assert gives_nothing("r_and_interval", R | INTERVAL | {"estimate": estimate})
    assert gives_nothing("rho_and_n", scale("rho", estimate), "ZCOR")


def test_coefficients_beyond_what_was_studied_are_no_correlations():
    assert gives_nothing("beta_and_n", scale("beta", 0.55))


def test_interval_by_bootstrap_gives_no_standard_error():
    assert gives_nothing("r_and_interval", R | INTERVAL | {"ci_method": "bootstrap"})


def test_correlation_with_less_of_the_same_changes_its_sign():
    assert effect_of("r_and_n", "ZCOR", R | {"flip": -1.0})["yi"] == pytest.approx(-0.4236489301936018, rel=R_DIGITS)
    assert gives_nothing("alpha_and_n", ALPHA | {"flip": -1.0})
