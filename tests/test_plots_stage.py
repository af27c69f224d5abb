"""The figures that a review asks for: drawn from its tables, listed with what they show, or with why they are not."""

import csv
import io

import pandas as pd
import pytest

from commands.reproduce import results_in
from repool import door
from repool.figures.plots.kinds import TABLES, tables_of
from repool.report.terms import FIGURES
from repool.schemas import schema
from repool.stages.plots import DRAW, plot_files, plot_words, read_tables

LABELS = {"title": "Invented", "measure": "OR", "higher_is_better": True}
STYLE = {
    "width_cm": 12, "font_size": 8, "colour_square": "#1f4e79", "colour_diamond": "#1f4e79",
    "colour_prediction": "#b36a00", "png_dpi": 72,
}  # fmt: skip
ARMS = {"arm1": "peers", "arm2": "usual care"}
SAME_RESULT = pd.DataFrame(
    {
        "analysis": "demo", "ladder_step": "as_reported", "reading": "preferred", "measure": "OR", "level": 0.95,
        "choice": ["headline", "model"], "option": ["reml", "common"], "k": [3.0, 3.0], "estimate": [0.5, 0.4],
        "ci_lb": [0.1, 0.2], "ci_ub": [0.9, 0.6], "side": "above", "same_side": "yes", "difference_in_se": [0.0, -0.5],
        "note": "",
    }
)  # fmt: skip


def files_of(names, formats=("svg",), **tables):
    return plot_files(tables, names=names, formats=formats, labels=LABELS, arms=ARMS, level=0.95, style=STYLE)


def listed(found):
    return list(csv.DictReader(io.StringIO(found["figures.csv"].decode())))


def test_every_figure_of_the_schema_is_drawn_and_has_its_tables_and_its_name():
    allowed = schema("review")["properties"]["figures"]["properties"]["draw"]["items"]["enum"]
    assert set(allowed) == set(DRAW) == set(TABLES) == set(FIGURES)


def test_figure_is_listed_with_its_tables_and_what_it_shows():
    found = files_of(["same_result"], same_result=SAME_RESULT)
    assert set(found) == {"same_result.svg", "figures.csv"}
    (row,) = listed(found)
    assert (row["is_drawn"], row["tables"]) == ("yes", "same_result.csv")
    # exp(0.5) is 1.65: the headline, as a ratio.
    assert "1.65" in row["alternative"] and b"1.65" in found["same_result.svg"]


def test_figure_without_rows_says_why_and_is_no_file():
    found = files_of(["same_result"], same_result=SAME_RESULT.iloc[:0])
    (row,) = listed(found)
    assert set(found) == {"figures.csv"} and row["is_drawn"] == "no" and row["note"]


def test_tiff_has_no_transparency_and_is_packed():
    from PIL import Image

    found = files_of(["same_result"], ("tiff",), same_result=SAME_RESULT)
    with Image.open(io.BytesIO(found["same_result.tiff"])) as picture:
        assert (picture.mode, picture.info["compression"]) == ("RGB", "tiff_lzw")
    assert found == files_of(["same_result"], ("tiff",), same_result=SAME_RESULT)


@pytest.mark.parametrize(
    ("higher_is_better", "low", "high"),
    [(True, "Favours usual care", "Favours peers"), (False, "Favours peers", "Favours usual care")],
)
def test_side_that_favours_arm_1_follows_the_outcome(higher_is_better, low, high):
    words = plot_words(LABELS | {"higher_is_better": higher_is_better}, ARMS, level=0.95)
    assert (words.favours_low, words.favours_high, words.is_ratio) == (low, high, True)


def test_proportion_favours_nobody():
    words = plot_words(LABELS | {"measure": "PLO"}, ARMS, level=0.95)
    assert (words.favours_low, words.favours_high) == ("", "")


def test_tables_are_asked_for_once():
    assert tables_of(["specification", "same_result", "ladder"]) == ["pooled", "same_result"]


def test_moderator_in_words_and_study_named_by_a_number_stay_words(tmp_path):
    (tmp_path / "effects.csv").write_text("study_id,yi,vi,allocation\n2001,0.5,0.1,random\n", encoding="utf-8")
    (tmp_path / "pooled.csv").write_text("model,estimate,note\n1,0.5,\n", encoding="utf-8")
    tables = read_tables(tmp_path.as_posix(), ["orchard"])
    assert tables["effects"].loc[0].to_dict() == {"study_id": "2001", "yi": 0.5, "vi": 0.1, "allocation": "random"}
    assert tables["pooled"].loc[0].to_dict() == {"model": "1", "estimate": 0.5, "note": ""}


def test_hidden_time_stamp_beside_the_figures_is_no_result(tmp_path):
    folder = tmp_path / "results" / "analyses" / "demo" / "figures"
    folder.mkdir(parents=True)
    for name in ("funnel.svg", ".snakemake_timestamp"):
        (folder / name).write_text("", encoding="utf-8")
    drawn = "results/analyses/demo/figures/funnel.svg"
    assert list(door.result_hashes(tmp_path)) == list(results_in(tmp_path)) == [drawn]
