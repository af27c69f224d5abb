"""Tail probabilities of a weighted sum of squared standard normal numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: Steps along the contour, in units of the integrand's width at its highest point. The integrand
#: falls off like a normal density, so the rule is right to about exp(-2 pi^2 / STEP^2).
STEP = 0.3

#: Nodes at most; the sum stops earlier, where what is left is below rounding.
NODES = 4000

#: Halvings of the bracket of the highest point; any point near it would do.
HALVINGS = 40

#: Eigenvalues below this share of the largest are rounding of a zero.
NEGLIGIBLE = 1e-14


def survival(q: ArrayLike, eigenvalues: ArrayLike) -> np.ndarray | float:
    """Return the probability that the sum of eigenvalue times chi-squared (1 df) exceeds q.

    Parameters
    ----------
    q : float or array_like of shape (m,)
        Where the tail starts.
    eigenvalues : array_like of shape (n,) or (m, n)
        Weights of the independent chi-squared variables, not below 0; the same for all q, or one
        row for each.

    Returns
    -------
    float or numpy.ndarray of shape (m,)
        Probabilities between 0 and 1, right to about 1e-12.

    Raises
    ------
    ValueError
        When an eigenvalue is negative or not finite, or none is above 0.

    Notes
    -----
    Rice (1980), SIAM J Sci Stat Comput 1, 438-448: the tail is the integral of
    exp(K(s) - s q) / (2 pi i s) across the real axis, K the cumulant generating function. The path
    is a parabola through the saddle point, curved like the path of steepest descent there, so
    that the trapezoidal rule converges exponentially and small tails keep their leading digits.
    """
    points = np.asarray(q, dtype=float)
    values = np.atleast_1d(np.asarray(eigenvalues, dtype=float))
    largest = np.abs(values).max(axis=-1, initial=0.0, keepdims=True)
    if np.isnan(points).any() or not np.isfinite(values).all():
        raise ValueError("q and the eigenvalues must be numbers; eigenvalues must also be finite")
    if (values < -NEGLIGIBLE * largest * values.shape[-1]).any():
        raise ValueError(f"eigenvalues must not be negative; the smallest here is {values.min():g}")
    if not (largest > 0).all():
        raise ValueError("at least one eigenvalue must be above 0")
    points, _ = np.broadcast_arrays(points, np.zeros(values.shape[:-1]))
    inside = np.isfinite(points) & (points > 0)
    scaled = np.where(inside, points, 1.0) / largest[..., 0]
    relative = np.broadcast_to(np.maximum(values / largest, 0.0), (*scaled.shape, values.shape[-1]))
    # Each tail is computed on its own side of the mean, where it is the small one.
    upper = scaled > relative.sum(axis=-1)
    tail = _tail(scaled, relative, upper)
    tail = np.clip(np.where(upper, tail, 1.0 - tail), 0.0, 1.0)
    tail = np.where(inside, tail, np.where(points > 0, 0.0, 1.0))
    return float(tail) if tail.ndim == 0 else tail


def _tail(q: np.ndarray, values: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Return the upper tail where wanted, else the lower one; the largest value is 1."""
    n = values.shape[-1]
    low = np.where(upper, 0.0, -(n / 2.0 + 1.0) / q)
    high = np.where(upper, 0.5, -1.0 / q)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        rises = (values / (1.0 - 2.0 * values * middle[..., None])).sum(axis=-1) - q - 1.0 / middle > 0
        low, high = np.where(rises, low, middle), np.where(rises, middle, high)
    saddle = 0.5 * (low + high)
    ratio = values / (1.0 - 2.0 * values * saddle[..., None])
    squares = (ratio**2).sum(axis=-1)
    width = (2.0 * squares + saddle**-2.0) ** -0.5
    # Steepest descent of K bends by a sixth of its third over its second derivative. The pole at
    # 0 is left out: its pull ends at the pole, and the path must bend well beyond.
    bend = 2.0 * (ratio**3).sum(axis=-1) / (3.0 * squares) * width
    total = np.zeros(q.shape)
    first = None
    for node in range(NODES):
        u = STEP * (node + 0.5)
        point = saddle + width * (1j * u + bend * u * u)
        slope = width * (1j + 2.0 * bend * u)
        logs = np.log(1.0 - 2.0 * values * point[..., None]).sum(axis=-1)
        part = np.exp(-0.5 * logs - point * q) / point * slope
        total = total + part.imag
        first = np.abs(part) if first is None else first
        if (np.abs(part) <= 1e-17 * first).all():
            break
    return np.abs(total) * STEP / np.pi
