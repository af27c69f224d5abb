"""The rows of the edit battery: each an edit, and the exact set of jobs that should run after it.

The rows of a story are edits of one folder, one after the other; so each also says that the run before it left
nothing undone. What is expected follows from what each stage reads, not from what a run was seen to do.
"""

from __future__ import annotations

from rerun_choices import CODE, EXAMINED, PLAN, WORD
from rerun_rows import (
    CONVERT,
    HARMONISE,
    NOTHING,
    RATINGS,
    RECORD,
    REPORTED,
    STUDY_C,
    Row,
    add_study,
    delete_study,
    drawn,
    edit_and_revert,
    edit_with_old_time_stamp,
    edit_words_in_code,
    examined,
    pooled,
    rename_study,
)
from rerun_tools import House

UNTOUCHED = [
    Row("nothing changed", lambda house: None, NOTHING, "nothing to do"),
    Row(
        "all files touched",
        lambda house: house.touch("config", "data", "workflow", "Snakefile", "run.py", "requirements.lock"),
        NOTHING,
        "content counts, not clocks",
    ),
    Row("comments and a docstring in statistics code", edit_words_in_code, NOTHING, "they are no part of the digest"),
    Row("a number edited and put back", edit_and_revert, NOTHING, "the bytes are those of the last run"),
]
DATA = [
    Row(
        "a number edited",
        lambda house: house.set_cell(STUDY_C, "c-2", "events_arm1", "70"),
        {HARMONISE, CONVERT} | pooled("retention_rr"),
        "study_c is in two analyses, the number in one",
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
        {HARMONISE} | REPORTED,
        "the list of problems and the report hold the reason; no number depends on it",
    ),
    Row(
        "a judgement on one domain edited",
        lambda house: house.set_cell(RATINGS, "study_c", "D1", "Some concerns"),
        {HARMONISE, CONVERT} | drawn("abstinence_or", "retention_rr"),
        "the plots of the study's two analyses show it; the examination asks for the whole alone",
    ),
    Row(
        "a judgement on a whole study edited",
        lambda house: house.set_cell(RATINGS, "study_e", "Overall", "Some concerns"),
        {HARMONISE, CONVERT} | examined("days_of_use_smd") | drawn("days_of_use_smd"),
        "the one analysis of the study shows it beside the effect and the direction",
    ),
    Row(
        "a comment on a judgement edited",
        lambda house: house.set_cell(RATINGS, "Birke 2013", "Comment", "allocation is not told"),
        {HARMONISE, CONVERT} | drawn("abstinence_or"),
        "it stands beside the judgement in the tables of risk of bias, of which plots are made",
    ),
    Row(
        "a number of the flow of studies corrected",
        lambda house: house.set_cell("data/prisma.csv", "other_excluded", "n", "Wrong population, 3"),
        REPORTED,
        "all sums hold as before, so no list of problems changes; the report shows the flow",
    ),
    Row(
        "a number of the flow that is now in doubt",
        lambda house: house.set_cell("data/prisma.csv", "new_studies", "n", "5"),
        {HARMONISE} | REPORTED,
        "the list of problems and the report show the doubt",
    ),
    Row(
        "the doubt acknowledged",
        lambda house: house.append("data/acknowledged.csv", "P04,,new_studies,n,one is a pilot,XY,\n"),
        {HARMONISE} | REPORTED,
        "the list of problems and the report hold the reason",
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
    ),
    Row(
        "rows of the studies reordered",
        lambda house: house.reverse_rows("data/studies.csv"),
        {HARMONISE} | REPORTED,
        "two stages read the table; neither comes to another result",
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
    ),
    Row(
        "a study renamed",
        rename_study,
        {HARMONISE, CONVERT} | pooled("abstinence_or"),
        "tables of its one analysis name the study",
        as_from_nothing=True,
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
        "a verdict edited by hand",
        lambda house: house.append("results/analyses/abstinence_or/verdict.csv", "x\n"),
        examined("abstinence_or"),
        "no run wrote it so: the examination is made again, and with it the report",
        as_after="start",
    ),
    Row(
        "the workbook edited by hand",
        lambda house: house.path("results/tables.xlsx").write_bytes(b"x"),
        {"write_workbook", RECORD},
        "no run wrote it so: it is made again, from tables that stand",
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
SETS = [
    ("only a note edited", "the figure style changed", "a limit of the verdict changed"),
    ("rows reordered", "the model of one analysis changed", "a vote changed"),
    ("a pooled file deleted", "content changed with an old time stamp"),
    ("a number edited", "an effect table of a study deleted"),
    ("rows of the studies reordered", "statistics code changed"),
    ("an analysis added", "the question reworded"),
]


def together(*names: str) -> Row:
    """Return several rows as one: what runs is what any of them runs."""
    rows = {row.name: row for row in [*DATA, *PLAN, *EXAMINED, *CODE, *LOST]}
    parts = [rows[name] for name in names]

    def edit(house: House) -> None:
        for part in parts:
            part.edit(house)

    runs = frozenset().union(*(part.runs for part in parts))
    # The last set ends a chain of all of them: its results stand for every one before.
    return Row(", ".join(names), edit, runs, "; ".join(part.why for part in parts), as_from_nothing=names == SETS[-1])


STORIES = {
    "data": DATA,
    "together": [together(*names) for names in SETS],
    "plan": PLAN,
    "word": WORD,
    "examined": EXAMINED,
    "code": CODE,
    "lost": LOST,
    "untouched": UNTOUCHED,
}
