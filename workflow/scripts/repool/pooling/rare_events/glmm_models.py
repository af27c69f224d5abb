"""The likelihoods of the generalised linear mixed models, as problems to maximise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from repool.pooling.rare_events.maximise import Problem, Slopes, numeric_slopes
from repool.pooling.rare_events.quadrature import Array, Counts, find_modes, marginal

#: Places of the shared parameters.
MEAN, TAU, LEVEL, SIGMA = 0, 1, 2, 3

#: What a random treatment effect adds to the log odds or log rate of arm 1 and of arm 2: half up, half down.
HALVES = np.array([0.5, -0.5])
FIRST_ARM = np.array([1.0, 0.0])

#: A function of (local (..., k), shared (..., g)) that gives fixed part (..., k, m) and loadings (..., 1, m, r).
Predictor = Callable[[Array, Array], tuple[Array, Array]]


def predictor_of(glmm_model: str, *, offset: Array, random_effect: bool) -> Predictor:
    """Return the linear predictor of a model.

    Parameters
    ----------
    glmm_model : {"UM.FS", "UM.RS", "one"}
        Fixed study effects (a parameter per study), random ones, or one observation per study with an offset.
    offset : numpy.ndarray of shape (k,)
        Added to the predictor of single observations.
    random_effect : bool
        Whether the treatment effects (or, with one observation, the studies) differ.
    """

    def fixed_studies(local: Array, shared: Array) -> tuple[Array, Array]:
        fixed = local[..., None] + shared[..., None, MEAN : MEAN + 1] * FIRST_ARM
        return fixed, (shared[..., None, None, TAU : TAU + 1] * HALVES[:, None])

    def random_studies(local: Array, shared: Array) -> tuple[Array, Array]:
        fixed = shared[..., None, LEVEL : LEVEL + 1] + shared[..., None, MEAN : MEAN + 1] * FIRST_ARM
        fixed = np.broadcast_to(fixed, (*local.shape, 2))
        level = shared[..., None, None, SIGMA : SIGMA + 1] * np.ones((2, 1))
        if not random_effect:
            return fixed, level
        return fixed, np.concatenate([level, shared[..., None, None, TAU : TAU + 1] * HALVES[:, None]], axis=-1)

    def single(local: Array, shared: Array) -> tuple[Array, Array]:
        fixed = offset + shared[..., MEAN : MEAN + 1]
        return fixed[..., None], shared[..., None, None, TAU : TAU + 1] * np.ones((1, 1))

    return {"UM.FS": fixed_studies, "UM.RS": random_studies, "one": single}[glmm_model]


def own_effects(local: Array, shared: Array) -> tuple[Array, Array]:
    """Return the predictor with random study levels and an effect of each study's own; shared is (level, sigma)."""
    fixed = shared[..., None, :1] + local[..., None] * FIRST_ARM
    return fixed, shared[..., None, None, 1:2] * np.ones((2, 1))


def mixed_problem(counts: Counts, predictor: Predictor, *, nodes: int, local: Array) -> Problem:
    """Return the sum of the studies' log-likelihoods, random effects integrated out.

    Parameters
    ----------
    counts : Counts
        Events and sizes.
    predictor : callable
        From parameters to linear predictor.
    nodes : int
        Points of the adaptive Gauss-Hermite rule; 1 is Laplace's approximation.
    local : numpy.ndarray of bool, shape (k,)
        Studies with a parameter of their own.
    """
    constant = counts.constant()
    own = bool(local.any())

    def value(local_values: Array, shared: Array) -> Array:
        fixed, loadings = predictor(local_values, shared)
        start = None
        if fixed.ndim > 2:
            # All points of a stencil lie near its centre, and so do the most likely random effects.
            start = find_modes(counts, fixed[0], loadings[0], None).effects
        return marginal(counts, fixed, loadings, nodes=nodes, start=start) + constant

    def slopes(local_values: Array, shared: Array, steps: tuple[Array, Array]) -> Slopes:
        return numeric_slopes(value, local_values, shared, steps, own=own)

    return Problem(value, slopes, local)


def at_modes(counts: Counts, predictor: Predictor, local: Array, shared: Array) -> float:
    """Return the log-likelihood of the counts given the most likely random effects."""
    fixed, loadings = predictor(local, shared)
    return float(np.sum(find_modes(counts, fixed, loadings, None).conditional + counts.constant()))
