"""Test funnel asymmetry with weights that do not depend on the effect: Macaskill, Peters, Harbord and their like."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.bias.asymmetry import AsymmetryTest, regression_test

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def macaskill(yi: ArrayLike, vi: ArrayLike, n_total: ArrayLike, *, level: float) -> AsymmetryTest:
    """Regress effects on sample size, weights 1 / vi.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    n_total : array_like of shape (k,)
        Persons per study.
    level : float
        Confidence level.

    Notes
    -----
    Macaskill, Walter & Irwig (2001), Stat Med 20, 641-654 (their "FIV" weights).
    """
    yi, vi, n_total = _numbers(yi=yi, vi=vi, n_total=n_total)
    return _weighted(yi, vi, n_total, level=level, has_limit=False)


def peters(
    yi: ArrayLike,
    *,
    events_arm1: ArrayLike,
    events_arm2: ArrayLike,
    n_arm1: ArrayLike,
    n_arm2: ArrayLike,
    level: float,
) -> AsymmetryTest:
    """Regress log odds ratios on 1 / n, weighted by the events and non-events of both arms together.

    Parameters
    ----------
    yi : array_like of shape (k,)
        Log odds ratios.
    events_arm1, events_arm2, n_arm1, n_arm2 : array_like of shape (k,)
        Events and persons per arm.
    level : float
        Confidence level.

    Notes
    -----
    Peters, Sutton, Jones, Abrams & Rushton (2006), JAMA 295, 676-680: variance
    1 / events + 1 / non-events of the pooled arms, which does not know the effect.
    """
    yi, e1, e2, n1, n2 = _numbers(yi=yi, events_arm1=events_arm1, events_arm2=events_arm2, n_arm1=n_arm1, n_arm2=n_arm2)
    events, total = e1 + e2, n1 + n2
    usable = (events > 0) & (events < total)
    variances = 1.0 / events[usable] + 1.0 / (total - events)[usable]
    return _weighted(
        yi[usable], variances, 1.0 / total[usable], level=level, has_limit=True, dropped=int(np.sum(~usable))
    )


def harbord(
    *,
    events_arm1: ArrayLike,
    events_arm2: ArrayLike,
    n_arm1: ArrayLike,
    n_arm2: ArrayLike,
    level: float,
) -> AsymmetryTest:
    """Regress the efficient score over its variance on the standard error it implies.

    Parameters
    ----------
    events_arm1, events_arm2, n_arm1, n_arm2 : array_like of shape (k,)
        Events and persons per arm.
    level : float
        Confidence level.

    Notes
    -----
    Harbord, Egger & Sterne (2006), Stat Med 25, 3443-3457: Z = e1 - e n1 / n,
    V = n1 n2 e (n - e) / (n^2 (n - 1)); Z / V on 1 / sqrt(V) with weights V.
    """
    e1, e2, n1, n2 = _numbers(events_arm1=events_arm1, events_arm2=events_arm2, n_arm1=n_arm1, n_arm2=n_arm2)
    events, total = e1 + e2, n1 + n2
    score = e1 - events * n1 / total
    usable = (events > 0) & (events < total)
    information = n1 * n2 * events * (total - events) / (total**2 * (total - 1.0))
    score, information = score[usable], information[usable]
    x = 1.0 / np.sqrt(information)
    dropped = int(np.sum(~usable))
    return _weighted(score / information, 1.0 / information, x, level=level, has_limit=True, dropped=dropped)


def deeks(yi: ArrayLike, *, n_arm1: ArrayLike, n_arm2: ArrayLike, level: float) -> AsymmetryTest:
    """Regress effects on the inverse root of the effective sample size, weighted by that size.

    Parameters
    ----------
    yi : array_like of shape (k,)
        Log (diagnostic) odds ratios.
    n_arm1, n_arm2 : array_like of shape (k,)
        Persons per arm (with and without the disease in a diagnostic study).
    level : float
        Confidence level.

    Notes
    -----
    Deeks, Macaskill & Irwig (2005), J Clin Epidemiol 58, 882-893: ESS = 4 n1 n2 / (n1 + n2).
    """
    yi, n1, n2 = _numbers(yi=yi, n_arm1=n_arm1, n_arm2=n_arm2)
    effective = 4.0 * n1 * n2 / (n1 + n2)
    return _weighted(yi, 1.0 / effective, 1.0 / np.sqrt(effective), level=level, has_limit=True)


def pustejovsky_rodgers(yi: ArrayLike, *, n_arm1: ArrayLike, n_arm2: ArrayLike, level: float) -> AsymmetryTest:
    """Run Egger's regression for standardised mean differences on sqrt(1 / n1 + 1 / n2).

    Parameters
    ----------
    yi : array_like of shape (k,)
        Standardised mean differences.
    n_arm1, n_arm2 : array_like of shape (k,)
        Persons per arm.
    level : float
        Confidence level.

    Notes
    -----
    Pustejovsky & Rodgers (2019), Res Synth Methods 10, 57-71: the usual variance of a standardised
    mean difference contains the effect, so Egger's test rejects too often; this one leaves it out.
    """
    yi, n1, n2 = _numbers(yi=yi, n_arm1=n_arm1, n_arm2=n_arm2)
    variances = 1.0 / n1 + 1.0 / n2
    return _weighted(yi, variances, np.sqrt(variances), level=level, has_limit=True)


def _numbers(**named: ArrayLike) -> list[np.ndarray]:
    """Return the arrays as floats, or name the one with a missing value or an impossible count."""
    arrays = {name: np.asarray(values, dtype=float) for name, values in named.items()}
    for name, values in arrays.items():
        if not np.isfinite(values).all():
            raise ValueError(f"{name} is missing for at least one study; the test needs it for all")
        if name.startswith("n_") and (values <= 0).any():
            raise ValueError(f"{name} must be above 0; the smallest here is {values.min():g}")
    for arm in ("arm1", "arm2"):
        events, total = arrays.get(f"events_{arm}"), arrays.get(f"n_{arm}")
        if events is not None and ((events < 0).any() or (events > total).any()):
            raise ValueError(f"events_{arm} must lie between 0 and n_{arm}")
    return list(arrays.values())


def _weighted(
    yi: np.ndarray, vi: np.ndarray, x: np.ndarray, *, level: float, has_limit: bool, dropped: int = 0
) -> AsymmetryTest:
    """Return the weighted regression, and say how many studies could not enter it."""
    settings = {"model": "weighted_regression", "method_tau2": "", "ci_method": ""}
    test = regression_test(yi, vi, x, level=level, has_limit=has_limit, **settings)
    if not dropped:
        return test
    left_out = f"{dropped} study(ies) without events, or with events only, left out"
    return dataclasses.replace(test, note=f"{test.note}; {left_out}" if test.note else left_out)
