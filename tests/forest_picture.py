"""A forest plot read back from its figure: artists by their gid, their texts and their places."""

import itertools

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg

from repool.figures.rendering import figure_style

ROUNDING = 1e-9  # values are handed to the artists unchanged; only exp(log(x)) rounds


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
    """Return (text, extent in pixels) of everything written, by the style in which figures are saved."""
    with figure_style():
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        texts = [t for t in figure.findobj(lambda a: hasattr(a, "get_parse_math")) if t.get_text()]
        return [(t, t.get_window_extent(canvas.get_renderer())) for t in texts if t.get_visible()]


def depth(figure, gid):
    """Return how far below the top of the page an artist is, in points."""
    extent = artists(figure)[gid].get_window_extent(FigureCanvasAgg(figure).get_renderer())
    return (figure.bbox.height - (extent.y0 + extent.y1) / 2) * 72 / figure.dpi


def assert_no_overlap(figure):
    """Fail when two texts overlap, or one leaves the page, lies over the plot or over a circle that is not its own."""
    drawn = texts_drawn(figure)
    page = figure.bbox
    found = artists(figure)
    plot = found["plot"].get_window_extent()
    free = ("heading-", "not-pooled-", "test-")
    for text, extent in drawn:
        name = text.get_text()
        assert page.x0 <= extent.x0 and extent.x1 <= page.x1, f"{name!r} leaves the page"
        assert page.y0 <= extent.y0 and extent.y1 <= page.y1, f"{name!r} leaves the page"
        if not (text.get_gid() or "").startswith(free):
            assert not plot.overlaps(extent), f"{name!r} lies over the plot"
    _assert_apart([(text.get_text(), *extent.extents) for text, extent in drawn])
    renderer = FigureCanvasAgg(figure).get_renderer()
    circles = {gid: a.get_window_extent(renderer) for gid, a in found.items() if f"{gid}-sign" in found}
    others = [(text.get_gid(), *extent.extents) for text, extent in drawn if not str(text.get_gid()).endswith("-sign")]
    if circles:
        _assert_apart([(gid, *extent.extents) for gid, extent in circles.items()] + others)


def _assert_apart(boxes):
    """Fail when two of the boxes (name, left, bottom, right, top) overlap."""
    corners = np.array([box[1:] for box in boxes])
    left, bottom, right, top = corners.T
    apart = (right[:, None] <= left) | (right <= left[:, None]) | (top[:, None] <= bottom) | (top <= bottom[:, None])
    np.fill_diagonal(apart, True)
    assert apart.all(), "{!r} overlaps {!r}".format(*(boxes[i][0] for i in np.argwhere(~apart)[0]))
