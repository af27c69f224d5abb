"""The function behind each route of the catalogue.

A route is a function of all rows at once that print what it needs. It returns what the measures of a family are
computed from (`tools.Found`), or a list of such. Rows come harmonised: numbers as float columns with NaN for blank,
words as text. Numbers that cannot be become NaN; `evaluate` asks the routes with numpy's warnings off. Routes from one
measure to another stand in `across`.
"""

from __future__ import annotations

from repool.effects.route_catalogue import ACROSS, CATALOGUE
from repool.effects.routes import correlations, counts, means, one_group, printed, standardised

_MODULES = (counts, printed, means, standardised, one_group, correlations)
#: name -> function (rows, choices) -> Found or list of Found; a route has the name of its function.
ROUTES = {
    name: next(getattr(module, name) for module in _MODULES if hasattr(module, name))
    for name in CATALOGUE
    if name not in ACROSS
}
