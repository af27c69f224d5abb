"""Which single studies carry a pooled result, in one sentence, and where the tables on each study stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from repool.figures.words import number
from repool.report import words as say
from repool.report.view import Block

Row = Mapping[str, Any]
#: Table of the analysis -> the column that is filled where it was computed, and what the table holds.
LINKS = {
    "influence": ("hat", "influence of each study"),
    "cumulative": ("estimate", "studies added one by one"),
    "gosh": ("mean", "all subsets of studies"),
}


def single_studies_block(plan: Row, tables: Mapping[str, Sequence[Row]]) -> Block | None:
    """Return the influential studies by name, or that there is none; None where nothing was computed.

    Parameters
    ----------
    plan : mapping
        Row of config/analyses.csv.
    tables : mapping
        "influence", "cumulative" and "gosh" -> rows.
    """
    judged = [row for row in tables["influence"] if row["is_influential"]]
    made = {
        name: words
        for name, (column, words) in LINKS.items()
        if any(number(row[column]) is not None for row in tables[name])
    }
    if not judged and not made:
        return None
    links = tuple((f"analyses/{plan['analysis']}/{name}.csv", words) for name, words in made.items())
    return Block(title="Single studies", sentences=tuple(_sentences(judged)), links=links)


def _sentences(judged: Sequence[Row]) -> list[str]:
    if not judged:
        return []
    found = [row["label"] for row in judged if row["is_influential"] == "yes"]
    of_all = f"of {say.plural(len(judged), 'study', 'studies')}"
    if not found:
        return [f"No study is influential by the usual limits ({of_all})."]
    says = "study is" if len(found) == 1 else "studies are"
    return [
        f"{say.whole(len(found))} {says} influential by the usual limits ({of_all}): {', '.join(found)}. "
        "The pooled result leans on what an influential study says or on its weight."
    ]
