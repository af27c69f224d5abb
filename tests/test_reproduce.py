"""`run.py reproduce` on the small review: it agrees with itself, and finds whatever was changed."""

from __future__ import annotations

import csv
import re
import shutil

import pytest

from repool.compare import EXACT, class_of

pytestmark = pytest.mark.slow

EFFECTS_A, EFFECTS_C = (f"results/effects/study_{letter}.csv" for letter in "ac")
FOLDER = "results/analyses/abstinence_or"
POOLED = f"{FOLDER}/pooled.csv"
#: Columns with fractions that are typed or set, never computed.
TYPED = {"level", "found", "limit", "alpha", "agreement", "contour_level", "contour_effect", "risk_arm2", "add"}


def reproduce(house, scratch):
    scratch.mkdir()
    process = house.start(cores=2, command="reproduce", TMPDIR=str(scratch))
    out, err = process.communicate()
    return process.returncode, out, err


def move(house, name, row, column, relative):
    """Multiply one number of a results table by 1 + relative; the row is the first that holds some words."""
    with house.path(name).open(encoding="utf-8", newline="") as handle:
        header, *rows = csv.reader(handle)
    found = next(cells for cells in rows if set(row) <= set(cells))
    place = header.index(column)
    found[place] = repr(float(found[place]) * (1 + relative))
    with house.path(name).open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows([header, *rows])


def test_committed_results_come_out_again(base, tmp_path):
    house = base.copy(tmp_path / "house")
    code, out, err = reproduce(house, tmp_path / "scratch")
    assert (code, err) == (0, "")
    files = len(house.results())
    assert re.search(rf"^all +{files} +{files} +0 +0$", out, re.MULTILINE)
    assert "The committed results come out again." in out
    assert not re.search(r"(?<![\w*.])/\w", out), "a path of this machine"
    assert list((tmp_path / "scratch").iterdir()) == []


def test_every_change_is_found_and_judged_by_its_class(base, tmp_path):
    house = base.copy(tmp_path / "house")
    reml, dl = ("as_reported", "preferred", "reml_knapp_hartung"), ("as_reported", "preferred", "dl_wald")
    # A count, a closed form by 1e-9 and iterative numbers by 1e-5 are beyond their tolerances (0, 1e-10, 1e-6) ...
    move(house, POOLED, dl, "k", 1 / 3)
    move(house, POOLED, dl, "estimate", 1e-9)
    move(house, POOLED, reml, "tau2", 1e-5)
    move(house, EFFECTS_A, ("a-1", "OR"), "yi", 1e-9)
    # ... and these within.
    move(house, POOLED, reml, "ci_ub", 1e-8)
    move(house, EFFECTS_C, ("c-1", "OR"), "vi", 1e-12)
    house.path(f"{FOLDER}/selection.csv").unlink()
    house.write("results/tables/of_old.csv", "analysis\n")
    picture = house.path(f"{FOLDER}/forest.png")
    picture.write_bytes(picture.read_bytes()[:-1] + b"?")
    house.append("results/report.html", "<!-- by hand -->\n")

    code, out, err = reproduce(house, tmp_path / "scratch")
    assert code == 1
    found = out[out.index(" differences:") :].splitlines()[2:]
    pooled = [re.split(r"  +", line)[2] for line in found if line.startswith(POOLED)]
    assert sorted(pooled) == ["estimate", "k", "tau2"]
    others = sorted(line.split(" ")[0] for line in found if not line.startswith(POOLED))
    changed = [f"{FOLDER}/forest.png", f"{FOLDER}/selection.csv", EFFECTS_A]
    assert others == [*changed, "results/report.html", "results/tables/of_old.csv"]
    assert "Equal within tolerance only: closed form, cells: 1" in out
    assert "Equal within tolerance only: iterative, cells: 1" in out
    (kept,) = (tmp_path / "scratch").iterdir()
    assert f"What was rebuilt is kept in {kept}" in err


def test_examples_are_rebuilt_with_the_shipped_review(base, tmp_path):
    house = base.copy(tmp_path / "house")
    example = house.path("examples/second")
    for part in ("config", "data", "results"):
        shutil.copytree(house.path(part), example / part)
    house.path("examples/without_results").mkdir()
    move(house, f"examples/second/{POOLED}", ("as_reported", "preferred", "dl_wald"), "k", 1 / 3)
    code, out, err = reproduce(house, tmp_path / "scratch")
    first, _, second = out.partition("\nsecond\n")
    assert code == 1
    assert "The committed results come out again." in first
    assert "1 difference:" in second
    assert "without_results" not in out + err


def test_review_without_results_has_nothing_to_compare(base, tmp_path):
    house = base.copy(tmp_path / "house")
    house.delete("results")
    code, out, err = reproduce(house, tmp_path / "scratch")
    assert (code, out) == (1, "")
    assert "no results to compare with" in err


def test_every_computed_column_has_a_class(base):
    """A fraction that is compared as text would fail on another machine for its last digit."""
    for name in sorted(name for name in base.results() if name.endswith(".csv") and "/harmonised/" not in name):
        with base.path(name).open(encoding="utf-8", newline="") as handle:
            for row in csv.DictReader(handle):
                fractions = {column for column, cell in row.items() if re.fullmatch(r"-?\d*\.\d+", cell)}
                assert {column for column in fractions if class_of(column, row) == EXACT} <= TYPED, name
