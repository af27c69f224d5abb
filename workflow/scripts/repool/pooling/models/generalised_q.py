"""Estimate tau2 from a generalised Q with weights of one's own: its mean (GENQ) or its median (GENQM)."""

from __future__ import annotations

import numpy as np

from repool.pooling.models.quadratic_forms import survival
from repool.pooling.models.stacks import Plain, Projection, Stack, project_with


def fixed_weights_fit(stack: Stack, weights: np.ndarray) -> Projection:
    """Return the fit of a single set under weights that do not depend on tau2, shape (k,)."""
    return project_with(stack, weights[:, None])


def genq(stack: Stack, weights: np.ndarray) -> float:
    """Return the tau2 at which the generalised Q equals its expectation, not cut off at 0.

    Parameters
    ----------
    stack : Stack
        One data set.
    weights : numpy.ndarray of shape (k,)
        Weights A.

    Notes
    -----
    DerSimonian & Kacker (2007), Contemp Clin Trials 28, 105-114: (y'Py - tr PV) / tr P with
    P = A - A X (X'AX)^-1 X'A. A = 1 / vi gives DL, equal weights give HE.
    """
    fit = fixed_weights_fit(stack, weights)
    return float((fit.rss()[0] - fit.trace(counted(stack.vi, weights))[0]) / fit.trace_p()[0])


def counted(vi: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return variances (k, 1) with 0 where the weight is 0, so that an infinite one does no harm there."""
    return np.where(weights[:, None] > 0, vi, 0.0)


def eigenvalues(fit: Projection, vi: np.ndarray, *, tau2: float) -> np.ndarray:
    """Return the eigenvalues of P diag(vi + tau2): the weights of Q's chi-squared parts.

    Parameters
    ----------
    fit : Projection
        One data set under its fixed weights.
    vi : numpy.ndarray of shape (k,)
        Sampling variances.
    tau2 : float
        Between-study variance.

    Notes
    -----
    Jackson (2013), Res Synth Methods 4, 220-229.
    """
    from scipy.linalg import eigvalsh

    weights = fit.weights[:, 0]
    p = np.diag(weights)
    for direction, norm in zip(fit.directions, fit.norms, strict=True):
        pulled = weights * (1.0 if direction is None else direction[:, 0])
        p = p - np.outer(pulled, pulled) / norm[0]
    root = np.sqrt(vi + tau2)
    values = eigvalsh(root[:, None] * p * root)
    # P has rank k - p: the p smallest eigenvalues are rounding of zeros.
    return np.maximum(values[len(fit.norms) :], 0.0)


def genqm(stack: Stack, plain: Plain, weights: np.ndarray) -> tuple[float, int]:
    """Return the tau2 at which the observed generalised Q is the median of its distribution.

    Parameters
    ----------
    stack, plain : Stack and Plain
        One data set.
    weights : numpy.ndarray of shape (k,)
        Weights A.

    Returns
    -------
    tuple of float and int
        tau2, 0 when Q is below its median there, and the steps of the search.

    Notes
    -----
    Viechtbauer (2021), in Schmid, Stijnen & White (eds), Handbook of Meta-Analysis, chapter 12.
    """
    from scipy.optimize import brentq

    fit = fixed_weights_fit(stack, weights)
    q, vi = float(fit.rss()[0]), counted(stack.vi, weights)[:, 0]

    def excess(tau2: float) -> float:
        return survival(q, eigenvalues(fit, vi, tau2=tau2)) - 0.5

    if q <= 0.0 or excess(0.0) >= 0.0:
        return 0.0, 0
    top = max(genq(stack, weights), float(plain.total[0] / stack.k[0]), 1e-300)
    while excess(top) < 0.0:
        top *= 4.0
    root, report = brentq(excess, 0.0, top, xtol=1e-300, rtol=1e-14, maxiter=200, full_output=True)
    return float(root), int(report.iterations)
