"""How much the studies of a pooled result differ, and what that means for a new one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from repool.effects.measure_words import ONE_GROUP_MEASURES
from repool.figures.words import number
from repool.report import method_terms, terms
from repool.report import words as say
from repool.report.answers import words_of_sides
from repool.report.view import Block, Cell, longs, numbers, table

Row = Mapping[str, Any]
#: Quantity of intervals.csv -> heading of its rows.
QUANTITIES = {
    "tau2": "Variance between the true effects, \u03c4\u00b2",
    "tau": "Its root, \u03c4",
    "i2": "Share of the variation that is more than chance, I\u00b2",
    "prediction": "True effect of a new, similar study",
    "probability_beyond": "Chance that the true effect of a new, similar study lies beyond a threshold",
}
#: What the heading of the rows says already.
SAID_ABOVE = "the probability that the true effect of a new, similar study lies {tail} the threshold"


def spread_block(plan: Row, rows: Sequence[Row], *, settings: Row) -> Block | None:
    """Return intervals of the differences between studies and of a new study.

    Parameters
    ----------
    plan : mapping
        Row of config/analyses.csv.
    rows : sequence of mapping
        Rows of intervals.csv.
    settings : mapping
        config/review.yaml.
    """
    wanted = [row for row in rows if row["quantity"] in QUANTITIES]
    known = [row for row in wanted if any(number(row[name]) is not None for name in ("estimate", "lb", "ub"))]
    if not known:
        return None
    groups = [
        (title, [_cells(row, plan) for row in known if row["quantity"] == quantity])
        for quantity, title in QUANTITIES.items()
    ]
    name = plan["analysis"]
    heads = [*longs("Method"), *numbers("Estimate", f"{say.level(known[0]['level'])} interval")]
    shown = table(
        f"{name}-intervals", "Differences between studies", heads, groups, csv=f"analyses/{name}/intervals.csv"
    )
    return Block(
        title="How much the studies differ",
        sentences=tuple(sentences(plan, wanted, settings=settings)),
        tables=(shown,),
        fold="Intervals by every declared method",
    )


def sentences(plan: Row, rows: Sequence[Row], *, settings: Row) -> list[str]:
    """Return what the declared intervals of I2 and of a new study say, in words.

    Parameters
    ----------
    plan : mapping
        Row of config/analyses.csv.
    rows : sequence of mapping
        Rows of intervals.csv on the quantities of `QUANTITIES`.
    settings : mapping
        config/review.yaml.
    """
    pooling, said = settings["pooling"], []
    share = _of(rows, "i2", pooling["tau2_interval"])
    if share and number(share["estimate"]) is not None:
        limits = "" if number(share["ub"]) is None else f" ({_percents(share)})"
        found = f"{say.percent(share['estimate'])}{limits}"
        said.append(f"Of the variation between the results, {found} is more than chance (I\u00b2).")
    new = _of(rows, "prediction", pooling["prediction_method"])
    if new and number(new["lb"]) is not None:
        span = say.span(new["lb"], new["ub"], new["measure"])
        said.append(
            f"In a new, similar study the true effect would lie at {span} "
            f"({say.level(new['level'])} prediction interval){_beyond(plan, rows, settings)}."
        )
    elif new:
        said.append(f"Where a new study would lie cannot be said: {say.without_refusal(new['note'])}.")
    return said


def _of(rows: Sequence[Row], quantity: str, method: str) -> Row | None:
    """Return the row of a quantity by the method that the review declares for its headline, else the first."""
    found = [row for row in rows if row["quantity"] == quantity]
    return next((row for row in found if row["method"] == method), found[0] if found else None)


def _beyond(plan: Row, rows: Sequence[Row], settings: Row) -> str:
    """Return the chance that a new study lies on one side of no effect, with the side in words."""
    if plan["measure"] in ONE_GROUP_MEASURES:
        return ""
    at_null = [row for row in rows if row["quantity"] == "probability_beyond" and number(row["threshold"]) == 0]
    row = _of(at_null, "probability_beyond", settings["pooling"]["prediction_method"])
    if row is None or number(row["estimate"]) is None:
        return ""
    higher_is_better = settings["outcomes"][plan["outcome"]]["higher_is_better"]
    side = "better" if (row["tail"] == "above") == higher_is_better else "worse"
    words = words_of_sides(plan["measure"], settings)[side][0]
    border = say.value(row["threshold"], row["measure"])
    return f"; the chance that it lies {row['tail']} {border}, {words}, is {say.chance(row['estimate'])}"


def _percents(row: Row) -> str:
    return f"{say.percent(row['lb']).removesuffix(' %')} to {say.percent(row['ub'])}"


def _cells(row: Row, plan: Row) -> list[str | Cell]:
    """Return the cells of one interval, in the unit of its quantity."""
    quantity, measure = row["quantity"], row["measure"]
    names = method_terms.TAU2_INTERVALS if quantity in ("tau2", "tau", "i2") else method_terms.PREDICTIONS
    method = say.capital(terms.words(row["method"], names))
    if row["tau_prior"]:
        method = f"{method}; {method_terms.prior_words(row)}"
    note = say.own_remarks(row["note"], [SAID_ABOVE.format(**row)])
    if quantity == "i2":
        span = say.BLANK if number(row["ub"]) is None else _percents(row)
        return [Cell(text=method, small=note), say.percent(row["estimate"]), span]
    if quantity in ("tau2", "tau"):
        span = say.number_span(row["lb"], row["ub"])
        return [Cell(text=method, small=note), say.plain_number(row["estimate"]), span]
    if quantity == "prediction":
        return [Cell(text=method, small=note), say.BLANK, say.span(row["lb"], row["ub"], measure)]
    where = f"{row['tail']} {say.value(row['threshold'], measure)}"
    chance = Cell(text=say.chance(row["estimate"]), small=where)
    span = (
        f"{say.chance(row['lb']).removesuffix(' %')} to {say.chance(row['ub'])}"
        if number(row["ub"]) is not None
        else say.BLANK
    )
    return [Cell(text=method, small=note), chance, span]
