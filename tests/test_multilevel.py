"""Multilevel models: R's answers on published data, algebra, and refusals in words."""

import numpy as np
import pandas as pd
import pytest
from known_answers import kept
from scipy.stats import multivariate_normal

from repool.pooling.dependence.covariance_blocks import as_blocks, block_covariance
from repool.pooling.dependence.multilevel import fit_multilevel
from repool.pooling.dependence.profile_components import profile_interval, term_test
from repool.pooling.dependence.random_effects import predict_random_effects
from repool.pooling.dependence.random_terms import STRUCTURES, RandomTerm, code_term
from repool.pooling.dependence.structures import starts
from repool.pooling.dependence.table import COLUMNS, dependence_rows
from repool.pooling.dependence.three_level import correlated_hierarchical, three_level
from repool.pooling.dependence.working_scale import prepare

KNOWN = kept("multilevel.json")
#: R's search ended at a relative change of the likelihood between 1e-10 and 1e-13, which places
#: a variance to the root of that (1e-5 relative) and a coefficient, that depends on it weakly, to 1e-6.
RTOL = 1e-6
RTOL_VARIANCE = 2e-5
#: confint.rma.mv refits with R's default tolerance (1e-8) at each point.
RTOL_BOUND = 1e-3
SETTINGS = {"method": "REML", "test": "z", "dfs": "residual", "level": 0.95}
SCHOOLS = KNOWN["konstantopoulos"]
YI, VI, DISTRICT = (np.array(SCHOOLS[name], dtype=float) for name in ("yi", "vi", "district"))


def check(fit, known):
    """Compare every number that R gave for a fit."""
    for ours, theirs in (("beta", "beta"), ("se", "se"), ("ci_lb", "ci_lb"), ("ci_ub", "ci_ub")):
        np.testing.assert_allclose(getattr(fit, ours), known[theirs], rtol=RTOL, atol=RTOL * float(fit.se.min()))
    np.testing.assert_allclose(fit.pval, known["pval"], rtol=1e-4)
    variances = np.concatenate([part.variances for part in fit.components])
    np.testing.assert_allclose(variances, known["sigma2"] or known["tau2"], rtol=RTOL_VARIANCE)
    np.testing.assert_allclose(fit.qe.statistic, known["QE"], rtol=1e-9)  # closed form
    np.testing.assert_allclose(fit.qm.statistic, known["QM"], rtol=1e-5)
    # A peak misplaced by 1e-5 of its width lowers the likelihood by 1e-10 only.
    assert fit.statistics.log_likelihood == pytest.approx(known["ll"], abs=1e-8)
    assert fit.statistics.aicc == pytest.approx(known["AICc"], abs=1e-7)
    assert fit.converged


def berkey(structure, method):
    """Fit the periodontal trials: two outcomes per trial, sampling errors correlated."""
    data = KNOWN["berkey"]
    blocks = [(np.array([2 * n, 2 * n + 1]), np.array(block)) for n, block in enumerate(data["V"])]
    design = np.array([[name == "AL", name == "PD"] for name in data["outcome"]], dtype=float)
    term = RandomTerm(data["trial"], structure, data["outcome"])
    settings = {**SETTINGS, "method": method}
    return fit_multilevel(data["yi"], blocks, design=design, random=[term], **settings)


def test_three_level_model_agrees_with_metafor():
    known = SCHOOLS["three_level"]
    model = three_level(YI, VI, cluster=DISTRICT, design=None, **{**SETTINGS, "test": "t", "dfs": "contain"})
    check(model.fit, known)
    assert model.fit.df[0] == known["ddf"]
    np.testing.assert_allclose([model.pi_lb, model.pi_ub], [known["pi_lb"], known["pi_ub"]], rtol=1e-6)
    assert model.test_between.statistic == pytest.approx(known["lrt_between"], abs=1e-7)
    assert model.test_within.statistic == pytest.approx(known["lrt_within"], abs=1e-7)
    # Konstantopoulos (2011), table 4: 0.065 between districts, 0.033 between schools.
    assert (round(model.sigma2_between, 3), round(model.sigma2_within, 3)) == (0.065, 0.033)


def test_profile_intervals_of_both_levels_agree_with_metafor():
    model = three_level(YI, VI, cluster=DISTRICT, design=None, **SETTINGS)
    for term, name in enumerate(("confint_between", "confint_within")):
        found = profile_interval(model.fit, term=term, parameter="variance", index=0, level=0.95)
        np.testing.assert_allclose(
            [found.estimate, found.ci_lb, found.ci_ub], SCHOOLS["three_level"][name], rtol=RTOL_BOUND
        )
        assert found.note == ""


def test_predicted_district_effects_agree_with_metafor():
    model = three_level(YI, VI, cluster=DISTRICT, design=None, **SETTINGS)
    found = predict_random_effects(model.fit, term=0)
    assert found.levels == tuple(sorted(set(DISTRICT)))
    np.testing.assert_allclose(found.estimate, SCHOOLS["three_level"]["ranef_district"], rtol=1e-5)
    np.testing.assert_allclose(found.se, SCHOOLS["three_level"]["ranef_district_se"], rtol=1e-5)


def test_moderator_under_maximum_likelihood_agrees_with_metafor():
    design = np.column_stack([np.ones(YI.size), np.array(SCHOOLS["year"]) - 1990.0])
    terms = [RandomTerm(DISTRICT), RandomTerm(range(YI.size))]
    check(fit_multilevel(YI, VI, design=design, random=terms, **{**SETTINGS, "method": "ML"}), SCHOOLS["moderator_ml"])


def test_compound_symmetry_agrees_with_metafor_and_with_three_levels():
    known = SCHOOLS["compound_symmetry"]
    term = RandomTerm(DISTRICT, "CS", SCHOOLS["school"])
    fit = fit_multilevel(YI, VI, design=np.ones((YI.size, 1)), random=[term], **SETTINGS)
    check(fit, known)
    found = profile_interval(fit, term=0, parameter="rho", index=0, level=0.95)
    np.testing.assert_allclose([found.estimate, found.ci_lb, found.ci_ub], known["confint_rho"], rtol=RTOL_BOUND)
    # Two ways to write one model: tau2 is the sum of the two levels, rho the share between.
    levels = SCHOOLS["three_level"]["sigma2"]
    assert fit.components[0].variances[0] == pytest.approx(sum(levels), rel=RTOL_VARIANCE)
    assert fit.components[0].rho[0] == pytest.approx(levels[0] / sum(levels), rel=RTOL_VARIANCE)


def test_correlated_hierarchical_model_with_cr2_agrees_with_metafor_and_clubsandwich():
    known = SCHOOLS["che"]
    model = correlated_hierarchical(YI, VI, cluster=DISTRICT, rho=0.5, design=None, **SETTINGS)
    check(model.fit, known)
    table = pd.DataFrame({"yi": YI, "vi": VI, "study_id": DISTRICT})
    row = rows(table, models=[{"model": "che"}], rho_grid=[0.5], small_sample="CR2")[0]
    np.testing.assert_allclose(
        [row["se"], row["df"], row["pval"]], [known[f"cr2_{x}"] for x in ("se", "df", "p")], rtol=1e-5
    )


def test_two_outcomes_with_correlated_errors_agree_with_metafor():
    known = KNOWN["berkey"]["unstructured_reml"]
    fit = berkey("UN", "REML")
    check(fit, known)
    assert fit.components[0].rho[0] == pytest.approx(known["rho"], rel=1e-4)
    variance = profile_interval(fit, term=0, parameter="variance", index=0, level=0.95)
    rho = profile_interval(fit, term=0, parameter="rho", index=0, level=0.95)
    np.testing.assert_allclose([variance.ci_lb, variance.ci_ub], known["tau2_1"][1:], rtol=RTOL_BOUND)
    np.testing.assert_allclose([rho.ci_lb, rho.ci_ub], known["rho.1"][1:], rtol=RTOL_BOUND)


def test_two_outcomes_under_maximum_likelihood_agree_with_metafor():
    check(berkey("HCS", "ML"), KNOWN["berkey"]["heterogeneous_ml"])


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("types_and_obs", {"kind": "ty", "obs": "obs", "rho_obs": 0.6, "rho_kind": 0.4}),
        ("autoregressive", {"obs": "obs", "rho_obs": 0.6, "time1": "t1", "phi": 0.8}),
        ("shared_arms", {"grp1": "g1", "grp2": "g2", "w1": "w1", "w2": "w2"}),
    ],
)
def test_assumed_covariance_agrees_with_vcalc(name, settings):
    columns = KNOWN["covariances"]["rows"]
    arguments = {key: columns[value] if isinstance(value, str) else value for key, value in settings.items()}
    made = block_covariance(columns["vi"], cluster=columns["cl"], indefinite="keep", **arguments)
    np.testing.assert_allclose(made.dense(), KNOWN["covariances"]["V"][name], rtol=1e-12, atol=1e-16)


def invented(structure, seed=3, k=14):
    """Return a small prepared model of a structure with generic parameters."""
    rng = np.random.default_rng(seed)
    outer, inner = np.repeat(np.arange(5), 3)[:k], np.tile([0, 1, 3], 5)[:k]
    term = code_term(RandomTerm(outer, structure, None if structure == "intercept" else inner), k)
    rest = code_term(RandomTerm(rng.integers(0, 3, k), name="crossed"), k)
    yi, vi = rng.normal(size=k), rng.uniform(0.1, 0.5, k)
    design = np.column_stack([np.ones(k), rng.normal(size=k)])
    return yi, vi, design, [term, rest]


@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("restricted", [True, False])
def test_analytic_slopes_are_the_derivatives_of_the_likelihood(structure, restricted):
    yi, vi, design, terms = invented(structure)
    model = prepare(yi, as_blocks(vi, yi.size), design, terms, restricted=restricted).model
    theta = np.concatenate([starts(term, 0.4)[0] for term in terms]) * 0.9
    h = 1e-5
    for n, unit in enumerate(np.eye(theta.size) * h):
        numeric = (model.evaluate(theta + unit).value - model.evaluate(theta - unit).value) / (2 * h)
        # Central differences are good to h squared and to rounding over h: 1e-9.
        assert model.evaluate(theta).gradient[n] == pytest.approx(numeric, abs=1e-7)


@pytest.mark.parametrize("structure", STRUCTURES)
def test_likelihood_is_the_multivariate_normal_density(structure):
    yi, vi, design, terms = invented(structure)
    settings = {"test": "z", "dfs": "residual", "level": 0.95}
    inner = None if structure == "intercept" else terms[0].inner_names[terms[0].inner]
    random = [RandomTerm(terms[0].outer, structure, inner), RandomTerm(terms[1].outer)]
    fit = fit_multilevel(yi, vi, design=design, random=random, method="ML", **settings)
    total = np.zeros((yi.size, yi.size))
    for rows_, block in fit.marginal_covariance:
        total[np.ix_(rows_, rows_)] = block
    density = multivariate_normal(design @ fit.beta, total).logpdf(yi)
    assert fit.statistics.log_likelihood == pytest.approx(density, abs=1e-9)


@pytest.mark.parametrize(("unit", "offset"), [(1e-6, 0.0), (1e6, 0.0), (1.0, 1e8)])
def test_units_and_offsets_carry_through(unit, offset):
    plain = three_level(YI, VI, cluster=DISTRICT, design=None, **SETTINGS)
    moved = three_level(YI * unit + offset, VI * unit**2, cluster=DISTRICT, design=None, **SETTINGS)
    # An offset of 1e8 leaves 8 digits of the effects themselves.
    rtol = 1e-9 if offset == 0 else 1e-5
    assert (moved.fit.beta[0] - offset) / unit == pytest.approx(plain.fit.beta[0], rel=rtol)
    assert moved.fit.se[0] / unit == pytest.approx(plain.fit.se[0], rel=rtol)
    np.testing.assert_allclose(moved.fit.sigma2 / unit**2, plain.fit.sigma2, rtol=rtol)


def test_order_of_effects_does_not_matter():
    order = np.random.default_rng(1).permutation(YI.size)
    plain = three_level(YI, VI, cluster=DISTRICT, design=None, **SETTINGS)
    mixed = three_level(YI[order], VI[order], cluster=DISTRICT[order], design=None, **SETTINGS)
    np.testing.assert_allclose(mixed.fit.sigma2, plain.fit.sigma2, rtol=1e-8)
    np.testing.assert_allclose(mixed.fit.residuals, plain.fit.residuals[order], atol=1e-9)


def test_clusters_stay_separate_blocks():
    fit = three_level(YI, VI, cluster=DISTRICT, design=None, **SETTINGS).fit
    sizes = sorted(len(rows_) for rows_, _ in fit.marginal_covariance)
    assert sizes == sorted(np.unique(DISTRICT, return_counts=True)[1])


def test_identical_effects_have_no_true_variance():
    fit = three_level([0.3] * 6, [0.1] * 6, cluster=[1, 1, 2, 2, 3, 3], design=None, **SETTINGS).fit
    assert fit.sigma2.tolist() == [0.0, 0.0]
    assert fit.se[0] == pytest.approx(np.sqrt(0.1 / 6))  # inverse-variance mean of six
    assert fit.at_boundary


def test_no_correlation_is_reported_without_variance():
    term = RandomTerm([1, 1, 2, 2, 3, 3], "CS", [1, 2, 1, 2, 1, 2])
    fit = fit_multilevel([0.3] * 6, [0.1] * 6, design=np.ones((6, 1)), random=[term], **SETTINGS)
    assert fit.components[0].variances.tolist() == [0.0]
    assert np.isnan(fit.components[0].rho).all()


def test_one_cluster_has_its_variance_fixed_at_0():
    # R: rma.mv(c(.2, .5, .3, .9), c(.02, .03, .025, .05), random = ~ 1 | cl/es), metafor 3.8-1.
    yi, vi = [0.2, 0.5, 0.3, 0.9], [0.02, 0.03, 0.025, 0.05]
    model = three_level(yi, vi, cluster=[1] * 4, design=None, **SETTINGS)
    assert model.sigma2_between == 0.0
    assert model.sigma2_within == pytest.approx(0.0490176, rel=1e-5)
    assert "fixed at 0" in model.note


def test_dropping_a_level_at_the_boundary_has_halved_p():
    test = term_test(three_level(YI, VI, cluster=DISTRICT, design=None, **SETTINGS).fit, term=0)
    assert test.pval_boundary == pytest.approx(test.pval / 2)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"method": "DL"}, "must be one of ML, REML"),
        ({"test": "knha"}, "must be one of z, t"),
        ({"random": [RandomTerm([1, 2, 3])]}, "one per effect"),
        ({"random": [RandomTerm([1, 1, 2, 2], "TOEP", [1, 2, 1, 2])]}, "structure is 'TOEP'"),
        ({"random": [RandomTerm([1, 1, 2, 2], "CS")]}, "needs one"),
        ({"design": [[1, 1], [1, 1], [1, 1], [1, 1]]}, "same information"),
        ({"sampling": [0.1, -0.1, 0.1, 0.1]}, "below 0"),
        ({"yi": [0.1, np.nan, 0.1, 0.3]}, "missing or infinite"),
    ],
)
def test_what_cannot_be_fitted_is_refused_in_words(change, words):
    arguments = {"yi": [0.1, 0.4, 0.2, 0.6], "sampling": [0.1] * 4, "design": np.ones((4, 1)), **SETTINGS}
    arguments |= {"random": [RandomTerm([1, 1, 2, 2])], **change}
    with pytest.raises(ValueError, match=words):
        fit_multilevel(arguments.pop("yi"), arguments.pop("sampling"), **arguments)


def test_contradictory_correlations_are_refused():
    with pytest.raises(ValueError, match="contradict each other in cluster 1"):
        block_covariance([0.1] * 3, cluster=[1, 1, 1], obs=[1, 2, 3], rho_obs=-0.9, indefinite="raise")


def rows(effects, **changes):
    """Return the table with settings that a test may change."""
    settings = {"cluster_column": "study_id", "models": [{"model": "three_level"}], "rho_grid": [0.2, 0.8], **SETTINGS}
    return dependence_rows(effects, **(settings | {"small_sample": "none", "minimum_clusters": 3} | changes))


def test_table_has_a_row_per_model_and_rho():
    table = pd.DataFrame({"yi": YI, "vi": VI, "study_id": DISTRICT})
    made = rows(table, models=[{"model": "three_level"}, {"model": "che"}])
    assert [(row["model"], row["rho"]) for row in made] == [("three_level", 0.0), ("che", 0.2), ("che", 0.8)]
    assert all(tuple(row) == COLUMNS for row in made)
    assert made[0]["estimate"] == pytest.approx(SCHOOLS["three_level"]["beta"], rel=RTOL)


@pytest.mark.parametrize(
    ("cluster", "words"), [([1, 1, 1, 1], "at least 3 needed"), ([1, 2, 3, 4], "every cluster holds one effect")]
)
def test_table_says_why_a_model_was_not_run(cluster, words):
    table = pd.DataFrame({"yi": [0.1, 0.3, 0.2, 0.5], "vi": [0.1] * 4, "study_id": cluster})
    row = rows(table)[0]
    assert words in row["note"]
    assert np.isnan(row["estimate"])
