"""The command `new`: start an empty review in a folder of its own."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from repool.extraction.specification import columns_of
from repool.files import csv_text, write_if_changed
from repool.schemas import schema

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "examples" / "template"
FIRST_STUDY = "my_study"
#: What the row of the first study must hold; a reviewer overwrites it.
FIRST_ROW = {
    "study_id": FIRST_STUDY,
    "cohort_id": FIRST_STUDY,
    "label": "My Study",
    "design": "rct",
    "status": "included",
}


def main(arguments: list[str]) -> int:
    """Start a review.

    Parameters
    ----------
    arguments : list of str
        --review PATH, a folder that does not exist yet or is empty.

    Returns
    -------
    int
        0 if the review stands there now, 1 if the folder cannot be used.
    """
    parser = argparse.ArgumentParser(prog="run.py new", description=__doc__)
    parser.add_argument("--review", help="folder of the new review")
    named = parser.parse_args([word for word in arguments if word != "--"]).review
    fault = why_not(named)
    if fault:
        print(f"repool: {fault}", file=sys.stderr)
        return 1
    folder = Path(named)
    try:
        for name, content in sorted(contents().items()):
            write_if_changed(folder / name, content)
    except OSError as error:
        print(f"repool: the review could not be written: {error}", file=sys.stderr)
        return 1
    print(f"A new review stands in {folder}. Go on with its README.md.")
    return 0


def why_not(named: str | None) -> str:
    """Return why no review can be started there, or "" if one can.

    Parameters
    ----------
    named : str or None
        The folder as it was named.
    """
    usage = "Name a new folder: make new REVIEW=path"
    if named is None:
        return f"no folder is named. {usage}"
    folder = Path(named)
    if folder.exists() and not folder.is_dir():
        return f"{folder} is a file. {usage}"
    if folder.is_dir() and any(folder.iterdir()):
        return f"{folder} is not empty; nothing was written. {usage}"
    return ""


def contents() -> dict[str, bytes | str]:
    """Return the files of an empty review: the template, and blank tables with every column.

    Returns
    -------
    dict
        File, relative to the review's folder -> content.
    """
    files: dict[str, bytes | str] = {
        path.relative_to(TEMPLATE).as_posix(): path.read_bytes() for path in TEMPLATE.rglob("*") if path.is_file()
    }
    return files | {
        "data/studies.csv": blank_table("studies", rows=[FIRST_ROW]),
        "data/votes.csv": blank_table("votes"),
        "data/acknowledged.csv": blank_table("acknowledged"),
        "data/risk_of_bias.csv": blank_table("risk_of_bias"),
        "data/summary_of_findings.csv": blank_table("summary_of_findings"),
        "data/deviations.csv": blank_table("deviations"),
        f"data/extraction/{FIRST_STUDY}.csv": blank_table("extraction"),
    }


def blank_table(name: str, *, rows: list[dict[str, str]] | None = None) -> str:
    """Return a table with every column of its written specification.

    Parameters
    ----------
    name : str
        Name of the specification, such as "extraction".
    rows : list of dict, optional
        Rows to start with.

    Returns
    -------
    str
        CSV text.
    """
    return csv_text(rows or [], columns=[column.name for column in columns_of(schema(name))])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
