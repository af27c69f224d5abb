"""Reading a reviewer's table: every cell as text, with the line a spreadsheet shows, nothing guessed."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from dataclasses import dataclass, field

from repool.problems import Problem, did_you_mean

#: Marks that stand for "not reported" and become a blank cell.
MISSING = frozenset({"", "na", "n/a", "nr", "nd", "ns/r", "-", "–", "—", ".", "?", "not reported", "not stated"})
#: Characters that look like a hyphen-minus or a space but are not.
_LOOKALIKES = str.maketrans(
    {"−": "-", "‐": "-", "‑": "-", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\ufeff": "", "“": '"', "”": '"', "’": "'"}
)
_SEPARATORS = (",", ";", "\t")
#: "Total", "Subtotal (95% CI)", "Total events: 40"; not an outcome such as "total abstinence".
_TOTAL = re.compile(r"(sub|grand )?totals?\b[\s:]*(\(.*\)|events?\b.*|\d.*)?", re.IGNORECASE)


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
    content: bytes, *, file: str, known: list[str], required: list[str], aliases: dict[str, str] | None = None
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
        return Table(file), [*problems, _fault(file, None, "", "", "T03", "the file is empty", "a header line", "Fill it or delete it.")]
    (header_line, header), body = records[0], records[1:]
    columns, header_problems = _header(header, header_line, file=file, known=known, aliases=aliases, required=required)
    table = Table(file, columns, decimal_comma=_has_decimal_comma(body, separator))
    shape_problems: list[Problem] = []
    for line, cells in body:
        cells = [tidy(cell) for cell in cells]
        if not any(cells):
            continue
        if len(cells) > len(columns) and any(cells[len(columns) :]):
            shape_problems.append(
                _fault(file, line, "", separator.join(cells), "T06", f"{len(cells)} cells under {len(columns)} columns",
                       f"at most {len(columns)} cells", "A text with the separator in it must stand in double quotes.")
            )
            continue
        if _TOTAL.fullmatch(cells[0]):
            shape_problems.append(
                _fault(file, line, columns[0], cells[0], "T07", "a row of totals is not a result", "one row per study or result",
                       "Delete the row.")
            )
            continue
        cells += [""] * (len(columns) - len(cells))
        table.rows.append(dict(zip(columns, cells, strict=False)))
        table.lines.append(line)
    return table, [*problems, *header_problems, *shape_problems]


def tidy(cell: str) -> str:
    """Return a cell without stray spaces and with look-alike characters made plain."""
    return unicodedata.normalize("NFC", cell).translate(_LOOKALIKES).strip()


def is_missing(cell: str) -> bool:
    """Return whether a cell stands for "not reported"."""
    return cell.casefold() in MISSING


def _decode(content: bytes, file: str) -> tuple[str | None, list[Problem]]:
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        return _decode_windows(content, error, file)
    if "\0" in text:
        return None, [_not_text(file, "a zero byte")]
    return text, []


def _decode_windows(content: bytes, error: UnicodeDecodeError, file: str) -> tuple[str | None, list[Problem]]:
    """Read a file as Windows-1252, and show the first word that depends on this reading."""
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        return None, [_not_text(file, f"byte {content[error.start]:#x}")]
    if "\0" in text or error.encoding.startswith("utf-16"):
        return None, [_not_text(file, "a zero byte")]
    # One byte is one letter here, so the place of the byte is the place of the letter.
    records, faults = _records(text[: error.start + 1], ",", file)
    line = faults[0].line if faults else records[-1][0]
    start = max(text.rfind(mark, 0, error.start) for mark in ' ,;\t"\r\n') + 1
    word = re.split(r'[ ,;\t"\r\n]', text[start:], maxsplit=1)[0]
    return text, [
        Problem(severity="warning", rule="T01", file=file, line=line, column="", found=word,
                problem=f'the file is not UTF-8; read as Windows-1252, this word is "{word}"',
                expected="a CSV file in UTF-8", to_fix='Look at the word; then save the file as "CSV UTF-8".')
    ]


def _not_text(file: str, found: str) -> Problem:
    return _fault(file, None, "", found, "T01", "this is not a text file in UTF-8", "a CSV file in UTF-8", 'Save it again as "CSV UTF-8".')


def _separator(text: str, names: list[str]) -> str:
    """Choose the separator under which most header cells are known columns."""
    folded = frozenset(name.casefold() for name in names)
    first = next((line for line in text.splitlines() if line.strip(",;\t ")), "")
    return max(_SEPARATORS, key=lambda sep: (sum(tidy(c.strip('"')).casefold() in folded for c in first.split(sep)), sep == ","))


def _records(text: str, separator: str, file: str) -> tuple[list[tuple[int, list[str]]], list[Problem]]:
    """Return (spreadsheet line, cells), blank lines left out: a quoted cell with a line break still counts as one row."""
    # strict: without it, a quote that is never closed swallows all later rows in silence.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    records: list[tuple[int, list[str]]] = []
    line = 0
    try:
        for line, cells in enumerate(reader, start=1):
            if any(cell.strip() for cell in cells):
                records.append((line, cells))
    except csv.Error:
        fault = _fault(file, line + 1, "", '"', "T08", "a double quote opens a text that does not end where the cell ends", 'quotes in pairs: "so"',
                       'Close the quote, or write a quote inside a quoted text twice ("").')
        return records, [fault]
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


def _header(
    header: list[str], line: int, *, file: str, known: list[str], aliases: dict[str, str], required: list[str]
) -> tuple[list[str], list[Problem]]:
    columns, problems = [], []
    folded = {name.casefold(): name for name in known} | {a.casefold(): name for a, name in aliases.items()}
    cells = [tidy(cell) for cell in header]
    while cells and not cells[-1]:
        cells.pop()
    for cell in cells:
        name = folded.get(cell.casefold(), cell)
        if name in columns:
            problems.append(_fault(file, line, cell, cell, "T04", "this column stands twice", "each column once",
                                   "Delete one of them, or rename it."))
        elif name not in known:
            problems.append(_fault(file, line, cell, cell, "T05", "this is not a column of the table", "a known column",
                                   did_you_mean(cell, known)))
        columns.append(name)
    for name in required:
        if name not in columns:
            problems.append(_fault(file, line, name, "", "T02", "a required column is missing", f'a column "{name}"',
                                   "Add the column; docs/data-dictionary.md says what goes into it."))
    return columns, problems


def _fault(file: str, line: int | None, column: str, found: str, rule: str, problem: str, expected: str, to_fix: str) -> Problem:
    return Problem(severity="error", rule=rule, file=file, line=line, column=column, found=found, problem=problem,
                   expected=expected, to_fix=to_fix)
