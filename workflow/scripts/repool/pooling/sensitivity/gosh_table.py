"""Tables of the results of subsets of the studies: their quantiles, and the cloud that they form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from repool.pooling.sensitivity.gosh import Gosh, gosh, summary
from repool.pooling.sensitivity.gosh_cloud import I2_STEP, Cloud, cloud, i2_from_q, most_moving
from repool.pooling.sensitivity.study_rows import finished, measure_of, numbers_of, records_of, study_of, usable

if TYPE_CHECKING:
    import pandas as pd

_SUMMARY = ("mean", "sd", "minimum", "q05", "q25", "median", "q75", "q95", "maximum")
GOSH_COLUMNS = (
    *("part", "study_id", "label", "quantity", "subsets", *_SUMMARY),
    *("measure", "method_tau2", "maximum_subsets", "seed", "every_subset", "note"),
)
GOSH_CLOUD_COLUMNS = (
    *("part", "study_id", "label", "estimate_lb", "estimate_ub", "i2_lb", "i2_ub"),
    *("subsets", "subsets_with", "subsets_without", "note"),
)

Rows = list[dict[str, Any]]


def gosh_tables(
    effects: pd.DataFrame, *, method_tau2: str, maximum_subsets: int, seed: int, minimum_k: int
) -> dict[str, Rows]:
    """Return how results are spread over subsets of the studies, and over those with and without each study.

    Parameters
    ----------
    effects : pandas.DataFrame
        Effects of one analysis.
    method_tau2, maximum_subsets, seed
        See `repool.pooling.sensitivity.gosh.gosh`.
    minimum_k : int
        Fewest usable effects (never below 3).

    Returns
    -------
    dict
        "gosh": keys in the order of `GOSH_COLUMNS`; `part` is "all", "with" or "without" (the study of the row).
        "gosh_cloud": keys in the order of `GOSH_CLOUD_COLUMNS`; `part` is "cell", "estimate" (cells of the estimate,
        whatever I2) or "i2" (the other way round), the study the one that moves the median estimate most. No rows
        when nothing is run: the reason stands in "gosh".
    """
    shared = {"measure": measure_of(effects), "method_tau2": method_tau2, "maximum_subsets": maximum_subsets}
    shared |= {"seed": seed}
    used, stop = usable(effects, minimum_k)
    if stop:
        return {"gosh": finished([shared | {"part": "all"}], GOSH_COLUMNS, note=stop), "gosh_cloud": []}
    found = gosh(*numbers_of(effects, used), method=method_tau2, maximum_subsets=maximum_subsets, seed=seed)
    records = [row for row, kept in zip(records_of(effects), used, strict=True) if kept]
    shared["every_subset"] = "yes" if found.every_subset else "no"
    shared["note"] = "" if found.every_subset else "a random sample of all subsets"
    return {"gosh": _spreads(found, records, shared), "gosh_cloud": _cells(found, records, shared["note"])}


def _spreads(found: Gosh, records: Rows, shared: dict[str, Any]) -> Rows:
    """Return the quantiles of all subsets, and of those with and without each study."""
    rows = [
        shared | {"part": "all", "quantity": name} | _summary(getattr(found, name))
        for name in ("estimate", "tau2", "q", "i2_percent")
    ]
    for place, record in enumerate(records):
        inside = found.included[:, place]
        for part, which in (("with", inside), ("without", ~inside)):
            row = shared | {"part": part, "quantity": "estimate", **study_of(record)}
            rows.append(row | _summary(found.estimate[which]))
    return finished(rows, GOSH_COLUMNS)


def _cells(found: Gosh, records: Rows, note: str) -> Rows:
    """Return the cells of the cloud that hold any subset, and those of each dimension alone."""
    place = most_moving(found)
    if place is None:
        return []
    seen = cloud(found.estimate, i2_from_q(found), inside=found.included[:, place])
    shared = study_of(records[place]) | {"note": note}
    rows = [
        shared | {"part": "cell"} | _estimates(seen, column) | _i2(row) | _counts(counts)
        for (column, row), counts in seen.cells.items()
    ]
    rows += [
        shared | {"part": "estimate"} | _estimates(seen, at) | _counts(counts) for at, counts in seen.margin(0).items()
    ]
    rows += [shared | {"part": "i2"} | _i2(at) | _counts(counts) for at, counts in seen.margin(1).items()]
    return finished(rows, GOSH_CLOUD_COLUMNS)


def _estimates(seen: Cloud, column: int) -> dict[str, float]:
    return {"estimate_lb": column * seen.estimate_step, "estimate_ub": (column + 1) * seen.estimate_step}


def _i2(row: int) -> dict[str, float]:
    return {"i2_lb": row * I2_STEP, "i2_ub": (row + 1) * I2_STEP}


def _counts(counts: tuple[int, int]) -> dict[str, int]:
    return {"subsets": sum(counts), "subsets_with": counts[0], "subsets_without": counts[1]}


def _summary(values: np.ndarray) -> dict[str, Any]:
    """Return number, mean, standard deviation and quantiles."""
    if not values.size:
        return {"subsets": 0, "note": "no subset of this kind was drawn"}
    spread = summary(values)
    return {"subsets": values.size} | dict(zip(_SUMMARY, (spread.mean, spread.sd, *spread.quantiles), strict=True))
