"""Describe how the chance of being published depends on the p-value: steps and smooth curves.

Each weight class answers two questions in closed form or by quadrature, with first and second
derivatives: the log weight of each observed result, and the average weight of all results that
study could have had (the normaliser). Parameters are in the order mu, tau2, delta 1 .. J.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Weights by p-value; "stepfun" needs steps, the others are smooth.
SMOOTH = ("beta", "halfnorm", "negexp", "logistic", "power")
TYPES = ("stepfun", *SMOOTH)

#: Which p-values the selection looks at.
ALTERNATIVES = ("greater", "less", "two.sided")

#: Largest weight parameter searched for: beyond it the weights no longer tell themselves apart.
DELTA_MAXIMUM = 100.0


@dataclass(frozen=True)
class Terms:
    """Values and derivatives for k studies and q = 2 + J parameters.

    Attributes
    ----------
    log_weight, log_weight_1, log_weight_2 : numpy.ndarray of shape (k,), (k, q), (k, q, q)
        Log weight of the observed p-value and its derivatives.
    normaliser, normaliser_1, normaliser_2 : numpy.ndarray of shape (k,), (k, q), (k, q, q)
        Expected weight over all results of the study and its derivatives.
    """

    log_weight: np.ndarray
    log_weight_1: np.ndarray
    log_weight_2: np.ndarray
    normaliser: np.ndarray
    normaliser_1: np.ndarray
    normaliser_2: np.ndarray


class StepWeights:
    """Weights that are constant between given p-values (Hedges 1992; Vevea & Hedges 1995).

    Parameters
    ----------
    yi, vi : numpy.ndarray of shape (k,)
        Effects and sampling variances, turned so that selection favours large effects.
    steps : sequence of float
        Increasing upper ends of the p-value intervals; 1 is added when it is not the last.
    two_sided : bool
        Whether the p-values are two-sided.
    """

    #: A step with results in it never has weight 0; the floor only keeps the logarithm finite.
    lowest = 1e-12

    def __init__(self, yi: np.ndarray, vi: np.ndarray, *, steps: Sequence[float], two_sided: bool) -> None:
        from scipy.special import ndtr, ndtri

        self.steps = checked_steps(steps)
        self.n_delta = self.steps.size
        self.neutral = np.ones(self.n_delta)
        self.sei, self.vi = np.sqrt(vi), vi
        z = yi / self.sei
        self.pvals = 2.0 * ndtr(-np.abs(z)) if two_sided else ndtr(-z)
        self.group = np.searchsorted(self.steps, self.pvals, side="left")
        self.counts = np.bincount(self.group, minlength=self.n_delta)
        inner = self.steps[:-1]
        lines = -ndtri(inner / 2.0) if two_sided else -ndtri(inner)
        # The expected weight is delta_J + sum of (delta_j - delta_j+1) P(p <= step j): a chance
        # beyond each line, and in the two-sided case also beyond its mirror image.
        self.lines = np.concatenate([lines, -lines]) if two_sided else lines
        self.signs = np.concatenate([np.ones(lines.size), -np.ones(lines.size)]) if two_sided else np.ones(lines.size)
        jumps = np.eye(self.n_delta)[:-1] - np.eye(self.n_delta)[1:]
        self.jumps = np.concatenate([jumps, jumps]) if two_sided else jumps

    def terms(self, mu: float, tau2: float, delta: np.ndarray) -> Terms:
        """Return log weights and normalisers with derivatives, all in closed form."""
        from scipy.special import ndtr

        k, q = self.vi.size, 2 + self.n_delta
        chosen = np.eye(self.n_delta)[self.group]
        share = 1.0 / delta[self.group]
        log_1, log_2 = np.zeros((k, q)), np.zeros((k, q, q))
        log_1[:, 2:] = chosen * share[:, None]
        index = 2 + self.group
        log_2[np.arange(k), index, index] = -(share**2)
        sd = np.sqrt(self.vi + tau2)[:, None]
        h = (mu - self.sei[:, None] * self.lines) / sd
        beyond, density = ndtr(self.signs * h), self.signs * np.exp(-0.5 * h**2) / np.sqrt(2.0 * np.pi)
        # Chain rule through h = (mu - line s) / sqrt(v + tau2).
        h_mu, h_t = 1.0 / sd, -0.5 * h / sd**2
        curved = -h * density
        first = np.stack([density * h_mu, density * h_t], axis=2)
        mixed = curved * h_mu * h_t - 0.5 * density / sd**3
        second = [[curved * h_mu**2, mixed], [mixed, curved * h_t**2 + 0.75 * density * h / sd**4]]
        size = self.jumps @ delta
        value_1, value_2 = np.zeros((k, q)), np.zeros((k, q, q))
        value_1[:, :2] = np.einsum("kep,e->kp", first, size)
        value_1[:, 2:] = beyond @ self.jumps
        value_1[:, -1] += 1.0
        for row in range(2):
            for column in range(2):
                value_2[:, row, column] = second[row][column] @ size
            cross = first[:, :, row] @ self.jumps
            value_2[:, row, 2:], value_2[:, 2:, row] = cross, cross
        normaliser = delta[-1] + beyond @ size
        return Terms(np.log(delta[self.group]), log_1, log_2, normaliser, value_1, value_2)


def checked_steps(steps: Sequence[float]) -> np.ndarray:
    """Return increasing steps that end in 1, or say what is wrong with them."""
    steps = np.unique(np.asarray(steps, dtype=float).ravel())
    if steps.size == 0 or not np.isfinite(steps).all() or (steps <= 0).any() or (steps > 1).any():
        raise ValueError(f"steps must be p-values above 0 and not above 1; they are {steps.tolist()}")
    steps = steps if steps[-1] == 1.0 else np.append(steps, 1.0)
    if steps.size < 2:
        raise ValueError("steps must name at least one p-value below 1")
    return steps
