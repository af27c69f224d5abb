"""The answers in sentences, generated from the ladder's rows; no number is typed here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from repool.assumptions import ASSUMPTIONS
from repool.effects.measure_words import CHANGE_MEASURES, ONE_GROUP_MEASURES, RATIO_MEASURES
from repool.extraction.settings import words_of
from repool.figures.words import number
from repool.report import terms
from repool.report import words as say
from repool.report.plain_answer import MANY, counted, noun, people, plain_answer, told_row

Row = Mapping[str, Any]
#: What makes two steps of the ladder say the same.
SHOWN = ("basis", "k", "estimate", "ci_lb", "ci_ub", "assumptions")


@dataclass(frozen=True, kw_only=True)
class Step:
    """What one step of the ladder adds: its title, sentences, and what they rest on."""

    title: str
    sentences: tuple[str, ...]
    rests_on: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The answer of one analysis.

    Parameters
    ----------
    analysis, title : str
        Its name and what it is called.
    sentence : str
        The answer as one plain sentence, for a reader to copy.
    verdict, reasons : str
        Whether it is pooled, and what speaks against the result.
    basis, in_short : str
        What the sentence rests on, in full and counted.
    better : str
        Which side of no effect favours arm 1.
    steps : tuple of Step
        What each step of the ladder adds.
    idle : str
        The steps that change nothing.
    """

    analysis: str
    title: str
    sentence: str
    basis: str
    in_short: str
    verdict: str
    reasons: str
    better: str
    steps: tuple[Step, ...]
    idle: str


def answer(rows: Sequence[Row], *, plan: Row, settings: Row, judged: tuple[str, str]) -> Answer:
    """Put the result of one analysis into plain sentences.

    Parameters
    ----------
    rows : sequence of mapping
        Its rows of `report_tables.LADDER`, by step, both readings.
    plan : mapping
        Its row of config/analyses.csv.
    settings : mapping
        config/review.yaml.
    judged : tuple of str
        The verdict in few words, and what stands behind it.

    Returns
    -------
    Answer
        One part for each step that changes something; `idle` names the others.
    """
    steps, idle, before = [], [], []
    told = told_row(rows, plan["analysis"])
    for step in settings["ladder"]:
        readings = [row for row in rows if row["ladder_step"] == step["step"]]
        if before and all(same(row, old) for row, old in zip(readings, before, strict=True)):
            idle.append(say.title_in_sentence(step["title"]))
            continue
        steps.append(_step(step["title"], readings, before, plan=plan, settings=settings))
        before = readings
    return Answer(
        analysis=plan["analysis"],
        title=plan["title"],
        sentence=plain_answer(told, plan=plan, settings=settings) if told else "",
        basis=_basis(told, settings, rests_on_words(told, None)) if told else "",
        in_short=_basis(told, settings, rests_on_counted(told)) if told else "",
        verdict=judged[0],
        reasons=f"{judged[1].rstrip('.')}." if judged[1] else "",
        better=better_side(plan, settings),
        steps=tuple(steps),
        idle=f"Nothing changes at these steps: {'; '.join(idle)}." if idle else "",
    )


def _basis(row: Row, settings: Row, rests_on: str) -> str:
    """Return what the answer rests on, and the step of the ladder where it is not the first."""
    first = settings["ladder"][0]["step"]
    titles = {step["step"]: step["title"] for step in settings["ladder"]}
    pooled_at = (
        "" if row["ladder_step"] == first else f"Found only at the step \u201c{titles[row['ladder_step']]}\u201d."
    )
    return " ".join(filter(None, (pooled_at, rests_on)))


def _step(title: str, readings: Sequence[Row], before: Sequence[Row], *, plan: Row, settings: Row) -> Step:
    """Return one step that changes something; the preferred reading comes first in its rows."""
    row, known = readings[0], before[0] if before else None
    if known and same(row, known):
        said, rests_on = ["The preferred reading does not change."], []
    else:
        said, rests_on = sentences_of(row, plan=plan, settings=settings), [rests_on_words(row, known)]
    for other in _moved(row, readings, ("cautious",)):
        said.append(f"Read cautiously: {say.effect_in_sentence(other)}.")
        basis = rests_on_words(other, row)
        rests_on.append(f"The cautious reading {basis[:1].lower()}{basis[1:]}")
    said += _cases(row, readings, before, settings)
    return Step(title=title, sentences=tuple(said), rests_on=" ".join(rests_on))


def sentences_of(row: Row, *, plan: Row, settings: Row) -> list[str]:
    """Return the result of one step in sentences, the refusal to pool included."""
    one = noun(plan)
    refusal = f"the review asks for at least {settings['pooling']['minimum_k']}, so nothing is pooled"
    if row["basis"] == "none":
        return [f"No {one} gives an effect, so nothing is pooled."]
    if row["basis"] == "too_few":
        return [f"{say.plural(row['k'], one, MANY[one])} give an effect ({people(row)}); {refusal}."]
    found = f"{say.effect_in_sentence(row)}{_in_favour(row, settings)}."
    if row["basis"] == "one_study":
        said = [f"Only 1 {one} gives an effect ({people(row)}); {refusal}.", f"That {one}, {row['studies']}: {found}"]
        return said + _interval(row, settings)
    some = counted(row, plan)
    said = [f"{some} ({people(row)}): {found}", *_interval(row, settings)]
    if number(row["df"]) == 1:
        method = say.ci_method(row["ci_method"])
        said.append(f"With {some}, an interval by {method} rests on 1 degree of freedom.")
    if row["converged"] == "no":
        said.append("The search for the between-study variance did not settle: read with care.")
    return said


def better_side(plan: Row, settings: Row) -> str:
    """Return which side of no effect favours arm 1; blank where no value means no effect."""
    measure = plan["measure"]
    if measure in ONE_GROUP_MEASURES:
        return ""
    outcome = settings["outcomes"][plan["outcome"]]
    more, side = ("more", "above") if outcome["higher_is_better"] else ("less", "below")
    border = "1" if measure in RATIO_MEASURES else "0"
    return (
        f"{outcome['title']}: {more} is better, so {terms.ARTICLES.get(measure, 'an')} {measure} {side} {border} "
        f"{words_of_sides(measure, settings)['better'][1]}."
    )


def words_of_sides(measure: str, settings: Row) -> dict[str, tuple[str, str]]:
    """Return side -> what an interval wholly there is, and what an effect there does.

    Parameters
    ----------
    measure : str
        Measure of the analysis.
    settings : mapping
        config/review.yaml.
    """
    if measure in CHANGE_MEASURES:
        return {side: (f"{side} than before", f"is {side} than before") for side in ("better", "worse")}
    arms = {"better": settings["arms"]["arm1"], "worse": settings["arms"]["arm2"]}
    return {side: (f"in favour of {arm}", f"favours {arm}") for side, arm in arms.items()}


def _in_favour(row: Row, settings: Row) -> str:
    """Return which side an interval favours that lies wholly there."""
    words, side = words_of_sides(row["measure"], settings), row["interval_side"]
    return f", {words[side][0]}" if side in words else ""


def _interval(row: Row, settings: Row) -> list[str]:
    """Return what an interval says that does not lie wholly on one side."""
    if row["is_wide"] == "yes":
        reach = say.wide_words(row["measure"], settings["examine"]["verdict"]["wide_interval"])
        return [f"That interval is too wide to say anything: {reach}."]
    return ["The interval includes no effect."] if row["interval_side"] == "includes_no_effect" else []


def _cases(row: Row, readings: Sequence[Row], before: Sequence[Row], settings: Row) -> list[str]:
    """Return what the best and the worst case say, where they say something that the step before did not."""
    ends = _moved(row, readings, tuple(terms.CASES))
    if not ends or all(any(same(end, old) and end["reading"] == old["reading"] for old in before) for end in ends):
        return []
    cases = " and ".join(f"{say.effect_in_sentence(end)} at {terms.CASES[end['reading']]}" for end in ends)
    return [f"What the sources leave open could make it {cases} for {settings['arms']['arm1']}."]


def _moved(row: Row, readings: Sequence[Row], names: Sequence[str]) -> list[Row]:
    """Return those readings of a step that give another number than the preferred one."""
    moved = [r for r in readings if any(r[name] != row[name] for name in ("estimate", "ci_lb", "ci_ub"))]
    return [r for r in moved if r["reading"] in names and number(r["estimate"]) is not None]


def same(row: Row, other: Row) -> bool:
    """Whether two rows of the ladder show a reader the same."""
    return all(row[name] == other[name] for name in SHOWN)


def rests_on_words(row: Row, before: Row | None) -> str:
    """Return in words what a number rests on.

    Parameters
    ----------
    row : mapping
        Row of `report_tables.LADDER`.
    before : mapping or None
        The row shown above it: what that one rests on already is not said again.

    Returns
    -------
    str
        Blank where there is no number.
    """
    if number(row["estimate"]) is None:
        return ""
    names = words_of(row["assumptions"])
    known = words_of(before["assumptions"]) if before else []
    # An earlier step may have given up an assumption that this one does not need: then all are said.
    says_more = bool(known) and all(name in names for name in known)
    fresh = [name for name in names if not (says_more and name in known)]
    if not names:
        return "Rests on no assumption."
    if not fresh:
        return "Rests on the same assumptions."
    return f"Rests on{' the same, and on' if says_more else ''}: {assumption_words(fresh)}."


def rests_on_counted(row: Row) -> str:
    """Return on how many assumptions a number rests; blank where there is no number."""
    count = len(words_of(row["assumptions"]))
    if number(row["estimate"]) is None:
        return ""
    return f"Rests on {say.plural(count, 'assumption') if count else 'no assumption'}."


def assumption_words(names: Sequence[str]) -> str:
    """Return assumptions in words, one after the other."""
    return " \u00b7 ".join(ASSUMPTIONS[name] for name in names)


def verdict(rows: Sequence[Row], *, plan: Row, ladder: Sequence[Row]) -> str:
    """Return in a few words how far the ladder had to be climbed to pool an analysis.

    Parameters
    ----------
    rows : sequence of mapping
        Its rows of `report_tables.LADDER`.
    plan : mapping
        Its row of config/analyses.csv.
    ladder : sequence of mapping
        The key `ladder` of config/review.yaml.
    """
    bases = [row["basis"] for row in rows if row["reading"] == "preferred"]
    if "pooled" in bases:
        is_first = bases[0] == "pooled"
        return f"Pooled {say.title_in_sentence(ladder[0]['title'])}" if is_first else "Pooled only with assumptions"
    if "too_few" in bases:
        return "Not pooled: too few results"
    return f"Not pooled: one {noun(plan)}" if "one_study" in bases else "Nothing to pool"
