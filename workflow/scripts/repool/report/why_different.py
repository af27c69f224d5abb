"""Why effects may differ, and what it does that some share their people: subgroups, slopes, dependent effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from repool.figures.words import number
from repool.report import method_terms, terms
from repool.report import words as say
from repool.report.view import Block, Cell, Table, longs, numbers, table

Row = Mapping[str, Any]


def why_different_block(plan: Row, rows: Sequence[Row], regression: Table | None) -> Block | None:
    """Return the subgroups and the meta-regression, or None where the plan asks for neither.

    Parameters
    ----------
    plan : mapping
        Row of config/analyses.csv.
    rows : sequence of mapping
        Rows of subgroups.csv.
    regression : Table or None
        The meta-regression.
    """
    tables = tuple(found for found in (_subgroups_table(plan, rows), regression) if found)
    if not tables:
        return None
    return Block(title="Why effects may differ", tables=tables)


def _subgroups_table(plan: Row, rows: Sequence[Row]) -> Table | None:
    heads = [*longs("Subgroup"), *numbers("k", "Effect (interval)", "\u03c4\u00b2", "I\u00b2 (from Q)", "p")]
    groups = [
        (
            say.capital(terms.words(moderator, {})),
            [_subgroup_cells(row, plan["measure"]) for row in rows if row["moderator"] == moderator],
        )
        for moderator in dict.fromkeys(row["moderator"] for row in rows)
    ]
    key, csv = f"{plan['analysis']}-subgroups", f"analyses/{plan['analysis']}/subgroups.csv"
    return table(key, "Subgroups, and whether they differ", heads, groups, csv=csv)


def _subgroup_cells(row: Row, measure: str) -> list[str | Cell]:
    """Return the cells of a subgroup, of the test between them, or of what is left within them."""
    count, note = say.whole(row["k"]), say.short_note(row["note"])
    if row["row"] == "subgroup":
        return [
            Cell(text=row["subgroup"], small=note),
            Cell(text=count, small=f"{say.plural(row['n_studies'], 'study', 'studies')}" if row["n_studies"] else ""),
            say.effect({**row, "measure": measure}, name="estimate"),
            *(say.plain_number(row["tau2"]), say.percent(row["i2_from_q_percent"]), say.BLANK),
        ]
    blanks = [say.BLANK] * 2
    if row["row"] == "between":
        degrees = ", ".join(say.plain_number(row[name]) for name in ("df1", "df") if row[name])
        test = f"statistic {say.plain_number(row['statistic'])}, df {degrees}" if row["statistic"] else say.BLANK
        return [
            Cell(text="Test: do the subgroups differ?", small=note, tone="strong"), count, test, *blanks,
            say.p_value(row["pval"]),
        ]  # fmt: skip
    within = f"Q {say.plain_number(row['q'])}, df {say.figure(row['q_df'])}" if row["q"] else say.BLANK
    return [Cell(text="Left within the subgroups", small=note), count, within, *blanks, say.p_value(row["q_pval"])]


def dependence_block(plan: Row, models: Sequence[Row], robust: Sequence[Row]) -> Block | None:
    """Return the models of effects that share people or clusters; None where every effect stands for itself.

    Parameters
    ----------
    plan : mapping
        Row of config/analyses.csv.
    models, robust : sequence of mapping
        Rows of dependence.csv and of robust.csv.
    """
    tables = tuple(found for found in (_models_table(plan, models), _robust_table(plan, robust)) if found)
    if not tables:
        return None
    said = "Several effects come from one cohort."
    if len({row["rho"] for row in models if row["rho"]}) > 1:
        said += " How strongly their errors are correlated (\u03c1) is assumed, so several values are tried."
    return Block(title="Effects that depend on each other", sentences=(said,), tables=tables)


def _models_table(plan: Row, rows: Sequence[Row]) -> Table | None:
    name = plan["analysis"]
    heads = [*longs("Model"), *numbers("Effects (cohorts)", "Effect (interval)", "df", "p")]
    heads += numbers("I\u00b2 between", "I\u00b2 within")
    lines = [
        [
            _named(row, row["model"], method_terms.DEPENDENCE),
            *_middle(row, plan["measure"]),
            *(say.percent(row[share]) for share in ("i2_between_percent", "i2_within_percent")),
        ]
        for row in rows
    ]
    caption, csv = "Models of dependent effects", f"analyses/{name}/dependence.csv"
    return table(f"{name}-dependence", caption, heads, [("", lines)], csv=csv)


def _robust_table(plan: Row, rows: Sequence[Row]) -> Table | None:
    name = plan["analysis"]
    heads = [*longs("Working model"), *numbers("Effects (cohorts)", "Effect (interval)", "df", "p"), "Trust p?"]
    lines = [
        [
            _named(row, row["working_model"], method_terms.WORKING_MODELS),
            *_middle(row, plan["measure"]),
            "yes" if row["is_trusted"] == "yes" else Cell(text="no: too few degrees of freedom", tone="strong"),
        ]
        for row in rows
    ]
    caption, csv = "Means with intervals robust to shared people", f"analyses/{name}/robust.csv"
    return table(f"{name}-robust", caption, heads, [("", lines)], csv=csv)


def _named(row: Row, name: str, names: Mapping[str, str]) -> Cell:
    rho = f", \u03c1 {say.figure(row['rho'])}" if number(row["rho"]) is not None else ""
    return Cell(text=f"{say.capital(terms.words(name, names))}{rho}", small=say.short_note(row["note"]))


def _middle(row: Row, measure: str) -> list[str]:
    """Return counts, effect, degrees of freedom and p-value of a model."""
    return [
        f"{say.whole(row['k'])} ({say.whole(row['n_clusters'])})",
        say.effect({**row, "measure": measure}, name="estimate"),
        *(say.plain_number(row["df"]), say.p_value(row["pval"])),
    ]
