"""PRISMA 2020 flow diagram: records identified, screened and left out, and the studies that are included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repool.figures.lettering import LINE_HEIGHT, wrap
from repool.figures.page import Page
from repool.figures.plots.canvas import Plot, small
from repool.figures.plots.list_parts import open_page
from repool.figures.rendering import figure_style
from repool.figures.review.prisma_boxes import LEVELS, STAGES, included_of, streams_of
from repool.figures.review.prisma_lines import draw_arrow, draw_box, draw_heading, draw_stage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from repool.extraction.prisma import Count
    from repool.figures.review.prisma_boxes import Box, Stream
    from repool.figures.review.ratings import ReviewWords

    Place = tuple[float, float, float, float]

SUBTITLE = "PRISMA 2020 flow of records, reports and studies"
NOTHING = "the review has no data/prisma.csv"
#: In font sizes of the boxes: width of the headings of stages, gaps between columns and rows, and widest column.
STAGE, ACROSS, DOWN, WIDEST = 1.9, 1.7, 1.5, 32.0
#: In font sizes: columns narrower than this break words; streams then stand below each other.
LEAST_COLUMN = 10.5
#: In font sizes: distance of the lines that lead around a stream.
LANE = 0.9


def draw_prisma(counts: Mapping[str, Count] | None, *, words: ReviewWords, style: Mapping[str, object]) -> Plot | str:
    """Draw the flow of a review.

    Parameters
    ----------
    counts : mapping or None
        From `repool.extraction.prisma.prisma_counts`; None where the review has no such table.
    words : ReviewWords
        Title of the review.
    style : mapping
        Size and colours of the review's figures.

    Returns
    -------
    Plot or str
        The figure, or why there is nothing to draw.

    Notes
    -----
    Page et al. (2021), BMJ 372, n71: boxes and their words. Previous studies and other methods have their column where
    anything is recorded of them. Streams stand side by side where their columns are wide enough for words.
    """
    if counts is None:
        return NOTHING
    streams = streams_of(counts)
    included = included_of(counts, has_previous=streams[0].name == "previous")
    with figure_style():
        page = open_page(words, style, subtitle=SUBTITLE)
        columns = _columns(page, streams)
        (_side_by_side if columns else _stacked)(page, streams, included, columns)
        page.finish()
    others = {"previous": "previous studies", "other": "other methods"}
    missing = [words for name, words in others.items() if name not in {stream.name for stream in streams}]
    note = f"Not drawn, as nothing is recorded: {' and '.join(missing)}." if missing else ""
    return Plot(figure=page.figure, alternative=_alternative(streams, included), note=note)


def _columns(page: Page, streams: Sequence[Stream]) -> dict[tuple[str, str], tuple[float, float]]:
    """Return left and right end of the columns of all streams side by side; none where they are too narrow."""
    size = small(page.style)
    kinds = [(stream.name, kind) for stream in streams for kind in ("main", "side") if getattr(stream, kind)]
    left = page.margin + (STAGE + 0.6) * size
    room = page.width - page.margin - left
    wide = (room - ACROSS * size * (len(kinds) - 1)) / len(kinds)
    if wide < LEAST_COLUMN * size and len(streams) > 1:
        return {}
    wide = min(wide, WIDEST * size)
    starts = [left + i * (wide + ACROSS * size) for i in range(len(kinds))]
    return {kind: (start, start + wide) for kind, start in zip(kinds, starts, strict=True)}


def _side_by_side(page: Page, streams, included, columns) -> None:
    """Draw the streams beside each other and what is included below that of the databases."""
    size = small(page.style)
    _headings(page, streams, columns)
    places = _levels(page, streams, columns, part="all")
    column = columns["databases", "main"]
    boxes = _included(page, included, column)
    for stream in streams:
        start = places[_last(stream).name]
        target = boxes[-1 if stream.name == "previous" else 0]
        x, middle = (start[0] + start[2]) / 2, (target[1] + target[3]) / 2
        if stream.name == "databases":
            points = [(x, start[3]), (x, target[1])]
        else:
            points = [(x, start[3]), (x, middle), (target[0] if x < target[0] else target[2], middle)]
        draw_arrow(page, points, gid=f"arrow-{stream.name}-included")
    page.top += 0.2 * size


def _stacked(page: Page, streams, included, columns) -> None:
    """Draw the streams below each other; lines at the left lead from each to what is included."""
    size = small(page.style)
    lanes = len(streams) - 1
    left = page.margin + (STAGE + 0.8 + LANE * lanes) * size
    right = page.width - page.margin
    wide = (right - left - ACROSS * size) / 2
    starts = {}
    for stream in streams:
        columns = {(stream.name, "main"): (left, left + wide), (stream.name, "side"): (right - wide, right)}
        _headings(page, [stream], columns)
        starts[stream.name] = _levels(page, [stream], columns, part=stream.name)[_last(stream).name]
        page.top += 0.4 * size
    boxes = _included(page, included, (left, left + wide))
    for place, stream in enumerate(streams):
        start, target = starts[stream.name], boxes[-1 if stream.name == "previous" else 0]
        x, middle = (start[0] + start[2]) / 2, (target[1] + target[3]) / 2
        points = [(x, start[3]), (x, target[1])]
        if place < lanes:
            lane, turn = left - (lanes - place) * LANE * size, start[3] + 0.5 * DOWN * size
            points = [(x, start[3]), (x, turn), (lane, turn), (lane, middle), (target[0], middle)]
        draw_arrow(page, points, gid=f"arrow-{stream.name}-included")


def _last(stream: Stream) -> Box:
    return [stream.main[level] for level in LEVELS if level in stream.main][-1]


def _headings(page: Page, streams, columns) -> None:
    """Write the titles of streams over their columns."""
    size = small(page.style)
    titles = []
    for stream in streams:
        own = [columns[stream.name, kind] for kind in ("main", "side") if (stream.name, kind) in columns]
        if not stream.side:
            own = own[:1]
        span = (own[0][0], own[-1][1])
        lines = wrap(stream.title, width=span[1] - span[0] - size, measure=page.measurer("bold", size))
        titles.append((stream.name, span, lines))
    height = (max(len(lines) for _, _, lines in titles) * LINE_HEIGHT + 0.6) * size
    for name, span, lines in titles:
        draw_heading(page, (span[0], page.top, span[1], page.top + height), lines, gid=f"heading-{name}")
    page.top += height + 0.8 * size


def _levels(page: Page, streams, columns, *, part: str) -> dict[str, Place]:
    """Draw the boxes level by level with their arrows and the headings of stages; return where the boxes stand."""
    size, places = small(page.style), {}
    levels = [level for level in LEVELS if any(level in stream.main for stream in streams)]
    ends = {}
    for level in levels:
        boxes = {
            (stream.name, kind): getattr(stream, kind)[level]
            for stream in streams for kind in ("main", "side") if level in getattr(stream, kind)
        }  # fmt: skip
        tall = max(_height(page, box, columns[key]) for key, box in boxes.items())
        if level == "identified":
            tall = max(tall, page.measure("Identification", size, "bold") + size)
        for key, box in boxes.items():
            (left, right), top = columns[key], page.top
            places[box.name] = (left, top, right, top + _height(page, box, columns[key]))
            draw_box(page, places[box.name], box, gid=f"box-{box.name}")
        ends[level] = (page.top, page.top + tall)
        page.top += tall + DOWN * size
    for stream in streams:
        _arrows(page, stream, places)
    for name, own in STAGES.items():
        within = [ends[level] for level in own if level in ends]
        if within:
            draw_stage(page, name, (within[0][0], within[-1][1]), width=STAGE * size, gid=f"stage-{name}-{part}")
    return places


def _height(page: Page, box: Box, column: tuple[float, float]) -> float:
    """Return how high a box is with its text."""
    size = small(page.style)
    measure = page.measurer("normal", size)
    lines = [line for text in (box.heading, *box.lines) if text
             for line in wrap(text, width=column[1] - column[0] - size, measure=measure)]  # fmt: skip
    return (len(lines) * LINE_HEIGHT + 0.8) * size


def _arrows(page: Page, stream: Stream, places: Mapping[str, Place]) -> None:
    """Lead from each box to the one below and to the one beside it."""
    levels = [level for level in LEVELS if level in stream.main]
    for level, below in zip(levels, [*levels[1:], None], strict=True):
        left, top, right, bottom = places[stream.main[level].name]
        if below:
            x = (left + right) / 2
            ends = [(x, bottom), (x, places[stream.main[below].name][1])]
            draw_arrow(page, ends, gid=f"arrow-{stream.name}-{level}-{below}")
        if level in stream.side:
            beside = places[stream.side[level].name]
            y = (max(top, beside[1]) + min(bottom, beside[3])) / 2
            draw_arrow(page, [(right, y), (beside[0], y)], gid=f"arrow-{stream.name}-{level}-out")


def _included(page: Page, included: Sequence[Box], column: tuple[float, float]) -> list[Place]:
    """Draw the boxes of what is included with their heading, and the arrow between them."""
    size = small(page.style)
    places, first = [], page.top
    least = page.measure("Included", size, "bold") + size
    for box in included:
        tall = _height(page, box, column)
        # The heading beside a single box needs its room.
        tall = max(tall, least) if len(included) == 1 else tall
        places.append((column[0], page.top, column[1], page.top + tall))
        draw_box(page, places[-1], box, gid=f"box-{box.name}")
        page.top += tall + DOWN * size
    page.top -= DOWN * size
    draw_stage(page, "Included", (first, page.top), width=STAGE * size, gid="stage-Included")
    if len(places) > 1:
        x = sum(column) / 2
        draw_arrow(page, [(x, places[0][3]), (x, places[1][1])], gid="arrow-new-total")
    return places


def _alternative(streams: Sequence[Stream], included: Sequence[Box]) -> str:
    """Say in words what the boxes say, stream by stream."""
    parts = []
    for stream in streams:
        boxes = [box for level in LEVELS for box in (stream.main.get(level), stream.side.get(level)) if box is not None]
        parts.append(f"{stream.title}: {'; '.join(map(_sentence, boxes))}.")
    last = "; ".join(map(_sentence, included))
    return f"PRISMA 2020 flow. {' '.join(parts)} Included: {last}.".replace("\N{NO-BREAK SPACE}", " ")


def _sentence(box: Box) -> str:
    """Return the lines of a box as part of a sentence."""
    said = " ".join([box.heading, ", ".join(box.lines)]).strip()
    return said.replace(":, – ", ": ").replace(", – ", ", ")
