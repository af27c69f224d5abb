"""Survival, designs, several arms and bounds, against R, printed examples and algebra on paper."""

import numpy as np
import pytest

from repool.effects.conversions import bounds, design, survival

CLOSE = 1e-9  # closed forms; R printed 12 digits


def pair(result):
    return [result[0][0], result[1][0]]


# R 4.2, survival: survdiff(Surv(time, status) ~ x, data=aml): O - E, its variance, chi-square
O_MINUS_E, V, CHI2 = -3.68933599230, 4.00755074594, 3.39638869898


def test_log_rank_statistic_gives_petos_hazard_ratio():
    yi, vi = survival.log_hr_from_o_minus_e([O_MINUS_E], [V])
    np.testing.assert_allclose(pair((yi, vi)), [O_MINUS_E / V, 1 / V], rtol=CLOSE)
    np.testing.assert_allclose(yi**2 / vi, [CHI2], rtol=CLOSE)


LADDER = {"thresholds": (0.001, 0.01, 0.05), "alpha": 0.05}


@pytest.mark.parametrize(
    ("p", "p_op", "expected"),
    [
        (0.03, "=", (0.03, 0.03)),
        (0.05, "<", (0.01, 0.05)),
        (0.01, "<", (0.001, 0.01)),
        (0.001, "<", (0.0, 0.001)),
        (0.02, "<", (0.01, 0.02)),
        (0.05, ">", (0.05, 1.0)),
        (0.1, "ns", (0.1, 1.0)),
        (np.nan, "ns", (0.05, 1.0)),
        (np.nan, "<", (np.nan, np.nan)),
        (1.5, "=", (np.nan, np.nan)),
        (0.05, "?", (np.nan, np.nan)),
    ],
)
def test_imprecise_p_lies_between_neighbouring_thresholds(p, p_op, expected):
    np.testing.assert_array_equal(pair(bounds.p_range([p], [p_op], **LADDER)), expected)


def test_unequal_arms_have_the_smaller_log_rank_variance():
    # On paper: 60 events shared by 100 and 200 people: 60 * 1/3 * 2/3; by equal arms 60 / 4.
    found = survival.v_from_events_and_sizes([60, 60], [100, 150], [200, 150])
    np.testing.assert_allclose(found, [60 * 2 / 9, 15], rtol=CLOSE)


def test_clusters_of_21_with_a_correlation_of_5_percent_double_the_variance():
    # Cochrane Handbook, section 23.1.4: 1 + (21 - 1) * 0.05.
    np.testing.assert_allclose(design.design_effect([0.05, 0.0, 0.3], [21, 50, 1]), [2, 1, 1], rtol=CLOSE)
    assert np.isnan(design.design_effect([-0.1, 1.2, 0.1], [10, 10, 0.5])).all()
