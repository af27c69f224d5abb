"""The way of one result from the cells of its file to its weight in each analysis, in words."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from repool.assumptions import ASSUMPTIONS
from repool.effects.measure_words import MEASURE_WORDS
from repool.effects.route_catalogue import CATALOGUE
from repool.extraction.settings import words_of
from repool.figures.words import number
from repool.report import terms
from repool.report import words as say

Row = Mapping[str, Any]
WIDTH = 100
#: Columns of the effects that are told by themselves.
_HARMONISED = (
    ("outcome", "outcome"), ("term", "reported as"), ("time_months", "time, in months"), ("comparator", "comparator"),
    ("condition_arm1", "arm 1"), ("condition_arm2", "arm 2"), ("cohort_id", "cohort"),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What the files of a review hold on one result.

    Parameters
    ----------
    file, line : str
        Where it was typed.
    cells : sequence of (column, text)
        Its filled cells, as typed.
    ledger : mapping
        Its row of results/harmonised/ledger.csv.
    effects : sequence of mapping
        Its rows of results/effects/<study>.csv.
    disagreements : sequence of mapping
        Its rows of results/checks/disagreements.csv.
    uses : mapping of str to sequence of mapping
        Analysis -> its rows of forest.csv, one per step and reading that uses it.
    refusals : mapping of str to str
        Analysis of its outcome -> why it is not used there.
    """

    file: str
    line: str
    cells: Sequence[tuple[str, str]]
    ledger: Row
    effects: Sequence[Row]
    disagreements: Sequence[Row]
    uses: Mapping[str, Sequence[Row]]
    refusals: Mapping[str, str]


def explanation(result_id: str, found: Evidence, *, settings: Row) -> str:
    """Return the way of one result as text.

    Parameters
    ----------
    result_id : str
        Name of the result.
    found : Evidence
        What the files hold on it.
    settings : mapping
        config/review.yaml.

    Returns
    -------
    str
        Cells, harmonised values, every route with its result, the one chosen and why, and each analysis.
    """
    blocks = [
        [f"{result_id}  {found.ledger['term']}", f"{found.file}, line {found.line}"],
        _typed(found),
        _harmonised(found, settings),
        *_routes(found, settings),
        _disagreeing(found),
        _used(found, settings),
        _not_used(found),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _pairs(title: str, pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Return a title and lines of "name   text", long texts wrapped under their beginning."""
    pairs = [(name, text) for name, text in pairs if text]
    if not pairs:
        return []
    indent = max(len(name) for name, _ in pairs) + 4
    lines = [title]
    for name, text in pairs:
        start = f"  {name:<{indent - 2}}"
        lines += textwrap.wrap(text, WIDTH, initial_indent=start, subsequent_indent=" " * indent) or [start]
    return lines


def _typed(found: Evidence) -> list[str]:
    return _pairs("Typed", found.cells)


def _harmonised(found: Evidence, settings: Row) -> list[str]:
    ledger = found.ledger
    fate = ledger["fate"] + (f": {ledger['reason']}" if ledger["reason"] else "")
    first = found.effects[0] if found.effects else None
    pairs = [("fate", fate), ("warnings", ledger["warnings"])]
    if first:
        outcome = settings["outcomes"][first["outcome"]]
        better = "more is better" if outcome["higher_is_better"] else "less is better"
        turned = "turned round: the term counts the opposite" if first["flip"] == "-1" else "as reported"
        pairs += [(words, first[name]) for name, words in _HARMONISED]
        pairs += [("direction", f"{turned}; of the outcome, {better}")]
    return _pairs("Harmonised", pairs)


def _routes(found: Evidence, settings: Row) -> list[list[str]]:
    """Return a block for each measure: its routes in the declared order, the first that is admitted chosen."""
    known = [row for row in found.effects if row["measure"]]
    if not known:
        reason = found.effects[0]["reason"] if found.effects else "it was dropped before"
        return [_pairs("Effects", [("none", terms.reasons(reason))])]
    blocks = []
    for measure in dict.fromkeys(row["measure"] for row in known):
        rows = [row for row in known if row["measure"] == measure]
        chosen = _chosen(rows)
        lines = [f"Effect as {measure}, {MEASURE_WORDS[measure].title}"]
        for row in rows:
            lines += _route(row, chosen=row is chosen, ladder=settings["ladder"])
        blocks.append(lines)
    return blocks


def _chosen(rows: Sequence[Row]) -> Row | None:
    """Return the effect of the earliest step of the ladder and, of these, of the preferred route."""
    admitted = [row for row in rows if row["step_order"]]
    return min(admitted, key=lambda row: (int(row["step_order"]), int(row["route_rank"])), default=None)


def _route(row: Row, *, chosen: bool, ladder: Sequence[Row]) -> list[str]:
    route = CATALOGUE[row["route"]]
    step = ladder[int(row["step_order"]) - 1]["title"] if row["step_order"] else "no step of the ladder admits it"
    assumed = [ASSUMPTIONS[name] for name in words_of(row["assumptions"])]
    cases = f"{_number(row, 'best')} to {_number(row, 'worst')}, best to worst; open: {row['left_open']}"
    mark = "chosen: the earliest step, then the first route" if chosen else ""
    return _pairs(
        f"  {row['route']} (number {row['route_rank']} of the declared order){', ' + mark if mark else ''}",
        [
            ("  effect", _number(row, "")),
            ("  from", row["inputs"].replace(";", "  ")),
            ("  needs", route.inputs),
            ("  formula", f"{route.source}; variance {row['vtype']}; checked against {route.checked}"),
            ("  zero cells", row["zero_cells"]),
            ("  design effect", row["design_effect"] if number(row["design_effect"]) != 1 else ""),
            ("  assumes", "; ".join(assumed) or "nothing"),
            ("  step", step),
            ("  cases", cases if row["yi_best"] else ""),
        ],
    )


def _number(row: Row, case: str) -> str:
    """Return yi with its standard error, and the ratio where it is one."""
    ending = f"_{case}" if case else ""
    yi, vi = number(row[f"yi{ending}"]), number(row[f"vi{ending}"])
    if yi is None or vi is None:
        return "none between its best and its worst case"
    text = f"yi {yi:.6g}, SE {vi**0.5:.6g}"
    shown = say.value(yi, row["measure"])
    return f"{text} ({row['measure']} {shown})" if MEASURE_WORDS[row["measure"]].is_log else text


def _disagreeing(found: Evidence) -> list[str]:
    return _pairs(
        "Routes that disagree",
        [
            (
                row["measure"],
                f"{row['route']} and {row['other_route']} lie {float(row['difference_in_se']):.2g} standard errors "
                f"apart; their standard errors differ by a factor of {float(row['se_ratio']):.2g}",
            )
            for row in found.disagreements
        ],
    )


def _used(found: Evidence, settings: Row) -> list[str]:
    """Return each analysis with the route and weight there; steps and readings that agree in one line."""
    pairs = []
    for analysis, rows in found.uses.items():
        readings: dict[tuple[str, str], list[str]] = {}
        for row in rows:
            weight = f"weight {float(row['weight_percent']):.1f} %" if row["weight_percent"] else "not pooled"
            readings.setdefault((row["ladder_step"], f"{row['route']}, {weight}"), []).append(row["reading"])
        steps: dict[str, list[str]] = {}
        for (step, text), names in readings.items():
            every = set(names) == set(settings["readings"])
            named = "" if every else f" ({', '.join(terms.words(name, terms.READINGS) for name in names)})"
            steps.setdefault(text + named, []).append(step)
        pairs += [(analysis, f"{text}: {_steps_in_words(some, settings)}") for text, some in steps.items()]
    return _pairs("Used in", pairs)


def _steps_in_words(steps: Sequence[str], settings: Row) -> str:
    titles = {step["step"]: step["title"] for step in settings["ladder"]}
    if list(steps) == list(titles):
        return "at every step"
    if len(steps) > 1 and list(steps) == list(titles)[-len(steps) :]:
        return f"from this step on: {titles[steps[0]]}"
    return "; ".join(titles[step] for step in steps)


def _not_used(found: Evidence) -> list[str]:
    return _pairs("Not used in", [(name, terms.reasons(reason)) for name, reason in found.refusals.items()])
