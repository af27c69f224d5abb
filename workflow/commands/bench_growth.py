"""How time and memory of a fit, and of leaving each study out, grow with the number of studies."""

from __future__ import annotations

import statistics
import time
import tracemalloc
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from commands.bench_pooling import invented_effects
from repool.pooling.models.estimators import tau2, weighted_fit
from repool.pooling.sensitivity.leave_one_out import leave_each_out

#: Numbers of studies, each four times the one before.
SIZES = (1000, 4000, 16000)


@dataclass(frozen=True)
class Cost:
    """Processor seconds and bytes at the peak of one call."""

    seconds: float
    peak: int


def measure(repeats: int) -> dict[str, dict[int, Cost]]:
    """Return work -> number of studies -> what it costs.

    Parameters
    ----------
    repeats : int
        How often each is timed; medians are returned.
    """
    return {name: {k: _cost(work, k, repeats) for k in SIZES} for name, work in _WORKS.items()}


def report(costs: Mapping[str, Mapping[int, Cost]]) -> str:
    """Return the costs as a table, and how they grow where the studies grow sixteen-fold.

    Parameters
    ----------
    costs : mapping
        From `measure`.
    """
    lines = ["Growth with the number of studies: processor milliseconds and megabytes at the peak of one call"]
    lines.append(f"{'':<26}" + "".join(f"{f'k = {k:,}':>20}" for k in SIZES) + f"{'times, x16':>14}")
    for name, by_size in costs.items():
        cells = [f"{1000 * by_size[k].seconds:.1f} ms, {by_size[k].peak / 1e6:.1f} MB" for k in SIZES]
        growth = by_size[SIZES[-1]].seconds / by_size[SIZES[0]].seconds
        lines.append(f"{name:<26}" + "".join(f"{cell:>20}" for cell in cells) + f"{growth:>14.1f}")
    return "\n".join(lines)


def _cost(work: Callable[[np.ndarray, np.ndarray], object], k: int, repeats: int) -> Cost:
    yi, vi, _ = invented_effects(k)
    work(yi, vi)
    taken = []
    for _ in range(max(3, repeats)):
        start = time.process_time()
        work(yi, vi)
        taken.append(time.process_time() - start)
    tracemalloc.start()
    work(yi, vi)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return Cost(statistics.median(taken), peak)


def _fit(yi: np.ndarray, vi: np.ndarray) -> object:
    return weighted_fit(yi, vi, tau2=tau2(yi, vi, method="REML").tau2)


def _left_out(yi: np.ndarray, vi: np.ndarray) -> object:
    return leave_each_out(yi, vi, method="REML", ci_method="wald", level=0.95, i2_definition="from_tau2")


_WORKS = {"one REML fit": _fit, "leave-one-out": _left_out}
