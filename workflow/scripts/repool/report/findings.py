"""The summary of findings: what each answer means for 1000 people, and how certain people are of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from repool.figures.words import number
from repool.pooling.absolute_effects import WITH_RISK, is_beyond, median_risk, risk_with
from repool.report import terms
from repool.report.plain_answer import told_row

Row = Mapping[str, Any]
#: What people typed of an analysis in data/summary_of_findings.csv.
TYPED = (
    *("certainty", "risk_of_bias", "inconsistency", "indirectness", "imprecision", "publication_bias", "upgrade"),
    *("explanation", "rated_by_role"),
)
_EFFECT = (
    *("analysis", "title", "role", "outcome", "ladder_step", "basis", "measure", "k", "n_studies", "n_participants"),
    *("people_not_stated", "level", "estimate", "ci_lb", "ci_ub", "estimate_exp", "ci_lb_exp", "ci_ub_exp"),
    *("pi_lb", "pi_ub"),
)
#: One row per analysis; risks and differences are of 1000 people.
FINDINGS = (
    *(*_EFFECT, "baseline_risk_per_1000", "baseline_kind", "baseline_groups", "baseline_source"),
    *("risk_per_1000", "risk_lb_per_1000", "risk_ub_per_1000", "risk_pi_lb_per_1000", "risk_pi_ub_per_1000"),
    *("difference_per_1000", "difference_lb_per_1000", "difference_ub_per_1000"),
    *("difference_pi_lb_per_1000", "difference_pi_ub_per_1000", "note", *TYPED),
)
#: Column of an effect -> what it is called in the columns of risks and differences.
_ENDS = {"estimate": "", "ci_lb": "_lb", "ci_ub": "_ub", "pi_lb": "_pi_lb", "pi_ub": "_pi_ub"}


def finding_rows(
    plan: Mapping[str, Row],
    ladder: Sequence[Row],
    effects: Mapping[str, Sequence[Row]],
    *,
    typed: Iterable[Row],
    baseline_risk: str,
) -> list[dict[str, Any]]:
    """Return what each analysis means for 1000 people, with the certainty that people typed.

    Parameters
    ----------
    plan : mapping
        Analysis -> row of config/analyses.csv.
    ladder : sequence of mapping
        Rows of `report_tables.LADDER`.
    effects : mapping
        Analysis -> rows of its forest.csv.
    typed : iterable of mapping
        Rows of data/summary_of_findings.csv; none where the review has no such table.
    baseline_risk : str
        The key `summary_of_findings.baseline_risk`: "median_of_arm2" or "none".

    Returns
    -------
    list of dict
        Columns `FINDINGS`.
    """
    known = {row["analysis"]: row for row in typed}
    rows = []
    for name in plan:
        row = told_row(ladder, name)
        if row is None:
            continue
        own = known.get(name, {})
        base = _baseline(row, own, effects[name], baseline_risk)
        people = _per_thousand(row, base) if number(row["estimate"]) is not None else {"note": "there is no effect"}
        rated = {column: own.get(column, "") for column in TYPED}
        rows.append({**dict.fromkeys(FINDINGS, ""), **row, "note": "", **base, **people, **rated})
    return rows


def _baseline(row: Row, own: Row, effects: Sequence[Row], baseline_risk: str) -> dict[str, Any]:
    """Return the risk that absolute effects start from, and where it is from; blank where there is none."""
    typed = number(own.get("baseline_risk_per_1000"))
    if typed is not None:
        source = own["baseline_source"]
        return {"baseline_risk_per_1000": typed, "baseline_kind": "typed", "baseline_source": source}
    # Follow-up differs between studies, so no median of theirs is the risk at one time that a hazard ratio needs.
    if baseline_risk == "none" or row["measure"] not in WITH_RISK - {"HR"}:
        return {}
    counts = [_counts(e) for e in effects if _is_of(e, row)]
    found = [pair for pair in counts if pair]
    risk = median_risk(found)
    if risk is None:
        return {}
    groups = len(found)
    return {"baseline_risk_per_1000": 1000 * risk, "baseline_kind": "median_of_arm2", "baseline_groups": groups}


def _is_of(effect: Row, row: Row) -> bool:
    return effect["ladder_step"] == row["ladder_step"] and effect["reading"] == row["reading"]


def _counts(effect: Row) -> tuple[float, float] | None:
    """Return events and people of arm 2 in the direction of the outcome; None where the source prints none."""
    events, people = number(effect["events_arm2"]), number(effect["n_arm2"])
    if events is None or not people:
        return None
    # A term that counts the opposite, such as dropouts for retention, was turned on conversion; its counts were not.
    return (people - events if number(effect["flip"]) == -1 else events), people


def _per_thousand(row: Row, base: Row) -> dict[str, Any]:
    """Return risks and differences of 1000 people, or why there are none."""
    measure, baseline = row["measure"], number(base.get("baseline_risk_per_1000"))
    if measure not in WITH_RISK:
        return {"note": f"{_article(measure)} gives no number of people"}
    ends = {end: value for name, end in _ENDS.items() if (value := number(row[name])) is not None}
    if baseline is None:
        if measure == "RD":
            return {f"difference{end}_per_1000": 1000 * value for end, value in ends.items()}
        return {"note": "no risk without the intervention is known"}
    found: dict[str, Any] = {}
    for end, value in ends.items():
        risk = 1000 * risk_with(value, baseline / 1000, measure=measure)
        found |= {f"risk{end}_per_1000": risk, f"difference{end}_per_1000": risk - baseline}
    if any(is_beyond(value, baseline / 1000, measure=measure) for value in ends.values()):
        found["note"] = "cut at what is possible"
    return found


def _article(measure: str) -> str:
    return f"{terms.ARTICLES.get(measure, 'an' if measure[0] in 'AEFHILMNORSX' else 'a')} {measure}"
