"""Test several coefficients at once with a cluster-robust covariance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.dependence.cluster_inputs import Block
from repool.pooling.dependence.robust import ROUNDING, df_note, robust_covariance
from repool.pooling.dependence.sandwich import adjusted, expected_products, working_model

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True)
class RobustWald:
    """A joint test of several coefficients: F statistic, its degrees of freedom, p-value, remark."""

    statistic: float
    df_numerator: float
    df_denominator: float
    pval: float
    note: str


def robust_wald(
    design: ArrayLike,
    residuals: ArrayLike,
    covariance: Sequence[Block] | ArrayLike,
    cluster: ArrayLike,
    *,
    beta: ArrayLike,
    weights: ArrayLike | None,
    kind: str,
    contrasts: ArrayLike,
) -> RobustWald:
    """Test several contrasts of the coefficients at once (approximate Hotelling T2, "HTZ").

    Parameters
    ----------
    design, residuals, covariance, cluster, beta, weights, kind
        See `cluster_robust`.
    contrasts : array_like of shape (q, p)
        Rows are combinations of coefficients that are 0 under the hypothesis.

    Raises
    ------
    ValueError
        When contrasts do not fit the design or repeat each other.

    Notes
    -----
    Tipton & Pustejovsky (2015), J Educ Behav Stat 40, 604-634, the AHZ test: F with q and
    eta - q + 1 degrees of freedom, eta = q (q + 1) / sum of the variances of the elements of
    the standardised robust covariance under the working model.
    """
    beta, contrasts = np.asarray(beta, dtype=float), np.atleast_2d(np.asarray(contrasts, dtype=float))
    q = len(contrasts)
    if contrasts.shape[1] != beta.size or np.linalg.matrix_rank(contrasts) < q:
        raise ValueError(f"contrasts must be independent rows of {beta.size} numbers, one per coefficient")
    model = working_model(design, covariance, cluster, weights=weights)
    members, adjust = adjusted(model, kind=kind)
    # The test does not depend on the units of a contrast; its rounding does.
    whitened = contrasts @ model.root_inverse
    contrasts = contrasts / np.sqrt(np.einsum("ap,pq,aq->a", whitened, model.core, whitened))[:, None]
    cov = contrasts @ robust_covariance(model, np.asarray(residuals, dtype=float), members, adjust) @ contrasts.T
    products = expected_products(model, contrasts, members=members, adjust=adjust)
    values, vectors = np.linalg.eigh(np.einsum("abii->ab", products))
    if values[0] <= ROUNDING or np.linalg.matrix_rank(cov, hermitian=True) < q:
        return RobustWald(math.nan, float(q), math.nan, math.nan, "too few clusters for a test of so many contrasts")
    root = (vectors / np.sqrt(values)).T
    unit = np.einsum("as,bt,stij->abij", root, root, products, optimize=True)
    pairs = np.einsum("aaij,bbij->", unit, unit) + np.einsum("abij,baij->", unit, unit)
    eta = q * (q + 1) / float(pairs)
    wald = float((contrasts @ beta) @ np.linalg.solve(cov, contrasts @ beta))
    return _hotelling(wald, eta=eta, q=q)


def _hotelling(wald: float, *, eta: float, q: int) -> RobustWald:
    """Return the F test of a Hotelling T2 statistic on eta degrees of freedom."""
    from scipy.special import fdtrc

    denominator = eta - q + 1
    if denominator <= 0:
        return RobustWald(math.nan, float(q), denominator, math.nan, "too few clusters for a test of so many contrasts")
    statistic = denominator / (eta * q) * wald
    note = df_note(denominator)
    return RobustWald(statistic, float(q), denominator, float(fdtrc(q, denominator, statistic)), note)
