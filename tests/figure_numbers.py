"""Every number that a figure shows or its words say, walked back to the tables that the figure is drawn from.

A text whose gid names a row of a table must tell the columns of that row in their order (`figure_cells`). Of the
alternative text, a study of a forest plot must be told with its row, and a box of the flow as it is drawn. Any other
text must be told by one row of the tables; if it says more than one thing, an estimate with its interval by one row,
and each other number by a value of its kind, a count of `figure_counts`, or a setting of the review.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from figure_cells import EFFECT, FOREST_PARTS, Cell, cell_of, result_rows
from figure_counts import counts_for
from figure_sources import Figure
from printed_numbers import (
    BOUND,
    NUMBER,
    P_VALUE,
    PERCENT,
    by_kind,
    is_among,
    is_beyond,
    number_of,
    phrases_of,
    rows_of,
    settings_rows,
    told,
    values_in,
)

from repool.effects.measure_words import RATIO_MEASURES

#: An estimate with its interval, or an interval, as figures write them.
BRACKETED = re.compile(r"(?:[−-]?[\d,.]+ )?[\[(][−-]?[\d,.]+(?: to |, |-)[−-]?[\d,.]+[\])]")
SPAN = re.compile(r"(?:[−-]?[\d,.]+ \(\d+ % interval )?[−-]?[\d,.]+ to [−-]?[\d,.]+")
#: What is no number of a table, and what it has to be, with the reason.
FIXED = [
    (re.compile(r"PRISMA (\d+)"), {"2020"}),  # the name of a guideline
    (re.compile(r"k − (\d+)"), {"1"}),  # a formula
    (re.compile(r"\((\d+) / standard error\)"), {"1"}),  # a formula
    (re.compile(r"for (\d+) in arm 1 to \d+ in arm 2"), {"1"}),  # the ratio of the arms of the contours
    (re.compile(r"\barm (\d+)"), {"1", "2"}),  # the name of an arm
    (re.compile(r"middle (\d+) %"), {"90"}),  # what columns q05 and q95 of gosh.csv are
]
#: What the shades and the sizes of marks stand for: steps of the drawing, not of a table.
STEPS = {
    *("1 to 2 subsets", "3 to 9", "10 to 29", "30 or more"),
    # Classes of size (Thomson & Thomas 2013, Research Synthesis Methods 4, 95-101).
    "Small arrows: fewer than 50 people in arm 1; middle-sized: 50 to 300; large: more than 300.",
    "height: below 50, 50 to 300, above 300 people in arm 1",
}
#: Columns whose texts a figure quotes.
QUOTED = {"label", "left_out", "subgroup", "reason", "note"}
#: The pooled estimate, told without its interval.
POOLED = re.compile(rf"^(?:pooled[a-z ]*|primary model): ({NUMBER.pattern})$")
#: The level of an interval.
LEVEL = re.compile(r"(\d+(?:\.\d+)?) % (?=CI|interval|prediction|limits)")
#: The least p-values that are told.
P_BOUNDS = {"0.001", "0.0001", "0.00001"}
#: Columns that count, beside the counts of figure_counts.
WHOLE = {"k", "k_filled", "n_favours_arm1", "n_favours_arm2", "n_zero", "n_unknown", "n_counted", "n_counted_for"}
WHOLE |= {"subsets", "subsets_with", "subsets_without", "maximum_subsets", "df", "df1", "q_df", "x"}
#: A sentence of a forest plot that tells one pooled result.
POOLED_SENTENCE = re.compile(r"(Pooled|Total|Subtotal|Heterogeneity|Test (for|of)|\d+ ?% prediction)\b")
#: What a study of a forest plot is called: where several results have one name, with the result's.
NAMES = (lambda row: plain(f"{row['label']}: {row['result_id']}"), lambda row: plain(row["label"]))
ARMS = [*FOREST_PARTS["arms"], *FOREST_PARTS["arm1"], *FOREST_PARTS["arm2"]]
WEIGHTS = (("weight_percent",), ())
#: Columns of the clouds of subsets, and of a list of contours, that are effects.
MORE_ON_SCALE = {"median", "q05", "q95", "contour_effect", "pi_lb", "pi_ub"}


class FigureWalk:
    """The settings and the words of a review, ready to explain the numbers of its figures."""

    def __init__(self, folder, settings):
        sources = [path for part in ("config", "data") for path in sorted((folder / part).rglob("*.csv"))]
        typed = {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8-sig") for path in sources}
        self.measures = {row["analysis"]: row["measure"] for row in rows_of(typed["config/analyses.csv"])}
        self.typed, self.settings = typed, settings
        self.set_values = list(settings_rows(settings))
        self.levels, self.known = {settings["pooling"]["level"]}, {}

    def places(self, figure: Figure) -> Iterator[tuple[str, str]]:
        """Yield place and text of everything that a figure says; ticks are held to their places elsewhere."""
        yield "title", figure.svg.title
        for number, sentence in enumerate(sentences(figure)):
            yield f"alternative-{number}", sentence
        yield "note of figures.csv", figure.note
        yield from ((gid, text) for gid, text in figure.svg.texts.items() if gid != "title")

    def unexplained(self, figure: Figure, gid: str, text: str) -> list[str]:
        """Return the numbers of a text that no table tells, or the text itself where it names another row."""
        text = plain(text)
        if not re.search(r"\d", text) or text in STEPS:
            return []
        cell = cell_of(figure, gid) or self.study_of(figure, gid, text)
        if figure.name.startswith("risk_of_bias") and gid.startswith("alternative-") and ": " in text:
            return judged_otherwise(figure, text)
        if cell is None and figure.name == "prisma" and gid.startswith("alternative"):
            return [n for n in re.findall(r"[^:;,()]*\(n = [\d,]+\)", text) if n.strip(" .") not in _boxes(figure)]
        if cell is None:
            return self._anywhere(figure, text)
        return self._of_row(figure, cell, text)

    def _of_row(self, figure, cell, text):
        """Return what a text tells otherwise than its row does."""
        name = plain(cell.name)
        if name not in text:
            return [text]
        text = text.replace(name, " ", 1) if name else text
        if cell.ways is None or cell.ways == [()]:
            return [] if any(self._fits(figure, row, text) for row in cell.rows) else [text]
        tokens = NUMBER.findall(text)
        measure = self.measures.get(figure.analysis, "")
        for row in cell.rows:
            for way in cell.ways:
                shown = [shown_as(row[name], name, row.get("measure", measure)) for name in way if row.get(name)]
                if len(shown) == len(tokens) == len(way) and all(map(is_among, tokens, shown)):
                    return []
        return tokens

    def _fits(self, figure, row, text):
        """Whether one row tells all numbers of a text."""
        values = self._values(figure, row)["any"]
        text, missing = self._without_fixed(figure, told(text, self._known(figure)["phrases"]))
        tokens = NUMBER.findall(BOUND.sub(" ", text))
        missing += [bound for bound in BOUND.findall(text) if not (bound[1] in P_BOUNDS and is_beyond(bound, values))]
        return not missing and all(is_among(t, values) for t in tokens)

    def _without_fixed(self, figure, text):
        """Return a text without what needs no table, and what of it is not as it has to be."""
        missing = []
        for pattern, allowed in FIXED:
            missing += [number for number in pattern.findall(text) if number not in allowed]
            text = pattern.sub(" ", text)
        levels = self._known(figure)["levels"]
        missing += [number for number in LEVEL.findall(text) if not is_among(number, levels)]
        return LEVEL.sub("", text), missing

    def _values(self, figure, row):
        measure = row.get("measure") or self.measures.get(figure.analysis, "")
        found = list(values_in(row, measure))
        for name in MORE_ON_SCALE & set(row):
            found += [("number", v) for v in shown_as(row[name], name, measure)] if number_of(row[name]) else []
        if row.get("contour_level"):
            found.append(("p", float(row["contour_level"])))
        if number_of(row.get("level")):
            found.append(("p", 1 - float(row["level"])))
        if row.get("agreement"):
            found.append(("percent", 100 * float(row["agreement"])))
        return by_kind(found)

    def study_of(self, figure, gid, text):
        """Return the row of a study that a sentence of the alternative text tells, None for another sentence."""
        if not figure.is_forest or not gid.startswith("alternative-"):
            return None
        results = [row for rows in result_rows(figure).values() for row in rows]
        if POOLED_SENTENCE.match(text):
            return Cell(results, None)
        for name_of in NAMES:
            rows = [r for r in figure.tables["forest"] if re.match(rf"{re.escape(name_of(r))}(:| \()", text)]
            rows = [r for r in rows if r["reading"] == "preferred"] or rows
            if rows:
                name = name_of(rows[0])
                arms = ARMS if text.startswith(f"{name} (") else [()]
                ways = [
                    (*arm, *effect, *weight) for arm in arms for effect in (EFFECT, EFFECT[:1]) for weight in WEIGHTS
                ]
                return Cell(rows, ways, name)
        return None

    def _known(self, figure):
        """Return what any text of a figure may tell, made once."""
        key = (figure.lies_in, figure.analysis, figure.name)
        if key not in self.known:
            rows = [row for table in figure.tables.values() for row in table]
            rows += [row for found in result_rows(figure).values() for row in found] if figure.is_forest else []
            values = [self._values(figure, row) for row in rows]
            cells = [(kind, v) for row in [*values, *self.set_values] for kind, found in row.items() for v in found]
            counted = [("whole", count) for count in counts_for(figure)]
            whole = [
                ("whole", float(row[n])) for row in rows for n in WHOLE & set(row) if number_of(row[n]) is not None
            ]
            levels = {float(row["level"]) for row in rows if number_of(row.get("level"))} or self.levels
            quoted = [row[name] for row in rows for name in QUOTED & set(row)]
            quoted += [
                f"{reason[0]} (n = {int(reason[1]):,})" for row in rows for reason in reasons_of(row.get("n") or "")
            ]
            table = "\n".join('"{}"'.format(text.replace('"', '""')) for text in ["quoted", *quoted])
            words = self.typed | {"quoted.csv": table}
            self.known[key] = {
                "rows": [*(row["any"] for row in values), *counts_for(figure, in_rows=True)],
                "pool": by_kind([*((k, v) for k, v in cells if k != "any"), *counted, *whole]),
                "levels": sorted(100 * level for level in levels),
                "phrases": phrases_of(words, self.settings),
            }
        return self.known[key]

    def _anywhere(self, figure, text):
        """Return the numbers of a text that no row tells as a whole, nor the tables one by one."""
        known = self._known(figure)
        text, missing = self._without_fixed(figure, told(text, known["phrases"]))
        pool = known["pool"]
        for bound in BOUND.findall(text):
            is_told = is_beyond(bound, pool["p"]) if bound[1] in P_BOUNDS else is_among(bound[1], pool["p"])
            missing += [] if is_told else [bound[1]]
        text = BOUND.sub(" ", text)
        for token in POOLED.findall(text):
            head = figure.headline()
            missing += [] if is_among(token, shown_as(head["estimate"], "estimate", head["measure"])) else [token]
        for pattern in (BRACKETED, SPAN):
            for match in pattern.finditer(text):
                tokens = [t for t in NUMBER.findall(match[0]) if f"({t} % interval" not in match[0]]
                missing += [] if any(all(is_among(t, row) for t in tokens) for row in known["rows"]) else tokens
            text = pattern.sub(" ", text)
        for kind, pattern in (("percent", PERCENT), ("p", P_VALUE)):
            missing += [t for t in pattern.findall(text) if not is_among(t, sorted([*pool[kind], *pool["quoted"]]))]
            text = pattern.sub(" ", text)
        for match in NUMBER.finditer(text):
            kind = "number" if "." in match[0] else "whole"
            missing += [] if is_among(match[0], pool[kind]) else [match[0]]
        return missing


def plain(text: str) -> str:
    """Return a text in the one style that is read here: 1,000, 0.5, 95 % and p = 0.5."""
    text = re.sub(r"(?<=\d)\N{THIN SPACE}(?=\d{3})", ",", text).replace("\N{NO-BREAK SPACE}", " ")
    text = re.sub(r"(?<![\d\w])\.(?=\d)", "0.", " ".join(text.split()))
    return re.sub(r"(?<=\d)%", " %", re.sub(r"\bP ?([=<>]) ?", r"p \1 ", text))


def shown_as(cell: str, column: str, measure: str) -> list[float]:
    """Return, sorted, what a cell may be shown as: the value, or what it stands for on the scale of the measure."""
    value = float(cell)
    is_effect = column in {*EFFECT, "estimate", "pi_lb", "pi_ub", *MORE_ON_SCALE}
    if is_effect and measure in RATIO_MEASURES:
        return [math.exp(value)] if value < 700 else []
    return [100 * value] if column == "share" else [value]


def sentences(figure: Figure) -> list[str]:
    """Return the sentences of the alternative text; the point of an initial ends none."""
    return re.split(r"(?<=[\w)\]%])\. (?=[\w≈0-9])", figure.alternative)


def judged_otherwise(figure: Figure, text: str) -> list[str]:
    """Return what a sentence tells of a domain otherwise than the rows of the domain do."""
    (rows,) = figure.tables.values()
    found = []
    for part in text.rstrip(".").split("; "):
        title, _, shares = part.rpartition(": ")
        for judgement, number in re.findall(r"(\w[\w ]*?) (\d+)(?= %|,|$)", shares):
            own = [
                r for r in rows if (r["domain_title"] or r["domain"]) == title and r["judgement"].lower() == judgement
            ]
            share = [float(row["share_percent"]) for row in own] if figure.name.endswith("summary") else [len(own)]
            found += [] if is_among(number, share) else [part]
    return found


def reasons_of(cell: str) -> list[tuple[str, str]]:
    """Return reason and number of each part of a cell of the flow that holds several."""
    return re.findall(r"([^;]*\w[^;]*), (\d+)(?=;|$)", cell)


def _boxes(figure):
    """Return the texts of the boxes of a flow, without the dash before a reason."""
    return {" ".join(text.removeprefix("– ").split()) for text in figure.svg.texts.values()}
