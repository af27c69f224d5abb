"""The way in on disk: a review is opened or refused as a whole; results are not touched."""

import csv

import pytest
from tiny_review import FILES

from repool import door
from repool.problems import COLUMNS, ReviewError

PROBLEMS = "results/checks/problems.csv"
ADAMS = "data/extraction/adams2001.csv"


@pytest.fixture
def folder(tmp_path):
    """Return a folder with the tiny review in it."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def edit(folder, name, old, new):
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")


def files_in(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def listed(folder):
    with (folder / PROBLEMS).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_good_review_is_opened_and_nothing_is_written(folder):
    before = files_in(folder)
    assert door.open_review(folder).problems == []
    assert files_in(folder) == before


def test_refused_review_writes_every_problem_and_nothing_else(folder):
    result = folder / "results" / "report.html"
    result.parent.mkdir()
    result.write_text("old")
    edit(folder, ADAMS, "20,15", "50,43")
    before = files_in(folder)
    with pytest.raises(ReviewError) as refusal:
        door.open_review(folder)
    assert len(refusal.value.problems) == 2
    after = files_in(folder)
    assert {name for name in after if after[name] != before.get(name)} == {PROBLEMS}
    rows = listed(folder)
    assert list(rows[0]) == COLUMNS
    assert [(row["rule"], row["line"], row["column"]) for row in rows] == [
        ("C13", "2", "events_arm1"),
        ("C13", "2", "events_arm2"),
    ]


def test_refusal_reads_as_a_message_and_counts(folder):
    edit(folder, ADAMS, "20,15", "50,15")
    with pytest.raises(ReviewError) as refusal:
        door.open_review(folder)
    assert str(refusal.value) == (
        'data/extraction/adams2001.csv, line 2, column "events_arm1" (a1)\n'
        "  found     50\n"
        "  problem   more people with the outcome (50) than people (40)\n"
        "  expected  a whole number from 0 to 40\n"
        "  to fix    Compare with the paper; the two may be swapped.\n"
        "  rule      C13  docs/checks.md\n"
        "\n"
        "1 problem must be fixed, 0 need a look. Nothing was analysed."
    )


def test_edit_that_is_refused_and_undone_leaves_the_list_as_it_was(folder):
    """An undone edit changes no input, so that no job would write the list again."""
    clean = (",".join(COLUMNS) + "\n").encode()
    (folder / PROBLEMS).parent.mkdir(parents=True)
    (folder / PROBLEMS).write_bytes(clean)
    edit(folder, ADAMS, "20,15", "50,15")
    with pytest.raises(ReviewError):
        door.open_review(folder)
    assert listed(folder) != []
    edit(folder, ADAMS, "50,15", "20,15")
    door.open_review(folder)
    assert (folder / PROBLEMS).read_bytes() == clean


def test_folder_that_does_not_exist_is_not_made(tmp_path):
    with pytest.raises(ReviewError) as refusal:
        door.open_review(tmp_path / "typo")
    assert [p.rule for p in refusal.value.problems] == ["R00"]
    assert not (tmp_path / "typo").exists()


def test_folder_without_a_review_is_left_alone(tmp_path):
    (tmp_path / "thesis.docx").write_text("x")
    with pytest.raises(ReviewError):
        door.open_review(tmp_path)
    assert set(files_in(tmp_path)) == {"thesis.docx"}


def test_spreadsheet_among_the_extraction_files_is_refused_and_other_files_are_not(folder):
    (folder / "data/extraction/clark2003.xlsx").write_bytes(b"PK\x03\x04")
    (folder / "data/extraction/.DS_Store").write_bytes(b"\0")
    (folder / "data/extraction/README.md").write_text("notes")
    with pytest.raises(ReviewError) as refusal:
        door.open_review(folder)
    (problem,) = refusal.value.problems
    assert (problem.rule, problem.file) == ("R11", "data/extraction/clark2003.xlsx")


def test_settings_that_refuse_name_their_line(folder):
    edit(folder, "config/review.yaml", "  level: 0.95", "  level: 95")
    with pytest.raises(ReviewError) as refusal:
        door.open_review(folder)
    (problem,) = refusal.value.problems
    text = (folder / "config/review.yaml").read_text(encoding="utf-8")
    assert text.split("\n")[problem.line - 1] == "  level: 95"


def test_hashes_follow_content_and_not_names_of_folders(folder, tmp_path_factory):
    first = door.hashes(folder, door.PATTERNS)
    assert list(first) == sorted(first)
    assert set(first) == set(FILES)
    edit(folder, ADAMS, "20,15", "21,15")
    changed = door.hashes(folder, door.PATTERNS)
    assert {name for name in first if first[name] != changed[name]} == {ADAMS}


@pytest.mark.parametrize("name", ["page.html.j2", "page.js", "look.mplstyle"])
def test_record_of_the_code_knows_what_the_code_reads(tmp_path, monkeypatch, name):
    monkeypatch.setattr(door, "SCHEMAS", tmp_path / "workflow" / "schemas")
    folder = tmp_path / "workflow" / "scripts"
    resource = folder / "repool" / "report" / name
    resource.parent.mkdir(parents=True)
    (folder / "write.py").write_text("made = 1\n")
    for plain in ("Snakefile", "requirements.lock"):
        (tmp_path / plain).write_text("")
    resource.write_text("one")
    before = door.code_record(folder)
    resource.write_text("other")
    after = door.code_record(folder)
    assert [key for key in before if before[key] != after[key]] == ["workflow/scripts/write.py"]
