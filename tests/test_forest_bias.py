"""Judgements of the risk of bias stand beside their study as circles with a sign, and are explained."""

import pandas as pd
import pytest
from forest_case import STYLE, judged, many, picture, two_studies
from forest_picture import artists, depth, text_of
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb

from repool.figures.forest.bias import bias_of
from repool.figures.judgements import JUDGEMENTS

NARROW = STYLE | {"width_cm": 8.9, "font_size": 6.5}


def with_circles(**changes):
    return picture(many(4), **{"judgements": judged(4)} | changes).figure


def luminance(colour):
    """Return the relative luminance of WCAG 2.1, section 1.4.3."""
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def test_a_circle_shows_its_level_by_sign_and_colour():
    found = artists(with_circles())
    table = judged(4)
    letters = {f"D{place}": "ABCDE"[place - 1] for place in range(1, 6)} | {"Overall": "All"}
    for row in table.to_dict("records"):
        gid = f"bias-{letters[row['domain']]}-r{row['study_id'][1:]}"
        assert to_hex(found[gid].get_markerfacecolor()) == JUDGEMENTS[row["risk_level"]].fill
        assert found[f"{gid}-sign"].get_text() == JUDGEMENTS[row["risk_level"]].symbol


def test_circles_stand_in_the_row_of_their_study():
    figure = with_circles()
    for key in ("r0", "r3"):
        assert depth(figure, f"bias-A-{key}") == pytest.approx(depth(figure, f"row-{key}"), abs=1.0)  # one point


def test_columns_have_letters_that_the_legend_explains():
    figure = with_circles()
    assert [text_of(figure, f"head-bias-{letter}") for letter in ("A", "E", "All")] == ["A", "E", "All"]
    words = text_of(figure, "legend-domains-1")
    assert words.startswith("A\u00a0bias of the kind 1; B\u00a0bias of the kind 2;") and words.endswith(
        "All\u00a0overall."
    )
    assert text_of(figure, "legend-moderate-words") == "some concerns"
    assert "legend-critical" not in artists(figure)


def test_a_narrow_page_has_the_circles_under_the_name():
    figure = with_circles(style=NARROW)
    assert depth(figure, "bias-A-r0") > depth(figure, "row-r0")
    renderer = FigureCanvasAgg(figure).get_renderer()
    found = artists(figure)
    left = found["row-r0"].get_window_extent(renderer).x0
    assert found["bias-A-r0"].get_window_extent(renderer).x0 == pytest.approx(left, abs=10)
    assert "head-bias-A" not in found


def test_every_sign_can_be_read_and_levels_darken_with_the_risk():
    for sign in JUDGEMENTS.values():
        bright, dark = sorted((luminance(sign.fill), luminance(sign.ink)), reverse=True)
        assert (bright + 0.05) / (dark + 0.05) >= 4.5  # WCAG 2.1 AA
    greys = [luminance(JUDGEMENTS[level].fill) for level in ("low", "moderate", "high", "critical")]
    assert greys == sorted(greys, reverse=True)
    assert min(a - b for a, b in zip(greys, greys[1:], strict=False)) > 0.1
    assert len({sign.symbol for sign in JUDGEMENTS.values()}) == len(JUDGEMENTS)


def test_two_tools_share_the_columns_and_are_named():
    first, second = judged(1), judged(2, domains=7, tool="robins_i")
    table = pd.concat([first, second[second["study_id"] == "s1"]])
    bias = bias_of(table, {"s0", "s1"})
    assert bias.letters == (*"ABCDEFG", "All")
    assert bias.levels["s0"][5:] == ("", "", "high")
    assert len(bias.levels["s1"]) == 8 and "" not in bias.levels["s1"]
    figure = picture(two_studies(), judgements=table).figure
    assert text_of(figure, "legend-domains-2").startswith("robins_i: A")


def test_without_judgements_there_are_no_columns():
    empty = judged(0).reindex(columns=judged(1).columns)
    for table in (None, empty):
        assert not [gid for gid in artists(picture(many(4), judgements=table).figure) if "bias" in gid]
    found = artists(picture(many(4), judgements=judged(2)).figure)
    assert "bias-A-r1" in found and "bias-A-r2" not in found


def test_an_unknown_level_is_refused():
    table = judged(1).assign(risk_level="so-so")
    with pytest.raises(ValueError, match="unknown levels: so-so; known are low"):
        bias_of(table, {"s0"})


def test_the_description_says_the_overall_judgement():
    words = picture(many(4), judgements=judged(4)).alternative
    assert words.count("risk of bias: overall high") == 4
