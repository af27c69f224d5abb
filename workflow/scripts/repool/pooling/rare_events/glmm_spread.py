"""Heterogeneity of the generalised linear mixed models: Wald and likelihood-ratio tests, and I2."""

from __future__ import annotations

import numpy as np

from repool.pooling.rare_events.glmm_models import mixed_problem, own_effects
from repool.pooling.rare_events.maximise import highest_peak
from repool.pooling.rare_events.quadrature import Array, Counts


def weighted_spread(effects: Array, weights: Array) -> float:
    """Return the weighted sum of squares around the weighted mean; weights of 0 stand for infinite effects.

    Notes
    -----
    A study with a zero cell has an infinite effect with an infinite variance; in the limit it adds nothing to the
    Wald statistic, while it does count in its degrees of freedom (and adds to the likelihood ratio).
    """
    use = weights > 0
    if not use.any():
        return 0.0
    effects, weights = effects[use], weights[use]
    mean = np.sum(weights * effects) / np.sum(weights)
    return float(np.sum(weights * (effects - mean) ** 2))


def own_log_odds(events: Array, sizes: Array, *, poisson: bool) -> tuple[Array, Array]:
    """Return log odds (or log rates) of single groups and their information; 0 information where infinite.

    Parameters
    ----------
    events, sizes : numpy.ndarray
        Events; people or person-time.
    poisson : bool
        Rates rather than odds.
    """
    rest = sizes if poisson else sizes - events
    finite = (events > 0) & (rest > 0)
    with np.errstate(all="ignore"):
        effects = np.where(finite, np.log(events) - np.log(rest), 0.0)
        information = events if poisson else events * (rest / sizes)
    return effects, np.where(finite, information, 0.0)


def two_arm_spread(counts: Counts) -> float:
    """Return the Wald statistic of the model with an effect of each study's own (fixed study levels)."""
    effects, information = own_log_odds(counts.events, counts.sizes, poisson=counts.poisson)
    with np.errstate(all="ignore"):
        weights = 1 / np.sum(1 / information, axis=1)
    return weighted_spread(effects[:, 0] - effects[:, 1], np.where((information > 0).all(axis=1), weights, 0.0))


def random_level_spread(counts: Counts, *, nodes: int, level: float, sigma: float) -> tuple[float, float]:
    """Return Wald statistic and log-likelihood of the model with random levels and an effect of each study's own.

    Parameters
    ----------
    counts : Counts
        Both arms, (k, 2).
    nodes : int
        Quadrature points.
    level, sigma : float
        Mean and standard deviation of the levels in the model with one effect; where the search starts.

    Notes
    -----
    Where nobody (or everybody) has the event in arm 1, that arm is certain under its own infinite effect.
    """
    poisson = counts.poisson
    events, sizes = counts.events.copy(), counts.sizes.copy()
    own = (events[:, 0] > 0) & ((events[:, 0] < sizes[:, 0]) | poisson)
    events[~own, 0] = sizes[~own, 0] = 0.0
    start = own_log_odds(events[:, 0], sizes[:, 0], poisson=poisson)[0] - level
    counts = Counts(events, sizes, poisson)
    problem = mixed_problem(counts, own_effects, nodes=nodes, local=own)
    peak = highest_peak(problem, np.where(own, start, 0.0), np.array([level, sigma]), free=(0, 1), spreads=(1,))
    return _contrast(peak.local, peak.slopes.hessian, own), peak.height


def _contrast(effects: Array, hessian: Array, own: Array) -> float:
    """Return the Wald statistic that all own effects are equal, from the full information matrix."""
    if own.sum() < 2:
        return 0.0
    cross = -hessian[own][:, 0, 1:]
    shared = -np.sum(hessian[:, 1:, 1:], axis=0)
    information = np.diag(-hessian[own, 0, 0]) - cross @ np.linalg.pinv(shared) @ cross.T
    weights = information.sum(axis=1)
    mean = float(weights @ effects[own]) / float(weights.sum())
    away = effects[own] - mean
    return max(0.0, float(away @ information @ away))


def typical_variance(vi: Array) -> float:
    """Return the typical sampling variance behind I2 (Higgins & Thompson 2002); nan with fewer than two effects.

    Parameters
    ----------
    vi : numpy.ndarray of shape (k,)
        Sampling variances of the studies' own effects.
    """
    if vi.size < 2:
        return float("nan")
    weights = 1 / vi
    return float((vi.size - 1) / (weights.sum() - (weights**2).sum() / weights.sum()))
