"""Which row of which table a text of a figure tells, and which of its columns, by the gid of the text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from figure_sources import Figure

EFFECT = ("yi", "ci_lb", "ci_ub")
MEAN = ("estimate", "ci_lb", "ci_ub")
#: What may be told of an arm.
ARM_COLUMNS = (("events", "n"), ("mean", "sd", "n"), ("mean",), ("n",))
#: Part of a forest row -> the columns that it tells, in order; each of several ways to tell it.
FOREST_PARTS = {
    "effect": [EFFECT, ("yi",)],
    "weight": [("weight_percent",)],
    **{f"{name}{i}": [(f"{column}_arm{i}",)] for i in (1, 2) for name, column in (("events", "events"), ("n", "n"))},
    **{f"arm{i}": [tuple(f"{column}_arm{i}" for column in columns) for columns in ARM_COLUMNS] for i in (1, 2)},
    "arms": [tuple(f"{column}_arm{i}" for i in (1, 2) for column in columns) for columns in ARM_COLUMNS],
    "row": [()],
}
#: Part of a pooled row -> the columns that it tells; sums are those of `with_sums`.
POOLED_PARTS = {
    "effect": [MEAN, ("estimate",)],
    "weight": [("weight_percent",)],
    "arm1": [("events_arm1", "n_arm1"), ("n_arm1",)],
    "arm2": [("events_arm2", "n_arm2"), ("n_arm2",)],
    "n1": [("n_arm1",)],
    "n2": [("n_arm2",)],
    "events1": [("events_arm1",)],
    "events2": [("events_arm2",)],
    "": [("k",), ("level_percent",)],
}
#: Part of the row of a list -> the columns that it tells.
LIST_PARTS = {
    "text": [MEAN],
    "k": [("k",)],
    "people": [("n",)],
    "results": [("n_results",), ("n_results", "share")],
    "label": [()],
}
LISTS = {"same_result", "ladder", "leave_one_out", "cumulative", "subgroups", "effect_direction"}
#: Gid of a text on a pooled result: its kind, its part and its step or group.
RESULT = re.compile(
    r"(pooled|subtotal|prediction|events|note-heterogeneity|test-heterogeneity|test-overall)"
    r"(?:-(effect|weight|arm[12]|n[12]|events[12]))?-(group-\d+|\w+)$"
)
SUMMED = ("n_arm1", "n_arm2", "events_arm1", "events_arm2", "weight_percent")
#: Figures whose points are numbered, and the first number of their gids.
NUMBERED = {"funnel": 0, "baujat": 0, "bubble": 0, "labbe": 0, "radial": 0, "drapery": 0, "albatross": 1}
NUMBERED |= {"harvest": 1, "influence": 1}


@dataclass(frozen=True)
class Cell:
    """What a text has to tell: the numbers of some columns of one of these rows, in order, and a name.

    `ways` is None where the row is known and its columns are not: then all numbers are of that row.
    """

    rows: list[dict[str, str]]
    ways: list[tuple[str, ...]] | None
    name: str = ""


def cell_of(figure: Figure, gid: str) -> Cell | None:
    """Return what a text has to tell; None where its gid names no row."""
    if figure.is_forest:
        return _forest_cell(figure, gid) or _pooled_cell(figure, gid)
    if figure.name in LISTS:
        return _list_cell(figure, gid)
    if figure.name == "risk_of_bias_summary" and gid.startswith("percent-"):
        domain, level = gid.split("-")[2:]
        rows = [r for r in figure.tables[figure.name] if (r["domain"], r["risk_level"]) == (domain, level)]
        return Cell(rows, [("share_percent",)])
    if figure.name == "risk_of_bias_summary" and gid.startswith("tick-"):
        return Cell([{"place": gid.split("-")[-1]}], [("place",)])
    if figure.name in NUMBERED or figure.name == "specification":
        return _number_cell(figure, gid) or _key_cell(figure, gid)
    return None


def _key_cell(figure, gid):
    """Return the study, or the choice, that a number stands for."""
    found = re.match(r"key-(\d+)$", gid)
    if found is None:
        return None
    row = key_rows(figure)[int(found[1]) - 1]
    return Cell([row], None) if figure.name == "specification" else Cell([row], [()], row["label"])


def key_rows(figure: Figure) -> list[dict[str, str]]:
    """Return what the numbers of a figure stand for, in their order."""
    rows = next(iter(figure.tables.values()))
    if figure.name == "specification":
        own = [r for r in rows if r["estimate"] and r["measure"] == rows[0]["measure"]]
        return sorted(own, key=lambda row: float(row["estimate"]))
    if figure.name == "bubble":
        return [row for row in rows if row["row"] == "effect"]
    if "ladder_step" in rows[0]:
        head = figure.headline()
        return [r for r in rows if (r["ladder_step"], r["reading"]) == (head["ladder_step"], head["reading"])]
    return [r for r in rows if r.get("element", "effect") == "effect" and r.get("kind", "study") == "study"]


def _number_cell(figure, gid):
    """Return the number of a point, which is its place in the key."""
    found = re.match(r"(?:key-number|study|number|mark)-(\d+)(?:-number)?$", gid)
    if found is None:
        return None
    is_study = gid.startswith("study-")
    number = int(found[1]) + (1 - NUMBERED.get(figure.name, 1) if is_study else 0)
    return Cell([{"place": str(number)}], [("place",)])


def _forest_cell(figure, gid):
    part, _, name = gid.partition("-")
    rows = [r for r in figure.tables["forest"] if r["result_id"] == name]
    if part not in FOREST_PARTS or not rows:
        return None
    rows = [r for r in rows if r["reading"] == "preferred"] or rows
    return Cell(rows, FOREST_PARTS[part], rows[0]["label"] if part == "row" else "")


def _pooled_cell(figure, gid):
    if gid == "test-between":
        return Cell([row for row in figure.tables["subgroups"] if row["row"] == "between"], None)
    found = RESULT.match(gid)
    if found is None:
        return None
    kind, part, key = found[1], found[2] or "", found[3]
    rows = result_rows(figure).get(key, [])
    if not rows:
        return None
    if kind in ("pooled", "subtotal", "events"):
        return Cell(rows, POOLED_PARTS[part]) if kind != "events" or part else None
    if kind == "prediction":
        return Cell(rows, [("pi_lb", "pi_ub")] if part else [("level_percent",)])
    return Cell(rows, None)


def result_rows(figure: Figure) -> dict[str, list[dict[str, str]]]:
    """Return the rows of the pooled results of a forest plot, with their sums, by the end of their gids."""
    if "pooled" not in figure.tables:
        return {}
    forest = [row for row in figure.tables["forest"] if row["reading"] == "preferred"]
    found = {}
    for row in figure.primary():
        own = [r for r in forest if r["ladder_step"] == row["ladder_step"]]
        found[row["ladder_step"]] = [with_sums(row, own)]
    groups = [row for row in figure.tables.get("subgroups", []) if row["row"] == "subgroup"]
    for place in range(1, len(groups) + 1):
        for row in groups:
            if row["subgroup"] == figure.svg.texts.get(f"heading-group-{place}"):
                ids = {e["result_id"] for e in figure.tables["effects"] if e[row["moderator"]] == row["subgroup"]}
                own = [r for r in forest if r["result_id"] in ids and r["ladder_step"] == forest[0]["ladder_step"]]
                found.setdefault(f"group-{place}", []).append(with_sums(row, own))
    between = [row for row in figure.tables.get("subgroups", []) if row["row"] == "between"]
    return found | ({"differences": between} if between else {})


def with_sums(row: dict[str, str], own: Iterable[dict[str, str]]) -> dict[str, str]:
    """Return a pooled row with what a forest plot adds up of its studies, and its level in percent."""
    own = list(own)
    sums = {name: repr(sum(float(r[name] or 0) for r in own)) for name in SUMMED}
    return row | sums | {"level_percent": repr(100 * float(row["level"]))}


def _list_cell(figure, gid):
    part, _, key = gid.partition("-")
    row = list_rows(figure).get(key)
    if row is None or part not in (*LIST_PARTS, "words"):
        return None
    if part == "label" and figure.name == "same_result" and "left out" not in row["choice"]:
        # Words stand for the option; its numbers stay as they are.
        digits = {f"number {i}": n for i, n in enumerate(re.findall(r"\d+(?:\.\d+)?", row["option"]))}
        return Cell([row | digits], [tuple(digits)])
    return Cell([row], LIST_PARTS.get(part), _list_name(figure, row) if part == "label" else "")


def _list_name(figure, row):
    """Return what the label of a row has to hold."""
    column = {"leave_one_out": "left_out", "cumulative": "label", "effect_direction": "label", "subgroups": "subgroup"}
    if figure.name == "same_result":
        return row["option"] if "left out" in row["choice"] else ""
    return row.get(column.get(figure.name, ""), "")


def list_rows(figure: Figure) -> dict[str, dict[str, str]]:
    """Return the rows of a list from the top, by their keys."""
    rows = figure.tables.get(figure.name, [])
    if figure.name == "effect_direction":
        labels = {k.removeprefix("label-"): text for k, text in figure.svg.texts.items() if k.startswith("label-")}
        return {key: row for key, text in labels.items() for row in rows if " ".join(row["label"].split()) == text}
    if figure.name == "cumulative":
        return {f"r{row['step']}": row for row in rows}
    if figure.name == "leave_one_out":
        head = figure.headline()
        own = [r for r in rows if all(r[name] == head[name] for name in ("ladder_step", "reading", "model"))]
        return {f"r{i}": row for i, row in enumerate(own)} | {"all": head}
    if figure.name == "ladder":
        primary = [row for row in figure.tables["pooled"] if row["is_primary"] == "yes"]
        return _nested(sorted(primary, key=lambda row: int(row["step_order"])), "ladder_step", "s")
    if figure.name == "subgroups":
        return _nested(rows, "moderator", "m")
    (head,) = (row for row in rows if row["choice"] == "headline")
    return {"headline": head} | _nested([row for row in rows if row["choice"] != "headline"], "choice", "g")


def _nested(rows, column, letter):
    """Return rows by their group's place and their own place in it."""
    found = {}
    for place, name in enumerate(dict.fromkeys(row[column] for row in rows)):
        own = [row for row in rows if row[column] == name]
        found |= {f"{letter}{place}-{i}": row for i, row in enumerate(own)}
    return found
