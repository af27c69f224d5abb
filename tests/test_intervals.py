import math

import numpy as np
import pytest
from known_answers import CI_METHOD, ELSEWHERE, METHOD_TAU2, elsewhere, kept, number

from repool.pooling.models.estimators import tau2, weighted_fit
from repool.pooling.models.intervals import (
    interval,
    knapp_hartung,
    knapp_hartung_floored,
    prediction_interval,
    quantile,
    wald,
)

BCG = kept("bcg.json")
SMALL = kept("small_sets.json")["sets"]
MODELS = [
    pytest.param(s, m, id=f"{s['id']}-{m['method']}-{m['test']}")
    for s in [{"id": "bcg", **BCG}, *SMALL]
    for m in s["models"]
]


def fitted(yi, vi, method):
    return weighted_fit(yi, vi, tau2=tau2(yi, vi, method=METHOD_TAU2[method]).tau2)


@pytest.mark.parametrize(("data", "model"), MODELS)
def test_limits_and_p_values_are_those_of_r(data, model):
    fit = fitted(data["yi"], data["vi"], model["method"])
    found = interval(fit, ci_method=CI_METHOD[model["test"]], level=0.95)
    unit = number(model["se"])
    # 1e-9 of a standard error; where R says 0 (equal effects) the two are equal.
    assert found.se[0] == pytest.approx(unit, rel=1e-9, abs=0)
    assert found.ci_lb[0] == pytest.approx(number(model["ci_lb"]), rel=1e-12, abs=1e-9 * unit)
    assert found.ci_ub[0] == pytest.approx(number(model["ci_ub"]), rel=1e-12, abs=1e-9 * unit)
    assert found.variance_factor == pytest.approx(model["s2w"], rel=1e-9)
    if unit > 0:
        # rel=1e-8: a p-value of 1e-26 magnifies the last digits of its statistic.
        assert found.pval[0] == pytest.approx(number(model["pval"]), rel=1e-8)


def test_bcg_knapp_hartung_interval_as_printed():
    fit = fitted(BCG["yi"], BCG["vi"], "REML")
    found = knapp_hartung(fit, level=0.95)
    # metafor, rma(yi, vi, test="knha"): -1.1084 to -0.3206; 4 printed decimals.
    assert found.ci_lb[0] == pytest.approx(-1.1084, abs=5e-5)
    assert found.ci_ub[0] == pytest.approx(-0.3206, abs=5e-5)
    assert found.df == 12


def test_floor_acts_when_effects_agree_too_well_and_only_then():
    close = weighted_fit([0.2, 0.21, 0.19], [0.1, 0.1, 0.1], tau2=0.0)
    # On paper: RSS = 0.0002 / 0.1, factor 0.001; floored to 1, so se is the root of vi / k.
    assert knapp_hartung(close, level=0.95).variance_factor == pytest.approx(0.001, rel=1e-9)
    floored = knapp_hartung_floored(close, level=0.95)
    assert floored.variance_factor == 1.0
    assert floored.se[0] == pytest.approx(math.sqrt(0.1 / 3), rel=1e-14)
    assert floored.df == 2
    spread = weighted_fit([0.0, 1.0, 2.0], [0.1, 0.1, 0.1], tau2=0.0)
    # On paper: RSS = 2 / 0.1 on 2 degrees of freedom, factor 10, untouched by the floor.
    assert knapp_hartung_floored(spread, level=0.95).variance_factor == pytest.approx(10, rel=1e-14)


def test_floored_variance_is_the_conservative_one_of_pymare():
    from pymare.stats import knapp_hartung_cov_and_dof

    yi, vi = np.array([0.2, 0.35, 0.9]), np.array([0.03, 0.08, 0.02])
    for between in (0.0, 0.5):
        fit = weighted_fit(yi, vi, tau2=between)
        cov, df = knapp_hartung_cov_and_dof(
            yi[:, None],
            vi[:, None],
            np.ones((3, 1)),
            fit.beta[:, None],
            fit.cov[:, :, None],
            tau2=between,
            conservative=True,
        )
        found = knapp_hartung_floored(fit, level=0.95)
        # rel=1e-12: the same arithmetic in another order.
        assert found.cov[0, 0] == pytest.approx(float(cov.ravel()[0]), rel=1e-12)
        assert found.df == df.ravel()[0]


def test_equal_effects_leave_plain_knapp_hartung_without_a_test():
    found = knapp_hartung(weighted_fit([0.25] * 4, [0.1, 0.2, 0.3, 0.4], tau2=0.0), level=0.95)
    assert found.se[0] == 0.0
    assert math.isnan(found.statistic[0])
    assert math.isnan(found.pval[0])
    assert found.ci_lb[0] == found.ci_ub[0] == pytest.approx(0.25, rel=1e-15)


def test_quantiles_are_those_of_printed_tables():
    # Any table of the normal and t distributions, to their printed decimals.
    assert quantile(0.95, df=math.nan) == pytest.approx(1.959964, abs=5e-7)
    assert quantile(0.95, df=1.0) == pytest.approx(12.7062, abs=5e-5)
    assert quantile(0.99, df=10.0) == pytest.approx(3.1693, abs=5e-5)


@pytest.mark.parametrize(
    ("method", "printed"),
    [
        # R package meta on the BCG trials (REML, Wald), risk ratios, 3 printed decimals.
        ("normal", (0.155, 1.549)),
        ("t_k_minus_1", (0.136, 1.762)),
        ("t_k_minus_2", (0.134, 1.785)),
    ],
)
def test_prediction_intervals_of_bcg(method, printed):
    found = wald(fitted(BCG["yi"], BCG["vi"], "REML"), level=0.95)
    limits = prediction_interval(
        estimate=found.estimate[0],
        se=found.se[0],
        tau2=tau2(BCG["yi"], BCG["vi"], method="REML").tau2,
        k=13,
        method=method,
        level=0.95,
        minimum_k=3,
    )
    assert math.exp(limits.pi_lb) == pytest.approx(printed[0], abs=5e-4)
    assert math.exp(limits.pi_ub) == pytest.approx(printed[1], abs=5e-4)


@pytest.mark.parametrize("test", ["z", "knha", "adhoc"])
def test_prediction_interval_uses_the_standard_error_beside_it_as_metafor_does(test):
    model = next(m for m in BCG["models"] if (m["method"], m["test"]) == ("REML", test))
    found = prediction_interval(
        estimate=model["beta"],
        se=model["se"],
        tau2=model["tau2"],
        k=13,
        method="normal" if test == "z" else "t_k_minus_1",
        level=0.95,
        minimum_k=3,
    )
    # rel=1e-12: closed form from R's own 15-digit numbers.
    assert found.pi_lb == pytest.approx(model["pi_lb"], rel=1e-12)
    assert found.pi_ub == pytest.approx(model["pi_ub"], rel=1e-12)


@pytest.mark.parametrize(
    ("k", "method", "minimum_k", "words"),
    [
        (2, "normal", 2, "needs 3 effects, there are 2"),
        (4, "t_k_minus_1", 5, "needs 5 effects, there are 4"),
        (9, "none", 3, "asks for none"),
    ],
)
def test_no_prediction_interval_comes_with_the_reason(k, method, minimum_k, words):
    found = prediction_interval(estimate=0.1, se=0.1, tau2=0.1, k=k, method=method, level=0.95, minimum_k=minimum_k)
    assert math.isnan(found.pi_lb)
    assert math.isnan(found.pi_ub)
    assert words in found.reason


def test_unknown_names_and_levels_are_refused():
    fit = weighted_fit([0.1, 0.2], [0.1, 0.1], tau2=0.0)
    with pytest.raises(ValueError, match="ci_method"):
        interval(fit, ci_method="knha", level=0.95)
    with pytest.raises(ValueError, match="level"):
        interval(fit, ci_method="wald", level=95)
    with pytest.raises(ValueError, match="prediction_method"):
        prediction_interval(estimate=0.1, se=0.1, tau2=0.1, k=9, method="t", level=0.95, minimum_k=3)


#: R stops on a lower peak of the likelihood; see test_estimators.py.
R_ON_A_LOWER_PEAK = {("edge.ratio.1e6", "ML")}


@pytest.mark.slow
def test_every_known_interval():
    seen, wrong = 0, []
    allowed = {"method", "test", "control", "level"}
    for case, yi, vi, contents in elsewhere("rma.uni", methods=METHOD_TAU2, allowed_args=allowed):
        args, value = case["args"], case["value"]
        if args["test"] not in CI_METHOD:
            continue
        if (contents["dataset"], args["method"]) in R_ON_A_LOWER_PEAK:
            continue
        seen += 1
        level = args.get("level", 95) / 100
        between = tau2(yi, vi, method=METHOD_TAU2[args["method"]]).tau2
        fit = weighted_fit(yi, vi, tau2=between)
        found = interval(fit, ci_method=CI_METHOD[args["test"]], level=level)
        pairs = [(found.ci_lb[0], value["ci_lb"][0]), (found.ci_ub[0], value["ci_ub"][0])]
        if "pi_lb" in value and len(yi) > 2:
            limits = prediction_interval(
                estimate=found.estimate[0],
                se=found.se[0],
                tau2=between,
                k=len(yi),
                method="normal" if args["test"] == "z" else "t_k_minus_1",
                level=level,
                minimum_k=3,
            )
            pairs += [(limits.pi_lb, value["pi_lb"]), (limits.pi_ub, value["pi_ub"])]
        # 1e-7 of a standard error, and 1e-13 of the number, which R gives with 15 digits.
        unit = 1e-7 * number(value["se"][0])
        if not all(abs(a - number(b)) <= unit + 1e-13 * abs(a) for a, b in pairs):
            wrong.append(case["id"])
        # rel=1e-6: p-values of 1e-300 magnify every digit of their statistic.
        p = number(value["pval"][0])
        if found.se[0] > 0 and found.pval[0] != pytest.approx(p, rel=1e-06, abs=1e-300):
            wrong.append(f"{case['id']} p")
    assert not wrong
    assert seen > 1000 or not ELSEWHERE.is_dir()


@pytest.mark.parametrize("ci_method", ["t", "knapp_hartung", "knapp_hartung_floored"])
def test_a_coefficient_per_effect_leaves_no_degree_of_freedom_for_a_test(ci_method):
    # R 4.2.2, metafor 3.8-1: rma(c(.3, .9, -.1, .5), c(.04, .09, .02, .05), mods = ~ g + x, method = "EE",
    # test = "adhoc") with g = a, b, a, c and x = 1, 4, 0, 2: these se, ddf 0, p-values and limits NA.
    design = np.array([[1, 0, 0, 1], [1, 1, 0, 4], [1, 0, 0, 0], [1, 0, 1, 2.0]])
    fit = weighted_fit([0.3, 0.9, -0.1, 0.5], [0.04, 0.09, 0.02, 0.05], tau2=0.0, design=design)
    found = interval(fit, ci_method=ci_method, level=0.95)
    # rel=1e-9: closed form.
    assert found.se == pytest.approx(
        [0.1414213562373096, 0.9539392014169458, 0.4795831523312719, 0.24494897427831785], rel=1e-9
    )
    assert found.df == 0
    for blank in (found.pval, found.ci_lb, found.ci_ub):
        assert np.isnan(blank).all()
