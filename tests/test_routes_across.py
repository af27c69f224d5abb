"""Routes from one measure to another, against metafor 3.8.1 and algebra on paper."""

import math

import pytest
from rows import CLOSED, R_DIGITS, choosing, rows

from repool.effects.convert import convert
from repool.effects.route_catalogue import ACROSS, CATALOGUE

LADDER = [{"step": "all", "assumptions": ["logistic_outcome", "normal_outcome", "baseline_risk_known"]}]
TABLE = {"events_arm1": 5.0, "n_arm1": 40.0, "events_arm2": 13.0, "n_arm2": 40.0}
D = {"estimate": 0.3, "estimate_scale": "d", "n_arm1": 50.0, "n_arm2": 50.0}
#: Standard error .2 on the log scale.
RR, OR = ({"estimate": value, "estimate_scale": name, "se": 0.2} for name, value in (("RR", 0.5), ("OR", 0.375)))
# Hedges 1981, J(98) = 0.992336 by R's lgamma; LS variance.
G = 0.3 * math.exp(math.lgamma(49) - math.lgamma(48.5)) / 7
V = 2 / 50 + G**2 / 200


def across(route, cells, *measures):
    """Return the effects that a route across makes of one row."""
    order = [name for name in CATALOGUE if name not in ACROSS] + [route]
    found = convert(rows(cells), choices=choosing(*measures), route_order=order, ladder=LADDER, clustered={"s": False})
    return found[found["route"] == route]


def one(route, cells, *measures):
    table = across(route, cells, *measures)
    assert len(table) == 1
    return table.iloc[0]


@pytest.mark.parametrize(
    ("route", "start", "end", "cells", "yi", "vi", "assumption"),
    [
        # metafor: escalc("OR2DL" | "OR2DN", ai=5, bi=35, ci=13, di=27)
        ("smd_from_or_logistic", "OR", "SMD", TABLE, -0.669877090306237, 0.104117103972395, "logistic_outcome"),
        ("smd_from_or_normal", "OR", "SMD", TABLE, -0.736377357886376, 0.125815075310025, "normal_outcome"),
        # Hasselblad & Hedges 1995: times pi / sqrt(3); Cox & Snell 1989: times 1.65.
        (
            "or_from_smd_logistic",
            "SMD",
            "OR",
            D,
            G * math.pi / math.sqrt(3),
            V * math.pi**2 / 3,
            "logistic_outcome",
        ),
        ("or_from_smd_normal", "SMD", "OR", D, 1.65 * G, 1.65**2 * V, "normal_outcome"),
        # 40 % in arm 2 and RR 0.5: 20 % in arm 1, OR (.2 / .8) / (.4 / .6) = 0.375. The log odds move by
        # 1 / (p1 (1 - p1)) with the risk, the log risk by 1 / p1: the error grows by 1 / 0.8.
        ("or_from_rr", "RR", "OR", RR | {"percent_arm2": 40.0}, math.log(0.375), 0.04 / 0.64, "baseline_risk_known"),
        ("rr_from_or", "OR", "RR", OR | {"percent_arm2": 40.0}, math.log(0.5), 0.04 * 0.64, "baseline_risk_known"),
        # The opposite outcome of a result with 60 % in arm 2 has 40 %, and OR 1 / 0.375 turned is 0.375.
        (
            "rr_from_or",
            "OR",
            "RR",
            OR | {"estimate": 1 / 0.375, "percent_arm2": 60.0, "flip": -1.0},
            math.log(0.5),
            0.04 * 0.64,
            "baseline_risk_known",
        ),
        # Borenstein 2009, 7.7 to 7.9 with a = 4: r = g / sqrt(g^2 + 4), variance 16 v / (g^2 + 4)^3, then Fisher's z.
        (
            "zcor_from_smd",
            "SMD",
            "ZCOR",
            D,
            math.atanh(G / math.sqrt(G**2 + 4)),
            16 * V / (G**2 + 4) ** 3 / (4 / (G**2 + 4)) ** 2,
            "groups_cut_a_scale",
        ),
        # Borenstein 2009, 7.5 and 7.6: 2 r / sqrt(1 - r^2), variance 4 v_r / (1 - r^2)^3 with v_r = (1 - r^2)^2 / 57.
        (
            "smd_from_zcor",
            "ZCOR",
            "SMD",
            {"estimate": 0.4, "estimate_scale": "r", "n_arm1": 30.0, "n_arm2": 30.0},
            0.8 / math.sqrt(0.84),
            4 / 57 / 0.84,
            "groups_cut_a_scale",
        ),
    ],
)
def test_route_gives_the_expected_effect(route, start, end, cells, yi, vi, assumption):
    effect = one(route, cells, start, end)
    assert effect["measure"] == end
    assert effect["yi"] == pytest.approx(yi, rel=R_DIGITS)
    assert effect["vi"] == pytest.approx(vi, rel=R_DIGITS)
    assert effect["assumptions"] == assumption and effect["vtype"] == "delta"


def test_every_route_across_is_tested_here_by_name():
    names = {case[0] for case in test_route_gives_the_expected_effect.pytestmark[0].args[1]}
    assert names == set(ACROSS)


def test_result_that_leads_to_a_measure_by_itself_takes_no_detour():
    both = TABLE | {"percent_arm2": 32.5}
    assert across("rr_from_or", both, "OR", "RR").empty


def test_detour_starts_from_the_effect_that_needs_the_fewest_assumptions():
    # The odds ratio by its interval needs none; by the percents' p-value it needs two.
    cells = OR | {"percent_arm1": 20.0, "percent_arm2": 40.0, "p": 0.01, "p_op": "=", "p_scope": "contrast"}
    effect = one("rr_from_or", cells, "OR", "RR")
    assert effect["vi"] == pytest.approx(0.04 * 0.64, rel=R_DIGITS)
    assert effect["assumptions"] == "baseline_risk_known"


def test_best_and_worst_case_go_along():
    # 12 and 20 % of 200 may be 25 v 39 and 23 v 41 people at best and worst; times sqrt(3) / pi.
    cells = {"percent_arm1": 12.0, "percent_arm2": 20.0, "n_arm1": 200.0, "n_arm2": 200.0}
    found = convert(
        rows(cells),
        choices=choosing("OR", "SMD"),
        route_order=["percents_and_arm_sizes", "smd_from_or_logistic"],
        ladder=LADDER,
        clustered={"s": False},
    ).set_index("measure")
    for case, log_or in (("best", math.log(25 * 161 / (175 * 39))), ("worst", math.log(23 * 159 / (177 * 41)))):
        assert found.loc["SMD", f"yi_{case}"] == pytest.approx(log_or * math.sqrt(3) / math.pi, rel=CLOSED)
    assert found.loc["SMD", "left_open"] == found.loc["OR", "left_open"] == "rounded percents"


@pytest.mark.parametrize("cells", [{}, {"percent_arm2": 0.0}, {"percent_arm2": 40.0, "percent_of": "other_unit"}])
def test_no_baseline_risk_of_people_means_no_other_ratio(cells):
    assert across("rr_from_or", OR | cells, "OR", "RR").empty
    assert across("or_from_rr", RR | cells, "OR", "RR").empty


def test_baseline_that_a_risk_ratio_contradicts_gives_nothing():
    # 60 % in arm 2 and RR 2 would be 120 % in arm 1.
    assert across("or_from_rr", RR | {"estimate": 2.0, "percent_arm2": 60.0}, "OR", "RR").empty


def test_measure_that_is_not_asked_for_is_not_made():
    assert across("smd_from_or_logistic", TABLE, "OR").empty
