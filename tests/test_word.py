"""The Word file, read back from its XML: it says what the page says, and nothing in it can run or tells its maker."""

import dataclasses
import re
import struct
import zlib
from xml.etree import ElementTree

import pytest
import report_case as case

from repool import packed
from repool.report import word
from repool.report.page import tables_and_page
from repool.report.view import Block, Cell, numbers, table
from repool.report.word_parts import WordFile

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"


def png(width, height):
    """A white picture, written out by the PNG specification (W3C, 2003)."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    lines = zlib.compress((b"\0" + b"\xff" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


PICTURES = dict.fromkeys(case.PLAN, png(40, 20))


class Read:
    """A Word file: its paragraphs as (style, text), its tables as rows of text, and its parts."""

    def __init__(self, content):
        self.parts = packed.members(content)
        self.xml = self.parts["word/document.xml"].decode("utf-8")
        self.body = ElementTree.fromstring(self.xml)[0]
        self.paragraphs = [self._paragraph(entry) for entry in self.body if entry.tag == f"{W}p"]
        self.tables = [
            [[self._cell(cell) for cell in row.iter(f"{W}tc")] for row in entry.iter(f"{W}tr")]
            for entry in self.body
            if entry.tag == f"{W}tbl"
        ]

    def _paragraph(self, entry):
        style = entry.find(f"{W}pPr/{W}pStyle")
        return ("Normal" if style is None else style.attrib[f"{W}val"], self._text(entry))

    def _cell(self, cell):
        return " / ".join(filter(None, (self._text(line) for line in cell.iter(f"{W}p"))))

    @staticmethod
    def _text(entry):
        return "".join(text.text or "" for text in entry.iter(f"{W}t"))

    def texts(self, *styles):
        return [text for style, text in self.paragraphs if style in styles]


@pytest.fixture(scope="module")
def page():
    found = tables_and_page(case.rows(), case.pictures(), settings=case.SETTINGS, plan=case.PLAN, versions={"a": "1"})
    return found[1]


@pytest.fixture(scope="module")
def content(page):
    return word.word_bytes(page, PICTURES)


@pytest.fixture(scope="module")
def read(content):
    return Read(content)


def shown(record):
    """The rows of a table of the page as the Word file should show them."""
    rows = [[column.title for column in record.columns]]
    for group in record.groups:
        rows += [[group.title]] if group.title else []
        for line in group.rows:
            rests = [f"rests on {', '.join(mark for mark, _ in cell.notes)}" if cell.notes else "" for cell in line]
            pairs = zip(line, rests, strict=True)
            rows.append(
                [
                    " / ".join(
                        filter(None, (cell.text, *cell.small.split("\n"), rest, *(text for text, _ in cell.links)))
                    )
                    for cell, rest in pairs
                ]
            )
    return rows


def test_every_record_of_the_page_is_in_the_outline_or_left_to_the_page(page):
    told = [name for _, names in word.OUTLINE for name in names]
    assert len(told) == len(set(told))
    assert set(page) - set(told) - word.ONLY_ON_THE_PAGE == set(), (
        "say in OUTLINE where it goes, or leave it to the page"
    )
    assert not set(told) & word.ONLY_ON_THE_PAGE


def test_title_question_and_answers_are_those_of_the_page(page, read):
    assert read.texts("Title") == [page["title"]]
    assert read.texts("Subtitle") == [page["question"]]
    texts = read.texts("Normal")
    assert " ".join(page["overview"]) in texts
    for answer in page["answers"]:
        assert answer.title in read.texts("Heading2")
        assert answer.sentence in texts
        assert f"{answer.verdict}: {answer.reasons}" in texts or f"{answer.verdict}." in texts
        for step in answer.steps:
            assert f"{step.title}. {' '.join(step.sentences)}" in texts


def test_tables_are_those_of_the_page_cell_by_cell(page, read):
    sections = [section for _, sections in page["roles"] for section in sections]
    asked = [page[name] for name in ("summary", "votes", "left_out", "ledger", "steps", "outcomes", "plan")]
    asked += page["findings"]
    asked += [record for section in sections for record in (section.ladder, section.models)]
    asked += [made for section in sections for block in section.examined if not block.fold for made in block.tables]
    assert len([record for record in asked if record]) > 8
    for record in filter(None, asked):
        assert shown(record) in read.tables, record.key
        assert record.caption in read.texts("Caption")


def test_studies_stand_in_a_table_and_their_references_in_a_list(page, read):
    first = shown(page["studies"])
    bare = [row if len(row) == 1 else [row[0].split(" / ")[0], *row[1:]] for row in first]
    assert bare in read.tables
    texts = read.texts("Normal")
    assert "Ash 2001. doi:10.1000/ash<1>; PMID 11." in texts
    assert f"{case.NASTY}. –" in texts


def test_methods_hold_every_setting_of_the_page(page, read):
    texts = read.texts("Normal")
    assert len(page["settings"]) > 10
    for term, words in page["settings"]:
        assert f"{term}: {words}" in texts
    assert "a 1" in texts


def test_each_analysis_has_its_forest_plot_with_words_for_who_does_not_see_it(page, read):
    sections = [section for _, sections in page["roles"] for section in sections]
    told = [shape.attrib["descr"] for shape in read.body.iter(f"{DRAWING}docPr")]
    assert told == [section.forest.alternative for section in sections]
    assert all(text.startswith("Forest plot: ") for text in told)
    captions = [text for text in read.texts("Caption") if text.startswith("Forest plot: ")]
    assert [text.split(". ")[0] for text in captions] == [f"Forest plot: {part.answer.title}" for part in sections]


def test_headings_are_real_and_leave_no_level_out(read):
    levels = [int(style[-1]) for style, _ in read.paragraphs if re.fullmatch(r"Heading\d", style)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))


def test_heads_of_tables_come_again_on_every_page_and_rows_stay_whole(read):
    rows = [list(made.iter(f"{W}tr")) for made in read.body.iter(f"{W}tbl")]
    assert all(lines[0].find(f"{W}trPr/{W}tblHeader") is not None for lines in rows)
    assert all(line.find(f"{W}trPr/{W}tblHeader") is None for lines in rows for line in lines[1:])
    assert read.xml.count("<w:cantSplit/>") > 10


def test_names_are_text_and_nothing_is_loaded_or_linked(read):
    assert "<script" not in read.xml
    assert case.NASTY in " ".join(text for _, text in read.paragraphs)
    for name, part in read.parts.items():
        assert b'TargetMode="External"' not in part, name
        assert not re.search(rb"<w:(hyperlink|instrText|fldSimple)[ >]", part), name


def test_formula_and_control_signs_are_plain_text():
    made = WordFile("a\x00b")
    made.paragraph("=cmd()\x0b &\ud800 <b>")
    read = Read(made.content())
    assert read.texts("Normal") == ["=cmd()\ufffd &\ufffd <b>"]
    assert "a\ufffdb" in read.parts["docProps/core.xml"].decode("utf-8")


def test_file_tells_no_date_no_author_and_not_the_library(read):
    core = read.parts["docProps/core.xml"].decode("utf-8")
    assert sorted(re.findall(r"<(?:dc|cp|dcterms):(\w+)[ >]", core)) == ["coreProperties", "language", "title"]
    assert "python-docx" not in core
    assert not [name for name in read.parts if "thumbnail" in name]


def test_same_page_gives_the_same_bytes(page, content):
    assert word.word_bytes(page, PICTURES) == content


def test_tall_picture_fits_on_a_page():
    made = WordFile("t")
    made.picture(png(10, 400), alternative="a", caption="c")
    made.picture(png(400, 10), alternative="b", caption="d")
    sizes = [
        {side: int(box.attrib[side]) / 360000 for side in ("cx", "cy")}
        for box in Read(made.content()).body.iter(f"{DRAWING}extent")
    ]
    # 360,000 English metric units are a centimetre (ECMA-376); 22 x 10 / 400 and 17 x 10 / 400 are the other sides.
    assert sizes[0] == pytest.approx({"cx": 0.55, "cy": 22.0}, abs=1e-4)
    assert sizes[1] == pytest.approx({"cx": 17.0, "cy": 0.425}, abs=1e-4)


def test_tables_that_the_page_folds_away_stay_on_the_page(page):
    made = table("k", "A caption", ["Study", *numbers("n")], [("", [[Cell(text="Ash"), "3"]])])
    folded = Block(title="Folded", sentences=("One.", "Two."), points=("p",), notes=("n",), tables=(made,), fold="More")
    asked = {"title": "t", "question": "q", "overview": ()}
    for is_open, number in ((False, 0), (True, 1)):
        block = dataclasses.replace(folded, is_open=is_open)
        read = Read(word.word_bytes(asked | {"summary": block}, {}))
        assert len(read.tables) == number
        assert read.texts("Heading3") == ["Folded"]
        assert "One. Two." in read.texts("Normal")
        assert read.texts("ListBullet") == ["p"]


def test_record_of_an_unknown_kind_is_refused(page):
    with pytest.raises(TypeError, match="no way to write a int"):
        word.word_bytes({"title": "t", "question": "q", "summary": 7}, {})


def test_table_without_rows_and_pages_without_a_part_leave_no_heading():
    read = Read(word.word_bytes({"title": "t", "question": "q", "studies": None, "votes": None}, {}))
    assert read.texts("Heading1") == []
    assert read.tables == []
