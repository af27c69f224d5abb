"""Permutation tests: exact ones held to R's permutest, random ones to the exact ones."""

import math

import numpy as np
import pytest
from known_answers import CI_METHOD
from test_regression import KNOWN, TABLE, VI, YI, fit

from repool.pooling.moderators.formula import design_from_formula
from repool.pooling.moderators.permutation import count_arrangements, permutation_test

ROWS = np.array(KNOWN["rows6"]) - 1
IDS = [f"{case['formula']} {case['test']}" for case in KNOWN["permutest"]]


def permuted(formula="~ ablat", ci_method="wald", rows=ROWS, **settings):
    table = {name: np.array(values)[rows].tolist() for name, values in TABLE.items()}
    design = design_from_formula(table, formula, levels={}, usable=None).matrix
    return permutation_test(YI[rows], VI[rows], design=design, method_tau2="REML", ci_method=ci_method, **settings)


@pytest.mark.parametrize("expected", KNOWN["permutest"], ids=IDS)
def test_exact_p_values_are_those_of_r(expected):
    found = permuted(expected["formula"], CI_METHOD[expected["test"]], exact=True, permutations=0, seed=0)
    # Shares of the same arrangements: equal but for the rounding of a division.
    assert found.pval.tolist() == pytest.approx(np.atleast_1d(expected["pval"]).tolist(), abs=1e-12)
    assert found.qm_pval == pytest.approx(expected["QMp"], abs=1e-12)
    assert found.statistic.tolist() == pytest.approx(np.atleast_1d(expected["zval"]).tolist(), rel=1e-6)
    assert found.failed == 0


def test_arrangements_are_counted_without_repeats():
    # 6! = 720; two early and four late trials: 6! / (2! 4!) = 15; signs: 2^6 = 64.
    number, half = np.array(TABLE["ablat"])[ROWS], np.array(TABLE["half"])[ROWS] == "late"
    assert len(set(number.tolist())) == 6
    assert count_arrangements(6, np.column_stack([np.ones(6), number])) == 720
    assert count_arrangements(6, np.column_stack([np.ones(6), half])) == 15
    assert count_arrangements(6, None) == 64
    assert permuted("~ half", exact=True, permutations=0, seed=0).arrangements == 15


@pytest.mark.parametrize("formula", ["~ ablat", "~ 1"])
def test_random_p_values_are_near_the_exact_ones(formula):
    exact = permuted(formula, exact=True, permutations=0, seed=0)
    found = permuted(formula, exact=False, permutations=20_000, seed=3)
    # Five standard errors of a share of 20,000 draws, at most 5 sqrt(1/4 / 20000) = 0.018.
    error = 5 * np.sqrt(exact.pval * (1 - exact.pval) / 20_000)
    assert np.all(np.abs(found.pval - exact.pval) < error)


def test_the_same_seed_gives_the_same_p_values_and_another_seed_others():
    first, again, other = (permuted(exact=False, permutations=500, seed=seed) for seed in (1, 1, 2))
    assert first.pval.tolist() == again.pval.tolist()
    assert first.pval.tolist() != other.pval.tolist()


def test_the_observed_arrangement_counts_so_that_no_p_value_is_zero():
    # 1 of 50: with all trials latitude beats every shuffle.
    found = permuted(rows=slice(None), exact=False, permutations=50, seed=1)
    assert found.pval[1] >= 1 / 50
    assert found.statistic.tolist() == pytest.approx(fit("~ ablat")[1].coefficients.statistic.tolist(), rel=1e-6)


def test_joint_statistic_is_the_quadratic_form_of_r():
    expected = next(r for r in KNOWN["regressions"] if (r["formula"], r["method"]) == ("~ ablat * half", "REML"))
    found = permuted("~ ablat * half", rows=slice(None), exact=False, permutations=2, seed=1)
    assert found.qm == pytest.approx(expected["QM"], rel=1e-7)


def test_too_many_arrangements_and_too_few_draws_are_refused():
    with pytest.raises(ValueError, match="ask for random ones"):
        permuted(rows=slice(None), exact=True, permutations=0, seed=0)
    with pytest.raises(ValueError, match="at least 2"):
        permuted(exact=False, permutations=1, seed=0)


def test_identical_effects_without_a_standard_error_have_no_p_value():
    found = permutation_test(
        [0.3] * 4,
        [0.1] * 4,
        design=None,
        method_tau2="DL",
        ci_method="knapp_hartung",
        exact=True,
        permutations=0,
        seed=0,
    )
    assert math.isnan(found.pval[0]) and math.isnan(found.qm_pval)
