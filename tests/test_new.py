"""A review of one's own: from nothing to a report with two edited files."""

import csv
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from commands import check, new
from repool import door
from repool.extraction.specification import columns_of
from repool.problems import ReviewError
from repool.schemas import schema

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def folder(tmp_path):
    """Return the folder of a new review."""
    assert new.main(["--review", str(tmp_path / "mine")]) == 0
    return tmp_path / "mine"


def fill_in(folder):
    """Edit two files, as the README of a new review says."""
    studies = folder / "data/studies.csv"
    studies.write_text(studies.read_text(encoding="utf-8").replace("My Study", "Adams 2001"))
    extraction = folder / "data/extraction/my_study.csv"
    header = extraction.read_text(encoding="utf-8").strip().split(",")
    typed = {
        **{"result_id": "my_study-01", "outcome": "abstinent at follow-up", "time": "6"},
        **{"time_unit": "months", "outcome_source": "self_report", "comparator": "usual_care"},
        **{"condition_arm1": "service", "condition_arm2": "usual care", "n_arm1": "40"},
        **{"n_arm2": "42", "events_arm1": "20", "events_arm2": "15"},
        **{"source": "invented", "locator": "table 2"},
    }
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, header, lineterminator="\n")
    writer.writeheader()
    writer.writerow(typed)
    extraction.write_text(buffer.getvalue(), encoding="utf-8")


def test_new_review_has_every_file(folder):
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert found == {
        *("README.md", "config/review.yaml", "config/analyses.csv", "config/vocabulary.csv"),
        *("data/studies.csv", "data/votes.csv", "data/acknowledged.csv", "data/extraction/my_study.csv"),
        *("data/risk_of_bias.csv", "data/prisma.csv", "data/summary_of_findings.csv", "data/deviations.csv"),
    }


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("data/extraction/my_study.csv", "extraction"),
        ("data/studies.csv", "studies"),
        ("data/votes.csv", "votes"),
        ("data/acknowledged.csv", "acknowledged"),
        ("data/risk_of_bias.csv", "risk_of_bias"),
        ("data/prisma.csv", "prisma"),
        ("data/summary_of_findings.csv", "summary_of_findings"),
        ("data/deviations.csv", "deviations"),
        ("config/vocabulary.csv", "vocabulary"),
        ("config/analyses.csv", "analyses"),
    ],
)
def test_tables_have_every_column_of_their_specification(folder, file, name):
    header = (folder / file).read_text(encoding="utf-8").split("\n")[0]
    assert header.split(",") == [column.name for column in columns_of(schema(name))]


def test_new_review_misses_results_and_nothing_else(folder):
    with pytest.raises(ReviewError) as refusal:
        door.open_review(folder)
    assert [problem.rule for problem in refusal.value.problems] == ["R12"]


def test_two_edited_files_make_a_review(folder):
    fill_in(folder)
    review = door.open_review(folder)
    assert review.problems == []
    assert review.extraction["my_study"][0]["events_arm1"] == 20.0


@pytest.mark.slow
def test_two_edited_files_make_a_report(folder):
    fill_in(folder)
    words = [sys.executable, "-P", ROOT / "workflow/commands/review.py", "--review", folder]
    paths = os.pathsep.join([str(ROOT / "workflow/scripts"), str(ROOT / "workflow")])
    run = subprocess.run(
        [str(word) for word in [*words, "--cores", 1]],
        env=os.environ | {"PYTHONPATH": paths, "MPLBACKEND": "Agg"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "Adams 2001" in (folder / "results/report.html").read_text(encoding="utf-8")
    with (folder / "results/analyses/abstinence_rct/pooled.csv").open(encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    # One study: nothing to pool, and the table says so.
    assert {row["verdict"] for row in rows} == {"not_pooled"}
    assert {row["k"] for row in rows} == {"1"}


def paths_in(part, above=""):
    """Yield the path of every key of a written schema, items of lists and free names left out."""
    for name, inner in part.get("properties", {}).items():
        yield f"{above}{name}"
        yield from paths_in(inner, f"{above}{name}.")
        for deeper in (inner.get("items", {}), inner.get("additionalProperties")):
            if isinstance(deeper, dict):
                yield from paths_in(deeper, f"{above}{name}.")


@pytest.mark.parametrize("path", list(paths_in(schema("review"))))
def test_every_key_of_the_blank_settings_has_a_comment(path):
    """The key's name stands in a comment, or on a line below one at the same place."""
    name = path.rpartition(".")[2]
    lines = (ROOT / "examples/template/config/review.yaml").read_text(encoding="utf-8").split("\n")
    named = [n for n, line in enumerate(lines) if f"{name}:" in line]
    assert named, f"{path} stands nowhere"
    # A run of keys may share the comment above its first.
    above = [n for n in range(max(0, named[0] - 3), named[0] + 1) if "#" in lines[n]]
    assert above, f"{path} in line {named[0] + 1} has no comment"


def test_blank_settings_use_every_route_and_assumption_of_the_software():
    from repool.assumptions import ASSUMPTIONS
    from repool.effects.route_catalogue import CATALOGUE

    text = (ROOT / "examples/template/config/review.yaml").read_text(encoding="utf-8")
    settings = yaml.safe_load(text)
    assert sorted(settings["conversion"]["route_order"]) == sorted(CATALOGUE)
    admitted = [word for step in settings["ladder"] for word in step["assumptions"]]
    assert sorted(admitted) == sorted(ASSUMPTIONS)


def test_folder_that_is_not_empty_is_left_alone(tmp_path, capsys):
    (tmp_path / "thesis.txt").write_text("x")
    assert new.main(["--review", str(tmp_path)]) == 1
    assert "is not empty; nothing was written" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_file_and_missing_name_are_refused(tmp_path, capsys):
    (tmp_path / "file").write_text("x")
    assert new.main(["--review", str(tmp_path / "file")]) == 1
    assert new.main([]) == 1
    said = capsys.readouterr().err
    assert "is a file" in said
    assert "no folder is named. Name a new folder: make new REVIEW=path" in said


def test_empty_folder_is_used(tmp_path):
    assert new.main(["--review", str(tmp_path)]) == 0
    assert (tmp_path / "config/review.yaml").is_file()


def test_folder_that_cannot_be_made_is_said_plainly(tmp_path, capsys):
    (tmp_path / "file").write_text("x")
    assert new.main(["--review", str(tmp_path / "file" / "below")]) == 1
    assert "could not be written" in capsys.readouterr().err


def test_check_says_what_is_missing_and_writes_the_list_alone(folder, capsys):
    before = {path for path in folder.rglob("*") if path.is_file()}
    assert check.main(["--review", str(folder)]) == 1
    said = capsys.readouterr().out
    assert "no result is typed in yet" in said
    assert said.endswith("1 error, 0 warnings need a look, 0 acknowledged. Nothing can be analysed before.\n")
    after = {path for path in folder.rglob("*") if path.is_file()}
    assert after - before == {folder / "results/checks/problems.csv"}


def test_check_of_a_good_review_prints_its_warnings_and_writes_nothing(folder, capsys):
    fill_in(folder)
    table = folder / "data/extraction/my_study.csv"
    text = table.read_text(encoding="utf-8")
    header, row, _ = text.split("\n")
    cells = dict(zip(header.split(","), row.split(","), strict=True))
    # 20 of 40 is 50 %, not 51.4 %.
    cells["percent_arm1"] = "51.4"
    table.write_text(f"{header}\n{','.join(cells.values())}\n", encoding="utf-8")
    assert check.main(["--review", str(folder)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("Needs a look:\n\ndata/extraction/my_study.csv, line 2, column")
    assert said.endswith("0 errors, 1 warning needs a look, 0 acknowledged. The review can be analysed.\n")
    assert not (folder / "results").exists()
