"""Direction, clusters, assumptions, traces and reasons of converted rows."""

import ast
import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rows import CHOICES, CLOSED, choosing, rows

from repool.assumptions import ASSUMPTIONS, step_of
from repool.effects.convert import EFFECTS, convert
from repool.effects.route_catalogue import ACROSS, CATALOGUE
from repool.effects.routes.tools import Range

PACKAGE = Path(__file__).parents[1] / "workflow" / "scripts" / "repool"
LADDER = [
    {"step": "as_reported", "assumptions": ["clustering_ignored", "counts_from_percent"]},
    {"step": "more", "assumptions": ["declared_allocation"]},
]
PRINTED = [name for name in CATALOGUE if name not in ACROSS]
TABLE = {"events_arm1": 5.0, "n_arm1": 40.0, "events_arm2": 13.0, "n_arm2": 40.0}
RATIO = {"estimate": 0.5, "ci_lb": 0.25, "ci_ub": 1.0, "ci_level": 95.0}


def converted(*cells, clustered=False, choices=CHOICES, routes=PRINTED):
    return convert(rows(*cells), choices=choices, route_order=routes, ladder=LADDER, clustered={"s": clustered})


def test_a_term_that_points_the_other_way_is_turned_once():
    # 5/40 v 13/40 relapsed, that is 35/40 v 27/40 abstinent: every measure of the second, on paper.
    turned = converted(TABLE | {"flip": -1.0}).set_index("measure")
    assert turned.loc["OR", "yi"] == pytest.approx(math.log((35 * 13) / (5 * 27)), rel=CLOSED)
    assert turned.loc["RR", "yi"] == pytest.approx(math.log(35 / 27), rel=CLOSED)
    assert turned.loc["RR", "vi"] == pytest.approx(1 / 35 - 1 / 40 + 1 / 27 - 1 / 40, rel=CLOSED)
    assert turned.loc["RD", "yi"] == pytest.approx(8 / 40, rel=CLOSED)
    # What is counted stays what was printed.
    assert (turned["events_arm1"] == 5).all() and (turned["flip"] == -1).all()


def test_a_scale_that_points_the_other_way_changes_the_sign_of_a_difference():
    means = {"mean_arm1": 3.0, "sd_arm1": 2.0, "n_arm1": 20.0, "mean_arm2": 5.0, "sd_arm2": 2.0, "n_arm2": 20.0}
    turned = converted(means | {"flip": -1.0}).set_index("measure")
    assert turned.loc["MD", "yi"] == pytest.approx(2, rel=CLOSED)
    assert turned.loc["MD", "vi"] == pytest.approx(0.4, rel=CLOSED)
    assert turned.loc["SMD", "yi"] > 0
    # The ratio of the means of a reversed scale is not the inverse.
    assert converted(means | {"flip": -1.0}, choices=choosing("ROM"))["yi"].isna().all()


@pytest.mark.parametrize("scale", ["RR", "HR", "IRR"])
def test_a_ready_made_risk_ratio_is_not_turned_round(scale):
    # The risk ratio of staying is not the inverse of the risk ratio of leaving.
    table = converted(RATIO | {"estimate_scale": scale, "flip": -1.0})
    assert table["yi"].isna().all() and "cannot be turned round" in table.loc[0, "reason"]


def test_a_ready_made_odds_ratio_is_turned_round():
    table = converted(RATIO | {"estimate_scale": "OR", "flip": -1.0})
    assert table.loc[0, "yi"] == pytest.approx(math.log(2), rel=CLOSED)


def test_best_case_is_best_for_the_intervention_after_turning():
    # 12 and 20 % relapsed of 200: best 23 v 41 people, that is more without relapse in arm 1.
    percents = {"percent_arm1": 12.0, "n_arm1": 200.0, "percent_arm2": 20.0, "n_arm2": 200.0}
    table = converted(percents | {"flip": -1.0, "term_higher_is_better": "no"}).set_index("measure")
    assert table.loc["OR", "yi_best"] == pytest.approx(math.log(41 * 177 / (23 * 159)), rel=CLOSED)


def test_clusters_without_correlation_are_named_beside_the_effect():
    clustered = converted(TABLE, clustered=True)
    assert set(clustered["assumptions"]) == {"clustering_ignored"} and (clustered["design_effect"] == 1).all()
    assert set(converted(TABLE)["assumptions"]) == {""}


@pytest.mark.parametrize("clustered", [True, False])
def test_printed_correlation_of_clusters_widens_the_variance(clustered):
    # Design effect 1 + (12 - 1) * 0.05 = 1.55 (Donner & Klar 2000), whether or not the study calls itself clustered.
    table = converted(TABLE | {"icc": 0.05, "cluster_size": 12.0}, clustered=clustered).set_index("measure")
    assert table.loc["RD", "vi"] == pytest.approx(1.55 * (5 * 35 + 13 * 27) / 40**3, rel=CLOSED)
    assert (table["design_effect"] == 1.55).all() and set(table["assumptions"]) == {""}


def test_declared_correlation_of_clusters_is_named_and_leaves_the_variance_open():
    # 1.55 at 0.05, 1.11 at 0.01 and 3.2 at 0.2; the effect is against arm 1, so its worst case is the certain one.
    choices = replace(CHOICES, icc=Range(0.05, 0.01, 0.2))
    found = converted(TABLE | {"cluster_size": 12.0}, clustered=True, choices=choices).set_index("measure")
    plain = (5 * 35 + 13 * 27) / 40**3
    assert found.loc["RD", "vi"] == pytest.approx(1.55 * plain, rel=CLOSED)
    assert found.loc["RD", "vi_best"] == pytest.approx(3.2 * plain, rel=CLOSED)
    assert found.loc["RD", "vi_worst"] == pytest.approx(1.11 * plain, rel=CLOSED)
    assert set(found["assumptions"]) == {"icc_declared"}
    assert set(found["left_open"]) == {"intracluster correlation"}


def test_declared_correlation_meets_rounded_percents_at_every_end():
    # 12 v 20 % of 200: worst is 23 v 41 with the smallest widening, best 25 v 39 with the largest.
    percents = {"percent_arm1": 12.0, "n_arm1": 200.0, "percent_arm2": 20.0, "n_arm2": 200.0, "cluster_size": 12.0}
    choices = replace(CHOICES, icc=Range(0.05, 0.01, 0.2))
    found = converted(percents, clustered=True, choices=choices).set_index("measure")
    assert found.loc["OR", "vi_worst"] == pytest.approx(1.11 * (1 / 23 + 1 / 177 + 1 / 41 + 1 / 159), rel=CLOSED)
    assert found.loc["OR", "vi_best"] == pytest.approx(3.2 * (1 / 25 + 1 / 175 + 1 / 39 + 1 / 161), rel=CLOSED)
    assert found.loc["OR", "left_open"] == "intracluster correlation; rounded percents"


def test_no_correlation_is_declared_for_people_who_are_not_clustered():
    choices = replace(CHOICES, icc=Range(0.05, 0.01, 0.2))
    assert (converted(TABLE | {"cluster_size": 12.0}, choices=choices)["design_effect"] == 1).all()
    # Without a cluster size no correlation helps.
    assert set(converted(TABLE, clustered=True, choices=choices)["assumptions"]) == {"clustering_ignored"}


def test_interval_that_allows_for_clusters_is_not_widened_again():
    allowed = {"clustering_adjusted": "yes", "icc": 0.05, "cluster_size": 12.0}
    table = converted(RATIO | TABLE | {"estimate_scale": "OR"} | allowed, clustered=True)
    by_route = table[table["measure"] == "OR"].set_index("route")["design_effect"]
    assert by_route["ratio_and_interval"] == 1
    assert by_route["counts"] == 1.55  # the counts themselves do not know of clusters


def test_zero_cell_rule_is_written_beside_each_corrected_effect():
    # 0/40 v 13/40: half a person in each cell of the odds ratio, log(0.5 * 27.5 / (40.5 * 13.5)).
    table = converted(TABLE | {"events_arm1": 0.0}, TABLE).set_index(["result_id", "measure"])
    assert table.loc[("s-01", "OR"), "zero_cells"] == "only0 +0.5"
    assert table.loc[("s-01", "OR"), "yi"] == pytest.approx(math.log(0.5 * 27.5 / (40.5 * 13.5)), rel=CLOSED)
    assert set(table.loc["s-02", "zero_cells"]) == {""}


def test_numbers_behind_a_computed_effect_stand_beside_it():
    row = converted(TABLE).loc[0]
    assert row["inputs"] == "events_arm1=5;n_arm1=40;events_arm2=13;n_arm2=40"
    assert converted(RATIO | {"estimate_scale": "OR"}).loc[0, "inputs"] == ""  # the printed effect is itself


def test_numbers_estimated_on_the_way_are_traced():
    # 40 % of 50 people of 100 randomised to two arms are 20.
    cells = {"percent_arm1": 40.0, "percent_arm2": 30.0, "n_total": 100.0, "n_total_arms": 2.0}
    trace = converted(cells | {"n_total_basis": "analysed"}).loc[0, "inputs"]
    assert trace == "events_arm1=20;n_arm1=50;events_arm2=15;n_arm2=50"


def test_an_effect_that_no_step_admits_stands_there_without_a_step():
    table = converted(
        {"percent_arm1": 40.0, "percent_arm2": 30.0, "n_total": 100.0, "n_total_arms": 2.0}
        | {"n_total_basis": "randomised"}
    )
    assert table["yi"].notna().all() and table["step_order"].isna().all()  # all_randomised_counted stands at no step


def test_effect_enters_at_the_step_that_admits_the_last_of_its_assumptions():
    percents = {"percent_arm1": 40.0, "percent_arm2": 30.0}
    shared = converted(percents | {"n_total": 100.0, "n_total_arms": 2.0, "n_total_basis": "analysed"})
    sized = converted(percents | {"n_arm1": 50.0, "n_arm2": 50.0})
    assert set(shared["step_order"]) == {2} and set(sized["step_order"]) == {1}
    assert step_of([], ladder=LADDER) == 1 and step_of(["r_declared"], ladder=LADDER) is None


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (
            {"mean_change_arm1": -29.0, "mean_change_arm2": -4.0},
            "no route leads to an effect from what is printed: mean_change_arm1, mean_change_arm2",
        ),
        ({"sd_arm1": 3.0}, "no route leads to an effect from what is printed: sd_arm1"),
        ({}, "no route leads to an effect from what is printed: no number"),
        ({"estimate": -0.79, "estimate_scale": "unclear"}, "no clear scale"),
        ({"percent_arm1": 50.0, "percent_arm2": 40.0, "percent_of": "other_unit"}, "percents are not of people"),
        ({"p": 0.03, "p_op": "=", "p_scope": "all_arms"}, "tests something else than this contrast"),
        ({"rate_arm1": 2.0, "rate_arm2": 3.0, "rate_per": "year", "flip": -1.0}, "cannot be turned round"),
    ],
)
def test_a_row_without_a_route_says_why(cells, words):
    table = converted(cells)
    assert len(table) == 1 and math.isnan(table.loc[0, "yi"])
    assert words in table.loc[0, "reason"]


def test_each_row_keeps_its_own_reason():
    table = converted({"estimate": 1.0, "estimate_scale": "unclear"}, TABLE, {"median_arm1": 3.0})
    reasons = table.groupby("result_id")["reason"].first()
    assert "no clear scale" in reasons["s-01"] and reasons["s-02"] == "" and "median_arm1" in reasons["s-03"]


def test_people_are_those_of_the_contrast_only():
    ratio = RATIO | {"estimate_scale": "OR", "n_total": 151.0, "n_total_basis": "randomised"}
    assert converted(ratio | {"n_total_arms": 2.0}).loc[0, "n_total"] == 151
    assert math.isnan(converted(ratio | {"n_total_arms": 3.0}).loc[0, "n_total"])


def test_columns_and_order_are_fixed():
    table = converted({"result_id": "s-02"} | TABLE, {"result_id": "s-01"} | TABLE)
    assert list(table.columns) == EFFECTS
    assert list(table["result_id"]) == ["s-01"] * 3 + ["s-02"] * 3
    assert list(table["measure"]) == ["OR", "RD", "RR"] * 2
    # All measures of a table come from the most preferred route here.
    assert set(table["route_rank"]) == {PRINTED.index("counts") + 1}


def test_standard_error_is_the_root_of_the_variance():
    table = converted(TABLE)
    np.testing.assert_allclose(table["sei"] ** 2, table["vi"], rtol=CLOSED)


def tags_of(text):
    """Return the ids behind the ASSUME tags of a module; a remark may stand behind the last one."""
    lines = re.findall(r"# ASSUME ([a-z0-9_, ]+)", text)
    return {name.split()[0] for line in lines for name in line.split(",")}


def test_every_assumption_is_used_and_tagged_where_it_is_made():
    used, tagged = set(), set()
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert tags_of(text) <= set(ASSUMPTIONS), path
        if path.name != "assumptions.py":
            tagged |= tags_of(text)
            used |= {node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)} & set(
                ASSUMPTIONS
            )
    assert tagged == set(ASSUMPTIONS)
    # The two readings of a p-value are written as p_{sides}_sided.
    assert set(ASSUMPTIONS) - used == {"p_two_sided", "p_one_sided"}


def test_every_assumption_beside_an_effect_is_one_that_is_explained():
    import test_routes_counts
    import test_routes_means
    import test_routes_printed
    import test_routes_standardised

    modules = (test_routes_counts, test_routes_means, test_routes_printed, test_routes_standardised)
    cells = [case[2] for module in modules for case in module.CASES]
    found = converted(*cells, clustered=True, routes=list(CATALOGUE))
    named = {word for text in found["assumptions"] for word in text.split(";") if word}
    assert named <= set(ASSUMPTIONS) and len(named) > 15
