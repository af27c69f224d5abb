"""Closed forms against R's escalc and against algebra on paper."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from repool.effects import effect_sizes as es

KNOWN = json.loads((Path(__file__).parent / "known" / "effect_sizes.json").read_text())
FORMS = {"OR": es.log_odds_ratio, "RR": es.log_risk_ratio, "RD": es.risk_difference}
#: Closed forms in the same arithmetic: what is left is the 15th digit that R printed.
CLOSED = 1e-10


def effects(cells, measure, *, rule, add):
    a, b, c, d = np.array(cells, dtype=float).T
    return FORMS[measure](*es.corrected_table(a, a + b, c, c + d, rule=rule, add=add))


def expected(answer):
    return [np.array([np.nan if v is None else v for v in answer[key]], dtype=float) for key in ("yi", "vi")]


@pytest.mark.parametrize("measure", ["OR", "RR", "RD"])
def test_bcg_trials_equal_escalc(measure):
    yi, vi = effects(KNOWN["bcg"]["cells"], measure, rule="only0", add=0.5)
    for ours, theirs in zip((yi, vi), expected(KNOWN["bcg"][measure]), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=CLOSED)


@pytest.mark.parametrize("measure", ["OR", "RR", "RD"])
@pytest.mark.parametrize("rule", ["only0", "all"])
def test_zero_cells_equal_escalc(rule, measure):
    yi, vi = effects(KNOWN["zeros"]["cells"], measure, rule=rule, add=0.5)
    for ours, theirs in zip((yi, vi), expected(KNOWN["zeros"][rule][measure]), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=CLOSED, atol=1e-15)  # atol: double zeros give exactly 0


@pytest.mark.parametrize("measure", ["OR", "RR"])
def test_without_correction_zero_cells_give_no_effect(measure):
    yi, vi = effects(KNOWN["zeros"]["cells"], measure, rule="none", add=0.5)
    for ours, theirs in zip((yi, vi), expected(KNOWN["zeros"]["none"][measure]), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=CLOSED, equal_nan=True)


def test_smd_and_md_equal_escalc():
    s = {key: np.array(value) for key, value in KNOWN["stroke_units"].items() if key not in {"SMD", "MD"}}
    d = es.cohens_d(s["m1"], s["sd1"], s["n1"], s["m2"], s["sd2"], s["n2"])
    ours = {
        "SMD": es.hedges_g(d, s["n1"], s["n2"]),
        "MD": es.mean_difference(s["m1"], s["sd1"], s["n1"], s["m2"], s["sd2"], s["n2"]),
    }
    for measure, (yi, vi) in ours.items():
        theirs = expected(KNOWN["stroke_units"][measure])
        np.testing.assert_allclose(yi, theirs[0], rtol=CLOSED)
        np.testing.assert_allclose(vi, theirs[1], rtol=CLOSED)


def test_hedges_correction_does_not_overflow():
    # Gamma itself overflows from 344 degrees of freedom; the series 1 - 3/(4 df - 1) is within 1/df^2 there.
    df = np.array([2.0, 10.0, 500.0, 1e5])
    ours = es.hedges_correction(df)
    # df = 2: gamma(1) / (sqrt(1) * gamma(1/2)) = 1 / sqrt(pi), on paper.
    assert ours[0] == pytest.approx(1 / math.sqrt(math.pi), rel=CLOSED)
    np.testing.assert_allclose(ours[2:], 1 - 3 / (4 * df[2:] - 1), atol=1 / 500**2)


def test_proportion_logit_of_none_and_all():
    # xi = 0 of 10: log(0.5 / 10.5), 1/0.5 + 1/10.5 (escalc PLO, add 1/2 to both); xi = 5 of 10: 0 and 0.4.
    yi, vi = es.logit_proportion(np.array([0.0, 5.0, 10.0]), np.array([10.0, 10.0, 10.0]), rule="only0", add=0.5)
    np.testing.assert_allclose(yi, [math.log(0.5 / 10.5), 0.0, math.log(10.5 / 0.5)], rtol=CLOSED, atol=1e-15)
    np.testing.assert_allclose(vi, [2 + 1 / 10.5, 0.4, 2 + 1 / 10.5], rtol=CLOSED)


def test_interval_and_p_give_the_standard_error():
    # 1.959963984540054 and 1.6448536269514722: normal quantiles of printed tables.
    se = es.se_from_interval(np.array([-1.959963984540054]), np.array([1.959963984540054]), np.array([95.0]))
    assert se[0] == pytest.approx(1.0, rel=CLOSED)
    narrow = es.se_from_interval(np.array([-1.6448536269514722]), np.array([1.6448536269514722]), np.array([90.0]))
    assert narrow[0] == pytest.approx(1.0, rel=CLOSED)
    two = es.se_from_p(np.array([1.959963984540054]), np.array([0.05]), tails=np.array([2.0]))
    one = es.se_from_p(np.array([1.6448536269514722]), np.array([0.05]), tails=np.array([1.0]))
    assert two[0] == pytest.approx(1.0, rel=CLOSED) and one[0] == pytest.approx(1.0, rel=CLOSED)


def test_no_standard_error_from_a_p_value_without_information():
    yi, p, tails = np.array([0.0, 1.0, 1.0]), np.array([0.5, 1.0, 0.7]), np.array([2.0, 2.0, 1.0])
    assert np.isnan(es.se_from_p(yi, p, tails=tails)).all()


def test_swapping_arms_turns_the_sign_and_keeps_the_variance():
    cells = np.array(KNOWN["bcg"]["cells"], dtype=float)
    for measure in FORMS:
        yi, vi = effects(cells, measure, rule="only0", add=0.5)
        swapped_yi, swapped_vi = effects(cells[:, [2, 3, 0, 1]], measure, rule="only0", add=0.5)
        np.testing.assert_allclose(swapped_yi, -yi, rtol=1e-13)  # same numbers, other order of subtraction
        np.testing.assert_allclose(swapped_vi, vi, rtol=1e-13)


def test_t_of_two_equal_groups_is_the_inverse_of_its_p():
    # t = 2.0 with 10 df has a two-sided p of 0.0733880 (printed t table: 0.0734).
    assert es.t_from_p(np.array([0.07338803477074]), np.array([10.0]), tails=np.array([2.0]))[0] == pytest.approx(
        2.0, rel=1e-9
    )
    assert es.d_from_t(np.array([2.0]), np.array([8.0]), np.array([8.0]))[0] == pytest.approx(1.0, rel=1e-13)
