"""Tables of what can be said without pooling: counted directions and combined p-values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from repool.pooling.without_pooling import combined_p, vote_counting
from repool.pooling.without_pooling.effect_direction import study_direction
from repool.pooling.without_pooling.gather import Result, gather, strata, units

DIRECTION_COLUMNS = (
    *("by", "stratum", "unit", "agreement", "zero_rule", "n_results", "n_effects", "n_votes", "n_units"),
    *("n_favours_arm1", "n_favours_arm2", "n_zero", "n_unknown", "n_counted_for", "n_counted"),
    *("proportion", "ci_lb", "ci_ub", "interval_method", "alpha", "pval_two_sided", "pval_favours_arm1"),
    *("pval_favours_arm2", "question", "not_answered", "note"),
)
COMBINED_P_COLUMNS = (
    *("by", "stratum", "unit", "method", "bounds", "without_p", "n_results", "n_left_out", "n_as_no_evidence"),
    *("k", "statistic"),
    *("pval_favours_arm1", "pval_favours_arm2", "pval_two_sided", "question", "not_answered", "note"),
)

#: What is done with p-values printed as a bound (p < .05): left out, or taken as the bound, which
#: makes a combined p-value too large rather than too small.
BOUNDS = ("leave_out", "as_value")

#: What is done with results that print no direction or no p-value: left out, or taken as z = 0.
#: They are mostly the ones that were not significant, so leaving them out flatters the rest.
WITHOUT_P = ("leave_out", "as_no_evidence")


def direction_rows(
    effects: Any,
    votes: Any,
    *,
    by: Sequence[str],
    unit: str,
    positive_favours_arm1: bool,
    agreement: float,
    zero_rule: str,
    interval_method: str,
    alpha: float,
) -> list[dict[str, Any]]:
    """Count directions and test them, one row per stratum.

    Parameters
    ----------
    effects, votes, by, unit, positive_favours_arm1
        See `repool.pooling.without_pooling.gather.gather`.
    agreement : float
        Share of the results of a unit that must point the same way, such as 0.7.
    zero_rule : {"leave_out", "count_against", "share"}
        What is done with units that point in neither direction.
    interval_method : {"clopper_pearson", "wilson", "jeffreys"}
        Interval of the proportion.
    alpha : float
        1 - alpha is the confidence level.

    Returns
    -------
    list of dict
        Columns `DIRECTION_COLUMNS`.
    """
    results = gather(effects, votes, by=by, unit=unit, positive_favours_arm1=positive_favours_arm1)
    settings = {"agreement": agreement, "zero_rule": zero_rule, "interval_method": interval_method, "alpha": alpha}
    return [
        {"by": " | ".join(by), "stratum": stratum, "unit": unit} | _directions(members, settings)
        for stratum, members in strata(results).items()
    ]


def combined_p_rows(
    effects: Any,
    votes: Any,
    *,
    by: Sequence[str],
    unit: str,
    positive_favours_arm1: bool,
    methods: Sequence[str],
    bounds: str,
    without_p: str,
) -> list[dict[str, Any]]:
    """Combine one-sided p-values, one row per stratum and method.

    Parameters
    ----------
    effects, votes, by, unit, positive_favours_arm1
        See `repool.pooling.without_pooling.gather.gather`.
    methods : sequence of str
        Out of `repool.pooling.without_pooling.combined_p.METHODS`.
    bounds : {"leave_out", "as_value"}
        What is done with p-values printed as a bound.
    without_p : {"leave_out", "as_no_evidence"}
        What is done with results that print no direction or no p-value.

    Returns
    -------
    list of dict
        Columns `COMBINED_P_COLUMNS`.

    Notes
    -----
    A unit with several results stands in with the mean of their z statistics, whose variance is
    at most 1 however they depend on each other: too cautious rather than too bold.
    """
    if bounds not in BOUNDS or without_p not in WITHOUT_P:
        raise ValueError(
            f"bounds is {bounds!r} and must be one of {', '.join(BOUNDS)}; "
            f"without_p is {without_p!r} and must be one of {', '.join(WITHOUT_P)}"
        )
    results = gather(effects, votes, by=by, unit=unit, positive_favours_arm1=positive_favours_arm1)
    rows = []
    for stratum, members in strata(results).items():
        head = {"by": " | ".join(by), "stratum": stratum, "unit": unit}
        z, sizes, unusable = _unit_z(members, bounds=bounds, without_p=without_p)
        left_out = unusable if without_p == "leave_out" else 0
        counts = {"bounds": bounds, "without_p": without_p, "n_results": len(members)}
        counts |= {"n_left_out": left_out, "n_as_no_evidence": unusable - left_out}
        rows += [head | {"method": method} | counts | _combined(z, sizes, left_out, method) for method in methods]
    return rows


def _directions(members: Sequence[Result], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the counts, the proportion and the test of one stratum."""
    signs, n_unknown, n_mixed = [], 0, 0
    for own in units(members).values():
        stated = [result.sign for result in own if result.sign is not None]
        if not stated:
            n_unknown += 1
            continue
        arrow = study_direction(stated, agreement=settings["agreement"])
        n_mixed += "do not agree" in arrow.note
        signs.append(arrow.sign)
    count = vote_counting.count_directions(signs, zero_rule=settings["zero_rule"])
    test = vote_counting.sign_test(count.n_counted_for, count.n_counted)
    options = {"method": settings["interval_method"], "level": 1.0 - settings["alpha"]}
    share = vote_counting.proportion_interval(count.n_counted_for, count.n_counted, **options)
    n_effects = len([result for result in members if result.source == "effect"])
    row = dict(settings) | {"n_results": len(members), "n_effects": n_effects, "n_votes": len(members) - n_effects}
    row |= {"n_units": len(signs) + n_unknown, "n_unknown": n_unknown} | vars(count)
    row |= {"proportion": share.estimate, "ci_lb": share.ci_lb, "ci_ub": share.ci_ub}
    row |= {name: getattr(test, name) for name in ("pval_two_sided", "pval_favours_arm1", "pval_favours_arm2")}
    row |= {"question": vote_counting.QUESTION, "not_answered": vote_counting.NOT_ANSWERED}
    notes = [test.note, f"{n_unknown} with a difference whose direction is not stated" if n_unknown else ""]
    notes.append(f"{n_mixed} whose results do not agree, counted as neither" if n_mixed else "")
    if count.n_zero > n_mixed:
        notes.append("neither includes results reported as no difference, which may only mean not significant")
    return row | {"note": "; ".join(note for note in notes if note)}


def _unit_z(members: Sequence[Result], *, bounds: str, without_p: str) -> tuple[list[float], list[float], int]:
    """Return the mean z and the size of each unit, and how many results have no usable z."""
    z, sizes, unusable = [], [], 0
    for own in units(members).values():
        usable = [result for result in own if _is_usable(result, bounds=bounds)]
        unusable += len(own) - len(usable)
        counted = len(usable) if without_p == "leave_out" else len(own)
        if counted:
            z.append(math.fsum(_z(result) for result in usable) / counted)
            sizes.append(max((r.n_total for r in own if math.isfinite(r.n_total)), default=math.nan))
    return z, sizes, unusable


def _is_usable(result: Result, *, bounds: str) -> bool:
    """Return whether a result has a direction and a p-value that may be combined."""
    if result.source == "effect":
        return True
    return result.sign in (1, -1) and (result.relation == "=" or (result.relation == "<" and bounds == "as_value"))


def _z(result: Result) -> float:
    """Return the z statistic of a result, for votes from the printed p-value taken as two-sided."""
    return result.z if result.source == "effect" else float(combined_p.z_of_p([result.pval], [result.sign])[0])


def _combined(z: Sequence[float], sizes: Sequence[float], left_out: int, method: str) -> dict[str, Any]:
    """Return the combined p-values of one stratum and method."""
    notes = []
    if left_out:
        notes.append(
            f"{left_out} without a direction and a usable p-value left out; such results are mostly "
            "not significant, so the combined p-value is too small"
        )
    if method == "stouffer_weighted" and not np.isfinite(sizes).all():
        found = combined_p.Combined(*[math.nan] * 4, len(z), "not run: a study has no size, so no weight")
    else:
        found = combined_p.combine(z, method=method, n_total=sizes)
    notes += [found.note, "one study: nothing is combined" if len(z) == 1 else ""]
    row = {name: getattr(found, name) for name in COMBINED_P_COLUMNS if hasattr(found, name) and name != "note"}
    row |= {"question": combined_p.QUESTION, "not_answered": combined_p.NOT_ANSWERED}
    return row | {"note": "; ".join(note for note in notes if note)}
