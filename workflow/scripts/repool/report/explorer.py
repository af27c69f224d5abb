"""The explorer of one analysis: its effects, and what each set of them gave, as data that the page's script reads."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from repool.effects.measure_words import ONE_GROUP_MEASURES, RATIO_MEASURES
from repool.extraction.risk_of_bias import overall_judgements
from repool.figures.judgements import JUDGEMENTS
from repool.figures.words import number, plain_text
from repool.report import terms
from repool.report import words as say
from repool.report.ladder import assumptions_in_words
from repool.report.sources import ARMS, arm_counts, route_in_words

if TYPE_CHECKING:
    from markupsafe import Markup

Row = Mapping[str, Any]
#: What a reader is told before any choice.
NOTE = (
    "A choice made after the results are known answers another question than the planned one, and can be made until "
    "it says what one hoped. What you do here is computed in this page, changes neither the review nor its files, and "
    "is forgotten when you close it."
)
#: Models that the page's script knows; tests hold it to repool's own pooling.
RECOMPUTED_TAU2 = frozenset({"none", "DL", "HE", "HS", "HSk", "SJ", "ML", "REML", "EB", "PM", "PMM"})
RECOMPUTED_CI = frozenset({"wald", "t", "knapp_hartung", "knapp_hartung_floored"})
#: Judgements on the risk of bias, in the order in which rows are sorted; "" where a study has none.
RISK_LEVELS = (*JUDGEMENTS, "")
#: Columns that tell one effect of an analysis from another, whatever the step at which it enters.
_EFFECT = ("result_id", "route", "yi", "sei")
_FOUND = ("estimate", "ci_lb", "ci_ub", "pi_lb", "pi_ub", "tau2", "i2_percent", "q", "q_df", "q_pval")
#: Signs that could end a script element or a line of it, as JSON writes them otherwise.
_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


@dataclass(frozen=True, kw_only=True)
class Explorer:
    """Id of the explorer on the page, and its data as the text of a JSON element."""

    key: str
    data: Markup


def explorer(
    plan: Row,
    *,
    ladder: Sequence[Row],
    forest: Sequence[Row],
    used: Sequence[Row],
    risk_of_bias: Sequence[Row],
    settings: Row,
) -> Explorer | None:
    """Return the explorer of an analysis; None where no set has two effects to choose from.

    Parameters
    ----------
    plan : mapping
        Row of config/analyses.csv.
    ladder, used : sequence of mapping
        The analysis' rows of `report_tables.LADDER` and of `report_tables.RESULTS_USED`.
    forest : sequence of mapping
        Table forest.csv of the analysis.
    risk_of_bias : sequence of mapping
        Table results/checks/risk_of_bias.csv, of all studies; may be empty.
    settings : mapping
        config/review.yaml.
    """
    members = _members(forest)
    if max(map(len, members.values()), default=0) < 2:
        return None
    risks = overall_judgements(risk_of_bias)
    known = {_key(row): row for row in used}
    places = {key: place for place, key in enumerate(known)}
    effects = [_effect(place, row, risks.get(row["study_id"])) for place, row in enumerate(known.values())]
    measure, key = plan["measure"], say.anchor("explorer", plan["analysis"])
    data = {
        "key": key,
        "title": plain_text(plan["title"]),
        "note": NOTE,
        "scale": "percent" if measure == "PLO" else "ratio" if measure in RATIO_MEASURES else "plain",
        "has_no_effect": measure not in ONE_GROUP_MEASURES,
        "measure": say.capital(terms.words(measure, terms.MEASURES)),
        "level": say.level(settings["pooling"]["level"]),
        "effects": effects,
        "sets": _sets(ladder, members, places, settings),
    }
    return Explorer(key=key, data=json_markup(data))


def json_markup(data: object) -> Markup:
    """Return data as JSON that is safe inside a script element: nothing in it can end that element."""
    from markupsafe import Markup

    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(text.translate(_ESCAPES))


def _key(row: Row) -> tuple[str, ...]:
    return tuple(row[name] for name in _EFFECT)


def _members(forest: Sequence[Row]) -> dict[tuple[str, str], list[Row]]:
    """Return (step, reading) -> rows of forest.csv."""
    members: dict[tuple[str, str], list[Row]] = {}
    for row in forest:
        members.setdefault((row["ladder_step"], row["reading"]), []).append(row)
    return members


def _effect(place: int, row: Row, risk: Row | None) -> dict[str, Any]:
    """Return one effect: numbers for the script, texts for the reader."""
    time = number(row["time_months"])
    return {
        **{name: number(row[name]) for name in ("yi", "vi", "ci_lb", "ci_ub")},
        "id": place,
        "label": plain_text(row["label"]),
        "cohort": row["cohort_id"],
        "design": terms.words(row["design"], terms.DESIGNS),
        "comparator": terms.words(row["comparator"], terms.COMPARATORS),
        "time": time,
        "time_text": say.BLANK if time is None else say.months(time),
        "risk": plain_text(risk["judgement"]) if risk else "",
        "risk_order": RISK_LEVELS.index(risk["risk_level"] if risk else ""),
        "n": number(row["n_total"]),
        "n_text": say.whole(row["n_total"]),
        "text": say.effect(row, name="yi"),
        "behind": list(_behind(row)),
    }


def _behind(row: Row) -> list[tuple[str, str]]:
    """Return what stands behind an effect, as pairs of a term and its words."""
    arms = [": ".join(filter(None, (row[f"condition_{arm}"], arm_counts(row, arm)))) for arm in ARMS]
    what = (terms.words(row["design"], terms.DESIGNS), terms.words(row["comparator"], terms.COMPARATORS))
    lines = [
        ("Design, comparator, time", "; ".join([*what, say.months(row["time_months"])])),
        ("Result", " ".join(filter(None, (row["term"], f"({row['result_id']})")))),
        ("What the source prints", row["verbatim"]),
        ("Arms", " v ".join(filter(None, arms))),
        ("Read by", route_in_words(row["route"])),
        ("Rests on", assumptions_in_words(row)),
        ("Source", "; ".join(filter(None, (row["source"], row["locator"])))),
    ]
    return [(term, plain_text(words)) for term, words in lines if words]


def _sets(
    ladder: Sequence[Row],
    members: Mapping[tuple[str, str], Sequence[Row]],
    places: Mapping[tuple[str, ...], int],
    settings: Row,
) -> list[dict[str, Any]]:
    """Return every step and reading with effects; one that repeats an earlier set lends it its name alone."""
    titles = {step["step"]: step["title"] for step in settings["ladder"]}
    named: dict[str, list[tuple[str, str]]] = {}
    contents: dict[str, dict[str, Any]] = {}
    for row in ladder:
        own = members.get((row["ladder_step"], row["reading"]), ())
        if own:
            found = {"members": [places[_key(effect)] for effect in own], **_found(row, settings["pooling"])}
            same = json.dumps(found)
            contents.setdefault(same, found)
            named.setdefault(same, []).append((row["ladder_step"], row["reading"]))
    count = len(settings["readings"])
    return [{"title": _title(named[same], titles, count), **found} for same, found in contents.items()]


def _title(names: Sequence[tuple[str, str]], titles: Mapping[str, str], count: int) -> str:
    """Return the name of a set: its first step, and the readings that agree there, of so many in all."""
    first = names[0][0]
    readings = [terms.words(reading, terms.READINGS) for step, reading in names if step == first]
    return f"{titles[first]}: {'all readings' if 1 < len(readings) == count else ', '.join(readings)}"


def _found(row: Row, pooling: Row) -> dict[str, Any]:
    """Return what the review found of a set, and the rules by which the script pools a choice from it."""
    is_pooled = row["basis"] == "pooled"
    review = {name: number(row[name]) if is_pooled else None for name in _FOUND}
    review |= {"k": number(row["k"]), "people": number(row["n_participants"]), "reason": plain_text(row["reason"])}
    is_known = not row.get("structure") and row["method_tau2"] in RECOMPUTED_TAU2 and row["ci_method"] in RECOMPUTED_CI
    if not is_known:
        note = f"this model ({say.model(row)}) is not recomputed in the page"
        return {"review": review, "rules": None, "note": note, "model": say.sentence(note)}
    # A common-effect model says "none" in its own row; the script is told by its estimator.
    rules = {name: row[name] for name in ("method_tau2", "ci_method", "prediction_method", "i2_definition")}
    rules |= {name: pooling[name] for name in ("level", "minimum_k", "minimum_k_prediction", "refuse_above_i2")}
    model = f"Both by the primary model: {say.model(row)}; prediction interval: "
    model = f"{model}{say.prediction_method(row['prediction_method'])}."
    return {"review": review, "rules": rules, "note": "", "model": model}
