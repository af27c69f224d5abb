"""The part of the report about directions: which way every result points, by outcome and design."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from repool.report import terms
from repool.report import words as say
from repool.report.counts import ALL_OUTCOMES, DIRECTIONS
from repool.report.view import Cell, Table, longs, numbers, table

Row = Mapping[str, Any]
#: Directions that speak for arm 1.
FOR_ARM1 = "favours_peer"


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
    heads = ["Design", *numbers(*(terms.vote_words(name, settings["arms"]) for name in present))]
    heads += numbers("Results", "Studies", "Cohorts")
    groups = []
    for outcome in dict.fromkeys(row["outcome"] for row in counts):
        is_all = outcome == ALL_OUTCOMES
        title = "All outcomes" if is_all else settings["outcomes"][outcome]["title"]
        lines = [
            [
                terms.words(row["design_class"], terms.DESIGN_CLASSES),
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
        design = terms.words(row["design_class"], terms.DESIGN_CLASSES)
        results = say.plural(row["n_votes"], "result")
        cohorts = say.plural(row["n_cohorts"], "cohort")
        if row["design_class"] == "single_arm":
            better = say.whole(row["improved_prepost"])
            said.append(f"{design}: {better} of {results} ({cohorts}) better than before.")
        else:
            favours = say.whole(row[FOR_ARM1])
            verb = "favours" if row[FOR_ARM1] == 1 else "favour"
            said.append(f"{design}: {favours} of {results} ({cohorts}) {verb} {arm}.")
    return said + _provisos(votes, arm)


def _provisos(votes: Sequence[Row], arm: str) -> list[str]:
    """Return which votes are not counted, and which answer a question of their own."""
    said = []
    out = [vote for vote in votes if vote["is_counted"] != "yes"]
    if out:
        names = ", ".join(dict.fromkeys(vote["label"] for vote in out))
        results = say.plural(len(out), "result")
        said.append(f"Listed but not counted, since their studies ask another question: {results} ({names}).")
    other = sum(v["is_counted"] == "yes" and v["comparator"] == "active_professional" for v in votes)
    if other:
        results, verb = say.plural(other, "counted result"), "comes" if other == 1 else "come"
        said.append(
            f"{results} {verb} from studies that compare {arm} with a professional: "
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
    status = "" if vote["is_counted"] == "yes" else f"not counted; {terms.words(vote['status'], terms.STATUSES)}"
    return [
        Cell(text=vote["label"], href=say.link("study", vote["study_id"]), small=status),
        terms.words(vote["design"], terms.DESIGNS),
        Cell(text=vote["outcome_reported"].replace("_", " "), small=vote["contrast"]),
        terms.vote_words(vote["result"], settings["arms"]),
        vote["p_as_reported"] or say.BLANK,
        say.months(vote["time_months"]) if vote["time_months"] else "not stated",
        say.whole(vote["n_total"]),
        vote["note"],
        Cell(text=vote["source"], small=vote["locator"]),
    ]
