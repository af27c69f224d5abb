"""Routes of correlations and reliabilities."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from repool.effects.conversions import correlations, intervals
from repool.effects.measures.catalogue import effect_sizes
from repool.effects.routes.printed import given
from repool.effects.routes.tools import (
    Array,
    Choices,
    Found,
    flag,
    interval_is_normal,
    numbers,
    printed_sizes,
    words,
)

if TYPE_CHECKING:
    import pandas as pd


def _people(rows: pd.DataFrame) -> Array:
    """Return the people a correlation rests on: the printed arms together, else the total."""
    n1, n2 = printed_sizes(rows)
    (total,) = numbers(rows, "n_total")
    arms = np.where(np.isfinite(n2), n1 + n2, n1)
    usable = words(rows, "n_total_basis") != "other_unit"
    return np.where(np.isfinite(arms), arms, np.where(usable, total, np.nan))


def _from_people(rows: pd.DataFrame, family: str, **inputs: Array) -> Found:
    n = _people(rows)
    # A correlation of change with its own baseline is none between two things measured in many people.
    usable = np.isfinite(n) & (words(rows, "comparator") != "pre")
    return Found(family=family, inputs=inputs | {"n": n}, usable=usable, people=(n, np.full(len(rows), np.nan)))


def r_and_n(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take Pearson's r."""
    (r,) = numbers(rows, "estimate")
    return _from_people(rows, "correlation", r=r)


def rho_and_n(rows: pd.DataFrame, choices: Choices) -> list[Found]:
    """Take Spearman's rho; its Fisher's z has a variance of its own (Bonett & Wright 2000)."""
    (rho,) = numbers(rows, "estimate")
    by_ranks = _from_people(rows, "spearman", r=rho)
    effect = effect_sizes("ZSPEARMAN", by_ranks.inputs, vtype="LS", zero_cells=None)
    as_z = given(
        rows, "ZCOR", effect.yi, np.sqrt(effect.vi), "Bonett-Wright", people=by_ranks.people, usable=by_ranks.usable,
        printed_spread=False,
    )  # fmt: skip
    return [as_z, by_ranks]


def fisher_z_and_n(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take Fisher's z, back on the scale of r."""
    (z,) = numbers(rows, "estimate")
    return _from_people(rows, "correlation", r=np.tanh(z))


def r_and_interval(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take r or Fisher's z with its interval, on the scale of Fisher's z."""
    values = numbers(rows, "estimate", "ci_lb", "ci_ub")
    (level,) = numbers(rows, "ci_level")
    is_z = words(rows, "estimate_scale") == "fisher_z"
    z, low, high = (np.where(is_z, value, np.arctanh(value)) for value in values)
    usable = interval_is_normal(rows) & (words(rows, "comparator") != "pre")
    n = _people(rows)
    se = intervals.se_from_interval(low, high, level)
    return given(rows, "ZCOR", z, se, "CI", usable=usable, people=(n, np.full(len(rows), np.nan)))


def partial_r_and_n(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take a partial correlation."""
    r, held = numbers(rows, "estimate", "n_covariates")
    return _from_people(rows, "partial_r", r=r, n_covariates=held)


def beta_and_n(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take a standardised regression coefficient, read as a correlation."""
    (beta,) = numbers(rows, "estimate")
    found = _from_people(rows, "correlation", r=correlations.r_from_beta(beta))
    # ASSUME beta_is_correlation
    return replace(found, assumptions=[flag(rows, "beta_is_correlation")])


def alpha_and_n(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take Cronbach's alpha."""
    alpha, items = numbers(rows, "estimate", "n_items")
    return _from_people(rows, "alpha", alpha=alpha, n_items=items)
