"""Sampling covariance of effects that share people: built from assumed correlations, kept as blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike

#: An eigenvalue of a correlation matrix at or below this counts as not positive.
EPSILON = float(np.finfo(float).eps)


@dataclass(frozen=True)
class SamplingCovariance:
    """A sampling covariance matrix, block by block.

    Attributes
    ----------
    blocks : list of (numpy.ndarray, numpy.ndarray)
        Row numbers of each cluster (from 0) and the covariance of its effects.
    not_positive_definite : tuple
        Clusters whose assumed correlations contradict each other.
    """

    blocks: list[tuple[np.ndarray, np.ndarray]]
    not_positive_definite: tuple[Any, ...]

    @property
    def k(self) -> int:
        """Number of effects."""
        return sum(len(rows) for rows, _ in self.blocks)

    def dense(self) -> np.ndarray:
        """Return the whole k by k matrix."""
        whole = np.zeros((self.k, self.k))
        for rows, block in self.blocks:
            whole[np.ix_(rows, rows)] = block
        return whole


def block_covariance(
    vi: ArrayLike,
    *,
    cluster: Sequence[Any],
    obs: Sequence[Any] | None = None,
    rho_obs: float | Mapping[tuple[Any, Any], float] | None = None,
    kind: Sequence[Any] | None = None,
    rho_kind: float | Mapping[tuple[Any, Any], float] | None = None,
    time1: ArrayLike | None = None,
    time2: ArrayLike | None = None,
    phi: float | None = None,
    grp1: Sequence[Any] | None = None,
    grp2: Sequence[Any] | None = None,
    w1: ArrayLike | None = None,
    w2: ArrayLike | None = None,
    indefinite: str,
) -> SamplingCovariance:
    """Return the covariance of effects of the same people, from variances and assumed correlations.

    Parameters
    ----------
    vi : array_like of shape (k,)
        Sampling variances.
    cluster : sequence of length k
        Effects of different clusters are independent.
    obs, kind : sequence of length k or None
        What distinguishes effects of a cluster: observations of the same construct (correlated
        ``rho_obs``) and different constructs (correlated ``rho_kind``).
    rho_obs, rho_kind : float or mapping from pairs of levels to float
        Assumed correlations between -1 and 1.
    time1, time2 : array_like of shape (k,) or None
        Time points of the two groups of an effect; the correlation falls as ``phi`` to the
        power of the time between. ``time2`` is ``time1`` where not given.
    phi : float or None
        Autocorrelation over one unit of time.
    grp1, grp2 : sequence of length k or None
        The two arms an effect compares; a shared arm makes effects depend on each other.
    w1, w2 : array_like of shape (k,) or None
        Sizes of the two arms.
    indefinite : {"raise", "keep"}
        What to do where assumed correlations contradict each other: stop, or keep the matrix and
        list the clusters.

    Returns
    -------
    SamplingCovariance
        One block per cluster, clusters in order of appearance.

    Raises
    ------
    ValueError
        When lengths differ, a value is out of range, or (with "raise") a block is not positive
        definite.

    Notes
    -----
    Pustejovsky & Tipton (2022), Prev Sci 23, 425-438, for the constant correlation; Gleser &
    Olkin (2009), Handbook of research synthesis, ch. 19, for shared arms: as metafor's vcalc.
    """
    factors = {"cluster": cluster, "obs": obs, "kind": kind, "time1": time1, "time2": time2}
    factors |= {"grp1": grp1, "grp2": grp2, "w1": w1, "w2": w2}
    vi = _check_request(vi, factors, indefinite)
    if (obs is None) != (rho_obs is None) or (kind is None) != (rho_kind is None) or (time1 is None) != (phi is None):
        raise ValueError("give rho_obs with obs, rho_kind with kind, and phi with time1, or neither")
    codes = {name: None if values is None else np.asarray(values) for name, values in factors.items()}
    blocks, contradictory = [], []
    for label, rows in _members(codes["cluster"]):
        part = {name: None if values is None else values[rows] for name, values in codes.items()}
        correlation = _between(part, rho_obs, rho_kind, len(rows)) * _arms_and_times(part, phi, len(rows))
        np.fill_diagonal(correlation, 1.0)
        if np.linalg.eigvalsh(correlation)[0] <= EPSILON:
            contradictory.append(label)
        blocks.append((rows, correlation * np.sqrt(np.outer(vi[rows], vi[rows]))))
    if contradictory and indefinite == "raise":
        raise ValueError(
            f"the assumed correlations are perfect or contradict each other in cluster {contradictory[0]!r} "
            f"({len(contradictory)} in all): the matrix is not positive definite; choose correlations nearer to 0"
        )
    return SamplingCovariance(blocks, tuple(contradictory))


def _check_request(vi: ArrayLike, factors: Mapping[str, Any], indefinite: str) -> np.ndarray:
    """Return the variances as an array, or say what does not fit together."""
    vi = np.asarray(vi, dtype=float)
    if indefinite not in ("raise", "keep"):
        raise ValueError(f"indefinite is {indefinite!r}; must be 'raise' or 'keep'")
    if vi.ndim != 1 or not np.isfinite(vi).all() or (vi < 0).any():
        raise ValueError("vi must be a list of variances, none missing or below 0")
    for name, values in factors.items():
        if values is not None and len(values) != vi.size:
            raise ValueError(f"{name} has {len(values)} entries for {vi.size} effects; give one per effect")
    return vi


def _members(cluster: np.ndarray) -> list[tuple[Any, np.ndarray]]:
    """Return label and row numbers of each cluster, in order of appearance."""
    labels, first, codes = np.unique(cluster, return_index=True, return_inverse=True)
    rows = np.split(np.argsort(codes, kind="stable"), np.cumsum(np.bincount(codes))[:-1])
    return [(labels.tolist()[n], rows[n]) for n in np.argsort(first, kind="stable")]


def _between(part: dict[str, Any], rho_obs: Any, rho_kind: Any, m: int) -> np.ndarray:
    """Return the correlation by construct and observation: 1 where both are the same."""
    if part["obs"] is None and part["kind"] is None:
        return np.ones((m, m))
    within = np.ones((m, m)) if part["obs"] is None else _lookup(part["obs"], rho_obs, "rho_obs")
    if part["kind"] is None:
        return within
    same = part["kind"][:, None] == part["kind"]
    return np.where(same, within, _lookup(part["kind"], rho_kind, "rho_kind"))


def _lookup(levels: np.ndarray, rho: float | Mapping[tuple[Any, Any], float], name: str) -> np.ndarray:
    """Return the assumed correlation of each pair of levels, 1 for a level with itself."""
    m = len(levels)
    if np.isscalar(rho):
        values = np.where(levels[:, None] == levels, 1.0, float(rho))
    else:
        values = np.ones((m, m))
        for i, j in zip(*np.nonzero(levels[:, None] != levels), strict=True):
            pair = levels.tolist()[i], levels.tolist()[j]
            if pair not in rho and pair[::-1] not in rho:
                raise ValueError(f"{name} holds no correlation for the pair {pair}")
            values[i, j] = rho.get(pair, rho.get(pair[::-1]))
    if not (np.abs(values) <= 1.0).all():
        raise ValueError(f"{name} must lie between -1 and 1")
    return values


def _arms_and_times(part: dict[str, Any], phi: float | None, m: int) -> np.ndarray:
    """Return the correlation of contrasts that share arms or are measured at different times."""
    if part["grp1"] is None and part["time1"] is None:
        return np.ones((m, m))
    first = {"grp": part["grp1"], "time": part["time1"], "w": part["w1"]}
    second = {"grp": part["grp2"], "time": part["time2"], "w": part["w2"]}
    if part["grp1"] is None:
        first["grp"], second["grp"] = np.array([1] * m), np.array([2] * m)
    elif second["grp"] is None:
        # As in metafor: an effect with one arm named is compared with the same other arm throughout.
        second["grp"] = np.array([2] * m)
    second = {name: first[name] if values is None else values for name, values in second.items()}
    sides = [_side(first, m), _side(second, m)]
    between = [[_shared(a, b, phi) for b in sides] for a in sides]
    covariance = between[0][0] - between[0][1] - between[1][0] + between[1][1]
    own = np.sqrt(np.diagonal(covariance))
    with np.errstate(divide="ignore", invalid="ignore"):
        return covariance / np.outer(own, own)


def _side(side: dict[str, Any], m: int) -> dict[str, Any]:
    """Return one side of the contrasts with equal sizes and times where none are given."""
    return {
        "grp": side["grp"].astype(str),
        "time": np.zeros(m) if side["time"] is None else np.asarray(side["time"], dtype=float),
        "w": np.ones(m) if side["w"] is None else np.asarray(side["w"], dtype=float),
    }


def _shared(a: dict[str, Any], b: dict[str, Any], phi: float | None) -> np.ndarray:
    """Return the covariance of arm means, up to a constant: the same people, perhaps at other times."""
    apart = np.abs(a["time"][:, None] - b["time"])
    decay = np.ones_like(apart) if phi is None else np.power(float(phi), apart)
    return (a["grp"][:, None] == b["grp"]) * decay / np.sqrt(np.outer(a["w"], b["w"]))


def as_blocks(sampling: Any, k: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return a sampling variance, covariance matrix or list of blocks as blocks.

    Parameters
    ----------
    sampling : array_like of shape (k,) or (k, k), SamplingCovariance, or list of (rows, block)
        What is known of the sampling errors.
    k : int
        Number of effects.

    Returns
    -------
    list of (numpy.ndarray, numpy.ndarray)
        Row numbers and covariance of effects that hang together.

    Raises
    ------
    ValueError
        When sizes do not fit, a value is missing or a matrix is not symmetric.
    """
    if isinstance(sampling, SamplingCovariance):
        sampling = sampling.blocks
    if isinstance(sampling, list) and sampling and isinstance(sampling[0], tuple):
        blocks = [(np.asarray(rows), np.asarray(block, dtype=float)) for rows, block in sampling]
        if not np.array_equal(np.sort(np.concatenate([rows for rows, _ in blocks])), np.arange(k)):
            raise ValueError("the blocks of the sampling covariance must name each effect exactly once")
        return [_checked(rows, block) for rows, block in blocks]
    matrix = np.asarray(sampling, dtype=float)
    if matrix.shape == (k,):
        return [_checked(np.array([row]), matrix[row].reshape(1, 1)) for row in range(k)]
    if matrix.shape != (k, k):
        raise ValueError(f"the sampling (co)variance has shape {matrix.shape}; must be ({k},) or ({k}, {k})")
    _checked(np.arange(k), matrix)
    return [(rows, matrix[np.ix_(rows, rows)]) for rows in components(k, [np.nonzero(matrix)])]


def _checked(rows: np.ndarray, block: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and block, or say what is wrong with them."""
    if block.shape != (rows.size, rows.size) or not np.isfinite(block).all():
        raise ValueError(f"the sampling covariance of rows {rows[:5].tolist()} is incomplete or of the wrong size")
    if not np.allclose(block, block.T, rtol=1e-8, atol=0.0):
        raise ValueError(f"the sampling covariance of rows {rows[:5].tolist()} is not symmetric")
    if (np.diagonal(block) < 0).any():
        raise ValueError(f"a sampling variance of rows {rows[:5].tolist()} is below 0")
    return rows, block


def components(k: int, links: Sequence[tuple[np.ndarray, np.ndarray]]) -> list[np.ndarray]:
    """Return groups of rows that hang together by any of the links, each in increasing order.

    Parameters
    ----------
    k : int
        Number of rows.
    links : sequence of (numpy.ndarray, numpy.ndarray)
        Pairs of rows that depend on each other.

    Returns
    -------
    list of numpy.ndarray
        Row numbers of each group.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    rows = np.concatenate([pair[0] for pair in links])
    columns = np.concatenate([pair[1] for pair in links])
    graph = coo_array((np.ones(rows.size), (rows, columns)), shape=(k, k))
    count, codes = connected_components(graph, directed=False)
    order = np.argsort(codes, kind="stable")
    return np.split(order, np.cumsum(np.bincount(codes, minlength=count))[:-1])
