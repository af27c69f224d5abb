"""Tables of missing evidence: one block of rows per declared method, the funnel plot, and what was filled in."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from repool.pooling.bias.funnel import contours, pvals
from repool.pooling.bias.table_methods import METHODS, Data, run
from repool.pooling.bias.trim_and_fill import trim_and_fill
from repool.pooling.models.estimators import tau2 as estimate_tau2
from repool.pooling.models.estimators import weighted_fit

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    *("id", "method", "settings", "quantity", "statistic", "df", "pval"),
    *("estimate", "se", "ci_lb", "ci_ub", "tau2", "k", "k_filled", "n_hidden", "verdict", "note"),
)

FUNNEL_COLUMNS = (
    *("element", "study_id", "label", "yi", "se", "pval", "contour_level", "lb", "ub"),
    *("centre", "centre_value", "method_tau2", "note"),
)

FILLED_COLUMNS = ("study_id", "label", "yi", "vi", "se", "side", "estimator", "method_tau2", "k", "k_filled", "note")

#: What the lines of a funnel plot stand around.
CENTRES = ("null", "estimate")

#: Above this I2 (percent) asymmetry has a second explanation besides missing studies, and a remark
#: says so: Terrin et al. (2003), Stat Med 22, 2113-2126; Ioannidis & Trikalinos (2007), CMAJ 176.
HETEROGENEOUS_I2_PERCENT = 50.0

#: Standard errors that differ by less than this share of their size are the same.
NO_SPREAD = 1e-7

#: Methods that take a gap in the funnel, or too many significant results, for missing studies.
MISLED_BY_HETEROGENEITY = ("egger", "begg", "trim_and_fill", "pet", "peese", "pet_peese", "excess_significance")

#: Measures whose standard error contains the effect, and what to use instead of Egger's test.
TIED_TO_SE = {
    "OR": "Harbord's or Peters' test does not have this fault",
    "SMD": "the test of Pustejovsky and Rodgers does not have this fault",
    "RR": "Peters' test on log odds ratios does not have this fault",
}

#: Tests that are defined for certain measures only.
ONLY_FOR = {
    "harbord": ("OR",),
    "peters": ("OR",),
    "deeks": ("OR",),
    "pustejovsky_rodgers": ("SMD",),
}


def bias_rows(
    effects: pd.DataFrame,
    *,
    minimum_k: int,
    level: float,
    methods: Sequence[Mapping[str, Any]],
    method_tau2: str,
) -> list[dict[str, Any]]:
    """Return the rows of every declared method, run or not.

    Parameters
    ----------
    effects : pandas.DataFrame
        Effects of one analysis: measure, yi, vi, and n_total, n_arm1, n_arm2, events_arm1,
        events_arm2 where known.
    minimum_k : int
        Fewest effects for which any of this is done; Sterne et al. (2011), BMJ 343, d4002, say 10.
    level : float
        Confidence level.
    methods : sequence of mapping
        Each with "id", "method" (a key of `table_methods.METHODS`) and exactly that method's settings.
    method_tau2 : str
        Estimator of the between-study variance wherever a method does not name its own.

    Returns
    -------
    list of dict
        `COLUMNS`; "verdict" is left blank for the reviewers.

    Raises
    ------
    ValueError
        When a method or setting is unknown or missing, or measures are mixed.
    """
    for method in methods:
        _check_method(method)
    data, measure, dropped = _data(effects, level=level, method_tau2=method_tau2)
    rows = []
    for method in methods:
        frame = _frame(method, data, method_tau2=method_tau2, level=level)
        reason = _not_run(data, measure, method["method"], minimum_k=minimum_k)
        if not reason:
            try:
                found = run(data, method["method"], _settings(method))
            except ValueError as refusal:
                reason = f"not run: {refusal}"
        if reason:
            found = [{"note": reason}]
        remarks = [dropped, "" if reason else _remark(data, measure, method["method"])]
        for row in found:
            rows.append(frame | row | {"note": _joined([row["note"], *remarks])})
    return rows


def funnel_rows(
    effects: pd.DataFrame, *, contour_levels: Sequence[float], centre: str, method_tau2: str, n_points: int
) -> list[dict[str, Any]]:
    """Return the points and lines of a contour-enhanced funnel plot.

    Parameters
    ----------
    effects : pandas.DataFrame
        Effects of one analysis with study_id and label.
    contour_levels : sequence of float
        Two-sided p-values of the lines, such as 0.10, 0.05 and 0.01.
    centre : {"null", "estimate"}
        Whether lines stand around no effect or around the pooled effect.
    method_tau2 : str
        Estimator of the between-study variance behind the pooled effect.
    n_points : int
        Points per line.

    Returns
    -------
    list of dict
        `FUNNEL_COLUMNS`; "element" is effect or contour. Standard errors belong on the vertical
        axis, pointing down.
    """
    if centre not in CENTRES:
        raise ValueError(f"centre is {centre!r}; must be one of {', '.join(CENTRES)}")
    usable = effects[np.isfinite(effects["yi"]) & np.isfinite(effects["vi"])]
    yi, vi = usable["yi"].to_numpy(dtype=float), usable["vi"].to_numpy(dtype=float)
    value = 0.0
    if centre == "estimate":
        value = float(weighted_fit(yi, vi, tau2=estimate_tau2(yi, vi, method=method_tau2).tau2).beta[0])
    frame = dict.fromkeys(FUNNEL_COLUMNS, math.nan) | {"study_id": "", "label": "", "note": ""}
    frame |= {"centre": centre, "centre_value": value, "method_tau2": method_tau2}
    points = zip(usable["study_id"], usable["label"], yi, np.sqrt(vi), pvals(yi, vi, centre=value), strict=True)
    rows = [
        frame
        | {"element": "effect", "study_id": study, "label": label, "yi": float(y), "se": float(s), "pval": float(p)}
        for study, label, y, s, p in points
    ]
    for line in contours(yi, vi, contour_levels=contour_levels, centre=value, n_points=n_points):
        note = f"{line.n_outside} of {yi.size} effects on or outside"
        for se, lb, ub in zip(line.se, line.lb, line.ub, strict=True):
            place = {"contour_level": line.pval, "se": float(se), "lb": float(lb), "ub": float(ub), "note": note}
            rows.append(frame | {"element": "contour"} | place)
    return rows


def filled_rows(
    effects: pd.DataFrame, *, minimum_k: int, method_tau2: str, estimator: str, side: str
) -> list[dict[str, Any]]:
    """Return the mirror images that trim and fill adds, or one row that says why there are none.

    Parameters
    ----------
    effects : pandas.DataFrame
        Effects of one analysis with study_id and label.
    minimum_k : int
        Fewest effects for which it is done.
    method_tau2, estimator, side : str
        As in `repool.pooling.bias.trim_and_fill.trim_and_fill`.

    Returns
    -------
    list of dict
        `FILLED_COLUMNS`; study_id and label are those of the effect that is mirrored.
    """
    usable = effects[np.isfinite(effects["yi"]) & np.isfinite(effects["vi"])]
    yi, vi = usable["yi"].to_numpy(dtype=float), usable["vi"].to_numpy(dtype=float)
    frame = dict.fromkeys(FILLED_COLUMNS, math.nan) | {"study_id": "", "label": "", "side": side, "note": ""}
    frame |= {"estimator": estimator, "method_tau2": method_tau2, "k": yi.size}
    if yi.size < minimum_k:
        return [frame | {"note": _too_few(yi.size, minimum_k)}]
    try:
        filled = trim_and_fill(yi, vi, method_tau2=method_tau2, estimator=estimator, side=side)
    except ValueError as refusal:
        return [frame | {"note": f"not run: {refusal}"}]
    frame |= {"side": filled.side, "k_filled": yi.size + filled.k0}
    if filled.k0 == 0:
        return [frame | {"note": f"no effect is missing on the {filled.side}"}]
    rows = []
    for place, original in enumerate(filled.mirrored):
        study = usable.iloc[int(original)]
        y, v = float(filled.yi[yi.size + place]), float(filled.vi[yi.size + place])
        named = {"study_id": study["study_id"], "label": study["label"]}
        rows.append(frame | named | {"yi": y, "vi": v, "se": math.sqrt(v), "note": "mirror image, not a study"})
    return rows


def _check_method(method: Mapping[str, Any]) -> None:
    """Raise when a declared method is unknown or its settings are not exactly those it wants."""
    name = method.get("method")
    if "id" not in method or name not in METHODS:
        raise ValueError(f"method {name!r} needs an id and must be one of {', '.join(METHODS)}")
    given, wanted = set(_settings(method)), set(METHODS[name].settings)
    if given != wanted:
        raise ValueError(
            f"method {method['id']!r} ({name}) must have exactly the settings {sorted(wanted)}; it has {sorted(given)}"
        )


def _settings(method: Mapping[str, Any]) -> dict[str, Any]:
    """Return a declared method without its id and name."""
    return {name: value for name, value in method.items() if name not in ("id", "method")}


def _frame(method: Mapping[str, Any], data: Data, *, method_tau2: str, level: float) -> dict[str, Any]:
    """Return a row of blanks with what shaped it."""
    shaped = {"method_tau2": method_tau2} | _settings(method) | {"level": level}
    text = "; ".join(f"{name} = {value}" for name, value in shaped.items())
    row = dict.fromkeys(COLUMNS, math.nan) | {"quantity": "", "verdict": "", "note": ""}
    return row | {"id": method["id"], "method": method["method"], "settings": text, "k": data.yi.size}


def _data(effects: pd.DataFrame, *, level: float, method_tau2: str) -> tuple[Data, str, str]:
    """Return the effects as arrays, their measure, and a remark about those left out."""
    usable = effects[np.isfinite(effects["yi"]) & np.isfinite(effects["vi"])]
    measures = sorted(set(effects["measure"]))
    if len(measures) > 1:
        raise ValueError(f"the effects are of several measures ({', '.join(measures)}); one funnel needs one")
    names = ("n_total", "n_arm1", "n_arm2", "events_arm1", "events_arm2")
    columns = {
        name: usable[name].to_numpy(dtype=float) if name in usable else np.full(len(usable), math.nan) for name in names
    }
    left_out = len(effects) - len(usable)
    remark = f"{left_out} effect(s) without a number or variance left out" if left_out else ""
    yi, vi = usable["yi"].to_numpy(dtype=float), usable["vi"].to_numpy(dtype=float)
    return Data(yi, vi, **columns, level=level, method_tau2=method_tau2), "".join(measures), remark


def _not_run(data: Data, measure: str, method: str, *, minimum_k: int) -> str:
    """Return why a method must not run on these effects, or nothing."""
    if data.yi.size < minimum_k:
        return _too_few(data.yi.size, minimum_k)
    sei = np.sqrt(np.maximum(data.vi, 0.0))
    same = np.linalg.norm(sei - sei.mean()) <= NO_SPREAD * np.linalg.norm(sei)
    if METHODS[method].needs_spread and same:
        return "not run: all standard errors are the same, so small and large studies cannot be compared"
    if method in ONLY_FOR and measure not in ONLY_FOR[method]:
        return f"not run: defined for {' and '.join(ONLY_FOR[method])} only, the effects are {measure}"
    return ""


def _too_few(k: int, minimum_k: int) -> str:
    """Return the sentence about too few effects."""
    return f"not run: {k} effect(s), the review asks for at least {minimum_k}; with fewer, chance and bias look alike"


def _remark(data: Data, measure: str, method: str) -> str:
    """Return what a reader must know about a method that did run."""
    remarks = []
    if method in ("egger", "begg") and measure in TIED_TO_SE:
        remarks.append(f"the standard error of {measure} depends on the effect; {TIED_TO_SE[measure]}")
    if method in MISLED_BY_HETEROGENEITY and data.yi.size > 1 and (data.vi > 0).all():
        q, df = weighted_fit(data.yi, data.vi, tau2=0.0).rss, data.yi.size - 1
        i2_percent = max(0.0, 100.0 * (q - df) / q) if q > 0 else 0.0
        if i2_percent > HETEROGENEOUS_I2_PERCENT:
            remarks.append(f"effects differ much (I2 = {i2_percent:.0f} %), which alone can look like missing studies")
    return _joined(remarks)


def _joined(remarks: Sequence[str]) -> str:
    """Return the remarks that say something, as one text."""
    return "; ".join(remark for remark in remarks if remark)
