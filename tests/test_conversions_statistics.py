"""Cohen's d from statistics, analyses of covariance and changes, against R and printed examples."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repool.effects.conversions import adjusted, statistics_to_d

CLOSE = 1e-9  # closed forms; R printed 12 digits

# R 4.2: x <- c(5.1,6.3,4.8,7.7,6.1,5.9,8.2,4.4); y <- c(3.2,4.1,5.5,2.9,4.8,3.7); g <- rep(1:0, c(8,6))
# t.test(x, y, var.equal=TRUE); anova(lm(c(x,y) ~ g)); cor(c(x,y), g); summary(lm(c(x,y) ~ g))$r.squared
T, P, F, R, ETA2 = 3.11559719624578, 0.00892753262983, 9.70695, 0.668716351173, 0.447181558326
N1, N2, MEAN1, MEAN2, SD_POOLED = 8, 6, 6.0625, 4.0333333333333333, np.sqrt(1.454340278)
D = (MEAN1 - MEAN2) / SD_POOLED


def test_every_statistic_of_one_t_test_gives_the_d_of_its_means():
    by_p = statistics_to_d.t_from_p([P], [N1 + N2 - 2], tails=2)
    np.testing.assert_allclose(by_p, [T], rtol=CLOSE)
    np.testing.assert_allclose(statistics_to_d.d_from_t([T], [N1], [N2]), [D], rtol=1e-8)
    np.testing.assert_allclose(statistics_to_d.d_from_r_point_biserial([R], [N1], [N2]), [D], rtol=1e-8)
    np.testing.assert_allclose(statistics_to_d.d_from_eta2([ETA2], [N1], [N2]), [D], rtol=1e-8)
    np.testing.assert_allclose(statistics_to_d.d_from_partial_eta2([ETA2], [12], [N1], [N2]), [D], rtol=1e-8)
    np.testing.assert_allclose(statistics_to_d.d_from_f([F], [N1], [N2]), [D], rtol=1e-6)  # R printed 6 digits


def test_t_of_tiny_p_keeps_its_digits():
    # R: qt(1e-12/2, 10, lower.tail=FALSE) = 43.4569045139
    np.testing.assert_allclose(statistics_to_d.t_from_p([1e-12], [10], tails=2), [43.4569045139], rtol=CLOSE)


@pytest.mark.parametrize(("p", "df", "tails"), [(0.6, 10, 1), (0, 10, 2), (1.2, 10, 2), (0.05, 0, 2), (0.05, 9, 0)])
def test_impossible_p_has_no_t(p, df, tails):
    assert np.isnan(statistics_to_d.t_from_p([p], [df], tails=tails)).all()


def test_negative_f_and_correlation_of_one_have_no_d():
    assert np.isnan(statistics_to_d.d_from_f([-1.0], [10], [10])).all()
    assert np.isnan(statistics_to_d.d_from_r_point_biserial([1.0], [10], [10])).all()


@settings(derandomize=True, deadline=None)
@given(st.floats(1e-6, 1), st.integers(1, 1000), st.sampled_from([1.0, 2.0]))
def test_p_and_back_through_t_returns_p(p, df, tails):
    from scipy.stats import t as student

    p = p * tails / 2  # a one-sided p above a half has no t here
    value = statistics_to_d.t_from_p([p], [df], tails=tails)
    np.testing.assert_allclose(tails * student.sf(value, df), [p], rtol=1e-7)  # sf and its inverse by different code


# compute.es 0.2-5, n.1 = 30, n.2 = 28, R = .5, q = 2, dig = 8:
# a.tes(2.3), a.fes(5.29), a.pes(.03), a.mes(12, 10, sd 4.1): d and var.d
ANCOVA = {
    "t": (0.52339892, 0.05414732),
    "means": (0.42245142, 0.05332421),
}


def ancova_d(route):
    r = {"r_covariate": 0.5}
    if route == "t":
        return adjusted.d_from_ancova_t([2.3], [30], [28], **r)
    # a.mes takes the residual SD; before adjustment it is larger by 1 / sqrt(1 - R^2) (Borenstein 2009, table 12.3).
    return adjusted.d_from_adjusted_means([12.0], [10.0], [4.1 / math.sqrt(1 - 0.5**2)])


@pytest.mark.parametrize("route", ANCOVA)
def test_analysis_of_covariance_gives_the_d_and_variance_of_compute_es(route):
    d = ancova_d(route)
    np.testing.assert_allclose(d, [ANCOVA[route][0]], rtol=2e-8)  # 8 decimals printed
    variance = adjusted.variance_of_adjusted_d(d, [30], [28], r_covariate=0.5)
    np.testing.assert_allclose(variance, [ANCOVA[route][1]], rtol=2e-7)


def test_without_covariates_adjusted_g_is_metafors_smd():
    # metafor 3.8-1: escalc("SMD", m1i=10.2, m2i=8.1, sd1i=3.1, sd2i=2.6, n1i=21, n2i=17)
    sd = np.sqrt((20 * 3.1**2 + 16 * 2.6**2) / 36)
    d = adjusted.d_from_adjusted_means([10.2], [8.1], [sd])
    yi, vi = adjusted.g_from_adjusted_d(d, [21], [17], r_covariate=0.0, n_covariates=0)
    np.testing.assert_allclose([yi[0], vi[0]], [0.711755099285, 0.113108304943], rtol=CLOSE)


def test_covariate_correlation_of_one_is_refused():
    assert np.isnan(adjusted.variance_of_adjusted_d([0.5], [30], [28], r_covariate=1.0)).all()


# R 4.2: pp <- c(4.9,6.9,4.1,8.8,6.6,6.4,9.5,4.0); t.test(pp, x, paired=TRUE)
# statistic, p, mean(pp-x), sd(pp-x), cor(pp,x), sd(pp); sd(x) = 1.34263866004
PAIRED = (1.342588273049, 0.221309498569, 0.3375, 0.711010347524, 0.994954145131, 2.033996769207)


# Morris (2008), table 5: five studies of training; r is the same in both arms.
PRE1, POST1 = np.array([30.6, 23.5, 0.5, 53.4, 35.6]), np.array([38.5, 26.8, 0.7, 75.9, 36.0])
PRE2, POST2 = np.array([23.1, 24.9, 0.6, 55.7, 34.8]), np.array([19.7, 25.3, 0.6, 60.7, 33.4])
SD1, SD2 = np.array([15.0, 3.1, 0.1, 14.5, 4.7]), np.array([13.8, 4.1, 0.2, 17.3, 3.1])
SIZE1, SIZE2, CORR = (
    np.array([20, 50, 9, 10, 14]),
    np.array([20, 42, 9, 11, 14]),
    np.array([0.47, 0.64, 0.77, 0.89, 0.44]),
)
