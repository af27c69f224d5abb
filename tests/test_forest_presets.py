"""Each preset has its journal's columns, words, rounding and colours; the numbers are the same in all."""

import itertools
import math
import re

import pytest
from forest_case import CHOICES, STYLE, draw, judged, ladder, many, picture, study, tables, two_studies
from forest_picture import ROUNDING, artists, assert_no_overlap, text_of
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex

from repool.figures.forest.presets import PRESETS, choices_of
from repool.figures.rendering import figure_bytes
from repool.schemas import schema

FONTS = {8.9: 6.5, 12: 7, 18: 8}


def from_left(figure, gids):
    """Return whether artists stand in this order, none over another."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    found = artists(figure)
    boxes = [found[gid].get_window_extent(renderer) for gid in gids]
    return all(one.x1 <= other.x0 + 1 for one, other in itertools.pairwise(boxes))


@pytest.mark.parametrize(
    ("preset", "order"),
    [
        ("repool", ["row", "arm1", "arm2", "square", "effect", "weight"]),
        ("subgroup", ["row", "arm1", "arm2", "square", "effect", "weight"]),
        ("revman5", ["row", "events1", "n1", "events2", "n2", "weight", "effect", "square"]),
        ("jama", ["row", "arm1", "arm2", "effect", "square", "weight"]),
        ("bmj", ["row", "arm1", "arm2", "square", "weight", "effect"]),
    ],
)
def test_columns_stand_in_the_order_of_the_journal(preset, order):
    assert from_left(draw(two_studies(), preset=preset), [f"{name}-r0" for name in order])


@pytest.mark.parametrize(
    ("preset", "study", "weight", "pooled", "effect"),
    [
        ("repool", "2.00 [0.90 to 4.00]", "75.0 %", "Pooled, as reported (k = 2)", "1.50 [0.80 to 3.20]"),
        ("revman5", "2.00 [0.90, 4.00]", "75.0%", "Total (95% CI)", "1.50 [0.80, 3.20]"),
        ("jama", "2.00 (0.90-4.00)", "75.0", "Total (95% CI)", "1.50 (0.80-3.20)"),
        ("bmj", "2.00 (0.90 to 4.00)", "75.0", "Total (95% CI)", "1.50 (0.80 to 3.20)"),
    ],
)
def test_numbers_are_written_as_in_the_journal(preset, study, weight, pooled, effect):
    figure = draw(two_studies(), preset=preset)
    assert text_of(figure, "effect-r0") == study
    assert text_of(figure, "weight-r0") == weight
    assert text_of(figure, "pooled-as_reported") == pooled
    assert text_of(figure, "pooled-effect-as_reported") == effect


def test_a_dash_never_stands_before_a_minus():
    frames = tables([study("A", -0.4, -0.9, 0.1)], {"as_reported": "no"}, measure="SMD")
    assert text_of(draw(frames, preset="jama"), "effect-r0") == "−0.40 (−0.90 to 0.10)"


def test_revman_heads():
    figure = draw(two_studies(), preset="revman5")
    assert text_of(figure, "head-label") == "Study or Subgroup"
    assert text_of(figure, "head-effect") == "Odds ratio IV, Random, 95% CI"
    assert text_of(figure, "head-plot") == "Odds ratio IV, Random, 95% CI"
    assert [text_of(figure, f"head-group-{place}") for place in (1, 2)] == ["Peer support", "Usual care"]
    assert [text_of(figure, f"head-{name}") for name in ("events1", "n1")] == ["Events", "Total"]
    common = draw(two_studies(method_tau2="none"), preset="revman5")
    assert text_of(common, "head-effect") == "Odds ratio IV, Fixed, 95% CI"


def test_revman_colours_are_blue_and_black_and_no_heading_stands_over_one_group():
    found = artists(draw(two_studies(), preset="revman5"))
    assert to_hex(found["diamond-as_reported"].get_facecolor()) == "#000000"
    assert to_hex(found["square-r0"].get_facecolor()[0]) == PRESETS["revman5"].colours["colour_square"]
    assert "heading-as_reported" not in found
    assert "heading-equal_arms" in artists(draw(ladder(), preset="revman5"))


def test_jama_has_its_sides_in_bold_on_top_and_names_its_axis():
    figure = draw(two_studies(), preset="jama")
    found = artists(figure)
    renderer = FigureCanvasAgg(figure).get_renderer()
    for side in ("left", "right"):
        assert found[f"favours-{side}"].get_fontweight() == "bold"
        assert found[f"favours-{side}"].get_window_extent(renderer).y0 > found["plot"].get_window_extent().y1
    assert text_of(figure, "axis-words") == "Odds ratio (95% CI)"
    assert text_of(figure, "head-label") == "Source"
    assert "τ²" not in "".join(t.get_text() for gid, t in found.items() if gid.startswith("test-"))
    assert to_hex(found["diamond-as_reported"].get_facecolor()) != to_hex(found["square-r0"].get_facecolor()[0])


def test_bmj_joins_events_and_people_below_one_head():
    figure = draw(two_studies(), preset="bmj")
    assert text_of(figure, "head-group-1") == "No of events/total"
    assert text_of(figure, "arm1-r0") == "13/40"
    assert text_of(figure, "test-heterogeneity-as_reported").startswith("Test for heterogeneity: τ²=0.02, χ²=3.21")


@pytest.mark.parametrize("preset", PRESETS)
def test_means_have_their_own_words(preset):
    studies = [study("A", 0.4, 0.1, 0.7, counts=(None, 40, None, 41), means=(12.345, 4.5, 10, 4.0))]
    figure = draw(tables(studies, {"as_reported": "no"}, measure="MD"), preset=preset)
    if preset == "revman5":
        assert [text_of(figure, f"{name}1-r0") for name in ("mean", "sd", "n")] == ["12.35", "4.5", "40"]
        assert text_of(figure, "head-mean1") == "Mean"
    else:
        assert text_of(figure, "arm1-r0") == "12.35 (4.5), 40"
        assert text_of(figure, "arm2-r0") == "10 (4), 41"


@pytest.mark.parametrize("preset", PRESETS)
def test_every_mark_stands_at_its_value_in_every_preset(preset):
    effects, pooled = many(7)
    found = artists(draw((effects, pooled), preset=preset))
    for row in effects.drop_duplicates("result_id").to_dict("records"):
        key = row["result_id"]
        assert found[f"square-{key}"].get_offsets()[0][0] == pytest.approx(row["yi"], abs=ROUNDING)
        low, high = found["plot"].get_xlim()
        ends = [max(row["ci_lb"], low), min(row["ci_ub"], high)]
        assert list(found[f"whisker-{key}"].get_xdata()) == pytest.approx(ends, abs=ROUNDING)
    last = pooled.to_dict("records")[-1]
    across = sorted(float(x) for x, _ in found["diamond-derived"].get_xy())
    assert across[0] == pytest.approx(last["ci_lb"], abs=ROUNDING)
    assert across[-1] == pytest.approx(last["ci_ub"], abs=ROUNDING)


@pytest.mark.parametrize("preset", PRESETS)
def test_square_areas_are_shares_of_the_weight(preset):
    found = artists(draw(many(7), preset=preset))
    areas = [found[f"square-r{i}"].get_sizes()[0] for i in range(5)]
    # The weights of the case are 1, 2, 3, 4 and 5.
    assert areas == pytest.approx([areas[0] * weight for weight in (1, 2, 3, 4, 5)], rel=ROUNDING)


COUNTS = itertools.cycle((1, 2, 7))
CASES = [(preset, width, next(COUNTS)) for preset, width in itertools.product(PRESETS, FONTS)]
CASES += [("revman5", 8.9, 40), ("jama", 18, 40)]


@pytest.mark.parametrize(("preset", "width_cm", "count"), CASES)
def test_no_text_overlaps_another_in_any_preset(preset, width_cm, count):
    style = STYLE | {"width_cm": width_cm, "font_size": FONTS[width_cm]}
    assert_no_overlap(draw(many(count), preset=preset, style=style))


@pytest.mark.parametrize(("preset", "width_cm"), list(zip(PRESETS, (8.9, 12, 18, 8.9, 18), strict=True)))
def test_no_text_overlaps_with_judgements_models_and_long_words(preset, width_cm):
    style = STYLE | {"width_cm": width_cm, "font_size": FONTS[width_cm]}
    effects, pooled = many(4, label="Жуковский-Longwinded & Another-Collaborator {}")
    changes = {"preset": preset, "prediction": "distribution", "style": style, "models": "all"}
    changes |= {"favours_low": "Favours usual care with leaflets", "measure_label": "Standardised mean difference"}
    assert_no_overlap(picture((effects, pooled), judgements=judged(4, domains=7), **changes).figure)


@pytest.mark.slow
@pytest.mark.parametrize(("preset", "count"), list(itertools.product(PRESETS, (40, 300))))
def test_no_text_overlaps_in_long_plots(preset, count):
    for width_cm, font_size in FONTS.items():
        assert_no_overlap(
            draw(many(count), preset=preset, style=STYLE | {"width_cm": width_cm, "font_size": font_size})
        )


@pytest.mark.parametrize("preset", PRESETS)
def test_a_second_drawing_has_the_same_bytes(preset):
    first, second = (figure_bytes(draw(ladder(), preset=preset), file_format="svg", dpi=72) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("preset", PRESETS)
def test_the_svg_prints_the_numbers_and_describes_itself(preset):
    drawn = picture(two_studies(), preset=preset)
    svg = figure_bytes(drawn.figure, file_format="svg", dpi=72, description=drawn.alternative).decode()
    assert text_of(drawn.figure, "effect-r0") in svg
    described = re.search("<desc>(.*?)</desc>", svg)[1]
    assert text_of(drawn.figure, "pooled-effect-as_reported") in described
    assert svg.index("</title>") < svg.index("<desc>") < svg.index("<metadata>")


def test_squares_and_diamonds_stand_out_from_the_page_in_grey():
    for preset in PRESETS.values():
        colours = STYLE | dict(preset.colours)
        for name in ("colour_square", "edge_diamond" if "edge_diamond" in colours else "colour_diamond"):
            red, green, blue = (int(colours[name][i : i + 2], 16) / 255 for i in (1, 3, 5))
            grey = 0.299 * red + 0.587 * green + 0.114 * blue  # ITU-R BT.601
            assert grey < 0.45


def test_the_schema_knows_the_presets_and_choices():
    figures = schema("review")["properties"]["figures"]["properties"]
    assert set(figures["preset"]["enum"]) == set(PRESETS)
    asked = {name: figures[name] for name in CHOICES}
    assert len(asked) == 6
    assert choices_of(CHOICES | {"rows_per_page": "none"}).rows_per_page is None
    assert choices_of(CHOICES | {"rows_per_page": 30}).rows_per_page == 30
    assert math.isfinite(figures["rows_per_page"]["anyOf"][0]["minimum"])
