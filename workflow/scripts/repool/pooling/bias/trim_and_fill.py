"""Estimate how many effects an asymmetric funnel lacks, and pool with their mirror images (trim and fill)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.models.estimators import check_lenient, weighted_fit
from repool.pooling.models.estimators import tau2 as estimate_tau2

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: Estimators of the number of missing effects, and the sides they may be missing on.
ESTIMATORS = ("L0", "R0", "Q0")
SIDES = ("auto", "left", "right")

#: The count settles within a few steps or goes in circles; the limit is metafor's.
MAXIMUM_ITERATIONS = 100

#: Standard errors that differ by less than this share of their size point to no side.
NO_SPREAD = 1e-7


@dataclass(frozen=True)
class TrimAndFill:
    """What trim and fill added.

    Attributes
    ----------
    k0 : int
        Number of effects estimated to be missing.
    k0_se : float
        Its standard error; nan where the formula has no real root.
    k0_pval : float
        R0 only: chance of this many or more when none is missing; else nan.
    side : str
        "left" or "right": where they are missing.
    yi, vi : numpy.ndarray of shape (k + k0,)
        All effects; the k0 last ones are mirror images.
    mirrored : numpy.ndarray of int, shape (k0,)
        Which of the k effects each mirror image is of.
    iterations : int
        Steps until the count settled.
    """

    k0: int
    k0_se: float
    k0_pval: float
    side: str
    yi: np.ndarray
    vi: np.ndarray
    mirrored: np.ndarray
    iterations: int


def trim_and_fill(yi: ArrayLike, vi: ArrayLike, *, method_tau2: str, estimator: str, side: str) -> TrimAndFill:
    """Add mirror images of the effects that have no counterpart on the other side of the mean.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    method_tau2 : str
        Estimator of the between-study variance for the mean that is mirrored at.
    estimator : {"L0", "R0", "Q0"}
        How the number of missing effects is counted.
    side : {"auto", "left", "right"}
        Where effects are missing; "auto" is opposite to the slope of effects on standard errors.

    Returns
    -------
    TrimAndFill
        Pool its ``yi`` and ``vi`` to get the filled estimate.

    Raises
    ------
    ValueError
        When the side cannot be told, or the count does not settle or exceeds what is there.

    Notes
    -----
    Duval & Tweedie (2000a), J Am Stat Assoc 95, 89-98; (2000b), Biometrics 56, 455-463.
    """
    if estimator not in ESTIMATORS:
        raise ValueError(f"estimator is {estimator!r}; must be one of {', '.join(ESTIMATORS)}")
    if side not in SIDES:
        raise ValueError(f"side is {side!r}; must be one of {', '.join(SIDES)}")
    yi, vi = _checked(yi, vi)
    if side == "auto":
        side = missing_side(yi, vi, method_tau2=method_tau2)
    sign = -1.0 if side == "right" else 1.0
    order = np.argsort(sign * yi, kind="stable")
    ordered, variances = sign * yi[order], vi[order]
    k, k0, iterations = yi.size, 0, 0
    while True:
        iterations += 1
        mean = _mean(ordered[: k - k0], variances[: k - k0], method_tau2=method_tau2)
        counted, k0_se = _count(ordered - mean, estimator=estimator)
        _refuse_explosion(counted, k, estimator=estimator, side=side)
        previous, k0 = k0, max(0, round(counted))
        if k0 == previous:
            break
        if iterations > MAXIMUM_ITERATIONS:
            raise ValueError(
                f"trim and fill ({estimator}, {side}) goes in circles between {previous} and {k0} missing effects; "
                "use another estimator"
            )
    mirrored = sign * (2.0 * mean - ordered[k - k0 :])
    return TrimAndFill(
        k0=k0,
        k0_se=k0_se,
        k0_pval=0.5 ** (k0 + 1) if estimator == "R0" else math.nan,
        side=side,
        yi=np.concatenate([yi, mirrored]),
        vi=np.concatenate([vi, variances[k - k0 :]]),
        mirrored=order[k - k0 :],
        iterations=iterations,
    )


def missing_side(yi: ArrayLike, vi: ArrayLike, *, method_tau2: str) -> str:
    """Return the side on which small studies are missing: opposite to where they lie.

    Raises
    ------
    ValueError
        When all standard errors are the same, or there are fewer than three effects.
    """
    yi, vi = _checked(yi, vi)
    sei = np.sqrt(vi)
    if np.linalg.norm(sei - sei.mean()) <= NO_SPREAD * np.linalg.norm(sei):
        raise ValueError("all standard errors are the same: name the side, left or right")
    if yi.size < 3 and method_tau2 != "none":
        raise ValueError(f"{yi.size} effects do not show a side: name it, left or right")
    design = np.column_stack([np.ones_like(sei), sei])
    tau2 = estimate_tau2(yi, vi, method=method_tau2, design=design).tau2
    return "right" if weighted_fit(yi, vi, tau2=tau2, design=design).beta[1] < 0 else "left"


def _checked(yi: ArrayLike, vi: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return usable effects and variances; some estimators of tau2 know variances of 0, none infinite ones."""
    yi, vi, _ = check_lenient(yi, vi)
    if np.isinf(vi).any():
        raise ValueError("vi holds an infinite value: that effect has no place in a funnel")
    if yi.size < 2:
        raise ValueError(f"{yi.size} effect(s) cannot show a gap in the funnel; at least 2 needed")
    return yi, vi


def _mean(yi: np.ndarray, vi: np.ndarray, *, method_tau2: str) -> float:
    """Return the pooled effect; of one effect, itself."""
    if yi.size == 1:
        return float(yi[0])
    tau2 = estimate_tau2(yi, vi, method=method_tau2).tau2
    return float(weighted_fit(yi, vi, tau2=tau2).beta[0])


def _count(deviations: np.ndarray, *, estimator: str) -> tuple[float, float]:
    """Return the number of effects in excess on the right (not rounded) and its standard error.

    Ties in distance are ranked in order of the effects.
    """
    k = deviations.size
    ranks = np.empty(k)
    ranks[np.argsort(np.abs(deviations), kind="stable")] = np.arange(1.0, k + 1.0)
    if estimator == "R0":
        if not deviations.any():
            return 0.0, math.sqrt(2.0)
        below = ranks[deviations < 0]
        # With nothing below the mean, nothing on the right has a counterpart.
        count = k - float(below.max()) - 1.0 if below.size else math.inf
        return count, math.sqrt(2.0 * max(0.0, count) + 2.0)
    above = float(np.sum(ranks[deviations > 0]))
    if estimator == "L0":
        count = (4.0 * above - k * (k + 1.0)) / (2.0 * k - 1.0)
        return count, 4.0 * _root(_variance(count, k)) / (2.0 * k - 1.0)
    count = k - 0.5 - _root(2.0 * k**2 - 4.0 * above + 0.25)
    scale = _root((k - 0.5) ** 2 - count * (2.0 * k - count - 1.0))
    return count, 2.0 * _root(_variance(count, k)) / scale if scale > 0 else math.nan


def _variance(count: float, k: int) -> float:
    """Return the variance of the rank sum when this many effects are missing."""
    full = k * (k + 1.0) * (2.0 * k + 1.0)
    return (
        full + 10.0 * count**3 + 27.0 * count**2 + 17.0 * count - 18.0 * k * count**2 - 18.0 * k * count
        + 6.0 * k**2 * count
    ) / 24.0  # fmt: skip


def _root(value: float) -> float:
    """Return the square root, or nan where there is none."""
    return math.sqrt(value) if value >= 0 else math.nan


def _refuse_explosion(count: float, k: int, *, estimator: str, side: str) -> None:
    """Raise when the count has no value, or would trim every effect."""
    if math.isnan(count) or round(min(count, 2.0 * k)) >= k:
        size = "has no solution" if math.isnan(count) else f"is {count:.3g}"
        raise ValueError(
            f"the number of effects missing on the {side} by {estimator} {size}, with only {k} effects there: "
            "the funnel is too one-sided to be mirrored; use another estimator or another method"
        )
