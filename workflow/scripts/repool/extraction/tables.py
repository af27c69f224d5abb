"""Reading a reviewer's table: every cell as text, the line a spreadsheet shows, nothing guessed."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from dataclasses import dataclass, field

from repool.problems import Problem, did_you_mean, fault

#: Marks that stand for "not reported" and become a blank cell.
MISSING = frozenset({"", "na", "n/a", "nr", "nd", "ns/r", "-", "–", "—", ".", "?", "not reported", "not stated"})
#: Characters that look like a hyphen-minus, a space or a plain quote but are not.
_LOOKALIKES = str.maketrans(
    {
        **dict.fromkeys("\u2212\u2010\u2011", "-"),
        **dict.fromkeys("\u00a0\u202f\u2009", " "),
        **dict.fromkeys("\u201c\u201d", '"'),
        "\u2019": "'",
        "\ufeff": "",
    }
)
_SEPARATORS = (",", ";", "\t")
#: "Total", "Subtotal (95% CI)", "Total events: 40"; not an outcome such as "total abstinence".
_TOTAL = re.compile(r"(sub|grand )?totals?\b[\s:]*(\(.*\)|events?\b.*|\d.*)?", flags=re.IGNORECASE)
_SAVE_AGAIN = 'Save it again as "CSV UTF-8".'


@dataclass
class Table:
    """A table as it was typed.

    Parameters
    ----------
    file : str
        Name for messages.
    columns : list of str
        Header cells, trimmed, in order.
    rows : list of dict
        One mapping column -> text per row; blank cells are "".
    lines : list of int
        Line of each row as a spreadsheet shows it (the header is line 1).
    decimal_comma : bool
        Whether numbers in this file are written with a decimal comma.
    """

    file: str
    columns: list[str] = field(default_factory=list)
    rows: list[dict[str, str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    decimal_comma: bool = False


def read_table(
    content: bytes,
    *,
    file: str,
    known: list[str],
    required: list[str],
    aliases: dict[str, str] | None = None,
) -> tuple[Table, list[Problem]]:
    """Read a delimited table.

    Parameters
    ----------
    content : bytes
        The file's bytes.
    file : str
        Its name, for messages.
    known : list of str
        Columns that the table may have.
    required : list of str
        Columns that it must have.
    aliases : dict, optional
        Other names under which a column is accepted.

    Returns
    -------
    table : Table
        The cells as text; empty if the file cannot be read.
    problems : list of Problem
        Faults of encoding, separator, header and shape.
    """
    aliases = aliases or {}
    text, problems = _decode(content, file)
    if text is None:
        return Table(file), problems
    separator = _separator(text, [*known, *aliases])
    records, broken = _records(text, separator, file)
    problems += broken
    if not records:
        empty = fault(
            "T03",
            "the file is empty",
            file=file,
            expected="a header line",
            to_fix="Fill or delete it.",
        )
        return Table(file), [*problems, empty]
    (header_line, header), body = records[0], records[1:]
    columns = _columns(header, [*known], aliases)
    problems += _header_faults(columns, file=file, line=header_line, known=known, required=required)
    table = Table(file, columns, decimal_comma=_has_decimal_comma(body, separator))
    for line, raw in body:
        cells = [tidy(cell) for cell in raw]
        shape = _shape_fault(cells, columns, file=file, line=line, separator=separator)
        if shape is not None:
            problems.append(shape)
        elif any(cells):
            cells += [""] * (len(columns) - len(cells))
            table.rows.append(dict(zip(columns, cells, strict=False)))
            table.lines.append(line)
    return table, problems


def tidy(cell: str) -> str:
    """Return a cell without stray spaces and with look-alike characters made plain."""
    return unicodedata.normalize("NFC", cell).translate(_LOOKALIKES).strip()


def is_missing(cell: str) -> bool:
    """Return whether a cell stands for "not reported"."""
    return cell.casefold() in MISSING


def _decode(content: bytes, file: str) -> tuple[str | None, list[Problem]]:
    has_utf16_mark = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = content.decode("utf-16" if has_utf16_mark else "utf-8-sig")
    except UnicodeDecodeError as error:
        if has_utf16_mark:
            return None, [_not_text(file, "half a letter")]
        return _decode_windows(content, error.start, file)
    return (None, [_not_text(file, "a zero byte")]) if "\0" in text else (text, [])


def _decode_windows(content: bytes, odd: int, file: str) -> tuple[str | None, list[Problem]]:
    """Read a file as Windows-1252, and show the first word that depends on this reading."""
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        return None, [_not_text(file, f"byte {content[odd]:#x}")]
    if "\0" in text:
        return None, [_not_text(file, "a zero byte")]
    # One byte is one letter here, so the place of the byte is the place of the letter.
    records, broken = _records(text[: odd + 1], ",", file)
    start = max(text.rfind(mark, 0, odd) for mark in ' ,;\t"\r\n') + 1
    word = re.split(r'[ ,;\t"\r\n]', text[start:], maxsplit=1)[0]
    return text, [
        Problem(
            severity="warning",
            rule="T01",
            file=file,
            line=broken[0].line if broken else records[-1][0],
            column="",
            found=word,
            problem=f'the file is not UTF-8; read as Windows-1252, this word is "{word}"',
            expected="a CSV file in UTF-8",
            to_fix='Look at the word; then save the file as "CSV UTF-8".',
        )
    ]


def _not_text(file: str, found: str) -> Problem:
    problem = "this is not a text file in UTF-8"
    return fault("T01", problem, file=file, found=found, expected="a CSV file in UTF-8", to_fix=_SAVE_AGAIN)


def _separator(text: str, names: list[str]) -> str:
    """Choose the separator under which most header cells are known columns."""
    folded = frozenset(name.casefold() for name in names)
    first = next((line for line in text.splitlines() if line.strip(",;\t ")), "")

    def rank(separator: str) -> tuple[int, bool]:
        cells = [tidy(cell.strip('"')).casefold() for cell in first.split(separator)]
        return sum(cell in folded for cell in cells), separator == ","

    return max(_SEPARATORS, key=rank)


def _records(text: str, separator: str, file: str) -> tuple[list[tuple[int, list[str]]], list[Problem]]:
    """Return (spreadsheet line, cells) of all lines that are not blank.

    A quoted cell with a line break in it is one row of a spreadsheet, so lines are counted as rows.
    """
    # strict: without it, a quote that is never closed swallows all later rows in silence.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    records: list[tuple[int, list[str]]] = []
    line = 0
    try:
        for line, cells in enumerate(reader, start=1):
            if any(cell.strip() for cell in cells):
                records.append((line, cells))
    except csv.Error:
        broken = fault(
            "T08",
            "a double quote opens a text that does not end with its cell",
            file=file,
            line=line + 1,
            expected="quotes in pairs around a whole cell",
            to_fix='Close the quote; within a quoted text, write a quote twice ("").',
        )
        return records, [broken]
    return records, []


def _has_decimal_comma(body: list[tuple[int, list[str]]], separator: str) -> bool:
    if separator == ",":
        return False
    cells = [tidy(cell) for _, row in body for cell in row]
    commas = [cell for cell in cells if re.fullmatch(r"-?\d+,\d+", cell)]
    # 1,306 alone may be a thousand or a fraction; 0,306 and 1,3 can only be fractions.
    comma = any(not re.fullmatch(r"-?[1-9]\d{0,2},\d{3}", cell) for cell in commas)
    point = any(re.fullmatch(r"-?\d+\.\d+", cell) for cell in cells)
    return comma and not point


def _columns(header: list[str], known: list[str], aliases: dict[str, str]) -> list[str]:
    """Return the header's cells as the names of columns, blank ones at its end left out."""
    folded = {name.casefold(): name for name in known}
    folded |= {alias.casefold(): name for alias, name in aliases.items()}
    cells = [tidy(cell) for cell in header]
    while cells and not cells[-1]:
        cells.pop()
    return [folded.get(cell.casefold(), cell) for cell in cells]


def _header_faults(columns: list[str], *, file: str, line: int, known: list[str], required: list[str]) -> list[Problem]:
    problems = []
    for number, name in enumerate(columns):
        place = {"file": file, "line": line, "column": name, "found": name}
        if name in columns[:number]:
            twice, to_fix = "this column stands twice", "Delete one of them, or rename it."
            problems.append(fault("T04", twice, expected="each column once", to_fix=to_fix, **place))
        elif name not in known:
            unknown, to_fix = "this is not a column of the table", did_you_mean(name, known)
            problems.append(fault("T05", unknown, expected="a known column", to_fix=to_fix, **place))
    for name in required:
        if name not in columns:
            problems.append(
                fault(
                    "T02",
                    "a required column is missing",
                    file=file,
                    line=line,
                    column=name,
                    expected=f'a column "{name}"',
                    to_fix="Add the column; docs/data-dictionary.md says what goes into it.",
                )
            )
    return problems


def _shape_fault(cells: list[str], columns: list[str], *, file: str, line: int, separator: str) -> Problem | None:
    """Return what is wrong with a row as a whole."""
    if any(cells[len(columns) :]):
        return fault(
            "T06",
            f"{len(cells)} cells under {len(columns)} columns",
            file=file,
            line=line,
            found=separator.join(cells),
            expected=f"at most {len(columns)} cells",
            to_fix="A text with the separator in it must stand in double quotes.",
        )
    if cells and columns and _TOTAL.fullmatch(cells[0]):
        return fault(
            "T07",
            "a row of totals is not a result",
            file=file,
            line=line,
            column=columns[0],
            found=cells[0],
            expected="one row per study or result",
            to_fix="Delete the row.",
        )
    return None
