"""How long models and what surrounds them take, beside plain numpy, PyMARE, and metafor where R is installed."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from commands.bench_pooling_floor import closed_form_dl, fisher_scoring
from repool.pooling.models.estimators import tau2, weighted_fit
from repool.pooling.moderators.permutation import permutation_test
from repool.pooling.sensitivity.gosh import gosh, random_subsets
from repool.pooling.sensitivity.influence import influence
from repool.pooling.sensitivity.leave_one_out import leave_each_out
from repool.pooling.sensitivity.resampling import bootstrap

SEED = 20240229
MANY = 10_000
SUBSETS = 100_000
#: Processor seconds for which short works are repeated: one call alone measures caches and the clock.
LONG_ENOUGH = 0.1
#: Who is measured, in the order of the columns.
WHO = ("ours", "floor", "PyMARE", "metafor")
SUBSETS_DIFFER = "PyMARE: a batch needs sets of one size"
#: Row -> R's expression, how much of the row's work it does, and why it does not do all of it. One fit of metafor
#: at k = 1,000 multiplies matrices of a million numbers, so a thousand of them take far over a minute.
_R_CALLS = {
    "one REML fit, k = 100": ("for (i in 1:10) rma(y100, v100)", 10.0),
    "one REML fit, k = 1,000": ("rma(y1000, v1000)", 1.0),
    "leave-one-out, k = 100": ("leave1out(rma(y100, v100))", 1.0),
    "leave-one-out, k = 1,000": ("for (i in 1:3) rma(y1000[-i], v1000[-i])", 3 / 1000),
    "influence set, k = 1,000": (None, 0.0),
    "permutation, k = 50 x 10,000": ("permutest(rma(y50, v50, mods = x50), iter = 100, progbar = FALSE)", 100 / MANY),
    "bootstrap, k = 50 x 10,000": ("for (i in 1:100) rma(y50 + rnorm(50) / 1e6, v50)", 100 / MANY),
    "GOSH REML, k = 20 x 100,000": ("gosh(rma(y20, v20), subsets = 500, progbar = FALSE)", 500 / SUBSETS),
    "GOSH DL, k = 20 x 100,000": ("gosh(rma(y20, v20, method = 'DL'), subsets = 500, progbar = FALSE)", 500 / SUBSETS),
}
_R = """
suppressMessages(library(metafor))
for (k in c(20, 50, 100, 1000)) {{
  d <- read.csv(paste0("rows", k, ".csv"))
  assign(paste0("y", k), d$y); assign(paste0("v", k), d$v); assign(paste0("x", k), d$x)
}}
timed <- function(f) median(sapply(1:{repeats}, function(i) sum(system.time(f())[c("user.self", "sys.self")])))
{calls}
"""


@dataclass(frozen=True)
class Row:
    """One thing measured: processor seconds of each of `WHO` (None where not run), and why or how it was scaled."""

    seconds: Mapping[str, float | None]
    note: str


def invented_effects(k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return effects, variances and a moderator, with the same values on every machine."""
    draw = np.random.Generator(np.random.PCG64(SEED + k))
    vi = 0.01 + 0.1 * draw.gamma(2.0, size=k)
    return draw.normal(0.3, np.sqrt(vi + 0.1)), vi, draw.normal(size=k)


def measure(repeats: int) -> dict[str, Row]:
    """Return what is measured -> processor seconds of this package, of plain numpy, of PyMARE and of metafor.

    Parameters
    ----------
    repeats : int
        How often each is measured, one after the other in turn; medians are returned.
    """
    theirs = _seconds_of_r(repeats)
    rows = {}
    for name, works in _works().items():
        taken: dict[str, list[float]] = {who: [] for who in works}
        for work in works.values():
            work()
        for _ in range(repeats):
            for who, work in works.items():
                taken[who].append(_seconds(work))
        seconds = {who: statistics.median(values) for who, values in taken.items()}
        note = [] if "PyMARE" in works else [SUBSETS_DIFFER]
        expression, part = _R_CALLS[name]
        if expression is None:
            note.append("metafor: over a minute, not run")
        elif name in theirs and part < 1:
            note.append(f"metafor: {part:.1%} of the work, scaled up")
        rows[name] = Row({who: seconds.get(who) for who in WHO[:3]} | {"metafor": theirs.get(name)}, "; ".join(note))
    return rows


def _seconds(work: Callable[[], object]) -> float:
    """Return processor seconds of one call, from as many calls as fill `LONG_ENOUGH`."""
    calls, start = 0, time.process_time()
    while (passed := time.process_time() - start) < LONG_ENOUGH:
        work()
        calls += 1
    return passed / calls


def _works() -> dict[str, dict[str, Callable[[], object]]]:
    """Return row -> who -> the work to be timed."""
    works: dict[str, dict[str, Callable[[], object]]] = {}
    names = list(_R_CALLS)
    for name, k in zip(names[:2], (100, 1000), strict=True):
        works[name] = _one_fit(*invented_effects(k)[:2])
    for name, k in zip(names[2:4], (100, 1000), strict=True):
        works[name] = _left_out(*invented_effects(k)[:2])
    yi, vi, _ = invented_effects(1000)
    works[names[4]] = _left_out(yi, vi) | {
        "ours": lambda: influence(yi, vi, method="REML", ci_method="wald", design=None)
    }
    works[names[5]] = _permuted(*invented_effects(50))
    works[names[6]] = _bootstrapped(*invented_effects(50)[:2])
    for name, method in zip(names[7:], ("REML", "DL"), strict=True):
        works[name] = _subsets(*invented_effects(20)[:2], method=method)
    return works


def _one_fit(yi: np.ndarray, vi: np.ndarray) -> dict[str, Callable[[], object]]:
    return {
        "ours": lambda: weighted_fit(yi, vi, tau2=tau2(yi, vi, method="REML").tau2),
        "floor": lambda: fisher_scoring(yi[None], vi[None]),
        "PyMARE": lambda: _pymare(yi[:, None], vi[:, None]),
    }


def _left_out(yi: np.ndarray, vi: np.ndarray) -> dict[str, Callable[[], object]]:
    k = yi.size
    others = np.array([np.delete(np.arange(k), i) for i in range(k)])
    settings = {"ci_method": "wald", "level": 0.95, "i2_definition": "from_tau2"}
    return {
        "ours": lambda: leave_each_out(yi, vi, method="REML", **settings),
        "floor": lambda: fisher_scoring(yi[others], vi[others]),
        "PyMARE": lambda: _pymare(yi[others].T, vi[others].T),
    }


def _permuted(yi: np.ndarray, vi: np.ndarray, x: np.ndarray) -> dict[str, Callable[[], object]]:
    design = np.column_stack([np.ones(x.size), x])
    settings = {"method_tau2": "REML", "ci_method": "wald", "exact": False, "permutations": MANY, "seed": SEED}
    draw = np.random.Generator(np.random.PCG64(SEED))
    orders = draw.permuted(np.tile(np.arange(x.size), (MANY, 1)), axis=1)
    return {
        "ours": lambda: permutation_test(yi, vi, design=design, **settings),
        "floor": lambda: fisher_scoring(yi[None], vi[None], x=x[orders]),
        # One design for all sets: effects and variances trade places instead of the moderator.
        "PyMARE": lambda: _pymare(yi[orders].T, vi[orders].T, design),
    }


def _bootstrapped(yi: np.ndarray, vi: np.ndarray) -> dict[str, Callable[[], object]]:
    settings = {"kind": "parametric", "method": "REML", "replicates": MANY, "level": 0.95, "seed": SEED}
    draw = np.random.Generator(np.random.PCG64(SEED))
    drawn = draw.normal(0.3, np.sqrt(vi + 0.1), size=(MANY, vi.size))
    return {
        "ours": lambda: bootstrap(yi, vi, **settings),
        "floor": lambda: fisher_scoring(drawn, vi[None]),
        "PyMARE": lambda: _pymare(drawn.T, np.broadcast_to(vi, drawn.shape).T),
    }


def _subsets(yi: np.ndarray, vi: np.ndarray, *, method: str) -> dict[str, Callable[[], object]]:
    included = random_subsets(yi.size, number=SUBSETS, seed=SEED)
    floor = fisher_scoring if method == "REML" else closed_form_dl
    return {
        "ours": lambda: gosh(yi, vi, method=method, maximum_subsets=SUBSETS, seed=SEED),
        "floor": lambda: floor(yi[None], vi[None], included=included),
    }


def _pymare(yi: np.ndarray, vi: np.ndarray, design: np.ndarray | None = None) -> object:
    """Return PyMARE's REML fit of the columns of yi and vi, shape (k, b)."""
    from pymare.estimators import VarianceBasedLikelihoodEstimator

    options = {"weight_scheme": "individual", "rho": None, "small_sample_correction": "wald"}
    engine = VarianceBasedLikelihoodEstimator(method="reml", **options, xtol=1e-6, ftol=1e-12, maxiter=50)
    return engine.fit(y=yi, v=vi, X=np.ones((len(yi), 1)) if design is None else design, g=None)


def _seconds_of_r(repeats: int) -> dict[str, float]:
    """Return row -> processor seconds that metafor takes or would take; nothing where it is not there."""
    program = shutil.which("Rscript")
    if program is None:
        return {}
    calls = [
        f'cat("{name}", timed(function() {expression}), "\\n", sep = "|")'
        for name, (expression, _) in _R_CALLS.items()
        if expression
    ]
    with tempfile.TemporaryDirectory(prefix="repool-") as folder:
        for k in (20, 50, 100, 1000):
            path = Path(folder) / f"rows{k}.csv"
            table = np.column_stack(invented_effects(k))
            np.savetxt(path, table, delimiter=",", header="y,v,x", comments="", fmt="%.15g")
        script = _R.format(repeats=repeats, calls="\n".join(calls))
        done = subprocess.run([program, "-e", script], cwd=folder, capture_output=True, text=True, check=False)
    lines = [line.split("|") for line in done.stdout.splitlines() if line.count("|") >= 2]
    return {name: float(seconds) / _R_CALLS[name][1] for name, seconds, *_ in lines} if done.returncode == 0 else {}


def report(rows: Mapping[str, Row]) -> str:
    """Return the times as a table: milliseconds of this package, and its time as a multiple of each other's."""
    lines = [
        "Models: milliseconds of this package, and its time as a multiple of that of plain numpy, PyMARE and metafor",
        f"{'':<30}{'ms':>9}{'numpy':>9}{'PyMARE':>9}{'metafor':>9}",
    ]
    for name, row in rows.items():
        ours = row.seconds["ours"]
        cells = [f"{1000 * ours:>9.2f}"]
        for who in WHO[1:]:
            other = row.seconds[who]
            cells.append(f"{ours / other:>9.2g}" if other else f"{'':>9}")
        lines.append(f"{name:<30}" + "".join(cells) + (f"  {row.note}" if row.note else ""))
    return "\n".join(lines)
