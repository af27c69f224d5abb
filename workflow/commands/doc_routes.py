"""The pages on routes, measures and assumptions; which assumptions a route can need is read from its code."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from commands.doc_text import code, made_by, table
from repool.assumptions import ASSUMPTIONS
from repool.effects.measure_words import MEASURE_WORDS
from repool.effects.measures.catalogue import MEASURES
from repool.effects.route_catalogue import ACROSS, CATALOGUE, Route
from repool.effects.routes.across import WAYS

#: What `Measure.turned` says, in words.
_TURNED = {"sign": "changes its sign", "recompute": "is computed anew from the counts", "no": "cannot be turned round"}


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
    header = ["route", "the source prints", "columns", "gives", "may assume", "formula", "checked against"]
    meanings = [[code(name), text] for name, text in ASSUMPTIONS.items()]
    parts = [
        made_by("workflow/scripts/repool/effects/route_catalogue.py, routes_of_two_groups.py and assumptions.py"),
        "# Routes and assumptions",
        "A route is a way from what a source prints to an effect and its variance. A row of an "
        "extraction file may support several; all of them are computed and kept in "
        "`results/effects/`. `conversion.route_order` in `config/review.yaml` puts them in order "
        "and says which are used at all: the preferred reading takes the first, the cautious "
        "reading the one with the largest variance. Routes of one result that lie far apart are listed in "
        "`results/checks/disagreements.csv` and in the report; `make explain EFFECT=<result_id>` prints the whole way "
        "of one result.",
        "## Routes",
        "The columns are those that must be filled (`*` stands for `arm1` and `arm2`); sizes are the arm sizes, or a "
        "total that is shared as `conversion.allocation` declares. The assumptions are those that a route can need; a "
        "row that prints more needs fewer (a p-value with its sides, an arm size). Of `p_two_sided` and `p_one_sided` "
        "a result needs the one that `conversion.p_without_sides` names; `ratio_and_one_sided_p` needs the other. "
        "Where people are clustered, `clustering_ignored` or `icc_declared` comes on top, whatever the route.",
        table(header, _route_rows(assumptions_of(sources))),
        "What a route gives is a measure, or every measure of [docs/measures.md](measures.md) that is computed from "
        "that kind of data and stands in `conversion.measures`. Measures are never mixed.",
        "## What the print leaves open",
        "A percent rounded to whole numbers may stand for several counts, `p < .05` for any smaller p-value, a total "
        "for other arm sizes than the declared ones, and `ns` for anything between significant for one arm and for the "
        "other. Each effect then has a best and a worst case for the first arm (`yi_best`, `yi_worst`): the ends with "
        "the largest and the smallest z in the direction that is better. The readings `best_case` and `worst_case` "
        "pool them beside the preferred reading.",
        "## Assumptions",
        "`ladder` in `config/review.yaml` says from which step on each is admitted; one that "
        "stands at no step keeps its effects out of every analysis.",
        table(["assumption", "what is taken for granted"], meanings),
    ]
    return "\n\n".join(parts) + "\n"


def _route_rows(needed: Mapping[str, list[str]]) -> list[list[str]]:
    return [
        [
            code(name),
            route.inputs,
            _columns(route),
            _gives(route),
            ", ".join(map(code, needed[name])),
            route.source,
            route.checked,
        ]
        for name, route in CATALOGUE.items()
    ]


def _columns(route: Route) -> str:
    """Return the columns that a route needs filled, and the words it is for."""
    words = [f"{code(name)} {' or '.join(word or 'blank' for word in allowed)}" for name, allowed in route.when.items()]
    return ", ".join([*map(code, route.needs), *words])


def _gives(route: Route) -> str:
    """Return what a route gives: the measures of a family by the family's name, or the measures."""
    families = {measure.family for measure in MEASURES.values()}
    return f"{route.gives.replace('_', ' ')}: see measures" if route.gives in families else route.gives


def measures_page() -> str:
    """Return docs/measures.md: every effect measure with its data, variances and source.

    Returns
    -------
    str
        Markdown.
    """
    header = ["measure", "what it is", "computed from", "variance (vtype)", "the opposite outcome", "source", "R"]
    rows = []
    for name, words in MEASURE_WORDS.items():
        for measure in (measure for measure in MEASURES.values() if measure.name == name):
            rows.append(
                [
                    code(name),
                    words.title + (", as a logarithm" if words.is_log else ""),
                    f"{measure.family.replace('_', ' ')}: {', '.join(map(code, measure.inputs))}",
                    ", ".join(measure.vtypes),
                    _TURNED[measure.turned],
                    measure.source,
                    code(measure.r_function) if measure.r_function else "",
                ]
            )
        if words.vtypes == ("given",):
            rows.append([code(name), words.title + ", as a logarithm", "as printed", "given", _TURNED["no"], "", ""])
    parts = [
        made_by("workflow/scripts/repool/effects/measures"),
        "# Effect measures",
        "`conversion.measures` in `config/review.yaml` names the measures that are computed, each with its variance "
        "formula; the names are those of metafor's `escalc`. The closed forms can be used on their own:",
        "```python\n"
        "from repool.effects.measures.catalogue import effect_sizes\n"
        "from repool.effects.measures.zero_cells import ZeroCells\n\n"
        "effects = effect_sizes(\n"
        '    "OR",\n'
        '    {"events_arm1": [5, 0], "n_arm1": [40, 12], "events_arm2": [13, 3], "n_arm2": [40, 11]},\n'
        '    vtype="LS",\n'
        '    zero_cells=ZeroCells("only0", 0.5, drop_double_zero=False),\n'
        ")\n"
        "effects.yi, effects.vi, effects.corrected\n"
        "```",
        "`AV` and `AVHO` average over the studies given together; `conversion.measures` refuses them, since a review "
        "converts its results before it is known which analysis takes them.",
        "What cannot be computed is NaN in `yi` and in `vi`; a name that does not exist is an error that lists those "
        "that do.",
        table(header, rows),
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
    found = {name: [WAYS[name].assumption] for name in ACROSS}
    for route in (name for name in CATALOGUE if name not in ACROSS):
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
    return [
        call.attr if isinstance(call, ast.Attribute) else call.id
        for call in calls
        if isinstance(call, ast.Attribute | ast.Name)
    ]
