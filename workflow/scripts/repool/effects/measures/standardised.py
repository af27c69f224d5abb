"""Standardised mean differences of two independent arms, from means or from Cohen's d, and what follows from them."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import numpy as np
from scipy.special import ndtri

from repool.effects.measures.measure import Array, Formula, Measure, hedges_correction, weighted_average

Pair = tuple[Array, Array]

#: What turns a standardised mean difference into a log odds ratio: the standard deviation of the logistic
#: distribution (Hasselblad and Hedges 1995), or 1.65 for normal ones (Cox and Snell 1989).
LOGISTIC_SD = np.pi / np.sqrt(3)
NORMAL_FACTOR = 1.65


def cohens_d(x: SimpleNamespace) -> Array:
    """Return the mean difference in pooled standard deviations, or the given one, shape (k,)."""
    if hasattr(x, "d"):
        return x.d
    sum_of_squares = (x.n_arm1 - 1) * x.sd_arm1**2 + (x.n_arm2 - 1) * x.sd_arm2**2
    return (x.mean_arm1 - x.mean_arm2) / np.sqrt(sum_of_squares / (x.n_arm1 + x.n_arm2 - 2))


def hedges_g(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the standardised mean difference (Hedges' g) and its variance.

    Notes
    -----
    Hedges (1981), exact correction. LS: Hedges (1982), equation 8; LS2: Borenstein (2009), equation 12.17; UB:
    Hedges (1983), equation 9, unbiased; AV: LS with the average of g over the studies.
    """
    n = x.n_arm1 + x.n_arm2
    return _corrected(cohens_d(x), n - 2, x, tail=2 * n, weights=n, vtype=vtype)


def glass_delta(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the mean difference in standard deviations of arm 2, bias-corrected, and its variance.

    Notes
    -----
    Hedges (1981); the variances are those of `hedges_g` with the degrees of freedom of arm 2 alone.
    """
    d = (x.mean_arm1 - x.mean_arm2) / x.sd_arm2
    return _corrected(d, x.n_arm2 - 1, x, tail=2 * x.n_arm2, weights=x.n_arm1 + x.n_arm2, vtype=vtype)


def _corrected(d: Array, df: Array, x: SimpleNamespace, *, tail: Array, weights: Array, vtype: str) -> Pair:
    """Return the bias-corrected d and its variance of the named type."""
    factor = hedges_correction(df)
    g = factor * d
    base = 1 / x.n_arm1 + 1 / x.n_arm2
    if vtype == "LS2":
        return g, factor**2 * (base + d**2 / tail)
    if vtype == "UB":
        return g, base + (1 - (df - 2) / (df * factor**2)) * g**2
    if vtype == "AV":
        return g, base + weighted_average(g, weights) ** 2 / tail
    return g, base + g**2 / tail


def hedges_g_unequal(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the mean difference in root mean variances of the arms, bias-corrected, and its variance.

    Notes
    -----
    Bonett (2008, 2009). LS multiplies the variance by the squared bias correction, as metafor 3.8; LS5 does not, as
    metafor 4 and newer.
    """
    variance = (x.sd_arm1**2 + x.sd_arm2**2) / 2
    factor = hedges_correction(x.n_arm1 + x.n_arm2 - 2)
    g = factor * (x.mean_arm1 - x.mean_arm2) / np.sqrt(variance)
    part1, part2 = x.sd_arm1**2 / variance, x.sd_arm2**2 / variance
    df1, df2 = x.n_arm1 - 1, x.n_arm2 - 1
    vi = part1 / df1 + part2 / df2 + g**2 * (part1**2 / df1 + part2**2 / df2) / 8
    return g, vi if vtype == "LS5" else factor**2 * vi


def glass_delta_unequal(x: SimpleNamespace, vtype: str) -> Pair:
    """Return Glass' delta, bias-corrected, and its variance when the arms' spreads differ.

    Notes
    -----
    Bonett (2008). LS divides by the people per arm, as metafor 3.8; LS5 by one less, as metafor 4 and newer.
    """
    g = hedges_correction(x.n_arm2 - 1) * (x.mean_arm1 - x.mean_arm2) / x.sd_arm2
    less = 1 if vtype == "LS5" else 0
    n1, n2 = x.n_arm1 - less, x.n_arm2 - less
    return g, (x.sd_arm1 / x.sd_arm2) ** 2 / n1 + 1 / n2 + g**2 / (2 * n2)


def point_biserial(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the point-biserial correlation and its variance.

    Notes
    -----
    LS and ST are the same: arms of fixed size, the delta method on Cohen's d. CS: one sample (Tate 1954). See Jacobs
    and Viechtbauer (2017).
    """
    n, d = x.n_arm1 + x.n_arm2, cohens_d(x)
    fixed = (n - 2) / x.n_arm1 + (n - 2) / x.n_arm2
    r = d / np.sqrt(d**2 + fixed)
    if vtype == "CS":
        shares = x.n_arm1 * x.n_arm2 / n**2
        return r, (1 - r**2) ** 2 * (1 - 3 / 2 * r**2 + r**2 / (4 * shares)) / n
    d_vi = 1 / x.n_arm1 + 1 / x.n_arm2 + d**2 / (2 * n)
    return r, fixed**2 / (fixed + d**2) ** 3 * d_vi


def biserial(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the biserial correlation and its variance (Soper 1914; Jacobs and Viechtbauer 2017)."""
    n = x.n_arm1 + x.n_arm2
    share1, share2 = x.n_arm1 / n, x.n_arm2 / n
    cut = ndtri(share2)
    density = np.exp(-(cut**2) / 2) / np.sqrt(2 * np.pi)
    spread = np.sqrt(share1 * share2)
    r = spread / density * point_biserial(x, "LS")[0]
    bend = 3 / 2 + (1 - share1 * cut / density) * (1 + share2 * cut / density)
    # The estimate can lie beyond 1; its variance is then that at 1, as in R.
    square = np.minimum(r**2, 1.0)
    return r, ((spread / density) ** 2 - bend * square + square**2) / (n - 1)


def d_as_log_odds_ratio(x: SimpleNamespace, vtype: str, *, factor: float) -> Pair:
    """Return Cohen's d, not bias-corrected, as a log odds ratio, and its variance."""
    d, n = cohens_d(x), x.n_arm1 + x.n_arm2
    return factor * d, factor**2 * (1 / x.n_arm1 + 1 / x.n_arm2 + d**2 / (2 * n))


_LOGISTIC = partial(d_as_log_odds_ratio, factor=LOGISTIC_SD)
_NORMAL = partial(d_as_log_odds_ratio, factor=NORMAL_FACTOR)
_SMD_VTYPES = ("LS", "LS2", "UB", "AV")
_SMD_SOURCE = "Hedges (1981, 1982, 1983); Borenstein (2009), 12.17"
_TATE = "Tate (1954); Jacobs and Viechtbauer (2017)"
_HASSELBLAD = "Hasselblad and Hedges (1995); Chinn (2000)"
_BONETT = "Bonett (2008, 2009); LS as metafor 3.8, LS5 as metafor 4 and newer"
_BOTH = ("LS", "LS5")
#: Code, title, formula, vtypes, scale, source.
_FROM_D: tuple[tuple[str, str, Formula, tuple[str, ...], str, str], ...] = (
    ("SMD", "standardised mean difference (Hedges' g)", hedges_g, _SMD_VTYPES, "plain", _SMD_SOURCE),
    ("D2OR", "d as log odds ratio, logistic", _LOGISTIC, ("LS",), "log", _HASSELBLAD),
    ("D2ORL", "d as log odds ratio, logistic", _LOGISTIC, ("LS",), "log", _HASSELBLAD),
    ("D2ORN", "d as log odds ratio, normal", _NORMAL, ("LS",), "log", "Cox and Snell (1989)"),
    ("RPB", "point-biserial correlation", point_biserial, ("LS", "ST", "CS"), "plain", _TATE),
    ("RBIS", "biserial correlation", biserial, ("LS",), "plain", "Soper (1914); Jacobs and Viechtbauer (2017)"),
)
#: The same from means only, and the inputs that are not needed.
_FROM_MEANS: tuple[tuple[str, str, Formula, tuple[str, ...], str, tuple[str, ...]], ...] = (
    ("SMDH", "standardised mean difference, unequal spreads", hedges_g_unequal, _BOTH, _BONETT, ()),
    ("SMD1", "mean difference in SDs of arm 2 (Glass)", glass_delta, _SMD_VTYPES, _SMD_SOURCE, ("sd_arm1",)),
    ("SMD1H", "mean difference in SDs of arm 2, unequal spreads", glass_delta_unequal, _BOTH, _BONETT, ()),
)
_MEANS_INPUTS = ("mean_arm1", "sd_arm1", "n_arm1", "mean_arm2", "sd_arm2", "n_arm2")
_D_INPUTS = ("d", "n_arm1", "n_arm2")

MEASURES = tuple(
    Measure(name, title, family, inputs, vtypes, scale, "sign", source, call.format(name), function)
    for family, inputs, call in (
        ("means", _MEANS_INPUTS, 'escalc("{}")'),
        ("cohens_d", _D_INPUTS, 'escalc("{}", di=)'),
    )
    for name, title, function, vtypes, scale, source in _FROM_D
) + tuple(
    Measure(
        name,
        title,
        "means",
        tuple(column for column in _MEANS_INPUTS if column not in spared),
        vtypes,
        "plain",
        "sign",
        source,
        f'escalc("{name}")',
        function,
    )
    for name, title, function, vtypes, source, spared in _FROM_MEANS
)
