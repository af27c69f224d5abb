"""A forest plot read back from its figure: artists by their gid, their texts and their places."""

import itertools

from matplotlib.backends.backend_agg import FigureCanvasAgg

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
    """Return (text, extent in pixels) of everything written."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    texts = [t for t in figure.findobj(lambda a: hasattr(a, "get_parse_math")) if t.get_text()]
    return [(t, t.get_window_extent(canvas.get_renderer())) for t in texts if t.get_visible()]


def depth(figure, gid):
    """Return how far below the top of the page an artist is, in points."""
    extent = artists(figure)[gid].get_window_extent(FigureCanvasAgg(figure).get_renderer())
    return (figure.bbox.height - (extent.y0 + extent.y1) / 2) * 72 / figure.dpi
