"""Correct a pooled effect for selective publication by a model of the selection itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.bias.selection_fit import SelectionFit, summarise
from repool.pooling.bias.selection_search import START_DELTAS, Likelihood, peaks_from
from repool.pooling.bias.selection_weights import ALTERNATIVES, TYPES, StepWeights
from repool.pooling.bias.smooth_weights import SmoothWeights
from repool.pooling.models.estimators import check_inputs, weighted_fit
from repool.pooling.models.estimators import tau2 as estimate_tau2

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: Random effects by maximum likelihood, or a common effect.
METHODS = ("ML", "none")


def selection_model(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    weight: str,
    steps: Sequence[float] | None,
    delta: Sequence[float] | None,
    alternative: str,
    method_tau2: str,
    level: float,
) -> SelectionFit:
    """Fit a pooled effect and the selection by p-value at the same time.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    weight : {"stepfun", "beta", "halfnorm", "negexp", "logistic", "power"}
        Shape of the chance of publication over the p-value.
    steps : sequence of float or None
        "stepfun": upper ends of the p-value intervals; results in the first have weight 1.
    delta : sequence of float or None
        Weights that are given and not estimated (nan: to be estimated); None estimates all.
    alternative : {"greater", "less", "two.sided"}
        Which results are favoured: large, small, or both.
    method_tau2 : {"ML", "none"}
        Random effects, or a common effect.
    level : float
        Confidence level.

    Raises
    ------
    ValueError
        When a setting is unknown, an interval whose weight is to be estimated holds no p-value, or
        there are fewer effects than parameters.

    Notes
    -----
    Hedges (1992), Stat Sci 7, 246-255; Vevea & Hedges (1995), Psychometrika 60, 419-435; fixed
    weights: Vevea & Woods (2005), Psychol Methods 10, 428-443; smooth weights: see
    `repool.pooling.bias.smooth_weights`.
    """
    _check_settings(weight, alternative, method_tau2)
    yi, vi, _ = _enough(yi, vi)
    turn = -1.0 if alternative == "less" else 1.0
    two_sided = alternative == "two.sided"
    if weight == "stepfun":
        weights = StepWeights(turn * yi, vi, steps=() if steps is None else steps, two_sided=two_sided)
    else:
        weights = SmoothWeights(turn * yi, vi, kind=weight, two_sided=two_sided)
    given = _given_weights(weights, delta, weight=weight)
    free = np.concatenate([[True, method_tau2 == "ML"], np.isnan(given)])
    _check_counts(weights, given, free, k=yi.size, weight=weight)
    unselected, starts = _starts(turn * yi, vi, weights.neutral, given, method_tau2=method_tau2)
    likelihood = Likelihood(turn * yi, vi, weights)
    peaks = peaks_from(likelihood, starts=starts, free=free)
    return summarise(peaks, weights, free, turn=turn, k=yi.size, unselected=unselected, level=level)


def _check_settings(weight: str, alternative: str, method_tau2: str) -> None:
    """Raise when a setting is not one of those allowed."""
    for name, value, allowed in (
        ("weight", weight, TYPES),
        ("alternative", alternative, ALTERNATIVES),
        ("method_tau2", method_tau2, METHODS),
    ):
        if value not in allowed:
            raise ValueError(f"{name} is {value!r}; must be one of {', '.join(allowed)}")


def _enough(yi: ArrayLike, vi: ArrayLike) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return checked effects; one effect alone cannot show selection."""
    if np.size(yi) < 2:
        raise ValueError(f"{np.size(yi)} effect(s) are too few for a selection model")
    return check_inputs(yi, vi)


def _given_weights(weights: StepWeights | SmoothWeights, delta: Sequence[float] | None, *, weight: str) -> np.ndarray:
    """Return the given weight parameters, nan where one is to be estimated."""
    if delta is None:
        given = np.full(weights.n_delta, math.nan)
    else:
        given = np.asarray(delta, dtype=float).ravel()
        if given.size != weights.n_delta:
            raise ValueError(f"delta has {given.size} value(s); this weight needs {weights.n_delta}")
        if (given < 0).any() or np.isinf(given).any() or (weight in ("stepfun", "beta") and (given == 0).any()):
            raise ValueError(f"weights must be numbers above 0; they are {given.tolist()}")
    if weight == "stepfun" and math.isnan(given[0]):
        # Only ratios of weights can be told; the first interval is the yardstick.
        given[0] = 1.0
    return given


def _check_counts(
    weights: StepWeights | SmoothWeights, given: np.ndarray, free: np.ndarray, *, k: int, weight: str
) -> None:
    """Raise when there are fewer effects than parameters, or an empty interval has no given weight."""
    if k < int(np.sum(free)):
        raise ValueError(f"{k} effects are too few for the {int(np.sum(free))} parameters of this selection model")
    if weight != "stepfun":
        return
    ends = np.concatenate([[0.0], weights.steps])
    empty = [
        f"{ends[j]:g} < p <= {ends[j + 1]:g}"
        for j in range(weights.n_delta)
        if weights.counts[j] == 0 and math.isnan(given[j])
    ]
    if empty:
        raise ValueError(
            f"no observed p-value in the interval(s) {'; '.join(empty)}, so the weight there cannot be "
            "estimated: choose other steps, or give the weights"
        )


def _starts(
    yi: np.ndarray, vi: np.ndarray, neutral: np.ndarray, given: np.ndarray, *, method_tau2: str
) -> tuple[float, np.ndarray]:
    """Return the log-likelihood without selection, and starting places."""
    tau2 = estimate_tau2(yi, vi, method=method_tau2).tau2
    fit = weighted_fit(yi, vi, tau2=tau2)
    variance = vi + tau2
    unselected = -0.5 * float(np.sum(np.log(2.0 * np.pi * variance) + fit.residuals**2 / variance))
    spread = float(np.mean(vi)) + tau2
    places = []
    for factor in START_DELTAS:
        inner = np.where(np.isnan(given), np.full(given.size, factor), given)
        if neutral.size > 1 and math.isnan(given[0]):
            inner = np.where(np.isnan(given), factor ** np.array([1.0, -1.0]), given)
        places.append([float(fit.beta[0]), tau2, *inner])
        if method_tau2 == "ML":
            places.append([0.5 * float(fit.beta[0]), 0.5 * tau2 + 0.5 * spread, *inner])
    unique = np.unique(np.array(places), axis=0)
    return unselected, unique
