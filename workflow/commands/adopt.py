"""What a run finds in the folder before it starts: results it did not leave there itself, and a killed run's lock."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from commands.engine import ROOT
from repool import door, files

PROVENANCE = "results/provenance.json"
#: File -> SHA-256 of the results as the last run left them; "absent" for those it lost.
MEMORY = ".snakemake/repool/results.json"
#: Where results go that somebody else put into the folder.
ASIDE = ".snakemake/repool/aside"
#: Endings of the files that the pipeline writes; a reader's own notes among the results are left alone.
ENDINGS = frozenset({".csv", ".docx", ".html", ".json", ".pdf", ".png", ".R", ".svg", ".tiff", ".xlsx"})


def is_running(review: Path) -> bool:
    """Return whether another Snakemake process, or a job of one, works in this folder."""
    import psutil

    own = {os.getpid(), *(process.pid for process in psutil.Process().parents())}
    for process in psutil.process_iter(["pid", "cmdline", "cwd"]):
        words = process.info["cmdline"] or []
        if process.info["pid"] in own or not any(_is_snakemake(word) for word in words):
            continue
        named = [after for word, after in zip(words, words[1:], strict=False) if word in {"--directory", "-d"}]
        places = [process.info["cwd"], *named]
        if any(place and Path(place).resolve() == review.resolve() for place in places):
            return True
    return False


def _is_snakemake(word: str) -> bool:
    return Path(word).name == "snakemake" or "/.snakemake/scripts/" in Path(word).as_posix()


def is_locked(review: Path) -> bool:
    """Return whether a run, living or killed, has left its lock in the folder."""
    locks = review / ".snakemake" / "locks"
    return locks.is_dir() and any(locks.iterdir())


def clear_stale_lock(review: Path) -> None:
    """Delete the lock of a run that no longer lives, and the drafts of files that it was writing."""
    shutil.rmtree(review / ".snakemake" / "locks")
    for draft in sorted((review / "results").rglob(".*.part")):
        draft.unlink()


def doubtful_results(review: Path) -> list[str]:
    """Return the results that no run here vouches for.

    Parameters
    ----------
    review : path
        Folder of the review.

    Returns
    -------
    list of str
        Results that something else than the last run here wrote: all of them in a fresh clone, and those
        that git or an editor has changed since.

    Notes
    -----
    Snakemake compares what goes into a job with what went into it before, never what came out: a result
    that was restored from an older commit would pass for the current one.
    """
    present = _present(review)
    if (review / MEMORY).is_file():
        memory = json.loads(files.read_bytes(review / MEMORY))
        return [name for name, found in present.items() if memory.get(name, found) != found]
    metadata = review / ".snakemake" / "metadata"
    return [] if metadata.is_dir() and any(metadata.iterdir()) else sorted(present)


def is_adoptable(review: Path) -> bool:
    """Return whether the results came from the very data, configuration, code and lock that are here now.

    Parameters
    ----------
    review : path
        Folder of the review.

    Returns
    -------
    bool
        False if no record stands beside the results, or if anything differs from it.
    """
    if not (review / PROVENANCE).is_file():
        return False
    record = json.loads(files.read_bytes(review / PROVENANCE))
    same_inputs = record.get("review") == door.hashes(review, door.PATTERNS)
    same_code = record.get("code") == door.code_record(ROOT / "workflow" / "scripts")
    return same_inputs and same_code and record.get("results") == door.result_hashes(review)


def put_aside(review: Path, names: Iterable[str]) -> None:
    """Move results out of the way, so that they are made again; nothing is lost."""
    for name in names:
        place = review / ASIDE / name
        place.parent.mkdir(parents=True, exist_ok=True)
        (review / name).replace(place)


def remember_results(review: Path) -> None:
    """Write down which results a run has left, and which it lost."""
    known = json.loads(files.read_bytes(review / MEMORY)) if (review / MEMORY).is_file() else {}
    left = dict.fromkeys(known, "absent") | _present(review)
    files.write_if_changed(review / MEMORY, files.json_text(left))


def distrust_results(review: Path) -> None:
    """Write down that no result is vouched for yet, in case what follows is killed."""
    files.write_if_changed(review / MEMORY, files.json_text(dict.fromkeys(_present(review), "not known")))


def _present(review: Path) -> dict[str, str]:
    found = door.result_hashes(review) | door.hashes(review, [PROVENANCE])
    return {name: found[name] for name in sorted(found) if Path(name).suffix in ENDINGS}
