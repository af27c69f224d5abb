"""What the models would cost in plain numpy, from the textbook: no safety, no care for peaks, boundaries or digits."""

from __future__ import annotations

import numpy as np

STEPS = 100
TOLERANCE = 1e-10


def fisher_scoring(
    yi: np.ndarray, vi: np.ndarray, *, included: np.ndarray | None = None, x: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return REML fits of many data sets at once, each stepping until it has ended.

    Parameters
    ----------
    yi, vi : numpy.ndarray of shape (b, k) or (1, k)
        Effects and variances.
    included : numpy.ndarray of bool, shape (b, k), or None
        Which effects each set has.
    x : numpy.ndarray of shape (b, k) or None
        One moderator.

    Returns
    -------
    tuple of numpy.ndarray, each of shape (b,)
        tau2; the mean, or with a moderator its coefficient; and the standard error of that.

    Notes
    -----
    Viechtbauer (2005), J Educ Behav Stat 30, 261-293: tau2 + [y'PPy - tr P] / tr PP, from the spread of the effects
    less the mean variance, until a step is not above 1e-10 of tau2 plus the mean variance. What it leaves out: any look
    at the input, any second peak of the likelihood, digits lost to a common offset, and what else a fit of this
    package reports (Q, leverages, and in sensitivity analyses tests, intervals and I2).
    """
    counted = 1.0 if included is None else included
    size = yi.shape[1] if included is None else included.sum(axis=1, keepdims=True)
    scale = (counted * vi).sum(axis=1, keepdims=True) / size
    mean = (counted * yi).sum(axis=1, keepdims=True) / size
    spread = (counted * (yi - mean) ** 2).sum(axis=1, keepdims=True) / np.maximum(size - 1, 1)
    found = np.maximum(spread - scale, 0.0)
    active = np.arange(max(len(part) for part in (yi, vi, found, *((x,) if x is not None else ()))))
    found, scale = np.broadcast_to(found, (active.size, 1)).copy(), np.broadcast_to(scale, (active.size, 1))
    for _ in range(STEPS):
        if not active.size:
            break
        y, v, mask, one_x = (part if np.ndim(part) < 2 or len(part) == 1 else part[active]
                             for part in (yi, vi, counted, x))  # fmt: skip
        before = found[active]
        found[active] = np.maximum(before + _step(y, mask / (v + before), one_x), 0.0)
        active = active[(np.abs(found[active] - before) > TOLERANCE * (found[active] + scale[active]))[:, 0]]
    weights = counted / (vi + found)
    total = weights.sum(axis=1, keepdims=True)
    if x is None:
        return found[:, 0], ((weights * yi).sum(axis=1, keepdims=True) / total)[:, 0], 1.0 / np.sqrt(total[:, 0])
    centred = x - (weights * x).sum(axis=1, keepdims=True) / total
    information = (weights * centred**2).sum(axis=1)
    return found[:, 0], (weights * centred * yi).sum(axis=1) / information, 1.0 / np.sqrt(information)


def _step(yi: np.ndarray, weights: np.ndarray, x: np.ndarray | None) -> np.ndarray:
    """Return the step of Fisher scoring of each set, shape (b, 1)."""
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
    return ((squares * residuals**2).sum(axis=1, keepdims=True) - trace_p) / np.maximum(trace_pp, 1e-300)


def closed_form_dl(yi: np.ndarray, vi: np.ndarray, *, included: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return DerSimonian-Laird fits of subsets.

    Parameters
    ----------
    yi, vi : numpy.ndarray of shape (1, k)
        Effects and variances.
    included : numpy.ndarray of bool, shape (b, k)
        Which effects each subset has.

    Returns
    -------
    tuple of numpy.ndarray, each of shape (b,)
        tau2, the mean, its standard error, and Q.

    Notes
    -----
    DerSimonian & Laird (1986), Control Clin Trials 7, 177-188, equation 8. It leaves out what `fisher_scoring` does,
    but for Q.
    """
    weights = included / vi
    total = weights.sum(axis=1)
    mean = (weights * yi).sum(axis=1) / total
    q = (weights * (yi - mean[:, None]) ** 2).sum(axis=1)
    divisor = np.maximum(total - (weights**2).sum(axis=1) / total, 1e-300)
    found = np.maximum(0.0, (q - (included.sum(axis=1) - 1)) / divisor)
    weights = included / (vi + found[:, None])
    total = weights.sum(axis=1)
    return found, (weights * yi).sum(axis=1) / total, 1.0 / np.sqrt(total), q
