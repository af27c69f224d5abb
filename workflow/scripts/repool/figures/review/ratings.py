"""What the figures on risk of bias read from their table: tools, their domains and studies, and words of levels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from repool.figures.judgements import JUDGEMENTS, OVERALL
from repool.figures.words import number, plain_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class ReviewWords:
    """What a figure of the review says about it.

    Parameters
    ----------
    title : str
        Title of the review.
    tools : mapping
        Tool of risk of bias -> its title, in the order in which their parts are drawn.
    """

    title: str
    tools: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Rated:
    """One study's judgements by one tool.

    Parameters
    ----------
    name : str
        Name of the study.
    levels : mapping
        Domain -> level.
    weight : float or None
        Weight as typed.
    """

    name: str
    levels: Mapping[str, str]
    weight: float | None


@dataclass(frozen=True, kw_only=True)
class Tool:
    """One tool's judgements.

    Parameters
    ----------
    key, title : str
        Its key in the settings, and what it is called.
    domains : mapping
        Domain -> what it is about, in the order of the tool, without the judgement on the whole.
    has_overall : bool
        Whether any study is judged on the whole.
    studies : tuple of Rated
        In the order of the table.
    words : mapping
        Level -> the tool's words for it, the best level first; only levels that occur.
    """

    key: str
    title: str
    domains: Mapping[str, str]
    has_overall: bool
    studies: tuple[Rated, ...]
    words: Mapping[str, str]

    @property
    def columns(self) -> list[str]:
        """The domains, and the whole last where there is any judgement of it."""
        return [*self.domains, *([OVERALL] if self.has_overall else [])]


def tools_of(table: pd.DataFrame, titles: Mapping[str, str]) -> list[Tool]:
    """Return the judgements of a review, tool by tool.

    Parameters
    ----------
    table : pandas.DataFrame
        Table risk_of_bias.csv, one row per study, tool and domain.
    titles : mapping
        Tool -> its title; tools that it does not name come last, in the order of the table, under their own name.

    Raises
    ------
    ValueError
        When a level is not one that is known.
    """
    unknown = sorted(set(table["risk_level"]) - set(JUDGEMENTS))
    if unknown:
        raise ValueError(f"risk_of_bias.csv: level {unknown[0]!r} is none of {', '.join(JUDGEMENTS)}")
    found = list(dict.fromkeys(table["tool"]))
    keys = [key for key in titles if key in found] + [key for key in found if key not in titles]
    return [_tool(key, plain_text(titles.get(key, key)), table[table["tool"] == key]) for key in keys]


def _tool(key: str, title: str, rows: pd.DataFrame) -> Tool:
    """Return the judgements by one tool."""
    records = rows.to_dict("records")
    ordered = sorted(records, key=lambda row: number(row["domain_order"]) or 0)
    domains = {row["domain"]: plain_text(row["domain_title"]) for row in ordered if row["domain"] != OVERALL}
    studies: dict[str, list[dict]] = {}
    for row in records:
        studies.setdefault(row["study_id"], []).append(row)
    rated = tuple(
        Rated(
            name=plain_text(own[0]["label"]) or plain_text(own[0]["study_id"]),
            levels={row["domain"]: row["risk_level"] for row in own},
            weight=number(own[0]["weight"]),
        )
        for own in studies.values()
    )
    words = {}
    for level, shown in JUDGEMENTS.items():
        own = dict.fromkeys(plain_text(row["judgement"]) for row in records if row["risk_level"] == level)
        if own:
            words[level] = " / ".join(word for word in own if word) or shown.word
    has_overall = any(OVERALL in study.levels for study in rated)
    return Tool(key=key, title=title, domains=domains, has_overall=has_overall, studies=rated, words=words)
