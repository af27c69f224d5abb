"""Hold the tests of missing evidence against R's answers on two published data sets, and against algebra."""

import math

import numpy as np
import pytest
from known_answers import kept

from repool.pooling.bias import count_asymmetry
from repool.pooling.bias.asymmetry import egger
from repool.pooling.bias.excess_significance import excess_significance
from repool.pooling.bias.fail_safe import orwin, rosenberg, rosenthal
from repool.pooling.bias.funnel import contours
from repool.pooling.bias.p_curve import p_curve
from repool.pooling.bias.pet_peese import peese, pet_peese
from repool.pooling.bias.rank_correlation import kendall, rank_test
from repool.pooling.bias.selection_models import selection_model
from repool.pooling.bias.selection_search import Likelihood
from repool.pooling.bias.selection_weights import StepWeights
from repool.pooling.bias.smooth_weights import SmoothWeights
from repool.pooling.bias.trim_and_fill import trim_and_fill
from repool.pooling.models.estimators import weighted_fit

R = kept("missing_evidence.json")
BCG = {name: np.array(values) for name, values in R["bcg"].items()}
YI, VI = BCG["log_rr"], BCG["log_rr_vi"]
COUNTS = {name: BCG[name] for name in ("events_arm1", "events_arm2", "n_arm1", "n_arm2")}
ARMS = {name: BCG[name] for name in ("n_arm1", "n_arm2")}
LINE = {"model": "weighted_regression", "method_tau2": "", "ci_method": "", "level": 0.95}
STEPS = {"weight": "stepfun", "delta": None, "level": 0.95}


def agrees(ours, expected, *, rtol):
    """Assert that every field R gave is ours; null is nan."""
    for name, value in expected.items():
        wanted = np.array(value, dtype=float)
        np.testing.assert_allclose(getattr(ours, name), wanted, rtol=rtol, atol=1e-12, err_msg=name)


# Closed forms, and a search to the last digit: 1e-7 leaves room for R's own search.
@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("egger_lm", lambda: egger(YI, VI, predictor="sei", n_total=None, **LINE)),
        ("peese_lm", lambda: peese(YI, VI, **LINE)),
        (
            "egger_rma",
            lambda: egger(
                YI,
                VI,
                predictor="sei",
                n_total=None,
                model="meta_regression",
                method_tau2="REML",
                ci_method="wald",
                level=0.95,
            ),
        ),
        (
            "macaskill",
            lambda: count_asymmetry.macaskill(
                BCG["log_or"], BCG["log_or_vi"], BCG["n_arm1"] + BCG["n_arm2"], level=0.95
            ),
        ),
        ("peters", lambda: count_asymmetry.peters(BCG["log_or"], **COUNTS, level=0.95)),
        ("harbord", lambda: count_asymmetry.harbord(**COUNTS, level=0.95)),
        ("deeks", lambda: count_asymmetry.deeks(BCG["log_or"], **ARMS, level=0.95)),
        (
            "pustejovsky_rodgers",
            lambda: count_asymmetry.pustejovsky_rodgers(
                R["normand"]["yi"], n_arm1=R["normand"]["n_arm1"], n_arm2=R["normand"]["n_arm2"], level=0.95
            ),
        ),
        ("rank_exact", lambda: rank_test(YI, VI, exact=True)),
        ("rank_normal", lambda: rank_test(YI, VI, exact=False)),
        ("p_curve_weak", lambda: p_curve([2.1, 2.5, 2.0, 3.1, 1.2, 2.7, 2.2, -2.4, 0.3, 2.05], np.ones(10))),
    ],
)
def test_published_trials_give_r_s_numbers(name, ours):
    expected = {field: value for field, value in R[name].items() if not (name == "p_curve_weak" and value is None)}
    agrees(ours(), expected, rtol=1e-7)


def test_power_beyond_its_range_is_reported_at_the_edge():
    strong, weak = p_curve(YI, VI), p_curve([2.1, 2.5, 2.0, 3.1, 2.7, 2.2, -2.4, 2.05], np.ones(8))
    tests = ("n_significant", "n_half", "z_right_full", "z_right_half", "z_flat_full", "z_flat_half", "power_lb")
    agrees(strong, {name: R["p_curve"][name] for name in tests}, rtol=1e-7)
    assert (strong.power, strong.power_ub, weak.power_lb) == (0.99, 0.99, 0.05)
    assert strong.evidential_value and not strong.inadequate


@pytest.mark.parametrize("estimator", ["L0", "R0", "Q0"])
def test_trim_and_fill_mirrors_the_trials_r_mirrors(estimator):
    ours, expected = trim_and_fill(YI, VI, method_tau2="none", estimator=estimator, side="right"), R["trim"][estimator]
    agrees(ours, {"k0": expected["k0"], "k0_se": expected["k0_se"]}, rtol=1e-9)
    np.testing.assert_allclose(ours.yi[13:], expected["filled"], rtol=1e-9)
    assert weighted_fit(ours.yi, ours.vi, tau2=0.0).beta[0] == pytest.approx(expected["estimate"], rel=1e-9)
    np.testing.assert_array_equal(ours.vi[13:], VI[ours.mirrored])


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("fsn_Rosenthal", lambda: rosenthal(YI, VI, alpha=0.05)),
        ("fsn_Rosenberg", lambda: rosenberg(YI, VI, alpha=0.05)),
        ("fsn_Orwin", lambda: orwin(YI, None, target=None)),
    ],
)
def test_fail_safe_counts_are_r_s(name, ours):
    agrees(ours(), R[name], rtol=1e-9)


@pytest.mark.parametrize(("name", "test"), [("tes_exact", "exact"), ("tes_chi2", "chi2"), ("tes_binom", "binomial")])
def test_excess_significance_is_r_s(name, test):
    theta = float(weighted_fit(YI, VI, tau2=0.0).beta[0])
    settings = {"alternative": "two.sided", "alpha": 0.05, "test": test, "test_alternative": "greater"}
    agrees(excess_significance(YI, VI, theta=theta, tau2=0.0, **settings), R[name], rtol=1e-9)


def test_power_under_heterogeneity_is_the_integral_over_true_effects():
    # Trapezoid over 60 000 points of N(0.3, 0.04), 12 standard deviations each way: error below 1e-12.
    from scipy.special import ndtr

    effect = np.linspace(0.3 - 2.4, 0.3 + 2.4, 60001)
    line = 1.959963984540054 * 0.25
    power = ndtr((effect - line) / 0.25) + ndtr((-effect - line) / 0.25)
    expected = np.trapezoid(power * np.exp(-0.5 * ((effect - 0.3) / 0.2) ** 2), effect) / (0.2 * math.sqrt(2 * math.pi))
    settings = {"alternative": "two.sided", "alpha": 0.05, "test": "exact", "test_alternative": "greater"}
    ours = excess_significance([0.3], [0.0625], theta=0.3, tau2=0.04, **settings)
    assert ours.power[0] == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(("name", "steps"), [("step_one", [0.025]), ("step_two", [0.025, 0.5])])
def test_step_functions_give_r_s_numbers(name, steps):
    # R stops its search early (default tolerance of optim): 1e-3, as two of its optimisers differ.
    ours = selection_model(YI, VI, steps=steps, alternative="less", method_tau2="ML", **STEPS)
    assert ours.log_likelihood >= R[name]["log_likelihood"] - 1e-9
    agrees(ours, R[name], rtol=1e-3)


@pytest.mark.parametrize("weight", ["halfnorm", "negexp", "logistic", "power", "beta"])
def test_smooth_weights_give_r_s_numbers(weight):
    settings = {"weight": weight, "steps": None, "delta": None, "level": 0.95, "method_tau2": "ML"}
    ours = selection_model(YI, VI, alternative="less", **settings)
    expected = R[weight]
    lost = ours.log_likelihood - expected["log_likelihood"]
    # R stops its search early, on a likelihood that is flat here: never higher
    # than ours, and 3e-5 lower at most, which is worth sqrt(2 * 3e-5) = 0.008 standard errors.
    assert -1e-6 <= lost <= 3e-5
    assert abs(ours.estimate - expected["estimate"]) <= 0.01 * expected["se"]
    assert abs(ours.tau2 - expected["tau2"]) <= 0.01 * expected["tau2_se"]
    assert np.all(np.abs(ours.delta - expected["delta"]) <= 0.01 * np.array(expected["delta_se"]))
    # Standard errors move by the same order.
    for name in ("se", "tau2_se"):
        assert getattr(ours, name) == pytest.approx(expected[name], rel=0.02)
    np.testing.assert_allclose(ours.delta_se, expected["delta_se"], rtol=0.05)


@pytest.mark.parametrize("two_sided", [False, True])
@pytest.mark.parametrize("kind", ["stepfun", "beta", "halfnorm", "negexp", "logistic", "power"])
def test_gradient_and_hessian_are_the_slopes_of_the_likelihood(kind, two_sided):
    if kind == "stepfun":
        weights = StepWeights(-YI, VI, steps=[0.05, 0.3], two_sided=two_sided)
    else:
        weights = SmoothWeights(-YI, VI, kind=kind, two_sided=two_sided)
    likelihood = Likelihood(-YI, VI, weights)
    theta = np.array([0.5, 0.3, 0.7, 1.3, 0.4])[: 2 + weights.n_delta]
    _, gradient, hessian = likelihood.derivatives(theta)
    for i, step in enumerate(1e-5 * np.eye(theta.size)):
        above, below = likelihood.derivatives(theta + step), likelihood.derivatives(theta - step)
        # Central differences: their error is the square of the step, 1e-10, times a third derivative.
        assert gradient[i] == pytest.approx((above[0] - below[0]) / 2e-5, rel=1e-6, abs=1e-6)
        np.testing.assert_allclose(hessian[i], (above[1] - below[1]) / 2e-5, rtol=1e-5, atol=1e-5)


def test_given_weights_of_one_leave_the_pooled_effect_alone():
    ours = selection_model(
        YI, VI, weight="stepfun", steps=[0.05], delta=[1, 1], alternative="greater", method_tau2="ML", level=0.95
    )
    # tau2 by maximum likelihood of the BCG trials: Viechtbauer (2010), J Stat Softw 36(3); 0.2800.
    assert ours.tau2 == pytest.approx(0.2800, abs=5e-5)
    assert (ours.lrt_df, ours.lrt) == (0, pytest.approx(0.0, abs=1e-9))


def test_turning_effects_round_turns_the_selection_round():
    less = selection_model(YI, VI, steps=[0.025], alternative="less", method_tau2="ML", **STEPS)
    greater = selection_model(-YI, VI, steps=[0.025], alternative="greater", method_tau2="ML", **STEPS)
    assert less.estimate == -greater.estimate
    np.testing.assert_array_equal(less.delta, greater.delta)


def test_interval_without_p_values_is_named():
    # All 13 p-values lie below .5 when effects are favoured for being small, except 2.
    with pytest.raises(ValueError, match=r"0.99 < p <= 1"):
        selection_model(YI, VI, steps=[0.025, 0.99], alternative="less", method_tau2="ML", **STEPS)


def test_two_discordant_orders_of_four_have_their_exact_chance():
    # Of the 24 orders of 4 things 9 have at most 2 inversions (1 + 3 + 5): two-sided 2 * 9 / 24.
    ours = kendall([1.0, 2.0, 3.0, 4.0], [2.0, 1.0, 4.0, 3.0], exact=True)
    assert (ours.tau, ours.pval) == (pytest.approx(1 / 3), pytest.approx(0.75, rel=1e-14))


def test_all_effects_the_same_have_no_rank_correlation():
    ours = rank_test([0.25, 0.25, 0.25], [0.1, 0.2, 0.3], exact=True)
    assert math.isnan(ours.tau) and "same" in ours.note


def test_line_through_two_effects_has_no_test():
    ours = egger([0.1, 0.5], [0.01, 0.09], predictor="sei", n_total=None, **LINE)
    # Slope (0.5 - 0.1) / (0.3 - 0.1) = 2; at se = 0 the line is at 0.1 - 0.1 * 2.
    assert (ours.slope, ours.intercept) == (pytest.approx(2.0), pytest.approx(-0.1))
    assert math.isnan(ours.pval) and "no test" in ours.note


def test_same_standard_errors_are_refused():
    with pytest.raises(ValueError, match="same in all studies"):
        egger([0.1, 0.2, 0.4], [0.04, 0.04, 0.04], predictor="sei", n_total=None, **LINE)
    with pytest.raises(ValueError, match="name the side"):
        trim_and_fill([0.1, 0.2, 0.4], [0.04, 0.04, 0.04], method_tau2="REML", estimator="L0", side="auto")


def test_one_sided_funnel_is_refused_in_words():
    with pytest.raises(ValueError, match="too one-sided"):
        trim_and_fill([0.0, 5.0, 6.0, 7.0], [1e-9, 1.0, 1.0, 1.0], method_tau2="none", estimator="Q0", side="left")


def test_conditional_rule_takes_peese_only_after_an_effect_in_the_expected_direction():
    settings = LINE | {"alpha_one_sided": 0.05}
    line = R["egger_lm"]
    negative = pet_peese(YI, VI, **settings, direction="negative")
    positive = pet_peese(YI, VI, **settings, direction="positive")
    from scipy.special import stdtr

    # R's limit and its standard error; t on 11 degrees of freedom.
    expected = float(stdtr(11, line["estimate"] / line["se"]))
    assert negative.pval_one_sided == pytest.approx(expected, rel=1e-7)
    assert positive.pval_one_sided == pytest.approx(1 - expected, rel=1e-7)
    assert negative.chosen == ("PEESE" if expected < 0.05 else "PET")
    assert positive.chosen == "PET"


def test_contour_lines_pass_where_the_p_value_is_the_level():
    lines = contours([0.1, 0.9], [0.04, 0.25], contour_levels=[0.05, 0.1, 0.01], centre=0.0, n_points=2)
    # Normal quantiles of .95, .975 and .995 from any table; the largest standard error is 0.5.
    assert [line.ub[1] for line in lines] == pytest.approx([0.8224268, 0.9799820, 1.2879147], abs=1e-7)
    assert [line.n_outside for line in lines] == [1, 0, 0]


def test_no_significant_result_leaves_no_p_curve():
    with pytest.raises(ValueError, match="no p-curve"):
        p_curve([0.1, 0.2], [1.0, 1.0])
