"""What all primary analyses say together, in counts, and how to read the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from repool.report import words as say
from repool.report.answers import Answer
from repool.report.plain_answer import headline

Row = Mapping[str, Any]


def overview(answers: Sequence[Answer], ladder: Sequence[Row], *, arms: Row) -> list[str]:
    """Return the answer to all primary analyses together, in counts.

    Parameters
    ----------
    answers : sequence of Answer
        Those of the primary analyses.
    ladder : sequence of mapping
        Rows of `report_tables.LADDER`.
    arms : mapping
        What arm 1 and arm 2 are called.

    Returns
    -------
    list of str
        Sentences.
    """
    if len(answers) == 1:
        # The one answer below says it all.
        return []
    heads = [head for answer in answers if (head := headline(ladder, answer.analysis))]
    at_once = sum(head["step_order"] == "1" for head in heads)
    total, later, never = len(answers), len(heads) - at_once, len(answers) - len(heads)
    counts = [
        (at_once, "can be pooled from what the sources report"),
        (later, "can be pooled only with further assumptions"),
        (never, "cannot be pooled"),
    ]
    planned = f"{say.whole(total)} primary analyses were planned"
    said = [f"{planned}: {', '.join(f'{count} {words}' for count, words in counts if count)}."] if total else []
    # With one pooled result the answer below says it all.
    return [*said, _sides(heads, arms)] if len(heads) > 1 else said


def answer_notes(settings: Row) -> list[str]:
    """Return what a reader needs to know to read the answers."""
    notes = []
    if len(settings["ladder"]) > 1:
        notes.append("Each step of an answer admits more assumptions than the one above it and lets more studies in.")
    if "cautious" in settings["readings"]:
        notes.append("Read cautiously: of all ways to read a printed result, the one with the widest interval.")
    if {"best_case", "worst_case"} & set(settings["readings"]):
        notes.append(
            "At best and at worst: what a source leaves open (rounding, bounds of a p-value, arm sizes) at either end."
        )
    return notes


def _sides(heads: Sequence[Row], arms: Row) -> str:
    """Return on which side the pooled intervals lie."""
    sides = [head["interval_side"] for head in heads]
    better, worse, none = (_lie(sides.count(side)) for side in ("better", "worse", "includes_no_effect"))
    wide = sum(head["is_wide"] == "yes" for head in heads)
    too_wide = f" ({say.whole(wide)} of them too wide to say anything)" if wide else ""
    return (
        f"Of the {say.whole(len(heads))} pooled intervals, {better} wholly on the side of {arms['arm1']}, "
        f"{worse} wholly on the side of {arms['arm2']}, and {none} across no effect{too_wide}."
    )


def _lie(count: int) -> str:
    if not count:
        return "none lies"
    return f"{say.whole(count)} {'lies' if count == 1 else 'lie'}"
