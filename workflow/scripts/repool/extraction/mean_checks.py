"""Means and standard deviations of one row against each other and against what is computed from them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from repool.extraction.contradictions import p_warning
from repool.extraction.impossible import ARMS, same_people
from repool.extraction.p_values import FEWEST_DF, p_contradicts, p_of_statistic, p_of_t
from repool.extraction.printed import TOLERANCE, Span, apart, minus, over, printed_decimals, size, span, words
from repool.extraction.row_problems import COMPARE, warn
from repool.problems import Problem

Row = Mapping[str, Any]
#: Means that two arms may be compared by, with their standard deviations.
LEVELS = (("mean", "sd"), ("mean_change", "sd_change"))
#: Standard deviations of two arms of one trial seldom differ so much; one of them is then often a standard error.
SD_RATIO = 3.0
#: Kadlec, Sainani & Nimphius (2023), Sports Med 53:313-325: 60 % of standardised differences beyond this
#: came from a standard error taken for a standard deviation.
LARGE_SMD = 3.0
STANDARDISED = frozenset({"d", "g", "glass", "d_prepost"})


def mean_problems(row: Row, *, file: str) -> list[Problem]:
    """Return the doubts about means and standard deviations of one row.

    Parameters
    ----------
    row : mapping
        Cells as float, str or None, with "line".
    file : str
        Name of the file, for messages.
    """
    return [*_sd_ratio(row, file), *_large(row, file), *_copied(row, file), *_estimate(row, file), *_tests(row, file)]


def _arms(row: Row, name: str) -> tuple[Span, Span] | None:
    one, two = (span(row, f"{name}_{arm}") for arm in ARMS)
    return None if one is None or two is None else (one, two)


def _sd_ratio(row: Row, file: str) -> Iterator[Problem]:
    for name in ("sd", "sd_change", "pre_sd"):
        arms = _arms(row, name)
        if arms is None or min(arms[0][0], arms[1][0]) <= 0:
            continue
        ratio = over(*arms)
        if ratio[1] < 1 / SD_RATIO or ratio[0] > SD_RATIO:
            column = f"{name}_arm1" if ratio[0] < 1 else f"{name}_arm2"
            other = f"{name}_arm2" if ratio[0] < 1 else f"{name}_arm1"
            problem = f"less than a third of the other arm's ({row[other]:g}); is it a standard error, or a misprint?"
            place = {"file": file, "column": column, "expected": "standard deviations of similar size"}
            yield warn("C32", problem, row, to_fix="Compare with the paper; se has a column of its own.", **place)


def _differences(row: Row) -> Iterator[tuple[Span, Span | None]]:
    """Yield (difference of means, standard deviation within arms or None) for each kind of mean."""
    for mean, sd in LEVELS:
        means, sds = _arms(row, mean), _arms(row, sd)
        if means is not None:
            yield minus(*means), _pooled(row, sds)


def _pooled(row: Row, sds: tuple[Span, Span] | None) -> Span | None:
    """Return the pooled standard deviation within its rounding; arms of unknown size count as equal."""
    if sds is None:
        return span(row, "sd_pooled")
    n1, n2 = (row.get(f"n_{arm}") for arm in ARMS)
    df1, df2 = (n1 - 1, n2 - 1) if None not in (n1, n2) and n1 + n2 > 2 else (1.0, 1.0)
    low, high = (
        math.sqrt((df1 * one * one + df2 * two * two) / (df1 + df2))
        for one, two in zip(*((max(low, 0.0), high) for low, high in sds), strict=True)
    )
    return low, high


def _large(row: Row, file: str) -> Iterator[Problem]:
    place = {"file": file, "expected": "a standardised difference between -3 and 3"}
    to_fix = "Compare with the paper; a standard error typed as a standard deviation does this."
    estimate = row.get("estimate")
    if row.get("estimate_scale") in STANDARDISED and abs(estimate or 0) > LARGE_SMD:
        yield warn("C34", "an unusually large difference", row, column="estimate", to_fix=to_fix, **place)
    for difference, sd in _differences(row):
        if sd is not None and sd[0] > 0 and over(size(difference), sd)[0] > LARGE_SMD:
            problem = f"the means differ by {words(over(size(difference), sd))} standard deviations"
            column = "sd_arm1" if row.get("sd_arm1") is not None else "sd_change_arm1"
            column = column if row.get(column) is not None else "sd_pooled"
            yield warn("C34", problem, row, column=column, to_fix=to_fix, **place)


def _copied(row: Row, file: str) -> Iterator[Problem]:
    """Warn of numbers that stand twice where chance would seldom put them twice."""
    twins = [((f"mean_{arm}", f"sd_{arm}"), (f"pre_mean_{arm}", f"pre_sd_{arm}"), "at baseline") for arm in ARMS]
    if not same_people(row):
        twins += [((f"{m}_arm1", f"{s}_arm1"), (f"{m}_arm2", f"{s}_arm2"), "in the other arm") for m, s in LEVELS]
    for ours, theirs, where in twins:
        cells = [row.get(name) for name in (*ours, *theirs)]
        # Whole numbers meet by chance.
        if None in cells or cells[:2] != cells[2:] or max(printed_decimals(row, name) for name in ours) < 1:
            continue
        problem = f"mean and standard deviation are those {where}"
        place = {"file": file, "column": ours[0], "expected": "numbers of their own"}
        yield warn("C40", problem, row, to_fix="Compare with the paper; a column may have been copied.", **place)


def _estimate(row: Row, file: str) -> Iterator[Problem]:
    """Compare a printed difference, raw or standardised, with the means."""
    scale, estimate = row.get("estimate_scale"), span(row, "estimate")
    if estimate is None or row.get("adjusted") == "yes" or scale not in {"MD", "d", "g", "glass"}:
        return
    computed = [found for found in _computed(row, scale) if all(map(math.isfinite, found))]
    if not computed or not all(apart(estimate, found, tolerance=TOLERANCE) for found in computed):
        return
    to_fix = 'Compare with the paper; if the estimate is adjusted, set adjusted to "yes".'
    if not all(apart((-estimate[1], -estimate[0]), found, tolerance=TOLERANCE) for found in computed):
        to_fix = "Its sign is turned: arm 1 minus arm 2 is typed, whichever is better."
    problem = f"the means of the row give {scale} = {words(computed[0])}"
    place = {"file": file, "column": "estimate", "expected": "numbers of one row that agree"}
    yield warn("C31", problem, row, to_fix=to_fix, **place)


def _computed(row: Row, scale: str) -> Iterator[Span]:
    """Yield every difference that the means of the row may have been turned into."""
    pre = _arms(row, "pre_mean")
    levels = list(_differences(row))
    if scale == "MD":
        yield from (difference for difference, _ in levels)
        if pre is not None and row.get("mean_arm1") is not None and levels:
            yield minus(levels[0][0], minus(*pre))
        return
    for difference, pooled in levels:
        sd = span(row, "sd_arm2") or span(row, "sd_change_arm2") if scale == "glass" else pooled
        if sd is None or sd[0] <= 0:
            continue
        # With the small-sample factor and without: papers call both d.
        n1, n2 = (row.get(f"n_{arm}") for arm in ARMS)
        least = _hedges(n1 + n2 - 2 if None not in (n1, n2) and n1 + n2 > 4 else FEWEST_DF)
        quotients = [part / limit for part in difference for limit in sd]
        low, high = min(quotients), max(quotients)
        yield low * (least if low > 0 else 1.0), high * (1.0 if high > 0 else least)


def _tests(row: Row, file: str) -> Iterator[Problem]:
    """Compare a printed t (or F with one degree of freedom), else the p-value, with the means."""
    if row.get("adjusted") == "yes" or same_people(row):
        return
    n1, n2 = (row.get(f"n_{arm}") for arm in ARMS)
    if None in (n1, n2) or min(n1, n2) < 2:
        return
    computed = [found for found in (_t_of(row, *level, n1, n2) for level in LEVELS) if found is not None]
    source = "means and standard deviations"
    if not computed and row.get("estimate_scale") in {"d", "g"} and row.get("estimate") is not None:
        computed, source = [_t_of_smd(row, n1, n2)], "standardised difference"
    if not computed:
        return
    place = {"file": file, "expected": "numbers of one row that agree"}
    value, kind = span(row, "statistic_value"), row.get("statistic")
    if value is not None and (kind == "t" or (kind == "F" and row.get("df1") == 1)):
        printed = size(value) if kind == "t" else (math.sqrt(max(value[0], 0.0)), math.sqrt(max(value[1], 0.0)))
        if all(apart(printed, found, tolerance=TOLERANCE) for found in computed):
            problem = f"{source} and numbers of people give t = {words(computed[0])} in size"
            yield warn("C31", problem, row, column="statistic_value", to_fix=COMPARE, **place)
    elif row.get("p_scope") == "contrast" and p_of_statistic(row) is None:
        recomputed = [(p_of_t(high, n1 + n2 - 2), p_of_t(low, n1 + n2 - 2)) for low, high in computed]
        if all(p_contradicts(row, found, difference=None) for found in recomputed):
            yield p_warning(row, f"the printed {source} and numbers of people", recomputed[0], file=file)


def _t_of(row: Row, mean: str, sd: str, n1: float, n2: float) -> Span | None:
    """Return the size of t within rounding, from Student's standard error and from Welch's."""
    means, sds = _arms(row, mean), _arms(row, sd)
    if means is None or sds is None:
        return None
    pooled = _pooled(row, sds)
    (low1, high1), (low2, high2) = ((max(low, 0.0), high) for low, high in sds)
    errors = [math.sqrt(one * one / n1 + two * two / n2) for one, two in ((low1, low2), (high1, high2))]
    errors += [part * math.sqrt(1 / n1 + 1 / n2) for part in pooled]
    if min(errors) <= 0:
        return None
    return over(size(minus(*means)), (min(errors), max(errors)))


def _t_of_smd(row: Row, n1: float, n2: float) -> Span:
    """Return the size of t that a standardised difference gives, with Hedges' factor in it or not."""
    low, high = size(span(row, "estimate"))
    root = math.sqrt(n1) * math.sqrt(n2 / (n1 + n2))
    return low * root, high * root / _hedges(n1 + n2 - 2)


def _hedges(df: float) -> float:
    """Return the small-sample factor 1 - 3 / (4 df - 1) of Hedges (1981)."""
    return 1 - 3 / (4 * df - 1)
