"""A workbook of tables: numbers as numbers, and everything else as text that no spreadsheet will run."""

from __future__ import annotations

import datetime
import io
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from repool import packed

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

#: Most letters that a spreadsheet allows in the name of a sheet, and in a cell.
MOST_IN_NAME, MOST_IN_CELL = 31, 32767
#: What stands at the end of a text that is longer than a cell.
CUT = " ... (cut: longer than a cell; the CSV file has all of it)"
#: Narrowest and widest column, in letters.
NARROWEST, WIDEST = 6, 60
#: A spreadsheet asks for a date; a date of today would make every run another file.
_CREATED = datetime.datetime(2000, 1, 1)
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One table of a workbook.

    Parameters
    ----------
    name : str
        What the sheet is called.
    columns : sequence of str
        Its first row.
    rows : sequence of mapping
        Column -> text of the cell; a missing column is an empty cell.
    numbers : frozenset of str
        Columns of numbers: their cells are numbers wherever they can be read as one.
    is_prose : bool
        Whether long texts are broken into lines, as on a page to be read.
    """

    name: str
    columns: Sequence[str]
    rows: Sequence[Mapping[str, str]]
    numbers: frozenset[str] = frozenset()
    is_prose: bool = False


def workbook_bytes(sheets: Iterable[Sheet], *, title: str) -> bytes:
    """Return a workbook, the same bytes on every run.

    Parameters
    ----------
    sheets : iterable of Sheet
        Its sheets, in order.
    title : str
        Title of the file, for search and screen readers.

    Returns
    -------
    bytes
        An xlsx file. Its first rows are bold, stay in sight and can be filtered.

    Raises
    ------
    ValueError
        If a table has more rows or columns than a sheet.
    """
    import xlsxwriter

    sheets = list(sheets)
    buffer = io.BytesIO()
    typed = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, {"in_memory": True, **typed}) as book:
        book.set_properties({"title": title, "created": _CREATED})
        head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#f4f2ed"})
        # With a quote before it a text that starts with "=" stays one when somebody edits the cell.
        plain = {"quote_prefix": True, "valign": "top"}
        text = {True: book.add_format(plain | {"text_wrap": True}), False: book.add_format(plain)}
        for name, sheet in zip(sheet_names([sheet.name for sheet in sheets]), sheets, strict=True):
            _fill(book.add_worksheet(name), sheet, head=head, text=text[sheet.is_prose])
    return packed.repack(buffer.getvalue())


def sheet_names(names: Sequence[str]) -> list[str]:
    """Return names that a spreadsheet allows: short enough, without its signs, and no two alike in small letters."""
    found: list[str] = []
    for name in names:
        plain = _FORBIDDEN.sub("_", name).strip("'") or "sheet"
        tried, number = plain[:MOST_IN_NAME], 1
        while tried.lower() in (other.lower() for other in found):
            number += 1
            ending = f"_{number}"
            tried = f"{plain[: MOST_IN_NAME - len(ending)]}{ending}"
        found.append(tried)
    return found


def number_in(cell: str) -> float | None:
    """Return a cell as a number; None where it is blank, a word, or nothing a spreadsheet can hold."""
    try:
        found = float(cell)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _fill(page: Worksheet, sheet: Sheet, *, head: Format, text: Format) -> None:
    for place, column in enumerate(sheet.columns):
        _written(page.write_string(0, place, column, head), sheet.name)
        cells = [row.get(column, "") for row in sheet.rows]
        # A few very long cells shall not make a column wide.
        lengths = sorted(len(cell) for cell in cells)
        usual = lengths[int(0.9 * (len(lengths) - 1))] if lengths else 0
        page.set_column(place, place, min(WIDEST, max(NARROWEST, len(column) + 3, usual + 1)))
        for line, cell in enumerate(cells, start=1):
            number = number_in(cell) if column in sheet.numbers else None
            if number is not None:
                _written(page.write_number(line, place, number), sheet.name)
            elif cell:
                _written(page.write_string(line, place, shortened(cell), text), sheet.name)
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, len(sheet.rows), max(0, len(sheet.columns) - 1))


def shortened(cell: str) -> str:
    """Return a text that fits into a cell, and says so where it had to be cut."""
    return cell if len(cell) <= MOST_IN_CELL else f"{cell[: MOST_IN_CELL - len(CUT)]}{CUT}"


def _written(code: Any, name: str) -> None:
    """Refuse a table of which a cell was left out without a word."""
    if code:
        raise ValueError(f"{name}: the table is larger than a sheet of a workbook")
