"""No number of a figure differs from its table: each is walked back, in every committed picture and its words."""

import functools
import random
from dataclasses import replace
from pathlib import Path

import pytest
from figure_cells import cell_of
from figure_numbers import FigureWalk, plain
from figure_sources import figures_of
from printed_numbers import NUMBER

from repool import door

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = [path.parent.name for path in sorted((ROOT / "examples").glob("*/results"))]


@functools.cache
def drawn(name):
    """Return the walk of a review and its figures; "" is the shipped one."""
    folder = ROOT / "examples" / name if name else ROOT
    return FigureWalk(folder, door.open_review(folder).settings), list(figures_of(folder))


def unexplained(name):
    walk, figures = drawn(name)
    return [
        (figure.analysis, figure.name, gid, text, found)
        for figure in figures
        for gid, text in walk.places(figure)
        if (found := walk.unexplained(figure, gid, text))
    ]


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_number_of_an_examples_figures_is_that_of_a_table(name):
    assert drawn(name)[1]
    assert unexplained(name) == []


@pytest.mark.slow
def test_every_number_of_the_shipped_reviews_figures_is_that_of_a_table():
    assert len(drawn("")[1]) > 90
    assert unexplained("") == []


@pytest.mark.parametrize("name", ["", *EXAMPLES])
def test_the_alternative_text_in_the_picture_is_that_of_the_list_of_figures(name):
    for figure in drawn(name)[1]:
        assert figure.svg.description == figure.alternative, (figure.analysis, figure.name)


def digits(text):
    """Return where the digits of the numbers of a text stand."""
    return [at for found in NUMBER.finditer(text) for at in range(*found.span()) if text[at] in "0123456789"]


def altered(text, at, step):
    return f"{text[:at]}{(int(text[at]) + step) % 10}{text[at + 1 :]}"


def kind_of(walk, figure, gid, text):
    """Return what is known of a text: the columns it tells, the row, or no more than the tables."""
    cell = cell_of(figure, gid)
    if cell is not None:
        return "row" if cell.ways is None else "cell"
    return "study" if walk.study_of(figure, gid, plain(text)) else "text"


def test_any_changed_digit_of_a_cell_is_noticed():
    # Cells have their columns: those of forest plots, of lists of intervals, keys and shares of risk of bias.
    seen = 0
    for name in EXAMPLES:
        walk, figures = drawn(name)
        for figure in figures:
            for gid, text in figure.svg.texts.items():
                if kind_of(walk, figure, gid, text) == "cell":
                    for place, at in enumerate(digits(text)):
                        assert walk.unexplained(figure, gid, altered(text, at, 1 + place % 9)), (figure.name, gid, text)
                        seen += 1
    assert seen > 5000


def test_most_changed_digits_of_other_texts_are_noticed():
    # What it can miss: a digit changed so that another number of the same row, or of the same tables, comes out.
    chance, noticed = random.Random(20260101), {"row": [], "study": [], "text": []}
    for name in EXAMPLES:
        walk, figures = drawn(name)
        for figure in figures:
            for gid, text in walk.places(figure):
                kind, at = kind_of(walk, figure, gid, text), digits(text)
                if kind != "cell" and at:
                    other = altered(text, chance.choice(at), chance.randint(1, 9))
                    noticed[kind].append(bool(walk.unexplained(figure, gid, other)))
    shares = {kind: sum(found) / len(found) for kind, found in noticed.items()}
    assert shares["study"] > 0.97
    assert shares["row"] > 0.9
    assert shares["text"] > 0.8


@pytest.mark.parametrize("part", ["row", "effect", "weight", "arm1", "arm2", "events1", "n1", "events2", "n2"])
def test_two_rows_of_a_forest_plot_that_change_places_are_noticed(part):
    noticed = []
    for name in ("bcg", "caffeine"):
        walk, figures = drawn(name)
        for figure in figures:
            rows = [gid for gid in figure.svg.texts if figure.is_forest and gid.startswith(f"{part}-")]
            for gid, other in zip(rows, rows[1:], strict=False):
                if figure.svg.texts[gid] != figure.svg.texts[other]:
                    noticed.append(bool(walk.unexplained(figure, gid, figure.svg.texts[other])))
    assert noticed
    assert all(noticed)


@pytest.mark.parametrize(
    ("figure", "gid", "told", "wrong"),
    [
        ("forest_jama", "test-overall-as_reported", "P = .002", "P = .003"),
        ("forest_bmj", "test-heterogeneity-as_reported", "P<0.001", "P<0.0003"),
        ("forest_revman5", "events-events1-as_reported", "1065", "1056"),
        ("forest", "pooled-as_reported", "k = 13", "k = 12"),
        ("forest", "prediction-as_reported", "95 %", "90 %"),
        ("forest", "alternative-4", "Aronson 1948", "Aronson 1949"),
        ("prisma", "alternative-0", "n = 1,264", "n = 1,246"),
        ("funnel", "legend-2", "0.49", "0.41"),
        ("same_result", "label-g1-0", "TPT Madras 1980", "TPT Madras 1981"),
        ("gosh", "alternative-0", "2000 subsets", "2001 subsets"),
    ],
)
def test_a_wrong_number_is_noticed(figure, gid, told, wrong):
    walk, figures = drawn("bcg")
    found = next(one for one in figures if one.name == figure)
    place, text = next((place, text) for place, text in walk.places(found) if told in text and _alike(place, gid))
    assert walk.unexplained(found, place, text) == []
    assert walk.unexplained(found, place, text.replace(told, wrong)) != []


def _alike(place, gid):
    # Sentences are found by their words; they have no gid.
    return place == gid or (place.startswith("alternative-") and gid.startswith("alternative-"))


def test_a_changed_table_is_noticed_as_much_as_a_changed_picture():
    walk, figures = drawn("bcg")
    figure = next(one for one in figures if one.name == "forest")
    rows = [dict(row) for row in figure.tables["forest"]]
    rows[0]["yi"] = "-0.879"  # exp(-0.879) is 0.415, where the picture says 0.41
    changed = replace(figure, tables=figure.tables | {"forest": rows}, analysis=figure.analysis)
    assert walk.unexplained(changed, f"effect-{rows[0]['result_id']}", "0.41 [0.13 to 1.26]") != []
