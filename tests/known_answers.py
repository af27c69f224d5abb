"""Reads R's answers: the few kept in tests/known, and the many beside the repository, if there."""

import json
import os
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
#: The folder of all of R's answers; REPOOL_KNOWN names another one of the same shape.
KNOWN = Path(os.environ.get("REPOOL_KNOWN", HERE.parents[1] / "shared" / "known"))
ELSEWHERE = KNOWN / "expected"
DATASETS = KNOWN / "datasets"

#: metafor's words for what this package calls by other names.
METHOD_TAU2 = {"EE": "none", "DL": "DL", "ML": "ML", "REML": "REML"}
CI_METHOD = {"z": "wald", "knha": "knapp_hartung", "adhoc": "knapp_hartung_floored"}


def kept(name):
    """Return the content of a file of tests/known."""
    return json.loads((HERE / "known" / name).read_text(encoding="utf-8"))


def elsewhere(kind, *, methods, allowed_args):
    """Yield (case, yi, vi, contents) of one kind that R could answer, none when not there.

    Left out: R's default tolerances (loose by design), data with fewer than two effects, and
    variances of 0 or infinity, which this package refuses.
    """
    for path in sorted(ELSEWHERE.glob("*.json")):
        contents = json.loads(path.read_text(encoding="utf-8"))
        for case in contents["cases"]:
            args = case["args"]
            if case["kind"] != kind or case["status"] != "ok" or args.get("method") not in methods:
                continue
            if set(args) - allowed_args or args.get("control") == "default":
                continue
            yi, vi = pairs(contents["effects"][case["effect"]])
            if len(yi) > 1 and np.isfinite(vi).all() and (vi > 0).all():
                yield case, yi, vi, contents


def pairs(effect):
    """Return yi and vi of the effects that R could compute."""
    both = zip(effect["yi"], effect["vi"], strict=True)
    values = [(float(y), float(v)) for y, v in both if y is not None and v is not None]
    return np.array([y for y, _ in values]), np.array([v for _, v in values])


def scale(yi, vi):
    """Return the yardstick for tau2: the variance of the effects or their mean variance."""
    return max(np.var(yi, ddof=1), np.mean(vi))


def number(value):
    """Return R's number; null is nan, and infinities are written as words."""
    return float("nan") if value is None else float(value)


def effects_table(yi, vi, **columns):
    """Return an effects table of one ladder step and reading, with plain names."""
    import pandas as pd

    names = [f"study{i:04d}" for i in range(len(yi))]
    table = {
        "analysis": "invented",
        "ladder_step": "as_reported",
        "step_order": 1,
        "reading": "preferred",
        "study_id": names,
        "cohort_id": names,
        "label": names,
        "measure": "OR",
        "yi": np.asarray(yi, dtype=float),
        "vi": np.asarray(vi, dtype=float),
        "assumptions": "",
        "n_total": 100.0,
    }
    return pd.DataFrame({**table, **columns})


def cases(*kinds, statuses=("ok",)):
    """Yield (data set, case, contents) of the kinds and states named; none where the answers are not there."""
    for path in sorted(ELSEWHERE.glob("*.json")):
        contents = json.loads(path.read_text(encoding="utf-8"))
        for case in contents["cases"]:
            if case["kind"] in kinds and case["status"] in statuses:
                yield path.stem, case, contents


def data_set(name):
    """Return the raw rows of a data set and its description (column types, levels)."""
    import pandas as pd

    about = json.loads((DATASETS / f"{name}.json").read_text(encoding="utf-8"))
    words = {column: str for column, facts in about["columns"].items() if facts["type"] in ("string", "factor")}
    table = pd.read_csv(DATASETS / f"{name}.csv", dtype=words, keep_default_na=False, na_values=[""])
    return table, about


def rows_used(effect):
    """Return which rows R could compute: a boolean per row of the data set."""
    both = zip(effect["yi"], effect["vi"], strict=True)
    return np.array([y is not None and v is not None for y, v in both])
