"""Words and numbers of the report: the only place where a number is rounded for a reader."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from repool.effects.measure_words import RATIO_MEASURES
from repool.figures.words import (
    CI_METHOD_WORDS,
    I2_WORDS,
    inner,
    level_text,
    number,
    p_text,
    plain_text,
    shown,
    significant,
)
from repool.report.method_terms import DEPENDENCE, MEAN_INTERVALS, PREDICTIONS
from repool.report.terms import words

#: How a remark on a column of a table starts; the report shows other columns.
_ON_COLUMNS = ("df: ", "tau2: ", "q, ", "rho, ")
_NOTE_WORDS = {
    "whatever method_tau2 says": "whatever the estimator of the model",
    "significant result(s)": "results with a small p-value",
    "I2 ": "I\u00b2 ",
    "(s)": "s",
}
#: Shown where a table has no value.
BLANK = "–"


def capital(text: str) -> str:
    """Return a text with a capital first letter; the t of a t distribution is a symbol and stays."""
    return text if text.startswith("t ") else f"{text[:1].upper()}{text[1:]}"


def sentence(text: str) -> str:
    """Return a text with a capital first letter and a full stop."""
    text = text.strip()
    return f"{capital(text)}{'' if text.endswith(('.', '!', '?')) else '.'}"


def value(cell: object, measure: str) -> str:
    """Return one value of the analysis scale as a reader sees it.

    Parameters
    ----------
    cell : object
        A number, or its text in a table; blank for none.
    measure : str
        Ratios are shown as ratios and log odds of a proportion as a percent, not as logarithms.

    Returns
    -------
    str
        The rounded value; a dash for a blank cell.
    """
    found = number(cell)
    if found is None:
        return BLANK
    if measure == "PLO":
        return f"{_percent_of_log_odds(found):.1f} %"
    return shown(found, is_ratio=measure in RATIO_MEASURES)


def span(low: object, high: object, measure: str) -> str:
    """Return an interval as "0.33 to 0.73"; a dash when an end is missing."""
    if number(low) is None or number(high) is None:
        return BLANK
    return f"{value(low, measure).removesuffix(' %')} to {value(high, measure)}"


def effect(row: Mapping[str, object], *, name: str) -> str:
    """Return an estimate with its interval, as "0.49 (0.33 to 0.73)".

    Parameters
    ----------
    row : mapping
        With measure, ci_lb, ci_ub and the estimate, all on the analysis scale.
    name : str
        Column of the estimate: "estimate" or "yi".

    Returns
    -------
    str
        A dash when there is no estimate.
    """
    if number(row[name]) is None:
        return BLANK
    measure = plain_text(row["measure"])
    return f"{value(row[name], measure)} ({span(row['ci_lb'], row['ci_ub'], measure)})"


def effect_in_sentence(row: Mapping[str, object]) -> str:
    """Return an estimate with its measure and interval, as "OR 0.49 (95 % CI 0.33 to 0.73)"."""
    measure = plain_text(row["measure"])
    label = "" if measure == "PLO" else f"{measure} "
    interval = f"{level(row['level'])} CI {span(row['ci_lb'], row['ci_ub'], measure)}"
    return f"{label}{value(row['estimate'], measure)} ({interval})"


def _percent_of_log_odds(log_odds: float) -> float:
    """Return a proportion in percent; written so that no exponential can overflow."""
    tail = math.exp(-abs(log_odds))
    return 100 * (1 if log_odds >= 0 else tail) / (1 + tail)


def level(cell: object) -> str:
    """Return a confidence level as "95 %"."""
    found = number(cell)
    return BLANK if found is None else level_text(found)


def whole(cell: object) -> str:
    """Return a number of people or of things as "1,049", "≈482" for a part of one; a dash for a blank cell."""
    found = number(cell)
    return BLANK if found is None else f"{'' if found == int(found) else '≈'}{found:,.0f}"


def figure(cell: object) -> str:
    """Return a setting or a count as it was typed, "0.5" or "12"; a dash for a blank cell."""
    found = number(cell)
    return BLANK if found is None else f"{found:.10g}"


def plural(count: object, one: str, many: str = "") -> str:
    """Return a count with its noun, as "1 trial" or "3 trials"; `many` where an s is not enough."""
    return f"{whole(count)} {one if number(count) == 1 else many or f'{one}s'}"


def people(row: Mapping[str, object]) -> str:
    """Return how many people stand behind a row of the ladder, in few words."""
    if row["people_not_stated"]:
        return "people not stated" if row["basis"] == "one_study" else "people not all stated"
    return plural(row["n_participants"], "person", "people")


def months(cell: object) -> str:
    """Return a time as "6 months"; "time not stated" for a blank cell."""
    found = number(cell)
    if found is None:
        return "time not stated"
    return f"{found:.3g} month{'' if found == 1 else 's'}"


def percent(cell: object) -> str:
    """Return a percent with one decimal; a dash for a blank cell."""
    found = number(cell)
    return BLANK if found is None else f"{found:.1f} %"


def plain_number(cell: object) -> str:
    """Return a number of the analysis scale with three digits; a dash for a blank cell."""
    found = number(cell)
    return BLANK if found is None else significant(found, digits=3)


def number_span(low: object, high: object) -> str:
    """Return an interval of plain numbers as "0.1 to 2.3"; a dash when an end is missing."""
    if number(low) is None or number(high) is None:
        return BLANK
    return f"{plain_number(low)} to {plain_number(high)}"


def p_value(cell: object) -> str:
    """Return a p-value as "0.032" or "< 0.001"; a dash for a blank cell."""
    found = number(cell)
    return BLANK if found is None else p_text(found).removeprefix("p ").removeprefix("= ")


def i2_definition(name: object) -> str:
    """Return where I2 comes from, as "from τ²"."""
    return words(name, I2_WORDS)


def ci_method(name: object) -> str:
    """Return the name of an interval method, as "Knapp-Hartung (floored)"."""
    return words(name, MEAN_INTERVALS | CI_METHOD_WORDS)


def prediction_method(name: object) -> str:
    """Return the reference distribution of a prediction interval in words."""
    return words(name, PREDICTIONS)


def model(row: Mapping[str, object]) -> str:
    """Return a model as "REML, Knapp-Hartung (floored)"."""
    method = plain_text(row["method_tau2"])
    name = f"{'common effect' if method == 'none' else method}, {ci_method(row['ci_method'])}"
    structure = plain_text(row.get("structure", ""))
    return f"{words(structure, DEPENDENCE)}, {name}" if structure else name


def note_on(columns: str, note: object) -> str:
    """Return what the note of a pooled row says on a column, such as why "pi_lb" is blank."""
    for part in plain_text(note).split("; "):
        names, _, why = part.partition(": ")
        if why and columns in names.split(", "):
            return why
    return ""


def short_note(note: object) -> str:
    """Return a note without what is said of columns of a table, in the words of the report."""
    parts = plain_text(note).split("; ")
    told = "; ".join(part for part in parts if not part.startswith(_ON_COLUMNS)).rstrip(".")
    for name, said in _NOTE_WORDS.items():
        told = told.replace(name, said)
    return told


def shared_remarks(notes: Iterable[tuple[str, object]]) -> dict[str, list[str]]:
    """Return remark -> whose, of the remarks that several share: they are told once for all.

    Parameters
    ----------
    notes : iterable of (str, object)
        Pairs of a name and its note.
    """
    told: dict[str, list[str]] = {}
    for name, note in notes:
        for remark in filter(None, short_note(note).split("; ")):
            if name not in told.setdefault(remark, []):
                told[remark].append(name)
    return {remark: names for remark, names in told.items() if len(names) > 1}


def own_remarks(note: object, shared: Iterable[str]) -> str:
    """Return a note without the remarks that are told once for all."""
    return "; ".join(remark for remark in short_note(note).split("; ") if remark not in shared)


def without_refusal(note: object) -> str:
    """Return why something was not run or pooled, without saying so again."""
    text = plain_text(note)
    for start in ("not run: ", "not computed: ", "not pooled: "):
        text = text.removeprefix(start)
    return text.replace("(s)", "s").rstrip(".")


def chance(cell: object) -> str:
    """Return a probability as "10.3 %"; its ends as "< 0.1 %" and "> 99.9 %"; a dash for a blank cell."""
    found = number(cell)
    if found is None:
        return BLANK
    if 0 < found < 0.001:
        return "< 0.1 %"
    return "> 99.9 %" if 0.999 < found < 1 else f"{100 * found:.1f} %"


def wide_words(measure: str, wide: Mapping[str, float]) -> str:
    """Return what an interval holds that is too wide to say anything; blank for a measure without a declared width.

    Parameters
    ----------
    measure : str
        Measure of the interval.
    wide : mapping
        "ratio" and "standardised": how far on both sides of no effect it must reach.
    """
    if measure in RATIO_MEASURES:
        if wide["ratio"] == 2:
            return "it holds a halving as well as a doubling"
        reach = math.log(wide["ratio"])
        return f"it holds a ratio of {value(-reach, measure)} as well as one of {value(reach, measure)}"
    if measure != "SMD":
        return ""
    reach = wide["standardised"]
    amount = {0.5: "half a standard deviation", 1: "a whole standard deviation"}
    return f"it holds {amount.get(reach, f'{figure(reach)} standard deviations')} either way"


def anchor(kind: str, name: object) -> str:
    """Return the id of a place on the page; different names never share one."""
    return f"{kind}-{quote(plain_text(name), safe='')}"


def link(kind: str, name: object) -> str:
    """Return the link to a place on the page."""
    return f"#{anchor(kind, name)}"


def title_in_sentence(title: str) -> str:
    """Return a title for use inside a sentence; names in capitals stay as they are."""
    return inner(plain_text(title))
