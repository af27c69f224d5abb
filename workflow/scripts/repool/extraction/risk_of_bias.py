"""Risk of bias as reviewers judged it: from the table in the layout of robvis to one row per judgement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]

RISK_OF_BIAS = "data/risk_of_bias.csv"
#: Name under which the overall level of a study enters plans, as a moderator in words.
MODERATOR = "risk_of_bias"
#: Columns of results/checks/risk_of_bias.csv, and of the part of it that each analysis has.
COLUMNS = (
    *("study_id", "label", "tool", "domain_order", "domain", "domain_title"),
    *("judgement", "risk_level", "weight", "comment"),
)
#: Levels that can be compared, the best first; the words of every tool are brought to them.
RANKED = ("low", "moderate", "high", "critical")
NOT_APPLICABLE = "not_applicable"
OVERALL = "Overall"
#: Domain columns that the table may have (workflow/schemas/risk_of_bias.yaml).
DOMAINS = tuple(f"D{number}" for number in range(1, 11))


def ratings(rows: Iterable[Row], *, studies: Iterable[Row], tools: Mapping[str, Row]) -> list[dict[str, Any]]:
    """Return one row per study, tool and domain, and one for the judgement on the whole.

    Parameters
    ----------
    rows : iterable of mapping
        Rows of data/risk_of_bias.csv, without errors.
    studies : iterable of mapping
        Rows of data/studies.csv.
    tools : mapping
        `risk_of_bias.tools` of config/review.yaml.

    Returns
    -------
    list of dict
        Columns `COLUMNS`; sorted by study, then tools as they are declared, then domains; the whole comes last. A
        blank judgement has the level "not_applicable"; a table without a column Overall gives no row for the whole.
    """
    studies = list(studies)
    named = study_names(studies)
    labels = {study["study_id"]: study["label"] for study in studies}
    order = list(tools)
    found = []
    for row in rows:
        study_id, key = named[row["Study"]], tool_of(row, tools)
        shared = {"study_id": study_id, "label": labels[study_id], "tool": key}
        shared |= {"weight": row["Weight"], "comment": row["Comment"]}
        titles = tools[key]["domains"]
        cells = [(number, f"D{number}", title) for number, title in enumerate(titles, start=1)]
        if row[OVERALL] is not None:
            cells.append((len(titles) + 1, OVERALL, OVERALL))
        for number, domain, title in cells:
            word, level = judged(row[domain], tools[key])
            own = {"domain_order": number, "domain": domain, "domain_title": title}
            found.append(shared | own | {"judgement": word, "risk_level": level})
    return sorted(found, key=lambda row: (row["study_id"], order.index(row["tool"]), row["domain_order"]))


def overall_judgements(rows: Iterable[Row]) -> dict[str, Row]:
    """Return study_id -> row with the judgement on the whole.

    Parameters
    ----------
    rows : iterable of mapping
        Columns `COLUMNS`, as `ratings` sorts them: where several tools judge a study, the first declared one counts.
    """
    found: dict[str, Row] = {}
    for row in rows:
        if row["domain"] == OVERALL and row["risk_level"] != NOT_APPLICABLE:
            found.setdefault(row["study_id"], row)
    return found


def overall_levels(rows: Iterable[Row]) -> dict[str, str]:
    """Return study_id -> level of the judgement on the whole, from what `overall_judgements` takes."""
    return {study_id: row["risk_level"] for study_id, row in overall_judgements(rows).items()}


def study_names(studies: Sequence[Row]) -> dict[str, str]:
    """Return names that say for certain which study is meant -> study_id: the ids, and labels that one study has.

    Parameters
    ----------
    studies : sequence of mapping
        Rows of data/studies.csv.
    """
    labels = [study["label"] for study in studies]
    by_label = {study["label"]: study["study_id"] for study in studies if labels.count(study["label"]) == 1}
    names = by_label | {study["study_id"]: study["study_id"] for study in studies}
    return {name: study_id for name, study_id in names.items() if None not in (name, study_id)}


def tool_of(row: Row, tools: Mapping[str, Row]) -> str | None:
    """Return the key of a row's tool; where the cell is blank that of the only tool; None where it is not known."""
    if row["Tool"] is None:
        return next(iter(tools)) if len(tools) == 1 else None
    keys = {key.casefold(): key for key in tools}
    keys = {str(tool["title"]).casefold(): key for key, tool in tools.items()} | keys
    return keys.get(row["Tool"].casefold())


def judged(cell: str | None, tool: Row) -> tuple[str | None, str | None]:
    """Return a judgement as the settings spell it and its level; None, None where the tool does not have the word."""
    if cell is None:
        return "", NOT_APPLICABLE
    words = {word.casefold(): (word, level) for word, level in tool["judgements"].items()}
    return words.get(" ".join(cell.casefold().split()), (None, None))
