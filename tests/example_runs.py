"""A review of examples/ run from cells to report in a folder of its own, and the numbers that its README tells."""

import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"


def rows_of(path):
    """Return the rows of a table."""
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def row_of(path, **cells):
    """Return the only row of a table with these cells."""
    (row,) = [row for row in rows_of(path) if all(row[name] == value for name, value in cells.items())]
    return row


def run_example(name, folder):
    """Return the results of a run of an example on a copy of its data and settings."""
    for part in ("config", "data"):
        shutil.copytree(EXAMPLES / name / part, folder / part)
    words = [sys.executable, "-P", ROOT / "workflow/commands/review.py", "--review", folder]
    paths = os.pathsep.join([str(ROOT / "workflow/scripts"), str(ROOT / "workflow")])
    run = subprocess.run(
        [str(word) for word in [*words, "--cores", 2]],
        env=os.environ | {"PYTHONPATH": paths, "MPLBACKEND": "Agg"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return folder / "results"


def told_numbers(name):
    """Return the numbers in each line of the table "What comes out" of an example's README."""
    text = (EXAMPLES / name / "README.md").read_text(encoding="utf-8")
    lines = text.split("## What comes out")[1].split("\n\n")[1].split("\n")[2:]
    return [re.findall(r"-?\d+\.\d+", line.split("|")[2]) for line in lines]


def rounded_like(words, row, names):
    """Return cells of a row, rounded to as many places as these words have."""
    places = [len(word.partition(".")[2]) for word in words]
    return [f"{float(row[name]):.{place}f}" for name, place in zip(names, places, strict=True)]


def has_metafor():
    """Return whether R with metafor is on this machine; neither is needed to run repool."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return False
    words = [rscript, "-e", 'quit(status = !requireNamespace("metafor", quietly = TRUE))']
    return subprocess.run(words, capture_output=True, check=False).returncode == 0
