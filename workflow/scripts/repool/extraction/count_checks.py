"""The printed estimate of a row and its interval against the counts, percents or rates beside them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from repool.extraction.impossible import ARMS, same_people
from repool.extraction.interval_checks import NOT_NORMAL, fitting_level, level_problem, se_of_interval
from repool.extraction.printed import TOLERANCE, Span, apart, minus, over, scaled, span, words
from repool.extraction.row_problems import warn
from repool.problems import Problem

Row = Mapping[str, Any]
#: Formulas for the standard error of a ratio differ by this much in small trials (a conditional odds ratio,
#: a continuity correction); another level differs by 16 % or more.
SE_TOLERANCE = 0.05


def count_problems(row: Row, *, file: str) -> list[Problem]:
    """Return the contradictions between an estimate and the counts of the same row.

    Parameters
    ----------
    row : mapping
        Cells as float, str or None, with "line". An adjusted estimate is not compared with crude counts.
    file : str
        Name of the file, for messages.
    """
    if row.get("adjusted") == "yes" or same_people(row) or row.get("percent_of") is not None:
        return []
    crude = crude_estimate(row)
    estimate = span(row, "estimate")
    if crude is None or estimate is None:
        return []
    wrong = list(_estimate(row, estimate, crude, file))
    return wrong or [*_interval(row, file)]


def proportion(row: Row, arm: str) -> Span | None:
    """Return the lowest and highest proportion with the outcome in an arm, 0 to 1.

    Parameters
    ----------
    row : mapping
        With events and n of the arm, or its percent.
    arm : {"arm1", "arm2"}
    """
    events, n = row.get(f"events_{arm}"), row.get(f"n_{arm}")
    if events is not None and n and events <= n:
        return events / n, events / n
    percent = span(row, f"percent_{arm}")
    return None if percent is None else (max(percent[0] / 100, 0.0), min(percent[1] / 100, 1.0))


def _rate(row: Row, arm: str) -> Span | None:
    events, person_time = row.get(f"events_{arm}"), row.get(f"person_time_{arm}")
    if events is not None and person_time:
        return events / person_time, events / person_time
    return span(row, f"rate_{arm}")


def crude_estimate(row: Row) -> Span | None:
    """Return the lowest and highest OR, RR, RD or IRR that the row's own counts, percents or rates give."""
    scale = row.get("estimate_scale")
    read = _rate if scale == "IRR" else proportion
    one, two = (read(row, arm) for arm in ARMS)
    if scale not in {"OR", "RR", "RD", "IRR"} or one is None or two is None:
        return None
    if scale == "RD":
        return minus(one, two)
    if scale == "OR":
        one, two = (over(part, (1 - part[1], 1 - part[0])) for part in (one, two))
    # Without an event in one arm a ratio is 0 or infinite: what is printed then rests on a correction.
    if not (min(one[0], two[0]) > 0 and math.isfinite(one[1]) and math.isfinite(two[1])):
        return None
    return over(one, two)


def _estimate(row: Row, estimate: Span, crude: Span, file: str) -> Iterator[Problem]:
    scale = row["estimate_scale"]
    # A risk difference is printed in percentage points as often as not.
    candidates = [crude, scaled(crude, 100.0)] if scale == "RD" else [crude]
    if not all(apart(estimate, candidate, tolerance=TOLERANCE) for candidate in candidates):
        return
    turned = [(-high, -low) for low, high in candidates] if scale == "RD" else [over((1.0, 1.0), crude)]
    to_fix = 'Compare with the paper; if the estimate is adjusted, set adjusted to "yes".'
    if not all(apart(estimate, candidate, tolerance=TOLERANCE) for candidate in turned):
        to_fix = "It agrees with arm 2 against arm 1: the arms, or the outcome and its absence, are swapped."
    what = "rates" if scale == "IRR" else "counts" if row.get("events_arm1") is not None else "percents"
    problem = f"the {what} of the row give {scale} = {words(crude)}"
    place = {"file": file, "column": "estimate", "expected": "numbers of one row that agree"}
    yield warn("C30", problem, row, to_fix=to_fix, **place)


def _interval(row: Row, file: str) -> Iterator[Problem]:
    """Compare the width of the interval with the standard error of the counts."""
    if row.get("ci_method") in NOT_NORMAL or row.get("clustering_adjusted") == "yes" or row.get("icc") is not None:
        return
    crude, given = _crude_se(row), se_of_interval(row)
    if crude is None or given is None or not apart(crude, given, tolerance=SE_TOLERANCE):
        return
    level = fitting_level(row, crude, tolerance=SE_TOLERANCE)
    if level is not None:
        yield level_problem(row, level, "the counts", file=file)
        return
    problem = f"the interval gives a standard error of {words(given)}, the counts give {crude[0]:.3g}"
    place = {"file": file, "column": "ci_ub", "expected": "numbers of one row that agree"}
    to_fix = "Compare with the paper; if the interval is exact or allows for clusters, say so."
    yield warn("C30", problem, row, to_fix=to_fix, **place)


def _crude_se(row: Row) -> Span | None:
    """Return the standard error of the log odds ratio or log risk ratio that the counts give.

    Notes
    -----
    Woolf (1955) for the odds ratio, Katz et al. (1978) for the risk ratio.
    """
    cells = [row.get(f"{name}_{arm}") for arm in ARMS for name in ("events", "n")]
    if any(cell is None for cell in cells):
        return None
    events1, n1, events2, n2 = cells
    if not (0 < events1 < n1 and 0 < events2 < n2):
        return None
    parts = {
        "OR": [1 / events1, 1 / (n1 - events1), 1 / events2, 1 / (n2 - events2)],
        "RR": [1 / events1, -1 / n1, 1 / events2, -1 / n2],
    }.get(row["estimate_scale"])
    if parts is None:
        return None
    standard_error = math.sqrt(math.fsum(parts))
    return standard_error, standard_error
