import numpy as np
import pytest
from known_answers import kept

from repool.pooling.sensitivity.baujat import baujat
from repool.pooling.sensitivity.deletions import deletions
from repool.pooling.sensitivity.influence import influence

R = kept("sensitivity.json")
YI, VI, ABLAT = (np.array(R[name], dtype=float) for name in ("yi", "vi", "ablat"))
WITH_LATITUDE = np.column_stack([np.ones(13), ABLAT])
NAMES = {
    **{"rstudent": "rstudent", "dffits": "dffits", "cook.d": "cook_d", "cov.r": "cov_r", "tau2.del": "tau2_del"},
    **{"QE.del": "qe_del", "hat": "hat", "weight": "weight_percent"},
}
CASES = [
    ("influence", "wald", None),
    ("influence_moderator", "wald", WITH_LATITUDE),
    ("influence_knha", "knapp_hartung", None),
]


@pytest.mark.parametrize(("kept_as", "ci_method", "design"), CASES, ids=[name for name, *_ in CASES])
def test_influence_on_the_bcg_trials_is_what_r_says(kept_as, ci_method, design):
    expected = R[kept_as]["value"]
    found = influence(YI, VI, method="REML", ci_method=ci_method, design=design)
    # rel=1e-7, abs=1e-10: R's search for tau2 stops at 1e-13 of the spread, its numbers are written with 12 digits.
    for theirs, ours in NAMES.items():
        assert getattr(found, ours) == pytest.approx(expected[theirs], rel=1e-7, abs=1e-10), theirs
    for column, values in zip(found.dfbetas.T, expected["dfbs"].values(), strict=True):
        assert column == pytest.approx(values, rel=1e-7, abs=1e-10)
    assert list(found.is_influential) == expected["is_infl"]
    assert set(found.notes) == {""}


def test_standardised_residuals_of_the_bcg_trials_are_those_of_r():
    expected = R["rstandard"]["value"]
    found = influence(YI, VI, method="REML", ci_method="wald", design=None)
    for theirs, ours in (("resid", "resid"), ("se", "resid_se"), ("z", "rstandard")):
        # rel=1e-8: tau2 as above, and 12 written digits.
        assert getattr(found, ours) == pytest.approx(expected[theirs], rel=1e-8)


@pytest.mark.parametrize(
    ("kept_as", "method", "ci_method"), [("baujat", "none", "wald"), ("baujat_knha", "REML", "knapp_hartung")]
)
def test_baujat_coordinates_of_the_bcg_trials_are_those_of_r(kept_as, method, ci_method):
    expected = R[kept_as]["value"]
    found = baujat(YI, VI, method=method, ci_method=ci_method, design=None)
    assert found.heterogeneity == pytest.approx(expected["x"], rel=1e-7)
    assert found.pull == pytest.approx(expected["y"], rel=1e-7, abs=1e-10)


def test_horizontal_coordinates_of_baujat_add_up_to_q():
    # Cochran's Q is by definition the sum of weighted squared deviations; 152.233 is metafor's Q of these trials.
    found = baujat(YI, VI, method="none", ci_method="wald", design=None)
    assert np.sum(found.heterogeneity) == pytest.approx(152.233008082, rel=1e-10)


def test_a_study_that_alone_carries_a_moderator_gets_a_note_instead_of_numbers():
    only_one = np.column_stack([np.ones(6), [0.0, 0.0, 0.0, 0.0, 0.0, 1.0]])
    found = influence(YI[:6], VI[:6], method="REML", ci_method="wald", design=only_one)
    assert "told apart" in found.notes[5] and np.isnan(found.rstudent[5])
    assert found.notes[:5] == ("",) * 5 and np.isfinite(found.rstudent[:5]).all()
    # Its leverage is 1, above 3 p / k = 1 only by rounding: R's rule says "larger than".
    assert found.hat[5] == pytest.approx(1.0, abs=1e-12)


def two_weights(y_far, v_far):
    """Return what is left of the data when the one far study is taken out: five equal variances."""
    yi = np.array([0.1, 0.3, 0.2, 0.4, 0.0, y_far])
    return yi, np.array([0.04] * 5 + [v_far])


@pytest.mark.parametrize(("y_far", "v_far"), [(0.2, 1e-10), (1e6, 1e-6), (1e8, 0.04), (0.2, 1e8)])
def test_what_is_left_without_a_study_that_swamps_all_others_keeps_its_digits(y_far, v_far):
    yi, vi = two_weights(y_far, v_far)
    without = deletions(yi, vi, method="REML", design=None)
    # By hand: five effects of variance 0.04 around 0.2 have a sample variance of 0.025, less than 0.04, so tau2 = 0,
    # mean 0.2, standard error sqrt(0.04 / 5) and Q = 0.1 / 0.04 = 2.5; 1e-8: an effect of 1e8 leaves no more.
    assert without.tau2[5] == 0.0
    assert without.beta[5, 0] == pytest.approx(0.2, rel=1e-7)
    assert without.cov[5, 0, 0] == pytest.approx(0.008, rel=1e-12)
    assert without.q[5] == pytest.approx(2.5, rel=1e-6)


def test_equal_variances_give_the_sample_variance_less_the_sampling_variance_without_each_study():
    yi = np.array([0.1, 1.3, 0.2, 2.4, -1.0, 0.6, 0.9])
    without = deletions(yi, np.full(7, 0.04), method="REML", design=None)
    # With equal variances REML's tau2 is the unbiased sample variance minus v (Viechtbauer 2005, section 2.4).
    expected = [np.var(np.delete(yi, i), ddof=1) - 0.04 for i in range(7)]
    assert without.tau2 == pytest.approx(expected, rel=1e-12)  # a root found to rounding


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_the_scale_of_the_effects_changes_no_ratio(scale):
    found = influence(YI * scale, VI * scale**2, method="REML", ci_method="wald", design=None)
    # R's numbers at scale 1; residuals at 1e-6 are far above what counts as rounding.
    assert found.rstudent == pytest.approx(R["influence"]["value"]["rstudent"], rel=1e-7)
    assert found.tau2_del == pytest.approx(np.array(R["influence"]["value"]["tau2.del"]) * scale**2, rel=1e-7)


def test_one_effect_has_no_influence_to_measure():
    with pytest.raises(ValueError, match="more effects than coefficients"):
        influence([0.1], [0.2], method="REML", ci_method="wald", design=None)


def restricted_log_likelihood(yi, vi, values):
    """Return the restricted log-likelihood at each tau2, written out from Viechtbauer (2005), equation 5."""
    weights = 1.0 / (vi + values[:, None])
    total = weights.sum(axis=1)
    mean = (weights * yi).sum(axis=1) / total
    rss = (weights * (yi - mean[:, None]) ** 2).sum(axis=1)
    return 0.5 * (np.log(weights).sum(axis=1) - np.log(total) - rss)


#: Six exact effects agree, three rough ones do not: without one of the six the likelihood has a peak at 0 and one
#: above 4. Which is higher depends on how exact the six are.
@pytest.mark.parametrize("exact", [1e-3, 0.03, 0.05, 0.2])
def test_of_two_peaks_of_a_likelihood_the_higher_is_taken(exact):
    yi = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 6.0, 6.5, -6.0])
    vi = np.array([exact] * 6 + [4.0, 5.0, 4.0])
    without = deletions(yi, vi, method="REML", design=None)
    grid = np.concatenate([[0.0], np.geomspace(1e-6, 1e3, 20_001)])
    for i in range(9):
        others = np.arange(9) != i
        heights = restricted_log_likelihood(yi[others], vi[others], grid)
        best = grid[heights.argmax()]
        # Neighbours on the grid lie 0.1 percent apart.
        assert without.tau2[i] == pytest.approx(best, rel=2e-3, abs=1e-9)
