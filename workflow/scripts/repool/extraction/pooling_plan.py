"""Whether each analysis can be pooled by its own model and asked by its own moderators."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from repool.extraction.risk_of_bias import MODERATOR
from repool.extraction.selection_plan import rules_of
from repool.extraction.settings import moderators_of, words_of
from repool.pooling.moderators.formula_grammar import read_formula
from repool.problems import Problem, fault

_ANALYSES = "config/analyses.csv"


def check_pooling_plan(analyses: Iterable[Mapping[str, Any]], settings: Mapping[str, Any]) -> list[Problem]:
    """Return what analyses ask of their models and moderators that these cannot do.

    Parameters
    ----------
    analyses : iterable of mapping
        Rows of config/analyses.csv, with "line".
    settings : mapping
        Content of config/review.yaml, without faults.

    Returns
    -------
    list of Problem
        One per fault; names that stand nowhere are faults elsewhere.
    """
    structured = {model["id"]: "structure" in model for model in settings["pooling"]["models"]}
    kinds = settings["moderators"] | {MODERATOR: "text"}
    problems = []
    for row in analyses:
        primary = row["primary_model"] or settings["pooling"]["primary_model"]
        if primary in structured:
            keeps_all = rules_of(settings["selection"], row).overlap == "keep_all"
            problems += _check_primary(row, primary, keeps_all=keeps_all, structured=structured)
            problems += _check_regression(row, keeps_all=keeps_all)
        problems += [
            _fault(
                *(row, "R22", "subgroups", word, "subgroups are made of a moderator in words, not in numbers"),
                *("a moderator declared as text", "Enter it under moderators, or declare a column with words."),
            )
            for word in words_of(row["subgroups"])
            if kinds.get(word) == "number"
        ]
        problems += _check_formula(row, kinds)
    return problems


def _check_primary(
    row: Mapping[str, Any], primary: str, *, keeps_all: bool, structured: Mapping[str, bool]
) -> list[Problem]:
    """Return the fault of a primary model that does not fit the effects that are kept."""
    if keeps_all == structured[primary]:
        return []
    others = [name for name, is_structured in structured.items() if is_structured == keeps_all]
    if keeps_all:
        problem = (
            f'all effects of a cohort are kept (overlap), but the primary model "{primary}" takes them as independent'
        )
        expected, otherwise = "a model with a structure", "overlap: one_effect or aggregate"
    else:
        problem = f'the primary model "{primary}" has a structure, but one effect of each cohort is kept (overlap)'
        expected, otherwise = "a model without a structure", "overlap: keep_all"
    to_fix = f"Type {otherwise}, or as primary_model " + (", ".join(others) or "a new model of that kind") + "."
    return [_fault(row, "R21", "primary_model", primary, problem, expected, to_fix)]


def _check_regression(row: Mapping[str, Any], *, keeps_all: bool) -> list[Problem]:
    """Return the fault of a meta-regression of effects that depend on each other."""
    if not (keeps_all and row["moderators"]):
        return []
    problem = "a meta-regression takes effects as independent, but all effects of a cohort are kept (overlap)"
    to_fix = "Delete moderators here; a further analysis with overlap: aggregate can have them."
    return [_fault(row, "R24", "moderators", row["moderators"], problem, "one effect of each cohort", to_fix)]


def _check_formula(row: Mapping[str, Any], kinds: Mapping[str, str]) -> list[Problem]:
    """Return the fault of a formula that cannot be read; a name that is not declared is a fault elsewhere."""
    formula = (row["moderators"] or "").strip()
    if not formula.startswith("~") or not set(moderators_of(formula)) <= set(kinds):
        return []
    try:
        read_formula(formula, columns=list(kinds))
    except ValueError as refusal:
        _, _, problem = str(refusal).partition(f"formula {formula!r}")
        expected = "names of moderators joined by + : *, such as ~ year + setting"
        problem = problem.removeprefix(":").strip() or str(refusal)
        to_fix = "Correct the formula; docs/methods/moderators.md says what may stand in it."
        return [_fault(row, "R23", "moderators", formula, problem, expected, to_fix)]
    return []


def _fault(
    row: Mapping[str, Any], rule: str, column: str, found: str, problem: str, expected: str, to_fix: str
) -> Problem:
    place = {"file": _ANALYSES, "line": row["line"], "row_name": row["analysis"]}
    return fault(rule, problem, column=column, found=found, expected=expected, to_fix=to_fix, **place)
