"""Words of figures and report: values of the tables turned into text that a reader can take in."""

from __future__ import annotations

import math
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

CI_METHOD_WORDS = {
    "wald": "Wald",
    "knapp_hartung": "Knapp-Hartung",
    "knapp_hartung_floored": "Knapp-Hartung (floored)",
}
PREDICTION_WORDS = {
    "t_k_minus_1": "t distribution, k − 1 degrees of freedom",
    "t_k_minus_2": "t distribution, k − 2 degrees of freedom",
    "normal": "normal distribution",
}
I2_WORDS = {"from_q": "from Q", "from_tau2": "from τ²"}
HETEROGENEITY_COLUMNS = ("q", "q_df", "q_pval", "i2_percent", "tau2", "tau2_lb", "tau2_ub")
RAISED_DIGITS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def plain_text(value: object) -> str:
    """Return a cell as one line of printable text; blank for a missing value."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    # Control characters, lone surrogates and unassigned code points would make an SVG file invalid.
    kept = (" " if unicodedata.category(c) in {"Cc", "Cs", "Cn"} else c for c in str(value))
    return " ".join("".join(kept).split())


def number(value: object) -> float | None:
    """Return a cell as a number; None for a blank one."""
    text = plain_text(value)
    return None if text == "" or text.lower() in {"nan", "<na>"} else float(text)


def count_text(value: object) -> str:
    """Return a count in whole people, marked as about where an assumed share left a fraction; "" for a blank cell."""
    found = number(value)
    if found is None:
        return ""
    return f"{found:.0f}" if found == round(found) else f"≈{found:.0f}"


def plain_number_text(value: object) -> str:
    """Return a mean or standard deviation with at most two decimals, as it is read in a table; "" for a blank cell."""
    found = number(value)
    if found is None:
        return ""
    if 0 < abs(found) < 0.01:
        return significant(found, digits=2)
    return f"{found:.2f}".rstrip("0").rstrip(".").replace("-", "−")


def scientific(value: float) -> str:
    """Return a very large or very small number as, for example, 3.3×10⁶."""
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}×10{str(int(exponent)).translate(RAISED_DIGITS)}".replace("-", "−")


def significant(value: float, *, digits: int) -> str:
    """Return a number with so many significant digits, in plain notation where it is short."""
    if value != 0 and not 1e-4 <= abs(value) < 1e5:
        return scientific(value)
    text = f"{value:.0f}" if abs(value) >= 10**digits else f"{value:.{digits}g}"
    return text.replace("-", "−")


def shown(value: float, *, is_ratio: bool) -> str:
    """Return a value of the analysis scale as a reader sees it.

    Parameters
    ----------
    value : float
        On the analysis scale: the natural logarithm for ratio measures.
    is_ratio : bool
        Whether to show the ratio itself.

    Returns
    -------
    str
        Two decimals from 0.01 to 100; more where two would hide on which side of no effect it lies.
    """
    if math.isinf(value):
        return "∞" if value > 0 else "0.00" if is_ratio else "−∞"
    if is_ratio and abs(value) > 690:  # exp() leaves the range of floating point numbers at 709
        return ">10³⁰⁰" if value > 0 else "<10⁻³⁰⁰"
    display, no_effect = (math.exp(value), 1.0) if is_ratio else (value, 0.0)
    size = abs(display)
    if size == 0:
        return "0.00"
    if size < 0.01 or size >= 1e5:
        return significant(display, digits=2)
    decimals = 2 if size < 100 else 0
    while display != no_effect and float(f"{display:.{decimals}f}") == no_effect and decimals < 5:
        decimals += 1
    return f"{display:.{decimals}f}".replace("-", "−")


def interval(
    low: float | None,
    high: float | None,
    *,
    is_ratio: bool,
    bracket: tuple[str, str, str] = ("[", " to ", "]"),
    minus_joint: str = " to ",
) -> str:
    """Return an interval as "[0.33 to 0.73]"; "" when an end is missing.

    Parameters
    ----------
    low, high : float or None
        Ends on the analysis scale.
    is_ratio : bool
        Whether to show ratios.
    bracket : tuple of str
        What stands before, between and after the ends.
    minus_joint : str
        What stands between them where one is negative: a dash would be read as a sign.
    """
    if low is None or high is None:
        return ""
    ends = [shown(end, is_ratio=is_ratio) for end in (low, high)]
    before, between, after = bracket
    return f"{before}{(minus_joint if '−' in ''.join(ends) else between).join(ends)}{after}"


def p_text(p: float) -> str:
    """Return a p-value as "p = 0.032" or "p < 0.001"."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def inner(title: str) -> str:
    """Return a title for use inside a sentence; names in capitals stay as they are."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def level_text(level: float) -> str:
    """Return a confidence level as "95 %"."""
    return f"{100 * level:.6g} %"


def heterogeneity_text(pooled: Mapping[str, object], *, step_title: str) -> str:
    """Say in one line how much the studies of a pooled result differ, and by which model.

    Parameters
    ----------
    pooled : mapping
        One row of pooled.csv.
    step_title : str
        The ladder step in words.

    Returns
    -------
    str
        Q with its degrees of freedom and p, I² with its definition, τ² and the model.
    """
    value = {name: number(pooled[name]) for name in HETEROGENEITY_COLUMNS}
    parts = []
    if value["q"] is not None and value["q_df"] is not None:
        tail = "" if value["q_pval"] is None else f", {p_text(value['q_pval'])}"
        parts.append(f"Q = {value['q']:.2f}, df = {value['q_df']:.10g}{tail}")
    if value["i2_percent"] is not None:
        definition = plain_text(pooled["i2_definition"])
        parts.append(f"I² ({I2_WORDS.get(definition, definition)}) = {value['i2_percent']:.1f} %")
    if value["tau2"] is not None:
        ends = (value["tau2_lb"], value["tau2_ub"])
        span = "" if None in ends else " [" + " to ".join(significant(e, digits=3) for e in ends) + "]"
        parts.append(f"τ² = {significant(value['tau2'], digits=3)}{span}")
    parts.append(f"model: {model_text(pooled)}")
    if plain_text(pooled["converged"]) == "no":
        parts.append("the fit did not converge")
    return f"Heterogeneity, {inner(step_title)}: {'; '.join(parts)}."


def model_text(pooled: Mapping[str, object]) -> str:
    """Name the model of a pooled row, for example "REML, Knapp-Hartung (floored)"."""
    words = [fit_text(pooled)]
    prediction = plain_text(pooled["prediction_method"])
    if number(pooled["pi_lb"]) is not None and prediction in PREDICTION_WORDS:
        words.append(f"prediction interval by {PREDICTION_WORDS[prediction]}")
    return ", ".join(word for word in words if word)


def fit_text(pooled: Mapping[str, object]) -> str:
    """Name estimator and interval method of a pooled row, for example "DL, Wald"."""
    method = plain_text(pooled["method_tau2"])
    ci_method = plain_text(pooled["ci_method"])
    words = ["common effect" if method in {"", "none"} else method]
    words.append(CI_METHOD_WORDS.get(ci_method, ci_method.replace("_", " ")))
    return ", ".join(word for word in words if word)
