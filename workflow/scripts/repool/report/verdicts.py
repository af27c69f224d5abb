"""The verdict on an analysis in words: one line, what would change it, and the declared rules behind it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from repool.effects.measure_words import RATIO_MEASURES
from repool.figures.words import number, p_text
from repool.report import method_terms, terms
from repool.report import words as say
from repool.report.view import Block, Cell, Table, longs, numbers, table

Row = Mapping[str, Any]
#: The name of a test and its p-value, as the words of a rule hold them.
_TEST = re.compile(r"\((?P<id>\w+), p = [^)]*\)")
_PERCENTS = ("one_study_dominates", "heterogeneity", "hangs_on_choices")
_SIDES = {"includes_no_effect": "includes no effect", "above": "excludes no effect", "below": "excludes no effect"}


def lead(rows: Sequence[Row]) -> str:
    """Return "Pooled", "Pooled with a warning" or "Not pooled"; blank where there is no verdict.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of verdict.csv of one analysis.
    """
    return "".join(terms.words(row["says"], method_terms.LEADS) for row in rows if row["kind"] == "verdict")


def reasons(rows: Sequence[Row], settings: Row) -> str:
    """Return what stands behind the verdict: the rules that speak against the result, or why nothing is pooled.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of verdict.csv of one analysis.
    settings : mapping
        config/review.yaml.
    """
    told = [rule_words(row, settings) for row in rows if row["kind"] == "rule" and row["says"] == "yes"]
    if told:
        return "; ".join(told)
    return "".join(row["words"] for row in rows if row["kind"] == "verdict")


def rule_words(row: Row, settings: Row) -> str:
    """Return what one rule found, with people as whole numbers and tests by their names."""
    if row["name"] == "few_participants" and number(row["found"]) is not None:
        return f"it rests on {say.plural(row['found'], 'person', 'people')}, fewer than {say.whole(row['limit'])}"
    names = method_terms.declared_names(settings["examine"])
    found = number(row["found"]) if row["name"] == "small_study_effects" else None
    if found is not None:
        return _TEST.sub(lambda match: f"({names.get(match['id'], match['id'])}, {p_text(found)})", row["words"])
    return row["words"].replace("I2", "I\u00b2")


def verdict_block(plan: Row, rows: Sequence[Row], *, labels: Mapping[str, str], settings: Row) -> Block | None:
    """Return what would change the verdict, and the rules and limits behind it.

    Parameters
    ----------
    plan : mapping
        Row of config/analyses.csv.
    rows : sequence of mapping
        Rows of verdict.csv.
    labels : mapping
        study_id -> label.
    settings : mapping
        config/review.yaml.
    """
    changes = [row for row in rows if row["kind"] == "change"]
    points = tuple(say.sentence(row["words"]) for row in changes if row["name"] != "left_out")
    rules = rules_table(plan, rows, settings)
    stayed_out = _left_out_table(plan, [row for row in changes if row["name"] == "left_out"], labels)
    if not (points or rules or stayed_out):
        return None
    return Block(
        title="What would change it" if points else "What the verdict rests on",
        points=points,
        tables=tuple(found for found in (rules, stayed_out) if found),
        fold="The declared rules and their limits" if rules else "Results that stayed out, and why",
    )


def rules_table(plan: Row, rows: Sequence[Row], settings: Row) -> Table | None:
    """Return every declared rule with what was found, its limit, and whether it speaks against the result."""
    heads = ["Rule", *numbers("Found"), *longs("Speaks against a result when"), "Here"]
    lines = [
        [
            method_terms.RULES[row["name"]][0],
            _found(row, plan["measure"], settings),
            _limit(row, plan["measure"], settings),
            Cell(
                text=terms.words(row["says"], method_terms.SPEAKS),
                small=row["words"] if row["says"] == "not_known" else "",
                tone={"yes": "strong", "not_known": "quiet"}.get(row["says"], ""),
            ),
        ]
        for row in rows
        if row["kind"] == "rule"
    ]
    name = plan["analysis"]
    csv = f"analyses/{name}/verdict.csv"
    return table(f"{name}-verdict", "The verdict, rule by rule", heads, [("", lines)], csv=csv)


def _found(row: Row, measure: str, settings: Row) -> str:
    name, found = row["name"], row["found"]
    if not found:
        return say.BLANK
    if name in _PERCENTS:
        return say.percent(found)
    if name in ("few_effects", "few_participants"):
        return say.whole(found)
    if name == "wide_interval":
        width = say.value(found, measure)
        return f"limits {width} times apart" if measure in RATIO_MEASURES else f"limits {width} apart"
    if name == "small_study_effects":
        return p_text(float(found))
    if name == "hangs_on_one_study":
        return say.plural(found, "study", "studies")
    if name == "few_clusters":
        return f"{float(found):.1f}"
    if name == "search_unsettled":
        return "settled" if found == "yes" else "not settled"
    titles = {step["step"]: step["title"] for step in settings["ladder"]}
    return titles.get(found, terms.words(found, _SIDES))


def _limit(row: Row, measure: str, settings: Row) -> str:
    words = method_terms.RULES[row["name"]][1]
    if row["name"] == "wide_interval":
        reach = say.wide_words(measure, settings["examine"]["verdict"]["wide_interval"])
        return reach or "no width is declared for this measure"
    return words.format(limit=say.figure(row["limit"]) if "{limit}" in words else "")


def _left_out_table(plan: Row, rows: Sequence[Row], labels: Mapping[str, str]) -> Table | None:
    """Return the results of the outcome that stayed out, by reason."""
    lines = []
    for row in rows:
        why, _, names = row["words"].rpartition(": ")
        lines.append([say.sentence(terms.reasons(why)), ", ".join(labels.get(n, n) for n in names.split(", "))])
    key, csv = f"{plan['analysis']}-stayed-out", f"analyses/{plan['analysis']}/verdict.csv"
    return table(key, "Results of this outcome that stayed out", longs("Why", "Studies"), [("", lines)], csv=csv)
