"""Measure how much moderators blur each other: variance inflation factors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Inflation:
    """How many times larger the variance of some coefficients is than without the others.

    Attributes
    ----------
    columns : tuple of int
        Coefficients, by position in the design.
    gvif : float
        Generalised variance inflation factor; the plain one for a single coefficient.
    gsif : float
        ``gvif ** (1 / (2 m))``, on the scale of one standard error, to compare terms of different m.
    """

    columns: tuple[int, ...]
    gvif: float
    gsif: float


def variance_inflation(
    cov: ArrayLike, *, intercept: bool, groups: Sequence[Sequence[int]] | None
) -> tuple[Inflation, ...]:
    """Return variance inflation factors of coefficients or groups of them.

    Parameters
    ----------
    cov : array_like of shape (p, p)
        Covariance of the coefficients.
    intercept : bool
        Whether the first is an intercept, which is then left out.
    groups : sequence of sequences of int, or None
        Positions (from 0) that belong together, such as the levels of one category; None asks
        for every coefficient by itself.

    Returns
    -------
    tuple of Inflation
        One per group, in the order given.

    Raises
    ------
    ValueError
        When there is nothing but an intercept, or a group names it or no coefficient at all.

    Notes
    -----
    Fox & Monette (1992), J Am Stat Assoc 87, 178-183: with R the correlations of the coefficients,
    det(R of the group) det(R of the others) / det(R).
    """
    cov = np.asarray(cov, dtype=float)
    first, p = int(intercept), len(cov)
    if p == first:
        raise ValueError("variance inflation needs a moderator; the model has an intercept only")
    groups = [[i] for i in range(first, p)] if groups is None else [sorted(set(group)) for group in groups]
    for group in groups:
        if not group or group[0] < first or group[-1] >= p:
            raise ValueError(f"coefficients {group} cannot be asked for; only {first} to {p - 1}")
    if not np.all(np.diagonal(cov)[first:] > 0):
        return tuple(Inflation(tuple(group), math.nan, math.nan) for group in groups)
    scale = np.sqrt(np.diagonal(cov)[first:])
    correlation = cov[first:, first:] / np.outer(scale, scale)
    found = []
    for group in groups:
        inside = np.isin(np.arange(first, p), group)
        logarithm = _log_det(correlation[np.ix_(inside, inside)]) + _log_det(correlation[np.ix_(~inside, ~inside)])
        # A group of everything has nothing to be blurred by: exactly 1.
        gvif = 1.0 if inside.all() else math.exp(logarithm - _log_det(correlation))
        found.append(Inflation(tuple(group), gvif, gvif ** (1.0 / (2 * len(group)))))
    return tuple(found)


def _log_det(matrix: np.ndarray) -> float:
    """Return the logarithm of the determinant; 0 for a matrix of no rows."""
    return float(np.linalg.slogdet(matrix)[1]) if matrix.size else 0.0
