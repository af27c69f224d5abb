"""Words of a review in reStructuredText: docutils, which Snakemake shows captions by, gives them back as they are."""

import html
import re

import pytest
from docutils.core import publish_parts

from repool.report.rst import as_plain_rst

TEXTS = [
    "Does BCG vaccine prevent tuberculosis, and does it do so better far from the equator?",
    "name_ *bold* **strong** `role` ``literal`` |sub| [1]_ <b>&amp;</b> \\ a\\b",
    "1. first", "- a point", ".. raw:: html", ":field: x", "====", "Søren's 問い _x", "=cmd()",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_text_is_shown_as_it_stands(text):
    body = publish_parts(as_plain_rst(text), writer="html")["body"]
    assert re.fullmatch(r"<p>.*</p>\n", body), body
    assert html.unescape(body[3:-5]) == text


def test_lines_become_one_so_that_no_line_starts_a_directive():
    assert as_plain_rst("a\n\n.. raw:: html\n\n   <b>") == r"a \.\. raw\:\: html \<b\>"
