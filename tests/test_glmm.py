"""Models of counts: R's answers, identities between models, and what cannot be estimated."""

import math

import known_answers as ka
import numpy as np
import pytest

from repool.pooling.rare_events import hypergeometric
from repool.pooling.rare_events.glmm import glmm, glmm_one_group

KEPT = ka.kept("rare_events.json")
USUAL = {"add": 0.5, "to": "only0", "drop00": True, "level": 0.95}
SPARSE = ([0, 2, 1, 5, 0, 3], [40, 60, 35, 80, 55, 70], [2, 3, 0, 9, 1, 4], [42, 58, 30, 85, 50, 66])


def fit_of(answer):
    args = answer["args"]
    column = {name: np.array(values) for name, values in KEPT["data"][answer["data"]]["counts"].items()}
    settings = {"method_tau2": "none" if args["method"] == "EE" else "ML", "nodes": args.get("nAGQ", 7)}
    settings |= {"measure": args["measure"], "add": 0.5, "to": "only0", "level": 0.95}
    if args["measure"] == "PLO":
        return glmm_one_group(column["xi"], column["xi"] + column["mi"], **settings)
    settings |= {"glmm_model": args["model"], "drop00": True}
    if args["measure"] == "IRR":
        return glmm(column["x1i"], column["t1i"], column["x2i"], column["t2i"], **settings)
    n1, n2 = column["tpos"] + column["tneg"], column["cpos"] + column["cneg"]
    return glmm(column["tpos"], n1, column["cpos"], n2, **settings)


@pytest.mark.parametrize(
    "answer",
    [answer for answer in KEPT["answers"] if answer["kind"] == "rma.glmm"],
    ids=lambda answer: "-".join(str(part) for part in (answer["data"], *answer["args"].values())),
)
def test_estimates_and_variances_are_r_s(answer):
    ours, value = fit_of(answer), answer["value"]
    # Searches that end in two programs; R's Laplace fits have 3 digits, their standard errors 2 (its inner loop stops
    # at 1e-7: with tolPwrss = 1e-13 R's se of hart1999, UM.RS, goes from 0.16168 to 0.16258, ours).
    assert ours.estimate == pytest.approx(value["beta"][0], abs=(1e-3 if ours.nodes == 1 else 1e-4) * ours.se)
    assert ours.se == pytest.approx(value["se"][0], rel=1e-2 if ours.nodes == 1 else 1e-4)
    assert ours.tau2 == pytest.approx(value["tau2"], rel=1e-3 if ours.nodes == 1 else 1e-4, abs=1e-8)
    assert ours.q_lrt == pytest.approx(value["QE_LRT"], rel=1e-6)
    assert ours.log_likelihood_metafor == pytest.approx(value["ll"], abs=2e-4)
    assert (ours.q_df, ours.k) == (value["QE_df"], value["k"])
    assert ours.converged


def test_rates_of_fixed_levels_and_conditional_are_one_model():
    # Poisson counts given their sum are binomial: the same estimates (Stijnen et al. 2010, section 4).
    both = [
        glmm(*SPARSE, measure="IRR", glmm_model=model, method_tau2="none", nodes=7, **USUAL)
        for model in ("UM.FS", "CM.EL")
    ]
    # Two searches to 1e-8 standard errors.
    assert both[0].estimate == pytest.approx(both[1].estimate, abs=1e-7)
    assert both[0].se == pytest.approx(both[1].se, rel=1e-7)


def test_the_exact_likelihood_is_the_noncentral_hypergeometric():
    from scipy.stats import nchypergeom_fisher

    tables = hypergeometric.tables_of(*(np.array(part, dtype=float) for part in SPARSE))
    for table, a, n1, c, n2 in zip(tables, *SPARSE, strict=True):
        for theta in (-1.5, 0.0, 2.0):
            expected = nchypergeom_fisher.logpmf(a, n1 + n2, n1, a + c, math.exp(theta))
            # scipy computes the density to about 1e-10.
            assert table.terms(np.array([theta]))[0][0] == pytest.approx(expected, abs=1e-8)


def test_large_tables_are_summed_near_their_peak():
    small, large = [3000.0, 9000.0, 2500.0, 8000.0], [30000.0, 90000.0, 25000.0, 80000.0]
    for counts in (small, large):
        (table,) = hypergeometric.tables_of(*(np.array([part]) for part in counts))
        assert table.distance.size > hypergeometric.WIDE
        for theta in (-3.0, 0.0, 0.1, 2.0):
            exponent = table.log_weight + theta * table.distance
            top = exponent.max()
            # The whole sum, here short enough; rounding of log weights near 1e4 allows 1e-11.
            everything = -(top + math.log(math.fsum(np.exp(exponent - top))))
            assert table.terms(np.array([theta]))[0][0] == pytest.approx(everything, rel=1e-11)


def test_the_random_effect_is_integrated_out():
    from scipy.integrate import quad

    tables = hypergeometric.tables_of(*(np.array(part, dtype=float) for part in SPARSE))
    mean, tau = -0.4, 1.7
    found = hypergeometric.conditional_problem(tables).value(np.zeros(6), np.array([mean, tau]))
    for table, one in zip(tables, found, strict=True):

        def density(s, table=table):
            value = table.terms(np.array([mean + tau * s]))[0][0]
            return math.exp(value - s**2 / 2) / math.sqrt(2 * math.pi)

        # quad's own bound is 1e-12.
        assert one == pytest.approx(math.log(quad(density, -12, 12, epsabs=0, epsrel=1e-11)[0]), abs=1e-9)


@pytest.mark.parametrize("model", ["UM.FS", "UM.RS", "CM.EL", "CM.AL"])
def test_studies_without_any_event_change_nothing_but_levels(model):
    more = [[*part, extra] for part, extra in zip(SPARSE, (0, 30, 0, 25), strict=True)]
    settings = USUAL | {"drop00": False}
    fits = [
        glmm(*counts, measure="OR", glmm_model=model, method_tau2="none", nodes=7, **settings)
        for counts in (SPARSE, more)
    ]
    assert fits[1].k == fits[0].k + 1
    # Given no event there is one possible table: the likelihood of the odds ratio is 1. Random levels learn from it.
    same = fits[1].estimate == pytest.approx(fits[0].estimate, abs=1e-7)
    assert same is (model != "UM.RS")


@pytest.mark.parametrize("model", ["UM.FS", "UM.RS", "CM.EL", "CM.AL"])
def test_an_infinite_ratio_is_refused(model):
    with pytest.raises(ValueError, match="estimated as 0 or infinite"):
        glmm([0, 0], [20, 20], [5, 4], [20, 25], measure="OR", glmm_model=model, method_tau2="ML", nodes=7, **USUAL)


def test_studies_that_point_to_zero_and_infinity_have_no_peak():
    # Each study is at an edge, the two at opposite ones: the likelihood rises with tau for ever.
    found = glmm(
        [0, 4], [20, 20], [5, 0], [20, 25], measure="OR", glmm_model="CM.AL", method_tau2="ML", nodes=7, **USUAL
    )
    assert not found.converged
    assert "do not use" in found.note


def test_one_study_has_an_odds_ratio_but_no_spread():
    one = ([3], [20], [5], [20])
    found = glmm(*one, measure="OR", glmm_model="UM.FS", method_tau2="none", nodes=7, **USUAL)
    # The saturated logistic model: the study's own odds ratio and Woolf's variance.
    assert found.estimate == pytest.approx(math.log(3 * 15 / (17 * 5)), abs=1e-8)
    assert found.se == pytest.approx(math.sqrt(1 / 3 + 1 / 17 + 1 / 5 + 1 / 15), rel=1e-7)
    assert math.isnan(found.q_df)
    with pytest.raises(ValueError, match="one study"):
        glmm(*one, measure="OR", glmm_model="UM.FS", method_tau2="ML", nodes=7, **USUAL)


def test_a_common_rate_is_events_over_time():
    found = glmm_one_group(
        [3, 5, 0], [100.0, 80.0, 20.0], measure="IRLN", method_tau2="none", nodes=7, add=0.5, to="only0", level=0.95
    )
    # The Poisson likelihood: log(8 / 200), variance 1 / 8.
    assert found.estimate == pytest.approx(math.log(8 / 200), abs=1e-8)
    assert found.se == pytest.approx(math.sqrt(1 / 8), rel=1e-7)


def test_settings_that_do_not_exist_are_refused():
    with pytest.raises(ValueError, match="CM.AL is for OR"):
        glmm(*SPARSE, measure="IRR", glmm_model="CM.AL", method_tau2="ML", nodes=7, **USUAL)
    with pytest.raises(ValueError, match="nodes is 0"):
        glmm(*SPARSE, measure="OR", glmm_model="UM.FS", method_tau2="ML", nodes=0, **USUAL)
    with pytest.raises(ValueError, match="method_tau2 is 'REML'"):
        glmm(*SPARSE, measure="OR", glmm_model="UM.FS", method_tau2="REML", nodes=7, **USUAL)
