"""A long plot on several pages: heads and axis on each, every study once, notes on the last."""

import io
import re

import pytest
from forest_case import by_setting, many, picture
from forest_picture import artists, text_of
from PIL import Image

from repool.figures.forest.lines import Line
from repool.figures.forest.pages import pages_of
from repool.figures.rendering import figure_bytes, pages_bytes


def lines(kinds):
    return [Line(kind=kind, key=f"{kind}{place}", label=kind) for place, kind in enumerate(kinds)]


def kinds_of(pages):
    return [[line.kind for line in page] for page in pages]


def test_results_stay_below_their_studies_and_headings_above_them():
    kinds = ["heading", "study", "study", "pooled", "prediction", "heading", "study", "pooled"]
    assert kinds_of(pages_of(lines(kinds), rows_per_page=2)) == [kinds[:5], kinds[5:]]
    assert kinds_of(pages_of(lines(kinds), rows_per_page=3)) == [kinds]
    assert kinds_of(pages_of(lines(kinds), rows_per_page=None)) == [kinds]


def test_a_group_that_goes_on_has_its_heading_again():
    pages = pages_of(lines(["heading", "study", "study", "study"]), rows_per_page=2)
    assert kinds_of(pages) == [["heading", "study", "study"], ["heading", "study"]]
    assert pages[1][0].label == "heading (continued)"
    assert len({line.key for page in pages for line in page}) == 5


def test_every_study_stands_on_one_page_with_the_same_axis_and_heads():
    drawn = picture(many(40), rows_per_page=15)
    found = [artists(page) for page in drawn.pages]
    rows = [[gid for gid in page if re.fullmatch(r"row-r\d+", gid)] for page in found]
    assert [len(page) for page in rows] == [15, 15, 10]
    assert sorted(gid for page in rows for gid in page) == sorted(f"row-r{i}" for i in range(40))
    whole = artists(drawn.figure)
    for page, figure in zip(found, drawn.pages, strict=True):
        assert page["plot"].get_xlim() == whole["plot"].get_xlim()
        assert [t.get_text() for t in page["plot"].get_xticklabels()] == [
            t.get_text() for t in whole["plot"].get_xticklabels()
        ]
        assert text_of(figure, "head-label") == "Study"
    assert ["note-key" in page for page in found] == [False, False, True]
    assert text_of(drawn.pages[1], "title") == "Abstinence at six months (page 2 of 3)"


def test_squares_have_the_same_size_on_every_page():
    drawn = picture(many(40), rows_per_page=15)
    whole = artists(drawn.figure)
    for page in drawn.pages:
        for gid, square in artists(page).items():
            if gid.startswith("square-"):
                assert square.get_sizes() == pytest.approx(whole[gid].get_sizes())


def test_a_shade_begins_on_the_page_before_its_row():
    drawn = picture(many(12), rows_per_page=5, prediction="shade")
    shaded = ["prediction-shade-derived" in artists(page) for page in drawn.pages]
    assert shaded == [True] * len(drawn.pages)
    assert ["prediction-derived" in artists(page) for page in drawn.pages][:-1] == [False] * (len(drawn.pages) - 1)


def test_pdf_and_tiff_have_the_pages_and_are_equal_on_a_second_drawing():
    for file_format in ("pdf", "tiff"):
        first, second = (
            pages_bytes(picture(many(12), rows_per_page=5).pages, file_format=file_format, dpi=60) for _ in range(2)
        )
        assert first == second
    with Image.open(io.BytesIO(first)) as tiff:
        assert (tiff.n_frames, tiff.mode, tiff.info["compression"]) == (3, "RGB", "tiff_lzw")
    pdf = pages_bytes(picture(many(12), rows_per_page=5).pages, file_format="pdf", dpi=60)
    assert len(re.findall(rb"/Type /Page\b", pdf)) == 3


def test_one_page_is_the_figure_itself():
    drawn = picture(many(4), rows_per_page=10)
    assert drawn.pages == (drawn.figure,)
    assert pages_bytes(drawn.pages, file_format="pdf", dpi=60) == figure_bytes(drawn.figure, file_format="pdf", dpi=60)


def test_a_format_without_pages_is_refused():
    with pytest.raises(ValueError, match="'svg' has one page"):
        pages_bytes(picture(many(12), rows_per_page=5).pages, file_format="svg", dpi=60)


def test_a_subgroup_goes_on_with_its_name():
    drawn = by_setting(count=9, rows_per_page=5)
    assert text_of(drawn.pages[1], "heading-group-1-page-2") == "clinic (continued)"
