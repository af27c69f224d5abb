"""Figures inside the page: their names made unique, and nothing let in that could load or run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from repool.report.words import plain_text

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from markupsafe import Markup

#: The shapes that a plot needs. Whatever else a file holds (script, image, style) is refused or left out.
SHAPES = frozenset(
    {"svg", "g", "defs", "use", "path", "text", "tspan", "clipPath", "rect", "circle", "title", "desc", "pattern"}
)
#: Parts without a picture: the plot's page has the one style that matters, and says the rest.
LEFT_OUT = frozenset({"metadata", "style"})
#: What a title of the whole picture would say again: the page names and describes the picture itself.
SAID = frozenset({"title", "desc"})
_URL = re.compile(r"url\(\s*#([^)\s]+)\s*\)")


def inline_svg(picture: str, *, prefix: str, label: str) -> Markup:
    """Return an SVG file as part of a page.

    Parameters
    ----------
    picture : str
        Text of the file.
    prefix : str
        Put before every id, since ids must be unique on the page.
    label : str
        What the picture shows, in words.

    Returns
    -------
    Markup
        The picture without XML declaration, name spaces, metadata and style.

    Raises
    ------
    ValueError
        If the file holds anything but shapes and text, or points outside itself.
    """
    from xml.etree import ElementTree

    from markupsafe import Markup

    root = ElementTree.fromstring(picture)
    _clean(root, prefix)
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    for child in [child for child in root if child.tag in SAID]:
        root.remove(child)
    root.attrib |= {"role": "img", "aria-label": plain_text(label), "class": "picture"}
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def _clean(element: Element, prefix: str) -> None:
    """Turn an element and all below it into plain inline SVG with prefixed names."""
    element.tag = _local(element.tag)
    if element.tag not in SHAPES:
        raise ValueError(f"a figure holds <{element.tag}>, which has no place in the report")
    element.attrib = {_local(name): _attribute(_local(name), text, prefix) for name, text in element.attrib.items()}
    for child in list(element):
        if _local(child.tag) in LEFT_OUT:
            element.remove(child)
        else:
            _clean(child, prefix)


def _attribute(name: str, text: str, prefix: str) -> str:
    """Return the text of an attribute with every id in it prefixed."""
    if name.startswith("on"):
        raise ValueError(f"a figure holds the attribute {name}, which could run code")
    if name == "id":
        return f"{prefix}{text}"
    if name == "href":
        if not text.startswith("#"):
            raise ValueError(f"a figure points outside itself: {text}")
        return f"#{prefix}{text[1:]}"
    return _URL.sub(rf"url(#{prefix}\1)", text)


def _local(name: str) -> str:
    return name.rpartition("}")[2]
