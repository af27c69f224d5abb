"""Lines of pooled results: diamonds of models and subgroups, prediction intervals, tests and sums."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from repool.figures.forest.lines import NO_ARMS, Arm, Line, arms_of, assumption_ids, interval_words, reason_text
from repool.figures.forest.tests_in_words import heterogeneity_words, overall_words
from repool.figures.words import count_text, fit_text, inner, number, plain_text, shown

if TYPE_CHECKING:
    from repool.figures.forest.presets import ForestChoices

#: Reference distribution of a prediction interval -> degrees of freedom for k effects.
PREDICTION_DF = {"t_k_minus_1": -1, "t_k_minus_2": -2}


@dataclass(frozen=True, kw_only=True)
class ResultLook:
    """What all results of a plot share."""

    is_ratio: bool
    level: float
    choices: ForestChoices
    is_one_of_several: bool

    @property
    def level_words(self) -> str:
        """The level as the preset writes it, for example "95 %"."""
        return self.choices.look.level_words(self.level)


def result_lines(
    rows: Sequence[Mapping[str, object]], *, key: str, look: ResultLook, pooled: Sequence[Mapping[str, object]]
) -> list[Line]:
    """Return the lines of the pooled results of one step, or the reason why there are none.

    Parameters
    ----------
    rows : sequence of mapping
        The primary row of pooled.csv with the words of its step as "step_title" and the number of effects that a
        prediction counts as "prediction_k", then the rows of other models that are drawn.
    key : str
        Name of the result in the file.
    look : ResultLook
        Scale, level and choices.
    pooled : sequence of mapping
        Rows of forest.csv that the result pools, for sums of people and weights.

    Returns
    -------
    list of Line
        Diamonds with or without a prediction interval, or one line of words.
    """
    row, others = rows[0], rows[1:]
    if row["verdict"] != "pooled":
        return [Line(kind="not_pooled", key=key, label=f"Not pooled: {reason_text(row)}.")]
    preset = look.choices.look
    pattern = preset.total_of_several if look.is_one_of_several else preset.total
    label = pattern.format(step=inner(row["step_title"]), k=count_text(row["k"]), level=look.level_words)
    if others:
        label = f"{label}: {_model_name(row)}"
    lines = [_diamond(row, kind="pooled", key=key, label=label, look=look, pooled=pooled)]
    lines += _other_models(others, key=key, look=look)
    lines += _events_line(lines[0], look=look)
    if look.choices.prediction != "none":
        lines += _prediction(row, key=key, look=look)
    return lines + test_lines(row, key=key, look=look)


def subgroup_result(
    row: Mapping[str, object], *, key: str, look: ResultLook, pooled: Sequence[Mapping[str, object]]
) -> list[Line]:
    """Return the lines of one subgroup: its diamond and tests, or why it has none.

    Parameters
    ----------
    row : mapping
        A row "subgroup" of subgroups.csv.
    key, look, pooled
        As in `result_lines`.
    """
    if number(row["estimate"]) is None:
        reason = plain_text(row["note"]).removeprefix("not pooled: ") or "no reason is recorded"
        return [Line(kind="not_pooled", key=key, label=f"Not pooled: {reason}.")]
    words = {"step": plain_text(row["subgroup"]), "k": count_text(row["k"]), "level": look.level_words}
    label = look.choices.look.subtotal.format(**words)
    diamond = _diamond(row, kind="subtotal", key=key, label=label, look=look, pooled=pooled)
    return [diamond, *_events_line(diamond, look=look), *test_lines(as_pooled(row), key=key, look=look)]


def as_pooled(row: Mapping[str, object]) -> dict[str, object]:
    """Return a row "subgroup" of subgroups.csv under the names of pooled.csv; what it does not hold is blank."""
    blank = dict.fromkeys(("tau2_lb", "tau2_ub", "pi_lb", "pi_ub", "prediction_method", "converged"), "")
    return {**blank, **row, "i2_percent": row["i2_from_q_percent"], "i2_definition": "from_q"}


def test_lines(row: Mapping[str, object], *, key: str, look: ResultLook) -> list[Line]:
    """Return the tests under a result where the preset puts them there."""
    phrases = look.choices.look.tests
    if phrases is None:
        return []
    sentences = {
        "heterogeneity": heterogeneity_words(row, phrases=phrases),
        "overall": overall_words(row, phrases=phrases),
    }
    return [Line(kind="test", key=f"{name}-{key}", label=words) for name, words in sentences.items() if words]


def _diamond(row, *, kind: str, key: str, label: str, look: ResultLook, pooled: Sequence[Mapping[str, object]]) -> Line:
    """Return the line of one diamond."""
    estimate, low, high = (number(row[name]) for name in ("estimate", "ci_lb", "ci_ub"))
    if estimate is None or low is None or high is None:
        raise ValueError(f"{label}: pooled, but without an estimate or interval")
    preset = look.choices.look
    has_totals = preset.has_totals and kind != "model"
    return Line(
        kind=kind,
        key=key,
        label=label,
        arms=_sums([arms_of(one) for one in pooled]) if has_totals else NO_ARMS,
        weight_text=_share(pooled, percent=preset.percent) if has_totals else "",
        estimate_text=shown(estimate, is_ratio=look.is_ratio),
        interval_text=interval_words(low, high, is_ratio=look.is_ratio, preset=preset),
        estimate=estimate,
        low=low,
        high=high,
        is_pooled=True,
        assumptions=tuple(assumption_ids(row.get("assumptions"))),
    )


def _other_models(rows, *, key: str, look: ResultLook) -> list[Line]:
    """Return the diamonds of other models, named by estimator and interval, or why one has none."""
    lines = []
    for place, row in enumerate(rows, start=1):
        name, own = _model_name(row), f"{key}-model-{place}"
        if row["verdict"] == "pooled":
            lines.append(_diamond(row, kind="model", key=own, label=name, look=look, pooled=()))
        else:
            lines.append(Line(kind="not_pooled", key=own, label=f"{name}, not pooled: {reason_text(row)}."))
    return lines


def _model_name(row: Mapping[str, object]) -> str:
    """Name a model: effects that share a cohort make a model of three levels, whatever its estimator."""
    structure = plain_text(row.get("structure")).replace("_", "-")
    return f"{structure} {fit_text(row)}".strip()


def _prediction(row: Mapping[str, object], *, key: str, look: ResultLook) -> list[Line]:
    """Return the line of a prediction interval, where there is one."""
    low, high = number(row["pi_lb"]), number(row["pi_ub"])
    if low is None or high is None:
        return []
    return [
        Line(
            kind="prediction",
            key=key,
            label=f"{look.level_words} prediction interval",
            interval_text=interval_words(low, high, is_ratio=look.is_ratio, preset=look.choices.look),
            estimate=None,
            low=low,
            high=high,
            df=_prediction_df(row),
            level=look.level,
        )
    ]


def _prediction_df(row: Mapping[str, object]) -> float | None:
    """Return the degrees of freedom behind a prediction interval; None where the table does not tell them."""
    method, k = plain_text(row["prediction_method"]), number(row["prediction_k"])
    if method == "normal":
        return math.inf
    df = None if method not in PREDICTION_DF or k is None else k + PREDICTION_DF[method]
    return df if df is not None and df >= 1 else None


def _sums(arms: Sequence[tuple[Arm, Arm]]) -> tuple[Arm, Arm]:
    """Return the sums of people and events of each arm; "" where one of the numbers is missing."""
    return tuple(
        Arm(**{name: _sum([getattr(pair[place], name) for pair in arms]) for name in ("events", "n")})
        for place in (0, 1)
    )


def _sum(texts: Sequence[str]) -> str:
    """Return the sum of counts as they are printed, marked as about where one of them is."""
    if not texts or not all(texts):
        return ""
    total = sum(int(text.lstrip("≈")) for text in texts)
    return f"≈{total}" if any(text.startswith("≈") for text in texts) else str(total)


def _share(rows: Sequence[Mapping[str, object]], *, percent: str) -> str:
    """Return the weights of all rows together; "" where one is blank."""
    weights = [number(row["weight_percent"]) for row in rows]
    return "" if not weights or None in weights else f"{math.fsum(weights):.1f}{percent}"


def _events_line(diamond: Line, *, look: ResultLook) -> list[Line]:
    """Return the line with the sums of events, where the preset has one and they are known."""
    events = tuple(Arm(events=arm.events) for arm in diamond.arms)
    if not look.choices.look.has_events_row or not any(events):
        return []
    return [Line(kind="events", key=diamond.key, label="Total events", arms=events)]
