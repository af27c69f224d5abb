"""Routes of standardised differences and test statistics, against metafor 3.8.1 and algebra on paper."""

import math

import numpy as np
import pytest
from rows import EXACT_P, R_DIGITS, SHARED, Z975, effect_of, gives_nothing, holds, ids

SIZES = {"n_arm1": 30.0, "n_arm2": 35.0}
D_SIZES = {"n_arm1": 50.0, "n_arm2": 45.0}
#: Normal quantile of a two-sided p of .02, from a printed table.
Z99 = 2.3263478740408408
T = {"statistic": "t", "statistic_value": 2.5}
F = {"statistic": "F", "statistic_value": 6.25, "df1": 1.0, "df2": 63.0, "favours": "arm1"}
BELOW = {"p": 0.05, "p_op": "<", "p_scope": "contrast", "favours": "arm1"}
NOT_SIGNIFICANT = {"p_op": "ns", "p_scope": "contrast"}
ADJUSTED = {"adjusted": "yes", "r_covariate": 0.5, "n_covariates": 1.0}
# metafor: escalc("SMD", ti=..., n1i=30, n2i=35) with R's t of the two-sided p: qt(1 - p / 2, 63).
OF_T = (0.6145772728617706, 0.0648101867072097)  # t = 2.5
P03 = (0.5458311120068963, 0.0641965434650287)  # t = 2.22035184227217
P05 = (0.4912538723486034, 0.0637611493439734)  # t = 1.99834054252074
P01 = (0.6529625463404927, 0.0651844548810962)  # t = 2.65614502509986
# Borenstein 2009, table 12.3: d = t sqrt(1/n1 + 1/n2) sqrt(1 - R^2), J(62) = 0.987846025927859 by R's lgamma.
G_ANCOVA = 0.987846025927859 * 2.5 * math.sqrt((1 / 30 + 1 / 35) * 0.75)
V_ANCOVA = (1 / 30 + 1 / 35) * 0.75 + G_ANCOVA**2 / 130


def scale(name, estimate, **more):
    return {"estimate": estimate, "estimate_scale": name} | more


CASES = [
    # metafor: escalc("SMD", di=.3, n1i=50, n2i=45); Hedges' g is what comes out there.
    ("d_and_sizes", "SMD", D_SIZES | scale("d", 0.3), 0.2975730314725913, 0.0426882733225369, ""),
    ("g_and_sizes", "SMD", D_SIZES | scale("g", 0.2975730314725913), 0.2975730314725913, 0.0426882733225369, ""),
    # metafor: escalc("SMD1", m1i=.4, m2i=0, sd2i=1, n1i=30, n2i=35)
    ("glass_and_sizes", "SMD1", SIZES | scale("glass", 0.4), 0.3911000721025239, 0.0640898942818848, ""),
    (
        "d_and_interval",
        "SMD",
        scale("g", 0.35, ci_lb=0.05, ci_ub=0.65, ci_level=95.0),
        0.35,
        (0.3 / Z975) ** 2,
        "",
    ),
    ("d_and_se", "SMD", scale("g", 0.35, se=0.15), 0.35, 0.0225, ""),
    ("d_and_se", "SMD1", scale("glass", 0.35, se=0.15), 0.35, 0.0225, ""),
    ("d_and_p", "SMD", scale("g", 0.35, p=0.02, **EXACT_P), 0.35, (0.35 / Z99) ** 2, "p_two_sided"),
    ("t_and_sizes", "SMD", SIZES | T, *OF_T, "two_group_test"),
    ("f_and_sizes", "SMD", SIZES | F, *OF_T, "sign_from_words;two_group_test"),
    ("ancova_test", "SMD", SIZES | T | ADJUSTED, G_ANCOVA, V_ANCOVA, ""),
    ("ancova_test", "SMD", SIZES | F | ADJUSTED, G_ANCOVA, V_ANCOVA, "sign_from_words"),
    # eta squared .06 is t = sqrt(63 * .06 / .94) = 2.00531209434958; metafor as above.
    (
        "eta2_and_sizes",
        "SMD",
        SIZES | scale("eta2", 0.06, favours="arm2"),
        -0.4929676952728350,
        0.0637741245861666,
        "sign_from_words;two_group_test",
    ),
    # r .25 is t = .25 sqrt(63 / (1 - .25^2)) = 2.04939015319192; metafor as above.
    ("r_and_sizes", "SMD", SIZES | scale("r_point_biserial", 0.25), 0.5038034445513825, 0.0638572073720068, ""),
    (
        "p_and_sizes",
        "SMD",
        SIZES | {"p": 0.03, "favours": "arm1", **EXACT_P},
        *P03,
        "p_two_sided;se_from_p;sign_from_words;two_group_test",
    ),
    (
        "p_bound_and_sizes",
        "SMD",
        SIZES | BELOW,
        *P05,
        "p_at_its_bound;p_two_sided;se_from_p;sign_from_words;two_group_test",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=ids(CASES))
def test_route_gives_the_expected_effect(case):
    holds(case)


@pytest.mark.parametrize(
    "favours,better,sign", [("arm1", "yes", 1), ("arm1", "no", -1), ("arm2", "yes", -1), ("arm2", "no", 1)]
)
def test_bare_p_takes_its_sign_from_words(favours, better, sign):
    # t(46) with two-sided p = .05 is 2.0128955989 (printed t table: 2.013); d = t * sqrt(1/24 + 1/24).
    filled = {"p": 0.05, "favours": favours, "term_higher_is_better": better, **EXACT_P}
    effect = effect_of("p_and_sizes", "SMD", filled | SHARED | {"n_total": 48.0, "n_total_basis": "randomised"})
    correction = math.exp(math.lgamma(23) - math.lgamma(22.5)) / math.sqrt(23)
    assert effect["yi"] == pytest.approx(sign * correction * 2.0128955989 * math.sqrt(2 / 24), rel=1e-9)
    assert effect["assumptions"] == (
        "all_randomised_counted;declared_allocation;p_two_sided;se_from_p;sign_from_words;two_group_test"
    )


def test_p_below_a_bound_is_open_down_to_the_next_bound():
    effect = effect_of("p_bound_and_sizes", "SMD", SIZES | BELOW)
    assert effect["yi_best"] == pytest.approx(P01[0], rel=R_DIGITS)
    assert effect["vi_best"] == pytest.approx(P01[1], rel=R_DIGITS)
    assert effect["yi_worst"] == pytest.approx(P05[0], rel=R_DIGITS)
    assert effect["left_open"] == "p below a bound"


def test_not_significant_has_no_estimate_but_a_best_and_a_worst_case():
    # Just significant for arm 1 and for arm 2: two-sided p = .05 both ways.
    effect = effect_of("not_significant_and_sizes", "SMD", SIZES | NOT_SIGNIFICANT)
    assert np.isnan(effect["yi"]) and np.isnan(effect["vi"])
    assert effect["yi_best"] == pytest.approx(P05[0], rel=R_DIGITS)
    assert effect["yi_worst"] == pytest.approx(-P05[0], rel=R_DIGITS)
    assert effect["vi_best"] == effect["vi_worst"] == pytest.approx(P05[1], rel=R_DIGITS)
    assert effect["assumptions"] == "only_bounds;p_two_sided;two_group_test"
    assert effect["left_open"] == "ns"


def test_not_significant_with_a_printed_bound_is_read_at_that_bound():
    effect = effect_of("not_significant_and_sizes", "SMD", SIZES | {"p": 0.03, "p_op": ">", "p_scope": "contrast"})
    assert effect["yi_best"] == pytest.approx(P03[0], rel=R_DIGITS)


def test_allocation_of_a_test_is_left_open():
    # d = t sqrt(1/n1 + 1/n2): the share moves it, with J(198) = 0.99621 of both; 80 v 120 against 100 v 100.
    effect = effect_of("t_and_sizes", "SMD", T | SHARED)
    assert effect["assumptions"] == "declared_allocation;two_group_test" and effect["left_open"] == "arm sizes"
    assert effect["yi"] == pytest.approx(0.99621 * 2.5 * math.sqrt(2 / 100), rel=1e-5)
    ends = sorted(abs(effect[f"yi_{end}"]) for end in ("best", "worst"))
    assert ends[-1] == pytest.approx(0.99621 * 2.5 * math.sqrt(1 / 80 + 1 / 120), rel=1e-5)


@pytest.mark.parametrize("scope", ["all_arms", "other"])
def test_test_of_something_else_is_never_used(scope):
    for route, cells in (
        ("t_and_sizes", T),
        ("f_and_sizes", F),
        ("ancova_test", T | ADJUSTED),
        ("p_and_sizes", {"p": 0.03, "p_op": "=", "favours": "arm1"}),
        ("p_bound_and_sizes", BELOW),
        ("not_significant_and_sizes", NOT_SIGNIFICANT),
        ("d_and_p", scale("g", 0.35, p=0.02, p_op="=")),
    ):
        assert gives_nothing(route, SIZES | cells | {"p_scope": scope}), route


@pytest.mark.parametrize("cells", [{"adjusted": "yes"}, {"clustering_adjusted": "yes"}])
def test_adjusted_test_is_no_plain_comparison_of_two_groups(cells):
    for route, printed in (
        ("t_and_sizes", T),
        ("f_and_sizes", F),
        ("p_and_sizes", {"p": 0.03, "favours": "arm1", **EXACT_P}),
        ("p_bound_and_sizes", BELOW),
        ("not_significant_and_sizes", NOT_SIGNIFICANT),
        ("eta2_and_sizes", scale("eta2_partial", 0.06, favours="arm1")),
    ):
        assert gives_nothing(route, SIZES | printed | cells), route


@pytest.mark.parametrize(
    ("route", "cells"),
    [
        ("f_and_sizes", F | {"df1": 2.0}),
        ("f_and_sizes", F | {"favours": "neither"}),
        ("f_and_sizes", F | {"statistic_value": -1.0}),
        ("ancova_test", F | ADJUSTED | {"df1": 2.0}),
        ("ancova_test", T | ADJUSTED | {"r_covariate": 1.0}),
        ("eta2_and_sizes", scale("eta2", 1.0, favours="arm1")),
        ("eta2_and_sizes", scale("eta2", 0.06)),
        ("r_and_sizes", scale("r_point_biserial", -1.0)),
        ("p_and_sizes", {"p": 0.03, "favours": "neither", **EXACT_P}),
        ("p_and_sizes", {"p": 0.0, "favours": "arm1", **EXACT_P}),
        ("d_and_sizes", scale("d", 0.3, n_arm2=np.nan)),
    ],
)
def test_what_has_no_sign_or_cannot_be_leads_nowhere(route, cells):
    assert gives_nothing(route, SIZES | cells)


@pytest.mark.parametrize(
    "more", [{"percent_arm1": 40.0}, {"mean_arm1": 3.0}, {"estimate": 2.0, "estimate_scale": "OR"}]
)
def test_p_beside_other_numbers_is_not_read_as_a_bare_one(more):
    assert gives_nothing("p_and_sizes", SIZES | {"p": 0.03, "favours": "arm1", **EXACT_P} | more)
    assert gives_nothing("not_significant_and_sizes", SIZES | NOT_SIGNIFICANT | more)


def test_p_of_a_log_rank_test_is_no_comparison_of_means():
    assert gives_nothing("p_and_sizes", SIZES | {"p": 0.03, "favours": "arm1", "statistic": "log_rank", **EXACT_P})


@pytest.mark.parametrize("method", ["exact", "bootstrap"])
def test_interval_that_is_not_normal_gives_no_standard_error(method):
    cells = scale("d", 0.35, ci_lb=0.05, ci_ub=0.65, ci_level=95.0, ci_method=method)
    assert gives_nothing("d_and_interval", cells)


def test_total_of_visits_is_no_number_of_people():
    assert gives_nothing("d_and_sizes", scale("d", 0.3) | SHARED | {"n_total_basis": "other_unit"})
