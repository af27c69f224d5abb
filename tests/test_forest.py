"""The forest plot is drawn whole: labels as they are, an id for every artist, nothing left unsaid or changed."""

import xml.etree.ElementTree as ET

import pandas as pd
import pytest
from forest_case import STYLE, draw, ladder, picture, study, tables, two_studies
from forest_picture import artists, text_of
from matplotlib.backends.backend_agg import FigureCanvasAgg

from repool.figures.rendering import figure_bytes


def test_favours_are_on_their_sides_of_no_effect():
    figure = draw(two_studies())
    renderer = FigureCanvasAgg(figure).get_renderer()
    found = artists(figure)
    middle = found["no-effect-line"].get_window_extent(renderer).x0
    assert text_of(figure, "favours-left") == "← Favours usual care"
    assert text_of(figure, "favours-right") == "Favours peer support →"
    assert found["favours-left"].get_window_extent(renderer).x1 < middle
    assert found["favours-right"].get_window_extent(renderer).x0 > middle


def test_labels_are_written_as_they_are():
    hostile = [
        "$x$ and $\\frac{1}{2}$",
        "<script>alert(1)</script>",
        'a & "b"',
        "tab\tnull\x00 end",
    ]
    studies = [study(label, 2, 1, 4) for label in hostile]
    figure = draw(tables(studies, {"as_reported": "$y_1$"}), title="Costs in $ and $")
    assert text_of(figure, "row-r0") == hostile[0]
    assert text_of(figure, "row-r3") == "tab null end"
    root = ET.fromstring(figure_bytes(figure, file_format="svg", dpi=300))
    words = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {*hostile[:3], "tab null end", "Not pooled: $y_1$.", "Costs in $ and $"} <= set(words)
    assert not list(root.iter("{http://www.w3.org/2000/svg}script"))
    for file_format in ("pdf", "png"):
        assert figure_bytes(figure, file_format=file_format, dpi=72)


def test_the_description_in_the_svg_is_text_whatever_the_labels_hold():
    frames = tables([study("</desc><script>alert(1)</script>", 2, 1, 4)], {"as_reported": "a & b"})
    drawn = picture(frames, title="</title><script>")
    root = ET.fromstring(figure_bytes(drawn.figure, file_format="svg", dpi=72, description=drawn.alternative))
    assert root.find("{http://www.w3.org/2000/svg}desc").text == drawn.alternative
    assert root.find("{http://www.w3.org/2000/svg}title").text == "</title><script>"
    assert not list(root.iter("{http://www.w3.org/2000/svg}script"))


def test_letters_that_the_font_lacks_are_announced_and_reported():
    frames = tables([study("中村 2015", 2, 1, 4)], {"as_reported": "no"})
    with pytest.warns(UserWarning, match="missing from font"):
        figure = draw(frames)
    assert text_of(figure, "note-missing-letters").endswith("U+4E2D, U+6751.")
    assert text_of(figure, "row-r0") == "中村 2015"


def test_every_artist_is_found_in_the_svg_by_an_id_of_its_own():
    effects, pooled = two_studies()
    effects["result_id"] = ["same id", "same id"]
    root = ET.fromstring(figure_bytes(draw((effects, pooled)), file_format="svg", dpi=300))
    ids = [node.get("id") for node in root.iter() if node.get("id")]
    assert len(ids) == len(set(ids))
    assert {"row-same_id", "row-same_id.2", "square-same_id", "diamond-as_reported"} <= set(ids)


@pytest.mark.parametrize("key", STYLE)
def test_a_style_without_a_key_is_refused(key):
    style = {name: value for name, value in STYLE.items() if name != key}
    with pytest.raises(ValueError, match=key):
        draw(two_studies(), style=style)


def test_an_unknown_style_key_is_refused():
    with pytest.raises(ValueError, match="color_square"):
        draw(two_studies(), style=STYLE | {"color_square": "red"})


def test_tables_are_left_as_they_were():
    effects, pooled = ladder()
    before = effects.copy(), pooled.copy()
    draw((effects, pooled))
    pd.testing.assert_frame_equal(effects, before[0])
    pd.testing.assert_frame_equal(pooled, before[1])
