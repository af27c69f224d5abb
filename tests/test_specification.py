"""Cells against their written specification. Expected values: what a reader of the cell would say."""

import pytest

from repool.extraction.specification import check_cells, columns_of
from repool.extraction.tables import Table
from repool.problems import Problem
from repool.schemas import schema

SPECIFICATION = {
    "columns": [
        {"name": "study_id", "type": "text", "required": True, "description": "Study."},
        {"name": "note", "type": "text", "description": "Note."},
        {"name": "mean", "type": "number", "description": "Mean."},
        {"name": "time", "type": "number", "minimum": 0, "needs": ["unit"], "description": "Time."},
        {"name": "unit", "type": "choice", "choices": ["weeks", "months"], "description": "Unit."},
        {"name": "n", "arms": True, "type": "whole", "minimum": 1, "description": "People."},
        {
            **{"name": "percent", "type": "percent", "minimum": 0, "maximum": 100},
            "description": "Percent.",
        },
    ]
}
COLUMNS = columns_of(SPECIFICATION)


def check(cells, *, decimal_comma=False):
    """Return the one row of a table with these cells, and its problems."""
    cells = {"study_id": "adams"} | cells
    table = Table("t.csv", list(cells), [cells], [7], decimal_comma)
    (row,), problems = check_cells(table, COLUMNS, row_name="study_id")
    return row, problems


def only(problems) -> Problem:
    (problem,) = problems
    return problem


def test_arms_make_two_columns():
    names = [column.name for column in COLUMNS]
    assert names[-3:] == ["n_arm1", "n_arm2", "percent"]


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        ("mean", "1.5", 1.5),
        ("mean", "-1.5", -1.5),
        ("mean", "–1.5", -1.5),  # a dash that a word processor made of the minus
        ("mean", ".5", 0.5),
        ("mean", "1e-3", 0.001),
        ("mean", "+2", 2.0),
        ("n_arm1", "40", 40.0),
        ("n_arm1", "40.0", 40.0),
        ("percent", "0", 0.0),
        ("percent", "100", 100.0),
        ("percent", "99", 99.0),
        ("n_arm1", "999", 999.0),
        ("mean", "", None),
        ("mean", "NR", None),
        ("unit", "n/a", None),
        ("note", "-", None),
    ],
)
def test_cell_that_can_be_read(column, cell, value):
    row, problems = check({column: cell})
    assert problems == []
    assert row[column] == value
    assert row["line"] == 7


def test_decimal_comma_is_read_where_the_file_has_one():
    row, problems = check({"mean": "-1,5"}, decimal_comma=True)
    assert (row["mean"], problems) == (-1.5, [])


@pytest.mark.parametrize("name", ["NA", "None", "True", "nr", "0012"])
def test_study_may_have_any_name(name):
    row, problems = check({"study_id": name})
    assert (row["study_id"], problems) == (name, [])


@pytest.mark.parametrize(
    ("column", "cell", "rule", "words"),
    [
        ("study_id", "", "C01", "this cell must be filled"),
        ("unit", "Months", "C02", "this is not an allowed word"),
        ("mean", "twelve", "C03", "this is not a number"),
        ("mean", "1.5.2", "C03", "this is not a number"),
        ("n_arm1", "1e999", "C03", "this number is larger than any that can be computed with"),
        ("n_arm1", "12.5", "C04", "this is not a whole number"),
        ("n_arm1", "0", "C05", "this number is outside the possible range"),
        ("percent", "101", "C05", "this number is outside the possible range"),
        ("percent", "-0.1", "C05", "this number is outside the possible range"),
        ("mean", "01-May", "C07", "a spreadsheet has turned this number into a date"),
        ("mean", "2-Mar", "C07", "a spreadsheet has turned this number into a date"),
        ("mean", "May 05", "C07", "a spreadsheet has turned this number into a date"),
        ("mean", "22. Mai", "C07", "a spreadsheet has turned this number into a date"),
        ("mean", "2005-05-01", "C07", "a spreadsheet has turned this number into a date"),
        ("mean", "1,306", "C08", "cannot tell a thousands mark from a decimal mark"),
        ("n_arm1", "1 306", "C08", "cannot tell a thousands mark from a decimal mark"),
        ("mean", "1,5", "C08", "a decimal comma, in a file that writes a decimal point"),
        ("mean", "<0.001", "C09", "a sign stands before the number"),
        ("mean", "12/45", "C09", "two numbers in one cell"),
        ("n_arm1", "5 (10%)", "C09", "two numbers in one cell"),
        ("mean", "2.5 ± 1.1", "C09", "two numbers in one cell"),
        ("percent", "51%", "C09", "a percent sign"),
        ("mean", "#DIV/0!", "C10", "a spreadsheet error"),
    ],
)
def test_cell_that_cannot_be_read_is_refused(column, cell, rule, words):
    row, problems = check({column: cell})
    problem = only(problems)
    assert (problem.severity, problem.rule, problem.problem) == ("error", rule, words)
    assert (problem.file, problem.line, problem.column) == ("t.csv", 7, column)
    assert problem.found == cell
    assert row[column] is None


def test_wrong_word_gets_the_nearest_allowed_one():
    assert only(check({"unit": "Months"})[1]).to_fix == 'Did you mean "months"?'


@pytest.mark.parametrize("code", ["-9", "-99", "-999"])
def test_code_for_missing_is_named_where_the_number_is_impossible(code):
    row, problems = check({"n_arm1": code})
    problem = only(problems)
    assert (problem.rule, problem.to_fix) == ("C05", "Leave the cell blank.")
    assert "looks like a code for a missing value" in problem.problem
    assert row["n_arm1"] is None


@pytest.mark.parametrize(("column", "code"), [("mean", "-99"), ("mean", "999"), ("time", "99")])
def test_code_for_missing_is_doubted_where_the_number_is_possible(column, code):
    row, problems = check({column: code, "unit": "weeks"})
    assert [(p.severity, p.rule) for p in problems] == [("warning", "C06")]
    assert row[column] == float(code)


def test_cell_without_what_it_needs_is_refused():
    problem = only(check({"time": "12"})[1])
    assert (problem.rule, problem.column) == ("C11", "unit")
    assert problem.problem == '"time" is filled, but this cell is blank'


def test_column_that_is_missing_is_not_told_again_in_every_row():
    table = Table("t.csv", ["note"], [{"note": "x"}], [2])
    (row,), problems = check_cells(table, COLUMNS, row_name="study_id")
    assert (row["study_id"], problems) == (None, [])


def test_problem_names_its_row_and_what_is_expected():
    problem = only(check({"percent": "101"})[1])
    assert problem.row_name == "adams"
    assert problem.expected == "a number from 0 to 100"
    assert problem.as_text() == (
        't.csv, line 7, column "percent" (adams)\n'
        "  found     101\n"
        "  problem   this number is outside the possible range\n"
        "  expected  a number from 0 to 100\n"
        "  to fix    Compare it with the paper.\n"
        "  rule      C05  docs/checks.md"
    )


@pytest.mark.parametrize("name", ["extraction", "studies", "votes", "vocabulary", "analyses"])
def test_every_example_of_the_specifications_passes_its_own_check(name):
    columns = columns_of(schema(name))
    for column in columns:
        if column.example:
            table = Table("t.csv", [column.name], [{column.name: column.example}], [2])
            _, problems = check_cells(table, [column], row_name=column.name)
            faults = [p for p in problems if p.rule != "C11"]
            assert faults == [], f"{name}: {column.name}"


@pytest.mark.parametrize("name", ["extraction", "studies", "votes", "vocabulary", "analyses"])
def test_every_column_that_is_needed_is_a_column(name):
    columns = columns_of(schema(name))
    names = {column.name for column in columns}
    assert len(names) == len(columns)
    assert {needed for column in columns for needed in column.needs} <= names


def test_numbered_entry_stands_for_as_many_columns():
    entry = {"name": "D", "numbered": 3, "type": "text", "description": "Judgement."}
    assert [column.name for column in columns_of({"columns": [entry]})] == ["D1", "D2", "D3"]


def test_column_may_have_to_be_there_without_being_filled():
    entries = [
        {"name": "n", "type": "text", "description": "Number.", "in_header": True},
        {"name": "note", "type": "text", "description": "Note."},
    ]
    assert [(column.in_header, column.required) for column in columns_of({"columns": entries})] == [
        (True, False),
        (False, False),
    ]
