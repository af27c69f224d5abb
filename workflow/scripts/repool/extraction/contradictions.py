"""Numbers of one result row that contradict each other: doubts, for sources may print them so."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from repool.problems import Problem

#: A p-value recomputed from counts may differ by the choice of test (Fisher, continuity
#: correction): only a factor beyond this is called a contradiction.
P_FACTOR = 3.0
#: A statistic and its own p-value leave no such choice; this allows for the rounding of both.
P_DIFFERENCE = 0.05


def doubts_of(row: Mapping[str, Any], *, file: str) -> list[Problem]:
    """Return the contradictions within one row of an extraction file.

    Parameters
    ----------
    row : mapping
        Cells as float, str or None, with "line".
    file : str
        Name of the file, for messages.

    Returns
    -------
    list of Problem
        Warnings.
    """
    return [*_unclear_scale(row, file), *_percents(row, file), *_p_values(row, file)]


def _unclear_scale(row: Mapping[str, Any], file: str) -> list[Problem]:
    if row.get("estimate") is None or row.get("estimate_scale") != "unclear":
        return []
    return [
        _warning(
            "C17",
            "the scale of this printed estimate is unclear",
            row,
            file=file,
            column="estimate",
            found=f"{row['estimate']:g}",
            expected="an estimate whose scale is known",
            to_fix="It is not used. Ask the authors.",
        )
    ]


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
            problems.append(
                _warning(
                    "C19",
                    f"{percent:g} % of {n:g} people is no whole number of people; "
                    f"the nearest, {count:g}, is {implied:.1f} %",
                    row,
                    file=file,
                    column=f"percent_{arm}",
                    found=f"{percent:g}",
                    expected="a percent that a whole number of people gives",
                    to_fix="Compare with the paper; the denominator may be another.",
                )
            )
    return problems


def _p_values(row: Mapping[str, Any], file: str) -> list[Problem]:
    """Warn of a p-value that does not follow from the printed statistic or counts."""
    p, sign = row.get("p"), row.get("p_op")
    if p is None or p <= 0 or sign not in {"=", "<"}:
        return []
    if row.get("p_scope") != "contrast" or row.get("adjusted") == "yes":
        return []
    recomputed, what = _p_of_statistic(row), "the printed statistic"
    if recomputed is not None:
        contradicts = sign == "=" and abs(recomputed - p) > P_DIFFERENCE
    else:
        recomputed, what, contradicts = _p_of_counts(row), "the printed counts", False
    if recomputed is None:
        return []
    contradicts = contradicts or recomputed > P_FACTOR * p
    if not contradicts and not (sign == "=" and recomputed * P_FACTOR < p):
        return []
    return [
        _warning(
            "C20",
            f"{what} give p = {recomputed:.3f}",
            row,
            file=file,
            column="p",
            found=f"p {sign} {p:g}",
            expected="numbers of one row that agree",
            to_fix="Compare with the paper; one of them is wrong.",
        )
    ]


def _p_of_statistic(row: Mapping[str, Any]) -> float | None:
    """Return the p-value of a chi-squared statistic; other statistics are not checked here."""
    value, df = row.get("statistic_value"), row.get("df1")
    if row.get("statistic") != "chi2" or value is None or df is None:
        return None
    from scipy.special import chdtrc

    return float(chdtrc(df, value))


def _p_of_counts(row: Mapping[str, Any]) -> float | None:
    """Return Pearson's chi-squared p-value of a two-by-two table (1 df, no correction)."""
    cells = [row.get(name) for name in ("events_arm1", "n_arm1", "events_arm2", "n_arm2")]
    if any(cell is None for cell in cells):
        return None
    a, n1, c, n2 = cells
    share = (a + c) / (n1 + n2)
    if not 0 < share < 1:
        return None
    z = (a / n1 - c / n2) / math.sqrt(share * (1 - share) * (1 / n1 + 1 / n2))
    return math.erfc(abs(z) / math.sqrt(2))


def _warning(
    rule: str,
    problem: str,
    row: Mapping[str, Any],
    *,
    file: str,
    column: str,
    found: str,
    expected: str,
    to_fix: str,
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
        row_name=str(row.get("result_id") or ""),
    )
