"""What an effect measure is, and the small tools that all closed forms share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
from scipy.special import gammaln

Array = np.ndarray
#: What a formula gets (checked arrays of shape (k,), one attribute per input) and the vtype; it returns yi and vi.
Formula = Callable[[SimpleNamespace, str], tuple[Array, Array]]

#: From these degrees of freedom the series replaces log gamma, whose rounding error grows with its size. Below, log
#: gamma is exact to 1e-12 and rounds as R does, which the unbiased variance (UB) shows a hundredfold.
SERIES_FROM_DF = 1000


@dataclass(frozen=True)
class Measure:
    """One effect measure: what it is called, what it needs, and how it is computed.

    Attributes
    ----------
    name : str
        metafor's code, for example `OR`.
    title : str
        The measure in words, as it stands on yi's scale.
    family : str
        The kind of data it is computed from.
    inputs : tuple of str
        The inputs it needs, and no others.
    vtypes : tuple of str
        The variance formulas it has, the usual one first.
    scale : str
        How yi relates to what readers read: `log` means that yi is the natural logarithm, `plain` that it is the
        number itself.
    turned : {"sign", "recompute", "no"}
        What happens when the outcome is read the other way round (events become non-events, a scale is reversed):
        yi changes its sign and vi stays; both must be computed again from the turned counts; or it has no meaning.
    source : str
        Where the formulas come from.
    r_function : str
        The call of R that gives the same numbers; empty where there is none.
    function : callable
        From the inputs and a vtype to yi and vi.
    corrected_by_default : bool
        Whether tables with a zero get the usual half: where a zero does no harm, as in `AS`, they do not.
    """

    name: str
    title: str
    family: str
    inputs: tuple[str, ...]
    vtypes: tuple[str, ...]
    scale: str
    turned: str
    source: str
    r_function: str
    function: Formula
    corrected_by_default: bool = False


class EffectSizes(NamedTuple):
    """Effects of one measure.

    Attributes
    ----------
    yi : array, shape (k,)
        Effects on the measure's scale; NaN where they cannot be computed.
    vi : array, shape (k,)
        Their sampling variances; NaN exactly where yi is.
    corrected : array of bool, shape (k,)
        Where something was added because of a zero cell.
    """

    yi: Array
    vi: Array
    corrected: Array


def hedges_correction(df: Array) -> Array:
    """Return the factor that makes a standardised mean difference unbiased.

    Parameters
    ----------
    df : array, shape (k,)
        Degrees of freedom of the standard deviation it is divided by.

    Returns
    -------
    array, shape (k,)
        The factor, below 1; NaN for one degree of freedom or fewer, where it does not exist.

    Notes
    -----
    Hedges (1981), exact: gamma(df / 2) / (sqrt(df / 2) gamma((df - 1) / 2)).
    """
    df = np.asarray(df, dtype=float)
    exists = df > 1
    small = np.where(exists & (df <= SERIES_FROM_DF), df, 2.0)
    exact = np.exp(gammaln(small / 2) - gammaln((small - 1) / 2)) / np.sqrt(small / 2)
    # Tricomi and Erdelyi (1951): gamma(x + 1/2) / gamma(x) for large x; the next term is below 1e-19 here.
    x = np.where(df > SERIES_FROM_DF, (df - 1) / 2, SERIES_FROM_DF)
    series = 1 - 1 / (8 * x) + 1 / (128 * x**2) + 5 / (1024 * x**3) - 21 / (32768 * x**4) - 399 / (262144 * x**5)
    factor = np.where(df > SERIES_FROM_DF, series * np.sqrt(x / (x + 0.5)), exact)
    return np.where(exists, factor, np.nan)


def weighted_average(values: Array, weights: Array) -> np.float64:
    """Return the average of the values that are finite, weighted; NaN when there are none."""
    usable = np.isfinite(values) & np.isfinite(weights)
    total = weights[usable].sum()
    # A number of numpy and not of Python, whose square raises an error when it is too large.
    return np.float64((values[usable] * weights[usable]).sum() / total if total > 0 else np.nan)
