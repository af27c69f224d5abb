"""The command `docs`: make the reference pages from what the software itself reads."""

from __future__ import annotations

import sys
from pathlib import Path

from commands.check_rules import GROUPS, RULES
from commands.doc_gallery import gallery_page
from commands.doc_results import results_page
from commands.doc_routes import measures_page, routes_page
from commands.doc_settings import configuration
from commands.doc_tables import PLACES, data_dictionary, data_package
from commands.doc_text import code, made_by, table
from repool.files import write_if_changed
from repool.schemas import schema

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "workflow" / "scripts" / "repool"


def main(arguments: list[str]) -> int:
    """Write every page that is out of date.

    Parameters
    ----------
    arguments : list of str
        None are known.

    Returns
    -------
    int
        0.
    """
    for name, text in pages().items():
        if write_if_changed(ROOT / name, text):
            print(f"wrote {name}")
    return 0


def pages() -> dict[str, str]:
    """Return every made page.

    Returns
    -------
    dict
        File, relative to the repository -> text.
    """
    tables = {name: schema(name) for name in PLACES}
    routes = sorted((PACKAGE / "effects" / "routes").glob("*.py"))
    sources = {path.stem: path.read_text(encoding="utf-8") for path in routes}
    return {
        "datapackage.json": data_package(tables),
        "docs/checks.md": checks_page(),
        "docs/configuration.md": configuration(schema("review")),
        "docs/data-dictionary.md": data_dictionary(tables),
        "docs/gallery.md": gallery_page(ROOT, schema("review")),
        "docs/measures.md": measures_page(),
        "docs/results.md": results_page(schema("results")),
        "docs/routes.md": routes_page(sources),
    }


def checks_page() -> str:
    """Return docs/checks.md: every rule of the check."""
    parts = [
        made_by("workflow/commands/check_rules.py"),
        "# Checks",
        "Every table and every setting is checked before anything is computed. All faults are told "
        "at once, each with file, line as a spreadsheet shows it, column, what stands there, what "
        "is wrong, what is expected and what to do; the list is also written to "
        "`results/checks/problems.csv`. An error stops the run and leaves the results as they are; "
        "a warning is listed and shown beside the result. `make check` says the same without "
        "analysing anything.",
    ]
    for letter, title in GROUPS.items():
        rows = [
            [code(number), rule.severity, rule.wrong, rule.why]
            for number, rule in RULES.items()
            if number.startswith(letter)
        ]
        parts += [f"## {title}", table(["rule", "severity", "what is wrong", "why"], rows)]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
