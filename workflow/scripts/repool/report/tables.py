"""Tables across all analyses: what is pooled, at which step, from which results.

Rows are mappings of column to the text of a cell, as the pipeline's own files hold them, so that
every number keeps its digits.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from repool import files
from repool.effects.measure_words import ONE_GROUP_MEASURES, RATIO_MEASURES
from repool.figures.words import number

Row = Mapping[str, Any]
#: Analysis -> name of a file without its ending -> rows.
Results = Mapping[str, Mapping[str, Sequence[Row]]]

_SET = ("analysis", "title", "role", "outcome", "ladder_step", "step_order", "reading")
_LIMITS = ("estimate", "ci_lb", "ci_ub")
_NUMBERS = (
    *("measure", "k", "n_studies", "n_participants", *_LIMITS, "level"),
    *("estimate_exp", "ci_lb_exp", "ci_ub_exp"),
)
_VERDICT = ("basis", "interval_side", "is_wide", "reason")
_WHO = ("studies", "people_not_stated", "assumptions")
#: One row per analysis, step and reading: the primary model.
LADDER = (
    *(*_SET, *_VERDICT, *_NUMBERS, *_WHO),
    *("model", "method_tau2", "ci_method", "df", "i2_definition", "prediction_method"),
    *("pi_lb", "pi_ub", "tau2", "tau2_lb", "tau2_ub", "q", "q_df", "q_pval", "i2_percent"),
    *("converged", "second_engine", "second_engine_difference", "note"),
)
#: One row per analysis and step: the primary model, preferred reading.
SUMMARY = (*(c for c in _SET if c != "reading"), *_VERDICT, *_NUMBERS, *_WHO)
#: One row per analysis, step and model, preferred reading.
MODELS = (
    *("analysis", "ladder_step", "step_order", "model", "is_primary", "method_tau2", "ci_method"),
    *("measure", "k", "estimate", "ci_lb", "ci_ub", "level", "pi_lb", "pi_ub"),
    *("tau2", "i2_percent", "i2_definition", "note"),
)
#: One row per analysis, result and route.
RESULTS_USED = (
    *("analysis", "study_id", "cohort_id", "label", "result_id", "term", "time_months", "from_step"),
    *("readings", "route", "measure", "yi", "sei", "ci_lb", "ci_ub", "n_arm1", "n_arm2", "n_total"),
    *("events_arm1", "events_arm2", "condition_arm1", "condition_arm2", "comparator"),
    *("assumptions", "verbatim", "source", "locator"),
)
RESULTS_NOT_USED = (*("analysis", "study_id", "label", "result_id", "term", "comparator", "time_months", "reason"),)


def ladder_rows(
    plan: Mapping[str, Row], results: Results, outcomes: Row, *, wide: Mapping[str, float]
) -> list[dict[str, Any]]:
    """Return the primary result of every analysis, ladder step and reading.

    Parameters
    ----------
    plan : mapping
        Analysis -> its row of config/analyses.csv.
    results : Results
        With the tables "pooled" and "forest" of each analysis.
    outcomes : mapping
        Outcome -> {"title", "higher_is_better"}.
    wide : mapping
        "ratio" and "standardised": from where on an interval is too wide (see `is_wide`).

    Returns
    -------
    list of dict
        Columns `LADDER`. Where one study stands alone, its own effect takes the place of the pooled
        one, and `basis` is "one_study".
    """
    rows = []
    for name, analysis in plan.items():
        better = outcomes[analysis["outcome"]]["higher_is_better"]
        for pooled in results[name]["pooled"]:
            if pooled["is_primary"] == "yes":
                members = [row for row in results[name]["forest"] if _same_set(row, pooled)]
                rows.append(_ladder_row(analysis, pooled, members, higher_is_better=better, wide=wide))
    return rows


def summary_rows(ladder: Iterable[Row]) -> list[Row]:
    """Return the rows of the preferred reading."""
    return [row for row in ladder if row["reading"] == "preferred"]


def model_rows(plan: Iterable[str], results: Results) -> list[Row]:
    """Return every pooled model of the preferred reading.

    Parameters
    ----------
    plan : iterable of str
        Names of the analyses, in order.
    results : Results
        With the table "pooled" of each.

    Returns
    -------
    list of mapping
        With the columns `MODELS`.
    """
    return [
        {"analysis": name, **row}
        for name in plan
        for row in results[name]["pooled"]
        if row["reading"] == "preferred" and row["verdict"] == "pooled"
    ]


def used_rows(plan: Iterable[str], results: Results, ledger: Iterable[Row]) -> list[dict[str, Any]]:
    """Return every effect that enters an analysis, once per route by which it is read.

    Parameters
    ----------
    plan : iterable of str
        Names of the analyses, in order.
    results : Results
        With the table "forest" of each.
    ledger : iterable of mapping
        Rows of results/harmonised/ledger.csv: what the sources printed.

    Returns
    -------
    list of dict
        Columns `RESULTS_USED`; `from_step` is the first step at which the effect enters by that
        route, `readings` are those that use it.
    """
    printed = {row["result_id"]: row for row in ledger}
    rows = []
    for name in plan:
        found: dict[tuple, dict[str, Any]] = {}
        for effect in results[name]["forest"]:
            key = (effect["result_id"], effect["route"], effect["yi"], effect["sei"])
            # An effect made of several results has no row of its own in the ledger.
            names = [effect["result_id"]] if effect["result_id"] in printed else effect["made_from"].split(";")
            origin = {c: "; ".join(dict.fromkeys(printed[n][c] for n in names)) for c in _ORIGIN}
            first = {**effect, **origin, "analysis": name, "from_step": effect["ladder_step"]}
            row = found.setdefault(key, first | {"readings": ""})
            readings = [*filter(None, row["readings"].split("; ")), effect["reading"]]
            row["readings"] = "; ".join(dict.fromkeys(readings))
        rows += found.values()
    return rows


def not_used_rows(plan: Iterable[str], results: Results, labels: Row) -> list[dict[str, Any]]:
    """Return every result of an analysis' outcome that does not enter it, with the reason.

    Parameters
    ----------
    plan : iterable of str
        Names of the analyses, in order.
    results : Results
        With the table "selection" of each.
    labels : mapping
        study_id -> label.

    Returns
    -------
    list of dict
        Columns `RESULTS_NOT_USED`.
    """
    return [
        {**row, "analysis": name, "label": labels[row["study_id"]]}
        for name in plan
        for row in results[name]["selection"]
        if not row["used_from"]
    ]


#: What the ledger knows of a result besides its numbers.
_ORIGIN = ("term", "verbatim", "source", "locator")


def _same_set(row: Row, pooled: Row) -> bool:
    return all(row[name] == pooled[name] for name in ("ladder_step", "reading"))


def _ladder_row(
    analysis: Row, pooled: Row, members: Sequence[Row], *, higher_is_better: bool, wide: Mapping[str, float]
) -> dict[str, Any]:
    """Return one row of `LADDER`."""
    row = {**pooled, **{name: analysis[name] for name in ("analysis", "title", "role", "outcome")}}
    row["basis"] = _basis(pooled)
    # A set without any effect has no measure of its own; the plan's is the one it would have.
    row["measure"] = pooled["measure"] or analysis["measure"]
    if row["basis"] == "one_study":
        row |= {"estimate": members[0]["yi"], "ci_lb": members[0]["ci_lb"], "ci_ub": members[0]["ci_ub"]}
        if row["measure"] in RATIO_MEASURES:
            row |= {f"{name}_exp": files.cell_text(math.exp(float(row[name]))) for name in _LIMITS}
    row["interval_side"] = interval_side(row, higher_is_better=higher_is_better)
    row["is_wide"] = is_wide(row, wide=wide)
    row["studies"] = "; ".join(member["label"] for member in members)
    row["people_not_stated"] = "; ".join(m["label"] for m in members if not m["n_total"])
    return row


def _basis(pooled: Row) -> str:
    if pooled["verdict"] == "pooled":
        return "pooled"
    return {0: "none", 1: "one_study"}.get(int(number(pooled["k"]) or 0), "too_few")


def interval_side(row: Row, *, higher_is_better: bool) -> str:
    """Return on which side of no effect a whole interval lies.

    Parameters
    ----------
    row : mapping
        With measure, ci_lb and ci_ub on the analysis scale.
    higher_is_better : bool
        Whether more of the outcome is better.

    Returns
    -------
    str
        "better" or "worse" for arm 1, "includes_no_effect", or "" without an interval or without a
        value that means no effect.
    """
    low, high = number(row["ci_lb"]), number(row["ci_ub"])
    if low is None or high is None or row["measure"] in ONE_GROUP_MEASURES:
        return ""
    if low <= 0 <= high:
        return "includes_no_effect"
    return "better" if (low > 0) == higher_is_better else "worse"


def is_wide(row: Row, *, wide: Mapping[str, float]) -> str:
    """Return "yes" where an interval holds a large effect in either direction, else "no".

    Parameters
    ----------
    row : mapping
        With measure, ci_lb and ci_ub on the analysis scale.
    wide : mapping
        "ratio" and "standardised": how far on both sides of no effect it must reach.
    """
    low, high = number(row["ci_lb"]), number(row["ci_ub"])
    reach = {"SMD": wide["standardised"]} | dict.fromkeys(sorted(RATIO_MEASURES), math.log(wide["ratio"]))
    limit = reach.get(row["measure"])
    if low is None or high is None or limit is None:
        return "no"
    return "yes" if low < -limit and high > limit else "no"
