"""Measures of a yes-or-no outcome in pairs: people measured twice, or matched people.

`pairs_yes_no` has the outcome in arm 1 (at follow-up) and not in arm 2 (at baseline), and so on.
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from repool.effects.measures.measure import Array, Measure

Pair = tuple[Array, Array]


def conditional_log_odds_ratio(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the conditional log odds ratio and its variance (Curtin et al. 2002)."""
    return np.log(x.pairs_yes_no / x.pairs_no_yes), 1 / x.pairs_yes_no + 1 / x.pairs_no_yes


def peto_conditional_log_odds_ratio(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the conditional log odds ratio by Peto's method and its variance (Curtin et al. 2002)."""
    discordant = x.pairs_yes_no + x.pairs_no_yes
    return 2 * (x.pairs_yes_no - x.pairs_no_yes) / discordant, 4 / discordant


def marginal_log_risk_ratio(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the marginal log risk ratio and its variance (Zou 2007)."""
    yes1, _, yes2, _ = _margins(x)
    return np.log(yes1 / yes2), (x.pairs_yes_no + x.pairs_no_yes) / (yes1 * yes2)


def marginal_log_odds_ratio(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the marginal log odds ratio and its variance (Becker and Balagtas 1993; Zou 2007)."""
    yes1, no1, yes2, no2 = _margins(x)
    together = x.pairs_yes_yes * x.pairs_no_no - x.pairs_yes_no * x.pairs_no_yes
    covariance = together * (yes1 + no1) / (yes1 * no1 * yes2 * no2)
    return np.log(yes1 * no2 / (no1 * yes2)), 1 / yes1 + 1 / no1 + 1 / yes2 + 1 / no2 - 2 * covariance


def marginal_risk_difference(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the marginal risk difference and its variance (Newcombe 1998)."""
    n = x.pairs_yes_yes + x.pairs_yes_no + x.pairs_no_yes + x.pairs_no_no
    up, down = x.pairs_yes_no / n, x.pairs_no_yes / n
    # up + down - (up - down)^2, written so that it cannot fall below zero by rounding.
    return up - down, (up * (1 - up) + down * (1 - down) + 2 * up * down) / n


def marginal_log_odds_ratio_from_margins(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the marginal log odds ratio and its variance when only the margins and their phi are known.

    Notes
    -----
    As `marginal_log_odds_ratio`, with the covariance from the phi coefficient `r` of the pairs (Zou 2007). The number
    of pairs is the mean of both arms, should they differ because somebody is missing; R rounds that mean.
    """
    yes1, no1, yes2, no2 = x.yes_arm1, x.no_arm1, x.yes_arm2, x.no_arm2
    pairs = (yes1 + no1 + yes2 + no2) / 2
    covariance = x.r * pairs / np.sqrt(yes1 * no1 * yes2 * no2)
    return np.log(yes1 * no2 / (no1 * yes2)), 1 / yes1 + 1 / no1 + 1 / yes2 + 1 / no2 - 2 * covariance


def _margins(x: SimpleNamespace) -> tuple[Array, Array, Array, Array]:
    """Return people with and without the outcome in arm 1, then in arm 2."""
    return (
        x.pairs_yes_yes + x.pairs_yes_no,
        x.pairs_no_yes + x.pairs_no_no,
        x.pairs_yes_yes + x.pairs_no_yes,
        x.pairs_yes_no + x.pairs_no_no,
    )


_PAIRS = ("pairs_yes_yes", "pairs_yes_no", "pairs_no_yes", "pairs_no_no")
_MARGINS = ("events_arm1", "n_arm1", "events_arm2", "n_arm2", "r")
_CURTIN = "Curtin et al. (2002); Zou (2007)"
_ONLY_MARGINS = "marginal log odds ratio from margins and phi"
_FROM_MARGINS = marginal_log_odds_ratio_from_margins
#: Code, title, formula, family, inputs, scale, turned, source.
_ROWS = (
    ("MPORC", "conditional log odds ratio", conditional_log_odds_ratio, "pairs", _PAIRS, "log", "sign", _CURTIN),
    (
        "MPPETO",
        "conditional log odds ratio, Peto",
        peto_conditional_log_odds_ratio,
        "pairs",
        _PAIRS,
        "log",
        "sign",
        _CURTIN,
    ),
    ("MPRR", "marginal log risk ratio", marginal_log_risk_ratio, "pairs", _PAIRS, "log", "recompute", "Zou (2007)"),
    (
        "MPOR",
        "marginal log odds ratio",
        marginal_log_odds_ratio,
        "pairs",
        _PAIRS,
        "log",
        "sign",
        "Becker and Balagtas (1993); Zou (2007)",
    ),
    ("MPRD", "marginal risk difference", marginal_risk_difference, "pairs", _PAIRS, "plain", "sign", "Newcombe (1998)"),
    ("MPORM", _ONLY_MARGINS, _FROM_MARGINS, "marginal_pairs", _MARGINS, "log", "sign", "Zou (2007)"),
)

MEASURES = tuple(
    Measure(name, title, family, inputs, ("LS",), scale, turned, source, f'escalc("{name}")', function, True)
    for name, title, function, family, inputs, scale, turned, source in _ROWS
)
