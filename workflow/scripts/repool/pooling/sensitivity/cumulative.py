"""Watch the evidence grow: the pooled result after each further study."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.sensitivity.subsets import CHUNK, MeanFits, subset_fits

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Cumulative:
    """The pooled result after each study.

    Attributes
    ----------
    order : numpy.ndarray of shape (k,)
        Place of the added effect in the input, from 0.
    fits : repool.pooling.sensitivity.subsets.MeanFits
        One entry per step.
    """

    order: np.ndarray
    fits: MeanFits


def cumulative(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    order: ArrayLike | None,
    method: str,
    ci_method: str,
    level: float,
    i2_definition: str,
) -> Cumulative:
    """Pool the first effect, the first two, the first three, and so on.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    order : array_like of shape (k,) or None
        What effects are sorted by, such as the year; equal values keep the order of the input, as does None.
    method, ci_method, level, i2_definition
        As in `repool.pooling.sensitivity.subsets.subset_fits`.

    Returns
    -------
    Cumulative
        k steps. The first holds one effect: its own value and standard error, tau2 = 0.

    Raises
    ------
    ValueError
        When a value of the order is missing, or an effect cannot be used.

    Notes
    -----
    Lau et al. (1992), N Engl J Med 327, 248-254. The intervals are not adjusted for looking many times.
    """
    yi, vi = np.asarray(yi, dtype=float), np.asarray(vi, dtype=float)
    places = np.arange(yi.size)
    if order is not None:
        order = np.asarray(order)
        if order.shape != yi.shape:
            raise ValueError(f"order has {order.size} values for {yi.size} effects; one is needed for each")
        if order.dtype.kind == "f" and np.isnan(order).any():
            raise ValueError("order holds a missing value; every effect needs its place")
        places = np.argsort(order, kind="stable")
    settings = {"method": method, "ci_method": ci_method, "level": level, "i2_definition": i2_definition}
    step = max(1, CHUNK // max(yi.size, 1))
    parts = [
        subset_fits(yi[places], vi[places], included=np.arange(yi.size) <= rows[:, None], **settings)
        for rows in (np.arange(first, min(first + step, yi.size)) for first in range(0, yi.size, step))
    ]
    if not parts:
        raise ValueError("there are no effects to accumulate")
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in vars(parts[0])}
    return Cumulative(places, MeanFits(**joined))
