import math

import numpy as np
import pytest
from known_answers import kept

from repool.pooling.models.henmi_copas import ConditionalQ, henmi_copas
from repool.pooling.models.profile_likelihood import profile_interval

BCG = kept("bcg.json")
R = kept("intervals.json")
YI, VI = np.array(BCG["yi"]), np.array(BCG["vi"])


def height(mean, tau2, yi=YI, vi=VI):
    """Return the log-likelihood of a normal-normal model, written out."""
    total = vi + np.asarray(tau2)[..., None]
    return -0.5 * np.sum(np.log(2 * np.pi * total) + (yi - mean) ** 2 / total, axis=-1)


#: Steps of 0.02 % from 1e-6 to 100.
GRID = np.concatenate([[0.0], np.geomspace(1e-6, 100.0, 90_001)])


@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
def test_profile_limits_lie_where_the_best_likelihood_has_fallen_by_half_the_chi_squared_quantile(level):
    found = profile_interval(YI, VI, level=level)
    top = np.max(height(found.estimate, GRID))
    # Printed quantiles of chi-squared on 1 degree of freedom.
    quantile = {0.5: 0.454936, 0.95: 3.841459, 0.999: 10.827566}[level]
    for bound, between in ((found.ci_lb, found.tau2_at_lb), (found.ci_ub, found.tau2_at_ub)):
        heights = height(bound, GRID)
        # abs=2e-6: the last printed digit; the grid is off the top by less than 1e-7.
        assert 2 * (top - heights.max()) == pytest.approx(quantile, abs=2e-6)
        # rel=3e-4: the step of the grid.
        assert between == pytest.approx(GRID[np.argmax(heights)], rel=3e-4)


def test_profile_estimate_and_likelihood_are_those_of_r_for_maximum_likelihood():
    found = profile_interval(YI, VI, level=0.95)
    model = next(m for m in BCG["models"] if (m["method"], m["test"]) == ("ML", "z"))
    assert found.estimate == pytest.approx(model["beta"], rel=1e-9)
    assert found.tau2 == pytest.approx(model["tau2"], rel=1e-8)
    # metafor: logLik(rma(yi, vi, method="ML")) = -12.6651 (printed by summary(), 4 decimals).
    assert found.log_likelihood == pytest.approx(-12.6651, abs=5e-5)


def test_two_equal_variances_have_profile_limits_in_closed_form():
    # On paper: for yi = -1, 1 and vi = 0.1, tau2 at a mean m is 1 + m^2 - 0.1 (never at 0), so the
    # log-likelihood falls by ln(1 + m^2), and m = +- sqrt(exp(3.841459 / 2) - 1).
    found = profile_interval([-1.0, 1.0], [0.1, 0.1], level=0.95)
    expected = math.sqrt(math.exp(3.841458820694124 / 2) - 1)
    assert (found.ci_lb, found.ci_ub) == pytest.approx((-expected, expected), rel=1e-9)
    assert found.tau2_at_ub == pytest.approx(0.9 + expected**2, rel=1e-9)


def test_outermost_limits_count_when_the_profile_has_two_peaks():
    yi, vi = np.array([-7.0, -1.8, 0.6]), np.array([10.0, 1.0, 0.001])
    found = profile_interval(yi, vi, level=0.9)
    coarse = np.concatenate([[0.0], np.geomspace(1e-5, 100.0, 3001)])
    means = np.linspace(-6.0, 2.0, 801)
    heights = np.array([np.max(height(mean, coarse, yi, vi)) for mean in means])
    # 2.705543: the printed 90 % quantile of chi-squared on 1 degree of freedom.
    kept_means = 2 * (heights.max() - heights) <= 2.705543
    # The means not rejected fall into two stretches with a gap, and both are inside.
    assert np.count_nonzero(np.diff(kept_means.astype(int)) == 1) == 2
    # abs=0.01: the step of the grid.
    assert found.ci_lb == pytest.approx(means[kept_means][0], abs=0.01)
    assert found.ci_ub == pytest.approx(means[kept_means][-1], abs=0.01)
    assert "more than one peak" in found.note


@pytest.mark.parametrize(("factor", "offset"), [(1e-6, 0.0), (1e6, 0.0), (1.0, 1e6)])
def test_profile_limits_follow_unit_and_offset(factor, offset):
    one = profile_interval(YI, VI, level=0.95)
    other = profile_interval(YI * factor + offset, VI * factor**2, level=0.95)
    # abs=1e-9: an offset of 1e6 leaves the effects ten digits.
    assert (other.ci_lb - offset) / factor == pytest.approx(one.ci_lb, abs=1e-9)
    assert (other.ci_ub - offset) / factor == pytest.approx(one.ci_ub, abs=1e-9)


def test_bcg_henmi_copas_interval_is_that_of_r():
    found = henmi_copas(YI, VI, level=0.95)
    # 1e-6 of a standard error: metafor's integral is good to 1e-7 here.
    for name in ("estimate", "se", "ci_lb", "ci_ub", "tau2"):
        assert getattr(found, name) == pytest.approx(R["hc"][name], abs=1e-6 * found.se)


def test_moments_of_q_given_the_error_of_the_mean_are_those_of_a_quadratic_form():
    tau2, r = 0.3, 1.7
    w = 1 / VI
    w1 = w.sum()
    law = ConditionalQ(12, tau2, (w1, *(np.sum(w**p) / w1 for p in (2, 3, 4))))
    mean, variance = law.mean_and_variance(np.array([r]))
    # Matrix algebra: errors e ~ N(0, S), Q = e'Ae; given a'e = r they are N(m, C), and then
    # E = tr(AC) + m'Am and Var = 2 tr(ACAC) + 4 m'ACAm.
    s, a = np.diag(VI + tau2), w / math.sqrt(w1)
    form = np.diag(w) - np.outer(w, w) / w1
    m = s @ a * r / (a @ s @ a)
    c = s - np.outer(s @ a, s @ a) / (a @ s @ a)
    ac = form @ c
    assert mean[0] == pytest.approx(np.trace(ac) + m @ form @ m, rel=1e-10)
    assert variance[0] == pytest.approx(2 * np.trace(ac @ ac) + 4 * m @ ac @ form @ m, rel=1e-10)


def test_without_heterogeneity_henmi_copas_is_narrower_than_its_normal_bound():
    found = henmi_copas([0.1, 0.2, 0.3], [0.5, 0.6, 0.7], level=0.99)
    assert found.tau2 == 0.0
    # se of the common effect on paper: (1 / 0.5 + 1 / 0.6 + 1 / 0.7)^-0.5 = 0.443014; 2.575829 is
    # the normal quantile, reached only when Q could never exceed its degrees of freedom.
    assert found.se == pytest.approx(0.443014, abs=1e-6)
    assert 0 < found.ci_ub - found.estimate < 2.575829 * found.se


def test_unusable_input_is_refused_in_words():
    with pytest.raises(ValueError, match="at least 2"):
        henmi_copas([0.1], [0.1], level=0.95)
    with pytest.raises(ValueError, match="equal length"):
        henmi_copas([0.1, 0.2], [0.1], level=0.95)
    with pytest.raises(ValueError, match="at least 2"):
        profile_interval([0.1], [0.1], level=0.95)
    with pytest.raises(ValueError, match="level"):
        profile_interval([0.1, 0.2], [0.1, 0.1], level=95)
