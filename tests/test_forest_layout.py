"""Texts of the forest plot fit their page: no overlap, whatever the width, the labels and the number of studies."""

import warnings

import pytest
from forest_case import STYLE, draw, many, study, tables, two_studies
from forest_picture import artists, assert_no_overlap, text_of
from matplotlib.backends.backend_agg import FigureCanvasAgg

from repool.figures.lettering import wrap

LABELS = {
    "short": "Study {}",
    "long": "Longwinded-Researcher and Another-Collaborator {}: peer-delivered linkage to care",
    "unbroken": "W" * 90 + "{}",
    "accented": "Ñuñez-Ångström & Ễnguyễn {}",
    "cyrillic": "Жуковский и соавторы {}",
    "greek": "Παπαδόπουλος {}",
    "arabic": "محمد وآخرون {}",
}


@pytest.mark.parametrize("width_cm, font_size", [(8.9, 6.5), (12, 7), (18, 8)])
@pytest.mark.parametrize("count", [1, 2, 5, 13, 40])
def test_texts_do_not_overlap(count, width_cm, font_size):
    figure = draw(many(count), style=STYLE | {"width_cm": width_cm, "font_size": font_size})
    assert_no_overlap(figure)


@pytest.mark.parametrize("width_cm, font_size", [(8.9, 6.5), (18, 8)])
@pytest.mark.parametrize("name", LABELS)
def test_labels_of_any_length_and_script_do_not_overlap(name, width_cm, font_size):
    with warnings.catch_warnings():
        # A letter without a shape in the font is announced as a warning.
        warnings.simplefilter("error")
        style = STYLE | {"width_cm": width_cm, "font_size": font_size}
        figure = draw(many(5, label=LABELS[name]), style=style)
        assert_no_overlap(figure)
    label = LABELS[name].format(1)
    assert "".join(text_of(figure, "row-r0").split()) == "".join(label.split())


def test_long_titles_reasons_and_favours_are_wrapped_inside_the_page():
    studies = [study("A", 2, 1, 4), study("B", 2, 1, 4, step="equal_arms")]
    reason = "the studies measured different things at different times " * 6
    frames = tables(studies, {"as_reported": reason, "equal_arms": reason})
    words = "Favours a very long description of an intervention with many parts"
    figure = draw(frames, title="A title that goes on " * 20, favours_low=words, favours_high=words)
    assert_no_overlap(figure)
    assert text_of(figure, "title").count("goes on") == 20


def test_the_line_of_no_effect_leaves_room_for_words_across_the_plot():
    frames = tables([study("A", 2, 1, 4)], {"as_reported": "a reason that goes on and on " * 6})
    figure = draw(frames)
    found = artists(figure)
    renderer = FigureCanvasAgg(figure).get_renderer()
    words = found["not-pooled-as_reported"].get_window_extent(renderer)
    for gid in (g for g in found if g.startswith("no-effect-line")):
        assert not found[gid].get_window_extent(renderer).overlaps(words)


@pytest.mark.parametrize("width_cm", [8.9, 12, 18])
def test_the_page_has_the_width_asked_for(width_cm):
    figure = draw(two_studies(), style=STYLE | {"width_cm": width_cm, "font_size": 6.5})
    assert figure.get_size_inches()[0] * 2.54 == pytest.approx(width_cm)


def test_a_page_too_narrow_for_its_font_is_refused():
    with pytest.raises(ValueError, match="too narrow"):
        draw(two_studies(), style=STYLE | {"width_cm": 4})


def test_a_narrow_page_stacks_the_arms_and_drops_nothing():
    figure = draw(two_studies(), style=STYLE | {"width_cm": 8.9, "font_size": 6.5})
    assert text_of(figure, "arms-r0").split() == ["13/40", "v", "8/41"]
    assert text_of(figure, "effect-r0") == "2.00 [0.90 to 4.00]"
    assert text_of(figure, "weight-r0") == "75.0 %"


def test_columns_without_content_are_not_drawn():
    frames = tables([study("A", 2, 1, 4, counts=(None,) * 4)], {"as_reported": "no"})
    found = artists(draw(frames))
    assert not {"head-arm1", "head-arm2", "head-weight", "arm1-r0", "weight-r0"} & set(found)


def test_wrapping_keeps_every_letter_and_no_line_is_too_wide():
    text = "one two k = 2 incomprehensibilities 95 % end"
    lines = wrap(text, width=8, measure=len)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert max(map(len, lines)) <= 8
    assert "k = 2" in " / ".join(lines)
