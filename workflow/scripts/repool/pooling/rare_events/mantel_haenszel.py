"""Mantel-Haenszel pooling of odds ratios, risk ratios, risk differences and rates."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.rare_events.counts import Array, checked_arms, kept_tables, pair, study_effects, with_zero_rule
from repool.pooling.rare_events.normal_test import chi2_pval, normal_test, spread_around

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: What can be pooled, by metafor's codes.
MEASURES = ("OR", "RR", "RD", "IRR", "IRD")


@dataclass(frozen=True)
class MantelHaenszel:
    """A Mantel-Haenszel estimate, its tests, and the spread of the studies around it.

    Attributes
    ----------
    estimate, se, statistic, pval, ci_lb, ci_ub : float
        Ratio measures on the log scale; nan when the ratio is 0, infinite or undefined (see `note`).
    k, k_effects, k_informative : int
        Studies used; those with an effect of their own (for Q); those with both an event and a non-event.
    q, q_df, q_pval, i2_percent, h2 : float
        Inverse-variance Q of the studies' effects around the estimate.
    cmh, cmh_pval : float
        Cochran-Mantel-Haenszel test (OR, IRR), 1 degree of freedom.
    breslow_day, breslow_day_pval, tarone, tarone_pval : float
        Tests of equal odds ratios (OR), with k_tables - 1 degrees of freedom.
    k_tables : int
        Tables that the Breslow-Day test can use (OR).
    note : str
        Why something is nan; empty otherwise.
    """

    estimate: float
    se: float
    statistic: float
    pval: float
    ci_lb: float
    ci_ub: float
    k: int
    k_effects: int
    k_informative: int
    q: float
    q_df: int
    q_pval: float
    i2_percent: float
    h2: float
    cmh: float
    cmh_pval: float
    breslow_day: float
    breslow_day_pval: float
    tarone: float
    tarone_pval: float
    k_tables: int
    note: str


def mantel_haenszel(
    events_arm1: ArrayLike,
    size_arm1: ArrayLike,
    events_arm2: ArrayLike,
    size_arm2: ArrayLike,
    *,
    measure: str,
    add: object,
    to: object,
    drop00: object,
    correct: bool,
    level: float,
) -> MantelHaenszel:
    """Pool the counts of two arms by Mantel and Haenszel.

    Parameters
    ----------
    events_arm1, size_arm1, events_arm2, size_arm2 : array_like of shape (k,)
        Events, and people (OR, RR, RD) or person-time (IRR, IRD); arm 1 is the intervention; nan where unknown.
    measure : {"OR", "RR", "RD", "IRR", "IRD"}
        What is pooled.
    add, to, drop00 : value or pair of values
        What is added to zero cells, where, and whether studies without any event (or non-event) are left out. The
        first of a pair is for the studies' own effects (which only Q uses), the second for the pooled estimate; one
        value is for the studies, and the pooled estimate uses the counts as they are.
    correct : bool
        Whether the Cochran-Mantel-Haenszel statistic is corrected for continuity (by 0.5).
    level : float
        Confidence level between 0 and 1, such as 0.95.

    Returns
    -------
    MantelHaenszel
        Estimate, tests and heterogeneity.

    Raises
    ------
    ValueError
        For impossible counts, an unknown measure or rule, or when no study is left.

    Notes
    -----
    Variances: OR Robins, Breslow & Greenland (1986), Biometrics 42, 311-323; RR Greenland & Robins (1985),
    Biometrics 41, 55-68; RD Sato, Greenland & Robins (1989), Biometrics 45, 1323-1324; rates Rothman, Greenland &
    Lash (2008), Modern Epidemiology, chapter 15. Tests: Mantel & Haenszel (1959), J Natl Cancer Inst 22, 719-748;
    Breslow & Day (1980), IARC, section 4.4; Tarone (1985), Biometrika 72, 91-95.
    """
    if measure not in MEASURES:
        raise ValueError(f"measure is {measure!r}; Mantel-Haenszel pools {', '.join(MEASURES)}")
    arms = checked_arms(events_arm1, size_arm1, events_arm2, size_arm2, measure=measure)
    adds, tos, drops = pair(add, name="add"), pair(to, name="to"), pair(drop00, name="drop00")
    used = kept_tables(arms, drop00=drops[1])
    cells = with_zero_rule(used, add=adds[1], to=tos[1])
    yi, vi = study_effects(arms, measure=measure, add=adds[0], to=tos[0], drop00=drops[0])
    with np.errstate(all="ignore"):
        estimate, se, note = _POOLED[measure](*cells)
        spread = float(np.sum((yi - estimate) ** 2 / vi))
    facts = _tests_of_odds_ratio(cells, estimate, correct=correct) if measure == "OR" else _no_tests()
    if measure == "IRR":
        facts |= _test_of_rates(cells, correct=correct)
    q = spread_around(spread, yi.size - 1)
    facts |= normal_test(estimate, se, level=level)._asdict()
    facts |= {"q": q.q, "q_df": q.df, "q_pval": q.pval, "i2_percent": q.i2_percent, "h2": q.h2}
    counts = {"k": used.k, "k_effects": yi.size, "k_informative": used.informative()}
    return MantelHaenszel(estimate=estimate, se=se, note=note, **counts, **facts)


def _ratio(over: float, under: float, variance: float, *, name: str) -> tuple[float, float, str]:
    """Return the log of a ratio of two sums and its standard error, or why there is none."""
    if over == 0 or under == 0:
        which = "undefined" if over == under else ("0" if over == 0 else "infinite")
        return math.nan, math.nan, f"the pooled {name} is {which}: the counts of one arm leave nothing to compare"
    return math.log(over) - math.log(under), math.sqrt(variance), ""


def _odds_ratio(a: Array, b: Array, c: Array, d: Array) -> tuple[float, float, str]:
    """Robins, Breslow & Greenland (1986), equation 1 on."""
    n = a + b + c + d
    r, s = a / n * d, b / n * c
    p, q = (a + d) / n, (b + c) / n
    over, under = r.sum(), s.sum()
    variance = (p * r).sum() / over**2 + (p * s + q * r).sum() / (over * under) + (q * s).sum() / under**2
    return _ratio(over, under, variance / 2, name="odds ratio")


def _risk_ratio(a: Array, b: Array, c: Array, d: Array) -> tuple[float, float, str]:
    """Greenland & Robins (1985), equations 4 and 13."""
    n1, n2 = a + b, c + d
    n = n1 + n2
    over, under = (a * n2 / n).sum(), (c * n1 / n).sum()
    variance = (n1 / n * (n2 / n) * (a + c) - a / n * c).sum() / (over * under)
    return _ratio(over, under, variance, name="risk ratio")


def _risk_difference(a: Array, b: Array, c: Array, d: Array) -> tuple[float, float, str]:
    """Sato, Greenland & Robins (1989), valid for many small and for few large studies."""
    n1, n2 = a + b, c + d
    n = n1 + n2
    weight = (n1 / n * n2).sum()
    if weight == 0:
        return math.nan, math.nan, "the pooled risk difference is undefined: no study has people in both arms"
    estimate = float((a * n2 / n - c * n1 / n).sum() / weight)
    first = (c * (n1 / n) ** 2 - a * (n2 / n) ** 2 + n1 / n * (n2 / n) * (n2 - n1) / 2).sum()
    second = (a * d / n + c * b / n).sum() / 2
    variance = float(estimate * first + second) / weight**2
    note = "" if variance > 0 else "every risk is the same 0 or 1, so there is no test"
    return estimate, math.sqrt(max(variance, 0.0)), note


def _rate_ratio(x1: Array, t1: Array, x2: Array, t2: Array) -> tuple[float, float, str]:
    """Rothman, Greenland & Lash (2008), chapter 15."""
    t = t1 + t2
    over, under = (x1 * t2 / t).sum(), (x2 * t1 / t).sum()
    variance = (t1 / t * (t2 / t) * (x1 + x2)).sum() / (over * under)
    return _ratio(over, under, variance, name="rate ratio")


def _rate_difference(x1: Array, t1: Array, x2: Array, t2: Array) -> tuple[float, float, str]:
    """Rothman, Greenland & Lash (2008), chapter 15."""
    weights = t1 / (t1 + t2) * t2
    estimate = float(((x1 * t2 - x2 * t1) / (t1 + t2)).sum() / weights.sum())
    variance = (weights**2 * (x1 / t1**2 + x2 / t2**2)).sum()
    note = "" if variance > 0 else "there is no event at all, so there is no test"
    return estimate, float(math.sqrt(variance) / weights.sum()), note


_POOLED = {
    "OR": _odds_ratio,
    "RR": _risk_ratio,
    "RD": _risk_difference,
    "IRR": _rate_ratio,
    "IRD": _rate_difference,
}


def _no_tests() -> dict[str, float]:
    """Return the tests that a measure does not have, as nan."""
    names = ("cmh", "cmh_pval", "breslow_day", "breslow_day_pval", "tarone", "tarone_pval")
    return dict.fromkeys(names, math.nan) | {"k_tables": 0}


def _chi2_of_sums(observed: float, variance: float, *, correct: bool) -> dict[str, float]:
    """Return the Cochran-Mantel-Haenszel statistic of a summed difference and its p-value."""
    statistic = (abs(observed) - (0.5 if correct else 0.0)) ** 2 / variance if variance > 0 else math.nan
    return {"cmh": float(statistic), "cmh_pval": chi2_pval(statistic, 1)}


def _test_of_rates(cells: tuple[Array, ...], *, correct: bool) -> dict[str, float]:
    """Return the test that all rates are equal; the events of each study are split as the person-time is."""
    x1, t1, x2, t2 = cells
    share = t1 / (t1 + t2)
    total = x1 + x2
    return _chi2_of_sums(float((x1 - total * share).sum()), float((total * share * (1 - share)).sum()), correct=correct)


def _tests_of_odds_ratio(cells: tuple[Array, ...], log_odds_ratio: float, *, correct: bool) -> dict[str, float]:
    """Return the Cochran-Mantel-Haenszel, Breslow-Day and Tarone tests."""
    a, b, c, d = cells
    n1, n2, yes, no = a + b, c + d, a + c, b + d
    n = n1 + n2
    with np.errstate(all="ignore"):
        # A single person has no variance; R's 0 / 0 there would void the whole test.
        variance = np.where(n > 1, n1 / n * (n2 / n) * yes * (no / (n - 1)), 0.0)
    facts = _no_tests() | _chi2_of_sums(float((a - n1 / n * yes).sum()), float(variance.sum()), correct=correct)
    if math.isnan(log_odds_ratio):
        return facts
    # A table with an empty margin has only one way to be: it can neither agree nor disagree.
    use = (n1 > 0) & (n2 > 0) & (yes > 0) & (no > 0)
    a, n1, n2, yes = a[use], n1[use], n2[use], yes[use]
    expected = _expected_events(math.exp(log_odds_ratio), n1, n2, yes)
    variances = 1 / (1 / expected + 1 / (n1 - expected) + 1 / (yes - expected) + 1 / (n2 - yes + expected))
    breslow_day = float(((a - expected) ** 2 / variances).sum())
    tarone = max(0.0, breslow_day - float((a - expected).sum() ** 2 / variances.sum()))
    facts |= {"breslow_day": breslow_day, "tarone": tarone, "k_tables": int(use.sum())}
    for name in ("breslow_day", "tarone"):
        facts[f"{name}_pval"] = chi2_pval(facts[name], facts["k_tables"] - 1)
    return facts


def _expected_events(odds_ratio: float, n1: Array, n2: Array, yes: Array) -> Array:
    """Return arm 1's events that give each table the pooled odds ratio (Breslow & Day 1980, equation 4.30).

    The root of (OR - 1) x^2 - B x + OR n1 yes = 0 with B = OR (n1 + yes) + n2 - yes, in the form without
    cancellation, which also holds for OR = 1.
    """
    b = odds_ratio * (n1 + yes) + n2 - yes
    root = np.sqrt(b**2 - 4 * odds_ratio * (odds_ratio - 1) * n1 * yes)
    return 2 * odds_ratio * n1 * yes / (b + root)
