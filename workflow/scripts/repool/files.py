"""Reading and writing files: the only module of the package that touches the disk."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

#: Significant digits of a number in a table: every digit that a 64-bit float holds for certain.
#: The sixteenth depends on the processor's logarithm, and would break byte-identity for nothing.
DIGITS = 15


def sha256(path: str | Path) -> str:
    """Return the SHA-256 of a file's bytes, or "absent" where there is no such file."""
    path = Path(path)
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "absent"


def read_bytes(path: str | Path) -> bytes:
    """Return the bytes of a file."""
    return Path(path).read_bytes()


def read_all(paths: Iterable[str]) -> dict[str, bytes]:
    """Return file -> bytes of several files."""
    return {path: read_bytes(path) for path in paths}


def write_if_changed(path: str | Path, content: bytes | str) -> bool:
    """Write a file whole or not at all, and only if its bytes would change.

    Parameters
    ----------
    path : path
        The file; its folder is made if it is missing.
    content : bytes or str
        Its new content; text is written as UTF-8 with Unix line ends.

    Returns
    -------
    bool
        Whether the file was written.

    Notes
    -----
    An untouched file keeps its time stamp, so that nothing downstream of it reruns.
    """
    path = Path(path)
    data = content.encode("utf-8") if isinstance(content, str) else content
    if path.is_file() and path.read_bytes() == data:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    draft.write_bytes(data)
    draft.replace(path)
    return True


def write_all(texts: Mapping[str | Path, bytes | str]) -> None:
    """Write several files, each only if its bytes would change; `texts` maps the file to its content."""
    for path, content in texts.items():
        write_if_changed(path, content)


def remove_others(folder: str | Path, keep: Iterable[str], *, pattern: str) -> list[str]:
    """Delete the files of a folder that match a pattern and are no longer produced.

    Parameters
    ----------
    folder : path
        The folder.
    keep : iterable of str
        Names of the files that stay.
    pattern : str
        Which files may be deleted, such as "*.csv".

    Returns
    -------
    list of str
        Names of the deleted files.
    """
    kept = frozenset(Path(name).name for name in keep)
    stale = sorted(p for p in Path(folder).glob(pattern) if p.name not in kept)
    for path in stale:
        path.unlink()
    return [path.name for path in stale]


def cell_text(value: Any) -> str:
    """Return one value as it stands in a table: blank for missing, 15 digits for numbers."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) or hasattr(value, "dtype"):
        number = float(value)
        if not math.isfinite(number):
            return "" if math.isnan(number) else ("Inf" if number > 0 else "-Inf")
        if number == int(number) and abs(number) < 1e15:
            return str(int(number))
        return format(number, f".{DIGITS}g")
    return str(value)


def csv_text(rows: Iterable[Mapping[str, Any]], *, columns: Iterable[str]) -> str:
    """Return rows as CSV text with exactly the given columns.

    Parameters
    ----------
    rows : iterable of mapping
        One mapping per row; a missing key is a blank cell.
    columns : iterable of str
        The header, in order.

    Returns
    -------
    str
        Comma-separated text with Unix line ends.
    """
    columns = list(columns)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([cell_text(row.get(column)) for column in columns])
    return buffer.getvalue()


def read_rows(path: str | Path) -> list[dict[str, str]]:
    """Return the rows of one of the pipeline's own tables, all cells as text."""
    with Path(path).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def json_text(value: Any) -> str:
    """Return a value as JSON text with sorted keys."""
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def read_frame(path: str | Path, *, numbers: Iterable[str]) -> Any:
    """Return one of the pipeline's own tables as a DataFrame.

    Parameters
    ----------
    path : path
        CSV file.
    numbers : iterable of str
        Columns that hold numbers (blank becomes NaN); all others stay text, so a study may be called "NA".

    Returns
    -------
    DataFrame
        With the columns of the file, in their order.
    """
    import pandas as pd

    frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    for column in numbers:
        if column in frame:
            frame[column] = pd.to_numeric(frame[column].replace("", None), errors="raise").astype(float)
    return frame


def remove_folders(folder: str | Path, keep: Iterable[str]) -> list[str]:
    """Delete the sub-folders of a folder whose names are no longer produced, and return those names."""
    kept = frozenset(keep)
    stale = sorted(path for path in Path(folder).glob("*/") if path.is_dir() and path.name not in kept)
    for path in stale:
        shutil.rmtree(path)
    return [path.name for path in stale]


def remove_unasked(folder: str | Path, patterns: Iterable[str], *, asked: Iterable[str | Path]) -> list[str]:
    """Delete the files and sub-folders of a folder that match a pattern and that nobody asks for any longer.

    Parameters
    ----------
    folder : path
        The folder.
    patterns : iterable of str
        What may be deleted, such as "report.docx".
    asked : iterable of path
        Paths, the folder's own among them, of what stays.

    Returns
    -------
    list of str
        What was deleted, below the folder.
    """
    folder, kept = Path(folder), {Path(path) for path in asked}
    stale = sorted(path for pattern in patterns for path in folder.glob(pattern) if path not in kept)
    for path in stale:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    return [path.relative_to(folder).as_posix() for path in stale]


def read_frames(paths: Iterable[str | Path], *, numbers: Iterable[str]) -> dict[str, Any]:
    """Return several of the pipeline's own tables, by the names of their files without ending."""
    numbers = list(numbers)
    return {Path(path).stem: read_frame(path, numbers=numbers) for path in paths}


def read_texts(paths: Iterable[str | Path], *, pattern: str) -> dict[str, str]:
    """Return the texts of files, and of those files of folders that match a pattern.

    Parameters
    ----------
    paths : iterable of path
        Files and folders.
    pattern : str
        Which files of a folder are read, such as "*.svg".

    Returns
    -------
    dict
        Path -> text.
    """
    found = [path for name in paths for path in ([*Path(name).glob(pattern)] if Path(name).is_dir() else [Path(name)])]
    return {path.as_posix(): path.read_text(encoding="utf-8") for path in sorted(found)}
