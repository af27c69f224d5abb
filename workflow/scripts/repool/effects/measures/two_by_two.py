"""Measures of two-by-two tables: people with and without the outcome in two arms.

Every formula gets the cells `yes_arm1`, `no_arm1`, `yes_arm2`, `no_arm2`, arrays of shape (k,), after the
correction for zero cells.
"""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import numpy as np
from scipy.special import ndtri

from repool.effects.measures.measure import Array, Measure, weighted_average
from repool.effects.measures.tetrachoric import tetrachoric_correlation

Pair = tuple[Array, Array]

#: What turns a log odds ratio into a standardised mean difference: pi / sqrt(3), the standard deviation of the
#: logistic distribution (Hasselblad and Hedges 1995), or 1.65 for normal ones (Cox and Snell 1989).
LOGISTIC_SD = np.pi / np.sqrt(3)
NORMAL_FACTOR = 1.65


def log_odds_ratio(t: SimpleNamespace, vtype: str) -> Pair:
    """Return the log odds ratio and its variance (Woolf 1955)."""
    yi = np.log(t.yes_arm1) - np.log(t.no_arm1) - np.log(t.yes_arm2) + np.log(t.no_arm2)
    return yi, _sum_of_reciprocals(t)


def log_risk_ratio(t: SimpleNamespace, vtype: str) -> Pair:
    """Return the log risk ratio and its variance (Katz et al. 1978)."""
    n1, n2 = _sizes(t)
    yi = np.log(t.yes_arm1 / n1) - np.log(t.yes_arm2 / n2)
    # 1 / yes - 1 / n without the cancellation.
    return yi, t.no_arm1 / (t.yes_arm1 * n1) + t.no_arm2 / (t.yes_arm2 * n2)


def risk_difference(t: SimpleNamespace, vtype: str) -> Pair:
    """Return the risk difference and its variance.

    Notes
    -----
    LS is the unpooled binomial variance; UB divides by n - 1 and is unbiased; AV puts the average risk of each arm
    over all tables into LS.
    """
    n1, n2 = _sizes(t)
    risk1, risk2 = t.yes_arm1 / n1, t.yes_arm2 / n2
    if vtype == "UB":
        return risk1 - risk2, risk1 * (t.no_arm1 / n1) / (n1 - 1) + risk2 * (t.no_arm2 / n2) / (n2 - 1)
    if vtype == "AV":
        mean1, mean2 = weighted_average(risk1, n1), weighted_average(risk2, n2)
        return risk1 - risk2, mean1 * (1 - mean1) / n1 + mean2 * (1 - mean2) / n2
    return risk1 - risk2, risk1 * (t.no_arm1 / n1) / n1 + risk2 * (t.no_arm2 / n2) / n2


def peto_log_odds_ratio(t: SimpleNamespace, vtype: str) -> Pair:
    """Return the one-step log odds ratio and its variance (Yusuf et al. 1985)."""
    n1, n2 = _sizes(t)
    n, yes, no = n1 + n2, t.yes_arm1 + t.yes_arm2, t.no_arm1 + t.no_arm2
    expected = yes * (n1 / n)
    information = (n1 / n) * (n2 / n) * yes * (no / (n - 1))
    return (t.yes_arm1 - expected) / information, 1 / information


def arcsine_difference(t: SimpleNamespace, vtype: str) -> Pair:
    """Return the difference of the arcsines of the root risks and its variance (Ruecker et al. 2009)."""
    n1, n2 = _sizes(t)
    yi = np.arcsin(np.sqrt(t.yes_arm1 / n1)) - np.arcsin(np.sqrt(t.yes_arm2 / n2))
    return yi, 1 / (4 * n1) + 1 / (4 * n2)


def phi_coefficient(t: SimpleNamespace, vtype: str) -> Pair:
    """Return the phi coefficient and its variance.

    Notes
    -----
    LS and CS are the same: one sample, nothing fixed (Yule 1912). ST: the arms' sizes are fixed by design; the delta
    method with two binomial risks.
    """
    n1, n2 = _sizes(t)
    n, yes, no = n1 + n2, t.yes_arm1 + t.yes_arm2, t.no_arm1 + t.no_arm2
    share1, share2, risk, rest = n1 / n, n2 / n, yes / n, no / n
    rows, columns = np.sqrt(share1 * share2), np.sqrt(risk * rest)
    difference = t.yes_arm1 / n1 - t.yes_arm2 / n2
    phi = difference * rows / columns
    if vtype == "ST":
        bend = difference * (rest - risk) / (2 * risk * rest)
        slope1, slope2 = rows / columns * (1 - share1 * bend), rows / columns * (1 + share2 * bend)
        binomial1 = t.yes_arm1 / n1 * (t.no_arm1 / n1) / n1
        binomial2 = t.yes_arm2 / n2 * (t.no_arm2 / n2) / n2
        return phi, slope1**2 * binomial1 + slope2**2 * binomial2
    skew1, skew2 = (share1 - share2) / rows, (risk - rest) / columns
    vi = 1 - phi**2 + phi * (1 + phi**2 / 2) * skew1 * skew2 - 3 / 4 * phi**2 * (skew1**2 + skew2**2)
    return phi, vi / n


def yules_q(t: SimpleNamespace, vtype: str) -> Pair:
    """Return Yule's Q and its variance (Yule 1912)."""
    concordant, discordant = t.yes_arm1 * t.no_arm2, t.no_arm1 * t.yes_arm2
    q = (concordant - discordant) / (concordant + discordant)
    return q, (1 - q**2) ** 2 / 4 * _sum_of_reciprocals(t)


def yules_y(t: SimpleNamespace, vtype: str) -> Pair:
    """Return Yule's Y and its variance (Yule 1912)."""
    concordant, discordant = np.sqrt(t.yes_arm1 * t.no_arm2), np.sqrt(t.no_arm1 * t.yes_arm2)
    y = (concordant - discordant) / (concordant + discordant)
    return y, (1 - y**2) ** 2 / 16 * _sum_of_reciprocals(t)


def probit_difference(t: SimpleNamespace, vtype: str) -> Pair:
    """Return the difference of the probits of the risks and its variance (Sanchez-Meca et al. 2003)."""
    n1, n2 = _sizes(t)
    z1, z2 = ndtri(t.yes_arm1 / n1), ndtri(t.yes_arm2 / n2)
    share1, share2 = t.yes_arm1 * t.no_arm1 / n1**3, t.yes_arm2 * t.no_arm2 / n2**3
    return z1 - z2, 2 * np.pi * (share1 * np.exp(z1**2) + share2 * np.exp(z2**2))


def odds_ratio_as_d(t: SimpleNamespace, vtype: str, *, factor: float) -> Pair:
    """Return the log odds ratio as a standardised mean difference, and its variance."""
    yi, vi = log_odds_ratio(t, vtype)
    return yi / factor, vi / factor**2


def _sizes(t: SimpleNamespace) -> Pair:
    """Return the people per arm, after the correction."""
    return t.yes_arm1 + t.no_arm1, t.yes_arm2 + t.no_arm2


def _sum_of_reciprocals(t: SimpleNamespace) -> Array:
    """Return 1 / cell, summed over the four cells."""
    return 1 / t.yes_arm1 + 1 / t.no_arm1 + 1 / t.yes_arm2 + 1 / t.no_arm2


def _table(name: str, title: str, function, *, scale, turned, source, vtypes=("LS",), corrected=True) -> Measure:
    """Return a measure of two-by-two tables."""
    inputs = ("events_arm1", "n_arm1", "events_arm2", "n_arm2")
    call = f'escalc("{name}")'
    return Measure(name, title, "two_by_two", inputs, vtypes, scale, turned, source, call, function, corrected)


_LOGISTIC = partial(odds_ratio_as_d, factor=LOGISTIC_SD)
_HASSELBLAD = "Hasselblad and Hedges (1995); Chinn (2000)"

MEASURES = (
    _table("OR", "log odds ratio", log_odds_ratio, scale="log", turned="sign", source="Woolf (1955)"),
    _table("RR", "log risk ratio", log_risk_ratio, scale="log", turned="recompute", source="Katz et al. (1978)"),
    _table(
        "RD",
        "risk difference",
        risk_difference,
        scale="plain",
        turned="sign",
        source="binomial variances, unpooled (Fleiss and Berlin 2009)",
        vtypes=("LS", "UB", "AV"),
    ),
    _table(
        "PETO", "log odds ratio, Peto", peto_log_odds_ratio, scale="log", turned="sign", source="Yusuf et al. (1985)"
    ),
    _table(
        "AS",
        "difference of arcsine root risks",
        arcsine_difference,
        scale="arcsine",
        turned="sign",
        source="Ruecker et al. (2009)",
        corrected=False,
    ),
    _table(
        "PHI",
        "phi coefficient",
        phi_coefficient,
        scale="plain",
        turned="sign",
        source="Yule (1912); for ST the delta method with fixed arms",
        vtypes=("LS", "ST", "CS"),
        corrected=False,
    ),
    _table("YUQ", "Yule's Q", yules_q, scale="plain", turned="sign", source="Yule (1912)"),
    _table("YUY", "Yule's Y", yules_y, scale="plain", turned="sign", source="Yule (1912)"),
    _table(
        "RTET",
        "tetrachoric correlation",
        tetrachoric_correlation,
        scale="plain",
        turned="sign",
        source="Pearson (1900); no value where a cell is zero, because the estimate is then -1 or 1",
        corrected=False,
    ),
    _table("OR2D", "log odds ratio as d, logistic", _LOGISTIC, scale="plain", turned="sign", source=_HASSELBLAD),
    _table("OR2DL", "log odds ratio as d, logistic", _LOGISTIC, scale="plain", turned="sign", source=_HASSELBLAD),
    _table(
        "OR2DN",
        "log odds ratio as d, normal",
        partial(odds_ratio_as_d, factor=NORMAL_FACTOR),
        scale="plain",
        turned="sign",
        source="Cox and Snell (1989)",
    ),
    _table(
        "PBIT",
        "difference of probit risks, as d",
        probit_difference,
        scale="plain",
        turned="sign",
        source="Sanchez-Meca et al. (2003)",
    ),
)
