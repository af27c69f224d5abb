"""What statsmodels says about a pooled model.

Its own are the DerSimonian-Laird formula, the Gaussian likelihood, the weighted least squares and
the intervals. The search for the top of the likelihood is scipy's, over another scale than ours.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

#: Points of the coarse search for the top of the likelihood.
SEARCH_POINTS = 61


@dataclass(frozen=True)
class SecondTau2:
    """What statsmodels says about heterogeneity.

    Attributes
    ----------
    tau2 : float
        Its own estimate of the between-study variance.
    log_likelihood, likelihood_lost : float
        Log-likelihood at its tau2, and how much is lost at the first engine's tau2; nan for DL
        and "none".
    q, typical : float
        Cochran's Q and the typical within-study variance.
    """

    tau2: float
    log_likelihood: float
    likelihood_lost: float
    q: float
    typical: float


@dataclass(frozen=True)
class SecondInterval:
    """What statsmodels says about the coefficients; each of shape (p,)."""

    estimate: np.ndarray
    se: np.ndarray
    pval: np.ndarray
    ci_lb: np.ndarray
    ci_ub: np.ndarray


def second_tau2(yi: np.ndarray, vi: np.ndarray, *, method_tau2: str, tau2: float, design: np.ndarray) -> SecondTau2:
    """Return statsmodels' Q and between-study variance.

    Parameters
    ----------
    yi, vi : numpy.ndarray of shape (k,)
        Effects and their sampling variances.
    method_tau2 : {"none", "DL", "ML", "REML"}
        Estimator of the between-study variance.
    tau2 : float
        The first engine's estimate, whose likelihood is judged.
    design : numpy.ndarray of shape (k, p)
        Design matrix.
    """
    yi, _ = centred(yi, design)
    design = standardised(design)
    fitted = _least_squares(yi, design, 1.0 / vi)
    columns = fitted.model.wexog
    leverage = np.einsum("kp,pq,kq->k", columns, fitted.normalized_cov_params, columns)
    q, typical = float(fitted.ssr), float(fitted.df_resid / np.sum((1.0 - leverage) / vi))
    if method_tau2 == "none":
        return SecondTau2(0.0, math.nan, math.nan, q, typical)
    if method_tau2 == "DL":
        moment = _moment_tau2(yi, vi, design, q=q, typical=typical)
        return SecondTau2(moment, math.nan, math.nan, q, typical)
    restricted = method_tau2 == "REML"
    own, height = _likelihood_tau2(yi, vi, design, restricted=restricted, typical=typical)
    at_first = log_likelihood(tau2, yi, vi, design, restricted=restricted)
    return SecondTau2(own, height, height - at_first, q, typical)


def second_interval(
    yi: np.ndarray,
    vi: np.ndarray,
    *,
    ci_method: str,
    level: float,
    tau2: float,
    design: np.ndarray,
) -> SecondInterval:
    """Return statsmodels' coefficients, tests and limits at a given tau2.

    Parameters
    ----------
    yi, vi : numpy.ndarray of shape (k,)
        Effects and their sampling variances.
    ci_method : {"wald", "t", "knapp_hartung", "knapp_hartung_floored"}
        How uncertainty is measured.
    level : float
        Confidence level between 0 and 1.
    tau2 : float
        Between-study variance.
    design : numpy.ndarray of shape (k, p)
        Design matrix.
    """
    yi, shift = centred(yi, design)
    fitted = _with_scale(yi, design, 1.0 / (vi + tau2), ci_method=ci_method)
    lower, upper = fitted.conf_int(alpha=1.0 - level).T
    return SecondInterval(
        estimate=fitted.params + shift,
        se=fitted.bse,
        pval=_pval(fitted, shift),
        ci_lb=lower + shift,
        ci_ub=upper + shift,
    )


def centred(yi: np.ndarray, design: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return effects without a common offset, and what to add to the coefficients for it.

    statsmodels works on numbers as they come; a large offset of the effects would cost it digits.
    """
    shift = np.zeros(design.shape[1])
    if np.all(design[:, 0] == 1.0):
        shift[0] = np.median(yi)
    return yi - shift[0], shift


def standardised(design: np.ndarray) -> np.ndarray:
    """Return a design of the same span with moderators centred and scaled.

    A calendar year as it stands would cost digits; Q and tau2 depend on the span alone.
    """
    if not np.all(design[:, 0] == 1.0):
        return design
    moderators = design[:, 1:] - design[:, 1:].mean(axis=0)
    return np.column_stack([design[:, 0], moderators / moderators.std(axis=0)])


def _least_squares(yi: np.ndarray, design: np.ndarray, weights: np.ndarray) -> Any:
    """Return statsmodels' weighted least squares."""
    from statsmodels.regression.linear_model import WLS

    return WLS(yi, design, weights=weights).fit()


def _with_scale(yi: np.ndarray, design: np.ndarray, weights: np.ndarray, *, ci_method: str) -> Any:
    """Return weighted least squares with the variance factor and distribution of the method."""
    fitted = _least_squares(yi, design, weights)
    spread = float(fitted.ssr / fitted.df_resid)
    scale = {
        "wald": 1.0,
        "t": 1.0,
        "knapp_hartung": spread,
        "knapp_hartung_floored": max(1.0, spread),
    }[ci_method]
    return fitted.model.fit(cov_type="fixed scale", cov_kwds={"scale": scale}, use_t=ci_method != "wald")


def _pval(fitted: Any, shift: np.ndarray) -> np.ndarray:
    """Return p-values of the coefficients before centring; nan where the standard error is 0."""
    if not np.all(fitted.bse > 0):
        return np.full_like(fitted.bse, math.nan)
    return np.atleast_1d(fitted.t_test((np.eye(shift.size), -shift)).pvalue)


def _moment_tau2(yi: np.ndarray, vi: np.ndarray, design: np.ndarray, *, q: float, typical: float) -> float:
    """Return statsmodels' DerSimonian-Laird estimate, cut off at 0, which it does not do itself.

    It knows no moderators; with them the same moment equation is solved from its Q and leverages.
    """
    from statsmodels.stats.meta_analysis import combine_effects

    df = design.shape[0] - design.shape[1]
    if design.shape[1] > 1:
        return max(0.0, (q - df) / df * typical)
    # It goes on with a negative tau2 and takes roots of it; only tau2 itself is read here.
    with np.errstate(invalid="ignore", divide="ignore"):
        result = combine_effects(yi, vi, method_re="dl", use_t=False, alpha=0.05)
    return max(0.0, float(result.tau2))


def log_likelihood(tau2: float, yi: np.ndarray, vi: np.ndarray, design: np.ndarray, *, restricted: bool) -> float:
    """Return statsmodels' Gaussian log-likelihood at tau2, with the REML term when asked for.

    The scale is passed as 1: GLM results also offer a likelihood at an estimated scale (`llf`),
    which belongs to another model.
    """
    from statsmodels.genmod.families import Gaussian
    from statsmodels.genmod.generalized_linear_model import GLM

    weights = 1.0 / (vi + tau2)
    fitted = _least_squares(yi, design, weights)
    model = GLM(yi, design, family=Gaussian(), var_weights=weights)
    value = float(model.loglike(fitted.params, scale=1.0))
    if restricted:
        value += 0.5 * float(np.linalg.slogdet(fitted.normalized_cov_params)[1])
    return value


def _likelihood_tau2(
    yi: np.ndarray,
    vi: np.ndarray,
    design: np.ndarray,
    *,
    restricted: bool,
    typical: float,
) -> tuple[float, float]:
    """Return tau2 at the top of the likelihood, and the height there.

    The search runs over log(1 + tau2 / typical): even steps where tau2 is small, even ratios
    where it is large.
    """
    from scipy.optimize import minimize_scalar

    def loss(place: float) -> float:
        tau2 = typical * math.expm1(place)
        return -log_likelihood(tau2, yi, vi, design, restricted=restricted)

    spread = float(_least_squares(yi, design, np.ones_like(vi)).ssr)
    # No top lies beyond this: see the bound in estimators.py, here doubled.
    largest = 4.0 * (spread / (design.shape[0] - design.shape[1]) + float(vi.max()))
    places = np.linspace(0.0, math.log1p(largest / typical), SEARCH_POINTS)
    losses = [loss(place) for place in places]
    best = int(np.argmin(losses))
    bounds = (places[max(best - 1, 0)], places[min(best + 1, SEARCH_POINTS - 1)])
    found = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-12})
    place, height = (found.x, -found.fun) if found.fun < losses[0] else (0.0, -losses[0])
    return typical * math.expm1(place), height
