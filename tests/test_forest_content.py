"""The forest plot follows its tables: steps and rows in order, and tables that do not fit are refused."""

import pandas as pd
import pytest
from forest_case import draw, ladder, many, study, tables, two_studies
from forest_picture import artists, depth, text_of

from repool.figures.rendering import figure_bytes


def test_groups_follow_the_ladder_and_each_ends_with_its_result():
    figure = draw(ladder())
    order = [
        "heading-as_reported",
        "row-r0",
        "not-pooled-as_reported",
        "heading-equal_arms",
        "row-r1",
        "pooled-equal_arms",
        "heading-derived",
        "row-r2",
        "pooled-derived",
        "prediction-derived",
    ]
    depths = [depth(figure, gid) for gid in order]
    assert depths == sorted(depths)
    assert text_of(figure, "heading-equal_arms") == "Equal arm sizes assumed"


def test_studies_keep_the_order_of_the_table():
    figure = draw(many(13))
    rows = sorted(range(13), key=lambda index: depth(figure, f"row-r{index}"))
    assert rows == list(range(13))


def test_the_weight_is_that_of_the_first_pooled_step_from_the_row_down():
    figure = draw(ladder())
    # Study A comes in at a step that is not pooled; the next step pools it with weight 60.
    weights = [text_of(figure, f"weight-r{i}") for i in range(3)]
    assert weights == ["60.0 %", "40.0 %", "20.0 %"]
    assert "next pooled result down" in text_of(figure, "note-key")


def test_steps_at_which_nothing_came_in_are_named_not_repeated():
    frames = tables([study("A", 2, 1, 4)], {"as_reported": "no", "equal_arms": "no"})
    figure = draw(frames)
    assert "heading-equal_arms" not in artists(figure)
    assert text_of(figure, "note-idle-steps") == "No study came in at: equal arm sizes assumed."


def test_only_the_preferred_reading_and_the_primary_model_are_drawn():
    effects, pooled = two_studies()
    other = effects.assign(reading="cautious", result_id="other", yi=9.0)
    rival = pooled.assign(model="dl", is_primary="no", estimate=9.0)
    cautious = pooled.assign(reading="cautious", estimate=9.0)
    frames = (pd.concat([other, effects]), pd.concat([rival, cautious, pooled]))
    assert figure_bytes(draw(frames), file_format="svg", dpi=300) == figure_bytes(
        draw(two_studies()), file_format="svg", dpi=300
    )


def test_without_rows_the_figure_says_so_and_why():
    figure = draw(tables([], {"as_reported": "no study reported this outcome"}))
    assert text_of(figure, "no-effect") == "No effect could be computed."
    assert text_of(figure, "reason-1") == "As reported: no study reported this outcome."
    assert text_of(draw(tables([], {})), "no-effect") == "No effect could be computed."


def test_words_that_are_missing_are_asked_for():
    with pytest.raises(ValueError, match="equal_arms.*step_titles"):
        draw(ladder(), steps={"as_reported": "As reported"})
    with pytest.raises(ValueError, match="se_from_p.*assumption_titles"):
        draw(ladder(), assumptions={"equal_arms": "equal arms"})


@pytest.mark.parametrize(
    "column, value, message",
    [
        ("added_at", "derived", "added_at is 'derived'"),
        ("measure", "RR", "several measures: OR, RR"),
        ("ladder_step", "derived", "no preferred, primary row"),
    ],
)
def test_effects_that_do_not_fit_the_pooled_table_are_refused(column, value, message):
    effects, pooled = two_studies()
    with pytest.raises(ValueError, match=message):
        draw((effects.assign(**{column: value}), pooled))


def test_a_second_primary_model_and_another_level_are_refused():
    effects, pooled = two_studies()
    with pytest.raises(ValueError, match="two preferred, primary rows"):
        draw((effects, pd.concat([pooled, pooled])))
    with pytest.raises(ValueError, match=r"level 0\.95, not 0\.9"):
        draw((effects, pooled), level=0.9)
