"""The edit battery: after each edit of a review, its settings or the code, exactly the jobs run that it touches.

The real Snakefile runs on a small invented review, started as `run.py run` starts it; the edits stand in
rerun_stories.py.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from rerun_rows import ANALYSES, CONVERT, ESTIMATOR, EVERYTHING, HARMONISE, NOTHING, STATISTICS, STUDY_C, Row, pooled
from rerun_stories import STORIES
from rerun_tools import House, Run, differing, told_jobs

pytestmark = pytest.mark.slow

POOL = "workflow/scripts/pool_effects.py"
FAULT = """    if snakemake.wildcards.analysis == "retention_rr":
        raise ValueError("the fault of this test")
"""
#: Set when nobody waits for the stories any more.
ABANDONED = threading.Event()
#: What else is tried, by name.
SCENES: dict[str, Callable[[House, Path], None]] = {}


@dataclass(frozen=True)
class Outcome:
    """What came of a row: the run, the results after it, and differences from those they should equal."""

    run: Run
    results: dict[str, bytes]
    different: list[str]


def play(rows: list[Row], house: House) -> dict[str, Outcome]:
    """Do the edits of a story one after the other; a story that cannot go on ends early."""
    states = {"start": house.results()}
    told: dict[str, Outcome] = {}
    for number, row in enumerate(rows):
        row.edit(house)
        run = house.run()
        states[row.name] = house.results()
        different = differing(states[row.name], states[row.as_after]) if row.as_after else []
        if row.as_from_nothing and run.code == 0:
            fresh = house.from_nothing(house.folder.with_name(f"{house.folder.name}_{number}"))
            different += differing(states[row.name], fresh.results())
        told[row.name] = Outcome(run, states[row.name], different)
        if run.code or ABANDONED.is_set():
            break
    return told


def scene(play_it: Callable[[House, Path], None]) -> Callable[[House, Path], None]:
    """Register what is tried; it gets a complete run to copy, and a folder."""
    SCENES[play_it.__name__] = play_it
    return play_it


@scene
def fresh_clone_takes_committed_results_over(base, folder):
    house = base.copy(folder / "house")
    house.forget()
    house.shuffle_time_stamps()
    first = house.run()
    assert (first.code, first.jobs) == (0, NOTHING)
    assert "taking them over" in first.out
    assert house.run().jobs == NOTHING
    house.set_cell(STUDY_C, "c-2", "events_arm1", "70")
    assert house.run().jobs == {HARMONISE, CONVERT} | pooled("retention_rr")
    house.replace(*STATISTICS)
    assert house.run().jobs == pooled(*ANALYSES)


@scene
def fresh_clone_with_other_results_rebuilds_them_whatever_the_time_stamps(base, folder):
    house = base.copy(folder / "house")
    house.forget()
    house.set_cell(STUDY_C, "c-2", "events_arm1", "70")
    house.touch("results")
    assert house.run().jobs == EVERYTHING


@scene
def results_restored_by_git_are_not_taken_for_current_ones(base, folder):
    house, committed = base.copy(folder / "house"), base.results()
    house.set_cell(STUDY_C, "c-2", "events_arm1", "70")
    house.run()
    current = house.results()
    house.restore(committed)
    assert house.run().jobs == {HARMONISE, CONVERT} | pooled("retention_rr")
    assert differing(house.results(), current) == []


@scene
def another_branch_with_its_own_results_is_taken_over(base, folder):
    house, committed = base.copy(folder / "house"), base.files("results", "data")
    house.set_cell(STUDY_C, "c-2", "events_arm1", "70")
    house.run()
    house.restore(committed)
    back = house.run()
    assert (back.code, back.jobs) == (0, NOTHING)
    house.set_cell(STUDY_C, "c-2", "events_arm1", "70")
    assert house.run().jobs == {HARMONISE, CONVERT} | pooled("retention_rr")


@scene
def run_killed_half_way_goes_on_and_ends_with_the_same_bytes(base, folder):
    house = base.copy(folder / "house")
    house.forget()
    house.delete("results")
    house.run_until_killed("results/logs/pool_effects")
    assert any(house.path(".snakemake/locks").iterdir())
    done = house.run()
    assert "going on from there" in done.out
    assert done.jobs == EVERYTHING - {HARMONISE, CONVERT}
    assert differing(house.results(), base.results()) == []


@scene
def rerun_killed_half_way_ends_with_the_bytes_of_an_undisturbed_one(base, folder):
    house = base.copy(folder / "house")
    house.delete("results/logs")
    house.replace(*ESTIMATOR)
    house.run_until_killed("results/logs/pool_effects")
    house.write("results/effects/.study_a.csv.1.part", "result_id,study")
    done = house.run()
    assert done.code == 0, done.out + done.err
    undisturbed = base.copy(folder / "undisturbed")
    undisturbed.replace(*ESTIMATOR)
    undisturbed.run()
    assert differing(house.results(), undisturbed.results()) == []


@scene
def failing_analysis_leaves_the_others_finished(base, folder):
    house, committed = base.copy(folder / "house"), base.results()
    healthy = house.path(POOL).read_text(encoding="utf-8")
    house.set_cell("data/extraction/study_a.csv", "a-1", "events_arm1", "34")
    house.append(POOL, FAULT)
    failing = house.run()
    assert failing.code == 1
    others = [analysis for analysis in ANALYSES if analysis != "retention_rr"]
    later = {f"{rule} {analysis}" for rule in ("examine_pool", "draw_forest") for analysis in others}
    assert failing.jobs == {HARMONISE, CONVERT} | {f"pool_effects {analysis}" for analysis in ANALYSES} | later
    assert "pool_effects retention_rr failed.\nthe fault of this test\n" in failing.err
    assert "Traceback" not in failing.err
    assert "git -C" in failing.err or "git checkout" in failing.err
    assert "checkout -- results/analyses/retention_rr\n" in failing.err

    house.restore({name: content for name, content in committed.items() if "/retention_rr/" in name})
    house.write(POOL, healthy)
    assert house.run().code == 0
    undisturbed = base.copy(folder / "undisturbed")
    undisturbed.set_cell("data/extraction/study_a.csv", "a-1", "events_arm1", "34")
    undisturbed.run()
    assert differing(house.results(), undisturbed.results()) == []
    assert differing(house.results(), committed) != []


@scene
def lock_of_a_living_run_is_respected(base, folder):
    house = base.copy(folder / "house")
    house.set_cell(STUDY_C, "c-2", "events_arm1", "70")
    first = house.start()
    house.wait_for(".snakemake/locks", process=first)
    # Not house.run(), whose account of logs would count the jobs of the first run.
    second = house.start()
    out, err = second.communicate()
    assert (second.returncode, told_jobs(out)) == (1, [])
    assert "Another run is at work" in err
    first.communicate()
    assert first.returncode == 0


@scene
def dry_run_explains_each_job_and_writes_nothing(base, folder):
    house = base.copy(folder / "house")
    house.set_cell(STUDY_C, "c-2", "events_arm1", "70")
    before = house.time_stamps("config", "data", "results")
    dry = house.run("-n")
    assert dry.code == 0
    assert dry.jobs == EVERYTHING
    told = {line[2:60].strip(): line[60:].strip() for line in dry.out.splitlines() if line.startswith("  ")}
    assert told[HARMONISE] == "changed: study_c.csv"
    later = "only if an earlier step changes what it reads"
    assert {words for job, words in told.items() if job != HARMONISE} == {later}
    assert house.time_stamps("config", "data", "results") == before


@scene
def dry_run_of_a_fresh_clone_takes_nothing_over(base, folder):
    house = base.copy(folder / "house")
    house.forget()
    before = house.time_stamps("config", "data", "results")
    dry = house.run("-n")
    assert (dry.code, dry.jobs) == (0, NOTHING)
    assert house.time_stamps("config", "data", "results") == before


@pytest.fixture(scope="session")
def told(request, base, tmp_path_factory):
    """What came, as futures by name, of the stories and scenes that this session asks for; two run at a time."""
    folder = tmp_path_factory.mktemp("told")
    asked = {item.callspec.params.get("name") for item in request.session.items if hasattr(item, "callspec")}
    stories = [name for name in STORIES if name in asked]
    scenes = [name for name in SCENES if name in asked]
    with ThreadPoolExecutor(max_workers=2) as pool:
        futures = {name: pool.submit(play, STORIES[name], base.copy(folder / name)) for name in stories}
        yield futures | {name: pool.submit(SCENES[name], base, folder / name) for name in scenes}
        ABANDONED.set()
        pool.shutdown(cancel_futures=True)


ROWS = [pytest.param(name, row, id=row.name.replace(" ", "-")) for name, rows in STORIES.items() for row in rows]


def test_stories_start_beside_the_other_tests(told, base):
    """The first test of a session (conftest.py): from here on the stories use the core that the others leave idle."""
    assert "results/provenance.json" in base.results(), "the run that all stories start from is not complete"


@pytest.mark.parametrize(("name", "row"), ROWS)
def test_edit_reruns_exactly_what_it_touches(name, row, told):
    outcomes = told[name].result()
    assert row.name in outcomes, f"the story ended before, at {list(outcomes)[-1]}"
    outcome = outcomes[row.name]
    assert outcome.run.code == 0, outcome.run.out + outcome.run.err
    assert sorted(outcome.run.jobs) == sorted(row.runs), row.why
    assert ("Nothing to do" in outcome.run.out) == (not row.runs)
    assert outcome.different == []


@pytest.mark.parametrize("name", SCENES)
def test_run(name, told):
    told[name].result()
