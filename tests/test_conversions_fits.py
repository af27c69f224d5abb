"""Distributions fitted to medians, against estmeansd, its printed example and independent searches."""

import numpy as np
import pytest
from scipy import optimize, stats

from repool.effects.conversions import box_cox, quantile_fits

NAN = np.nan

# Quantiles of invented normal, log-normal, gamma, Weibull and beta samples: minimum q1 median q3 maximum n; then by
# estmeansd 1.0.1: qe.mean.sd(min.val, q1.val, med.val, q3.val, max.val, n): est.mean, est.sd, selected.dist
FITS = """
35.4 nan 44.9 nan 54.5 5 44.9333333 11.3471472 normal
5.62 nan 14.3 nan 28.9 8 16.5331983 10.8288286 gamma
6.55 nan 17.6 nan 60.4 13 25.9176243 26.19484 log-normal
0.0575 nan 0.276 nan 0.614 17 0.299469071 0.178288197 beta
29.8 nan 47.7 nan 77.1 20 49.8863801 14.7710808 log-normal
7.44 nan 17.4 nan 40.9 31 19.3773741 9.44541246 log-normal
30.3 nan 49.6 nan 73.7 80 49.7446904 9.66766084 gamma
2.3 nan 13 nan 46.8 150 15.1070749 9.14628501 gamma
0.0184 nan 0.275 nan 0.796 500 0.291337174 0.1478234 weibull
17.9 nan 50.2 nan 84 1000 50.7 10.6949888 normal
0.327 nan 13.4 nan 67.8 20000 14.8038201 8.03732321 gamma
nan 6.57 9.26 19.6 nan 6 15.8652578 18.4236759 log-normal
nan 42.8 45.8 58.3 nan 10 49.9691475 12.3008548 log-normal
nan 9.07 13.8 20.6 nan 17 16.4701572 10.9336242 log-normal
nan 6.91 10.5 25.2 nan 25 21.8132509 34.0299713 log-normal
nan 42 48.4 55.1 nan 40 48.9518541 9.7692144 gamma
nan 6.2 8.31 10.6 nan 50 8.4411823 3.14221869 weibull
nan 9.36 13.4 19.1 nan 64 15.3833286 8.72200493 log-normal
nan 7.32 15.2 24.4 nan 100 15.64 12.6614229 normal
nan 42.7 49.6 56.9 nan 200 50.2512885 10.5988081 gamma
nan 8.81 13.2 19.3 nan 500 15.473362 9.7180408 log-normal
nan 8.78 15.8 24.7 nan 5000 17.9904786 11.9984786 weibull
nan 0.161 0.265 0.389 nan 20000 0.285651104 0.159449318 beta
35.4 47.7 49.1 49.4 50.3 5 46.0579369 6.05600294 weibull
3.97 7.66 9.15 15.4 17.6 8 10.9577064 5.78079714 weibull
1.95 7.07 11.7 20 37 13 16.0355591 15.9779756 log-normal
38.5 44.4 50.3 56.5 71.4 20 51.9415189 10.1859731 log-normal
1.7 8.35 14.4 17.3 36.4 31 14.6044092 9.36729218 gamma
0.784 6.84 13.4 21.7 55.2 50 16.4685642 13.7412125 gamma
0.028 0.16 0.278 0.431 0.715 64 0.303144728 0.173841632 beta
22 42 48.2 54.4 78.8 80 49.08 12.3817978 normal
2.31 9.5 14.7 20.8 46.5 150 16.1446751 8.96608835 gamma
0.471 10.1 16.7 27.6 76.7 333 20.1383383 13.5582769 gamma
0.0056 0.188 0.286 0.399 0.871 500 0.303896604 0.161664165 weibull
21 43.1 50.4 56.7 81.2 1000 50.48 9.75588931 normal
0.118 8.8 13.5 19.6 74.3 20000 15.0950877 8.73514128 gamma
"""

# estmeansd 1.0.1: bc.mean.sd(..., avoid.mc=TRUE): est.mean, est.sd, shape
POWERS = """
2.8 nan 6.98 nan 21.9 6 10.214087 9.7118003 0
0.0575 nan 0.276 nan 0.614 17 0.29396127 0.15489528 0.591283
2.11 nan 7.33 nan 26.3 25 9.0471419 6.4640557 0
0.0574 nan 0.273 nan 0.757 64 0.29757943 0.15033748 0.334261
1.54 nan 7.64 nan 26.5 100 8.637494 4.8408985 0.178699
0.0184 nan 0.275 nan 0.796 500 0.28936137 0.13114322 0.534094
0.519 nan 7.52 nan 68.9 5000 9.1397621 6.3943606 0.077156
nan 0.247 0.352 0.449 nan 8 0.34356046 0.14067102 1.27086
nan 4.04 5.75 9.32 nan 13 7.6726539 6.0382468 0
nan 0.185 0.294 0.399 nan 31 0.29073452 0.13077826 1.10002
nan 6.2 8.31 10.6 nan 50 8.522212 3.3339659 0.692552
nan 0.152 0.274 0.388 nan 150 0.26924604 0.12363674 1.15125
nan 4.66 6.83 11.1 nan 333 8.7263337 6.2824568 0
nan 0.161 0.265 0.389 nan 20000 0.28577778 0.16358834 0.595095
2.77 3.81 8.61 11.3 17.4 6 8.8147359 5.482659 0.667472
0.0914 0.188 0.268 0.42 0.659 17 0.32329231 0.21275124 0
2.61 4.28 6.99 10.7 32.2 25 9.0389179 6.9298701 0
0.028 0.16 0.278 0.431 0.715 64 0.30314508 0.17435258 0.572201
1.21 4.6 6.87 11.6 38.1 100 9.0792532 7.1290523 0
0.0056 0.188 0.286 0.399 0.871 500 0.30260751 0.15172089 0.575791
"""


def columns(text):
    rows = [line.split() for line in text.strip().splitlines()]
    return [np.array(column, dtype=float) for column in zip(*rows, strict=True)]


def test_quantile_fits_are_those_of_estmeansd():
    rows = [line.split() for line in FITS.strip().splitlines()]
    *numbers, mean, sd = columns("\n".join(" ".join(row[:-1]) for row in rows))
    our_mean, our_sd, family, _ = quantile_fits.fit_quantiles(*numbers)
    assert list(family) == [row[-1] for row in rows]
    assert set(family) == set(quantile_fits.FAMILIES)
    # R's optim stops when a step gains less than 1e-8 of the sum of squares: 3 to 5 digits of the parameters.
    np.testing.assert_allclose(our_mean, mean, rtol=1e-3)
    np.testing.assert_allclose(our_sd, sd, rtol=1e-3)


def test_quantile_fit_is_the_one_printed_by_its_authors():
    # Manual of estmeansd, README: qe.mean.sd(min.val=2, med.val=4, max.val=9, n=100): 4.347284, 1.502171.
    mean, sd, family, _ = quantile_fits.fit_quantiles([2.0], [NAN], [4.0], [NAN], [9.0], [100])
    np.testing.assert_allclose([mean[0], sd[0]], [4.347284, 1.502171], rtol=1e-5)  # optim's tolerance, as above
    assert family[0] == "log-normal"


SEARCHED = [
    (1, lambda p, shape, scale: stats.lognorm.ppf(p, shape, scale=scale), (0.5, 5.0)),
    (2, lambda p, shape, scale: stats.gamma.ppf(p, shape, scale=scale), (3.0, 2.0)),
    (3, lambda p, shape, scale: stats.weibull_min.ppf(p, shape, scale=scale), (1.5, 6.0)),
]


@pytest.mark.parametrize(("place", "quantiles", "start"), SEARCHED, ids=["log-normal", "gamma", "weibull"])
@pytest.mark.parametrize("values", [(1, 3, 5, 9, 30), (2, 4, 6, 7, 8.5), (0.4, 2, 3, 8, 12)])
def test_no_other_search_finds_a_closer_distribution(values, place, quantiles, start):
    x, p = np.array(values, dtype=float), np.array([1 / 80, 0.25, 0.5, 0.75, 1 - 1 / 80])
    *_, distances = quantile_fits.fit_quantiles(*x[:, None], [80])

    def distance(logs):
        return ((quantiles(p, *np.exp(logs)) - x) ** 2).sum()

    options = {"xatol": 1e-10, "fatol": 1e-14, "maxiter": 4000}
    found = optimize.minimize(distance, np.log(start), method="Nelder-Mead", options=options).fun
    np.testing.assert_allclose(
        distances[0, place], found, rtol=1e-8
    )  # flat at the bottom: agrees beyond the digits of x


@pytest.mark.parametrize(
    "values", [(0.1, 0.25, 0.35, 0.5, 0.8), (0.2, 0.3, 0.32, 0.35, 0.4), (0.001, 0.01, 0.02, 0.03, 0.09)]
)
def test_no_other_search_finds_a_closer_beta_distribution(values):
    # The second and third row end at the upper bound of a shape, 40.
    x, p = np.array(values), np.array([1 / 80, 0.25, 0.5, 0.75, 1 - 1 / 80])
    *_, distances = quantile_fits.fit_quantiles(*x[:, None], [80])

    def distance(logs):
        return ((stats.beta.ppf(p, *np.clip(np.exp(logs), 1e-3, 40)) - x) ** 2).sum()

    options = {"xatol": 1e-9, "fatol": 1e-15, "maxiter": 3000}
    found = min(
        optimize.minimize(distance, start, method="Nelder-Mead", options=options).fun for start in ([0, 1], [3, 3])
    )
    assert distances[0, 4] <= found * (1 + 1e-6)  # Nelder-Mead itself stops short by as much


def test_negative_numbers_are_fitted_by_the_normal_only():
    *_, family, distances = quantile_fits.fit_quantiles([NAN], [-2.0], [1.0], [3.5], [NAN], [40])
    assert family[0] == "normal" and np.isinf(distances[0, 1:]).all()


def test_normal_mean_stays_between_the_quartiles():
    # estmeansd 1.0.1: qe.fit(min.val=-1, q1.val=0, med.val=1, q3.val=2, max.val=30, n=50): norm.par 2, 6.95673936326
    mean, sd, family, distances = quantile_fits.fit_quantiles([-1.0], [0.0], [1.0], [2.0], [30.0], [50])
    np.testing.assert_allclose([mean[0], sd[0]], [2.0, 6.95673936326], rtol=1e-6)
    np.testing.assert_allclose(distances[0, 0], 345.706228655, rtol=1e-9)
    assert family[0] == "normal"


def test_exact_quantiles_of_a_gamma_distribution_return_its_moments():
    # Shape 2.5, scale 4: mean 10, SD 4 * sqrt(2.5).
    q1, median, q3 = stats.gamma.ppf([0.25, 0.5, 0.75], 2.5, scale=4)
    mean, sd, family, _ = quantile_fits.fit_quantiles([NAN], [q1], [median], [q3], [NAN], [200])
    assert family[0] == "gamma"
    np.testing.assert_allclose([mean[0], sd[0]], [10, 4 * np.sqrt(2.5)], rtol=1e-6)  # root of a sum of squares near 0


def test_box_cox_is_that_of_estmeansd():
    *numbers, mean, sd, power = columns(POWERS)
    our_mean, our_sd, our_power = box_cox.fit_box_cox(*numbers)
    # R's optimize stops at 1e-4 of the power, integrate at 1e-4 of the moments.
    np.testing.assert_allclose(our_power, power, atol=1e-4)
    np.testing.assert_allclose(our_mean, mean, rtol=1e-3)
    np.testing.assert_allclose(our_sd, sd, rtol=1e-3)


def test_symmetric_logarithms_give_the_log_normal_moments():
    # Quartiles 2, 4, 8: logarithm symmetric around log 4; Luo gives the location log 4, Wan the scale.
    scale = 2 * np.log(2) / (2 * stats.norm.ppf((0.75 * 50 - 0.125) / 50.25))
    mean, sd, power = box_cox.fit_box_cox([NAN], [2.0], [4.0], [8.0], [NAN], [50])
    expected = 4 * np.exp(scale**2 / 2)
    np.testing.assert_allclose([mean[0], sd[0]], [expected, expected * np.sqrt(np.expm1(scale**2))], rtol=1e-5)
    np.testing.assert_allclose(power, [0.0], atol=1e-6)  # found by search


def test_box_cox_refuses_what_is_not_above_zero():
    assert np.isnan(box_cox.fit_box_cox([NAN], [0.0], [4.0], [8.0], [NAN], [50])).all()


def test_quantile_fit_takes_the_unit_of_measurement_along_where_no_beta_is_tried():
    numbers = [np.array([value]) for value in (2.0, 5.0, 8.0, 14.0, 45.0)]
    mean, sd, family, _ = quantile_fits.fit_quantiles(*numbers, [60])
    scaled = quantile_fits.fit_quantiles(*(1000 * number for number in numbers), [60])
    assert scaled[2][0] == family[0]
    np.testing.assert_allclose([scaled[0], scaled[1]], 1000 * np.array([mean, sd]), rtol=1e-6)  # found by search
