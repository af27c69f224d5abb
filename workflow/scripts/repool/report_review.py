"""Parts of the report about the whole review: summary, votes, studies, earlier reviews, the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from repool import report_words as say
from repool.report_answers import same, verdict
from repool.report_counts import ALL_OUTCOMES, DIRECTIONS
from repool.report_view import Cell, Table, longs, numbers, table
from repool.settings import words_of

Row = Mapping[str, Any]
#: Marks of footnotes, in order.
MARKS = "abcdefghijklmnopqrstuvwxyz"
#: Directions that speak for arm 1.
FOR_ARM1 = "favours_peer"


def marks_of(assumptions: Sequence[Row]) -> dict[str, str]:
    """Return a letter for each assumption that an analysis rests on.

    Parameters
    ----------
    assumptions : sequence of mapping
        Rows of `report_counts.assumption_rows`.

    Returns
    -------
    dict
        Assumption -> letter.
    """
    found = [row["assumption"] for row in assumptions if row["n_analyses"]]
    return dict(zip(found, MARKS, strict=False))


def summary_table(
    plan: Mapping[str, Row], ladder: Sequence[Row], *, settings: Row, marks: Mapping[str, str]
) -> Table | None:
    """Return one row per analysis, with the result of each step of the ladder.

    Parameters
    ----------
    plan : mapping
        Analysis -> row of config/analyses.csv.
    ladder : sequence of mapping
        Rows of `report_tables.LADDER`.
    settings : mapping
        config/review.yaml.
    marks : mapping
        Assumption -> letter of its footnote.

    Returns
    -------
    Table or None
        Grouped by role.
    """
    steps = [step["title"] for step in settings["ladder"]]
    heads = ["Analysis", "Measure", *numbers(*steps), *longs("Verdict")]
    groups = []
    for role, title in say.ROLES.items():
        lines = []
        for name, analysis in plan.items():
            if analysis["role"] == role:
                own = [row for row in ladder if row["analysis"] == name]
                lines.append(_summary_cells(analysis, own, marks))
        groups.append((title, lines))
    caption = "Every planned analysis at each step of the assumption ladder"
    return table("summary-table", caption, heads, groups, csv="tables/summary.csv")


def _summary_cells(plan: Row, own: Sequence[Row], marks: Mapping[str, str]) -> list[str | Cell]:
    rows = [row for row in own if row["reading"] == "preferred"]
    designs = [say.words(word, say.DESIGNS) for word in words_of(plan["designs"])]
    comparators = [say.words(word, say.COMPARATORS) for word in words_of(plan["comparators"])]
    small = f"{', '.join(designs)}; v {', '.join(comparators)}"
    noun = "trial" if designs == [say.DESIGNS["rct"]] else "study"
    cells: list[str | Cell] = [
        Cell(text=plan["title"], small=small, href=say.link("analysis", plan["analysis"])),
        Cell(text=plan["measure"], small=say.words(plan["measure"], say.MEASURES)),
    ]
    before = None
    for row in rows:
        cells.append(_step_cell(row, before, marks))
        before = row
    return [*cells, Cell(text=verdict(own, noun=noun), small=_sides(rows))]


def _step_cell(row: Row, before: Row | None, marks: Mapping[str, str]) -> Cell:
    if before is not None and same(row, before):
        return Cell(text="no change", tone="quiet")
    if row["basis"] == "none":
        return Cell(text=say.BLANK, small="no effect", tone="quiet")
    people = "people not all stated" if row["people_not_stated"] else say.plural(row["n_participants"], "person", "people")
    notes = tuple((marks[name], say.link("assumption", name)) for name in words_of(row["assumptions"]))
    is_pooled = row["basis"] == "pooled"
    small = f"k = {say.whole(row['k'])}, {people}{'' if is_pooled else '; not pooled'}"
    text = say.effect(row, name="estimate")
    return Cell(text=text, small=small, notes=notes, tone="strong" if is_pooled else "quiet")


def _sides(rows: Sequence[Row]) -> str:
    """Return what the first pooled interval of an analysis says."""
    for row in rows:
        if row["basis"] == "pooled":
            if row["is_wide"] == "yes":
                return "interval too wide to say anything"
            return {
                "better": "whole interval on the side of benefit",
                "worse": "whole interval on the side of harm",
                "includes_no_effect": "interval includes no effect",
            }.get(row["interval_side"], "")
    return ""


def votes_table(counts: Sequence[Row], *, settings: Row) -> Table | None:
    """Return the counts of directions, grouped by outcome.

    Parameters
    ----------
    counts : sequence of mapping
        Rows of `report_counts.votes_by_design`.
    settings : mapping
        config/review.yaml.
    """
    present = [name for name in DIRECTIONS if any(row[name] for row in counts)]
    heads = ["Design", *numbers(*(say.vote_words(name, settings["arms"]) for name in present))]
    heads += numbers("Results", "Studies", "Cohorts")
    groups = []
    for outcome in dict.fromkeys(row["outcome"] for row in counts):
        is_all = outcome == ALL_OUTCOMES
        title = "All outcomes" if is_all else settings["outcomes"][outcome]["title"]
        lines = [
            [
                say.words(row["design_class"], say.DESIGN_CLASSES),
                *(Cell(text=say.whole(row[name]), tone="" if row[name] else "quiet") for name in present),
                *(say.whole(row[name]) for name in ("n_votes", "n_studies", "n_cohorts")),
            ]
            for row in counts
            if row["outcome"] == outcome
        ]
        groups.append((title, lines))
    caption = "Direction of results by outcome and design"
    return table("votes-table", caption, heads, groups, csv="tables/votes_by_design.csv")


def votes_sentences(counts: Sequence[Row], votes: Sequence[Row], *, settings: Row) -> list[str]:
    """Return what the counts say of the designs, from the counts alone.

    Parameters
    ----------
    counts, votes : sequence of mapping
        Rows of `report_counts.votes_by_design` and of `report_counts.vote_rows`.
    settings : mapping
        config/review.yaml.
    """
    arm = settings["arms"]["arm1"]
    said = []
    for row in (r for r in counts if r["outcome"] == ALL_OUTCOMES):
        design = say.words(row["design_class"], say.DESIGN_CLASSES)
        results = say.plural(row["n_votes"], "result")
        cohorts = say.plural(row["n_cohorts"], "cohort")
        if row["design_class"] == "single_arm":
            better = say.whole(row["improved_prepost"])
            said.append(f"{design}: {better} of {results} ({cohorts}) better than before.")
        else:
            favours = say.whole(row[FOR_ARM1])
            verb = "favours" if row[FOR_ARM1] == 1 else "favour"
            said.append(f"{design}: {favours} of {results} ({cohorts}) {verb} {arm}.")
    out = [vote for vote in votes if vote["is_counted"] != "yes"]
    if out:
        names = ", ".join(dict.fromkeys(vote["label"] for vote in out))
        said.append(f"Listed but not counted, since their studies ask another question: {say.plural(len(out), 'result')} ({names}).")
    other = sum(v["is_counted"] == "yes" and v["comparator"] == "active_professional" for v in votes)
    if other:
        said.append(
            f"{say.plural(other, 'counted result')} come from studies that compare {arm} with a professional: "
            "no difference there means another thing than no difference from care without it."
        )
    return said


def vote_list(votes: Sequence[Row], *, settings: Row) -> Table | None:
    """Return every vote, grouped by outcome.

    Parameters
    ----------
    votes : sequence of mapping
        Rows of `report_counts.vote_rows`.
    settings : mapping
        config/review.yaml.
    """
    heads = ["Study", "Design", *longs("As reported"), "Result", "p as printed", "Time"]
    heads += [*numbers("People"), *longs("Note", "Source")]
    groups = []
    for outcome, facts in settings["outcomes"].items():
        lines = [_vote_cells(vote, settings) for vote in votes if vote["outcome"] == outcome]
        groups.append((facts["title"], lines))
    return table("vote-list", "Every direction recorded", heads, groups, csv="tables/votes.csv")


def _vote_cells(vote: Row, settings: Row) -> list[str | Cell]:
    status = "" if vote["is_counted"] == "yes" else f"not counted; {say.words(vote['status'], say.STATUSES)}"
    return [
        Cell(text=vote["label"], href=say.link("study", vote["study_id"]), small=status),
        say.words(vote["design"], say.DESIGNS),
        Cell(text=vote["outcome_reported"].replace("_", " "), small=vote["contrast"]),
        say.vote_words(vote["result"], settings["arms"]),
        vote["p_as_reported"] or say.BLANK,
        say.months(vote["time_months"]) if vote["time_months"] else "not stated",
        say.whole(vote["n_total"]),
        vote["note"],
        Cell(text=vote["source"], small=vote["locator"]),
    ]
