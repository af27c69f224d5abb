"""Each route against algebra on paper or against R's numbers, and the assumptions it must name."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rows import CHOICES, rows

from repool.effects.route_catalogue import CATALOGUE
from repool.effects.route_tools import RESULT
from repool.effects.routes import ROUTES

#: Closed forms in the same arithmetic as the expected value.
CLOSED = 1e-12
Z975 = 1.959963984540054  # printed normal quantile


def only(route, measure, **filled):
    """Return the single effect of one row by one route in one measure."""
    table = ROUTES[route](rows(filled), CHOICES)
    table = table[table["measure"] == measure]
    assert len(table) == 1
    return table.iloc[0]


def test_catalogue_and_functions_are_the_same_set():
    assert sorted(CATALOGUE) == sorted(ROUTES)


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_a_blank_row_supports_no_route(name):
    table = ROUTES[name](rows({}), CHOICES)
    assert table.empty and list(table.columns) == RESULT


def test_counts_give_the_woolf_odds_ratio():
    # Winhusen 2020, overdose at 12 months: 5/40 v 13/40. Paper: log(5*27 / (35*13)), 1/5 + 1/35 + 1/13 + 1/27.
    effect = only("counts", "OR", events_arm1=5, n_arm1=40, events_arm2=13, n_arm2=40)
    assert effect["yi"] == pytest.approx(math.log(5 * 27 / (35 * 13)), rel=CLOSED)
    assert effect["vi"] == pytest.approx(1 / 5 + 1 / 35 + 1 / 13 + 1 / 27, rel=CLOSED)
    assert effect["assumptions"] == ""


def test_tables_without_any_event_give_no_ratio_but_a_difference():
    table = ROUTES["counts"](rows({"events_arm1": 0, "n_arm1": 10, "events_arm2": 0, "n_arm2": 12}), CHOICES)
    assert list(table["measure"]) == ["RD"]


def test_percents_of_known_arms_are_whole_people():
    # Beaudoin 2022: 25 % of 323 and 25 % of 325 are 81 and 81 people.
    effect = only("percents_and_arm_sizes", "OR", percent_arm1=25, n_arm1=323, percent_arm2=25, n_arm2=325)
    assert (effect["events_arm1"], effect["events_arm2"]) == (81, 81)
    assert effect["assumptions"] == "counts_from_percent"


def test_total_is_shared_by_all_arms_it_covers_and_shrunk_by_follow_up():
    # Manning 2012: 151 people in three arms, 83 % followed up: 151 / 3 * 0.83 in each.
    effect = only(
        "percents_and_total",
        "OR",
        percent_arm1=44,
        percent_arm2=36,
        n_total=151,
        n_total_arms=3,
        n_total_basis="randomised",
        followup_percent=83,
    )
    n = 151 / 3 * 0.83
    assert effect["n_arm1"] == effect["n_arm2"] == pytest.approx(n, rel=CLOSED)
    assert effect["vi"] == pytest.approx(1 / (n * 0.44 * 0.56) + 1 / (n * 0.36 * 0.64), rel=CLOSED)
    assert effect["assumptions"] == "equal_arms;equal_follow_up"


def test_standard_error_of_timko_from_percents_under_an_equal_split():
    # Trap 8 of the evidence: .236 from 70 v 61 % of 93 % of 345 people, three decimals printed.
    effect = only(
        "percents_and_total",
        "OR",
        percent_arm1=70,
        percent_arm2=61,
        n_total=345,
        n_total_arms=2,
        n_total_basis="randomised",
        followup_percent=93,
    )
    assert math.sqrt(effect["vi"]) == pytest.approx(0.236, abs=0.0005)


def test_those_randomised_are_named_when_nobody_says_who_was_analysed():
    effect = only(
        "d_and_total", "SMD", estimate=0.3, estimate_scale="d", n_total=287, n_total_arms=2, n_total_basis="enrolled"
    )
    assert effect["assumptions"] == "all_randomised_counted;equal_arms"


@pytest.mark.parametrize("basis", ["other_unit"])
def test_a_total_of_visits_is_no_number_of_people(basis):
    row = {"estimate": 0.3, "estimate_scale": "d", "n_total": 7109, "n_total_arms": 2, "n_total_basis": basis}
    assert ROUTES["d_and_total"](rows(row), CHOICES).empty


def test_percents_of_appointments_give_no_effect_on_people():
    # Trap 14: Tracy 2011 prints percents of appointments kept, of 96 people.
    row = {"percent_arm1": 51, "percent_arm2": 38, "percent_of": "other_unit", "n_total": 96, "n_total_arms": 3}
    row |= {"n_total_basis": "randomised", "p": 0.05, "p_op": "<", "p_scope": "contrast", "n_arm1": 30, "n_arm2": 30}
    for name, route in ROUTES.items():
        assert route(rows(row), CHOICES).empty, name


def test_ratio_with_a_90_percent_interval():
    # Limits exp(-1.6448536...) and exp(+1.6448536...) at 90 %: standard error 1.
    low, high = math.exp(-1.6448536269514722), math.exp(1.6448536269514722)
    effect = only("ratio_and_interval", "HR", estimate=1, estimate_scale="HR", ci_lb=low, ci_ub=high, ci_level=90)
    assert effect["vi"] == pytest.approx(1, rel=CLOSED)


def test_ratio_with_a_p_value_names_its_sides():
    filled = {"estimate": math.exp(Z975), "estimate_scale": "OR", "p": 0.05, "p_op": "=", "p_scope": "contrast"}
    assert only("ratio_and_p", "OR", **filled)["vi"] == pytest.approx(
        1, rel=1e-9
    )  # 0.05 is exact, the quantile has 16 digits
    assert only("ratio_and_p", "OR", **filled)["assumptions"] == "p_two_sided"
    assert only("ratio_and_p", "OR", **filled, tails="two")["assumptions"] == ""
    assert only("ratio_and_one_sided_p", "OR", **filled)["assumptions"] == "p_one_sided"
    assert ROUTES["ratio_and_one_sided_p"](rows(filled | {"tails": "two"}), CHOICES).empty


@pytest.mark.parametrize("scope", ["all_arms", "other"])
def test_a_p_value_of_something_else_is_never_used(scope):
    filled = {
        "estimate": 2,
        "estimate_scale": "OR",
        "p": 0.05,
        "p_op": "=",
        "p_scope": scope,
        "percent_arm1": 50,
        "percent_arm2": 40,
    }
    for name in ("ratio_and_p", "percents_and_p", "percents_and_p_bound", "p_and_total"):
        assert ROUTES[name](rows(filled), CHOICES).empty, name


def test_chi_squared_of_one_degree_gives_its_root_as_z():
    # Miettinen: se = |yi| / sqrt(chi2). Magidson: 88.6 % v 59.7 %, chi2(1) = 10.10.
    effect = only(
        "percents_and_p",
        "OR",
        percent_arm1=88.6,
        percent_arm2=59.7,
        statistic="chi2",
        statistic_value=10.10,
        df1=1,
        p_scope="contrast",
    )
    yi = math.log(0.886 / 0.114) - math.log(0.597 / 0.403)
    assert effect["yi"] == pytest.approx(yi, rel=CLOSED)
    assert math.sqrt(effect["vi"]) == pytest.approx(
        yi / math.sqrt(10.10), rel=1e-9
    )  # through the chi-squared tail and back
    assert effect["assumptions"] == "se_from_p"


def test_chi_squared_of_more_degrees_leads_nowhere():
    row = {
        "percent_arm1": 60,
        "percent_arm2": 50,
        "statistic": "chi2",
        "statistic_value": 10.8,
        "df1": 4,
        "p_scope": "contrast",
    }
    assert ROUTES["percents_and_p"](rows(row), CHOICES).empty


def test_p_below_a_bound_is_read_as_the_bound_and_says_so():
    effect = only("percents_and_p_bound", "OR", percent_arm1=60, percent_arm2=50, p=0.05, p_op="<", p_scope="contrast")
    assert math.sqrt(effect["vi"]) == pytest.approx(math.log(1.5) / Z975, rel=1e-9)
    assert effect["assumptions"] == "p_at_its_bound;p_two_sided;se_from_p"


@pytest.mark.parametrize(
    "favours,better,sign", [("arm1", "yes", 1), ("arm1", "no", -1), ("arm2", "yes", -1), ("arm2", "no", 1)]
)
def test_bare_p_takes_its_sign_from_words(favours, better, sign):
    # t(46) with two-sided p = .05 is 2.0128955989 (printed t table: 2.013); d = t * sqrt(1/24 + 1/24).
    filled = {"p": 0.05, "p_op": "=", "p_scope": "contrast", "favours": favours, "term_higher_is_better": better}
    effect = only("p_and_total", "SMD", **filled, n_total=48, n_total_arms=2, n_total_basis="randomised")
    correction = math.exp(math.lgamma(23) - math.lgamma(22.5)) / math.sqrt(23)
    assert effect["yi"] == pytest.approx(sign * correction * 2.0128955989 * math.sqrt(2 / 24), rel=1e-9)
    assert "sign_from_words" in effect["assumptions"]


def test_bare_p_without_words_on_direction_gives_nothing():
    row = {
        "p": 0.05,
        "p_op": "=",
        "p_scope": "contrast",
        "favours": "neither",
        "n_total": 48,
        "n_total_arms": 2,
        "n_total_basis": "randomised",
    }
    assert ROUTES["p_and_total"](rows(row), CHOICES).empty


def test_f_of_two_groups_is_t_squared():
    common = {"n_total": 277, "n_total_arms": 2, "n_total_basis": "analysed"}
    f = only("f_and_total", "SMD", statistic="F", statistic_value=9.0, df1=1, df2=275, favours="arm1", **common)
    t = only("t_and_total", "SMD", statistic="t", statistic_value=3.0, df1=275, **common)
    assert f["yi"] == pytest.approx(t["yi"], rel=CLOSED) and f["vi"] == pytest.approx(t["vi"], rel=CLOSED)


def test_arm_changes_add_their_variances():
    # Crisanti 2019: -5.1 (-9.0 to -1.1) v -4.9 (-8.6 to -1.1): difference -0.2, SE 2.78 (printed with the evidence).
    cells = {
        "mean_change_arm1": -5.1,
        "ci_lb_arm1": -9.0,
        "ci_ub_arm1": -1.1,
        "mean_change_arm2": -4.9,
        "ci_lb_arm2": -8.6,
        "ci_ub_arm2": -1.1,
    }
    effect = only("arm_changes_and_intervals", "MD", **cells, ci_level=95)
    assert effect["yi"] == pytest.approx(-0.2, abs=1e-12)
    assert math.sqrt(effect["vi"]) == pytest.approx(2.78, abs=0.005)


def test_rates_need_a_p_value():
    # Binswanger 2015: 0.2 v 0.6 admissions per 100 person-days, p = .04: SE 0.5349 (printed with the evidence).
    effect = only("rates_and_p", "IRR", rate_arm1=0.2, rate_arm2=0.6, p=0.04, p_op="=", p_scope="contrast")
    assert math.sqrt(effect["vi"]) == pytest.approx(0.5349, abs=0.5e-4)
    assert ROUTES["rates_and_p"](rows({"rate_arm1": 0.2, "rate_arm2": 0.6}), CHOICES).empty


def test_single_group_only_without_a_comparator():
    row = {"events_arm1": 67, "n_arm1": 70, "comparator": "none", "condition_arm2": ""}
    effect = ROUTES["single_count"](rows(row), CHOICES).iloc[0]
    assert effect["yi"] == pytest.approx(math.log(67 / 3), rel=CLOSED)
    assert ROUTES["counts"](rows(row | {"events_arm2": 1, "n_arm2": 5}), CHOICES).empty


people = st.integers(min_value=2, max_value=5000)


@given(n1=people, n2=people, share=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_swapping_arms_flips_the_sign_and_keeps_the_variance(n1, n2, share):
    e1, e2 = round(share[0] * n1), round(share[1] * n2)
    forward = ROUTES["counts"](rows({"events_arm1": e1, "n_arm1": n1, "events_arm2": e2, "n_arm2": n2}), CHOICES)
    backward = ROUTES["counts"](rows({"events_arm1": e2, "n_arm1": n2, "events_arm2": e1, "n_arm2": n1}), CHOICES)
    assert list(forward["measure"]) == list(backward["measure"])
    np.testing.assert_allclose(
        forward["yi"].astype(float), -backward["yi"].astype(float), rtol=1e-9, atol=1e-12
    )  # other order of sums
    np.testing.assert_allclose(forward["vi"].astype(float), backward["vi"].astype(float), rtol=1e-9)


anything = st.one_of(st.just(math.nan), st.floats(-1e6, 1e6), st.sampled_from([0.0, 1.0, 100.0, -1.0]))


@given(
    st.fixed_dictionaries(
        dict.fromkeys(
            (
                "estimate",
                "ci_lb",
                "ci_ub",
                "p",
                "statistic_value",
                "percent_arm1",
                "percent_arm2",
                "n_total",
                "events_arm1",
                "n_arm1",
                "events_arm2",
                "n_arm2",
                "df1",
            ),
            anything,
        )
    )
)
def test_no_input_however_wrong_gives_a_number_that_is_none(cells):
    words = {
        "estimate_scale": "OR",
        "p_op": "=",
        "p_scope": "contrast",
        "statistic": "t",
        "favours": "arm1",
        "n_total_arms": 2.0,
        "ci_level": 95.0,
    }
    for name, route in ROUTES.items():
        with np.errstate(all="ignore"):
            table = route(rows(words | cells), CHOICES)
        assert np.isfinite(table[["yi", "vi"]].to_numpy(dtype=float)).all(), name
