"""Tables that count and account: votes by design, earlier reviews, every extracted row, assumptions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from repool.assumptions import ASSUMPTIONS
from repool.extraction.settings import words_of

Row = Mapping[str, Any]
#: Design -> class in which its votes are counted; every other design is "other".
CLASS_OF_DESIGN = {
    "rct": "randomised",
    "quasi_experimental": "non_randomised",
    "cohort_comparative": "non_randomised",
    "single_arm_prepost": "single_arm",
}
CLASSES = ("randomised", "non_randomised", "single_arm", "other")
#: Directions in the order of the table.
DIRECTIONS = (
    *("favours_peer", "trend_favours_peer", "no_difference", "non_inferior", "favours_control"),
    *("differs", "improved_prepost", "no_change_prepost"),
)
#: Studies that answer the review's question; votes of others are listed and not counted.
COUNTED = ("included", "included_no_result_reached")
#: How the reason starts of a result that stays out for another of the same cohort.
GAVE_WAY = "one effect per cohort"
#: The row of the vote table that counts every outcome.
ALL_OUTCOMES = "all"

VOTES = (
    *("vote_id", "study_id", "cohort_id", "label", "status", "is_counted", "design", "design_class"),
    *("comparator", "outcome", "outcome_reported", "contrast", "n_total", "result"),
    *("p_as_reported", "time_months", "note", "source", "locator"),
)
VOTES_BY_DESIGN = (*("outcome", "design_class", *DIRECTIONS, "n_votes", "n_studies", "n_cohorts"),)
ACCOUNTS = (
    *("review", "study_id", "label", "says", "status", "reason", "design", "extractable"),
    *("n_results", "n_votes", "used_in", "used_through", "why_not_used"),
)
STUDIES = (
    *("study_id", "cohort_id", "label", "citation", "year", "doi", "pmid", "registration", "status"),
    *("reason", "design", "allocation", "cluster", "country", "setting", "population", "n", "n_note"),
    *("intervention", "intervention_class", "comparator_text", "comparator", "extractable"),
    *("n_results", "n_votes", "used_in", "used_through", "why_not_used", "cited_by", "source", "retraction"),
    *("risk_of_bias_notes",),
)
LEDGER = (
    *("study_id", "label", "result_id", "term", "outcome", "time_months", "fate", "reason"),
    *("used_in", "warnings", "verbatim", "source", "locator"),
)
LEDGER_COUNTS = ("fate", "reason", "n_results", "n_studies")
FATES = ("used", "not_used", "no_effect", "dropped")
ASSUMPTIONS_USED = ("assumption", "words", "admitted_from", "n_effects", "n_used", "n_analyses")


def vote_rows(votes: Iterable[Row], studies: Mapping[str, Row]) -> list[dict[str, Any]]:
    """Return the votes with what is known of their studies.

    Parameters
    ----------
    votes : iterable of mapping
        Rows of data/votes.csv.
    studies : mapping
        study_id -> row of data/studies.csv.

    Returns
    -------
    list of dict
        Columns `VOTES`.
    """
    rows = []
    for vote in votes:
        study = studies[vote["study_id"]]
        known = {c: study[c] for c in ("cohort_id", "label", "status", "design", "comparator")}
        known["design_class"] = CLASS_OF_DESIGN.get(study["design"], "other")
        known["is_counted"] = "yes" if study["status"] in COUNTED else "no"
        rows.append({**vote, **known})
    return rows


def votes_by_design(votes: Sequence[Row], outcomes: Iterable[str]) -> list[dict[str, Any]]:
    """Count directions by outcome and class of design; the first rows count all outcomes.

    Parameters
    ----------
    votes : sequence of mapping
        Rows of `vote_rows`.
    outcomes : iterable of str
        Outcomes in order.

    Returns
    -------
    list of dict
        Columns `VOTES_BY_DESIGN`; only what occurs. A cohort counts once however many studies,
        outcomes or times it has.
    """
    counted = [vote for vote in votes if vote["is_counted"] == "yes"]
    rows = []
    for outcome in (ALL_OUTCOMES, *outcomes):
        of_outcome = [v for v in counted if outcome in (ALL_OUTCOMES, v["outcome"])]
        for design_class in CLASSES:
            group = [vote for vote in of_outcome if vote["design_class"] == design_class]
            if group:
                rows.append({"outcome": outcome, "design_class": design_class} | _counts(group))
    return rows


def _counts(votes: Sequence[Row]) -> dict[str, int]:
    found = {name: sum(vote["result"] == name for vote in votes) for name in DIRECTIONS}
    found["n_votes"] = len(votes)
    found["n_studies"] = len({vote["study_id"] for vote in votes})
    found["n_cohorts"] = len({vote["cohort_id"] for vote in votes})
    return found


def account_rows(
    accounts: Iterable[Row],
    *,
    studies: Mapping[str, Row],
    used: Sequence[Row],
    ledger: Sequence[Row],
    votes: Sequence[Row],
) -> list[dict[str, Any]]:
    """Account for earlier reviews, study by study.

    Parameters
    ----------
    accounts : iterable of mapping
        The key `accounts` of config/review.yaml: name, column and words of each earlier review.
    studies : mapping
        study_id -> row of data/studies.csv.
    used, ledger, votes : sequence of mapping
        Effects used, rows of `ledger_rows`, and votes.

    Returns
    -------
    list of dict
        Columns `ACCOUNTS`. `used_in` names the analyses that use a result of the study,
        `used_through` other studies of the same people whose results are used.
    """
    rows = []
    for account in accounts:
        for study in studies.values():
            says = study.get(account["column"]) or ""
            if _is_listed(says, account["words"]):
                use = study_use(study, studies=studies, used=used, ledger=ledger, votes=votes)
                rows.append({"review": account["name"], "says": says, **study, **use})
    return rows


def study_use(
    study: Row,
    *,
    studies: Mapping[str, Row],
    used: Sequence[Row],
    ledger: Sequence[Row],
    votes: Sequence[Row],
) -> dict[str, Any]:
    """Return how much of a study is extracted and where it is used (see `account_rows`)."""
    own = [row["analysis"] for row in used if row["study_id"] == study["study_id"]]
    same = [row["study_id"] for row in used if row["cohort_id"] == study["cohort_id"]]
    others = [] if own else [studies[name]["label"] for name in dict.fromkeys(same)]
    results = [row for row in ledger if row["study_id"] == study["study_id"]]
    reasons = [] if own else [part for row in results for part in row["reason"].split("; ")]
    return {
        "n_results": len(results),
        "n_votes": sum(row["study_id"] == study["study_id"] for row in votes),
        "used_in": "; ".join(dict.fromkeys(own)),
        "used_through": "; ".join(others),
        "why_not_used": "; ".join(dict.fromkeys(reasons)),
    }


def _is_listed(cell: str, wanted: Sequence[str]) -> bool:
    found = words_of(cell)
    return any(word in wanted for word in found) if wanted else bool(found)


def ledger_rows(
    ledger: Sequence[Row],
    *,
    effects: Iterable[Row],
    used: Iterable[Row],
    not_used: Sequence[Row],
    labels: Mapping[str, str],
) -> list[dict[str, Any]]:
    """Follow every extracted row to its end.

    Parameters
    ----------
    ledger : sequence of mapping
        Rows of results/harmonised/ledger.csv.
    effects : iterable of mapping
        Rows of results/effects, all studies.
    used, not_used : iterable of mapping
        Results that enter an analysis, and those that do not, with the reason.
    labels : mapping
        study_id -> label.

    Returns
    -------
    list of dict
        Columns `LEDGER`; `fate` is one of `FATES`.
    """
    no_effect = {row["result_id"]: "" if row["yi"] else row["reason"] for row in effects}
    used = [(name, row["analysis"]) for row in used for name in (row["result_id"], *row["made_from"].split(";"))]
    used_in = _joined(used)
    why_not = _joined((row["result_id"], row["reason"]) for row in not_used)
    # A result that only gave way to another of the same people met every other condition.
    why_not |= _joined((r["result_id"], r["reason"]) for r in not_used if r["reason"].startswith(GAVE_WAY))
    ends = [_end(row, used_in=used_in, no_effect=no_effect, why_not=why_not) for row in ledger]
    return [{**row, **end, "label": labels[row["study_id"]]} for row, end in zip(ledger, ends, strict=True)]


def _end(row: Row, *, used_in: Row, no_effect: Row, why_not: Row) -> dict[str, str]:
    """Return what became of an extracted row, and why."""
    name = row["result_id"]
    fate, reason = "not_used", why_not.get(name, "no analysis of this outcome is planned")
    if row["fate"] == "dropped":
        fate, reason = "dropped", row["reason"]
    elif name in used_in:
        fate, reason = "used", ""
    elif no_effect.get(name):
        fate, reason = "no_effect", no_effect[name]
    return {"fate": fate, "reason": reason, "used_in": used_in.get(name, "")}


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return key -> its different texts, joined in order of appearance."""
    found: dict[str, dict[str, None]] = {}
    for key, text in pairs:
        found.setdefault(key, {})[text] = None
    return {key: "; ".join(texts) for key, texts in found.items()}


def ledger_counts(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Count the rows of `ledger_rows` by fate (blank reason: all of that fate) and by reason."""
    counts = []
    for fate in FATES:
        group = [row for row in rows if row["fate"] == fate]
        reasons = sorted({row["reason"] for row in group} - {""})
        for reason in ("", *reasons):
            members = [row for row in group if reason in ("", row["reason"])]
            n_studies = len({row["study_id"] for row in members})
            counts.append({"fate": fate, "reason": reason, "n_results": len(members), "n_studies": n_studies})
    return counts


def assumption_rows(ladder: Iterable[Row], *, effects: Sequence[Row], used: Sequence[Row]) -> list[dict[str, Any]]:
    """Count how many effects rest on each assumption that the software knows.

    Parameters
    ----------
    ladder : iterable of mapping
        The key `ladder` of config/review.yaml.
    effects, used : sequence of mapping
        All effects of the review, and those that enter an analysis.

    Returns
    -------
    list of dict
        Columns `ASSUMPTIONS_USED`; `admitted_from` is blank where no step admits it.
    """
    admitted = {name: step["title"] for step in ladder for name in step["assumptions"]}
    rows = []
    for name, text in ASSUMPTIONS.items():
        resting = [row for row in used if name in words_of(row["assumptions"])]
        rows.append(
            {
                "assumption": name,
                "words": text,
                "admitted_from": admitted.get(name, ""),
                "n_effects": sum(bool(e["yi"]) and name in words_of(e["assumptions"]) for e in effects),
                "n_used": len({(row["result_id"], row["route"]) for row in resting}),
                "n_analyses": len({row["analysis"] for row in resting}),
            }
        )
    return rows
