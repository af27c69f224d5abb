"""Covariance matrices of random effects: their parameters, limits and derivatives.

A random term has an outer grouping factor (study) and may have an inner one (outcome, arm, time).
True effects of different outer groups are independent, unless a known correlation matrix links
them; those of the same group have the covariance matrix of the term's structure over the inner
levels. A search needs the matrix and its derivatives for
given parameters, what they mean as variances and correlations, and first values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.dependence.random_terms import HETEROGENEOUS, lower_triangle

if TYPE_CHECKING:
    from repool.pooling.dependence.random_terms import CodedTerm

#: A correlation to a fractional power has an endless slope at 0; this is as near as CAR comes.
SMALLEST_CAR = 1e-12


def matrix_and_slopes(term: CodedTerm, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the covariance over the inner levels and its derivative by each parameter.

    Parameters
    ----------
    term : CodedTerm
        The term.
    theta : numpy.ndarray of shape (n,)
        Parameters: variances for intercept, ID, DIAG, CS, AR and CAR; standard deviations for HCS,
        HAR and UN_pairs; then correlations; the lower Cholesky factor for UN.

    Returns
    -------
    tuple of numpy.ndarray
        Matrix of shape (q, q), slopes of shape (n, q, q).
    """
    q = term.n_inner
    if term.structure == "UN":
        return _from_cholesky(theta, q)
    if term.structure == "DIAG":
        slopes = np.zeros((q, q, q))
        slopes[np.arange(q), np.arange(q), np.arange(q)] = 1.0
        return np.diag(theta), slopes
    if term.structure in ("intercept", "ID"):
        return theta[0] * np.eye(q), np.eye(q)[None]
    n_spread = q if term.structure in (*HETEROGENEOUS, "UN_pairs") else 1
    shape, by_rho = _correlation(term, theta[n_spread:])
    if n_spread == 1:
        return theta[0] * shape, np.concatenate([shape[None], theta[0] * by_rho])
    sd = theta[:q]
    outer = np.outer(sd, sd)
    slopes = np.zeros((q, q, q))
    for level in range(q):
        slopes[level, level] += sd * shape[level]
        slopes[level, :, level] += sd * shape[level]
    return outer * shape, np.concatenate([slopes, outer * by_rho])


def _from_cholesky(theta: np.ndarray, q: int) -> tuple[np.ndarray, np.ndarray]:
    """Return L L' and its derivatives by the entries of L."""
    columns, rows = np.triu_indices(q)
    factor = np.zeros((q, q))
    factor[rows, columns] = theta
    slopes = np.zeros((theta.size, q, q))
    for n, (row, column) in enumerate(zip(rows, columns, strict=True)):
        slopes[n, row] += factor[:, column]
        slopes[n, :, row] += factor[:, column]
    return factor @ factor.T, slopes


def _correlation(term: CodedTerm, rho: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the correlation matrix over the inner levels and its derivatives by rho."""
    q = term.n_inner
    if term.structure == "UN_pairs":
        rows, columns = lower_triangle(q)
        shape, slopes = np.eye(q), np.zeros((rows.size, q, q))
        shape[rows, columns] = shape[columns, rows] = rho
        slopes[np.arange(rows.size), rows, columns] = slopes[np.arange(rows.size), columns, rows] = 1.0
        return shape, slopes
    value = float(rho[0])
    if term.structure in ("CS", "HCS"):
        off = 1.0 - np.eye(q)
        return np.eye(q) + value * off, off[None]
    if term.structure == "CAR":
        value = max(value, SMALLEST_CAR)
        position = np.asarray(term.inner_names, dtype=float)
    else:
        position = np.arange(q, dtype=float)
    lag = np.abs(position[:, None] - position)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.where(lag > 0, lag * np.power(value, np.where(lag > 0, lag - 1.0, 0.0)), 0.0)
    return np.power(value, lag), slope[None]


def variances_and_correlations(term: CodedTerm, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the variance components and correlations that the parameters stand for.

    Parameters
    ----------
    term : CodedTerm
        The term.
    theta : numpy.ndarray
        Parameters, as in `matrix_and_slopes`.

    Returns
    -------
    tuple of numpy.ndarray
        Variances (one, or one per inner level) and correlations (none, one, or one per pair of
        levels, column by column); nan for a correlation that no variance above 0 carries.
    """
    if term.structure in ("UN", "UN_pairs"):
        matrix = matrix_and_slopes(term, theta)[0]
        variances = np.diagonal(matrix).copy()
        rows, columns = lower_triangle(term.n_inner)
        product = np.sqrt(variances[rows] * variances[columns])
        rho = np.divide(matrix[rows, columns], product, out=np.full(rows.size, np.nan), where=product > 0)
        return variances, rho
    n_spread = term.n_inner if term.structure in HETEROGENEOUS else 1
    spread, rho = theta[:n_spread], theta[n_spread:].copy()
    needed = min(2, n_spread)
    if rho.size and term.lower[-1] < term.upper[-1] and np.count_nonzero(spread) < needed:
        rho[:] = np.nan
    return spread**2 if term.structure in ("HCS", "HAR") else spread.copy(), rho


def starts(term: CodedTerm, total: float) -> list[np.ndarray]:
    """Return sensible first values of the parameters for a total variance.

    Parameters
    ----------
    term : CodedTerm
        The term.
    total : float
        Variance that the term may have to explain; 0 gives the boundary.

    Returns
    -------
    list of numpy.ndarray
        One vector per value of the correlation tried.
    """
    q = term.n_inner
    if term.structure == "UN":
        rhos = (0.0,) if q == 1 else (0.3, 0.9, -0.9 / (q - 1))
        shapes = [np.full((q, q), rho) + (1.0 - rho) * np.eye(q) for rho in rhos]
        columns, rows = np.triu_indices(q)
        return [np.sqrt(total) * np.linalg.cholesky(shape)[rows, columns] for shape in shapes]
    n_rho = term.lower.size - (q if term.structure in (*HETEROGENEOUS, "UN_pairs") else 1)
    spread = np.full(term.lower.size - n_rho, total)
    if term.structure in ("HCS", "HAR", "UN_pairs"):
        spread = np.sqrt(spread)
    if n_rho == 0:
        return [spread]
    low = {"AR": -0.6, "HAR": -0.6, "CAR": 0.05}.get(term.structure, -0.9 / max(q - 1, 1))
    rhos = (0.0,) if (term.upper[-n_rho:] == term.lower[-n_rho:]).all() else (0.5, 0.95, low)
    return [np.clip(np.append(spread, np.full(n_rho, rho)), term.lower, term.upper) for rho in rhos]
