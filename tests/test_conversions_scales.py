"""Conversions between measures against metafor, numerical derivatives in R, and each other's inverses."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repool.effects.conversions import between_scales, correlations, ratios

CLOSE = 1e-9  # closed forms; R printed 12 digits

# metafor 3.8-1: escalc(measure, ai=12, n1i=30, ci=5, n2i=28)
OR = (1.120591195387, 0.382367149758)
OR2DL = (0.617814305972, 0.116225676598)
OR2DN = (0.679146179022, 0.140447070618)
PBIT = (0.667475873233, 0.130448351574)


def pair(result):
    return [result[0][0], result[1][0]]


def test_log_odds_ratio_to_d_is_metafors_or2dl_and_or2dn():
    np.testing.assert_allclose(pair(between_scales.d_from_log_or([OR[0]], [OR[1]])), OR2DL, rtol=CLOSE)
    np.testing.assert_allclose(pair(between_scales.d_from_log_or_cox([OR[0]], [OR[1]])), OR2DN, rtol=CLOSE)
    np.testing.assert_allclose(pair(between_scales.log_or_from_d([OR2DL[0]], [OR2DL[1]])), OR, rtol=CLOSE)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        # metafor 3.8-1: transf.dtorpb(.7, 24, 16) = 0.331893982450; the variances by R's numDeriv:
        # grad(function(d) d/sqrt(d^2+a), .7)^2 * .11 with a = 38/24 + 38/16, and a = 40^2/(24*16)
        ("exact", (0.331893982450, 0.019580575047)),
        ("large_sample", (0.3243847764280, 0.0189123173851)),
    ],
)
def test_d_to_r_is_that_of_metafor(formula, expected):
    np.testing.assert_allclose(
        pair(between_scales.r_from_d([0.7], [0.11], [24], [16], formula=formula)), expected, rtol=CLOSE
    )


def test_d_to_r_with_equal_arms_has_a_of_four():
    # metafor 3.8-1: transf.dtorpb(.7) = 0.330350424728, with 4 for equal arms
    r, _ = between_scales.r_from_d([0.7], [0.11], [1], [1], formula="large_sample")
    np.testing.assert_allclose(r, [0.330350424728], rtol=CLOSE)


def test_r_to_d_has_the_variance_of_its_slope():
    # R's numDeriv: k <- function(r) sqrt(a)*r/sqrt(1-r^2), a = 40^2/(24*16); k(.3), grad(k, .3)^2 * .02
    d = between_scales.d_from_r([0.3], [0.02], [24], [16], formula="large_sample")
    np.testing.assert_allclose(pair(d), [0.641940738766, 0.110584581059], rtol=CLOSE)


def test_unknown_formula_is_refused():
    with pytest.raises(ValueError, match="must be one of exact, large_sample"):
        between_scales.r_from_d([0.7], [0.11], [24], [16], formula="cohen")


def test_beta_rule_adds_a_twentieth_unless_negative_and_stops_at_a_half():
    # Peterson & Brown (2005): r = beta + .05 lambda, lambda = 1 unless beta is negative.
    np.testing.assert_allclose(correlations.r_from_beta([0.3, 0.0, -0.3, 0.6]), [0.35, 0.05, -0.3, np.nan])


# R: RR = OR / (1 - p2 + p2 OR) etc. as functions of yi at p2 = 0.2, yi = log(1.8) or a risk difference of 0.1, and
# numDeriv's grad(f, yi)^2 * 0.04.
AT_BASELINE = {
    ("OR", "RR"): (np.log(1.8), 0.4393666597838, 0.0190249702728),
    ("OR", "RD"): (np.log(1.8), 0.11034482758621, 0.00183236931287),
    ("RR", "OR"): (np.log(1.8), 0.8109302162163, 0.0976562499972),
    ("RR", "RD"): (np.log(1.8), 0.16, 0.00518400000002),
    ("RD", "OR"): (0.1, 0.538996500733, 0.907029478418),
    ("RD", "RR"): (0.1, 0.405465108108, 0.444444444447),
}


@pytest.mark.parametrize("measures", AT_BASELINE, ids="-".join)
def test_effect_at_baseline_risk_has_the_variance_of_its_slope(measures):
    yi, *expected = AT_BASELINE[measures]
    found = ratios.effect_and_variance_at_baseline(
        [yi], [0.04], [0.2], from_measure=measures[0], to_measure=measures[1]
    )
    np.testing.assert_allclose(pair(found), expected, rtol=1e-8)  # numerical derivative


def test_odds_ratio_to_risk_ratio_and_difference_are_metafors():
    # metafor 3.8-1: transf.logortorr(log(2.5), .3) = 1.724137931034, transf.logortord(log(2.5), .3) = 0.217241379310
    yi = [np.log(2.5)]
    rr = ratios.effect_at_baseline(yi, [0.3], from_measure="OR", to_measure="RR")
    rd = ratios.effect_at_baseline(yi, [0.3], from_measure="OR", to_measure="RD")
    np.testing.assert_allclose([np.exp(rr[0]), rd[0]], [1.724137931034, 0.217241379310], rtol=CLOSE)


def test_zhang_and_yu_formula_by_hand():
    # OR 4 at a baseline risk of 0.25: odds 1/3 become 4/3, risk 4/7; RR = (4/7) / (1/4) = 16/7.
    rr = ratios.effect_at_baseline([np.log(4)], [0.25], from_measure="OR", to_measure="RR")
    np.testing.assert_allclose(np.exp(rr), [16 / 7], rtol=CLOSE)


def test_risk_above_one_has_no_odds_ratio():
    # A risk ratio of 3 at a baseline risk of 0.4 would be a risk of 1.2.
    assert np.isnan(ratios.effect_at_baseline([np.log(3)], [0.4], from_measure="RR", to_measure="OR")).all()


def test_unknown_measure_is_refused():
    with pytest.raises(ValueError, match="must be one of OR, RR, RD"):
        ratios.effect_at_baseline([0.1], [0.4], from_measure="RR", to_measure="HR")


variance = st.floats(1e-4, 4)


@settings(derandomize=True, deadline=None)
@given(st.floats(-5, 5), variance, st.integers(2, 400), st.integers(2, 400), st.sampled_from(between_scales.FORMULAS))
def test_d_to_r_and_back_returns_d_and_its_variance(d, vi, n1, n2, formula):
    r, v_r = between_scales.r_from_d([d], [vi], [n1], [n2], formula=formula)
    back = between_scales.d_from_r(r, v_r, [n1], [n2], formula=formula)
    np.testing.assert_allclose(pair(back), [d, vi], rtol=1e-8, atol=1e-12)  # 1 - r^2 loses digits for r near 1


@settings(derandomize=True, deadline=None)
@given(st.floats(-5, 5), variance)
def test_d_to_log_odds_ratio_and_back_returns_d(d, vi):
    back = between_scales.d_from_log_or(*between_scales.log_or_from_d([d], [vi]))
    np.testing.assert_allclose(pair(back), [d, vi], rtol=1e-12)


@settings(derandomize=True, deadline=None)
@given(st.floats(-4, 4), variance, st.floats(0.01, 0.99), st.sampled_from(["RR", "RD"]))
def test_odds_ratio_to_another_measure_and_back_returns_it(yi, vi, baseline_risk, measure):
    there = ratios.effect_and_variance_at_baseline([yi], [vi], [baseline_risk], from_measure="OR", to_measure=measure)
    back = ratios.effect_and_variance_at_baseline(*there, [baseline_risk], from_measure=measure, to_measure="OR")
    np.testing.assert_allclose(pair(back), [yi, vi], rtol=1e-9, atol=1e-12)  # risks near 0 or 1 lose digits


@settings(derandomize=True, deadline=None)
@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(0.01, 0.99))
def test_limits_keep_their_order(first, second, baseline_risk):
    lower, upper = sorted([first, second])
    found = ratios.effect_at_baseline([lower, upper], [baseline_risk] * 2, from_measure="OR", to_measure="RR")
    assert found[0] <= found[1]
