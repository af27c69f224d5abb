"""Measure how well a pooled model fits: log-likelihood, deviance, AIC, BIC and AICc."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.models.stacks import build_stack, project
from repool.pooling.models.weighted import check_lenient, weighted_fit

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True)
class FitStatistics:
    """Fit of a model under one likelihood.

    Attributes
    ----------
    likelihood : str
        "ML" or "REML".
    log_likelihood, deviance, aic, bic, aicc : float
        Smaller is better for the last four; comparable between models of the same effects only,
        under REML also only between models of the same moderators.
    parameters : int
        Coefficients, and tau2 when it was estimated.
    """

    likelihood: str
    log_likelihood: float
    deviance: float
    aic: float
    bic: float
    aicc: float
    parameters: int


def fit_statistics(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    tau2: float,
    tau2_estimated: bool,
    restricted: bool,
    design: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> FitStatistics:
    """Return log-likelihood, deviance and information criteria of a fitted model.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    tau2 : float
        Between-study variance of the model.
    tau2_estimated : bool
        Whether tau2 counts as a parameter: False for a common-effect model or a given tau2.
    restricted : bool
        REML likelihood when True, ML likelihood when False.
    design : array_like of shape (k, p) or None
        Design matrix; None stands for a single column of ones.
    weights : array_like of shape (k,) or None
        Weights of one's own behind the coefficients, as in `weighted_fit`.

    Returns
    -------
    FitStatistics
        All at full precision; an infinite variance makes the likelihood 0.

    Notes
    -----
    The REML likelihood carries the term log det X'X / 2 (Harville 1974, Biometrika 61, 383-385),
    so it does not depend on how moderators are coded. The ML deviance is against a model with
    one mean per effect, the REML deviance is -2 log-likelihood. AICc: Hurvich & Tsai (1989),
    Biometrika 76, 297-307, with the number of effects (REML: k - p) kept at parameters + 2.
    """
    yi, vi, design = check_lenient(yi, vi, design)
    k, p = design.shape
    residuals = weighted_fit(yi, vi, tau2=tau2, design=design, weights=weights).residuals
    with np.errstate(divide="ignore", invalid="ignore"):
        variances = vi + tau2
        n = k - p if restricted else k
        height = -0.5 * (n * math.log(2.0 * math.pi) + np.sum(np.log(variances)) + np.sum(residuals**2 / variances))
        if restricted:
            stack, _ = build_stack(yi[:, None], vi[:, None], np.ones((k, 1), dtype=bool), design)
            norms = [float(norm[0]) for norm in project(stack, np.array([tau2])).norms]
            # The stack's columns are orthonormal, but for a lone column of ones.
            height += 0.5 * ((math.log(k) if stack.columns[0] is None else 0.0) - math.fsum(np.log(norms)))
        saturated = -0.5 * np.sum(np.log(2.0 * np.pi * vi)) if not restricted and (vi > 0).all() else 0.0
        deviance = -2.0 * (height - saturated) if k > p or restricted else 0.0
        parameters = p + int(tau2_estimated)
        counted = max(n, parameters + 2)
        bic = -2.0 * height + parameters * np.log(float(n))
    return FitStatistics(
        likelihood="REML" if restricted else "ML",
        log_likelihood=float(height),
        deviance=float(deviance),
        aic=float(-2.0 * height + 2.0 * parameters),
        bic=float(bic),
        aicc=float(-2.0 * height + 2.0 * parameters * counted / (counted - parameters - 1.0)),
        parameters=parameters,
    )
