"""Mantel-Haenszel and Peto: R's answers, a second program, and tables whose answer is known on paper."""

import math

import known_answers as ka
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repool.pooling.rare_events.mantel_haenszel import mantel_haenszel
from repool.pooling.rare_events.peto import peto

KEPT = ka.kept("rare_events.json")
NO_RULE = {"add": [0.5, 0], "to": ["only0", "none"], "drop00": [True, False], "level": 0.95}
NAMES = {
    "beta": "estimate",
    "se": "se",
    "pval": "pval",
    "QE": "q",
    "QEp": "q_pval",
    "I2": "i2_percent",
    "MH": "cmh",
    "MHp": "cmh_pval",
    "BD": "breslow_day",
    "TA": "tarone",
    "TAp": "tarone_pval",
    "k": "k",
}


def counts(data):
    values = {name: np.array(column) for name, column in KEPT["data"][data]["counts"].items()}
    if "x1i" in values:
        return values["x1i"], values["t1i"], values["x2i"], values["t2i"]
    return values["tpos"], values["tpos"] + values["tneg"], values["cpos"], values["cpos"] + values["cneg"]


def closed(answer):
    args = {key: answer["args"][key] for key in ("add", "to", "drop00")}
    if answer["kind"] == "rma.peto":
        return peto(*counts(answer["data"]), **args, level=0.95)
    more = {key: answer["args"][key] for key in ("measure", "correct")}
    return mantel_haenszel(*counts(answer["data"]), **args, **more, level=0.95)


@pytest.mark.parametrize(
    "answer",
    [answer for answer in KEPT["answers"] if answer["kind"] != "rma.glmm"],
    ids=lambda answer: f"{answer['data']}-{answer['kind']}-{answer['args'].get('measure', 'OR')}",
)
def test_closed_forms_are_r_s(answer):
    ours = closed(answer)
    found = {name: getattr(ours, NAMES[name]) for name in answer["value"] if name in NAMES}
    # Closed forms; R's numbers have 15 digits, differences lose a few.
    assert found == pytest.approx({name: answer["value"][name] for name in found}, rel=1e-10, abs=1e-14)
    assert len(found) >= 6


def test_a_second_program_agrees_on_odds_ratio_and_tests():
    from statsmodels.stats.contingency_tables import StratifiedTable

    a, n1, c, n2 = counts("bcg")
    other = StratifiedTable([np.array([[w, x - w], [y, z - y]]) for w, x, y, z in zip(a, n1, c, n2, strict=True)])
    ours = mantel_haenszel(a, n1, c, n2, measure="OR", correct=True, **NO_RULE)
    risk = mantel_haenszel(a, n1, c, n2, measure="RR", correct=True, **NO_RULE)
    # Same closed forms, other order of sums.
    assert ours.estimate == pytest.approx(other.logodds_pooled, rel=1e-12)
    assert ours.se == pytest.approx(other.logodds_pooled_se, rel=1e-12)
    assert risk.estimate == pytest.approx(math.log(other.riskratio_pooled), rel=1e-12)
    assert ours.cmh == pytest.approx(other.test_null_odds(correction=True).statistic, rel=1e-10)
    assert ours.breslow_day == pytest.approx(other.test_equal_odds(adjust=False).statistic, rel=1e-9)
    assert ours.tarone == pytest.approx(other.test_equal_odds(adjust=True).statistic, rel=1e-9)


def test_one_table_gives_its_own_ratio():
    one = ([3], [20], [5], [20])
    assert mantel_haenszel(*one, measure="OR", correct=False, **NO_RULE).estimate == pytest.approx(
        math.log(3 * 15 / (17 * 5)), rel=1e-14
    )
    assert mantel_haenszel(*one, measure="RR", correct=False, **NO_RULE).estimate == pytest.approx(
        math.log(3 / 5), rel=1e-14
    )
    # O - E = 3 - 8 * 20 / 40 = -1; V = 20 * 20 * 8 * 32 / (40^2 * 39) = 64 / 39.
    found = peto(*one, **NO_RULE)
    assert (found.estimate, found.se**2) == pytest.approx((-39 / 64, 39 / 64), rel=1e-14)
    assert "nothing to compare" in found.note


def test_nobody_with_an_event_is_no_ratio_but_a_difference_of_zero():
    nobody = ([0, 0], [10, 20], [0, 0], [12, 18])
    rule = NO_RULE | {"drop00": [False, False]}
    ratio = mantel_haenszel(*nobody, measure="OR", correct=True, **rule)
    assert math.isnan(ratio.estimate) and math.isnan(ratio.cmh)
    assert "undefined" in ratio.note
    difference = mantel_haenszel(*nobody, measure="RD", correct=True, **rule)
    assert (difference.estimate, difference.se) == (0.0, 0.0)
    assert "no test" in difference.note
    with pytest.raises(ValueError, match="Peto's method needs"):
        peto(*nobody, **rule)


def test_an_empty_arm_says_nothing_about_equal_odds_ratios():
    full = ([3, 4, 2], [10, 10, 10], [5, 5, 3], [10, 10, 11])
    empty = ([0, 3, 4, 2], [0, 10, 10, 10], [5, 5, 5, 3], [20, 10, 10, 11])
    with_it = mantel_haenszel(*empty, measure="OR", correct=True, **NO_RULE)
    without = mantel_haenszel(*full, measure="OR", correct=True, **NO_RULE)
    # Terms of an empty arm are exactly 0 on paper.
    assert with_it.breslow_day == pytest.approx(without.breslow_day, rel=1e-13)
    assert with_it.k_tables == 3


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (([12], [10], [3], [10]), "study 1, arm 1: 12 events of 10"),
        (([3], [10], [-1], [10]), "events_arm2 of study 1 is -1"),
        (([math.nan], [10], [1], [10]), "none of the 1 studies is left"),
    ],
)
def test_impossible_counts_are_refused_with_the_row(wrong, words):
    with pytest.raises(ValueError, match=words):
        mantel_haenszel(*wrong, measure="OR", correct=True, **NO_RULE)


tables = st.lists(st.tuples(*[st.integers(1, 200)] * 4), min_size=1, max_size=6)


@given(tables)
@settings(max_examples=40, deadline=None, derandomize=True)
def test_swapping_the_arms_turns_the_sign(cells):
    a, b, c, d = np.array(cells, dtype=float).T
    for measure in ("OR", "RR", "RD"):
        one = mantel_haenszel(a, a + b, c, c + d, measure=measure, correct=False, **NO_RULE)
        two = mantel_haenszel(c, c + d, a, a + b, measure=measure, correct=False, **NO_RULE)
        # Algebra; sums in another order.
        assert one.estimate == pytest.approx(-two.estimate, rel=1e-9, abs=1e-13)
        assert one.se == pytest.approx(two.se, rel=1e-9)
