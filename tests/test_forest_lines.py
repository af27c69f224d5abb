"""A line of the forest plot says what its row says: a study, a pooled result, or why there is none."""

from forest_case import draw, ladder, study, tables, two_studies
from forest_picture import artists, text_of


def test_a_row_gives_label_events_effect_and_weight():
    figure = draw(two_studies())
    assert text_of(figure, "row-r0") == "Study A"
    assert text_of(figure, "arm1-r0") == "13/40"
    assert text_of(figure, "arm2-r0") == "8/41"
    assert text_of(figure, "effect-r0") == "2.00 [0.90 to 4.00]"
    assert text_of(figure, "weight-r0") == "75.0 %"


def test_people_alone_are_shown_where_events_are_missing():
    frames = tables([study("A", 2, 1, 4, counts=(None, 40, None, 41.5))], {"as_reported": "no"})
    figure = draw(frames)
    assert text_of(figure, "arm1-r0") == "40"
    assert text_of(figure, "arm2-r0") == "≈42"
    assert text_of(figure, "head-arm1").endswith(" n")


def test_an_effect_without_estimate_or_interval_is_kept_in_words():
    effects, pooled = two_studies()
    effects.loc[0, ["yi", "ci_lb", "ci_ub"]] = None
    effects.loc[1, ["ci_lb", "ci_ub"]] = None
    figure = draw((effects, pooled))
    assert text_of(figure, "effect-r0") == "not estimable"
    assert text_of(figure, "effect-r1") == "1.25"
    assert not {"square-r0", "whisker-r0", "whisker-r1"} & set(artists(figure))


def test_a_step_that_is_not_pooled_says_why_and_has_no_diamond():
    figure = draw(ladder())
    words = text_of(figure, "not-pooled-as_reported")
    assert words == "Not pooled: one effect; two are needed."
    assert "diamond-as_reported" not in artists(figure)


def test_a_pooled_line_names_step_k_and_interval():
    figure = draw(ladder())
    assert text_of(figure, "pooled-equal_arms") == "Pooled, equal arm sizes assumed (k = 2)"
    assert text_of(figure, "pooled-effect-equal_arms") == "1.50 [0.80 to 3.20]"
    assert text_of(figure, "prediction-derived") == "95 % prediction interval"
    assert text_of(figure, "prediction-effect-derived") == "[0.60 to 3.50]"
