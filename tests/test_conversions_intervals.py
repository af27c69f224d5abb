"""Standard errors and deviations against R's t tests, the Cochrane Handbook and algebra on paper."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from repool.effects.conversions import intervals

#: Closed forms and quantiles: what is left is rounding of doubles and of the quantile functions.
CLOSE = 1e-9

# R 4.2: x <- c(5.1,6.3,4.8,7.7,6.1,5.9,8.2,4.4); y <- c(3.2,4.1,5.5,2.9,4.8,3.7)
# t.test(x, y, var.equal=TRUE); sd(x); sd(y); t.test(x, conf.level=.9)$conf.int; sd(x)/sqrt(8)
DIFFERENCE, T, P, SE = 6.0625 - 4.0333333333333333, 3.11559719624578, 0.00892753262983, 0.65129300703947
LOWER, UPPER, N1, N2 = 0.61012110705652, 3.44821222627682, 8, 6
SD1, SD2, SE1 = 1.34263866004, 0.98319208025, 0.474694450598
LOWER1_90, UPPER1_90 = 5.16315404994, 6.96184595006
#: summary(lm)$sigma^2 of the same data is the pooled variance.
SD_POOLED = np.sqrt(1.454340278)


def test_normal_interval_divides_its_width_by_twice_1_96():
    # Width 3.92 of 1.959963984540054 (qnorm(.975)) and of 2.5758293035489 (qnorm(.995)).
    se = intervals.se_from_interval([-1.959963984540054, 0.0], [1.959963984540054, 2 * 2.5758293035489], [95.0, 99.0])
    np.testing.assert_allclose(se, [1.0, 1.0], rtol=CLOSE)


@pytest.mark.parametrize("level", [0.0, 100.0, -5.0, 120.0, np.nan])
def test_impossible_level_gives_no_standard_error(level):
    assert np.isnan(intervals.se_from_interval([0.0], [1.0], [level])).all()


def test_interval_without_width_or_with_swapped_limits_gives_no_standard_error():
    assert np.isnan(intervals.se_from_interval([1.0, 2.0], [1.0, 1.0], [95.0, 95.0])).all()
    assert np.isnan(intervals.se_from_t_interval([1.0, 2.0], [1.0, 1.0], [95.0, 95.0], [9.0, 9.0])).all()


def test_t_interval_of_a_difference_returns_rs_standard_error():
    se = intervals.se_from_t_interval([LOWER], [UPPER], [95.0], [N1 + N2 - 2])
    np.testing.assert_allclose(se, [SE], rtol=CLOSE)


def test_interval_of_one_mean_returns_rs_sd():
    np.testing.assert_allclose(
        intervals.sd_from_interval([LOWER1_90], [UPPER1_90], [90.0], [N1]), [SD1], rtol=CLOSE
    )  # R printed the limits with 12 digits.


def test_standard_error_of_one_mean_returns_rs_sd():
    np.testing.assert_allclose(intervals.sd_from_se([SE1], [N1]), [SD1], rtol=CLOSE)


def test_pooled_sd_is_rs_residual_sd():
    np.testing.assert_allclose(intervals.pooled_sd([SD1], [N1], [SD2], [N2]), [SD_POOLED], rtol=1e-8)


def test_p_gives_the_standard_error_of_its_wald_test():
    # qnorm(1 - .05/2) = 1.959963984540054 and qnorm(1 - .05) = 1.64485362695147.
    se = intervals.se_from_p([-2.0, 2.0], [0.05, 0.05], tails=np.array([2.0, 1.0]))
    np.testing.assert_allclose(se, [2 / 1.959963984540054, 2 / 1.64485362695147], rtol=CLOSE)


def test_tiny_p_keeps_its_digits():
    # R: -qnorm(1e-20) = 9.26234008980; 1 - 1e-20 is 1 as a double, so the upper tail would be lost.
    np.testing.assert_allclose(intervals.se_from_p([1.0], [2e-20], tails=2), [1 / 9.26234008980], rtol=CLOSE)


@pytest.mark.parametrize(("yi", "p", "tails"), [(0, 0.5, 2), (1, 1, 2), (1, 0.6, 1), (1, 0, 2), (1, 0.05, 3)])
def test_p_without_a_positive_z_gives_no_standard_error(yi, p, tails):
    assert np.isnan(intervals.se_from_p([yi], [p], tails=tails)).all()


finite = st.floats(-50, 50)
positive = st.floats(1e-3, 50)


@settings(derandomize=True, deadline=None)
@given(finite, positive, st.floats(50, 99.9), st.integers(3, 500))
def test_interval_and_back_returns_the_standard_error(yi, se, level, df):
    z, t = stats.norm.ppf(0.5 + level / 200), stats.t.ppf(0.5 + level / 200, df)
    normal = intervals.se_from_interval([yi - z * se], [yi + z * se], [level])
    by_t = intervals.se_from_t_interval([yi - t * se], [yi + t * se], [level], [df])
    # The limits of a small error around a large effect have lost up to 5 digits by subtraction.
    np.testing.assert_allclose([normal[0], by_t[0]], se, rtol=1e-8)


@settings(derandomize=True, deadline=None)
@given(st.floats(-3, 3), st.floats(0.05, 2), st.floats(50, 99.9))
def test_ratio_interval_and_back_on_the_log_scale_returns_the_standard_error(yi, se, level):
    z = stats.norm.ppf(0.5 + level / 200)
    lower, upper = np.exp(yi - z * se), np.exp(yi + z * se)
    np.testing.assert_allclose(intervals.se_from_interval([np.log(lower)], [np.log(upper)], [level]), [se], rtol=1e-9)


@settings(derandomize=True, deadline=None)
@given(positive, positive, st.integers(2, 300), st.integers(2, 300), st.floats(0.1, 100))
def test_pooled_sd_takes_the_unit_of_measurement_along(sd1, sd2, n1, n2, factor):
    scaled = intervals.pooled_sd([factor * sd1], [n1], [factor * sd2], [n2])
    np.testing.assert_allclose(scaled, factor * intervals.pooled_sd([sd1], [n1], [sd2], [n2]), rtol=1e-12)
