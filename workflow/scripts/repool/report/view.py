"""What the template lays out: tables of cells that hold finished text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell: its text, a second line in small print, a link, footnotes and a tone.

    Parameters
    ----------
    text, small : str
        First line, and what stands below it, which may have several lines.
    href : str
        Where the text links to; blank for nowhere.
    key : str
        Its id on the page; blank for none.
    notes, links : tuple of tuple of str
        Pairs of (mark, link) of the footnotes, and of (text, link) after the small print.
    tone : str
        "strong", "quiet" or "".
    """

    text: str
    small: str = ""
    href: str = ""
    key: str = ""
    notes: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    tone: str = ""


@dataclass(frozen=True, kw_only=True)
class Column:
    """Head of a column; `kind` is "text", "number" (set to the right), "long" (kept wide) or "brief" (on one line)."""

    title: str
    kind: str = "text"


@dataclass(frozen=True, kw_only=True)
class Group:
    """Rows that stand together under a heading; the heading may be blank."""

    title: str
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table with its caption; `csv` is the file with the same numbers in full."""

    key: str
    caption: str
    columns: tuple[Column, ...]
    groups: tuple[Group, ...]
    csv: str = ""


@dataclass(frozen=True, kw_only=True)
class Block:
    """A part of a section under a heading of its own.

    Parameters
    ----------
    title : str
        Its heading.
    sentences, points, notes : tuple of str
        A paragraph, a list below it, and lines in small print at the end.
    tables : tuple of Table
        Its tables.
    fold : str
        What the fold around the tables is called; blank for no fold.
    is_open : bool
        Whether the fold starts open.
    links : tuple of tuple of str
        Pairs of (address, text).
    """

    title: str
    sentences: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    fold: str = ""
    is_open: bool = False
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure with everything a reader needs beside it.

    Parameters
    ----------
    key, title : str
        Its id on the page, and what it is called.
    picture : Markup or None
        The picture itself; None where it is only linked.
    alternative : str
        What it shows, in words.
    note : str
        What a reader must know to read it, or why the picture is not on the page.
    files, numbers : tuple of tuple of str
        Pairs of (address, text): the picture as files, and the tables it is drawn from.
    """

    key: str
    title: str
    picture: Markup | None
    alternative: str
    note: str = ""
    files: tuple[tuple[str, str], ...] = ()
    numbers: tuple[tuple[str, str], ...] = ()


def table(
    key: str,
    caption: str,
    columns: Sequence[str | Column],
    groups: Iterable[tuple[str, Iterable[Sequence[str | Cell]]]],
    *,
    csv: str = "",
) -> Table | None:
    """Return a table, or None when it has no row.

    Parameters
    ----------
    key : str
        Its id on the page.
    caption : str
        What it shows.
    columns : sequence
        Heads; a plain text stands for a column of text.
    groups : iterable
        Pairs of a heading and rows; a plain text stands for a cell.
    csv : str
        Link to the file with the same numbers; blank for none.

    Raises
    ------
    ValueError
        If a row has another number of cells than there are columns.
    """
    heads = tuple(c if isinstance(c, Column) else Column(title=c) for c in columns)
    made = []
    for title, rows in groups:
        cells = tuple(tuple(_cell(c) for c in row) for row in rows)
        if any(len(row) != len(heads) for row in cells):
            raise ValueError(f"table {key}: a row has not {len(heads)} cells")
        if cells:
            made.append(Group(title=title, rows=cells))
    if not made:
        return None
    return Table(key=key, caption=caption, columns=heads, groups=tuple(made), csv=csv)


def tied(sentence: str) -> str:
    """Return a sentence in which no line ends between a number and its percent sign, or between I² and its value."""
    return re.sub(r"(?<=\d) (?=%)|(?<=I²) (?=\d)", "\N{NO-BREAK SPACE}", sentence)


def numbers(*titles: str) -> list[Column]:
    """Return heads of columns of numbers."""
    return [Column(title=title, kind="number") for title in titles]


def longs(*titles: str) -> list[Column]:
    """Return heads of columns of running text."""
    return [Column(title=title, kind="long") for title in titles]


def _cell(content: str | Cell) -> Cell:
    return content if isinstance(content, Cell) else Cell(text=content)
