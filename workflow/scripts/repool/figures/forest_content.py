"""Content of the forest plot: the tables of one analysis in the order of the picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from repool.effects.measure_words import RATIO_MEASURES
from repool.figures.forest_lines import (
    EFFECT_KEY,
    Line,
    assumption_ids,
    effect_key,
    identifier,
    result_lines,
    study_line,
)
from repool.figures.forest_words import number, plain_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

#: Raised letters that mark assumptions; Unicode has no raised q.
MARKS = tuple(zip("abcdefghijklmnoprstuvwxyz", "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ", strict=True))


@dataclass(frozen=True, kw_only=True)
class Forest:
    """Everything a forest plot says, before any of it has a place on the page."""

    lines: tuple[Line, ...]
    measure: str
    marks: dict[str, tuple[str, str]]
    arm_names: tuple[tuple[str, ...], ...]
    arm_titles: tuple[str, str]
    has_events: bool
    has_counts: bool
    pooled_rows: tuple[dict, ...]
    idle_rows: tuple[dict, ...]

    @property
    def is_ratio(self) -> bool:
        """Whether the analysis scale is logarithmic."""
        return self.measure in RATIO_MEASURES

    @property
    def studies(self) -> list[Line]:
        """The lines that are studies."""
        return [line for line in self.lines if line.kind == "study"]


def forest_of(
    effects: pd.DataFrame,
    pooled: pd.DataFrame,
    *,
    level: float,
    step_titles: Mapping[str, str],
    assumption_titles: Mapping[str, str],
    arm_titles: tuple[str, str],
) -> Forest:
    """Put the tables of one analysis in the order and words of a forest plot.

    Parameters
    ----------
    effects : pandas.DataFrame
        effects.csv of one analysis with the columns ci_lb, ci_ub (analysis scale) and
        weight_percent (blank where the row's step is not pooled).
    pooled : pandas.DataFrame
        pooled.csv of the same analysis.
    level : float
        Level of every interval, for example 0.95.
    step_titles : mapping
        Ladder step to words.
    assumption_titles : mapping
        Assumption id to words.
    arm_titles : tuple of str
        What the two arms are called where studies name them differently.

    Returns
    -------
    Forest
        Groups in the order of the ladder; studies in the order of `effects`.

    Raises
    ------
    ValueError
        If the two tables do not fit together or words are missing.

    Notes
    -----
    Only the preferred reading and the primary model are drawn. A study's weight is its share of
    the first pooled result at or below its own group, so it belongs to the next diamond down.
    """
    chosen = effects[effects["reading"] == "preferred"].sort_values("step_order", kind="stable")
    results = _primary(pooled, level=level)
    drawn = chosen.drop_duplicates(list(EFFECT_KEY))
    _check_steps(drawn, results, step_titles=step_titles)
    measure = _measure(drawn, pooled)
    marks = _marks_of(drawn, assumption_titles=assumption_titles)
    weights = _first_weights(chosen, results)
    look = {"marks": marks, "weights": weights, "is_ratio": measure in RATIO_MEASURES}
    lines, drawn_rows, idle_rows = _lines(drawn, results, step_titles, level=level, look=look)
    return Forest(
        lines=tuple(lines),
        measure=measure,
        marks=marks,
        arm_titles=arm_titles,
        arm_names=tuple(_distinct(drawn[f"condition_arm{arm}"]) for arm in (1, 2)),
        has_events=bool(_distinct(drawn["events_arm1"]) or _distinct(drawn["events_arm2"])),
        has_counts=any(any(line.arms) for line in lines),
        pooled_rows=tuple(drawn_rows),
        idle_rows=tuple(idle_rows),
    )


def _lines(drawn, results, step_titles, *, level, look) -> tuple[list[Line], list, list]:
    """Return the lines, the pooled rows that they show, and those of steps that add nothing."""
    lines: list[Line] = []
    drawn_rows: list[dict] = []
    idle_rows: list[dict] = []
    taken: set[str] = set()
    for step, result in results.items():
        group = drawn[drawn["ladder_step"] == step].to_dict("records")
        result = {**result, "step_title": plain_text(step_titles[step])}
        if not group and (not drawn_rows or _says_the_same(result, drawn_rows[-1])):
            idle_rows.append(result)
            continue
        key = identifier(step, taken)
        lines.append(Line(kind="heading", key=key, label=result["step_title"]))
        lines += [study_line(row, key=identifier(row["result_id"], taken), **look) for row in group]
        lines += result_lines(result, key=key, is_ratio=look["is_ratio"], level=level)
        drawn_rows.append({**result, "step_key": key})
    return lines, drawn_rows, idle_rows


def _primary(pooled: pd.DataFrame, *, level: float) -> dict[str, dict]:
    """Return the primary row of each ladder step, in the order of the ladder."""
    rows = pooled[(pooled["reading"] == "preferred") & (pooled["is_primary"] == "yes")]
    found: dict[str, dict] = {}
    for row in rows.sort_values("step_order", kind="stable").to_dict("records"):
        step = row["ladder_step"]
        if step in found:
            raise ValueError(f"pooled has two preferred, primary rows for ladder step {step!r}")
        if row["verdict"] == "pooled" and number(row["level"]) != level:
            raise ValueError(f"step {step!r} is pooled at level {row['level']}, not {level}")
        found[step] = row
    return found


def _check_steps(drawn: pd.DataFrame, results: Mapping[str, dict], *, step_titles: Mapping[str, str]) -> None:
    """Refuse rows whose step is unknown, has no pooled row or is not the one they came in at."""
    for row in drawn.to_dict("records"):
        step = row["ladder_step"]
        if step not in results:
            raise ValueError(f"no preferred, primary row of pooled for ladder step {step!r}")
        if row["added_at"] != step:
            raise ValueError(f"{row['label']}: added_at is {row['added_at']!r}, but its first row is at {step!r}")
    for step in results:
        if step not in step_titles:
            raise ValueError(f"ladder step {step!r} has no words in step_titles")


def _measure(drawn: pd.DataFrame, pooled: pd.DataFrame) -> str:
    """Return the one measure of both tables; "" when they are empty."""
    measures = sorted(set(_distinct(drawn["measure"])) | set(_distinct(pooled["measure"])))
    if len(measures) > 1:
        raise ValueError(f"one plot cannot show several measures: {', '.join(measures)}")
    return measures[0] if measures else ""


def _distinct(column: pd.Series) -> tuple[str, ...]:
    """Return the texts of a column that are not blank, each once, in order of appearance."""
    return tuple(dict.fromkeys(text for text in map(plain_text, column) if text))


def _first_weights(chosen: pd.DataFrame, results: Mapping[str, dict]) -> dict[tuple, float | None]:
    """Return each pooled effect's weight at the first pooled step that holds it."""
    weights: dict[tuple, float | None] = {}
    for row in chosen.to_dict("records"):
        if row["ladder_step"] in results and results[row["ladder_step"]]["verdict"] == "pooled":
            weights.setdefault(effect_key(row), number(row["weight_percent"]))
    return weights


def _marks_of(drawn: pd.DataFrame, *, assumption_titles: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Give each assumption a letter and a raised letter, in order of appearance."""
    found: dict[str, tuple[str, str]] = {}
    for name in (name for cell in drawn["assumptions"] for name in assumption_ids(cell)):
        if name not in assumption_titles:
            raise ValueError(f"assumption {name!r} has no words in assumption_titles")
        repeats, place = divmod(len(found), len(MARKS))
        letter, raised = MARKS[place]
        found.setdefault(name, (letter * (repeats + 1), raised * (repeats + 1)))
    return found


def _says_the_same(result: Mapping[str, object], before: Mapping[str, object]) -> bool:
    """Whether two pooled rows show a reader the same thing."""
    names = ("k", "estimate", "ci_lb", "ci_ub", "pi_lb", "pi_ub")
    return result["verdict"] == before["verdict"] and all(
        number(result[name]) == number(before[name]) for name in names
    )
