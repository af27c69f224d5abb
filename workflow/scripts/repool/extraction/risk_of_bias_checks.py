"""What is wrong with data/risk_of_bias.csv: unknown studies, tools and words, and judgements that contradict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from repool.extraction.risk_of_bias import (
    DOMAINS,
    MODERATOR,
    OVERALL,
    RANKED,
    RISK_OF_BIAS,
    judged,
    study_names,
    tool_of,
)
from repool.extraction.row_problems import refuse, warn
from repool.extraction.settings import moderators_of, words_of
from repool.problems import Problem, did_you_mean, fault

Row = Mapping[str, Any]
_STUDIES, _ANALYSES, _REVIEW = "data/studies.csv", "config/analyses.csv", "config/review.yaml"


def check_risk_of_bias(rows: Sequence[Row], *, studies: Sequence[Row], tools: Mapping[str, Row]) -> list[Problem]:
    """Return the faults and doubts of what was judged.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of data/risk_of_bias.csv, with "line".
    studies : sequence of mapping
        Rows of data/studies.csv.
    tools : mapping
        `risk_of_bias.tools` of config/review.yaml.

    Returns
    -------
    list of Problem
        Errors for what cannot be read; warnings for a judgement on the whole that is better than its worst domain, and
        for included studies that nobody judged.
    """
    rows = [dict(row) | {"result_id": row["Study"]} for row in rows]
    names = study_names(studies)
    problems: list[Problem] = []
    first: dict[tuple[str, str], int] = {}
    for row in rows:
        problems += _check_study(row, names, studies)
        key = tool_of(row, tools)
        if key is None:
            problems.append(_no_tool(row, tools))
            continue
        problems += _check_words(row, tools[key])
        problems += _check_whole(row, tools[key])
        study_id = names.get(row["Study"])
        if study_id is not None and (study_id, key) in first:
            problem = f"this study was judged by {tools[key]['title']} in line {first[study_id, key]} too"
            to_fix = "Keep one row; judgements of two reviewers are made one before they are typed."
            problems.append(_refuse("B03", problem, row, column="Study", expected="each study once", to_fix=to_fix))
        first.setdefault((study_id or "", key), row["line"])
    return problems + (_not_judged(studies, {names.get(row["Study"]) for row in rows}) if rows else [])


def check_named(
    analyses: Iterable[Row], subsets: Sequence[Mapping[str, Any]], *, rows: Sequence[Row]
) -> Iterator[Problem]:
    """Yield the faults of plans that ask for the risk of bias where no study has a judgement on the whole.

    Parameters
    ----------
    analyses : iterable of mapping
        Rows of config/analyses.csv, with "line".
    subsets : sequence of mapping
        `examine.sensitivity.subsets` of config/review.yaml.
    rows : sequence of mapping
        Rows of data/risk_of_bias.csv.
    """
    if any(row[OVERALL] is not None for row in rows):
        return
    words = {
        "expected": f"judgements under {OVERALL} in {RISK_OF_BIAS}",
        "to_fix": "Type the judgements, or take the name out of the plan.",
    }
    problem = "the plan asks for the risk of bias, but no study has a judgement on the whole"
    for number, subset in enumerate(subsets):
        if subset["column"] == MODERATOR:
            column = f"examine.sensitivity.subsets.{number}.column"
            yield fault("B07", problem, file=_REVIEW, column=column, found=MODERATOR, **words)
    for row in analyses:
        for column, named in (("moderators", moderators_of), ("subgroups", words_of)):
            if MODERATOR in named(row[column]):
                place = {"file": _ANALYSES, "line": row["line"], "column": column, "row_name": row["analysis"]}
                yield fault("B07", problem, found=MODERATOR, **words, **place)


def _refuse(rule: str, problem: str, row: Row, **place: Any) -> Problem:
    return refuse(rule, problem, row, file=RISK_OF_BIAS, **place)


def _check_study(row: Row, names: Mapping[str, str], studies: Sequence[Row]) -> list[Problem]:
    name = row["Study"]
    if name is None or name in names:
        return []
    namesakes = [str(study["study_id"]) for study in studies if study["label"] == name]
    if namesakes:
        problem, to_fix = "several studies have this label", "Type the study_id: " + " or ".join(namesakes) + "."
        return [_refuse("B05", problem, row, column="Study", expected="a name of one study", to_fix=to_fix)]
    problem = f"no study in {_STUDIES} has this study_id or label"
    expected = "a known name"
    return [_refuse("R02", problem, row, column="Study", expected=expected, to_fix=did_you_mean(name, names))]


def _no_tool(row: Row, tools: Mapping[str, Row]) -> Problem:
    expected = "one of " + ", ".join(tools) if tools else "a tool of risk_of_bias.tools in config/review.yaml"
    if row["Tool"] is None:
        problem = "which tool was used is not said, and config/review.yaml does not name exactly one"
        return _refuse("B02", problem, row, column="Tool", expected=expected, to_fix="Type the tool.")
    problem, to_fix = "config/review.yaml does not have this tool", did_you_mean(row["Tool"], tools)
    return _refuse("B02", problem, row, column="Tool", expected=expected, to_fix=to_fix)


def _check_words(row: Row, tool: Row) -> Iterator[Problem]:
    """Yield the words that the tool does not have, and judgements on domains that it does not have."""
    for number, domain in enumerate((*DOMAINS, OVERALL), start=1):
        cell = row[domain]
        if cell is None:
            continue
        if domain != OVERALL and number > len(tool["domains"]):
            problem = f"{tool['title']} has {len(tool['domains'])} domains"
            to_fix = "Leave it blank, or name the domain in risk_of_bias.tools of config/review.yaml."
            yield _refuse("B06", problem, row, column=domain, expected="a blank cell", to_fix=to_fix)
        elif judged(cell, tool) == (None, None):
            problem, to_fix = f"{tool['title']} does not have this judgement", did_you_mean(cell, tool["judgements"])
            expected = "one of " + ", ".join(tool["judgements"])
            yield _refuse("B01", problem, row, column=domain, expected=expected, to_fix=to_fix)


def _check_whole(row: Row, tool: Row) -> Iterator[Problem]:
    """Yield a doubt where the judgement on the whole is better than the worst domain and the tool does not allow it."""
    _, whole = judged(row[OVERALL], tool)
    levels = {domain: judged(row[domain], tool)[1] for domain in DOMAINS[: len(tool["domains"])]}
    ranked = {domain: RANKED.index(level) for domain, level in levels.items() if level in RANKED}
    if tool["overall"] == "free" or whole not in RANKED or not ranked:
        return
    worst = max(ranked, key=lambda domain: ranked[domain])
    if RANKED.index(whole) < ranked[worst]:
        problem = f"the judgement on the whole is better than the one on {worst} ({row[worst]})"
        expected = f"{tool['title']}: at least as bad as the worst domain"
        yield warn("B04", problem, row, file=RISK_OF_BIAS, column=OVERALL, expected=expected, to_fix="Compare the two.")


def _not_judged(studies: Sequence[Row], judged_studies: set[str | None]) -> list[Problem]:
    return [
        warn(
            *("B08", f"{study['label']} is included, but its risk of bias was not judged"),
            {"line": None, "result_id": study["study_id"]},
            **{"file": RISK_OF_BIAS, "column": "Study", "expected": "a row for every included study"},
            to_fix="Add its row; until then it counts as not judged.",
        )
        for study in studies
        if study["status"] == "included" and study["study_id"] not in judged_studies
    ]
