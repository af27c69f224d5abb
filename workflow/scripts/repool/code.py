"""What a rule's code is: a digest that changes with every formula and with no comment."""

from __future__ import annotations

import ast
import functools
import hashlib
from collections.abc import Mapping
from typing import Any

PACKAGE = "repool"


def imported_modules(name: str, sources: Mapping[str, str]) -> list[str]:
    """Return a module and every module of the package that it imports, directly or not.

    Parameters
    ----------
    name : str
        Module to start from, such as "repool.pooling.pool" or an adapter's name.
    sources : mapping
        Module name -> source text; only these are followed.

    Returns
    -------
    list of str
        Sorted names. Imports inside functions count too.
    """
    found, waiting = [], [name]
    while waiting:
        module = waiting.pop()
        if module in found or module not in sources:
            continue
        found.append(module)
        waiting += _read(sources[module])[0]
    return sorted(found)


# Rules share most modules: each text is read once, however many rules ask for it.
@functools.cache
def _read(source: str) -> tuple[tuple[str, ...], str]:
    """Return the names that a source imports, and its syntax tree as text, without comments and docstrings."""
    tree = ast.parse(source)
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return tuple(names), _canonical(_without_docstrings(tree))


def digest(name: str, sources: Mapping[str, str], *, resources: Mapping[str, bytes]) -> str:
    """Return the digest of a module, of all it imports from the package, and of its resources.

    Parameters
    ----------
    name : str
        Module to start from.
    sources : mapping
        Module name -> source text.
    resources : mapping
        File name -> bytes of files that the code reads (templates, styles).

    Returns
    -------
    str
        SHA-256 over the syntax trees without comments and docstrings: the same on every Python version.
    """
    total = hashlib.sha256()
    for module in imported_modules(name, sources):
        total.update(f"{module}\n{_read(sources[module])[1]}\n".encode())
    for file in sorted(resources):
        total.update(f"{file}\n".encode() + resources[file])
    return total.hexdigest()


def _without_docstrings(tree: ast.AST) -> ast.AST:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if (
            isinstance(body, list)
            and body
            and isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        ):
            first = body[0]
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                node.body = body[1:]
    return tree


def _canonical(node: Any) -> str:
    """Return a syntax tree as text; empty fields are left out, since Python versions differ in which they have."""
    if isinstance(node, ast.JoinedStr):
        return f"JoinedStr({_canonical(_joined(node.values))})"
    if isinstance(node, ast.AST):
        fields = [(name, _canonical(value)) for name, value in ast.iter_fields(node)]
        return f"{type(node).__name__}({','.join(f'{name}={text}' for name, text in fields if text)})"
    if isinstance(node, list):
        return f"[{','.join(_canonical(item) for item in node)}]" if node else ""
    return "" if node is None else repr(node)


def _joined(parts: list[ast.expr]) -> list[ast.expr]:
    """Return the parts of an f-string, neighbouring texts as one, empty ones left out: Python versions split them."""
    joined: list[ast.expr] = []
    for part in parts:
        is_text = isinstance(part, ast.Constant)
        if is_text and joined and isinstance(joined[-1], ast.Constant):
            joined[-1] = ast.Constant(joined[-1].value + part.value)
        elif not is_text or part.value:
            joined.append(part)
    return joined
