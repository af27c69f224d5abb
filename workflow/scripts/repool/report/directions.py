"""What is said without pooling: directions by design and combined p-values, with the question each answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from repool.figures.words import number
from repool.report import method_terms, terms
from repool.report import words as say
from repool.report.view import Block, Cell, Table, numbers, table

Row = Mapping[str, Any]
#: With fewer results than this in every design, neither a direction nor a p-value is put together with another.
FEWEST = 2


def directions_block(plan: Row, rows: Sequence[Row], *, is_pooled: bool, settings: Row) -> Block | None:
    """Return directions and combined p-values; None where no design has two results.

    Parameters
    ----------
    plan : mapping
        Row of config/analyses.csv.
    rows : sequence of mapping
        Rows of without_pooling.csv.
    is_pooled : bool
        Whether the analysis is pooled: then the tables are folded away.
    settings : mapping
        config/review.yaml.
    """
    counted = [row for row in rows if row["kind"] == "direction"]
    combined = [row for row in rows if row["kind"] == "combined_p"]
    tables = tuple(t for t in (_direction_table(plan, counted, settings), _p_table(plan, combined, settings)) if t)
    if not tables or max((number(row["n_results"]) or 0) for row in rows) < FEWEST:
        return None
    notes = tuple(
        f"{terms.words(kind, {'direction': 'Directions', 'combined_p': 'Combined p-values'})} do not say: "
        f"{say.title_in_sentence(row['not_answered'])}"
        for kind, row in {row["kind"]: row for row in rows if row["not_answered"]}.items()
    )
    return Block(
        title="Without pooling: directions and p-values",
        sentences=tuple(_sentence(row, settings) for row in counted if (number(row["n_counted"]) or 0) >= FEWEST),
        tables=tables,
        fold="Directions and combined p-values by design" if is_pooled else "",
        notes=notes,
        links=((f"analyses/{plan['analysis']}/albatross.csv", "albatross plot as numbers"),),
    )


def _sentence(row: Row, settings: Row) -> str:
    """Return how many units of one design favour arm 1, with the sign test."""
    share = f"{say.chance(row['ci_lb']).removesuffix(' %')} to {say.chance(row['ci_ub'])}"
    verb = "favours" if number(row["n_counted_for"]) == 1 else "favour"
    return (
        f"{_stratum(row)}: {say.whole(row['n_counted_for'])} of {say.whole(row['n_counted'])} {verb} "
        f"{settings['arms']['arm1']} ({say.chance(row['proportion'])}, interval {share}; sign test, "
        f"p {_equals(row['pval_two_sided'])})."
    )


def _equals(cell: object) -> str:
    text = say.p_value(cell)
    return text if text.startswith("<") else f"= {text}"


def _stratum(row: Row) -> str:
    return say.capital(terms.words(row["stratum"], terms.DESIGNS)) if row["stratum"] else "All designs"


def _direction_table(plan: Row, rows: Sequence[Row], settings: Row) -> Table | None:
    arms = settings["arms"]
    heads = ["Design", *numbers(f"Favour {arms['arm1']}", f"Favour {arms['arm2']}", "Neither", "Not known")]
    heads += numbers(f"Share for {arms['arm1']} (interval)", "Sign test, p")
    lines = [
        [
            Cell(text=_stratum(row), small=say.short_note(row["note"])),
            *(say.whole(row[name]) for name in ("n_favours_arm1", "n_favours_arm2", "n_zero", "n_unknown")),
            _share(row),
            say.p_value(row["pval_two_sided"]),
        ]
        for row in rows
    ]
    question = rows[0]["question"] if rows else ""
    csv = f"analyses/{plan['analysis']}/without_pooling.csv"
    return table(f"{plan['analysis']}-directions", f"Directions: {question}", heads, [("", lines)], csv=csv)


def _share(row: Row) -> str:
    if number(row["proportion"]) is None:
        return say.BLANK
    limits = f"{say.chance(row['ci_lb']).removesuffix(' %')} to {say.chance(row['ci_ub'])}"
    return f"{say.chance(row['proportion'])} ({limits})"


def _p_table(plan: Row, rows: Sequence[Row], settings: Row) -> Table | None:
    arms = settings["arms"]
    heads = ["Design", "Method", *numbers("Results", f"p for {arms['arm1']}", f"p for {arms['arm2']}")]
    heads += numbers("p, two-sided")
    lines = [
        [
            _stratum(row),
            Cell(text=terms.words(row["method"], method_terms.COMBINED_P), small=say.short_note(row["note"])),
            say.whole(row["k"]),
            *(say.p_value(row[name]) for name in ("pval_favours_arm1", "pval_favours_arm2", "pval_two_sided")),
        ]
        for row in rows
    ]
    question = rows[0]["question"] if rows else ""
    csv = f"analyses/{plan['analysis']}/without_pooling.csv"
    return table(f"{plan['analysis']}-combined-p", f"Combined p-values: {question}", heads, [("", lines)], csv=csv)
