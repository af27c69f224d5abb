"""Tests under a forest plot round as their journal does and leave out what is blank."""

import pytest

from repool.figures.forest.presets import PRESETS
from repool.figures.forest.tests_in_words import (
    between_words,
    heterogeneity_words,
    overall_words,
    p_words,
    two_decimals,
)

# BCG trials (metafor's dat.bcg), rma(yi, vi, test = "knha"): tau2 0.3132, Q(12) = 152.2330, I2 92.22 %, t = -3.9522.
BCG = {"tau2": 0.313243, "q": 152.233008, "q_df": 12, "q_pval": 2e-26, "i2_percent": 92.2214}
BCG |= {"statistic": -3.952240, "df": 12, "pval": 0.00192}


@pytest.mark.parametrize(
    ("p", "revman5", "jama", "bmj"),
    [
        (0.394, "= 0.39", "= .39", "=0.39"),
        (0.0366, "= 0.04", "= .04", "=0.04"),
        (0.0491, "= 0.049", "= .049", "=0.049"),
        (0.0499, "= 0.0499", "= .0499", "=0.0499"),
        (0.0501, "= 0.05", "= .05", "=0.05"),
        (0.00192, "= 0.002", "= .002", "=0.002"),
        (0.00042, "= 0.0004", "< .001", "<0.001"),
        (0.00004, "< 0.0001", "< .001", "<0.001"),
        (2e-26, "< 0.00001", "< .001", "<0.001"),
        (0.9966, "= 1.00", "> .99", "=1.00"),
    ],
)
def test_p_values_are_rounded_as_the_journal_does(p, revman5, jama, bmj):
    assert [p_words(p, style=style) for style in ("revman5", "jama", "bmj")] == [revman5, jama, bmj]


@pytest.mark.parametrize(
    ("preset", "heterogeneity", "overall"),
    [
        (
            "revman5",
            "Heterogeneity: Tau² = 0.31; Chi² = 152.23, df = 12 (P < 0.00001); I² = 92%",
            "Test for overall effect: T = −3.95, df = 12 (P = 0.002)",
        ),
        (
            "jama",
            "Heterogeneity: χ² = 152.23, df = 12 (P < .001); I² = 92%",
            "Test for overall effect: t = −3.95, df = 12 (P = .002)",
        ),
        (
            "bmj",
            "Test for heterogeneity: τ²=0.31, χ²=152.23, df=12, P<0.001, I²=92%",
            "Test for overall effect: t=−3.95, df=12, P=0.002",
        ),
    ],
)
def test_tests_are_worded_as_in_the_journal(preset, heterogeneity, overall):
    phrases = PRESETS[preset].tests
    assert heterogeneity_words(BCG, phrases=phrases) == heterogeneity
    assert overall_words(BCG, phrases=phrases) == overall


def test_a_normal_statistic_is_called_z_and_has_no_degrees_of_freedom():
    row = BCG | {"df": None}
    assert overall_words(row, phrases=PRESETS["revman5"].tests) == "Test for overall effect: Z = −3.95 (P = 0.002)"


def test_the_difference_of_subgroups_is_chi_squared_or_f():
    row = {"statistic": 1.86144, "df1": 2, "df": None, "pval": 0.394269}
    phrases = PRESETS["revman5"].tests
    assert between_words(row, phrases=phrases) == "Test for subgroup differences: Chi² = 1.86, df = 2 (P = 0.39)"
    assert "F = 1.86, df = 2, 10 (P" in between_words(row | {"df": 10}, phrases=phrases)


def test_what_is_blank_is_left_out():
    phrases = PRESETS["bmj"].tests
    none = dict.fromkeys(BCG)
    assert heterogeneity_words(none | {"tau2": 0.5}, phrases=phrases) == "Test for heterogeneity: τ²=0.50"
    assert heterogeneity_words(none, phrases=phrases) == ""
    assert overall_words(none, phrases=phrases) == ""


def test_two_decimals_never_show_a_false_zero():
    assert [two_decimals(x) for x in (0.0, 0.0032, 0.0049, 0.005, -1.234)] == [
        "0.00",
        "0.003",
        "0.005",
        "0.01",
        "−1.23",
    ]
