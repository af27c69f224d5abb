"""The same result under every other choice: a sentence, and a table grouped by choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from repool.effects.measure_words import ONE_GROUP_MEASURES
from repool.figures.words import number
from repool.report import method_terms, terms
from repool.report import words as say
from repool.report.answers import words_of_sides
from repool.report.plain_answer import MOST_NAMES
from repool.report.view import Block, Cell, longs, numbers, table

Row = Mapping[str, Any]
#: Choices that ask something else than the same question of the same studies; the verdict does not count them.
OTHER_STUDIES = (
    *("step of the ladder", "one study left out", "outliers removed", "part of the studies", "missing evidence"),
)


def other_choices_block(plan: Row, rows: Sequence[Row], *, settings: Row) -> Block | None:
    """Return what every other choice makes of a pooled result.

    Parameters
    ----------
    plan : mapping
        Row of config/analyses.csv.
    rows : sequence of mapping
        Rows of same_result.csv.
    settings : mapping
        config/review.yaml.
    """
    known = [row for row in rows if number(row["estimate"]) is not None]
    if len(known) < 2:
        return None
    name = plan["analysis"]
    moved = [row for row in known if row["same_side"] == "no"] if _has_null(plan) else []
    shared = say.shared_remarks((choice_words(row, settings), row["note"]) for row in known)
    heads = [*longs("Choice"), *numbers("k", "Effect (interval)"), *(longs("Interval") if _has_null(plan) else [])]
    groups = [
        (title, [_cells(row, plan, settings, shared) for row in known if row["choice"] == choice])
        for choice, title in method_terms.CHOICES.items()
    ]
    caption, csv = "The same result under other choices", f"analyses/{name}/same_result.csv"
    return Block(
        title=caption,
        sentences=tuple(sentences(plan, known, settings=settings)),
        tables=(table(f"{name}-same-result", caption, heads, groups, csv=csv),),
        fold=f"All {say.whole(len(known) - 1)} other choices",
        is_open=bool(moved),
        notes=(*_counted_apart(plan, known), *_told_once(shared), *_not_computed(rows, settings)),
    )


def _told_once(shared: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the remarks that several choices share."""
    return [f"In {say.whole(len(names))} of these choices, {remark}." for remark, names in shared.items()]


def _counted_apart(plan: Row, known: Sequence[Row]) -> list[str]:
    """Return that the verdict counts fewer choices than the table holds, where it does."""
    if not _has_null(plan) or not any(row["choice"] in OTHER_STUDIES for row in known):
        return []
    return [
        "The count in the verdict leaves aside the choices that change which studies enter, or that correct for "
        "studies that may be missing."
    ]


def sentences(plan: Row, known: Sequence[Row], *, settings: Row) -> list[str]:
    """Return in sentences how many choices leave the interval where it is, which do not, and the extremes.

    Parameters
    ----------
    plan : mapping
        Row of config/analyses.csv.
    known : sequence of mapping
        Rows of same_result.csv with an estimate, the headline first.
    settings : mapping
        config/review.yaml.
    """
    headline, others = known[0], known[1:]
    alike = sorted((row for row in others if row["measure"] == headline["measure"]), key=_estimate)
    said = []
    if _has_null(plan):
        same = [row for row in others if row["same_side"] == "yes"]
        moved = [row for row in others if row["same_side"] == "no"]
        said.append(
            f"{say.whole(len(same))} of {say.plural(len(same) + len(moved), 'other choice')} "
            f"{'puts' if len(same) == 1 else 'put'} the interval on the same side as the headline "
            f"({side_words(headline, plan, settings)})."
        )
        said += _elsewhere(moved, plan, settings)
    if alike:
        ends = (f"{_effect(row)} ({choice_words(row, settings)})" for row in (alike[0], alike[-1]))
        said.append("The lowest estimate is {}, the highest {}.".format(*ends))
    return said


def _elsewhere(moved: Sequence[Row], plan: Row, settings: Row) -> list[str]:
    """Return the choices that put the interval on another side, side by side; of many, the first few by name."""
    said = []
    for side in dict.fromkeys(side_words(row, plan, settings) for row in moved):
        names = [choice_words(row, settings) for row in moved if side_words(row, plan, settings) == side]
        more = f"; and {say.whole(len(names) - MOST_NAMES)} more" if len(names) > MOST_NAMES else ""
        said.append(f"On another side, {side}: {'; '.join(names[:MOST_NAMES])}{more}.")
    return said


def _has_null(plan: Row) -> bool:
    return plan["measure"] not in ONE_GROUP_MEASURES


def _estimate(row: Row) -> float:
    return float(row["estimate"])


def _effect(row: Row) -> str:
    value = say.value(row["estimate"], row["measure"])
    return value if row["measure"] == "PLO" else f"{row['measure']} {value}"


def side_words(row: Row, plan: Row, settings: Row) -> str:
    """Return where an interval lies, as "includes no effect" or "in favour of magnesium"."""
    if row["side"] not in ("above", "below"):
        return terms.words(row["side"], {})
    higher_is_better = settings["outcomes"][plan["outcome"]]["higher_is_better"]
    side = "better" if (row["side"] == "above") == higher_is_better else "worse"
    return words_of_sides(plan["measure"], settings)[side][0]


def choice_words(row: Row, settings: Row) -> str:
    """Return one option in words, as "common effect, Wald" or "without Ash 2001 (lowest of 5)"."""
    choice, option = row["choice"], row["option"]
    if choice in ("headline", "model"):
        models = {model["id"]: say.model(model) for model in settings["pooling"]["models"]}
        return models.get(option, option)
    if choice == "interval of the mean":
        return _interval_words(option)
    if choice == "dependence":
        model, _, rho = option.partition(", rho ")
        way, _, working = model.partition("cluster-robust, ")
        name = f"cluster-robust, {terms.words(working, method_terms.WORKING_MODELS)}" if working else ""
        name = name or terms.words(way, method_terms.DEPENDENCE)
        return f"{name}, \u03c1 {rho}" if rho else name
    if choice in ("model of the counts", "missing evidence"):
        return method_terms.declared_names(settings["examine"]).get(option, terms.words(option, {}))
    if choice == "step of the ladder":
        return {step["step"]: step["title"] for step in settings["ladder"]}.get(option, option)
    table_of_words = {"reading": terms.READINGS, "bootstrap": method_terms.BOOTSTRAP, "other measure": terms.MEASURES}
    if choice in table_of_words:
        return terms.words(option, table_of_words[choice])
    return "without studies whose interval lies apart" if choice == "outliers removed" else option


def _interval_words(option: str) -> str:
    method, _, prior = option.partition(", ")
    if not prior:
        return terms.words(method, method_terms.MEAN_INTERVALS)
    name, _, scale = prior.rpartition(" ")
    words = method_terms.prior_words({"tau_prior": name, "tau_scale": scale})
    return f"{terms.words(method, method_terms.MEAN_INTERVALS)}, {words}"


def _cells(row: Row, plan: Row, settings: Row, shared: Mapping[str, Sequence[str]]) -> list[str | Cell]:
    is_headline = row["choice"] == "headline"
    tone = "strong" if is_headline else ""
    cells: list[str | Cell] = [
        Cell(text=say.capital(choice_words(row, settings)), small=say.own_remarks(row["note"], shared), tone=tone),
        say.whole(row["k"]),
        Cell(text=say.effect(row, name="estimate"), small=row["measure"] if row["choice"] == "other measure" else ""),
    ]
    if not _has_null(plan):
        return cells
    side = side_words(row, plan, settings)
    if is_headline:
        return [*cells, Cell(text=side, tone="strong")]
    if row["same_side"] == "no":
        return [*cells, Cell(text=f"another side: {side}", tone="strong")]
    return [*cells, Cell(text="same side", tone="quiet")]


def _not_computed(rows: Sequence[Row], settings: Row) -> list[str]:
    """Return which choices were asked for and could not be computed, by reason."""
    told: dict[str, list[str]] = {}
    for row in rows:
        if number(row["estimate"]) is None:
            why = say.without_refusal(row["note"]) or "no reason is given"
            told.setdefault(why, []).append(choice_words(row, settings))
    return [f"Not computed ({why}): {', '.join(dict.fromkeys(names))}." for why, names in told.items()]
