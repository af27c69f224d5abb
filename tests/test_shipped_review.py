"""The shipped review, cell to pooled number, against figures that were computed elsewhere.

Expected effects: an independent computation that came with the evidence tables, printed with four decimals.
Expected pools: the check values of the evidence (DerSimonian-Laird, normal interval), printed with two.
"""

import csv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "results"


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


DERIVED = rows_of(Path(__file__).parent / "known" / "derived_effects.csv")
MEASURES = {"logOR": "OR", "logRR": "RR", "logHR": "HR", "logRateRatio": "IRR", "mean_difference": "MD"}


@pytest.mark.parametrize("derived", DERIVED, ids=lambda row: row["result_id"])
def test_effect_equals_the_independent_computation(derived):
    study_id = derived["result_id"].rsplit("-", 1)[0]
    routes = [
        row
        for row in rows_of(RESULTS / "effects" / f"{study_id}.csv")
        if row["result_id"] == derived["result_id"] and row["measure"] == MEASURES[derived["scale"]]
    ]
    preferred = min(routes, key=lambda row: int(row["route_rank"]))
    # The expected numbers are printed with four decimals, so half a unit of the fourth.
    assert float(preferred["yi"]) == pytest.approx(float(derived["yi"]), abs=0.5e-4)
    assert float(preferred["sei"]) == pytest.approx(float(derived["sei"]), abs=0.5e-4)


CHECK_VALUES = [
    # analysis, odds ratio, lower, upper, tau2 -- k = 2 each; as reported, DL, Wald
    ("twelve_step_attendance_rct", 1.97, 0.79, 4.88, 0.313),
    ("overdose_rct_any_comparator", 0.57, 0.22, 1.46, 0.318),
    ("rehospitalisation_rct", 0.94, 0.48, 1.87, 0.0),
    ("treatment_entry_rct_any_comparator", 1.29, 0.62, 2.69, 0.169),
    ("abstinence_rct_bundles", 1.73, 1.12, 2.65, 0.0),
]


@pytest.mark.parametrize(("analysis", "ratio", "lower", "upper", "tau2"), CHECK_VALUES)
def test_check_value_of_the_evidence_comes_out(analysis, ratio, lower, upper, tau2):
    (row,) = [
        row
        for row in rows_of(RESULTS / "analyses" / analysis / "pooled.csv")
        if (row["ladder_step"], row["reading"], row["model"]) == ("as_reported", "preferred", "dl_wald")
    ]
    assert row["k"] == "2"
    # Printed with two decimals (tau2 with three), from effects and standard errors rounded to four,
    # which moves tau2 by up to one unit of its third decimal.
    for column, expected in [("estimate_exp", ratio), ("ci_lb_exp", lower), ("ci_ub_exp", upper)]:
        assert float(row[column]) == pytest.approx(expected, abs=0.0051)
    assert float(row["tau2"]) == pytest.approx(tau2, abs=0.001)


READY = {
    # analysis -> randomised effects as reported; with equal allocation. From the evidence's table "What can be pooled";
    # bundles and active comparators stand in rows of their own there too.
    "twelve_step_attendance_rct": (2, 3),
    "abstinence_rct": (1, 3),
    "abstinence_rct_bundles": (2, 4),
    "treatment_entry_rct_any_comparator": (2, 3),
    "overdose_rct_any_comparator": (2, 2),
    "rehospitalisation_rct": (2, 2),
    "acute_care_rct": (1, 1),
    "retention_rct": (1, 1),
    "injection_risk_rct": (1, 1),
    "substance_use_amount_rct": (0, 1),
}


@pytest.mark.parametrize("analysis", sorted(READY))
def test_k_at_each_step_is_that_of_the_evidence(analysis):
    pooled = rows_of(RESULTS / "analyses" / analysis / "pooled.csv")
    k = {row["ladder_step"]: int(row["k"]) for row in pooled}
    assert (k["as_reported"], k["equal_allocation"]) == READY[analysis]


def test_no_randomised_family_has_more_than_two_effects_without_an_assumption():
    for folder in sorted((RESULTS / "analyses").glob("*_rct*")):
        rows = [row for row in rows_of(folder / "pooled.csv") if row["ladder_step"] == "as_reported"]
        assert all(int(row["k"]) <= 2 for row in rows), folder.name


def test_nothing_below_the_minimum_is_pooled_and_no_prediction_interval_below_three():
    for path in sorted((RESULTS / "analyses").glob("*/pooled.csv")):
        for row in rows_of(path):
            assert (row["verdict"] == "pooled") == (int(row["k"]) >= 2), path
            assert not row["pi_lb"] or int(row["k"]) >= 3, path
            assert row["estimate"] or row["reason"], path


def test_every_extraction_row_is_accounted_for():
    extracted = sorted(
        row["result_id"] for path in (ROOT / "data" / "extraction").glob("*.csv") for row in rows_of(path)
    )
    ledger = rows_of(RESULTS / "harmonised" / "ledger.csv")
    assert len(extracted) == 106
    assert sorted(row["result_id"] for row in ledger) == extracted
    assert all(row["reason"] for row in ledger if row["fate"] != "kept")
    converted = {row["result_id"] for path in (RESULTS / "effects").glob("*.csv") for row in rows_of(path)}
    assert converted == {row["result_id"] for row in ledger if row["fate"] == "kept"}


def test_candidates_and_votes_are_whole():
    studies = rows_of(ROOT / "data" / "studies.csv")
    assert len(studies) == 72
    assert all(row["reason"] for row in studies if row["status"] in {"excluded", "adjacent"})
    assert len(rows_of(ROOT / "data" / "votes.csv")) == 96


def test_one_cohort_enters_an_analysis_once():
    for path in sorted((RESULTS / "analyses").glob("*/effects.csv")):
        keys = [(row["ladder_step"], row["reading"], row["cohort_id"]) for row in rows_of(path)]
        assert len(keys) == len(set(keys)), path


def test_measures_are_never_mixed():
    for path in sorted((RESULTS / "analyses").glob("*/effects.csv")):
        assert len({row["measure"] for row in rows_of(path)}) <= 1, path


def test_traps_that_a_program_can_see_are_among_the_warnings():
    warnings = {row["result_id"]: row["warnings"] for row in rows_of(RESULTS / "harmonised" / "ledger.csv")}
    assert "scale of this printed estimate is unclear" in warnings["cupp2022-01"]
    assert "41.2 % of 12 people" in warnings["suzuki2023-02"]
    assert "the printed counts give p = 0.055" in warnings["maarefvand2015-01"]


def test_positive_effect_means_more_of_the_outcome():
    # Timko 2011 prints d = +0.30 coded as less use: less of the outcome, so the effect is negative.
    rows = rows_of(RESULTS / "effects" / "timko2011.csv")
    (use,) = [
        row for row in rows if row["term"].startswith("less past-30-day drug use") and row["route"] == "d_and_sizes"
    ]
    assert float(use["yi"]) < 0


def test_before_after_figure_favours_no_arm():
    picture = (RESULTS / "analyses" / "substance_use_before_after" / "forest.svg").read_text(encoding="utf-8")
    assert "Better than before" in picture and "Favours" not in picture
