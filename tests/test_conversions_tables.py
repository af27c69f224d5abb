"""Two-by-two tables rebuilt, against metafor's conv.2x2 and counts known beforehand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repool.effects.conversions import tables

# Invented tables; then odds ratio, chi-square without and with correction, direction and phi, rounded to 2 decimals,
# and the first cell by metafor 5.1-12: conv.2x2(ori= | ri= | x2i=, correct=FALSE | TRUE, ni, n1i=n1, n2i=e1+e2).
# n1 n2 e1 e2 odds_ratio chi2 chi2_yates sign phi by_odds_ratio by_phi by_chi2 by_yates
TABLES = """
328 171 301 160 0.77 0.52 0.29 -1 -0.03 301 301 301 301
274 191 54 139 0.09 130.54 128.37 -1 -0.53 54 54 54 54
41 109 9 30 0.74 0.48 0.23 -1 -0.06 9 9 9 9
366 386 171 253 0.46 27.07 26.31 -1 -0.19 171 171 171 171
330 334 263 158 4.37 75.06 73.67 1 0.34 263 264 263 263
44 176 1 55 0.05 15.58 14.09 -1 -0.27 1 1 1 1
302 394 94 188 0.5 19.52 18.84 -1 -0.17 94 94 94 94
26 210 23 71 15.01 28.83 26.6 1 0.35 23 23 23 23
330 259 318 179 11.84 81.77 79.71 1 0.37 318 318 318 318
17 300 2 65 0.48 0.95 0.45 -1 -0.05 2 2 2 2
88 363 71 155 5.6 40.87 39.37 1 0.3 71 71 71 71
112 308 111 62 440.42 211.48 208.24 1 0.71 111 111 111 111
149 333 144 129 45.54 140.54 138.2 1 0.54 144 144 144 144
350 308 31 228 0.03 291.51 288.78 -1 -0.67 29 30 31 31
294 142 190 6 41.41 141.17 138.74 1 0.57 190 190 190 190
289 174 285 122 30.37 82.98 80.32 1 0.42 285 285 285 285
28 185 10 144 0.16 21.55 19.49 -1 -0.32 10 10 10 10
350 167 120 28 2.59 16.98 16.14 1 0.18 120 120 120 120
288 120 65 88 0.11 93.13 90.98 -1 -0.48 66 65 65 65
90 331 34 296 0.07 111.41 108.38 -1 -0.51 34 34 34 34
381 55 261 52 0.13 16.09 14.83 -1 -0.19 261 261 261 261
308 69 260 16 17.94 107.75 104.65 1 0.53 260 260 260 260
81 222 15 125 0.18 34.09 32.59 -1 -0.34 15 15 15 15
35 359 32 132 18.34 39.21 37 1 0.32 32 32 32 32
310 96 100 44 0.56 5.9 5.32 -1 -0.12 100 100 100 100
253 164 86 103 0.3 33.33 32.18 -1 -0.28 86 86 86 86
130 18 62 8 1.14 0.07 0 1 0.02 62 62 62 61
134 69 27 9 1.68 1.58 1.13 1 0.09 27 27 27 27
362 277 338 155 11.08 124.61 122.49 1 0.44 338 338 338 338
368 377 344 114 33.07 314.47 311.8 1 0.65 344 344 344 344
"""

# Invented tables of a test, the measures rounded to 3 decimals with one left out, and the table by metafor 5.1-12:
# conv.2x2(sens, spec, ppv, npv, ni, method="simple").
# sensitivity specificity ppv npv n true_positive false_positive false_negative true_negative
DIAGNOSTIC = """
nan 0.57 0.478 0.744 1430 354 387 176 513
0.935 nan 0.694 0.912 1566 702 309 49 506
0.553 0.934 nan 0.85 1790 267 86 216 1221
0.954 0.72 0.39 nan 682 103 161 5 413
nan 0.429 0.568 0.706 54 21 16 5 12
0.567 nan 0.818 0.737 1152 279 62 213 598
0.946 0.68 nan 0.975 1302 301 315 17 669
0.803 0.841 0.742 nan 1047 305 106 75 561
nan 0.724 0.283 0.967 1470 141 358 32 939
0.883 nan 0.701 0.892 1887 711 304 94 778
0.57 0.408 nan 0.42 164 53 42 40 29
0.839 0.557 0.525 nan 168 52 47 10 59
nan 0.624 0.629 0.569 1761 532 314 394 521
0.904 nan 0.597 0.931 697 217 146 23 311
0.576 0.774 nan 0.84 989 147 166 108 568
0.844 0.885 0.648 nan 1790 303 165 56 1266
nan 0.883 0.458 0.924 389 33 39 24 293
0.761 nan 0.562 0.963 1201 117 91 37 956
0.717 0.714 nan 0.729 1043 362 154 143 384
0.638 0.761 0.47 nan 1995 317 358 180 1140
nan 0.727 0.29 0.991 1350 135 329 8 878
0.942 nan 0.676 0.986 564 96 46 6 416
0.527 0.911 nan 0.723 1381 309 71 277 724
0.818 0.56 0.469 nan 171 45 51 10 65
"""


def columns(text):
    rows = [line.split() for line in text.strip().splitlines()]
    return [np.array(column, dtype=float) for column in zip(*rows, strict=True)]


def test_tables_from_association_and_margins_are_those_of_metafor():
    n1, n2, e1, e2, odds_ratio, chi2, yates, sign, phi, by_or, by_phi, by_chi2, by_yates = columns(TABLES)
    total = e1 + e2
    np.testing.assert_array_equal(tables.events_from_odds_ratio(odds_ratio, n1, n2, total)[0], by_or)
    np.testing.assert_array_equal(tables.events_from_phi(phi, n1, n2, total)[0], by_phi)
    np.testing.assert_array_equal(tables.events_from_chi2(chi2, sign, n1, n2, total, yates=False)[0], by_chi2)
    corrected = tables.events_from_chi2(yates, sign, n1, n2, total, yates=True)
    np.testing.assert_array_equal(corrected[0], by_yates)
    np.testing.assert_array_equal(corrected[0] + corrected[1], total)


def test_small_table_needs_the_correction_of_yates():
    # R: chisq.test(matrix(c(7,2,3,8), 2))$statistic = 3.23232323232; taken as uncorrected it would be 6 events.
    corrected = tables.events_from_chi2([3.2324], [1.0], [10], [10], [9], yates=True)
    np.testing.assert_array_equal(np.ravel(corrected), [7, 2])
    np.testing.assert_array_equal(
        np.ravel(tables.events_from_chi2([3.2322], [1.0], [10], [10], [9], yates=False)), [6, 3]
    )


@pytest.mark.parametrize(
    ("number", "decimals"), [(12.5, 1), (12.0, 0), (0.285, 3), (41.2, 1), (1e-5, 5), (100.0, 0), (np.nan, np.nan)]
)
def test_decimals_are_those_of_the_shortest_print(number, decimals):
    np.testing.assert_array_equal(tables.decimals_of([number]), [decimals])


@settings(derandomize=True, deadline=None)
@given(st.decimals(0, 10000, places=4))
def test_decimals_are_those_a_person_would_count(printed):
    shortest = printed.normalize()
    assert tables.decimals_of([float(printed)])[0] == max(0, -shortest.as_tuple().exponent)


@pytest.mark.parametrize(
    ("percent", "n", "decimals", "expected"),
    [
        (25.0, 20, 0, (5, 5, 5)),
        (33.3, 12, 1, (4, 4, 4)),
        (50.0, 1000, 0, (500, 495, 505)),  # 49.5 % and 50.5 % round to 50 % in one of the two ways of rounding
        (12.5, 8, 1, (1, 1, 1)),
        (41.2, 12, 1, (np.nan,) * 3),  # 5 of 12 is 41.7 %
        (0.0, 30, 0, (0, 0, 0)),
        (100.0, 30, 0, (30, 30, 30)),
        (101.0, 30, 0, (np.nan,) * 3),
        (50.0, 10.5, 0, (np.nan,) * 3),
    ],
)
def test_percent_gives_every_count_that_rounds_to_it(percent, n, decimals, expected):
    np.testing.assert_array_equal(np.ravel(tables.counts_from_percent([percent], [n], decimals=decimals)), expected)


@settings(derandomize=True, deadline=None)
@given(st.integers(1, 5000), st.floats(0, 1), st.integers(0, 3))
def test_printed_count_is_among_those_its_percent_allows(n, share, decimals):
    count = round(share * n)
    printed = round(100 * count / n, decimals)
    nearest, lowest, highest = (value[0] for value in tables.counts_from_percent([printed], [n], decimals=decimals))
    assert lowest <= count <= highest and lowest <= nearest <= highest
    if n < 50 * 10**decimals:  # one person then moves the percent by two units of the print
        assert lowest == highest == count


def test_events_of_the_other_arm_are_what_is_left():
    left = tables.events_arm2_from_total([10, 10, 10], [4, 11, 4], [20, 20, 5])
    np.testing.assert_array_equal(left, [6, np.nan, np.nan])


def test_association_the_margins_cannot_hold_has_no_table():
    assert np.isnan(tables.events_from_phi([0.9], [10], [90], [50])).all()
    assert np.isnan(tables.events_from_phi([1.2], [50], [50], [50])).all()
    assert np.isnan(tables.events_from_odds_ratio([-2.0], [50], [50], [50])).all()
    assert np.isnan(tables.events_from_chi2([4.0], [0.0], [50], [50], [50], yates=False)).all()


@settings(derandomize=True, deadline=None)
@given(st.integers(2, 400), st.integers(2, 400), st.data())
def test_exact_odds_ratio_returns_the_table_it_came_from(n1, n2, data):
    events1, events2 = data.draw(st.integers(1, n1 - 1)), data.draw(st.integers(1, n2 - 1))
    odds_ratio = events1 * (n2 - events2) / (events2 * (n1 - events1))
    found = tables.events_from_odds_ratio([odds_ratio], [n1], [n2], [events1 + events2])
    np.testing.assert_array_equal(np.ravel(found), [events1, events2])
