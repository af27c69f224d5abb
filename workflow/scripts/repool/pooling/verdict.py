"""The verdict on an analysis by declared rules, and what evidence would change it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from repool.effects.measure_words import ONE_GROUP_MEASURES, RATIO_MEASURES
from repool.pooling.evidence_needed import confirming_studies, contradicting_studies
from repool.pooling.sensitivity.same_result import ACROSS, side_of

#: Columns of the table, in order.
VERDICT_COLUMNS = ("analysis", "ladder_step", "reading", "kind", "name", "says", "found", "limit", "words")

#: What an analysis can be.
POOLED, WARNED, REFUSED = "pooled", "pooled_with_warning", "not_pooled"

Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the rules look at, beside the pooled row itself.

    Parameters
    ----------
    weights_percent : sequence of float
        Shares of the effects in the headline model.
    sides_without_one : sequence of str
        Side of the interval with each study left out.
    sides_of_choices : sequence of str
        Side of the interval under each other choice.
    small_study_pvals : mapping of str to float
        Asymmetry test -> p-value, of those that were run.
    robust_df : float
        Satterthwaite degrees of freedom of the cluster-robust interval; nan where there is none.
    first_step : bool
        Whether the headline stands on the first step of the assumption ladder.
    vi : sequence of float
        Sampling variances of the pooled effects.
    """

    weights_percent: Sequence[float]
    sides_without_one: Sequence[str]
    sides_of_choices: Sequence[str]
    small_study_pvals: Mapping[str, float]
    robust_df: float
    first_step: bool
    vi: Sequence[float]


def verdict_rows(
    headline: Row, facts: Facts | None, *, rules: Mapping[str, Any], minimum_k: int, left_out: Iterable[str]
) -> list[dict[str, Any]]:
    """Return the verdict on an analysis, each rule behind it, and what evidence would change it.

    Parameters
    ----------
    headline : mapping
        Row of `repool.pooling.pool.POOLED_COLUMNS` of the primary model: the first pooled step, or the last step
        where none is pooled.
    facts : Facts or None
        What else the rules look at; None where nothing is pooled.
    rules : mapping
        Rule -> its limit, or "none".
    minimum_k : int
        Fewest effects that are pooled.
    left_out : iterable of str
        In words, results that did not enter and why: what could enter if more were known.

    Returns
    -------
    list of dict
        Columns `VERDICT_COLUMNS`: one row of kind "verdict", then of kind "rule", then of kind "change".
    """
    place = {name: headline[name] for name in ("analysis", "ladder_step", "reading")}
    if facts is None:
        rows, says, words = [], REFUSED, headline["reason"]
        changes = _changes_if_refused(headline, minimum_k, left_out)
    else:
        rows = _rule_rows(headline, facts, rules)
        broken = [row["words"] for row in rows if row["says"] == "yes"]
        says, words = (WARNED, "; ".join(broken)) if broken else (POOLED, "no declared rule speaks against it")
        changes = _changes_if_pooled(headline, facts)
    first = {"kind": "verdict", "name": "verdict", "says": says, "found": "", "limit": "", "words": words}
    return [place | row for row in (first, *rows, *changes)]


def _rule_rows(headline: Row, facts: Facts, rules: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return one row per rule that is looked at: whether it speaks against the result."""
    rows = []
    for name, judge in _RULES.items():
        limit = rules[name]
        if limit == "none":
            continue
        found, speaks, words = judge(headline, facts, limit)
        says = "not_known" if speaks is None else "yes" if speaks else "no"
        shown = "on" if limit is True else _limit_words(limit)
        told = "" if says == "no" else words
        rows.append({"kind": "rule", "name": name, "says": says, "found": found, "limit": shown, "words": told})
    return rows


def _limit_words(limit: Any) -> Any:
    if isinstance(limit, Mapping):
        return "; ".join(f"{name} {value:g}" for name, value in sorted(limit.items()))
    return limit


def _few_effects(row: Row, facts: Facts, limit: float) -> tuple[Any, bool | None, str]:
    return row["k"], row["k"] < limit, f"it rests on {row['k']:g} effects, fewer than {limit:g}"


def _few_participants(row: Row, facts: Facts, limit: float) -> tuple[Any, bool | None, str]:
    n = row["n_participants"]
    if n != n:
        return "", None, "how many people stand behind it is not stated by all sources"
    return n, n < limit, f"it rests on {n:.0f} people, fewer than {limit:g}"


def _one_study_dominates(row: Row, facts: Facts, limit: float) -> tuple[Any, bool | None, str]:
    largest = max(facts.weights_percent)
    return largest, largest > limit, f"one study has {largest:.0f} % of the weight, more than {limit:g} %"


def _heterogeneity(row: Row, facts: Facts, limit: float) -> tuple[Any, bool | None, str]:
    i2 = row["i2_percent"]
    if i2 != i2:
        return "", None, "I2 could not be computed"
    return i2, i2 > limit, f"the effects differ much: I2 is {i2:.0f} %, more than {limit:g} %"


def _prediction_across(row: Row, facts: Facts, limit: bool) -> tuple[Any, bool | None, str]:
    side = side_of(row["pi_lb"], row["pi_ub"])
    if not side or _has_no_null(row):
        return "", None, "there is no prediction interval to hold against no effect"
    speaks = _side(row) != ACROSS and side == ACROSS
    return side, speaks, "in a new study the effect could well be none, or the other way: see the prediction interval"


def _wide_interval(row: Row, facts: Facts, limit: Row) -> tuple[Any, bool | None, str]:
    reach = wide_reach(row["measure"], limit)
    if reach is None or _has_no_null(row):
        return "", None, f"no width is declared for the measure {row['measure']}"
    width = row["ci_ub"] - row["ci_lb"]
    speaks = row["ci_lb"] < -reach and row["ci_ub"] > reach
    return width, speaks, "its interval holds a large benefit as well as a large harm"


def _hangs_on_one_study(row: Row, facts: Facts, limit: bool) -> tuple[Any, bool | None, str]:
    sides = [side for side in facts.sides_without_one if side]
    if not sides or _has_no_null(row):
        return "", None, "too few effects to leave one out"
    moved = len([side for side in sides if side != _side(row)])
    return moved, moved > 0, f"without one study the interval lies elsewhere ({moved} of {len(sides)} studies)"


def _hangs_on_choices(row: Row, facts: Facts, limit: float) -> tuple[Any, bool | None, str]:
    sides = [side for side in facts.sides_of_choices if side]
    if not sides or _has_no_null(row):
        return "", None, "there is no other choice to hold it against"
    moved = len([side for side in sides if side != _side(row)])
    share = 100 * moved / len(sides)
    return share, share > limit, f"{moved} of {len(sides)} other choices put the interval elsewhere"


def _rests_on_assumptions(row: Row, facts: Facts, limit: bool) -> tuple[Any, bool | None, str]:
    words = "it can be pooled only with assumptions that no source confirms"
    return row["ladder_step"], not facts.first_step, words


def _search_unsettled(row: Row, facts: Facts, limit: bool) -> tuple[Any, bool | None, str]:
    return row["converged"], row["converged"] == "no", "the search for the between-study variance did not settle"


def _small_study_effects(row: Row, facts: Facts, limit: float) -> tuple[Any, bool | None, str]:
    if not facts.small_study_pvals:
        return "", None, "too few effects to test whether small studies differ from large ones"
    name, smallest = min(facts.small_study_pvals.items(), key=lambda pair: (pair[1], pair[0]))
    return smallest, smallest < limit, f"small studies show other effects than large ones ({name}, p = {smallest:.2g})"


def _few_clusters(row: Row, facts: Facts, limit: float) -> tuple[Any, bool | None, str]:
    df = facts.robust_df
    if df != df:
        return "", None, "no interval that is robust to shared people was computed"
    return (
        df,
        df < limit,
        f"robust to shared people it has {df:.1f} degrees of freedom: its p-value is not to be trusted",
    )


_RULES = {
    "few_effects": _few_effects,
    "few_participants": _few_participants,
    "one_study_dominates": _one_study_dominates,
    "heterogeneity": _heterogeneity,
    "prediction_across": _prediction_across,
    "wide_interval": _wide_interval,
    "hangs_on_one_study": _hangs_on_one_study,
    "hangs_on_choices": _hangs_on_choices,
    "rests_on_assumptions": _rests_on_assumptions,
    "search_unsettled": _search_unsettled,
    "small_study_effects": _small_study_effects,
    "few_clusters": _few_clusters,
}
#: Names of the rules, in the order in which they are told.
RULES = tuple(_RULES)


def wide_reach(measure: str, limit: Row) -> float | None:
    """Return how far on both sides of no effect an interval that says nothing reaches; None where none is declared.

    Parameters
    ----------
    measure : str
        Measure of the analysis.
    limit : mapping
        "ratio", such as 2 for a halving and a doubling, and "standardised", such as 0.5 standard deviations.
    """
    if measure in RATIO_MEASURES:
        return math.log(limit["ratio"])
    return float(limit["standardised"]) if measure == "SMD" else None


def _changes_if_refused(headline: Row, minimum_k: int, left_out: Iterable[str]) -> list[dict[str, Any]]:
    missing = int(max(2, minimum_k) - headline["k"])
    rows = []
    if missing > 0:
        rows.append(
            _change("more_effects", missing, f"{_more(missing)} of this outcome with a usable result would be pooled")
        )
    rows += [_change("left_out", "", words) for words in left_out]
    return rows


def _changes_if_pooled(headline: Row, facts: Facts) -> list[dict[str, Any]]:
    if _has_no_null(headline) or not facts.vi:
        return []
    numbers = {
        "estimate": headline["estimate"], "vi": facts.vi, "tau2": headline["tau2"], "level": headline["level"],
    }  # fmt: skip
    like = "as precise as the median one here (between-study variance as it stands, normal interval)"
    if _side(headline) == ACROSS:
        needed = confirming_studies(**numbers)
        words = f"{_more(needed)} with this very effect, {like}, would make the interval exclude no effect"
        if needed == 0:
            words = "by a normal interval it excludes no effect already: what is missing is studies, not precision"
        if math.isinf(needed):
            return []
        return [_change("confirming_studies", needed, words)]
    needed = contradicting_studies(**numbers)
    words = f"{_more(needed)} without any effect, {like}, would make the interval include no effect"
    return [_change("contradicting_studies", needed, words)]


def _more(count: float) -> str:
    return "1 more study" if count == 1 else f"{count:.0f} more studies"


def _change(name: str, found: Any, words: str) -> dict[str, Any]:
    return {"kind": "change", "name": name, "says": "", "found": found, "limit": "", "words": words}


def _side(row: Row) -> str:
    return side_of(row["ci_lb"], row["ci_ub"])


def _has_no_null(row: Row) -> bool:
    """Whether no value of the measure means "no effect", as with a proportion."""
    return row["measure"] in ONE_GROUP_MEASURES
