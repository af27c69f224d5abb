"""What every job does around its work: one plain message when it fails, the technical trace in its log."""

from __future__ import annotations

import contextlib
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def plain_errors(log: str) -> Iterator[None]:
    """Turn a failure inside a job into one plain message; the technical trace goes into the job's log.

    Parameters
    ----------
    log : str
        The job's log file.
    """
    Path(log).parent.mkdir(parents=True, exist_ok=True)
    Path(log).write_text("", encoding="utf-8")
    try:
        yield
    except Exception as error:  # noqa: BLE001 -- whatever went wrong, the reader gets words, the log the trace
        Path(log).write_text(f"{error}\n{traceback.format_exc()}", encoding="utf-8")
        sys.stderr.write(f"\n{error}\nThe technical trace stands in {log}\n")
        sys.exit(1)
