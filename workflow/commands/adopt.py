"""Take over committed results after a fresh clone, and clear the lock that a killed run left."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from commands.engine import ROOT
from repool import door, files

PROVENANCE = "results/provenance.json"


def is_running(review: Path) -> bool:
    """Return whether another Snakemake process works in this folder."""
    import psutil

    for process in psutil.process_iter(["pid", "cmdline", "cwd"]):
        words = process.info["cmdline"] or []
        if process.info["pid"] == os.getpid() or not any("snakemake" in word for word in words):
            continue
        places = [process.info["cwd"], *(words[i + 1] for i, word in enumerate(words[:-1]) if word in {"--directory", "-d"})]
        if any(place and Path(place).resolve() == review.resolve() for place in places):
            return True
    return False


def clear_stale_lock(review: Path) -> bool:
    """Delete the lock of a run that no longer lives, and return whether there was one."""
    locks = review / ".snakemake" / "locks"
    if not locks.is_dir() or not any(locks.iterdir()) or is_running(review):
        return False
    shutil.rmtree(locks)
    return True


def is_adoptable(review: Path) -> bool:
    """Return whether committed results came from the very data, configuration, code and lock that are here now.

    Parameters
    ----------
    review : path
        Folder of the review.

    Returns
    -------
    bool
        False if Snakemake already knows this folder, if nothing is committed, or if anything differs:
        then the results are rebuilt.
    """
    metadata = review / ".snakemake" / "metadata"
    record_file = review / PROVENANCE
    if (metadata.is_dir() and any(metadata.iterdir())) or not record_file.is_file():
        return False
    record = json.loads(files.read_bytes(record_file))
    same_inputs = record.get("review") == door.hashes(review, door.PATTERNS)
    same_code = record.get("code") == door.code_record(ROOT / "workflow" / "scripts")
    return same_inputs and same_code and record.get("results") == door.result_hashes(review)
