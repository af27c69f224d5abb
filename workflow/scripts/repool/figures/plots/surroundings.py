"""Words around the axes of a plot, put down from the top in points; the figure's height follows from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repool.figures.lettering import BASELINE, INK, LINE_HEIGHT, MARGIN, POINTS_PER_CM, measurer, wrap
from repool.figures.plots import canvas
from repool.figures.plots.favours import settle_sides, side_texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.figure import Figure

    from repool.figures.plots.canvas import Entry

#: Distances in font sizes.
GAP = 0.5
SWATCH = 2.2
#: No column of the key is narrower.
LEAST_COLUMN = 14.0


class Surroundings:
    """Title, legend, key and notes of a figure; they are measured first and placed at the end."""

    def __init__(self, figure: Figure, *, style: Mapping[str, object]) -> None:
        self.figure = figure
        self.size = canvas.small(style)
        self.margin = MARGIN * float(style["font_size"])
        self.width = float(style["width_cm"]) * POINTS_PER_CM
        self.inner = self.width - 2 * self.margin
        self.axes_height = figure.get_size_inches()[1] * 72
        self.axes_top = 0.0
        self.top = self.margin
        self.texts: list[dict] = []
        self.marks: list[tuple[Entry, float, float, str]] = []

    def line(self, x, text, *, gid, size=None, weight="normal", colour=INK, top=None) -> None:
        """Remember one line of text with the top of its line at `top`, or where the page stands."""
        size = size or self.size
        top = self.top if top is None else top
        baseline = top + size * BASELINE
        self.texts.append(
            {"x": x, "y": baseline, "s": text, "gid": gid, "fontsize": size, "fontweight": weight, "color": colour}
        )

    def paragraph(self, text, *, gid, size, weight="normal", colour=INK) -> None:
        """Put a wrapped text over the whole width; nothing for a blank one."""
        if not text:
            return
        measure = measurer(self.figure, size=size, weight=weight)
        for index, words in enumerate(wrap(text, width=self.inner, measure=measure)):
            name = gid if index == 0 else f"{gid}-line-{index + 1}"
            self.line(self.margin, words, gid=name, size=size, weight=weight, colour=colour)
            self.top += LINE_HEIGHT * size

    def leave_room_for_axes(self) -> None:
        """Keep the height that the axes were given, with some air above and below."""
        self.axes_top = self.top + GAP * self.size
        self.top = self.axes_top + self.axes_height + GAP * self.size

    def legend(self, entries: Sequence[Entry]) -> None:
        """Put marks with their meaning side by side, in as many rows as they need."""
        measure = measurer(self.figure, size=self.size)
        room = SWATCH * self.size + 0.6 * self.size
        x = self.margin
        for index, entry in enumerate(entries):
            lines = wrap(entry.label, width=self.inner - room, measure=measure)
            wide = room + max(measure(words) for words in lines)
            if x > self.margin and (x + wide > self.width - self.margin or len(lines) > 1):
                x = self.margin
                self.top += LINE_HEIGHT * self.size
            self.marks.append((entry, x, self.top + LINE_HEIGHT * self.size / 2, f"legend-mark-{index}"))
            for place, words in enumerate(lines):
                name = f"legend-{index}" if place == 0 else f"legend-{index}-line-{place + 1}"
                self.line(x + room, words, gid=name)
                if place + 1 < len(lines):
                    self.top += LINE_HEIGHT * self.size
            x += wide + 1.4 * self.size
        if entries:
            self.top += (LINE_HEIGHT + GAP) * self.size

    def key(self, rows: Sequence[tuple[str, str]]) -> None:
        """Put numbered names in as many columns as the widest allows, read downwards."""
        if not rows:
            return
        measure = measurer(self.figure, size=self.size)
        indent = max(measure(number) for number, _ in rows) + 0.6 * self.size
        gap = 1.4 * self.size
        columns, wide, wrapped = self._columns(rows, indent=indent, gap=gap, measure=measure)
        step = LINE_HEIGHT * self.size
        longest = -(-len(rows) // columns)
        deepest = 0.0
        for column in range(columns):
            x, top = self.margin + column * (wide + gap), self.top
            for number, lines in wrapped[column * longest : (column + 1) * longest]:
                self.line(x, number, gid=f"key-number-{number}", weight="bold", top=top)
                for place, words in enumerate(lines):
                    name = f"key-{number}" if place == 0 else f"key-{number}-line-{place + 1}"
                    self.line(x + indent, words, gid=name, top=top)
                    top += step
            deepest = max(deepest, top)
        self.top = deepest + GAP * self.size

    def _columns(self, rows, *, indent, gap, measure):
        """Return the number of columns that makes the key lowest, their width, and the wrapped rows."""
        best = None
        for columns in range(1, len(rows) + 1):
            wide = (self.inner + gap) / columns - gap
            if columns > 1 and wide < LEAST_COLUMN * self.size:
                break
            wrapped = [(number, wrap(label, width=wide - indent, measure=measure)) for number, label in rows]
            longest = -(-len(rows) // columns)
            lengths = [len(lines) for _, lines in wrapped]
            lines = max(sum(lengths[start : start + longest]) for start in range(0, len(rows), longest))
            if best is None or lines < best[0]:
                best = (lines, columns, wide, wrapped)
        return best[1:]

    def place(self) -> None:
        """Set the height of the figure and put the axes and everything remembered in their places."""
        from matplotlib.transforms import Affine2D

        height = self.top + self.margin
        self.figure.set_size_inches(self.width / 72, height / 72)
        points = Affine2D().scale(1, -1).translate(0, height) + Affine2D().scale(1 / 72)
        points = points + self.figure.dpi_scale_trans
        self._wrap_labels()
        self._place_axes(height)
        for words in self.texts:
            self.figure.text(**words, transform=points, ha="left", va="baseline", parse_math=False)
        for entry, x, y, gid in self.marks:
            self._mark(entry, x, y, gid, points)

    def _mark(self, entry, x, y, gid, points) -> None:
        """Draw the swatch of one legend entry."""
        from matplotlib.lines import Line2D
        from matplotlib.patches import Rectangle

        wide, high = SWATCH * self.size, 0.8 * self.size
        if entry.is_area:
            area = Rectangle(
                (x, y - high / 2), wide, high, transform=points, facecolor=entry.fill, edgecolor=entry.colour,
                linewidth=0.5, linestyle=entry.line or "-", gid=gid,
            )  # fmt: skip
            self.figure.add_artist(area)
            return
        ends = [x, x + wide] if entry.line else [x + wide / 2]
        mark = Line2D(
            ends, [y] * len(ends), transform=points, color=entry.colour, linestyle=entry.line or "none",
            linewidth=entry.width, marker=None if entry.line else entry.marker, markersize=entry.size,
            markerfacecolor=entry.fill, markeredgecolor=entry.colour, markeredgewidth=0.8, gid=gid,
        )  # fmt: skip
        self.figure.add_artist(mark)

    def _wrap_labels(self) -> None:
        """Break the names of axes that are longer than their axes."""
        for axes in self.figure.axes:
            share = axes.get_position(original=True)
            # What numbers and names beside the axes may take of the page is a guess here, on the safe side.
            across = share.width * (self.inner - 8 * self.size)
            up = share.height * self.axes_height - 5 * self.size
            for label, room in ((axes.xaxis.label, across), (axes.yaxis.label, up)):
                measure = measurer(self.figure, size=label.get_fontsize())
                lines = label.get_text().split("\n")
                if max(measure(line) for line in lines) > room > 0:
                    wrapped = [part for line in lines for part in wrap(line, width=0.8 * room, measure=measure)]
                    label.set_text("\n".join(wrapped))

    def _place_axes(self, height: float) -> None:
        """Shrink the axes until their labels fit into the room that was kept for them."""
        shares = [(axes, axes.get_position(original=True).bounds) for axes in self.figure.axes]
        area = (0.1 * self.width, height - self.axes_top - 0.9 * self.axes_height, 0.8 * self.width)
        area = (*area, 0.8 * self.axes_height)
        # The second pass sees ticks and labels where the first one put them.
        for _ in range(2):
            self._move(shares, area, height)
            left, bottom, right, top = self._overhang(area)
            area = (
                self.margin + left,
                height - self.axes_top - self.axes_height + bottom,
                self.inner - left - right,
                self.axes_height - bottom - top,
            )
        self._move(shares, area, height)

    def _move(self, shares, area, height) -> None:
        """Set every pair of axes to its share of an area in points from the bottom left."""
        left, bottom, wide, high = area
        for axes, (x, y, w, h) in shares:
            across, up = (left + x * wide) / self.width, (bottom + y * high) / height
            axes.set_position((across, up, w * wide / self.width, h * high / height))
        settle_sides(self.figure, margin=self.margin)

    def _overhang(self, area) -> tuple[float, float, float, float]:
        """Return how far ticks and labels reach beyond the area, in points: left, bottom, right, top."""
        renderer = self.figure.canvas.get_renderer()
        scale = 72 / self.figure.dpi
        boxes = [
            box
            for axes in self.figure.axes
            for box in (
                axes.xaxis.get_tightbbox(renderer),
                axes.yaxis.get_tightbbox(renderer),
                *(title.get_window_extent(renderer) for title in axes.findobj(_is_title)),
            )
            if box is not None
        ]
        # Sides keep to the page by themselves, so they only need room below.
        sides = [text.get_window_extent(renderer) for axes in self.figure.axes for text in side_texts(axes)]
        left, bottom, wide, high = area
        return (
            max(0.0, *(left - box.x0 * scale for box in boxes)),
            max(0.0, *(bottom - box.y0 * scale for box in [*boxes, *sides])),
            max(0.0, *(box.x1 * scale - left - wide for box in boxes)),
            max(0.0, *(box.y1 * scale - bottom - high for box in boxes)),
        )


def _is_title(artist) -> bool:
    """Whether an artist is the title of a panel, by its name."""
    return (artist.get_gid() or "").endswith("-title")
