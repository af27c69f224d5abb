"""The summary of the report: one row per analysis, one column per step of the ladder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from repool.extraction.settings import words_of
from repool.report import terms
from repool.report import words as say
from repool.report.answers import same, verdict
from repool.report.view import Cell, Table, longs, numbers, table

Row = Mapping[str, Any]
#: Marks of footnotes, in order.
MARKS = "abcdefghijklmnopqrstuvwxyz"
SIDES = {
    "better": "whole interval on the side of benefit",
    "worse": "whole interval on the side of harm",
    "includes_no_effect": "interval includes no effect",
}


def marks_of(assumptions: Sequence[Row]) -> dict[str, str]:
    """Return a letter for each assumption that an analysis rests on.

    Parameters
    ----------
    assumptions : sequence of mapping
        Rows of `report_counts.assumption_rows`.

    Returns
    -------
    dict
        Assumption -> letter.
    """
    found = [row["assumption"] for row in assumptions if row["n_analyses"]]
    return dict(zip(found, MARKS, strict=False))


def summary_table(
    plan: Mapping[str, Row],
    ladder: Sequence[Row],
    *,
    settings: Row,
    marks: Mapping[str, str],
    verdicts: Mapping[str, str],
) -> Table | None:
    """Return one row per analysis, with the result of each step of the ladder.

    Parameters
    ----------
    plan : mapping
        Analysis -> row of config/analyses.csv.
    ladder : sequence of mapping
        Rows of `report_tables.LADDER`.
    settings : mapping
        config/review.yaml.
    marks : mapping
        Assumption -> letter of its footnote.
    verdicts : mapping
        Analysis -> verdict in few words.

    Returns
    -------
    Table or None
        Grouped by role.
    """
    steps = [step["title"] for step in settings["ladder"]]
    heads = [*longs("Analysis"), "Verdict", *numbers(*steps)]
    groups = []
    for role, title in terms.ROLES.items():
        lines = []
        for name, analysis in plan.items():
            if analysis["role"] == role:
                own = [r for r in ladder if r["analysis"] == name and r["reading"] == "preferred"]
                conclusion = verdict(own, plan=analysis, ladder=settings["ladder"])
                first, *cells = _cells(analysis, own, marks)
                lines.append([first, _verdict_cell(own, verdicts[name], conclusion), *cells])
        groups.append((title, lines))
    caption = "Every planned analysis at each step of the assumption ladder"
    return table("summary-table", caption, heads, groups, csv="tables/summary.csv")


def reading_help(settings: Row, plan: Mapping[str, Row]) -> list[str]:
    """Return how to read the summary.

    Parameters
    ----------
    settings : mapping
        config/review.yaml.
    plan : mapping
        Analysis -> row of config/analyses.csv.

    Returns
    -------
    list of str
        Sentences.
    """
    pooling = settings["pooling"]
    method = next(say.model(m) for m in pooling["models"] if m["id"] == pooling["primary_model"])
    said = [
        f"Effects with {say.level(pooling['level'])} intervals by {method}; the interval of a single study is normal."
    ]
    if len(settings["ladder"]) > 1:
        first = settings["ladder"][0]["title"]
        said.append(
            f"Each step to the right of \u201c{first}\u201d admits more assumptions and lets more studies in; "
            "it never changes a study that is in already."
        )
    said.append("Letters name the assumptions that a number rests on. Grey: one study, not pooled.")
    measures = dict.fromkeys(row["measure"] for row in plan.values())
    said.append(say.sentence("; ".join(f"{name}: {terms.words(name, terms.MEASURES)}" for name in measures)))
    return said


def _cells(plan: Row, rows: Sequence[Row], marks: Mapping[str, str]) -> list[str | Cell]:
    designs = ", ".join(terms.words(word, terms.DESIGNS) for word in words_of(plan["designs"]))
    comparators = ", ".join(terms.words(word, terms.COMPARATORS) for word in words_of(plan["comparators"]))
    small = f"{plan['measure']}; {designs}; v {comparators}"
    cells: list[str | Cell] = [Cell(text=plan["title"], small=small, href=say.link("analysis", plan["analysis"]))]
    for number, row in enumerate(rows):
        is_idle = number > 0 and same(row, rows[number - 1])
        cells.append(Cell(text="no change", tone="quiet") if is_idle else _step_cell(row, marks))
    return cells


def _verdict_cell(rows: Sequence[Row], lead: str, conclusion: str) -> Cell:
    """Return the verdict, and below it at which step the analysis is pooled and what its interval says."""
    heads = [row for row in rows if row["basis"] == "pooled"]
    if not heads:
        return Cell(text=conclusion)
    step = say.title_in_sentence(conclusion.removeprefix("Pooled "))
    return Cell(text=lead, small="; ".join(filter(None, [step, _interval_words(heads[0])])))


def _step_cell(row: Row, marks: Mapping[str, str]) -> Cell:
    """Return effect, interval and marks, with k and people below."""
    if row["basis"] == "none":
        return Cell(text=say.BLANK, small="no effect", tone="quiet")
    notes = sorted((marks[name], say.link("assumption", name)) for name in words_of(row["assumptions"]))
    is_pooled = row["basis"] == "pooled"
    return Cell(
        text=say.effect(row, name="estimate"),
        small=f"k = {say.whole(row['k'])}, {say.people(row)}{'' if is_pooled else '; not pooled'}",
        notes=tuple(notes),
        tone="strong" if is_pooled else "quiet",
    )


def _interval_words(row: Row) -> str:
    """Return what the first pooled interval of an analysis says."""
    if row["is_wide"] == "yes":
        return "interval too wide to say anything"
    return SIDES.get(row["interval_side"], "")
