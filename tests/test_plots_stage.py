"""The figures that a review asks for: drawn from its tables, listed with what they show, or with why they are not."""

import csv
import io
from xml.sax.saxutils import escape

import pandas as pd
import pytest
from forest_case import SUBGROUP_COLUMNS, two_studies

from commands.reproduce import results_in
from repool import door
from repool.figures.plots.kinds import FORESTS, TABLES, forest_tables, tables_of
from repool.report.terms import FIGURES
from repool.schemas import schema
from repool.stages.draw import forest_files
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


LADDER = [{"step": "as_reported", "title": "As reported", "assumptions": []}]
CHOICES = {
    "preset": "repool", "order": "study", "prediction": "bar", "models": "primary", "rows_per_page": "none",
    "risk_of_bias": False,
}  # fmt: skip


def files_of(names, formats=("svg",), **tables):
    return plot_files(
        tables, names=names, formats=formats, labels=LABELS, arms=ARMS, ladder=LADDER, level=0.95, style=STYLE,
        choices=CHOICES,
    )  # fmt: skip


def listed(found):
    return list(csv.DictReader(io.StringIO(found["figures.csv"].decode())))


def test_every_figure_of_the_schema_is_drawn_and_has_its_tables_and_its_name():
    figures = schema("review")["properties"]["figures"]["properties"]
    allowed = set(figures["draw"]["items"]["enum"])
    assert allowed == {*DRAW, *FORESTS} == {*TABLES, *FORESTS}
    assert allowed | set(figures["draw_review"]["items"]["enum"]) == set(FIGURES)


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
    names = ["specification", "same_result", "ladder"]
    assert tables_of(names, risk_of_bias=True) == ["pooled", "same_result"]


def test_a_forest_plot_asks_for_subgroups_and_judgements_only_where_it_shows_them():
    assert forest_tables("repool", risk_of_bias=False) == ("forest", "pooled", "effects")
    found = tables_of(["forest_revman5"], risk_of_bias=True)
    assert found == ["effects", "forest", "pooled", "risk_of_bias", "subgroups"]


def test_other_forest_plots_are_drawn_beside_the_own_one_and_listed():
    forest, pooled = two_studies()
    found = files_of(["forest_jama"], ("svg", "tiff"), forest=forest, pooled=pooled, effects=forest)
    (row,) = listed(found)
    assert set(found) == {"forest_jama.svg", "forest_jama.tiff", "figures.csv"}
    assert (row["is_drawn"], row["tables"]) == ("yes", "forest.csv; pooled.csv; effects.csv")
    # Study A of the case: odds ratio 2, interval 0.9 to 4, as JAMA writes it.
    assert "2.00 (0.90-4.00)" in row["alternative"] and b"2.00 (0.90-4.00)" in found["forest_jama.svg"]
    assert b">Source</text>" in found["forest_jama.svg"]


def test_without_subgroups_no_second_plot_of_the_ladder_is_drawn():
    forest, pooled = two_studies()
    subgroups = pd.DataFrame(columns=SUBGROUP_COLUMNS)
    found = files_of(["forest_subgroup"], forest=forest, pooled=pooled, effects=forest, subgroups=subgroups)
    (row,) = listed(found)
    assert set(found) == {"figures.csv"} and row["is_drawn"] == "no" and "no subgroups" in row["note"]


def test_the_forest_plot_has_the_words_of_the_review():
    forest, pooled = two_studies()
    tables = {"forest": forest, "pooled": pooled, "effects": forest}
    found = forest_files(
        tables, labels=LABELS, arms=ARMS, ladder=LADDER, level=0.95, style=STYLE, choices=CHOICES,
        formats=["svg", "pdf", "png"],
    )  # fmt: skip
    assert list(found) == ["svg", "pdf", "png"]
    words = found["svg"].decode()
    for expected in (
        ">As reported</text>",
        ">Invented</text>",
        "Favours peers →",
        "← Favours usual care",
        ">Odds ratio",
    ):
        assert expected in words


def test_a_figure_in_svg_describes_itself():
    found = files_of(["same_result"], same_result=SAME_RESULT)
    (row,) = listed(found)
    assert f"<desc>{escape(row['alternative'])}</desc>".encode() in found["same_result.svg"]


def test_moderator_in_words_and_study_named_by_a_number_stay_words(tmp_path):
    (tmp_path / "effects.csv").write_text("study_id,yi,vi,allocation\n2001,0.5,0.1,random\n", encoding="utf-8")
    (tmp_path / "pooled.csv").write_text("model,estimate,note\n1,0.5,\n", encoding="utf-8")
    tables = read_tables(tmp_path.as_posix(), ["orchard"], risk_of_bias=False)
    assert tables["effects"].loc[0].to_dict() == {"study_id": "2001", "yi": 0.5, "vi": 0.1, "allocation": "random"}
    assert tables["pooled"].loc[0].to_dict() == {"model": "1", "estimate": 0.5, "note": ""}


def test_hidden_time_stamp_beside_the_figures_is_no_result(tmp_path):
    folder = tmp_path / "results" / "analyses" / "demo" / "figures"
    folder.mkdir(parents=True)
    for name in ("funnel.svg", ".snakemake_timestamp"):
        (folder / name).write_text("", encoding="utf-8")
    drawn = "results/analyses/demo/figures/funnel.svg"
    assert list(door.result_hashes(tmp_path)) == list(results_in(tmp_path)) == [drawn]
