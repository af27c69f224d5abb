"""Tables as people save them: encodings, separators, headers, rows. Expected values: what was typed."""

import pytest

from repool.extraction.tables import is_missing, read_table, tidy

KNOWN = ["study_id", "n", "mean", "note"]


def read(content, *, required=("study_id",), aliases=None):
    content = content.encode() if isinstance(content, str) else content
    return read_table(content, file="t.csv", known=KNOWN, required=list(required), aliases=aliases or {})


def test_plain_table_is_read_as_text_with_spreadsheet_lines():
    table, problems = read("study_id,n,mean,note\nadams,12,1.50,ok\nbrown,007,,\n")
    assert problems == []
    assert table.rows == [
        {"study_id": "adams", "n": "12", "mean": "1.50", "note": "ok"},
        {"study_id": "brown", "n": "007", "mean": "", "note": ""},
    ]
    assert table.lines == [2, 3]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_unicode_file_is_read_whatever_its_mark_and_line_ends(encoding, newline):
    text = newline.join(["study_id,note", "Jönsson 1999,Zürich", ""])
    table, problems = read(text.encode(encoding))
    assert problems == []
    assert table.rows == [{"study_id": "Jönsson 1999", "note": "Zürich"}]


def test_windows_file_is_read_and_its_first_odd_word_is_shown():
    table, problems = read('study_id,note\nadams,"one\ntwo"\nJönsson 1999,é\n'.encode("cp1252"))
    assert table.rows[1]["study_id"] == "Jönsson 1999"
    (problem,) = problems
    # Row 3 of a spreadsheet: the line break in quotes does not start a row.
    assert (problem.rule, problem.severity, problem.line) == ("T01", "warning", 3)
    assert problem.found == "Jönsson"


@pytest.mark.parametrize(
    "content",
    [
        "study_id\nadams\n".encode("utf-16-le"),  # no mark at its start
        b"\xff\xfea",  # half a letter of UTF-16
        b"PK\x03\x04\x14\x00\x81\x00",  # a spreadsheet renamed to .csv
        b"study_id\n\x81\n",  # a byte that Windows-1252 does not have
    ],
)
def test_file_that_is_no_text_is_refused(content):
    table, problems = read(content)
    assert [(p.rule, p.severity) for p in problems] == [("T01", "error")]
    assert table.rows == []


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separator_is_told_from_the_header(separator):
    table, problems = read(separator.join(["Study_ID", "n"]) + "\nadams" + separator + "12\n")
    assert problems == []
    assert table.rows == [{"study_id": "adams", "n": "12"}]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_decimal_comma_is_accepted_where_it_cannot_be_a_separator(separator):
    rows = [["study_id", "mean"], ["adams", "1,5"], ["brown", "0,306"]]
    table, problems = read("\n".join(separator.join(row) for row in rows))
    assert problems == []
    assert table.decimal_comma


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (["1,5", "2.5"], "both marks in one file"),
        (["1,306", "2,418"], "each may be a thousand"),
        (["15", "7"], "no comma at all"),
    ],
)
def test_decimal_comma_is_not_guessed(cells, why):
    rows = ["study_id;mean", *(f"s{number};{cell}" for number, cell in enumerate(cells))]
    table, _ = read("\n".join(rows))
    assert not table.decimal_comma, why


def test_file_without_a_cell_is_refused():
    for content in ("", "\n\n", ",,\n"):
        assert [p.rule for p in read(content)[1]] == ["T03"]


def test_blank_lines_are_skipped_and_counted():
    table, problems = read("\nstudy_id,n\n\n,\nadams,12\n")
    assert problems == []
    assert (table.rows, table.lines) == ([{"study_id": "adams", "n": "12"}], [5])


def test_line_break_in_quotes_is_one_row():
    table, problems = read('study_id,note\nadams,"two\nlines"\nbrown,one\n')
    assert problems == []
    assert table.rows[0]["note"] == "two\nlines"
    assert table.lines == [2, 3]


@pytest.mark.parametrize("bad", ['adams,"open\nbrown,1\n', 'adams,"shut" too\nbrown,1\n'])
def test_quote_that_does_not_close_is_refused_and_swallows_nothing_in_silence(bad):
    table, problems = read("study_id,note\nzero,1\n" + bad)
    (problem,) = problems
    assert (problem.rule, problem.severity, problem.line) == ("T08", "error", 3)
    assert table.lines == [2]


def test_unknown_column_gets_the_nearest_name():
    _, problems = read("study_id,notes\nadams,x\n")
    (problem,) = problems
    assert (problem.rule, problem.line, problem.column) == ("T05", 1, "notes")
    assert problem.to_fix == 'Did you mean "note"?'


def test_column_far_from_all_names_gets_the_list():
    _, problems = read("study_id,xyzzy\nadams,x\n")
    assert problems[0].to_fix == "Use one of: mean, n, note, study_id"


def test_column_that_stands_twice_is_refused():
    _, problems = read("study_id,n,N\nadams,1,2\n")
    assert [(p.rule, p.column) for p in problems] == [("T04", "n")]


def test_required_column_that_is_missing_is_named():
    _, problems = read("n,mean\n1,2\n", required=["study_id", "note"])
    assert [(p.rule, p.column) for p in problems] == [("T02", "study_id"), ("T02", "note")]


def test_other_programs_name_of_a_column_is_accepted():
    table, problems = read("study_id,n1i\nadams,12\n", aliases={"n1i": "n"})
    assert problems == []
    assert table.rows == [{"study_id": "adams", "n": "12"}]


def test_row_with_too_many_cells_is_refused_and_the_rest_is_read():
    table, problems = read("study_id,n\nadams,1,306\nbrown,2\n")
    (problem,) = problems
    assert (problem.rule, problem.line) == ("T06", 2)
    assert problem.problem == "3 cells under 2 columns"
    assert table.rows == [{"study_id": "brown", "n": "2"}]


def test_short_row_and_trailing_separators_are_filled_with_blanks():
    table, problems = read("study_id,n,,\nadams,,,\nbrown\n")
    assert problems == []
    assert table.rows == [{"study_id": "adams", "n": ""}, {"study_id": "brown", "n": ""}]


@pytest.mark.parametrize("name", ["Total", "TOTAL (95% CI)", "Subtotal", "Total events: 40"])
def test_row_of_totals_is_refused(name):
    _, problems = read(f'study_id,n\nadams,1\n"{name}",1\n')
    assert [(p.rule, p.line, p.found) for p in problems] == [("T07", 3, name)]


@pytest.mark.parametrize("name", ["total abstinence", "Totally 1999", "subtotal gastrectomy"])
def test_name_that_only_begins_like_a_total_is_read(name):
    table, problems = read(f"study_id,n\n{name},1\n")
    assert problems == []
    assert table.rows[0]["study_id"] == name


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("\u22121.5", "-1.5"),  # minus sign
        ("\u00a0adams\u00a02001 ", "adams 2001"),  # no-break spaces
        ("\u201cx\u201d", '"x"'),  # curly quotes
        ("Jo\u0308nsson", "Jönsson"),  # o and a combining mark
        ("\ufeffstudy", "study"),
    ],
)
def test_look_alike_characters_are_made_plain(typed, plain):
    assert tidy(typed) == plain


@pytest.mark.parametrize("mark", ["", "NA", "n/a", "NR", "-", "–", ".", "?", "Not reported"])
def test_marks_for_not_reported_are_blank(mark):
    assert is_missing(mark)


@pytest.mark.parametrize("word", ["0", "none", "ns", "None", "null effect"])
def test_words_and_zero_are_not_blank(word):
    assert not is_missing(word)
