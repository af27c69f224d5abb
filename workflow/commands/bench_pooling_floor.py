"""What the models would cost in plain numpy, from the textbook: no safety, no care for peaks, boundaries or digits."""

from __future__ import annotations

import numpy as np

STEPS = 50
TOLERANCE = 1e-10


def fisher_scoring(
    yi: np.ndarray, vi: np.ndarray, *, included: np.ndarray | None = None, x: np.ndarray | None = None
) -> np.ndarray:
    """Return tau2 by REML for many data sets at once, all stepping until the last has ended.

    Parameters
    ----------
    yi, vi : numpy.ndarray of shape (b, k) or (1, k)
        Effects and variances.
    included : numpy.ndarray of bool, shape (b, k), or None
        Which effects each set has.
    x : numpy.ndarray of shape (b, k) or None
        One moderator.

    Notes
    -----
    Viechtbauer (2005), J Educ Behav Stat 30, 261-293: tau2 + [y'PPy - tr P] / tr PP.
    """
    shape = np.broadcast_shapes(yi.shape, vi.shape, *(part.shape for part in (included, x) if part is not None))
    found = np.full((shape[0], 1), float(np.var(yi)))
    for _ in range(STEPS):
        weights = 1.0 / (vi + found)
        if included is not None:
            weights = weights * included
        total = weights.sum(axis=1, keepdims=True)
        squares = weights**2
        residuals = yi - (weights * yi).sum(axis=1, keepdims=True) / total
        columns = [np.ones(1) / np.sqrt(total)]
        if x is not None:
            centred = x - (weights * x).sum(axis=1, keepdims=True) / total
            columns.append(centred / np.sqrt((weights * centred**2).sum(axis=1, keepdims=True)))
            residuals = residuals - columns[1] * (weights * columns[1] * residuals).sum(axis=1, keepdims=True)
        trace_p, trace_pp = total, squares.sum(axis=1, keepdims=True)
        for one in columns:
            trace_p = trace_p - (squares * one**2).sum(axis=1, keepdims=True)
            trace_pp = trace_pp - 2.0 * (squares * weights * one**2).sum(axis=1, keepdims=True)
            for other in columns:
                trace_pp = trace_pp + (squares * one * other).sum(axis=1, keepdims=True) ** 2
        step = ((squares * residuals**2).sum(axis=1, keepdims=True) - trace_p) / np.maximum(trace_pp, 1e-300)
        newer = np.maximum(found + step, 0.0)
        largest = np.abs(newer - found).max()
        found = newer
        if largest < TOLERANCE:
            break
    return found[:, 0]


def closed_form_dl(yi: np.ndarray, vi: np.ndarray, *, included: np.ndarray) -> np.ndarray:
    """Return the DerSimonian-Laird mean of each subset.

    Parameters
    ----------
    yi, vi : numpy.ndarray of shape (1, k)
        Effects and variances.
    included : numpy.ndarray of bool, shape (b, k)
        Which effects each subset has.

    Notes
    -----
    DerSimonian & Laird (1986), Control Clin Trials 7, 177-188, equation 8.
    """
    weights = included / vi
    total = weights.sum(axis=1)
    mean = (weights * yi).sum(axis=1) / total
    q = (weights * (yi - mean[:, None]) ** 2).sum(axis=1)
    divisor = np.maximum(total - (weights**2).sum(axis=1) / total, 1e-300)
    found = np.maximum(0.0, (q - (included.sum(axis=1) - 1)) / divisor)
    weights = included / (vi + found[:, None])
    return (weights * yi).sum(axis=1) / weights.sum(axis=1)
