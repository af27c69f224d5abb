"""One vocabulary, one direction, one time axis; every row accounted for."""

import pytest
from tiny_review import FILES, SCHEMAS, read

from repool.extraction.harmonise import FRONT, LEDGER, data_columns, harmonise
from repool.extraction.specification import columns_of

COLUMNS = columns_of(SCHEMAS["extraction"])
OUTCOMES = {
    "abstinence": {"title": "Abstinence", "higher_is_better": True},
    "days_of_use": {"title": "Days of use", "higher_is_better": False},
}
STUDIES = [
    {"study_id": "adams2001", "cohort_id": "boston"},
    {"study_id": "brown2002", "cohort_id": "boston"},
]


def row(result_id, **cells):
    blank = {column.name: None for column in COLUMNS}
    return blank | {"result_id": result_id, "outcome": "term", "line": 2} | cells


def term(outcome, higher_is_better, *, name="term", priority=1.0):
    words = {"term": name, "outcome": outcome, "higher_is_better": higher_is_better}
    return words | {"priority": priority}


def run(extraction, vocabulary, warnings=None):
    return harmonise(
        extraction,
        studies=STUDIES,
        vocabulary=vocabulary,
        outcomes=OUTCOMES,
        columns=COLUMNS,
        warnings=warnings or {},
    )


@pytest.mark.parametrize(
    ("outcome", "term_direction", "flip"),
    [
        # More of the term and more of the outcome point the same way, or they do not.
        ("abstinence", "yes", 1),
        ("abstinence", "no", -1),
        ("days_of_use", "no", 1),
        ("days_of_use", "yes", -1),
    ],
)
def test_direction_is_told_by_the_vocabulary(outcome, term_direction, flip):
    harmonised, _ = run({"adams2001": [row("a1")]}, [term(outcome, term_direction)])
    (kept,) = harmonised["adams2001"]
    assert kept["flip"] == flip
    assert (kept["outcome"], kept["term_higher_is_better"]) == (outcome, term_direction)


@pytest.mark.parametrize(
    ("time", "unit", "months"),
    [
        (6.0, "months", 6.0),
        (2.0, "years", 24.0),
        # A Gregorian year has 365.2425 days, a twelfth of it 30.436875.
        (30.436875, "days", 1.0),
        (26.0, "weeks", 26 * 7 / 30.436875),
        (0.0, "days", 0.0),
        (None, None, None),
    ],
)
def test_time_is_in_months(time, unit, months):
    extraction = {"adams2001": [row("a1", time=time, time_unit=unit)]}
    harmonised, ledger = run(extraction, [term("abstinence", "yes")])
    expected = months if months is None else pytest.approx(months, rel=1e-15)  # one product
    assert harmonised["adams2001"][0]["time_months"] == expected
    assert ledger[0]["time_months"] == expected


def test_result_without_direction_is_dropped_with_the_reason():
    vocabulary = [term("abstinence", "unclear"), term("abstinence", "yes", name="other")]
    extraction = {"adams2001": [row("a1"), row("a2", outcome="other")]}
    harmonised, ledger = run(extraction, vocabulary)
    assert [kept["result_id"] for kept in harmonised["adams2001"]] == ["a2"]
    fates = [(entry["result_id"], entry["fate"]) for entry in ledger]
    assert fates == [("a1", "dropped"), ("a2", "kept")]
    assert "no direction" in ledger[0]["reason"]
    assert ledger[1]["reason"] == ""


def test_every_row_stands_in_the_ledger_once_and_in_order():
    extraction = {"brown2002": [row("b2"), row("b1")], "adams2001": [row("a1")]}
    harmonised, ledger = run(extraction, [term("abstinence", "yes")])
    assert [entry["result_id"] for entry in ledger] == ["a1", "b1", "b2"]
    assert list(harmonised) == ["adams2001", "brown2002"]
    assert all(set(entry) == set(LEDGER) for entry in ledger)


def test_study_without_a_kept_row_still_has_its_table():
    harmonised, _ = run({"adams2001": []}, [term("abstinence", "yes")])
    assert harmonised == {"adams2001": []}


def test_kept_row_carries_cohort_priority_and_numbers_but_no_words_for_people():
    extraction = {"brown2002": [row("b1", n_arm1=30.0, note="a note", locator="p. 3")]}
    harmonised, ledger = run(extraction, [term("abstinence", "yes", priority=2.0)])
    (kept,) = harmonised["brown2002"]
    assert (kept["cohort_id"], kept["priority"], kept["n_arm1"]) == ("boston", 2.0, 30.0)
    assert set(kept) == {*FRONT, *(column.name for column in data_columns(COLUMNS))}
    assert not {"note", "locator", "source", "verbatim", "time", "time_unit"} & set(kept)
    assert ledger[0]["locator"] == "p. 3"


def test_note_changes_nothing_that_is_handed_on():
    vocabulary = [term("abstinence", "yes")]
    without = run({"adams2001": [row("a1")]}, vocabulary)
    assert run({"adams2001": [row("a1", note="edited")]}, vocabulary) == without


def test_doubts_stand_in_the_ledger():
    warnings = {"a1": ["one (C19)", "two (C20)"]}
    _, ledger = run({"adams2001": [row("a1")]}, [term("abstinence", "yes")], warnings)
    assert ledger[0]["warnings"] == "one (C19); two (C20)"


def test_rows_are_taken_as_the_door_reads_them():
    review = read({"data/votes.csv": None})
    harmonised, ledger = run(review.extraction, review.vocabulary)
    assert [entry["result_id"] for entry in ledger] == ["a1", "b1"]
    # 20 of 40, as typed in the invented file.
    assert FILES["data/extraction/adams2001.csv"].count("40,42,20,15") == 1
    assert harmonised["adams2001"][0]["events_arm1"] == 20.0
