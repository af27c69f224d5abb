"""The rows of the edit battery: each an edit, and the exact set of jobs that should run after it.

The rows of a story are edits of one folder, one after the other; so each also says that the run before it left
nothing undone. What is expected follows from what each stage reads, not from what a run was seen to do.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from rerun_tools import House

ANALYSES = ("abstinence_or", "days_of_use_smd", "retention_rr")
NOTHING: frozenset[str] = frozenset()
HARMONISE, CONVERT, REPORT, RECORD = "harmonise_results", "convert_results", "write_report", "record_provenance"
STUDY_C = "data/extraction/study_c.csv"
ESTIMATORS, HETEROGENEITY = (f"workflow/scripts/repool/pooling/{name}.py" for name in ("estimators", "heterogeneity"))
#: An edit of a formula: file, what stands there, what comes instead.
STATISTICS = (HETEROGENEITY, "100.0 * tau2 / (tau2", "100.0 * tau2 / (1.01 * tau2")


def drawn(*analyses: str) -> set[str]:
    """Return the jobs that follow when the plots of some analyses change."""
    return {f"draw_forest {analysis}" for analysis in analyses} | {REPORT, RECORD}


def pooled(*analyses: str) -> set[str]:
    """Return the jobs that follow when the effects of some analyses change."""
    return {f"pool_effects {analysis}" for analysis in analyses} | drawn(*analyses)


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


def edit_docstring(house: House) -> None:
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
        "data/studies.csv", f"{study},{study},Erle 2024,2024,rct,no,Nowhere,100,,usual_care,included,,,numeric,none\n"
    )


def delete_study(house: House) -> None:
    house.path("data/extraction/study_d.csv").unlink()
    house.delete_rows("data/studies.csv", "study_d")


def rename_study(house: House) -> None:
    house.path("data/extraction/study_f.csv").rename(house.path("data/extraction/study_z.csv"))
    house.set_cell("data/studies.csv", "study_f", "study_id", "study_z")


def add_analysis(house: House) -> None:
    row = 'abstinence_rr,"Abstinence, as risk ratio",sensitivity,abstinence,RR,rct,usual_care,,6,1,12,leave_out,,,x\n'
    house.append("config/analyses.csv", row)


UNTOUCHED = [
    Row("nothing changed", lambda house: None, NOTHING, "nothing to do"),
    Row("one file touched", lambda house: house.touch(STUDY_C), NOTHING, "content counts, not clocks"),
    Row("a module touched", lambda house: house.touch(ESTIMATORS), NOTHING, "content counts, not clocks"),
    Row(
        "all files touched",
        lambda house: house.touch("config", "data", "workflow", "Snakefile", "run.py", "requirements.lock"),
        NOTHING,
        "content counts, not clocks",
    ),
    Row(
        "a comment in statistics code",
        lambda house: house.append(ESTIMATORS, "# A comment.\n"),
        NOTHING,
        "comments are no part of the digest",
    ),
    Row("a docstring in statistics code", edit_docstring, NOTHING, "docstrings are no part of the digest"),
    Row("a number edited and put back", edit_and_revert, NOTHING, "the bytes are those of the last run"),
]
DATA = [
    Row(
        "a number edited",
        lambda house: house.set_cell(STUDY_C, "c-2", "events_arm1", "70"),
        {HARMONISE, CONVERT} | pooled("retention_rr"),
        "study_c is in two analyses, the number in one",
        as_from_nothing=True,
    ),
    Row(
        "the number put back after a run",
        lambda house: house.set_cell(STUDY_C, "c-2", "events_arm1", "71"),
        {HARMONISE, CONVERT} | pooled("retention_rr"),
        "as before, the other way",
        as_after="start",
    ),
    Row(
        "only a note edited",
        lambda house: house.set_cell(STUDY_C, "c-2", "note", "read twice"),
        {HARMONISE, RECORD},
        "the first stage reads the file and finds no other result; the record holds the file's hash",
    ),
    Row(
        "content changed with an old time stamp",
        edit_with_old_time_stamp,
        {HARMONISE, CONVERT} | pooled("days_of_use_smd"),
        "hashes see what time stamps hide",
    ),
    Row(
        "rows reordered",
        lambda house: house.reverse_rows("data/extraction/study_a.csv"),
        {HARMONISE, RECORD},
        "only the list of line numbers changes, which no later stage reads",
        as_from_nothing=True,
    ),
    Row(
        "rows of the studies reordered",
        lambda house: house.reverse_rows("data/studies.csv"),
        {HARMONISE, REPORT, RECORD},
        "two stages read the table; neither comes to another result",
    ),
    Row(
        "a study added to one analysis",
        lambda house: add_study(house, "study_h", "study_d"),
        {HARMONISE, CONVERT} | pooled("retention_rr"),
        "the study has results for one analysis",
    ),
    Row(
        "a study added to two analyses",
        lambda house: add_study(house, "study_i", "study_c"),
        {HARMONISE, CONVERT} | pooled("abstinence_or", "retention_rr"),
        "the study has results for two analyses",
    ),
    Row(
        "a study deleted",
        delete_study,
        {HARMONISE, CONVERT} | pooled("retention_rr"),
        "the study was in one analysis",
        as_from_nothing=True,
    ),
    Row(
        "a study renamed",
        rename_study,
        {HARMONISE, CONVERT} | pooled("abstinence_or"),
        "tables of its one analysis name the study",
        as_from_nothing=True,
    ),
]
PLAN = [
    Row(
        "the model of one analysis changed",
        lambda house: house.set_cell("config/analyses.csv", "retention_rr", "primary_model", "dl_wald"),
        pooled("retention_rr"),
        "the model is a parameter of pooling that one analysis",
    ),
    Row(
        "the tau2 estimator changed for all",
        lambda house: house.replace("config/review.yaml", "method_tau2: REML", "method_tau2: ML"),
        pooled(*ANALYSES),
        "every analysis is pooled by every model",
    ),
    Row(
        "the figure style changed",
        lambda house: house.replace("config/review.yaml", "#b36a00", "#b36a01"),
        drawn(*ANALYSES),
        "a colour pools nothing",
    ),
    Row(
        "the title of one analysis changed",
        lambda house: house.set_cell("config/analyses.csv", "retention_rr", "title", "Retention"),
        drawn("retention_rr"),
        "the title stands in its plot and in the report",
    ),
    Row(
        "the question reworded",
        lambda house: house.replace("config/review.yaml", "Does the invented", "How well does the invented"),
        {REPORT, RECORD},
        "only the report prints the question",
    ),
    Row(
        "an analysis added",
        add_analysis,
        {CONVERT} | pooled("abstinence_rr"),
        "effects are chosen for it, it is pooled and drawn; the others stay as they are",
    ),
    Row(
        "the analysis removed",
        lambda house: house.delete_rows("config/analyses.csv", "abstinence_rr"),
        {CONVERT, REPORT, RECORD},
        "its folder goes, and its place in the report",
        as_after="the question reworded",
    ),
]
CODE = [
    Row(
        "figure code changed",
        lambda house: house.replace("workflow/scripts/repool/stages/draw.py", '"Odds ratio"', '"Ratio of odds"'),
        drawn(*ANALYSES),
        "what draws is not what pools",
    ),
    Row(
        "statistics code changed",
        lambda house: house.replace(*STATISTICS),
        pooled(*ANALYSES),
        "all analyses are pooled by this module, and nothing else uses it",
    ),
    Row(
        "the conversion formula of one measure changed",
        lambda house: house.replace(
            "workflow/scripts/repool/effects/effect_sizes.py", "g**2 / (2 * (n1 + n2))", "g**2 / (2 * (n1 + n2 - 2))"
        ),
        {CONVERT} | pooled("days_of_use_smd"),
        "all effects are computed again, and those of one analysis come out different",
    ),
]
LOST = [
    Row(
        "an effect table of a study deleted",
        lambda house: house.path("results/effects/study_a.csv").unlink(),
        {CONVERT, RECORD},
        "it comes out as it was",
        as_after="start",
    ),
    Row(
        "an effect table of an analysis deleted",
        lambda house: house.path("results/analyses/abstinence_or/effects.csv").unlink(),
        {CONVERT, RECORD},
        "it comes out as it was",
        as_after="start",
    ),
    Row(
        "a pooled file deleted",
        lambda house: house.path("results/analyses/abstinence_or/pooled.csv").unlink(),
        pooled("abstinence_or"),
        "pooling writes all its files, and what reads them follows",
        as_after="start",
    ),
    Row(
        "the ledger deleted",
        lambda house: house.path("results/harmonised/ledger.csv").unlink(),
        {HARMONISE, RECORD},
        "it comes out as it was",
        as_after="start",
    ),
    Row(
        "the list of studies as read deleted",
        lambda house: house.path("results/checks/studies.csv").unlink(),
        {HARMONISE, RECORD},
        "it comes out as it was",
        as_after="start",
    ),
    Row(
        "a result edited by hand",
        lambda house: house.append("results/analyses/abstinence_or/pooled.csv", "x\n"),
        pooled("abstinence_or"),
        "no run wrote it so: it is made again",
        as_after="start",
    ),
]
STORIES = {"data": DATA, "plan": PLAN, "code": CODE, "lost": LOST, "untouched": UNTOUCHED}
