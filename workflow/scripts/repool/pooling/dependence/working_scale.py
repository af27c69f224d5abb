"""Bring a multilevel model to a scale on which neither offset nor unit costs digits, and back."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from repool.pooling.dependence.dependent_blocks import stack_blocks
from repool.pooling.dependence.mixed_likelihood import MixedModel
from repool.pooling.dependence.structures import variances_and_correlations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from repool.pooling.dependence.random_terms import CodedTerm

#: Residuals below this many units in the last place of the effects are rounding, not spread.
ROUNDING_UNITS = 16.0

#: A standardised eigenvalue of a covariance below this counts as 0 when a boundary is reported.
BOUNDARY = 1e-7


@dataclass(frozen=True)
class Component:
    """What was estimated for one random term.

    Attributes
    ----------
    name, structure : str
        Of the term.
    variances : numpy.ndarray
        One variance, or one per inner level.
    rho : numpy.ndarray
        Correlations: none, one, or one per pair of inner levels (column by column); nan where
        variances of 0 leave nothing to correlate.
    n_levels : int
        Number of outer groups.
    inner_names : tuple
        Inner levels; empty for "intercept".
    fixed : bool
        True when the term has one level only and its variance was set to 0.
    at_boundary : bool
        True when an estimated variance is 0 or a correlation is at its limit.
    """

    name: str
    structure: str
    variances: np.ndarray
    rho: np.ndarray
    n_levels: int
    inner_names: tuple[Any, ...]
    fixed: bool
    at_boundary: bool


@dataclass(frozen=True)
class Prepared:
    """A model on its working scale: effects without their unweighted fit, divided by ``unit``."""

    model: MixedModel
    unit: float
    start: np.ndarray
    triangle: np.ndarray
    total: float


def check_effects(yi: ArrayLike, design: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return effects and design as arrays, or say what is wrong with them.

    Parameters
    ----------
    yi : array_like of shape (k,)
        Effects.
    design : array_like of shape (k, p)
        Design matrix.

    Returns
    -------
    tuple of numpy.ndarray
        Both as floats.

    Raises
    ------
    ValueError
        When values are missing, sizes do not fit or columns are redundant.
    """
    yi, design = np.asarray(yi, dtype=float), np.asarray(design, dtype=float)
    if yi.ndim != 1 or design.ndim != 2 or len(design) != yi.size:
        raise ValueError("yi must be a list and the design have one row per effect")
    if yi.size < 2:
        raise ValueError(f"{yi.size} effect(s) carry no multilevel model; at least 2 needed")
    for name, values in (("yi", yi), ("design", design)):
        if not np.isfinite(values).all():
            raise ValueError(f"{name} holds a value that is missing or infinite; leave those rows out")
    k, p = design.shape
    if p == 0 or p > k:
        raise ValueError(f"{k} effects cannot carry {p} coefficients")
    if np.linalg.matrix_rank(design / np.abs(design).max(axis=0, initial=1e-300)) < p:
        raise ValueError("two columns of the design carry the same information; leave one out")
    return yi, design


def prepare(
    yi: np.ndarray,
    blocks: list[tuple[np.ndarray, np.ndarray]],
    design: np.ndarray,
    terms: Sequence[CodedTerm],
    *,
    restricted: bool,
) -> Prepared:
    """Return the model on its working scale, where neither offset nor unit costs digits.

    Parameters
    ----------
    yi, design : numpy.ndarray
        Effects (k,) and design (k, p).
    blocks : list of (numpy.ndarray, numpy.ndarray)
        Sampling covariance.
    terms : sequence of CodedTerm
        Random terms.
    restricted : bool
        True for REML.

    Returns
    -------
    Prepared
        Model, unit, unweighted coefficients and the design's triangle.
    """
    start = np.linalg.lstsq(design, yi, rcond=None)[0]
    residuals = yi - design @ start
    if np.all(np.abs(residuals) <= ROUNDING_UNITS * np.finfo(float).eps * np.max(np.abs(yi))):
        residuals = np.zeros_like(residuals)
    basis, triangle = np.linalg.qr(design)
    k, p = design.shape
    spread = float(residuals @ residuals) / max(k - p, 1)
    typical = math.fsum(float(np.trace(block)) for _, block in blocks) / k
    unit = math.sqrt(max(spread, typical))
    if unit == 0.0:
        raise ValueError("all effects are fitted exactly and all sampling variances are 0: nothing to estimate")
    scaled = [(rows, block / unit**2) for rows, block in blocks]
    model = MixedModel(residuals / unit, basis, tuple(terms), stack_blocks(scaled, terms, k), restricted)
    total = max(spread - typical, 0.05 * typical, 0.01 * spread) / unit**2
    return Prepared(model, unit, start, triangle, total)


def component(term: CodedTerm, theta: np.ndarray, unit: float) -> Component:
    """Return variances and correlations of a term on the scale of the effects.

    Parameters
    ----------
    term : CodedTerm
        The term.
    theta : numpy.ndarray
        Its parameters on the working scale.
    unit : float
        Working unit of the effects.

    Returns
    -------
    Component
        The estimates.
    """
    variances, rho = variances_and_correlations(term, theta)
    estimated = term.lower < term.upper
    at_limit = bool(np.any(((theta <= term.lower) | (theta >= term.upper)) & estimated))
    if term.structure == "UN":
        at_limit = bool(variances.min() <= BOUNDARY or np.any(np.abs(rho) >= 1.0 - BOUNDARY))
    inner = () if term.structure == "intercept" else tuple(term.inner_names.tolist())
    n_levels = len(term.outer_names)
    scaled = variances * unit**2
    return Component(term.name, term.structure, scaled, rho, n_levels, inner, not estimated.any(), at_limit)
