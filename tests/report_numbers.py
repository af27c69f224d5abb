"""Every number that a report shows, walked back to the tables it was built from.

A row of a table with a file beside it must be told by one row of that file: all its numbers at once. The summary, which
has a step of the ladder in each cell, is walked cell by cell. A sentence must be told by the tables of its analysis; an
estimate with its interval, or an interval, by one row of them.
"""

from __future__ import annotations

import math
import re

from printed_numbers import (
    BOUND,
    INTERVAL,
    NUMBER,
    P_VALUE,
    PERCENT,
    by_kind,
    counts_of,
    is_among,
    is_beyond,
    number_of,
    phrases_of,
    rows_of,
    settings_rows,
    told,
    value_of,
    values_in,
)
from report_places import Place

#: Tables that sentences tell, besides those of results/tables; figures and single studies are told by tables alone.
IN_SENTENCES = {
    *("verdict", "same_result", "intervals", "missing_evidence", "subgroups", "robust", "dependence"),
    *("without_pooling", "regression", "pooled", "influence"),
}
LADDER, FLOW = "results/tables/ladder.csv", "data/prisma.csv"
#: What is no number of a table: the base of a share of people, a version, a paper that a method is from.
NOT_TOLD = re.compile(
    r"\b(?:per|of) 1000\b|of 1 df|k − \d|p cut at [\d.]+|\d+\.\d+\.\d+|"
    r"\b[A-Z][\w-]+ (?:19|20)\d\d\b(?:, (?:19|20)\d\d\b)*"
)


class Walk:
    """What a report was built from, ready to explain its numbers."""

    def __init__(self, made):
        self.made = made
        plan = rows_of(made.typed["config/analyses.csv"])
        self.measures = {row["analysis"]: row["measure"] for row in plan}
        self.values = {name: [self._values(name, row) for row in rows] for name, rows in made.tables.items()}
        self.phrases, self.pools = phrases_of(made.typed, made.settings), {}
        # What a figure shows in words was told when it was drawn, from the same tables; the page quotes it.
        figures = [rows for name, rows in made.tables.items() if name.endswith("/figures.csv")]
        self.described = {" ".join(row["alternative"].split()) for rows in figures for row in rows}
        self.settings_rows = list(settings_rows(made.settings))
        self.plan = {row["analysis"]: by_kind(values_in(row)) for row in plan}
        self.values["results/tables/participants.csv"] += _sums(made.tables["results/tables/participants.csv"])

    def _values(self, name, row):
        if name == FLOW:
            # Reasons with their numbers, which the report adds up.
            parts = [value_of(token) for token in NUMBER.findall(row["n"])]
            return by_kind(("number", value) for value in [*parts, sum(parts)])
        analysis = name.split("/")[2] if name.startswith("results/analyses/") else row.get("analysis", "")
        return by_kind(values_in(row, self.measures.get(analysis, "")))

    def unexplained(self, place: Place) -> list[str]:
        """Return the numbers of a text that no table tells."""
        if not re.search(r"\d", place.text) or place.text in self.described:
            return []
        text = NOT_TOLD.sub(" ", self.told(place.text))
        bounds = BOUND.findall(text)
        text = BOUND.sub(" ", text)
        if place.csv:
            rows = [row["any"] for row in self._rows(place)]
            tokens = NUMBER.findall(text)
            fits = [row for row in rows if all(is_among(t, row) for t in tokens)]
            return [] if any(all(is_beyond(b, row) for b in bounds) for row in fits) else tokens or [bounds[0][1]]
        where = (place.analysis, place.is_answer)
        if not all(is_beyond(bound, self.pool(*where)["any"]) for bound in bounds):
            return [token for _, token, _ in bounds]
        return [*self._intervals(text, where), *self._singles(text, where)]

    def told(self, text: str) -> str:
        """Return a text without what people typed: such numbers are quoted, not told."""
        return told(text, self.phrases)

    def _rows(self, place):
        name = re.sub(r"^(\.\./)", "", f"results/{place.csv}".replace("results/../", ""))
        rows, values = self.made.tables.get(name, []), self.values.get(name, [])
        own = [v for row, v in zip(rows, values, strict=False) if row.get("analysis", place.analysis) == place.analysis]
        return (own if place.analysis else values) or [by_kind([])]

    def _intervals(self, text, where):
        rows = [row["any"] for row in self.scope(*where)]
        for match in INTERVAL.finditer(text):
            tokens = [t for t in NUMBER.findall(match[0]) if not re.search(rf"{re.escape(t)} % CI", match[0])]
            if not any(all(is_among(t, row) for t in tokens) for row in rows):
                yield from tokens

    def _singles(self, text, where):
        """Yield what is told outside an interval and is no value of its kind."""
        rest, pool = INTERVAL.sub(" ", text), self.pool(*where)
        for kind, pattern in (("percent", PERCENT), ("p", P_VALUE)):
            told = [*pool[kind], *pool["quoted"]]
            yield from (token for token in pattern.findall(rest) if not is_among(token, sorted(told)))
            rest = pattern.sub(" ", rest)
        for match in NUMBER.finditer(rest):
            token = match[0]
            # A whole number counts something: it rounds nothing, unless it says so.
            kind = "number" if "." in token or rest[: match.start()].endswith("≈") else "whole"
            if not is_among(token, pool[kind]) and not is_among(token, pool["quoted"]):
                yield token

    def scope(self, analysis, is_answer):
        """Return the values, row by row, of the tables of one analysis; of all tables of the report for none."""
        found = [*self.settings_rows, *(row for name, row in self.plan.items() if name == (analysis or name))]
        own = {f"results/analyses/{analysis}/{table}.csv" for table in IN_SENTENCES}
        for name, rows in self.made.tables.items():
            # The answer of an analysis is its row of the ladder, not another choice that comes out alike.
            if name in own and not is_answer:
                found += self.values[name]
            elif name == LADDER if is_answer else name.startswith("results/tables/"):
                pairs = zip(rows, self.values[name], strict=False)
                found += [v for row, v in pairs if not analysis or row.get("analysis") == analysis]
        return found

    def pool(self, analysis, is_answer):
        """Return what a number outside an interval may be: a value, a setting, or a count of rows."""
        if (analysis, is_answer) not in self.pools:
            found = [(k, v) for row in self.scope(analysis, is_answer) for k, values in row.items() for v in values]
            whole = [("whole", value) for kind, value in found if kind == "number" and value == int(value)]
            counts = [] if is_answer else [("whole", count) for count in self._counts(analysis)]
            kinds = [(kind, value) for kind, value in found if kind != "any"]
            self.pools[analysis, is_answer] = by_kind([*kinds, *whole, *counts])
        return self.pools[analysis, is_answer]

    def _counts(self, analysis):
        """Yield how many rows hold each word of each column, in the tables of an analysis or in all."""
        tables = self.made.tables.items()
        yield from counts_of([row for n, rows in tables if n.startswith("results/effects/") for row in rows], analysis)
        for name, rows in tables:
            if not analysis or f"/{analysis}/" in name or name.startswith("results/tables/"):
                yield from counts_of(rows, analysis)


def _sums(rows):
    """Yield what the report adds up: the people of the cohorts of each analysis, and how many cohorts there are."""
    for title in dict.fromkeys(row["title"] for row in rows):
        own = [row for row in rows if row["title"] == title]
        sums = [math.fsum(number_of(row[name]) or 0 for row in own) for name in ("n_known", "n_used", "n_left_out")]
        counts = [len(own), sum(number_of(row["n_known"]) is None for row in own)]
        yield by_kind(("number", value) for value in [*sums, *counts])
