"""The rows of the table of methods for rare events."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from repool.pooling.rare_events.counts import RATE_MEASURES
from repool.pooling.rare_events.glmm import glmm
from repool.pooling.rare_events.mantel_haenszel import mantel_haenszel
from repool.pooling.rare_events.peto import peto

if TYPE_CHECKING:
    import pandas as pd

#: Settings that each method needs besides its id; none has a default.
SETTINGS = {
    "mantel_haenszel": ("measure", "add", "to", "drop00", "correct"),
    "peto": ("add", "to", "drop00"),
    "glmm": ("measure", "glmm_model", "method_tau2", "nodes", "add", "to", "drop00"),
}

#: Columns of settings, in the order of the table; blank where a method does not have one.
SETTING_COLUMNS = ("measure", "glmm_model", "method_tau2", "nodes", "add", "to", "drop00", "correct")

#: Columns of numbers; nan where a method does not have one.
NUMBER_COLUMNS = (
    "estimate",
    "se",
    "statistic",
    "pval",
    "ci_lb",
    "ci_ub",
    "tau2",
    "sigma2",
    "q",
    "q_df",
    "q_pval",
    "q_lrt",
    "q_lrt_pval",
    "i2_percent",
    "cmh",
    "cmh_pval",
    "breslow_day",
    "breslow_day_pval",
    "tarone",
    "tarone_pval",
    "log_likelihood",
    "k",
    "k_effects",
    "k_informative",
    "iterations",
)

COLUMNS = (
    "method_id",
    "method",
    *SETTING_COLUMNS,
    "level",
    *NUMBER_COLUMNS,
    "converged",
    "at_boundary",
    "note",
)

#: Names under which a result keeps what the table calls otherwise: the Wald test is the Q of a model of counts.
OTHER_NAMES = {"q": "q_wald", "q_pval": "q_wald_pval"}


def rare_event_rows(
    effects: pd.DataFrame, *, methods: Sequence[Mapping[str, Any]], level: float
) -> list[dict[str, Any]]:
    """Pool the counts of one set by each method for rare events.

    Parameters
    ----------
    effects : pandas.DataFrame
        One row per comparison, with `label`, `events_arm1`, `n_arm1`, `events_arm2`, `n_arm2`, and for rates
        `person_time_arm1`, `person_time_arm2`; arm 1 is the intervention.
    methods : sequence of mapping
        Each with `id`, `method` (mantel_haenszel, peto or glmm) and exactly the settings of that method, `SETTINGS`.
    level : float
        Confidence level between 0 and 1, such as 0.95.

    Returns
    -------
    list of dict
        One row per method with the keys `COLUMNS`; ratio measures on the log scale. A method that cannot answer has
        blank numbers and says why in `note`.

    Raises
    ------
    ValueError
        When a method or one of its settings is unknown or missing.
    """
    return [_row(effects, _checked(method), level=level) for method in methods]


def _checked(method: Mapping[str, Any]) -> dict[str, Any]:
    """Return the method's settings, or say which is unknown or missing."""
    name = method.get("method")
    if name not in SETTINGS:
        raise ValueError(f"rare events: method is {name!r}; must be one of {', '.join(SETTINGS)}")
    allowed = {"id", "method", *SETTINGS[name]}
    wrong = [f"{key} is unknown" for key in sorted(set(method) - allowed)]
    wrong += [f"{key} is missing" for key in sorted(allowed - set(method))]
    if wrong:
        raise ValueError(f"rare events, {method.get('id', name)}: {'; '.join(wrong)}")
    return dict(method)


def _row(effects: pd.DataFrame, method: dict[str, Any], *, level: float) -> dict[str, Any]:
    """Return the row of one method."""
    measure = "PETO" if method["method"] == "peto" else method["measure"]
    row = dict.fromkeys(COLUMNS, "") | dict.fromkeys(NUMBER_COLUMNS, math.nan)
    row |= {"method_id": method["id"], "method": method["method"], "level": level}
    row |= {name: _shown(method[name]) for name in SETTINGS[method["method"]]}
    row["measure"] = measure
    try:
        counts = _counts(effects, rates=measure in RATE_MEASURES)
        result = _fitter(method)(*counts, level=level)
    except ValueError as reason:
        return row | {"note": f"not computed: {reason}"}
    for name in NUMBER_COLUMNS:
        row[name] = getattr(result, name, getattr(result, OTHER_NAMES.get(name, name), math.nan))
    # Closed forms always arrive; a search may not.
    row["converged"] = getattr(result, "converged", True)
    row["at_boundary"] = getattr(result, "at_boundary", "")
    row["note"] = "; ".join(part for part in (result.note, _shared_people(effects), _few(row)) if part)
    return row


def _shown(value: Any) -> Any:
    """Return a setting as one cell of a table."""
    return ", ".join(str(part) for part in value) if isinstance(value, (list, tuple)) else value


def _fitter(method: dict[str, Any]) -> Callable[..., Any]:
    """Return the numeric function of a method with its settings."""
    settings = {name: method[name] for name in SETTINGS[method["method"]]}
    function = {"mantel_haenszel": mantel_haenszel, "peto": peto, "glmm": glmm}[method["method"]]
    return lambda *counts, level: function(*counts, **settings, level=level)


def _counts(effects: pd.DataFrame, *, rates: bool) -> tuple[np.ndarray, ...]:
    """Return events and sizes of both arms, or name the studies without them.

    Raises
    ------
    ValueError
        When a study lacks a count: leaving it out in silence would answer another question.
    """
    size = "person_time" if rates else "n"
    names = ("events_arm1", f"{size}_arm1", "events_arm2", f"{size}_arm2")
    what = "events and person-time" if rates else "events and people"
    absent = [name for name in names if name not in effects]
    if absent:
        raise ValueError(f"no {what} per arm in this set (no column {', '.join(absent)})")
    counts = [effects[name].to_numpy(dtype=float) for name in names]
    missing = np.isnan(np.stack(counts)).any(axis=0)
    if missing.all():
        raise ValueError(f"no study of this set has {what} per arm")
    if missing.any():
        labels = ", ".join(str(label) for label in effects["label"].to_numpy()[missing])
        raise ValueError(f"without {what} per arm: {labels}")
    return tuple(counts)


def _shared_people(effects: pd.DataFrame) -> str:
    """Return a warning when a cohort stands in more than one row, because every row counts as new people."""
    if "cohort_id" not in effects:
        return ""
    cohorts = effects["cohort_id"]
    repeated = sorted({str(cohort) for cohort in cohorts[cohorts.duplicated()]})
    if not repeated:
        return ""
    return f"people counted more than once, as if independent: {', '.join(repeated)}"


def _few(row: Mapping[str, Any]) -> str:
    """Return how many studies say nothing about the effect, if any."""
    silent = row["k"] - row["k_informative"]
    return f"{silent:.0f} of {row['k']:.0f} studies used have no event, or no non-event, at all" if silent > 0 else ""
