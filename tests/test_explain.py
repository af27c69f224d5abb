"""The command explain: the way of one effect from cell to weight, read from the files of a review."""

import csv

import pytest

from commands import explain
from repool.report.explanation import explanation

LADDER = [{"step": "as_reported", "title": "As reported"}, {"step": "more", "title": "Plus more"}]
SETTINGS = {
    "ladder": LADDER,
    "readings": ["preferred", "cautious"],
    "outcomes": {"abstinence": {"title": "Abstinence", "higher_is_better": True}},
}


def effect(**cells):
    shared = {
        **{"result_id": "a-01", "outcome": "abstinence", "term": "abstinent", "time_months": "6", "flip": "1"},
        **{"comparator": "usual_care", "condition_arm1": "peer", "condition_arm2": "usual", "cohort_id": "a"},
        **{"measure": "OR", "yi": "0.405465108108164", "vi": "0.25", "yi_best": "", "vi_best": "", "left_open": ""},
        **{"yi_worst": "", "vi_worst": "", "vtype": "LS", "zero_cells": "", "design_effect": "1", "reason": ""},
        **{"route": "counts", "route_rank": "1", "step_order": "1", "assumptions": "", "inputs": "n_arm1=40;n_arm2=40"},
    }
    return shared | cells


def weighed(step, reading, weight, route="counts"):
    return {"ladder_step": step, "reading": reading, "weight_percent": weight, "route": route}


def evidence(**parts):
    shared = {
        **{"file": "data/extraction/a.csv", "line": "2", "cells": [("events_arm1", "20"), ("note", "a word")]},
        "ledger": {"term": "abstinent", "fate": "kept", "reason": "", "warnings": ""},
        **{"effects": [effect()], "disagreements": [], "uses": {}, "refusals": {}},
    }
    return explain.Evidence(**(shared | parts))


def told(**parts):
    return explanation("a-01", evidence(**parts), settings=SETTINGS)


def test_cells_stand_as_typed_with_file_and_line():
    lines = told().split("\n")
    assert lines[:2] == ["a-01  abstinent", "data/extraction/a.csv, line 2"]
    assert "  events_arm1  20" in lines and "  note         a word" in lines


def test_each_route_has_its_numbers_formula_and_assumptions():
    text = told(effects=[effect(assumptions="p_two_sided", step_order="2", zero_cells="only0 +0.5")])
    # exp(0.405465...) = 1.5 and the root of 0.25 is 0.5.
    assert "yi 0.405465, SE 0.5 (OR 1.50)" in text
    assert "n_arm1=40  n_arm2=40" in text and "Woolf 1955" in text and "only0 +0.5" in text
    assert "the p-value is two-sided; the source does not say" in text and "Plus more" in text


def test_the_earliest_step_is_chosen_before_the_earlier_route():
    later = effect(route="percents_and_total", route_rank="9")
    text = told(effects=[effect(step_order="2"), later])
    assert "percents_and_total (number 9 of the declared order), chosen" in text
    assert "counts (number 1 of the declared order)\n" in text


def test_effect_that_no_step_admits_is_not_chosen():
    text = told(effects=[effect(step_order="")])
    assert "no step of the ladder admits it" in text and "chosen" not in text


def test_both_ends_are_told_with_what_leaves_them_open():
    ends = {"yi_best": "0.5", "vi_best": "0.25", "yi_worst": "0.3", "vi_worst": "0.25", "left_open": "rounded percents"}
    text = " ".join(told(effects=[effect(**ends)]).split())
    assert "yi 0.5, SE 0.5 (OR 1.65) to yi 0.3, SE 0.5 (OR 1.35), best to worst; open: rounded percents" in text


def test_result_without_effect_says_why():
    none = dict.fromkeys(effect(), "") | {"outcome": "abstinence", "flip": "1", "reason": "only a p-value is printed"}
    assert "only a p-value is printed" in told(effects=[none])


def test_weight_that_is_the_same_everywhere_is_told_once():
    rows = [
        weighed(step, reading, "34.56") for step in ("as_reported", "more") for reading in ("preferred", "cautious")
    ]
    assert "  abstinence_rct  counts, weight 34.6 %: at every step" in told(uses={"abstinence_rct": rows})


def test_readings_and_steps_that_differ_are_named():
    rows = [weighed("more", "preferred", "60.0"), weighed("more", "cautious", "55.0", route="percents_and_total")]
    text = told(uses={"abstinence_rct": rows})
    assert "counts, weight 60.0 % (preferred reading): Plus more" in text
    assert "percents_and_total, weight 55.0 % (cautious reading): Plus more" in text


def test_analysis_that_does_not_use_it_says_why():
    assert "  abstinence_active  comparator is usual care" in told(
        refusals={"abstinence_active": "comparator is usual_care"}
    )


@pytest.mark.slow
def test_every_result_of_a_review_can_be_explained(base, capsys):
    with base.path("results/checks/lines.csv").open(encoding="utf-8", newline="") as handle:
        names = [row["result_id"] for row in csv.DictReader(handle)]
    for name in names:
        assert explain.main([name, "--review", str(base.folder)]) == 0
        assert name in capsys.readouterr().out
    assert len(names) > 5


@pytest.mark.slow
def test_name_that_no_result_has_is_answered_with_the_nearest(base, capsys):
    assert explain.main(["a-11", "--review", str(base.folder)]) == 1
    assert 'No result is called "a-11". Did you mean "a-1"?' in capsys.readouterr().err


@pytest.mark.slow
def test_edit_since_the_last_run_is_told(base, tmp_path, capsys):
    house = base.copy(tmp_path / "edited")
    house.set_cell("data/extraction/study_a.csv", "a-1", "note", "another word")
    assert explain.main(["a-1", "--review", str(house.folder)]) == 0
    assert "Data or configuration were edited since" in capsys.readouterr().out


def test_review_without_results_is_told_to_run(tmp_path, capsys):
    assert explain.main(["a-01", "--review", str(tmp_path)]) == 1
    assert "run it first" in capsys.readouterr().err
