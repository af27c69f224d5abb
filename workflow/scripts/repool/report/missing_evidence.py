"""What the methods for missing evidence found, or why none was run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from repool.figures.words import number
from repool.report import method_terms, terms
from repool.report import words as say
from repool.report.view import Block, Cell, longs, numbers, table

Row = Mapping[str, Any]
_EFFECTS = ("effect with mirror images", "effect of an infinitely large study", "effect corrected for selection")


def missing_evidence_block(plan: Row, rows: Sequence[Row], *, settings: Row) -> Block | None:
    """Return the methods that were run, or one sentence why none was.

    Parameters
    ----------
    plan : mapping
        Row of config/analyses.csv.
    rows : sequence of mapping
        Rows of missing_evidence.csv.
    settings : mapping
        config/review.yaml.
    """
    if not rows:
        return None
    names = method_terms.declared_names(settings["examine"])
    refused: dict[str, list[str]] = {}
    for row in rows:
        if not row["quantity"]:
            refused.setdefault(say.without_refusal(row["note"]), []).append(names.get(row["id"], row["id"]))
    run = [row for row in rows if row["quantity"]]
    title = "Missing evidence"
    if not run:
        return Block(title=title, sentences=tuple(f"No method was run: {why}." for why in refused))
    shared = say.shared_remarks((row["id"], row["note"]) for row in run)
    notes = [f"{', '.join(names.get(name, name) for name in found)}: {why}." for why, found in shared.items()]
    notes += [f"Not run ({why}): {', '.join(dict.fromkeys(found))}." for why, found in refused.items()]
    name = plan["analysis"]
    heads = [*longs("Method", "What it gives"), *numbers("Result", "p")]
    lines = [
        _cells(row, plan["measure"], names, shared, is_first=place == 0 or run[place - 1]["id"] != row["id"])
        for place, row in enumerate(run)
    ]
    csv = f"analyses/{name}/missing_evidence.csv"
    caption = "Methods that ask whether evidence is missing; none tells it from other reasons why small studies differ"
    return Block(
        title=title,
        tables=(table(f"{name}-missing-evidence", caption, heads, [("", lines)], csv=csv),),
        notes=tuple(notes),
        links=((f"analyses/{name}/funnel.csv", "funnel plot as numbers"),),
    )


def _cells(
    row: Row, measure: str, names: Mapping[str, str], shared: Mapping[str, Sequence[str]], *, is_first: bool
) -> list[str | Cell]:
    """Return the cells of one result; the note of a method stands once, at its first."""
    note = say.own_remarks(row["note"], shared)
    return [
        Cell(text=names.get(row["id"], row["id"]), tone="" if is_first else "quiet"),
        Cell(text=terms.words(row["quantity"], method_terms.QUANTITIES), small=note if is_first else ""),
        _result(row, measure),
        say.p_value(row["pval"]),
    ]


def _result(row: Row, measure: str) -> str:
    """Return what a method gives, in the unit of its quantity."""
    if row["quantity"] in _EFFECTS:
        interval = say.span(row["ci_lb"], row["ci_ub"], measure)
        shown = say.value(row["estimate"], measure)
        return shown if interval == say.BLANK else f"{shown} ({interval})"
    if row["quantity"] == "hidden null results":
        return say.whole(row["n_hidden"])
    if number(row["estimate"]) is None:
        return f"statistic {say.plain_number(row['statistic'])}"
    span = say.number_span(row["ci_lb"], row["ci_ub"])
    shown = say.plain_number(row["estimate"])
    return shown if span == say.BLANK else f"{shown} ({span})"
