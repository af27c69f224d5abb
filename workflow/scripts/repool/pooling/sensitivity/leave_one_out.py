"""See how much a pooled result hangs on any one study: leave one out at a time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from repool.pooling.effect_sets import checked_set, sets_of
from repool.pooling.models.estimators import check_inputs
from repool.pooling.sensitivity.deletions import deletions
from repool.pooling.sensitivity.subsets import MeanFits, fits_of_means, mean_fits, subset_fits

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

#: Columns of the leave-one-out table, in order.
LEAVE_ONE_OUT_COLUMNS = (
    *("ladder_step", "reading", "model", "left_out", "cohort_id", "k"),
    *("estimate", "se", "ci_lb", "ci_ub", "pval", "tau2", "q", "i2_percent"),
)

#: What may be left out at a time: one effect, or all effects of a study or a cohort.
UNITS = ("effect", "study", "cohort")

#: With fewer effects only one would remain, and one effect is no pool.
MINIMUM_K = 3


def leave_each_out(
    yi: ArrayLike, vi: ArrayLike, *, method: str, ci_method: str, level: float, i2_definition: str
) -> MeanFits:
    """Refit one mean without each effect.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    method : str
        Estimator of tau2, as in `repool.pooling.models.estimators.tau2`.
    ci_method, level, i2_definition
        As in `repool.pooling.sensitivity.subsets.subset_fits`.

    Returns
    -------
    MeanFits
        Entry i belongs to the fit without effect i.

    Raises
    ------
    ValueError
        When there are fewer than two effects, or one of them cannot be used.

    Notes
    -----
    The cost grows with k, not with its square: see `repool.pooling.sensitivity.deletions`.
    """
    if np.size(yi) < 2:
        raise ValueError(f"leaving one effect out needs at least 2 effects; there are {np.size(yi)}")
    without = deletions(yi, vi, method=method, design=None)
    count = np.full(np.size(yi), np.size(yi) - 1)
    with np.errstate(invalid="ignore"):
        se = np.sqrt(without.cov[:, 0, 0])
    fits = fits_of_means(
        **{"tau2": without.tau2, "estimate": without.beta[:, 0], "se": se, "q": without.q, "rss": without.rss},
        k=count,
    )
    definition = "from_q" if method == "none" else i2_definition
    return mean_fits(fits, typical=without.typical, ci_method=ci_method, level=level, i2_definition=definition)


def leave_groups_out(
    yi: ArrayLike,
    vi: ArrayLike,
    groups: ArrayLike,
    *,
    method: str,
    ci_method: str,
    level: float,
    i2_definition: str,
) -> tuple[list[Any], MeanFits]:
    """Refit one mean without each group of effects, such as all effects of one study.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    groups : array_like of shape (k,)
        The group of each effect.
    method, ci_method, level, i2_definition
        As in `repool.pooling.sensitivity.subsets.subset_fits`.

    Returns
    -------
    tuple of list and MeanFits
        The groups in the order in which they first stand, and one fit without each; nan where no effect is left.

    Raises
    ------
    ValueError
        When there are fewer than two effects, one of them cannot be used, or one has no group.
    """
    yi, vi, _ = check_inputs(yi, vi)
    members = list(np.asarray(groups).tolist())
    if len(members) != yi.size:
        raise ValueError(f"groups has {len(members)} values for {yi.size} effects; one is needed for each")
    if any(member is None or member == "" or member != member for member in members):
        raise ValueError("groups holds a blank; every effect needs its group")
    names = list(dict.fromkeys(members))
    place = {name: number for number, name in enumerate(names)}
    included = np.array([place[member] for member in members]) != np.arange(len(names))[:, None]
    settings = {"method": method, "ci_method": ci_method, "level": level, "i2_definition": i2_definition}
    return names, subset_fits(yi, vi, included=included, **settings)


def leave_one_out(
    effects: pd.DataFrame,
    *,
    model: Mapping[str, str],
    minimum_k: int,
    minimum_k_leave_one_out: int,
    level: float,
    i2_definition: str,
    unit: str,
) -> pd.DataFrame:
    """Refit the model once without each effect, study or cohort, in every set that is pooled.

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
    unit : {"effect", "study", "cohort"}
        What is left out at a time. Without a study or cohort, `left_out` is its id.

    Returns
    -------
    pandas.DataFrame
        `LEAVE_ONE_OUT_COLUMNS`; k counts the effects that remain. There is no row for a study without which
        fewer than two effects remain.

    Raises
    ------
    ValueError
        When the unit or a method is unknown, or the effects cannot be pooled.
    """
    import pandas as pd

    if unit not in UNITS:
        raise ValueError(f"unit is {unit!r}; must be one of {', '.join(UNITS)}")
    needed = max(MINIMUM_K, minimum_k, minimum_k_leave_one_out)
    settings = {"method": model["method_tau2"], "ci_method": model["ci_method"]}
    settings |= {"level": level, "i2_definition": i2_definition}
    rows = []
    for (_, ladder_step, _, reading), members in sets_of(effects):
        key = {"ladder_step": ladder_step, "reading": reading, "model": model["id"]}
        members = checked_set(members)
        if len(members) >= needed:
            rows += [key | refit for refit in _refits(members, unit=unit, settings=settings)]
    return pd.DataFrame(rows, columns=list(LEAVE_ONE_OUT_COLUMNS))


def _refits(effects: pd.DataFrame, *, unit: str, settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return one row per unit left out."""
    yi, vi = effects["yi"].to_numpy(float), effects["vi"].to_numpy(float)
    if unit == "effect":
        names = list(zip(effects["label"], effects["cohort_id"], strict=True))
        fits = leave_each_out(yi, vi, **settings)
    else:
        ids, fits = leave_groups_out(yi, vi, effects[f"{unit}_id"].astype(str), **settings)
        names = [(name, name if unit == "cohort" else "") for name in ids]
    columns = ("estimate", "se", "ci_lb", "ci_ub", "pval", "tau2", "q", "i2_percent")
    rows = []
    for i, (left_out, cohort_id) in enumerate(names):
        if fits.k[i] >= MINIMUM_K - 1 and not math.isnan(fits.estimate[i]):
            row = {"left_out": left_out, "cohort_id": cohort_id, "k": int(fits.k[i])}
            rows.append(row | {name: float(getattr(fits, name)[i]) for name in columns})
    return rows
