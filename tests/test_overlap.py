"""Dependent effects made one: generalised least squares, held to metafor."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repool.effects.overlap import constant_correlation, join_correlated, join_effects, shared_arm_covariance

# metafor 3.8-1 on R 4.2: aggregate(escalc(yi=y, vi=v, measure="GEN"), cluster=1, struct="CS", rho=rho).
# rtol 1e-9: R printed 15 digits, and the two solve a small system each in its own order.
CONSTANT = [
    ([0.3, 0.5, -0.2], [0.04, 0.09, 0.02], 0.0, 0.0354838709677419, 0.0116129032258065),
    ([0.3, 0.5, -0.2], [0.04, 0.09, 0.02], 0.3, -0.0482024540584177, 0.016819568208981),
    ([0.3, 0.5, -0.2], [0.04, 0.09, 0.02], 0.5, -0.137876100902706, 0.0186656191865698),
    ([0.3, 0.5, -0.2], [0.04, 0.09, 0.02], 0.8, -0.400909666993069, 0.0152705699004823),
    ([-1.2, 0.05], [0.5, 0.01], 0.1, 0.0426165026347349, 0.00998269938952469),
    ([-1.2, 0.05], [0.5, 0.01], 0.6, 0.145338767135649, 0.00752680507700923),
]


@pytest.mark.parametrize(("yi", "vi", "rho", "expected_yi", "expected_vi"), CONSTANT)
def test_one_effect_with_constant_correlation_equals_metafor(yi, vi, rho, expected_yi, expected_vi):
    found = join_effects(np.array(yi), constant_correlation(np.array(vi), rho=rho))
    assert found == pytest.approx((expected_yi, expected_vi), rel=1e-9)
    # The closed form is held to the same numbers.
    closed = join_correlated(np.array(yi), np.array(vi), rho=rho)
    assert closed == pytest.approx((expected_yi, expected_vi), rel=1e-9)


# metafor 3.8-1: a trial with A (30 of 100), B (24 of 90) and the shared C (40 of 110); for means A 10 (4) n 50,
# B 11 (5) n 40, C 13 (4.5) n 60. escalc() of A and B against C, then aggregate(..., V=V) with vi on the diagonal of V
# and the part of C beside it; rma.mv(yi, V) gave the same. yi, vi of both, covariance, yi and vi of the one.
SHARED = {
    "OR": ([-0.287682072451781, -0.451985123743058], [0.0869047619047619, 0.0961038961038961], 0.0392857142857143,
           -0.36259745335143, 0.0651924500370096),
    "RR": ([-0.192371892647456, -0.31015492830384], [0.0392424242424242, 0.0464646464646465], 0.0159090909090909,
           -0.243370732828571, 0.0291393314589191),
    "RD": ([-0.0636363636363637, -0.096969696969697], [0.00420368144252442, 0.00427652094869726], 0.00210368144252442,
           -0.0800189120327809, 0.00317158089355013),
    "MD": ([-3.0, -2.0], [0.6575, 0.9625], 0.3375, -2.66137566137566, 0.549140211640212),
    "SMD": ([-0.695989980706613, -0.421785570699486], [0.0388684941814121, 0.0425561820049181], 0.0176451951040449,
            -0.569846873069505, 0.0291050738926528),
}  # fmt: skip


@pytest.mark.parametrize("measure", SHARED)
def test_contrasts_with_a_shared_arm_become_the_effect_that_metafor_gives(measure):
    yi, vi, covariance, expected_yi, expected_vi = SHARED[measure]
    n, n_all = (60, 150) if measure in ("MD", "SMD") else (110, 300)
    found = shared_arm_covariance(measure, yi_one=yi[0], yi_other=yi[1], n=n, events=40, sd=4.5, n_all=n_all)
    assert float(found) == pytest.approx(covariance, rel=1e-12)  # one line of arithmetic
    matrix = np.array([[vi[0], float(found)], [float(found), vi[1]]])
    assert join_effects(np.array(yi), matrix) == pytest.approx((expected_yi, expected_vi), rel=1e-9)


def test_shared_arm_brings_all_of_the_covariance_that_arm_sizes_imply():
    # By algebra: with equal arms and spread, MD has vi = 2 s^2/n each and covariance s^2/n, so correlation 1/2; the
    # one effect is the plain mean with vi = (2 + 1) / 2 s^2/n.
    covariance = float(shared_arm_covariance("MD", yi_one=1, yi_other=2, n=50, events=np.nan, sd=10, n_all=150))
    assert join_effects(np.array([1.0, 2.0]), np.array([[4.0, covariance], [covariance, 4.0]])) == pytest.approx(
        (1.5, 3.0)
    )


@pytest.mark.parametrize(
    ("measure", "cells"),
    [
        ("OR", {"events": 0}),
        ("OR", {"events": 110}),
        ("OR", {"events": np.nan}),
        ("RR", {"n": np.nan}),
        ("MD", {"sd": np.nan}),
        ("SMD", {"n_all": np.nan}),
        ("HR", {}),
    ],
)
def test_covariance_that_cannot_be_known_is_missing(measure, cells):
    known = {"yi_one": 0.1, "yi_other": 0.2, "n": 110, "events": 40, "sd": 4.5, "n_all": 300}
    assert np.isnan(shared_arm_covariance(measure, **(known | cells)))


def test_effects_that_follow_from_one_another_are_not_made_one():
    # A - C, B - C and A - B of arms with variance 1: the third is the first less the second.
    matrix = np.array([[2.0, 1.0, 1.0], [1.0, 2.0, -1.0], [1.0, -1.0, 2.0]])
    assert np.isnan(join_effects(np.array([0.3, 0.1, 0.2]), matrix)).all()


@settings(derandomize=True, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-5, 5), st.floats(1e-4, 10)), min_size=1, max_size=6),
    st.floats(0, 0.95),
    st.floats(1e-3, 1e3),
)
def test_one_effect_moves_with_the_unit_of_the_effects(effects, rho, factor):
    yi, vi = np.array(effects).T
    one = join_effects(yi, constant_correlation(vi, rho=rho))
    other = join_effects(factor * yi, factor**2 * constant_correlation(vi, rho=rho))
    # A correlation of 0.95 and unequal variances cost up to five digits.
    assert other == pytest.approx((factor * one[0], factor**2 * one[1]), rel=1e-9, abs=1e-9 * factor)
    # One combination of unbiased effects with the least variance cannot be less certain than the most certain one.
    assert one[1] <= vi.min() * (1 + 1e-9)


@settings(derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.floats(), st.floats()), max_size=4), st.floats())
def test_no_effects_however_wrong_give_an_error_or_half_an_answer(effects, rho):
    yi, vi = np.array(effects, dtype=float).reshape(-1, 2).T
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = join_effects(yi, constant_correlation(vi, rho=rho))
    assert np.isfinite(found).all() or np.isnan(found).all()
