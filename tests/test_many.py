import math
import time

import numpy as np
import pytest
from known_answers import kept

from repool.pooling.models.many import METHODS_MANY, tau2_many

BCG = kept("bcg.json")
YI, VI = np.array(BCG["yi"]), np.array(BCG["vi"])
MODELS = {m["call"]: m for m in kept("estimators.json")["models"]}


def of_r(method, mods=""):
    name = "EE" if method == "none" else method
    return MODELS[f'rma(yi, vi, {mods}method="{name}")']


@pytest.mark.parametrize("method", METHODS_MANY)
def test_one_set_among_many_has_rs_answer(method):
    expected = of_r(method)
    # Two rows: the trials, and the trials in another order beside three that do not count.
    yi = np.full((2, 16), np.nan)
    vi = np.full((2, 16), -1.0)
    yi[0, :13], yi[1, 3:] = YI, YI[::-1]
    vi[0, :13], vi[1, 3:] = VI, VI[::-1]
    found = tau2_many(yi, vi, method=method, included=np.isfinite(yi))
    # rel=1e-8: searches on both sides.
    assert found.tau2 == pytest.approx([expected["tau2"]] * 2, rel=1e-8)
    assert found.beta[:, 0] == pytest.approx([expected["beta"]] * 2, rel=1e-8)
    assert found.se[:, 0] == pytest.approx([expected["se"]] * 2, rel=1e-8)
    assert found.q == pytest.approx([expected["QE"]] * 2, rel=1e-8)
    assert found.converged.all()
    assert found.k.tolist() == [13, 13]


@pytest.mark.parametrize("method", ["DL", "HE", "HS", "HSk", "SJ", "ML", "REML", "PM"])
def test_a_moderator_shared_or_per_set_has_rs_answer(method):
    expected = of_r(method, mods="mods=~ablat, ")
    design = np.column_stack([np.ones(13), BCG["ablat"]])
    shared = tau2_many(np.tile(YI, (3, 1)), VI, method=method, design=design)
    order = np.arange(13)[::-1]
    own = tau2_many(
        np.stack([YI, YI[order]]), np.stack([VI, VI[order]]), method=method, design=np.stack([design, design[order]])
    )
    for found in (shared, own):
        for i in range(len(found.tau2)):
            # rel=1e-8: searches on both sides.
            assert found.tau2[i] == pytest.approx(expected["tau2"], rel=1e-8)
            assert found.beta[i] == pytest.approx(expected["beta"], rel=1e-8)
            assert found.se[i] == pytest.approx(expected["se"], rel=1e-8)


def reml_height(yi, vi, value):
    """The REML log-likelihood, written out; constants left out."""
    weights = 1 / (vi + value)
    mean = np.sum(weights * yi) / np.sum(weights)
    spread = np.sum(weights * (yi - mean) ** 2)
    return 0.5 * (np.sum(np.log(weights)) - spread - math.log(np.sum(weights)))


def test_no_scan_finds_a_higher_likelihood_in_sets_made_to_have_several_peaks():
    rng = np.random.default_rng(20260729)
    vi = np.exp(rng.normal(0, 4, (60, 5)))
    yi = rng.standard_t(1.5, (60, 5)) * np.sqrt(vi) + rng.normal(0, 3, (60, 5))
    found = tau2_many(yi, vi, method="REML")
    assert found.converged.all()
    for y, v, value in zip(yi, vi, found.tau2, strict=True):
        scan = max(reml_height(y, v, at) for at in [0.0, *np.geomspace(1e-9, 1e9, 600)])
        # 1e-9: rounding of the sums.
        assert reml_height(y, v, value) >= scan - 1e-9


def test_masks_give_what_the_subsets_give_by_the_formula():
    masks = np.array([[i >> j & 1 for j in range(13)] for i in range(1, 2**13, 97)], dtype=bool)
    found = tau2_many(YI, VI, method="DL", included=masks)
    for i, mask in enumerate(masks):
        y, w = YI[mask], 1 / VI[mask]
        if len(y) == 1:
            assert found.tau2[i] == 0.0
            assert not found.at_boundary[i]
            continue
        # DerSimonian & Laird (1986), written out.
        q = np.sum(w * (y - np.sum(w * y) / np.sum(w)) ** 2)
        expected = (q - (len(y) - 1)) / (np.sum(w) - np.sum(w**2) / np.sum(w))
        # rel=1e-10, abs=1e-12: Q less its degrees of freedom can cancel.
        assert found.raw[i] == pytest.approx(expected, rel=1e-10, abs=1e-12)
        assert found.tau2[i] == max(found.raw[i], 0.0)


@pytest.mark.parametrize("method", ["none", "DL", "HE", "HS", "HSk", "SJ"])
def test_subsets_of_two_far_clusters_keep_their_digits(method):
    # Sums over a subset of one cluster cancel by eight digits around the common mean, those of a mixed one do not.
    rng = np.random.default_rng(20261122)
    yi = np.concatenate([rng.normal(0.0, 0.05, 6), rng.normal(1000.0, 0.05, 6)])
    vi = rng.gamma(2.0, 1e-3, 12)
    masks = np.array([[i >> j & 1 for j in range(12)] for i in range(1, 2**12, 13)], dtype=bool)
    masks = masks[masks.sum(axis=1) > 1]
    found = tau2_many(yi, vi, method=method, included=masks)
    for i, mask in enumerate(masks):
        y, v = yi[mask], vi[mask]
        expected = written_out(y, v, method)
        mean = np.sum(y / (v + max(expected, 0.0))) / np.sum(1 / (v + max(expected, 0.0)))
        # rel=1e-10: a thousandth of the sums is left at least; abs=1e-12: raw estimates can cancel to about 0.
        assert found.raw[i] == pytest.approx(expected, rel=1e-10, abs=1e-12)
        assert found.beta[i, 0] == pytest.approx(mean, rel=1e-10, abs=1e-11)


def written_out(y, v, method):
    """Moment estimates of tau2 from the papers named in `moments.py`, around each subset's own mean."""
    k, w = len(y), 1 / v
    q = np.sum(w * (y - np.sum(w * y) / np.sum(w)) ** 2)
    spread = np.sum((y - np.mean(y)) ** 2)
    start = 1 / (v + spread / k)
    residuals = y - np.sum(start * y) / np.sum(start)
    return {
        "none": 0.0,
        "DL": (q - (k - 1)) / (np.sum(w) - np.sum(w**2) / np.sum(w)),
        "HE": spread / (k - 1) - np.mean(v),
        "HS": (q - k) / np.sum(w),
        "HSk": (k / (k - 1) * q - k) / np.sum(w),
        "SJ": spread / k * np.sum(start * residuals**2) / (k - 1),
    }[method]


def test_a_subset_of_one_effect_is_that_effect():
    # One effect is far from the others, so that their common mean is far from each.
    yi = np.append(YI[:12], 1e12)
    found = tau2_many(yi, VI, method="DL", included=np.eye(13, dtype=bool))
    assert found.beta[:, 0].tolist() == yi.tolist()
    # rel=1e-15: one over one over the variance.
    assert found.se[:, 0] == pytest.approx(np.sqrt(VI), rel=1e-15)
    assert found.tau2.tolist() == found.q.tolist() == [0.0] * 13


def test_blocks_do_not_show():
    masks = np.random.default_rng(5).random((3000, 13)) < 0.6
    masks[:, :2] = True
    whole = tau2_many(YI, VI, method="REML", included=masks)
    pieces = [tau2_many(YI, VI, method="REML", included=masks[i : i + 7]).tau2 for i in range(0, 70, 7)]
    # rel=1e-11: sums of columns may be added in another order where the block's shape differs.
    assert whole.tau2[:70] == pytest.approx(np.concatenate(pieces), rel=1e-11, abs=1e-15)


def test_what_cannot_be_fitted_is_nan_and_says_so():
    design = np.column_stack([np.ones(13), np.arange(13.0)])
    masks = np.zeros((3, 13), dtype=bool)
    masks[0, :1], masks[1, :2], masks[2] = True, True, True
    found = tau2_many(YI, VI, method="REML", included=masks, design=design)
    assert found.fitted.tolist() == [False, True, True]
    assert np.isnan(found.tau2[0])
    assert np.isnan(found.beta[0]).all()
    assert found.tau2[1] == 0.0


def test_a_subset_in_which_a_moderator_does_not_vary_is_not_fitted():
    design = np.column_stack([np.ones(13), np.repeat([1990.0, 2003.0], [6, 7])])
    masks = np.ones((3, 13), dtype=bool)
    masks[1, 6:], masks[2, :6] = False, False
    for method in METHODS_MANY:
        found = tau2_many(YI, VI, method=method, included=masks, design=design)
        assert found.fitted.tolist() == [True, False, False]
        assert np.isnan(found.se[1:]).all()
        assert np.isfinite(found.beta[0]).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"method": "GENQ"}, "many data sets"),
        ({"yi": [[0.1, np.nan, 0.3]]}, "yi holds"),
        ({"vi": [[0.1, 0.0, 0.3]]}, "vi holds"),
        ({"vi": [[0.1, 0.3]]}, "do not fit together"),
        ({"included": [[1, 1, 1]]}, "True and False"),
        ({"design": np.ones((4, 1))}, "one row for each of 3"),
    ],
)
def test_bad_input_is_refused_in_words(change, words):
    given = {"yi": [[0.1, 0.2, 0.5]], "vi": [[0.1, 0.1, 0.1]], "method": "REML"}
    with pytest.raises(ValueError, match=words):
        tau2_many(**(given | change))


def test_many_fits_cost_far_less_than_as_many_searches():
    masks = np.random.default_rng(6).random((20_000, 13)) < 0.6
    masks[:, :2] = True
    begin = time.process_time()
    tau2_many(YI, VI, method="REML", included=masks)
    # All at once they take about 0.15 s, one by one 10 s: 3 s leaves room for a slow machine.
    assert time.process_time() - begin < 3.0
