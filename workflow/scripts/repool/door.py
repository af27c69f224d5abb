"""The way in: a review's folder opened, checked, and refused as a whole if anything is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from repool import files
from repool.code import digest
from repool.extraction.certainty_checks import SUMMARY_OF_FINDINGS
from repool.extraction.prisma import PRISMA
from repool.extraction.review import ACKNOWLEDGED, EXTRACTION_FOLDER, STUDIES, UNITS, VOCABULARY, Review, read_review
from repool.extraction.risk_of_bias import RISK_OF_BIAS
from repool.files import sha256
from repool.problems import Problem, ReviewError, errors, fault, problem_table
from repool.schemas import SCHEMAS, schema

__all__ = ["code_digest", "code_record", "hashes", "open_review", "result_hashes", "sha256"]

#: What belongs to a review, apart from its results.
PATTERNS = ("config/*.yaml", "config/*.csv", "data/*.csv", "data/extraction/*.csv")
#: Committed results; logs are not.
RESULT_PATTERNS = (
    *("results/*.html", "results/*.xlsx", "results/*.docx", "results/*/*.csv", "results/figures/[!.]*"),
    *("results/analyses/*/*", "results/analyses/*/figures/[!.]*"),
)
PROBLEMS_FILE = "results/checks/problems.csv"
#: Tables of which the first stage needs the doubts alone.
DOUBTED_FILES = (PRISMA, SUMMARY_OF_FINDINGS)
#: What the first stage reads; problems.csv lists the problems of these files.
FIRST_STAGE_FILES = (VOCABULARY, UNITS, STUDIES, ACKNOWLEDGED, RISK_OF_BIAS, EXTRACTION_FOLDER, *DOUBTED_FILES)
LOCK = Path(__file__).resolve().parents[3] / "requirements.lock"
SCHEMA_NAMES = (
    *("review", "analyses", "vocabulary", "studies", "votes", "acknowledged", "units", "extraction"),
    *("risk_of_bias", "prisma", "summary_of_findings", "deviations"),
)


def hashes(folder: str | Path, patterns: Iterable[str]) -> dict[str, str]:
    """Return file -> SHA-256 for the files of a folder that match the patterns, sorted by name."""
    folder = Path(folder)
    found = sorted({path for pattern in patterns for path in folder.glob(pattern) if path.is_file()})
    return {path.relative_to(folder).as_posix(): sha256(path) for path in found}


def result_hashes(folder: str | Path) -> dict[str, str]:
    """Return file -> SHA-256 of every committed result, provenance itself apart."""
    return hashes(folder, RESULT_PATTERNS)


def open_review(folder: str | Path) -> Review:
    """Read and check a review.

    Parameters
    ----------
    folder : path
        Folder with config/ and data/.

    Returns
    -------
    Review
        Without errors; its warnings stand in `problems`.

    Raises
    ------
    ReviewError
        With every problem found. They are also written to results/checks/problems.csv; no result
        is touched.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ReviewError([_no_folder(folder)])
    contents = {name: files.read_bytes(folder / name) for name in hashes(folder, PATTERNS)}
    others = sorted(set(hashes(folder, [f"{EXTRACTION_FOLDER}*"])) - set(contents))
    review = read_review(contents, {name: schema(name) for name in SCHEMA_NAMES}, unread=others)
    if errors(review.problems):
        # A folder without any of a review's files was named by mistake: nothing is written into it.
        if contents:
            files.write_if_changed(folder / PROBLEMS_FILE, problem_table(review.problems))
        raise ReviewError(review.problems)
    _take_back_refusal(folder, review)
    return review


def _no_folder(folder: Path) -> Problem:
    return fault(
        "R00",
        "there is no such folder",
        file=str(folder),
        expected="the folder of a review",
        to_fix="Compare the path; `make new REVIEW=path` starts a review there.",
    )


def _take_back_refusal(folder: Path, review: Review) -> None:
    """Put back the list of problems that the first stage wrote, if a refusal has replaced it.

    An edit that is refused and then undone changes no input: no job would write the list again.
    """
    path = folder / PROBLEMS_FILE
    if path.is_file() and b"\nerror," in files.read_bytes(path):
        listed = [p for p in review.problems if p.file.startswith(FIRST_STAGE_FILES)]
        files.write_if_changed(path, problem_table(listed))


def code_digest(script: str, folder: Path, *, resources: Iterable[str]) -> str:
    """Return the digest of an adapter and of all the package code that it imports.

    Parameters
    ----------
    script : str
        Name of the adapter, without ending.
    folder : path
        Folder workflow/scripts.
    resources : iterable of str
        Files, relative to the folder, that the code reads.
    """
    sources = {
        path.relative_to(folder).with_suffix("").as_posix().replace("/", "."): path.read_text(encoding="utf-8")
        for path in sorted([*folder.glob("*.py"), *folder.glob("repool/**/*.py")])
    }
    return digest(script, sources, resources={name: (folder / name).read_bytes() for name in resources})


def code_record(folder: Path) -> dict[str, str]:
    """Return digests of what results depend on besides the review: code, schemas, workflow, lock.

    Parameters
    ----------
    folder : path
        Folder workflow/scripts.
    """
    adapters = sorted(path.stem for path in folder.glob("*.py"))
    resources = sorted(
        path.relative_to(folder).as_posix()
        for path in folder.glob("repool/**/*")
        if path.suffix in {".j2", ".js", ".mplstyle"}
    )
    record = {f"workflow/scripts/{name}.py": code_digest(name, folder, resources=resources) for name in adapters}
    root = folder.parents[1]
    plain = [
        root / "Snakefile",
        root / "requirements.lock",
        *sorted((root / "workflow" / "rules").glob("*.smk")),
        *sorted(SCHEMAS.glob("*.yaml")),
    ]
    return record | {path.relative_to(root).as_posix(): sha256(path) for path in plain}
