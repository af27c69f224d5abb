"""Parts of the report about studies: the included ones, earlier reviews, those left out, the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from repool.extraction.settings import words_of
from repool.report import terms
from repool.report import words as say
from repool.report.counts import COUNTED
from repool.report.view import Cell, Table, longs, numbers, table

Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Account:
    """What the report says of one earlier review."""

    name: str
    sentence: str
    table: Table | None


def studies_table(studies: Iterable[Row], *, titles: Mapping[str, str]) -> Table | None:
    """Return the characteristics of the studies in the review.

    Parameters
    ----------
    studies : iterable of mapping
        Rows of data/studies.csv with what `report_counts.study_use` adds.
    titles : mapping
        Analysis -> title.
    """
    heads = [
        *longs("Study"),
        "Design and place",
        *longs("People", "Intervention and comparison", "What sources say of bias", "Where it is used"),
    ]
    groups: dict[str, list] = {name: [] for name in COUNTED}
    for study in studies:
        if study["status"] in groups:
            groups[study["status"]].append(_study_cells(study, titles))
    caption = "Studies in the review, as their sources describe them"
    titled = [(say.capital(terms.words(name, terms.STATUSES)), lines) for name, lines in groups.items()]
    return table("studies-table", caption, heads, titled, csv="tables/studies.csv")


def _study_cells(study: Row, titles: Mapping[str, str]) -> list[str | Cell]:
    cluster = "" if study["cluster"] in ("", "no") else f"clustered: {study['cluster']}"
    place = ", ".join(filter(None, (study["setting"], study["country"])))
    comparator = terms.words(study["comparator"], terms.COMPARATORS)
    role = f" ({comparator})" if study["comparator_text"] and comparator else ""
    against = f"v {study['comparator_text'] or comparator or 'not stated'}{role}"
    return [
        _study_cell(study),
        Cell(text=terms.words(study["design"], terms.DESIGNS), small=_joined(study["allocation"], cluster, place)),
        Cell(
            text=say.plural(study["n"], "person", "people") if study["n"] else "number not stated",
            small=_joined(study["n_note"], study["population"]),
        ),
        Cell(text=study["intervention"] or terms.words(study["intervention_class"], {}) or "not stated", small=against),
        Cell(
            text=study["risk_of_bias_notes"] or say.BLANK,
            small=f"Retraction: {study['retraction']}" if study["retraction"] else "",
        ),
        used_words(study, titles),
    ]


def _study_cell(study: Row) -> Cell:
    """Return name, reference, source and links of a study; every other table links to this cell."""
    read_in = f"[Read in: {study['source']}]" if study["source"] else ""
    return Cell(
        text=study["label"],
        small=" ".join(filter(None, (study["citation"], read_in))),
        key=say.anchor("study", study["study_id"]),
        links=study_links(study),
    )


def _joined(*parts: str) -> str:
    return "; ".join(filter(None, parts))


def used_words(row: Row, titles: Mapping[str, str]) -> str:
    """Return where the results of a study are used, in words."""
    if row["used_in"]:
        return "; ".join(titles[name] for name in words_of(row["used_in"]))
    if row["used_through"]:
        return f"its people are counted through {row['used_through'].replace('; ', ', ')}"
    if row["n_results"]:
        return "in no analysis"
    return "direction only" if row["n_votes"] else "nothing was extracted"


def study_links(study: Row) -> tuple[tuple[str, str], ...]:
    """Return the links to a study's paper: pairs of (text, address)."""
    links = []
    if study["doi"]:
        links.append((f"doi:{study['doi']}", f"https://doi.org/{quote(study['doi'], safe='/:;().')}"))
    if study["pmid"]:
        address = f"https://pubmed.ncbi.nlm.nih.gov/{quote(study['pmid'], safe='')}/"
        links.append((f"PMID {study['pmid']}", address))
    return tuple(links)


def shared_cohorts(studies: Iterable[Row]) -> list[str]:
    """Return one sentence for each group of studies of the same people."""
    groups: dict[str, list[str]] = {}
    for study in studies:
        if study["status"] in COUNTED:
            groups.setdefault(study["cohort_id"], []).append(study["label"])
    return [f"{', '.join(labels)}: the same people." for labels in groups.values() if len(labels) > 1]


def left_out_studies(studies: Iterable[Row]) -> Table | None:
    """Return the studies that are not in the review, grouped by status, with the reason."""
    heads = [*longs("Study"), "Design", *longs("Reason", "Listed by")]
    groups: dict[str, list] = {name: [] for name in terms.STATUSES if name not in COUNTED}
    for study in studies:
        if study["status"] in groups:
            groups[study["status"]].append(
                [
                    _study_cell(study),
                    terms.words(study["design"], terms.DESIGNS),
                    study["reason"] or say.BLANK,
                    study["cited_by"] or say.BLANK,
                ]
            )
    titled = [(say.capital(terms.words(name, terms.STATUSES)), lines) for name, lines in groups.items()]
    caption = "Studies that are not in the review"
    return table("left-out-table", caption, heads, titled, csv="tables/studies.csv")


def accounts_of(accounts: Iterable[Row], rows: Sequence[Row], *, titles: Mapping[str, str]) -> list[Account]:
    """Return the account of each earlier review.

    Parameters
    ----------
    accounts : iterable of mapping
        The key `accounts` of config/review.yaml: name, column and words of each review.
    rows : sequence of mapping
        Rows of `report_counts.account_rows`.
    titles : mapping
        Analysis -> title.
    """
    found = []
    for number, account in enumerate(accounts, start=1):
        name = account["name"]
        own = [row for row in rows if row["review"] == name]
        heads = [
            "Study",
            *longs("Status"),
            "Design",
            "Could be read",
            *numbers("Results", "Directions"),
            *longs("Where it is used"),
        ]
        lines = [_account_cells(row, titles, says="" if account["words"] else row["says"]) for row in own]
        caption = f"{name}: every candidate study recorded as listed there"
        shown = table(f"account-{number}", caption, heads, [("", lines)], csv="tables/accounts.csv")
        found.append(Account(name=name, sentence=_account_sentence(own), table=shown))
    return found


def _account_cells(row: Row, titles: Mapping[str, str], *, says: str) -> list[str | Cell]:
    why_not = "" if row["used_in"] or row["used_through"] else terms.reasons(row["why_not_used"])
    return [
        Cell(text=row["label"], href=say.link("study", row["study_id"]), small=f"recorded as: {says}" if says else ""),
        Cell(text=terms.words(row["status"], terms.STATUSES), small=row["reason"]),
        terms.words(row["design"], terms.DESIGNS),
        terms.words(row["extractable"], terms.READABLE),
        *(say.whole(row["n_results"]), say.whole(row["n_votes"])),
        Cell(text=used_words(row, titles), small=why_not),
    ]


def _account_sentence(rows: Sequence[Row]) -> str:
    if not rows:
        return "No candidate study is recorded as cited there."
    statuses = [row["status"] for row in rows]
    parts = [f"{say.whole(statuses.count(name))} {words}" for name, words in terms.STATUSES.items() if name in statuses]
    used = sum(bool(row["used_in"] or row["used_through"]) for row in rows)
    verb = "is" if len(rows) == 1 else "are"
    return (
        f"{say.plural(len(rows), 'candidate study', 'candidate studies')} {verb} recorded as listed there "
        f"({'; '.join(parts)}). The people of {say.whole(used)} of them are in at least one analysis."
    )


def ledger_table(counts: Sequence[Row]) -> Table | None:
    """Return how many extracted rows ended where.

    Parameters
    ----------
    counts : sequence of mapping
        Rows of `report_counts.ledger_counts`.
    """
    heads = [*longs("What became of a row"), *numbers("Rows", "Studies")]
    lines = [
        [terms.FATES[row["fate"]], say.whole(row["n_results"]), say.whole(row["n_studies"])]
        for row in counts
        if not row["reason"]
    ]
    caption = "Every row of the extraction tables"
    return table("ledger-table", caption, heads, [("", lines)], csv="tables/ledger_counts.csv")


def unused_table(rows: Sequence[Row]) -> Table | None:
    """Return every extracted row that enters no analysis, with the reason.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of `report_counts.ledger_rows`.
    """
    heads = ["Study", *longs("Result", "What the source prints", "Why it is not used")]
    groups = []
    for fate, title in terms.FATES.items():
        if fate != "used":
            lines = [
                [
                    Cell(text=row["label"], href=say.link("study", row["study_id"])),
                    Cell(text=row["term"], small=say.months(row["time_months"])),
                    row["verbatim"] or say.BLANK,
                    terms.reasons(row["reason"]),
                ]
                for row in rows
                if row["fate"] == fate
            ]
            groups.append((title, lines))
    return table("unused-table", "Extracted rows that enter no analysis", heads, groups, csv="tables/ledger.csv")
