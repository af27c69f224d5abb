"""Order of the studies within a group of the forest plot."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from repool.figures.words import number, plain_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def natural(text: object) -> list[tuple[int, int, str]]:
    """Return what sorts texts with numbers as people do: Study 2 before Study 10, capitals like small letters."""
    parts = re.split(r"(\d+)", plain_text(text).casefold())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part]


def ordered(rows: Iterable[Mapping[str, object]], *, order: str, years: Mapping[str, str]) -> list[dict]:
    """Return the rows of one group in the order that the review chose.

    Parameters
    ----------
    rows : iterable of mapping
        Rows of forest.csv: label, study_id, yi and weight_percent.
    order : {"study", "year", "effect", "weight"}
        By label; by year, the earliest first; by effect, the smallest first; by weight, the heaviest first. What is
        blank comes last, and ties are in the order of the labels, numbers in them sorted as numbers.
    years : mapping
        study_id to year.

    Raises
    ------
    ValueError
        If the order is none of these.
    """
    keys = {
        "study": lambda row: 0.0,
        "year": lambda row: _last(number(years.get(plain_text(row["study_id"])))),
        "effect": lambda row: _last(number(row["yi"])),
        "weight": lambda row: _last(None if (w := number(row["weight_percent"])) is None else -w),
    }
    if order not in keys:
        raise ValueError(f"order {order!r} is not one of {', '.join(keys)}")
    return sorted((dict(row) for row in rows), key=lambda row: (keys[order](row), natural(row["label"])))


def _last(value: float | None) -> float:
    """Return a number, or what comes after all numbers."""
    return math.inf if value is None else value
