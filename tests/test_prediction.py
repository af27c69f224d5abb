import math

import numpy as np
import pytest
from known_answers import kept

from repool.pooling.models.blup import shrunken_effects
from repool.pooling.models.estimators import tau2, weighted_fit
from repool.pooling.models.intervals import interval
from repool.pooling.models.prediction import (
    predict,
    prediction_df,
    prediction_limits,
    probability_beyond,
    proportion_beyond,
)

BCG = kept("bcg.json")
R = kept("intervals.json")
YI, VI = np.array(BCG["yi"]), np.array(BCG["vi"])
DESIGN = np.column_stack([np.ones(13), R["ablat"]])


def model(ci_method, *, level, design=None):
    between = tau2(YI, VI, method="REML", design=design).tau2
    fit = weighted_fit(YI, VI, tau2=between, design=design)
    return between, interval(fit, ci_method=ci_method, level=level)


@pytest.mark.parametrize("ci_method", ["wald", "knapp_hartung"])
def test_predictions_at_latitudes_are_those_of_r(ci_method):
    between, fitted = model(ci_method, level=0.90, design=DESIGN)
    found = predict(fitted, rows=[[1, 13], [1, 33], [1, 55]], tau2=between, level=0.90)
    for name, expected in R["predict"][ci_method].items():
        # rel=1e-8: tau2 agrees to 9 digits.
        assert getattr(found, name) == pytest.approx(expected, rel=1e-8, abs=1e-9)


@pytest.mark.parametrize("ci_method", ["wald", "knapp_hartung"])
def test_shrunken_effects_and_deviations_are_those_of_r(ci_method):
    between, fitted = model(ci_method, level=0.95)
    found = shrunken_effects(YI, VI, interval=fitted, tau2=between, level=0.95, uncertainty="mean_estimated")
    for name, expected in R["blup"][ci_method].items():
        if name != "call":
            # rel=1e-8: tau2 agrees to 9 digits.
            assert getattr(found, name) == pytest.approx(expected, rel=1e-8, abs=1e-9)


def test_shrinkage_with_a_known_mean_has_the_variance_of_two_pooled_normals():
    between, fitted = model("wald", level=0.95)
    found = shrunken_effects(YI, VI, interval=fitted, tau2=between, level=0.95, uncertainty="mean_known")
    # On paper: precisions 1 / vi and 1 / tau2 add up.
    assert found.se == pytest.approx(1 / np.sqrt(1 / VI + 1 / between), rel=1e-12)
    precision_weighted = (YI / VI + fitted.estimate[0] / between) * found.se**2
    assert found.estimate == pytest.approx(precision_weighted, rel=1e-11)


def test_no_heterogeneity_shrinks_everything_to_the_mean():
    fitted = interval(weighted_fit([0.1, 0.3], [0.2, 0.2], tau2=0.0), ci_method="wald", level=0.95)
    found = shrunken_effects(
        [0.1, 0.3], [0.2, 0.2], interval=fitted, tau2=0.0, level=0.95, uncertainty="mean_estimated"
    )
    assert found.estimate == pytest.approx([0.2, 0.2], rel=1e-14)
    # On paper: the standard error of the mean, sqrt(0.2 / 2).
    assert found.se == pytest.approx([math.sqrt(0.1)] * 2, rel=1e-14)
    assert list(found.deviation_se) == [0.0, 0.0]


@pytest.mark.parametrize(
    ("rule", "df"),
    [("t_k_minus_1", 12), ("t_k_minus_2", 11), ("t_k_minus_p", 11), ("t_k_minus_p_minus_1", 10)],
)
def test_prediction_rules_are_named_after_their_degrees_of_freedom(rule, df):
    assert prediction_df(prediction_rule=rule, k=13, p=2) == df
    assert math.isnan(prediction_df(prediction_rule="normal", k=13, p=2))


@pytest.mark.parametrize(
    ("rule", "printed"),
    [
        # R package meta on the BCG trials (REML, Wald standard error), risk ratios, 3 decimals.
        ("normal", (0.155, 1.549)),
        ("t_k_minus_1", (0.136, 1.762)),
        ("t_k_minus_2", (0.134, 1.785)),
    ],
)
def test_prediction_intervals_of_bcg_are_those_printed_by_meta(rule, printed):
    between, fitted = model("wald", level=0.95)
    df = prediction_df(prediction_rule=rule, k=13, p=1)
    found = prediction_limits(estimate=fitted.estimate[0], se=fitted.se[0], tau2=between, df=df, level=0.95)
    assert np.exp(found) == pytest.approx(printed, abs=5e-4)


@pytest.mark.parametrize("df", [math.nan, 1.0, 11.0])
def test_a_prediction_limit_is_a_threshold_with_the_tail_probability_of_the_level(df):
    settings = {"estimate": -0.7, "se": 0.2, "tau2": 0.3, "df": df}
    lb, ub = prediction_limits(**settings, level=0.9)
    # On paper: 90 % inside leaves 5 % on either side; rel=1e-9: the quantile's own precision.
    assert probability_beyond(threshold=ub, tail="above", **settings) == pytest.approx(0.05, rel=1e-9)
    assert probability_beyond(threshold=lb, tail="below", **settings) == pytest.approx(0.05, rel=1e-9)


def test_probability_beyond_a_threshold_on_1_degree_of_freedom_is_an_arctangent():
    # On paper: t on 1 df is Cauchy; one spread below the estimate leaves 0.5 + atan(1) / pi = 0.75.
    found = probability_beyond(threshold=-1.0, tail="above", estimate=0.0, se=0.6, tau2=0.64, df=1.0)
    assert found == pytest.approx(0.75, rel=1e-12)


def test_without_any_spread_the_probability_is_0_a_half_or_1():
    settings = {"tail": "above", "estimate": 0.2, "se": 0.0, "tau2": 0.0, "df": math.nan}
    assert [probability_beyond(threshold=t, **settings) for t in (0.1, 0.2, 0.3)] == [1.0, 0.5, 0.0]


def test_proportion_above_a_threshold_has_the_delta_method_interval():
    settings = {"estimate": 0.4, "se": 0.1, "tau2": 0.25, "se_tau2": 0.08, "level": 0.95}
    found = proportion_beyond(threshold=0.2, tail="above", **settings)

    def share(mean, variance):
        return 0.5 * (1 + math.erf((mean - 0.2) / math.sqrt(2 * variance)))

    # The delta method with numeric slopes of the share itself; rel=1e-6: central differences.
    slope_mean = (share(0.4 + 1e-5, 0.25) - share(0.4 - 1e-5, 0.25)) / 2e-5
    slope_tau2 = (share(0.4, 0.25 + 1e-5) - share(0.4, 0.25 - 1e-5)) / 2e-5
    assert found.estimate == pytest.approx(share(0.4, 0.25), rel=1e-12)
    assert found.se == pytest.approx(math.hypot(0.1 * slope_mean, 0.08 * slope_tau2), rel=1e-6)
    assert (found.lb, found.ub) == pytest.approx(
        (found.estimate - 1.959964 * found.se, found.estimate + 1.959964 * found.se), rel=1e-6
    )
    below = proportion_beyond(threshold=0.2, tail="below", **settings)
    assert below.estimate == pytest.approx(1 - found.estimate, rel=1e-12)


def test_proportion_without_heterogeneity_has_no_interval_and_says_why():
    found = proportion_beyond(threshold=0, tail="above", estimate=0.1, se=0.1, tau2=0.0, se_tau2=0.1, level=0.95)
    assert found.estimate == 1.0
    assert math.isnan(found.lb)
    assert "tau2 is 0" in found.note


def test_unusable_input_is_refused_in_words():
    _, fitted = model("wald", level=0.95)
    with pytest.raises(ValueError, match="prediction_rule"):
        prediction_df(prediction_rule="hts", k=5, p=1)
    with pytest.raises(ValueError, match="0 degrees of freedom"):
        prediction_limits(estimate=0, se=1, tau2=1, df=0.0, level=0.95)
    with pytest.raises(ValueError, match="tail"):
        probability_beyond(threshold=0, tail="over", estimate=0, se=1, tau2=1, df=math.nan)
    with pytest.raises(ValueError, match="rows have 2 values"):
        predict(fitted, rows=[[1, 2]], tau2=0.1, level=0.95)
    with pytest.raises(ValueError, match="uncertainty"):
        shrunken_effects(YI, VI, interval=fitted, tau2=0.1, level=0.95, uncertainty="all")
