"""What a row of the edit battery is, the sets of jobs it may expect, and its longer edits."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from rerun_tools import House

ANALYSES = ("abstinence_or", "days_of_use_smd", "retention_rr")
NOTHING: frozenset[str] = frozenset()
HARMONISE, CONVERT, RECORD = "harmonise_results", "convert_results", "record_provenance"
#: What follows when the report changes: it, the workbook of its tables, and the record.
REPORTED = frozenset({"write_report", "write_workbook", RECORD})
STUDY_C, RATINGS = "data/extraction/study_c.csv", "data/risk_of_bias.csv"
SETTINGS, PLAN_TABLE = "config/review.yaml", "config/analyses.csv"
ESTIMATORS, HETEROGENEITY = (
    f"workflow/scripts/repool/pooling/models/{name}.py" for name in ("estimators", "heterogeneity")
)
#: An edit of a formula: file, what stands there, what comes instead.
SMD_VARIANCE = (
    "workflow/scripts/repool/effects/measures/standardised.py",
    "return g, base + g**2 / tail",
    "return g, base + 1.01 * g**2 / tail",
)
#: The module of one test for missing evidence: nothing but the examination uses it.
RANK_TEST = "workflow/scripts/repool/pooling/bias/rank_correlation.py"
#: Another estimator of the models, said where they are listed.
ESTIMATOR = (SETTINGS, "method_tau2: REML, ci_method", "method_tau2: ML, ci_method")
STATISTICS = (HETEROGENEITY, "100.0 * tau2 / (tau2", "100.0 * tau2 / (1.01 * tau2")


def drawn(*analyses: str) -> set[str]:
    """Return the jobs that follow when the plots of some analyses change."""
    return {f"draw_forest {analysis}" for analysis in analyses} | REPORTED


def examined(*analyses: str) -> set[str]:
    """Return the jobs that follow when some analyses are examined otherwise."""
    return {f"examine_pool {analysis}" for analysis in analyses} | REPORTED


def pooled(*analyses: str) -> set[str]:
    """Return the jobs that follow when the effects of some analyses change."""
    return {f"pool_effects {analysis}" for analysis in analyses} | examined(*analyses) | drawn(*analyses)


EVERYTHING = {HARMONISE, CONVERT} | pooled(*ANALYSES)


@dataclass(frozen=True)
class Row:
    """One edit of the battery.

    Parameters
    ----------
    name : str
        The edit in words.
    edit : callable
        Does it to a house.
    runs : set of str
        The jobs that should run, no more and no fewer.
    why : str
        Why just these.
    as_from_nothing : bool
        Whether the results are compared with those of a run from nothing.
    as_after : str
        Row of the story after which the results were the same, byte for byte; "start" is before all.
    """

    name: str
    edit: Callable[[House], object]
    runs: set[str] | frozenset[str]
    why: str
    as_from_nothing: bool = False
    as_after: str = ""


def edit_and_revert(house: House) -> None:
    house.set_cell(STUDY_C, "c-2", "events_arm1", "70")
    house.set_cell(STUDY_C, "c-2", "events_arm1", "71")


def edit_words_in_code(house: House) -> None:
    """Add a comment to what pools, one to what examines, and words to a docstring."""
    house.append(ESTIMATORS, "# A comment.\n")
    house.append(RANK_TEST, "# A comment.\n")
    text = house.path(HETEROGENEITY).read_text(encoding="utf-8")
    house.write(HETEROGENEITY, text.replace('"""', '"""Edited. ', 1))


def edit_with_old_time_stamp(house: House) -> None:
    path = house.path("data/extraction/study_e.csv")
    old = path.stat()
    house.set_cell("data/extraction/study_e.csv", "e-1", "mean_arm1", "8.3")
    os.utime(path, ns=(old.st_atime_ns, old.st_mtime_ns))


def add_study(house: House, study: str, copied_from: str) -> None:
    """Add a study with the results of another under names of its own."""
    text = house.path(f"data/extraction/{copied_from}.csv").read_text(encoding="utf-8")
    initial = copied_from[-1]
    house.write(f"data/extraction/{study}.csv", text.replace(f"\n{initial}-", f"\n{study[-1]}-"))
    house.append(
        "data/studies.csv",
        f"{study},{study},Erle 2024,2024,rct,no,Nowhere,100,,usual_care,included,,,numeric,none,street\n",
    )


def delete_study(house: House) -> None:
    house.path("data/extraction/study_d.csv").unlink()
    house.delete_rows("data/studies.csv", "study_d")
    house.delete_rows("data/acknowledged.csv", "R17")
    house.delete_rows(RATINGS, "Fichte 2017")


def rename_study(house: House) -> None:
    house.path("data/extraction/study_f.csv").rename(house.path("data/extraction/study_z.csv"))
    house.set_cell("data/studies.csv", "study_f", "study_id", "study_z")


def add_analysis(house: House) -> None:
    row = (
        'abstinence_rr,"Abstinence, as risk ratio",sensitivity,abstinence,RR,rct,usual_care,,6,1,12,leave_out,,,,,,x\n'
    )
    house.append(PLAN_TABLE, row)


def keep_all_effects(house: House) -> None:
    """Add a multilevel model, and an analysis with both effects of study_a, which only that may pool."""
    model = "    - {id: three_level, method_tau2: REML, ci_method: t, structure: three_level, rho: 0.5}\n"
    house.replace(SETTINGS, "  level: 0.95\n", f"{model}  level: 0.95\n")

    row = "abstinence_all,All of abstinence,sensitivity,abstinence,OR,rct,usual_care,,6,1,12,leave_out,,keep_all,"
    house.append(PLAN_TABLE, f"{row}three_level,,,x\n")
