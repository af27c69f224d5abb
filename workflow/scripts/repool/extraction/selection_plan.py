"""The planned answers to people who stand behind several results: shared arms and overlapping samples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from repool.extraction.arms_of_trials import VARIANT_OF
from repool.problems import Problem, fault

_ANALYSES = "config/analyses.csv"


@dataclass(frozen=True, kw_only=True)
class Rules:
    """How one analysis chooses among the effects of the same people.

    Parameters
    ----------
    sort_keys : tuple of str
        Keys that put the effects of a cohort in order.
    sources_order : tuple of str
        Sources of an outcome, the preferred first; others come last.
    multi_arm : {"choose", "split", "combine", "covariance"}
        Answer to an arm that several contrasts share.
    overlap : {"one_effect", "aggregate", "keep_all"}
        Answer to several effects of one cohort.
    rho : float
        Declared correlation of the effects of one cohort, used by "aggregate".
    """

    sort_keys: tuple[str, ...]
    sources_order: tuple[str, ...]
    multi_arm: str
    overlap: str
    rho: float


def rules_of(selection: Mapping[str, Any], analysis: Mapping[str, Any]) -> Rules:
    """Return the rules of one analysis: those of config/review.yaml, and its own where it has some.

    Parameters
    ----------
    selection : mapping
        The key `selection` of config/review.yaml.
    analysis : mapping
        A row of config/analyses.csv.
    """
    return Rules(
        sort_keys=tuple(selection["one_effect_per_cohort"]),
        sources_order=tuple(selection["sources_order"]),
        multi_arm=analysis["multi_arm"] or selection["multi_arm"],
        overlap=analysis["overlap"] or selection["overlap"]["rule"],
        rho=float(selection["overlap"]["rho"]),
    )


def planned_variants(analyses: Iterable[Mapping[str, Any]], selection: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return outcome -> the variants of rows that its analyses need; outcomes that need none are left out.

    Parameters
    ----------
    analyses : iterable of mapping
        Rows of config/analyses.csv.
    selection : mapping
        The key `selection` of config/review.yaml.
    """
    needed: dict[str, set[str]] = {}
    for analysis in analyses:
        answer = rules_of(selection, analysis).multi_arm
        if answer in VARIANT_OF:
            needed.setdefault(analysis["outcome"], set()).add(VARIANT_OF[answer])
    return {outcome: sorted(needed[outcome]) for outcome in sorted(needed)}


def check_plan(analyses: Iterable[Mapping[str, Any]], selection: Mapping[str, Any]) -> list[Problem]:
    """Return a fault for each analysis whose answers contradict each other.

    Parameters
    ----------
    analyses : iterable of mapping
        Rows of config/analyses.csv, with "line".
    selection : mapping
        The key `selection` of config/review.yaml.
    """
    problems = []
    for row in analyses:
        rules = rules_of(selection, row)
        if (rules.multi_arm, rules.overlap) == ("split", "aggregate"):
            problems.append(
                fault(
                    "U07",
                    "split makes effects of their own of the parts of an arm, and aggregate makes one of them again",
                    file=_ANALYSES,
                    line=row["line"],
                    column="multi_arm",
                    found="split, with overlap aggregate",
                    expected="split with one_effect, or another answer with aggregate",
                    to_fix="Choose one of the two; combine and covariance go with aggregate.",
                    row_name=row["analysis"],
                )
            )
    return problems
