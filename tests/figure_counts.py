"""What figures count of their tables, counted again here from the rows."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from figure_sources import Figure
from printed_numbers import NUMBER, value_of

#: Columns whose words are counted.
KINDS = {"element", "kind", "row", "sign", "is_influential", "same_side", "study_id"}


def counts_for(figure: Figure, *, in_rows: bool = False) -> list:
    """Return the numbers that a figure counts or takes from several rows; those told together with `in_rows`."""
    if in_rows:
        return [sorted(row) for row in _spans(figure)]
    found = list(_own(figure))
    for table in figure.tables.values():
        found.append(len(table))
        found += [
            n for name in KINDS & set(table[0] if table else {}) for n in Counter(r[name] for r in table).values()
        ]
    return found


def _own(figure) -> Iterator[float]:
    """Yield what one kind of figure counts otherwise than by the words of a column."""
    tables = figure.tables
    if figure.name == "same_result":
        head, *others = tables["same_result"]
        # Where no value means no effect, no side is told: all that have an estimate are counted.
        has_side = head["same_side"] != ""
        yield sum(row["same_side"] in ("yes", "no") if has_side else row["estimate"] != "" for row in others)
    if figure.name == "specification":
        is_drawn = [
            r["estimate"] != "" and r["measure"] == tables["same_result"][0]["measure"] for r in tables["same_result"]
        ]
        yield from (sum(is_drawn), len(is_drawn) - sum(is_drawn))
    if figure.name == "risk_of_bias":
        yield len({row["study_id"] for row in tables[figure.name]})
    if figure.name == "prisma":
        for row in tables["prisma"]:
            yield sum(value_of(token) for token in NUMBER.findall(row["n"]))
    if figure.name == "labbe":
        risks = [_risks(row) for row in tables["effects"]]
        yield from (sum(a > b for a, b in risks), sum(a < b for a, b in risks), sum(a == b for a, b in risks))
    if figure.name == "albatross":
        studies = [row for row in tables["albatross"] if row["kind"] == "study"]
        yield sum(float(row["pval_two_sided"]) <= 0.05 for row in studies)
        yield from (sum(row["sign"] == sign for row in studies) for sign in ("1", "-1", "0"))
    if figure.name == "funnel":
        effects = [row for row in tables["funnel"] if row["element"] == "effect"]
        levels = {row["contour_level"] for row in tables["funnel"] if row["contour_level"]}
        for level in levels:
            yield sum(float(row["pval"]) <= float(level) for row in effects)
    if figure.name == "risk_of_bias_summary":
        domains = {row["domain"] for row in tables[figure.name]}
        yield from (sum(float(r["n_studies"]) for r in tables[figure.name] if r["domain"] == d) for d in domains)
    if figure.name == "effect_direction":
        yield from (sum(r["sign"] == sign for r in tables["effect_direction"]) for sign in ("1", "-1", "0"))


def _risks(row):
    return tuple(float(row[f"events_arm{arm}"]) / float(row[f"n_arm{arm}"]) for arm in (1, 2))


def _spans(figure) -> Iterator[list[float]]:
    """Yield the least and the greatest of a column where a figure tells both."""
    columns = {"funnel": ("yi", "se"), "orchard": ("yi",), "bubble": ("x",), "albatross": ("n_total",)}
    columns |= {"radial": ("sei",), "influence": ("tau2_del",)}
    if figure.name == "funnel":
        levels = sorted({float(row["contour_level"]) for row in figure.tables["funnel"] if row["contour_level"]})
        yield from (list(pair) for pair in pairwise(levels))
    for table in figure.tables.values():
        for name in columns.get(figure.name, ()):
            values = [float(row[name]) for row in table if row.get(name) and _is_study(row)]
            if values:
                yield [min(values), max(values)]
                yield [1 / max(values), 1 / min(values)] if name == "sei" else []
                yield [math.exp(min(values)), math.exp(max(values))] if name == "yi" else []


def _is_study(row):
    """Whether a row is of a study, in a table that has rows of other kinds too."""
    return row.get("element", "effect") == "effect" and row.get("kind", "study") == "study"
