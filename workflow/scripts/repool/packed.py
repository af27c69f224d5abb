"""Files that are zip archives, such as workbooks: packed the same on every machine, and read back."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from xml.etree import ElementTree

#: The earliest date that an archive can hold: no time of day ever stands in a result.
_DATE = (1980, 1, 1, 0, 0, 0)
#: Which system packed a member tells its access rights; the same everywhere: Unix, readable by all.
_UNIX, _RIGHTS = 3, 0o100644 << 16
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def repack(content: bytes) -> bytes:
    """Return an archive with the same members in the same order, without dates and traces of the machine.

    Parameters
    ----------
    content : bytes
        A zip archive.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, member in members(content).items():
            entry = zipfile.ZipInfo(name, _DATE)
            entry.create_system, entry.external_attr = _UNIX, _RIGHTS
            archive.writestr(entry, member, compress_type=zipfile.ZIP_DEFLATED, compresslevel=9)
    return buffer.getvalue()


def is_whole(content: bytes) -> bool:
    """Return whether bytes are an archive of which every member can be read."""
    try:
        members(content)
    except (zipfile.BadZipFile, zlib.error):
        return False
    return True


def members(content: bytes) -> dict[str, bytes]:
    """Return name -> bytes of the members of an archive, in their order."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def sheets(content: bytes) -> dict[str, list[dict[str, str]]]:
    """Return the sheets of a workbook that `report.workbook` made, as rows of text.

    Parameters
    ----------
    content : bytes
        The workbook.

    Returns
    -------
    dict
        Sheet -> rows, each with every column of the sheet's first row; an empty cell is blank.
    """
    found = members(content)
    root = ElementTree.fromstring(found["xl/sharedStrings.xml"])
    words = ["".join(text.text or "" for text in entry.iter(f"{_MAIN}t")) for entry in root]
    names = [sheet.attrib["name"] for sheet in ElementTree.fromstring(found["xl/workbook.xml"]).iter(f"{_MAIN}sheet")]
    return {
        name: _rows(ElementTree.fromstring(found[f"xl/worksheets/sheet{place}.xml"]), words)
        for place, name in enumerate(names, start=1)
    }


def _rows(sheet: ElementTree.Element, words: list[str]) -> list[dict[str, str]]:
    lines = [
        {re.sub(r"\d", "", cell.attrib["r"]): _text(cell, words) for cell in line.iter(f"{_MAIN}c")}
        for line in sheet.iter(f"{_MAIN}row")
    ]
    head = lines[0] if lines else {}
    return [{title: line.get(letter, "") for letter, title in head.items()} for line in lines[1:]]


def _text(cell: ElementTree.Element, words: list[str]) -> str:
    value = cell.findtext(f"{_MAIN}v", default="")
    return words[int(value)] if cell.attrib.get("t") == "s" else value
