"""What follows from sums of weights times data: the weighted fit, Q, and the slope of the likelihood of tau2."""

from __future__ import annotations

import math

import numpy as np


def fit_of_sums(sums: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the coefficients, their covariance and the weighted residual sum of squares.

    Parameters
    ----------
    sums : numpy.ndarray of shape (..., powers, m * m + 1)
        As from `repool.pooling.sensitivity.interpolated_sums.totals`; the first power is used.

    Returns
    -------
    tuple of numpy.ndarray
        Shapes (..., p), (..., p, p) and (...).
    """
    xx, xy, yy, _ = _parts(sums, 0)
    inverse = _inverse(xx)
    beta = _times(inverse, xy)
    return beta, inverse, yy - np.sum(beta * xy, axis=-1)


def q_and_trace(sums: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the weighted residual sum of squares and the trace of P = W - WX (X'WX)^-1 X'W.

    Parameters
    ----------
    sums : numpy.ndarray of shape (..., powers, m * m + 1)
        Two powers are used.

    Returns
    -------
    tuple of numpy.ndarray
        Both of shape (...).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        _, inverse, rss = fit_of_sums(sums)
        if sums.shape[-2] < 2:
            return rss, np.full(rss.shape, math.inf)
        return rss, sums[..., 0, -1] - _trace(inverse, _parts(sums, 1)[0])


def slope_of(
    sums: np.ndarray, *, restricted: bool, with_curvature: bool = False
) -> np.ndarray | tuple[np.ndarray, np.ndarray]:
    """Return twice the slope of the profile (restricted) log-likelihood, and that slope's own slope when asked for.

    Parameters
    ----------
    sums : numpy.ndarray of shape (..., powers, m * m + 1)
        Two powers are used, three for the curvature.
    restricted : bool
        True for REML, False for ML.
    with_curvature : bool
        Whether the second derivative is wanted too.

    Notes
    -----
    Viechtbauer (2005), J Educ Behav Stat 30, 261-293, section 2.4: with residuals r and weights W the slope is
    -tr W + tr[(X'WX)^-1 X'W^2 X] + r'W^2 r, the middle term for REML only. Its derivative follows term by term.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        beta, inverse, _ = fit_of_sums(sums)
        xx, xy, yy, weight2 = _parts(sums, 1)
        pull = xy - _times(xx, beta)
        slope = yy - np.sum(beta * (xy + pull), axis=-1) - sums[..., 0, -1]
        if restricted:
            slope = slope + _trace(inverse, xx)
        if not with_curvature:
            return slope
        xx3, xy3, yy3, _ = _parts(sums, 2)
        third = yy3 - 2.0 * np.sum(beta * xy3, axis=-1) + np.sum(beta * _times(xx3, beta), axis=-1)
        change = np.sum(pull * _times(inverse, pull), axis=-1)
        curvature = weight2 - 2.0 * third + 2.0 * change
        if restricted:
            both = inverse * xx if xx.shape[-1] == 1 else inverse @ xx
            curvature = curvature + _trace(both, both) - 2.0 * _trace(inverse, xx3)
        return slope, curvature


def design_products(sums: np.ndarray) -> np.ndarray:
    """Return X'WX, the part of `sums` that belongs to the design alone, shape (..., p, p)."""
    return _parts(sums, 0)[0]


def _parts(sums: np.ndarray, power: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return X'W^a X, X'W^a y, y'W^a y and tr W^a of one power of the weights."""
    m = math.isqrt(sums.shape[-1] - 1)
    square = sums[..., power, :-1].reshape(*sums.shape[:-2], m, m)
    return square[..., :-1, :-1], square[..., :-1, -1], square[..., -1, -1], sums[..., power, -1]


def _times(matrices: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Return products of matrices and vectors; 1 by 1 matrices, the usual case, need no matrix product."""
    if matrices.shape[-1] == 1:
        return matrices[..., 0] * vectors
    return np.matmul(matrices, vectors[..., None])[..., 0]


def _inverse(matrices: np.ndarray) -> np.ndarray:
    """Return inverses; nan where a matrix has none."""
    if matrices.shape[-1] == 1:
        return 1.0 / matrices
    try:
        return np.linalg.inv(matrices)
    except np.linalg.LinAlgError:
        singular = ~(np.linalg.cond(matrices) < 1e15)
        usable = np.where(singular[..., None, None], np.eye(matrices.shape[-1]), matrices)
        return np.where(singular[..., None, None], math.nan, np.linalg.inv(usable))


def _trace(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return the trace of the product of two matrices, the second symmetric."""
    if left.shape[-1] == 1:
        return (left * right)[..., 0, 0]
    return np.sum(left * np.swapaxes(right, -1, -2), axis=(-1, -2))
