"""Every table behind the report, from what the pipeline made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from repool.report import counts as report_counts
from repool.report import disagreements as report_disagreements
from repool.report import findings
from repool.report import people as report_people
from repool.report import tables as report_tables
from repool.report import warnings as report_warnings

Row = Mapping[str, Any]
#: Name of a table -> its columns. workflow/rules/report.smk lists the same names.
COLUMNS = {
    "summary": report_tables.SUMMARY,
    "summary_of_findings": findings.FINDINGS,
    "ladder": report_tables.LADDER,
    "models": report_tables.MODELS,
    "results_used": report_tables.RESULTS_USED,
    "results_not_used": report_tables.RESULTS_NOT_USED,
    "votes": report_counts.VOTES,
    "votes_by_design": report_counts.VOTES_BY_DESIGN,
    "accounts": report_counts.ACCOUNTS,
    "studies": report_counts.STUDIES,
    "ledger": report_counts.LEDGER,
    "ledger_counts": report_counts.LEDGER_COUNTS,
    "assumptions": report_counts.ASSUMPTIONS_USED,
    "warnings": report_warnings.WARNINGS,
    "disagreements": report_disagreements.DISAGREEMENTS,
    "participants": report_people.PARTICIPANTS,
}


def tables_of(rows: Mapping[str, Sequence[Row]], *, settings: Row, plan: Mapping[str, Row]) -> dict[str, list]:
    """Return every table of `COLUMNS` (see `report_files`)."""
    names = ("effects", "selection", "participants", "pooled", "forest")
    results = {a: {n: rows[f"results/analyses/{a}/{n}.csv"] for n in names} for a in plan}
    studies = {row["study_id"]: row for row in rows["data/studies.csv"]}
    labels = {name: study["label"] for name, study in studies.items()}
    wide = settings["examine"]["verdict"]["wide_interval"]
    ledger, effects = rows["results/harmonised/ledger.csv"], all_effects(rows)
    ladder = report_tables.ladder_rows(plan, results, settings["outcomes"], wide=wide)
    used = report_tables.used_rows(plan, results, ledger)
    not_used = report_tables.not_used_rows(plan, results, labels)
    votes = report_counts.vote_rows(rows.get("data/votes.csv", []), studies)
    ends = report_counts.ledger_rows(ledger, effects=effects, used=used, not_used=not_used, labels=labels)
    known = {"used": used, "ledger": ends, "votes": votes, "studies": studies}
    return {
        "summary": report_tables.summary_rows(ladder),
        "summary_of_findings": findings.finding_rows(
            plan,
            ladder,
            {name: results[name]["forest"] for name in plan},
            typed=rows.get("data/summary_of_findings.csv", ()),
            baseline_risk=settings["summary_of_findings"]["baseline_risk"],
        ),
        "ladder": ladder,
        "models": report_tables.model_rows(plan, results),
        "results_used": used,
        "results_not_used": not_used,
        "votes": votes,
        "votes_by_design": report_counts.votes_by_design(votes, settings["outcomes"]),
        "accounts": report_counts.account_rows(settings["accounts"], **known),
        "studies": [{**study, **report_counts.study_use(study, **known)} for study in studies.values()],
        "ledger": ends,
        "ledger_counts": report_counts.ledger_counts(ends),
        "assumptions": report_counts.assumption_rows(settings["ladder"], effects=effects, used=used),
        "warnings": report_warnings.warning_rows(rows["results/checks/problems.csv"], ledger=ends, labels=labels),
        "participants": report_people.participant_rows(plan, results),
        "disagreements": report_disagreements.disagreement_rows(
            rows["results/checks/disagreements.csv"], ledger=ledger, labels=labels
        ),
    }


def all_effects(rows: Mapping[str, Sequence[Row]]) -> list[Row]:
    """Return the rows of all files of results/effects, file by file."""
    return [row for file in sorted(rows) if file.startswith("results/effects/") for row in rows[file]]
