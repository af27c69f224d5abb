"""The page docs/gallery.md: every kind of figure once, as the committed results of the reviews have it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import yaml

from commands.doc_text import code, made_by
from repool.files import read_rows

#: Key of `figures` in config/review.yaml -> heading of its part of the page.
PARTS = {
    "draw_review": "Of the whole review",
    "preset": "The forest plot of every analysis",
    "draw": "Of one analysis, where it is asked for",
}
#: Where an SVG holds what it shows, in words.
DESCRIPTION = "{http://www.w3.org/2000/svg}desc"


@dataclass(frozen=True)
class Shown:
    """A figure that stands in committed results.

    Parameters
    ----------
    name : str
        Its name in the settings.
    path : str
        The SVG file, relative to the repository.
    review : str
        The folder of its review, relative to the repository; "." for the shipped one.
    tables : str
        The tables that it is drawn from.
    alternative : str
        What it shows, in words.
    """

    name: str
    path: str
    review: str
    tables: str
    alternative: str


def gallery_page(root: Path, settings: Mapping[str, Any]) -> str:
    """Return docs/gallery.md.

    Parameters
    ----------
    root : pathlib.Path
        The repository.
    settings : mapping
        The schema of config/review.yaml.

    Returns
    -------
    str
        Markdown; a kind that no committed review draws is named as such.
    """
    found = shown_figures(root)
    parts = [
        made_by("the figures.csv of the committed results"),
        "# Gallery",
        "Every kind of figure once, as it stands in the results of an example or of the shipped review: a click opens "
        "the file. Below each stand the line of `config/review.yaml` that draws it, the tables that it is drawn from, "
        "and its alternative text, which a screen reader reads and `figures.csv` beside the figure holds. What each "
        "kind is for stands in [figures.md](figures.md); forest plots beside those of R in [presets.md](presets.md).",
    ]
    for key, title in PARTS.items():
        parts.append(f"## {title}")
        for name in kinds(settings, key):
            parts += [f"### {code(name)}", *_entry(found.get(name), name=name, key=key)]
    return "\n\n".join(parts) + "\n"


def kinds(settings: Mapping[str, Any], key: str) -> Sequence[str]:
    """Return the names that a key of `figures` allows, in the order of the schema; of presets those not in `draw`.

    Parameters
    ----------
    settings : mapping
        The schema of config/review.yaml.
    key : str
        Key of `PARTS`.
    """
    keys = settings["properties"]["figures"]["properties"]
    if key == "preset":
        others = keys["draw"]["items"]["enum"]
        return [name for name in keys[key]["enum"] if f"forest_{name}" not in others]
    return keys[key]["items"]["enum"]


def shown_figures(root: Path) -> dict[str, Shown]:
    """Return the first committed figure of every kind, and of every preset the first forest plot: name -> figure.

    Parameters
    ----------
    root : pathlib.Path
        The repository.
    """
    found: dict[str, Shown] = {}
    for review in _reviews(root):
        for name, file, tables, words in [*_listed(review), *_forest_plots(review)]:
            places = [path.relative_to(root).as_posix() for path in (file, review)]
            found.setdefault(name, Shown(name, *places, tables, words))
    return found


def _reviews(root: Path) -> Iterator[Path]:
    """Yield the reviews, the examples first: they are smaller than the shipped one."""
    for review in [*sorted(root.glob("examples/*")), root]:
        if (review / "config" / "analyses.csv").is_file() and (review / "results").is_dir():
            yield review


def _analyses(review: Path) -> list[Path]:
    """Return the folders of a review's analyses, in the order of its plan."""
    plan = read_rows(review / "config" / "analyses.csv")
    return [review / "results" / "analyses" / row["analysis"] for row in plan]


def _listed(review: Path) -> Iterator[tuple[str, Path, str, str]]:
    """Yield (name, SVG file, tables, words) of figures that are drawn: those of the review, then of its analyses."""
    for folder in [review / "results", *_analyses(review)]:
        table = folder / "figures" / "figures.csv"
        for row in read_rows(table) if table.is_file() else []:
            file = table.with_name(f"{row['figure']}.svg")
            if row["is_drawn"] == "yes" and file.is_file():
                yield row["figure"], file, row["tables"], row["alternative"]


def _forest_plots(review: Path) -> Iterator[tuple[str, Path, str, str]]:
    """Yield the same of forest plots, whose name is that of their preset; their words stand in the file."""
    settings = yaml.safe_load((review / "config" / "review.yaml").read_text(encoding="utf-8"))
    for file in (folder / "forest.svg" for folder in _analyses(review)):
        if file.is_file():
            words = ElementTree.parse(file).findtext(DESCRIPTION, default="")
            yield settings["figures"]["preset"], file, "forest.csv; pooled.csv", words


def _entry(shown: Shown | None, *, name: str, key: str) -> list[str]:
    setting = f"figures: {{{key}: {name if key == 'preset' else f'[{name}]'}}}"
    if shown is None:
        return [f"Drawn by {code(setting)}. No committed review draws it."]
    place = f"../{shown.path}"
    tables = ", ".join(code(table) for table in shown.tables.split("; "))
    return [
        f"[![{name}, described below]({place})]({place})",
        f"{code(setting)} · from {tables} · in {_review_words(shown.review)}",
        f"> {escaped(shown.alternative)}",
    ]


def _review_words(review: str) -> str:
    return "the shipped review" if review == "." else f"[{review}](../{review}/README.md)"


def escaped(words: str) -> str:
    """Return words of which Markdown reads none as a mark.

    Parameters
    ----------
    words : str
        Any text; it may come from data.
    """
    return re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", " ".join(words.split()))
