"""Tables that reviewers typed, read once more after the check at the door, as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from repool import files
from repool.extraction.specification import check_cells, columns_of
from repool.extraction.tables import read_table


def typed_rows(content: bytes, specification: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the rows of a table that a reviewer typed, as the check at the door understood them.

    Parameters
    ----------
    content : bytes
        The file.
    specification : mapping
        Its written specification (workflow/schemas).

    Returns
    -------
    list of dict
        One mapping of column to text per row, with every column that the specification knows.
    """
    columns = columns_of(specification)
    names = [column.name for column in columns]
    typed, _ = read_table(content, file=specification["table"], known=names, required=[])
    rows, _ = check_cells(typed, columns, row_name=names[0])
    return [{name: files.cell_text(row[name]) for name in names} for row in rows]
