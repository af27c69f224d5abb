"""Ask whether moderators explain why effects differ: the table of coefficients of a review's regressions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from repool.pooling.effect_sets import checked_set, sets_of
from repool.pooling.models.second_engine import TOLERANCE_TAU2, agree
from repool.pooling.moderators.formula import Design, design_from_formula
from repool.pooling.moderators.permutation import count_arrangements, permutation_test
from repool.pooling.moderators.regression import Regression, regress

if TYPE_CHECKING:
    import pandas as pd

#: Columns of the table of coefficients, in order.
REGRESSION_COLUMNS = (
    *("ladder_step", "reading", "model", "term"),
    *("estimate", "se", "statistic", "df", "pval", "ci_lb", "ci_ub"),
    *("tau2", "qe", "qe_df", "qe_pval", "qm", "qm_df", "qm_pval", "r2_percent", "k"),
    *("permutation_pval", "permutation_qm_pval", "permutations", "permutation_seed", "note"),
)


def formula_of(moderators: Sequence[str], *, columns: Sequence[str]) -> str:
    """Return the formula in which moderators enter together.

    Parameters
    ----------
    moderators : sequence of str
        Names of columns, or terms such as "I(year - 1990)" or "ablat:year".
    columns : sequence of str
        Columns there are; a name with blanks or signs in it is quoted.

    Returns
    -------
    str
        Such as "~ ablat + year".
    """
    plain = [f"`{term}`" if term in columns and not term.isidentifier() else term for term in moderators]
    return "~ " + (" + ".join(plain) or "1")


def regress_analysis(
    effects: pd.DataFrame,
    *,
    moderators: Sequence[str],
    models: Sequence[Mapping[str, str]],
    minimum_k: int,
    level: float,
    permutation: Mapping[str, int] | None,
) -> pd.DataFrame:
    """Regress the effects of an analysis on its moderators, at every step, reading and model.

    Parameters
    ----------
    effects : pandas.DataFrame
        Effects of one analysis, one row per ladder step, reading and cohort.
    moderators : sequence of str
        Columns, or terms of a formula, that enter together, in this order.
    models : list of dict
        Each with "id", "method_tau2" and "ci_method"; their order is kept.
    minimum_k : int
        Fewest effects to regress; never below one more than the coefficients.
    level : float
        Confidence level between 0 and 1.
    permutation : dict or None
        Permutation tests with "number" and "seed": exact where there are no more arrangements
        than the number, else that many random ones. None where the review asks for none.

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
            rules = {"model": model, "minimum_k": minimum_k, "level": level, "permutation": permutation}
            rows += [key | row for row in _set_rows(members, moderators=moderators, **rules)]
    return pd.DataFrame(rows, columns=list(REGRESSION_COLUMNS))


def _set_rows(
    effects: pd.DataFrame,
    *,
    moderators: Sequence[str],
    model: Mapping[str, str],
    minimum_k: int,
    level: float,
    permutation: Mapping[str, int] | None,
) -> list[dict[str, Any]]:
    """Return one row per coefficient of a set, or one row that says why there is none."""
    effects = checked_set(effects)
    formula = formula_of(moderators, columns=list(effects))
    try:
        design = design_from_formula(effects, formula, levels={}, usable=None)
    except ValueError as error:
        # Nothing to regress is an answer; a formula that cannot be read is a mistake.
        if "no row has a value" not in str(error):
            raise
        return [{"term": "", "k": 0, "note": f"not fitted: needs {minimum_k} effects with all moderators, there are 0"}]
    notes = design_notes(design, effects["label"].tolist())
    refusal = refusal_of(design, minimum_k=minimum_k)
    if refusal:
        return [{"term": "", "k": len(design.matrix), "note": "; ".join([refusal, *notes])}]
    yi, vi = (effects.loc[design.kept, name].to_numpy(float) for name in ("yi", "vi"))
    settings = {"method_tau2": model["method_tau2"], "ci_method": model["ci_method"]}
    result = regress(yi, vi, design=design.matrix, level=level, **settings)
    if model["method_tau2"] in TOLERANCE_TAU2:
        answers = {"tau2": result.tau2, "q": result.qe.q, "interval": result.coefficients}
        agree(yi, vi, design=design.matrix, level=level, **settings, **answers)
    rows = _coefficient_rows(result, design, notes=notes)
    if permutation is None:
        return rows
    return _with_permutations(rows, yi, vi, design, permutation=permutation, **settings)


def design_notes(design: Design, labels: Sequence[str]) -> list[str]:
    """Return in words what a design compares with what, and what it leaves out.

    Parameters
    ----------
    design : repool.pooling.moderators.formula.Design
    labels : sequence of str
        Names of the effects of its table.
    """
    notes = list(design.references)
    if design.redundant:
        notes.append(f"left out, same information as the terms before: {', '.join(design.redundant)}")
    if design.missing:
        notes.append(f"left out, no value: {', '.join(sorted(str(labels[row]) for row in design.missing))}")
    return notes


def refusal_of(design: Design, *, minimum_k: int) -> str:
    """Return in words why a design cannot be fitted, or "" when it can.

    Parameters
    ----------
    design : repool.pooling.moderators.formula.Design
    minimum_k : int
        Fewest effects to regress; never below one more than the coefficients.
    """
    k, p = design.matrix.shape
    needed = max(minimum_k, p + 1)
    if k < needed:
        return f"not fitted: needs {needed} effects with all moderators, there are {k}"
    if p == 1 and design.intercept:
        return "not fitted: a moderator has the same value in every effect"
    return ""


def _coefficient_rows(result: Regression, design: Design, *, notes: list[str]) -> list[dict[str, Any]]:
    """Return the rows of one regression; what belongs to the model stands in each."""
    notes = list(notes)
    if math.isnan(result.coefficients.df):
        notes.append("df: the normal distribution has none")
    if math.isnan(result.r2_percent):
        notes.append("r2_percent: a model without intercept has nothing to compare with")
    if math.isnan(result.qm.statistic):
        notes.append("statistic, pval, qm: the effects are fitted exactly, so se is 0")
    shared = {"df": result.coefficients.df, "tau2": result.tau2, "k": len(design.matrix), "note": "; ".join(notes)}
    shared |= {"qe": result.qe.q, "qe_df": result.qe.df, "qe_pval": result.qe.pval}
    shared |= {"qm": result.qm.statistic, "qm_df": result.qm.df1, "qm_pval": result.qm.pval}
    shared |= {"r2_percent": result.r2_percent}
    names = ("estimate", "se", "statistic", "pval", "ci_lb", "ci_ub")
    return [
        {"term": term} | {name: float(getattr(result.coefficients, name)[i]) for name in names} | shared
        for i, term in enumerate(design.names)
    ]


def _with_permutations(
    rows: list[dict[str, Any]],
    yi: Any,
    vi: Any,
    design: Design,
    *,
    permutation: Mapping[str, int],
    method_tau2: str,
    ci_method: str,
) -> list[dict[str, Any]]:
    """Return rows with permutation p-values, or with the reason why there are none."""
    number, seed = permutation["number"], permutation["seed"]
    exact = count_arrangements(len(yi), design.matrix) <= number
    settings = {"method_tau2": method_tau2, "ci_method": ci_method}
    test = permutation_test(yi, vi, design=design.matrix, exact=exact, permutations=number, seed=seed, **settings)
    kind = "permutations: every arrangement" if exact else "permutations: random arrangements, the observed one first"
    failed = f"; {test.failed} arrangements could not be fitted" if test.failed else ""
    found = []
    for row, pval in zip(rows, test.pval, strict=True):
        note = "; ".join(part for part in (row["note"], kind + failed) if part)
        asked = {"permutations": test.arrangements, "permutation_seed": math.nan if exact else seed, "note": note}
        found.append(row | {"permutation_pval": float(pval), "permutation_qm_pval": test.qm_pval} | asked)
    return found
