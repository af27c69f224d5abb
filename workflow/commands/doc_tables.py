"""Pages made from the written specifications of what is typed: data dictionary and data package."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from commands.doc_text import code, made_by, table
from repool.extraction.review import ALIASES
from repool.extraction.specification import Column, columns_of
from repool.extraction.tables import MISSING

#: Table -> where it stands in a review.
PLACES = {
    "extraction": "data/extraction/<study_id>.csv",
    "studies": "data/studies.csv",
    "votes": "data/votes.csv",
    "risk_of_bias": "data/risk_of_bias.csv",
    "prisma": "data/prisma.csv",
    "summary_of_findings": "data/summary_of_findings.csv",
    "deviations": "data/deviations.csv",
    "acknowledged": "data/acknowledged.csv",
    "vocabulary": "config/vocabulary.csv",
    "units": "config/units.csv",
    "analyses": "config/analyses.csv",
}
_TYPES = {"whole": "integer", "number": "number", "percent": "number", "probability": "number"}


def data_dictionary(schemas: Mapping[str, Any]) -> str:
    """Return docs/data-dictionary.md: every column of every table.

    Parameters
    ----------
    schemas : mapping
        Table -> its written specification.

    Returns
    -------
    str
        Markdown.
    """
    marks = ", ".join(code(mark) for mark in sorted(MISSING) if mark)
    parts = [
        made_by("workflow/schemas"),
        "# Data dictionary",
        "What a reviewer types. Tables are CSV files in UTF-8 with a header line; files with "
        "semicolons or tabs, with a decimal comma, or from other programs' encodings are read too, "
        "and whatever cannot be read for certain is refused with its line "
        "([checks.md](checks.md)). The order of columns and rows is free, and columns that are not "
        "required may be left out.",
        f"A cell is blank when nothing stands in it, or one of {marks} (in any case of letters). "
        "In a text that must be filled, such as the name of a study, they are taken as text.",
    ]
    for name, place in PLACES.items():
        parts += [f"## {code(place)}", schemas[name]["description"], _columns_table(schemas[name])]
    names = [[code(alias), code(column)] for alias, column in ALIASES.items()]
    parts += [
        "## Names of other programs",
        "In extraction files these names of metafor, meta and Metapsy are accepted.",
        table(["name there", "column here"], names),
    ]
    return "\n\n".join(parts) + "\n"


def _columns_table(specification: Mapping[str, Any]) -> str:
    rows = []
    for entry in specification["columns"]:
        columns = columns_of({"columns": [entry]})
        names = ", ".join(code(column.name) for column in columns)
        must = "yes" if columns[0].required else ""
        needs = ", ".join(code(name) for name in columns[0].needs)
        words = [columns[0].description, _expected(columns[0]), columns[0].example, needs]
        rows.append([names, must, *words])
    return table(["column", "required", "meaning", "holds", "example", "needs"], rows)


def _expected(column: Column) -> str:
    if column.type == "choice":
        return "one of " + ", ".join(code(choice) for choice in column.choices)
    return column.expected


def data_package(schemas: Mapping[str, Any]) -> str:
    """Return datapackage.json: the tables of the shipped review for other programs.

    Parameters
    ----------
    schemas : mapping
        Table -> its written specification.

    Returns
    -------
    str
        JSON text: a Data Package (version 2) with one Table Schema per table.
    """
    resources = [
        {
            "name": name,
            "title": schemas[name]["description"],
            "path": place.replace("<study_id>", "*"),
            "format": "csv",
            "encoding": "utf-8",
            "schema": {
                "fieldsMatch": ["superset"],
                "missingValues": [""],
                # Rows without a name of their own have no key.
                **({"primaryKey": schemas[name]["key"]} if schemas[name]["key"] else {}),
                "fields": [_field(column) for column in columns_of(schemas[name])],
            },
        }
        for name, place in PLACES.items()
    ]
    package = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "repool",
        "description": "Made by `python3 run.py docs` from workflow/schemas.",
        "licenses": [{"name": "MIT", "title": "MIT License"}],
        "resources": resources,
    }
    return json.dumps(package, indent=2, ensure_ascii=False) + "\n"


def _field(column: Column) -> dict[str, Any]:
    limits = {"minimum": column.minimum, "maximum": column.maximum}
    constraints: dict[str, Any] = {name: limit for name, limit in limits.items() if limit is not None}
    constraints |= {"required": True} if column.required else {}
    constraints |= {"enum": list(column.choices)} if column.choices else {}
    field = {
        "name": column.name,
        "type": _TYPES.get(column.type, "string"),
        "description": column.description,
    }
    return field | ({"constraints": constraints} if constraints else {})
