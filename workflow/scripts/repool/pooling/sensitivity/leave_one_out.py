"""See how much a pooled result hangs on any one study: leave one out at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from repool.pooling.effect_sets import checked_set, sets_of
from repool.pooling.models.pooled_model import fit_pool

if TYPE_CHECKING:
    import pandas as pd

#: Columns of the leave-one-out table, in order.
LEAVE_ONE_OUT_COLUMNS = (
    *("ladder_step", "reading", "model", "left_out", "cohort_id", "k"),
    *("estimate", "se", "ci_lb", "ci_ub", "pval", "tau2", "q", "i2_percent"),
)

#: With fewer effects only one would remain, and one effect is no pool.
MINIMUM_K = 3


def leave_one_out(
    effects: pd.DataFrame,
    *,
    model: Mapping[str, str],
    minimum_k: int,
    minimum_k_leave_one_out: int,
    level: float,
    i2_definition: str,
) -> pd.DataFrame:
    """Refit the model once without each effect, in every set that is pooled.

    Parameters
    ----------
    effects : pandas.DataFrame
        Effects of one analysis, one row per ladder step, reading and cohort.
    model : dict
        The primary model: "id", "method_tau2" and "ci_method".
    minimum_k, minimum_k_leave_one_out : int
        Fewest effects to pool, and to leave one out (never below 3).
    level, i2_definition
        As in `repool.pooling.pool.pool_analysis`.

    Returns
    -------
    pandas.DataFrame
        `LEAVE_ONE_OUT_COLUMNS`; k counts the effects that remain.
    """
    import pandas as pd

    needed = max(MINIMUM_K, minimum_k, minimum_k_leave_one_out)
    rows = []
    for (_, ladder_step, _, reading), members in sets_of(effects):
        key = {"ladder_step": ladder_step, "reading": reading, "model": model["id"]}
        members = checked_set(members)
        if len(members) >= needed:
            refits = _refits(members, model=model, level=level, i2_definition=i2_definition)
            rows += [key | refit for refit in refits]
    return pd.DataFrame(rows, columns=list(LEAVE_ONE_OUT_COLUMNS))


def _refits(
    effects: pd.DataFrame, *, model: Mapping[str, str], level: float, i2_definition: str
) -> list[dict[str, Any]]:
    """Return one row per effect left out."""
    yi, vi = effects["yi"].to_numpy(float), effects["vi"].to_numpy(float)
    settings = {"method_tau2": model["method_tau2"], "ci_method": model["ci_method"]}
    settings |= {"level": level, "i2_definition": i2_definition}
    rows = []
    for i, (label, cohort_id) in enumerate(zip(effects["label"], effects["cohort_id"], strict=True)):
        others = effects.index != i
        pool = fit_pool(yi[others], vi[others], **settings)
        row = {"left_out": label, "cohort_id": cohort_id, "k": len(effects) - 1}
        for name in ("estimate", "se", "ci_lb", "ci_ub", "pval"):
            row[name] = float(getattr(pool.interval, name)[0])
        row |= {"tau2": pool.tau2.tau2, "q": pool.q.q, "i2_percent": pool.i2_percent}
        rows.append(row)
    return rows
