"""The report of a review that was run: built anew from its tables, with everything it was built from."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from repool import door, files
from repool.extraction.typed import typed_rows
from repool.report import page
from repool.schemas import schema

ROOT = Path(__file__).resolve().parents[1]
RULE = (ROOT / "workflow" / "rules" / "report.smk").read_text(encoding="utf-8")
TYPED = ("studies", "votes", "prisma", "deviations", "summary_of_findings")


@dataclass(frozen=True)
class Built:
    """A report with what it was built from.

    Parameters
    ----------
    html : str
        The page.
    tables : dict
        File -> rows of every table of results/, those of the report among them, and of those that people typed.
    typed : dict
        File -> text of every file of config/ and data/.
    settings : dict
        config/review.yaml.
    analyses : list of str
        Names of the analyses.
    """

    html: str
    tables: dict[str, list[dict[str, str]]]
    typed: dict[str, str]
    settings: dict[str, Any]
    analyses: list[str]


def of_each() -> list[str]:
    """Return the tables of each analysis that the rule reads."""
    (found,) = re.findall(r"^OF_EACH = \[(.*?)\]", RULE, re.M | re.S)
    return re.findall(r'"([^"]+)"', found)


def built(folder: Path) -> Built:
    """Return the report of a review, from its committed or freshly made tables."""
    review = door.open_review(folder)
    plan = {row["analysis"]: {key: row[key] for key in row if key != "line"} for row in review.analyses}
    found = {path.relative_to(folder).as_posix(): path for path in sorted((folder / "results").rglob("*.csv"))}
    tables = {name: files.read_rows(path) for name, path in found.items() if not name.startswith("results/tables/")}
    rows = dict(tables)
    for name in TYPED:
        path = folder / "data" / f"{name}.csv"
        if path.is_file():
            rows[f"data/{name}.csv"] = typed_rows(path.read_bytes(), schema(name))
    pictures = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted((folder / "results").rglob("*.svg"))
    }
    texts = page.report_files(rows, pictures, settings=review.settings, plan=plan, versions={"numpy": "9.9.9"})
    tables |= {name: found for name, found in rows.items() if name.startswith("data/")}
    made = {name: list(csv.DictReader(io.StringIO(text))) for name, text in texts.items() if name.endswith(".csv")}
    sources = [path for part in ("config", "data") for path in sorted((folder / part).rglob("*")) if path.is_file()]
    typed = {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in sources}
    html = texts["results/report.html"]
    return Built(html=html, tables=tables | made, typed=typed, settings=review.settings, analyses=list(plan))
