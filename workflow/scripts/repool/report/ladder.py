"""Tables of what is pooled in one analysis: the ladder, other models, one left out, regression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from repool.effects.measure_words import RATIO_MEASURES
from repool.extraction.settings import words_of
from repool.report import terms
from repool.report import words as say
from repool.report.answers import assumption_words, same
from repool.report.view import Cell, Table, longs, numbers, table

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
    """Return every step by every reading; readings that agree, and steps that add nothing, in one line.

    Parameters
    ----------
    name : str
        The analysis.
    rows : sequence of mapping
        Its rows of `report_tables.LADDER`.
    titles : mapping
        Ladder step -> title.
    """
    heads = [*longs("Step"), *numbers("Effect (interval)", "k"), *longs("Rests on")]
    heads += [*numbers("Prediction interval", "τ²", "I²", "Q"), *longs("Method")]
    lines, before = [], []
    for step, title in titles.items():
        readings = [row for row in rows if row["ladder_step"] == step]
        if before and all(same(row, old) for row, old in zip(readings, before, strict=True)):
            lines.append([title, Cell(text="no change", tone="quiet"), *[say.BLANK] * (len(heads) - 2)])
            continue
        before = readings
        first = [next(r for r in readings if same(r, row)) for row in readings]
        for row in (r for r, twin in zip(readings, first, strict=True) if r is twin):
            reading = "" if first.count(row) == len(readings) else terms.words(row["reading"], terms.READINGS)
            lines.append([Cell(text=title, small=reading), *_ladder_cells(row)])
    measure = rows[0]["measure"] if rows else ""
    caption = f"The assumption ladder: {terms.words(measure, terms.MEASURES)} at each step, by the primary model"
    return table(f"{name}-ladder", caption, heads, [("", lines)], csv="tables/ladder.csv")


def _ladder_cells(row: Row) -> list[str | Cell]:
    """Return the cells of one row of the ladder behind step and reading."""
    count = Cell(text=say.whole(row["k"]), small=say.people(row))
    effect, rests_on = say.effect(row, name="estimate"), assumptions_in_words(row)
    if row["basis"] != "pooled":
        small = "one study, not pooled" if row["basis"] == "one_study" else "not pooled"
        found = Cell(text=effect, small=small, tone="quiet")
        return [found, count, rests_on, *[say.BLANK] * 4, f"not pooled: {row['reason']}"]
    note = row["note"]
    limits = say.number_span(row["tau2_lb"], row["tau2_ub"]) if row["tau2_lb"] else ""
    test = f"df {say.figure(row['q_df'])}, p {say.p_value(row['q_pval'])}"
    return [
        Cell(text=effect, small=f"{say.level(row['level'])} CI", tone="strong"),
        *(count, rests_on),
        Cell(text=say.span(row["pi_lb"], row["pi_ub"], row["measure"]), small=say.note_on("pi_lb", note)),
        Cell(text=say.plain_number(row["tau2"]), small=say.note_on("tau2_lb", note) or limits),
        Cell(text=say.percent(row["i2_percent"]), small=say.i2_definition(row["i2_definition"])),
        Cell(text=say.plain_number(row["q"]), small=test),
        say.model(row) + (f"; df {say.figure(row['df'])}" if row["df"] else ""),
    ]


def assumptions_in_words(row: Row) -> str:
    """Return the assumptions of a row in words; "none" without any, a dash without a number."""
    if "estimate" in row and not row["estimate"]:
        return say.BLANK
    return assumption_words(words_of(row["assumptions"])) or "none"


def models_table(name: str, rows: Sequence[Row], titles: Mapping[str, str], shown: Sequence[str]) -> Table | None:
    """Return every model at each pooled step that changes something.

    Parameters
    ----------
    name : str
        The analysis.
    rows : sequence of mapping
        Its rows of `report_tables.MODELS`.
    titles : mapping
        Ladder step -> title.
    shown : sequence of str
        Steps that change something.
    """
    heads = [*longs("Model"), *numbers("Effect (interval)", "k", "τ²", "I²", "Prediction interval")]
    groups = [(titles[step], [_model_cells(row) for row in rows if row["ladder_step"] == step]) for step in shown]
    return table(f"{name}-models", "The same results under other models", heads, groups, csv="tables/models.csv")


def _model_cells(row: Row) -> list[str | Cell]:
    is_primary = row["is_primary"] == "yes"
    tone = "strong" if is_primary else ""
    return [
        Cell(text=say.model(row), small="primary model" if is_primary else "", tone=tone),
        Cell(text=say.effect(row, name="estimate"), tone=tone),
        *(say.whole(row["k"]), say.plain_number(row["tau2"])),
        Cell(text=say.percent(row["i2_percent"]), small=say.i2_definition(row["i2_definition"])),
        say.span(row["pi_lb"], row["pi_ub"], row["measure"]),
    ]


def left_out_table(
    plan: Row, rows: Sequence[Row], titles: Mapping[str, str], shown: Sequence[str], pooling: Row
) -> Table | None:
    """Return the pooled result without each study, at each step that changes something."""
    heads = ["Left out", *numbers("Effect (interval)", "k", "τ²", "I²")]
    groups = [
        (
            titles[step],
            [
                [
                    row["left_out"],
                    say.effect({**row, "measure": plan["measure"]}, name="estimate"),
                    *(say.whole(row["k"]), say.plain_number(row["tau2"]), say.percent(row["i2_percent"])),
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
    plan: Row, rows: Sequence[Row], titles: Mapping[str, str], shown: Sequence[str], pooling: Row
) -> Table | None:
    """Return the coefficients of every model, or None where no moderator is planned.

    Parameters
    ----------
    plan : mapping
        Row of config/analyses.csv.
    rows : sequence of mapping
        Rows of regression.csv.
    titles : mapping
        Ladder step -> title.
    shown : sequence of str
        Steps that change something.
    pooling : mapping
        The key `pooling` of config/review.yaml, for the names of the models.
    """
    if not plan["moderators"]:
        return None
    models = {model["id"]: say.model(model) for model in pooling["models"]}
    own = [row for row in rows if row["reading"] == "preferred"]
    groups = [
        (titles[step], [_regression_cells(row, models, plan["measure"]) for row in own if row["ladder_step"] == step])
        for step in shown
    ]
    heads = [*longs("Model"), "Term"]
    heads += numbers("Coefficient (interval)", "p", "τ²", "Explained (R²)", "Unexplained (Q)", "k")
    unit = (
        "logarithm of the ratio" if plan["measure"] in RATIO_MEASURES else terms.words(plan["measure"], terms.MEASURES)
    )
    caption = f"Meta-regression; coefficients on the scale of the {unit}"
    csv = f"analyses/{plan['analysis']}/regression.csv"
    return table(f"{plan['analysis']}-regression", caption, heads, groups, csv=csv)


def _regression_cells(row: Row, models: Mapping[str, str], measure: str) -> list[str | Cell]:
    """Return one coefficient; where nothing was fitted, the reason."""
    model, term = models[row["model"]], row["term"]
    if not term:
        return [Cell(text=model, small=row["note"]), *[say.BLANK] * 6, row["k"]]
    is_slope = term != "intercept" and measure in RATIO_MEASURES
    per_unit = f"{measure} times {say.value(row['estimate'], measure)} per unit" if is_slope else ""
    interval = say.number_span(row["ci_lb"], row["ci_ub"])
    rest = f"df {say.figure(row['qe_df'])}, p {say.p_value(row['qe_pval'])}"
    return [
        *(model, term),
        Cell(text=f"{say.plain_number(row['estimate'])} ({interval})", small=per_unit),
        *(say.p_value(row["pval"]), say.plain_number(row["tau2"]), say.percent(row["r2_percent"])),
        Cell(text=say.plain_number(row["qe"]), small=rest),
        say.whole(row["k"]),
    ]
