"""Combine the effects of each cluster into one, for an assumed correlation between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.effects.overlap import constant_correlation, join_correlated

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Aggregated:
    """One effect per cluster, in order of first appearance.

    Attributes
    ----------
    cluster : tuple
        Names of the clusters.
    yi, vi : numpy.ndarray of shape (m,)
        Combined effects and their sampling variances.
    n_effects : numpy.ndarray of shape (m,)
        Effects that went into each.
    is_inside : numpy.ndarray of shape (m,)
        False where the combined effect lies outside the range of its own effects, which
        generalised least squares does when a large rho meets very unequal variances.
    """

    cluster: tuple
    yi: np.ndarray
    vi: np.ndarray
    n_effects: np.ndarray
    is_inside: np.ndarray


def aggregate(yi: ArrayLike, vi: ArrayLike, cluster: ArrayLike, *, rho: float, is_weighted: bool) -> Aggregated:
    """Return one effect per cluster, its variance following from the assumed correlation.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    cluster : array_like of shape (k,)
        Cluster of each effect: numbers or names.
    rho : float
        Assumed correlation of sampling errors within a cluster; 0 stands for independent
        effects (metafor's struct "ID"), anything else for compound symmetry ("CS").
    is_weighted : bool
        True: generalised least squares. False: the plain mean of the effects.

    Raises
    ------
    ValueError
        When values are missing, a variance is not above 0, rho is not between -1 and 1, or the
        covariance of a cluster cannot be inverted.

    Notes
    -----
    y = w'y_j / w'1 with w = V_j^-1 1, variance 1 / (1' V_j^-1 1); unweighted: the mean, with
    variance 1' V_j 1 / n_j^2. Borenstein et al. (2009), Introduction to Meta-Analysis, chapter 24.
    """
    yi, vi = np.asarray(yi, dtype=float), np.asarray(vi, dtype=float)
    names = list(cluster)
    if yi.ndim != 1 or yi.shape != vi.shape or len(names) != yi.size or not names:
        raise ValueError("yi, vi and cluster must be lists of equal length, with at least one effect")
    if not np.isfinite(yi).all() or not np.isfinite(vi).all() or (vi <= 0).any():
        raise ValueError("yi must be finite and vi finite and above 0; drop or repair the effects that are not")
    if not -1.0 <= rho <= 1.0:
        raise ValueError(f"rho is {rho!r}; must lie between -1 and 1")
    members: dict = {}
    for place, name in enumerate(names):
        members.setdefault(name, []).append(place)
    parts = [_one(yi[at], vi[at], name=name, rho=rho, is_weighted=is_weighted) for name, at in members.items()]
    effects, variances = (np.array(column) for column in zip(*parts, strict=True))
    low = np.array([yi[at].min() for at in members.values()])
    high = np.array([yi[at].max() for at in members.values()])
    slack = 1e-12 * np.maximum(np.abs(low), np.abs(high))
    return Aggregated(
        cluster=tuple(members),
        yi=effects,
        vi=variances,
        n_effects=np.array([len(at) for at in members.values()]),
        is_inside=(effects >= low - slack) & (effects <= high + slack),
    )


def _one(yi: np.ndarray, vi: np.ndarray, *, name: object, rho: float, is_weighted: bool) -> tuple[float, float]:
    """Return the combined effect of one cluster and its variance."""
    if not is_weighted:
        return float(yi.mean()), float(constant_correlation(vi, rho=rho).sum()) / yi.size**2
    # The correlation matrix decides whether there is an inverse; variances only scale it.
    if yi.size > 1 and not (-1.0 / (yi.size - 1) < rho < 1.0):
        raise ValueError(
            f"cluster {name!r}: {yi.size} effects cannot all correlate by {rho:g} and be weighted; "
            f"rho must lie above {-1.0 / (yi.size - 1):g} and below 1, or use the plain mean"
        )
    return join_correlated(yi, vi, rho=rho)
