"""The committed figures of a review with the tables that each is drawn from."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from figure_svg import Svg, read_svg

from repool import files
from repool.figures.review.kinds import TWINS

#: Tables of a forest plot beside figures/, which no figures.csv names.
FOREST = ("forest", "pooled", "effects", "subgroups", "risk_of_bias")


@dataclass(frozen=True)
class Figure:
    """A figure, what is said of it, and its tables by name without ending; `lies_in` is its review."""

    name: str
    analysis: str
    svg: Svg
    alternative: str
    note: str
    tables: dict[str, list[dict[str, str]]]
    lies_in: Path

    @property
    def is_forest(self) -> bool:
        return self.name.startswith("forest")

    def primary(self, step: str = "") -> list[dict[str, str]]:
        """Return what the primary model gives by the preferred reading, at one step or at all in their order."""
        rows = [r for r in self.tables["pooled"] if r["is_primary"] == "yes" and r["reading"] == "preferred"]
        return [r for r in sorted(rows, key=lambda r: int(r["step_order"])) if step in ("", r["ladder_step"])]

    def headline(self) -> dict[str, str]:
        """Return the first of them that was pooled."""
        return next(row for row in self.primary() if row["estimate"])


def figures_of(folder: Path) -> Iterator[Figure]:
    """Yield every figure of a review's results."""
    for path in sorted((folder / "results").rglob("*.svg")):
        where = path.parent
        is_review = where == folder / "results" / "figures"
        analysis = "" if is_review else path.relative_to(folder / "results" / "analyses").parts[0]
        if where.name != "figures":
            svg, names = read_svg(path), [where / f"{name}.csv" for name in FOREST]
            yield Figure(path.stem, analysis, svg, svg.description, "", _tables(names), folder)
            continue
        listed = {row["figure"]: row for row in _rows(where / "figures.csv")}
        row = listed[path.stem]
        assert row["is_drawn"] == "yes", f"{path} is drawn, and figures.csv says that it is not"
        names = [folder / TWINS[path.stem]] if is_review else [where.parent / n for n in row["tables"].split("; ")]
        assert [name.name for name in names] == row["tables"].split("; ")
        yield Figure(path.stem, analysis, read_svg(path), row["alternative"], row["note"], _tables(names), folder)


def _tables(paths):
    return {path.stem: _rows(path) for path in paths if path.is_file()}


def _rows(path):
    # What people typed may begin with a byte-order mark, and is no table of the package.
    if path.parent.name == "data":
        return list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    return files.read_rows(path)
