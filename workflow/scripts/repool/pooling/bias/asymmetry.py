"""Test whether small studies show other effects than large ones: Egger's test and its relatives."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.models.estimators import tau2 as estimate_tau2
from repool.pooling.models.estimators import weighted_fit
from repool.pooling.models.intervals import interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: What a study's smallness may be measured by.
PREDICTORS = ("sei", "vi", "ni", "ninv", "sqrtni", "sqrtninv")

#: Predictors that reach 0 for an infinitely large study, so that the intercept is a limit.
WITH_LIMIT = ("sei", "vi", "ninv", "sqrtninv")

#: How the regression is fitted.
MODELS = ("weighted_regression", "meta_regression")

#: A predictor whose spread is below this share of its size carries no slope: the threshold at
#: which R's lm calls a column collinear.
NO_SPREAD = 1e-7


@dataclass(frozen=True)
class AsymmetryTest:
    """A regression of effects on the size of the study.

    Attributes
    ----------
    statistic, df, pval : float
        Test of the slope; df is nan for a normal test.
    slope, slope_se, intercept : float
        The fitted line.
    estimate, se, ci_lb, ci_ub : float
        Effect at infinite study size, nan where the predictor has no such limit.
    tau2 : float
        Between-study variance left beside the slope; nan for the weighted regression, which
        inflates all variances by one factor instead.
    k : int
        Number of effects.
    note : str
        What is blank and why.
    """

    statistic: float
    df: float
    pval: float
    slope: float
    slope_se: float
    intercept: float
    estimate: float
    se: float
    ci_lb: float
    ci_ub: float
    tau2: float
    k: int
    note: str


def predictor_values(name: str, *, vi: ArrayLike, n_total: ArrayLike | None) -> np.ndarray:
    """Return the measure of smallness named, one value per study.

    Parameters
    ----------
    name : {"sei", "vi", "ni", "ninv", "sqrtni", "sqrtninv"}
        Standard error, variance, sample size, its inverse, its root, the inverse of its root.
    vi : array_like of shape (k,)
        Sampling variances.
    n_total : array_like of shape (k,) or None
        Persons per study; needed by the last four.

    Raises
    ------
    ValueError
        When the name is unknown or a sample size is missing or not above 0.
    """
    if name not in PREDICTORS:
        raise ValueError(f"predictor is {name!r}; must be one of {', '.join(PREDICTORS)}")
    vi = np.asarray(vi, dtype=float)
    if name in ("sei", "vi"):
        return np.sqrt(vi) if name == "sei" else vi.copy()
    size = _above_zero(n_total, vi.shape, needed_by=f"the predictor {name!r}")
    return {"ni": size, "ninv": 1.0 / size, "sqrtni": np.sqrt(size), "sqrtninv": 1.0 / np.sqrt(size)}[name]


def regression_test(
    yi: ArrayLike,
    vi: ArrayLike,
    x: ArrayLike,
    *,
    model: str,
    method_tau2: str,
    ci_method: str,
    level: float,
    has_limit: bool,
) -> AsymmetryTest:
    """Regress effects on a measure of study size and test the slope.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and the variances that set the weights.
    x : array_like of shape (k,)
        The predictor, see `predictor_values`.
    model : {"weighted_regression", "meta_regression"}
        Egger's weighted regression with one variance factor and a t test, or a meta-regression
        with the between-study variance of ``method_tau2`` and the test of ``ci_method``.
    method_tau2, ci_method : str
        As in `repool.pooling.models`; both are unused, and may be "", in a weighted regression.
    level : float
        Confidence level of the limit.
    has_limit : bool
        True when the intercept is the effect of an infinitely large study.

    Raises
    ------
    ValueError
        When the predictor hardly varies, or the effects cannot be pooled.

    Notes
    -----
    Egger, Davey Smith, Schneider & Minder (1997), BMJ 315, 629-634; as weighted regressions of the
    effects themselves and as meta-regressions: Sterne & Egger (2005), in Rothstein et al.,
    Publication bias in meta-analysis, chapter 6.
    """
    if model not in MODELS:
        raise ValueError(f"model is {model!r}; must be one of {', '.join(MODELS)}")
    yi, vi, x = (np.asarray(values, dtype=float) for values in (yi, vi, x))
    _refuse_without_spread(yi, vi, x)
    if model == "weighted_regression" and yi.size == 2:
        return _through_two_points(yi, x, has_limit=has_limit)
    design = np.column_stack([np.ones_like(x), x])
    tau2 = 0.0
    if model == "meta_regression":
        tau2 = estimate_tau2(yi, vi, method=method_tau2, design=design).tau2
    else:
        # One factor on all variances, estimated from the residuals, with t on k - 2: that is what
        # the Knapp-Hartung interval is when tau2 is 0.
        ci_method = "knapp_hartung"
    line = interval(weighted_fit(yi, vi, tau2=tau2, design=design), ci_method=ci_method, level=level)
    limit = [line.estimate[0], line.se[0], line.ci_lb[0], line.ci_ub[0]] if has_limit else [math.nan] * 4
    untested = "all effects lie exactly on the line: no test" if math.isnan(line.statistic[1]) else ""
    return AsymmetryTest(
        statistic=float(line.statistic[1]),
        df=float(line.df),
        pval=float(line.pval[1]),
        slope=float(line.estimate[1]),
        slope_se=float(line.se[1]),
        intercept=float(line.estimate[0]),
        estimate=float(limit[0]),
        se=float(limit[1]),
        ci_lb=float(limit[2]),
        ci_ub=float(limit[3]),
        tau2=tau2 if model == "meta_regression" else math.nan,
        k=yi.size,
        note=untested,
    )


def egger(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    predictor: str,
    n_total: ArrayLike | None,
    model: str,
    method_tau2: str,
    ci_method: str,
    level: float,
) -> AsymmetryTest:
    """Return Egger's regression test with the predictor named; see `regression_test`."""
    x = predictor_values(predictor, vi=vi, n_total=n_total)
    settings = {"model": model, "method_tau2": method_tau2, "ci_method": ci_method, "level": level}
    return regression_test(yi, vi, x, has_limit=predictor in WITH_LIMIT, **settings)


def _above_zero(values: ArrayLike | None, shape: tuple[int, ...], *, needed_by: str) -> np.ndarray:
    """Return sizes as floats, or say that they are missing."""
    if values is None:
        raise ValueError(f"{needed_by} needs sample sizes; there are none")
    values = np.asarray(values, dtype=float)
    if values.shape != shape or not np.isfinite(values).all() or (values <= 0).any():
        raise ValueError(f"{needed_by} needs one sample size above 0 for every effect")
    return values


def _refuse_without_spread(yi: np.ndarray, vi: np.ndarray, x: np.ndarray) -> None:
    """Raise when the line has no slope to estimate, or a value is not usable."""
    if not (yi.ndim == 1 and yi.shape == vi.shape == x.shape):
        raise ValueError("effects, variances and predictor must be lists of equal length")
    for name, values in (("yi", yi), ("vi", vi), ("the predictor", x)):
        if not np.isfinite(values).all():
            raise ValueError(f"{name} holds a value that is missing or infinite")
    if yi.size < 2:
        raise ValueError(f"{yi.size} effect(s) cannot show asymmetry; at least 2 studies of different size needed")
    if np.linalg.norm(x - x.mean()) <= NO_SPREAD * np.linalg.norm(x):
        raise ValueError("the predictor is the same in all studies: no regression on study size is possible")
    if (vi < 0).any():
        raise ValueError(f"vi must not be below 0; the smallest here is {vi.min():g}")


def _through_two_points(yi: np.ndarray, x: np.ndarray, *, has_limit: bool) -> AsymmetryTest:
    """Return the line through two effects, which leaves nothing to test it with."""
    slope = float((yi[1] - yi[0]) / (x[1] - x[0]))
    intercept = float(yi[0] - slope * x[0])
    nan = math.nan
    note = "two effects determine the line exactly: no test, no interval"
    limit = intercept if has_limit else nan
    return AsymmetryTest(nan, 0.0, nan, slope, nan, intercept, limit, nan, nan, nan, nan, 2, note)
