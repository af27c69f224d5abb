"""Routes of counts and percents, against algebra on paper and metafor 3.8.1."""

import math

import numpy as np
import pytest
from rows import CLOSED, R_DIGITS, SHARED, effect_of, gives_nothing, holds, ids

from repool.effects.measures.zero_cells import ZeroCells

TABLE = {"events_arm1": 5.0, "n_arm1": 40.0, "events_arm2": 13.0, "n_arm2": 40.0}
MARGINS = {"n_arm1": 30.0, "n_arm2": 25.0, "events_total": 22.0}
PAIRS = {"pairs_yes_yes": 12.0, "pairs_yes_no": 9.0, "pairs_no_yes": 3.0, "pairs_no_no": 30.0}
PERSON_TIME = {"events_arm1": 14.0, "person_time_arm1": 400.0, "events_arm2": 30.0, "person_time_arm2": 420.0}
CHI2 = {"statistic": "chi2", "statistic_value": 4.88888888888889, "df1": 1.0, "favours": "arm2"}
PERCENTS = {"percent_arm1": 12.0, "n_arm1": 200.0, "percent_arm2": 20.0, "n_arm2": 200.0}
#: Manning 2012: 151 people in three arms, 83 % followed up.
MANNING = {"percent_arm1": 44.0, "percent_arm2": 36.0, "n_total": 151.0, "n_total_arms": 3.0}
MANNING |= {"n_total_basis": "randomised", "followup_percent": 83.0}


def log_odds(share):
    return math.log(share / (1 - share))


#: Each arm of Manning: 151 / 3 * 0.83 people.
N_MANNING = 151 / 3 * 0.83
# The table 8/30 v 14/25. metafor: escalc("OR", ai=8, bi=22, ci=14, di=11); chisq.test(correct=FALSE) 4.8888888889;
# escalc("PHI") -0.298142396999972; its odds ratio is 2/7.
REBUILT = (-1.252762968495368, 0.332792207792208)

CASES = [
    # Winhusen 2020, overdose at 12 months: 5/40 v 13/40. Woolf: log(5*27 / (35*13)), 1/5 + 1/35 + 1/13 + 1/27.
    ("counts", "OR", TABLE, math.log(5 * 27 / (35 * 13)), 1 / 5 + 1 / 35 + 1 / 13 + 1 / 27, ""),
    # Katz: log(5/13), 1/5 - 1/40 + 1/13 - 1/40; difference of two binomials.
    ("counts", "RR", TABLE, math.log(5 / 13), 1 / 5 - 1 / 40 + 1 / 13 - 1 / 40, ""),
    ("counts", "RD", TABLE, -8 / 40, (5 * 35 + 13 * 27) / 40**3, ""),
    # metafor: escalc("PETO", ai=5, n1i=40, ci=13, n2i=40)
    ("counts", "PETO", TABLE, -1.132616487455197, 0.283154121863799, ""),
    # metafor: escalc("OR", ai=0, n1i=20, ci=4, n2i=22), half a person in each cell.
    (
        "counts",
        "OR",
        {"events_arm1": 0.0, "n_arm1": 20.0, "events_arm2": 4.0, "n_arm2": 22.0},
        -2.29987873139630,
        2.32505676408115,
        "",
    ),
    # 18 events in all, 5 of them in arm 1: 13 in arm 2.
    (
        "counts_and_margin",
        "OR",
        {"events_arm1": 5.0, "events_total": 18.0, "n_arm1": 40.0, "n_arm2": 40.0},
        math.log(5 * 27 / (35 * 13)),
        1 / 5 + 1 / 35 + 1 / 13 + 1 / 27,
        "",
    ),
    # Beaudoin 2022: 25 % of 323 and 25 % of 325 are 81 and 81 people.
    (
        "percents_and_arm_sizes",
        "OR",
        {"percent_arm1": 25.0, "n_arm1": 323.0, "percent_arm2": 25.0, "n_arm2": 325.0},
        math.log(244 / 242),
        2 / 81 + 1 / 242 + 1 / 244,
        "counts_from_percent",
    ),
    # The total is shared by all arms it covers, and shrunk by the follow-up; the counts stay unrounded.
    (
        "percents_and_total",
        "OR",
        MANNING,
        log_odds(0.44) - log_odds(0.36),
        1 / (N_MANNING * 0.44 * 0.56) + 1 / (N_MANNING * 0.36 * 0.64),
        "declared_allocation;equal_follow_up",
    ),
    ("chi2_and_margins", "OR", MARGINS | CHI2, *REBUILT, "sign_from_words;table_rebuilt"),
    ("phi_and_margins", "OR", MARGINS | {"estimate": -0.2981, "estimate_scale": "phi"}, *REBUILT, "table_rebuilt"),
    ("or_and_margins", "OR", MARGINS | {"estimate": 0.2857, "estimate_scale": "OR"}, *REBUILT, "table_rebuilt"),
    # metafor: escalc("MPORC" | "MPRR" | "MPOR", ai=12, bi=9, ci=3, di=30)
    ("pairs", "MPORC", PAIRS, 1.098612288668110, 0.444444444444444, ""),
    ("pairs", "MPRR", PAIRS, 0.3364722366212128, 0.0380952380952381, ""),
    ("pairs", "MPOR", PAIRS, 0.5035263212843790, 0.0815184815184815, ""),
    # metafor: escalc("IRR" | "IRD", x1i=14, t1i=400, x2i=30, t2i=420)
    ("events_and_person_time", "IRR", PERSON_TIME, -0.713349887877464, 0.104761904761905, ""),
    ("events_and_person_time", "IRD", PERSON_TIME, -0.036428571428571421, 0.000257568027210884, ""),
]


@pytest.mark.parametrize("case", CASES, ids=ids(CASES))
def test_route_gives_the_expected_effect(case):
    holds(case)


def test_zero_cell_rule_stands_beside_the_effects_it_touched():
    zero = TABLE | {"events_arm1": 0.0}
    assert effect_of("counts", "OR", zero)["zero_cells"] == "only0 +0.5"
    assert effect_of("counts", "OR", TABLE)["zero_cells"] == ""


def test_correction_by_the_size_of_the_arms_is_one_for_tables_only():
    # Sweeting 2004: 0/20 v 4/40 gets 20/60 and 40/60 of a person in each cell of the arms.
    by_size = ZeroCells("treatment_arm", 0.5, drop_double_zero=False)
    unequal = {"events_arm1": 0.0, "n_arm1": 20.0, "events_arm2": 4.0, "n_arm2": 40.0}
    effect = effect_of("counts", "OR", unequal, zero_cells=by_size)
    assert effect["yi"] == pytest.approx(math.log(1 / 3 * (36 + 2 / 3) / ((20 + 1 / 3) * (4 + 2 / 3))), rel=CLOSED)
    assert effect["zero_cells"] == "treatment_arm +0.5"
    # Rates have no people to share it by; with equal arms it is half an event: log(0.5 / 30.5) without time.
    rates = {"events_arm1": 0.0, "person_time_arm1": 9.0, "events_arm2": 30.0, "person_time_arm2": 9.0}
    effect = effect_of("events_and_person_time", "IRR", rates, zero_cells=by_size)
    assert effect["yi"] == pytest.approx(math.log(0.5 / 30.5), rel=CLOSED)
    assert effect["zero_cells"] == "only0 +0.5"


def test_tables_without_any_event_give_no_ratio_but_a_difference():
    empty = {"events_arm1": 0.0, "n_arm1": 10.0, "events_arm2": 0.0, "n_arm2": 12.0}
    assert gives_nothing("counts", empty, "OR", "RR")
    # Half a person in each cell: 0.5/11 - 0.5/13.
    assert effect_of("counts", "RD", empty)["yi"] == pytest.approx(0.5 / 11 - 0.5 / 13, rel=CLOSED)


def test_counts_of_arm_2_leave_nothing_to_subtract():
    assert gives_nothing("counts_and_margin", TABLE | {"events_total": 20.0})


def test_more_events_in_one_arm_than_in_both_give_nothing():
    assert gives_nothing(
        "counts_and_margin", {"events_arm1": 19.0, "events_total": 18.0, "n_arm1": 40.0, "n_arm2": 40.0}
    )


def test_rounded_percents_leave_every_count_open_that_rounds_to_them():
    # 12 % of 200: 23 (11.5 %), 24 or 25 (12.5 %) people; 20 % of 200: 39, 40 or 41.
    effect = effect_of("percents_and_arm_sizes", "OR", PERCENTS)
    assert effect["yi"] == pytest.approx(math.log(24 * 160 / (176 * 40)), rel=CLOSED)
    assert effect["yi_best"] == pytest.approx(math.log(25 * 161 / (175 * 39)), rel=CLOSED)
    assert effect["vi_best"] == pytest.approx(1 / 25 + 1 / 175 + 1 / 39 + 1 / 161, rel=CLOSED)
    assert effect["yi_worst"] == pytest.approx(math.log(23 * 159 / (177 * 41)), rel=CLOSED)
    assert effect["left_open"] == "rounded percents"


def test_percents_that_only_one_count_can_have_leave_nothing_open():
    # 12.5 % of 40 is 5 people, 32.5 % is 13: the next count is 2.5 points away.
    exact = {"percent_arm1": 12.5, "n_arm1": 40.0, "percent_arm2": 32.5, "n_arm2": 40.0}
    effect = effect_of("percents_and_arm_sizes", "OR", exact)
    assert (effect["events_arm1"], effect["events_arm2"]) == (5, 13)
    assert effect["left_open"] == "" and np.isnan(effect["yi_best"]) and np.isnan(effect["vi_worst"])


def test_standard_error_of_timko_from_percents_under_an_equal_split():
    # Printed with the evidence to three decimals: .236 from 70 v 61 % of 93 % of 345 people.
    timko = MANNING | {"percent_arm1": 70.0, "percent_arm2": 61.0, "n_total": 345.0, "n_total_arms": 2.0}
    effect = effect_of("percents_and_total", "OR", timko | {"followup_percent": 93.0})
    assert math.sqrt(effect["vi"]) == pytest.approx(0.236, abs=0.0005)


def test_share_of_the_arms_and_rounding_are_both_left_open():
    # 50 v 40 % of 2,000. The variance n * vi is u(50.5 %)/s + u(39.5 %)/(1 - s) with u(p) = 1 / (p (1 - p)) and s the
    # share of arm 1: 16.370 at s = 0.5, 16.975 at 0.4, 17.128 at 0.6. So the best case is the largest difference at
    # 0.5, and the worst the smallest difference (49.5 v 40.5 %) at 0.6: 17.042 against 16.917 at 0.4, 16.301 at 0.5.
    effect = effect_of(
        "percents_and_total", "OR", SHARED | {"percent_arm1": 50.0, "percent_arm2": 40.0, "n_total": 2000.0}
    )
    assert effect["yi_best"] == pytest.approx(log_odds(0.505) - log_odds(0.395), rel=CLOSED)
    assert effect["vi_best"] == pytest.approx((1 / (0.505 * 0.495) + 1 / (0.395 * 0.605)) / 1000, rel=CLOSED)
    assert effect["yi_worst"] == pytest.approx(log_odds(0.495) - log_odds(0.405), rel=CLOSED)
    expected = 1 / (1200 * 0.495 * 0.505) + 1 / (800 * 0.405 * 0.595)
    assert effect["vi_worst"] == pytest.approx(expected, rel=CLOSED)
    assert effect["left_open"] == "arm sizes; rounded percents"


def test_measure_that_a_zero_does_no_harm_is_not_corrected():
    # metafor 3.8-1, escalc("AS", ai=0, n1i=10, ci=5, n2i=10): -pi/4 and 1/40 + 1/40; R adds nothing to AS.
    zero = {"events_arm1": 0.0, "n_arm1": 10.0, "events_arm2": 5.0, "n_arm2": 10.0}
    effect = effect_of("counts", "AS", zero)
    assert (effect["yi"], effect["vi"]) == (pytest.approx(-math.pi / 4, rel=CLOSED), pytest.approx(0.05, rel=CLOSED))
    assert effect["zero_cells"] == ""


def test_rounding_hides_no_part_of_a_person():
    # Sisson 1981: 0 v 100 % of 20 people. Half a percent of 10 is a twentieth of a person, so both counts are certain,
    # and the zero cells get their half person: log(10.5 / 0.5) twice, in every case that moves no arm size.
    row = SHARED | {"percent_arm1": 100.0, "percent_arm2": 0.0, "n_total": 20.0}
    effect = effect_of("percents_and_total", "OR", row)
    assert effect["yi"] == pytest.approx(2 * math.log(10.5 / 0.5), rel=CLOSED)
    # 8 v 12 people are the ends of the declared share.
    assert effect["yi_worst"] == pytest.approx(math.log(8.5 / 0.5) + math.log(12.5 / 0.5), rel=CLOSED)
    assert effect["yi_best"] == pytest.approx(effect["yi"], rel=CLOSED)


def test_best_case_is_the_lowest_effect_where_less_is_better():
    better = effect_of("percents_and_arm_sizes", "OR", PERCENTS | {"term_higher_is_better": "no"})
    assert better["yi_best"] == pytest.approx(math.log(23 * 159 / (177 * 41)), rel=CLOSED)


@pytest.mark.parametrize("route", ["percents_and_arm_sizes", "percents_and_total"])
def test_percents_of_appointments_give_no_effect_on_people(route):
    # Tracy 2011 prints percents of appointments kept.
    for cells in (PERCENTS, SHARED | {"percent_arm1": 51.0, "percent_arm2": 38.0}):
        assert gives_nothing(route, cells | {"percent_of": "other_unit"})


@pytest.mark.parametrize(
    ("route", "cells"),
    [
        ("chi2_and_margins", MARGINS | CHI2 | {"df1": 2.0}),
        ("chi2_and_margins", MARGINS | CHI2 | {"favours": "neither"}),
        ("chi2_and_margins", MARGINS | CHI2 | {"p_scope": "other"}),
        ("chi2_and_margins", MARGINS | CHI2 | {"p_scope": "all_arms"}),
        ("chi2_and_margins", MARGINS | CHI2 | {"events_arm1": 8.0}),
        ("or_and_margins", MARGINS | {"estimate": 0.2857, "estimate_scale": "OR", "adjusted": "yes"}),
        ("or_and_margins", MARGINS | {"estimate": -2.0, "estimate_scale": "OR"}),
        ("phi_and_margins", MARGINS | {"estimate": 1.2, "estimate_scale": "phi"}),
    ],
)
def test_table_is_not_rebuilt_from_what_does_not_determine_it(route, cells):
    assert gives_nothing(route, cells)


def test_discordant_pairs_alone_give_the_conditional_odds_ratio_only():
    # It is the ratio of the discordant pairs (McNemar 1947): log(9/3), 1/9 + 1/3.
    discordant = {"pairs_yes_no": 9.0, "pairs_no_yes": 3.0}
    effect = effect_of("pairs", "MPORC", discordant)
    assert effect["yi"] == pytest.approx(math.log(3), rel=CLOSED)
    assert effect["vi"] == pytest.approx(1 / 9 + 1 / 3, rel=CLOSED)
    assert gives_nothing("pairs", discordant, "MPRR", "MPOR", "MPRD")
    assert gives_nothing("pairs", {"pairs_yes_no": 0.0, "pairs_no_yes": 0.0})


def test_people_measured_twice_are_counted_once():
    assert np.isnan(effect_of("pairs", "MPORC", PAIRS | {"comparator": "pre"})["n_arm2"])
    assert effect_of("pairs", "MPORC", PAIRS)["n_arm2"] == 54


def test_pairs_of_the_opposite_outcome_are_the_opposite_pairs():
    # metafor: escalc("MPRR", ai=30, bi=3, ci=9, di=12)
    effect = effect_of("pairs", "MPRR", PAIRS | {"flip": -1.0})
    assert effect["yi"] == pytest.approx(-0.16705408466316607, rel=R_DIGITS)
    assert effect["vi"] == pytest.approx(0.00932400932400932, rel=R_DIGITS)


def test_rates_of_the_opposite_do_not_exist():
    assert gives_nothing("events_and_person_time", PERSON_TIME | {"flip": -1.0})
    assert gives_nothing("events_and_person_time", PERSON_TIME | {"person_time_arm2": 0.0})
