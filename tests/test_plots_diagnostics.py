"""Funnel, radial, Baujat, influence and bubble plots show the numbers of their tables."""

import math
from itertools import combinations

import numpy as np
import pandas as pd
import plots_diagnostic_case as cases
import pytest
from forest_picture import artists, texts_drawn
from matplotlib.colors import to_hex, to_rgb

from repool.figures.plots.baujat import draw_baujat
from repool.figures.plots.bubble import draw_bubble
from repool.figures.plots.funnel import draw_funnel
from repool.figures.plots.influence import MEASURES, draw_influence
from repool.figures.plots.radial import draw_radial


def places(artist):
    """Return the coordinates of a line or of scattered points, one row per point."""
    if hasattr(artist, "get_offsets"):
        return np.asarray(artist.get_offsets())
    return np.column_stack([artist.get_xdata(), artist.get_ydata()])


def funnel_of(table, mean=None, **others):
    return draw_funnel(table, cases.pooled() if mean is None else mean, words=cases.words(**others), style=cases.STYLE)


def test_funnel_points_stand_at_effect_and_standard_error_with_precise_studies_on_top():
    table = cases.funnel()
    found = artists(funnel_of(table).figure)
    assert (
        places(found["studies"]).tolist() == table.loc[table["element"] == "effect", ["yi", "se"]].to_numpy().tolist()
    )
    bottom, top = found["plot"].get_ylim()
    assert bottom > table["se"].max()
    assert top == 0


def test_funnel_areas_follow_the_quantiles_of_the_normal_distribution():
    found = artists(funnel_of(cases.funnel()).figure)
    # Two-sided p = 0.05 and 0.1: 1.959964 and 1.644854 standard errors (tables of the normal distribution).
    for gid, quantile in (("area-0.05", 1.959964), ("area-0.1", 1.644854)):
        (left, foot), (middle, tip), (right, _) = found[gid].get_xy()[:3]
        assert (middle, tip) == (0, 0)
        assert (left / foot, right / foot) == pytest.approx((-quantile, quantile))
    # Grey copies must tell the areas apart: the middle is white, the next area darkest.
    greys = [np.mean(to_rgb(found[gid].get_facecolor())) for gid in ("area-0.1", "area-0.05", "area-outside")]
    assert greys[0] == 1
    assert greys[1] < greys[2] - 0.1 < 0.9


def test_funnel_shows_the_pooled_estimate_and_hollow_imputed_studies():
    plot = funnel_of(cases.funnel(filled=2))
    found = artists(plot.figure)
    assert set(found["pooled"].get_xdata()) == {-0.5}
    assert places(found["filled"]).tolist() == [[1.0, 0.2], [2.0, 0.2]]
    assert to_hex(found["filled"].get_markerfacecolor()) == "#ffffff"
    # exp(-0.5) = 0.6065, exp(-0.696) = 0.4986 and exp(-0.304) = 0.7379, from a table of exponentials.
    assert "0.61 (95 % interval 0.50 to 0.74)" in plot.alternative
    assert "2 of 3 effects on or outside the line p = 0.05" in plot.alternative
    assert "a second part" not in plot.alternative
    assert "2 mirror images" in plot.alternative


def test_funnel_of_proportions_has_no_areas_and_says_so():
    plot = funnel_of(cases.funnel(), measure="PLO", favours_low="", favours_high="")
    assert not [gid for gid in artists(plot.figure) if gid.startswith("area-")]
    assert "no value that means no effect" in plot.note


def test_numbers_of_points_lead_to_the_names_in_the_key():
    found = artists(funnel_of(cases.funnel()).figure)
    assert [found[f"study-{i}-number"].get_text() for i in range(3)] == ["1", "2", "3"]
    assert found["key-1"].get_text() == "Study 0"
    assert found["key-3"].get_text() == "Study 2"


def test_where_nothing_was_pooled_there_is_no_line():
    plot = funnel_of(cases.funnel(), cases.pooled().assign(verdict="not_pooled"))
    assert "pooled" not in artists(plot.figure)
    assert "pooled" not in plot.alternative


def test_numbers_of_points_in_one_place_stand_apart_and_are_led_to_it():
    table = cases.funnel(8, filled=0)
    table.loc[table["element"] == "effect", ["yi", "se"]] = [-0.4, 0.2]
    figure = funnel_of(table).figure
    figure.set_dpi(72)
    numbers = {text.get_gid(): box for text, box in texts_drawn(figure) if str(text.get_gid()).endswith("-number")}
    assert len(numbers) == 8
    for one, other in combinations(numbers.values(), 2):
        # So much room that 1 and 6 are not read as 16: more than a third of the font's 6.9 points. Digits have no
        # descenders, so the boxes of numbers above each other may share 3 points.
        assert max(one.x0 - other.x1, other.x0 - one.x1) > 2.3 or max(one.y0 - other.y1, other.y0 - one.y1) > -3
    assert any(str(gid).endswith("-leader") for gid in artists(figure))


def test_more_points_than_a_reader_can_follow_have_no_numbers():
    found = artists(funnel_of(cases.funnel(41)).figure)
    assert "study-0-number" not in found
    assert "more than 40" in found["note-0"].get_text()


def test_radial_points_are_effects_in_standard_errors_over_precision():
    effects = pd.DataFrame({"study_id": ["a", "b"], "label": ["A", "B"], "yi": [0.4, -0.3], "sei": [0.2, 0.1]})
    plot = draw_radial(effects, cases.pooled(-0.5), words=cases.words(), style=cases.STYLE)
    found = artists(plot.figure)
    # 1 / 0.2 = 5 and 0.4 / 0.2 = 2; 1 / 0.1 = 10 and -0.3 / 0.1 = -3.
    assert places(found["studies"]) == pytest.approx(np.array([[5, 2], [10, -3]]))
    for gid, slope in (("line-0", -0.25), ("line-1", -0.5)):
        (start, origin), (end, height) = places(found[gid])
        assert (start, origin) == (0, 0)
        assert height / end == pytest.approx(slope)
    assert found["line-0"].get_linestyle() != found["line-1"].get_linestyle()
    # The band is 1.959964 wide on both sides of the line; at precision 0 the line is at 0.
    edges = found["band"].get_paths()[0].vertices
    assert set(np.round(edges[edges[:, 0] == 0][:, 1], 5)) == {-1.95996, 1.95996}


def test_radial_scale_reads_the_slope_at_the_right_end():
    effects = pd.DataFrame({"study_id": ["a"], "label": ["A"], "yi": [0.4], "sei": [0.2]})
    plot = draw_radial(effects, cases.pooled(), words=cases.words("SMD"), style=cases.STYLE)
    found = artists(plot.figure)
    right = found["plot"].get_xlim()[1]
    assert found["effect-scale"].get_ylim() == pytest.approx([end / right for end in found["plot"].get_ylim()])


def test_baujat_marks_the_influential_study_by_shape():
    table = cases.influence(4)
    plot = draw_baujat(table, words=cases.words(), style=cases.STYLE)
    found = artists(plot.figure)
    columns = ["baujat_heterogeneity", "baujat_pull"]
    assert places(found["studies"]).tolist() == table.loc[:2, columns].to_numpy().tolist()
    assert places(found["influential"]).tolist() == table.loc[3:, columns].to_numpy().tolist()
    assert found["studies"].get_marker() != found["influential"].get_marker()
    assert "Influential by the usual limits: Study 3." in plot.alternative


def test_of_many_studies_baujat_numbers_the_influential_one_by_its_place():
    found = artists(draw_baujat(cases.influence(60), words=cases.words(), style=cases.STYLE).figure)
    assert [gid for gid in found if gid.endswith("-number")] == ["study-59-number"]
    assert found["study-59-number"].get_text() == "60"
    assert found["key-60"].get_text() == "Study 59"


@pytest.mark.parametrize("width", [8.9, 18])
def test_every_panel_of_influence_shows_its_column(width):
    table = cases.influence(5)
    found = artists(draw_influence(table, words=cases.words(), style=cases.style(width)).figure)
    for column, _, neutral in MEASURES:
        assert found[f"{column}-line"].get_ydata().tolist() == table[column].tolist()
        assert places(found[f"{column}-influential"]).tolist() == [[5, table[column].iloc[4]]]
        assert (f"{column}-neutral" in found) == (neutral is not None)
    assert found["cov_r-neutral"].get_ydata()[0] == 1  # a ratio of 1 is no influence


def test_a_table_that_names_no_influence_is_not_read_as_none():
    table = cases.influence(3).assign(is_influential="")
    assert "does not say" in draw_influence(table, words=cases.words(), style=cases.STYLE).alternative


def test_bubbles_stand_over_the_moderator_with_areas_by_weight():
    table = cases.bubble(4)
    found = artists(draw_bubble(table, words=cases.words(), style=cases.STYLE).figure)
    sizes = {tuple(at): size for at, size in zip(places(found["studies"]), found["studies"].get_sizes(), strict=True)}
    studies = table[table["row"] == "effect"]
    assert set(sizes) == set(zip(studies["x"], studies["yi"], strict=True))
    by_weight = {row.weight_percent: sizes[(row.x, row.yi)] for row in studies.itertuples()}
    assert by_weight[40.0] / by_weight[10.0] == pytest.approx(4)


def test_bubble_line_with_its_interval_and_prediction_limits():
    plot = draw_bubble(cases.bubble(3), words=cases.words(), style=cases.STYLE)
    found = artists(plot.figure)
    assert places(found["line"]).tolist() == [[30, -0.2], [33, -0.8]]
    assert found["pi_lb"].get_ydata() == pytest.approx([-0.8, -1.4])
    assert found["pi_ub"].get_ydata() == pytest.approx([0.4, -0.2])
    band = found["interval"].get_paths()[0].vertices
    assert (band[:, 1].min(), band[:, 1].max()) == pytest.approx((-1.0, 0.0))
    # exp(-0.2) = 0.8187 and exp(-0.8) = 0.4493, from a table of exponentials.
    assert "0.82 [0.67 to 1.00] at 30 and 0.45 [0.37 to 0.55] at 33" in plot.alternative
    assert found["plot"].get_xlabel() == "Mean age"


def test_two_moderators_in_one_bubble_plot_are_refused():
    table = pd.concat([cases.bubble(), cases.bubble().assign(moderator="dose")])
    with pytest.raises(ValueError, match="several moderators \\(dose, mean_age\\)"):
        draw_bubble(table, words=cases.words(), style=cases.STYLE)


def test_two_primary_results_are_refused():
    with pytest.raises(ValueError, match="one ladder step and one reading"):
        funnel_of(cases.funnel(), pd.concat([cases.pooled(), cases.pooled()]))


def test_nothing_to_draw_is_said_in_words():
    how = {"words": cases.words(), "style": cases.STYLE}
    blank = cases.influence(3).assign(hat=math.nan, baujat_pull=math.nan)
    assert "no effect with a standard error" in draw_funnel(cases.funnel().iloc[0:0], cases.pooled(), **how)
    assert "no effect with a standard error" in draw_radial(
        cases.effects(2).assign(sei=math.nan), cases.pooled(), **how
    )
    assert "fewer than 3 effects" in draw_baujat(blank, **how)
    assert "fewer than 3 effects" in draw_influence(blank, **how)
    assert "no effect has a value" in draw_bubble(cases.bubble().iloc[0:0], **how)
    refused = pd.DataFrame([{"moderator": "dose", "row": "effect", "note": "4 effects; 10 are needed"}])
    assert draw_bubble(refused, **how) == "4 effects; 10 are needed"
