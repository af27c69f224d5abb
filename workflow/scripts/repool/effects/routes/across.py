"""Routes from one measure to another, for outcomes that some studies count and others measure on a scale."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.effects.conversions import between_scales, correlations, ratios
from repool.effects.routes.tools import Array, numbers, percents_of_people

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Way:
    """How effects of one measure become effects of another."""

    start: str
    end: str
    assumption: str
    #: From yi, vi, the risk in arm 2 and the people of both arms to yi and vi.
    convert: Callable[[Array, Array, Array, Array, Array], tuple[Array, Array]]


def _smd_to_z(yi: Array, vi: Array, risk: Array, n1: Array, n2: Array) -> tuple[Array, Array]:
    r, variance = between_scales.r_from_d(yi, vi, n1, n2, formula="large_sample")
    return np.arctanh(r), variance / (1 - r**2) ** 2


def _z_to_smd(yi: Array, vi: Array, risk: Array, n1: Array, n2: Array) -> tuple[Array, Array]:
    r, variance = correlations.r_from_z(yi, vi)
    equal = np.ones_like(r)
    return between_scales.d_from_r(r, variance, equal, equal, formula="large_sample")


def _at_baseline(start: str, end: str) -> Callable[[Array, Array, Array, Array, Array], tuple[Array, Array]]:
    def convert(yi: Array, vi: Array, risk: Array, n1: Array, n2: Array) -> tuple[Array, Array]:
        return ratios.effect_and_variance_at_baseline(yi, vi, risk, from_measure=start, to_measure=end)

    return convert


_COX = between_scales.COX_FACTOR
#: route -> way; a route has the same name in the catalogue.
# ASSUME logistic_outcome, normal_outcome, baseline_risk_known, groups_cut_a_scale
WAYS = {
    "smd_from_or_logistic": Way(
        "OR", "SMD", "logistic_outcome", lambda yi, vi, *_: between_scales.d_from_log_or(yi, vi)
    ),
    "smd_from_or_normal": Way(
        "OR", "SMD", "normal_outcome", lambda yi, vi, *_: between_scales.d_from_log_or_cox(yi, vi)
    ),
    "or_from_smd_logistic": Way(
        "SMD", "OR", "logistic_outcome", lambda yi, vi, *_: between_scales.log_or_from_d(yi, vi)
    ),
    "or_from_smd_normal": Way("SMD", "OR", "normal_outcome", lambda yi, vi, *_: (yi * _COX, vi * _COX**2)),
    "or_from_rr": Way("RR", "OR", "baseline_risk_known", _at_baseline("RR", "OR")),
    "rr_from_or": Way("OR", "RR", "baseline_risk_known", _at_baseline("OR", "RR")),
    "zcor_from_smd": Way("SMD", "ZCOR", "groups_cut_a_scale", _smd_to_z),
    "smd_from_zcor": Way("ZCOR", "SMD", "groups_cut_a_scale", _z_to_smd),
}


def convert_across(name: str, effects: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Return effects of one measure as effects of another.

    Parameters
    ----------
    name : str
        A key of `WAYS`.
    effects : DataFrame
        Effects found so far, in the direction of their outcome (`evaluate.RESULT`, "route_rank", "step_order"),
        indexed as `rows`.
    rows : DataFrame
        Harmonised rows.

    Returns
    -------
    DataFrame
        The same columns; from each result the effect that needs the fewest assumptions, then the preferred route.
    """
    way = WAYS[name]
    chosen = effects[effects["measure"] == way.start].sort_values(["step_order", "route_rank"], kind="stable")
    # A result that leads to the measure by itself needs no detour.
    direct = effects.index[effects["measure"] == way.end]
    chosen = chosen[~chosen.index.duplicated() & ~chosen.index.isin(direct)]
    if chosen.empty:
        return chosen
    rows = rows.loc[chosen.index]
    percent, flip = numbers(rows, "percent_arm2", "flip")
    risk = np.where(percents_of_people(rows), np.where(flip == -1, 100 - percent, percent) / 100, np.nan)
    n1, n2 = numbers(chosen, "n_arm1", "n_arm2")
    changed = {}
    for ending in ("", "_best", "_worst"):
        yi, vi = numbers(chosen, f"yi{ending}", f"vi{ending}")
        with np.errstate(all="ignore"):
            new_yi, new_vi = way.convert(yi, vi, risk, n1, n2)
        known = np.isfinite(new_yi) & np.isfinite(new_vi)
        changed[f"yi{ending}"], changed[f"vi{ending}"] = (np.where(known, part, np.nan) for part in (new_yi, new_vi))
    joined = [";".join(sorted({*filter(None, text.split(";")), way.assumption})) for text in chosen["assumptions"]]
    table = chosen.assign(**changed, measure=way.end, vtype="delta", assumptions=joined, zero_cells="")
    return table[np.isfinite(table["yi"]) | np.isfinite(table["yi_best"])]
