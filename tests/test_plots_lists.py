"""Lists of intervals show the numbers of their tables where they belong, and say what they cannot show."""

import math
from dataclasses import replace

import pandas as pd
import pytest
from forest_picture import ROUNDING, artists, depth, text_of
from plots_case import (
    ONE_GROUP,
    STEP_TITLES,
    WORDS,
    cumulative,
    drawn,
    leave_one_out,
    pooled,
    same_result,
    style,
    subgroups,
)

from repool.figures.plots.cumulative import draw_cumulative
from repool.figures.plots.ladder import draw_ladder
from repool.figures.plots.leave_one_out import draw_leave_one_out
from repool.figures.plots.same_result import draw_same_result
from repool.figures.plots.specification import draw_specification
from repool.figures.plots.subgroups import draw_subgroups

LOOK = {"words": WORDS, "style": style()}


def at(artist):
    """Return where a mark or a line stands on the axis of effects."""
    return [float(x) for x in artist.get_xdata()]


def logs(*ratios):
    return pytest.approx([math.log(ratio) for ratio in ratios], rel=ROUNDING)


def test_leave_one_out_shows_only_the_main_results_step_and_reading():
    figure = drawn("leave_one_out").figure
    found = artists(figure)
    assert at(found["mark-r0"]) == logs(2.2)
    assert at(found["whisker-r0"]) == logs(1.2, 4)
    assert text_of(figure, "text-r0") == "2.20 [1.20 to 4.00]"
    assert "label-r3" not in found
    assert not [a for a in found.values() if getattr(a, "get_text", str)() == "Elsewhere 1999"]


def test_leave_one_out_ends_with_all_studies_whose_interval_is_the_band():
    found = artists(drawn("leave_one_out").figure)
    across = found["mark-all"].get_xy()[:, 0]
    assert [across.min(), across.max()] == logs(1.1, 3.6)
    band = found["band"]
    assert [band.get_x(), band.get_x() + band.get_width()] == logs(1.1, 3.6)


def test_a_study_that_decides_about_no_effect_has_another_shape():
    plot = drawn("leave_one_out")
    found = artists(plot.figure)
    # Without it 0.8 to 3.6 includes 1; all studies give 1.1 to 3.6.
    assert [found[f"mark-r{i}"].get_marker() for i in range(2)] == ["o", "D"]
    assert "Without Исследование Б 2004" in plot.alternative


def test_an_interval_beyond_the_axis_ends_in_arrow_heads_and_keeps_its_words():
    figure = drawn("leave_one_out").figure
    found = artists(figure)
    low, high = found["plot"].get_xlim()
    assert math.log(0.002) < low
    assert high < math.log(900)
    assert {gid for gid in found if gid.startswith("arrow-")} == {"arrow-left-r2", "arrow-right-r2"}
    assert text_of(figure, "text-r2") == "2.10 [0.002 to 900]"


def test_one_group_has_no_line_of_no_effect_and_no_side():
    found = artists(drawn("leave_one_out", words=ONE_GROUP).figure)
    assert "no-effect-line" not in found
    assert {found[f"mark-r{i}"].get_marker() for i in range(3)} == {"o"}


def test_cumulative_rows_follow_the_steps_and_the_last_is_a_diamond():
    plot = draw_cumulative(cumulative().iloc[::-1], **LOOK)
    depths = [depth(plot.figure, f"label-r{step}") for step in (1, 2, 3)]
    assert depths == sorted(depths)
    assert [text_of(plot.figure, f"label-r{step}") for step in (1, 2)] == ["+ Anders 2001", "+ Berg (2004)"]
    across = artists(plot.figure)["mark-r3"].get_xy()[:, 0]
    assert [across.min(), across.max()] == logs(1.1, 3.6)


def test_other_choices_are_grouped_and_other_scales_are_written_in_words():
    plot = drawn("same_result")
    found = artists(plot.figure)
    assert text_of(plot.figure, "label-g0") == "Model"
    assert text_of(plot.figure, "label-g0-0") == "REML Wald"
    assert at(found["mark-g0-1"]) == logs(1.6)
    assert found["mark-g1-0"].get_marker() == "D"
    assert "mark-g2-0" not in found
    assert text_of(plot.figure, "label-g2-0") == "Risk difference"
    assert text_of(plot.figure, "words-g2-0").startswith("0.12 [0.02 to 0.22]; not on this axis")
    assert text_of(plot.figure, "words-g4-0") == "not computed: no study has events"
    assert "beside 5 other choices. Something else about no effect is said by 1 of them" in plot.alternative


def test_choices_of_one_group_are_counted_though_none_has_a_side():
    # Of the seven rows one is the main result, and one was not computed.
    plot = draw_same_result(same_result().assign(same_side=math.nan), words=ONE_GROUP, style=style())
    assert plot.alternative.endswith("beside 5 other choices.")


def test_subgroups_have_diamonds_and_the_test_in_words():
    figure = drawn("subgroups").figure
    found = artists(figure)
    across = found["mark-m0-1"].get_xy()[:, 0]
    assert [across.min(), across.max()] == logs(0.7, 2.8)
    assert text_of(figure, "label-m0") == "Delivery mode"
    assert text_of(figure, "words-m0-2") == "χ² = 1.86, df = 2, p = 0.394"
    assert text_of(figure, "words-m1-2") == "F(2, 9.5) = 1.86, p = 0.394"
    assert text_of(figure, "words-m1-1") == "fewer than 2 effects"


def test_the_ladder_shows_every_reading_of_the_primary_model_with_its_own_shape():
    plot = drawn("ladder")
    found = artists(plot.figure)
    assert [at(found[f"mark-s1-{i}"]) for i in range(3)] == [logs(2), logs(1.8), logs(2.5)]
    assert len({found[f"mark-s1-{i}"].get_marker() for i in range(3)}) == 3
    assert "mark-s1-3" not in found


def test_a_step_that_was_not_pooled_says_so_once_for_all_readings():
    figure = drawn("ladder").figure
    assert text_of(figure, "label-s0-0") == "all readings"
    assert text_of(figure, "words-s0-0").startswith("not pooled: 1 effect")
    assert "label-s0-1" not in artists(figure)


def test_a_step_is_called_by_its_title():
    figure = draw_ladder(pooled(), step_titles=STEP_TITLES | {"as_reported": "Nothing assumed"}, **LOOK).figure
    assert text_of(figure, "label-s0") == "Nothing assumed"
    assert text_of(figure, "label-s1") == "Equal allocation"


def test_the_line_of_no_effect_leaves_room_for_words():
    figure = drawn("subgroups").figure
    found = artists(figure)
    pieces = [found[gid] for gid in found if gid.startswith("no-effect-line")]
    heights = [sorted(float(y) for y in piece.get_ydata()) for piece in pieces]
    words = depth(figure, "words-m0-2")
    assert len(pieces) > 1
    assert not [ends for ends in heights if ends[0] < words < ends[1]]


def test_the_specification_curve_is_sorted_and_marks_what_was_chosen():
    found = artists(drawn("specification").figure)
    heights = [float(found[f"mark-{i}"].get_ydata()[0]) for i in range(1, 6)]
    assert heights == logs(1.6, 1.7, 2, 2, 2.1)
    assert [float(y) for y in found["whisker-2"].get_ydata()] == logs(0.8, 3.6)
    lines = [label.get_text() for label in found["panel-1"].get_yticklabels()]
    chosen = [lines[int(found[f"choice-{i}"].get_ydata()[0])] for i in range(1, 6)]
    assert chosen == ["model", "one study left out", "main result", "model", "bootstrap"]
    assert found["mark-2"].get_marker() == "D"


def test_an_interval_beyond_the_curves_axis_ends_in_an_arrow_head():
    table = same_result()
    table.loc[1, "ci_ub"] = math.log(5000)
    found = artists(draw_specification(table, **LOOK).figure)
    arrow = found["arrow-up-4"]
    assert float(arrow.get_ydata()[0]) == found["panel-0"].get_ylim()[1] < math.log(5000)
    assert [gid for gid in found if gid.startswith("arrow-")] == ["arrow-up-4"]


def test_a_long_list_makes_the_page_taller_not_the_letters_smaller():
    short = drawn("leave_one_out", width_cm=12).figure
    many = pd.concat([leave_one_out().iloc[:3]] * 14, ignore_index=True)
    long = draw_leave_one_out(many, pooled(), words=WORDS, style=style(12)).figure
    assert long.get_size_inches()[1] > 3 * short.get_size_inches()[1]
    assert artists(long)["label-r41"].get_fontsize() == artists(short)["label-r0"].get_fontsize()


def test_what_cannot_be_drawn_is_said_in_words():
    none = pooled()[lambda table: table["verdict"] == "not_pooled"]
    assert "No step of this analysis was pooled" in draw_leave_one_out(leave_one_out(), none, **LOOK)
    assert "one more study is needed" in draw_leave_one_out(leave_one_out().iloc[3:], pooled(), **LOOK)
    assert "No step of the assumption ladder was pooled" in draw_ladder(none, step_titles=STEP_TITLES, **LOOK)
    assert "nothing was pooled" in draw_cumulative(cumulative().iloc[:0], **LOOK)
    assert "nothing was pooled" in draw_same_result(same_result().iloc[:0], **LOOK)
    assert "nothing was pooled" in draw_specification(same_result().iloc[1:], **LOOK)
    assert "no other choice" in draw_specification(same_result().iloc[:1], **LOOK)
    small = subgroups()[lambda table: table["estimate"].isna()]
    assert draw_subgroups(small, **LOOK) == "No subgroup has a pooled effect; fewer than 2 effects."


def test_a_measure_on_its_own_scale_is_not_shown_as_a_ratio():
    plain = replace(WORDS, measure="SMD", measure_label="Standardised mean difference", is_ratio=False)
    figure = draw_cumulative(cumulative(), words=plain, style=style()).figure
    # ln 3 = 1.0986, ln 0.5 = -0.6931, ln 18 = 2.8904.
    assert text_of(figure, "text-r1") == "1.10 [−0.69 to 2.89]"
