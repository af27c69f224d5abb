"""Measure what the pipeline costs beside the same computation in one process: `python3 run.py bench`."""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from commands import engine

ROOT = Path(__file__).resolve().parents[2]
#: The study that is added: it enters two analyses of the shipped review.
ADDED = "suzuki2023"


def main(arguments: list[str]) -> int:
    """Print the times of three runs as ratios to one process that computes the whole review.

    Parameters
    ----------
    arguments : list of str
        --review PATH, --repeats N, --add STUDY, --cores N.

    Returns
    -------
    int
        0; 1 if the two ways do not make the same files.
    """
    parser = argparse.ArgumentParser(prog="run.py bench", description=__doc__)
    parser.add_argument("--review", default=".", help="folder of the review")
    parser.add_argument("--repeats", type=int, default=3, help="how often everything is measured")
    parser.add_argument("--add", default=ADDED, help="study that is taken out and added again")
    parser.add_argument("--cores", type=int, help="number of cores; all by default")
    known = parser.parse_args([argument for argument in arguments if argument != "--"])
    rounds = []
    with tempfile.TemporaryDirectory(prefix="repool-bench-") as scratch:
        for number in range(known.repeats):
            print(f"round {number + 1} of {known.repeats}", flush=True)
            folder = Path(scratch) / str(number)
            rounds.append(_one_round(Path(known.review).resolve(), folder, known.add, known.cores))
            differences = _differences(folder / "one", folder / "pipeline")
            if differences:
                print(f"The two ways differ: {', '.join(differences[:5])}", file=sys.stderr)
                return 1
            shutil.rmtree(folder)
    print(_table(rounds))
    return 0


def _one_round(review: Path, folder: Path, added: str, cores: int | None) -> dict[str, float]:
    """Return the seconds of each run, measured one after the other."""
    one, pipeline = folder / "one", folder / "pipeline"
    for place in (one, pipeline):
        for part in ("config", "data"):
            shutil.copytree(review / part, place / part)
    program = [sys.executable, "-P", str(ROOT / "workflow" / "commands" / "one_process.py"), str(one)]
    seconds = {"one process": _timed(lambda: subprocess.run(program, check=True))}

    def run() -> None:
        engine.quietly(pipeline, cores=cores, more=[])

    study, aside = pipeline / "data" / "extraction" / f"{added}.csv", folder / "aside.csv"
    shutil.move(study, aside)
    run()
    shutil.move(aside, study)
    seconds["one study added"] = _timed(run)
    seconds["nothing to do"] = _timed(run)
    for name in ("results", ".snakemake"):
        shutil.rmtree(pipeline / name)
    seconds["full run"] = _timed(run)
    return seconds


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _differences(one: Path, pipeline: Path) -> list[str]:
    """Return the results whose bytes differ between the two ways."""
    made = sorted(path.relative_to(one) for path in (one / "results").rglob("*") if path.is_file())
    return [str(name) for name in made if (one / name).read_bytes() != (pipeline / name).read_bytes()]


def _table(rounds: list[dict[str, float]]) -> str:
    """Return the ratios to one process: median, least and greatest over the rounds."""
    lines = ["", f"{'as a ratio to one process':<28}{'median':>8}{'least':>8}{'most':>8}"]
    for name in ("full run", "one study added", "nothing to do"):
        ratios = [seconds[name] / seconds["one process"] for seconds in rounds]
        lines.append(f"{name:<28}{statistics.median(ratios):>8.2f}{min(ratios):>8.2f}{max(ratios):>8.2f}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
