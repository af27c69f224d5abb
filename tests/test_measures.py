"""The closed forms of the effect measures against R, and against algebra where R has no such rule."""

import numpy as np
import pytest
import r_escalc
from known_answers import kept

from repool.effects.measures.catalogue import MEASURES, effect_sizes, usual_zero_cells
from repool.effects.measures.measure import hedges_correction
from repool.effects.measures.zero_cells import RULES, ZeroCells, has_cells

#: R 4.2.2, see the file's first line; made with other numbers than any published data.
ESCALC = kept("escalc.json")
CLOSED_FORM = 1e-10  # the same arithmetic in another order; R's log gamma alone is good to 1e-11 here
DERIVATIVES = 1e-6  # the variance of RTET in the file comes from numerical derivatives
NO_CORRECTION = ZeroCells("none", 0.0, False)


def name_of(case):
    arguments = ",".join(f"{name}={value}" for name, value in case.get("args", {}).items())
    return f"{case['measure']}({case['data']},{arguments})"


def one(measure, *, vtype="LS", zero_cells=None, **inputs):
    """Return yi and vi of one row."""
    effects = effect_sizes(measure, inputs, vtype=vtype, zero_cells=zero_cells)
    return effects.yi[0], effects.vi[0]


@pytest.mark.parametrize("case", ESCALC["cases"], ids=name_of)
def test_effects_are_those_of_escalc(case):
    given = ESCALC["data"][case["data"]]
    key, inputs, vtype, rule = r_escalc.call_of(case["measure"], given, case.get("args", {}))
    effects = effect_sizes(key, inputs, vtype=vtype, zero_cells=rule)
    yi, vi = r_escalc.pairs(case["yi"], case["vi"])
    tolerance = DERIVATIVES if case["measure"] == "RTET" else CLOSED_FORM
    # A difference of two equal arms is 0 in R and a rounding error here, or the other way round.
    np.testing.assert_allclose(effects.yi, yi, rtol=tolerance, atol=1e-14)
    np.testing.assert_allclose(effects.vi, vi, rtol=tolerance)


def test_every_measure_and_every_variance_formula_is_compared_with_r():
    compared = set()
    for case in ESCALC["cases"]:
        given = ESCALC["data"][case["data"]]
        key, _, vtype, _ = r_escalc.call_of(case["measure"], given, case.get("args", {}))
        compared.add((key, vtype))
    # Bonett and Wright's variance is tested by hand below; LS and AV of a partial correlation are those from t.
    by_hand = {("ZSPEARMAN", "LS"), ("PCOR:partial_r", "LS"), ("PCOR:partial_r", "AV"), ("ZPCOR:partial_r", "LS")}
    everything = {(key, vtype) for key, measure in MEASURES.items() for vtype in measure.vtypes}
    assert everything == compared | by_hand


def test_rank_correlation_has_the_variance_of_bonett_and_wright():
    # Bonett and Wright (2000): (1 + 0.6^2 / 2) / (28 - 3) = 1.18 / 25; arctanh 0.6 = log(4) / 2.
    assert one("ZSPEARMAN", r=0.6, n=28) == pytest.approx((np.log(4) / 2, 0.0472), rel=1e-14)


def test_partial_correlation_from_t_and_from_r_agree():
    # t = 2.5 with 25 degrees of freedom is r = 2.5 / sqrt(6.25 + 25) = sqrt(0.2); vi = 0.8^2 / 25.
    from_t = one("PCOR", t=2.5, n=30, n_covariates=3)
    from_r = one("PCOR:partial_r", r=np.sqrt(0.2), n=30, n_covariates=3)
    assert from_t == pytest.approx((np.sqrt(0.2), 0.0256), rel=1e-14)
    assert from_r == pytest.approx(from_t, rel=1e-14)
    assert one("ZPCOR:partial_r", r=np.sqrt(0.2), n=30, n_covariates=3)[1] == pytest.approx(1 / 25, rel=1e-14)


@pytest.mark.parametrize("n", [12, 14, 41, 43, 1000])
def test_unbiased_correlation_is_the_series_of_olkin_and_pratt_also_where_r_fails(n):
    # Near r = 0 the GSL function that escalc calls is wrong by 1e-3 (r = 0.06, n = 12: 1.06528, not 1.06401), and
    # SciPy's is nan from n = 400 on; 43 and 41 stand on both sides of the change of method. Here: the series, plain.
    r, c = 0.06, (n - 2) / 2
    k = np.arange(300_000)
    terms = np.cumprod((k + 0.5) ** 2 / ((c + k) * (k + 1)) * (1 - r**2))
    assert one("UCOR", r=r, n=n)[0] == pytest.approx(r * (1 + terms.sum()), rel=1e-11)


@pytest.mark.parametrize(
    ("df", "expected"),
    [
        (2, np.sqrt(1 / np.pi)),  # gamma(1) / (sqrt(1) gamma(1/2)) = 1 / sqrt(pi)
        (3, np.sqrt(np.pi / 6)),  # gamma(3/2) / (sqrt(3/2) gamma(1))
        (4, np.sqrt(2 / np.pi)),  # gamma(2) / (sqrt(2) gamma(3/2)) = 2 / sqrt(2 pi)
        # mpmath 1.3.0, 40 digits: gamma(df / 2) / (sqrt(df / 2) * gamma((df - 1) / 2)); around the change of method.
        (199, 0.99622562302481716),
        (999, 0.99924902999059725),
        (1001, 0.99925053086752064),
        (100_000, 0.99999249997812493),
    ],
)
def test_hedges_correction_is_exact(df, expected):
    assert hedges_correction(np.array([df]))[0] == pytest.approx(
        expected, rel=1e-12
    )  # log gamma(500) is 2600, known to 3e-13


def test_treatment_arm_correction_sums_to_one_and_favours_the_larger_arm():
    # Sweeting et al. (2004): arms of 30 and 10 get 0.75 and 0.25. Cells 0.75, 30.75 and 4.25, 6.25.
    rule = ZeroCells("treatment_arm", 0.5, False)
    expected = np.log(0.75 * 6.25 / (30.75 * 4.25)), 1 / 0.75 + 1 / 30.75 + 1 / 4.25 + 1 / 6.25
    assert one("OR", events_arm1=0, n_arm1=30, events_arm2=4, n_arm2=10, zero_cells=rule) == pytest.approx(expected)


def test_treatment_arm_correction_is_refused_where_there_are_no_two_arms_of_people():
    with pytest.raises(ValueError, match="two independent arms"):
        one("PR", events=0, n=10, zero_cells=ZeroCells("treatment_arm", 0.5, False))


def test_zero_cells_only_leaves_the_other_cells_alone():
    # Cells 0.5, 20 and 5, 15.
    rule = ZeroCells("zero_cells_only", 0.5, False)
    expected = np.log(0.5 * 15 / (20 * 5)), 1 / 0.5 + 1 / 20 + 1 / 5 + 1 / 15
    assert one("OR", events_arm1=0, n_arm1=20, events_arm2=5, n_arm2=20, zero_cells=rule) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("only0", [True, False, True]),
        ("all", [True, True, True]),
        ("if0all", [True, True, True]),
        ("none", [False, False, False]),
        ("zero_cells_only", [True, False, True]),
        ("treatment_arm", [True, False, True]),
    ],
)
def test_corrected_says_where_something_was_added(rule, expected):
    inputs = {"events_arm1": [0, 3, 5], "n_arm1": 20, "events_arm2": [4, 4, 20], "n_arm2": 20}
    effects = effect_sizes("RD", inputs, vtype="LS", zero_cells=ZeroCells(rule, 0.5, False))
    assert effects.corrected.tolist() == expected


def test_if0all_adds_nothing_when_the_only_zeros_are_dropped():
    inputs = {"events_arm1": [0, 3], "n_arm1": 20, "events_arm2": [0, 4], "n_arm2": 20}
    effects = effect_sizes("OR", inputs, vtype="LS", zero_cells=ZeroCells("if0all", 0.5, True))
    assert np.isnan(effects.yi[0])
    assert effects.corrected.tolist() == [False, False]


def test_a_pair_study_is_double_zero_only_when_nobody_or_everybody_has_the_outcome_both_times():
    inputs = {
        "pairs_yes_yes": [0, 0, 9, 7],
        "pairs_yes_no": [0, 3, 0, 0],
        "pairs_no_yes": [0, 0, 0, 0],
        "pairs_no_no": [9, 6, 0, 2],
    }
    effects = effect_sizes("MPOR", inputs, vtype="LS", zero_cells=ZeroCells("only0", 0.5, True))
    assert np.isnan(effects.yi).tolist() == [True, False, True, False]


def test_tetrachoric_correlation_of_a_table_with_a_zero_cell_is_not_made_up():
    inputs = {"events_arm1": [0, 3, 5], "n_arm1": 20, "events_arm2": [5, 0, 5], "n_arm2": 20}
    effects = effect_sizes("RTET", inputs, vtype="LS", zero_cells=NO_CORRECTION)
    assert np.isnan(effects.yi).tolist() == [True, True, False]
    assert np.isnan(effects.vi).tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("measure", "inputs"),
    [
        ("OR", {"events_arm1": -1, "n_arm1": 10, "events_arm2": 2, "n_arm2": 10}),
        ("RD", {"events_arm1": 11, "n_arm1": 10, "events_arm2": 2, "n_arm2": 10}),
        ("AS", {"events_arm1": np.inf, "n_arm1": np.inf, "events_arm2": 2, "n_arm2": 10}),
        ("IRSD", {"events_arm1": 3, "person_time_arm1": 0, "events_arm2": 2, "person_time_arm2": 10}),
        ("IRSD", {"events_arm1": np.nan, "person_time_arm1": 9, "events_arm2": 2, "person_time_arm2": 10}),
        ("MD", {"mean_arm1": 1, "sd_arm1": -1, "n_arm1": 10, "mean_arm2": 2, "sd_arm2": 1, "n_arm2": 10}),
        ("MD", {"mean_arm1": 1, "sd_arm1": 1, "n_arm1": 0, "mean_arm2": 2, "sd_arm2": 1, "n_arm2": 10}),
        ("VR", {"sd_arm1": 1, "n_arm1": 1, "sd_arm2": 1, "n_arm2": 10}),
        ("ROM", {"mean_arm1": -1, "sd_arm1": 1, "n_arm1": 10, "mean_arm2": 2, "sd_arm2": 1, "n_arm2": 10}),
        ("SMCC", {"mean_first": 1, "sd_first": 1, "mean_second": 2, "sd_second": 1, "n": 2, "r": 0.5}),
        ("MC", {"mean_first": 1, "sd_first": 1, "mean_second": 2, "sd_second": 1, "n": 20, "r": 1.01}),
        ("COR", {"r": 1.2, "n": 30}),
        ("COR", {"r": 0.2, "n": 3}),
        ("ZCOR", {"r": 1, "n": 30}),
        ("ZSPEARMAN", {"r": 0.2, "n": 3}),
        ("PCOR", {"t": 2, "n": 5, "n_covariates": 3}),
        ("SPCOR", {"t": 9, "n": 8, "n_covariates": 2, "r2": 0.1}),
        ("ARAW", {"alpha": 1.1, "n_items": 5, "n": 30}),
        ("ABT", {"alpha": 0.8, "n_items": 1, "n": 30}),
        ("SMN", {"mean": 1, "sd": 0, "n": 30}),
    ],
)
def test_impossible_numbers_give_no_effect(measure, inputs):
    effects = effect_sizes(measure, inputs, vtype="LS", zero_cells=usual_zero_cells(measure))
    assert np.isnan(effects.yi[0])
    assert np.isnan(effects.vi[0])
    assert not effects.corrected[0]


def test_measures_that_a_zero_does_no_harm_get_nothing_added_by_default():
    # The note of metafor's help page of escalc lists these (and Fisher's z of two of them).
    untouched = {
        key for key, measure in MEASURES.items() if has_cells(measure.family) and usual_zero_cells(key).add == 0
    }
    assert untouched == {"AS", "PHI", "RTET", "IRSD", "PAS", "PFT", "IRS", "IRFT"}
    assert usual_zero_cells("PETO") == ZeroCells("only0", 0.5, False)
    assert usual_zero_cells("SMD") is None


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (("or", {}, "LS"), "did you mean OR"),
        (("SMDD", {}, "LS"), "did you mean SMD"),
        (("MD", {}, "UB2"), "vtype of MD"),
        (("COR", {"r": 0.1}, "LS"), "missing: n"),
        (("COR", {"r": 0.1, "n_": 30}, "LS"), "missing: n"),
        (("COR", {"r": "high", "n": 30}, "LS"), "r holds something that is not a number"),
        (("COR", {"r": [0.1, 0.2], "n": [30, 40, 50]}, "LS"), "different lengths: r 2, n 3"),
        (("COR", {"r": [[0.1]], "n": 30}, "LS"), "2 dimensions"),
        (("PR", {"events": 1, "n": 30}, "LS"), "needs a rule for zero cells"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(call, words):
    measure, inputs, vtype = call
    with pytest.raises(ValueError, match=words):
        effect_sizes(measure, inputs, vtype=vtype, zero_cells=None)


@pytest.mark.parametrize(("rule", "add"), [("only1", 0.5), ("only0", -0.5), ("only0", float("nan"))])
def test_a_wrong_rule_for_zero_cells_is_refused(rule, add):
    with pytest.raises(ValueError, match="zero cells"):
        ZeroCells(rule, add, False)


def test_every_measure_says_what_it_is():
    for key, measure in MEASURES.items():
        assert measure.title and measure.source, key
        assert measure.turned in ("sign", "recompute", "no"), key
        assert bool(measure.r_function) == (key != "ZSPEARMAN"), key
    assert set(RULES) == {"only0", "all", "if0all", "none", "zero_cells_only", "treatment_arm"}
