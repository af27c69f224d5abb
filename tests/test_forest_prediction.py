"""The prediction interval as a bar, a shade or a distribution stands where the table puts it."""

import math

import numpy as np
import pytest
from forest_case import draw, ladder, two_studies
from forest_picture import ROUNDING, artists

from repool.figures.forest.lines import Line
from repool.figures.forest.prediction import prediction_density

ENDS = [math.log(0.6), math.log(3.5)]


def curve(df, low=-1.0, high=3.0):
    return prediction_density(Line(kind="prediction", key="p", label="", low=low, high=high, df=df, level=0.95))


@pytest.mark.parametrize(
    ("df", "height"),
    [
        (12, 0.1145643),  # R: dt(qt(.975, 12), 12) / dt(0, 12)
        (1, 0.00615583),  # R: dt(qt(.975, 1), 1) / dt(0, 1)
        (math.inf, 0.1465001),  # R: dnorm(qnorm(.975)) / dnorm(0)
    ],
)
def test_the_ends_lie_at_the_quantiles_of_the_distribution(df, height):
    places, heights = curve(df)
    at = [int(np.abs(places - end).argmin()) for end in (-1.0, 3.0)]
    assert places[at] == pytest.approx([-1.0, 3.0], abs=ROUNDING)
    assert heights[at] == pytest.approx([height, height], rel=1e-6)  # R prints seven digits
    assert places[heights.argmax()] == pytest.approx(1.0, abs=ROUNDING)
    assert heights.max() == pytest.approx(1.0)


def test_a_distribution_is_darker_between_the_ends_of_its_interval():
    found = artists(draw(ladder(), prediction="distribution"))
    body = found["prediction-body-derived"].get_datalim(found["plot"].transData)
    assert [body.x0, body.x1] == pytest.approx(ENDS, abs=ROUNDING)
    assert found["prediction-body-derived"].get_alpha() > found["prediction-tails-derived"].get_alpha()
    assert "prediction-bar-derived" not in found


def test_a_shade_reaches_from_end_to_end_and_has_dashed_edges():
    found = artists(draw(ladder(), prediction="shade"))
    band = found["prediction-shade-derived"]
    assert [band.get_x(), band.get_x() + band.get_width()] == pytest.approx(ENDS, abs=ROUNDING)
    for side, end in zip(("left", "right"), ENDS, strict=True):
        line = found[f"prediction-end-{side}-derived"]
        assert list(line.get_xdata()) == pytest.approx([end, end], abs=ROUNDING)
        assert line._unscaled_dash_pattern[1]


def test_where_the_distribution_is_not_known_a_bar_stands():
    frames = two_studies(pi_lb=0.5, pi_ub=4.0, k=2)  # t with k - 2 = 0 degrees of freedom is none
    found = artists(draw(frames, prediction="distribution"))
    assert "prediction-bar-as_reported" in found and "prediction-curve-as_reported" not in found


def test_an_infinite_prediction_interval_is_a_bar_with_arrows():
    frames = two_studies(prediction_method="normal")
    frames[1][["pi_lb", "pi_ub"]] = [-math.inf, math.inf]
    found = artists(draw(frames, prediction="distribution"))
    assert {"prediction-bar-as_reported", "prediction-arrow-left-as_reported"} <= set(found)


def test_a_shade_that_leaves_the_axis_ends_with_it():
    frames = two_studies(pi_lb=1e-4, pi_ub=1e4)
    found = artists(draw(frames, prediction="shade"))
    low, high = found["plot"].get_xlim()
    band = found["prediction-shade-as_reported"]
    assert [band.get_x(), band.get_x() + band.get_width()] == pytest.approx([low, high])
    assert "prediction-end-left-as_reported" not in found
