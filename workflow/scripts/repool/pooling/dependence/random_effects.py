"""Predict the random effects of a fitted multilevel model: how far each group lies from the mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.dependence.structures import matrix_and_slopes

if TYPE_CHECKING:
    from repool.pooling.dependence.multilevel import MultilevelFit

#: Predictions below this many units in the last place of the working scale are rounding.
ROUNDING_UNITS = 100.0


@dataclass(frozen=True)
class RandomEffects:
    """Predicted random effects of one term (empirical Bayes), with the error of prediction.

    Attributes
    ----------
    levels : tuple
        Outer groups in sorted order, or (outer, inner) pairs for a term with an inner factor.
    estimate, se : numpy.ndarray
        Predicted deviation from the fitted mean and its standard error.
    """

    levels: tuple
    estimate: np.ndarray
    se: np.ndarray


def predict_random_effects(fit: MultilevelFit, *, term: int) -> RandomEffects:
    """Return the predicted random effects of a term.

    Parameters
    ----------
    fit : MultilevelFit
        A fitted model.
    term : int
        Number of the term, from 0.

    Returns
    -------
    RandomEffects
        One prediction per group, or per group and inner level that the data hold.

    Raises
    ------
    ValueError
        When there is no such term.

    Notes
    -----
    Best linear unbiased prediction D Z'W r with variance D - D Z'P Z D, where P takes the
    uncertainty of the coefficients into account: Raudenbush & Bryk (1985), J Educ Stat 10, 75-98.
    """
    model, unit = fit.prepared.model, fit.prepared.unit
    if not 0 <= term < len(model.terms):
        raise ValueError(f"term is {term}; the model has terms 0 to {len(model.terms) - 1}")
    coded = model.terms[term]
    matrix = matrix_and_slopes(coded, fit.peak.theta[model.parts[term]])[0]
    cell = coded.outer * coded.n_inner + coded.inner
    present, first, code = np.unique(cell, return_index=True, return_inverse=True)
    estimate, variance = np.zeros(present.size), np.zeros(present.size)
    for rows, block in model.marginal(fit.peak.theta):
        weights = np.linalg.inv(block)
        pulled = weights @ model.design[rows]
        projection = weights - pulled @ fit.peak.at.cov @ pulled.T
        cells = np.unique(code[rows])
        at = first[cells]
        shared = _between(coded.outer_correlation, coded.outer[at], coded.outer[rows])
        cross = shared * matrix[coded.inner[at][:, None], coded.inner[rows]]
        estimate[cells] = cross @ fit.peak.at.weighted_residuals[rows]
        own = np.diagonal(matrix)[coded.inner[at]]
        variance[cells] = own - np.einsum("ij,jk,ik->i", cross, projection, cross)
    estimate[np.abs(estimate) < ROUNDING_UNITS * np.finfo(float).eps] = 0.0
    outer = coded.outer_names[coded.outer[first]].tolist()
    inner = coded.inner_names[coded.inner[first]].tolist()
    names = tuple(outer) if coded.structure == "intercept" else tuple(zip(outer, inner, strict=True))
    return RandomEffects(names, unit * estimate, unit * np.sqrt(np.maximum(variance, 0.0)))


def _between(correlation: np.ndarray | None, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return how two lists of outer groups correlate."""
    if correlation is not None:
        return correlation[np.ix_(first, second)]
    return (first[:, None] == second).astype(float)
