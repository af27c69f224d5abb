"""Fit the model to all subsets of the studies, or to many at random, to see whether results fall into groups."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.models.estimators import check_inputs
from repool.pooling.models.many import METHODS_MANY, tau2_many
from repool.pooling.sensitivity.subsets import CHUNK, typical_variances

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike

#: Probabilities of the quantiles in `Summary`.
PROBABILITIES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)


@dataclass(frozen=True)
class Gosh:
    """The fits to b subsets of k studies.

    Attributes
    ----------
    included : numpy.ndarray of bool, shape (b, k)
        Which studies each subset has.
    estimate, tau2, q, i2_percent, h2 : numpy.ndarray of shape (b,)
        The mean and the heterogeneity of each subset; a single study has tau2 = 0, Q = 0, I2 = 0 and H2 = 1.
    every_subset : bool
        True when these are all subsets, each once; False for a random sample.
    """

    included: np.ndarray
    estimate: np.ndarray
    tau2: np.ndarray
    q: np.ndarray
    i2_percent: np.ndarray
    h2: np.ndarray
    every_subset: bool


def gosh(yi: ArrayLike, vi: ArrayLike, *, method: str, maximum_subsets: int, seed: int) -> Gosh:
    """Fit one mean to all subsets of the studies, or to a random sample of subsets.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    method : str
        Estimator of tau2, one of `repool.pooling.models.many.METHODS_MANY`.
    maximum_subsets : int
        All 2^k - 1 subsets are fitted when they are no more than this; else this many at random.
    seed : int
        Seed of the random subsets; of no consequence when all are fitted.

    Returns
    -------
    Gosh
        All subsets stand in order of size, then of the first study by which they differ; random ones as drawn.

    Raises
    ------
    ValueError
        When the data cannot be pooled, or a setting is out of range.

    Notes
    -----
    Olkin, Dahabreh & Trikalinos (2012), Res Synth Methods 3, 214-223. Random subsets: each study is in with
    probability 1/2, the empty set drawn again, so all non-empty subsets are equally likely. I2 and H2 come from
    tau2, for "none" and DL from Q.
    """
    yi, vi, _ = check_inputs(yi, vi)
    if method not in METHODS_MANY:
        raise ValueError(f"method is {method!r}; for many subsets it must be one of {', '.join(METHODS_MANY)}")
    if maximum_subsets < 1:
        raise ValueError(f"maximum_subsets is {maximum_subsets}; must be at least 1")
    every = 2**yi.size - 1 <= maximum_subsets
    included = every_subset(yi.size) if every else random_subsets(yi.size, number=maximum_subsets, seed=seed)
    parts = [_fits(yi, vi, rows, method=method) for rows in _blocks(included)]
    return Gosh(included, *(np.concatenate(values) for values in zip(*parts, strict=True)), every_subset=every)


def every_subset(k: int) -> np.ndarray:
    """Return all non-empty subsets of k studies, small ones first, shape (2^k - 1, k)."""
    numbers = np.arange(1, 2**k, dtype=np.uint32)
    included = (numbers[:, None] >> np.arange(k, dtype=np.uint32)) & 1 == 1
    return included[np.argsort(included.sum(axis=1), kind="stable")]


def random_subsets(k: int, *, number: int, seed: int) -> np.ndarray:
    """Return random non-empty subsets of k studies, all equally likely, shape (number, k).

    Raises
    ------
    ValueError
        When the seed is negative.
    """
    if seed < 0:
        raise ValueError(f"seed is {seed}; must be a whole number from 0 on")
    draw = np.random.Generator(np.random.PCG64(seed))
    included = draw.integers(0, 2, size=(number, k), dtype=np.uint8) == 1
    while (empty := ~included.any(axis=1)).any():
        included[empty] = draw.integers(0, 2, size=(int(empty.sum()), k), dtype=np.uint8) == 1
    return included


def _blocks(included: np.ndarray) -> Iterator[np.ndarray]:
    """Yield subsets some at a time, so that memory does not grow with their number."""
    step = max(1, 4 * CHUNK // included.shape[1])
    for first in range(0, len(included), step):
        yield included[first : first + step]


def _fits(yi: np.ndarray, vi: np.ndarray, included: np.ndarray, *, method: str) -> tuple[np.ndarray, ...]:
    """Return mean, tau2, Q, I2 and H2 of each subset."""
    fits = tau2_many(yi, vi, method=method, included=included)
    spare = fits.df > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        if method in ("none", "DL"):
            # For DL both definitions of I2 agree; H2 may be below 1 here, as in R's metafor.
            i2, h2 = np.where(fits.q > fits.df, 100.0 * (fits.q - fits.df) / fits.q, 0.0), fits.q / fits.df
        else:
            typical = typical_variances(vi, included=included)
            i2, h2 = 100.0 * fits.tau2 / (fits.tau2 + typical), 1.0 + fits.tau2 / typical
    return (
        *(fits.beta[:, 0], fits.tau2, np.where(spare, fits.q, 0.0)),
        *(np.where(spare, i2, 0.0), np.where(spare, h2, 1.0)),
    )


@dataclass(frozen=True)
class Summary:
    """Mean, standard deviation and quantiles (`PROBABILITIES`) of one quantity over subsets."""

    mean: float
    sd: float
    quantiles: tuple[float, ...]


def summary(values: np.ndarray) -> Summary:
    """Return mean, standard deviation and quantiles of a quantity over subsets.

    Parameters
    ----------
    values : numpy.ndarray of shape (b,)
        One field of `Gosh`.

    Notes
    -----
    Quantiles interpolate between order statistics at 1 + (b - 1) p: type 7 of Hyndman & Fan (1996), Am Stat 50,
    361-365.
    """
    sd = float(np.std(values, ddof=1)) if values.size > 1 else math.nan
    quantiles = np.quantile(values, PROBABILITIES, method="linear")
    return Summary(float(np.mean(values)), sd, tuple(float(value) for value in quantiles))
