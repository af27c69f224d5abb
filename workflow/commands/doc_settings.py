"""The page on the settings: every key of config/review.yaml, made from its schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from commands.doc_text import code, made_by, table

_JSON_TYPES = {
    "string": "text",
    "number": "number",
    "integer": "whole number",
    "boolean": "true or false",
}
#: The part of the schema that names, method by method, which settings go with it.
_METHODS = "missing_evidence_method"
Part = Mapping[str, Any]


def configuration(schema: Part) -> str:
    """Return docs/configuration.md: every key of config/review.yaml.

    Parameters
    ----------
    schema : mapping
        Content of review.schema.yaml.

    Returns
    -------
    str
        Markdown.
    """
    shared = schema.get("$defs", {})
    rows = [[code(path), kind, allowed, words] for path, kind, allowed, words in _keys(schema, "", shared)]
    parts = [
        made_by("workflow/schemas/review.schema.yaml"),
        "# Configuration",
        "Every key of `config/review.yaml`. Every key must be written down: no statistical choice "
        "has a hidden default. A key that is not listed here is refused. `<name>` stands for any "
        "name, `[]` for each item of a list. The keys of `config/analyses.csv` and "
        "`config/vocabulary.csv` stand in [data-dictionary.md](data-dictionary.md); "
        "[methods](methods/README.md) says which choice suits which question.",
        table(["key", "type", "allowed", "meaning"], rows),
    ]
    if _METHODS in shared:
        parts += [
            "## Settings of each method for missing evidence",
            "An item of `examine.missing_evidence.methods` has `id`, `method`, and exactly these; "
            "[missing-evidence.md](methods/missing-evidence.md) says what each may be.",
            table(["method", "settings"], list(_methods(shared[_METHODS]))),
        ]
    return "\n\n".join(parts) + "\n"


def _methods(part: Part) -> Iterator[list[str]]:
    """Yield each method of a block of alternatives with the settings that it asks for."""
    for choice in part["allOf"]:
        method = choice["if"]["properties"]["method"]["const"]
        yield [code(method), ", ".join(map(code, choice["then"]["required"])) or "none"]


def _keys(schema: Part, path: str, shared: Part) -> Iterator[tuple[str, str, str, str]]:
    """Yield (path, type, allowed values, meaning) of every key below a part of the schema."""
    for name, part in schema.get("properties", {}).items():
        yield from _key(part, f"{path}.{name}" if path else name, shared)
    inner = schema.get("additionalProperties")
    if isinstance(inner, Mapping):
        inner = _resolved(inner, shared)
        if "properties" in inner:
            yield from _keys(inner, f"{path}.<name>", shared)
        else:
            yield from _key(inner, f"{path}.<name>", shared)


def _key(part: Part, path: str, shared: Part) -> Iterator[tuple[str, str, str, str]]:
    part = _resolved(part, shared)
    words = part.get("description", "")
    if part.get("type") == "object":
        yield path, "block", _names(part), words
        yield from _keys(part, path, shared)
    elif part.get("type") == "array":
        items = _resolved(part.get("items", {}), shared)
        kind = "list of blocks" if items.get("type") == "object" else "list"
        yield path, kind, "; ".join(filter(None, [_allowed(items, shared), _lengths(part)])), words
        yield from _keys(items, f"{path}[]", shared)
    else:
        yield path, _kind(part, shared), _allowed(part, shared), words
        for choice in _choices(part, shared):
            yield from _keys(choice, path, shared)


def _resolved(part: Part, shared: Part) -> Part:
    """Return a part of the schema with its reference, if it has one, put in place; its own words win."""
    if "$ref" not in part:
        return part
    own = {name: value for name, value in part.items() if name != "$ref"}
    return {**shared[part["$ref"].rpartition("/")[2]], **own}


def _choices(part: Part, shared: Part) -> list[Part]:
    """Return the alternatives of a part, of which one must hold."""
    return [_resolved(choice, shared) for choice in [*part.get("oneOf", []), *part.get("anyOf", [])]]


def _kind(part: Part, shared: Part) -> str:
    choices = _choices(part, shared)
    if choices:
        return " or ".join(dict.fromkeys(_kind(choice, shared) for choice in choices))
    if part.get("type") == "object":
        return "block"
    if part.get("type") == "array":
        return "list"
    if any(isinstance(value, bool) for value in part.get("enum", [])):
        return "true or text"
    return _JSON_TYPES.get(part.get("type", "string"), "text")


def _allowed(part: Part, shared: Part) -> str:
    limits = {
        "minimum": "{} or more",
        "exclusiveMinimum": "above {}",
        "maximum": "{} or less",
        "exclusiveMaximum": "below {}",
    }
    words = [text.format(part[name]) for name, text in limits.items() if name in part]
    if "const" in part:
        words.append(code(_value(part["const"])))
    if "enum" in part:
        words.append(", ".join(code(_value(value)) for value in part["enum"]))
    if "pattern" in part:
        words.append(f"must match {code(part['pattern'])}")
    if part.get("type") == "array":
        inner = _allowed(_resolved(part.get("items", {}), shared), shared)
        words.append("; ".join(filter(None, [f"each {inner}" if inner else "", _lengths(part)])))
    words += [" or ".join(filter(None, (_allowed(choice, shared) for choice in _choices(part, shared))))]
    return ", ".join(filter(None, words))


def _value(value: Any) -> str:
    """Return a value as YAML writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _names(part: Part) -> str:
    """Return what the names of a block may be, where they are free."""
    names = part.get("propertyNames", {})
    return f"names: {_allowed(names, {})}" if "enum" in names else ""


def _lengths(part: Part) -> str:
    least, most = part.get("minItems"), part.get("maxItems")
    words = [f"exactly {least}"] if least and least == most else ["at least one"] if least else []
    words += ["none twice"] if part.get("uniqueItems") else []
    must = part.get("contains", {}).get("const")
    return ", ".join([*words, *([f"{code(must)} among them"] if must else [])])
