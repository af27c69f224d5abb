"""Groups of the forest plot: the steps of the assumption ladder, or the subgroups of one pooled result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from repool.figures.forest.lines import EFFECT_KEY, effect_key
from repool.figures.forest.order import ordered
from repool.figures.words import number, plain_text

if TYPE_CHECKING:
    import pandas as pd

    from repool.figures.forest.content import ForestTables
    from repool.figures.forest.presets import ForestChoices

REST = "No subgroup stated"


@dataclass(frozen=True, kw_only=True)
class Group:
    """Studies that stand together, and the results below them.

    Parameters
    ----------
    name, title : str
        Name in the file, and heading; "" for none.
    rows : list of dict
        Rows of forest.csv, in the order of the plot.
    pooled_rows : list of dict
        Rows of forest.csv that the results below pool.
    results : list of dict
        Rows of pooled.csv, the primary one first; empty for none.
    subgroup : dict or None
        Row of subgroups.csv.
    """

    name: str
    title: str
    rows: list[dict] = field(default_factory=list)
    pooled_rows: list[dict] = field(default_factory=list)
    results: list[dict] = field(default_factory=list)
    subgroup: dict | None = None


@dataclass(frozen=True, kw_only=True)
class Groups:
    """All groups of a plot, and what is known of those that are not drawn."""

    groups: list[Group]
    weights: dict[tuple, float | None]
    idle_rows: list[dict] = field(default_factory=list)
    moderator: str = ""
    between: dict | None = None
    step_title: str = ""
    n_later: int = 0

    @property
    def has_several_totals(self) -> bool:
        """Whether more than one result of pooled.csv has a diamond."""
        return sum(bool(group.results) and group.results[0]["verdict"] == "pooled" for group in self.groups) > 1


def groups_of(tables: ForestTables, *, steps: Mapping[str, str], level: float, choices: ForestChoices) -> Groups:
    """Return the groups of a plot: subgroups where the preset and the analysis have them, else steps of the ladder.

    Parameters
    ----------
    tables : ForestTables
        The analysis.
    steps : mapping
        Ladder step to words.
    level : float
        Level of every interval.
    choices : ForestChoices
        What the review chose for its forest plots.

    Raises
    ------
    ValueError
        If the tables do not fit together or a step has no words.
    """
    chosen = tables.forest[tables.forest["reading"] == "preferred"].sort_values("step_order", kind="stable")
    results = _results(tables.pooled, level=level, choices=choices)
    drawn = chosen.drop_duplicates(list(EFFECT_KEY))
    _check_steps(drawn, results, steps=steps)
    for step, rows in results.items():
        # What a prediction counts: cohorts where several effects come from one, else effects.
        own = chosen[chosen["ladder_step"] == step]
        for row in rows:
            cohorts = own["cohort_id"].nunique()
            row |= {"step_title": plain_text(steps[step])}
            row["prediction_k"] = cohorts if plain_text(row.get("structure")) else row["k"]
    sort = {"order": choices.order, "years": _by_study(tables.studies, "year")}
    if choices.look.by_subgroup:
        found = _subgroups(tables, chosen, drawn, results, sort)
        if found is not None:
            return found
    return _ladder(chosen, drawn, results, sort)


def _ladder(chosen, drawn, results, sort) -> Groups:
    """Return one group for each step that adds a study or another result."""
    weights = _first_weights(chosen, results)
    groups: list[Group] = []
    idle_rows: list[dict] = []
    for step, rows in results.items():
        result = rows[0]
        group = drawn[drawn["ladder_step"] == step].to_dict("records")
        if not group and (not groups or _says_the_same(result, groups[-1].results[0])):
            idle_rows.append(result)
            continue
        # A row shows the weight that stands beside it, and is sorted by that one.
        own = [{**row, "weight_percent": weights.get(effect_key(row))} for row in group]
        pooled_rows = chosen[chosen["ladder_step"] == step].to_dict("records")
        groups.append(
            Group(
                name=step, title=result["step_title"], rows=ordered(own, **sort), pooled_rows=pooled_rows, results=rows
            )
        )
    return Groups(groups=groups, weights=weights, idle_rows=idle_rows)


def _subgroups(tables: ForestTables, chosen, drawn, results, sort) -> Groups | None:
    """Return one group for each subgroup of the headline, and a last one for the total; None where there are none."""
    headline = next((rows for rows in results.values() if rows[0]["verdict"] == "pooled"), None)
    if headline is None or tables.subgroups is None or not len(tables.subgroups):
        return None
    moderator = tables.subgroups["moderator"].iloc[0]
    own = tables.subgroups[tables.subgroups["moderator"] == moderator].to_dict("records")
    found = [row for row in own if row["row"] == "subgroup"]
    value_of = _by_study(tables.studies, moderator)
    if not any(number(row["estimate"]) is not None for row in found) or not value_of:
        return None
    rows = chosen[chosen["ladder_step"] == headline[0]["ladder_step"]].to_dict("records")
    groups = _split(rows, found, value_of, sort)
    totals = [{**row, "step_title": "all subgroups"} for row in headline]
    groups.append(Group(name=headline[0]["ladder_step"], title="", pooled_rows=rows, results=totals))
    return Groups(
        groups=groups,
        weights={effect_key(row): number(row["weight_percent"]) for row in rows},
        moderator=plain_text(moderator),
        between=next((row for row in own if row["row"] == "between"), None),
        step_title=headline[0]["step_title"] if len(results) > 1 else "",
        n_later=int((drawn["step_order"] > headline[0]["step_order"]).sum()),
    )


def _split(rows: list[dict], subgroups: list[dict], value_of: Mapping[str, str], sort) -> list[Group]:
    """Return one group of rows for each row of subgroups.csv, and one for those in none of them."""
    parts: dict[str, list[dict]] = {plain_text(row["subgroup"]): [] for row in subgroups} | {"": []}
    for row in rows:
        value = value_of.get(plain_text(row["study_id"]), "")
        parts[value if value in parts else ""].append(row)
    groups = []
    for place, row in enumerate(subgroups, start=1):
        name = plain_text(row["subgroup"])
        own = {"rows": ordered(parts[name], **sort), "pooled_rows": parts[name], "subgroup": row}
        groups.append(Group(name=f"group-{place}", title=name, **own))
    if parts[""]:
        groups.append(Group(name="group-rest", title=REST, rows=ordered(parts[""], **sort)))
    return groups


def _by_study(studies: pd.DataFrame | None, column: str) -> dict[str, str]:
    """Return a column of effects.csv by study; empty where it has none."""
    if studies is None or column not in studies:
        return {}
    pairs = zip(studies["study_id"], studies[column], strict=True)
    return {plain_text(study): plain_text(value) for study, value in pairs}


def _results(pooled: pd.DataFrame, *, level: float, choices: ForestChoices) -> dict[str, list[dict]]:
    """Return the rows of each ladder step that are drawn, the primary first, in the order of the ladder."""
    rows = pooled[pooled["reading"] == "preferred"].sort_values("step_order", kind="stable").to_dict("records")
    found: dict[str, list[dict]] = {}
    for row in (row for row in rows if row["is_primary"] == "yes"):
        step = row["ladder_step"]
        if step in found:
            raise ValueError(f"pooled has two preferred, primary rows for ladder step {step!r}")
        if row["verdict"] == "pooled" and number(row["level"]) != level:
            raise ValueError(f"step {step!r} is pooled at level {row['level']}, not {level}")
        found[step] = [row]
    if choices.models == "all":
        for row in rows:
            if row["is_primary"] != "yes" and row["ladder_step"] in found:
                found[row["ladder_step"]].append(row)
    return found


def _check_steps(drawn: pd.DataFrame, results: Mapping[str, list[dict]], *, steps: Mapping[str, str]) -> None:
    """Refuse rows whose step is unknown, has no pooled row or is not the one they came in at."""
    for row in drawn.to_dict("records"):
        step = row["ladder_step"]
        if step not in results:
            raise ValueError(f"no preferred, primary row of pooled for ladder step {step!r}")
        if row["added_at"] != step:
            raise ValueError(f"{row['label']}: added_at is {row['added_at']!r}, but its first row is at {step!r}")
    for step in results:
        if step not in steps:
            raise ValueError(f"ladder step {step!r} has no words in step_titles")


def _first_weights(chosen: pd.DataFrame, results: Mapping[str, list[dict]]) -> dict[tuple, float | None]:
    """Return each pooled effect's weight at the first pooled step that holds it."""
    weights: dict[tuple, float | None] = {}
    for row in chosen.to_dict("records"):
        if row["ladder_step"] in results and results[row["ladder_step"]][0]["verdict"] == "pooled":
            weights.setdefault(effect_key(row), number(row["weight_percent"]))
    return weights


def _says_the_same(result: Mapping[str, object], before: Mapping[str, object]) -> bool:
    """Whether two pooled rows show a reader the same thing."""
    names = ("k", "estimate", "ci_lb", "ci_ub", "pi_lb", "pi_ub")
    return result["verdict"] == before["verdict"] and all(
        number(result[name]) == number(before[name]) for name in names
    )
