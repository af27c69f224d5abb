"""The report in the hands of readers who do not see it, or not well: axe-core finds no fault."""

from functools import cache
from pathlib import Path

import pytest
import report_case as case
from browser import faults, needs_browser, run_in_page
from report_built import built

from repool.report import page as report

pytestmark = [needs_browser, pytest.mark.slow]
ROOT = Path(__file__).parents[1]


@cache
def example(name="bcg"):
    """Return the report of an example, built from its tables."""
    return built(ROOT / "examples" / name).html


@cache
def invented():
    """Return the report of the invented review."""
    files = report.report_files(case.rows(), case.pictures(), settings=case.SETTINGS, plan=case.PLAN, versions={})
    return files["results/report.html"]


@pytest.mark.parametrize(("name", "dark"), [("bcg", False), ("caffeine", True)])
def test_report_of_an_example_has_no_fault(name, dark):
    assert faults(example(name), dark=dark) == []


def test_report_on_a_phone_has_no_fault():
    assert faults(example("caffeine"), window=(500, 900)) == []


def test_report_of_the_invented_review_has_no_fault():
    assert faults(invented()) == []


def test_the_check_finds_a_fault_that_is_there():
    pale = '<p style="color: #ccc; background: #fff">Pale</p>'
    twice = '<div role="region" aria-label="Twice">.</div>' * 2
    found = faults(invented().replace("</main>", f"{pale}{twice}</main>"))
    assert [words.partition(":")[0] for words in found] == ["color-contrast", "landmark-unique"]


def test_all_of_the_explorer_is_reached_by_keyboard():
    found = run_in_page(
        example(),
        """
        const box = document.querySelector("details.explorer");
        box.open = true;
        box.dispatchEvent(new Event("toggle"));
        const all = [...box.querySelectorAll("input, button, select, summary")];
        const parts = all.filter((one) => one.checkVisibility());
        const lost = parts.filter((one) => { one.focus(); return document.activeElement !== one || one.tabIndex < 0; });
        const isNamed = (one) => one.labels?.length || one.getAttribute("aria-label") || one.textContent;
        const unnamed = parts.filter((one) => !isNamed(one));
        return [parts.length, lost.length, unnamed.map((one) => one.outerHTML)];
        """,
    )
    # A tick and a name for each of 13 studies, besides the controls.
    assert found[0] > 26
    assert found[1:] == [0, []]
