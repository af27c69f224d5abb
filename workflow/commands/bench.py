"""How long a run takes, as a multiple of the same computation in one Python process: `python3 run.py bench`."""

from __future__ import annotations

import argparse
import csv
import io
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from commands import bench_conversion, bench_growth, bench_pooling, one_process
from commands.engine import ROOT
from commands.reproduce import results_in
from repool import door, files

NEW_STUDY = "zz_added_by_bench"
#: What is measured, in the order in which it is done in one folder.
RUNS = ("full run from nothing", "nothing to do", "one study added")


def main(arguments: list[str]) -> int:
    """Measure the runs several times on scratch copies and print their ratios.

    Parameters
    ----------
    arguments : list of str
        --review PATH, --cores N, --repeats N.

    Returns
    -------
    int
        0, or 1 if a run failed or the two ways came to different results.
    """
    parser = argparse.ArgumentParser(prog="run.py bench", description=__doc__)
    parser.add_argument("--review", type=Path, default=ROOT, help="folder of the review; it is copied, never touched")
    parser.add_argument("--cores", type=int, default=os.cpu_count(), help="number of cores; all by default")
    parser.add_argument("--repeats", type=int, default=3, help="how often everything is measured")
    parser.add_argument("--in-one-process", type=Path, help=argparse.SUPPRESS)
    known = parser.parse_args([word for word in arguments if word != "--"])
    if known.in_one_process:
        one_process.compute(known.in_one_process)
        return 0
    ratios: list[dict[str, float]] = []
    try:
        for number in range(1, known.repeats + 1):
            print(f"measuring, {number} of {known.repeats}", file=sys.stderr, flush=True)
            ratios.append(measure(known.review.resolve(), known.cores))
    except RuntimeError as failure:
        print(failure, file=sys.stderr)
        return 1
    print(report(ratios, known.cores))
    print(
        bench_conversion.report(
            bench_conversion.measure(door.open_review(known.review).settings["conversion"], known.repeats)
        )
    )
    print(bench_pooling.report(bench_pooling.measure(known.repeats)))
    print(bench_growth.report(bench_growth.measure(known.repeats)))
    return 0


def measure(review: Path, cores: int) -> dict[str, float]:
    """Return what is measured -> its duration over that of the same computation in one process.

    Raises
    ------
    RuntimeError
        If a run fails, or if the two ways come to different bytes: then it is not the same computation.
    """
    run = [sys.executable, "-P", str(Path(__file__).with_name("review.py")), "--cores", str(cores), "--review"]
    alone = [sys.executable, "-P", __file__, "--in-one-process"]
    with tempfile.TemporaryDirectory(prefix="repool-") as folder:
        piped, single = Path(folder) / "piped", Path(folder) / "single"
        for place in (piped, single):
            for name in ("config", "data"):
                shutil.copytree(review / name, place / name)
        seconds = [_timed([*run, str(piped)])]
        one_process = _timed([*alone, str(single)])
        if results_in(piped) != results_in(single):
            raise RuntimeError("the pipeline and one process came to different results, so their times say nothing")
        seconds.append(_timed([*run, str(piped)]))
        add_study(piped)
        seconds.append(_timed([*run, str(piped)]))
    return {name: took / one_process for name, took in zip(RUNS, seconds, strict=True)}


def _timed(words: list[str]) -> float:
    start = time.perf_counter()
    done = subprocess.run(words, capture_output=True, text=True, encoding="utf-8", check=False)
    took = time.perf_counter() - start
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return took


def report(ratios: Iterable[Mapping[str, float]], cores: int) -> str:
    """Return the ratios as a table: median, least and most of each run."""
    ratios = list(ratios)
    cpus = "1 core" if cores == 1 else f"{cores} cores"
    lines = [
        f"Durations on {cpus}, as multiples of the same computation in one Python process; {len(ratios)} measurements",
        f"{'':<24}{'median':>8}{'least':>8}{'most':>8}",
    ]
    for name in RUNS:
        values = sorted(measured[name] for measured in ratios)
        cells = (statistics.median(values), values[0], values[-1])
        lines.append(f"{name:<24}" + "".join(f"{value:>8.2f}" for value in cells))
    return "\n".join(lines)


def add_study(review: Path) -> None:
    """Add a copy, under a name of its own, of the first study that has a result in some analysis."""
    chosen = (review / "results" / "analyses").glob("*/effects.csv")
    study = min(row["study_id"] for path in chosen for row in files.read_rows(path))
    extraction = review / "data" / "extraction"
    header, *rows = _cells(extraction / f"{study}.csv")
    place = header.index("result_id")
    renamed = [[*row[:place], f"{NEW_STUDY}-{number}", *row[place + 1 :]] for number, row in enumerate(rows)]
    _write_cells(extraction / f"{NEW_STUDY}.csv", [header, *renamed])
    studies = review / "data" / "studies.csv"
    header, *rows = _cells(studies)
    (row,) = (row for row in rows if row[header.index("study_id")] == study)
    names = {"study_id": NEW_STUDY, "cohort_id": NEW_STUDY}
    added = [names.get(column, cell) for column, cell in zip(header, row, strict=True)]
    _write_cells(studies, [header, *rows, added])


def _cells(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(files.read_bytes(path).decode("utf-8-sig"), newline="")))


def _write_cells(path: Path, rows: list[list[str]]) -> None:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    files.write_if_changed(path, buffer.getvalue())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
