"""Checks of units and directions at the door: what cannot be converted, and what looks wrong once it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from repool.extraction.units import Conversion, find_conversion, same_unit
from repool.problems import Problem, did_you_mean, fault

UNITS = "config/units.csv"
_VOCABULARY = "config/vocabulary.csv"
_FOLDER = "data/extraction/"

Row = Mapping[str, Any]


def check_units(extraction: Mapping[str, list[Row]], vocabulary: Iterable[Row], units: Iterable[Row]) -> list[Problem]:
    """Return what is wrong with the units of a review and with the directions of its instruments.

    Parameters
    ----------
    extraction : mapping
        study_id -> rows of its file, with "line".
    vocabulary, units : iterable of mapping
        Rows of config/vocabulary.csv and config/units.csv, with "line".

    Returns
    -------
    list of Problem
        Errors U01 and U02; warnings U03 to U06.
    """
    # Rows with a blank cell that must be filled are faults of their own.
    units = [row for row in units if None not in (row["unit"], row["to_unit"], row["factor"])]
    vocabulary = list(vocabulary)
    terms = {row["term"]: row for row in vocabulary}
    faulty = [problem for row in units for problem in _check_conversion(row, units)]
    problems = [*faulty, *_check_directions(vocabulary)]
    unplaced: dict[str, list[tuple[str, Row]]] = {}
    for study_id, rows in extraction.items():
        for row in rows:
            term, unit = terms.get(row["outcome"]), row.get("unit")
            if term is None or not unit:
                continue
            if not term.get("unit"):
                unplaced.setdefault(row["outcome"], []).append((study_id, row))
            elif not same_unit(unit, term["unit"]) and not faulty:
                problems += _check_row(row, term, units, file=f"{_FOLDER}{study_id}.csv")
    return problems + [problem for rows in unplaced.values() for problem in _check_one_unit(rows)]


def _check_conversion(row: Row, units: list[Row]) -> list[Problem]:
    place = {"file": UNITS, "line": row["line"], "row_name": row["conversion"]}
    problems = []
    if row["factor"] is not None and row["factor"] <= 0:
        what, expected = "a unit cannot be converted by this factor", "a number above 0"
        found = f"{row['factor']:g}"
        to_fix = "Correct the factor."
        problems.append(fault("U02", what, column="factor", found=found, expected=expected, to_fix=to_fix, **place))
    low, high = row.get("plausible_min"), row.get("plausible_max")
    if low is not None and high is not None and low >= high:
        what, expected = "no mean can lie between these limits", "plausible_min < plausible_max"
        to_fix = "Correct the limits; the two may be swapped."
        cell = {"column": "plausible_min", "found": f"{low:g}"}
        problems.append(fault("U02", what, expected=expected, to_fix=to_fix, **cell, **place))
    twins = [other for other in units if other["line"] < row["line"] and _is_same(row, other)]
    if twins:
        what = f"this conversion stands in line {twins[0]['line']} too"
        cell = {"column": "unit", "found": row["unit"]}
        to_fix = "Delete one of the two."
        problems.append(fault("U02", what, expected="each conversion once", to_fix=to_fix, **cell, **place))
    return problems


def _is_same(one: Row, other: Row) -> bool:
    pairs = [("unit", "unit", "to_unit", "to_unit"), ("unit", "to_unit", "to_unit", "unit")]
    return same_unit(one["term"], other["term"]) and any(
        same_unit(one[a], other[b]) and same_unit(one[c], other[d]) for a, b, c, d in pairs
    )


def _check_row(row: Row, term: Row, units: list[Row], *, file: str) -> list[Problem]:
    """Return a fault where no conversion is known, or doubts where a converted mean is not plausible."""
    conversion = find_conversion(units, unit=row["unit"], to_unit=term["unit"], term=term["term"])
    if conversion is not None:
        return [problem for arm in ("arm1", "arm2") for problem in _check_mean(row, arm, term, conversion, file=file)]
    known = [cell for other in units for cell in (other["unit"], other["to_unit"])]
    # A unit that is spelled right needs another conversion, not another spelling.
    is_known = any(same_unit(row["unit"], name) for name in known)
    to_fix = f"Add a row to {UNITS}." if is_known else f"{did_you_mean(row['unit'], {*known, term['unit']})}"
    return [
        fault(
            "U01",
            f'no conversion leads from this unit to "{term["unit"]}", the unit of the term',
            file=file,
            line=row["line"],
            column="unit",
            found=row["unit"],
            expected=f'"{term["unit"]}", or a unit that {UNITS} converts to it for "{term["term"]}"',
            to_fix=to_fix,
            row_name=row["result_id"],
        )
    ]


def _check_mean(row: Row, arm: str, term: Row, conversion: Conversion, *, file: str) -> list[Problem]:
    mean, low, high = row.get(f"mean_{arm}"), conversion.plausible_min, conversion.plausible_max
    if mean is None:
        return []
    value = conversion.place(mean)
    if (low is None or value >= low) and (high is None or value <= high):
        return []
    limits = f"{'' if low is None else f'{low:g}'} to {'' if high is None else f'{high:g}'}".strip()
    problem = f"{mean:g} {row['unit']} are {value:.3g} {term['unit']}, which is not plausible"
    to_fix = "Compare the unit with the paper."
    return [_doubt("U03", problem, f"mean_{arm}", f"{mean:g}", f"{limits} {term['unit']}", to_fix, file=file, row=row)]


def _check_one_unit(rows: list[tuple[str, Row]]) -> list[Problem]:
    """Return a doubt for each row whose unit differs from the first of its term, which declares none."""
    _, first = rows[0]
    what = f'this term is printed in "{first["unit"]}" too, and config/vocabulary.csv names no unit to bring both to'
    to_fix = "Fill the unit of the term in config/vocabulary.csv."
    return [
        _doubt("U04", what, "unit", row["unit"], "one unit per term", to_fix, file=f"{_FOLDER}{study_id}.csv", row=row)
        for study_id, row in rows
        if not same_unit(row["unit"], first["unit"])
    ]


def _check_directions(vocabulary: list[Row]) -> list[Problem]:
    """Return doubts on instruments with both directions within an outcome, and on terms spelled twice."""
    problems = []
    instruments: dict[tuple[str, str], Row] = {}
    spelled: dict[str, Row] = {}
    to_fix = "Compare what more of it means in each; subscales that point different ways need names of their own."
    for row in vocabulary:
        if row["higher_is_better"] not in {"yes", "no"}:
            continue
        cell = {"column": "higher_is_better", "found": row["higher_is_better"], "to_fix": to_fix}
        doubt = {"expected": "one direction", "file": _VOCABULARY, "row": row, **cell}
        if row.get("instrument"):
            first = instruments.setdefault((row["outcome"], row["instrument"].casefold()), row)
            if first["higher_is_better"] != row["higher_is_better"]:
                what = f'"{row["instrument"]}" has the other direction in line {first["line"]}, in the same outcome'
                problems.append(_doubt("U05", what, **doubt))
        first = spelled.setdefault(" ".join(row["term"].casefold().split()), row)
        if first["higher_is_better"] != row["higher_is_better"]:
            what = f"the same term, but for capitals and spaces, has the other direction in line {first['line']}"
            problems.append(_doubt("U06", what, **doubt))
    return problems


def _doubt(
    rule: str, problem: str, column: str, found: str, expected: str, to_fix: str, *, file: str, row: Row
) -> Problem:
    return Problem(
        severity="warning",
        rule=rule,
        file=file,
        line=row["line"],
        column=column,
        found=found,
        problem=problem,
        expected=expected,
        to_fix=to_fix,
        row_name=str(row.get("result_id") or row.get("term") or ""),
    )
