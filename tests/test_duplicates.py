"""What rows of one file, and studies among each other, repeat or leave out."""

import pytest

from repool.extraction.file_checks import file_problems
from repool.extraction.study_checks import digits, study_problems

ROW = {
    **{"line": 2, "result_id": "a1", "outcome": "abstinent", "condition_arm1": "service", "condition_arm2": "none"},
    **{"comparator": "usual_care", "time": 6.0, "time_unit": "months", "n_arm1": 41.0, "n_arm2": 43.0},
    **{"mean_arm1": 21.6, "mean_arm2": 17.3, "sd_arm1": 10.9, "sd_arm2": 12.1},
}
OTHER = ROW | {"line": 3, "result_id": "a2"}


def told(*rows):
    """Return (rule, severity, row, column) of what the rows of one file say of each other."""
    return [(p.rule, p.severity, p.row_name, p.column) for p in file_problems(rows, file="data/extraction/a.csv")]


def told_of_studies(extraction, studies=None, terms=None):
    studies = studies or [{"study_id": name, "cohort_id": name, "cluster": "no", "line": 2} for name in extraction]
    return [(p.rule, p.severity, p.row_name, p.column) for p in study_problems(extraction, studies, terms or {})]


def test_one_row_is_silent():
    assert told(ROW) == []


def test_same_result_under_two_names_is_an_error_whatever_the_note_says():
    assert told(ROW, OTHER | {"note": "again"}) == [("C41", "error", "a2", "result_id")]


@pytest.mark.parametrize(
    ("cells", "doubted"),
    [
        ({"mean_arm1": 22.6}, True),
        ({"mean_arm1": 22.6, "time": 26.0, "time_unit": "weeks"}, False),  # 5.98 months
        ({"mean_arm1": 22.6, "time": 12.0}, False),
        ({"mean_arm1": 22.6, "analysis_set": "completers"}, False),
        ({"mean_arm1": 22.6, "adjusted": "yes"}, False),
        ({"mean_arm1": 22.6, "condition_arm2": "leaflet", "n_arm2": 40.0}, False),
        ({"mean_arm1": 22.6, "instrument": "diary"}, False),
    ],
)
def test_outcome_time_and_arms_stand_once(cells, doubted):
    assert told(ROW, OTHER | cells) == ([("C42", "warning", "a2", "result_id")] if doubted else [])


def test_arm_has_one_size_at_one_time():
    leaflet = {"condition_arm2": "leaflet", "mean_arm2": 15.1}
    assert told(ROW, OTHER | leaflet) == []
    assert told(ROW, OTHER | leaflet | {"n_arm1": 40.0}) == [("C43", "warning", "a2", "n_arm1")]
    assert told(ROW, OTHER | leaflet | {"n_arm1": 40.0, "time": 12.0}) == []
    # An arm that is arm 1 here and arm 2 there is the same arm.
    turned = {"condition_arm1": "leaflet", "condition_arm2": "service"}
    assert told(ROW, OTHER | turned | {"n_arm2": 40.0}) == [("C43", "warning", "a2", "n_arm2")]


@pytest.mark.parametrize(
    ("first", "second", "doubted"),
    [
        ({"percent_arm1": 51.0, "percent_arm2": 41.0}, {"percent_arm1": 0.62}, True),
        ({"percent_arm1": 51.0, "percent_arm2": 41.0}, {"percent_arm1": 62.0}, False),
        ({"percent_arm1": 51.0, "percent_arm2": 41.0}, {"percent_arm1": 0.0}, False),
        ({"percent_arm1": 51.0, "percent_arm2": 41.0}, {"percent_arm1": 0.62, "outcome": "died"}, False),
        ({"percent_arm1": 0.51}, {"percent_arm1": 0.62}, False),
        # 1 of 160 is 0.6 %.
        ({"percent_arm1": 51.0}, {"percent_arm1": 0.6, "events_arm1": 1.0, "n_arm1": 160.0}, False),
    ],
)
def test_fraction_among_percents_is_doubted(first, second, doubted):
    found = told(ROW | first, OTHER | {"time": 12.0} | second)
    assert found == ([("C36", "warning", "a2", "percent_arm1")] if doubted else [])


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"comparator": "pre"}, "r_pre_post"),
        ({"paired": "yes"}, "r_pre_post"),
        ({"paired": "yes", "r_pre_post": 0.5}, None),
        ({"paired": "yes", "statistic_value": 2.1}, None),
        ({"comparator": "pre", "sd_arm1": None, "percent_arm1": 7.0, "percent_arm2": 24.0}, "pairs_yes_no"),
        (
            {"comparator": "pre", "sd_arm1": None, "percent_arm1": 7.0, "percent_arm2": 24.0}
            | {"pairs_yes_no": 2.0, "pairs_no_yes": 5.0},
            None,
        ),
        ({"comparator": "pre", "sd_arm1": None, "estimate": -0.8, "estimate_scale": "d_prepost"}, "r_pre_post"),
        ({"comparator": "pre", "sd_arm1": None}, None),
    ],
)
def test_same_people_in_both_arms_need_a_correlation_or_pairs(cells, column):
    assert told(ROW | cells) == ([("C44", "warning", "a1", column)] if column else [])


@pytest.mark.parametrize(("value", "count"), [(0.86, 2), (40.0, 1), (345.0, 3), (21.6, 3), (0.05, 1), (100.0, 1)])
def test_significant_digits_are_those_without_zeros_at_either_end(value, count):
    assert digits({"x": value}, "x") == count


def test_same_numbers_under_two_study_names_are_doubted():
    twin = ROW | {"result_id": "b1", "outcome": "sober", "n_arm1": 50.0, "n_arm2": 50.0}
    # Three means of three digits: nine digits together.
    assert told_of_studies({"a": [ROW], "b": [twin]}) == [("R15", "warning", "b1", "mean_arm1")]
    assert told_of_studies({"a": [ROW], "b": [twin | {"mean_arm1": 20.6, "sd_arm1": 9.9}]}) == []
    same_people = [{"study_id": name, "cohort_id": "c", "cluster": "no", "line": 2} for name in "ab"]
    assert told_of_studies({"a": [ROW], "b": [twin]}, same_people) == []


def test_counts_that_small_trials_share_by_chance_are_not_doubted():
    counts = {"line": 2, "n_arm1": 40.0, "n_arm2": 40.0, "events_arm1": 13.0, "events_arm2": 12.0, "estimate": 1.1}
    assert told_of_studies({"a": [counts | {"result_id": "a1"}], "b": [counts | {"result_id": "b1"}]}) == []


def test_one_doi_of_two_studies_is_doubted_unless_they_are_the_same_people():
    studies = [
        {"study_id": "a", "cohort_id": "a", "cluster": "no", "doi": "10.1000/XYZ", "line": 2},
        {"study_id": "b", "cohort_id": "b", "cluster": "no", "doi": "https://doi.org/10.1000/xyz", "line": 3},
    ]
    assert told_of_studies({}, studies) == [("R16", "warning", "b", "doi")]
    assert told_of_studies({}, [studies[0], studies[1] | {"cohort_id": "a"}]) == []
    assert told_of_studies({}, [studies[0] | {"doi": None}, studies[1] | {"doi": None}]) == []


@pytest.mark.parametrize(
    ("cluster", "cells", "doubted"),
    [
        ("clinics", {}, True),
        ("clinics", {"icc": 0.05}, False),
        ("clinics", {"clustering_adjusted": "yes"}, False),
        ("clinics", {"clustering_adjusted": "no"}, False),
        ("no", {}, False),
        (None, {}, False),
    ],
)
def test_clusters_must_be_spoken_of(cluster, cells, doubted):
    studies = [{"study_id": "a", "cohort_id": "a", "cluster": cluster, "line": 2}]
    assert told_of_studies({"a": [ROW | cells]}, studies) == ([("R17", "warning", "a", "cluster")] if doubted else [])


def test_standard_deviation_far_below_that_of_other_studies_is_doubted():
    def study(name, sd, **cells):
        plain = {"line": 2, "result_id": f"{name}1", "outcome": "depression", "instrument": "BDI", "n_arm1": 36.0}
        return {name: [plain | {"sd_arm1": sd} | cells]}

    others = study("b", 9.0) | study("c", 10.4) | study("d", 8.1)
    # 1.5 * sqrt(36) = 9: a standard error. 4.0 is more than 9 / 2.5. 0.01 * 6 is no nearer.
    assert told_of_studies(study("a", 1.5) | others) == [("C33", "warning", "a1", "sd_arm1")]
    assert told_of_studies(study("a", 4.0) | others) == []
    assert told_of_studies(study("a", 1.5, instrument="HAMD") | others) == []
    assert told_of_studies(study("a", 1.5, unit="percent") | others) == []
    assert told_of_studies(study("a", 1.5) | study("b", 9.0)) == []
    # The instrument may stand in the vocabulary alone.
    named = {name: [row | {"instrument": None} for row in rows] for name, rows in (study("a", 1.5) | others).items()}
    terms = {"depression": {"instrument": "BDI", "unit": None}}
    assert told_of_studies(named, None, terms) == [("C33", "warning", "a1", "sd_arm1")]
