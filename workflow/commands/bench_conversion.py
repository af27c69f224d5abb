"""How long it takes to compute effects from 100,000 rows, beside metafor's escalc where R is installed."""

from __future__ import annotations

import math
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from repool.effects.measures.catalogue import effect_sizes
from repool.effects.measures.zero_cells import ZeroCells

if TYPE_CHECKING:
    import pandas as pd

    from repool.effects.routes.tools import Choices

ROWS = 100_000
SEED = 20240229
ALL_ROUTES = "all routes"
_COUNTS = {"events_arm1": "ai", "n_arm1": "n1i", "events_arm2": "ci", "n_arm2": "n2i"}
_MEANS = {
    **{"mean_arm1": "m1i", "sd_arm1": "sd1i", "n_arm1": "n1i"},
    **{"mean_arm2": "m2i", "sd_arm2": "sd2i", "n_arm2": "n2i"},
}
#: Measure -> its inputs, by this package's names and by metafor's.
MEASURES = {
    "OR": _COUNTS,
    "RD": _COUNTS,
    "SMD": _MEANS,
    "ROM": _MEANS,
    "ZCOR": {"r": "ri", "n": "ni"},
    "PLO": {"events": "xi", "n": "ni"},
}
_R = """
suppressMessages(library(metafor))
d <- read.csv("rows.csv")
timed <- function(f) median(sapply(1:{repeats}, function(i) system.time(f())[["elapsed"]]))
{calls}
"""


def invented_rows() -> dict[str, np.ndarray]:
    """Return columns of numbers, with the same values on every machine."""
    draw = np.random.default_rng(SEED)
    n1, n2 = draw.integers(10, 500, ROWS), draw.integers(10, 500, ROWS)
    events1, events2 = draw.binomial(n1, 0.2), draw.binomial(n2, 0.3)
    columns = {
        **{"events_arm1": events1, "n_arm1": n1, "events_arm2": events2, "n_arm2": n2},
        **{"mean_arm1": draw.uniform(5, 15, ROWS), "sd_arm1": draw.uniform(1, 4, ROWS)},
        **{"mean_arm2": draw.uniform(5, 15, ROWS), "sd_arm2": draw.uniform(1, 4, ROWS)},
        **{"r": draw.uniform(-0.9, 0.9, ROWS), "n": n1, "events": events1},
    }
    return {name: values.astype(float) for name, values in columns.items()}


def measure(conversion: Mapping[str, Any], repeats: int) -> dict[str, float | None]:
    """Return measure -> this package's time over escalc's for the same rows; None where R is not installed.

    Parameters
    ----------
    conversion : mapping
        The key `conversion` of config/review.yaml, for the last line: every route on as many results, over the six
        calls of escalc together.
    repeats : int
        How often each is measured; medians are compared.
    """
    columns = invented_rows()
    ours = {name: _median(lambda name=name: _computed(name, columns), repeats) for name in MEASURES}
    theirs = _seconds_of_r(columns, repeats)
    ratios = {name: ours[name] / theirs[name] if theirs.get(name) else None for name in MEASURES}
    together = math.fsum(theirs.values())
    return ratios | {ALL_ROUTES: seconds_of_all_routes(conversion, repeats) / together if together else None}


def invented_results(conversion: Mapping[str, Any]) -> tuple[pd.DataFrame, Choices]:
    """Return 100,000 harmonised results, a third each printed as counts, as percents and as means, and the choices.

    Parameters
    ----------
    conversion : mapping
        The key `conversion` of config/review.yaml.
    """
    import pandas as pd

    from repool.extraction.harmonise import FRONT, data_columns
    from repool.extraction.specification import columns_of
    from repool.schemas import schema
    from repool.stages.convert import choices_of

    columns = data_columns(columns_of(schema("extraction")))
    blank = dict.fromkeys(FRONT, "") | {column.name: np.nan if column.is_number else "" for column in columns}
    names = np.char.add("r", np.arange(ROWS).astype(str)).astype(object)
    fixed = {"comparator": "usual_care", "condition_arm1": "a", "condition_arm2": "b", "term_higher_is_better": "yes"}
    fixed |= {"flip": 1.0, "priority": 1.0, "time_months": 6.0, "study_id": "s", "cohort_id": "s", "outcome": "o"}
    rows = pd.DataFrame(blank | fixed | {"result_id": names})
    typed, third = invented_rows(), np.arange(ROWS) % 3
    percents = {f"percent_{arm}": 100 * typed[f"events_{arm}"] / typed[f"n_{arm}"] for arm in ("arm1", "arm2")}
    for name, values in (typed | {name: np.round(values, 1) for name, values in percents.items()}).items():
        kind = 0 if name.startswith("events_") else 1 if name.startswith("percent_") else 2
        if name in rows.columns:
            rows[name] = values if name.startswith("n_") else np.where(third == kind, values, np.nan)
    return rows, choices_of(conversion)


def seconds_of_all_routes(conversion: Mapping[str, Any], repeats: int) -> float:
    """Return how long the second stage takes to turn these results into effects by every route.

    Parameters
    ----------
    conversion : mapping
        The key `conversion` of config/review.yaml.
    repeats : int
        How often it is measured; the median is returned.
    """
    from repool.effects.convert import convert

    rows, choices = invented_results(conversion)
    order = conversion["route_order"]
    return _median(
        lambda: convert(rows, choices=choices, route_order=order, ladder=[], clustered={"s": False}), repeats
    )


def _computed(name: str, columns: Mapping[str, np.ndarray]) -> None:
    zero_cells = ZeroCells("only0", 0.5, drop_double_zero=False)
    inputs = {ours: columns[ours] for ours in MEASURES[name]}
    effect_sizes(name, inputs, vtype="LS", zero_cells=zero_cells)


def _median(work: Callable[[], None], repeats: int) -> float:
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def _seconds_of_r(columns: Mapping[str, np.ndarray], repeats: int) -> dict[str, float]:
    """Return measure -> seconds that escalc takes, the start of R not counted; nothing where metafor is not there."""
    program = shutil.which("Rscript")
    if program is None:
        return {}
    calls = []
    for name, inputs in MEASURES.items():
        arguments = ", ".join(f"{theirs} = d${ours}" for ours, theirs in inputs.items())
        calls.append(f'cat("{name}", timed(function() escalc("{name}", {arguments})), "\\n")')
    with tempfile.TemporaryDirectory(prefix="repool-") as folder:
        names = list(columns)
        table = np.column_stack([columns[name] for name in names])
        np.savetxt(Path(folder) / "rows.csv", table, delimiter=",", header=",".join(names), comments="", fmt="%.15g")
        script = _R.format(repeats=repeats, calls="\n".join(calls))
        done = subprocess.run([program, "-e", script], cwd=folder, capture_output=True, text=True, check=False)
    lines = [line.split() for line in done.stdout.splitlines()]
    return {name: float(seconds) for name, seconds in lines} if done.returncode == 0 else {}


def report(ratios: Mapping[str, float | None]) -> str:
    """Return the ratios as a table, or that there is nothing to compare with."""
    if not any(ratios.values()):
        return f"Effects of {ROWS:,} rows: R with metafor is not installed, so there is nothing to compare with."
    lines = [f"Effects of {ROWS:,} rows, as multiples of the time of metafor's escalc for the same rows"]
    lines += [f"{name:<24}{ratio:>8.2f}" for name, ratio in ratios.items() if ratio]
    return "\n".join(lines)
