"""The workbook of tables, read back from its XML: every cell is that of its table, and nothing in it can run."""

import csv
import io
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
import report_case as case

from repool import packed
from repool.files import cell_text
from repool.report import page as report
from repool.report.workbook import CUT, MOST_IN_CELL, Sheet, number_in, sheet_names, workbook_bytes
from repool.schemas import schema
from repool.stages.workbook import workbook_file

ROOT = Path(__file__).resolve().parents[1]
SPECIFICATION = schema("results")
NUMBERS = frozenset(SPECIFICATION["numbers"])
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
#: What a spreadsheet would take for a formula, a link, an array formula or a number if it were let.
TRICKS = ["=cmd()", "=1+1", "+1", "-2", "@SUM(A1)", "{=1}", "http://example.org", "internal:Sheet1!A1", "2001", "1e5"]
TRICKS += ["\t=1", "<script>alert(1)</script>", "a & b", "NA", " padded ", "two\nlines", "_x0041_"]
#: Columns whose cells are words in one row and numbers in another: they stay text.
MIXED = {"found", "limit", "add", "inputs"}


@pytest.fixture(scope="module")
def tables():
    """The tables of the invented review, with one study whose name is a formula."""
    choices = {"settings": case.SETTINGS, "plan": case.PLAN, "versions": {}}
    made = report.report_files(case.rows(), case.pictures(), **choices)
    found = {
        name: list(csv.DictReader(io.StringIO(text, newline=""))) for name, text in made.items() if "tables" in name
    }
    found["results/tables/studies.csv"][0]["label"] = "=cmd()"
    pooled = {name: rows for name, rows in case.rows().items() if name.endswith("/pooled.csv")}
    return found | pooled


@pytest.fixture(scope="module")
def content(tables):
    return workbook_file(tables, specification=SPECIFICATION, title="Title & more", question="=Q?")


def one_sheet(*texts, numbers=()):
    rows = [{"a": text} for text in texts]
    return workbook_bytes([Sheet(name="s", columns=["a"], rows=rows, numbers=frozenset(numbers))], title="t")


def cells_of(content, place=1):
    """The cells of a sheet below its head, as (kind, text); kind is "s" for text and "" for a number."""
    root = ElementTree.fromstring(packed.members(content)[f"xl/worksheets/sheet{place}.xml"])
    _, *lines = root.iter(f"{MAIN}row")
    return [(cell.attrib.get("t", ""), cell.findtext(f"{MAIN}v")) for line in lines for cell in line]


def test_every_cell_is_that_of_its_table(tables, content):
    sheets = packed.sheets(content)
    stacked = {}
    for file, rows in tables.items():
        stacked.setdefault(Path(file).stem, []).extend(rows)
    assert list(sheets) == ["Read me", "Columns", *stacked]
    compared = 0
    for name, rows in stacked.items():
        assert len(sheets[name]) == len(rows)
        for shown, row in zip(sheets[name], rows, strict=True):
            assert set(shown) == set(row)
            for column, cell in shown.items():
                is_number = column in NUMBERS and number_in(cell) is not None
                # A spreadsheet holds 64-bit floats: the 15 digits of our tables survive in them.
                assert (cell_text(float(cell)) if is_number else cell) == row[column], (name, column)
                compared += 1
    assert compared > 1000
    assert case.NASTY in {row["label"] for row in sheets["studies"]}
    assert "=cmd()" in {row["label"] for row in sheets["studies"]}


def test_text_stays_text_whatever_it_looks_like():
    made = one_sheet(*TRICKS)
    assert {kind for kind, _ in cells_of(made)} == {"s"}
    shown = [row["a"] for row in packed.sheets(made)["s"]]
    # The format writes what looks like its own escapes as an escape: _x005F_ is the underscore.
    assert [text.replace("_x005F_", "_") for text in shown] == TRICKS


def test_no_sheet_holds_a_formula_or_a_link(content):
    for made in (content, one_sheet(*TRICKS)):
        for name, member in packed.members(made).items():
            text = member.decode("utf-8")
            assert not re.search(r"<f[ >]|<hyperlink|externalLink|/hyperlink\"", text), name


def test_text_that_is_edited_does_not_become_a_formula():
    styles = packed.members(one_sheet("=1"))["xl/styles.xml"].decode("utf-8")
    formats = re.findall(r"<xf [^>]*>", styles.split("<cellXfs")[1])
    sheet = packed.members(one_sheet("=1"))["xl/worksheets/sheet1.xml"].decode("utf-8")
    style = int(re.search(r'r="A2" s="(\d+)"', sheet).group(1))
    assert 'quotePrefix="1"' in formats[style]


def test_numbers_are_numbers_and_words_among_them_stay_words():
    made = one_sheet("0.1", "-1.23456789012345e-10", "13", "", "Inf", "nan", "1e999", "p < 0.05", numbers=["a"])
    found = cells_of(made)
    assert [kind for kind, _ in found] == ["", "", "", "s", "s", "s", "s"]
    assert [float(text) for kind, text in found if not kind] == [0.1, -1.23456789012345e-10, 13.0]


def test_head_is_bold_stays_in_sight_and_can_be_filtered(tables, content):
    found = packed.members(content)
    place = list(packed.sheets(content)).index("summary") + 1
    sheet = found[f"xl/worksheets/sheet{place}.xml"].decode("utf-8")
    assert re.search(r'<pane ySplit="1" topLeftCell="A2" [^>]*state="frozen"/>', sheet)
    last = len(tables["results/tables/summary.csv"]) + 1
    assert re.search(rf'<autoFilter ref="A1:[A-Z]+{last}"/>', sheet)
    style = int(re.search(r'<c r="A1" s="(\d+)"', sheet).group(1))
    styles = found["xl/styles.xml"].decode("utf-8")
    font = int(re.findall(r'<xf [^>]*fontId="(\d+)"', styles.split("<cellXfs")[1])[style])
    assert "<b/>" in re.findall(r"<font>.*?</font>", styles)[font]


def test_first_sheets_say_what_each_sheet_and_column_holds(tables, content):
    sheets = packed.sheets(content)
    told = {row["sheet"]: row for row in sheets["Read me"] if row["sheet"]}
    assert list(told) == list(sheets)[2:]
    assert told["summary"]["rows"] == str(len(tables["results/tables/summary.csv"]))
    assert told["pooled"]["file"] == "results/analyses/<analysis>/pooled.csv"
    assert [row["holds"] for row in sheets["Read me"]][:2] == ["Title & more", "=Q?"]
    meanings = {(row["sheet"], row["column"]): row["meaning"] for row in sheets["Columns"]}
    assert meanings["summary", "ci_lb"] == "Lower limit of the interval."
    # What a table says of its own column goes before what is said of the column everywhere.
    assert meanings["votes", "source"] == "Source of the vote."
    assert {name for name, _ in meanings} == set(told)


def test_same_tables_give_the_same_bytes_without_a_date_of_today(tables, content):
    assert content == workbook_file(tables, specification=SPECIFICATION, title="Title & more", question="=Q?")
    core = packed.members(content)["docProps/core.xml"].decode("utf-8")
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", core)) == {"2000-01-01T00:00:00Z"}
    assert "<dc:creator></dc:creator>" in core


def test_names_of_sheets_are_short_plain_and_never_alike():
    long = "a" * 40
    found = sheet_names([long, long.upper(), "b/c:d", "'", ""])
    assert found == ["a" * 31, f"{'A' * 29}_2", "b_c_d", "sheet", "sheet_2"]


def test_text_longer_than_a_cell_says_that_it_was_cut():
    (row,) = packed.sheets(one_sheet("x" * (MOST_IN_CELL + 1)))["s"]
    assert len(row["a"]) == MOST_IN_CELL
    assert row["a"].endswith(CUT)


def test_table_larger_than_a_sheet_is_refused():
    wide = Sheet(name="wide", columns=[str(place) for place in range(16385)], rows=[])
    with pytest.raises(ValueError, match="wide: the table is larger than a sheet"):
        workbook_bytes([wide], title="t")


def test_table_that_nobody_described_is_refused():
    with pytest.raises(ValueError, match="results/tables/of_old.csv is not described"):
        workbook_file({"results/tables/of_old.csv": []}, specification=SPECIFICATION, title="", question="")


def test_columns_of_numbers_are_those_that_hold_numbers_in_committed_results():
    described = {column for entry in SPECIFICATION["tables"] for column in entry["columns"]}
    assert described >= NUMBERS
    words, fractions = {}, {}
    for entry in SPECIFICATION["tables"]:
        pattern = re.sub(r"<\w+>", "*", entry["file"])
        for path in [*ROOT.glob(pattern), *ROOT.glob(f"examples/*/{pattern}")]:
            with path.open(encoding="utf-8", newline="") as handle:
                for row in csv.DictReader(handle):
                    for column in set(entry["columns"]) & set(row):
                        if column in NUMBERS and row[column] and number_in(row[column]) is None:
                            words[column] = row[column]
                        if column not in NUMBERS and re.fullmatch(r"-?\d+\.\d+(e-?\d+)?", row[column]):
                            fractions[column] = row[column]
    assert words == {}
    assert set(fractions) <= MIXED
