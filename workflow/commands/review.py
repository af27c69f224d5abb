"""The command `run`: check a review, run what a change touches, say what happened and where to look."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from commands import adopt, engine
from repool import door
from repool.problems import ReviewError, open_warnings


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
        if (review / door.PROBLEMS_FILE).is_file():
            print(f"\nThe list stands in {door.PROBLEMS_FILE}. Results were not touched.", file=sys.stderr)
        return 1
    if adopt.is_locked(review) and not engine.is_dry(more) and not _unlock(review):
        return 1
    code, jobs, lines = _bring_up_to_date(review, known.cores, more)
    if code:
        _explain_failure(review, jobs, lines)
        return 1
    if not jobs:
        print("Nothing to do: the results are up to date.")
    doubts = len(open_warnings(checked.problems))
    if doubts:
        print(f"{doubts} {'result needs' if doubts == 1 else 'results need'} a look: {door.PROBLEMS_FILE}")
    print(f"The report: {review / 'results' / 'report.html'}")
    return 0


def _bring_up_to_date(review: Path, cores: int | None, more: list[str]) -> tuple[int, list[engine.Job], list[str]]:
    """Run what has to run; return what `engine.narrate` returns."""
    is_dry = engine.is_dry(more)
    if _settle_doubtful_results(review, cores, is_dry) and is_dry:
        # Nothing was taken over, so Snakemake would explain jobs that no run would do.
        return 0, [], []
    try:
        return engine.narrate(review, cores=cores, more=more)
    finally:
        if not is_dry:
            adopt.remember_results(review)


def _unlock(review: Path) -> bool:
    """Clear the lock that a killed run left; return False if the run that holds it still lives."""
    if adopt.is_running(review):
        print("Another run is at work in this folder. Start again when it has ended.", file=sys.stderr)
        return False
    adopt.clear_stale_lock(review)
    print("An earlier run was stopped half way; going on from there.")
    return True


def _settle_doubtful_results(review: Path, cores: int | None, is_dry: bool) -> bool:
    """Take over committed results that are still true, or see that they are made again.

    Returns
    -------
    bool
        Whether the results that stand there are, as a whole, those of these very data, settings and code.
    """
    doubtful = adopt.doubtful_results(review)
    if not doubtful:
        return False
    if adopt.is_adoptable(review):
        print("The committed results belong to these very data, settings and code; taking them over.")
        if not is_dry:
            adopt.distrust_results(review)
            engine.quietly(review, cores=cores, more=["--touch", "--forceall"])
            adopt.remember_results(review)
        return True
    count = f"{len(doubtful)} result{'' if len(doubtful) == 1 else 's'}"
    print(f"{count} did not come from the last run here, or not from these data, settings and code: made again.")
    if not is_dry:
        adopt.put_aside(review, doubtful)
        print(f"What stood there is kept in {adopt.ASIDE}")
    return False


def _explain_failure(review: Path, jobs: list[engine.Job], lines: list[str]) -> None:
    """Say which jobs failed, why, and how to get their committed results back."""
    failed = [line.split()[3].rstrip(":") for line in lines if line.strip().startswith("Error in rule ")]
    told = [
        job for job in jobs if job.rule in failed and (review / job.log).is_file() and (review / job.log).stat().st_size
    ]
    for job in told:
        print(
            f"\n{job.name} failed.\n{engine.first_words((review / job.log).read_text(encoding='utf-8'))}",
            file=sys.stderr,
        )
        print(f"The technical trace stands in {job.log}", file=sys.stderr)
    if not told:
        print("".join(lines[-40:]), file=sys.stderr)
    if not jobs:
        print("\nNothing was run; results were not touched.", file=sys.stderr)
        return
    places = sorted({f"results/analyses/{job.analysis}" if job.analysis else "results" for job in told}) or ["results"]
    git = "git" if review == Path.cwd() else f"git -C {shlex.quote(str(review))}"
    print(
        "\nThe run is incomplete. Results of other analyses were finished; those of a failed one were removed.\n"
        f"To get the committed ones back: {git} checkout -- {' '.join(places)}",
        file=sys.stderr,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
