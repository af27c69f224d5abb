"""No number of a report differs from its table: each is walked back, on every page and in every kind of text."""

import random
from dataclasses import replace
from pathlib import Path

import pytest
from example_runs import run_example
from printed_numbers import NUMBER
from report_built import built
from report_numbers import Walk
from report_places import Places

ROOT = Path(__file__).resolve().parents[1]
BCG = ROOT / "examples" / "bcg"


def unexplained(made):
    walk = Walk(made)
    return [
        (place.analysis, place.text, found) for place in Places(made.html).found if (found := walk.unexplained(place))
    ]


@pytest.fixture(scope="module")
def bcg():
    return built(BCG)


def test_every_number_of_the_bcg_report_is_that_of_a_table(bcg):
    assert unexplained(bcg) == []


@pytest.mark.slow
@pytest.mark.parametrize("folder", [ROOT, ROOT / "examples" / "magnesium", ROOT / "examples" / "school_calendar"])
def test_every_number_of_other_committed_reports_is_that_of_a_table(folder):
    assert unexplained(built(folder)) == []


def altered(text, chance):
    """Return a text with one digit of one of its numbers changed; None where it holds no number."""
    places = [
        match.start() + at
        for match in NUMBER.finditer(text)
        for at, c in enumerate(match[0])
        if c.isascii() and c.isdigit()
    ]
    if not places:
        return None
    at = chance.choice(places)
    return f"{text[:at]}{(int(text[at]) + chance.randint(1, 9)) % 10}{text[at + 1 :]}"


def test_the_walk_notices_a_changed_digit(bcg):
    # What it can miss: a digit changed so that another number of the same table, or of the analysis, comes out.
    walk, chance = Walk(bcg), random.Random(20260101)
    noticed = {"row": [], "sentence": []}
    for place in Places(bcg.html).found:
        other = altered(walk.told(place.text), chance)
        if other is not None:
            noticed["row" if place.csv else "sentence"].append(bool(walk.unexplained(replace(place, text=other))))
    shares = {kind: sum(found) / len(found) for kind, found in noticed.items()}
    # Of a sentence, small counts are the ones that another count stands in for.
    assert shares["row"] > 0.85
    assert shares["sentence"] > 0.5


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        ("RR 0.49, 95 % CI 0.33 to 0.73", "RR 0.49, 95 % CI 0.33 to 0.74"),
        ("(357,347 people)", "(357,346 people)"),
        ("I² 92.2 %", "I² 92.3 %"),
        ("95 % prediction interval 0.14 to 1.76", "95 % prediction interval 0.14 to 1.67"),
    ],
)
def test_a_wrong_number_in_the_answer_is_noticed(bcg, told, wrong):
    walk = Walk(bcg)
    place = next(place for place in Places(bcg.html).found if place.is_answer and told in place.text)
    assert walk.unexplained(place) == []
    assert walk.unexplained(replace(place, text=place.text.replace(told, wrong))) != []


@pytest.mark.slow
def test_every_number_of_the_small_review_is_that_of_a_table(tmp_path):
    results = run_example("../tests/reviews/small", tmp_path)
    assert unexplained(built(results.parent)) == []
