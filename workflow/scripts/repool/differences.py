"""What the comparison of results tells: single differences, and what each file came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing that is not as committed.

    Parameters
    ----------
    file, row, column : str
        Where; row and column are blank for a whole file.
    committed, rebuilt : str
        What stands there.
    """

    file: str
    row: str = ""
    column: str = ""
    committed: str
    rebuilt: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the comparison of one file came to.

    Parameters
    ----------
    file : str
        The file.
    differences : tuple of Difference
        All that differs by more than its tolerance.
    near : mapping
        Class -> number of cells that are equal only within its tolerance.
    """

    file: str
    differences: tuple[Difference, ...]
    near: Mapping[str, int]

    @property
    def state(self) -> str:
        """One of "identical", "within tolerance", "different"."""
        return "different" if self.differences else "within tolerance" if self.near else "identical"

    @property
    def kind(self) -> str:
        """The files that it is counted with, as a pattern."""
        path = PurePosixPath(self.file)
        if path.parts[:2] == ("results", "analyses"):
            return f"results/analyses/*/{path.name}"
        return str(path.with_name(f"*{path.suffix}")) if len(path.parts) > 2 else str(path)


def missing(name: str, committed: bytes | None, rebuilt: bytes | None) -> tuple[Difference, ...]:
    """Return that a file stands on one side alone, or nothing."""
    if committed is not None and rebuilt is not None:
        return ()
    there, not_there = "a file", "no such file"
    first, second = (not_there, there) if committed is None else (there, not_there)
    return (Difference(file=name, committed=first, rebuilt=second),)


def bytes_differ(name: str, committed: bytes, rebuilt: bytes) -> Difference:
    """Return how far two files differ that are no tables."""
    if PurePosixPath(name).suffix in {".html", ".svg"}:
        old, new = Counter(committed.splitlines()), Counter(rebuilt.splitlines())
        own = [f"lines only here: {(first - second).total()}" for first, second in ((old, new), (new, old))]
        return Difference(file=name, committed=own[0], rebuilt=own[1])
    return Difference(file=name, committed=f"{len(committed)} bytes", rebuilt=f"{len(rebuilt)} other bytes")
