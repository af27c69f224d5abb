"""The summary of findings as tables for a reader: whole rows in words and people per 1000."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from repool.effects.measure_words import ONE_GROUP_MEASURES
from repool.figures.words import number, plain_text
from repool.report import terms
from repool.report import words as say
from repool.report.plain_answer import counted
from repool.report.view import Cell, Column, Table, longs, table

Row = Mapping[str, Any]
CERTAINTY = {"high": "High", "moderate": "Moderate", "low": "Low", "very_low": "Very low"}
#: Filled circles for the certainty, as GRADE shows it; the words say the same.
_CIRCLES = {"high": "\u2295\u2295\u2295\u2295", "moderate": "\u2295\u2295\u2295\u25cb"}
_CIRCLES |= {"low": "\u2295\u2295\u25cb\u25cb", "very_low": "\u2295\u25cb\u25cb\u25cb"}
#: Column -> what lowers the certainty.
REASONS = {
    "risk_of_bias": "risk of bias",
    "inconsistency": "inconsistency",
    "indirectness": "indirectness",
    "imprecision": "imprecision",
    "publication_bias": "publication bias",
}
NOT_RATED = "Not rated"


def findings_tables(rows: Sequence[Row], plan: Mapping[str, Row], settings: Row) -> list[Table]:
    """Return one table per role, the primary analyses first; roles without an analysis are left out.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of `findings.finding_rows`.
    plan : mapping
        Analysis -> row of config/analyses.csv.
    settings : mapping
        config/review.yaml.
    """
    found = []
    for role, title in terms.ROLES.items():
        lines = [_cells(row, plan[row["analysis"]], settings) for row in rows if row["role"] == role]
        made = table(
            f"findings-{role}",
            f"Summary of findings. {title}",
            _heads(settings["arms"]),
            [("", lines)],
            csv="tables/summary_of_findings.csv",
        )
        if made:
            found.append(made)
    return found


def _heads(arms: Row) -> list[str | Column]:
    brief = ("Studies and people", "Relative effect", f"With {arms['arm2']}", f"With {arms['arm1']}", "Difference")
    return [*longs("Outcome"), *(Column(title=title, kind="brief") for title in brief), *longs("Certainty")]


def _cells(row: Row, plan: Row, settings: Row) -> list[str | Cell]:
    outcome = settings["outcomes"][plan["outcome"]]
    better = "more is better" if outcome["higher_is_better"] else "less is better"
    what = Cell(text=plan["title"], small=better, href=say.link("analysis", plan["analysis"]))
    if number(row["estimate"]) is None:
        count = Cell(text=say.whole(row["k"]), small="nothing is pooled")
        return [what, count, *[say.BLANK] * 4, _certainty(row)]
    alone = "1 study, not pooled" if row["basis"] == "one_study" else ""
    effect = Cell(text=say.effect(row, name="estimate"), small="\n".join(filter(None, (_measure(row), alone))))
    return [what, _count(row, plan), effect, *_people(row), _certainty(row)]


def _measure(row: Row) -> str:
    if number(row["pi_lb"]) is None:
        return row["measure"]
    return f"{row['measure']}\na new study: {say.span(row['pi_lb'], row['pi_ub'], row['measure'])}"


def _count(row: Row, plan: Row) -> Cell:
    return Cell(text=counted(row, plan), small=say.people(row))


def _people(row: Row) -> list[Cell]:
    """Return risk without, risk with and difference, all of 1000 people."""
    baseline = number(row["baseline_risk_per_1000"])
    if number(row["difference_per_1000"]) is None:
        why = "" if row["measure"] in ONE_GROUP_MEASURES else row["note"]
        return [Cell(text=say.BLANK), Cell(text=say.BLANK), Cell(text=say.BLANK, small=why)]
    places = _places(baseline)
    difference = Cell(text=_difference(row, "", places), small=_beside(row, places))
    if baseline is None:
        return [Cell(text=say.BLANK), Cell(text=say.BLANK), difference]
    without = Cell(text=f"{_round(baseline, places)} per 1000", small=_source(row))
    risk = number(row["risk_per_1000"])
    return [without, Cell(text=f"{_round(risk, places)} per 1000", small=_risk_span(row, places)), difference]


def _source(row: Row) -> str:
    """Return where the risk without the intervention is from."""
    if row["baseline_kind"] == "typed":
        return plain_text(row["baseline_source"])
    groups = number(row["baseline_groups"])
    if groups == 1:
        return "as in the one group with counts"
    return f"median of {say.whole(groups)} groups"


def _beside(row: Row, places: int) -> str:
    """Return the interval of a difference, what a new study would find, and a remark."""
    parts = [_difference_span(row, "", places)]
    if number(row["difference_pi_lb_per_1000"]) is not None:
        parts.append(f"a new study: {_difference_span(row, '_pi', places)}")
    return "\n".join(filter(None, [*parts, row["note"]]))


def _risk_span(row: Row, places: int) -> str:
    low, high = (number(row[f"risk_{end}_per_1000"]) for end in ("lb", "ub"))
    return f"{_round(low, places)} to {_round(high, places)}"


def _difference(row: Row, end: str, places: int) -> str:
    found = number(row[f"difference{end}_per_1000"]) or 0.0
    if float(_plain(abs(found), places)) == 0:
        return "no difference"
    return f"{_round(abs(found), places)} {'more' if found > 0 else 'fewer'}"


def _difference_span(row: Row, kind: str, places: int) -> str:
    """Return an interval as "10.7 to 4.4 fewer", or "13.7 fewer to 12.1 more" where its ends point apart."""
    low, high = (_difference(row, f"{kind}_{end}", places) for end in ("lb", "ub"))
    way = low.rpartition(" ")[2]
    return f"{low.removesuffix(f' {way}') if high.endswith(way) else low} to {high}"


def _places(baseline: float | None) -> int:
    """Return how many decimals a row of people per 1000 is told with: more for a rare outcome."""
    if baseline is None or baseline >= 100:
        return 0
    return 1 if baseline >= 10 else 2


def _plain(value: float | None, places: int) -> str:
    return f"{value or 0.0:.{places}f}"


def _round(value: float | None, places: int) -> str:
    return f"{value or 0.0:,.{places}f}"


def _certainty(row: Row) -> Cell:
    """Return the certainty as people typed it, with what lowers or raises it and their explanation."""
    if row["certainty"] not in CERTAINTY:
        return Cell(text=NOT_RATED, tone="quiet")
    lowered = [
        f"{words} ({terms.words(row[name], {})})"
        for name, words in REASONS.items()
        if row[name] not in ("", "not_serious")
    ]
    parts = [
        f"lowered for {', '.join(lowered)}" if lowered else "",
        f"raised by {say.plural(row['upgrade'], 'level')}" if number(row["upgrade"]) else "",
    ]
    parts += [row["explanation"], f"rated by {row['rated_by_role']}" if row["rated_by_role"] else ""]
    circles = _CIRCLES[row["certainty"]]
    return Cell(
        text=f"{circles} {CERTAINTY[row['certainty']]}",
        small=". ".join(filter(None, (say.capital(p).rstrip(".") for p in parts))),
    )


def findings_notes(rows: Sequence[Row], settings: Row) -> list[str]:
    """Return how to read the tables: where risks are from, what the numbers of people leave out, who rated."""
    said = [
        "Numbers are of 1000 people. Their intervals hold the doubt in the effect alone, "
        "not in the risk it starts from."
    ]
    kinds = {row["baseline_kind"] for row in rows}
    arm2 = settings["arms"]["arm2"]
    if "median_of_arm2" in kinds:
        said.append(
            f"Where nobody typed the risk with {arm2}, it is the median of the pooled studies that print counts of it."
        )
    if any(number(row["pi_lb"]) is not None for row in rows):
        said.append("A new study: where the true effect of a new, similar study would lie (prediction interval).")
    rated = sum(row["certainty"] in CERTAINTY for row in rows)
    if not rated:
        said.append("Nobody has rated the certainty of these results (data/summary_of_findings.csv), so none is shown.")
    elif rated < len(rows):
        said.append(
            f"Certainty is rated by people, not computed; {say.whole(len(rows) - rated)} of {say.whole(len(rows))} "
            "results are not rated."
        )
    else:
        said.append("Certainty is rated by people, not computed.")
    return said
