"""The answer of one analysis as one plain sentence that can be copied, and what a new study would find."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from repool.effects.measure_words import CHANGE_MEASURES, ONE_GROUP_MEASURES
from repool.extraction.settings import words_of
from repool.figures.words import number
from repool.report import terms
from repool.report import words as say

Row = Mapping[str, Any]
#: More names than this are counted, not listed, in a sentence.
MOST_NAMES = 5
MANY = {"trial": "trials", "study": "studies"}
#: Measure -> what of the outcome it compares; the others compare the outcome itself.
_COMPARED = {
    **dict.fromkeys(("OR", "PETO", "MPORC", "MPPETO", "MPOR", "MPORM", "D2OR", "D2ORL", "D2ORN"), "the odds of"),
    **dict.fromkeys(("RR", "RD", "AS", "MPRR", "MPRD"), "the risk of"),
    **dict.fromkeys(("IRR", "IRD", "IRSD"), "the rate of"),
    **dict.fromkeys(("VR", "CVR", "VRC", "CVRC"), "the spread of"),
}
_PREDICTION = "prediction interval:"
_BETTER = {"better": "a benefit", "worse": "a harm"}


def headline(ladder: Sequence[Row], analysis: str) -> Row | None:
    """Return the first pooled step of an analysis, preferred reading; None if there is none."""
    own = _preferred(ladder, analysis)
    return next((row for row in own if row["basis"] == "pooled"), None)


def told_row(ladder: Sequence[Row], analysis: str) -> Row | None:
    """Return the row that answers an analysis: the headline, else the first with an effect, else the first at all."""
    own = _preferred(ladder, analysis)
    known = [row for row in own if number(row["estimate"]) is not None]
    return headline(own, analysis) or next(iter([*known, *own]), None)


def _preferred(ladder: Sequence[Row], analysis: str) -> list[Row]:
    return [row for row in ladder if row["analysis"] == analysis and row["reading"] == "preferred"]


def plain_answer(row: Row, *, plan: Row, settings: Row) -> str:
    """Return the answer in one sentence: who, what, which way, how sure; and what a new study would find.

    Parameters
    ----------
    row : mapping
        Row of `report_tables.LADDER`, from `told_row`.
    plan : mapping
        Its row of config/analyses.csv.
    settings : mapping
        config/review.yaml.
    """
    one = noun(plan)
    if row["basis"] == "none":
        return f"No {one} gives an effect, so nothing can be said."
    if row["basis"] == "too_few":
        verb = "gives" if number(row["k"]) == 1 else "give"
        return f"{counted(row, plan)} ({people(row)}) {verb} an effect, too few to pool."
    if row["basis"] == "one_study":
        found = _found(row, plan, settings)
        who = people(row) if row["people_not_stated"] else f"{row['studies']}, {people(row)}"
        return f"Only 1 {one} gives an effect ({who}), so nothing is pooled: {found}."
    compared = _comparison(plan, settings)
    said = [f"{counted(row, plan)}{compared} ({people(row)}): {_found(row, plan, settings)}."]
    if row["is_wide"] == "yes":
        reach = say.wide_words(row["measure"], settings["examine"]["verdict"]["wide_interval"])
        said.append(f"That interval is too wide to say anything: {reach}.")
    return " ".join([*said, new_study(row)])


def counted(row: Row, plan: Row) -> str:
    """Return how many studies stand behind a row, and how many effects where these are more."""
    one = noun(plan)
    if row["n_studies"] != row["k"] and number(row["n_studies"]) is not None:
        return f"{say.plural(row['k'], 'effect')} of {say.plural(row['n_studies'], one, MANY[one])}"
    return say.plural(row["k"], one, MANY[one])


def people(row: Row) -> str:
    """Return how many people stand behind a row, or whose number no source states."""
    unknown = [name for name in row["people_not_stated"].split("; ") if name]
    if len(unknown) > MOST_NAMES:
        whose = "" if len(unknown) == number(row["k"]) else f" for {say.whole(len(unknown))} of them"
        return f"number of people not stated{whose}"
    if unknown:
        return f"number of people not stated for {', '.join(unknown)}"
    return say.plural(row["n_participants"], "person", "people")


def noun(plan: Row) -> str:
    """Return "trial" where only randomised designs are pooled, else "study"."""
    return "trial" if words_of(plan["designs"]) == ["rct"] else "study"


def new_study(row: Row) -> str:
    """Return what the prediction interval says of a new study, or why there is none."""
    measure = row["measure"]
    low, high = number(row["pi_lb"]), number(row["pi_ub"])
    if low is None or high is None:
        why = say.without_refusal(say.note_on("pi_lb", row["note"]))
        return f"What a new, similar study would find cannot be said{f' ({_PREDICTION} {why})' if why else ''}."
    name, span = f"{say.level(row['level'])} prediction interval", say.span(low, high, measure)
    interval = f"{name} {span}"
    if measure in ONE_GROUP_MEASURES:
        return f"In a new, similar study it would lie at {span} ({name})."
    if not low <= 0 <= high:
        return f"In a new, similar study the effect would point the same way ({interval})."
    if row["interval_side"] == "includes_no_effect":
        return f"In a new, similar study the effect could go either way ({interval})."
    return f"The studies differ: in a new, similar study there could be no effect, or the opposite one ({interval})."


def _comparison(plan: Row, settings: Row) -> str:
    if plan["measure"] in ONE_GROUP_MEASURES:
        return ""
    if plan["measure"] in CHANGE_MEASURES:
        return " comparing after with before"
    return f" comparing {settings['arms']['arm1']} with {settings['arms']['arm2']}"


def _found(row: Row, plan: Row, settings: Row) -> str:
    """Return what was found, in words and as a number with its interval."""
    measure = row["measure"]
    numbers = f"{_effect(row)}{_model(row)}"
    outcome = settings["outcomes"][plan["outcome"]]
    title = say.title_in_sentence(outcome["title"])
    if measure in ONE_GROUP_MEASURES:
        return f"{title}, {terms.words(measure, terms.MEASURES)} {_value(row)} ({numbers})"
    compared = _COMPARED.get(measure, "")
    if compared == "the risk of" and outcome["higher_is_better"]:
        compared = "the chance of"
    subject = f"{compared} {title}".strip()
    is_many = compared == "the odds of" or (not compared and _is_plural(title))
    with_arm = "than before" if measure in CHANGE_MEASURES else f"with {settings['arms']['arm1']}"
    side = row["interval_side"]
    if side not in _BETTER:
        return f"it is not clear whether {subject} {'are' if is_many else 'is'} higher or lower {with_arm} ({numbers})"
    way = "higher" if (side == "better") == outcome["higher_is_better"] else "lower"
    return f"{subject} {'were' if is_many else 'was'} {way} {with_arm}, {_BETTER[side]} ({numbers})"


def _is_plural(title: str) -> bool:
    """Whether a title such as "days of use" or "coping skills" takes a verb in the plural."""
    words = title.split()
    return any(word.endswith("s") and not word.endswith(("ss", "is", "us")) for word in (words[0], words[-1]))


def _effect(row: Row) -> str:
    """Return an estimate as "RR 0.49, 95 % CI 0.33 to 0.73", of one group its interval alone."""
    measure = row["measure"]
    value = "" if measure in ONE_GROUP_MEASURES else f"{measure} {_value(row)}, "
    return f"{value}{say.level(row['level'])} CI {say.span(row['ci_lb'], row['ci_ub'], measure)}"


def _value(row: Row) -> str:
    return say.value(row["estimate"], row["measure"])


def _model(row: Row) -> str:
    """Return the model and the share of the variation that is more than chance, where something is pooled."""
    if row["basis"] != "pooled":
        return ""
    share = f"; I\u00b2 {say.percent(row['i2_percent'])}" if number(row["i2_percent"]) is not None else ""
    return f"; {say.model(row)}{share}"
