"""The configuration of a review: read, checked strictly, all faults at once."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

from repool.assumptions import ASSUMPTIONS
from repool.effects.measure_words import AVERAGING_VTYPES, MEASURE_WORDS
from repool.extraction.examine_checks import check_examine
from repool.extraction.model_checks import check_models
from repool.extraction.risk_of_bias import MODERATOR
from repool.extraction.setting_faults import (
    REVIEW_FILE,
    contradiction,
    missing_setting,
    not_allowed,
    unknown_setting,
    wrong_value,
)
from repool.extraction.yaml_text import key_lines, load_yaml
from repool.problems import Problem, did_you_mean


@dataclasses.dataclass(frozen=True)
class Names:
    """Names that the settings declare for the tables; None where they are too faulty to say.

    Parameters
    ----------
    outcomes, models, measures : list of str or None
        Keys of `outcomes`, ids of `pooling.models`, and keys of `conversion.measures`.
    moderators : dict or None
        Column of data/studies.csv, or "risk_of_bias", -> "number" or "text".
    """

    outcomes: list[str] | None
    models: list[str] | None
    moderators: dict[str, str] | None
    measures: list[str] | None


def read_settings(content: bytes, schema: Mapping[str, Any], *, routes: list[str]) -> tuple[Any, list[Problem]]:
    """Read and check config/review.yaml.

    Parameters
    ----------
    content : bytes
        The file's bytes.
    schema : mapping
        Content of workflow/schemas/review.schema.yaml.
    routes : list of str
        Names of the routes that the software knows.

    Returns
    -------
    settings : object
        The content; None if it cannot be read.
    problems : list of Problem
        Every fault, each with its line; empty if the settings can be used.
    """
    settings, problems = load_yaml(content, file=REVIEW_FILE)
    if problems:
        return None, problems
    lines = key_lines(content)
    problems = check_review(settings, schema, routes=routes)
    return settings, [dataclasses.replace(p, line=_nearest(p.column, lines)) for p in problems]


def _nearest(path: str, lines: Mapping[str, int]) -> int | None:
    """Return the line of a key, or of the nearest key around it."""
    while path and path not in lines:
        path = path.rpartition(".")[0]
    return lines.get(path)


def check_review(settings: Any, schema: Mapping[str, Any], *, routes: list[str]) -> list[Problem]:
    """Check the content of config/review.yaml against its schema and against itself.

    Parameters
    ----------
    settings : object
        Content of the file.
    schema : mapping
        Content of workflow/schemas/review.schema.yaml.
    routes : list of str
        Names of the routes that the software knows.

    Returns
    -------
    list of Problem
        Every fault; empty if the settings can be used.
    """
    import jsonschema

    found = jsonschema.Draft202012Validator(schema).iter_errors(settings)
    problems = []
    for error in sorted(found, key=lambda e: ([str(part) for part in e.absolute_path], e.message)):
        problems += _schema_problems(error)
    return problems or [
        *check_models(settings["pooling"]),
        *_check_routes(settings["conversion"], routes),
        *_check_measures(settings["conversion"]),
        *_check_ranges(settings["conversion"]),
        *_check_ladder(settings["ladder"]),
        *_check_moderators(settings["moderators"]),
        *check_examine(
            settings["examine"],
            measures=settings["conversion"]["measures"],
            moderators=settings["moderators"] | {MODERATOR: "text"},
        ),
    ]


def _schema_problems(error: Any) -> list[Problem]:
    where = ".".join(str(part) for part in error.absolute_path)
    prefix = f"{where}." if where else ""
    value = error.instance
    found = "" if value is None or isinstance(value, dict | list) else str(value)
    if error.validator == "additionalProperties":
        known = list(error.schema["properties"])
        extra = sorted((key for key in value if key not in known), key=str)
        return [unknown_setting(f"{prefix}{key}", str(key), known) for key in extra]
    if error.validator == "required":
        # Each missing key is an error of its own that names the key in its message alone.
        (key,) = [key for key in error.validator_value if error.message.startswith(repr(key))]
        return [missing_setting(f"{prefix}{key}")]
    if error.validator == "enum" and "propertyNames" in error.absolute_schema_path:
        return [unknown_setting(f"{prefix}{found}", found, error.validator_value)]
    if error.validator == "enum":
        return [not_allowed(where, found, error.validator_value)]
    # Several schemas at once: the library's words would speak of schemas, not of the setting.
    problem = "this value is not allowed" if error.validator == "anyOf" else error.message
    return [wrong_value(where, found, problem, error.schema.get("description", "a valid value"))]


def _check_routes(conversion: Mapping[str, Any], routes: list[str]) -> list[Problem]:
    return [
        contradiction(
            f"conversion.route_order.{number}",
            route,
            "this is not a route",
            "a route of docs/routes.md",
            did_you_mean(route, routes),
        )
        for number, route in enumerate(conversion["route_order"])
        if route not in routes
    ]


def _check_measures(conversion: Mapping[str, Any]) -> list[Problem]:
    """Return the measures that nobody knows, and the variance formulas that a measure does not have."""
    problems = []
    for name, vtype in conversion["measures"].items():
        where = f"conversion.measures.{name}"
        if name not in MEASURE_WORDS:
            hint = did_you_mean(name, MEASURE_WORDS)
            problems.append(contradiction(where, name, "this is not a measure", "a measure of docs/measures.md", hint))
        elif vtype not in (allowed := _vtypes(name)):
            problem, hint = f"{name} has no such variance formula", did_you_mean(vtype, allowed)
            problems.append(contradiction(where, vtype, problem, "one of " + ", ".join(allowed), hint))
    for number, name in enumerate(conversion["zero_cells"]["double_zeros_dropped"]):
        if name not in MEASURE_WORDS:
            where = f"conversion.zero_cells.double_zeros_dropped.{number}"
            hint = did_you_mean(name, MEASURE_WORDS)
            problems.append(contradiction(where, name, "this is not a measure", "a measure of docs/measures.md", hint))
    return problems


def _vtypes(measure: str) -> list[str]:
    """Return the variance formulas that a review may ask for."""
    known = dict.fromkeys([*MEASURE_WORDS[measure].vtypes, "given"])
    return [name for name in known if name not in AVERAGING_VTYPES]


def _check_ranges(conversion: Mapping[str, Any]) -> list[Problem]:
    """Return the declared values that do not lie between their own ends."""
    problems = []
    for name in ("allocation", "r_pre_post", "icc"):
        declared = conversion[name]
        if declared != "none" and not declared["lowest"] <= declared["value"] <= declared["highest"]:
            problem = "the value does not lie between its ends"
            found = f"{declared['lowest']:g}, {declared['value']:g}, {declared['highest']:g}"
            expected = "lowest <= value <= highest"
            problems.append(contradiction(f"conversion.{name}", found, problem, expected, "Correct the three."))
    return problems


def _check_moderators(moderators: Mapping[str, str]) -> list[Problem]:
    """Return the fault of declaring as a column of data/studies.csv what has a table of its own."""
    if MODERATOR not in moderators:
        return []
    problem = "the risk of bias is not a column of data/studies.csv, and needs no declaration"
    expected, to_fix = "columns of data/studies.csv", "Delete it here; type the judgements into data/risk_of_bias.csv."
    return [contradiction(f"moderators.{MODERATOR}", moderators[MODERATOR], problem, expected, to_fix)]


def _check_ladder(ladder: list[Mapping[str, Any]]) -> list[Problem]:
    problems, seen = [], []
    for number, step in enumerate(ladder):
        for place, word in enumerate(step["assumptions"]):
            where = f"ladder.{number}.assumptions.{place}"
            if word not in ASSUMPTIONS:
                hint = did_you_mean(word, ASSUMPTIONS)
                expected = "an assumption of docs/routes.md"
                problems.append(contradiction(where, word, "this is not an assumption", expected, hint))
            elif word in seen:
                twice = "this assumption stands at two steps"
                expected = "each assumption at one step"
                problems.append(contradiction(where, word, twice, expected, "Delete one."))
            seen.append(word)
    names = [step["step"] for step in ladder]
    return problems + [
        contradiction("ladder", name, "two steps have the same name", "different names", "Rename one.")
        for name in sorted({name for name in names if names.count(name) > 1})
    ]


def names_in(settings: Any) -> Names:
    """Return the names that settings declare, as far as they can be read.

    Parameters
    ----------
    settings : object
        Content of config/review.yaml, faulty or not; None if it cannot be read.

    Returns
    -------
    Names
        Each list, or None where the settings do not hold one.
    """
    settings = settings if isinstance(settings, dict) else {}
    outcomes, pooling = settings.get("outcomes"), settings.get("pooling")
    models = pooling.get("models") if isinstance(pooling, dict) else None
    ids = [model.get("id") for model in models or [] if isinstance(model, dict)]
    moderators, conversion = settings.get("moderators"), settings.get("conversion")
    measures = conversion.get("measures") if isinstance(conversion, dict) else None
    return Names(
        measures=_words(list(measures)) if isinstance(measures, dict) else None,
        outcomes=_words(list(outcomes)) if isinstance(outcomes, dict) else None,
        models=_words(ids) if isinstance(models, list) else None,
        # The risk of bias needs no declaration: data/risk_of_bias.csv holds it.
        moderators=moderators | {MODERATOR: "text"} if isinstance(moderators, dict) else None,
    )


def _words(values: list[Any]) -> list[str]:
    return [value for value in values if isinstance(value, str)]


def moderators_of(cell: str | None) -> list[str]:
    """Return the columns that a cell of moderators names: a list with semicolons, or a formula that begins with ~."""
    if not (cell or "").strip().startswith("~"):
        return words_of(cell)
    # A name before a bracket is a function, such as log.
    return list(dict.fromkeys(re.findall(r"[A-Za-z_]\w*(?![\w(]|\s*\()", cell or "")))


def numbers_among(moderators: Mapping[str, str]) -> list[str]:
    """Return the declared moderators that hold numbers."""
    return [name for name, kind in moderators.items() if kind == "number"]


def carried_columns(examine: Mapping[str, Any]) -> list[str]:
    """Return what every analysis needs to know of its studies: the year, and what planned subsets ask for."""
    return list(dict.fromkeys(["year", *(subset["column"] for subset in examine["sensitivity"]["subsets"])]))


def words_of(cell: str | None) -> list[str]:
    """Return the parts of a cell that holds a semicolon-separated list."""
    return [part.strip() for part in (cell or "").split(";") if part.strip()]
