"""The printed estimate of a row against its own interval, standard error, statistic and p-value."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from repool.extraction.contradictions import p_warning
from repool.extraction.p_values import (
    FEWEST_DF,
    P_FACTOR_DECISION,
    p_contradicts,
    p_of_statistic,
    p_of_t,
    p_of_z,
    quantile,
)
from repool.extraction.printed import TOLERANCE, Span, apart, gap, half_unit, minus, over, size, span, words
from repool.extraction.row_problems import COMPARE, warn
from repool.problems import Problem

Row = Mapping[str, Any]
LOG_SCALES = frozenset({"OR", "RR", "HR", "IRR", "ROM"})
LINEAR_SCALES = frozenset({"MD", "RD", "IRD", "d", "g", "glass", "d_prepost", "b", "beta", "fisher_z"})
#: Intervals of these are often made by exact methods that the paper does not name (noncentral t, Newcombe):
#: they are asymmetric by a few percent of their width.
NEARLY_LINEAR = frozenset({"d", "g", "glass", "d_prepost", "RD", "IRD"})
NEARLY_SLACK = 0.03
#: Levels that are mistaken for one another.
LEVELS = (90.0, 95.0, 99.0)
NOT_NORMAL = frozenset({"exact", "profile", "bootstrap"})


def interval_problems(row: Row, *, file: str) -> list[Problem]:
    """Return the contradictions between estimate, interval, standard error, statistic and p-value.

    Parameters
    ----------
    row : mapping
        Cells as float, str or None, with "line".
    file : str
        Name of the file, for messages.

    Notes
    -----
    Every number is taken as the interval of numbers that round to it; only what rounding cannot explain is told.
    """
    if row.get("ci_method") in NOT_NORMAL:
        return [*_ratio_of_se(row, file)]
    symmetric = [*_asymmetric(row, file), *_asymmetric_arms(row, file)]
    # An interval that is wrong in itself would only be told again by what follows from it.
    if symmetric:
        return symmetric
    return [*_standard_error(row, file), *_ratio_of_se(row, file), *_p_of_interval(row, file)]


def on_scale(within: Span | None, scale: str | None) -> Span | None:
    """Return limits on the scale on which a normal interval is symmetric; None where there is no such scale."""
    if within is None:
        return None
    if scale in LINEAR_SCALES:
        return within
    if scale in LOG_SCALES and within[1] > 0:
        return (math.log(within[0]) if within[0] > 0 else -math.inf), math.log(within[1])
    if scale == "r" and max(size(within)) < 1:
        return math.atanh(within[0]), math.atanh(within[1])
    return None


def _ends(row: Row, suffix: str = "") -> tuple[Span, Span] | None:
    low, high = span(row, f"ci_lb{suffix}"), span(row, f"ci_ub{suffix}")
    if low is None or high is None or row[f"ci_lb{suffix}"] >= row[f"ci_ub{suffix}"]:
        return None
    return low, high


def _off_centre(middle: Span, low: Span, high: Span, slack: float) -> bool:
    """Return whether a number cannot be the middle of an interval."""
    centre = (low[0] + high[0]) / 2, (low[1] + high[1]) / 2
    distance = gap(middle, centre)
    width = high[1] - low[0]
    return math.isfinite(distance) and distance > slack * width + 1e-9 * max(abs(centre[0]), abs(centre[1]), width)


def _asymmetric(row: Row, file: str) -> Iterator[Problem]:
    scale, ends, estimate = row.get("estimate_scale"), _ends(row), span(row, "estimate")
    if ends is None or estimate is None or not row["ci_lb"] <= row["estimate"] <= row["ci_ub"]:
        return
    middle, low, high = (on_scale(part, scale) for part in (estimate, *ends))
    if None in (middle, low, high) or not _off_centre(
        middle, low, high, NEARLY_SLACK if scale in NEARLY_LINEAR else 0.0
    ):
        return
    interval = f"the interval {row['ci_lb']:g} to {row['ci_ub']:g}"
    place = {"file": file, "column": "estimate"}
    if scale in LOG_SCALES and not _off_centre(estimate, *ends, 0.0):
        problem = f"{interval} is symmetric as it stands, not on the log scale: is this a logarithm or a difference?"
        to_fix = "Compare with the paper; type a ratio, not its logarithm, or correct estimate_scale."
        yield warn("C27", problem, row, expected=f"the interval of {_article(scale)}", to_fix=to_fix, **place)
        return
    where = "on the log scale " if scale in LOG_SCALES else ""
    centre = math.sqrt(row["ci_lb"]) * math.sqrt(row["ci_ub"]) if scale in LOG_SCALES else None
    centre = (row["ci_lb"] + row["ci_ub"]) / 2 if centre is None else centre
    problem = f"{interval} is not symmetric {where}about the estimate; its middle is {centre:.3g}"
    to_fix = "Compare with the paper; if the interval is exact, profile or bootstrap, say so in ci_method."
    yield warn("C26", problem, row, expected="an estimate in the middle of its interval", to_fix=to_fix, **place)


def _article(scale: str) -> str:
    return f"an {scale}" if scale in {"OR", "RR", "HR", "IRR", "MD", "RD"} else f"a {scale}"


def _asymmetric_arms(row: Row, file: str) -> Iterator[Problem]:
    for suffix in ("_arm1", "_arm2"):
        ends = _ends(row, suffix)
        names = [f"{name}{suffix}" for name in ("mean_change", "mean") if row.get(f"{name}{suffix}") is not None]
        if ends is None or not names or not all(_off_centre(span(row, name), *ends, 0.0) for name in names):
            continue
        centre = (row[f"ci_lb{suffix}"] + row[f"ci_ub{suffix}"]) / 2
        problem = f"the arm's interval is not symmetric about this mean; its middle is {centre:.3g}"
        place = {"file": file, "column": names[0], "expected": "a mean in the middle of its interval"}
        yield warn("C26", problem, row, to_fix=COMPARE, **place)


def quantiles(row: Row, level: float) -> Span:
    """Return the fewest and most standard errors between an estimate and its limit."""
    normal = quantile(level, None)
    if row.get("estimate_scale") in LOG_SCALES or row.get("estimate_scale") == "r":
        return normal, normal
    if row.get("statistic") == "t" and row.get("df1") is not None:
        return normal, quantile(level, row["df1"])
    n1, n2 = row.get("n_arm1"), row.get("n_arm2")
    df = n1 + n2 - 2 if None not in (n1, n2) and n1 + n2 > 2 else FEWEST_DF
    return normal, quantile(level, df)


def se_of_interval(row: Row, level: float | None = None) -> Span | None:
    """Return the standard error that the printed interval gives, on the scale of `on_scale`.

    Parameters
    ----------
    row : mapping
        With ci_lb, ci_ub, ci_level and estimate_scale.
    level : float, optional
        Level to take instead of the printed one, 50 to 99.9.
    """
    ends, level = _ends(row), row.get("ci_level") if level is None else level
    if ends is None or level is None or not 0 < level < 100:
        return None
    low, high = (on_scale(part, row.get("estimate_scale")) for part in ends)
    if low is None or high is None:
        return None
    width = minus(high, low)
    fewest, most = quantiles(row, level)
    return max(width[0], 0.0) / (2 * most), width[1] / (2 * fewest)


def fitting_level(row: Row, standard_error: Span, *, tolerance: float) -> float | None:
    """Return another usual level at which the printed interval agrees with a standard error."""
    for level in LEVELS:
        given = se_of_interval(row, level)
        if level != row.get("ci_level") and given and not apart(given, standard_error, tolerance=tolerance):
            return level
    return None


def level_problem(row: Row, level: float, what: str, *, file: str) -> Problem:
    """Return the doubt that an interval has another level than the one that is typed."""
    problem = f"{what} fit{'s' if what.endswith('error') else ''} a {level:g} % interval"
    place = {"file": file, "column": "ci_level", "expected": "the level that the paper states"}
    return warn("C29", problem, row, to_fix=COMPARE, **place)


def _standard_error(row: Row, file: str) -> Iterator[Problem]:
    """Compare the printed standard error with the interval."""
    printed, given = span(row, "se"), se_of_interval(row)
    if printed is None or given is None or not apart(printed, given, tolerance=TOLERANCE):
        return
    level = fitting_level(row, printed, tolerance=TOLERANCE)
    if level is not None:
        yield level_problem(row, level, "the standard error", file=file)
        return
    hint = "Compare with the paper."
    estimate = span(row, "estimate") if row.get("estimate_scale") in LOG_SCALES else None
    if estimate is not None and not apart(over(printed, estimate), given, tolerance=TOLERANCE):
        hint = "It looks like the standard error of the ratio itself; the column holds that of its logarithm."
    problem = f"the interval gives a standard error of {words(given)}"
    place = {"file": file, "column": "se", "expected": "numbers of one row that agree"}
    yield warn("C28", problem, row, to_fix=hint, **place)


def _z_of_estimate(row: Row) -> Span | None:
    """Return the size of the estimate in standard errors."""
    estimate = on_scale(span(row, "estimate"), row.get("estimate_scale"))
    standard_error = span(row, "se")
    standard_error = se_of_interval(row) if standard_error is None else standard_error
    if estimate is None or standard_error is None:
        return None
    return over(size(estimate), (max(standard_error[0], 0.0), standard_error[1]))


def _ratio_of_se(row: Row, file: str) -> Iterator[Problem]:
    """Compare estimate / standard error with a printed t or z."""
    z, statistic = _z_of_estimate(row), span(row, "statistic_value")
    if z is None or statistic is None or row.get("statistic") not in {"t", "z"}:
        return
    # Only a printed standard error: that of an interval is already within the choice of its quantile.
    if row.get("se") is None or not apart(z, size(statistic), tolerance=TOLERANCE):
        return
    problem = f"the estimate divided by its standard error is {words(z)} in size"
    place = {"file": file, "column": "statistic_value", "expected": "numbers of one row that agree"}
    yield warn("C28", problem, row, to_fix="Compare with the paper; one of the three is wrong.", **place)


def _p_of_interval(row: Row, file: str) -> Iterator[Problem]:
    """Compare the printed p-value with estimate and standard error or interval."""
    if row.get("p_scope") != "contrast" or p_of_statistic(row) is not None:
        return
    z = _z_of_estimate(row)
    if z is None or not math.isfinite(z[0]):
        return
    df = row.get("df1") if row.get("statistic") == "t" else None
    # Without degrees of freedom the test may have been a t test.
    largest = p_of_z(z[0]) if row.get("estimate_scale") in LOG_SCALES else p_of_t(z[0], df or FEWEST_DF)
    recomputed = (p_of_t(z[1], df) if math.isfinite(z[1]) else 0.0, largest)
    if p_contradicts(row, recomputed, difference=None) or _other_side(row, recomputed):
        what = "the estimate and its standard error" if row.get("se") is not None else "the estimate and its interval"
        yield p_warning(row, what, recomputed, file=file)


def _other_side(row: Row, recomputed: Span) -> bool:
    """Return whether the interval holds no effect where its p-value denies it, or the other way round."""
    p, level = row.get("p"), row.get("ci_level")
    if p is None or level is None or row.get("p_op") != "=" or row.get("ci_lb") is None:
        return False
    half, limit = half_unit(row, "p"), 1 - level / 100
    if row.get("tails") == "one":
        return False
    below = p + half < limit < recomputed[0] and recomputed[0] > P_FACTOR_DECISION * p
    above = recomputed[1] < limit < p - half and recomputed[1] * P_FACTOR_DECISION < p
    return below or above
