"""The report as a Word file: the page's own records, in the order of the page, with pictures of the forest plots."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from repool.report import words as say
from repool.report.analysis import Section
from repool.report.answers import Answer, Step
from repool.report.view import Block, Cell, Table
from repool.report.word_parts import WordFile

#: Chapter -> what it holds of the page, in order. Pages without such a record have no such part.
OUTLINE = (
    ("The answer in short", ("overview", "answers")),
    ("Summary of findings", ("findings", "findings_notes")),
    ("Summary of all analyses", ("reading_help", "summary", "footnotes", "answer_notes")),
    ("", ("roles",)),
    ("Directions of all results, by design", ("votes_sentences", "votes")),
    ("How studies were found", ("flow",)),
    ("Studies", ("studies", "cohorts")),
    ("Risk of bias", ("bias_sentence", "bias")),
    ("Studies that are not in the review", ("left_out",)),
    ("Ledger of the data", ("ledger",)),
    ("Warnings about the extracted data", ("warnings_sentence", "disagreements_sentence")),
    ("Deviations from the plan", ("deviations",)),
    ("Methods", ("settings", "steps", "outcomes", "plan")),
    ("Software", ("versions",)),
)
#: Sentences that follow each other in one paragraph, or stand in one line; other lists have bullets.
JOINED = {"overview": " ", "answer_notes": " ", "findings_notes": " ", "reading_help": " ", "versions": ", "}
#: What the page alone shows: its own links, and lists that are looked things up in.
ONLY_ON_THE_PAGE = frozenset(
    {"title", "question", "tables", "anchor", "n_votes", "n_rows", "vote_list", "accounts", "people", "unused"}
    | {"warnings", "disagreements", "assumptions", "routes", "flow_figures", "bias_figures", "is_laddered"}
)


def word_bytes(page: Mapping[str, Any], pictures: Mapping[str, bytes]) -> bytes:
    """Return the report as a Word file.

    Parameters
    ----------
    page : mapping
        Everything the page says (`page.tables_and_page`).
    pictures : mapping
        Analysis -> its forest plot as PNG.

    Returns
    -------
    bytes
        A docx file, the same bytes on every run.
    """
    file = WordFile(page["title"])
    file.heading(page["title"], level=0)
    file.paragraph(page["question"], style="Subtitle")
    for title, names in OUTLINE:
        records = {name: page[name] for name in names if page.get(name)}
        if title and records:
            file.heading(title, level=1)
        for name, record in records.items():
            _put(file, _in_one(record, JOINED[name]) if name in JOINED else _without_references(name, record), pictures)
    _references(file, page.get("studies"))
    return file.content()


def _in_one(sentences: Sequence[str], sign: str) -> str:
    return sign.join(sentences)


def _put(file: WordFile, record: Any, pictures: Mapping[str, bytes]) -> None:
    """Write one record of the page, whatever it is."""
    match record:
        case None | "":
            return
        case str():
            file.paragraph(record)
        case Table():
            file.table(record)
        case Block():
            _put_block(file, record)
        case Answer():
            file.heading(record.title, level=2)
            _put_answer(file, record)
        case Section():
            _put_section(file, record, pictures)
        case (str() as term, str() as said):
            file.paragraph(said, start=f"{term}:")
        case (str() as title, [*sections]):
            file.heading(title, level=1)
            _put_all(file, sections, pictures)
        case [str(), *_]:
            file.points(record)
        case [*records]:
            _put_all(file, records, pictures)
        case _:
            raise TypeError(f"no way to write a {type(record).__name__} into a Word file")


def _put_all(file: WordFile, records: Sequence[Any], pictures: Mapping[str, bytes]) -> None:
    for record in records:
        _put(file, record, pictures)


def _put_answer(file: WordFile, answer: Answer) -> None:
    file.paragraph(answer.sentence)
    if answer.verdict:
        file.paragraph(answer.reasons, start=f"{answer.verdict}{':' if answer.reasons else '.'}")
    file.paragraph(answer.better, is_small=True)
    for step in answer.steps:
        _put_step(file, step)
    file.paragraph(answer.idle, is_small=True)


def _put_step(file: WordFile, step: Step) -> None:
    file.paragraph(" ".join(step.sentences), start=f"{step.title}.")
    file.paragraph(step.rests_on, is_small=True)


def _put_section(file: WordFile, section: Section, pictures: Mapping[str, bytes]) -> None:
    """Write one analysis: its answer, the forest plot, what was examined, and the tables behind the headline."""
    file.heading(section.answer.title, level=2)
    file.paragraph(section.rationale)
    _put_answer(file, section.answer)
    _put(file, section.verdict, pictures)
    picture = pictures[section.answer.analysis]
    caption = f"{section.forest.title}. {section.forest.note}"
    file.picture(picture, alternative=section.forest.alternative, caption=caption)
    _put_all(file, section.examined, pictures)
    file.heading("Behind the numbers", level=3)
    _put_all(file, [*section.facts, section.ladder, section.models], pictures)


def _put_block(file: WordFile, block: Block) -> None:
    """Write a part of a section; tables that the page folds away stay on the page."""
    file.heading(block.title, level=3)
    file.paragraph(" ".join(block.sentences))
    file.points(block.points)
    for table in block.tables:
        if block.is_open or not block.fold:
            file.table(table)
    for note in block.notes:
        file.paragraph(note, is_small=True)


def _without_references(name: str, record: Any) -> Any:
    """Return the table of studies without their references, which stand in a list of their own."""
    if name != "studies":
        return record
    groups = tuple(
        dataclasses.replace(group, rows=tuple((Cell(text=row[0].text), *row[1:]) for row in group.rows))
        for group in record.groups
    )
    return dataclasses.replace(record, groups=groups)


def _references(file: WordFile, studies: Table | None) -> None:
    if studies:
        file.heading("References", level=1)
        for group in studies.groups:
            for study, *_ in group.rows:
                addresses = "; ".join(text for text, _ in study.links)
                told = " ".join(filter(None, (study.small, f"{addresses}." if addresses else "")))
                file.paragraph(told or say.BLANK, start=f"{study.text}.")
