"""From the files of a run to the report: what is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from repool import files
from repool.extraction.typed import typed_rows
from repool.schemas import schema

#: What stands among the results only where the review asks for it; left there, it would pass for one of these results.
UNASKED = ("report.docx", "figures", "analyses/*/figures")


def read_report_rows(
    tables: Iterable[str], *, figures: Iterable[str], typed: Mapping[str, str]
) -> dict[str, list[dict[str, str]]]:
    """Return the rows that the report is written from.

    Parameters
    ----------
    tables : iterable of str
        Tables of the pipeline.
    figures : iterable of str
        Folders of figures; each holds a figures.csv.
    typed : mapping
        Table that a reviewer typed -> name of its specification.

    Returns
    -------
    dict
        File -> rows, all cells as text.
    """
    rows = {path: files.read_rows(path) for path in [*tables, *(f"{folder}/figures.csv" for folder in figures)]}
    return rows | {path: typed_rows(content, schema(typed[path])) for path, content in files.read_all(typed).items()}
