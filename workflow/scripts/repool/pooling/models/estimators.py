"""Estimate the between-study variance (tau2) of one set of effects.

A common-effect model is the case ``tau2 = 0``. Throughout, ``yi`` are effects (ratio measures on
the log scale), ``vi`` their sampling variances, and the design is a k by p matrix whose single
column of ones stands for "one mean, no moderators".
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.models.generalised_q import counted, fixed_weights_fit, genq, genqm
from repool.pooling.models.many import METHODS_MANY, estimate
from repool.pooling.models.stacks import EPSILON, Plain, Projection, Stack, build_stack, project
from repool.pooling.models.weighted import WeightedFit, check_inputs, check_lenient, check_weights, weighted_fit

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = [
    "CLOSED_FORMS",
    "EPSILON",
    "METHODS_TAU2",
    "Tau2",
    "WeightedFit",
    "check_inputs",
    "tau2",
    "tau2_se",
    "weighted_fit",
]

#: What may stand in ``method_tau2``; "none" is the common-effect model.
METHODS_TAU2 = (*METHODS_MANY, "GENQ", "GENQM")

#: Estimators that are computed in one go; the others search.
CLOSED_FORMS = ("DL", "HE", "HS", "HSk", "SJ", "GENQ")

#: Estimators that divide by the sampling variances themselves.
NEED_VARIANCES_ABOVE_0 = ("DL", "HS", "HSk", "PM", "PMM")


@dataclass(frozen=True)
class Tau2:
    """The between-study variance and how the search for it ended.

    Attributes
    ----------
    tau2 : float
        Between-study variance, on the squared scale of ``yi``; never negative.
    converged : bool
        True when the search met its tolerance (always so for closed forms).
    iterations : int
        Steps of the search; 0 for closed forms and for an estimate of exactly 0.
    at_boundary : bool
        True when tau2 was estimated and came out as 0.
    raw : float
        What a closed form gave before it was cut off at 0; elsewhere tau2 itself.
    """

    tau2: float
    converged: bool
    iterations: int
    at_boundary: bool
    raw: float


def tau2(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    method: str,
    design: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> Tau2:
    """Estimate the between-study variance.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances. A variance of 0 is possible with HE, SJ, ML, REML
        and EB; an infinite one with all but ML and REML.
    method : str
        One of `METHODS_TAU2`; "none" returns 0 for the common-effect model.
    design : array_like of shape (k, p) or None
        Design matrix; None stands for a single column of ones.
    weights : array_like of shape (k,) or None
        Weights of Q for GENQ and GENQM, where None stands for ``1 / vi``; no others use them.

    Returns
    -------
    Tau2
        The estimate. A single effect has no spread: its tau2 is 0.

    Raises
    ------
    ValueError
        When the method is unknown or the data cannot be pooled by it.

    Notes
    -----
    Closed forms: see `repool.pooling.models.moments.closed_form`. ML, REML: the highest peak of
    the (restricted) likelihood, Viechtbauer (2005), J Educ Behav Stat 30, 261-293. PM: Paule &
    Mandel (1982); EB (Morris 1983) has the same root. PMM: Q at the median of chi-squared
    instead of its mean, Viechtbauer (2021). GENQ, GENQM: see `generalised_q`.
    """
    if method not in METHODS_TAU2:
        raise ValueError(f"method_tau2 is {method!r}; must be one of {', '.join(METHODS_TAU2)}")
    yi, vi, design = check_lenient(yi, vi, design)
    if weights is not None and method not in ("GENQ", "GENQM"):
        raise ValueError(f"weights of one's own belong to GENQ and GENQM; {method} has its own")
    if yi.size == 1 or method == "none":
        return Tau2(0.0, converged=True, iterations=0, at_boundary=False, raw=0.0)
    _check_method(vi, design, method=method)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        stack, plain = build_stack(yi[:, None], vi[:, None], np.ones((yi.size, 1), dtype=bool), design)
        raw, converged, iterations = _search(stack, plain, _weights(vi, yi, weights, method), method=method)
    value = max(raw, 0.0)
    return Tau2(value, converged=converged, iterations=iterations, at_boundary=value == 0.0, raw=raw)


def _check_method(vi: np.ndarray, design: np.ndarray, *, method: str) -> None:
    """Raise when the estimator does not exist for such variances or so few effects."""
    k, p = design.shape
    if k < p + 1:
        raise ValueError(f"{k} effect(s) cannot carry {p} coefficient(s) and tau2; at least {p + 1} needed")
    if method in NEED_VARIANCES_ABOVE_0 and (vi == 0).any():
        raise ValueError(f"vi must be above 0 for {method}; the smallest here is 0 (HE, SJ and REML can use it)")
    if method in ("ML", "REML") and np.isinf(vi).any():
        raise ValueError(f"vi holds a value that is missing or infinite, which {method} cannot use; leave it out")


def _weights(vi: np.ndarray, yi: np.ndarray, weights: ArrayLike | None, method: str) -> np.ndarray | None:
    """Return the weights of GENQ and GENQM, None for other estimators."""
    if method not in ("GENQ", "GENQM"):
        return None
    if weights is None and (vi == 0).any():
        raise ValueError(f"vi must be above 0 for {method} with weights 1 / vi; the smallest here is 0")
    weights = 1.0 / vi if weights is None else check_weights(weights, yi)
    if (np.isinf(vi) & (weights > 0)).any():
        raise ValueError("vi holds a value that is infinite, with a weight above 0; leave it out")
    return weights


def _search(stack: Stack, plain: Plain, weights: np.ndarray | None, *, method: str) -> tuple[float, bool, int]:
    """Return the estimate before it is cut off at 0, whether it converged, and the steps it took."""
    if method == "GENQ":
        return genq(stack, weights), True, 0
    if method == "GENQM":
        value, steps = genqm(stack, plain, weights)
        return value, True, steps
    raw, found = estimate(stack, plain, method=method)
    return float(raw[0]), bool(found.converged[0]), int(found.iterations[0])


def tau2_se(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    method: str,
    tau2: float,
    design: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> float:
    """Return the asymptotic standard error of the between-study variance.

    Parameters
    ----------
    yi, vi, method, design, weights
        As in `tau2`.
    tau2 : float
        The estimate.

    Returns
    -------
    float
        Standard error on the scale of tau2; nan for "none", for a single effect, and where an
        infinite variance leaves none (HE, SJ).

    Notes
    -----
    For closed forms the variance of a quadratic form at the estimate; for ML and REML the
    inverse expected information, Viechtbauer (2005), equations 17 and 18. It says little near
    the boundary at 0 or with few effects: an interval from a Q-profile is better.
    """
    yi, vi, design = check_lenient(yi, vi, design)
    if method == "none" or yi.size == 1:
        return math.nan
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        stack, plain = build_stack(yi[:, None], vi[:, None], np.ones((yi.size, 1), dtype=bool), design)
        variance = _variance_of_tau2(stack, plain, tau2, _weights(vi, yi, weights, method), method=method)
        return float(np.sqrt(variance))


def _variance_of_tau2(
    stack: Stack, plain: Plain, tau2: float, weights: np.ndarray | None, *, method: str
) -> np.ndarray | float:
    """Return the asymptotic variance of an estimate of tau2."""
    k, df, vi = float(stack.k[0]), float(stack.df[0]), stack.vi
    if method in ("ML", "REML"):
        fit = project(stack, np.array([tau2]))
        return 2.0 / (fit.trace_pp()[0] if method == "REML" else np.sum(fit.weights**2))
    if method in ("EB", "PM", "PMM"):
        return 2.0 * k**2 / df / np.sum(1.0 / (vi + tau2)) ** 2
    if method in ("GENQ", "GENQM"):
        fit = fixed_weights_fit(stack, weights)
        return _of_quadratic_form(fit, counted(vi, weights), tau2) / fit.trace_p()[0] ** 2
    if method == "HE":
        return _of_quadratic_form(fixed_weights_fit(stack, np.ones(vi.size)), vi, tau2) / df**2
    if method == "SJ":
        start = plain.total / k
        return _of_quadratic_form(project(stack, start), vi, tau2) * (start[0] / df) ** 2
    # Under weights 1 / vi the trace of PVPV is df and that of PVP is the trace of P.
    fit = project(stack, np.zeros(1))
    variance = 2.0 * df + 4.0 * tau2 * fit.trace_p()[0] + 2.0 * tau2**2 * fit.trace_pp()[0]
    unit = fit.trace_p()[0] if method == "DL" else np.sum(fit.weights)
    return variance / unit**2 * ((k / df) ** 2 if method == "HSk" else 1.0)


def _of_quadratic_form(fit: Projection, vi: np.ndarray, tau2: float) -> np.ndarray:
    """Return the variance of y'Py when y has variances vi + tau2."""
    return (2.0 * fit.trace_pp(vi, vi) + 4.0 * tau2 * fit.trace_pp(vi) + 2.0 * tau2**2 * fit.trace_pp())[0]
