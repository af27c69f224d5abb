"""Direction, assumptions and reasons of converted rows."""

import math

import pytest
from rows import CHOICES, rows

from repool.effects.convert import EFFECTS, convert
from repool.effects.route_catalogue import CATALOGUE

LADDER = [
    {"step": "as_reported", "assumptions": ["clustering_ignored", "counts_from_percent"]},
    {"step": "more", "assumptions": ["equal_arms"]},
]
TABLE = {"events_arm1": 5.0, "n_arm1": 40.0, "events_arm2": 13.0, "n_arm2": 40.0}


def converted(*cells, clustered=False, ladder=LADDER):
    return convert(
        rows(*cells), choices=CHOICES, route_order=list(CATALOGUE), ladder=ladder, clustered={"s": clustered}
    )


def test_a_term_that_points_the_other_way_is_turned_once():
    # 5/40 v 13/40 relapsed, that is 35/40 v 27/40 abstinent: every measure of the second, on paper.
    turned = converted(TABLE | {"flip": -1.0}).set_index("measure")
    assert turned.loc["OR", "yi"] == pytest.approx(math.log((35 * 13) / (5 * 27)), rel=1e-12)
    assert turned.loc["RR", "yi"] == pytest.approx(math.log(35 / 27), rel=1e-12)
    assert turned.loc["RR", "vi"] == pytest.approx(1 / 35 - 1 / 40 + 1 / 27 - 1 / 40, rel=1e-12)
    assert turned.loc["RD", "yi"] == pytest.approx(8 / 40, rel=1e-12)


def test_a_ready_made_risk_ratio_is_not_turned_round():
    # The risk ratio of staying is not the inverse of the risk ratio of leaving.
    ratio = {"estimate": 0.5, "ci_lb": 0.25, "ci_ub": 1.0, "ci_level": 95.0, "flip": -1.0}
    for scale in ("RR", "HR", "IRR"):
        table = converted(ratio | {"estimate_scale": scale})
        assert table["yi"].isna().all() and "cannot be turned round" in table.loc[0, "reason"]
    assert converted(ratio | {"estimate_scale": "OR"}).loc[0, "yi"] == pytest.approx(math.log(2), rel=1e-12)


def test_clusters_without_correlation_are_named_beside_the_effect():
    assert set(converted(TABLE, clustered=True)["assumptions"]) == {"clustering_ignored"}
    assert set(converted(TABLE)["assumptions"]) == {""}


def test_an_effect_that_no_step_admits_stands_there_without_a_step():
    table = converted(
        {"percent_arm1": 40, "percent_arm2": 30, "n_total": 100, "n_total_arms": 2, "n_total_basis": "randomised"}
    )
    assert table["yi"].notna().all() and table["step_order"].isna().all()  # all_randomised_counted stands at no step


def test_a_row_without_a_route_says_what_it_prints():
    table = converted({"mean_change_arm1": -29.0, "mean_change_arm2": -4.0})
    assert len(table) == 1 and math.isnan(table.loc[0, "yi"])
    assert (
        table.loc[0, "reason"] == "no route leads to an effect from what is printed: mean_change_arm1, mean_change_arm2"
    )


def test_an_estimate_of_unclear_scale_says_so():
    table = converted({"estimate": -0.79, "estimate_scale": "unclear"})
    assert "no clear scale" in table.loc[0, "reason"]


def test_people_are_those_of_the_contrast_only():
    ratio = {
        "estimate": 3.6,
        "estimate_scale": "OR",
        "ci_lb": 1.3,
        "ci_ub": 9.8,
        "ci_level": 95.0,
        "n_total": 151.0,
        "n_total_basis": "randomised",
    }
    assert converted(ratio | {"n_total_arms": 2.0}).loc[0, "n_total"] == 151
    assert math.isnan(converted(ratio | {"n_total_arms": 3.0}).loc[0, "n_total"])


def test_columns_and_order_are_fixed():
    table = converted({"result_id": "s-02"} | TABLE, {"result_id": "s-01"} | TABLE)
    assert list(table.columns) == EFFECTS
    assert list(table["result_id"]) == ["s-01"] * 3 + ["s-02"] * 3
