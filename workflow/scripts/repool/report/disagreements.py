"""Routes of one result that lead to different effects, as the reader of the report meets them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from repool.effects.route_catalogue import CATALOGUE
from repool.report import words as say
from repool.report.view import Cell, Table, longs, numbers, table

Row = Mapping[str, Any]
#: One row per pair of routes of results/checks/disagreements.csv, with the study and the words of the source.
DISAGREEMENTS = (
    *("study_id", "label", "result_id", "term", "measure", "route", "yi", "sei", "other_route", "other_yi"),
    *("other_sei", "difference_in_se", "se_ratio", "verbatim"),
)


def disagreement_rows(
    found: Iterable[Row], *, ledger: Iterable[Row], labels: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return every pair of routes that disagree, with study and words of the source.

    Parameters
    ----------
    found : iterable of mapping
        Rows of results/checks/disagreements.csv.
    ledger : iterable of mapping
        Rows of results/harmonised/ledger.csv.
    labels : mapping
        study_id -> label.
    """
    printed = {row["result_id"]: row for row in ledger}
    rows = []
    for row in found:
        # The name of a result that stands for several begins with the first of them.
        origin = printed.get(row["result_id"]) or printed.get(row["result_id"].split("+")[0], {})
        words = {name: origin.get(name, "") for name in ("term", "verbatim")}
        rows.append({**row, **words, "label": labels[row["study_id"]]})
    return rows


def disagreements_table(rows: Sequence[Row]) -> Table | None:
    """Return the pairs as a table, or None where there is none.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of `disagreement_rows`.
    """
    heads = [*longs("Study", "Result"), *numbers("By the first route", "By the other route"), *longs("How far apart")]
    lines = [_cells(row) for row in rows]
    caption = "Routes of one result that disagree"
    return table("disagreements-table", caption, heads, [("", lines)], csv="tables/disagreements.csv")


def _cells(row: Row) -> list[str | Cell]:
    def effect(start: str) -> Cell:
        value = say.value(row[f"{start}yi"], row["measure"])
        inputs = CATALOGUE[row[f"{start}route"]].inputs or row[f"{start}route"]
        return Cell(text=f"{row['measure']} {value}", small=f"SE {say.plain_number(row[f'{start}sei'])}; from {inputs}")

    apart = (
        f"{say.plain_number(row['difference_in_se'])} standard errors; standard errors differ by a factor of "
        f"{say.plain_number(row['se_ratio'])}"
    )
    study = Cell(text=row["label"], href=say.link("study", row["study_id"]))
    return [
        study,
        Cell(text=row["term"], small=f"{row['result_id']}; {row['verbatim']}"),
        *map(effect, ("", "other_")),
        apart,
    ]


def disagreements_sentence(rows: Sequence[Row]) -> str:
    """Return how many results have routes that disagree.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of `disagreement_rows`.
    """
    results = len({row["result_id"] for row in rows})
    if not results:
        return "No two routes of one result lie further apart than the review lets pass."
    have = "has" if results == 1 else "have"
    return (
        f"{say.plural(results, 'result', 'results')} {have} routes that lie further apart than the review lets pass: "
        "the numbers of the source contradict each other, or an assumption matters."
    )
