"""Joint tests, contrasts, likelihood ratios and variance inflation, held to R's answers."""

import numpy as np
import pytest
from test_regression import KNOWN, TABLE, VI, YI, fit

from repool.pooling.moderators.formula import design_from_formula
from repool.pooling.moderators.multicollinearity import variance_inflation
from repool.pooling.moderators.wald_tests import contrast_test, joint_test, likelihood_ratio_test

FORMULA = "~ ablat + alloc"


def matrix(formula):
    return design_from_formula(TABLE, formula, levels={}, usable=None).matrix


def test_a_factor_is_tested_as_in_r():
    test = joint_test(fit(FORMULA)[1].coefficients, columns=[2, 3])
    # 1e-7: the search for tau2; the tests themselves are closed forms.
    assert test.statistic == pytest.approx(KNOWN["wald"]["QM"], rel=1e-7)
    assert test.pval == pytest.approx(KNOWN["wald"]["p"], rel=1e-7)
    assert (test.df1, np.isnan(test.df2)) == (2, True)


def test_a_factor_is_tested_by_f_with_knapp_hartung():
    test = joint_test(fit(FORMULA, ci_method="knapp_hartung")[1].coefficients, columns=[3, 2])
    assert test.statistic == pytest.approx(KNOWN["wald_knha"]["QM"], rel=1e-7)
    assert test.pval == pytest.approx(KNOWN["wald_knha"]["p"], rel=1e-7)
    assert (test.df1, test.df2) == (2, KNOWN["wald_knha"]["df2"])


def test_contrasts_are_those_of_r():
    known = KNOWN["contrast"]
    found = contrast_test(fit(FORMULA, ci_method="knapp_hartung")[1].coefficients, contrasts=known["L"], level=0.95)
    assert found.estimate.tolist() == pytest.approx(known["est"], rel=1e-7)
    assert found.se.tolist() == pytest.approx(known["se"], rel=1e-7)
    assert found.statistic.tolist() == pytest.approx(known["stat"], rel=1e-7)
    assert found.pval.tolist() == pytest.approx(known["p"], rel=1e-6)


def test_contrasts_that_repeat_each_other_have_no_joint_test():
    found = contrast_test(fit(FORMULA)[1].coefficients, contrasts=[[0, 1, 0, 0], [0, 2, 0, 0]], level=0.95)
    assert np.isnan(found.joint.statistic)
    assert found.statistic[0] == pytest.approx(found.statistic[1], rel=1e-12)


def test_likelihood_ratio_test_is_that_of_r():
    found = likelihood_ratio_test(
        YI, VI, design_full=matrix(FORMULA), design_reduced=matrix("~ ablat"), method_tau2="ML"
    )
    # 1e-7: a difference of likelihoods of size 10.
    assert found.statistic == pytest.approx(KNOWN["lrt"]["LRT"], rel=1e-7)
    assert found.pval == pytest.approx(KNOWN["lrt"]["p"], rel=1e-7)
    assert found.df == 2


@pytest.mark.parametrize(
    ("full", "reduced", "method", "words"),
    [
        (FORMULA, "~ ablat", "REML", "needs ML"),
        (FORMULA, "~ year", "ML", "not part of the larger one"),
        ("~ ablat", FORMULA, "ML", "more coefficients"),
    ],
)
def test_models_that_cannot_be_compared_are_refused(full, reduced, method, words):
    with pytest.raises(ValueError, match=words):
        likelihood_ratio_test(YI, VI, design_full=matrix(full), design_reduced=matrix(reduced), method_tau2=method)


@pytest.mark.parametrize("columns", [[], [4], [-1, 2]])
def test_coefficients_that_do_not_exist_are_refused(columns):
    with pytest.raises(ValueError, match="must lie between 0 and 3"):
        joint_test(fit(FORMULA)[1].coefficients, columns=columns)


@pytest.mark.parametrize("weights", [[0, 0, 0, 0], [1, 2], [np.nan, 0, 0, 1]])
def test_weights_that_make_no_contrast_are_refused(weights):
    with pytest.raises(ValueError, match="a contrast"):
        contrast_test(fit(FORMULA)[1].coefficients, contrasts=weights, level=0.95)


def test_variance_inflation_is_that_of_r():
    cov = fit(FORMULA)[1].coefficients.cov
    found = variance_inflation(cov, intercept=True, groups=None)
    assert [one.gvif for one in found] == pytest.approx(KNOWN["vif"], rel=1e-7)
    (group,) = variance_inflation(cov, intercept=True, groups=[[2, 3]])
    assert group.gvif == pytest.approx(KNOWN["gvif"], rel=1e-7)
    assert group.gsif == pytest.approx(KNOWN["gsif"], rel=1e-7)


def test_a_single_moderator_is_not_inflated():
    (found,) = variance_inflation(fit("~ ablat")[1].coefficients.cov, intercept=True, groups=None)
    assert found.gvif == 1.0


@pytest.mark.parametrize(("formula", "groups"), [("~ 1", None), ("~ ablat", [[0]]), ("~ ablat", [[]])])
def test_inflation_of_an_intercept_is_refused(formula, groups):
    with pytest.raises(ValueError, match=r"needs a moderator|cannot be asked for"):
        variance_inflation(fit(formula)[1].coefficients.cov, intercept=True, groups=groups)
