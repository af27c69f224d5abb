"""The page on routes and assumptions; which assumptions a route can need is read from its code."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from commands.doc_text import code, made_by, table
from repool.assumptions import ASSUMPTIONS
from repool.effects.route_catalogue import CATALOGUE


def routes_page(sources: Mapping[str, str]) -> str:
    """Return docs/routes.md: every way from a printed result to an effect.

    Parameters
    ----------
    sources : mapping
        Module -> text, of the modules that hold the routes.

    Returns
    -------
    str
        Markdown.
    """
    needed = assumptions_of(sources)
    rows = [
        [code(name), words.inputs, words.measures, ", ".join(map(code, needed[name])), words.source]
        for name, words in CATALOGUE.items()
    ]
    meanings = [[code(name), text] for name, text in ASSUMPTIONS.items()]
    parts = [
        made_by("workflow/scripts/repool/effects/route_catalogue.py and assumptions.py"),
        "# Routes and assumptions",
        "A route is a way from what a source prints to an effect and its variance. A row of an "
        "extraction file may support several; all of them are computed and kept in "
        "`results/effects/`. `conversion.route_order` in `config/review.yaml` puts them in order "
        "and says which are used at all: the preferred reading takes the first, the cautious "
        "reading the one with the largest variance.",
        "## Routes",
        "The assumptions are those that a route can need; a row that prints more needs fewer "
        "(a p-value with its sides, an arm size). Of `p_two_sided` and `p_one_sided` a result needs "
        "the one that `conversion.p_without_sides` names; `ratio_and_one_sided_p` needs the other. "
        "Where people are clustered, `clustering_ignored` comes on top, whatever the route.",
        table(["route", "the source prints", "measures", "may assume", "formula"], rows),
        "Measures: OR odds ratio, RR risk ratio, HR hazard ratio, IRR rate ratio (all as natural "
        "logarithms), RD risk difference, SMD standardised mean difference (Hedges' g), MD mean "
        "difference, PLO logit of a proportion. They are never mixed.",
        "## Assumptions",
        "`ladder` in `config/review.yaml` says from which step on each is admitted; one that "
        "stands at no step keeps its effects out of every analysis.",
        table(["assumption", "what is taken for granted"], meanings),
    ]
    return "\n\n".join(parts) + "\n"


def assumptions_of(sources: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the assumptions that each route can need.

    Parameters
    ----------
    sources : mapping
        Module -> text; functions are found by their names in all of them.

    Returns
    -------
    dict
        Route -> ids in the order of `ASSUMPTIONS`: those named in the function of the route, or in
        any function that it calls.
    """
    functions = {
        node.name: node
        for text in sources.values()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef)
    }
    found = {}
    for route in CATALOGUE:
        waiting, seen, words = [route], set(), set()
        while waiting:
            name = waiting.pop()
            if name in functions and name not in seen:
                seen.add(name)
                words |= _named_in(functions[name])
                waiting += _called_in(functions[name])
        found[route] = [name for name in ASSUMPTIONS if name in words]
    return found


def _named_in(function: ast.FunctionDef) -> set[str]:
    words = set()
    for node in ast.walk(function):
        if isinstance(node, ast.JoinedStr):
            # An id with a gap in it, such as p_{sides}_sided, stands for every id that fits.
            parts = [part.value if isinstance(part, ast.Constant) else "" for part in node.values]
            start, end = parts[0], parts[-1]
            words |= {w for w in ASSUMPTIONS if start and w.startswith(start) and w.endswith(end)}
        elif isinstance(node, ast.Constant) and node.value in ASSUMPTIONS:
            words.add(node.value)
    return words


def _called_in(function: ast.FunctionDef) -> list[str]:
    calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    return [call.attr if isinstance(call, ast.Attribute) else call.id for call in calls]
