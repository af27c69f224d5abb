"""Numbers as readers see them, and what the cells of a table may be shown as."""

from __future__ import annotations

import csv
import io
import math
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence

from repool.effects.measure_words import RATIO_MEASURES

#: A number as a reader sees it; digits that belong to a word, such as those of an id, are none.
NUMBER = re.compile(r"(?<![\w.])[−-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:×10[⁻⁰¹²³⁴-⁹]+)?(?![\w])")
_SPAN = r"{n} to {n}".format(n=NUMBER.pattern.replace("(?<![\\w.])", "").replace("(?![\\w])", ""))
#: An interval, and an estimate with its interval.
INTERVAL = re.compile(rf"(?<![\w.])(?:[−-]?[\d,.]+(?: %)?(?:, | \()(?:\d+ % CI )?)?{_SPAN}")
#: Columns whose values are shown as ratios, where the measure is one.
ON_SCALE = re.compile(r"^(yi|other_yi|(estimate|ci_lb|ci_ub|pi_lb|pi_ub|lb|ub|threshold|found|lowest|highest)(_\w+)?)$")
#: Columns whose values are shown as percents.
SHARES = {"level", "estimate", "ci_lb", "ci_ub", "lb", "ub", "proportion", "found", "limit"}
#: A percent, and a p-value, as a sentence tells them.
PERCENT = re.compile(rf"({NUMBER.pattern}) %")
P_VALUE = re.compile(rf"p = ({NUMBER.pattern})")
#: A number too small or too large to be told, such as that of "p < 0.001".
BOUND = re.compile(rf"([<>]) ({NUMBER.pattern})( %)?")


def value_of(token: str) -> float:
    """Return a number as it is written on the page."""
    mantissa, _, exponent = token.replace("−", "-").replace(",", "").partition("×10")
    power = exponent.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    return float(mantissa) * 10.0 ** int(power or 0)


def slack_of(token: str) -> float:
    """Return how far a rounded number may lie from what it rounds: half of its last digit."""
    mantissa, _, exponent = token.replace(",", "").partition("×10")
    places = len(mantissa.partition(".")[2])
    power = exponent.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    # Rounding half to even and the last bits of exp(): a little more than a half.
    return 0.5000001 * 10.0 ** (int(power or 0) - places) + 1e-12


def values_in(row: dict[str, str], measure: str = "") -> Iterator[tuple[str, float]]:
    """Yield kind and value of what a cell of a row may be shown as; `measure` where the row does not name it."""
    measure = row.get("measure", measure)
    for column, cell in row.items():
        number = number_of(cell)
        if number is None:
            yield from (("quoted", value_of(token)) for token in NUMBER.findall(cell or ""))
            continue
        is_percent = column.endswith("_percent") or (row.get("quantity") == "i2" and column in SHARES)
        kind = "percent" if is_percent or column in ("found", "limit") else "p" if "pval" in column else "number"
        yield kind, number
        if column in ("found", "limit"):
            yield from (("number", number), ("p", number))
        if number < 0:
            yield kind, -number
        if column in SHARES or column.endswith(("_share", "probability")):
            yield "percent", 100 * number
        if ON_SCALE.match(column) and (not measure or measure in RATIO_MEASURES) and abs(number) < 700:
            yield "number", math.exp(number)
        if measure == "PLO" and ON_SCALE.match(column):
            yield "percent", 100 / (1 + math.exp(-number))


def number_of(cell: str | None) -> float | None:
    try:
        return float(cell or "")
    except ValueError:
        return None


def is_among(token: str, values: Sequence[float]) -> bool:
    """Whether a number of the page is one of these values, which are sorted, rounded."""
    shown, slack = value_of(token), slack_of(token)
    place = bisect_left(values, shown - slack)
    return place < len(values) and values[place] <= shown + slack


def is_beyond(bound: tuple[str, str, str], values: Sequence[float]) -> bool:
    """Whether one of these values lies beyond a bound of the page, such as ("<", "0.001", ""), or is quoted there."""
    sign, token, _ = bound
    limit = value_of(token)
    return is_among(token, values) or any(0 <= value < limit if sign == "<" else value > limit for value in values)


def by_kind(found):
    """Return kind -> its values, sorted; "any" holds all."""
    kinds = {kind: set() for kind in ("percent", "p", "number", "whole", "quoted", "any")}
    for kind, value in found:
        kinds[kind].add(value)
        kinds["any"].add(value)
    return {kind: sorted(values) for kind, values in kinds.items()}


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def counts_of(rows, analysis):
    """Yield how many rows of a table there are, and how many hold each word of each column."""
    own = [row for row in rows if not analysis or row.get("analysis", analysis) == analysis]
    yield len(own)
    for column in own[0] if own else ():
        cells = Counter(row[column] for row in own)
        yield from (len(cells), *cells.values())


def settings_rows(part):
    """Yield the numbers of each block of the settings, shares as percents too."""
    if isinstance(part, dict):
        blocks, own = part.values(), [value_of(token) for key in part for token in NUMBER.findall(str(key))]
    elif isinstance(part, list):
        blocks, own = part, [len(part)]
    else:
        return
    single = [value for value in blocks if isinstance(value, int | float) and not isinstance(value, bool)]
    yield by_kind(
        [
            *(("number", value) for value in [*own, *single, *(1 - value for value in single)]),
            *(("percent", value) for value in [*single, *(100 * value for value in single)]),
        ]
    )
    for block in blocks:
        yield from settings_rows(block)


def settings_words(part):
    """Yield every text of the settings."""
    if isinstance(part, dict | list):
        for block in part.values() if isinstance(part, dict) else part:
            yield from settings_words(block)
    elif isinstance(part, str):
        yield part


def phrases_of(typed, settings):
    """Return first word -> every text that people typed which starts so and holds a digit."""
    cells = set()
    for name, text in typed.items():
        if name.endswith(".csv"):
            for row in rows_of(text):
                cells |= {" ".join(str(cell).split()) for cell in row.values() if cell}
    cells |= set(settings_words(settings))
    found = {}
    for cell in sorted(cells):
        if re.search(r"\d", cell) and re.search(r"[^\W\d_]", cell):
            found.setdefault(re.findall(r"\w+", cell.lower())[0], []).append(cell.lower())
    return found


def told(text, phrases):
    """Return a text without what people typed; `phrases` are those of `phrases_of`."""
    words = set(re.findall(r"\w+", text.lower()))
    quoted = {phrase for word in words for phrase in phrases.get(word, ())}
    for phrase in sorted(quoted, key=len, reverse=True):
        text = re.sub(re.escape(phrase), " ", text, flags=re.I) if phrase in text.lower() else text
    return text
