"""Bring effects and votes into one list of results with a direction, a p-value, a size and a stratum."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: What a vote says of the direction; None: the source says that arms differ, not which is better.
VOTE_SIGNS: Mapping[str, int | None] = {
    "favours_peer": 1,
    "trend_favours_peer": 1,
    "no_difference": 0,
    "non_inferior": 0,
    "favours_control": -1,
    "differs": None,
    "improved_prepost": 1,
    "no_change_prepost": 0,
}

#: The stratum when results are not split.
ALL = "all"

#: A printed p-value, alone: "p=.048", "P < 0.05".
PRINTED = re.compile(r"p\s*([=<>])\s*(0?\.\d+|1\.0+|1)", re.IGNORECASE)


@dataclass(frozen=True)
class Result:
    """One result: where it belongs, which way it points, and what is known of its p-value and size.

    Attributes
    ----------
    stratum, unit, study_id, label, outcome : str
        Stratum; the study or cohort that counts once; names.
    source : {"effect", "vote"}
        Whether a number or only a direction is known.
    sign : int or None
        1 favours arm 1, -1 favours arm 2, 0 neither, None not stated.
    z : float
        Positive favours arm 1; nan for votes.
    pval, relation : float and str
        Two-sided p-value, and "=" or "<" where it is a bound; nan and "" when not printed.
    n_total, n_arm1 : float
        People; nan when not known.
    """

    stratum: str
    unit: str
    study_id: str
    label: str
    outcome: str
    source: str
    sign: int | None
    z: float
    pval: float
    relation: str
    n_total: float
    n_arm1: float


def gather(effects: Any, votes: Any, *, by: Sequence[str], unit: str, positive_favours_arm1: bool) -> list[Result]:
    """Return all results, effects first; a vote gives way to an effect of its unit in the same stratum.

    Parameters
    ----------
    effects : pandas.DataFrame or iterable of mapping
        One row per effect: yi, vi, study_id, cohort_id, and what `by` names.
    votes : pandas.DataFrame or iterable of mapping
        Rows of data/votes.csv with what is known of their studies; those whose column
        is_counted says "no" stay out.
    by : sequence of str
        Columns that make up the strata, such as ("outcome", "design_class"); () for none.
    unit : {"study_id", "cohort_id"}
        What counts once.
    positive_favours_arm1 : bool
        Whether a positive yi favours arm 1.

    Raises
    ------
    ValueError
        When a column is missing, a vote says something unknown, or a variance is not above 0.
    """
    if unit not in ("study_id", "cohort_id"):
        raise ValueError(f"unit is {unit!r}; must be study_id or cohort_id")
    turn = 1 if positive_favours_arm1 else -1
    found = [_effect(row, by=by, unit=unit, turn=turn) for row in records(effects)]
    known = {(result.stratum, result.unit) for result in found}
    counted = [row for row in records(votes) if _text(row.get("is_counted")) != "no"]
    others = [_vote(row, by=by, unit=unit) for row in counted]
    return found + [result for result in others if (result.stratum, result.unit) not in known]


def records(rows: Any) -> list[Mapping[str, Any]]:
    """Return the rows of a data frame, or of any iterable of mappings.

    Parameters
    ----------
    rows : pandas.DataFrame or iterable of mapping
        The table.
    """
    return rows.to_dict("records") if hasattr(rows, "to_dict") else list(rows)


def strata(results: Iterable[Result]) -> dict[str, list[Result]]:
    """Return the results of each stratum, strata in alphabetical order.

    Parameters
    ----------
    results : iterable of Result
        From `gather`.
    """
    found: dict[str, list[Result]] = {}
    for result in results:
        found.setdefault(result.stratum, []).append(result)
    return dict(sorted(found.items()))


def units(results: Iterable[Result]) -> dict[str, list[Result]]:
    """Return the results of each study or cohort, in order of first appearance.

    Parameters
    ----------
    results : iterable of Result
        From `gather`.
    """
    found: dict[str, list[Result]] = {}
    for result in results:
        found.setdefault(result.unit, []).append(result)
    return found


def printed_p(text: str) -> tuple[float, str]:
    """Return a p-value as printed and its relation ("=" or "<"); nan and "" when it cannot be used.

    Parameters
    ----------
    text : str
        Such as "p=.048" or "P < 0.05"; several p-values, "ns" and "p > .05" cannot be used.
    """
    match = PRINTED.fullmatch(text.strip())
    if match is None or match[1] == ">" or float(match[2]) == 0.0:
        return math.nan, ""
    return float(match[2]), match[1]


def _effect(row: Mapping[str, Any], *, by: Sequence[str], unit: str, turn: int) -> Result:
    """Return the result of an effects row."""
    from scipy.special import ndtr

    yi, vi = _number(row["yi"]), _number(row["vi"])
    if not (math.isfinite(yi) and math.isfinite(vi) and vi > 0):
        raise ValueError(f"{_text(row['study_id'])}: yi is {yi:g} and vi is {vi:g}; vi must be above 0, both finite")
    z = turn * yi / math.sqrt(vi)
    sign = (z > 0) - (z < 0)
    pval = 2.0 * float(ndtr(-abs(z)))
    numbers = {"sign": sign, "z": z, "pval": pval, "relation": "="}
    return Result(source="effect", **_names(row, by=by, unit=unit), **numbers)


def _vote(row: Mapping[str, Any], *, by: Sequence[str], unit: str) -> Result:
    """Return the result of a vote."""
    says = _text(row["result"])
    if says not in VOTE_SIGNS:
        raise ValueError(f"vote {_text(row.get('vote_id'))}: result {says!r} is none of {', '.join(VOTE_SIGNS)}")
    pval, relation = printed_p(_text(row.get("p_as_reported")))
    numbers = {"sign": VOTE_SIGNS[says], "z": math.nan, "pval": pval, "relation": relation}
    return Result(source="vote", **_names(row, by=by, unit=unit), **numbers)


def _names(row: Mapping[str, Any], *, by: Sequence[str], unit: str) -> dict[str, Any]:
    """Return where a row belongs and how large its study is."""
    missing = [column for column in (*by, unit, "study_id") if column not in row]
    if missing:
        raise ValueError(f"column {missing[0]} is missing; effects and votes both need {', '.join((*by, unit))}")
    return {
        "stratum": " | ".join(_text(row[column]) or "not stated" for column in by) or ALL,
        "unit": _text(row[unit]) or _text(row["study_id"]),
        "study_id": _text(row["study_id"]),
        "label": _text(row.get("label")) or _text(row["study_id"]),
        "outcome": _text(row.get("outcome")),
        "n_total": _number(row.get("n_total")),
        "n_arm1": _number(row.get("n_arm1")),
    }


def _text(value: Any) -> str:
    """Return a cell as text, "" when blank."""
    return "" if value is None or value != value else str(value)


def _number(value: Any) -> float:
    """Return a cell as a number, nan when blank."""
    return math.nan if value is None or value == "" else float(value)
