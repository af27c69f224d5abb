"""Subgroups have their studies, their diamond and the test between them; without any the ladder stands."""

import math

import pandas as pd
import pytest
from forest_case import by_setting, draw, ladder, picture, tables, two_studies
from forest_picture import ROUNDING, artists, depth, text_of


def test_each_subgroup_has_its_studies_and_its_diamond_and_the_total_comes_last():
    figure = by_setting().figure
    order = ["heading-group-1", "row-r0", "row-r1", "row-r2", "subtotal-group-1"]
    order += ["heading-group-2", "row-r3", "not-pooled-group-2", "pooled-as_reported"]
    depths = [depth(figure, gid) for gid in order]
    assert depths == sorted(depths)
    assert text_of(figure, "heading-group-1") == "clinic"
    assert text_of(figure, "subtotal-group-1") == "Pooled, clinic (k = 3)"
    assert text_of(figure, "not-pooled-group-2") == "Not pooled: 1 effects."
    assert text_of(figure, "pooled-as_reported") == "Pooled, all subgroups (k = 4)"


def test_a_subgroup_diamond_stands_at_the_values_of_its_row():
    corners = artists(by_setting().figure)["subtotal-diamond-group-1"].get_xy()
    across = sorted({float(x) for x, _ in corners})
    assert across == pytest.approx([math.log(0.9), math.log(1.3), math.log(1.9)], abs=ROUNDING)
    assert text_of(by_setting().figure, "subtotal-effect-group-1") == "1.30 [0.90 to 1.90]"


def test_the_test_between_subgroups_is_told():
    words = text_of(by_setting().figure, "note-subgroups")
    assert words == "Subgroups by setting, τ² one in each. Test of the difference: χ² = 4.32, df = 1, p = 0.038."
    figure = by_setting(preset="revman5").figure
    assert text_of(figure, "test-between") == "Test for subgroup differences: Chi² = 4.32, df = 1 (P = 0.04)"
    assert text_of(figure, "test-heterogeneity-group-1").startswith("Heterogeneity: Tau² = 0.04; Chi² = 2.50, df = 2")


def test_a_study_without_a_subgroup_stands_in_a_group_of_its_own():
    case = by_setting()
    assert "heading-group-rest" not in artists(case.figure)
    frames = two_studies()
    places = pd.DataFrame({"study_id": ["s0", "s1"], "setting": ["clinic", ""]})
    row = {"moderator": "setting", "row": "subgroup", "subgroup": "clinic", "k": 1, "estimate": 0.1, "ci_lb": -0.1}
    row |= dict.fromkeys(["tau2", "q", "q_df", "q_pval", "i2_from_q_percent", "statistic", "df", "pval", "note"])
    row |= {"ci_ub": 0.3, "tau2_common": "no", "method_tau2": "none", "ci_method": "wald"}
    figure = picture(frames, preset="subgroup", studies=places, subgroups=pd.DataFrame([row])).figure
    assert text_of(figure, "heading-group-rest") == "No subgroup stated"
    assert depth(figure, "row-r1") > depth(figure, "heading-group-rest") > depth(figure, "subtotal-group-1")


@pytest.mark.parametrize("preset", ["subgroup", "revman5"])
def test_without_subgroups_the_steps_of_the_ladder_stand(preset):
    found = artists(draw(ladder(), preset=preset))
    assert {"heading-equal_arms", "heading-derived", "diamond-derived"} <= set(found)


def test_without_a_pooled_result_there_are_no_subgroups():
    frames = tables([], {"as_reported": "no"})
    assert "no-effect" in artists(draw(frames, preset="subgroup"))
