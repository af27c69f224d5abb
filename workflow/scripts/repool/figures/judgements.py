"""Judgements of risk of bias as marks: a colour, a symbol and a word for every level, in all figures the same."""

from __future__ import annotations

from dataclasses import dataclass

from repool.figures.lettering import INK


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """How one level is shown.

    Parameters
    ----------
    word : str
        Its name where the table holds no word of the tool.
    symbol : str
        Sign in the circle, so that the level is told without its colour; "" for none.
    fill : str
        Colour of the circle.
    ink : str
        Colour of the sign on it.
    hatch : str
        Pattern of an area, in matplotlib's code; "" for none.
    """

    word: str
    symbol: str
    fill: str
    ink: str
    hatch: str


_LIGHT = "#ffffff"
#: What stands for the judgement on the whole among the domains.
OVERALL = "Overall"
#: Level -> how it is shown, the best first. The colour-blind set of the R package robvis (McGuinness & Higgins 2020,
#: Res Synth Methods 12, 55-61): each level is darker than the one before, also in grey.
JUDGEMENTS = {
    "low": Judgement(word="Low", symbol="+", fill="#fed98e", ink=INK, hatch=""),
    "moderate": Judgement(word="Some concerns", symbol="−", fill="#fe9929", ink=INK, hatch=""),
    "high": Judgement(word="High", symbol="×", fill="#d95f0e", ink=INK, hatch=""),
    "critical": Judgement(word="Critical", symbol="!", fill="#993404", ink=_LIGHT, hatch=""),
    "no_information": Judgement(word="No information", symbol="?", fill="#ffffff", ink=INK, hatch="////"),
    "not_applicable": Judgement(word="Not applicable", symbol="", fill="#cccccc", ink=INK, hatch="\\\\\\\\"),
}
#: Place of the middle of each sign over the baseline, in font sizes of DejaVu Sans.
MIDDLE = {"+": 0.314, "−": 0.314, "×": 0.314, "!": 0.365, "?": 0.371}
#: Size of the sign as a share of the circle's diameter.
SIGN = 0.8


def mark_judgement(figure, x: float, y: float, level: str, *, diameter: float, transform, gid: str) -> None:
    """Draw the mark of a level: a circle with its sign.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Where to draw.
    x, y : float
        Middle of the circle, in points of `transform`, whose second coordinate runs downwards.
    level : str
        Key of `JUDGEMENTS`.
    diameter : float
        Of the circle, in points.
    transform : matplotlib.transforms.Transform
        From points to the page, such as that of `repool.figures.page.Page`.
    gid : str
        Name of the circle; the sign's is this and "-sign".

    Raises
    ------
    KeyError
        When the level is not known.
    """
    from matplotlib.lines import Line2D

    shown = JUDGEMENTS[level]
    circle = Line2D(
        [x], [y], transform=transform, linestyle="none", marker="o", markersize=diameter, markerfacecolor=shown.fill,
        markeredgecolor=INK, markeredgewidth=0.5, gid=gid,
    )  # fmt: skip
    figure.add_artist(circle)
    if shown.symbol:
        size = SIGN * diameter
        figure.text(
            x, y + MIDDLE[shown.symbol] * size, shown.symbol, transform=transform, fontsize=size, fontweight="bold",
            ha="center", va="baseline", color=shown.ink, parse_math=False, gid=f"{gid}-sign",
        )  # fmt: skip
