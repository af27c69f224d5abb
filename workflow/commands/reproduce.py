"""Rebuild committed results from nothing and compare them number by number: `python3 run.py reproduce`."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from commands import engine
from repool import door, files
from repool.compare import CLOSED, ITERATIVE, NOISE, STEPS, Verdict, compare_results
from repool.problems import ReviewError

STATES = ("identical", "within tolerance", "different")
CLASSES = f"""Tolerances: counts, ids and words exact; {CLOSED}s (yi, vi, q, common-effect and DerSimonian-Laird models)
1e-10 relative; {ITERATIVE} (REML and ML models, limits of tau2, weights) 1e-6 relative; {NOISE} 1e-6; {STEPS} of a
search are not compared. Figures and report: bytes. Which column is what: workflow/scripts/repool/compare.py"""


def main(arguments: list[str]) -> int:
    """Rebuild a review in a scratch folder and compare; the shipped one with every example that has results.

    Parameters
    ----------
    arguments : list of str
        --review PATH, --cores N; everything else goes to Snakemake.

    Returns
    -------
    int
        0 if everything agrees, 1 if anything differs or could not be rebuilt.
    """
    parser = argparse.ArgumentParser(prog="run.py reproduce", description=__doc__)
    parser.add_argument("--review", default=".", help="folder of the review; the shipped one brings the examples")
    parser.add_argument("--cores", type=int, help="number of cores; all by default")
    known, more = parser.parse_known_args(arguments)
    reviews = reviews_with(Path(known.review).resolve())
    more = [word for word in more if word != "--"]
    worst = 0
    for review in reviews:
        if len(reviews) > 1:
            print(f"\n{review.name}")
        worst = max(worst, _reproduce(review, cores=known.cores, more=more))
    return worst


def reviews_with(review: Path) -> list[Path]:
    """Return a review, and behind the shipped one every review of examples/ that has results."""
    if review != engine.ROOT:
        return [review]
    return [review, *(path.parent for path in sorted(review.glob("examples/*/results")) if path.is_dir())]


def _reproduce(review: Path, *, cores: int | None, more: list[str]) -> int:
    """Rebuild one review and print how it compares; return 0 if all agrees."""
    committed = results_in(review)
    if not committed:
        print("There are no results to compare with; `make` makes them.", file=sys.stderr)
        return 1
    scratch = Path(tempfile.mkdtemp(prefix="repool-"))
    print("Rebuilding from nothing in a scratch folder, from data/ and config/ alone.")
    try:
        is_same = _rebuild(review, scratch, cores, more)
    except KeyboardInterrupt:
        shutil.rmtree(scratch)
        raise
    if is_same:
        verdicts = compare_results(committed, results_in(scratch))
        print(f"\n{report(verdicts)}")
        is_same = not any(verdict.differences for verdict in verdicts)
    if not is_same:
        print(f"\nWhat was rebuilt is kept in {scratch}", file=sys.stderr)
        return 1
    shutil.rmtree(scratch)
    return 0


def results_in(review: Path) -> dict[str, bytes]:
    """Return file -> bytes of every result of a review; logs, and hidden files such as Snakemake's, are none."""
    found = (path for path in sorted((review / "results").rglob("[!.]*")) if path.is_file())
    named = ((path.relative_to(review).as_posix(), path) for path in found)
    return {name: files.read_bytes(path) for name, path in named if not name.startswith("results/logs/")}


def _rebuild(review: Path, scratch: Path, cores: int | None, more: list[str]) -> bool:
    """Run the review's data and configuration in another folder; return whether that worked."""
    for name in ("config", "data"):
        if (review / name).is_dir():
            shutil.copytree(review / name, scratch / name)
    try:
        door.open_review(scratch)
    except ReviewError as refusal:
        print(refusal, file=sys.stderr)
        return False
    code, _, lines = engine.narrate(scratch, cores=cores, more=more)
    if code:
        print("".join(lines[-40:]), file=sys.stderr)
        print("The review could not be rebuilt.", file=sys.stderr)
    return code == 0


def report(verdicts: Iterable[Verdict]) -> str:
    """Return the comparison as text: a table by kind of file, the tolerances, and every difference.

    Parameters
    ----------
    verdicts : iterable of Verdict
        One per file.
    """
    verdicts = list(verdicts)
    counts: dict[str, Counter[str]] = {}
    for verdict in verdicts:
        counts.setdefault(verdict.kind, Counter())[verdict.state] += 1
    counts["all"] = Counter(verdict.state for verdict in verdicts)
    rows = [(kind, count.total(), *(count[state] for state in STATES)) for kind, count in counts.items()]
    lines = _aligned([("", "files", *STATES), *rows])
    near = Counter()
    for verdict in verdicts:
        near.update(verdict.near)
    lines += ["", *(f"Equal within tolerance only: {kind}, cells: {near[kind]}" for kind in sorted(near)), CLASSES, ""]
    return "\n".join(lines + _differences(verdicts))


def _differences(verdicts: Iterable[Verdict]) -> list[str]:
    found = [difference for verdict in verdicts for difference in verdict.differences]
    if not found:
        return ["The committed results come out again."]
    rows = [(one.file, one.row, one.column, one.committed, one.rebuilt) for one in found]
    what = "1 difference" if len(found) == 1 else f"{len(found)} differences"
    return [f"{what}:", *_aligned([("file", "row", "column", "committed", "rebuilt"), *rows])]


def _aligned(rows: list[tuple]) -> list[str]:
    """Return rows as lines, their columns under each other; numbers stand to the right."""
    widths = [max(len(str(row[place])) for row in rows) for place in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            f"{cell:>{width}}" if isinstance(cell, int) else f"{cell:<{width}}"
            for cell, width in zip(row, widths, strict=True)
        ]
        lines.append("  ".join(cells).rstrip())
    return lines


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
