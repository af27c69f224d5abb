"""The same figure gives the same bytes, wherever and whenever it is saved."""

import hashlib
import io
import os
import subprocess
import sys
from pathlib import Path

import matplotlib
import pytest
from forest_case import draw, ladder
from matplotlib.font_manager import FontProperties, findfont
from PIL import Image

from repool.figures import rendering as figures
from repool.figures.rendering import FILE_FORMATS, figure_bytes, figure_style, missing_letters

TESTS = Path(__file__).resolve().parent
SCRIPTS = Path(figures.__file__).resolve().parents[2]
PROGRAM = """
import hashlib, sys
from forest_case import draw, ladder
from repool.figures.rendering import figure_bytes
for file_format in ("pdf", "png", "svg"):
    content = figure_bytes(draw(ladder()), file_format=file_format, dpi=150)
    print(file_format, hashlib.sha256(content).hexdigest())
print("pyplot" if "matplotlib.pyplot" in sys.modules else "no pyplot")
"""


def run_elsewhere(seed):
    """Return what another process prints about the same three files."""
    environment = os.environ | {
        "PYTHONHASHSEED": seed,
        "PYTHONPATH": os.pathsep.join([str(TESTS), str(SCRIPTS)]),
    }
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_two_processes_write_the_same_bytes_without_pyplot():
    first, second = run_elsewhere("0"), run_elsewhere("4242")
    assert first == second
    here = []
    for name in ("pdf", "png", "svg"):
        content = figure_bytes(draw(ladder()), file_format=name, dpi=150)
        here.append(f"{name} {hashlib.sha256(content).hexdigest()}")
    assert first == [*here, "no pyplot"]


@pytest.mark.parametrize("file_format", FILE_FORMATS)
def test_saving_a_figure_again_or_after_another_format_changes_nothing(file_format):
    figure = draw(ladder())
    first = figure_bytes(figure, file_format=file_format, dpi=100)
    for other in FILE_FORMATS:
        figure_bytes(figure, file_format=other, dpi=60)
    assert figure_bytes(figure, file_format=file_format, dpi=100) == first


@pytest.mark.parametrize("file_format", FILE_FORMATS)
def test_a_personal_setting_of_matplotlib_changes_nothing(file_format):
    usual = figure_bytes(draw(ladder()), file_format=file_format, dpi=60)
    personal = {
        "font.family": ["DejaVu Serif"],
        "svg.fonttype": "path",
        "svg.hashsalt": "other",
        "pdf.fonttype": 3,
        "figure.dpi": 50,
        "axes.facecolor": "red",
        "text.parse_math": True,
        "lines.linewidth": 9,
    }
    with matplotlib.rc_context(personal):
        changed = figure_bytes(draw(ladder()), file_format=file_format, dpi=60)
        assert matplotlib.rcParams["lines.linewidth"] == 9
    assert changed == usual


@pytest.mark.parametrize("file_format", FILE_FORMATS)
def test_files_name_no_moment_and_no_software(file_format):
    content = figure_bytes(draw(ladder()), file_format=file_format, dpi=60)
    for word in (b"CreationDate", b"dc:date", b"tIME", b"Software", b"Matplotlib v"):
        assert word not in content


def test_png_is_rgb_at_the_resolution_asked_for():
    figure = draw(ladder())
    with Image.open(io.BytesIO(figure_bytes(figure, file_format="png", dpi=300))) as picture:
        assert picture.mode == "RGB"
        # PNG stores whole dots per metre: 300 dpi = 11811 dots per metre = 299.9994 dpi.
        assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.01)
        # 18 cm are 7.0866 inches; the backend rounds down to whole pixels.
        assert picture.width == pytest.approx(18 / 2.54 * 300, abs=1)
        assert picture.getpixel((0, 0)) == (255, 255, 255)


def test_svg_keeps_text_as_text_and_names_the_font_and_the_title():
    content = figure_bytes(draw(ladder()), file_format="svg", dpi=300).decode()
    assert ">Study A</text>" in content
    assert "DejaVu Sans" in content
    assert "<title>Abstinence at six months</title>" in content


def test_pdf_embeds_truetype_fonts():
    content = figure_bytes(draw(ladder()), file_format="pdf", dpi=300)
    assert b"/FontFile2" in content
    assert b"/Type3" not in content


def test_unknown_formats_and_resolutions_are_refused():
    figure = draw(ladder())
    with pytest.raises(ValueError, match="'jpg' is not one of pdf, png, svg"):
        figure_bytes(figure, file_format="jpg", dpi=300)
    with pytest.raises(ValueError, match="above 0"):
        figure_bytes(figure, file_format="png", dpi=0)


def test_the_font_is_the_one_that_comes_with_matplotlib():
    with figure_style():
        fonts = [findfont(FontProperties(weight=weight)) for weight in ("normal", "bold")]
    for font in fonts:
        assert Path(font).is_relative_to(matplotlib.get_data_path())


def test_missing_letters_are_named_once_and_sorted():
    assert missing_letters(["村 中", "中 plain é Ж α τ² ←→ ᵃ"]) == ["U+4E2D", "U+6751"]
    assert missing_letters(["plain"]) == []
