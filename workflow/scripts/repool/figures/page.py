"""Page of a figure that is a list of rows: texts, lines and a plot put down from the top, in points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repool.figures.axis import axis_ticks
from repool.figures.lettering import BASELINE, INK, LINE_HEIGHT, MARGIN, POINTS_PER_CM, measurer, wrap

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Page:
    """A figure filled in points from the top left; its height is known at the end."""

    def __init__(self, style: Mapping[str, object], *, prediction: str = "bar") -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.transforms import Affine2D

        self.style = style
        self.prediction = prediction
        self.size = float(style["font_size"])
        self.width = float(style["width_cm"]) * POINTS_PER_CM
        self.margin = MARGIN * self.size
        self.figure = Figure()
        self.figure.set_gid("forest")
        FigureCanvasAgg(self.figure)
        # Points from the top left turn into points from the bottom left once the height is known.
        self.flip = Affine2D()
        self.points = self.flip + Affine2D().scale(1 / 72) + self.figure.dpi_scale_trans
        self.top = self.margin
        self.plot = None
        self.plot_width = 0.0

    def measure(self, text: str, size: float, weight: str) -> float:
        """Return the width of a text in points, as the renderer draws it."""
        return measurer(self.figure, size=size, weight=weight)(text)

    def measurer(self, weight: str, size: float | None = None) -> Callable[[str], float]:
        """Return what measures texts of one weight and size; the page's size if none is given."""
        return lambda text: self.measure(text, size or self.size, weight)

    def text(self, x, lines, *, top, gid, size=None, weight="normal", align="left", colour=INK):
        """Put lines of text with the top of the first at `top`; return the height they take."""
        size = size or self.size
        for index, line in enumerate(lines):
            baseline = top + size * (LINE_HEIGHT * index + BASELINE)
            self.figure.text(
                x,
                baseline,
                line,
                transform=self.points,
                fontsize=size,
                fontweight=weight,
                ha=align,
                va="baseline",
                color=colour,
                parse_math=False,
                gid=gid if index == 0 else f"{gid}-line-{index + 1}",
            )
        return len(lines) * LINE_HEIGHT * size

    def paragraph(self, words, *, gid, size, weight="normal", colour=INK, width=None) -> None:
        """Put a text from the left margin, wrapped to the whole width or to `width`, and move down below it."""
        lines = wrap(words, width=width or self.width - 2 * self.margin, measure=self.measurer(weight, size))
        self.top += self.text(self.margin, lines, top=self.top, gid=gid, size=size, weight=weight, colour=colour)

    def rule(self, *, gid: str) -> None:
        """Draw a thin line over the whole width."""
        from matplotlib.lines import Line2D

        ends = [self.margin, self.width - self.margin]
        line = Line2D(ends, [self.top] * 2, transform=self.points, color=INK, linewidth=0.7, gid=gid)
        self.figure.add_artist(line)

    def axes(self, span, *, top, height, limits):
        """Add the plot's axes: data across, points from the top of the page down."""
        self.plot_width = span[1] - span[0]
        axes = self.figure.add_axes((0, 0, 1, 1), gid="plot")
        axes.set(xlim=limits, ylim=(top + height, top), yticks=[])
        # The place on the page is a share of the height, which is known at the end.
        self.plot = (axes, span, top, height)
        return axes

    def name_values(self, axes, limits, *, is_ratio: bool, size: float) -> None:
        """Name values on the axis below the plot, but none that would leave the page, and move down below them."""
        left, right = self.plot[1]
        scale = (right - left) / (limits[1] - limits[0])

        def half(label: str) -> float:
            return self.measure(label, size, "normal") / 2

        ticks = axis_ticks(
            limits, is_ratio=is_ratio, least_gap=lambda one, other: half(one) + half(other) + 0.7 * size, scale=scale
        )
        ticks = [(at, label) for at, label in ticks if left + (at - limits[0]) * scale + half(label) < self.width]
        axes.set_xticks([at for at, _ in ticks], [label for _, label in ticks], fontsize=size)
        axes.xaxis.set_gid("axis")
        # The tick, its distance from the label (both in the style sheet) and the label.
        self.top += 5.5 + 1.25 * size

    def finish(self) -> None:
        """Set the height of the page and move everything to its place."""
        height = self.top + self.margin
        self.figure.set_size_inches(self.width / 72, height / 72)
        self.flip.scale(1, -1).translate(0, height)
        if self.plot is not None:
            axes, (left, right), top, tall = self.plot
            bottom = height - top - tall
            axes.set_position((left / self.width, bottom / height, (right - left) / self.width, tall / height))
