"""From the files of a run to the report as a Word file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from repool.report.page import tables_and_page
from repool.report.word import word_bytes

Row = Mapping[str, Any]


def word_file(
    rows: Mapping[str, Sequence[Row]], drawings: Mapping[str, str], pictures: Mapping[str, bytes], **choices: Any
) -> bytes:
    """Return the report as a Word file.

    Parameters
    ----------
    rows, drawings
        As `rows` and `pictures` of `report.page.report_files`.
    pictures : mapping
        File -> forest plot of each analysis as PNG.
    **choices
        Those of `report.page.CHOICES`.
    """
    _, page = tables_and_page(rows, drawings, **choices)
    return word_bytes(page, {path.split("/")[-2]: content for path, content in pictures.items()})
