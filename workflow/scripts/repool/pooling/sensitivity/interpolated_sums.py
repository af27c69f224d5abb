"""Sums over all studies of weights times data, and the same sums with each study's own share taken away."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

#: Width of a piece of interpolation on the scale log(tau2 + smallest variance).
PIECE_WIDTH = 1.2

#: Chebyshev points per piece. The sums, as functions of log(tau2 + smallest variance), have no singularity nearer
#: to the real axis than pi, so the error falls as rho^-n with rho = pi / L + sqrt(1 + (pi / L)^2) = 10.5 for half a
#: width L = 0.6 (Trefethen 2013, Approximation Theory and Approximation Practice, theorem 8.2): 1e-17 for 17.
PIECE_POINTS = 17

#: Numbers held at a time when weights are written out study by study.
CHUNK = 2**18


@dataclass(frozen=True)
class Products:
    """What is summed: for each study, all products of two of its design columns and its effect.

    Attributes
    ----------
    vi : numpy.ndarray of shape (k,)
        Sampling variances.
    values : numpy.ndarray of shape (k, m * m)
        Products of z = (design row, effect), m = p + 1, row by row.
    """

    vi: np.ndarray
    values: np.ndarray

    @property
    def m(self) -> int:
        """Number of design columns plus 1."""
        return math.isqrt(self.values.shape[1])


def products(design: np.ndarray, yi: np.ndarray, vi: np.ndarray) -> Products:
    """Return the products of design columns and effects of each study.

    Parameters
    ----------
    design : numpy.ndarray of shape (k, p)
        Design matrix, best with orthonormal columns.
    yi, vi : numpy.ndarray of shape (k,)
        Effects, best without their unweighted fit, and sampling variances.

    Returns
    -------
    Products
        What `totals` and `own` weight and sum.
    """
    z = np.column_stack([design, yi])
    return Products(vi, (z[:, :, None] * z[:, None, :]).reshape(len(z), -1))


def totals(data: Products, tau2: np.ndarray, *, powers: int) -> np.ndarray:
    """Return sums over all studies of (vi + tau2)^-1, ^-2 ... times the products.

    Parameters
    ----------
    data : Products
        The studies.
    tau2 : numpy.ndarray of shape (n,)
        Between-study variances.
    powers : int
        How many powers of the weight, from the first on.

    Returns
    -------
    numpy.ndarray of shape (n, powers, m * m + 1)
        The last column is the sum of the powers of the weights alone.
    """
    summed = np.column_stack([data.values, np.ones(len(data.vi))])
    result = np.empty((tau2.size, powers, summed.shape[1]))
    step = max(1, CHUNK // data.vi.size)
    for first in range(0, tau2.size, step):
        weights = 1.0 / (data.vi + tau2[first : first + step, None])
        power = weights
        for place in range(powers):
            result[first : first + step, place] = power @ summed
            power = power * weights if place + 1 < powers else power
    return result


def own(data: Products, tau2: np.ndarray, *, powers: int) -> np.ndarray:
    """Return each study's own term of `totals`.

    Parameters
    ----------
    data : Products
        The studies.
    tau2 : numpy.ndarray of shape (..., k)
        One between-study variance per study (last axis).
    powers : int
        How many powers of the weight.

    Returns
    -------
    numpy.ndarray of shape (..., k, powers, m * m + 1)
    """
    weights = 1.0 / (data.vi + tau2)
    summed = np.column_stack([data.values, np.ones(len(data.vi))])
    result = np.empty((*weights.shape, powers, summed.shape[1]))
    result[..., 0, :] = weights[..., None] * summed
    for place in range(1, powers):
        np.multiply(result[..., place - 1, :], weights[..., None], out=result[..., place, :])
    return result


@dataclass(frozen=True)
class Interpolant:
    """`totals` as a function of tau2, by Chebyshev interpolation on pieces of a logarithmic scale.

    Attributes
    ----------
    offset : float
        Added to tau2 before the logarithm: the smallest variance.
    lower : numpy.ndarray of shape (s,)
        Where, on the logarithmic scale, the piece of each of the s sets begins.
    nodes, signs : numpy.ndarray of shape (n,)
        Chebyshev points on [-1, 1] and their barycentric weights.
    values : numpy.ndarray of shape (s, n, powers * (m * m + 1))
        Sums at the points of each set's piece.
    shape : tuple of int
        (powers, m * m + 1).
    """

    offset: float
    lower: np.ndarray
    nodes: np.ndarray
    signs: np.ndarray
    values: np.ndarray
    shape: tuple[int, int]

    def __call__(self, tau2: np.ndarray) -> np.ndarray:
        """Return the sums for each set at its own tau2, shape (s, powers, m * m + 1).

        Notes
        -----
        Berrut & Trefethen (2004), SIAM Review 46, 501-517, equation 4.2 (second barycentric form).
        """
        place = 2.0 * (np.log(tau2 + self.offset) - self.lower) / PIECE_WIDTH - 1.0
        gap = place[:, None] - self.nodes
        # On a point itself the formula is 0 / 0; a step of 1e-15 is below the rounding of the place.
        gap[gap == 0.0] = 1e-15
        share = self.signs / gap
        share /= share.sum(axis=1)[:, None]
        return np.matmul(share[:, None, :], self.values).reshape(-1, *self.shape)


def interpolant(data: Products, near: np.ndarray, *, start: float, powers: int) -> Interpolant:
    """Return `totals` as a function that costs the same however many studies there are.

    Parameters
    ----------
    data : Products
        The studies.
    near : numpy.ndarray of shape (s,)
        A place, on the scale log(tau2 + smallest variance), in the piece that each set needs.
    start : float
        Where the first piece begins on that scale.
    powers : int
        How many powers of the weight.

    Returns
    -------
    Interpolant
        Good within the piece in which `near` lies.
    """
    offset = float(data.vi.min())
    pieces, which = np.unique(np.floor((near - start) / PIECE_WIDTH), return_inverse=True)
    angles = (2.0 * np.arange(PIECE_POINTS) + 1.0) * np.pi / (2.0 * PIECE_POINTS)
    nodes, signs = np.cos(angles), np.sin(angles) * (-1.0) ** np.arange(PIECE_POINTS)
    lower = start + PIECE_WIDTH * pieces
    places = lower[:, None] + 0.5 * PIECE_WIDTH * (nodes + 1.0)
    # Near the lower end tau2 may come out below 0 by rounding alone.
    sums = totals(data, np.maximum(np.exp(places).ravel() - offset, 0.0), powers=powers)
    values = sums.reshape(pieces.size, PIECE_POINTS, -1)
    return Interpolant(offset, lower[which], nodes, signs, values[which], sums.shape[1:])
