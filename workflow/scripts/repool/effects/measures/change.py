"""Measures of one group measured twice, or of matched arms: the first minus the second.

As in R, the first is what the effect is counted towards (follow-up, or arm 1) and the second what it is compared
with; the measures that are standardised by one spread take that of the first (`sd_first`): give the baseline spread
there if the change is to be standardised by it.
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from repool.effects.measures.measure import Array, Measure, hedges_correction

Pair = tuple[Array, Array]


def variance_of_difference(x: SimpleNamespace) -> Array:
    """Return the variance of the differences within people, shape (k,)."""
    # sd1^2 + sd2^2 - 2 r sd1 sd2, written so that it cannot fall below zero by rounding.
    return (x.sd_first - x.sd_second) ** 2 + 2 * (1 - x.r) * x.sd_first * x.sd_second


def mean_change(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the mean change and its variance."""
    return x.mean_first - x.mean_second, variance_of_difference(x) / x.n


def change_in_sds_of_change(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the mean change in standard deviations of the change, bias-corrected, and its variance.

    Notes
    -----
    LS: Gibbons, Hedeker and Davis (1993). LS2: as for `change_in_sds_of_scores`.
    """
    d = (x.mean_first - x.mean_second) / np.sqrt(variance_of_difference(x))
    return _corrected(d, 1 / x.n, x, vtype)


def change_in_sds_of_scores(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the mean change in standard deviations of the first scores, bias-corrected, and its variance.

    Notes
    -----
    LS: Becker (1988). LS2: the variance before the bias correction times the squared correction, as Borenstein (2009),
    equation 12.17, does for independent arms.
    """
    return _corrected((x.mean_first - x.mean_second) / x.sd_first, 2 * (1 - x.r) / x.n, x, vtype)


def _corrected(d: Array, base: Array, x: SimpleNamespace, vtype: str) -> Pair:
    """Return the bias-corrected d and its variance: base plus the part from the estimated spread."""
    factor = hedges_correction(x.n - 1)
    if vtype == "LS2":
        return factor * d, factor**2 * (base + d**2 / (2 * x.n))
    return factor * d, base + (factor * d) ** 2 / (2 * x.n)


def change_in_sds_unequal(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the change in standard deviations of the first scores and its variance when the spreads differ.

    Notes
    -----
    Bonett (2008). LS multiplies the variance by the squared bias correction, as metafor 3.8; LS5 does not, as metafor
    4 and newer.
    """
    factor = hedges_correction(x.n - 1)
    g = factor * (x.mean_first - x.mean_second) / x.sd_first
    vi = variance_of_difference(x) / (x.sd_first**2 * (x.n - 1)) + g**2 / (2 * (x.n - 1))
    return g, vi if vtype == "LS5" else factor**2 * vi


def change_in_pooled_sds(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the change in root mean variances of both scores, bias-corrected, and its variance (Cousineau 2020)."""
    d = (x.mean_first - x.mean_second) / np.sqrt((x.sd_first**2 + x.sd_second**2) / 2)
    g = hedges_correction(2 * (x.n - 1) / (1 + x.r**2)) * d
    return g, 2 * (1 - x.r) / x.n + g**2 * (1 + x.r**2) / (4 * x.n)


def change_in_pooled_sds_unequal(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the change in root mean variances and its variance when the spreads differ (Bonett 2008)."""
    variance = (x.sd_first**2 + x.sd_second**2) / 2
    g = change_in_pooled_sds(x, "LS")[0]
    part1, part2 = x.sd_first**2 / variance, x.sd_second**2 / variance
    shape = part1**2 + part2**2 + 2 * x.r**2 * part1 * part2
    return g, (variance_of_difference(x) / variance + g**2 * shape / 8) / (x.n - 1)


def log_ratio_of_means(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the log ratio of the two means and its variance.

    Notes
    -----
    Lajeunesse (2011). LS5: as LS, and yi has the bias correction of Lajeunesse (2015), equation 8.
    """
    cv1, cv2 = x.sd_first / x.mean_first, x.sd_second / x.mean_second
    yi = np.log(x.mean_first / x.mean_second)
    correction = (cv1**2 - cv2**2) / (2 * x.n) if vtype == "LS5" else 0.0
    return yi + correction, ((cv1 - cv2) ** 2 + 2 * (1 - x.r) * cv1 * cv2) / x.n


def log_variability_ratio(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the log ratio of the two standard deviations and its variance (Nakagawa et al. 2015)."""
    return np.log(x.sd_first / x.sd_second), (1 - x.r**2) / (x.n - 1)


def log_coefficient_of_variation_ratio(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the log ratio of the two coefficients of variation and its variance.

    Notes
    -----
    Nakagawa et al. (2015); LS5: the ratio of means is bias-corrected (Senior et al. 2020).
    """
    spread, spread_vi = log_variability_ratio(x, "LS")
    ratio, ratio_vi = log_ratio_of_means(x, vtype)
    return spread - ratio, spread_vi + ratio_vi


_ALL = ("mean_first", "sd_first", "mean_second", "sd_second", "n", "r")
_SPREADS = ("sd_first", "sd_second", "n", "r")
_FIRST_SPREAD = ("mean_first", "sd_first", "mean_second", "n", "r")
_LS, _LS2, _LS5 = ("LS",), ("LS", "LS2"), ("LS", "LS5")
_BONETT = "Bonett (2008); LS as metafor 3.8, LS5 as metafor 4 and newer"
_LAJEUNESSE = "Lajeunesse (2011), as metafor 3.8; LS5 with the bias correction of 2015, as metafor 5"
_NAKAGAWA = "Nakagawa et al. (2015), as metafor 3.8; LS5 as Senior et al. (2020) and metafor 5"
_COUSINEAU, _BONETT4 = "Cousineau (2020), as metafor 4 and newer", "Bonett (2008), as metafor 4 and newer"
#: Code, title, formula, inputs, vtypes, scale, turned, source.
_ROWS = (
    ("MC", "mean change", mean_change, _ALL, _LS, "plain", "sign", "variance of a mean of differences"),
    (
        "SMCC",
        "mean change in SDs of change",
        change_in_sds_of_change,
        _ALL,
        _LS2,
        "plain",
        "sign",
        "Gibbons et al. (1993)",
    ),
    (
        "SMCR",
        "mean change in SDs of scores",
        change_in_sds_of_scores,
        _FIRST_SPREAD,
        _LS2,
        "plain",
        "sign",
        "Becker (1988)",
    ),
    (
        "SMCRH",
        "mean change in SDs of scores, unequal spreads",
        change_in_sds_unequal,
        _ALL,
        _LS5,
        "plain",
        "sign",
        _BONETT,
    ),
    ("SMCRP", "mean change in pooled SDs", change_in_pooled_sds, _ALL, _LS, "plain", "sign", _COUSINEAU),
    (
        "SMCRPH",
        "mean change in pooled SDs, unequal spreads",
        change_in_pooled_sds_unequal,
        _ALL,
        _LS,
        "plain",
        "sign",
        _BONETT4,
    ),
    ("ROMC", "log ratio of means, change", log_ratio_of_means, _ALL, _LS5, "log", "no", _LAJEUNESSE),
    (
        "VRC",
        "log variability ratio, change",
        log_variability_ratio,
        _SPREADS,
        _LS,
        "log",
        "no",
        "Nakagawa et al. (2015)",
    ),
    (
        "CVRC",
        "log coefficient of variation ratio, change",
        log_coefficient_of_variation_ratio,
        _ALL,
        _LS5,
        "log",
        "no",
        _NAKAGAWA,
    ),
)

MEASURES = tuple(
    Measure(name, title, "change", inputs, vtypes, scale, turned, source, f'escalc("{name}")', function)
    for name, title, function, inputs, vtypes, scale, turned, source in _ROWS
)
