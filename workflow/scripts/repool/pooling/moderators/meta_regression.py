"""Ask whether moderators explain why effects differ: meta-regression with an intercept."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from repool.pooling.effect_sets import checked_set, sets_of
from repool.pooling.models.estimators import tau2, weighted_fit
from repool.pooling.models.heterogeneity import QTest, q_test
from repool.pooling.models.intervals import Interval, interval
from repool.pooling.models.second_engine import agree

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

#: Columns of the table of coefficients, in order.
REGRESSION_COLUMNS = (
    *("ladder_step", "reading", "model", "term"),
    *("estimate", "se", "statistic", "df", "pval", "ci_lb", "ci_ub"),
    *("tau2", "qe", "qe_df", "qe_pval", "qm", "qm_df", "qm_pval", "r2_percent", "k", "note"),
)

#: Name of the first coefficient.
INTERCEPT = "intercept"


@dataclass(frozen=True)
class Regression:
    """One meta-regression: coefficients, what is left unexplained, and what is explained.

    Attributes
    ----------
    tau2 : float
        Between-study variance that remains.
    coefficients : repool.pooling.models.intervals.Interval
        One entry per column of the design.
    qe : repool.pooling.models.heterogeneity.QTest
        Residual heterogeneity.
    qm, qm_df, qm_pval : float, int, float
        Joint test of all coefficients but the intercept: chi-squared for Wald, F on qm_df and
        k - p degrees of freedom for Knapp-Hartung; nan where it cannot be computed.
    r2_percent : float
        Share of tau2 that the moderators explain, not below 0; 0 where there is none to explain;
        nan for a common-effect model, which has no tau2.
    """

    tau2: float
    coefficients: Interval
    qe: QTest
    qm: float
    qm_df: int
    qm_pval: float
    r2_percent: float


def regress(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    design: np.ndarray,
    method_tau2: str,
    ci_method: str,
    level: float,
) -> Regression:
    """Fit a mixed-effects meta-regression, checked against the second engine.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    design : numpy.ndarray of shape (k, p)
        Intercept first, then the moderators.
    method_tau2, ci_method, level
        As in `repool.pooling.models.estimators.tau2` and `repool.pooling.models.intervals.interval`.

    Notes
    -----
    R2 compares tau2 with that of the model without moderators (Raudenbush 2009).
    """
    left = tau2(yi, vi, method=method_tau2, design=design).tau2
    fit = weighted_fit(yi, vi, tau2=left, design=design)
    coefficients = interval(fit, ci_method=ci_method, level=level)
    qe = q_test(yi, vi, design=design)
    settings = {"method_tau2": method_tau2, "ci_method": ci_method, "level": level}
    answers = {"tau2": left, "q": qe.q, "interval": coefficients}
    agree(yi, vi, **settings, **answers, design=design)
    qm, qm_pval = _omnibus(coefficients)
    whole = tau2(yi, vi, method=method_tau2).tau2
    r2_percent = max(0.0, 100.0 * (whole - left) / whole) if whole > 0 else 0.0
    r2_percent = math.nan if method_tau2 == "none" else r2_percent
    return Regression(left, coefficients, qe, qm, design.shape[1] - 1, qm_pval, r2_percent)


def design_matrix(effects: pd.DataFrame, *, moderators: Sequence[str]) -> tuple[np.ndarray, list[str], list[str]]:
    """Return the design matrix of moderator columns, the intercept first.

    Parameters
    ----------
    effects : pandas.DataFrame
        Effects with the moderator columns, none of them blank.
    moderators : sequence of str
        Names of columns. Where every value is a number the column enters as it is; otherwise
        each level but the alphabetically first gets a column of 0 and 1.

    Returns
    -------
    design : numpy.ndarray of shape (k, p)
        The matrix.
    terms : list of str
        Names of its columns, such as "intercept", "latitude", "allocation: random".
    references : list of str
        In words, with which level the others are compared.
    """
    columns, terms, references = [np.ones(len(effects))], [INTERCEPT], []
    for moderator in moderators:
        numbers = _numbers(effects[moderator])
        if numbers is not None:
            columns.append(numbers)
            terms.append(moderator)
            continue
        words = effects[moderator].astype(str)
        first, *others = sorted(set(words))
        references.append(f"{moderator}: compared with {first}" if others else f"{moderator}: always {first}")
        columns += [words.eq(level).to_numpy(float) for level in others]
        terms += [f"{moderator}: {level}" for level in others]
    return np.column_stack(columns), terms, references


def regress_analysis(
    effects: pd.DataFrame,
    *,
    moderators: Sequence[str],
    models: Sequence[Mapping[str, str]],
    minimum_k: int,
    level: float,
) -> pd.DataFrame:
    """Regress the effects of an analysis on its moderators, at every step, reading and model.

    Parameters
    ----------
    effects : pandas.DataFrame
        Effects of one analysis, one row per ladder step, reading and cohort.
    moderators : sequence of str
        Columns that enter together, in this order.
    models : list of dict
        Each with "id", "method_tau2" and "ci_method"; their order is kept.
    minimum_k : int
        Fewest effects to regress; never below one more than the coefficients.
    level : float
        Confidence level between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        `REGRESSION_COLUMNS`; effects without a value are left out and named in `note`, and a set
        that cannot be regressed gets one row that says why.
    """
    import pandas as pd

    rows = []
    for (_, ladder_step, _, reading), members in sets_of(effects):
        for model in models:
            key = {"ladder_step": ladder_step, "reading": reading, "model": model["id"]}
            rules = {"model": model, "minimum_k": minimum_k, "level": level}
            rows += [key | row for row in _set_rows(members, moderators=moderators, **rules)]
    return pd.DataFrame(rows, columns=list(REGRESSION_COLUMNS))


def _set_rows(
    effects: pd.DataFrame,
    *,
    moderators: Sequence[str],
    model: Mapping[str, str],
    minimum_k: int,
    level: float,
) -> list[dict[str, Any]]:
    """Return one row per coefficient of a set, or one row that says why there is none."""
    effects = checked_set(effects)
    blank = effects[list(moderators)].isna() | effects[list(moderators)].eq("")
    without = blank.any(axis=1)
    notes = [f"left out, no value: {', '.join(sorted(effects.loc[without, 'label']))}"]
    notes = notes if without.any() else []
    effects = effects[~without]
    design, terms, references = np.ones((0, 1)), [], []
    if len(effects):
        design, terms, references = design_matrix(effects, moderators=moderators)
    refusal = _refusal(design, minimum_k=minimum_k)
    if refusal:
        return [{"term": "", "k": len(effects), "note": "; ".join([refusal, *notes])}]
    yi, vi = effects["yi"].to_numpy(float), effects["vi"].to_numpy(float)
    settings = {"method_tau2": model["method_tau2"], "ci_method": model["ci_method"]}
    result = regress(yi, vi, design=design, level=level, **settings)
    return _coefficient_rows(result, terms, notes=references + notes, k=len(effects))


def _refusal(design: np.ndarray, *, minimum_k: int) -> str:
    """Return in words why a design cannot be fitted, or "" when it can."""
    k, p = design.shape
    needed = max(minimum_k, p + 1)
    if k < needed:
        return f"not fitted: needs {needed} effects with all moderators, there are {k}"
    centred = design[:, 1:] - design[:, 1:].mean(axis=0)
    spread = np.abs(centred).max(axis=0)
    if (spread == 0).any() or p == 1:
        return "not fitted: a moderator has the same value in every effect"
    if np.linalg.matrix_rank(centred / spread) < p - 1:
        return "not fitted: two moderators carry the same information"
    return ""


def _coefficient_rows(result: Regression, terms: list[str], *, notes: list[str], k: int) -> list[dict[str, Any]]:
    """Return the rows of one regression; what belongs to the model stands in each."""
    notes = list(notes)
    if math.isnan(result.coefficients.df):
        notes.append("df: the normal distribution has none")
    if math.isnan(result.r2_percent):
        notes.append("r2_percent: a common-effect model has no tau2 to explain")
    if math.isnan(result.qm):
        notes.append("statistic, pval, qm: the effects are fitted exactly, so se is 0")
    shared = {"df": result.coefficients.df, "tau2": result.tau2, "k": k, "note": "; ".join(notes)}
    shared |= {"qe": result.qe.q, "qe_df": result.qe.df, "qe_pval": result.qe.pval}
    shared |= {"qm": result.qm, "qm_df": result.qm_df, "qm_pval": result.qm_pval}
    shared |= {"r2_percent": result.r2_percent}
    names = ("estimate", "se", "statistic", "pval", "ci_lb", "ci_ub")
    return [
        {"term": term} | {name: float(getattr(result.coefficients, name)[i]) for name in names} | shared
        for i, term in enumerate(terms)
    ]


def _omnibus(coefficients: Interval) -> tuple[float, float]:
    """Return the joint test of all coefficients but the first, and its p-value."""
    from scipy.special import chdtrc, fdtrc

    beta, cov = coefficients.estimate[1:], coefficients.cov[1:, 1:]
    if beta.size == 0 or not np.all(np.diagonal(cov) > 0):
        return math.nan, math.nan
    # Scaled to unit variances: moderators of very different size would cost digits.
    scale = np.sqrt(np.diagonal(cov))
    standard = beta / scale
    chi2 = float(standard @ np.linalg.solve(cov / np.outer(scale, scale), standard))
    if math.isnan(coefficients.df):
        return chi2, float(chdtrc(beta.size, chi2))
    return chi2 / beta.size, float(fdtrc(beta.size, coefficients.df, chi2 / beta.size))


def _numbers(column: pd.Series) -> np.ndarray | None:
    """Return the column as numbers, or None when one of its values is not a number."""
    import pandas as pd

    numbers = pd.to_numeric(column, errors="coerce")
    return None if numbers.isna().any() else numbers.to_numpy(float)
