"""Small pieces of Markdown."""

from __future__ import annotations

from collections.abc import Sequence


def made_by(source: str) -> str:
    """Return the comment that says what a page is made from."""
    return f"<!-- Made by `python3 run.py docs` from {source}: edit that, not this page. -->"


def code(text: str) -> str:
    """Return a text as code."""
    return f"`{text}`"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table.

    Parameters
    ----------
    header : sequence of str
        Names of the columns.
    rows : sequence of sequences of str
        Cells, as many as the header has.

    Returns
    -------
    str
        Markdown.
    """
    lines = [_line(header), _line(["---"] * len(header)), *(_line(row) for row in rows)]
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
