"""Measures of association of two quantities: correlations, rank correlations and partial correlations."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from scipy.special import hyp2f1

from repool.effects.measures.measure import Array, Measure, weighted_average

Pair = tuple[Array, Array]

#: Fewer people than this give no variance of a correlation, as in R.
SMALLEST_N = 4
#: From this third parameter the hypergeometric series is summed; with so many terms the next is below 1e-17.
SERIES_FROM_C = 20.0
SERIES_TERMS = 60


def correlation(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the correlation and its variance.

    Notes
    -----
    Borenstein (2009), equation 12.27; AV puts the average correlation over the studies into it.
    """
    return x.r, np.where(x.n >= SMALLEST_N, _large_sample(x.r, x.n, vtype), np.nan)


def unbiased_correlation(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the unbiased correlation and its variance.

    Notes
    -----
    Olkin and Pratt (1958), equation 2.3, exact. UB: the unbiased variance of Hedges (1989), exact; LS and AV as for
    `correlation`. It does not exist for 4 people or fewer.
    """
    exists = x.n > SMALLEST_N
    n = np.where(exists, x.n, np.nan)
    yi = x.r * _hypergeometric(0.5, (n - 2) / 2, 1 - x.r**2)
    if vtype == "UB":
        return yi, yi**2 - 1 + (n - 3) / (n - 2) * (1 - x.r**2) * _hypergeometric(1.0, n / 2, 1 - x.r**2)
    return yi, _large_sample(yi, n, vtype)


def _hypergeometric(a: float, c: Array, z: Array) -> Array:
    """Return Gauss' hypergeometric function 2F1(a, a; c; z) for a up to 1, c above a and z from 0 to 1.

    Notes
    -----
    SciPy's function fails for large c, where the series itself converges at once: term k is at most
    1 / binomial(c + k - 1, k). GSL's, which R uses, is wrong by 1e-3 near z = 1.
    """
    large = c > SERIES_FROM_C
    value = hyp2f1(a, a, np.where(large, SERIES_FROM_C, c), z)
    term = np.ones(int(large.sum()))
    total = term.copy()
    for k in range(SERIES_TERMS):
        term = term * (a + k) ** 2 / ((c[large] + k) * (k + 1)) * z[large]
        total += term
    value[large] = total
    return value


def _large_sample(r: Array, n: Array, vtype: str) -> Array:
    """Return (1 - r^2)^2 / (n - 1), with each r or with their average."""
    inserted = weighted_average(r, np.where(np.isfinite(r), n, np.nan)) if vtype == "AV" else r
    return (1 - inserted**2) ** 2 / (n - 1)


def fisher_z(x: SimpleNamespace, vtype: str) -> Pair:
    """Return Fisher's z of the correlation and its variance (Fisher 1921)."""
    return np.arctanh(x.r), _if_positive(1.0, x.n - 3)


def fisher_z_of_ranks(x: SimpleNamespace, vtype: str) -> Pair:
    """Return Fisher's z of Spearman's rank correlation and its variance (Bonett and Wright 2000)."""
    return np.arctanh(x.r), _if_positive(1 + x.r**2 / 2, x.n - 3)


def partial_correlation(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the partial correlation, from the t statistic of a regression coefficient, and its variance.

    Notes
    -----
    Aloe and Becker (2012): r = t / sqrt(t^2 + df) with df = n - 2 - n_covariates, where `n_covariates` are the
    variables held constant, so that R's number of predictors is n_covariates + 1. LS divides by df, as metafor 3.8;
    LS5 divides by df + 1, as metafor 4 and newer; AV is LS with the average over the studies.
    """
    r, df = _partial(x)
    inserted = weighted_average(r, np.where(np.isfinite(r), x.n, np.nan)) if vtype == "AV" else r
    return r, _if_positive((1 - inserted**2) ** 2, df) * (df / (df + 1) if vtype == "LS5" else 1)


def fisher_z_of_partial(x: SimpleNamespace, vtype: str) -> Pair:
    """Return Fisher's z of the partial correlation and its variance.

    Notes
    -----
    LS: 1 / df, as metafor 3.8; LS5: 1 / (df - 1), Fisher's n - 3 minus the variables held constant, as metafor 4 and
    newer.
    """
    r, df = _partial(x)
    return np.arctanh(r), _if_positive(1.0, df - 1 if vtype == "LS5" else df)


def semi_partial_correlation(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the semi-partial correlation and its variance (Aloe and Becker 2012).

    Notes
    -----
    r = t sqrt((1 - R^2) / df); R^2 is that of the whole model.
    """
    df = _df(x)
    r = x.t * np.sqrt((1 - x.r2) / df)
    without = x.r2 - r**2
    vi = (x.r2**2 - 2 * x.r2 + without + 1 - without**2) / x.n
    return r, np.where((df > 0) & (without >= -1e-9), vi, np.nan)


def _df(x: SimpleNamespace) -> Array:
    """Return the residual degrees of freedom of the regression."""
    return x.n - 2 - x.n_covariates


def _partial(x: SimpleNamespace) -> Pair:
    """Return the partial correlation, as given or from t, and its degrees of freedom."""
    df = np.where(_df(x) > 0, _df(x), np.nan)
    return (x.r if hasattr(x, "r") else x.t / np.sqrt(x.t**2 + df)), df


def _if_positive(numerator: Array | float, denominator: Array) -> Array:
    """Return the quotient where the denominator is positive, else NaN."""
    return np.where(denominator > 0, numerator / denominator, np.nan)


_R, _T = ("r", "n"), ("t", "n", "n_covariates")
_PARTIAL_R, _T_R2 = ("r", "n", "n_covariates"), ("t", "n", "n_covariates", "r2")
_LS, _PARTIAL_VTYPES = ("LS",), ("LS", "LS5", "AV")
_ALOE = "Aloe and Becker (2012)"
_ALOE_BOTH = "Aloe and Becker (2012); LS as metafor 3.8, LS5 as metafor 4 and newer"
_OLKIN, _BORENSTEIN = "Olkin and Pratt (1958); Hedges (1989)", "Borenstein (2009), 12.27"
_BONETT = "Bonett and Wright (2000)"
#: Code, title, formula, family, inputs, vtypes, scale, source, how R is called.
_ROWS = (
    ("COR", "correlation", correlation, "correlation", _R, ("LS", "AV"), "plain", _BORENSTEIN, 'escalc("COR")'),
    (
        "UCOR",
        "unbiased correlation",
        unbiased_correlation,
        "correlation",
        _R,
        ("LS", "UB", "AV"),
        "plain",
        _OLKIN,
        'escalc("UCOR")',
    ),
    ("ZCOR", "Fisher's z", fisher_z, "correlation", _R, _LS, "fisher_z", "Fisher (1921)", 'escalc("ZCOR")'),
    ("ZSPEARMAN", "Fisher's z of ranks", fisher_z_of_ranks, "spearman", _R, _LS, "fisher_z", _BONETT, ""),
    (
        "PCOR",
        "partial correlation",
        partial_correlation,
        "partial",
        _T,
        _PARTIAL_VTYPES,
        "plain",
        _ALOE_BOTH,
        'escalc("PCOR")',
    ),
    (
        "ZPCOR",
        "Fisher's z of the partial correlation",
        fisher_z_of_partial,
        "partial",
        _T,
        ("LS", "LS5"),
        "fisher_z",
        _ALOE_BOTH,
        'escalc("ZPCOR")',
    ),
    (
        "PCOR",
        "partial correlation",
        partial_correlation,
        "partial_r",
        _PARTIAL_R,
        _PARTIAL_VTYPES,
        "plain",
        _ALOE_BOTH,
        'escalc("PCOR", ri=)',
    ),
    (
        "ZPCOR",
        "Fisher's z of the partial correlation",
        fisher_z_of_partial,
        "partial_r",
        _PARTIAL_R,
        ("LS", "LS5"),
        "fisher_z",
        _ALOE_BOTH,
        'escalc("ZPCOR", ri=)',
    ),
    (
        "SPCOR",
        "semi-partial correlation",
        semi_partial_correlation,
        "partial",
        _T_R2,
        _LS,
        "plain",
        _ALOE,
        'escalc("SPCOR")',
    ),
)

MEASURES = tuple(
    Measure(name, title, family, inputs, vtypes, scale, "sign", source, call, function)
    for name, title, function, family, inputs, vtypes, scale, source, call in _ROWS
)
