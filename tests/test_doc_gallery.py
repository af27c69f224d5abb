"""The gallery shows every kind of figure that can be asked for once, in the words of the committed results."""

import csv
import re
from pathlib import Path

import pytest

from commands.doc_gallery import escaped, gallery_page, kinds, shown_figures
from repool.schemas import schema

ROOT = Path(__file__).resolve().parents[1]
PAGE = gallery_page(ROOT, schema("review"))
KINDS = [*kinds(schema("review"), "draw_review"), *kinds(schema("review"), "draw")]
#: The preset that no figure of `draw` has; the forest plots of most examples have it.
OWN = "repool"


def entry_of(name):
    """Return the part of the page under the heading of a kind."""
    (part,) = [part for part in PAGE.split("\n### ")[1:] if part.startswith(f"`{name}`")]
    return part.split("\n## ")[0]


def test_every_kind_of_the_settings_has_one_entry():
    assert len(KINDS) > 20
    assert sorted(re.findall(r"^### `(\w+)`$", PAGE, flags=re.MULTILINE)) == sorted([OWN, *KINDS])


@pytest.mark.parametrize("name", KINDS)
def test_kind_is_drawn_by_a_committed_review_and_told_in_its_words(name):
    (path,) = set(re.findall(r"\]\(\.\./(\S+?\.svg)\)", entry_of(name)))
    file = ROOT / path
    assert file.stem == name
    assert "<svg" in file.read_text(encoding="utf-8")
    with (file.parent / "figures.csv").open(encoding="utf-8", newline="") as handle:
        (row,) = [row for row in csv.DictReader(handle) if row["figure"] == name]
    # Markdown's marks taken away again; no alternative text has a backslash of its own.
    assert f"> {row['alternative']}" in entry_of(name).replace("\\", "")


def test_own_look_of_the_forest_plot_is_shown_in_the_words_of_its_file():
    (path,) = set(re.findall(r"\]\(\.\./(\S+?\.svg)\)", entry_of(OWN)))
    assert path == "examples/bcg/results/analyses/bcg_rr/forest.svg"
    # What the tutorial tells of the pooled result.
    assert "0.49 [0.33 to 0.73]" in entry_of(OWN).replace("\\", "")


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def review(root, *, plan, figures):
    """Write a review with only what the gallery reads: its plan and (analysis, figure, is_drawn) of its figures."""
    write(root / "config/analyses.csv", "\n".join(["analysis", *plan]) + "\n")
    write(root / "config/review.yaml", "figures: {preset: jama}\n")
    (root / "results").mkdir()
    for analysis, figure, is_drawn in figures:
        folder = root / "results/analyses" / analysis / "figures"
        write(
            folder / "figures.csv", f"figure,is_drawn,tables,alternative,note\n{figure},{is_drawn},a.csv,{analysis},\n"
        )
        if is_drawn == "yes":
            write(folder / f"{figure}.svg", "<svg/>")


def test_first_planned_analysis_shows_a_figure(tmp_path):
    review(tmp_path, plan=["second", "first"], figures=[("first", "funnel", "yes"), ("second", "funnel", "yes")])
    assert shown_figures(tmp_path)["funnel"].alternative == "second"


def test_examples_come_before_the_shipped_review(tmp_path):
    review(tmp_path, plan=["shipped"], figures=[("shipped", "funnel", "yes")])
    review(tmp_path / "examples/small", plan=["small"], figures=[("small", "funnel", "yes")])
    assert shown_figures(tmp_path)["funnel"].review == "examples/small"


def test_figure_that_had_nothing_to_draw_is_not_shown(tmp_path):
    review(tmp_path, plan=["one", "two"], figures=[("one", "funnel", "no"), ("two", "funnel", "yes")])
    assert shown_figures(tmp_path)["funnel"].alternative == "two"


def test_forest_plot_of_another_preset_is_not_taken_for_our_own(tmp_path):
    review(tmp_path, plan=["one"], figures=[])
    write(tmp_path / "results/analyses/one/forest.svg", "<svg/>")
    assert list(shown_figures(tmp_path)) == ["jama"]


def test_kind_that_no_review_draws_is_named_as_such(tmp_path):
    page = gallery_page(tmp_path, schema("review"))
    assert page.count("No committed review draws it.") == len(KINDS) + 1


def test_words_from_data_are_no_markdown():
    assert escaped("a [b](c)\n<i> *d* e_f `g` |h #1") == r"a \[b\](c) \<i\> \*d\* e\_f \`g\` \|h \#1"
