"""A committed SVG read back: its words, its texts and marks by gid, and the ticks of its axes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"
#: Names that matplotlib gives to groups without a gid.
NAMELESS = re.compile(r"^(text|patch|line2d|matplotlib\.axis|axes|PathCollection|FillBetween\w*)_\d+$")
TICK = re.compile(r"^([xy])tick_\d+$")
LINE = re.compile(r"-line-\d+$")
POINT = re.compile(r"(-?[\d.]+(?:e-?\d+)?) (-?[\d.]+(?:e-?\d+)?)")


@dataclass
class Svg:
    """A picture as it stands in its file; places are in points from the top left.

    `texts` has the text of each gid, its wrapped lines joined; `marks` the points of each path and the place of each
    repeated mark of a gid; `places` where the first line of an upright text
    stands; `ticks` place and label of each tick, by the gid of the plot and "x" or "y".
    """

    title: str
    description: str
    texts: dict[str, str] = field(default_factory=dict)
    marks: dict[str, list[list[tuple[float, float]]]] = field(default_factory=dict)
    places: dict[str, tuple[float, float]] = field(default_factory=dict)
    ticks: dict[tuple[str, str], list[tuple[float, str]]] = field(default_factory=dict)


def read_svg(path: Path) -> Svg:
    """Return what a picture shows."""
    root = ElementTree.parse(path).getroot()
    found = Svg(root.findtext(f"{SVG}title", ""), root.findtext(f"{SVG}desc", ""))
    _read(root, found, gid="", panel="")
    return found


def _read(element, found, *, gid, panel):
    name = element.get("id", "") if element.tag == f"{SVG}g" else ""
    if TICK.match(name):
        _read_tick(element, found, panel=panel, along=name[0])
        return
    if name and (not NAMELESS.match(name) or element.find(f"{SVG}text") is not None):
        gid = name
    if name == "plot" or name.startswith("panel-"):
        panel = name
    if element.tag == f"{SVG}text":
        base, text = LINE.sub("", gid), "".join(element.itertext())
        if element.get("x"):
            found.places.setdefault(base, (float(element.get("x")), float(element.get("y"))))
        found.texts[base] = f"{found.texts[base]} {text}" if base in found.texts else text
    elif element.tag == f"{SVG}use":
        found.marks.setdefault(gid, []).append([(float(element.get("x")), float(element.get("y")))])
    elif element.tag == f"{SVG}path":
        places = [(float(x), float(y)) for x, y in POINT.findall(element.get("d"))]
        found.marks.setdefault(gid, []).append(places)
    for part in element:
        # What stands in <defs> is a shape without a place.
        if part.tag != f"{SVG}defs":
            _read(part, found, gid=gid, panel=panel)


def _read_tick(element, found, *, panel, along):
    mark, text = element.find(f".//{SVG}use"), element.find(f".//{SVG}text")
    if mark is not None and text is not None:
        place = float(mark.get("x" if along == "x" else "y"))
        found.ticks.setdefault((panel, along), []).append((place, "".join(text.itertext())))
    elif text is not None:
        found.texts[f"{panel}-{element.get('id')}"] = "".join(text.itertext())


def middle(points: list[tuple[float, float]]) -> tuple[float, float]:
    """Return the middle of a mark: of its box, which is that of its corners or of the arcs of its circle."""
    (left, right), (top, bottom) = ((min(values), max(values)) for values in zip(*points, strict=True))
    return (left + right) / 2, (top + bottom) / 2
