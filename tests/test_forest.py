"""The forest plot says what its tables say: texts, positions and sizes are read back from it."""

import itertools
import math
import warnings
import xml.etree.ElementTree as ET

import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex

from repool.figures.forest import draw_forest
from repool.figures.forest_axis import plain_number
from repool.figures.forest_layout import wrap
from repool.figures.forest_notes import forest_alt_text
from repool.figures.forest_words import count_text, interval, scientific, shown, significant
from repool.figures.rendering import figure_bytes

STYLE = {
    "width_cm": 18.0,
    "font_size": 8,
    "colour_square": "#2f5d8a",
    "colour_diamond": "#1a1a1a",
    "colour_prediction": "#b5651d",
}
STEPS = {
    "as_reported": "As reported",
    "equal_arms": "Equal arm sizes assumed",
    "derived": "Standard error derived",
}
ASSUMPTIONS = {
    "equal_arms": "equal arm sizes assumed",
    "se_from_p": "the standard error is the one that gives the printed p-value",
}
WORDS = {
    "title": "Abstinence at six months",
    "measure_label": "Odds ratio",
    "favours_left": "Favours usual care",
    "favours_right": "Favours peer support",
    "level": 0.95,
    "step_titles": STEPS,
    "assumption_titles": ASSUMPTIONS,
    "arm_titles": ("Arm 1", "Arm 2"),
}
ROUNDING = 1e-9  # values are handed to the artists unchanged; only exp(log(x)) rounds
EFFECT_COLUMNS = [
    "ladder_step",
    "step_order",
    "reading",
    "study_id",
    "cohort_id",
    "label",
    "result_id",
    "measure",
    "yi",
    "ci_lb",
    "ci_ub",
    "assumptions",
    "added_at",
    "weight_percent",
    "condition_arm1",
    "condition_arm2",
    "events_arm1",
    "n_arm1",
    "events_arm2",
    "n_arm2",
]
POOLED_COLUMNS = [
    "ladder_step",
    "step_order",
    "reading",
    "model",
    "is_primary",
    "verdict",
    "reason",
    "measure",
    "k",
    "method_tau2",
    "ci_method",
    "level",
    "prediction_method",
    "i2_definition",
    "estimate",
    "ci_lb",
    "ci_ub",
    "pi_lb",
    "pi_ub",
    "tau2",
    "tau2_lb",
    "tau2_ub",
    "q",
    "q_df",
    "q_pval",
    "i2_percent",
    "assumptions",
    "converged",
]


def study(label, effect, low, high, *, step="as_reported", weights=None, **cells):
    """Return one invented study; effect and interval as printed, weights by step."""
    return {"label": label, "effect": effect, "low": low, "high": high, "step": step} | {
        "weights": weights or {},
        **cells,
    }


def tables(studies, results, *, measure="OR"):
    """Return effects and pooled frames as the pipeline hands them over."""
    scale = math.log if measure in {"OR", "RR", "HR", "IRR", "ROM"} else float
    order = {step: place for place, step in enumerate(STEPS, start=1)}
    rows = []
    for step, place in order.items():
        for index, one in enumerate(studies):
            if order[one["step"]] > place or step not in results:
                continue
            row = {
                "ladder_step": step,
                "step_order": place,
                "reading": "preferred",
                "study_id": f"s{index}",
                "cohort_id": f"c{index}",
                "label": one["label"],
                "result_id": f"r{index}",
                "measure": measure,
                "yi": scale(one["effect"]),
                "ci_lb": scale(one["low"]),
                "ci_ub": scale(one["high"]),
                "assumptions": one.get("assumptions", ""),
                "added_at": one["step"],
                "weight_percent": one["weights"].get(step),
                "condition_arm1": one.get("arm1", "Peer support"),
                "condition_arm2": one.get("arm2", "Usual care"),
            }
            counts = one.get("counts", (13, 40, 8, 41))
            names = ("events_arm1", "n_arm1", "events_arm2", "n_arm2")
            rows.append(row | dict(zip(names, counts, strict=True)))
    pooled = [pooled_row(step, order[step], measure, scale, values) for step, values in results.items()]
    return pd.DataFrame(rows, columns=EFFECT_COLUMNS), pd.DataFrame(pooled, columns=POOLED_COLUMNS)


def pooled_row(step, place, measure, scale, values):
    """Return a pooled row from its reason (a text) or its numbers (a mapping)."""
    row = {
        "ladder_step": step,
        "step_order": place,
        "reading": "preferred",
        "model": "reml_hk",
        "is_primary": "yes",
        "measure": measure,
        "level": 0.95,
        "method_tau2": "REML",
        "ci_method": "knapp_hartung_floored",
        "prediction_method": "t_k_minus_2",
        "i2_definition": "from_tau2",
        "converged": "yes",
        "assumptions": "",
    }
    if isinstance(values, str):
        return row | {"verdict": "not_pooled", "reason": values, "k": 1}
    scaled = ("estimate", "ci_lb", "ci_ub", "pi_lb", "pi_ub")
    numbers = {n: scale(v) if n in scaled else v for n, v in values.items()}
    return row | {"verdict": "pooled", "reason": ""} | numbers


POOLED = {
    "k": 2,
    "estimate": 1.5,
    "ci_lb": 0.8,
    "ci_ub": 3.2,
    "q": 3.214,
    "q_df": 1,
    "q_pval": 0.0731,
    "i2_percent": 68.87,
    "tau2": 0.021349,
}


def two_studies(**changes):
    """Return two studies pooled as reported."""
    studies = [
        study("Study A", 2.0, 0.9, 4.0, weights={"as_reported": 75.0}),
        study("Study B", 1.25, 0.5, 3.0, weights={"as_reported": 25.0}),
    ]
    return tables(studies, {"as_reported": POOLED | changes})


def ladder():
    """Return three steps: one study not pooled, then two pools, the last with prediction."""
    studies = [
        study("Study A", 2.0, 0.9, 4.0, weights={"equal_arms": 60.0, "derived": 50.0}),
        study(
            "Study B",
            1.25,
            0.5,
            3.0,
            step="equal_arms",
            assumptions="equal_arms",
            weights={"equal_arms": 40.0, "derived": 30.0},
        ),
        study(
            "Study C",
            0.8,
            0.4,
            1.6,
            step="derived",
            assumptions="se_from_p;equal_arms",
            weights={"derived": 20.0},
        ),
    ]
    results = {
        "as_reported": "one effect; two are needed",
        "equal_arms": POOLED | {"assumptions": "equal_arms"},
        "derived": POOLED | {"k": 3, "estimate": 1.4, "pi_lb": 0.6, "pi_ub": 3.5},
    }
    return tables(studies, results)


def many(count, *, label="Study {}", measure="OR"):
    """Return `count` studies over three steps, the widest interval at k = 2."""
    steps = list(STEPS)
    studies = []
    for index in range(count):
        step = steps[index * len(steps) // count]
        effect = 0.7 + 0.13 * (index % 9)
        studies.append(
            study(
                label.format(index + 1),
                effect,
                effect / (1.4 + 0.2 * (index % 7)),
                effect * (1.4 + 0.2 * (index % 7)),
                step=step,
                assumptions=["", "equal_arms", "equal_arms;se_from_p"][steps.index(step)],
                weights=dict.fromkeys(steps, 1.0 + index % 5),
                counts=(100 + index, 1200 + index, 98 + index, 1204 + index),
            )
        )
    results = {step: POOLED | {"k": 1 + steps.index(step)} for step in steps}
    results["as_reported"] = POOLED | {"ci_lb": 1e-5, "ci_ub": 1e6}
    results["derived"] = POOLED | {"k": count, "estimate": 1.2, "pi_lb": 0.5, "pi_ub": 2.5}
    return tables(studies, results, measure=measure)


def draw(frames, **changes):
    """Draw frames with the usual words."""
    return draw_forest(*frames, **{**WORDS, "style": STYLE, **changes})


def artists(figure):
    """Return the artists with a gid, by gid."""
    found = {}
    for artist in figure.findobj(lambda a: a.get_gid() is not None):
        assert artist.get_gid() not in found, f"two artists are called {artist.get_gid()}"
        found[artist.get_gid()] = artist
    return found


def text_of(figure, gid):
    """Return the text of a gid, its wrapped lines joined."""
    found = artists(figure)
    lines = [found[gid].get_text()]
    for place in itertools.count(2):
        if f"{gid}-line-{place}" not in found:
            return " ".join(lines)
        lines.append(found[f"{gid}-line-{place}"].get_text())


def texts_drawn(figure):
    """Return (text, extent in pixels) of everything written."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    texts = [t for t in figure.findobj(lambda a: hasattr(a, "get_parse_math")) if t.get_text()]
    return [(t, t.get_window_extent(canvas.get_renderer())) for t in texts if t.get_visible()]


def depth(figure, gid):
    """Return how far below the top of the page an artist is, in points."""
    extent = artists(figure)[gid].get_window_extent(FigureCanvasAgg(figure).get_renderer())
    return (figure.bbox.height - (extent.y0 + extent.y1) / 2) * 72 / figure.dpi


# What is written


def test_a_row_gives_label_events_effect_and_weight():
    figure = draw(two_studies())
    assert text_of(figure, "row-r0") == "Study A"
    assert text_of(figure, "arm1-r0") == "13/40"
    assert text_of(figure, "arm2-r0") == "8/41"
    assert text_of(figure, "effect-r0") == "2.00 [0.90 to 4.00]"
    assert text_of(figure, "weight-r0") == "75.0 %"


def test_heads_name_measure_level_and_arms():
    figure = draw(two_studies())
    assert text_of(figure, "head-effect") == "Odds ratio [95 % CI]"
    assert text_of(figure, "head-arm1") == "Peer support events/n"
    assert text_of(figure, "head-arm2") == "Usual care events/n"
    assert text_of(figure, "title") == "Abstinence at six months"


@pytest.mark.parametrize(("n", "words"), [(41.7766666667, "≈42"), (481.75, "≈482"), (40.0, "40")])
def test_an_arm_size_that_follows_from_an_assumed_share_is_shown_as_about(n, words):
    assert count_text(n) == words


def test_arms_with_different_or_long_names_are_named_below():
    long = "Peer recovery support services plus usual care"
    frames = tables(
        [study("A", 2, 1, 4, arm1=long, arm2="Waitlist"), study("B", 2, 1, 4, arm1=long)],
        {"as_reported": "no"},
    )
    figure = draw(frames)
    assert text_of(figure, "head-arm1").split() == ["Arm", "1", "events/n"]
    assert text_of(figure, "note-arm1-names").split() == f"Arm 1: {long}.".split()
    assert text_of(figure, "note-arm2-names").split() == [
        "Arm",
        "2:",
        "Waitlist;",
        "Usual",
        "care.",
    ]


def test_people_alone_are_shown_where_events_are_missing():
    frames = tables([study("A", 2, 1, 4, counts=(None, 40, None, 41.5))], {"as_reported": "no"})
    figure = draw(frames)
    assert text_of(figure, "arm1-r0") == "40"
    assert text_of(figure, "arm2-r0") == "≈42"
    assert text_of(figure, "head-arm1").endswith(" n")


def test_columns_without_content_are_not_drawn():
    frames = tables([study("A", 2, 1, 4, counts=(None,) * 4)], {"as_reported": "no"})
    found = artists(draw(frames))
    assert not {"head-arm1", "head-arm2", "head-weight", "arm1-r0", "weight-r0"} & set(found)


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


def test_assumptions_get_letters_in_order_of_appearance():
    figure = draw(ladder())
    assert text_of(figure, "row-r0") == "Study A"
    assert text_of(figure, "row-r1").split() == ["Study", "B", "ᵃ"]
    assert text_of(figure, "row-r2").split() == ["Study", "C", "ᵇ", "ᵃ"]
    assert text_of(figure, "note-assumption-a") == f"a  {ASSUMPTIONS['equal_arms']}"
    assert text_of(figure, "note-assumption-b") == f"b  {ASSUMPTIONS['se_from_p']}"


def test_heterogeneity_names_the_i2_definition_and_the_model():
    assert text_of(draw(two_studies()), "note-heterogeneity-as_reported") == (
        "Heterogeneity, as reported: Q = 3.21, df = 1, p = 0.073; I² (from τ²) = 68.9 %; "
        "τ² = 0.0213; model: REML, Knapp-Hartung (floored)."
    )


def test_a_common_effect_and_a_failed_fit_are_named():
    frames = two_studies(method_tau2="none", ci_method="wald", converged="no", q_pval=0.00012)
    words = text_of(draw(frames), "note-heterogeneity-as_reported")
    assert words.endswith("model: common effect, Wald; the fit did not converge.")
    assert "p < 0.001" in words


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


def test_favours_are_on_their_sides_of_no_effect():
    figure = draw(two_studies())
    renderer = FigureCanvasAgg(figure).get_renderer()
    found = artists(figure)
    middle = found["no-effect-line"].get_window_extent(renderer).x0
    assert text_of(figure, "favours-left") == "← Favours usual care"
    assert text_of(figure, "favours-right") == "Favours peer support →"
    assert found["favours-left"].get_window_extent(renderer).x1 < middle
    assert found["favours-right"].get_window_extent(renderer).x0 > middle


# What is drawn


def test_square_area_is_proportional_to_weight():
    found = artists(draw(two_studies()))
    heavy, light = (found[f"square-r{i}"].get_sizes()[0] for i in (0, 1))
    assert heavy / light == pytest.approx(75 / 25, rel=ROUNDING)


def test_squares_and_whiskers_stand_at_their_values():
    found = artists(draw(two_studies()))
    assert found["square-r0"].get_offsets()[0][0] == pytest.approx(math.log(2))
    assert list(found["whisker-r0"].get_xdata()) == pytest.approx([math.log(0.9), math.log(4)])


def test_the_weight_is_that_of_the_first_pooled_step_from_the_row_down():
    figure = draw(ladder())
    # Study A comes in at a step that is not pooled; the next step pools it with weight 60.
    weights = [text_of(figure, f"weight-r{i}") for i in range(3)]
    assert weights == ["60.0 %", "40.0 %", "20.0 %"]
    assert "next pooled result down" in text_of(figure, "note-key")


def test_an_effect_that_needed_an_assumption_is_hollow():
    found = artists(draw(ladder()))
    fills = [to_hex(found[f"square-r{i}"].get_facecolor()[0]) for i in range(3)]
    assert fills == [STYLE["colour_square"], "#ffffff", "#ffffff"]
    assert to_hex(found["diamond-equal_arms"].get_facecolor()) == "#ffffff"
    assert to_hex(found["diamond-derived"].get_facecolor()) == STYLE["colour_diamond"]


def test_a_study_in_no_pool_has_a_small_hollow_square_of_fixed_size():
    squares = []
    for effect in (2.0, 3.0):
        frames = tables([study("A", effect, 1, 4)], {"as_reported": "one effect"})
        squares.append(artists(draw(frames))["square-r0"])
    assert to_hex(squares[0].get_facecolor()[0]) == "#ffffff"
    assert squares[0].get_sizes() == squares[1].get_sizes()
    assert squares[0].get_sizes()[0] < artists(draw(two_studies()))["square-r0"].get_sizes()[0]


def test_diamond_ends_are_the_interval_and_its_middle_the_estimate():
    corners = artists(draw(two_studies()))["diamond-as_reported"].get_xy()
    across = [x for x, _ in corners]
    assert (min(across), max(across)) == pytest.approx((math.log(0.8), math.log(3.2)))
    top = min(corners, key=lambda corner: corner[1])
    assert top[0] == pytest.approx(math.log(1.5))


def test_prediction_bar_spans_its_interval_below_the_diamond():
    figure = draw(ladder())
    bar = artists(figure)["prediction-bar-derived"]
    assert list(bar.get_xdata()) == pytest.approx([math.log(0.6), math.log(3.5)])
    assert depth(figure, "prediction-bar-derived") > depth(figure, "diamond-derived")


def test_an_arrow_head_stands_exactly_where_an_interval_is_clipped():
    studies = [
        study("Narrow", 1.2, 0.8, 1.8),
        study("Right", 1.2, 0.8, 1e4),
        study("Both", 1.2, 1e-4, 1e4),
        study("Beyond", 500, 300, 900),
    ]
    figure = draw(tables(studies, {"as_reported": "no"}))
    found = artists(figure)
    low, high = found["plot"].get_xlim()
    for index, one in enumerate(studies):
        assert (f"arrow-left-r{index}" in found) == (math.log(one["low"]) < low)
        assert (f"arrow-right-r{index}" in found) == (math.log(one["high"]) > high)
    assert {g for g in found if g.startswith("arrow-")} == {
        "arrow-right-r1",
        "arrow-left-r2",
        "arrow-right-r2",
        "arrow-right-r3",
    }
    assert list(found["whisker-r2"].get_xdata()) == [low, high]
    assert "square-r3" not in found
    assert text_of(figure, "effect-r3") == "500 [300 to 900]"


def test_a_huge_pooled_interval_is_clipped_and_keeps_its_ends_and_its_words():
    figure = draw(two_studies(ci_lb=math.exp(-15), ci_ub=math.exp(15)))
    found = artists(figure)
    assert {"diamond-arrow-left-as_reported", "diamond-arrow-right-as_reported"} <= set(found)
    corners = found["diamond-as_reported"].get_xy()
    assert (corners[:, 0].min(), corners[:, 0].max()) == pytest.approx((-15, 15))
    # exp(15) = 3269017.37 and exp(-15) = 3.059e-7, from a table of exponentials.
    assert text_of(figure, "pooled-effect-as_reported") == "1.50 [3.1×10⁻⁷ to 3.3×10⁶]"
    # Studies reach from 0.5 to 4; the axis is theirs, not the pooled interval's.
    assert found["plot"].get_xlim()[1] < math.log(20)


def test_a_ratio_axis_never_covers_more_than_a_hundredfold():
    studies = [study(str(i), 1.0, 1e-6, 1e6) for i in range(5)]
    low, high = artists(draw(tables(studies, {"as_reported": "no"})))["plot"].get_xlim()
    # 100 and the 5 % of room beside it.
    assert (low, high) == pytest.approx((-1.05 * math.log(100), 1.05 * math.log(100)))


def ticks_of(figure):
    """Return (position, label) of the ticks."""
    axes = artists(figure)["plot"]
    labels = [label.get_text() for label in axes.get_xticklabels()]
    return list(zip(axes.get_xticks(), labels, strict=True))


def test_ratio_ticks_are_plain_numbers_at_their_logarithms():
    ticks = ticks_of(draw(two_studies()))
    labels = {label for _, label in ticks}
    assert "1" in labels
    assert labels <= {"0.2", "0.5", "1", "2", "5", "10"}
    for at, label in ticks:
        assert at == pytest.approx(math.log(float(label)), abs=ROUNDING)


def test_a_wide_ratio_axis_names_decades():
    studies = [study(str(i), 1.0, 1e-6, 1e6) for i in range(5)]
    labels = [label for _, label in ticks_of(draw(tables(studies, {"as_reported": "no"})))]
    assert {"0.01", "0.1", "1", "10", "100"} <= set(labels)


def test_a_short_ratio_axis_still_names_three_values():
    frames = tables([study("A", 1.02, 0.98, 1.06)], {"as_reported": "no"})
    ticks = ticks_of(draw(frames))
    assert len(ticks) >= 3
    assert "1" in [label for _, label in ticks]


def test_a_difference_has_a_linear_axis_with_a_true_minus():
    studies = [study("A", -0.4, -0.9, 0.1), study("B", 0.3, -0.2, 0.8)]
    figure = draw(tables(studies, {"as_reported": "no"}, measure="SMD"))
    ticks = ticks_of(figure)
    steps = {round(b - a, 9) for (a, _), (b, _) in itertools.pairwise(ticks)}
    assert len(steps) == 1
    assert "0" in [label for _, label in ticks]
    assert any(label.startswith("−") for _, label in ticks)
    assert text_of(figure, "effect-r0") == "−0.40 [−0.90 to 0.10]"
    assert "head-plot" not in artists(figure)


def test_a_measure_of_one_group_has_no_line_of_no_effect():
    frames = tables([study("A", 55, 52, 58), study("B", 57, 54, 60)], {"as_reported": "no"}, measure="MN")
    found = artists(draw(frames))
    assert "no-effect-line" not in found
    assert found["plot"].get_xlim()[0] > 40


def test_an_effect_without_estimate_or_interval_is_kept_in_words():
    effects, pooled = two_studies()
    effects.loc[0, ["yi", "ci_lb", "ci_ub"]] = None
    effects.loc[1, ["ci_lb", "ci_ub"]] = None
    figure = draw((effects, pooled))
    assert text_of(figure, "effect-r0") == "not estimable"
    assert text_of(figure, "effect-r1") == "1.25"
    assert not {"square-r0", "whisker-r0", "whisker-r1"} & set(artists(figure))


def test_an_infinite_interval_is_clipped():
    effects, pooled = two_studies()
    effects.loc[0, "ci_ub"] = math.inf
    pooled.loc[0, "ci_ub"] = math.inf
    figure = draw((effects, pooled))
    assert {"arrow-right-r0", "diamond-arrow-right-as_reported"} <= set(artists(figure))
    assert text_of(figure, "effect-r0") == "2.00 [0.90 to ∞]"


# How it is laid out

LABELS = {
    "short": "Study {}",
    "long": "Longwinded-Researcher and Another-Collaborator {}: peer-delivered linkage to care",
    "unbroken": "W" * 90 + "{}",
    "accented": "Ñuñez-Ångström & Ễnguyễn {}",
    "cyrillic": "Жуковский и соавторы {}",
    "greek": "Παπαδόπουλος {}",
    "arabic": "محمد وآخرون {}",
}


def assert_no_overlap(figure):
    """Fail when two texts overlap, or one leaves the page or lies over the plot."""
    drawn = texts_drawn(figure)
    page = figure.bbox
    plot = artists(figure)["plot"].get_window_extent()
    free = ("heading-", "not-pooled-")
    for text, extent in drawn:
        name = text.get_text()
        assert page.x0 <= extent.x0 and extent.x1 <= page.x1, f"{name!r} leaves the page"
        assert page.y0 <= extent.y0 and extent.y1 <= page.y1, f"{name!r} leaves the page"
        if not (text.get_gid() or "").startswith(free):
            assert not plot.overlaps(extent), f"{name!r} lies over the plot"
    boxes = [(text.get_text(), *extent.extents) for text, extent in drawn]
    for one, other in itertools.combinations(boxes, 2):
        apart = one[3] <= other[1] or other[3] <= one[1] or one[4] <= other[2] or other[4] <= one[2]
        assert apart, f"{one[0]!r} overlaps {other[0]!r}"


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
    figure = draw(frames, title="A title that goes on " * 20, favours_left=words, favours_right=words)
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


def test_a_narrow_page_stacks_the_arms_and_drops_nothing():
    figure = draw(two_studies(), style=STYLE | {"width_cm": 8.9, "font_size": 6.5})
    assert text_of(figure, "arms-r0").split() == ["13/40", "v", "8/41"]
    assert text_of(figure, "effect-r0") == "2.00 [0.90 to 4.00]"
    assert text_of(figure, "weight-r0") == "75.0 %"


def test_wrapping_keeps_every_letter_and_no_line_is_too_wide():
    text = "one two k = 2 incomprehensibilities 95 % end"
    lines = wrap(text, width=8, measure=len)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert max(map(len, lines)) <= 8
    assert "k = 2" in " / ".join(lines)


# What a label may hold


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


# What is refused


@pytest.mark.parametrize("key", STYLE)
def test_a_style_without_a_key_is_refused(key):
    style = {name: value for name, value in STYLE.items() if name != key}
    with pytest.raises(ValueError, match=key):
        draw(two_studies(), style=style)


def test_an_unknown_style_key_is_refused():
    with pytest.raises(ValueError, match="color_square"):
        draw(two_studies(), style=STYLE | {"color_square": "red"})


def test_a_page_too_narrow_for_its_font_is_refused():
    with pytest.raises(ValueError, match="too narrow"):
        draw(two_studies(), style=STYLE | {"width_cm": 4})


def test_words_that_are_missing_are_asked_for():
    with pytest.raises(ValueError, match="equal_arms.*step_titles"):
        draw(ladder(), step_titles={"as_reported": "As reported"})
    with pytest.raises(ValueError, match="se_from_p.*assumption_titles"):
        draw(ladder(), assumption_titles={"equal_arms": "equal arms"})


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


def test_tables_are_left_as_they_were():
    effects, pooled = ladder()
    before = effects.copy(), pooled.copy()
    draw((effects, pooled))
    pd.testing.assert_frame_equal(effects, before[0])
    pd.testing.assert_frame_equal(pooled, before[1])


# Words and numbers


def test_alt_text_tells_the_plot_with_the_numbers_it_prints():
    words = forest_alt_text(*ladder(), **WORDS)
    for sentence in (
        "Forest plot: Abstinence at six months.",
        "Left: Favours usual care.",
        "Study A (13/40 v 8/41): 2.00 [0.90 to 4.00], weight 60.0 %.",
        "Not pooled: one effect; two are needed.",
        "Study B (13/40 v 8/41): 1.25 [0.50 to 3.00], weight 40.0 %, assumption: equal arm sizes assumed.",
        "Pooled, equal arm sizes assumed (k = 2): 1.50 [0.80 to 3.20].",
        "95 % prediction interval: [0.60 to 3.50].",
    ):
        assert sentence in words
    assert "ᵃ" not in words


def test_alt_text_without_rows_says_why():
    words = forest_alt_text(*tables([], {"as_reported": "no study"}), **WORDS)
    assert words.endswith("No effect could be computed. As reported: no study.")


@pytest.mark.parametrize(
    "value, expected",
    [
        (0.0, "0.00"),
        (-0.0, "0.00"),
        (1.005, "1.00"),  # the nearest double lies below 1.005
        (-0.5, "−0.50"),
        (0.0034, "0.0034"),
        (-0.00341, "−0.0034"),
        (123.4, "123"),
        (12345.6, "12346"),
        (2.5e6, "2.5×10⁶"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
    ],
)
def test_differences_are_shown_short_but_never_as_a_false_zero(value, expected):
    assert shown(value, is_ratio=False) == expected


@pytest.mark.parametrize(
    "ratio, expected",
    [
        (1.0, "1.00"),
        (0.997, "0.997"),
        (1.0004, "1.0004"),
        (0.333, "0.33"),
        (0.0072, "0.0072"),
        (99.99, "99.99"),
        (150.2, "150"),
    ],
)
def test_ratios_never_round_onto_no_effect(ratio, expected):
    assert shown(math.log(ratio), is_ratio=True) == expected


def test_ratios_beyond_floating_point_are_still_told():
    assert shown(1000.0, is_ratio=True) == ">10³⁰⁰"
    assert shown(-1000.0, is_ratio=True) == "<10⁻³⁰⁰"
    assert interval(-math.inf, math.inf, is_ratio=True) == "[0.00 to ∞]"


def test_number_words():
    assert significant(0.021349, digits=3) == "0.0213"
    assert significant(12345.0, digits=3) == "12345"
    assert significant(0.0, digits=3) == "0"
    assert scientific(-0.00000324) == "−3.2×10⁻⁶"
    assert [plain_number(v) for v in (0.01, 100.0, -0.5, -0.0)] == ["0.01", "100", "−0.5", "0"]
