"""Risk of bias in the forest plot: one column of circles for each domain, and the words that explain them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from repool.figures.judgements import JUDGEMENTS, OVERALL
from repool.figures.words import number, plain_text

if TYPE_CHECKING:
    import pandas as pd

OVERALL_LETTER = "All"
#: Room of one circle, its diameter, and the distance of two, in font sizes.
DOT_WIDTH = 1.3
DOT_DIAMETER = 1.08
DOT_GAP = 0.15


@dataclass(frozen=True, kw_only=True)
class Bias:
    """Judgements of the studies in a plot.

    Parameters
    ----------
    letters : tuple of str
        Head of each column: A, B and so on, then "All" for the overall judgement where it is there.
    levels : mapping
        study_id -> level of each column; "" where there is no judgement.
    words : mapping
        study_id -> what was judged, in the words of the table, for a description.
    titles : mapping
        Tool -> words of each of its columns.
    meanings : mapping
        Level -> judgement as the table spells it, for the legend.
    """

    letters: tuple[str, ...]
    levels: Mapping[str, tuple[str, ...]]
    words: Mapping[str, str]
    titles: Mapping[str, tuple[str, ...]]
    meanings: Mapping[str, str]


def bias_of(table: pd.DataFrame | None, studies: set[str]) -> Bias | None:
    """Return the judgements of the studies that are drawn; None where no study is judged.

    Parameters
    ----------
    table : pandas.DataFrame or None
        risk_of_bias.csv of the analysis: one row per study, tool and domain.
    studies : set of str
        Every study_id in the plot.

    Raises
    ------
    ValueError
        If a level is unknown.

    Notes
    -----
    Tools share the columns: the first domain of each tool stands under A. The overall judgement is the last column.
    """
    rows = [] if table is None else [row for row in table.to_dict("records") if plain_text(row["study_id"]) in studies]
    if not rows:
        return None
    unknown = sorted({plain_text(row["risk_level"]) for row in rows} - {*JUDGEMENTS, ""})
    if unknown:
        raise ValueError(f"risk_of_bias holds unknown levels: {', '.join(unknown)}; known are {', '.join(JUDGEMENTS)}")
    titles: dict[str, dict[str, str]] = {}
    for row in sorted(rows, key=lambda row: (plain_text(row["tool"]), number(row["domain_order"]) or 0.0)):
        titles.setdefault(plain_text(row["tool"]), {})[row["domain"]] = plain_text(row["domain_title"])
    count = max(sum(name != OVERALL for name in domains) for domains in titles.values())
    has_overall = any(OVERALL in domains for domains in titles.values())
    places = {
        tool: {name: index for index, name in enumerate(n for n in domains if n != OVERALL)} | {OVERALL: count}
        for tool, domains in titles.items()
    }
    width = count + has_overall
    levels: dict[str, list[str]] = {}
    for row in rows:
        own = levels.setdefault(plain_text(row["study_id"]), [""] * width)
        own[places[plain_text(row["tool"])][row["domain"]]] = plain_text(row["risk_level"])
    return Bias(
        letters=tuple(chr(ord("A") + place) for place in range(count)) + ((OVERALL_LETTER,) if has_overall else ()),
        levels={study: tuple(own) for study, own in levels.items()},
        words={study: _words(rows, study) for study in levels},
        titles={tool: tuple(title for name, title in own.items() if name != OVERALL) for tool, own in titles.items()},
        meanings=_meanings(rows),
    )


def _words(rows: list[dict], study: str) -> str:
    """Return the judgements of one study as words: "overall high", or every domain where none is overall."""
    own = [row for row in rows if plain_text(row["study_id"]) == study]
    chosen = [row for row in own if row["domain"] == OVERALL] or own
    named = [
        f"{'overall' if row['domain'] == OVERALL else plain_text(row['domain_title'])} {plain_text(row['judgement'])}"
        for row in chosen
        if plain_text(row["judgement"])
    ]
    return ", ".join(named).lower()


def _meanings(rows: list[dict]) -> dict[str, str]:
    """Return the levels that occur, from low to not applicable, each with the judgements that the tools call it."""
    found = {}
    for level in JUDGEMENTS:
        words = {plain_text(row["judgement"]).lower() for row in rows if row["risk_level"] == level}
        if words:
            found[level] = "/".join(sorted(word or JUDGEMENTS[level].word.lower() for word in words))
    return found


def legend_of(bias: Bias) -> list[tuple[str, str]]:
    """Return the legend as (sign or "", words): signs first, then the domains of each tool."""
    entries = [(level, words) for level, words in bias.meanings.items()]
    for tool, titles in bias.titles.items():
        pairs = list(zip(bias.letters, titles, strict=False))
        pairs += [(OVERALL_LETTER, "overall")] if OVERALL_LETTER in bias.letters else []
        named = "; ".join(f"{letter}\u00a0{title}" for letter, title in pairs)
        entries.append(("", f"{tool}: {named}." if len(bias.titles) > 1 else f"{named}."))
    return entries
