"""Test coefficients by shuffling: how often would chance alone give a statistic as large."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.models.estimators import check_inputs
from repool.pooling.models.many import tau2_many

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: Statistics this near count as equal, so that rounding does not decide ties; metafor's number.
TIE = 1e-8

#: An exact test of more arrangements is refused: it would run for hours.
MOST_ARRANGEMENTS = 5_000_000

#: Arrangements worked on at a time, which bounds memory.
BATCH = 10_000


@dataclass(frozen=True)
class PermutationTest:
    """P-values of a model from permutations of its moderators, or sign flips of its effects.

    Attributes
    ----------
    pval : numpy.ndarray of shape (p,)
        Two-sided p-value of each coefficient.
    qm_pval : float
        P-value of the joint test of the moderators (of the mean, without moderators).
    statistic : numpy.ndarray of shape (p,)
        The statistics observed.
    qm : float
        The joint statistic observed.
    arrangements : int
        How many were used, the observed one included.
    exact : bool
        Whether these are all there are.
    failed : int
        Arrangements that could not be fitted; they are left out of the shares.
    """

    pval: np.ndarray
    qm_pval: float
    statistic: np.ndarray
    qm: float
    arrangements: int
    exact: bool
    failed: int


def count_arrangements(k: int, design: ArrayLike | None) -> int:
    """Return how many different arrangements an exact test has.

    Parameters
    ----------
    k : int
        Number of effects.
    design : array_like of shape (k, p) or None
        Design matrix; None, or a column of ones alone, stands for sign flips of the effects.

    Returns
    -------
    int
        2^k, or k! divided by the orders of equal rows among themselves.
    """
    if _mean_alone(design):
        return 2**k
    rows = Counter(map(tuple, np.asarray(design, dtype=float)))
    count = math.factorial(k)
    for times in rows.values():
        count //= math.factorial(times)
    return count


def permutation_test(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    design: ArrayLike | None,
    method_tau2: str,
    ci_method: str,
    exact: bool,
    permutations: int,
    seed: int,
) -> PermutationTest:
    """Return permutation p-values of a meta-analysis or meta-regression.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    design : array_like of shape (k, p) or None
        With moderators its rows are permuted; without (None or a column of ones) the signs of
        the effects are flipped.
    method_tau2, ci_method : str
        As in `repool.pooling.models.estimators.tau2` and `repool.pooling.models.intervals.interval`.
    exact : bool
        Every arrangement, `permutations` and `seed` then being without meaning; otherwise random
        ones.
    permutations : int
        How many random arrangements, the observed one included as the first.
    seed : int
        Where the random numbers start; the same seed gives the same arrangements everywhere.

    Returns
    -------
    PermutationTest
        P-values and what they rest on.

    Raises
    ------
    ValueError
        When the data cannot be fitted, or an exact test has too many arrangements.

    Notes
    -----
    Higgins & Thompson (2004), Stat Med 23, 1663-1682 (permuting moderators); Follmann & Proschan
    (1999), Biometrics 55, 732-737 (sign flips). tau2 is estimated anew in every arrangement.
    """
    yi, vi, design = check_inputs(yi, vi, design)
    settings = {"method_tau2": method_tau2, "ci_method": ci_method}
    observed, observed_qm = _statistics(yi, vi, design, **settings)
    count = count_arrangements(yi.size, design)
    if exact and count > MOST_ARRANGEMENTS:
        raise ValueError(
            f"an exact test has {count:,} arrangements, more than {MOST_ARRANGEMENTS:,}; ask for random ones"
        )
    if not exact and permutations < 2:
        raise ValueError(f"permutations is {permutations}; must be at least 2")
    total = count if exact else permutations
    as_large, as_large_qm, fitted = np.zeros(design.shape[1]), 0, 0
    for batch_yi, batch_vi in _batches(yi, vi, design, exact=exact, permutations=permutations, seed=seed):
        statistic, qm = _statistics(batch_yi, batch_vi, design, **settings)
        usable = np.isfinite(statistic).all(axis=1)
        as_large += np.sum(np.abs(statistic[usable]) >= np.abs(observed[0]) - TIE, axis=0)
        as_large_qm += int(np.sum(qm[usable] >= observed_qm[0] - TIE))
        fitted += int(usable.sum())
    known = fitted > 0 and np.isfinite(observed).all()
    pval = as_large / fitted if known else np.full(design.shape[1], math.nan)
    qm_pval = as_large_qm / fitted if known else math.nan
    return PermutationTest(pval, qm_pval, observed[0], float(observed_qm[0]), total, exact, total - fitted)


def _mean_alone(design: ArrayLike | None) -> bool:
    """Whether a design is a column of ones and nothing else."""
    if design is None:
        return True
    design = np.asarray(design, dtype=float)
    return design.shape[1] == 1 and bool(np.all(design == 1.0))


def _statistics(
    yi: np.ndarray, vi: np.ndarray, design: np.ndarray, *, method_tau2: str, ci_method: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return the statistics (b, p) and the joint statistic (b,) of each set of effects.

    The joint chi-squared is what the moderators take off the weighted sum of squares at the same
    weights, which equals the quadratic form of the coefficients.
    """
    many = tau2_many(yi, vi, method=method_tau2, design=design)
    yi, vi = np.atleast_2d(yi), np.atleast_2d(vi)
    intercept, p = bool(np.all(design[:, 0] == 1.0)), design.shape[1]
    with np.errstate(all="ignore"):
        spread = many.rss / many.df
        factor = {"knapp_hartung": spread, "knapp_hartung_floored": np.maximum(spread, 1.0)}.get(ci_method, 1.0)
        statistic = many.beta / (many.se * np.sqrt(np.broadcast_to(factor, spread.shape))[:, None])
        weights = 1.0 / (vi + many.tau2[:, None])
        centre = 0.0
        if intercept and p > 1:
            centre = (np.sum(weights * yi, axis=1) / np.sum(weights, axis=1))[:, None]
        explained = np.einsum("bk,bk,bk->b", weights, yi - centre, yi - centre) - many.rss
        tested = p - int(intercept and p > 1)
        qm = explained / factor if ci_method == "wald" else explained / factor / tested
    # One coefficient: its square is the joint statistic, without the rounding of a difference.
    return statistic, statistic[:, -1] ** 2 if tested == 1 else qm


def _batches(
    yi: np.ndarray, vi: np.ndarray, design: np.ndarray, *, exact: bool, permutations: int, seed: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield effects and variances of many arrangements at a time.

    Permuting the rows of the design and permuting the effects back are the same thing.
    """
    flips = _mean_alone(design)
    if exact:
        arrangements = _all_signs(yi.size) if flips else _all_orders(design)
    else:
        arrangements = _random(yi.size, flips=flips, permutations=permutations, seed=seed)
    for batch in arrangements:
        yield (batch * yi, np.broadcast_to(vi, batch.shape)) if flips else (yi[batch], vi[batch])


def _all_signs(k: int) -> Iterator[np.ndarray]:
    """Yield every pattern of signs."""
    places = np.arange(k)
    for start in range(0, 2**k, BATCH):
        numbers = np.arange(start, min(start + BATCH, 2**k))
        yield 1.0 - 2.0 * ((numbers[:, None] >> places) & 1)


def _all_orders(design: np.ndarray) -> Iterator[np.ndarray]:
    """Yield every order of the effects that gives the rows of the design other partners."""
    _, kinds = np.unique(design, axis=0, return_inverse=True)
    kinds = kinds.ravel()
    places = {kind: np.flatnonzero(kinds == kind) for kind in sorted(set(kinds.tolist()))}
    orders = _partitions(tuple(range(kinds.size)), [rows.size for rows in places.values()])
    rows = np.concatenate(list(places.values()))
    while batch := list(itertools.islice(orders, BATCH)):
        order = np.empty((len(batch), kinds.size), dtype=int)
        order[:, rows] = np.array(batch)
        yield order


def _partitions(members: tuple[int, ...], sizes: list[int]) -> Iterator[tuple[int, ...]]:
    """Yield every way to deal members into groups of given sizes, written one after the other."""
    if len(sizes) == 1:
        yield members
        return
    for chosen in itertools.combinations(members, sizes[0]):
        taken = set(chosen)
        rest = tuple(member for member in members if member not in taken)
        for others in _partitions(rest, sizes[1:]):
            yield chosen + others


def _random(k: int, *, flips: bool, permutations: int, seed: int) -> Iterator[np.ndarray]:
    """Yield random signs or orders, the observed one first.

    Drawn from the raw bits of a generator: these never change between versions of numpy.
    """
    bits = np.random.PCG64(seed)
    for start in range(0, permutations, BATCH):
        count = min(BATCH, permutations - start)
        raw = bits.random_raw(count * k).reshape(count, k)
        batch = 1.0 - 2.0 * (raw >> np.uint64(63)) if flips else np.argsort(raw, axis=1, kind="stable")
        if start == 0:
            batch[0] = 1.0 if flips else np.arange(k)
        yield batch
