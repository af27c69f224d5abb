"""What pooling and its examination need to know of one planned analysis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from repool.extraction.risk_of_bias import NOT_APPLICABLE, OVERALL, ratings
from repool.extraction.settings import moderators_of, numbers_among, words_of

if TYPE_CHECKING:
    from repool.extraction.review import Review

Row = Mapping[str, Any]


def pooling_of(settings: Row, row: Row) -> dict[str, Any]:
    """Return the pooling settings of one analysis, its own choices applied.

    Parameters
    ----------
    settings : mapping
        config/review.yaml.
    row : mapping
        Its row of config/analyses.csv.

    Returns
    -------
    dict
        The key `pooling` with the analysis' "primary_model", and "moderators" (columns), "formula" (the cell as typed),
        "numbers" (moderators that hold numbers), "steps" and "readings".
    """
    formula = (row["moderators"] or "").strip()
    return settings["pooling"] | {
        "primary_model": row["primary_model"] or settings["pooling"]["primary_model"],
        "moderators": moderators_of(formula),
        "formula": formula,
        "numbers": numbers_among(settings["moderators"]),
        "steps": [step["step"] for step in settings["ladder"]],
        "readings": settings["readings"],
    }


def plan_of(settings: Row, row: Row) -> dict[str, Any]:
    """Return what the examination of one analysis needs of its plan: subgroups, and whether more is better."""
    better = settings["outcomes"][row["outcome"]]["higher_is_better"]
    return {"subgroups": words_of(row["subgroups"]), "higher_is_better": better}


def risk_of_bias_of(review: Review, row: Row) -> dict[str, str]:
    """Return the judgements on the whole of the studies with a result or a vote on the outcome of one analysis.

    Parameters
    ----------
    review : Review
        Without errors.
    row : mapping
        The analysis' row of config/analyses.csv.

    Returns
    -------
    dict
        study_id -> the word of its tool; where several tools judge a study, of the first that is declared.
    """
    terms = {term["term"] for term in review.vocabulary if term["outcome"] == row["outcome"]}
    asked = {vote["study_id"] for vote in review.votes if vote["outcome"] == row["outcome"]}
    asked |= {name for name, rows in review.extraction.items() if any(result["outcome"] in terms for result in rows)}
    found: dict[str, str] = {}
    tools = review.settings["risk_of_bias"]["tools"]
    for rated in ratings(review.risk_of_bias, studies=review.studies, tools=tools):
        is_known = rated["domain"] == OVERALL and rated["risk_level"] != NOT_APPLICABLE
        if is_known and rated["study_id"] in asked:
            found.setdefault(rated["study_id"], rated["judgement"])
    return found


def votes_of(review: Review, row: Row) -> list[dict[str, Any]]:
    """Return the votes on the outcome of one analysis by included studies of its designs.

    Parameters
    ----------
    review : Review
        With `votes` and `studies`.
    row : mapping
        The analysis' row of config/analyses.csv.

    Returns
    -------
    list of dict
        What the vote says, and the study's cohort, label and design.
    """
    studies = {study["study_id"]: study for study in review.studies}
    found = []
    for vote in review.votes:
        study = studies[vote["study_id"]]
        is_asked = vote["outcome"] == row["outcome"] and study["status"] == "included"
        if is_asked and study["design"] in words_of(row["designs"]):
            own = {name: vote[name] for name in ("study_id", "n_total", "result", "p_as_reported")}
            found.append(own | {name: study[name] for name in ("cohort_id", "label", "design")})
    return found
