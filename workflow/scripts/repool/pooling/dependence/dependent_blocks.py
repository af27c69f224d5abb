"""Sort effects into independent blocks, and stack blocks of equal size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from repool.pooling.dependence.covariance_blocks import components

if TYPE_CHECKING:
    from collections.abc import Sequence

    from repool.pooling.dependence.random_terms import CodedTerm


@dataclass(frozen=True)
class Stack:
    """Blocks of equal size m, stacked.

    Attributes
    ----------
    rows : numpy.ndarray of shape (b, m)
        Row numbers of the effects.
    sampling : numpy.ndarray of shape (b, m, m)
        Sampling covariance.
    links : list of numpy.ndarray of shape (b, m, m)
        Per term, which effects share its outer group.
    """

    rows: np.ndarray
    sampling: np.ndarray
    links: list[np.ndarray]


def stack_blocks(sampling: Sequence[tuple[np.ndarray, np.ndarray]], terms: Sequence[CodedTerm], k: int) -> list[Stack]:
    """Return the effects sorted into blocks that neither term nor sampling covariance joins.

    Parameters
    ----------
    sampling : sequence of (numpy.ndarray, numpy.ndarray)
        Row numbers and sampling covariance of effects that hang together.
    terms : sequence of CodedTerm
        Random terms.
    k : int
        Number of effects.

    Returns
    -------
    list of Stack
        Blocks by increasing size.
    """
    links = [(rows[:-1], rows[1:]) for rows, _ in sampling] + [_chain(term) for term in terms]
    home: dict[int, tuple[np.ndarray, np.ndarray]] = {}
    for rows, block in sampling:
        home |= dict.fromkeys((int(row) for row in rows), (rows, block))
    by_size: dict[int, list[np.ndarray]] = {}
    for rows in components(k, links):
        by_size.setdefault(rows.size, []).append(rows)
    stacks = []
    for _, members in sorted(by_size.items()):
        rows = np.stack(members)
        stacks.append(Stack(rows, np.stack([_submatrix(r, home) for r in members]), [_link(t, rows) for t in terms]))
    return stacks


def _chain(term: CodedTerm) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs of rows that tie together each outer group, or all groups that are correlated."""
    if term.outer_correlation is None:
        code = term.outer
    else:
        code = np.zeros(term.outer.size, dtype=int)
        for number, groups in enumerate(components(len(term.outer_correlation), [np.nonzero(term.outer_correlation)])):
            code[np.isin(term.outer, groups)] = number
    order = np.argsort(code, kind="stable")
    same = code[order[:-1]] == code[order[1:]]
    return order[:-1][same], order[1:][same]


def _submatrix(rows: np.ndarray, home: dict[int, tuple[np.ndarray, Any]]) -> np.ndarray:
    """Return the sampling covariance among the rows, gathered from the blocks it consists of."""
    place = {int(row): n for n, row in enumerate(rows)}
    result = np.zeros((rows.size, rows.size))
    for first in dict.fromkeys(int(home[int(row)][0][0]) for row in rows):
        members, block = home[first]
        at = [place[int(member)] for member in members]
        result[np.ix_(at, at)] = block
    return result


def _link(term: CodedTerm, rows: np.ndarray) -> np.ndarray:
    """Return which effects of each block share the term's outer group, or how they correlate."""
    outer = term.outer[rows]
    if term.outer_correlation is not None:
        return term.outer_correlation[outer[:, :, None], outer[:, None, :]]
    return (outer[:, :, None] == outer[:, None, :]).astype(float)
