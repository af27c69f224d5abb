"""Checks of one result row: what cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from repool.extraction.contradictions import doubts_of
from repool.extraction.count_checks import count_problems
from repool.extraction.direction_checks import direction_problems
from repool.extraction.impossible import impossible
from repool.extraction.interval_checks import interval_problems
from repool.extraction.mean_checks import mean_problems
from repool.extraction.scale_checks import scale_problems
from repool.problems import Problem, fault

DESIGNS = ("rct", "quasi_experimental", "cohort_comparative", "single_arm_prepost")
COMPARATORS = (
    *("usual_care", "active_usual_care", "minimal_no_peer", "attention_control"),
    *("active_professional", "non_exposed", "pre", "none"),
)
RATIOS = frozenset({"OR", "RR", "HR", "IRR"})


def duplicate_keys(rows: list[dict[str, Any]], *, key: str, file: str) -> list[Problem]:
    """Return a fault for each row whose key stands in an earlier row."""
    first: dict[str, int] = {}
    problems = []
    for row in rows:
        name = row.get(key)
        if name is None:
            continue
        if name in first:
            problems.append(
                fault(
                    "C12",
                    f"this name stands in line {first[name]} too",
                    file=file,
                    line=row["line"],
                    column=key,
                    found=name,
                    expected="a name of its own",
                    to_fix="Delete one of the rows, or rename it.",
                    row_name=name,
                )
            )
        first.setdefault(name, row["line"])
    return problems


def check_result(row: Mapping[str, Any], *, file: str) -> list[Problem]:
    """Return the faults and doubts that one row of an extraction file shows by itself.

    Parameters
    ----------
    row : mapping
        Cells as float, str or None, with "line".
    file : str
        Name of the file, for messages.

    Returns
    -------
    list of Problem
        Errors for what cannot be; warnings for what contradicts itself.
    """
    place = {"file": file, "line": row["line"], "row_name": row.get("result_id")}
    problems = [
        *_events(row, place),
        *_limits(row, place),
        *_arms(row, place),
        *_ratios(row, place),
        *_estimate(row, place),
        *impossible(row, file=file),
        *doubts_of(row, file=file),
        *interval_problems(row, file=file),
        *count_problems(row, file=file),
        *mean_problems(row, file=file),
    ]
    # One number may be wrong by several routes: it is told once.
    first = {(problem.severity, problem.rule, problem.column): problem for problem in reversed(problems)}
    return [problem for problem in problems if first[problem.severity, problem.rule, problem.column] is problem]


def check_against_term(row: Mapping[str, Any], term: Mapping[str, Any], *, file: str) -> list[Problem]:
    """Return the faults and doubts that one row shows against its term of config/vocabulary.csv.

    Parameters
    ----------
    row, term : mapping
        A row of an extraction file, with "line", and the row of the vocabulary that explains its outcome.
    file : str
        Name of the file, for messages.

    Returns
    -------
    list of Problem
        Scores that the instrument does not have, and numbers against the source's own words.
    """
    return [*scale_problems(row, term, file=file), *direction_problems(row, term, file=file)]


def _events(row: Mapping[str, Any], place: Mapping[str, Any]) -> list[Problem]:
    problems = []
    for arm in ("arm1", "arm2"):
        n, events = row.get(f"n_{arm}"), row.get(f"events_{arm}")
        if n is not None and events is not None and events > n:
            problems.append(
                fault(
                    "C13",
                    f"more people with the outcome ({events:g}) than people ({n:g})",
                    column=f"events_{arm}",
                    found=f"{events:g}",
                    expected=f"a whole number from 0 to {n:g}",
                    to_fix="Compare with the paper; the two may be swapped.",
                    **place,
                )
            )
    return problems


def _limits(row: Mapping[str, Any], place: Mapping[str, Any]) -> list[Problem]:
    problems = []
    for suffix in ("", "_arm1", "_arm2"):
        low, high = row.get(f"ci_lb{suffix}"), row.get(f"ci_ub{suffix}")
        if low is not None and high is not None and low >= high:
            problems.append(
                fault(
                    "C14",
                    f"the lower limit is not below the upper one ({high:g})",
                    column=f"ci_lb{suffix}",
                    found=f"{low:g}",
                    expected="lower limit < upper limit",
                    to_fix="Compare with the paper; the two may be swapped.",
                    **place,
                )
            )
    return problems


def _arms(row: Mapping[str, Any], place: Mapping[str, Any]) -> list[Problem]:
    arm1, arm2 = row.get("condition_arm1"), row.get("condition_arm2")
    comparator = row.get("comparator")
    if arm1 is not None and arm1 == arm2:
        words = ("an arm is compared with itself", "two different arms", "Correct the label.")
    elif arm2 is None and comparator not in {None, "none", "pre"}:
        words = (
            f'comparator is "{comparator}" but no second arm is named',
            "the label of the second arm",
            'Name the arm, or set comparator to "none".',
        )
    else:
        return []
    problem, expected, to_fix = words
    where = {"column": "condition_arm2", "found": arm2}
    return [fault("C15", problem, expected=expected, to_fix=to_fix, **where, **place)]


def _ratios(row: Mapping[str, Any], place: Mapping[str, Any]) -> list[Problem]:
    scale = row.get("estimate_scale")
    if scale not in RATIOS:
        return []
    to_fix = {
        "estimate": 'Compare with the paper; if it says so, set estimate_scale to "unclear".',
        "ci_lb": "Type the ratio, not its logarithm.",
    }
    return [
        fault(
            "C16",
            f"no {scale} can be {row[column]:g}",
            column=column,
            found=f"{row[column]:g}",
            expected="a number above 0",
            to_fix=to_fix[column],
            **place,
        )
        for column in to_fix
        if row.get(column) is not None and row[column] <= 0
    ]


def _estimate(row: Mapping[str, Any], place: Mapping[str, Any]) -> list[Problem]:
    estimate, low, high = (row.get(name) for name in ("estimate", "ci_lb", "ci_ub"))
    if None in (estimate, low, high) or low >= high or low <= estimate <= high:
        return []
    return [
        fault(
            "C18",
            f"the interval {low:g} to {high:g} does not hold the estimate",
            column="estimate",
            found=f"{estimate:g}",
            expected="ci_lb <= estimate <= ci_ub",
            to_fix="Compare with the paper.",
            **place,
        )
    ]
