"""Checks of one result row: what cannot be, and what contradicts itself."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from repool.problems import Problem

DESIGNS = ("rct", "quasi_experimental", "cohort_comparative", "single_arm_prepost")
COMPARATORS = ("usual_care", "active_usual_care", "minimal_no_peer", "attention_control", "active_professional", "non_exposed", "pre", "none")
RATIOS = frozenset({"OR", "RR", "HR", "IRR"})
#: A p-value recomputed from counts may differ by the choice of test (Fisher, continuity correction):
#: only a factor beyond this is called a contradiction.
P_FACTOR = 3.0
#: A statistic and its own p-value leave no such choice; this allows for the rounding of both.
P_DIFFERENCE = 0.05


def duplicate_keys(rows: list[dict[str, Any]], *, key: str, file: str) -> list[Problem]:
    """Return a fault for each row whose key stands in an earlier row."""
    first: dict[str, int] = {}
    problems = []
    for row in rows:
        name = row.get(key)
        if name is None:
            continue
        if name in first:
            problems.append(_problem("error", "C12", file, row, key, name, f"this name stands in line {first[name]} too",
                                     "a name of its own", "Delete one of the rows, or rename it."))
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
    return [
        *_arms(row, file),
        *_estimate(row, file),
        *_percents(row, file),
        *_p_values(row, file),
    ]


def _arms(row: Mapping[str, Any], file: str) -> list[Problem]:
    problems = []
    for arm in ("arm1", "arm2"):
        n, events = row.get(f"n_{arm}"), row.get(f"events_{arm}")
        if n is not None and events is not None and events > n:
            problems.append(_problem("error", "C13", file, row, f"events_{arm}", f"{events:g}", f"more people with the outcome ({events:g}) than people ({n:g})",
                                     f"a whole number from 0 to {n:g}", "Compare with the paper; the two may be swapped."))
        low, high = row.get(f"ci_lb_{arm}"), row.get(f"ci_ub_{arm}")
        if low is not None and high is not None and low > high:
            problems.append(_problem("error", "C14", file, row, f"ci_lb_{arm}", f"{low:g}", f"the lower limit lies above the upper one ({high:g})",
                                     "lower limit <= upper limit", "Swap the two."))
    arms = (row.get("condition_arm1"), row.get("condition_arm2"))
    if arms[0] is not None and arms[0] == arms[1]:
        problems.append(_problem("error", "C15", file, row, "condition_arm2", str(arms[1]), "an arm is compared with itself", "two different arms", "Correct the label."))
    if arms[1] is None and row.get("comparator") not in {None, "none", "pre"}:
        problems.append(_problem("error", "C15", file, row, "condition_arm2", "", f'comparator is "{row["comparator"]}" but no second arm is named',
                                 "the label of the second arm", 'Name the arm, or set comparator to "none".'))
    return problems


def _estimate(row: Mapping[str, Any], file: str) -> list[Problem]:
    estimate, scale = row.get("estimate"), row.get("estimate_scale")
    low, high = row.get("ci_lb"), row.get("ci_ub")
    problems = []
    if estimate is not None and scale in RATIOS and estimate <= 0:
        problems.append(_problem("error", "C16", file, row, "estimate", f"{estimate:g}", f"no {scale} can be {estimate:g}", "a number above 0",
                                 'Compare with the paper; if it stands there so, set estimate_scale to "unclear".'))
    if estimate is not None and scale == "unclear":
        problems.append(_problem("warning", "C17", file, row, "estimate", f"{estimate:g}", "the scale of this printed estimate is unclear",
                                 "an estimate whose scale is known", "It is not used. Ask the authors."))
    if None in (low, high):
        return problems
    if low >= high:
        problems.append(_problem("error", "C14", file, row, "ci_lb", f"{low:g}", f"the lower limit is not below the upper one ({high:g})", "lower limit < upper limit", "Compare with the paper."))
    elif scale in RATIOS and low <= 0:
        problems.append(_problem("error", "C16", file, row, "ci_lb", f"{low:g}", f"no limit of a {scale} can be {low:g}", "a number above 0", "Type the ratio, not its logarithm."))
    elif estimate is not None and not low <= estimate <= high:
        problems.append(_problem("error", "C18", file, row, "estimate", f"{estimate:g}", f"the interval {low:g} to {high:g} does not hold the estimate", "ci_lb <= estimate <= ci_ub", "Compare with the paper."))
    return problems


def _percents(row: Mapping[str, Any], file: str) -> list[Problem]:
    """Warn of a percent that is no count of the arm, or not the printed count."""
    problems = []
    for arm in ("arm1", "arm2"):
        percent, n, events = (row.get(f"{name}_{arm}") for name in ("percent", "n", "events"))
        if percent is None or n is None:
            continue
        count = events if events is not None else round(percent / 100 * n)
        # Half a unit of the last place of a percent printed with one decimal or none.
        slack = 0.05 if percent != int(percent) else 0.5
        implied = 100 * count / n
        if abs(implied - percent) > slack + 1e-9:
            problems.append(_problem("warning", "C19", file, row, f"percent_{arm}", f"{percent:g}", f"{percent:g} % of {n:g} people is no whole number of people; the nearest, {count:g}, is {implied:.1f} %",
                                     "a percent that a whole number of people gives", "Compare with the paper; the denominator may be another."))
    return problems


def _p_values(row: Mapping[str, Any], file: str) -> list[Problem]:
    problems = []
    recomputed = _p_of_statistic(row)
    what = "the printed statistic"
    from_statistic = recomputed is not None
    if not from_statistic:
        recomputed, what = _p_of_counts(row), "the printed counts"
    p, sign = row.get("p"), row.get("p_op")
    if recomputed is None or p is None or p <= 0 or sign not in {"=", "<"} or row.get("p_scope") != "contrast" or row.get("adjusted") == "yes":
        return problems
    contradicts = recomputed > P_FACTOR * p or (sign == "=" and recomputed * P_FACTOR < p)
    if from_statistic and sign == "=":
        contradicts = contradicts or abs(recomputed - p) > P_DIFFERENCE
    if contradicts:
        problems.append(_problem("warning", "C20", file, row, "p", f"p {sign} {p:g}", f"{what} give p = {recomputed:.3f}", "numbers of one row that agree", "Compare with the paper; one of them is wrong."))
    return problems


def _p_of_statistic(row: Mapping[str, Any]) -> float | None:
    """Return the p-value of a chi-squared statistic; other statistics are not checked here."""
    if row.get("statistic") != "chi2" or row.get("statistic_value") is None or row.get("df1") is None:
        return None
    from scipy.special import chdtrc

    return float(chdtrc(row["df1"], row["statistic_value"]))


def _p_of_counts(row: Mapping[str, Any]) -> float | None:
    """Return Pearson's chi-squared p-value of a two-by-two table (1 df, no continuity correction)."""
    cells = [row.get(name) for name in ("events_arm1", "n_arm1", "events_arm2", "n_arm2")]
    if any(cell is None for cell in cells):
        return None
    a, n1, c, n2 = cells
    events = a + c
    if events in (0, n1 + n2):
        return None
    z = (a / n1 - c / n2) / math.sqrt(events / (n1 + n2) * (1 - events / (n1 + n2)) * (1 / n1 + 1 / n2))
    return math.erfc(abs(z) / math.sqrt(2))


def _problem(severity: str, rule: str, file: str, row: Mapping[str, Any], column: str, found: str, problem: str, expected: str, to_fix: str) -> Problem:
    return Problem(severity=severity, rule=rule, file=file, line=row["line"], column=column, found=found, problem=problem,
                   expected=expected, to_fix=to_fix, row_name=str(row.get("result_id") or ""))
