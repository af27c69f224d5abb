"""L'Abbé, GOSH and drapery plots show their tables; no plot of this family overlaps, shrinks its text or changes."""

import hashlib
import math
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import plots_diagnostic_case as cases
import pytest
from forest_picture import artists, texts_drawn
from matplotlib.colors import to_rgb

from repool.figures.plots.baujat import draw_baujat
from repool.figures.plots.bubble import draw_bubble
from repool.figures.plots.drapery import draw_drapery, p_value_curve
from repool.figures.plots.funnel import draw_funnel
from repool.figures.plots.gosh import draw_gosh
from repool.figures.plots.gosh_cloud import shades_of
from repool.figures.plots.influence import draw_influence
from repool.figures.plots.labbe import draw_labbe
from repool.figures.plots.radial import draw_radial
from repool.figures.rendering import figure_bytes

#: Every figure of this family from tables of k studies.
DRAWERS = {
    "funnel": lambda k, **how: draw_funnel(cases.funnel(k, filled=3), cases.pooled(), **how),
    "radial": lambda k, **how: draw_radial(cases.effects(k), cases.pooled(), **how),
    "baujat": lambda k, **how: draw_baujat(cases.influence(k), **how),
    "influence": lambda k, **how: draw_influence(cases.influence(k), **how),
    "bubble": lambda k, **how: draw_bubble(cases.bubble(k), **how),
    "labbe": lambda k, **how: draw_labbe(cases.effects(k), cases.pooled(), **how),
    "gosh": lambda k, **how: draw_gosh(cases.gosh(k), cases.gosh_cloud(), **how),
    "drapery": lambda k, **how: draw_drapery(cases.effects(k), cases.pooled(), **how),
}


def labbe_of(measure, estimate, effects):
    return draw_labbe(effects, cases.pooled(estimate), words=cases.words(measure), style=cases.STYLE)


def two_arms(**others):
    """Return one study with 10 of 100 events against 40 of 200."""
    row = {"study_id": "a", "label": "A", "flip": 1, "condition_arm1": "drug", "condition_arm2": "placebo"}
    row |= {"events_arm1": 10, "n_arm1": 100, "events_arm2": 40, "n_arm2": 200}
    return pd.DataFrame([row | others])


def test_labbe_points_are_the_risks_of_both_arms():
    plot = labbe_of("OR", -0.5, two_arms())
    found = artists(plot.figure)
    assert found["studies"].get_offsets()[0].tolist() == pytest.approx([0.2, 0.1])
    assert (found["plot"].get_xlabel(), found["plot"].get_ylabel()) == ("Risk, placebo", "Risk, drug")
    assert "higher with drug in 0, lower in 1" in plot.alternative


def test_labbe_turns_risks_of_the_opposite_term():
    found = artists(labbe_of("OR", 0.5, two_arms(flip=-1)).figure)
    # 90 of 100 and 160 of 200 people without the event.
    assert found["studies"].get_offsets()[0].tolist() == pytest.approx([0.8, 0.9])


@pytest.mark.parametrize(
    ("measure", "estimate", "expected"),
    [
        # Risk 0.2 is odds 1/4; half of it is 1/8, risk 1/9.
        ("OR", math.log(0.5), 1 / 9),
        ("RR", math.log(0.5), 0.1),
        ("RD", -0.05, 0.15),
    ],
)
def test_labbe_curve_is_the_pooled_effect(measure, estimate, expected):
    found = artists(labbe_of(measure, estimate, two_arms()).figure)
    across, up = found["pooled"].get_data()
    assert np.interp(0.2, across, up) == pytest.approx(expected, rel=1e-4)  # read between points of a curve
    assert found["no-effect"].get_xdata().tolist() == found["no-effect"].get_ydata().tolist()


def test_labbe_needs_a_measure_of_two_risks_and_counts():
    assert "does not follow from the risks" in labbe_of("SMD", -0.5, two_arms())
    assert "events and people" in labbe_of("OR", -0.5, two_arms(events_arm1=math.nan))


def test_labbe_says_how_many_effects_have_no_place():
    both = pd.concat([two_arms(), two_arms(events_arm2=math.nan)])
    assert labbe_of("OR", -0.5, both).note == "1 effect without events of both arms: not drawn."


def test_gosh_boxes_are_the_quantiles_with_and_without_each_study():
    table = cases.gosh(3)
    plot = draw_gosh(table, cases.gosh_cloud(), words=cases.words(), style=cases.STYLE)
    found = artists(plot.figure)
    for i in range(3):
        for part in ("with", "without"):
            row = table[(table["part"] == part) & (table["study_id"] == f"s{i}")].iloc[0]
            gid = f"{part}-{i}"
            assert found[f"{gid}-reach"].get_xdata().tolist() == [row["q05"], row["q95"]]
            assert sorted(set(found[f"{gid}-half"].get_xy()[:, 0])) == [row["q25"], row["q75"]]
            assert set(found[f"{gid}-median"].get_xdata()) == {row["median"]}
    # exp(-0.48) = 0.6188 and exp(-0.52) = 0.5945, from a table of exponentials.
    assert "Study 2 moves the median most: 0.62 with it, 0.59 without it." in plot.alternative


def test_of_many_studies_gosh_draws_those_that_move_the_median_most():
    plot = draw_gosh(cases.gosh(60), cases.gosh_cloud(), words=cases.words(), style=cases.STYLE)
    names = [label.get_text() for label in artists(plot.figure)["panel-5"].get_yticklabels()]
    # The distance of both medians grows with the number of the study.
    assert names == ["All subsets", *(f"Study {i}" for i in range(20, 60))]
    assert plot.note == "Drawn are the 40 of 60 studies that move the median most."


def cells_drawn(found, part):
    """Return the lower left corner of every filled cell of one cloud -> the least count of its shade."""
    return {
        tuple(corner): int(gid.rpartition("-")[2])
        for gid, artist in found.items() if gid.startswith(f"cloud-{part}-from-")
        for corner in artist.get_path().vertices[::5].tolist()
    }  # fmt: skip


def test_gosh_cells_with_and_without_the_study_are_shaded_by_their_counts():
    found = artists(draw_gosh(cases.gosh(3), cases.gosh_cloud(), words=cases.words(), style=cases.STYLE).figure)
    # Counts up to 998 have the shades from 1, 10, 30, 100 and 300; no other cell holds any subset.
    assert cells_drawn(found, "with") == {(-1.0, 0.0): 1, (-0.5, 90.0): 300}
    assert cells_drawn(found, "without") == {(-0.5, 0.0): 30, (-0.5, 90.0): 300, (0.5, 50.0): 300}
    greys = [np.mean(to_rgb(colour)) for _, colour in shades_of(998, colour="#1f4e79")]
    assert len(greys) == 5 and all(one - next_one > 0.1 for one, next_one in pairwise(greys))
    titles = [found[f"cloud-{part}-title"].get_text() for part in ("with", "without")]
    assert titles[0].startswith("Subsets with Ünal") and titles[0].endswith("…: 1,000")
    assert titles[1].startswith("Subsets without Ünal")


def test_gosh_bars_are_the_sums_of_the_table():
    found = artists(draw_gosh(cases.gosh(3), cases.gosh_cloud(), words=cases.words(), style=cases.STYLE).figure)
    estimates = found["bars-estimate-without"].get_xydata().tolist()
    # 0 over the gap from 0 to 0.5, where no subset lies.
    steps = [(-1.0, 0), (-0.5, 0), (-0.5, 500), (0.0, 500), (0.0, 0), (0.5, 0), (0.5, 500), (1.0, 500), (1.0, 0)]
    assert [tuple(point) for point in estimates] == [(-1.0, 0), *steps]
    across = {(x, y) for x, y in found["bars-i2-with"].get_xy().tolist() if x > 2}
    assert across == {(998.0, 90.0), (998.0, 92.5)}


def test_gosh_clouds_and_bars_are_read_on_one_scale_and_no_colour_means_two_things():
    figure = draw_gosh(cases.gosh(3), cases.gosh_cloud(), words=cases.words(), style=cases.STYLE).figure
    found = artists(figure)
    assert len({found[f"panel-{place}"].get_xlim() for place in (0, 1, 3, 5)}) == 1
    fills = [to_rgb(found[f"legend-mark-{index}"].get_facecolor()) for index in range(7)]
    assert len(set(fills)) == 7  # 5 shades of counts, and the bars with and without the study
    assert {to_rgb(found[name].get_facecolor()) for name in ("with-0-half", "bars-i2-with")} == {fills[5]}


def on_page(text):
    """Return left, right, bottom and top of a text in points."""
    box = text.get_window_extent()
    return [end * 72 / text.figure.dpi for end in (box.x0, box.x1, box.y0, box.y1)]


@pytest.mark.parametrize("name", ["gosh", "funnel", "drapery"])
@pytest.mark.parametrize(("width_cm", "whom"), [(18, "Favours drug"), (8.9, "Favours drug"), (8.9, "Favours " * 9)])
def test_sides_stand_apart_around_no_effect_and_on_the_page(name, width_cm, whom):
    words = cases.words(favours_low=whom, favours_high=f"{whom} not")
    figure = DRAWERS[name](3, words=words, style=cases.style(width_cm)).figure
    width = figure.get_size_inches()[0] * 72
    found = artists(figure)
    names = [gid.removesuffix("-favours-left") for gid in found if gid.endswith("-favours-left")]
    assert names == {"gosh": ["panel-3", "panel-5"]}.get(name, ["plot"])
    for axes in names:
        (start, end, low, _), (next_start, next_end, _, high) = (
            on_page(found[f"{axes}-favours-{side}"]) for side in ("left", "right")
        )
        assert start > 0 and next_end < width
        label = found[axes].xaxis.label.get_window_extent()
        assert high < label.y0 * 72 / figure.dpi + 0.5  # below the name of the axis, to half a point
        if len(whom) > 20:
            assert high <= low + 0.5  # one below the other
            continue
        assert next_start - end > 8  # wider than any space between words of 8 points
        null = found[axes].transData.transform((0, 0))[0] * 72 / figure.dpi
        # The words part at no effect, or as near to it as the edge of the page lets them.
        assert end < null < next_start or width - next_end < 0.8 * 8


def test_gosh_without_subsets_gives_the_reason_of_the_table():
    table = pd.DataFrame([{"part": "all", "quantity": "estimate", "note": "2 effects; 3 are needed"}])
    assert draw_gosh(table, cases.gosh_cloud(), words=cases.words(), style=cases.STYLE) == "2 effects; 3 are needed"


@pytest.mark.parametrize(
    ("df", "quantile"),
    # 97.5 % points of the normal distribution and of t with 3 and 15 degrees of freedom (printed tables).
    [(None, 1.959964), (3, 3.182446), (15, 2.131450)],
)
def test_a_p_value_curve_is_as_wide_as_the_interval_at_its_level(df, quantile):
    across, height = p_value_curve(2.0, 0.5, df=df)
    upper = across >= 2
    assert across[np.argmax(height)] == pytest.approx(2.0)
    assert height.max() == 1
    ends = [np.interp(0.05, height[part][::step], across[part][::step]) for part, step in ((~upper, 1), (upper, -1))]
    assert ends == pytest.approx([2 - 0.5 * quantile, 2 + 0.5 * quantile], rel=1e-6)  # 0.05 is a point of the curve


def test_drapery_draws_every_study_the_pooled_curve_and_the_prediction_interval():
    effects = cases.effects(4)
    figure = draw_drapery(effects, cases.pooled(), words=cases.words(), style=cases.STYLE).figure
    found = artists(figure)
    for place, yi in enumerate(effects["yi"]):
        across, height = found[f"study-{place}"].get_data()
        assert across[np.argmax(height)] == pytest.approx(yi)
    assert found["prediction"].get_xdata().tolist() == [-1.0, 0.0]
    assert found["level"].get_ydata() == pytest.approx([0.05, 0.05])
    across, height = found["pooled"].get_data()
    assert across[np.argmax(height)] == pytest.approx(-0.5)


def test_drapery_without_standard_errors_is_refused():
    said = draw_drapery(cases.effects(2).assign(sei=0.0), cases.pooled(), words=cases.words(), style=cases.STYLE)
    assert "no effect with a standard error" in said


@pytest.mark.parametrize(
    ("name", "width", "size"),
    [*((name, 8.9, 7) for name in DRAWERS), ("influence", 18, 12)],
)
def test_texts_stay_on_the_page_apart_and_readable(name, width, size):
    long_title = cases.words(title=f"{cases.LONG_NAME}: all outcomes in all people")
    figure = DRAWERS[name](14, words=long_title, style=cases.style(width, size)).figure
    figure.set_dpi(72)  # places are in points and shares of the page, the same at every resolution
    drawn = [(text.get_text(), text.get_fontsize(), box.extents) for text, box in texts_drawn(figure)]
    wide, high = figure.get_size_inches() * 72
    assert wide == pytest.approx(width / 2.54 * 72)
    for text, points, (left, bottom, right, top) in drawn:
        assert points >= 6
        assert min(left, bottom, wide - right, high - top) >= 0, text
    for (one, points, a), (other, others_points, b) in combinations(drawn, 2):
        across, up = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
        # Boxes reach from descenders to the line's top: lines that follow each other may touch there.
        assert across <= 0 or up <= 0.25 * min(points, others_points), (one, other)


@pytest.mark.parametrize("name", DRAWERS)
def test_drawing_again_gives_the_same_bytes_and_words(name):
    plots = [DRAWERS[name](3, words=cases.words(), style=cases.STYLE) for _ in range(2)]
    first, second = (figure_bytes(plot.figure, file_format="svg", dpi=100) for plot in plots)
    assert hashlib.sha256(first).hexdigest() == hashlib.sha256(second).hexdigest()
    assert plots[0].alternative == plots[1].alternative
    assert "nan" not in plots[0].alternative
    assert b"Death within 30 days" in first
