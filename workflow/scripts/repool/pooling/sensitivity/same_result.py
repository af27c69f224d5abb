"""The same result under other choices: one table that a reader can take in."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from repool.effects.measure_words import ONE_GROUP_MEASURES

#: Columns of the table, in order.
SAME_RESULT_COLUMNS = (
    *("analysis", "ladder_step", "reading", "choice", "option", "measure", "k"),
    *("estimate", "ci_lb", "ci_ub", "level", "side", "same_side", "difference_in_se", "note"),
)

#: Sides of an interval, on the analysis scale.
ABOVE, BELOW, ACROSS = "above", "below", "includes_no_effect"

Row = Mapping[str, Any]


def side_of(ci_lb: float, ci_ub: float) -> str:
    """Return on which side of no effect an interval lies.

    Parameters
    ----------
    ci_lb, ci_ub : float
        Limits on the analysis scale, where 0 means no effect (ratios are logs).

    Returns
    -------
    str
        "above", "below" or "includes_no_effect"; "" where a limit is missing. A limit of exactly 0 includes it.
    """
    if not (ci_lb == ci_lb and ci_ub == ci_ub):
        return ""
    return ABOVE if ci_lb > 0 else BELOW if ci_ub < 0 else ACROSS


def same_result_rows(headline: Row, options: Iterable[Row]) -> list[dict[str, Any]]:
    """Return the headline result and, beside it, the result under every other choice.

    Parameters
    ----------
    headline : mapping
        Row of `repool.pooling.pool.POOLED_COLUMNS`: the result that the others are held against.
    options : iterable of mapping
        With "choice" (what is chosen otherwise), "option" (how), "k", "estimate", "ci_lb", "ci_ub", "note", and
        "measure" where it is another one than the headline's.

    Returns
    -------
    list of dict
        Columns `SAME_RESULT_COLUMNS`, the headline first. `same_side` is yes where the interval lies on the same side
        of no effect as the headline's. `difference_in_se` is the distance of the two estimates in standard errors of
        the headline; blank for another measure, whose scale is another.
    """
    place = {name: headline[name] for name in ("analysis", "ladder_step", "reading", "level")}
    own = {name: headline[name] for name in ("measure", "k", "estimate", "ci_lb", "ci_ub")}
    first = {"choice": "headline", "option": headline["model"], "note": "", **own}
    rows = []
    for option in [first, *options]:
        row = place | {"measure": headline["measure"]} | dict(option)
        # No value of a proportion means "no effect", so it lies on no side.
        has_null = row["measure"] not in ONE_GROUP_MEASURES
        row["side"] = side_of(row["ci_lb"], row["ci_ub"]) if has_null else ""
        agrees = row["side"] == side_of(headline["ci_lb"], headline["ci_ub"])
        row["same_side"] = ("yes" if agrees else "no") if row["side"] else ""
        row["difference_in_se"] = _distance(row, headline)
        rows.append({name: row[name] for name in SAME_RESULT_COLUMNS})
    return rows


def extremes(rows: Iterable[Row], *, choice: str, named: str) -> list[dict[str, Any]]:
    """Return the lowest and the highest of many results as two options.

    Parameters
    ----------
    rows : iterable of mapping
        With "k", "estimate", "ci_lb" and "ci_ub", such as those of leaving one study out.
    choice : str
        What the options are called.
    named : str
        Column whose value names the result.

    Returns
    -------
    list of dict
        Two options, or one where all estimates are equal; empty where no row has an estimate.
    """
    known = sorted((row for row in rows if row["estimate"] == row["estimate"]), key=lambda row: row["estimate"])
    if not known:
        return []
    ends = [(known[0], "lowest"), (known[-1], "highest")]
    if known[0]["estimate"] == known[-1]["estimate"]:
        ends = ends[:1]
    return [
        {
            "choice": choice, "option": f"without {row[named]} ({word} of {len(known)})", "k": row["k"],
            "estimate": row["estimate"], "ci_lb": row["ci_lb"], "ci_ub": row["ci_ub"], "note": "",
        }
        for row, word in ends
    ]  # fmt: skip


def _distance(row: Row, headline: Row) -> float:
    """Return by how many standard errors of the headline an estimate lies elsewhere."""
    if row["measure"] != headline["measure"] or not headline["se"] > 0:
        return math.nan
    return (row["estimate"] - headline["estimate"]) / headline["se"]
