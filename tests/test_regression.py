"""Meta-regressions through formulas, held to R's answers for the BCG trials."""

import numpy as np
import pytest
from known_answers import kept

from repool.pooling.moderators.formula import design_from_formula
from repool.pooling.moderators.regression import regress

BCG, KNOWN = kept("bcg.json"), kept("moderators.json")
TABLE = {"ablat": BCG["ablat"], "alloc": BCG["alloc"], "year": KNOWN["year"], "half": KNOWN["half"]}
YI, VI = np.array(BCG["yi"]), np.array(BCG["vi"])


def fit(formula, method_tau2="REML", ci_method="wald", rows=slice(None)):
    table = {name: np.array(values)[rows].tolist() for name, values in TABLE.items()}
    design = design_from_formula(table, formula, levels={}, usable=None)
    settings = {"method_tau2": method_tau2, "ci_method": ci_method, "level": 0.95}
    return design, regress(YI[rows], VI[rows], design=design.matrix, **settings)


@pytest.mark.parametrize("expected", KNOWN["regressions"], ids=lambda r: f"{r['formula']} {r['method']}")
def test_regressions_of_formulas_are_those_of_r(expected):
    _, found = fit(expected["formula"], "none" if expected["method"] == "EE" else expected["method"])
    se = np.array(expected["se"])
    # 1e-7 of se: uncentred moderators cost R digits.
    assert np.all(np.abs(found.coefficients.estimate - expected["beta"]) <= 1e-7 * se)
    assert found.coefficients.se.tolist() == pytest.approx(expected["se"], rel=1e-7)
    assert found.tau2 == pytest.approx(expected["tau2"], rel=1e-6)
    assert found.qm.statistic == pytest.approx(expected["QM"], rel=1e-7)
    assert found.qm.pval == pytest.approx(expected["QMp"], rel=1e-6)
    assert found.qe.q == pytest.approx(expected["QE"], rel=1e-9)
    if isinstance(expected["R2"], dict):
        # R has no R2 without an intercept (written as {} there).
        assert np.isnan(found.r2_percent)
    else:
        assert found.r2_percent == pytest.approx(expected["R2"], abs=1e-5)


def test_a_line_through_the_origin_has_the_likeliest_tau2():
    # metafor centres the effects before a fit without intercept: edge.mods, ~ 0 + x, REML. Its own
    # log-likelihood at its tau2 = 0.0286 is 3.7969; told tau2 = 0 it is 6.3287.
    x = np.array([1, 2, 1.5, 3, 2, 3.5, 1, 4, 2.5, 3])[:, None]
    yi = [0.1, 0.42, 0.18, 0.66, 0.35, 0.71, 0.2, 0.93, 0.44, 0.58]
    vi = [0.02, 0.03, 0.05, 0.04, 0.02, 0.06, 0.03, 0.05, 0.04, 0.02]
    found = regress(yi, vi, design=x, method_tau2="REML", ci_method="wald", level=0.95)
    assert found.tau2 == 0.0
    # With tau2 = 0 the fit is R's common-effect one: beta 0.1980555, deviance (= Q) 1.4591294.
    assert found.coefficients.estimate[0] == pytest.approx(0.198055491859665, rel=1e-12)
    assert found.qe.q == pytest.approx(1.45912940457082, rel=1e-10)


def test_without_residual_degrees_of_freedom_there_is_no_f_test():
    # metafor 3.8: rma(c(1, 2, 4), c(.1, .2, .3), mods = ~ x + I(x^2), method = "EE", test = "knha"):
    # QM, QMp and pval NA, QMdf 2 and 0, I2 0, H2 1.
    design = np.column_stack([np.ones(3), [1.0, 4.0, 2.0], [1.0, 16.0, 4.0]])
    found = regress(
        [1, 2, 4], [0.1, 0.2, 0.3], design=design, method_tau2="none", ci_method="knapp_hartung", level=0.95
    )
    assert np.isnan(found.qm.statistic) and np.isnan(found.qm.pval)
    assert (found.qm.df1, found.qm.df2) == (2, 0.0)
    assert (found.i2_percent, found.h2) == (0.0, 1.0)


def test_nothing_to_explain_gives_an_r2_of_zero_as_in_metafor():
    design = np.column_stack([np.ones(4), [1.0, 2.0, 3.0, 5.0]])
    yi, vi = [0.2, 0.21, 0.19, 0.2], [0.1, 0.2, 0.3, 0.1]
    found = regress(yi, vi, design=design, method_tau2="REML", ci_method="wald", level=0.95)
    assert found.tau2 == 0.0
    assert found.r2_percent == 0.0


def test_too_few_effects_for_the_coefficients_are_refused():
    with pytest.raises(ValueError, match="effect"):
        fit("~ ablat + year", rows=slice(3))
