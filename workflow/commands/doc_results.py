"""The page on what comes out: every table under results/ with its columns, made from its written specification."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from commands.doc_text import code, made_by, table

#: Folder of the tables -> heading, and the page that says more.
_GROUPS = {
    "results/checks": ("What the check found", "[checks.md](checks.md) lists its rules."),
    "results/harmonised": ("What was read", "[data-dictionary.md](data-dictionary.md) says what is typed."),
    "results/effects": ("Effects", "[routes.md](routes.md) lists the ways to an effect."),
    "results/analyses": (
        "Each analysis",
        "[methods](methods/README.md) says when each method is of use. What `examine` in `config/review.yaml` asks "
        "for is computed for the first step of the ladder that can be pooled, preferred reading; a table without rows "
        "was not asked for, or has nothing to say of this analysis.",
    ),
    "results/figures": ("Figures of the review", "[figures.md](figures.md) shows what may be drawn."),
    "results/tables": ("All analyses", "The tables behind `results/report.html`."),
}


def results_page(specification: Mapping[str, Any]) -> str:
    """Return docs/results.md: every table that a run makes.

    Parameters
    ----------
    specification : mapping
        Content of results.yaml: "words" (column -> meaning) and "tables".

    Returns
    -------
    str
        Markdown.
    """
    parts = [
        made_by("workflow/schemas/results.yaml"),
        "# Results",
        "Every table that a run makes, with its columns. All are CSV files in UTF-8 with numbers at full precision. "
        "Effects and intervals are on the scale of analysis: ratios are natural logarithms, and columns that end in "
        "`_exp` hold the ratios themselves. A blank cell has no value; `note` or `reason` says why.",
    ]
    for folder, (heading, words) in _GROUPS.items():
        parts += [f"## {heading}", words]
        for entry in specification["tables"]:
            if entry["file"].startswith(f"{folder}/"):
                parts += [f"### {code(entry['file'])}", entry["title"], _columns(entry, specification["words"])]
    return "\n\n".join(parts) + "\n"


def _columns(entry: Mapping[str, Any], words: Mapping[str, str]) -> str:
    """Return the columns of one table; what the table itself says of one goes first."""
    own = words | entry.get("here", {})
    return table(["column", "meaning"], [[code(name), own[name]] for name in entry["columns"]])
