"""A Word file in the making: headings, paragraphs, tables and pictures, without dates and names."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from repool import packed

if TYPE_CHECKING:
    from docx.table import _Cell, _Row
    from docx.text.paragraph import Paragraph

    from repool.report.view import Cell, Table

#: A4 with margins of 2 cm: what a picture may take, in centimetres.
PAGE, MARGIN, WIDEST, HIGHEST = (21.0, 29.7), 2.0, 17.0, 22.0
#: Letters of the text, of tables and of small print, in points.
TEXT, IN_TABLES, SMALL = 10, 8, 7
FONT, QUIET, BAND, ACCENT = "Arial", "5B6470", "F4F2ED", "1F4E79"
#: Styles of the library's template that are blue, too pale for small letters.
COLOURED = ("Title", "Subtitle", "Heading 1", "Heading 2", "Heading 3", "Caption")
#: How wide a column is, beside the others.
SHARES = {"number": 1.0, "brief": 1.3, "text": 1.3, "long": 2.0}
#: Signs that no XML file can hold; a reader sees that one stood there.
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class WordFile:
    """A Word file that is written from top to bottom.

    Parameters
    ----------
    title : str
        Its title, as search and screen readers know it.
    """

    def __init__(self, title: str) -> None:
        import docx
        from docx.shared import Cm, Pt

        self._document = docx.Document()
        page = self._document.sections[0]
        page.page_width, page.page_height = (Cm(length) for length in PAGE)
        page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Cm(MARGIN)
        plain = self._document.styles["Normal"]
        plain.font.size, plain.paragraph_format.space_after = Pt(TEXT), Pt(TEXT / 2)
        _one_look(self._document)
        _without_origin(self._document, title)

    def heading(self, text: str, *, level: int) -> None:
        """Add a heading; level 0 is the title of the file."""
        self._document.add_heading(cleaned(text), level=level)

    def paragraph(self, text: str, *, start: str = "", style: str = "Normal", is_small: bool = False) -> None:
        """Add a paragraph, its start in bold; nothing for an empty one."""
        if text or start:
            added = self._document.add_paragraph(style=style)
            if start:
                _run(added, f"{start} " if text else start, is_bold=True)
            _run(added, text, size=IN_TABLES if is_small else None, is_quiet=is_small)

    def points(self, texts: Sequence[str]) -> None:
        """Add a list with bullets."""
        for text in texts:
            self.paragraph(text, style="List Bullet")

    def picture(self, content: bytes, *, alternative: str, caption: str) -> None:
        """Add a picture as wide as the text or as high as the page, with its caption below."""
        from docx.shared import Cm

        line = self._document.add_paragraph()
        line.paragraph_format.keep_with_next = True
        shape = line.add_run().add_picture(io.BytesIO(content))
        factor = min(Cm(WIDEST) / shape.width, Cm(HIGHEST) / shape.height)
        shape.width, shape.height = int(shape.width * factor), int(shape.height * factor)
        shape._inline.docPr.set("descr", cleaned(alternative))
        self.paragraph(caption, style="Caption")

    def table(self, shown: Table) -> None:
        """Add a table below its caption; its heads come again on every page."""
        from docx.shared import Cm

        caption = self._document.add_paragraph(style="Caption")
        caption.paragraph_format.keep_with_next = True
        _run(caption, shown.caption)
        made = self._document.add_table(rows=1, cols=len(shown.columns), style="Table Grid")
        _mark(made.rows[0], "w:tblHeader")
        widths = [SHARES[column.kind] for column in shown.columns]
        for place, cell in enumerate(made.rows[0].cells):
            # Rows that are added take the width of the column.
            made.columns[place].width = cell.width = Cm(WIDEST * widths[place] / sum(widths))
        for cell, column in zip(made.rows[0].cells, shown.columns, strict=True):
            _run(cell.paragraphs[0], column.title, size=IN_TABLES, is_bold=True)
            _shade(cell)
        for group in shown.groups:
            if group.title:
                cells = made.add_row().cells
                _run(cells[0].merge(cells[-1]).paragraphs[0], group.title, size=IN_TABLES, is_bold=True)
            for row in group.rows:
                line = made.add_row()
                _mark(line, "w:cantSplit")
                for cell, content, column in zip(line.cells, row, shown.columns, strict=True):
                    _fill(cell, content, is_number=column.kind == "number")
        self._document.add_paragraph()

    def content(self) -> bytes:
        """Return the file, the same bytes on every run."""
        buffer = io.BytesIO()
        self._document.save(buffer)
        return packed.repack(buffer.getvalue())


def cleaned(text: str) -> str:
    """Return a text that a Word file can hold; what it cannot is shown as a replacement sign."""
    return _NO_XML.sub("\ufffd", text)


def _run(line: Paragraph, text: str, *, size: int | None = None, is_bold: bool = False, is_quiet: bool = False) -> None:
    from docx.shared import Pt, RGBColor

    run = line.add_run(cleaned(text))
    run.bold = is_bold or None
    if size:
        run.font.size = Pt(size)
    if is_quiet:
        run.font.color.rgb = RGBColor.from_string(QUIET)


def _fill(cell: _Cell, content: Cell, *, is_number: bool) -> None:
    """Write the lines of one cell: its text, small print, footnotes and addresses."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    first = cell.paragraphs[0]
    _run(first, content.text, size=IN_TABLES, is_bold=content.tone == "strong")
    marks = ", ".join(mark for mark, _ in content.notes)
    small = [*content.small.split("\n"), f"rests on {marks}" if marks else "", *(text for text, _ in content.links)]
    for text in filter(None, small):
        _run(cell.add_paragraph(), text, size=SMALL, is_quiet=True)
    for line in cell.paragraphs:
        line.paragraph_format.space_after = 0
        if is_number:
            line.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _mark(row: _Row, name: str) -> None:
    """Mark a row: w:tblHeader comes again on every page, w:cantSplit stays on one."""
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement(name))


def _shade(cell: _Cell) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    band = OxmlElement("w:shd")
    for name, value in (("w:val", "clear"), ("w:color", "auto"), ("w:fill", BAND)):
        band.set(qn(name), value)
    cell._tc.get_or_add_tcPr().append(band)


def _one_look(document: Any) -> None:
    """Give all styles one font and a blue that small letters can have; the template mixes fonts by theme."""
    from docx.oxml.ns import qn
    from docx.shared import RGBColor

    for fonts in document.styles.element.iter(qn("w:rFonts")):
        for name in list(fonts.attrib):
            del fonts.attrib[name]
        for name in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
            fonts.set(qn(name), FONT)
    for name in COLOURED:
        document.styles[name].font.color.rgb = RGBColor.from_string(ACCENT)


def _without_origin(document: Any, title: str) -> None:
    """Take out what the library's own template says of its maker, its dates and its looks."""
    facts = document.core_properties
    for entry in list(facts._element):
        facts._element.remove(entry)
    facts.title, facts.language = cleaned(title), "en"
    relations = document.part.package.rels
    for name in [name for name, relation in relations.items() if relation.reltype.endswith("/thumbnail")]:
        del relations[name]
