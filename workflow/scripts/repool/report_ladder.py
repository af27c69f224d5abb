"""Tables of what is pooled in one analysis: the ladder, other models, one left out, regression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from repool import report_words as say
from repool.assumptions import ASSUMPTIONS
from repool.forest_words import RATIO_MEASURES
from repool.report_answers import same
from repool.report_view import Cell, Table, longs, numbers, table
from repool.settings import words_of

Row = Mapping[str, Any]


def changed_steps(ladder: Sequence[Row]) -> list[str]:
    """Return the steps whose preferred reading differs from that of the step before."""
    steps: list[str] = []
    before = None
    for row in (r for r in ladder if r["reading"] == "preferred"):
        if before is None or not same(row, before):
            steps.append(row["ladder_step"])
            before = row
    return steps


def ladder_table(name: str, rows: Sequence[Row], titles: Mapping[str, str]) -> Table | None:
    """Return every step by every reading, readings that agree in one line."""
    heads = [
        *("Step", "Reading", *numbers("k", "People", "Effect (interval)", "Prediction interval")),
        *(*numbers("τ² (interval)", "I²", "Q"), *longs("Method", "Rests on")),
    ]
    lines = []
    for row in rows:
        twins = [r for r in rows if r["ladder_step"] == row["ladder_step"] and _agree(r, row)]
        if twins[0] is row:
            reading = "both" if len(twins) > 1 else row["reading"]
            lines.append([titles[row["ladder_step"]], reading, *_ladder_cells(row)])
    measure = rows[0]["measure"] if rows else ""
    caption = f"The assumption ladder: {say.words(measure, say.MEASURES)} at each step, by the primary model"
    return table(f"{name}-ladder", caption, heads, [("", lines)], csv="tables/ladder.csv")


def _agree(row: Row, other: Row) -> bool:
    return all(row[name] == other[name] for name in ("basis", "k", "estimate", "ci_lb", "assumptions"))


def _ladder_cells(row: Row) -> list[str | Cell]:
    """Return the cells of one row of the ladder behind step and reading."""
    people = say.whole(row["n_participants"]) if not row["people_not_stated"] else "not all stated"
    measure, note = row["measure"], row["note"]
    if row["basis"] != "pooled":
        small = "one study, not pooled" if row["basis"] == "one_study" else "not pooled"
        found = Cell(text=say.effect(row, name="estimate"), small=small, tone="quiet")
        return [say.whole(row["k"]), people, found, *[say.BLANK] * 4, row["reason"], assumptions_in_words(row)]
    prediction = Cell(text=say.span(row["pi_lb"], row["pi_ub"], measure), small=say.note_on("pi_lb", note))
    tau2 = Cell(
        text=say.plain_number(row["tau2"]),
        small=say.number_span(row["tau2_lb"], row["tau2_ub"]).replace(say.BLANK, "")
        or say.note_on("tau2_lb", note),
    )
    q = Cell(text=say.plain_number(row["q"]), small=f"df {say.figure(row['q_df'])}, p {say.p_value(row['q_pval'])}")
    i2 = Cell(text=say.percent(row["i2_percent"]), small=say.i2_definition(row["i2_definition"]))
    effect = Cell(text=say.effect(row, name="estimate"), small=f"{say.level(row['level'])} CI", tone="strong")
    method = say.model(row) + (f"; df {say.figure(row['df'])}" if row["df"] else "")
    return [say.whole(row["k"]), people, effect, prediction, tau2, i2, q, method, assumptions_in_words(row)]


def assumptions_in_words(row: Row) -> str:
    """Return the assumptions of a row in words; "none" without any."""
    return "; ".join(ASSUMPTIONS[name] for name in words_of(row["assumptions"])) or "none"


def models_table(
    name: str, rows: Sequence[Row], titles: Mapping[str, str], shown: Sequence[str]
) -> Table | None:
    heads = [*longs("Model"), *numbers("k", "Effect (interval)", "τ²", "I²", "Prediction interval")]
    groups = []
    for step in shown:
        lines = []
        for row in (r for r in rows if r["ladder_step"] == step):
            is_primary = row["is_primary"] == "yes"
            tone = "strong" if is_primary else ""
            title = Cell(text=say.model(row), small="primary model" if is_primary else "", tone=tone)
            effect = Cell(text=say.effect(row, name="estimate"), tone=tone)
            i2 = Cell(text=say.percent(row["i2_percent"]), small=say.i2_definition(row["i2_definition"]))
            prediction = say.span(row["pi_lb"], row["pi_ub"], row["measure"])
            lines.append([title, say.whole(row["k"]), effect, say.plain_number(row["tau2"]), i2, prediction])
        groups.append((titles[step], lines))
    return table(f"{name}-models", "The same results under other models", heads, groups, csv="tables/models.csv")


def left_out_table(
    plan: Row, rows: Sequence[Row], titles: Mapping[str, str], shown: Sequence[str], pooling: Row
) -> Table | None:
    heads = ["Left out", *numbers("k", "Effect (interval)", "τ²", "I²")]
    groups = [
        (
            titles[step],
            [
                [
                    *(row["left_out"], say.whole(row["k"])),
                    say.effect({**row, "measure": plan["measure"]}, name="estimate"),
                    *(say.plain_number(row["tau2"]), say.percent(row["i2_percent"])),
                ]
                for row in rows
                if row["ladder_step"] == step and row["reading"] == "preferred"
            ],
        )
        for step in shown
    ]
    caption = f"One study left out at a time (from {say.whole(pooling['minimum_k_leave_one_out'])} studies on)"
    csv = f"analyses/{plan['analysis']}/leave_one_out.csv"
    return table(f"{plan['analysis']}-left-out", caption, heads, groups, csv=csv)


def regression_table(
    plan: Row, rows: Sequence[Row], titles: Mapping[str, str], shown: Sequence[str]
) -> Table | None:
    """Return the coefficients of every model, or None where no moderator is planned."""
    if not plan["moderators"]:
        return None
    unit = "logarithm of the ratio" if plan["measure"] in RATIO_MEASURES else plan["measure"]
    heads = [
        *longs("Model"),
        "Term",
        *numbers("Coefficient (interval)", "p", "τ²", "Explained (R²)", "Unexplained (Q)", "k"),
    ]
    groups = [
        (
            titles[step],
            [
                _regression_cells(row)
                for row in rows
                if row["ladder_step"] == step and row["reading"] == "preferred"
            ],
        )
        for step in shown
    ]
    caption = f"Meta-regression; coefficients on the scale of the {unit}"
    csv = f"analyses/{plan['analysis']}/regression.csv"
    return table(f"{plan['analysis']}-regression", caption, heads, groups, csv=csv)


def _regression_cells(row: Row) -> list[str | Cell]:
    if not row["term"]:
        return [Cell(text=row["model"].replace("_", " "), small=row["note"]), *[say.BLANK] * 6, row["k"]]
    interval = say.number_span(row["ci_lb"], row["ci_ub"])
    rest = f"df {say.figure(row['qe_df'])}, p {say.p_value(row['qe_pval'])}"
    return [
        *(row["model"].replace("_", " "), row["term"]),
        f"{say.plain_number(row['estimate'])} ({interval})",
        *(say.p_value(row["pval"]), say.plain_number(row["tau2"]), say.percent(row["r2_percent"])),
        Cell(text=say.plain_number(row["qe"]), small=rest),
        say.whole(row["k"]),
    ]
