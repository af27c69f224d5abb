"""Writing only what changed, whole or not at all; cells as text."""

import math
import os

import numpy as np
import pytest

from repool import files


def test_same_bytes_leave_the_file_and_its_time_alone(tmp_path):
    path = tmp_path / "a" / "table.csv"
    assert files.write_if_changed(path, "x\n")
    os.utime(path, (1, 1))
    assert not files.write_if_changed(path, "x\n")
    assert path.stat().st_mtime == 1
    assert files.write_if_changed(path, "y\n") and path.read_text() == "y\n"


def test_no_draft_is_left_behind(tmp_path):
    files.write_if_changed(tmp_path / "table.csv", "x\n")
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""), (math.nan, ""), (np.float64("nan"), ""), (True, "yes"), (False, "no"), ("NA", "NA"),
        (3, "3"), (3.0, "3"), (np.int64(40), "40"), (0.1 + 0.2, "0.3"), (1 / 3, "0.333333333333333"),
        (1e-20, "1e-20"), (math.inf, "Inf"), (-math.inf, "-Inf"),
    ],
)  # fmt: skip
def test_cell(value, text):
    assert files.cell_text(value) == text


def test_a_study_called_na_stays_text(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(
        files.csv_text([{"study_id": "NA", "yi": 0.5}, {"study_id": "007", "yi": None}], columns=["study_id", "yi"])
    )
    frame = files.read_frame(path, numbers=["yi"])
    assert list(frame["study_id"]) == ["NA", "007"]
    assert frame["yi"].iloc[0] == 0.5 and math.isnan(frame["yi"].iloc[1])


def test_stale_files_and_folders_go_and_others_stay(tmp_path):
    for name in ("keep.csv", "old.csv", "note.txt"):
        (tmp_path / name).write_text("x")
    assert files.remove_others(tmp_path, ["results/keep.csv"], pattern="*.csv") == ["old.csv"]
    (tmp_path / "gone").mkdir()
    (tmp_path / "here").mkdir()
    assert files.remove_folders(tmp_path, ["here"]) == ["gone"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["here", "keep.csv", "note.txt"]


def test_what_nobody_asks_for_any_longer_goes_by_its_whole_path(tmp_path):
    for name in ("figures/a.svg", "analyses/one/figures/a.svg", "analyses/two/figures/a.svg", "report.docx", "b.docx"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    patterns = ["figures", "analyses/*/figures", "report.docx"]
    gone = files.remove_unasked(tmp_path, patterns, asked=[f"{tmp_path}/analyses/one/figures"])
    assert gone == ["analyses/two/figures", "figures", "report.docx"]
    left = [path.relative_to(tmp_path).as_posix() for path in sorted(tmp_path.rglob("*")) if path.is_file()]
    assert left == ["analyses/one/figures/a.svg", "b.docx"]
