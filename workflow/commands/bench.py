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
from types import SimpleNamespace
from typing import Any

from commands import bench_conversion, bench_growth, bench_pooling
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
        compute_in_one_process(known.in_one_process)
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


def compute_in_one_process(folder: Path) -> None:
    """Make every result of a review by calling the stages one after the other.

    Parameters
    ----------
    folder : path
        Folder with config/ and data/; results/ is written there.
    """
    from repool.stages import harmonise

    os.chdir(folder)
    review = door.open_review(".")
    typed = [name for name in door.hashes(".", door.PATTERNS) if name.startswith(door.FIRST_STAGE_FILES)]
    files.write_all(harmonise.harmonised_tables(review, _schema("extraction"), inputs=typed))
    _convert(review)
    for row in review.analyses:
        _pool_and_draw(review, row)
    _write_report(review)


def _schema(name: str) -> dict[str, Any]:
    from repool.schemas import schema

    return schema(name)


def _convert(review: Any) -> None:
    from repool.extraction.settings import carried_columns, numbers_among
    from repool.stages import convert

    names = [f"results/harmonised/{study}.csv" for study in sorted(review.extraction)]
    rows = files.read_frames(names, numbers=convert.harmonised_numbers(_schema("extraction")))
    numbers = numbers_among(review.settings["moderators"])
    studies = files.read_frame("results/checks/studies.csv", numbers=numbers)
    named = {"conversion", "ladder", "readings", "selection"}
    settings = SimpleNamespace(
        analyses={row["analysis"]: row for row in review.analyses},
        carried=carried_columns(review.settings["examine"]),
        other_measures=review.settings["examine"]["sensitivity"]["other_measures"],
        **{name: review.settings[name] for name in sorted(named)},
    )
    files.write_all(convert.effect_tables(rows, studies, settings=settings))


def _pool_and_draw(review: Any, row: Mapping[str, Any]) -> None:
    from repool.extraction import analysis_plan
    from repool.stages import pool

    folder = f"results/analyses/{row['analysis']}"
    pooling = analysis_plan.pooling_of(review.settings, row)
    effects = files.read_frame(f"{folder}/effects.csv", numbers=[*pool.EFFECT_NUMBERS, *pooling["numbers"]])
    tables = pool.pool_tables(effects, analysis=row["analysis"], pooling=pooling)
    files.write_all({f"{folder}/{file}": text for file, text in tables.items()})
    _examine(review, row, pooling)
    _draw(review.settings, row, folder)


def _draw(settings: Mapping[str, Any], row: Mapping[str, Any], folder: str) -> None:
    from repool.stages import draw, plots

    figures = settings["figures"]
    better = settings["outcomes"][row["outcome"]]["higher_is_better"]
    shared = {
        "labels": {"title": row["title"], "measure": row["measure"], "higher_is_better": better},
        "arms": settings["arms"],
        "level": settings["pooling"]["level"],
        "style": figures,
    }
    pictures = draw.forest_files(
        files.read_frame(f"{folder}/forest.csv", numbers=draw.FOREST_NUMBERS),
        files.read_frame(f"{folder}/pooled.csv", numbers=draw.POOLED_NUMBERS),
        ladder=settings["ladder"],
        formats=["svg", "pdf", "png"],
        **shared,
    )
    files.write_all({f"{folder}/forest.{ending}": content for ending, content in pictures.items()})
    if figures["draw"]:
        tables = plots.read_tables(folder, figures["draw"])
        plotted = plots.plot_files(tables, names=figures["draw"], formats=figures["formats"], **shared)
        files.write_all({f"{folder}/figures/{file}": content for file, content in plotted.items()})


def _examine(review: Any, row: Mapping[str, Any], pooling: Mapping[str, Any]) -> None:
    from repool.extraction import analysis_plan
    from repool.stages import examine

    folder = f"results/analyses/{row['analysis']}"
    paths = SimpleNamespace(**{name: f"{folder}/{name}.csv" for name in examine.INPUTS})
    settings = SimpleNamespace(
        pooling=pooling,
        examine=review.settings["examine"],
        votes=analysis_plan.votes_of(review, row),
        plan=analysis_plan.plan_of(review.settings, row),
    )
    tables = examine.examine_tables(**examine.read_tables(paths, numbers=pooling["numbers"]), settings=settings)
    files.write_all({f"{folder}/{file}": text for file, text in tables.items()})


def _write_report(review: Any) -> None:
    from repool.provenance import record
    from repool.report import page

    lock = files.read_bytes(door.LOCK).decode()
    each = ("effects", "selection", "participants", "pooled", "leave_one_out", "regression", "forest", *page.EXAMINED)
    names = ["results/harmonised/ledger.csv", "results/checks/problems.csv", "results/checks/disagreements.csv"]
    names += [f"results/effects/{study}.csv" for study in sorted(review.extraction)]
    analyses = sorted(row["analysis"] for row in review.analyses)
    if review.settings["figures"]["draw"]:
        names += [f"results/analyses/{analysis}/figures/figures.csv" for analysis in analyses]
    names += [f"results/analyses/{analysis}/{table}.csv" for analysis in analyses for table in each]
    rows = {name: files.read_rows(name) for name in names}
    for name in door.hashes(".", ["data/studies.csv", "data/votes.csv"]):
        rows[name] = page.typed_rows(files.read_bytes(name), _schema(Path(name).stem))
    forests = [f"results/analyses/{analysis}/forest.svg" for analysis in analyses]
    pictures = {name: files.read_bytes(name).decode("utf-8") for name in forests}
    plan = {row["analysis"]: {key: row[key] for key in row if key != "line"} for row in review.analyses}
    versions = record(review={}, code={}, results={}, lock=lock)["versions"]
    files.write_all(page.report_files(rows, pictures, settings=review.settings, plan=plan, versions=versions))
    code = door.code_record(ROOT / "workflow" / "scripts")
    made = record(review=door.hashes(".", door.PATTERNS), code=code, results=door.result_hashes("."), lock=lock)
    files.write_if_changed("results/provenance.json", files.json_text(made))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
