"""Plots of single effects and of directions: points, arrows and bars stand for the rows of their tables."""

import math
from dataclasses import replace

import pytest
from forest_picture import ROUNDING, artists, text_of
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from plots_case import DRAWN, WORDS, albatross, drawn, effect_direction, effects, fresh, pooled, style, without_pooling

from repool.figures.plots.albatross import draw_albatross
from repool.figures.plots.effect_direction import draw_effect_direction
from repool.figures.plots.harvest import draw_harvest
from repool.figures.plots.orchard import draw_orchard
from repool.figures.plots.swarm import swarm_offsets
from repool.figures.rendering import figure_bytes

LOOK = {"words": WORDS, "style": style()}
SIDED = LOOK | {"higher_is_better": True}


def words_of(figure):
    """Return (text, extent in pixels) of everything written, without painting it."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw_without_rendering()
    texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    return [(text, text.get_window_extent(renderer)) for text in texts]


def middle(artist):
    return float(artist.get_xdata()[0]), float(artist.get_ydata()[0])


def test_circles_of_a_swarm_do_not_cover_each_other_and_stay_near_the_line():
    places, radii = [0.0, 1.0, 1.0, 2.0, 30.0], [2.0, 2.0, 1.0, 2.0, 3.0]
    offsets = swarm_offsets(places, radii, gap=0.5)
    for one in range(5):
        for other in range(one):
            apart = math.hypot(places[one] - places[other], offsets[one] - offsets[other])
            assert apart >= radii[one] + radii[other] + 0.5 - 1e-6  # the code lets circles touch
    assert offsets[4] == 0.0
    assert swarm_offsets([], [], gap=0.5) == []


def test_orchard_circles_stand_at_their_effects_and_their_area_is_the_precision():
    found = artists(drawn("orchard").figure)
    table = effects()
    for row in table.iloc[:12].itertuples():
        assert middle(found[f"effect-{row.result_id}"])[0] == pytest.approx(row.yi, rel=ROUNDING)
    assert "effect-elsewhere" not in found
    sizes = [found[f"effect-r{i}"].get_markersize() for i in (0, 2)]
    # Standard errors 0.1 and 0.2: half the precision, half the area.
    assert (sizes[0] / sizes[1]) ** 2 == pytest.approx(2, rel=ROUNDING)


def test_orchard_mean_has_its_interval_and_its_prediction_interval():
    found = artists(drawn("orchard").figure)
    assert middle(found["mean"])[0] == pytest.approx(math.log(2), rel=ROUNDING)
    ends = {name: [math.exp(x) for x in found[f"mean-{name}"].get_xdata()] for name in ("ci", "pi")}
    assert ends["ci"] == pytest.approx([1.1, 3.6], rel=ROUNDING)
    assert ends["pi"] == pytest.approx([0.6, 6], rel=ROUNDING)


@pytest.mark.parametrize("width_cm", [8.9, 18.0])
def test_orchard_circles_do_not_cover_each_other_on_the_page(width_cm):
    plot = draw_orchard(effects(60), pooled(), words=WORDS, style=style(width_cm))
    found = [a for gid, a in artists(plot.figure).items() if gid.startswith("effect-")]
    scale = 72 / plot.figure.dpi
    spots = [(*(a.axes.transData.transform(middle(a)) * scale), a.get_markersize() / 2) for a in found]
    assert len(spots) == 60
    for place, (x, y, radius) in enumerate(spots):
        for other_x, other_y, other in spots[:place]:
            assert math.hypot(x - other_x, y - other_y) > 0.9 * (radius + other)  # the axes shrink a little


def test_albatross_points_stand_at_p_and_size_and_those_beyond_the_axis_at_its_end():
    found = artists(drawn("albatross").figure)
    assert [middle(found[f"study-{i}"]) for i in (1, 2, 3)] == [(1.0, 40), (-0.7, 400), (1.3, 90)]
    assert middle(found["study-4"]) == (found["plot"].get_xlim()[1], 5000)
    assert found["study-4"].get_marker() == ">"
    assert "study-5" not in found


def test_albatross_bounds_are_hollow_and_point_outwards():
    found = artists(drawn("albatross").figure)
    assert (found["study-3"].get_marker(), found["study-3"].get_markerfacecolor()) == (">", "white")
    assert found["study-1"].get_markerfacecolor() != "white"


def test_albatross_contours_are_the_tables_points_and_what_they_assume_is_said():
    figure = drawn("albatross").figure
    line = artists(figure)["contour-0"]
    assert list(zip(line.get_xdata(), line.get_ydata(), strict=True)) == [(0.3, 17), (1.0, 99), (2.0, 243)]
    assert text_of(figure, "note-0").endswith("for 1 in arm 1 to 1 in arm 2 and a risk of 30 % in arm 2.")
    assert text_of(figure, "note-2") == "1 of 5 results are not drawn: size not known."


def test_arm_1_lies_at_the_right_whichever_way_is_better():
    words = replace(WORDS, favours_low="Favours A", favours_high="Favours B")
    for higher, expected in ((True, ["← Favours A", "Favours B →"]), (False, ["← Favours B", "Favours A →"])):
        plot = draw_albatross(albatross(), words=words, style=style(), higher_is_better=higher)
        found = artists(plot.figure)
        assert [found[f"plot-favours-{side}"].get_text() for side in ("left", "right")] == expected


def test_arrows_point_and_grow_as_the_table_says():
    figure = drawn("effect_direction").figure
    found = artists(figure)
    assert [found[f"arrow-r{i}"].get_text() for i in range(5)] == ["▲", "▼", "▲", "◁▷", "?"]
    sizes = [found[f"arrow-r{i}"].get_fontsize() for i in range(3)]
    assert sizes == sorted(set(sizes))
    assert text_of(figure, "results-r3") == "4, 50 % agree"
    assert text_of(figure, "stratum-0") == "RCT"
    assert "head-bias" not in found
    # One study has its verb in the singular.
    assert "2 favour peer support, 1 favours usual care, 1 with" in drawn("effect_direction").alternative


def test_people_left_by_an_assumed_share_are_told_as_about_so_many():
    table = effect_direction().assign(n=[481.75, 41.776667, 900.0, 120.0, 60.0], n_counts=["arm 1"] * 4 + ["all"])
    figure = draw_effect_direction(table, **SIDED).figure
    assert [text_of(figure, f"people-r{i}") for i in range(5)] == ["≈482", "≈42", "900", "120", "60*"]


def test_risk_of_bias_gets_a_column_when_it_is_known():
    figure = draw_effect_direction(effect_direction().assign(risk_of_bias="some concerns"), **SIDED).figure
    assert text_of(figure, "bias-r0") == "some concerns"


def test_harvest_bars_stand_under_their_direction_and_are_as_tall_as_the_size_class():
    plot = drawn("harvest")
    found = artists(plot.figure)
    ticks = found["panel-1"].get_xticks()
    names = [label.get_text() for label in found["panel-1"].get_xticklabels()]
    assert names == ["Favours usual care", "No clear direction", "Favours peer support"]
    bars = {i: found[f"bar-{i}"] for i in range(1, 5)}
    centres = {i: bar.get_x() + bar.get_width() / 2 for i, bar in bars.items()}
    nearest = {i: names[min(range(3), key=lambda n, x=x: abs(ticks[n] - x))] for i, x in centres.items()}
    up, down, unclear = names[2], names[0], names[1]
    assert nearest == {1: up, 2: down, 3: up, 4: unclear}
    assert [bars[i].get_height() for i in (1, 2, 3)] == [1, 2, 3]
    assert text_of(plot.figure, "note-0") == "Not drawn: 1 without a stated direction."
    assert "RCT 2, 1 and 0; quasi-experimental 0, 0 and 1" in plot.alternative


def test_harvest_says_the_counted_share_of_the_table():
    text = artists(drawn("harvest").figure)["title-0"].get_text().replace("\n", " ")
    assert text.startswith("RCT: 2 of 3 with a direction favour peer support (67 %, interval 21 to 94 %)")


def test_what_cannot_be_drawn_is_said_in_words():
    none = pooled()[lambda table: table["verdict"] == "not_pooled"]
    assert "no mean" in draw_orchard(effects(), none, **LOOK)
    assert "no effect with a standard error" in draw_orchard(effects().iloc[:0], pooled(), **LOOK)
    assert draw_albatross(albatross().iloc[4:], **SIDED).endswith("with a direction: size not known.")
    assert "listed direction" in draw_effect_direction(effect_direction().iloc[:0], **SIDED)
    assert "listed direction" in draw_harvest(effect_direction().iloc[4:], without_pooling(), **SIDED)


@pytest.mark.parametrize(
    ("name", "width_cm"), [*((name, wide) for name in DRAWN for wide in (8.9, 18.0)), ("same_result", 12.0)]
)
def test_words_stay_on_the_page_apart_and_readable(name, width_cm):
    figure = drawn(name, width_cm=width_cm).figure
    assert figure.get_size_inches()[0] * 2.54 == pytest.approx(width_cm)
    texts = words_of(figure)
    page = figure.bbox
    for place, (text, box) in enumerate(texts):
        assert text.get_fontsize() >= 6
        outside = min(box.x0 - page.x0, box.y0 - page.y0, page.x1 - box.x1, page.y1 - box.y1)
        assert outside > -1, f"{text.get_text()!r} leaves the page"
        for other, its in texts[:place]:
            across = min(box.x1, its.x1) - max(box.x0, its.x0)
            up = min(box.y1, its.y1) - max(box.y0, its.y0)
            # Boxes hold room above and below the letters; three pixels at 300 dpi are 0.7 points.
            assert min(across, up) < 3, f"{text.get_text()!r} and {other.get_text()!r} overlap"


@pytest.mark.parametrize("name", DRAWN)
def test_everything_drawn_has_its_own_name_and_the_same_bytes_twice(name):
    first, second = drawn(name), fresh(name)
    artists(first.figure)  # refuses a name that is used twice
    pieces = [*first.figure.texts, *first.figure.artists, *first.figure.lines, *first.figure.patches]
    for axes in first.figure.axes:
        pieces += [axes, *axes.lines, *axes.patches, *axes.texts, *axes.collections]
    assert not [piece for piece in pieces if piece.get_gid() is None]
    assert first.alternative == second.alternative
    assert first.alternative.endswith(".")
    svg = [figure_bytes(plot.figure, file_format="svg", dpi=100) for plot in (first, second)]
    assert svg[0] == svg[1]
