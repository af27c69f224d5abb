"""Check and bring into one form what describes the dependence of effects: clusters, covariance blocks, weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: One block of a covariance matrix: which effects, and the covariances among them.
Block = tuple[np.ndarray, np.ndarray]


def diagonal_blocks(variances: ArrayLike) -> list[Block]:
    """Return the blocks of independent effects.

    Parameters
    ----------
    variances : array_like of shape (k,)
        Marginal variance of each effect, such as vi + tau2.
    """
    variances = np.asarray(variances, dtype=float)
    return [(np.array([place]), np.array([[value]])) for place, value in enumerate(variances)]


def cluster_codes(cluster: ArrayLike, *, k: int) -> np.ndarray:
    """Return clusters as whole numbers from 0, in order of first appearance.

    Parameters
    ----------
    cluster : array_like of shape (k,)
        Cluster of each effect: numbers or names.
    k : int
        Number of effects.

    Raises
    ------
    ValueError
        When there is not one cluster per effect, one is missing, or all effects share one.
    """
    names = list(cluster)
    if len(names) != k:
        raise ValueError(f"there are {k} effects but {len(names)} clusters; one cluster per effect is needed")
    missing = [place for place, name in enumerate(names) if name is None or name == "" or name != name]
    if missing:
        raise ValueError(f"cluster of effect number {missing[0] + 1} is missing; every effect needs its cluster")
    order = {name: code for code, name in enumerate(dict.fromkeys(names))}
    if len(order) < 2:
        raise ValueError(f"all {k} effects lie in one cluster; a cluster-robust variance needs at least two")
    return np.array([order[name] for name in names])


def checked_blocks(covariance: Sequence[Block] | ArrayLike, *, k: int) -> tuple[Block, ...]:
    """Return the blocks of a covariance, each effect named exactly once.

    Parameters
    ----------
    covariance : sequence of (indices, block), or array_like of shape (k, k)
        Covariance of the effects, in blocks or whole.
    k : int
        Number of effects.

    Raises
    ------
    ValueError
        When a block has the wrong size, or effects are missing or named twice.
    """
    if isinstance(covariance, np.ndarray):
        covariance = [(np.arange(k), covariance)]
    blocks = tuple((np.asarray(places, dtype=int), np.asarray(block, dtype=float)) for places, block in covariance)
    if any(block.shape != (places.size, places.size) or not np.isfinite(block).all() for places, block in blocks):
        raise ValueError("a covariance block is not square, not of the size of its effects, or holds missing values")
    if sorted(np.concatenate([places for places, _ in blocks])) != list(range(k)):
        raise ValueError(f"the covariance blocks must name each of the {k} effects exactly once")
    return blocks


def checked_weights(weights: ArrayLike, *, k: int) -> np.ndarray:
    """Return the weights as floats.

    Parameters
    ----------
    weights : array_like of shape (k,)
        Weights of the effects.
    k : int
        Number of effects.

    Raises
    ------
    ValueError
        When a weight is missing, not finite or not above 0.
    """
    weights = np.asarray(weights, dtype=float)
    if weights.shape != (k,) or not (np.isfinite(weights) & (weights > 0)).all():
        raise ValueError(f"weights must be {k} finite numbers above 0, one per effect")
    return weights
