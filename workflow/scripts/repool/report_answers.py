"""The answers in sentences, generated from the ladder's rows; no number is typed here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from repool import report_words as say
from repool.assumptions import ASSUMPTIONS
from repool.forest_words import ONE_GROUP_MEASURES, RATIO_MEASURES, number
from repool.settings import words_of

Row = Mapping[str, Any]
#: What makes two steps of the ladder say the same.
SHOWN = ("basis", "k", "estimate", "ci_lb", "ci_ub", "assumptions")
MANY = {"trial": "trials", "study": "studies"}
WIDE_WORDS = {
    True: "it reaches beyond a halving on one side and beyond a doubling on the other",
    False: "it reaches beyond half a standard deviation on both sides",
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """What one step of the ladder adds: its title, sentences, and what they rest on."""

    title: str
    sentences: tuple[str, ...]
    rests_on: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The answer of one analysis."""

    analysis: str
    title: str
    verdict: str
    steps: tuple[Step, ...]
    idle: str


def answer(rows: Sequence[Row], *, plan: Row, settings: Row) -> Answer:
    """Put the result of one analysis into plain sentences.

    Parameters
    ----------
    rows : sequence of mapping
        Its rows of `report_tables.LADDER`, by step, both readings.
    plan : mapping
        Its row of config/analyses.csv.
    settings : mapping
        config/review.yaml.

    Returns
    -------
    Answer
        One part for each step that changes something; `idle` names the others.
    """
    titles = {step["step"]: step["title"] for step in settings["ladder"]}
    steps, idle, before = [], [], None
    for row in (r for r in rows if r["reading"] == "preferred"):
        title = titles[row["ladder_step"]]
        if before is not None and same(row, before):
            idle.append(say.title_in_sentence(title))
            continue
        sentences = sentences_of(row, plan=plan, settings=settings)
        sentences += _cautious(row, rows)
        rests_on = rests_on_words(row) if number(row["estimate"]) is not None else ""
        steps.append(Step(title=title, sentences=tuple(sentences), rests_on=rests_on))
        before = row
    return Answer(
        analysis=plan["analysis"],
        title=plan["title"],
        verdict=verdict(rows, noun=noun(plan)),
        steps=tuple(steps),
        idle=f"Nothing changes at: {'; '.join(idle)}." if idle else "",
    )


def sentences_of(row: Row, *, plan: Row, settings: Row) -> list[str]:
    """Return the result of one step in sentences, the refusal to pool included."""
    one = noun(plan)
    refusal = f"the review asks for at least {settings['pooling']['minimum_k']}, so nothing is pooled"
    if row["basis"] == "none":
        return [f"No {one} gives an effect, so nothing is pooled."]
    if row["basis"] == "too_few":
        return [f"{say.plural(row['k'], one, MANY[one])} give an effect ({people(row)}); {refusal}."]
    toward = direction(row, plan=plan, settings=settings)
    found = f"{say.effect_in_sentence(row)}{f', {toward}' if toward else ''}."
    if row["basis"] == "one_study":
        said = [f"Only 1 {one} gives an effect ({people(row)}); {refusal}.", f"That {one}, {row['studies']}: {found}"]
        return said + _interval(row, settings=settings)
    said = [f"{say.plural(row['k'], one, MANY[one])} ({people(row)}): {found}"]
    said += _interval(row, settings=settings)
    if number(row["df"]) == 1:
        said.append("An interval from so few results rests on 1 degree of freedom.")
    if row["converged"] == "no":
        said.append("The search for the between-study variance did not settle: read with care.")
    return said


def people(row: Row) -> str:
    """Return how many people stand behind a row, or whose number no source states."""
    if row["people_not_stated"]:
        return f"number of people not stated for {row['people_not_stated'].replace('; ', ', ')}"
    return say.plural(row["n_participants"], "person", "people")


def direction(row: Row, *, plan: Row, settings: Row) -> str:
    """Return which arm has more of the outcome, as "less overdose with peer support"."""
    estimate = number(row["estimate"])
    if estimate is None or row["measure"] in ONE_GROUP_MEASURES:
        return ""
    outcome = say.title_in_sentence(settings["outcomes"][plan["outcome"]]["title"])
    if say.value(estimate, row["measure"]) == say.value(0, row["measure"]):
        return f"as much {outcome} in both arms"
    more = "more" if estimate > 0 else "less"
    return f"{more} {outcome} with {settings['arms']['arm1']}"


def _interval(row: Row, *, settings: Row) -> list[str]:
    """Return what the interval says of no effect; nothing where no value means no effect."""
    arms = {"better": settings["arms"]["arm1"], "worse": settings["arms"]["arm2"]}
    if row["interval_side"] in arms:
        return [f"The whole interval lies on the side that favours {arms[row['interval_side']]}."]
    if row["is_wide"] == "yes":
        reach = WIDE_WORDS[row["measure"] in RATIO_MEASURES]
        return [f"That interval is too wide to say anything: {reach}."]
    if row["interval_side"] == "includes_no_effect":
        return ["The interval includes no effect."]
    return []


def _cautious(row: Row, rows: Sequence[Row]) -> list[str]:
    """Return the cautious reading of a step where it gives another number."""
    for other in rows:
        is_same_step = other["ladder_step"] == row["ladder_step"]
        if is_same_step and other["reading"] == "cautious" and not same(other, row):
            if number(other["estimate"]) is not None:
                return [f"Read cautiously: {say.effect_in_sentence(other)}."]
    return []


def same(row: Row, other: Row) -> bool:
    """Whether two rows of the ladder show a reader the same."""
    return all(row[name] == other[name] for name in SHOWN)


def rests_on_words(row: Row) -> str:
    """Return in words what a number rests on."""
    names = words_of(row["assumptions"])
    if not names:
        return "Rests on no assumption."
    return f"Rests on: {'; '.join(ASSUMPTIONS[name] for name in names)}."


def noun(plan: Row) -> str:
    """Return "trial" where only randomised designs are pooled, else "study"."""
    return "trial" if words_of(plan["designs"]) == ["rct"] else "study"


def verdict(rows: Sequence[Row], *, noun: str) -> str:
    """Return in a few words how far the ladder had to be climbed to pool an analysis."""
    bases = [row["basis"] for row in rows if row["reading"] == "preferred"]
    if bases and bases[0] == "pooled":
        return "Pooled as reported"
    if "pooled" in bases:
        return "Pooled only with further assumptions"
    if "too_few" in bases:
        return "Not pooled: too few results"
    return f"Not pooled: one {noun}" if "one_study" in bases else "Nothing to pool"


def overview(answers: Sequence[Answer], ladder: Sequence[Row]) -> list[str]:
    """Return the answer to all primary analyses together, in counts.

    Parameters
    ----------
    answers : sequence of Answer
        Those of the primary analyses.
    ladder : sequence of mapping
        Rows of `report_tables.LADDER`.

    Returns
    -------
    list of str
        Sentences.
    """
    heads = [head for answer in answers if (head := headline(ladder, answer.analysis))]
    at_once = sum(answer.verdict == "Pooled as reported" for answer in answers)
    total, later = len(answers), len(heads) - at_once
    said = [
        f"{say.plural(total, 'primary analysis', 'primary analyses')} "
        f"{'was' if total == 1 else 'were'} planned: {at_once} can be pooled from what the sources "
        f"report, {later} more only with further assumptions, {total - len(heads)} not at all."
    ]
    sides = [head["interval_side"] for head in heads]
    for side, words in (
        ("better", "on the side of benefit"),
        ("worse", "on the side of harm"),
        ("includes_no_effect", "across no effect"),
    ):
        count = sides.count(side)
        said.append(f"{count} of the {len(heads)} pooled intervals {'lies' if count == 1 else 'lie'} {words}.")
    wide = sum(head["is_wide"] == "yes" for head in heads)
    if wide:
        said.append(f"{wide} of them {'is' if wide == 1 else 'are'} too wide to say anything.")
    return said if heads else said[:1]


def headline(ladder: Sequence[Row], analysis: str) -> Row | None:
    """Return the first pooled step of an analysis, preferred reading; None if there is none."""
    for row in ladder:
        is_own = row["analysis"] == analysis and row["reading"] == "preferred"
        if is_own and row["basis"] == "pooled":
            return row
    return None
