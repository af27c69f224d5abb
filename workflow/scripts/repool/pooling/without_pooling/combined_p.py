"""Combine one-sided p-values across studies, to ask whether there is an effect in at least one of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: Ways of combining; "stouffer_weighted" takes the root of the study size as weight.
METHODS = ("stouffer", "stouffer_weighted", "fisher", "minimum", "edgington")

QUESTION = "Is there evidence of an effect in at least one study?"
NOT_ANSWERED = "How large the effect is, and whether it is the same in all studies."

#: Edgington's exact sum alternates in sign and loses all digits beyond this many studies; above,
#: the sum of uniform numbers is normal to far better than 1e-3.
EDGINGTON_EXACT = 20


@dataclass(frozen=True)
class Combined:
    """Combined p-values for arm 1, for arm 2, and for either; the statistic is that for arm 1.

    Attributes
    ----------
    statistic : float
        z (Stouffer), chi-squared (Fisher), smallest p (minimum), sum of p (Edgington).
    pval_favours_arm1, pval_favours_arm2 : float
        At least one study has an effect in this direction.
    pval_two_sided : float
        Twice the smaller of the two, at most 1.
    k : int
        Number of studies.
    note : str
        Why nothing could be combined, or "".
    """

    statistic: float
    pval_favours_arm1: float
    pval_favours_arm2: float
    pval_two_sided: float
    k: int
    note: str


def z_of_p(pval_two_sided: ArrayLike, signs: ArrayLike) -> np.ndarray:
    """Return z statistics that favour arm 1 when positive, from two-sided p-values and directions.

    Parameters
    ----------
    pval_two_sided : array_like of shape (k,)
        Two-sided p-values, above 0 and at most 1.
    signs : array_like of shape (k,)
        1 favours arm 1, -1 favours arm 2.

    Raises
    ------
    ValueError
        When a p-value is not above 0 and at most 1, or a direction is missing.
    """
    from scipy.special import ndtri

    pval, signs = np.asarray(pval_two_sided, dtype=float), np.asarray(signs, dtype=float)
    if not ((pval > 0) & (pval <= 1)).all():
        raise ValueError(
            "a p-value is not above 0 and at most 1; write the bound instead of 0 (p < .001: 0.001), or leave it out"
        )
    if not np.isin(signs, (-1.0, 1.0)).all():
        raise ValueError("a p-value can only be combined with a direction, 1 or -1")
    return -signs * ndtri(pval / 2.0)


def combine(z: ArrayLike, *, method: str, n_total: ArrayLike | None) -> Combined:
    """Combine studies by their z statistics.

    Parameters
    ----------
    z : array_like of shape (k,)
        Effects divided by their standard errors; positive favours arm 1.
    method : {"stouffer", "stouffer_weighted", "fisher", "minimum", "edgington"}
        How p-values are combined.
    n_total : array_like of shape (k,) or None
        People in each study; needed by "stouffer_weighted" alone.

    Raises
    ------
    ValueError
        When the method is unknown, a z is missing or infinite, or a study has no size.

    Notes
    -----
    Stouffer et al. (1949); weights sqrt(n): Whitlock (2005), J Evol Biol 18, 1368-1373; Fisher
    (1932); minimum: Tippett (1931), 1 - (1 - min p)^k; Edgington (1972), J Psychol 80, 351-363.
    Stouffer and Fisher are PyMARE's.
    """
    z = np.asarray(z, dtype=float)
    if method not in METHODS:
        raise ValueError(f"method is {method!r}; must be one of {', '.join(METHODS)}")
    if z.ndim != 1 or not np.isfinite(z).all():
        raise ValueError("a z statistic is missing or infinite; leave that study out")
    weights = _weights(n_total, k=z.size) if method == "stouffer_weighted" else None
    if z.size == 0:
        return Combined(math.nan, math.nan, math.nan, math.nan, 0, "no study has a p-value and a direction")
    one_sided = {"minimum": _minimum, "edgington": _edgington}.get(method)
    if one_sided is None:
        statistic, favours = _pymare(z, weights, method=method)
        against = _pymare(-z, weights, method=method)[1]
    else:
        (statistic, favours), (_, against) = one_sided(z), one_sided(-z)
    return Combined(statistic, favours, against, min(1.0, 2.0 * min(favours, against)), z.size, "")


def _weights(n_total: ArrayLike | None, *, k: int) -> np.ndarray:
    """Return the roots of the study sizes."""
    sizes = np.full(k, math.nan) if n_total is None else np.asarray(n_total, dtype=float)
    if sizes.shape != (k,) or not (np.isfinite(sizes) & (sizes > 0)).all():
        raise ValueError("a study has no size above 0; weights by size need n_total of every study")
    return np.sqrt(sizes)


def _pymare(z: np.ndarray, weights: np.ndarray | None, *, method: str) -> tuple[float, float]:
    """Return the statistic and p-value of PyMARE's directed test."""
    from pymare.estimators import FisherCombinationTest, StoufferCombinationTest
    from scipy.special import log_ndtr

    if method == "fisher":
        engine = FisherCombinationTest(mode="directed").fit(z[:, None])
        statistic = -2.0 * float(np.sum(log_ndtr(-z)))
    else:
        used = np.ones_like(z) if weights is None else weights
        engine = StoufferCombinationTest(mode="directed").fit(z[:, None], w=used[:, None])
        statistic = float(np.sum(used * z) / math.sqrt(float(np.sum(used**2))))
    return statistic, float(np.ravel(engine.params_["p"])[0])


def _minimum(z: np.ndarray) -> tuple[float, float]:
    """Return the smallest one-sided p-value and its chance among k."""
    from scipy.special import ndtr

    smallest = float(ndtr(-z.max()))
    return smallest, -math.expm1(z.size * math.log1p(-smallest)) if smallest < 1.0 else 1.0


def _edgington(z: np.ndarray) -> tuple[float, float]:
    """Return the sum of one-sided p-values and the chance of one as small."""
    from scipy.special import ndtr

    total, k = float(np.sum(ndtr(-z))), z.size
    if k > EDGINGTON_EXACT:
        return total, float(ndtr((total - k / 2.0) / math.sqrt(k / 12.0)))
    if total > k / 2.0:
        return total, 1.0 - _uniform_sum(k - total, k)
    return total, _uniform_sum(total, k)


def _uniform_sum(total: float, k: int) -> float:
    """Return the chance that k uniform numbers sum to total or less (Irwin-Hall)."""
    terms = [(-1.0) ** j * math.comb(k, j) * (total - j) ** k for j in range(int(total) + 1)]
    return math.fsum(terms) / math.factorial(k)
