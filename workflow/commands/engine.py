"""Start Snakemake on a review and tell in plain words what it does."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_JOB = re.compile(r"^(?:local)?(?:rule|checkpoint) (\w+):$")
_FIELD = re.compile(r"^    (log|reason|wildcards): (.*)$")


@dataclass
class Job:
    """One job that Snakemake announced.

    Parameters
    ----------
    rule : str
        Name of the rule.
    analysis : str
        Analysis it belongs to; "" for jobs over the whole review.
    reason : str
        Why it runs, in Snakemake's words.
    log : str
        Its log file.
    """

    rule: str
    analysis: str = ""
    reason: str = ""
    log: str = ""

    @property
    def name(self) -> str:
        """Rule and analysis."""
        return f"{self.rule} {self.analysis}".strip()


def command(review: Path, *, cores: int | None, more: Iterable[str]) -> list[str]:
    """Return the command line that runs a review, whichever folder it stands in."""
    return [
        sys.executable,
        "-m",
        "snakemake",
        "--snakefile",
        str(ROOT / "Snakefile"),
        "--directory",
        str(review),
        "--profile",
        str(ROOT / "workflow" / "profiles" / "default"),
        *(["--cores", str(cores)] if cores else []),
        *more,
    ]


def jobs_in(lines: Iterable[str]) -> Iterator[Job]:
    """Yield the jobs that Snakemake's messages announce, each once its block is over.

    Parameters
    ----------
    lines : iterable of str
        Lines of its standard error.
    """
    job: Job | None = None
    for line in lines:
        start = _JOB.match(line.rstrip())
        field = _FIELD.match(line.rstrip())
        if start:
            if job is not None:
                yield job
            job = Job(start.group(1))
        elif field and job is not None:
            key, value = field.groups()
            if key == "wildcards":
                job.analysis = value.removeprefix("analysis=")
            else:
                setattr(job, key, value)
        elif job is not None and not line.startswith("    "):
            yield job
            job = None
    if job is not None:
        yield job


def in_words(reason: str) -> str:
    """Return Snakemake's reason for a job in words that need no knowledge of Snakemake."""
    first = reason.split("; ")[0]
    kind, _, rest = first.partition(": ")
    files = sorted({Path(part.removesuffix(" (update)")).name for part in rest.split(", ") if part})
    shown = ", ".join(files[:2]) + (f" and {len(files) - 2} more" if len(files) > 2 else "")
    words = {
        "Updated input files": f"changed: {shown}",
        "Missing output files": f"not there yet: {shown}",
        "Input files updated by another job": "an earlier step ran",
        "Set of input files has changed": "a file was added or taken away",
        "Params have changed": "data, settings or code changed",
        "Incomplete output files": "an earlier run was stopped half way",
        "Forced execution": "asked for",
    }
    return next((text for start, text in words.items() if kind.startswith(start)), first)


def is_dry(more: Iterable[str]) -> bool:
    """Return whether the arguments for Snakemake ask it to explain instead of to run."""
    return any(argument in {"-n", "--dry-run", "--dryrun"} for argument in more)


def narrate(review: Path, *, cores: int | None, more: list[str]) -> tuple[int, list[Job], list[str]]:
    """Run a review, printing one line per job, and keep everything Snakemake says in its own log.

    Parameters
    ----------
    review : path
        Folder of the review.
    cores : int or None
        Number of cores; None for all.
    more : list of str
        Further arguments for Snakemake.

    Returns
    -------
    code : int
        Exit code.
    jobs : list of Job
        The jobs that ran, without the target rule.
    lines : list of str
        Everything Snakemake said.
    """
    is_explained = is_dry(more)
    lines: list[str] = []
    jobs: list[Job] = []
    process = subprocess.Popen(
        command(review, cores=cores, more=[*more, "--quiet", "progress"]),
        stderr=subprocess.STDOUT,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )

    def heard() -> Iterator[str]:
        for line in process.stdout:
            lines.append(line)
            yield line

    try:
        for job in jobs_in(heard()):
            if (
                job.rule == "all"
                or (job.name, job.reason) in [(other.name, other.reason) for other in jobs]
                or "Error" in job.rule
            ):
                continue
            jobs.append(job)
            print(f"  {job.name:<58} {_why(job, is_explained)}", flush=True)
    except KeyboardInterrupt:
        process.wait()
        raise
    return process.wait(), jobs, lines


def _why(job: Job, is_explained: bool) -> str:
    words = in_words(job.reason)
    if is_explained and words == "an earlier step ran":
        return "only if an earlier step changes what it reads"
    return words


def quietly(review: Path, *, cores: int | None, more: list[str]) -> None:
    """Run Snakemake without a word.

    Raises
    ------
    RuntimeError
        With what it said, if it failed.
    """
    done = subprocess.run(
        command(review, cores=cores, more=more), capture_output=True, text=True, encoding="utf-8", check=False
    )
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)


def first_words(log: str) -> str:
    """Return the message of a job's log: what stands above its technical trace."""
    return log.split("\nTraceback (most recent call last):")[0].strip()
