"""Build the pieces of a cluster-robust ("sandwich") variance: adjusted scores and their expected products."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.dependence.cluster_inputs import Block, checked_blocks, checked_weights, cluster_codes

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: Small-sample adjustments of the residuals; CR0 is none.
KINDS = ("CR0", "CR1", "CR1p", "CR1S", "CR2", "CR3")

#: Directions of a cluster whose remaining share is below this carry no information of their own
#: (the model fits them perfectly); they are left out of the inverse root as Moore-Penrose does.
NO_INFORMATION = 1e-12


@dataclass(frozen=True)
class WorkingModel:
    """A weighted regression and the covariance it takes its effects to have.

    Attributes
    ----------
    blocks : tuple of (indices, block)
        Working covariance of the effects, block by block.
    cluster : numpy.ndarray of shape (k,)
        Cluster of each effect as whole numbers from 0.
    root_inverse : numpy.ndarray of shape (p, p)
        R^-1, where R'R = X'WX.
    basis, scores, spread : numpy.ndarray of shape (k, p)
        X R^-1, W X R^-1 and (working covariance) W X R^-1.
    core : numpy.ndarray of shape (p, p)
        R^-T X'W (working covariance) W X R^-1; the identity for inverse-variance weights.
    """

    blocks: tuple[Block, ...]
    cluster: np.ndarray
    root_inverse: np.ndarray
    basis: np.ndarray
    scores: np.ndarray
    spread: np.ndarray
    core: np.ndarray

    @property
    def n_clusters(self) -> int:
        """Number of clusters."""
        return int(self.cluster.max()) + 1


def working_model(
    design: ArrayLike, covariance: Sequence[Block] | ArrayLike, cluster: ArrayLike, *, weights: ArrayLike | None
) -> WorkingModel:
    """Return the weighted regression that the sandwich is built around.

    Parameters
    ----------
    design : array_like of shape (k, p)
        Design matrix.
    covariance : sequence of (indices, block), or array_like of shape (k, k)
        Working covariance of the effects; a block may hold several clusters and the reverse.
    cluster : array_like of shape (k,)
        Cluster of each effect: numbers or names.
    weights : array_like of shape (k,) or None
        Weights of the regression; None stands for the inverse of the working covariance.

    Raises
    ------
    ValueError
        When sizes do not fit, there is one cluster only, the covariance is not positive definite,
        or columns of the design carry the same information.
    """
    design = np.asarray(design, dtype=float)
    codes = cluster_codes(cluster, k=len(design))
    blocks = checked_blocks(covariance, k=len(design))
    if weights is None:
        whitened = np.empty_like(design)
        for places, block in blocks:
            whitened[places] = np.linalg.solve(_root(block), design[places])
    else:
        weights = checked_weights(weights, k=len(design))
        whitened = np.sqrt(weights)[:, None] * design
    inverse = _triangle_inverse(whitened)
    basis = design @ inverse
    if weights is None:
        scores = _through_blocks(blocks, basis, solve=True)
        return WorkingModel(blocks, codes, inverse, basis, scores, basis, np.eye(design.shape[1]))
    scores = weights[:, None] * basis
    spread = _through_blocks(blocks, scores, solve=False)
    return WorkingModel(blocks, codes, inverse, basis, scores, spread, scores.T @ spread)


def adjusted(model: WorkingModel, *, kind: str) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return, per cluster, which effects it holds and the matrix that multiplies their residuals.

    Parameters
    ----------
    model : WorkingModel
        The weighted regression.
    kind : {"CR0", "CR1", "CR1p", "CR1S", "CR2", "CR3"}
        Small-sample adjustment.

    Raises
    ------
    ValueError
        When the kind is unknown, or impossible with so few clusters.

    Notes
    -----
    CR2: Bell & McCaffrey (2002), Survey Methodology 28, 169-181, in the form of Pustejovsky &
    Tipton (2018), J Bus Econ Stat 36, 672-683: A R A = F, where F is the working
    covariance of a cluster and R that of its residuals. CR3: the jackknife-like (I - H)^-1.
    """
    members = [np.flatnonzero(model.cluster == code) for code in range(model.n_clusters)]
    if kind in ("CR2", "CR3"):
        make = _cr2 if kind == "CR2" else _cr3
        own = _within_clusters(model.blocks, model.cluster, members)
        return members, [make(model, places, block) for places, block in zip(members, own, strict=True)]
    factor = _factor(kind, m=model.n_clusters, k=len(model.cluster), p=model.basis.shape[1])
    return members, [np.sqrt(factor) * np.eye(places.size) for places in members]


def expected_products(
    model: WorkingModel, contrasts: np.ndarray, *, members: Sequence[np.ndarray], adjust: Sequence[np.ndarray]
) -> np.ndarray:
    """Return the covariances of the adjusted scores of all clusters under the working model.

    Parameters
    ----------
    model : WorkingModel
        The weighted regression.
    contrasts : numpy.ndarray of shape (q, p)
        Combinations of coefficients.
    members, adjust : sequence of numpy.ndarray
        From `adjusted`.

    Returns
    -------
    numpy.ndarray of shape (q, q, m, m)
        Element [s, t, i, j] is the covariance of contrast s of cluster i and t of cluster j.

    Notes
    -----
    Pustejovsky & Tipton (2018), J Bus Econ Stat 36, 672-683. The residual covariance (I - H) F (I - H)'
    is F less terms of rank p, so nothing of size k by k is formed.
    """
    m = model.n_clusters
    directions = model.root_inverse.T @ contrasts.T
    loads = np.empty((len(contrasts), len(model.cluster)))
    raw = np.empty((len(contrasts), model.basis.shape[1], m))
    through = np.empty_like(raw)
    for code, (places, matrix) in enumerate(zip(members, adjust, strict=True)):
        loads[:, places] = (matrix.T @ (model.scores[places] @ directions)).T
        raw[:, :, code] = loads[:, places] @ model.basis[places]
        through[:, :, code] = loads[:, places] @ model.spread[places]
    cross = np.einsum("spi,tpj->stij", raw, through, optimize=True)
    products = np.einsum("spi,pq,tqj->stij", raw, model.core, raw, optimize=True)
    products = products - cross - np.transpose(cross, (1, 0, 3, 2))
    for places, block in model.blocks:
        codes, local = np.unique(model.cluster[places], return_inverse=True)
        parts = loads[:, places][:, None, :] * (local == np.arange(codes.size)[:, None])
        whole = np.einsum("sai,ij,tbj->stab", parts, block, parts, optimize=True)
        products[:, :, codes[:, None], codes] += whole
    return products


def _factor(kind: str, *, m: int, k: int, p: int) -> float:
    """Return the factor that stands in for an adjustment of each cluster."""
    if kind not in KINDS:
        raise ValueError(f"kind is {kind!r}; must be one of {', '.join(KINDS)}")
    if kind == "CR1p" and m <= p:
        raise ValueError(f"{m} clusters cannot carry {p} coefficient(s) with CR1p; more clusters than that are needed")
    factors = {"CR0": lambda: 1.0, "CR1": lambda: m / (m - 1), "CR1p": lambda: m / (m - p)}
    return factors[kind]() if kind in factors else m * (k - 1) / ((m - 1) * (k - p))


def _cr2(model: WorkingModel, places: np.ndarray, block: np.ndarray) -> np.ndarray:
    """Return the matrix A with A R A = F for one cluster."""
    root = _root(block)
    basis, spread = model.basis[places], model.spread[places]
    remaining = block - basis @ spread.T - spread @ basis.T + basis @ model.core @ basis.T
    values, vectors = np.linalg.eigh(root.T @ remaining @ root)
    ceiling = float(np.linalg.eigvalsh(root.T @ block @ root)[-1])
    kept = values > NO_INFORMATION * ceiling
    half = root @ vectors[:, kept]
    return (half / np.sqrt(values[kept])) @ half.T


def _cr3(model: WorkingModel, places: np.ndarray, block: np.ndarray) -> np.ndarray:
    """Return (I - H)^-1 of one cluster."""
    remaining = np.eye(places.size) - model.basis[places] @ model.scores[places].T
    if np.linalg.cond(remaining) > 1.0 / NO_INFORMATION:
        size = f"{places.size} effect(s), the first is number {places[0] + 1}"
        raise ValueError(
            f"CR3 leaves out one cluster at a time, and without one of them ({size}) "
            "a coefficient cannot be estimated; use CR2"
        )
    return np.linalg.inv(remaining)


def _within_clusters(blocks: Sequence[Block], cluster: np.ndarray, members: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return the working covariance of each cluster with itself."""
    own = [np.zeros((places.size, places.size)) for places in members]
    position = np.empty(cluster.size, dtype=int)
    for places in members:
        position[places] = np.arange(places.size)
    for places, block in blocks:
        for code in np.unique(cluster[places]):
            here = np.flatnonzero(cluster[places] == code)
            at = position[places[here]]
            own[code][np.ix_(at, at)] = block[np.ix_(here, here)]
    return own


def _through_blocks(blocks: Sequence[Block], columns: np.ndarray, *, solve: bool) -> np.ndarray:
    """Return covariance @ columns, or covariance^-1 @ columns."""
    out = np.empty_like(columns)
    for places, block in blocks:
        out[places] = np.linalg.solve(block, columns[places]) if solve else block @ columns[places]
    return out


def _triangle_inverse(whitened: np.ndarray) -> np.ndarray:
    """Return R^-1 of the QR decomposition, columns brought to one scale first."""
    sizes = np.abs(whitened).max(axis=0, initial=0.0)
    if (sizes == 0).any() or len(whitened) < whitened.shape[1]:
        raise ValueError("the design holds a column of zeros, or more columns than effects; drop columns")
    triangle = np.linalg.qr(whitened / sizes, mode="r")
    diagonal = np.abs(np.diagonal(triangle))
    if diagonal.min() <= len(whitened) * np.finfo(float).eps * diagonal.max():
        raise ValueError("two columns of the design carry the same information; drop one of them")
    return np.linalg.inv(triangle) / sizes[:, None]


def _root(block: np.ndarray) -> np.ndarray:
    """Return the lower Cholesky root of a block, or say that there is none."""
    try:
        return np.linalg.cholesky(block)
    except np.linalg.LinAlgError:
        raise ValueError(
            "the working covariance is not positive definite; check variances above 0 and correlations below 1"
        ) from None
