"""Figures as a reader meets them: the picture on the page, what it shows in words, its files and its numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from repool.report import terms
from repool.report.svg import inline_svg
from repool.report.view import Figure

Row = Mapping[str, Any]
#: Pictures on one page, in characters; the others are linked, so that a page with hundreds of figures still opens.
LIMIT = 3_500_000
#: Formats of every forest plot; those of the other figures stand in the settings.
FOREST_FORMATS = ("svg", "pdf", "png")
_TOO_MUCH = "This page holds so many figures that this one is only linked."
_NO_SVG = "The review does not ask for SVG files, which alone can stand on this page, so this figure is only linked."


def shown_pictures(pictures: Mapping[str, str], *, limit: int = LIMIT) -> frozenset[str]:
    """Return the files that have room on the page: forest plots first, then by name.

    Parameters
    ----------
    pictures : mapping
        File -> text of an SVG file.
    limit : int
        How many characters have room; forest plots are shown whatever they need.
    """
    forests = {path for path in pictures if path.endswith("/forest.svg")}
    taken, shown = sum(len(pictures[path]) for path in forests), set(forests)
    for path in sorted(set(pictures) - forests):
        taken += len(pictures[path])
        if taken > limit:
            break
        shown.add(path)
    return frozenset(shown)


def forest_figure(name: str, pictures: Mapping[str, str], *, title: str, alternative: str, note: str) -> Figure:
    """Return the forest plot of an analysis.

    Parameters
    ----------
    name : str
        The analysis.
    pictures : mapping
        File -> text of an SVG file, with "results/analyses/<name>/forest.svg".
    title, alternative, note : str
        What it is called, what it shows in words, and what a reader must know to read it.
    """
    folder = f"analyses/{name}"
    picture = pictures[f"results/{folder}/forest.svg"]
    return Figure(
        key=f"forest-{name}",
        title=f"Forest plot: {title}",
        picture=inline_svg(picture, prefix=f"forest-{name}-", label=alternative),
        alternative=alternative,
        note=note,
        files=tuple((f"{folder}/forest.{ending}", ending.upper()) for ending in FOREST_FORMATS),
        numbers=tuple((f"{folder}/{table}", table) for table in ("forest.csv", "pooled.csv")),
    )


def drawn_figures(
    folder: str,
    figures: Sequence[Row],
    pictures: Mapping[str, str],
    *,
    formats: Sequence[str],
    tables: Callable[[Row], tuple[tuple[str, str], ...]],
) -> Iterator[Figure]:
    """Yield each figure that was drawn.

    Parameters
    ----------
    folder : str
        Folder of the figures below results/, such as "analyses/abstinence/figures".
    figures : sequence of mapping
        Rows of its figures.csv.
    pictures : mapping
        File -> text of the SVG files that have room on the page (see `shown_pictures`).
    formats : sequence of str
        Endings of the files of each figure.
    tables : callable
        Row of figures.csv -> pairs of (address, text): the tables that the figure is drawn from.
    """
    for row in figures:
        if row["is_drawn"] != "yes":
            continue
        name, path = row["figure"], f"results/{folder}/{row['figure']}.svg"
        key = f"{folder.replace('/', '-')}-{name}"
        picture = inline_svg(pictures[path], prefix=f"{key}-", label=row["alternative"]) if path in pictures else None
        missing = "" if picture else _TOO_MUCH if "svg" in formats else _NO_SVG
        yield Figure(
            key=key,
            title=terms.words(name, terms.FIGURES),
            picture=picture,
            alternative=row["alternative"],
            note=" ".join(filter(None, (row["note"], missing))),
            files=tuple((f"{folder}/{name}.{ending}", ending.upper()) for ending in formats),
            numbers=tables(row),
        )


def tables_beside(folder: str) -> Callable[[Row], tuple[tuple[str, str], ...]]:
    """Return what tells the tables of a figure, which stand in one folder below results/, by address and name."""

    def tables(row: Row) -> tuple[tuple[str, str], ...]:
        return tuple((f"{folder}/{table}", table) for table in row["tables"].split("; ") if table)

    return tables
