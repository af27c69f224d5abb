import numpy as np
import pytest
from known_answers import METHOD_TAU2, kept, scale

from repool.pooling.models.estimators import METHODS_TAU2, check_inputs, tau2, weighted_fit
from repool.pooling.models.whole_model import whole_model

BCG = kept("bcg.json")
SMALL = kept("small_sets.json")["sets"]
SMALL_MODELS = [
    pytest.param(s, m, id=f"{s['id']}-{m['method']}") for s in SMALL for m in s["models"] if m["test"] == "z"
]
R_MODELS = [pytest.param(m, id=m["call"]) for m in kept("estimators.json")["models"]]
BCG_MODELS = [pytest.param(m, id=m["method"]) for m in BCG["models"] if m["test"] == "z"]


def log_likelihood(yi, vi, value, *, restricted):
    """The normal log-likelihood of a random-effects model, written out; constants left out."""
    weights = 1 / (vi + value)
    mean = np.sum(weights * yi) / np.sum(weights)
    height = 0.5 * np.sum(np.log(weights)) - 0.5 * np.sum(weights * (yi - mean) ** 2)
    return height - 0.5 * np.log(np.sum(weights)) if restricted else height


@pytest.mark.parametrize("model", BCG_MODELS)
def test_bcg_tau2_mean_and_standard_error_are_those_of_r(model):
    found = tau2(BCG["yi"], BCG["vi"], method=METHOD_TAU2[model["method"]])
    fit = weighted_fit(BCG["yi"], BCG["vi"], tau2=found.tau2)
    # rtol=1e-9: both searches are carried to about 12 digits, and R's are printed with 15.
    assert found.tau2 == pytest.approx(model["tau2"], rel=1e-9)
    assert fit.beta[0] == pytest.approx(model["beta"], rel=1e-9)
    assert np.sqrt(fit.cov[0, 0]) == pytest.approx(model["se"], rel=1e-9)
    assert found.converged


@pytest.mark.parametrize("model", R_MODELS)
def test_every_estimator_with_its_fit_statistics_is_that_of_r(model):
    call, vi = model["call"], np.array(BCG["vi"])
    weights = 1 / np.sqrt(vi) if "weights=" in call else np.ones(vi.size) if "weighted=FALSE" in call else None
    design = np.column_stack([np.ones(vi.size), BCG["ablat"]]) if "ablat" in call else None
    found = whole_model(
        BCG["yi"],
        vi,
        method_tau2="none" if model["method"] == "EE" else model["method"],
        ci_method="knapp_hartung" if "knha" in call else "t" if 'test="t"' in call else "wald",
        level=0.95,
        design=design,
        weights=weights,
        tau2_given=0.12 if "tau2=" in call else None,
    )
    fits = found.fit_statistics
    ours = {
        "tau2": found.tau2.tau2, "se_tau2": found.tau2_se, "beta": found.interval.estimate,
        "se": found.interval.se, "pval": found.interval.pval, "ci_lb": found.interval.ci_lb,
        "ci_ub": found.interval.ci_ub, "QE": found.heterogeneity.q, "QEp": found.heterogeneity.q_pval,
        "I2": found.heterogeneity.i2_percent, "H2": found.heterogeneity.h2,
        "vt": found.heterogeneity.typical_variance,
        "fit": [fits.log_likelihood, fits.deviance, fits.aic, fits.bic, fits.aicc],
    }  # fmt: skip
    for name, value in ours.items():
        expected = np.nan if model[name] is None else model[name]
        # rel=1e-8: searches on both sides, R's until 1e-13 steps; closed forms are far nearer.
        assert value == pytest.approx(expected, rel=1e-8, nan_ok=True), name


def test_published_tau2_of_further_estimators():
    # Viechtbauer (2005), J Educ Behav Stat 30, p. 271, as in the test below, further estimators.
    yi = [-0.581, 0.53, 0.771, 1.031, 0.553, 0.295, 0.078, 0.573, -0.176, -0.232]
    vi = [0.023, 0.052, 0.06, 0.115, 0.095, 0.203, 0.2, 0.211, 0.051, 0.04]
    printed = {"HS": 0.2282, "HE": 0.1484}
    for method, value in printed.items():
        # abs: half a unit of the fourth decimal.
        assert tau2(yi, vi, method=method).tau2 == pytest.approx(value, abs=6e-5)


@pytest.mark.parametrize(("data", "model"), SMALL_MODELS)
def test_tau2_of_small_and_awkward_sets_is_that_of_r(data, model):
    found = tau2(data["yi"], data["vi"], method=METHOD_TAU2[model["method"]])
    # abs: at the edge R leaves 1e-15 where the answer is 0.
    nearly_zero = 1e-12 * scale(data["yi"], data["vi"])
    assert found.tau2 == pytest.approx(model["tau2"], rel=1e-9, abs=nearly_zero)


def test_published_tau2_of_bcg():
    # metafor's manual and Stata's metan print 0.3132 (REML) and 0.3088 (DL); 4 printed decimals.
    assert tau2(BCG["yi"], BCG["vi"], method="REML").tau2 == pytest.approx(0.3132, abs=5e-5)
    assert tau2(BCG["yi"], BCG["vi"], method="DL").tau2 == pytest.approx(0.3088, abs=5e-5)


def test_published_tau2_of_viechtbauer_2005():
    # Viechtbauer (2005), J Educ Behav Stat 30, p. 271, first example; 4 printed decimals.
    yi = [-0.581, 0.53, 0.771, 1.031, 0.553, 0.295, 0.078, 0.573, -0.176, -0.232]
    vi = [0.023, 0.052, 0.06, 0.115, 0.095, 0.203, 0.2, 0.211, 0.051, 0.04]
    printed = {"DL": 0.2768, "ML": 0.1967, "REML": 0.2232}
    for method, value in printed.items():
        # abs: half a unit of the fourth decimal, and the paper's search stopped early.
        assert tau2(yi, vi, method=method).tau2 == pytest.approx(value, abs=6e-5)


@pytest.mark.parametrize("method", ["DL", "REML"])
def test_two_effects_of_equal_variance_have_a_closed_form(method):
    # On paper: with k = 2 and equal vi, tau2 = (y1 - y2)^2 / 2 - vi for DL and REML alike.
    found = tau2([0.1, 1.3], [0.2, 0.2], method=method)
    # rel: the difference 1.3 - 0.1 is itself rounded.
    assert found.tau2 == pytest.approx(1.2**2 / 2 - 0.2, rel=1e-12)


def test_ml_of_two_effects_of_equal_variance_has_a_closed_form():
    # On paper: ML divides by k instead of k - 1, so tau2 = (y1 - y2)^2 / 4 - vi.
    found = tau2([0.1, 1.3], [0.2, 0.2], method="ML")
    assert found.tau2 == pytest.approx(1.2**2 / 4 - 0.2, rel=1e-12)


@pytest.mark.parametrize("method", ["DL", "ML", "REML"])
def test_effects_closer_than_chance_give_exactly_zero_at_the_boundary(method):
    found = tau2([0.2, 0.21, 0.19], [0.1, 0.2, 0.3], method=method)
    assert found.tau2 == 0.0
    assert found.at_boundary
    assert found.converged


def test_common_effect_has_no_tau2_and_is_not_at_a_boundary():
    found = tau2(BCG["yi"], BCG["vi"], method="none")
    assert found.tau2 == 0.0
    assert not found.at_boundary


@pytest.mark.parametrize("method", ["ML", "REML"])
@pytest.mark.parametrize(
    ("yi", "vi"),
    [
        # Six precise equal effects and three wild ones: a peak at 0 and one far out.
        ([0, 0, 0, 0, 0, 0, 6, 6.5, -6], [0.001] * 6 + [4, 5, 4]),
        # Variances from a millionth to one: falling at 0, yet higher far out.
        ([0.2, 0.5, -0.1, 0.9, 0.4, 0.3], [1e-6, 0.001, 0.01, 0.1, 0.5, 1.0]),
    ],
)
def test_the_highest_of_several_peaks_is_taken(yi, vi, method):
    yi, vi = np.array(yi, dtype=float), np.array(vi)
    restricted = method == "REML"
    found = tau2(yi, vi, method=method).tau2
    reached = log_likelihood(yi, vi, found, restricted=restricted)
    everywhere = np.concatenate([[0.0], np.geomspace(1e-9, 1e3, 5000)])
    highest = max(log_likelihood(yi, vi, value, restricted=restricted) for value in everywhere)
    # 1e-9: the grid can only come near the top from below; this is rounding of the sums.
    assert reached >= highest - 1e-9


def test_a_large_offset_of_all_effects_moves_no_digit_that_matters():
    yi, vi = np.array([0.2, 0.5, -0.1, 0.9, 0.4, 0.3]), np.array([4, 5, 3, 6, 5, 2]) / 100
    # R on the effects without offset (known sets, scale 1e6): 60710076514.3015 for y times 1e6.
    expected = 60710076514.3015e-12
    # rel=1e-6: an offset of 1e8 leaves yi itself only 8 digits after the leading 1.
    assert tau2(yi + 1e8, vi, method="REML").tau2 == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("yi", "vi", "words"),
    [
        ([0.1, np.nan, 0.3], [0.1, 0.1, 0.1], "missing or infinite"),
        ([0.1, 0.2, 0.3], [0.1, np.inf, 0.1], "missing or infinite"),
        ([0.1, 0.2, 0.3], [0.1, 0.0, 0.1], "above 0"),
        ([0.1, 0.2, 0.3], [0.1, -0.1, 0.1], "above 0"),
        ([0.1], [0.1], "at least 2"),
        ([], [], "at least 2"),
        ([0.1, 0.2], [0.1], "equal length"),
    ],
)
def test_data_that_cannot_be_pooled_are_refused_in_words(yi, vi, words):
    with pytest.raises(ValueError, match=words):
        check_inputs(yi, vi)


def test_a_variance_of_0_is_used_by_reml_as_in_r_and_refused_by_dl():
    # R: rma(yi, vi, method = "REML"), metafor 3.8-1: tau2 0.101141654479648.
    yi, vi = [0.2, 0.5, -0.1, 0.9, 0.4], [0, 0.04, 0.05, 0.03, 0.06]
    # rel=1e-9: a search on both sides.
    assert tau2(yi, vi, method="REML").tau2 == pytest.approx(0.101141654479648, rel=1e-9)
    assert tau2(yi, vi, method="ML").tau2 == pytest.approx(0.0730383351861495, rel=1e-9)
    assert tau2(yi, vi, method="EB").tau2 == pytest.approx(0.101517422724628, rel=1e-9)
    assert tau2(yi, vi, method="HE").tau2 == pytest.approx(0.101, rel=1e-12)
    for method in ("DL", "HS", "HSk", "PM", "PMM", "GENQ"):
        with pytest.raises(ValueError, match="above 0"):
            tau2(yi, vi, method=method)
    with pytest.raises(ValueError, match="infinite weight"):
        weighted_fit(yi, vi, tau2=0.0)


def test_an_infinite_variance_takes_its_effect_out_of_the_mean():
    # R: rma(yi, vi, method = "PM"), metafor 3.8-1.
    yi, vi = [0.2, 0.5, -0.1, 0.9], [0.04, np.inf, 0.05, 0.03]
    # rel=1e-9: a search on both sides.
    assert tau2(yi, vi, method="PM").tau2 == pytest.approx(0.138236144164656, rel=1e-9)
    assert weighted_fit(yi, vi, tau2=0.0).beta[0] == pytest.approx(0.421276595744681, rel=1e-12)
    with pytest.raises(ValueError, match="infinite"):
        tau2(yi, vi, method="REML")


@pytest.mark.parametrize("method", METHODS_TAU2)
def test_a_single_effect_has_no_spread(method):
    found = tau2([0.42], [0.04], method=method)
    assert found.tau2 == 0.0
    assert not found.at_boundary


def test_weights_are_refused_where_the_estimator_has_its_own():
    with pytest.raises(ValueError, match="GENQ"):
        tau2([0.1, 0.5], [0.1, 0.1], method="DL", weights=[1.0, 1.0])


def test_moderators_that_repeat_each_other_are_refused():
    design = np.column_stack([np.ones(4), [1, 2, 3, 4], [2, 4, 6, 8]])
    with pytest.raises(ValueError, match="same information"):
        check_inputs([0.1, 0.2, 0.3, 0.5], [0.1] * 4, design)


def test_unknown_method_is_refused():
    with pytest.raises(ValueError, match="method_tau2"):
        tau2([0.1, 0.2], [0.1, 0.1], method="reml")


@pytest.mark.parametrize("method", METHODS_TAU2)
@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_another_unit_of_the_effects_moves_nothing_but_the_unit(method, unit):
    yi, vi = np.array(BCG["yi"]), np.array(BCG["vi"])
    plain = tau2(yi, vi, method=method).tau2
    # On paper: effects times c have variances and tau2 times c^2. rel=1e-9: the searches end in other places.
    assert tau2(unit * yi, unit**2 * vi, method=method).tau2 == pytest.approx(unit**2 * plain, rel=1e-9)


@pytest.mark.parametrize("method", METHODS_TAU2)
def test_two_effects_whose_variances_differ_a_hundred_million_fold(method):
    # On paper, one squared difference d of variance 2 tau2 + v1 + v2 holds all that is known of
    # tau2: REML, PM, DL and HE give tau2 = (d^2 - v1 - v2) / 2.
    found = tau2([0.0, 3.0], [1e-8, 1.0], method=method).tau2
    assert np.isfinite(found)
    if method in ("REML", "PM", "EB", "DL", "HE", "GENQ"):
        # rel=1e-7: DL takes the difference of weights of 1e8.
        assert found == pytest.approx((9.0 - 1.0 - 1e-8) / 2, rel=1e-7)
