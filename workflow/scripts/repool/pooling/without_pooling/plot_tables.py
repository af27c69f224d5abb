"""Tables behind the albatross plot and the effect-direction plot."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from repool.pooling.without_pooling import albatross
from repool.pooling.without_pooling.effect_direction import size_class, study_direction
from repool.pooling.without_pooling.gather import Result, gather, strata, units

ALBATROSS_COLUMNS = (
    *("kind", "by", "stratum", "study_id", "label", "source", "n_total", "pval_two_sided", "is_bound", "sign"),
    *("x", "measure", "contour_effect", "arm_ratio", "risk_arm2", "question", "not_answered", "note"),
)
EFFECT_DIRECTION_COLUMNS = (
    *("by", "stratum", "unit", "study_id", "label", "symbol", "sign", "n_results", "share", "agreement"),
    *("n", "n_counts", "size_class", "risk_of_bias", "note"),
)


def albatross_rows(
    effects: Any,
    votes: Any,
    *,
    by: Sequence[str],
    unit: str,
    positive_favours_arm1: bool,
    measure: str,
    contour_effects: Sequence[float],
    arm_ratio: float,
    risk_arm2: float,
    contour_pvals: Sequence[float],
) -> list[dict[str, Any]]:
    """Return the points of an albatross plot, then its contours point by point.

    Parameters
    ----------
    effects, votes, by, unit, positive_favours_arm1
        See `repool.pooling.without_pooling.gather.gather`.
    measure : {"SMD", "OR", "RR", "COR"}
        Measure of the contours.
    contour_effects : sequence of float
        Effects with a contour each; ratios as ratios.
    arm_ratio, risk_arm2 : float
        See `repool.pooling.without_pooling.albatross.contour_n`.
    contour_pvals : sequence of float
        Two-sided p-values at which contours are computed.

    Returns
    -------
    list of dict
        Columns `ALBATROSS_COLUMNS`; kind is "study" or "contour".
    """
    results = gather(effects, votes, by=by, unit=unit, positive_favours_arm1=positive_favours_arm1)
    says = {"question": albatross.QUESTION, "not_answered": albatross.NOT_ANSWERED}
    blank = {"measure": "", "contour_effect": math.nan, "arm_ratio": math.nan, "risk_arm2": math.nan}
    head = {"kind": "study", "by": " | ".join(by)}
    rows = [head | _point(result) | blank | says for members in strata(results).values() for result in members]
    rows = [{name: row[name] for name in ALBATROSS_COLUMNS} for row in rows]
    for effect in contour_effects:
        options = {"measure": measure, "effect": float(effect), "arm_ratio": arm_ratio, "risk_arm2": risk_arm2}
        turn = 1 if positive_favours_arm1 else -1
        contour = _contour(contour_pvals, options=options, turn=turn)
        rows += [dict.fromkeys(ALBATROSS_COLUMNS, "") | {"by": " | ".join(by)} | says | point for point in contour]
    return rows


def effect_direction_rows(
    effects: Any,
    votes: Any,
    *,
    by: Sequence[str],
    unit: str,
    positive_favours_arm1: bool,
    agreement: float,
    risk_of_bias: Mapping[str, str],
) -> list[dict[str, Any]]:
    """Return one arrow per study (or cohort) and stratum.

    Parameters
    ----------
    effects, votes, by, unit, positive_favours_arm1
        See `repool.pooling.without_pooling.gather.gather`.
    agreement : float
        Share of the results of a unit that must point the same way, such as 0.7.
    risk_of_bias : mapping
        study_id -> overall judgement; blank where a study is not in it.

    Returns
    -------
    list of dict
        Columns `EFFECT_DIRECTION_COLUMNS`.
    """
    results = gather(effects, votes, by=by, unit=unit, positive_favours_arm1=positive_favours_arm1)
    rows = []
    for stratum, members in strata(results).items():
        head = {"by": " | ".join(by), "stratum": stratum}
        rows += [
            head | {"unit": name} | _arrow(own, agreement=agreement, risk_of_bias=risk_of_bias)
            for name, own in units(members).items()
        ]
    return rows


def _point(result: Result) -> dict[str, Any]:
    """Return the place of one result on the plot, or why it has none."""
    row = {name: getattr(result, name) for name in ("stratum", "study_id", "label", "source", "n_total")}
    reasons = ["direction not stated" if result.sign is None else "", "" if result.relation else "no usable p-value"]
    reasons.append("" if math.isfinite(result.n_total) else "size not known")
    if result.sign == 0 and result.source == "vote":
        reasons.append("reported as no difference, which has no side")
    note = "; ".join(reason for reason in reasons if reason)
    # A z beyond 38 has a p-value that no computer can write; it stands at the smallest there is.
    pval = max(result.pval, np.finfo(float).tiny) if result.relation else math.nan
    x = math.nan if note else float(albatross.place_on_axis([pval], [result.sign])[0])
    row |= {"pval_two_sided": pval, "is_bound": "yes" if result.relation == "<" else "no", "x": x}
    return row | {
        "sign": math.nan if result.sign is None else result.sign,
        "note": f"not drawn: {note}" if note else "",
    }


def _contour(pvals: Sequence[float], *, options: Mapping[str, Any], turn: int) -> list[dict[str, Any]]:
    """Return the points of one contour, on the side its effect favours."""
    people = albatross.contour_n(pvals, **options)
    side = turn if options["effect"] > (1.0 if options["measure"] in ("OR", "RR") else 0.0) else -turn
    places = albatross.place_on_axis(pvals, np.full(len(pvals), side))
    settings = {"contour_effect" if name == "effect" else name: value for name, value in options.items()}
    return [
        {"kind": "contour", "n_total": float(n), "pval_two_sided": float(pval), "sign": side, "x": float(x)} | settings
        for pval, n, x in zip(pvals, people, places, strict=True)
    ]


def _arrow(own: Sequence[Result], *, agreement: float, risk_of_bias: Mapping[str, str]) -> dict[str, Any]:
    """Return the arrow of one unit."""
    stated = [result.sign for result in own if result.sign is not None]
    n_arm1, n_total = (
        max((n for r in own if math.isfinite(n := getattr(r, name))), default=math.nan)
        for name in ("n_arm1", "n_total")
    )
    is_arm1 = math.isfinite(n_arm1)
    n = n_arm1 if is_arm1 else n_total
    row = {"study_id": own[0].study_id, "label": own[0].label, "agreement": agreement, "n": n}
    # The classes are meant for people in arm 1; half of all people where arms are not known.
    row |= {"n_counts": "arm 1" if is_arm1 else "all, halved for the class" if math.isfinite(n) else ""}
    row |= {"size_class": size_class(n if is_arm1 else n / 2), "risk_of_bias": risk_of_bias.get(own[0].study_id, "")}
    if not stated:
        return row | {"symbol": "", "sign": math.nan, "n_results": 0, "share": math.nan, "note": "direction not stated"}
    arrow = study_direction(stated, agreement=agreement)
    return row | vars(arrow)
