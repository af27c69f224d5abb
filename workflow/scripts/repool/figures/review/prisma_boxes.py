"""What stands in the boxes of the PRISMA 2020 flow: streams of records, level by level, and the studies included."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from repool.extraction.prisma import Count
from repool.figures.words import plain_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Levels from above, and the heading beside them.
LEVELS = ("identified", "screened", "sought", "assessed")
STAGES = {"Identification": ("identified",), "Screening": ("screened", "sought", "assessed")}
NOT_RECORDED = "not\N{NO-BREAK SPACE}recorded"


@dataclass(frozen=True, kw_only=True)
class Box:
    """A box: a heading, which may be blank, and its lines."""

    name: str
    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Stream:
    """One way to the included studies: its boxes by level, and those of what was left out on the way."""

    name: str
    title: str
    main: Mapping[str, Box]
    side: Mapping[str, Box]


#: Stream -> title, then level -> (heading, rows of the table) of its boxes, and of those beside them.
_PLAN = {
    "previous": (
        "Previous studies",
        {"identified": ("", ("previous_studies", "previous_reports"))},
        {},
    ),
    "databases": (
        "Identification of new studies via databases and registers",
        {
            "identified": ("Records identified from:", ("database_results", "register_results")),
            "screened": ("", ("records_screened",)),
            "sought": ("", ("dbr_sought_reports",)),
            "assessed": ("", ("dbr_assessed",)),
        },
        {
            "identified": (
                "Records removed before screening:",
                ("duplicates", "excluded_automatic", "excluded_other"),
            ),
            "screened": ("", ("records_excluded",)),
            "sought": ("", ("dbr_notretrieved_reports",)),
            "assessed": ("", ("dbr_excluded",)),
        },
    ),
    "other": (
        "Identification of new studies via other methods",
        {
            "identified": (
                "Records identified from:",
                ("website_results", "organisation_results", "citations_results"),
            ),
            "sought": ("", ("other_sought_reports",)),
            "assessed": ("", ("other_assessed",)),
        },
        {"sought": ("", ("other_notretrieved_reports",)), "assessed": ("", ("other_excluded",))},
    ),
}
_INCLUDED = {"new": ("new_studies", "new_reports"), "total": ("total_studies", "total_reports")}
#: Rows that are told only where they are recorded, and after which box of what is included.
_POOLED = ("total_studies_ma", "total_reports_ma")
#: Row -> the row that tells its sources apart.
_SOURCES = {"database_results": "database_specific_results", "register_results": "register_specific_results"}
#: Row -> what is counted.
_TEXTS = {
    "previous_studies": "Studies included in previous version of review",
    "previous_reports": "Reports of studies included in previous version of review",
    "database_results": "Databases",
    "register_results": "Registers",
    "website_results": "Websites",
    "organisation_results": "Organisations",
    "citations_results": "Citation searching",
    "duplicates": "Duplicate records",
    "excluded_automatic": "Records marked as ineligible by automation tools",
    "excluded_other": "Records removed for other reasons",
    "records_screened": "Records screened",
    "records_excluded": "Records excluded",
    "dbr_sought_reports": "Reports sought for retrieval",
    "dbr_notretrieved_reports": "Reports not retrieved",
    "other_sought_reports": "Reports sought for retrieval",
    "other_notretrieved_reports": "Reports not retrieved",
    "dbr_assessed": "Reports assessed for eligibility",
    "dbr_excluded": "Reports excluded",
    "other_assessed": "Reports assessed for eligibility",
    "other_excluded": "Reports excluded",
    "new_studies": "New studies included in review",
    "new_reports": "Reports of new included studies",
    "total_studies": "Total studies included in review",
    "total_reports": "Reports of total included studies",
    "total_studies_ma": "Studies included in meta-analysis",
    "total_reports_ma": "Reports of studies included in meta-analysis",
}


def streams_of(counts: Mapping[str, Count]) -> list[Stream]:
    """Return the streams to draw, from left to right: databases always, the others where anything is recorded.

    Parameters
    ----------
    counts : mapping
        From `repool.extraction.prisma.prisma_counts`.
    """
    found = []
    for name, (title, main, side) in _PLAN.items():
        rows = [row for _, own in (*main.values(), *side.values()) for row in own]
        # A review without an earlier version has none of its studies: nought, or nothing.
        if name == "databases" or any(counts[row].n if name == "previous" else _is_known(counts[row]) for row in rows):
            boxes = [
                {level: _box(f"{name}-{kind}-{level}", *plan, counts) for level, plan in own.items()}
                for kind, own in (("main", main), ("side", side))
            ]
            found.append(Stream(name=name, title=title, main=boxes[0], side=boxes[1]))
    return found


def included_of(counts: Mapping[str, Count], *, has_previous: bool) -> list[Box]:
    """Return the boxes of what is included: new studies, and all studies where there are previous ones."""
    names = ("new", "total") if has_previous else ("new",)
    pooled = [row for row in _POOLED if _is_known(counts[row])]
    return [
        _box(f"included-{name}", "", (*_INCLUDED[name], *(pooled if name == names[-1] else ())), counts)
        for name in names
    ]


def count_words(text: str, n: int | None) -> str:
    """Return a count as a box shows it, such as "Records screened (n = 1,049)"."""
    known = NOT_RECORDED if n is None else f"n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{n:,}"
    return f"{text} ({known})"


def _is_known(count: Count) -> bool:
    return count.n is not None or bool(count.parts)


def _box(name: str, heading: str, rows: Sequence[str], counts: Mapping[str, Count]) -> Box:
    """Return a box with a line per row of the table; reasons and sources have a line each."""
    lines = []
    for row in rows:
        count = counts[row]
        # Reasons of which some have no number: their sum is not known, and nor is anything missing.
        whole = f"{_TEXTS[row]}:" if count.parts and count.n is None else count_words(_TEXTS[row], count.n)
        parts = [*count.parts, *(counts[_SOURCES[row]].parts if row in _SOURCES else ())]
        lines += [whole, *(f"– {count_words(plain_text(words), n)}" for words, n in parts)]
    return Box(name=name, heading=heading, lines=tuple(lines))
