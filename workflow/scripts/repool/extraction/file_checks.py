"""What the rows of one extraction file say of each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from repool.extraction.harmonise import MONTHS_IN
from repool.extraction.impossible import ARMS, same_people
from repool.extraction.row_problems import refuse, warn
from repool.problems import Problem

Row = Mapping[str, Any]
#: Columns that may differ between two rows of the same numbers.
_NOT_NUMBERS = frozenset({"line", "printed", "result_id", "note", "verbatim", "derivation", "locator", "source"})
#: Columns by which two rows are different results, although outcome, time and arms are the same.
_CONTRAST = ("outcome", "instrument", "unit", "outcome_source", "condition_arm1", "condition_arm2", "comparator")
_WHO = ("analysis_set", "adjusted", "covariates", "estimate_scale", "percent_of", "n_total_basis")


def file_problems(rows: Sequence[Row], *, file: str) -> list[Problem]:
    """Return what the rows of one extraction file contradict or repeat.

    Parameters
    ----------
    rows : sequence of mapping
        Cells as float, str or None, with "line".
    file : str
        Name of the file, for messages.
    """
    return [*_repeated(rows, file), *_shared_arms(rows, file), *_fractions(rows, file), *_unpaired(rows, file)]


def months(row: Row) -> float | None:
    """Return the time of a row in months."""
    if row.get("time") is None or row.get("time_unit") not in MONTHS_IN:
        return None
    return round(row["time"] * MONTHS_IN[row["time_unit"]], 2)


def _repeated(rows: Iterable[Row], file: str) -> Iterator[Problem]:
    exact: dict[tuple, Row] = {}
    similar: dict[tuple, Row] = {}
    for row in rows:
        cells = tuple((name, value) for name, value in row.items() if name not in _NOT_NUMBERS and value is not None)
        contrast = (months(row), *(row.get(name) for name in (*_CONTRAST, *_WHO)))
        place = {"file": file, "column": "result_id"}
        if cells in exact:
            first = exact[cells]
            problem = f"the same result as {first.get('result_id')} in line {first['line']}"
            to_fix = "Delete one of the two rows."
            yield refuse("C41", problem, row, expected="each result once", to_fix=to_fix, **place)
        elif contrast in similar and row.get("outcome") is not None:
            first = similar[contrast]
            problem = f"the outcome, time and arms of {first.get('result_id')} in line {first['line']} again"
            to_fix = "Delete one, or say in analysis_set, adjusted or instrument how they differ."
            yield warn("C42", problem, row, expected="each result once", to_fix=to_fix, **place)
        exact.setdefault(cells, row)
        similar.setdefault(contrast, row)


def _shared_arms(rows: Iterable[Row], file: str) -> Iterator[Problem]:
    """Warn of one arm that has two sizes at one time for one outcome."""
    first: dict[tuple, tuple[Row, str]] = {}
    for row in rows:
        for arm in ARMS:
            label, n = row.get(f"condition_{arm}"), row.get(f"n_{arm}")
            if label is None or n is None:
                continue
            key = (label, row.get("outcome"), row.get("instrument"), months(row), row.get("analysis_set"))
            other, column = first.setdefault(key, (row, f"n_{arm}"))
            if other[column] != n:
                problem = (
                    f'"{label}" has {other[column]:g} people in line {other["line"]}, at the same time and outcome'
                )
                place = {"file": file, "column": f"n_{arm}", "expected": f"{other[column]:g}"}
                to_fix = "Compare with the paper; if other people are counted, say so in analysis_set."
                yield warn("C43", problem, row, to_fix=to_fix, **place)


def _fractions(rows: Iterable[Row], file: str) -> Iterator[Problem]:
    """Warn of percents up to 1 beside percents above 1 of the same outcome."""
    columns = [f"percent_{arm}" for arm in ARMS]
    small: dict[Any, list[tuple[Row, str]]] = {}
    large: set[Any] = set()
    for row in rows:
        for column in columns:
            value, outcome = row.get(column), row.get("outcome")
            if value is not None and value > 1:
                large.add(outcome)
            elif value is not None and value > 0:
                small.setdefault(outcome, []).append((row, column))
    for outcome, cells in small.items():
        if outcome not in large:
            continue
        for row, column in cells:
            # A percent that its own count bears out is a small percent.
            arm = column.removeprefix("percent_")
            events, n = row.get(f"events_{arm}"), row.get(f"n_{arm}")
            if events is not None and n and abs(100 * events / n - row[column]) < 1:
                continue
            problem = "other percents of this outcome are above 1; is this a fraction?"
            to_fix = f"If it is, type {100 * row[column]:g}."
            yield warn("C36", problem, row, file=file, column=column, expected="0 to 100 throughout", to_fix=to_fix)


def _unpaired(rows: Iterable[Row], file: str) -> Iterator[Problem]:
    """Warn of the same people in both arms without what an effect on them needs."""
    for row in rows:
        if not same_people(row) or row.get("r_pre_post") is not None:
            continue
        means = row.get("estimate_scale") == "d_prepost" or all(row.get(f"sd_{arm}") is not None for arm in ARMS)
        shares = any(row.get(f"{name}_arm1") is not None for name in ("events", "percent"))
        shares = shares and any(row.get(f"{name}_arm2") is not None for name in ("events", "percent"))
        known = ("pairs_yes_no", "se", "ci_lb", "statistic_value", "sd_change_arm1", "t_change_arm1", "p_change_arm1")
        if any(row.get(name) is not None for name in known) or not (means or shares):
            continue
        column = "r_pre_post" if means else "pairs_yes_no"
        problem = "both arms are the same people, but how the two measurements go together is not given"
        place = {"file": file, "column": column, "expected": "a correlation, pairs, or a paired test"}
        to_fix = "Type it if the paper prints it; otherwise the effect rests on an assumption."
        yield warn("C44", problem, row, to_fix=to_fix, **place)
