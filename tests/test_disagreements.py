"""Routes of one result that part from each other."""

import math

import pandas as pd
import pytest
from rows import CHOICES, rows

from repool.effects.convert import convert
from repool.effects.disagreements import DISAGREEMENTS, disagreements

LIMITS = {"difference_in_se": 0.5, "se_ratio": 1.25}


def effect(route, rank, yi, sei, result="s-01", measure="OR"):
    return {
        "result_id": result,
        "study_id": "s",
        "measure": measure,
        "route": route,
        "route_rank": rank,
        "yi": yi,
        "sei": sei,
        "assumptions": "",
    }


def parted(*effects, **limits):
    return disagreements(pd.DataFrame(list(effects)), **(LIMITS | limits))


def test_effects_half_a_standard_error_apart_disagree():
    # |0.4 - 0.25| / 0.2 = 0.75 of the less certain one; 0.2 / 0.2 = 1.
    found = parted(effect("counts", 1, 0.4, 0.2), effect("ratio_and_interval", 2, 0.25, 0.2))
    assert list(found.columns) == DISAGREEMENTS and len(found) == 1
    assert found.loc[0, "difference_in_se"] == pytest.approx(0.75) and found.loc[0, "se_ratio"] == 1
    assert (found.loc[0, "route"], found.loc[0, "other_route"]) == ("counts", "ratio_and_interval")


def test_standard_errors_far_apart_disagree_either_way_round():
    for first, second in ((0.1, 0.2), (0.2, 0.1)):
        found = parted(effect("counts", 1, 0.4, first), effect("ratio_and_p", 2, 0.4, second))
        assert found.loc[0, "se_ratio"] == pytest.approx(2)


def test_routes_that_agree_are_not_listed():
    # 0.09 / 0.2 = 0.45 and 0.2 / 0.17 = 1.18, both within the limits.
    assert parted(effect("counts", 1, 0.4, 0.2), effect("ratio_and_p", 2, 0.31, 0.17)).empty


def test_limits_themselves_are_still_agreement():
    found = parted(effect("counts", 1, 0.5, 0.25), effect("ratio_and_p", 2, 0.375, 0.25), difference_in_se=0.5)
    assert found.empty  # 0.125 / 0.25 is 0.5 exactly, in binary too


def test_every_other_route_is_compared_with_the_preferred_one():
    found = parted(
        effect("ratio_and_p", 3, 0.9, 0.2), effect("counts", 1, 0.1, 0.2), effect("ratio_and_interval", 2, 0.5, 0.2)
    )
    assert list(found["route"]) == ["counts", "counts"]
    assert list(found["other_route"]) == ["ratio_and_interval", "ratio_and_p"]


def test_results_and_measures_are_kept_apart():
    assert parted(
        effect("counts", 1, 0.1, 0.2),
        effect("ratio_and_p", 2, 0.9, 0.2, result="s-02"),
        effect("ratio_and_p", 2, 0.9, 0.2, measure="RR"),
    ).empty


def test_effect_without_an_estimate_disagrees_with_nobody():
    assert parted(effect("t_and_sizes", 1, 0.1, 0.2), effect("not_significant_and_sizes", 2, math.nan, math.nan)).empty


def test_two_effects_without_any_error_do_not_disagree_by_rounding():
    assert parted(effect("counts", 1, 0.5, 0.0), effect("means_and_sds", 2, 0.5, 0.0)).empty


def test_no_effects_give_an_empty_table_with_its_columns():
    empty = pd.DataFrame([effect("counts", 1, math.nan, math.nan)])
    assert list(disagreements(empty, **LIMITS).columns) == DISAGREEMENTS


def test_printed_contradiction_of_a_row_is_found():
    # 5/40 v 13/40 is an odds ratio of 0.297; the same row prints 1.4 (1.1 to 1.8).
    cells = {"events_arm1": 5.0, "n_arm1": 40.0, "events_arm2": 13.0, "n_arm2": 40.0, "estimate": 1.4}
    cells |= {"estimate_scale": "OR", "ci_lb": 1.1, "ci_ub": 1.8, "ci_level": 95.0}
    effects = convert(
        rows(cells), choices=CHOICES, route_order=["counts", "ratio_and_interval"], ladder=[], clustered={"s": False}
    )
    found = disagreements(effects, **LIMITS)
    # (log 1.4 - log 0.297) / sqrt(1/5 + 1/35 + 1/13 + 1/27) = 1.5514 / 0.5856
    assert found.loc[0, "difference_in_se"] == pytest.approx(2.65, abs=0.005)
