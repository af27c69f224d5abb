"""Likelihood of a mixed model with known sampling covariance, and its slopes, block by block.

The marginal covariance is M = V + sum over terms of link * G(theta)[inner, inner], where the link
of two effects is 1 in the same outer group (or their known correlation) and 0 otherwise. Effects
that no term and no sampling covariance joins fall into separate blocks; blocks of equal size are
stacked and handled at once, so that cost grows with the number of clusters, not with its cube.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.dependence.structures import matrix_and_slopes

if TYPE_CHECKING:
    from repool.pooling.dependence.dependent_blocks import Stack
    from repool.pooling.dependence.random_terms import CodedTerm


@dataclass(frozen=True)
class Evaluation:
    """The model at given parameters.

    Attributes
    ----------
    value : float
        Log-likelihood (restricted where asked for), constants included; -inf where the marginal
        covariance is not positive definite.
    gradient, information : numpy.ndarray of shape (n,) and (n, n)
        Slopes by the parameters and expected information (block-wise part; 0 where not asked for).
    beta, cov : numpy.ndarray of shape (p,) and (p, p)
        Generalised least squares coefficients and their covariance.
    rss : float
        Generalised residual sum of squares.
    log_det : float
        Log-determinant of M.
    weighted_residuals : numpy.ndarray of shape (k,)
        M^-1 (y - X beta).
    trace_projection : float
        Trace of M^-1 - M^-1 X (X' M^-1 X)^-1 X' M^-1.
    """

    value: float
    gradient: np.ndarray
    information: np.ndarray
    beta: np.ndarray
    cov: np.ndarray
    rss: float
    log_det: float
    weighted_residuals: np.ndarray
    trace_projection: float


@dataclass(frozen=True)
class MixedModel:
    """Data and terms of a mixed model, ready to be evaluated.

    Attributes
    ----------
    yi : numpy.ndarray of shape (k,)
        Effects.
    design : numpy.ndarray of shape (k, p)
        Design with orthonormal columns, so that log det X'X is 0.
    terms : tuple of CodedTerm
        Random terms.
    stacks : list of Stack
        Blocks by size.
    restricted : bool
        Restricted likelihood (REML) or not (ML).
    """

    yi: np.ndarray
    design: np.ndarray
    terms: tuple[CodedTerm, ...]
    stacks: list[Stack]
    restricted: bool

    @property
    def parts(self) -> list[slice]:
        """Where each term's parameters stand in the vector of all."""
        ends = np.cumsum([0] + [term.lower.size for term in self.terms])
        return [slice(int(a), int(b)) for a, b in zip(ends[:-1], ends[1:], strict=True)]

    @property
    def limits(self) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper limits of all parameters."""
        none = [np.zeros(0)]
        lower = np.concatenate(none + [term.lower for term in self.terms])
        return lower, np.concatenate(none + [term.upper for term in self.terms])

    def evaluate(self, theta: np.ndarray, *, information: bool = True) -> Evaluation:
        """Return likelihood, slopes and coefficients at the parameters given, information if asked for."""
        parts = [matrix_and_slopes(term, theta[part]) for term, part in zip(self.terms, self.parts, strict=True)]
        factors = self._inverse_factors([matrix for matrix, _ in parts])
        k, p = self.design.shape
        if factors is None:
            return _impossible(theta.size, k, p)
        white_x, white_y = np.empty_like(self.design), np.empty(k)
        for stack, factor in zip(self.stacks, factors, strict=True):
            white_x[stack.rows] = factor @ self.design[stack.rows]
            white_y[stack.rows] = (factor @ self.yi[stack.rows][..., None])[..., 0]
        q, r = np.linalg.qr(white_x)
        projected = q.T @ white_y
        residual = white_y - q @ projected
        inverse = np.linalg.inv(r)
        log_det = -2.0 * math.fsum(np.log(np.diagonal(f, axis1=1, axis2=2)).sum() for f in factors)
        rss = float(residual @ residual)
        free = k - p if self.restricted else k
        value = -0.5 * (free * math.log(2.0 * math.pi) + log_det + rss)
        if self.restricted:
            value -= float(np.log(np.abs(np.diagonal(r))).sum())
        slopes = [slope for _, slope in parts]
        gradient, expected, weighted, trace = self._slopes(factors, q, residual, slopes, theta.size, information)
        return Evaluation(
            value=value,
            gradient=gradient,
            information=expected,
            beta=inverse @ projected,
            cov=inverse @ inverse.T,
            rss=rss,
            log_det=log_det,
            weighted_residuals=weighted,
            trace_projection=trace,
        )

    def marginal(self, theta: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return the marginal covariance as row numbers and blocks, by first row."""
        matrices = [matrix_and_slopes(t, theta[s])[0] for t, s in zip(self.terms, self.parts, strict=True)]
        blocks = []
        for stack in self.stacks:
            blocks += list(zip(stack.rows, self._total(stack, matrices), strict=True))
        return sorted(blocks, key=lambda pair: int(pair[0][0]))

    def _total(self, stack: Stack, matrices: list[np.ndarray]) -> np.ndarray:
        """Return M of each block of a stack."""
        total = stack.sampling.copy()
        for term, link, matrix in zip(self.terms, stack.links, matrices, strict=True):
            inner = term.inner[stack.rows]
            total += link * matrix[inner[:, :, None], inner[:, None, :]]
        return total

    def _inverse_factors(self, matrices: list[np.ndarray]) -> list[np.ndarray] | None:
        """Return the inverse Cholesky factors of M, or None where it is not positive definite."""
        factors = []
        for stack in self.stacks:
            total = self._total(stack, matrices)
            if total.shape[-1] == 1:
                if not (total > 0).all():
                    return None
                factors.append(1.0 / np.sqrt(total))
                continue
            try:
                factors.append(np.linalg.inv(np.linalg.cholesky(total)))
            except np.linalg.LinAlgError:
                return None
        return factors

    def _slopes(
        self,
        factors: list[np.ndarray],
        q: np.ndarray,
        residual: np.ndarray,
        slopes: list[np.ndarray],
        n: int,
        with_information: bool,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
        """Return gradient, information, M^-1 r and the trace of the projection.

        With W = M^-1 and P = W - W X (X'WX)^-1 X'W, the slope by a parameter is half of
        r'W D W r - tr(P D), D the derivative of M (W in place of P for ML): Harville (1977),
        J Am Stat Assoc 72, 320-338.
        """
        gradient, information = np.zeros(n), np.zeros((n, n))
        weighted, trace = np.empty(len(residual)), []
        for stack, factor in zip(self.stacks, factors, strict=True):
            upward = np.swapaxes(factor, 1, 2)
            score = (upward @ residual[stack.rows][..., None])[..., 0]
            weighted[stack.rows] = score
            weights = upward @ factor
            pulled = upward @ q[stack.rows]
            projection = weights - pulled @ np.swapaxes(pulled, 1, 2)
            trace.append(np.trace(projection, axis1=1, axis2=2).sum())
            used = projection if self.restricted else weights
            outer = 0.5 * (score[:, :, None] * score[:, None, :] - used)
            pieces = []
            for term, link, slope in zip(self.terms, stack.links, slopes, strict=True):
                inner = term.inner[stack.rows]
                pieces += [link * each[inner[:, :, None], inner[:, None, :]] for each in slope]
            if n == 0:
                continue
            stacked = np.stack(pieces).reshape(n, -1)
            gradient += stacked @ outer.ravel()
            if with_information:
                turned = np.stack([used @ piece for piece in pieces])
                information += 0.5 * turned.reshape(n, -1) @ np.swapaxes(turned, 2, 3).reshape(n, -1).T
        return gradient, information, weighted, math.fsum(trace)


def _impossible(n: int, k: int, p: int) -> Evaluation:
    """Return what stands for parameters that no data can have come from."""
    blank = np.full((p, p), math.nan)
    zeros = np.zeros(n), np.eye(n)
    return Evaluation(-math.inf, *zeros, blank[0], blank, math.nan, math.nan, np.full(k, math.nan), math.nan)
