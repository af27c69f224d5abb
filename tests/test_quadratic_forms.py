import numpy as np
import pytest
from scipy.stats import chi2

from repool.pooling.models.quadratic_forms import survival


@pytest.mark.parametrize(("q", "expected"), [(0.1, 0.9458), (0.7, 0.5064), (2.0, 0.1240)])
def test_tails_are_those_of_imhof(q, expected):
    # Imhof (1961), Biometrika 48, 419-426, table 1, first form: 0.6, 0.3 and 0.1; 4 printed decimals.
    assert survival(q, [0.6, 0.3, 0.1]) == pytest.approx(expected, abs=6e-5)


@pytest.mark.parametrize("df", [1, 2, 3, 10, 200, 5000])
def test_equal_eigenvalues_give_chi_squared(df):
    q = df * np.array([0.01, 0.3, 0.9, 1.0, 1.1, 3.0]) + 1e-6
    # 1e-12: what the rule promises; scipy has about 15 digits.
    assert survival(2.5 * q, np.full(df, 2.5)) == pytest.approx(chi2.sf(q, df), abs=1e-12)


@pytest.mark.parametrize("ratio", [2.0, 50.0, 1e4, 1e8])
def test_two_pairs_have_a_closed_form(ratio):
    # On paper: a pair of equal eigenvalues is an exponential variable, and the sum of two has
    # the tail (a exp(-q / 2a) - b exp(-q / 2b)) / (a - b).
    a, b = ratio, 1.0
    q = np.array([0.01, 0.5, 1.0, 4.0]) * 2 * (a + b)
    expected = (a * np.exp(-q / (2 * a)) - b * np.exp(-q / (2 * b))) / (a - b)
    assert survival(q, [a, a, b, b]) == pytest.approx(expected, abs=1e-12)


def test_far_tails_keep_their_leading_digits():
    # rel=1e-10: relative, not absolute; a tail of 1e-60 cannot be had as 1 minus something.
    assert survival(350.0, np.ones(10)) == pytest.approx(chi2.sf(350.0, 10), rel=1e-10)


def test_one_row_of_eigenvalues_for_each_q():
    found = survival([1.0, 4.0], [[1.0, 1.0], [2.0, 2.0]])
    # On paper: an exponential variable with mean 2 at 1, and with mean 4 at 4.
    assert found == pytest.approx(np.exp([-0.5, -1.0]), abs=1e-12)


def test_ends_of_the_range():
    assert survival(0.0, [1.0]) == 1.0
    assert survival(-3.0, [1.0]) == 1.0
    assert survival(np.inf, [1.0, 2.0]) == 0.0


@pytest.mark.parametrize(
    ("q", "values", "words"),
    [
        (1.0, [-1.0, 2.0], "negative"),
        (1.0, [0.0, 0.0], "above 0"),
        (np.nan, [1.0], "numbers"),
        (1.0, [np.inf], "finite"),
    ],
)
def test_forms_that_are_not_positive_are_refused(q, values, words):
    with pytest.raises(ValueError, match=words):
        survival(q, values)
