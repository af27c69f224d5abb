"""Estimate tau2 and the pooled mean of many data sets in one call: subsets, permutations, bootstraps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.models.moments import closed_form, subset_moments
from repool.pooling.models.peaks import Roots, highest_peaks, q_roots
from repool.pooling.models.stacks import BLOCK, Plain, Stack, build_stack, coefficients, full_rank, project

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: Estimators that work on many sets at once.
METHODS_MANY = ("none", "DL", "HE", "HS", "HSk", "SJ", "ML", "REML", "EB", "PM", "PMM")

#: Estimators without a search: for subsets of the same effects they need sums only.
FROM_SUMS = METHODS_MANY[:6]

#: Zeros and ones held at a time where sums are enough.
MASKS = 2**16


@dataclass(frozen=True)
class TauMany:
    """Between-study variance and weighted fit of b data sets.

    Attributes
    ----------
    tau2, raw : numpy.ndarray of shape (b,)
        Between-study variance, never negative, and what a closed form gave before it was cut
        off at 0; nan where the set cannot be fitted.
    converged, at_boundary : numpy.ndarray of shape (b,), bool
        Whether the search met its tolerance; whether tau2 was estimated and came out as 0.
    iterations : numpy.ndarray of shape (b,), int
        Steps of the search; 0 for closed forms.
    beta, se : numpy.ndarray of shape (b, p)
        Coefficients and their Wald standard errors at tau2.
    q : numpy.ndarray of shape (b,)
        Cochran's Q (residual Q with moderators), weights 1 / vi.
    rss : numpy.ndarray of shape (b,)
        Weighted residual sum of squares at tau2; divided by df the Knapp-Hartung factor.
    k, df : numpy.ndarray of shape (b,)
        Effects and residual degrees of freedom of each set.
    fitted : numpy.ndarray of shape (b,), bool
        False where effects are too few, or moderators repeat each other, for a fit.
    """

    tau2: np.ndarray
    raw: np.ndarray
    converged: np.ndarray
    at_boundary: np.ndarray
    iterations: np.ndarray
    beta: np.ndarray
    se: np.ndarray
    q: np.ndarray
    rss: np.ndarray
    k: np.ndarray
    df: np.ndarray
    fitted: np.ndarray


def tau2_many(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    method: str,
    included: ArrayLike | None = None,
    design: ArrayLike | None = None,
) -> TauMany:
    """Estimate the between-study variance and the weighted fit of many data sets.

    Parameters
    ----------
    yi, vi : array_like of shape (b, k) or (k,)
        Effects and sampling variances; a single row is shared by all sets.
    method : str
        One of `METHODS_MANY`, as in `repool.pooling.models.estimators.tau2`.
    included : array_like of bool, shape (b, k) or (k,), or None
        Which effects each set has; None stands for all. Values left out may be anything.
    design : array_like of shape (k, p) or (b, k, p), or None
        Design matrix, shared or per set; None stands for a single column of ones.

    Returns
    -------
    TauMany
        One entry per set; a set with no more effects than coefficients gets tau2 = 0, and one
        that cannot be fitted gets nan with ``fitted`` False.

    Raises
    ------
    ValueError
        When the method is unknown, shapes do not fit, or a value that counts is not usable.

    Notes
    -----
    The estimates are those of `repool.pooling.models.estimators.tau2`, from the same code but for
    subsets of the same effects by a closed form: these need sums over the subset only. Work is
    done in blocks, so that memory beyond the input does not grow with the number of sets.
    """
    if method not in METHODS_MANY:
        raise ValueError(f"method is {method!r}; for many data sets it must be one of {', '.join(METHODS_MANY)}")
    yi, vi, included, design = _check(yi, vi, included, design)
    b, k = yi.shape
    # A stride of 0 is how numpy repeats one row for all sets.
    if method in FROM_SUMS and yi.strides[0] == vi.strides[0] == 0 and (design == 1.0).all() and design.shape[-1] == 1:
        size = max(1, MASKS // k)
        parts = [_from_sums(yi[:1], vi[:1], included[i : i + size], method=method) for i in range(0, b, size)]
    else:
        parts = _parts(yi, vi, included, design, method=method)
    return TauMany(*(np.concatenate(values) for values in zip(*parts, strict=True)))


def _parts(
    yi: np.ndarray, vi: np.ndarray, included: np.ndarray, design: np.ndarray, *, method: str
) -> list[tuple[np.ndarray, ...]]:
    """Return the fields of `TauMany` for some sets at a time."""
    b, k = yi.shape
    size = max(1, BLOCK // k)
    return [_block(yi[i : i + size], vi[i : i + size], included[i : i + size], _part(design, i, size), method=method)
            for i in range(0, b, size)]  # fmt: skip


def _from_sums(yi: np.ndarray, vi: np.ndarray, included: np.ndarray, *, method: str) -> tuple[np.ndarray, ...]:
    """Return the fields of `TauMany` for subsets of the same effects, yi and vi of shape (1, k)."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        fits = subset_moments(yi[0], vi[0], included, method=method)
    fitted = fits.k > 0
    blank = np.where(fitted, 0.0, np.nan)
    at_boundary = (fits.k > 1) & (fits.tau2 == 0.0) & (method != "none")
    fields = (
        *(fits.tau2 + blank, fits.raw + blank, fitted.copy(), at_boundary, np.zeros(fitted.size, dtype=int)),
        *((fits.estimate + blank)[:, None], (fits.se + blank)[:, None], fits.q + blank, fits.rss + blank),
        *(fits.k, fits.k - 1, fitted),
    )
    again = np.flatnonzero(fits.lost)
    if again.size:
        shape = (again.size, yi.size)
        rows = np.broadcast_to(yi, shape), np.broadcast_to(vi, shape), included[again]
        refits = _parts(*rows, np.ones((yi.size, 1)), method=method)
        for place, field in enumerate(fields):
            field[again] = np.concatenate([refit[place] for refit in refits])
    return fields


def _part(design: np.ndarray, start: int, size: int) -> np.ndarray:
    """Return the design of a block: the shared one, or the block's own."""
    return design if design.ndim == 2 else design[start : start + size]


def _check(
    yi: ArrayLike, vi: ArrayLike, included: ArrayLike | None, design: ArrayLike | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return all inputs at full shape (as views), or say in words what is wrong."""
    yi, vi = np.asarray(yi, dtype=float), np.asarray(vi, dtype=float)
    mask = np.ones(1, dtype=bool) if included is None else np.asarray(included)
    if mask.dtype != bool:
        raise ValueError("included must hold True and False only")
    try:
        shape = np.broadcast_shapes(yi.shape, vi.shape, mask.shape)
    except ValueError as error:
        raise ValueError(f"yi {yi.shape}, vi {vi.shape} and included {mask.shape} do not fit together") from error
    shape = (1, *shape) if len(shape) == 1 else shape
    if len(shape) != 2 or 0 in shape:
        raise ValueError("yi, vi and included must have one row per data set and one column per effect")
    design = np.ones((shape[1], 1)) if design is None else np.asarray(design, dtype=float)
    if design.ndim == 3 and shape[0] == 1:
        shape = (len(design), shape[1])
    if design.shape[:-1] not in (shape[1:], shape):
        raise ValueError(f"the design has shape {design.shape}; it needs one row for each of {shape[1]} effects")
    _check_values(yi, vi, mask, design)
    return np.broadcast_to(yi, shape), np.broadcast_to(vi, shape), np.broadcast_to(mask, shape), design


def _check_values(yi: np.ndarray, vi: np.ndarray, mask: np.ndarray, design: np.ndarray) -> None:
    """Raise when a value that counts is missing, infinite, or a variance not above 0."""
    if not np.isfinite(design).all():
        raise ValueError("the design holds a value that is missing or infinite")
    if not (np.isfinite(yi) | ~mask).all():
        raise ValueError("yi holds a value that is missing or infinite")
    with np.errstate(invalid="ignore"):
        if not ((np.isfinite(vi) & (vi > 0)) | ~mask).all():
            raise ValueError("vi holds a value that is missing, infinite or not above 0")


def _block(yi: np.ndarray, vi: np.ndarray, included: np.ndarray, design: np.ndarray, *, method: str) -> tuple:
    """Return the fields of `TauMany` for one block of sets."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        stack, plain = build_stack(yi.T, vi.T, included.T, design)
        raw, search = estimate(stack, plain, method=method)
        spare = stack.df > 0
        tau2 = np.where(spare, np.maximum(search.tau2, 0.0), 0.0)
        q = project(stack, np.zeros(1)).rss()
        final = project(stack, tau2)
        step, root = coefficients(final)
        beta = np.einsum("...ij,...j->...i", plain.back, plain.beta + step)
        se = np.sqrt(np.sum((plain.back @ root) ** 2, axis=-1))
    fitted = (stack.df >= 0) & np.isfinite(se).all(axis=1) & full_rank(stack, final)
    blank = np.where(fitted, 0.0, np.nan)
    return (
        tau2 + blank,
        np.where(spare, raw, 0.0) + blank,
        search.converged & fitted,
        spare & fitted & (tau2 == 0.0) & (method != "none"),
        search.iterations,
        beta + blank[:, None],
        se + blank[:, None],
        q + blank,
        final.rss() + blank,
        stack.k,
        stack.df,
        fitted,
    )


def estimate(stack: Stack, plain: Plain, *, method: str) -> tuple[np.ndarray, Roots]:
    """Return the untruncated estimate of every set and the search that led to it.

    Parameters
    ----------
    stack : Stack
        Data sets with residual degrees of freedom.
    plain : Plain
        What equal weights say about them.
    method : str
        One of `METHODS_MANY`.
    """
    if method in ("ML", "REML"):
        search = highest_peaks(stack, restricted=method == "REML")
        return search.tau2, search
    if method in ("EB", "PM"):
        search = q_roots(stack, np.maximum(stack.df, 1).astype(float))
        return search.tau2, search
    if method == "PMM":
        from scipy.special import gammaincinv

        search = q_roots(stack, 2.0 * gammaincinv(np.maximum(stack.df, 1) / 2.0, 0.5))
        return search.tau2, search
    raw = np.zeros(stack.k.size) if method == "none" else closed_form(stack, plain, method=method)
    return raw, Roots(raw, np.ones(raw.size, dtype=bool), np.zeros(raw.size, dtype=int))
