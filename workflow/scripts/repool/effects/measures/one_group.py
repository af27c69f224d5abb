"""Measures of one group: proportions, means, spread, and the reliability of a scale."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from scipy.special import ndtri

from repool.effects.measures.measure import Array, Measure, hedges_correction, weighted_average

Pair = tuple[Array, Array]


def proportion(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the proportion and its binomial variance.

    Notes
    -----
    UB divides by n - 1 and is unbiased; AV puts the average proportion over the studies into LS.
    """
    n = x.yes + x.no
    share = x.yes / n
    if vtype == "AV":
        average = weighted_average(share, n)
        return share, average * (1 - average) / n
    return share, share * (x.no / n) / (n - 1 if vtype == "UB" else n)


def log_proportion(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the log proportion and its variance, with the average proportion for AV."""
    n = x.yes + x.no
    share = x.yes / n
    if vtype == "AV":
        average = weighted_average(share, n)
        return np.log(share), (1 - average) / (n * average)
    return np.log(share), x.no / (x.yes * n)


def logit_proportion(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the logit of the proportion and its variance, with the average proportion for AV."""
    yi = np.log(x.yes / x.no)
    if vtype == "AV":
        n = x.yes + x.no
        average = weighted_average(x.yes / n, n)
        return yi, 1 / (n * average * (1 - average))
    return yi, 1 / x.yes + 1 / x.no


def arcsine_proportion(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the arcsine of the root proportion and its variance, which does not depend on the proportion."""
    n = x.yes + x.no
    return np.arcsin(np.sqrt(x.yes / n)), 1 / (4 * n)


def freeman_tukey_proportion(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the double arcsine of the proportion and its variance (Freeman and Tukey 1950)."""
    n = x.yes + x.no
    yi = (np.arcsin(np.sqrt(x.yes / (n + 1))) + np.arcsin(np.sqrt((x.yes + 1) / (n + 1)))) / 2
    return yi, 1 / (4 * n + 2)


def probit_proportion(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the probit of the proportion and its variance, by the delta method."""
    n = x.yes + x.no
    z = ndtri(x.yes / n)
    return z, 2 * np.pi * np.exp(z**2) * x.yes * x.no / n**3


def mean(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the mean and its variance."""
    return x.mean, x.sd**2 / x.n


def log_mean(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the log mean and its variance, by the delta method; NaN for a mean that is not positive."""
    return np.log(x.mean), (x.sd / x.mean) ** 2 / x.n


def standardised_mean(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the mean in standard deviations, bias-corrected, and its variance (Hedges 1981, one group)."""
    g = hedges_correction(x.n - 1) * x.mean / x.sd
    return g, 1 / x.n + g**2 / (2 * x.n)


def log_sd(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the log standard deviation, bias-corrected, and its variance (Raudenbush and Bryk 1987)."""
    half = 1 / (2 * (x.n - 1))
    return np.log(x.sd) + half, half


def log_coefficient_of_variation(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the log coefficient of variation, bias-corrected, and its variance (Nakagawa et al. 2015)."""
    spread, spread_vi = log_sd(x, "LS")
    level, level_vi = log_mean(x, "LS")
    return spread - level, spread_vi + level_vi


def raw_alpha(x: SimpleNamespace, vtype: str) -> Pair:
    """Return Cronbach's alpha and its variance (Bonett 2010)."""
    return x.alpha, (1 - x.alpha) ** 2 * _alpha_factor(x)


def cube_root_alpha(x: SimpleNamespace, vtype: str) -> Pair:
    """Return 1 - (1 - alpha)^(1/3) and its variance (Hakstian and Whalen 1976)."""
    root = np.cbrt(1 - x.alpha)
    vi = 18 * x.n_items * (x.n - 1) * root**2 / ((x.n_items - 1) * (9 * x.n - 11) ** 2)
    return 1 - root, np.where(x.n > 1, vi, np.nan)


def log_alpha(x: SimpleNamespace, vtype: str) -> Pair:
    """Return -log(1 - alpha) and its variance (Bonett 2002)."""
    return -np.log1p(-x.alpha), _alpha_factor(x)


def _alpha_factor(x: SimpleNamespace) -> Array:
    """Return the variance of log(1 - alpha); NaN for two people or fewer."""
    return np.where(x.n > 2, 2 * x.n_items / ((x.n_items - 1) * (x.n - 2)), np.nan)


_EVENTS, _MEAN, _ALPHA = ("events", "n"), ("mean", "sd", "n"), ("alpha", "n_items", "n")
_LS, _AV = ("LS",), ("LS", "AV")
_FREEMAN, _NAKAGAWA = "Freeman and Tukey (1950)", "Nakagawa et al. (2015)"
_RAUDENBUSH = "Raudenbush and Bryk (1987); Nakagawa et al. (2015)"
#: Code, title, formula, family, inputs, vtypes, scale, turned, source, whether zeros get the usual half.
_ROWS = (
    ("PR", "proportion", proportion, "proportion", _EVENTS, ("LS", "UB", "AV"), "plain", "recompute", "binomial", True),
    ("PLN", "log proportion", log_proportion, "proportion", _EVENTS, _AV, "log", "recompute", "delta method", True),
    ("PLO", "logit proportion", logit_proportion, "proportion", _EVENTS, _AV, "logit", "sign", "delta method", True),
    (
        "PAS",
        "arcsine root proportion",
        arcsine_proportion,
        "proportion",
        _EVENTS,
        _LS,
        "arcsine",
        "recompute",
        _FREEMAN,
        False,
    ),
    (
        "PFT",
        "Freeman-Tukey proportion",
        freeman_tukey_proportion,
        "proportion",
        _EVENTS,
        _LS,
        "freeman_tukey",
        "recompute",
        _FREEMAN,
        False,
    ),
    ("PRZ", "probit proportion", probit_proportion, "proportion", _EVENTS, _LS, "probit", "sign", "delta method", True),
    ("MN", "mean", mean, "mean", _MEAN, _LS, "plain", "sign", "variance of a mean", False),
    ("MNLN", "log mean", log_mean, "mean", _MEAN, _LS, "log", "no", "delta method", False),
    ("SMN", "standardised mean", standardised_mean, "mean", _MEAN, _LS, "plain", "sign", "Hedges (1981)", False),
    ("SDLN", "log standard deviation", log_sd, "mean", ("sd", "n"), _LS, "log", "no", _RAUDENBUSH, False),
    (
        "CVLN",
        "log coefficient of variation",
        log_coefficient_of_variation,
        "mean",
        _MEAN,
        _LS,
        "log",
        "no",
        _NAKAGAWA,
        False,
    ),
    ("ARAW", "alpha", raw_alpha, "alpha", _ALPHA, _LS, "plain", "no", "Bonett (2010)", False),
    (
        "AHW",
        "cube-root alpha",
        cube_root_alpha,
        "alpha",
        _ALPHA,
        _LS,
        "cube_root_complement",
        "no",
        "Hakstian and Whalen (1976)",
        False,
    ),
    ("ABT", "log alpha", log_alpha, "alpha", _ALPHA, _LS, "log_complement", "no", "Bonett (2002)", False),
)

MEASURES = tuple(
    Measure(name, title, family, inputs, vtypes, scale, turned, source, f'escalc("{name}")', function, corrected)
    for name, title, function, family, inputs, vtypes, scale, turned, source, corrected in _ROWS
)
