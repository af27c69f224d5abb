"""The tables behind the report, from an invented review; expected values are counted by hand from report_case.py."""

from math import log

import pytest
import report_case as case

from repool.extraction.typed import typed_rows
from repool.report import counts as report_counts
from repool.report import page as report
from repool.report import tables as report_tables
from repool.report import words as say
from repool.schemas import schema


@pytest.fixture(scope="module")
def tables():
    return report.tables_of(case.rows(), settings=case.SETTINGS, plan=case.PLAN)


def rows_of(table, **cells):
    return [row for row in table if all(row[name] == value for name, value in cells.items())]


def test_pooled_numbers_keep_every_digit(tables):
    (row,) = rows_of(tables["summary"], analysis="visits_rct", ladder_step="printed")
    source = case.results()["visits_rct"]["pooled"][0]
    assert row["basis"] == "pooled"
    assert {name: row[name] for name in ("estimate", "ci_lb", "ci_ub", "k")} == {
        name: source[name] for name in ("estimate", "ci_lb", "ci_ub", "k")
    }


def test_one_study_stands_in_where_nothing_is_pooled(tables):
    (row,) = rows_of(tables["summary"], analysis="relapse_rct", ladder_step="printed")
    assert (row["basis"], row["k"], row["studies"]) == ("one_study", "1", "Ash 2001")
    # The odds ratio of that study is 0.25; the table holds its logarithm to 15 digits.
    assert float(row["estimate"]) == pytest.approx(log(0.25), rel=1e-14)
    assert float(row["estimate_exp"]) == pytest.approx(0.25, rel=1e-13)  # one exponential more


def test_summary_has_one_row_per_analysis_and_step(tables):
    assert len(tables["summary"]) == 3 * 2
    assert len(tables["ladder"]) == 3 * 2 * 2


def test_people_are_missing_where_one_study_states_none(tables):
    (row,) = rows_of(tables["summary"], analysis="visits_rct", ladder_step="equal")
    assert row["people_not_stated"] == "Cedar 2003"


@pytest.mark.parametrize(
    ("low", "high", "higher_is_better", "side"),
    [
        (0.1, 0.9, True, "better"),
        (0.1, 0.9, False, "worse"),
        (-0.9, -0.1, True, "worse"),
        (-0.9, -0.1, False, "better"),
        (-0.1, 0.9, True, "includes_no_effect"),
        (0.0, 0.9, True, "includes_no_effect"),
        ("", "", True, ""),
    ],
)
def test_side_of_an_interval_follows_the_direction_of_the_outcome(low, high, higher_is_better, side):
    row = {"ci_lb": low, "ci_ub": high, "measure": "OR"}
    assert report_tables.interval_side(row, higher_is_better=higher_is_better) == side


def test_a_proportion_has_no_side():
    row = {"ci_lb": 0.1, "ci_ub": 0.9, "measure": "PLO"}
    assert report_tables.interval_side(row, higher_is_better=True) == ""


#: A halving and a doubling, and half a standard deviation (Cohen's medium effect) both ways.
WIDE = {"ratio": 2, "standardised": 0.5}


@pytest.mark.parametrize(
    ("low", "high", "measure", "wide"),
    [
        (log(0.49), log(2.01), "OR", "yes"),
        (log(0.51), log(2.01), "OR", "no"),
        (log(0.49), log(1.99), "HR", "no"),
        (-0.51, 0.51, "SMD", "yes"),
        (-0.49, 0.51, "SMD", "no"),
        (-9.0, 9.0, "MD", "no"),
    ],
)
def test_wide_means_a_large_effect_both_ways(low, high, measure, wide):
    assert report_tables.is_wide({"ci_lb": low, "ci_ub": high, "measure": measure}, wide=WIDE) == wide


def test_the_declared_width_decides_what_is_too_wide():
    row = {"ci_lb": log(0.51), "ci_ub": log(1.99), "measure": "OR"}
    assert report_tables.is_wide(row, wide=WIDE) == "no"
    assert report_tables.is_wide(row, wide=WIDE | {"ratio": 1.5}) == "yes"


def test_a_result_read_by_two_routes_stands_twice_with_its_readings(tables):
    found = rows_of(tables["results_used"], result_id="birch2002-01")
    assert [(row["route"], row["from_step"], row["readings"]) for row in found] == [
        ("ratio_and_p", "printed", "preferred; cautious"),
        ("percents_and_total", "equal", "cautious"),
    ]
    (once,) = rows_of(tables["results_used"], result_id="ash2001-01")
    assert (once["readings"], once["verbatim"]) == ("preferred; cautious", "20/40 v 12/40")


def test_results_not_used_keep_their_reason(tables):
    found = {row["result_id"]: row["reason"] for row in tables["results_not_used"]}
    assert found == {
        "ash2001-03": "one effect per cohort: ash2001-01 comes first",
        "dill2005-02": "design is single_arm_prepost",
    }


def test_votes_are_counted_by_design_and_cohort(tables):
    (everything,) = rows_of(tables["votes_by_design"], outcome="all", design_class="randomised")
    assert [everything[n] for n in ("favours_peer", "no_difference", "n_votes")] == [1, 3, 4]
    # Cedar 2003 and 2004 are two studies of one cohort.
    assert [everything[n] for n in ("n_studies", "n_cohorts")] == [3, 2]
    (visits,) = rows_of(tables["votes_by_design"], outcome="visits", design_class="randomised")
    assert [visits[n] for n in ("favours_peer", "no_difference", "n_votes", "n_cohorts")] == [1, 2, 3, 2]


def test_votes_of_adjacent_studies_are_listed_and_not_counted(tables):
    assert len(tables["votes"]) == 6
    assert rows_of(tables["votes_by_design"], design_class="non_randomised") == []
    assert sum(row["n_votes"] for row in rows_of(tables["votes_by_design"], outcome="all")) == 5


def test_an_earlier_review_counts_whole_names_only(tables):
    # "Oak 2010 (letter)" is another entry than "Oak 2010".
    assert [row["study_id"] for row in tables["accounts"]] == ["ash2001", "cedar2003", "cedar2004"]


def test_account_follows_the_people_and_not_only_the_paper(tables):
    found = {row["study_id"]: row for row in tables["accounts"]}
    assert found["ash2001"]["used_in"] == "visits_rct; relapse_rct"
    assert (found["cedar2004"]["used_in"], found["cedar2004"]["used_through"]) == ("", "Cedar 2003")
    assert (found["cedar2003"]["n_results"], found["cedar2003"]["n_votes"]) == (1, 1)


def test_every_extracted_row_has_one_fate(tables):
    fates = {row["result_id"]: (row["fate"], row["reason"]) for row in tables["ledger"]}
    assert list(fates) == [row["result_id"] for row in case.LEDGER]
    assert fates["ash2001-01"] == ("used", "")
    assert fates["ash2001-03"] == ("not_used", "one effect per cohort: ash2001-01 comes first")
    assert fates["dill2005-02"] == ("not_used", "design is single_arm_prepost")
    assert fates["birch2002-02"] == ("no_effect", "no route leads on")
    assert fates["birch2002-03"] == ("not_used", "no analysis of this outcome is planned")
    assert fates["birch2002-04"] == ("dropped", "it has no direction")


def test_counts_of_the_ledger_add_up_to_its_rows(tables):
    totals = {row["fate"]: row["n_results"] for row in tables["ledger_counts"] if not row["reason"]}
    assert totals == {"used": 5, "not_used": 3, "no_effect": 1, "dropped": 1}
    assert sum(totals.values()) == len(case.LEDGER)


def test_giving_way_to_the_same_people_is_the_reason_that_counts():
    reasons = [
        {"result_id": "x-1", "reason": "design is rct"},
        {"result_id": "x-1", "reason": "one effect per cohort: x-2 comes first"},
    ]
    ledger = [case.ledger_row("x-1")]
    (row,) = report_counts.ledger_rows(ledger, effects=[], used=[], not_used=reasons, labels={"x": "X 2001"})
    assert row["reason"] == "one effect per cohort: x-2 comes first"


def test_assumptions_are_counted_over_effects_and_analyses(tables):
    found = {row["assumption"]: row for row in tables["assumptions"]}
    assert [found["declared_allocation"][n] for n in ("n_used", "n_analyses", "admitted_from")] == [
        1,
        1,
        "Plus equal arms",
    ]
    assert [found["p_two_sided"][n] for n in ("n_used", "n_analyses")] == [2, 1]
    assert [found["se_from_p"][n] for n in ("n_used", "n_analyses", "admitted_from")] == [0, 0, ""]


def test_every_table_has_its_columns(tables):
    for name, columns in report.COLUMNS.items():
        assert len(set(columns)) == len(columns)
        for row in tables[name]:
            assert set(columns) <= set(row), name


def test_typed_tables_are_read_as_the_door_reads_them():
    text = "study_id;label;design;n;status;doi\nNA;Na 2001;rct;1200;included;n/a\n"
    (row,) = typed_rows(text.encode("utf-8-sig"), schema("studies"))
    assert [row[name] for name in ("study_id", "label", "n", "doi", "citation")] == ["NA", "Na 2001", "1200", "", ""]


@pytest.mark.parametrize(
    ("cell", "measure", "text"),
    [
        # exp(ln 2) = 2, expit(-ln 3) = 1/4, expit(0) = 1/2.
        (log(2), "OR", "2.00"),
        (log(0.0042), "OR", "0.0042"),
        (-log(3), "PLO", "25.0 %"),
        (0.0, "PLO", "50.0 %"),
        (-800.0, "PLO", "0.0 %"),
        (800.0, "PLO", "100.0 %"),
        (-0.456, "SMD", "−0.46"),
        ("", "OR", "–"),
    ],
)
def test_values_are_shown_on_the_scale_that_people_read(cell, measure, text):
    assert say.value(cell, measure) == text


def test_numbers_of_people_are_whole_or_marked():
    assert [say.whole(cell) for cell in ("1049", "481.75", "", 0)] == ["1,049", "≈482", "–", "0"]
    assert say.plural("1", "person", "people") == "1 person"
    assert say.plural("80", "person", "people") == "80 people"


def test_notes_on_blank_cells_are_found_by_column():
    note = "n_participants: not known for A; B; pi_lb, pi_ub: needs 3 effects, there are 2"
    assert say.note_on("pi_lb", note) == "needs 3 effects, there are 2"
    assert say.note_on("tau2_lb", note) == ""
