"""Holds cluster-robust variances to R's answers for five published trials, to PyMARE, and to algebra."""

import math
import warnings

import numpy as np
import pytest
from known_answers import kept

from repool.pooling.dependence.aggregate import aggregate
from repool.pooling.dependence.cluster_inputs import diagonal_blocks
from repool.pooling.dependence.robu import robu
from repool.pooling.dependence.robust import cluster_robust, robust_regression
from repool.pooling.dependence.robust_wald import robust_wald
from repool.pooling.models.estimators import weighted_fit

KNOWN = kept("robust.json")
TRIAL = KNOWN["trial"]
YI, VI = np.array(KNOWN["yi"]), np.array(KNOWN["vi"])
Z = np.tile([0.0, 1.0], 5)
DESIGN = np.column_stack([np.ones(10), Z])
WEIGHTS = np.linspace(1.0, 2.8, 10)
#: Closed forms on both sides; R's own tau2 is used.
CLOSE = {"rtol": 1e-8, "atol": 1e-13}


def answers(start):
    found = [answer for answer in KNOWN["answers"] if answer["call"].startswith(start)]
    assert found
    return found


def sandwich(kind, df_method, **changes):
    fit = weighted_fit(YI, VI, tau2=KNOWN["tau2"], design=DESIGN)
    options = {"weights": None, "kind": kind, "df_method": df_method, "df_covariance": None, "level": 0.95}
    covariance = diagonal_blocks(VI + KNOWN["tau2"])
    return cluster_robust(DESIGN, fit.residuals, covariance, TRIAL, beta=fit.beta, **(options | changes))


def fit_robu(model, *, is_small_sample, rho=0.7, weights=None, yi=YI, vi=VI, cluster=TRIAL, design=DESIGN):
    options = {"model": model, "rho": rho, "weights": weights, "is_small_sample": is_small_sample, "level": 0.95}
    return robu(yi, vi, cluster, design=design, **options)


def test_every_small_sample_adjustment_is_clubsandwich_s():
    for answer in answers("coef_test"):
        fit = sandwich(answer["call"].split("vcov = '")[1].split("'")[0], "satterthwaite")
        for name, theirs in answer["value"].items():
            np.testing.assert_allclose(getattr(fit, name), theirs, **CLOSE, err_msg=f"{answer['call']} {name}")


def test_robust_of_metafor_is_cr1p_or_cr0_with_clusters_minus_p():
    for answer in answers("robust(rma("):
        fit = sandwich("CR1p" if "adjust = TRUE" in answer["call"] else "CR0", "clusters_minus_p")
        for name, theirs in answer["value"].items():
            np.testing.assert_allclose(getattr(fit, name), theirs, **CLOSE, err_msg=f"{answer['call']} {name}")


def test_clusters_may_share_a_block_of_the_covariance():
    (answer,) = answers("robust(rma.mv(")
    covariance = 0.3 * np.sqrt(np.outer(VI, VI))
    np.fill_diagonal(covariance, VI)
    weighted = np.linalg.solve(covariance, DESIGN)
    beta = np.linalg.solve(DESIGN.T @ weighted, weighted.T @ YI)
    options = {"weights": None, "kind": "CR0", "df_method": "clusters_minus_p", "df_covariance": None, "level": 0.95}
    fit = cluster_robust(DESIGN, YI - DESIGN @ beta, covariance, TRIAL, beta=beta, **options)
    for name, theirs in answer["value"].items():
        np.testing.assert_allclose(getattr(fit, name), theirs, **CLOSE, err_msg=name)


def test_multivariate_model_gets_clubsandwich_s_cr2():
    covariance = np.array(KNOWN["marginal"]["covariance"])
    weighted = np.linalg.solve(covariance, DESIGN)
    beta = np.linalg.solve(DESIGN.T @ weighted, weighted.T @ YI)
    options = {"weights": None, "kind": "CR2", "df_method": "satterthwaite", "df_covariance": None, "level": 0.95}
    blocks = [(np.array([i, i + 1]), covariance[i : i + 2, i : i + 2]) for i in range(0, 10, 2)]
    for form in (covariance, blocks):
        fit = cluster_robust(DESIGN, YI - DESIGN @ beta, form, TRIAL, beta=beta, **options)
        for name, theirs in KNOWN["marginal"]["value"].items():
            np.testing.assert_allclose(getattr(fit, name), theirs, rtol=1e-7, err_msg=name)


def test_joint_test_is_clubsandwich_s_htz():
    (answer,) = answers("Wald_test")
    fit = weighted_fit(YI, VI, tau2=KNOWN["tau2"], design=DESIGN)
    covariance = diagonal_blocks(VI + KNOWN["tau2"])
    options = {"beta": fit.beta, "weights": None, "kind": "CR2", "contrasts": np.eye(2)}
    test = robust_wald(DESIGN, fit.residuals, covariance, TRIAL, **options)
    for name, theirs in answer["value"].items():
        np.testing.assert_allclose(getattr(test, name), theirs, **CLOSE, err_msg=name)
    assert "not to be trusted" in test.note


def test_working_models_are_robumeta_s():
    models = {"CORR": "correlated", "HIER": "hierarchical", "userweights": "user"}
    for answer in answers("robu("):
        model = next(ours for theirs, ours in models.items() if theirs in answer["call"])
        weights = WEIGHTS if model == "user" else None
        fit = fit_robu(model, is_small_sample="small = TRUE" in answer["call"], weights=weights)
        for name, theirs in answer["value"].items():
            mine = getattr(fit if hasattr(fit, name) else fit.coefficients, name)
            np.testing.assert_allclose(mine, theirs, **CLOSE, err_msg=f"{answer['call']} {name}")


def test_aggregated_effects_are_metafor_s():
    for answer in answers("aggregate("):
        rho = float(answer["call"].split("rho = ")[1].split(",")[0])
        fit = aggregate(YI, VI, TRIAL, rho=rho, is_weighted="weighted = TRUE" in answer["call"])
        np.testing.assert_allclose(fit.yi, answer["value"]["yi"], **CLOSE)
        np.testing.assert_allclose(fit.vi, answer["value"]["vi"], **CLOSE)


def test_pymare_gives_the_same_correlated_effects_fit():
    from pymare.estimators import DerSimonianLaird

    # "rescale" are robumeta's weights; with other weights PyMARE adjusts by another convention.
    engine = DerSimonianLaird(weight_scheme="rescale", rho=0.7, small_sample_correction="wald")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        engine.fit(y=YI[:9, None], v=VI[:9, None], X=np.ones((9, 1)), g=np.array(TRIAL[:9]))
        theirs = engine.summary().get_fe_stats()
    fit = fit_robu("correlated", is_small_sample=True, yi=YI[:9], vi=VI[:9], cluster=TRIAL[:9], design=None)
    np.testing.assert_allclose(fit.tau2, np.ravel(engine.params_["tau2"]), rtol=1e-10)
    np.testing.assert_allclose(fit.coefficients.estimate, theirs["est"].ravel(), rtol=1e-10)
    np.testing.assert_allclose(fit.coefficients.se, theirs["se"].ravel(), rtol=1e-10)


@pytest.mark.parametrize("unit", [1e-6, 1e6])
@pytest.mark.parametrize("kind", ["CR0", "CR2", "CR3"])
def test_units_of_the_effects_change_nothing_but_the_units(kind, unit):
    # clubSandwich 0.5-8 drops eigenvalues below 1e-12 whatever the unit: at 1e-6 it answers 0.
    options = {"design": DESIGN, "kind": kind, "df_method": "satterthwaite", "level": 0.95}
    plain = robust_regression(YI, VI, TRIAL, tau2=0.01, **options)
    scaled = robust_regression(YI * unit, VI * unit**2, TRIAL, tau2=0.01 * unit**2, **options)
    np.testing.assert_allclose(scaled.se, plain.se * unit, rtol=1e-9)
    np.testing.assert_allclose(scaled.df, plain.df, rtol=1e-9)


def test_cr2_is_unbiased_under_its_working_model():
    # Bell & McCaffrey (2002): the mean of CR2 over all residuals drawn from the working model is
    # the model's own covariance; the mean of a quadratic form needs no draws, only its columns.
    marginal, total = VI + 0.02, np.zeros((2, 2))
    bread = np.linalg.inv(DESIGN.T @ (DESIGN / marginal[:, None]))
    options = {"weights": None, "kind": "CR2", "df_method": "normal", "df_covariance": None, "level": 0.95}
    for place in range(10):
        draw = np.zeros(10)
        draw[place] = math.sqrt(marginal[place])
        residuals = draw - DESIGN @ (bread @ (DESIGN.T @ (draw / marginal)))
        total += cluster_robust(DESIGN, residuals, diagonal_blocks(marginal), TRIAL, beta=np.zeros(2), **options).cov
    np.testing.assert_allclose(total, bread, rtol=1e-10)


def test_few_degrees_of_freedom_are_called_untrustworthy():
    assert all("not to be trusted" in note for note in sandwich("CR2", "satterthwaite").notes)
    assert sandwich("CR2", "normal").notes == ("", "")


def test_one_effect_per_cluster_makes_correlated_weights_dersimonian_laird():
    # With clusters of one, the moment equation is that of DerSimonian & Laird (1986) for any rho.
    from repool.pooling.models.estimators import tau2

    for rho in (0.0, 1.0):
        fit = fit_robu("correlated", is_small_sample=True, rho=rho, cluster=range(10), design=None)
        assert fit.tau2 == pytest.approx(tau2(YI, VI, method="DL").tau2, rel=1e-12)
    hierarchical = fit_robu("hierarchical", is_small_sample=True, cluster=range(10), design=None)
    assert hierarchical.tau2 == pytest.approx(fit.tau2, rel=1e-12)
    assert "no cluster holds two effects" in hierarchical.note


def test_aggregation_outside_the_range_of_its_effects_is_flagged():
    # rho 0.9, variances 1 : 100: weights by Borenstein's formula are 1 - 0.9 / 10 and 0.01 - 0.09.
    fit = aggregate([0.0, 1.0], [1.0, 100.0], ["a", "a"], rho=0.9, is_weighted=True)
    assert fit.yi[0] == pytest.approx((0.01 - 0.09) / (1.0 + 0.01 - 0.18), rel=1e-12)
    assert not fit.is_inside[0]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: robust_regression(YI, VI, ["a"] * 10, **ONE), "one cluster"),
        (lambda: robust_regression(YI, VI, TRIAL[:9], **ONE), "9 clusters"),
        (lambda: robust_regression(YI, VI, [*TRIAL[:9], math.nan], **ONE), "effect number 10 is missing"),
        (lambda: sandwich("CR4", "normal"), "kind is 'CR4'"),
        (lambda: sandwich("CR2", "t"), "df_method is 't'"),
        (lambda: fit_robu("correlated", is_small_sample=True, rho=1.2), "rho is 1.2"),
        (lambda: fit_robu("user", is_small_sample=True), "weights are needed"),
        (lambda: fit_robu("other", is_small_sample=True), "model is 'other'"),
        (lambda: aggregate(YI, VI, TRIAL, rho=1.0, is_weighted=True), "below 1"),
        (lambda: aggregate(YI, -VI, TRIAL, rho=0.5, is_weighted=True), "above 0"),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()


ONE = {"tau2": 0.01, "design": None, "kind": "CR2", "df_method": "satterthwaite", "level": 0.95}


def test_identical_effects_have_no_test_and_say_so():
    fit = robust_regression([0.3] * 4, [0.1] * 4, [1, 1, 2, 3], **ONE)
    assert fit.se[0] == 0.0
    assert math.isnan(fit.pval[0])
    assert "standard error is 0" in fit.notes[0]
