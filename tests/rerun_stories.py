"""The rows of the edit battery: each an edit, and the exact set of jobs that should run after it.

The rows of a story are edits of one folder, one after the other; so each also says that the run before it left
nothing undone. What is expected follows from what each stage reads, not from what a run was seen to do.
"""

from __future__ import annotations

from rerun_rows import (
    ANALYSES,
    CONVERT,
    ESTIMATORS,
    HARMONISE,
    NOTHING,
    RECORD,
    REPORT,
    SMD_VARIANCE,
    STATISTICS,
    STUDY_C,
    Row,
    add_analysis,
    add_study,
    delete_study,
    drawn,
    edit_and_revert,
    edit_docstring,
    edit_with_old_time_stamp,
    pooled,
    rename_study,
)
from rerun_tools import House

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
        "only the reason of an acknowledged warning edited",
        lambda house: house.replace("data/acknowledged.csv", "no intracluster", "still no intracluster"),
        {HARMONISE, REPORT, RECORD},
        "the list of problems and the report hold the reason; no number depends on it",
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
        lambda house: house.replace(
            "workflow/scripts/repool/stages/draw.py",
            "measure_label=title[:1].upper() + title[1:]",
            "measure_label=title",
        ),
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
        lambda house: house.replace(*SMD_VARIANCE),
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
#: Edits made together before one run. Snakemake judges jobs behind a checkpoint anew once that has run, and must
#: not forget on the way what else has changed for them.
PAIRS = [
    ("only a note edited", "the figure style changed"),
    ("rows reordered", "the model of one analysis changed"),
    ("a pooled file deleted", "content changed with an old time stamp"),
    ("the conversion formula of one measure changed", "the title of one analysis changed"),
    ("a number edited", "an effect table of a study deleted"),
    ("rows of the studies reordered", "statistics code changed"),
    ("an analysis added", "the question reworded"),
]


def together(first: str, second: str) -> Row:
    """Return two rows as one: what runs is what either runs."""
    rows = {row.name: row for row in [*DATA, *PLAN, *CODE, *LOST]}
    one, other = rows[first], rows[second]

    def edit(house: House) -> None:
        one.edit(house)
        other.edit(house)

    # The last pair ends a chain of all of them: its results stand for every one before.
    is_last = (first, second) == PAIRS[-1]
    return Row(f"{first}, {second}", edit, one.runs | other.runs, f"{one.why}; {other.why}", as_from_nothing=is_last)


STORIES = {
    "data": DATA,
    "together": [together(*pair) for pair in PAIRS],
    "plan": PLAN,
    "code": CODE,
    "lost": LOST,
    "untouched": UNTOUCHED,
}
