"""What people typed about the review: how studies were found, how they were judged, what was done otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from repool.extraction.prisma import Count, prisma_counts
from repool.figures.judgements import OVERALL
from repool.figures.review.kinds import TWINS
from repool.figures.words import number
from repool.report import terms
from repool.report import words as say
from repool.report.pictures import drawn_figures
from repool.report.view import Cell, Column, Table, longs, numbers, table

Row = Mapping[str, Any]
WHEN = {"before_results": "before results were seen", "after_results": "after results were seen"}
NOT_RECORDED = "not recorded"
#: Rows of the flow that only the update of an earlier review has.
_OF_AN_UPDATE = ("previous_studies", "previous_reports", "total_studies", "total_reports")


def flow_table(rows: Sequence[Row]) -> Table | None:
    """Return how many records and reports there were at each stage, as data/prisma.csv has them; None without it.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of data/prisma.csv.
    """
    counts = prisma_counts(rows)
    told = {row["data"]: row["description"] or terms.words(row["data"], {}) for row in rows if row["data"] in counts}
    lines = [
        [
            Cell(text=words, small="; ".join(f"{part}: {_recorded(n)}" for part, n in counts[name].parts)),
            _count(counts[name]),
        ]
        for name, words in told.items()
        if counts[name] != Count(None) or name not in _OF_AN_UPDATE
    ]
    heads = [*longs("Stage"), *numbers("Number")]
    return table("prisma-table", "How studies were found, in numbers", heads, [("", lines)], csv="../data/prisma.csv")


def _count(count: Count) -> Cell:
    return Cell(text=_recorded(count.n), tone="quiet" if count.n is None else "")


def _recorded(n: int | None) -> str:
    """Return a count; nothing typed is not the same as none."""
    return NOT_RECORDED if n is None else say.whole(n)


def bias_tables(rows: Sequence[Row], tools: Mapping[str, Row]) -> list[Table]:
    """Return one table per tool with every judgement on every study.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of results/checks/risk_of_bias.csv: one per study, tool and domain.
    tools : mapping
        The key `risk_of_bias.tools` of config/review.yaml.
    """
    found = []
    for place, tool in enumerate(dict.fromkeys(row["tool"] for row in rows), start=1):
        own = [row for row in rows if row["tool"] == tool]
        order = {row["domain"]: (row["domain"] == OVERALL, number(row["domain_order"]) or 0, row) for row in own}
        domains = [row for _, _, row in sorted(order.values(), key=lambda item: item[:2])]
        heads = [*longs("Study"), *(Column(title=_head(row)) for row in domains)]
        names = dict.fromkeys(row["study_id"] for row in own)
        lines = [_judgements([row for row in own if row["study_id"] == name], domains) for name in names]
        caption = f"Risk of bias, judged with {tools[tool]['title']}"
        csv = "checks/risk_of_bias.csv"
        made = table(f"risk-of-bias-{place}", caption, heads, [("", lines)], csv=csv)
        if made:
            found.append(made)
    return found


def _head(row: Row) -> str:
    if row["domain"] == OVERALL:
        return OVERALL
    return f"{row['domain']} {row['domain_title']}".strip()


def _judgements(own: Sequence[Row], domains: Sequence[Row]) -> list[str | Cell]:
    known = {row["domain"]: row for row in own}
    first = own[0]
    study = Cell(text=first["label"], href=say.link("study", first["study_id"]), small=first["comment"])
    cells = []
    for domain in domains:
        row = known.get(domain["domain"])
        text = row["judgement"] if row else ""
        cells.append(Cell(text=text or say.BLANK, tone="strong" if domain["domain"] == OVERALL else ""))
    return [study, *cells]


def bias_sentence(rows: Sequence[Row], studies: Sequence[Row]) -> str:
    """Return how many of the included studies were judged; that nobody judged them, where that is so.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of results/checks/risk_of_bias.csv.
    studies : sequence of mapping
        Rows of data/studies.csv.
    """
    included = {row["study_id"] for row in studies if row["status"].startswith("included")}
    rated = {row["study_id"] for row in rows} & included
    if not rows:
        return "Risk of bias was not rated (data/risk_of_bias.csv)."
    of_all = say.plural(len(included), "included study", "included studies")
    return f"Risk of bias was rated for {say.whole(len(rated))} of {of_all}."


def deviations_table(rows: Sequence[Row]) -> Table | None:
    """Return what was done otherwise than planned; None where nothing is recorded.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of data/deviations.csv.
    """
    heads = ["Part", *longs("Planned", "Done", "Why"), "When"]
    lines = [
        [*(row[name] or say.BLANK for name in ("part", "planned", "done", "why")), terms.words(row["when"], WHEN)]
        for row in rows
    ]
    return table("deviations-table", "Deviations from the plan", heads, [("", lines)], csv="../data/deviations.csv")


def _twin(row: Row) -> tuple[tuple[str, str], ...]:
    """Return the table that a figure of the review is drawn from, as it is reached from results/."""
    path = TWINS[row["figure"]]
    return ((path.removeprefix("results/") if path.startswith("results/") else f"../{path}", row["tables"]),)


def evidence_parts(rows: Mapping[str, Sequence[Row]], pictures: Mapping[str, str], settings: Row) -> dict[str, Any]:
    """Return how studies were found and judged, and what was done otherwise than planned.

    Parameters
    ----------
    rows : mapping
        File -> rows (see `repool.report.page.report_files`).
    pictures : mapping
        File -> text of the SVG files that have room on the page.
    settings : mapping
        config/review.yaml.
    """
    drawn = rows.get("results/figures/figures.csv", ())
    formats = settings["figures"]["formats"]
    figures = {row.title: row for row in drawn_figures("figures", drawn, pictures, formats=formats, tables=_twin)}
    flow = terms.FIGURES["prisma"]
    judged = rows.get("results/checks/risk_of_bias.csv", ())
    return {
        "flow": flow_table(rows.get("data/prisma.csv", ())),
        "flow_figures": [figure for title, figure in figures.items() if title == flow],
        "bias": bias_tables(judged, settings["risk_of_bias"]["tools"]),
        "bias_sentence": bias_sentence(judged, rows["data/studies.csv"]),
        "bias_figures": [figure for title, figure in figures.items() if title != flow],
        "deviations": deviations_table(rows.get("data/deviations.csv", ())),
    }
