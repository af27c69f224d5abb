"""The likelihood of each study's counts when studies differ by normal random effects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

Array = np.ndarray

#: Steps of the search for the most likely random effect; it needs about 5 from a near start.
MODE_STEPS = 200

#: A step may change a log odds or log rate by at most this much, or Newton can overshoot.
MODE_STEP_LIMIT = 1.0

#: The search stops when no log odds or log rate moves by more; the steps shrink quadratically there.
MODE_TOLERANCE = 1e-13


@dataclass(frozen=True)
class Counts:
    """Events of k studies with m observations (arms) each.

    Attributes
    ----------
    events, sizes : numpy.ndarray of shape (k, m)
        Events; people or person-time. A size of 0 stands for an observation that says nothing.
    poisson : bool
        Poisson with log link; otherwise binomial with logit link.
    """

    events: Array
    sizes: Array
    poisson: bool

    def constant(self) -> Array:
        """Return the part of the log-likelihood of each study that no parameter changes, shape (k,)."""
        from scipy.special import gammaln, xlogy

        if self.poisson:
            return np.sum(xlogy(self.events, self.sizes) - gammaln(self.events + 1), axis=-1)
        rest = self.sizes - self.events
        return np.sum(gammaln(self.sizes + 1) - gammaln(self.events + 1) - gammaln(rest + 1), axis=-1)

    def terms(self, eta: Array) -> tuple[Array, Array, Array]:
        """Return log-likelihood (without constant), expected events and their variance at linear predictors."""
        if self.poisson:
            mean = self.sizes * np.exp(np.minimum(eta, 700.0))
            return self.events * eta - mean, mean, mean
        tail = np.exp(-np.abs(eta))
        share = np.where(eta >= 0, 1.0, tail) / (1.0 + tail)
        value = self.events * eta - self.sizes * (np.maximum(eta, 0.0) + np.log1p(tail))
        # tail / (1 + tail)^2 keeps its digits where a share is near 1.
        return value, self.sizes * share, self.sizes * tail / (1.0 + tail) ** 2

    def best_possible(self) -> Array:
        """Return the log-likelihood of each study when each observation has its own probability or rate."""
        from scipy.special import xlogy

        x, n = self.events, self.sizes
        safe = np.where(n > 0, n, 1.0)
        ways = xlogy(x, x / safe)
        parts = ways - x if self.poisson else ways + xlogy(n - x, (n - x) / safe)
        return np.sum(parts, axis=-1) + self.constant()


class Modes(NamedTuple):
    """The most likely standardised random effects and the curvature there."""

    effects: Array
    precision: Array
    value: Array
    conditional: Array


def find_modes(counts: Counts, fixed: Array, loadings: Array, start: Array | None) -> Modes:
    """Find the most likely random effects of each study by Newton steps of limited length.

    Parameters
    ----------
    counts : Counts
        Events and sizes, (k, m).
    fixed : numpy.ndarray of shape (..., k, m)
        Linear predictor without random effects.
    loadings : numpy.ndarray of shape (..., 1 or k, m, r)
        What one standard normal random effect adds to the linear predictor of each observation.
    start : numpy.ndarray of shape (..., k, r) or None
        Where to start; None for 0.

    Returns
    -------
    Modes
        Random effects (..., k, r), their precision (..., k, r, r), the log joint density without constants and the
        log-likelihood given the random effects, both (..., k).
    """
    shape = (*np.broadcast_shapes(fixed.shape[:-1], loadings.shape[:-2]), loadings.shape[-1])
    effects = np.zeros(shape) if start is None else np.broadcast_to(start, shape).copy()
    for _ in range(MODE_STEPS):
        shift = np.sum(loadings * effects[..., None, :], axis=-1)
        value, mean, variance = counts.terms(fixed + shift)
        precision = _precision(loadings, variance)
        gradient = np.sum(loadings * (counts.events - mean)[..., None], axis=-2) - effects
        step = _solve(precision, gradient)
        moved = np.max(np.abs(np.sum(loadings * step[..., None, :], axis=-1)), axis=-1, keepdims=True)
        if np.all(moved <= MODE_TOLERANCE * (1 + np.max(np.abs(shift), axis=-1, keepdims=True))):
            break
        effects = effects + step * np.minimum(1.0, MODE_STEP_LIMIT / np.maximum(moved, 1e-300))
    conditional = np.sum(value, axis=-1)
    return Modes(effects, precision, conditional - 0.5 * np.sum(effects**2, axis=-1), conditional)


def _precision(loadings: Array, variance: Array) -> Array:
    """Return identity + loadings' diag(variance) loadings, (..., k, r, r)."""
    r = loadings.shape[-1]
    parts = np.empty((*variance.shape[:-1], r, r))
    for i in range(r):
        for j in range(i, r):
            entry = np.sum(loadings[..., i] * loadings[..., j] * variance, axis=-1)
            parts[..., i, j] = parts[..., j, i] = entry + float(i == j)
    return parts


def _determinant(matrix: Array) -> Array:
    """Return the determinants of 1 by 1 or 2 by 2 matrices."""
    if matrix.shape[-1] == 1:
        return matrix[..., 0, 0]
    return matrix[..., 0, 0] * matrix[..., 1, 1] - matrix[..., 0, 1] ** 2


def _solve(matrix: Array, vector: Array) -> Array:
    """Solve symmetric 1 by 1 or 2 by 2 systems, many at once (a general solver is ten times slower there)."""
    if matrix.shape[-1] == 1:
        return vector / matrix[..., 0, :]
    first = matrix[..., 1, 1] * vector[..., 0] - matrix[..., 0, 1] * vector[..., 1]
    second = matrix[..., 0, 0] * vector[..., 1] - matrix[..., 0, 1] * vector[..., 0]
    return np.stack([first, second], axis=-1) / _determinant(matrix)[..., None]


def marginal(counts: Counts, fixed: Array, loadings: Array, *, nodes: int, start: Array | None) -> Array:
    """Return each study's log-likelihood with the random effects integrated out, without constants.

    Parameters
    ----------
    counts, fixed, loadings, start
        As in `find_modes`.
    nodes : int
        Points of the adaptive Gauss-Hermite rule per random effect; 1 is Laplace's approximation.

    Returns
    -------
    numpy.ndarray of shape (..., k)
        Log-likelihood per study.

    Notes
    -----
    Pinheiro & Bates (1995), J Comput Graph Stat 4, 12-35: the rule is centred at the mode and scaled by the
    curvature there.
    """
    modes = find_modes(counts, fixed, loadings, start)
    log_det = np.log(_determinant(modes.precision))
    laplace = modes.value - 0.5 * log_det
    if nodes == 1:
        return laplace
    points, log_weights = _rule(nodes, loadings.shape[-1])
    # precision = L L'; L'^-1 x has covariance precision^-1.
    factor = np.swapaxes(np.linalg.inv(np.linalg.cholesky(modes.precision)), -1, -2)
    terms = []
    for point, log_weight in zip(points, log_weights, strict=True):
        effects = modes.effects + np.sum(factor * point, axis=-1)
        value = counts.terms(fixed + np.sum(loadings * effects[..., None, :], axis=-1))[0]
        joint = np.sum(value, axis=-1) - 0.5 * np.sum(effects**2, axis=-1)
        terms.append(joint - modes.value + 0.5 * float(point @ point) + log_weight)
    return laplace + np.log(np.sum(np.exp(np.stack(terms)), axis=0))


def _rule(nodes: int, dimensions: int) -> tuple[Array, Array]:
    """Return the points and log weights of a Gauss-Hermite product rule for the standard normal density."""
    points, weights = np.polynomial.hermite_e.hermegauss(nodes)
    grid = np.stack(np.meshgrid(*[points] * dimensions, indexing="ij"), axis=-1).reshape(-1, dimensions)
    shares = np.log(weights / np.sqrt(2 * np.pi))
    log_weights = np.stack(np.meshgrid(*[shares] * dimensions, indexing="ij"), axis=-1).reshape(-1, dimensions)
    return grid, np.sum(log_weights, axis=-1)
