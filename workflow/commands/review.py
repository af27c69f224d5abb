"""The command `run`: check a review, run what a change touches, say what happened and where to look."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from commands import adopt, engine
from repool import door
from repool.problems import ReviewError


def main(arguments: list[str]) -> int:
    """Run a review.

    Parameters
    ----------
    arguments : list of str
        --review PATH, --cores N; everything else goes to Snakemake.

    Returns
    -------
    int
        0 if every result is up to date, 1 otherwise.
    """
    parser = argparse.ArgumentParser(prog="run.py run", description=__doc__)
    parser.add_argument("--review", default=".", help="folder of the review")
    parser.add_argument("--cores", type=int, help="number of cores; all by default")
    known, more = parser.parse_known_args(arguments)
    review = Path(known.review).resolve()
    more = [argument for argument in more if argument != "--"]
    try:
        checked = door.open_review(review)
    except ReviewError as refusal:
        print(refusal, file=sys.stderr)
        print(f"\nThe list stands in {door.PROBLEMS_FILE}. Results were not touched.", file=sys.stderr)
        return 1
    _prepare(review, known.cores)
    code, jobs, lines = engine.narrate(review, cores=known.cores, more=more)
    if code:
        _explain_failure(review, jobs, lines)
        return 1
    if not jobs:
        print("Nothing to do: the results are up to date.")
    if checked.problems:
        doubts = len(checked.problems)
        print(f"{doubts} {'result needs' if doubts == 1 else 'results need'} a look: {door.PROBLEMS_FILE}")
    print(f"The report: {review / 'results' / 'report.html'}")
    return 0


def _prepare(review: Path, cores: int | None) -> None:
    """Clear what a killed run left, and take over committed results that are still true."""
    if adopt.clear_stale_lock(review):
        print("An earlier run was stopped half way; going on from there.")
    if adopt.is_adoptable(review):
        print("The committed results belong to these very data, settings and code; taking them over.")
        engine.quietly(review, cores=cores, more=["--touch"])


def _explain_failure(review: Path, jobs: list[engine.Job], lines: list[str]) -> None:
    """Say which jobs failed, why, and how to get their committed results back."""
    failed = [line.split()[3].rstrip(":") for line in lines if line.strip().startswith("Error in rule ")]
    told = [job for job in jobs if job.rule in failed and (review / job.log).is_file() and (review / job.log).stat().st_size]
    for job in told:
        print(f"\n{job.name} failed.\n{engine.first_words((review / job.log).read_text(encoding='utf-8'))}", file=sys.stderr)
        print(f"The technical trace stands in {job.log}", file=sys.stderr)
    if not told:
        print("".join(lines[-40:]), file=sys.stderr)
    print(
        "\nThe run is incomplete. Results of other analyses were finished; those of a failed one were removed.\n"
        "To get the committed ones back: git checkout -- results",
        file=sys.stderr,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
