"""One vocabulary, one direction, one time axis; every row accounted for."""

import pytest
from tiny_review import FILES, SCHEMAS, read

from repool.extraction.harmonise import CARRIED, FRONT, data_columns, harmonise
from repool.extraction.ledger import LEDGER, check_ledger
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
    return words | {"priority": priority, "unit": None}


def run(extraction, vocabulary, warnings=None, units=(), variants=None):
    return harmonise(
        extraction,
        studies=STUDIES,
        vocabulary=vocabulary,
        outcomes=OUTCOMES,
        units=list(units),
        variants=variants or {},
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
    assert not {"note", "locator", "source", "verbatim", "time", "time_unit", "unit"} & set(kept)
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


def test_what_the_choice_of_effects_reads_stands_in_every_harmonised_row():
    harmonised, _ = run({"adams2001": [row("a1", outcome_source="bioassay")]}, [term("abstinence", "yes")])
    (kept,) = harmonised["adams2001"]
    assert set(CARRIED) <= set(kept) and kept["outcome_source"] == "bioassay"


# Units.

WEEKS = {"conversion": "d", "unit": "days", "to_unit": "weeks", "factor": 1 / 7, "offset": None, "term": None,
         "plausible_min": None, "plausible_max": None, "line": 2}  # fmt: skip


def test_row_in_another_unit_is_converted_and_the_ledger_says_so():
    vocabulary = [term("days_of_use", "no") | {"unit": "weeks"}]
    typed = row("a1", unit="days", mean_arm1=21.0, sd_arm1=7.0, n_arm1=40.0)
    harmonised, ledger = run({"adams2001": [typed, row("a2", unit="weeks", mean_arm1=3.0)]}, vocabulary, units=[WEEKS])
    numbers = [(kept["mean_arm1"], kept["sd_arm1"], kept["n_arm1"]) for kept in harmonised["adams2001"]]
    assert numbers == [(pytest.approx(3.0, rel=1e-15), pytest.approx(1.0, rel=1e-15), 40.0), (3.0, None, None)]
    told = [(line["fate"], line["reason"], line["unit"]) for line in ledger]
    assert told == [("converted", "from days to weeks: x 0.142857", "days"), ("kept", "", "weeks")]


# Trials with three arms.

THREE_ARMS = {
    "adams2001": [
        row("a1", condition_arm1="A", condition_arm2="C", comparator="usual_care", n_arm1=100.0, events_arm1=30.0,
            n_arm2=110.0, events_arm2=40.0, verbatim="30/100 v 40/110"),
        row("a2", condition_arm1="B", condition_arm2="C", comparator="usual_care", n_arm1=90.0, events_arm1=24.0,
            n_arm2=110.0, events_arm2=40.0, verbatim="24/90"),
    ]
}  # fmt: skip


def test_shared_arm_is_marked_and_nothing_is_made_of_it_unless_it_is_planned():
    harmonised, ledger = run(THREE_ARMS, [term("abstinence", "yes")])
    marks = [(kept["result_id"], kept["multi_arm_group"], kept["shared_arm"]) for kept in harmonised["adams2001"]]
    assert marks == [("a1", "a1", "arm2"), ("a2", "a1", "arm2")]
    assert [line["fate"] for line in ledger] == ["kept", "kept"]
    other = run(THREE_ARMS, [term("abstinence", "yes")], variants={"days_of_use": ["split"]})
    assert other == (harmonised, ledger)


def test_planned_answers_stand_beside_the_rows_that_they_are_made_of():
    harmonised, ledger = run(THREE_ARMS, [term("abstinence", "yes")], variants={"abstinence": ["combined", "split"]})
    names = ["a1", "a1+combined", "a1+split", "a2", "a2+split"]
    assert [kept["result_id"] for kept in harmonised["adams2001"]] == names
    told = {line["result_id"]: (line["fate"], line["reason"]) for line in ledger}
    assert list(told) == names
    assert told["a1"] == ("kept", "") and told["a1+combined"] == ("merged", "a1 and a2 merged into one contrast")
    assert told["a2+split"][0] == "split" and told["a2+split"][1].startswith("split from a2: ")
    assert {line["verbatim"] for line in ledger if line["result_id"] == "a1+combined"} == {"30/100 v 40/110; 24/90"}


def test_ledger_shows_people_as_typed_and_as_handed_on():
    _, ledger = run(THREE_ARMS, [term("abstinence", "yes")], variants={"abstinence": ["combined", "split"]})
    columns = ("n_arm1", "n_arm2", "n_arm1_harmonised", "n_arm2_harmonised")
    people = {line["result_id"]: tuple(line[name] for name in columns) for line in ledger}
    # C, 110 people, is halved, or stands once beside A and B together.
    assert people["a1"] == (100, 110, 100, 110) and people["a2+split"] == (None, None, 90, 55)
    assert people["a1+combined"] == (None, None, 190, 110)


def test_answer_that_cannot_be_given_is_told_in_the_ledger():
    contradiction = {"adams2001": [THREE_ARMS["adams2001"][0], THREE_ARMS["adams2001"][1] | {"n_arm2": 108.0}]}
    harmonised, ledger = run(contradiction, [term("abstinence", "yes")], variants={"abstinence": ["split"]})
    assert len(harmonised["adams2001"]) == 2
    assert {line["reason"] for line in ledger} == {'not split: rows print 110 and 108 as n of the same arm, "C"'}


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda rows, ledger: (rows, ledger[1:]), "does not tell of each typed row once: a1"),
        (lambda rows, ledger: (rows[1:], ledger), "does not tell of each row that is handed on once: a1"),
        (lambda rows, ledger: (rows, [*ledger, ledger[0]]), "does not tell of each typed row once: a1"),
        (lambda rows, ledger: (rows, [ledger[0] | {"n_arm2_harmonised": 11.0}, *ledger[1:]]), "a1: n_arm2 changed"),
    ],
)
def test_lost_rows_and_people_are_refused(spoil, words):
    harmonised, ledger = run(THREE_ARMS, [term("abstinence", "yes")])
    rows, ledger = spoil(harmonised["adams2001"], ledger)
    with pytest.raises(ValueError, match=words):
        check_ledger(THREE_ARMS, {"adams2001": rows}, ledger)
