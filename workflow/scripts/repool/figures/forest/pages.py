"""Pages of a long forest plot: the same columns and axis on each, a heading never left alone at the foot."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from repool.figures.forest.lines import Line


def pages_of(lines: Sequence[Line], *, rows_per_page: int | None) -> list[list[Line]]:
    """Return the lines of each page.

    Parameters
    ----------
    lines : sequence of Line
        All lines of a plot.
    rows_per_page : int or None
        Most studies on a page; None for one page.

    Returns
    -------
    list of list of Line
        Results stay below the study before them; a group that goes on has its heading again.
    """
    if rows_per_page is None:
        return [list(lines)]
    pages: list[list[Line]] = [[]]
    heading, count = None, 0
    for line in lines:
        begins = line.kind in ("heading", "study")
        if begins and count >= rows_per_page:
            again = [_again(heading, len(pages) + 1)] if heading is not None and line.kind == "study" else []
            pages.append(again)
            count = 0
        pages[-1].append(line)
        heading = line if line.kind == "heading" else heading
        count += line.kind == "study"
    return pages


def _again(heading: Line, page: int) -> Line:
    """Return the heading of a group that goes on on the next page."""
    return replace(heading, key=f"{heading.key}-page-{page}", label=f"{heading.label} (continued)")
