"""Weighted fits of many data sets at once: one column per data set, one row per effect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: Numbers worked on at a time: a few such tables fit in a processor's fast memory, and the
#: memory needed stays the same however many data sets there are.
BLOCK = 12_000

#: Residuals below this many units in the last place of the effects are rounding, not spread.
ROUNDING_UNITS = 16.0

#: A column of which no more than this share is left beside the others only repeats them: its sum
#: of squares is then rounding (1e-32), while weights that differ 1e8-fold leave 1e-8 or more.
COLLINEAR = 1e-20

EPSILON = float(np.finfo(float).eps)


@dataclass(frozen=True)
class Stack:
    """Data sets side by side, each with its own between-study variance to try.

    Attributes
    ----------
    yi, vi : numpy.ndarray of shape (k, n)
        Effects (without a common offset) and variances. An effect that a set does not have
        stands there with ``vi`` infinite, hence weight 0, and ``yi`` 0.
    columns : tuple of numpy.ndarray of shape (k, 1) or (k, n), or None
        Design columns, best orthonormal; None stands for a column of ones.
    k : numpy.ndarray of shape (n,)
        Effects of each set.
    spread : numpy.ndarray of shape (n,)
        Residual sum of squares of each set under equal weights.
    """

    yi: np.ndarray
    vi: np.ndarray
    columns: tuple[np.ndarray | None, ...]
    k: np.ndarray
    spread: np.ndarray

    @property
    def df(self) -> np.ndarray:
        """Residual degrees of freedom of each set."""
        return self.k - len(self.columns)

    def take(self, index: np.ndarray) -> Stack:
        """Return the sets at these places (numbers, repeats allowed, or a mask)."""
        columns = tuple(
            column if column is None or column.shape[1] == 1 else column[:, index] for column in self.columns
        )
        return Stack(self.yi[:, index], self.vi[:, index], columns, self.k[index], self.spread[index])


@dataclass(frozen=True)
class Plain:
    """What equal weights say about each set.

    Attributes
    ----------
    total : numpy.ndarray of shape (n,)
        Sum of squares of the effects around their plain mean.
    trace_v : numpy.ndarray of shape (n,)
        Trace of (I - H) V, with H the unweighted hat matrix and V the variances.
    beta : numpy.ndarray of shape (n, p)
        Unweighted coefficients of the stack's columns.
    back : numpy.ndarray of shape (p, p) or (n, p, p)
        Turns coefficients of the stack's columns into those of the design.
    """

    total: np.ndarray
    trace_v: np.ndarray
    beta: np.ndarray
    back: np.ndarray


@dataclass(frozen=True)
class Projection:
    """What is left of the effects after a weighted fit, one set per column.

    Attributes
    ----------
    weights, residuals : numpy.ndarray of shape (k, n)
    directions : tuple of numpy.ndarray or None
        Design columns made orthogonal to each other under the weights.
    norms : tuple of numpy.ndarray of shape (n,)
        Weighted sum of squares of each direction.
    shares : list of lists of numpy.ndarray of shape (n,)
        How much of each earlier direction was taken out of each column.
    amounts : list of numpy.ndarray of shape (n,)
        How much of each direction the effects hold.
    """

    weights: np.ndarray
    residuals: np.ndarray
    directions: tuple[np.ndarray | None, ...]
    norms: tuple[np.ndarray, ...]
    shares: list[list[np.ndarray]]
    amounts: list[np.ndarray]

    def rss(self) -> np.ndarray:
        """Return the weighted residual sum of squares, Q when the weights are 1 / vi."""
        return np.einsum("kn,kn,kn->n", self.weights, self.residuals, self.residuals)

    def trace(self, values: np.ndarray) -> np.ndarray:
        """Return the trace of P diag(values), P = W - W X (X'WX)^-1 X'W; values of shape (k, n)."""
        product = self.weights * values
        total = product.sum(axis=0)
        product = product * self.weights
        for direction, norm in zip(self.directions, self.norms, strict=True):
            total = total - dot(product, direction, direction) / norm
        return total

    def trace_p(self) -> np.ndarray:
        """Return the trace of P."""
        if self.directions[0] is None and len(self.directions) == 1:
            return self.norms[0] - dot(self.weights, self.weights, None) / self.norms[0]
        total = self.weights.sum(axis=0)
        squares = self.weights * self.weights
        for direction, norm in zip(self.directions, self.norms, strict=True):
            total = total - dot(squares, direction, direction) / norm
        return total

    def trace_pp(self, first: np.ndarray | None = None, second: np.ndarray | None = None) -> np.ndarray:
        """Return the trace of P diag(first) P diag(second), each of shape (k, n) or None for ones."""
        squares = self.weights * self.weights
        one = squares if first is None else squares * first
        two = squares if second is None else squares * second
        both = one if second is None else one * second
        cubes = both * self.weights
        total = both.sum(axis=0)
        pairs = list(zip(self.directions, self.norms, strict=True))
        for i, (left, norm) in enumerate(pairs):
            total = total - 2.0 * dot(cubes, left, left) / norm
            for j, (right, other_norm) in enumerate(pairs[: i + 1]):
                inner = dot(one, left, right)
                product = inner * (inner if two is one else dot(two, left, right)) / (norm * other_norm)
                total = total + (product if i == j else 2.0 * product)
        return total

    def cubic(self) -> np.ndarray:
        """Return y' P P P y, half the curvature of the residual sum of squares."""
        pulled = self.weights * self.residuals
        weighted = self.weights * pulled
        total = np.einsum("kn,kn->n", weighted, pulled)
        for direction, norm in zip(self.directions, self.norms, strict=True):
            total = total - dot(weighted, direction, None) ** 2 / norm
        return total


def dot(weights: np.ndarray, first: np.ndarray | None, second: np.ndarray | None) -> np.ndarray:
    """Return the weighted sum of products in each column; None stands for ones."""
    factors = [f if f.shape == weights.shape else np.broadcast_to(f, weights.shape) for f in (first, second)
               if f is not None]  # fmt: skip
    if not factors:
        return weights.sum(axis=0)
    return np.einsum("kn,kn->n" if len(factors) == 1 else "kn,kn,kn->n", weights, *factors)


def project(stack: Stack, tau2: np.ndarray) -> Projection:
    """Return the weighted fit of every set at its own tau2 (an array of shape (n,)).

    Notes
    -----
    Modified Gram-Schmidt under the weights. For one mean this is the weighted mean itself.
    """
    return project_with(stack, 1.0 / (stack.vi + tau2))


def project_with(stack: Stack, weights: np.ndarray) -> Projection:
    """Return the weighted fit of every set with weights of shape (k, n)."""
    directions: list[np.ndarray | None] = []
    norms: list[np.ndarray] = []
    shares: list[list[np.ndarray]] = []
    amounts: list[np.ndarray] = []
    residuals = stack.yi
    for column in stack.columns:
        direction = column
        shares.append([])
        for earlier, norm in zip(directions, norms, strict=True):
            share = dot(weights, earlier, direction) / norm
            direction = direction - (share if earlier is None else share * earlier)
            shares[-1].append(share)
        norms.append(dot(weights, direction, direction))
        amounts.append(dot(weights, direction, residuals) / norms[-1])
        residuals = residuals - (amounts[-1] if direction is None else amounts[-1] * direction)
        directions.append(direction)
    return Projection(weights, residuals, tuple(directions), tuple(norms), shares, amounts)


def full_rank(stack: Stack, fit: Projection) -> np.ndarray:
    """Return in which sets every column carries information of its own under the weights."""
    full = np.ones(stack.k.size, dtype=bool)
    for column, norm in zip(stack.columns, fit.norms, strict=True):
        full &= norm > COLLINEAR * dot(fit.weights, column, column)
    return full


def coefficients(fit: Projection) -> tuple[np.ndarray, np.ndarray]:
    """Return the coefficients of the stack's columns, (n, p), and a root of their covariance, (n, p, p).

    Notes
    -----
    With U the unit upper triangle of the Gram-Schmidt shares and N the norms, the coefficients
    are U^-1 times the amounts and their covariance is U^-1 N^-1 U^-1'; the root is U^-1 N^-1/2.
    """
    p, n = len(fit.norms), fit.norms[0].size
    if p == 1:
        return np.broadcast_to(fit.amounts[0], n).reshape(n, 1), (1.0 / np.sqrt(fit.norms[0])).reshape(n, 1, 1)
    upper = np.zeros((n, p, p))
    for j in range(p):
        upper[:, j, j] = 1.0
        for i, share in enumerate(fit.shares[j]):
            upper[:, i, j] = share
    inverse = np.linalg.inv(upper)
    amounts = np.stack([np.broadcast_to(amount, n) for amount in fit.amounts], axis=1)
    root = inverse / np.sqrt(np.stack(fit.norms, axis=1))[:, None, :]
    return np.einsum("nij,nj->ni", inverse, amounts), root


def build_stack(yi: np.ndarray, vi: np.ndarray, included: np.ndarray, design: np.ndarray) -> tuple[Stack, Plain]:
    """Return a stack of unweighted residuals, and what equal weights say about the sets.

    Parameters
    ----------
    yi, vi, included : numpy.ndarray of shape (k, n)
        Effects, variances, and which count.
    design : numpy.ndarray of shape (k, p) or (n, k, p)
        Design matrix.

    Returns
    -------
    tuple
        The stack, whose effects are unweighted residuals so that a large common offset costs no
        digits; and what equal weights say.
    """
    whole = included.all()
    y, v, counted = (yi, vi, vi) if whole else (np.where(included, part, other) for part, other in
                                                ((yi, 0.0), (vi, np.inf), (vi, 0.0)))  # fmt: skip
    columns, back = _columns(design)
    k = np.count_nonzero(included, axis=0)
    fit = project_with(Stack(y, v, columns, k, np.zeros(1)), included.astype(float))
    rest = fit.residuals if whole else np.where(included, fit.residuals, 0.0)
    total = np.einsum("kn,kn->n", rest, rest)
    rounding = ROUNDING_UNITS * EPSILON * np.abs(y).max(axis=0, initial=0.0)
    closed = np.abs(rest).max(axis=0, initial=0.0) <= rounding
    if closed.any():
        rest = np.where(closed, 0.0, rest)
    if columns[0] is None:
        # The plain mean leaves 1 - 1 / k of each variance.
        trace_v = counted.sum(axis=0) * ((k - 1.0) / k)
    else:
        around = np.where(included, y - y.sum(axis=0) / np.maximum(k, 1), 0.0)
        total, trace_v = np.einsum("kn,kn->n", around, around), fit.trace(counted)
    plain = Plain(total, trace_v, coefficients(fit)[0], back)
    return Stack(rest, v, columns, k, np.einsum("kn,kn->n", rest, rest)), plain


def _columns(design: np.ndarray) -> tuple[tuple[np.ndarray | None, ...], np.ndarray]:
    """Return orthonormal columns with the span of the design, and the way back from them."""
    if design.shape[-1] == 1 and (design == 1.0).all():
        return (None,), np.ones((1, 1))
    basis, triangle = np.linalg.qr(design)
    if np.ndim(design) == 2:
        return tuple(np.ascontiguousarray(column)[:, None] for column in basis.T), np.linalg.inv(triangle)
    return tuple(np.ascontiguousarray(basis[:, :, j].T) for j in range(basis.shape[2])), np.linalg.inv(triangle)
