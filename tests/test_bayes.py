import math

import numpy as np
import pytest
from known_answers import kept

from repool.pooling.models.bayes_grid import Priors, posterior
from repool.pooling.models.bayes_summary import (
    mean_mixture,
    new_study_mixture,
    probability_above,
    study_mixture,
    summarise_mixture,
    summarise_tau,
)

BCG = kept("bcg.json")
YI, VI = np.array(BCG["yi"]), np.array(BCG["vi"])
NONE = {"mu_prior": "uniform", "mu_mean": math.nan, "mu_sd": math.nan}


def priors(tau_prior, tau_scale=math.nan, **mu):
    return Priors(tau_prior=tau_prior, tau_scale=tau_scale, **(mu or NONE))


def normal(mean, sd):
    return {"mu_prior": "normal", "mu_mean": mean, "mu_sd": sd}


#: R package bayesmeta: bayesmeta(c(11, 13, 16), c(1, 1, 2), tau.prior="Jeffreys"), printed in
#: the code listings of "R de tanoshimu Beizu tokei nyumon" (Okumura and others 2018, Gijutsu-Hyoron),
#: section 6.5. tau is integrated to 8 digits; mu and the studies come from a
#: grid that is allowed to be wrong by one percent of a Kullback-Leibler unit.
PRINTED_TAU = {"median": 2.35487034, "mean": 3.67647047, "lb": 0.02912476, "ub": 10.14895476}
PRINTED_MU = {"median": 12.855986, "mean": 12.980341, "lb": 7.485701, "ub": 18.955488}
PRINTED_STUDIES = {
    "median": (11.4313117, 12.9298433, 14.439061),
    "mean": (11.4133994, 12.9395931, 14.588030),
    "sd": (0.9927761, 0.9349359, 1.888808),
    "lb": (9.4594936, 11.1165736, 11.181006),
    "ub": (13.3319573, 14.7865567, 18.370448),
}
SHORTEST = {"level": 0.95, "interval_type": "shortest"}


def test_tau_is_that_of_bayesmeta():
    found = summarise_tau(posterior([11, 13, 16], [1, 1, 4], priors=priors("jeffreys")), **SHORTEST)
    for name, value in PRINTED_TAU.items():
        # rel=1e-8 for integrals; the ends of a shortest interval come from a minimum, which
        # bayesmeta finds to about the root of that.
        tolerance = {"rel": 1e-8} if name in ("median", "mean") else {"abs": 3e-5}
        assert getattr(found, name) == pytest.approx(value, **tolerance)
    # bayesmeta prints NA, too: the density falls as tau^-3.
    assert found.sd == math.inf
    assert "no standard deviation" in found.note


def test_mean_is_that_of_bayesmeta():
    found = summarise_mixture(mean_mixture(posterior([11, 13, 16], [1, 1, 4], priors=priors("jeffreys"))), **SHORTEST)
    for name, value in PRINTED_MU.items():
        # 0.1 percent of bayesmeta's standard deviation of 3.9, see the remark on its grid.
        assert getattr(found, name) == pytest.approx(value, abs=0.004)
    # It prints 3.947427, the spread of its finite grid; E(mu^2) is the integral of
    # tau^2 tau^-3, which has no limit.
    assert found.sd == math.inf


def test_shrunken_studies_are_those_of_bayesmeta():
    found = posterior([11, 13, 16], [1, 1, 4], priors=priors("jeffreys"))
    for i in range(3):
        summary = summarise_mixture(study_mixture(found, i), **SHORTEST)
        for name, values in PRINTED_STUDIES.items():
            assert getattr(summary, name) == pytest.approx(values[i], abs=0.002)


MODELS = [
    pytest.param(priors("half_normal", 0.5), id="half-normal"),
    pytest.param(priors("half_cauchy", 0.5), id="half-cauchy"),
    pytest.param(priors("uniform"), id="uniform"),
    pytest.param(priors("half_normal", 0.5, **normal(0.0, 1.0)), id="half-normal-normal"),
]


def brute_force(prior):
    """Return a plain two-dimensional grid: tau, mu and their joint posterior probability."""
    tau = (np.arange(1600) + 0.5) * 0.0025
    mu = -0.7 + (np.arange(-480, 480) + 0.5) * 0.005
    density = {
        "half_normal": lambda t: np.exp(-0.5 * (t / 0.5) ** 2),
        "half_cauchy": lambda t: 1 / (1 + (t / 0.5) ** 2),
        "uniform": np.ones_like,
    }[prior.tau_prior](tau)
    joint = np.log(density)[:, None] * np.ones_like(mu)
    if prior.mu_prior == "normal":
        joint = joint - 0.5 * ((mu - prior.mu_mean) / prior.mu_sd) ** 2
    for y, v in zip(YI, VI, strict=True):
        total = (v + tau**2)[:, None]
        joint = joint - 0.5 * np.log(total) - 0.5 * (y - mu) ** 2 / total
    joint = np.exp(joint - joint.max())
    return tau, mu, joint / joint.sum()


@pytest.mark.parametrize("prior", MODELS)
def test_moments_and_probabilities_are_those_of_a_plain_grid(prior):
    tau, mu, joint = brute_force(prior)
    found = posterior(YI, VI, priors=prior)
    mean, heterogeneity = mean_mixture(found), summarise_tau(found, level=0.9, interval_type="central")
    summary = summarise_mixture(mean, level=0.9, interval_type="central")
    of_mu, of_tau = joint.sum(axis=0), joint.sum(axis=1)
    # abs=2e-6: a midpoint rule with steps of 0.0025 and 0.005, cut at tau = 4.
    slack = 2e-6 if prior.tau_prior != "uniform" else 1e-5
    assert summary.mean == pytest.approx(np.sum(of_mu * mu), abs=slack)
    assert summary.sd == pytest.approx(math.sqrt(np.sum(of_mu * (mu - np.sum(of_mu * mu)) ** 2)), abs=slack)
    assert heterogeneity.mean == pytest.approx(np.sum(of_tau * tau), abs=slack)
    for end, tail in ((summary.lb, 0.05), (summary.median, 0.5), (summary.ub, 0.95)):
        # abs=1e-3: the grid knows probabilities at its cell edges only; one cell has up to 0.5 %.
        assert np.interp(end, mu + 0.0025, np.cumsum(of_mu)) == pytest.approx(tail, abs=1e-5)
    for end, tail in ((heterogeneity.lb, 0.05), (heterogeneity.median, 0.5), (heterogeneity.ub, 0.95)):
        assert np.interp(end, tau + 0.00125, np.cumsum(of_tau)) == pytest.approx(tail, abs=1e-5)
    above = 1 - np.interp(-0.5, mu + 0.0025, np.cumsum(of_mu))
    assert probability_above(mean, threshold=-0.5) == pytest.approx(above, abs=1e-5)


def test_a_new_study_adds_the_spread_of_true_effects():
    prior = priors("half_normal", 0.5)
    tau, mu, joint = brute_force(prior)
    found = new_study_mixture(posterior(YI, VI, priors=prior))
    # P(new > 0) on the grid: the mean of P(N(mu, tau^2) > 0).
    chance = np.array([[0.5 * math.erfc(-m / (t * math.sqrt(2))) for m in mu[::4]] for t in tau[::4]])
    expected = np.sum(chance * joint[::4, ::4]) / joint[::4, ::4].sum()
    # abs=1e-4: every fourth point of the grid.
    assert probability_above(found, threshold=0.0) == pytest.approx(expected, abs=1e-4)


def test_shortest_interval_has_equal_density_at_its_ends_and_the_probability_asked_for():
    found = posterior(YI, VI, priors=priors("half_cauchy", 0.5))
    mixture = mean_mixture(found)
    summary = summarise_mixture(mixture, **SHORTEST)
    low, high = summary.lb - mixture.centre, summary.ub - mixture.centre
    assert mixture.below(high) - mixture.below(low) == pytest.approx(0.95, rel=1e-10)
    assert mixture.density(low) == pytest.approx(mixture.density(high), rel=1e-6)
    central = summarise_mixture(mixture, level=0.95, interval_type="central")
    assert summary.ub - summary.lb < central.ub - central.lb


def test_a_density_that_only_falls_has_a_shortest_interval_from_0():
    found = posterior([0.1, 0.1, 0.1], [0.2, 0.2, 0.2], priors=priors("half_normal", 0.5))
    assert summarise_tau(found, **SHORTEST).lb == 0.0


def test_one_effect_teaches_nothing_about_tau():
    # On paper: with a uniform prior of the mean the likelihood of one effect does not depend on
    # tau; the posterior is the prior, half-normal: mean 0.5 sqrt(2 / pi), median 0.5 * 0.674490.
    found = summarise_tau(posterior([0.3], [0.1], priors=priors("half_normal", 0.5)), **SHORTEST)
    assert found.mean == pytest.approx(0.5 * math.sqrt(2 / math.pi), rel=1e-12)
    assert found.median == pytest.approx(0.5 * 0.6744897501960817, rel=1e-12)
    assert found.ub == pytest.approx(0.5 * 1.959963984540054, rel=1e-10)


def test_a_sharp_prior_of_the_mean_is_not_moved():
    found = posterior(YI, VI, priors=priors("half_normal", 0.5, **normal(5.0, 1e-6)))
    summary = summarise_mixture(mean_mixture(found), **SHORTEST)
    # On paper: the data carry a precision below 1 / 0.0016, the prior one of 1e12.
    assert summary.mean == pytest.approx(5.0, abs=1e-8)
    assert summary.sd == pytest.approx(1e-6, rel=1e-6)


@pytest.mark.parametrize(("factor", "offset"), [(1e-6, 0.0), (1e6, 0.0), (1.0, 1e6)])
def test_posterior_follows_unit_and_offset(factor, offset):
    one = summarise_mixture(mean_mixture(posterior(YI, VI, priors=priors("half_normal", 0.5))), **SHORTEST)
    moved = posterior(YI * factor + offset, VI * factor**2, priors=priors("half_normal", 0.5 * factor))
    other = summarise_mixture(mean_mixture(moved), **SHORTEST)
    for name in ("mean", "median", "lb", "ub"):
        # abs=1e-8: an offset of 1e6 leaves ten digits; ends of a shortest interval half of them.
        assert (getattr(other, name) - offset) / factor == pytest.approx(getattr(one, name), abs=1e-8)


def test_variances_a_hundred_million_times_apart_are_integrated_exactly():
    yi, vi = [0.0, 0.5, 1.0], [1e-8, 1.0, 1e-8]
    found = posterior(yi, vi, priors=priors("half_normal", 1.0))
    from scipy.integrate import quad

    # The marginal likelihood of tau, written out, integrated by scipy between chosen points.
    def density(t, power):
        w = 1 / (np.array(vi) + t * t)
        mean = np.sum(w * yi) / np.sum(w)
        log = 0.5 * np.log(w).sum() - 0.5 * np.log(w.sum()) - 0.5 * np.sum(w * (yi - mean) ** 2) - 0.5 * t * t
        return math.exp(log) * t**power

    edges = [0, 1e-5, 1e-3, 0.1, 0.3, 0.6, 1, 2, 4, 10]
    parts = [
        [
            quad(density, a, b, args=(power,), epsabs=0, epsrel=1e-12)[0]
            for a, b in zip(edges[:-1], edges[1:], strict=True)
        ]
        for power in (0, 1)
    ]
    expected = math.fsum(parts[1]) / math.fsum(parts[0])
    assert summarise_tau(found, **SHORTEST).mean == pytest.approx(expected, rel=1e-9)


def test_same_input_gives_the_same_bytes():
    def run():
        found = posterior(YI, VI, priors=priors("half_cauchy", 0.3))
        return repr((summarise_tau(found, **SHORTEST), summarise_mixture(new_study_mixture(found), **SHORTEST)))

    assert run() == run()


def test_too_vague_or_unusable_input_is_refused_in_words():
    with pytest.raises(ValueError, match="without a finite total; choose a proper prior of tau"):
        posterior([0.1, 0.2], [0.1, 0.1], priors=priors("uniform"))
    with pytest.raises(ValueError, match="above 0"):
        posterior([0.1, 0.2], [0.1, 0.0], priors=priors("half_normal", 1.0))
    with pytest.raises(ValueError, match="tau_scale is nan for half_normal"):
        priors("half_normal")
    with pytest.raises(ValueError, match="tau_prior"):
        priors("gamma")
    with pytest.raises(ValueError, match="mu_sd above 0"):
        priors("half_normal", 1.0, **normal(0.0, 0.0))
    with pytest.raises(ValueError, match="interval_type"):
        found = posterior(YI, VI, priors=priors("half_normal", 1.0))
        summarise_tau(found, level=0.95, interval_type="hpd")
