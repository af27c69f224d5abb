import math

import numpy as np
import pytest
from known_answers import kept
from scipy.special import lambertw

from repool.pooling.models.heterogeneity import limits_from_q
from repool.pooling.models.pooled_model import fit_pool, with_limits
from repool.pooling.models.tau2_intervals import heterogeneity_limits, log_likelihood, tau2_limits

BCG = kept("bcg.json")
R = kept("intervals.json")
YI, VI = np.array(BCG["yi"]), np.array(BCG["vi"])
DESIGN = np.column_stack([np.ones(13), R["ablat"]])
METHODS = ["q_profile", "profile_likelihood_ml", "profile_likelihood_reml", "generalised_q"]


def limits(method, *, yi=YI, vi=VI, level=0.95, design=None, weights=None):
    return tau2_limits(yi, vi, tau2_interval_method=method, level=level, design=design, weights=weights)


@pytest.mark.parametrize("expected", R["limits"], ids=lambda e: e["call"])
def test_limits_are_those_of_r_with_and_without_a_moderator(expected):
    design = DESIGN if expected["mods"] else None
    found = limits(expected["method"], level=expected["level"], design=design)
    value = expected["value"]
    all_of_them = heterogeneity_limits(tau2=value["tau2"][0], limits=found, vi=VI, design=design)
    # rel=1e-9: both are root searches carried to the last digits.
    assert [found.lb, found.ub] == pytest.approx(value["tau2"][1:], rel=1e-9)
    assert all_of_them.i2_percent == pytest.approx(value["i2_percent"], rel=1e-9)
    assert all_of_them.h2 == pytest.approx(value["h2"], rel=1e-9)
    assert all_of_them.tau == pytest.approx(np.sqrt(value["tau2"]), rel=1e-9)


@pytest.mark.parametrize("restricted", [False, True])
def test_profile_limits_lie_where_the_log_likelihood_has_fallen_by_half_the_chi_squared_quantile(restricted):
    found = limits(f"profile_likelihood_{'reml' if restricted else 'ml'}", level=0.95)
    grid = np.geomspace(1e-4, 20, 4001)

    # The definition (Viechtbauer 2005), written out with explicit sums.
    def height(value):
        w = 1 / (VI + value)
        mean = np.sum(w * YI) / np.sum(w)
        fallen = 0.5 * np.sum(np.log(w)) - 0.5 * np.sum(w * (YI - mean) ** 2)
        return fallen - 0.5 * np.log(np.sum(w)) * restricted

    top = max(height(value) for value in grid)
    for bound in (found.lb, found.ub):
        # abs=1e-5: the top of the grid, spaced at 0.3 %, lies this close to the true top; 3.8415 is
        # the printed 95 % quantile of chi-squared on 1 degree of freedom.
        assert 2 * (top - height(bound)) == pytest.approx(3.8415, abs=1e-4)
        assert log_likelihood(YI, VI, tau2=bound, restricted=restricted) == pytest.approx(height(bound), rel=1e-12)


def imhof(q, eigenvalues):
    """Return P(sum of eigenvalue * chi-squared > q) by Imhof (1961), Biometrika 48, 419, on a plain grid."""
    u = (np.arange(40_000) + 0.5) * 5e-3
    theta = 0.5 * np.arctan(np.outer(eigenvalues, u)).sum(axis=0) - 0.5 * q * u
    rho = np.exp(0.25 * np.log1p(np.outer(eigenvalues, u) ** 2).sum(axis=0))
    return 0.5 + np.sum(np.sin(theta) / (u * rho)) * 5e-3 / np.pi


@pytest.mark.parametrize("design", [None, DESIGN], ids=["mean", "moderator"])
def test_generalised_q_limits_with_own_weights_have_the_tail_probabilities_asked_for(design):
    weights = 1 / (VI + 0.2)
    found = limits("generalised_q", level=0.90, design=design, weights=weights)
    x = np.ones((13, 1)) if design is None else design
    w = np.diag(weights)
    p = w - w @ x @ np.linalg.inv(x.T @ w @ x) @ x.T @ w
    q = YI @ p @ YI
    for bound, tail in ((found.lb, 0.05), (found.ub, 0.95)):
        root = np.diag(np.sqrt(VI + bound))
        eigenvalues = np.linalg.eigvalsh(root @ p @ root)
        # abs=1e-6: the grid of the inversion is this good, as a ten times longer one shows.
        assert imhof(q, eigenvalues[eigenvalues > 1e-9]) == pytest.approx(tail, abs=1e-6)


def test_equal_variances_make_generalised_q_and_q_profile_the_same():
    # On paper: with all vi = v both statistics are RSS / (v + tau2), chi-squared on k - 1.
    yi, vi = [0.1, 0.9, -0.4, 1.3, 0.6], [0.2] * 5
    one, other = (limits(name, yi=yi, vi=vi) for name in ("q_profile", "generalised_q"))
    assert [one.lb, one.ub] == pytest.approx([other.lb, other.ub], rel=1e-8, abs=1e-10)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("factor", [1e-6, 1e6])
def test_limits_move_with_the_square_of_the_unit(method, factor):
    one, other = limits(method), limits(method, yi=YI * factor, vi=VI * factor**2)
    # rel=1e-9: the same searches in another unit.
    assert [other.lb / factor**2, other.ub / factor**2] == pytest.approx([one.lb, one.ub], rel=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_upper_limit_of_two_distant_effects_is_not_cut(method):
    found = limits(method, yi=[0.0, 1e4], vi=[0.1, 0.3])
    # Far from the variances only the spread S = d^2 / 2 = 5e7 counts. On paper: both Q methods give
    # S / 0.000982069 (chi-squared on 1 df, 2.5 %); REML falls by x - ln x - 1 with x = S / tau2,
    # ML by twice that with x = S / (2 tau2); x - ln x = c has the smaller root -W(-exp(-c)).
    expected = {
        "profile_likelihood_reml": 5e7 / -lambertw(-math.exp(-1 - 3.8414588)).real,
        "profile_likelihood_ml": 2.5e7 / -lambertw(-math.exp(-1 - 3.8414588 / 2)).real,
    }
    # rel=1e-6: the variances are left out of S, which is 2e8 times as large.
    assert found.ub == pytest.approx(expected.get(method, 5e7 / 0.000982069117), rel=1e-6)


def test_effects_nearer_to_each_other_than_chance_allows_have_an_empty_interval():
    for method in ("q_profile", "generalised_q"):
        found = limits(method, yi=[0.3] * 6, vi=[0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
        assert (found.lb, found.ub, found.null) == (0.0, 0.0, True)
        assert "closer together than chance" in found.note
    # A likelihood always has a top: no empty interval.
    assert limits("profile_likelihood_reml", yi=[0.3] * 6, vi=[0.1] * 6).ub > 0


def test_two_peaks_of_the_likelihood_are_both_inside_and_said_so():
    yi = np.array([0.0, 0.0, 0.0, 0.0, 3.0, -3.0, 4.0, -4.0])
    vi = np.array([1e-6, 1e-6, 1e-6, 1e-6, 1e-4, 1e-4, 1e-4, 1e-4])
    found = limits("profile_likelihood_ml", yi=yi, vi=vi, level=0.5)
    heights = [log_likelihood(yi, vi, tau2=t, restricted=False) for t in np.geomspace(1e-9, 100, 2001)]
    inside = np.geomspace(1e-9, 100, 2001)[np.array(heights) > max(heights) - 0.5 * 0.4549]
    # 0.4549 is the median of chi-squared on 1 df; the grid has steps of 1.3 %.
    assert found.lb <= inside[0] * 1.02
    assert found.ub >= inside[-1] * 0.98


def test_test_based_limits_are_those_that_meta_prints():
    # R package meta on the BCG trials (Mantel-Haenszel Q = 152.57 on 12 df) prints
    # "H = 3.57 [2.93; 4.34]; I^2 = 92.1% [88.3%; 94.7%]".
    found = limits_from_q(q=152.57, q_df=12, level=0.95)
    assert found.i2_percent == pytest.approx((92.1, 88.3, 94.7), abs=0.05)
    assert np.sqrt(found.h2) == pytest.approx((3.57, 2.93, 4.34), abs=0.005)


def test_pooled_model_carries_limits_of_a_named_method():
    pool = fit_pool(YI, VI, method_tau2="REML", ci_method="wald", level=0.95, i2_definition="from_tau2")
    found = with_limits(pool, YI, VI, tau2_interval_method="profile_likelihood_reml", level=0.95)
    expected = R["limits"][0]["value"]
    # rel=1e-8: tau2 agrees to 9 digits.
    assert found.limits_from_tau2.tau2 == pytest.approx(expected["tau2"], rel=1e-8)
    assert found.limits_from_tau2.limits.method == "profile_likelihood_reml"
    assert found.i2_percent == pytest.approx(expected["i2_percent"][0], rel=1e-8)
    assert pool.limits_from_tau2 is None


def test_test_based_limits_of_q_at_most_k_use_the_second_formula():
    # On paper: Q = 4 on 4 df: se(ln H) = sqrt((1 - 1 / 27) / 6) = 0.400617, H2 = 1, so the upper
    # H2 is exp(2 * 1.959964 * 0.400617) = 4.80852, I2 = 79.2036 %.
    found = limits_from_q(q=4.0, q_df=4, level=0.95)
    assert found.h2 == pytest.approx((1.0, 1.0, 4.80852), abs=2e-5)
    assert found.i2_percent == pytest.approx((0.0, 0.0, 79.2036), abs=1e-4)


def test_two_effects_with_a_small_q_have_no_test_based_limits():
    found = limits_from_q(q=1.5, q_df=1, level=0.95)
    assert found.h2[0] == 1.5
    assert math.isnan(found.h2[1])
    assert "no spread" in found.note


def test_unusable_input_is_refused_in_words():
    with pytest.raises(ValueError, match="tau2_interval_method is 'QP'"):
        limits("QP")
    with pytest.raises(ValueError, match="takes none"):
        limits("q_profile", weights=VI)
    with pytest.raises(ValueError, match="weights must be finite numbers above 0"):
        limits("generalised_q", weights=np.zeros(13))
    with pytest.raises(ValueError, match="at least 2 needed"):
        limits("profile_likelihood_ml", yi=[0.1], vi=[0.1])
    with pytest.raises(ValueError, match="level"):
        limits("generalised_q", level=95)
