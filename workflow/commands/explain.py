"""The command `explain`: the way of one effect, from the cells of its file to its weight in each analysis."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from repool import door, files
from repool.extraction.review import ALIASES
from repool.extraction.specification import columns_of
from repool.extraction.tables import read_table
from repool.problems import ReviewError, did_you_mean
from repool.report.explanation import Evidence, explanation
from repool.schemas import schema


def main(arguments: list[str]) -> int:
    """Print the way of one effect.

    Parameters
    ----------
    arguments : list of str
        Name of a result, --review PATH.

    Returns
    -------
    int
        0, or 1 if the review has no such result, or no results yet.
    """
    parser = argparse.ArgumentParser(prog="run.py explain", description=__doc__)
    parser.add_argument("effect", help="name of a result: the column result_id of its extraction file")
    parser.add_argument("--review", default=".", help="folder of the review")
    known = parser.parse_args([word for word in arguments if word != "--"])
    folder = Path(known.review)
    lines = folder / "results/checks/lines.csv"
    if not lines.is_file():
        print("This review has no results yet: run it first (make).", file=sys.stderr)
        return 1
    places = {row["result_id"]: row for row in files.read_rows(lines)}
    if known.effect not in places:
        print(f'No result is called "{known.effect}". {did_you_mean(known.effect, places)}', file=sys.stderr)
        return 1
    try:
        settings = door.open_review(folder).settings
    except ReviewError as refusal:
        print(refusal, file=sys.stderr)
        return 1
    print(explanation(known.effect, evidence(folder, known.effect, places[known.effect]), settings=settings))
    print(_stale(folder), end="")
    return 0


def evidence(folder: Path, result_id: str, place: dict[str, str]) -> Evidence:
    """Return what the files of a review hold on one result.

    Parameters
    ----------
    folder : path
        Folder of the review.
    result_id : str
        Name of the result.
    place : mapping
        Its row of results/checks/lines.csv.

    Returns
    -------
    Evidence
    """
    results = folder / "results"
    study = Path(place["file"]).stem

    def own(path: Path) -> list[dict[str, str]]:
        # A row made from several, or from a part of one, names them.
        return [row for row in files.read_rows(path) if result_id in _parts(row["result_id"])]

    uses, refusals = {}, {}
    for analysis in sorted(path.parent for path in results.glob("analyses/*/selection.csv")):
        rows = own(analysis / "forest.csv")
        if rows:
            uses[analysis.name] = rows
        for row in own(analysis / "selection.csv"):
            if row["reason"]:
                refusals[analysis.name] = row["reason"]
    return Evidence(
        file=place["file"],
        line=place["line"],
        cells=_cells(folder, place, result_id),
        ledger=own(results / "harmonised/ledger.csv")[0],
        effects=own(results / f"effects/{study}.csv"),
        disagreements=own(results / "checks/disagreements.csv"),
        uses=uses,
        refusals=refusals,
    )


def _parts(result_id: str) -> list[str]:
    """Return the names that a name is made of: its own, and those joined in it."""
    return [result_id, *result_id.split("+")]


def _cells(folder: Path, place: dict[str, str], result_id: str) -> list[tuple[str, str]]:
    """Return the filled cells of a result as they stand in its file now."""
    known = [column.name for column in columns_of(schema("extraction"))]
    content = files.read_bytes(folder / place["file"])
    table, _ = read_table(content, file=place["file"], known=known, required=[], aliases=ALIASES)
    rows = [cells for cells in table.rows if cells.get("result_id") == result_id]
    return [(name, text) for name, text in (rows[0].items() if rows else []) if text and name != "result_id"]


def _stale(folder: Path) -> str:
    """Return a warning if data or configuration are not those that the results came from."""
    record = folder / "results/provenance.json"
    if record.is_file() and json.loads(files.read_bytes(record))["review"] == door.hashes(folder, door.PATTERNS):
        return ""
    return "\nData or configuration were edited since: run the review (make) to see what moved.\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
