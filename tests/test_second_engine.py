import dataclasses

import numpy as np
import pytest
from known_answers import METHOD_TAU2, kept

from repool.pooling.models import direct_opinion, pymare_opinion
from repool.pooling.models.estimators import tau2, weighted_fit
from repool.pooling.models.heterogeneity import q_test
from repool.pooling.models.intervals import CI_METHODS, interval
from repool.pooling.models.second_engine import EnginesDisagree, agree
from repool.pooling.models.statsmodels_opinion import second_interval, second_tau2

BCG = kept("bcg.json")
SMALL = kept("small_sets.json")["sets"]
SETS = [pytest.param(s, id=s["id"]) for s in [{"id": "bcg", **BCG}, *SMALL]]
LATITUDE = np.column_stack([np.ones(13), BCG["ablat"]])
YEAR = np.column_stack([np.ones(13), BCG["year"]])


def answers(yi, vi, *, method_tau2, ci_method, design=None, between=None):
    """The first engine's answers, with a planted tau2 where one is given."""
    if between is None:
        between = tau2(yi, vi, method=method_tau2, design=design).tau2
    fit = weighted_fit(yi, vi, tau2=between, design=design)
    return {
        "method_tau2": method_tau2,
        "ci_method": ci_method,
        "level": 0.95,
        "tau2": between,
        "q": q_test(yi, vi, design=design).q,
        "interval": interval(fit, ci_method=ci_method, level=0.95),
        "design": design,
    }


@pytest.mark.parametrize("data", SETS)
@pytest.mark.parametrize("ci_method", CI_METHODS)
@pytest.mark.parametrize("method_tau2", ["none", "DL", "ML", "REML"])
def test_engines_agree(data, ci_method, method_tau2):
    yi, vi = data["yi"], data["vi"]
    difference = agree(yi, vi, **answers(yi, vi, method_tau2=method_tau2, ci_method=ci_method))
    # 1e-6: what a search on likelihood values can place; closed forms are far nearer.
    assert 0.0 <= difference < 1e-6


@pytest.mark.parametrize("method_tau2", ["none", "DL", "ML", "REML"])
@pytest.mark.parametrize("design", [LATITUDE, YEAR], ids=["latitude", "year"])
def test_engines_agree_with_a_moderator(method_tau2, design):
    yi, vi = BCG["yi"], BCG["vi"]
    given = answers(yi, vi, method_tau2=method_tau2, ci_method="knapp_hartung", design=design)
    assert agree(yi, vi, **given) < 1e-6


@pytest.mark.parametrize("data", SETS)
def test_second_tau2_is_that_of_r(data):
    yi, vi = np.array(data["yi"]), np.array(data["vi"])
    design = np.ones((len(yi), 1))
    for model in data["models"]:
        if model["test"] == "z":
            method = METHOD_TAU2[model["method"]]
            found = second_tau2(yi, vi, method_tau2=method, tau2=0.0, design=design)
            # 1e-6 of tau2 plus typical variance: the search uses likelihood values only.
            unit = model["tau2"] + found.typical
            assert found.tau2 == pytest.approx(model["tau2"], abs=1e-6 * unit)


@pytest.mark.parametrize("data", SETS)
@pytest.mark.parametrize("method_tau2", direct_opinion.METHODS)
def test_estimators_agree_with_their_definition(data, method_tau2):
    yi, vi = data["yi"], data["vi"]
    # 1e-5: the definition of GENQM is an integral of an oscillating function; the others are far nearer.
    assert 0.0 <= agree(yi, vi, **answers(yi, vi, method_tau2=method_tau2, ci_method="wald")) < 1e-5


@pytest.mark.parametrize("method_tau2", direct_opinion.METHODS)
def test_estimators_agree_with_their_definition_with_a_moderator(method_tau2):
    given = answers(BCG["yi"], BCG["vi"], method_tau2=method_tau2, ci_method="t", design=YEAR)
    # 1e-5: as above.
    assert agree(BCG["yi"], BCG["vi"], **given) < 1e-5


@pytest.mark.parametrize("method_tau2", direct_opinion.METHODS)
def test_a_planted_error_is_seen_by_the_definition(method_tau2):
    between = 1.001 * tau2(BCG["yi"], BCG["vi"], method=method_tau2).tau2
    with pytest.raises(EnginesDisagree, match="its definition says"):
        agree(
            BCG["yi"],
            BCG["vi"],
            **answers(BCG["yi"], BCG["vi"], method_tau2=method_tau2, ci_method="wald", between=between),
        )


@pytest.mark.parametrize(
    "model", [m for m in kept("estimators.json")["models"] if m["call"].endswith(f'vi, method="{m["method"]}")')]
)
def test_definitions_and_pymare_give_rs_tau2(model):
    yi, vi, ones = np.array(BCG["yi"]), np.array(BCG["vi"]), np.ones((13, 1))
    method = model["method"]
    if method in direct_opinion.METHODS and "weights" not in model["call"]:
        # rel=1e-8: closed forms, and roots on both sides.
        assert direct_opinion.direct_tau2(yi, vi, method_tau2=method, design=ones, near=1.0) == pytest.approx(
            model["tau2"], rel=1e-8
        )
    if method in pymare_opinion.METHODS:
        # rel=1e-4: PyMARE's search ends early.
        assert pymare_opinion.pymare_tau2(yi, vi, method_tau2=method, design=ones) == pytest.approx(
            model["tau2"], rel=1e-4
        )


def test_second_engine_cuts_a_negative_dl_off_at_zero():
    # statsmodels itself answers a negative tau2 here (Q is below its degrees of freedom).
    yi, vi = np.array([0.2, 0.21, 0.19]), np.array([0.1, 0.2, 0.3])
    found = second_tau2(yi, vi, method_tau2="DL", tau2=0.0, design=np.ones((3, 1)))
    assert found.tau2 == 0.0


def test_second_interval_uses_t_for_knapp_hartung():
    # statsmodels' own HKSJ interval is normal unless told otherwise: -1.068 to -0.360 for BCG.
    model = next(m for m in BCG["models"] if (m["method"], m["test"]) == ("REML", "knha"))
    found = second_interval(
        np.array(BCG["yi"]),
        np.array(BCG["vi"]),
        ci_method="knapp_hartung",
        level=0.95,
        tau2=model["tau2"],
        design=np.ones((13, 1)),
    )
    # rel=1e-9: closed form at R's tau2.
    assert found.ci_lb[0] == pytest.approx(model["ci_lb"], rel=1e-9)
    assert found.ci_ub[0] == pytest.approx(model["ci_ub"], rel=1e-9)
    assert found.pval[0] == pytest.approx(model["pval"], rel=1e-9)


PLANTABLE = [
    pytest.param(s, m["method"], id=f"{s['id']}-{m['method']}")
    for s in [{"id": "bcg", **BCG}, *SMALL]
    for m in s["models"]
    # 1e-9: R leaves 1e-15 where tau2 is 0, and 10 % of 0 is no error to find.
    if m["test"] == "z" and m["tau2"] > 1e-9
]


@pytest.mark.parametrize("factor", [0.9, 1.1])
@pytest.mark.parametrize(("data", "method"), PLANTABLE)
def test_a_tau2_that_is_ten_percent_off_is_found_out(data, method, factor):
    yi, vi, name = data["yi"], data["vi"], METHOD_TAU2[method]
    planted = tau2(yi, vi, method=name).tau2 * factor
    given = answers(yi, vi, method_tau2=name, ci_method="wald", between=planted)
    with pytest.raises(EnginesDisagree, match="tau2"):
        agree(yi, vi, **given)


@pytest.mark.parametrize("method", ["DL", "ML", "REML"])
def test_a_small_tau2_where_the_answer_is_zero_is_found_out(method):
    yi, vi = [0.2, 0.21, 0.19], [0.1, 0.2, 0.3]
    given = answers(yi, vi, method_tau2=method, ci_method="wald", between=0.001)
    with pytest.raises(EnginesDisagree, match="tau2"):
        agree(yi, vi, **given)


def test_a_tau2_of_zero_where_two_effects_differ_is_found_out():
    yi, vi = [0.1, 0.9], [0.04, 0.05]
    given = answers(yi, vi, method_tau2="REML", ci_method="wald", between=0.0)
    with pytest.raises(EnginesDisagree, match="tau2"):
        agree(yi, vi, **given)


@pytest.mark.parametrize("name", ["estimate", "se", "ci_lb", "ci_ub", "pval"])
def test_a_number_that_is_slightly_wrong_is_found_out(name):
    yi, vi = BCG["yi"], BCG["vi"]
    given = answers(yi, vi, method_tau2="REML", ci_method="knapp_hartung")
    # One in ten thousand: far below what a reader sees, far above any rounding.
    wrong = getattr(given["interval"], name) + 1e-4 * np.abs(given["interval"].se)
    given["interval"] = dataclasses.replace(given["interval"], **{name: wrong})
    with pytest.raises(EnginesDisagree):
        agree(yi, vi, **given)


def test_a_wrong_q_is_found_out():
    yi, vi = BCG["yi"], BCG["vi"]
    given = answers(yi, vi, method_tau2="DL", ci_method="wald")
    with pytest.raises(EnginesDisagree, match="Q"):
        agree(yi, vi, **{**given, "q": given["q"] * 1.0001})


def test_an_interval_of_another_method_is_found_out():
    yi, vi = [0.2, 0.35, 0.9], [0.03, 0.08, 0.02]
    given = answers(yi, vi, method_tau2="DL", ci_method="wald")
    with pytest.raises(EnginesDisagree):
        agree(yi, vi, **{**given, "ci_method": "knapp_hartung_floored"})


def test_the_message_holds_both_numbers():
    yi, vi = [0.0, 2.0], [0.5, 0.5]
    given = answers(yi, vi, method_tau2="DL", ci_method="wald", between=1.25)
    # On paper: DL of two effects of equal variance is (y1 - y2)^2 / 2 - vi = 1.5.
    with pytest.raises(EnginesDisagree, match=r"says 1\.25, statsmodels says 1\.5"):
        agree(yi, vi, **given)


@pytest.mark.slow
def test_no_false_alarm_on_invented_sets_flat_likelihoods_included():
    random = np.random.default_rng(20240501)
    for _ in range(150):
        k = int(random.choice([2, 2, 3, 4, 8]))
        unit = 10.0 ** random.uniform(-4, 4)
        vi = 0.1 * unit**2 * np.exp(random.normal(0, random.choice([0.3, 1, 2.5]), k))
        spread = unit * np.sqrt(random.choice([0, 0.01, 0.3, 3]))
        yi = 3 * unit + spread * random.normal(size=k) + np.sqrt(vi) * random.normal(size=k)
        for method in ("DL", "ML", "REML"):
            given = answers(yi, vi, method_tau2=method, ci_method="knapp_hartung_floored")
            assert agree(yi, vi, **given) < 1e-5
