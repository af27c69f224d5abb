"""The digest of code: comments and docstrings do not count, statements and imports do."""

import ast

import pytest

from repool.code import digest, imported_modules

SOURCES = {
    "draw": "from repool import shapes\n",
    "repool.shapes": (
        'import os\n\n\ndef area(x):\n    """Return the area."""\n'
        "    from repool.units import metre\n    return x * metre\n"
    ),
    "repool.units": "metre = 1\n",
    "repool.other": "unused = 1\n",
}


def changed(**edits):
    edited = SOURCES | {name.replace("__", "."): text for name, text in edits.items()}
    return digest("draw", edited, resources={}) != digest("draw", SOURCES, resources={})


def test_imports_are_followed_also_inside_functions():
    assert imported_modules("draw", SOURCES) == ["draw", "repool.shapes", "repool.units"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"""Return the area."""', '"""Return the area in square metres."""'),
        ("import os\n", "import os  # for the area\n"),
        ("\n\n\ndef", "\n\n\n\n# why\ndef"),
    ],
)
def test_words_for_people_change_nothing(old, new):
    assert not changed(repool__shapes=SOURCES["repool.shapes"].replace(old, new))


def test_a_formula_changes_the_digest_wherever_it_stands():
    assert changed(repool__shapes=SOURCES["repool.shapes"].replace("x * metre", "x + metre"))
    assert changed(repool__units="metre = 2\n")


def test_a_module_that_is_not_imported_does_not_count():
    assert not changed(repool__other="unused = 2\n")


def test_resources_count():
    assert digest("draw", SOURCES, resources={"a.j2": b"1"}) != digest("draw", SOURCES, resources={"a.j2": b"2"})


def test_digest_does_not_depend_on_the_python_version():
    # Computed once with Python 3.11, 3.12 and 3.13, which gave the same; ast.dump differs between them.
    text = "def f(x: int = 1, *, y=None) -> str:\n    return f'{x!r:>{y}} {y}' if x else [i for i in range(3)]\n"
    assert ast.parse(text)
    assert digest("m", {"m": text}, resources={}) == "e238bdade203e61e4ee72b370737bd367d3731961d98263ea747e6f8db703900"
