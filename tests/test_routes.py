"""What holds for every route: refusals, exchanged arms, units, and that no input can break one."""

import math
import warnings
from dataclasses import replace

import numpy as np
import pytest
import test_routes_correlations
import test_routes_counts
import test_routes_means
import test_routes_one_group
import test_routes_printed
import test_routes_standardised
from hypothesis import given, settings
from hypothesis import strategies as st
from rows import (
    CHOICES,
    COLUMNS,
    NEGATED,
    R_DIGITS,
    SHARED,
    choosing,
    effect_of,
    gives_nothing,
    ids,
    rows,
    swapped,
)

from repool.effects.convert import EFFECTS, convert
from repool.effects.evaluate import RESULT, effects_by
from repool.effects.measure_words import MEASURE_WORDS
from repool.effects.measures.zero_cells import RULES, ZeroCells
from repool.effects.route_catalogue import ACROSS, CATALOGUE
from repool.effects.routes.registry import ROUTES
from repool.effects.routes.tools import Range

TWO_ARMS = [
    *test_routes_counts.CASES,
    *test_routes_printed.CASES,
    *test_routes_means.CASES,
    *test_routes_standardised.CASES,
]
ONE_GROUP = [*test_routes_one_group.CASES, *test_routes_correlations.CASES]
#: One case of each route.
EACH = list({case[0]: case for case in TWO_ARMS}.values())
#: Glass' delta is in the standard deviations of arm 2, whichever that is.
EXCHANGEABLE = [case for case in TWO_ARMS if case[1] != "SMD1"]
#: Pairs may be people before and after; what is printed as a ratio or difference may be one over time.
ALSO_OVER_TIME = {"pairs", "rates_and_p", "ratio_and_interval", "ratio_and_se", "ratio_and_z", "ratio_and_p"}
ALSO_OVER_TIME |= {"ratio_and_one_sided_p", "ratio_and_p_bound", "difference_and_interval", "difference_and_se"}
ALSO_OVER_TIME |= {"difference_and_p"}
PEOPLE = st.integers(min_value=2, max_value=5000)
EVERY_MEASURE = choosing(*MEASURE_WORDS)


def test_catalogue_and_functions_are_the_same_set():
    assert sorted(CATALOGUE) == sorted([*ROUTES, *ACROSS])


def test_every_route_has_an_expected_value_from_elsewhere():
    # not_significant_and_sizes gives no estimate; its cases are held to R in test_routes_standardised.py.
    expected = {case[0] for case in [*TWO_ARMS, *ONE_GROUP]} | {"not_significant_and_sizes"}
    assert expected == set(ROUTES)


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_a_blank_row_supports_no_route(name):
    table = effects_by(name, rows({}), EVERY_MEASURE)
    assert table.empty and list(table.columns) == RESULT


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_percents_of_appointments_lead_nowhere_by_any_route(name):
    # Tracy 2011 prints percents of appointments kept, of 96 people in three arms.
    cells = {"percent_arm1": 51.0, "percent_arm2": 38.0, "percent_of": "other_unit", "n_arm1": 30.0, "n_arm2": 30.0}
    cells |= {"n_total": 96.0, "n_total_arms": 3.0, "n_total_basis": "randomised", "favours": "arm1"}
    assert gives_nothing(name, cells | {"p": 0.05, "p_op": "<", "p_scope": "contrast"})


@pytest.mark.parametrize("case", EACH, ids=ids(EACH))
def test_no_comparator_means_no_comparison(case):
    route, cells = case[0], case[2]
    if route != "pairs":
        assert gives_nothing(route, cells | {"comparator": "none"})
    if route not in ALSO_OVER_TIME:
        assert gives_nothing(route, cells | {"comparator": "pre"})


@pytest.mark.parametrize("case", EACH, ids=ids(EACH))
def test_half_of_what_a_route_needs_leads_nowhere(case):
    route, cells = case[0], case[2]
    for needed in [*CATALOGUE[route].columns, *CATALOGUE[route].when]:
        if needed in cells:
            missing = math.nan if isinstance(cells[needed], float) else ""
            assert gives_nothing(route, cells | {needed: missing}), needed


@pytest.mark.parametrize("case", EXCHANGEABLE, ids=ids(EXCHANGEABLE))
def test_exchanged_arms_change_the_sign_and_keep_the_variance(case):
    route, measure, cells = case[:3]
    here, there = (effect_of(route, measure, version) for version in (cells, swapped(cells)))
    assert there["yi"] == pytest.approx(-here["yi"], rel=R_DIGITS, abs=1e-12)
    assert there["vi"] == pytest.approx(here["vi"], rel=R_DIGITS)
    assert there["assumptions"] == here["assumptions"]
    # What was best for one arm is worst for the other.
    assert there["yi_best"] == pytest.approx(-here["yi_worst"], rel=R_DIGITS, abs=1e-12, nan_ok=True)
    assert there["vi_worst"] == pytest.approx(here["vi_best"], rel=R_DIGITS, nan_ok=True)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(n1=PEOPLE, n2=PEOPLE, shares=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_exchanged_counts_change_the_sign_and_keep_the_variance(n1, n2, shares):
    cells = {"events_arm1": float(round(shares[0] * n1)), "n_arm1": float(n1)}
    cells |= {"events_arm2": float(round(shares[1] * n2)), "n_arm2": float(n2)}
    here, there = (effects_by("counts", rows(version), CHOICES) for version in (cells, swapped(cells)))
    assert list(here["measure"]) == list(there["measure"])
    np.testing.assert_allclose(there["yi"], -here["yi"], rtol=1e-9, atol=1e-12)  # another order of sums
    np.testing.assert_allclose(there["vi"], here["vi"], rtol=1e-9)


#: Columns in the unit of the outcome.
IN_UNIT = ("mean", "sd", "se", "ci_lb", "ci_ub", "median", "q1", "q3", "min", "max", "mean_change", "sd_change")
IN_UNIT += ("pre_mean", "pre_sd", "sd_pooled")
OF_UNIT = [case for case in test_routes_means.CASES if case[1] in ("MD", "SMD", "SMD1", "ROM")]


@pytest.mark.parametrize("case", OF_UNIT, ids=ids(OF_UNIT))
@settings(derandomize=True, deadline=None, max_examples=15)
@given(factor=st.floats(1e-3, 1e3))
def test_another_unit_multiplies_a_mean_difference_and_leaves_the_rest(case, factor):
    route, measure, cells = case[:3]
    scaled = {
        name: value * factor if name.removesuffix("_arm1").removesuffix("_arm2") in IN_UNIT else value
        for name, value in cells.items()
    }
    here, there = effect_of(route, measure, cells), effect_of(route, measure, scaled)
    unit = factor if measure == "MD" else 1.0
    assert there["yi"] == pytest.approx(unit * here["yi"], rel=1e-9)  # rounding of differences of products
    assert there["vi"] == pytest.approx(unit**2 * here["vi"], rel=1e-9)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(yi=st.floats(-5, 5), se=st.floats(0.01, 3), level=st.sampled_from([80.0, 90.0, 95.0, 99.0]))
def test_interval_made_from_an_error_gives_it_back(yi, se, level):
    # Normal quantiles from a printed table.
    half = se * {80.0: 1.2815515655446004, 90.0: 1.6448536269514722, 95.0: 1.959963984540054}.get(
        level, 2.5758293035489
    )
    printed = {"ci_lb": math.exp(yi - half), "ci_ub": math.exp(yi + half), "ci_level": level}
    ratio = effect_of("ratio_and_interval", "HR", printed | {"estimate": math.exp(yi), "estimate_scale": "HR"})
    assert ratio["yi"] == pytest.approx(yi, rel=1e-9, abs=1e-12)
    assert ratio["vi"] == pytest.approx(se**2, rel=1e-7)  # digits lost in the difference of two limits
    printed = {"ci_lb": yi - half, "ci_ub": yi + half, "ci_level": level}
    plain = effect_of("difference_and_interval", "MD", printed | {"estimate": yi, "estimate_scale": "MD"})
    assert plain["vi"] == pytest.approx(se**2, rel=1e-9)


# Numbers of every kind a cell can hold once a table is typed wrongly, and plausible ones, so that routes get far.
ANY_NUMBER = st.one_of(
    st.just(math.nan),
    st.floats(allow_nan=True, allow_infinity=True),
    st.integers(-3, 300).map(float),
    st.floats(-2, 2),
    st.sampled_from([0.0, -0.0, 1.0, 100.0, 0.5, 0.05, 1e-300, 1e-12, 1e15, 1e300, -1e300, math.inf, -math.inf]),
)
WORDS = {column.name: ["", *column.choices] for column in COLUMNS if not column.is_number and column.choices}
NUMBERS = [column.name for column in COLUMNS if column.is_number]
ANY_CELLS = st.fixed_dictionaries({name: st.sampled_from(words) for name, words in WORDS.items()}).flatmap(
    lambda words: st.dictionaries(st.sampled_from(NUMBERS), ANY_NUMBER, max_size=30).map(lambda cells: words | cells)
)
ANY_ROW = st.one_of(
    ANY_CELLS,
    # A row that leads to an effect, with some cells spoilt.
    st.tuples(
        st.sampled_from([*TWO_ARMS, *ONE_GROUP]), st.dictionaries(st.sampled_from(NUMBERS), ANY_NUMBER, max_size=3)
    ).map(lambda drawn: drawn[0][2] | drawn[1]),
)
ANY_CHOICES = st.builds(
    choosing,
    *map(st.just, MEASURE_WORDS),
    zero_cells=st.builds(ZeroCells, st.sampled_from(sorted(RULES)), st.sampled_from([0.0, 0.5]), st.just(False)),
    icc=st.sampled_from([None, Range(0.05, 0.01, 0.2)]),
    p_without_sides=st.sampled_from(["one", "two"]),
    medians=st.sampled_from(["luo_wan_shi", "quantile_estimation", "box_cox"]),
)
PAIRS_OF_NUMBERS = (("yi", "vi"), ("yi_best", "vi_best"), ("yi_worst", "vi_worst"))


@settings(derandomize=True, deadline=None, max_examples=80)
@given(
    cells=st.lists(ANY_ROW, min_size=1, max_size=6),
    choices=ANY_CHOICES,
    flip=st.sampled_from([1.0, -1.0]),
    clustered=st.booleans(),
)
def test_no_input_however_wrong_gives_half_an_effect_a_warning_or_an_error(cells, choices, flip, clustered):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = convert(
            rows(*(row | {"flip": flip} for row in cells)),
            choices=choices,
            route_order=list(CATALOGUE),
            ladder=[],
            clustered={"s": clustered},
        )
    assert list(found.columns) == EFFECTS
    for yi, vi in PAIRS_OF_NUMBERS:
        numbers = found[[yi, vi]].to_numpy(float)
        assert not np.isinf(numbers).any()
        assert (np.isnan(numbers[:, 0]) == np.isnan(numbers[:, 1])).all()
        assert (np.isnan(numbers[:, 1]) | (numbers[:, 1] >= 0)).all()
    # Both cases or none, and an effect, its cases, or the reason why there is neither.
    assert (found["yi_best"].isna() == found["yi_worst"].isna()).all()
    nothing = found["yi"].isna() & found["yi_best"].isna()
    assert (nothing == (found["reason"] != "")).all()
    assert set(found["result_id"]) == {f"s-{number:02d}" for number in range(1, len(cells) + 1)}


def test_rows_of_a_table_do_not_change_each_other():
    # One case of each route, at once and one by one; the rules and variances of CHOICES look at one row only.
    measures = sorted({case[1] for case in EACH})
    cells = [case[2] for case in EACH] + [SHARED | {"p_op": "ns"}]
    order = [name for name in CATALOGUE if name not in ACROSS]
    arguments = {"choices": choosing(*measures), "route_order": order, "ladder": [], "clustered": {"s": False}}
    together = convert(rows(*cells), **arguments)
    for number, row in enumerate(cells, start=1):
        alone = convert(rows(row), **arguments)
        there = together[together["result_id"] == f"s-{number:02d}"]
        assert list(there["route"]) == list(alone["route"])
        np.testing.assert_array_equal(there["yi"], alone["yi"])
        np.testing.assert_array_equal(there["vi_worst"], alone["vi_worst"])
        assert list(there["inputs"]) == list(alone["inputs"])


def test_rows_that_are_no_comparison_enter_no_average_over_the_rows():
    # RD with vtype AV puts the average risks of the arms into the variance: 0.2 * 0.8 / 50 + 0.4 * 0.6 / 50.
    counted = {"events_arm1": 10.0, "n_arm1": 50.0, "events_arm2": 20.0, "n_arm2": 50.0}
    other = counted | {"events_arm1": 49.0, "comparator": "none"}
    table = effects_by("counts", rows(counted, other), replace(CHOICES, measures={"RD": "AV"}))
    assert len(table) == 1 and table["vi"].iloc[0] == pytest.approx(0.4 / 50, rel=R_DIGITS)


def test_total_of_no_arms_is_no_size_and_no_warning():
    cells = {"n_total": 0.0, "n_total_arms": 0.0, "p": 0.05, "p_op": "=", "p_scope": "contrast", "favours": "arm1"}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert gives_nothing("p_and_sizes", cells)


def test_scales_of_the_exchange_are_those_of_the_extraction():
    known = next(column.choices for column in COLUMNS if column.name == "estimate_scale")
    assert set(NEGATED) <= set(known)
