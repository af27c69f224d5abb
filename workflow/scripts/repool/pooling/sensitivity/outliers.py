"""Take out studies whose interval does not meet the pooled interval, and pool the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.models.estimators import check_inputs
from repool.pooling.models.intervals import quantile
from repool.pooling.sensitivity.subsets import MeanFits, subset_fits

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Outliers:
    """Which studies lie outside, and the pool with and without them.

    Attributes
    ----------
    outlying : numpy.ndarray of bool, shape (k,)
        Whether the study's own interval lies wholly below or wholly above the interval of the pooled mean.
    fits : repool.pooling.sensitivity.subsets.MeanFits
        Two entries: all studies, and without the outlying ones (the same when there are none).
    """

    outlying: np.ndarray
    fits: MeanFits


def outliers(
    yi: ArrayLike, vi: ArrayLike, *, method: str, ci_method: str, level: float, i2_definition: str
) -> Outliers:
    """Find studies whose interval does not meet the pooled interval, and pool without them.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    method, ci_method, level, i2_definition
        As in `repool.pooling.sensitivity.subsets.subset_fits`; the level is that of all intervals. A study's own
        interval is yi -+ normal quantile * sqrt(vi).

    Returns
    -------
    Outliers
        The rule is applied once; it is not repeated on the studies that remain.

    Raises
    ------
    ValueError
        When the data cannot be pooled or a method is unknown.

    Notes
    -----
    The rule of Harrer, Cuijpers, Furukawa & Ebert (2021), Doing Meta-Analysis with R, section 5.4.1. It does not
    ask whether the study is unlikely under the model; studentised deleted residuals do (Viechtbauer & Cheung 2010,
    Res Synth Methods 1, 112-125; see `repool.pooling.sensitivity.influence`). Precise studies are flagged most.
    """
    yi, vi, _ = check_inputs(yi, vi)
    settings = {"method": method, "ci_method": ci_method, "level": level, "i2_definition": i2_definition}
    everything = np.ones((1, yi.size), dtype=bool)
    whole = subset_fits(yi, vi, included=everything, **settings)
    half_width = quantile(level, df=float("nan")) * np.sqrt(vi)
    outlying = (yi + half_width < whole.ci_lb[0]) | (yi - half_width > whole.ci_ub[0])
    return Outliers(outlying, subset_fits(yi, vi, included=np.vstack([everything, ~outlying]), **settings))
