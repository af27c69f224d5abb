"""Tables of where the effects of one analysis come from, and why other results stay out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from repool.effects.route_catalogue import CATALOGUE
from repool.extraction.settings import words_of
from repool.report import terms
from repool.report import words as say
from repool.report.ladder import assumptions_in_words
from repool.report.view import Cell, Table, longs, numbers, table

Row = Mapping[str, Any]
#: Arms of a row, in the order of the text.
ARMS = ("arm1", "arm2")


def used_table(name: str, rows: Sequence[Row], titles: Mapping[str, str], ladder: Sequence[Row]) -> Table | None:
    """Return the results that are used, grouped by the step at which they come in."""
    heads = [
        *("Study", *longs("Result", "What the source prints"), *numbers("Effect (interval)")),
        *longs("Read by", "Rests on", "Source"),
    ]
    groups = []
    for step in ladder:
        lines = [_used_cells(row) for row in rows if row["from_step"] == step["step"]]
        groups.append((titles[step["step"]], lines))
    return table(
        f"{name}-used", "Results used, by the step at which they come in", heads, groups, csv="tables/results_used.csv"
    )


def _used_cells(row: Row) -> list[str | Cell]:
    arms = [row[f"condition_{arm}"] for arm in ARMS]
    counts = [arm_counts(row, arm) for arm in ARMS]
    small = [say.months(row["time_months"]), " v ".join(filter(None, arms)), " v ".join(filter(None, counts))]
    if row["n_total"] and not any(counts):
        small.append(say.plural(row["n_total"], "person", "people"))
    readings = " and ".join(terms.words(r, terms.READINGS) for r in words_of(row["readings"]))
    return [
        Cell(text=row["label"], href=say.link("study", row["study_id"])),
        Cell(text=row["term"], small="; ".join(filter(None, small))),
        Cell(text=row["verbatim"] or say.BLANK),
        Cell(text=say.effect(row, name="yi"), tone="strong"),
        Cell(text=route_in_words(row["route"]), small=readings),
        assumptions_in_words(row),
        Cell(text=row["source"], small=row["locator"]),
    ]


def arm_counts(row: Row, arm: str) -> str:
    """Return events over people of an arm, or the people alone; blank when neither is known."""
    events, people = row[f"events_{arm}"], row[f"n_{arm}"]
    if events:
        return f"{say.whole(events)}/{say.whole(people)}"
    return f"n = {say.whole(people)}" if people else ""


def not_used_table(name: str, rows: Sequence[Row]) -> Table | None:
    """Return the results that are not used, each with its reason."""
    heads = ["Study", *longs("Result"), "Time", *longs("Why it is not used")]
    lines = [
        [
            Cell(text=row["label"], href=say.link("study", row["study_id"])),
            *(row["term"], say.months(row["time_months"]), terms.reasons(row["reason"])),
        ]
        for row in rows
    ]
    caption = "Results of the same outcome that are not used here"
    return table(f"{name}-not-used", caption, heads, [("", lines)], csv="tables/results_not_used.csv")


def route_in_words(route: str) -> str:
    """Return what an effect was computed from; effects of the same people that were made one have no route."""
    return CATALOGUE[route].inputs if route in CATALOGUE else "several effects of the same people, made one"
