"""Random terms of a multilevel model as codes, and which of their parameters can be estimated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

#: What may stand in ``structure``; "intercept" is one variance and needs no inner factor.
STRUCTURES = ("intercept", "ID", "DIAG", "CS", "HCS", "AR", "HAR", "CAR", "UN")

#: Structures with one correlation parameter, and those with one variance per inner level.
WITH_RHO = ("CS", "HCS", "AR", "HAR", "CAR")
HETEROGENEOUS = ("DIAG", "HCS", "HAR", "UN")


@dataclass(frozen=True)
class RandomTerm:
    """One random term of a model, such as "study", "effect within study" or "outcome | study".

    Attributes
    ----------
    levels : sequence of length k
        Outer group of each effect; true effects vary between groups.
    structure : str
        One of `STRUCTURES`.
    inner : sequence of length k or None
        Inner level of each effect (numbers of time units for CAR); None for "intercept".
    correlation : numpy.ndarray of shape (n, n) or None
        Known correlation of the groups named in ``correlation_levels``; only for "intercept".
    correlation_levels : sequence of length n
        Names of its rows; unused where ``correlation`` is None.
    name : str
        What messages and tables call the term.
    """

    levels: Sequence[Any]
    structure: str = "intercept"
    inner: Sequence[Any] | None = None
    correlation: np.ndarray | None = None
    correlation_levels: Sequence[Any] = ()
    name: str = ""


@dataclass(frozen=True)
class CodedTerm:
    """A random term as numbers: codes from 0 on, limits of its parameters, and what is fixed.

    Attributes
    ----------
    outer, inner : numpy.ndarray of shape (k,)
        Codes of the groups in sorted order; inner is all 0 for "intercept".
    outer_names, inner_names : numpy.ndarray
        What the codes stand for.
    outer_correlation : numpy.ndarray or None
        Known correlation between outer groups, in the order of the codes.
    structure, name : str
        As in `RandomTerm`; "UN" becomes "UN_pairs" where some pairs of levels never meet.
    lower, upper : numpy.ndarray
        Limits of the parameters; equal ones fix a parameter.
    """

    outer: np.ndarray
    inner: np.ndarray
    outer_names: np.ndarray
    inner_names: np.ndarray
    outer_correlation: np.ndarray | None
    structure: str
    name: str
    lower: np.ndarray
    upper: np.ndarray

    @property
    def n_inner(self) -> int:
        """Number of inner levels."""
        return len(self.inner_names)

    @property
    def n_estimated(self) -> int:
        """Number of parameters that the data decide."""
        return int(np.sum(self.lower < self.upper))


def code_term(term: RandomTerm, k: int) -> CodedTerm:
    """Return a random term as numbers, or say what is wrong with it.

    Parameters
    ----------
    term : RandomTerm
        The term.
    k : int
        Number of effects.

    Returns
    -------
    CodedTerm
        Codes, limits and the parameters that cannot be estimated, fixed.

    Raises
    ------
    ValueError
        When the structure is unknown, a factor has another length or a correlation matrix does
        not fit.

    Notes
    -----
    As in metafor 3.8 a variance is fixed at 0 where its factor has one level only, and a
    correlation at 0 where no group holds the two levels it would join.
    """
    name = term.name or "random term"
    if term.structure not in STRUCTURES:
        raise ValueError(f"{name}: structure is {term.structure!r}; must be one of {', '.join(STRUCTURES)}")
    if (term.inner is None) != (term.structure == "intercept"):
        raise ValueError(f"{name}: 'intercept' takes no inner factor, every other structure needs one")
    for factor in (term.levels, term.inner):
        if factor is not None and len(factor) != k:
            raise ValueError(f"{name}: {len(factor)} levels given for {k} effects; give one per effect")
    outer_names, outer = np.unique(np.asarray(term.levels), return_inverse=True)
    inner_names, inner = np.unique(np.zeros(k) if term.inner is None else np.asarray(term.inner), return_inverse=True)
    known = None if term.correlation is None else _known_correlation(term, outer_names, name)
    met = _pairs_met(outer, inner, len(inner_names))
    structure = "UN_pairs" if term.structure == "UN" and not met.all() else term.structure
    lower, upper = _limits(structure, len(inner_names), met)
    if structure == "intercept" and len(outer_names) == 1 and known is None:
        upper = np.zeros(1)
    return CodedTerm(outer, inner, outer_names, inner_names, known, structure, name, lower, upper)


def _known_correlation(term: RandomTerm, outer_names: np.ndarray, name: str) -> np.ndarray:
    """Return the known correlation in the order of the codes."""
    matrix = np.asarray(term.correlation, dtype=float)
    rows = {str(level): row for row, level in enumerate(term.correlation_levels)}
    if term.structure != "intercept":
        raise ValueError(f"{name}: a known correlation goes with structure 'intercept' only")
    if matrix.shape != (len(rows), len(rows)) or not np.isfinite(matrix).all() or not np.allclose(matrix, matrix.T):
        raise ValueError(f"{name}: the known correlation must be a symmetric, complete matrix with one name per row")
    missing = [str(level) for level in outer_names if str(level) not in rows]
    if missing:
        raise ValueError(f"{name}: the known correlation has no row for level {missing[0]!r}")
    if (np.diagonal(matrix) <= 0).any():
        raise ValueError(f"{name}: the diagonal of the known correlation must be above 0")
    order = [rows[str(level)] for level in outer_names]
    scale = np.sqrt(np.diagonal(matrix))
    return (matrix / np.outer(scale, scale))[np.ix_(order, order)]


def _pairs_met(outer: np.ndarray, inner: np.ndarray, n_inner: int) -> np.ndarray:
    """Return for each pair of inner levels (column by column) whether any group holds both."""
    held = np.zeros((outer.max() + 1, n_inner))
    held[outer, inner] = 1.0
    return (held.T @ held)[lower_triangle(n_inner)] > 0


def lower_triangle(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and columns of the entries below the diagonal, column by column as in R."""
    columns, rows = np.triu_indices(n, 1)
    return rows, columns


def _limits(structure: str, n_inner: int, met: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the limits of the parameters: variances or standard deviations first, then correlations."""
    n_spread = n_inner if structure in (*HETEROGENEOUS, "UN_pairs") else 1
    lower, upper = np.zeros(n_spread), np.full(n_spread, np.inf)
    if structure == "UN":
        # Free Cholesky factor, column by column: the matrix is never indefinite.
        size = n_inner * (n_inner + 1) // 2
        return np.full(size, -np.inf), np.full(size, np.inf)
    if structure == "UN_pairs":
        return np.append(lower, np.where(met, -1.0, 0.0)), np.append(upper, np.where(met, 1.0, 0.0))
    if structure in WITH_RHO:
        free = bool(met.any())
        low = 0.0 if structure == "CAR" else -1.0
        return np.append(lower, low if free else 0.0), np.append(upper, 1.0 if free else 0.0)
    return lower, upper
