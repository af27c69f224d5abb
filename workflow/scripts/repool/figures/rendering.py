"""Style of the figures and their bytes: the same figure gives the same file on every run."""

from __future__ import annotations

import io
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from matplotlib.figure import Figure

#: Formats that `figure_bytes` writes.
FILE_FORMATS = ("pdf", "png", "svg", "tiff")

STYLE_SHEET = Path(__file__).with_name("repool.mplstyle")

#: Entries that name the moment or the machine's software; blank, so that equal figures are equal.
UNDATED = {
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "tiff": {},
}


@contextmanager
def figure_style() -> Iterator[None]:
    """Draw with the style sheet of this package, whatever the settings of the machine are.

    Notes
    -----
    The settings of the caller come back on leaving. A personal ``matplotlibrc`` would otherwise
    change fonts, and with them the bytes of a committed figure.
    """
    from matplotlib import style

    with style.context(STYLE_SHEET, after_reset=True):
        yield


def figure_bytes(figure: Figure, *, file_format: str, dpi: int, description: str = "") -> bytes:
    """Return the bytes of a figure file, equal for equal figures.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure. Its label, if it has one, becomes the title of an SVG or PDF file.
    file_format : {"svg", "pdf", "png", "tiff"}
        SVG keeps text as text, PDF embeds TrueType fonts, PNG and TIFF are RGB without transparency, TIFF with LZW.
    dpi : int
        Dots per inch of a PNG or TIFF; journals ask for 300 or more.
    description : str
        What the figure shows, in words: an SVG file tells it to who does not see the picture.

    Returns
    -------
    bytes
        The content of the file.

    Raises
    ------
    ValueError
        If the format is not one of these, or dpi is not positive.
    """
    if file_format not in FILE_FORMATS:
        raise ValueError(f"file_format {file_format!r} is not one of {', '.join(FILE_FORMATS)}")
    if dpi <= 0:
        raise ValueError(f"dpi is {dpi}; must be above 0")
    metadata = dict(UNDATED[file_format])
    if file_format in ("svg", "pdf") and figure.get_label():
        metadata["Title"] = figure.get_label()
    buffer = io.BytesIO()
    with figure_style():
        # matplotlib's own TIFF has a transparency channel: it is made from the PNG.
        kind = "png" if file_format == "tiff" else file_format
        figure.savefig(buffer, format=kind, dpi=dpi, metadata=UNDATED["png"] if file_format == "tiff" else metadata)
    if file_format in ("png", "tiff"):
        return _without_transparency([buffer], dpi=dpi, file_format=file_format)
    return _described(buffer.getvalue(), description) if file_format == "svg" else buffer.getvalue()


def pages_bytes(pages: Sequence[Figure], *, file_format: str, dpi: int) -> bytes:
    """Return several figures as the pages of one file, equal for equal figures.

    Parameters
    ----------
    pages : sequence of matplotlib.figure.Figure
        At least one; the label of the first is the title of a PDF file.
    file_format : {"pdf", "tiff"}
        The formats that have pages.
    dpi : int
        Dots per inch of a TIFF.

    Raises
    ------
    ValueError
        If the format has no pages.
    """
    if len(pages) == 1:
        return figure_bytes(pages[0], file_format=file_format, dpi=dpi)
    if file_format == "tiff":
        with figure_style():
            pictures = [io.BytesIO() for _ in pages]
            for page, picture in zip(pages, pictures, strict=True):
                page.savefig(picture, format="png", dpi=dpi, metadata=UNDATED["png"])
        return _without_transparency(pictures, dpi=dpi, file_format="tiff")
    if file_format != "pdf":
        raise ValueError(f"a file of the format {file_format!r} has one page")
    from matplotlib.backends.backend_pdf import PdfPages

    buffer = io.BytesIO()
    with figure_style(), PdfPages(buffer, metadata=UNDATED["pdf"] | {"Title": pages[0].get_label()}) as book:
        for page in pages:
            book.savefig(page)
    return buffer.getvalue()


def _described(svg: bytes, description: str) -> bytes:
    """Return an SVG with a description in words right behind its title."""
    from xml.sax.saxutils import escape

    if not description:
        return svg
    words = f"<desc>{escape(description)}</desc>".encode()
    end = svg.find(b"</title>")
    # The root's own title comes first; without one the description opens the picture.
    at = end + len(b"</title>") if end >= 0 else svg.index(b">", svg.index(b"<svg")) + 1
    return svg[:at] + b"\n " + words + svg[at:]


def _without_transparency(pngs: Sequence[io.BytesIO], *, dpi: int, file_format: str) -> bytes:
    """Return pictures as the pages of one file in RGB: several journals refuse a transparency channel."""
    from PIL import Image

    opaque = io.BytesIO()
    pictures = []
    for png in pngs:
        with Image.open(png) as picture:
            pictures.append(picture.convert("RGB"))
    packed = {"compression": "tiff_lzw"} if file_format == "tiff" else {}
    if len(pictures) > 1:
        packed |= {"save_all": True, "append_images": pictures[1:]}
    pictures[0].save(opaque, format=file_format.upper(), dpi=(dpi, dpi), **packed)
    return opaque.getvalue()


def missing_letters(texts: Iterable[str]) -> list[str]:
    """Name the letters for which the figures' font has no shape.

    Parameters
    ----------
    texts : iterable of str
        Everything that is to be written in a figure.

    Returns
    -------
    list of str
        Code points such as "U+4E2D", sorted, each once. PDF and PNG show these as empty boxes; an
        SVG viewer may still have them.
    """
    from matplotlib.font_manager import FontProperties, findfont, get_font

    with figure_style():
        known = get_font(findfont(FontProperties())).get_charmap()
    letters = {letter for text in texts for letter in text if not letter.isspace()}
    return [f"U+{ord(letter):04X}" for letter in sorted(letters) if ord(letter) not in known]
