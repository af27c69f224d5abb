"""Content of the forest plot: the tables of one analysis in the order and the words of the picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from repool.effects.measure_words import RATIO_MEASURES
from repool.figures.forest.bias import Bias, bias_of
from repool.figures.forest.groups import Groups, groups_of
from repool.figures.forest.lines import DIAMONDS, Line, assumption_ids, identifier, study_line
from repool.figures.forest.results import ResultLook, as_pooled, result_lines, subgroup_result
from repool.figures.forest.tests_in_words import between_words
from repool.figures.words import plain_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from repool.figures.forest.presets import ForestChoices

#: Raised letters that mark assumptions; Unicode has no raised q.
MARKS = tuple(zip("abcdefghijklmnoprstuvwxyz", "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ", strict=True))


@dataclass(frozen=True, kw_only=True)
class ForestTables:
    """Tables of one analysis that its forest plot shows.

    Parameters
    ----------
    forest, pooled : pandas.DataFrame
        forest.csv and pooled.csv.
    studies : pandas.DataFrame or None
        effects.csv, for the year and the subgroup of each study_id.
    subgroups, risk_of_bias : pandas.DataFrame or None
        subgroups.csv and risk_of_bias.csv; None where the plot needs neither.
    """

    forest: pd.DataFrame
    pooled: pd.DataFrame
    studies: pd.DataFrame | None = None
    subgroups: pd.DataFrame | None = None
    risk_of_bias: pd.DataFrame | None = None


@dataclass(frozen=True, kw_only=True)
class ForestNames:
    """What steps of the ladder, assumptions and the two arms are called."""

    steps: Mapping[str, str]
    assumptions: Mapping[str, str]
    arms: tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Forest:
    """Everything a forest plot says, before any of it has a place on the page."""

    lines: tuple[Line, ...]
    measure: str
    marks: dict[str, tuple[str, str]]
    names: ForestNames
    arm_names: tuple[tuple[str, ...], ...]
    counted: str  # events, means, people, or "" for no counts
    groups: Groups
    #: Key, title and row of each pooled result, of subgroups too, from the top.
    results: tuple[tuple[str, str, dict], ...]
    choices: ForestChoices
    level: float
    bias: Bias | None

    @property
    def is_ratio(self) -> bool:
        """Whether the analysis scale is logarithmic."""
        return self.measure in RATIO_MEASURES

    @property
    def studies(self) -> list[Line]:
        """The lines that are studies."""
        return [line for line in self.lines if line.kind == "study"]

    @property
    def arm_places(self) -> list[int]:
        """Which arms any study says something of: 0 for the first, 1 for the second."""
        return [place for place in (0, 1) if any(line.arms[place] for line in self.studies)]

    @property
    def level_words(self) -> str:
        """The level of the intervals as the preset writes it."""
        return self.choices.look.level_words(self.level)


def forest_of(tables: ForestTables, *, names: ForestNames, level: float, choices: ForestChoices) -> Forest:
    """Put the tables of one analysis in the order and words of a forest plot.

    Parameters
    ----------
    tables : ForestTables
        The analysis.
    names : ForestNames
        Its words.
    level : float
        Level of every interval, for example 0.95.
    choices : ForestChoices
        What the review chose for its forest plots.

    Returns
    -------
    Forest
        Groups in the order of the ladder or of the subgroups; studies in the order that is chosen.

    Raises
    ------
    ValueError
        If the tables do not fit together or words are missing.

    Notes
    -----
    Only the preferred reading is drawn. Along the ladder, a study's weight is its share of the first pooled result at
    or below its own group, so it belongs to the next diamond down; in subgroups it is its share of the total.
    """
    groups = groups_of(tables, steps=names.steps, level=level, choices=choices)
    rows = [row for group in groups.groups for row in group.rows]
    measure = _measure(rows, tables.pooled)
    marks = _marks_of(rows, assumption_titles=names.assumptions)
    look = ResultLook(
        is_ratio=measure in RATIO_MEASURES, level=level, choices=choices, is_one_of_several=groups.has_several_totals
    )
    lines, results = _lines(groups, look=look, marks=marks)
    drawn = [line for line in lines if line.kind == "study"]
    return Forest(
        lines=tuple(lines),
        measure=measure,
        marks=marks,
        names=names,
        arm_names=tuple(_distinct([row[f"condition_arm{arm}"] for row in rows]) for arm in (1, 2)),
        counted=_counted(drawn),
        groups=groups,
        results=tuple(results),
        choices=choices,
        level=level,
        bias=bias_of(tables.risk_of_bias, {line.study_id for line in drawn}) if choices.risk_of_bias else None,
    )


def _lines(
    groups: Groups, *, look: ResultLook, marks: Mapping[str, tuple[str, str]]
) -> tuple[list[Line], list[tuple[str, str, dict]]]:
    """Return the lines of all groups with the test between subgroups, and the results that have diamonds."""
    preset = look.choices.look
    has_headings = preset.heading_alone or len(groups.groups) > 1
    lines: list[Line] = []
    results: list[tuple[str, str, dict]] = []
    taken: set[str] = set()
    study = {"marks": marks, "weights": groups.weights, "is_ratio": look.is_ratio, "preset": preset}
    for group in groups.groups:
        key = identifier(group.name, taken)
        if has_headings and group.title:
            lines.append(Line(kind="heading", key=key, label=group.title))
        lines += [study_line(row, key=identifier(row["result_id"], taken), **study) for row in group.rows]
        below = []
        if group.subgroup:
            below = subgroup_result(group.subgroup, key=key, look=look, pooled=group.pooled_rows)
        elif group.results:
            below = result_lines(group.results, key=key, look=look, pooled=group.pooled_rows)
        if below and below[0].kind in DIAMONDS:
            row = as_pooled(group.subgroup) if group.subgroup else group.results[0]
            results.append((key, group.title or row["step_title"], row))
        lines += below
    if groups.between and preset.tests:
        words = between_words(groups.between, phrases=preset.tests)
        lines += [Line(kind="test", key="between", label=words)] if words else []
    return lines, results


def _measure(rows: list[dict], pooled: pd.DataFrame) -> str:
    """Return the one measure of both tables; "" when they are empty."""
    measures = sorted(set(_distinct([row["measure"] for row in rows])) | set(_distinct(pooled["measure"])))
    if len(measures) > 1:
        raise ValueError(f"one plot cannot show several measures: {', '.join(measures)}")
    return measures[0] if measures else ""


def _distinct(values) -> tuple[str, ...]:
    """Return the texts that are not blank, each once, in order of appearance."""
    return tuple(dict.fromkeys(text for text in map(plain_text, values) if text))


def _counted(lines: list[Line]) -> str:
    """Return what the arms of the studies hold: events where any has them, else means, else people alone."""
    arms = [arm for line in lines for arm in line.arms]
    if any(arm.events for arm in arms):
        return "events"
    if any(arm.mean for arm in arms):
        return "means"
    return "people" if any(arm.n for arm in arms) else ""


def _marks_of(rows: list[dict], *, assumption_titles: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Give each assumption a letter and a raised letter, in order of appearance."""
    found: dict[str, tuple[str, str]] = {}
    for name in (name for row in rows for name in assumption_ids(row["assumptions"])):
        if name not in assumption_titles:
            raise ValueError(f"assumption {name!r} has no words in assumption_titles")
        repeats, place = divmod(len(found), len(MARKS))
        letter, raised = MARKS[place]
        found.setdefault(name, (letter * (repeats + 1), raised * (repeats + 1)))
    return found
