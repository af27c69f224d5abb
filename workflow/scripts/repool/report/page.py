"""The reader's report: one page and the tables behind it, from what the pipeline made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from repool import files
from repool.extraction.specification import check_cells, columns_of
from repool.extraction.tables import read_table
from repool.report import counts as report_counts
from repool.report import disagreements as report_disagreements
from repool.report import methods as report_methods
from repool.report import people as report_people
from repool.report import studies as report_studies
from repool.report import summary as report_summary
from repool.report import tables as report_tables
from repool.report import terms
from repool.report import votes as report_votes
from repool.report import warnings as report_warnings
from repool.report import words as say
from repool.report.analysis import EXAMINED, Parts, Section, section
from repool.report.overview import answer_notes, overview

Row = Mapping[str, Any]
#: What `report_files` is told by name beside rows and pictures.
CHOICES = ("settings", "plan", "versions")
#: The page, its style and its parts; all stand beside this module.
TEMPLATES = (
    *("report.html.j2", "report_style.css.j2", "report_macros.html.j2", "report_analysis.html.j2"),
    *("report_examined.html.j2", "report_review.html.j2", "report_methods.html.j2"),
)
#: Name of a table -> its columns. workflow/rules/report.smk lists the same names.
COLUMNS = {
    "summary": report_tables.SUMMARY,
    "ladder": report_tables.LADDER,
    "models": report_tables.MODELS,
    "results_used": report_tables.RESULTS_USED,
    "results_not_used": report_tables.RESULTS_NOT_USED,
    "votes": report_counts.VOTES,
    "votes_by_design": report_counts.VOTES_BY_DESIGN,
    "accounts": report_counts.ACCOUNTS,
    "studies": report_counts.STUDIES,
    "ledger": report_counts.LEDGER,
    "ledger_counts": report_counts.LEDGER_COUNTS,
    "assumptions": report_counts.ASSUMPTIONS_USED,
    "warnings": report_warnings.WARNINGS,
    "disagreements": report_disagreements.DISAGREEMENTS,
    "participants": report_people.PARTICIPANTS,
}


def templates() -> dict[str, str]:
    """Return the texts of the templates."""
    folder = Path(__file__).parent
    return {name: files.read_bytes(folder / name).decode("utf-8") for name in TEMPLATES}


def typed_rows(content: bytes, specification: Row) -> list[dict[str, str]]:
    """Return the rows of a table that a reviewer typed, as the check at the door understood them.

    Parameters
    ----------
    content : bytes
        The file.
    specification : mapping
        Its written specification (workflow/schemas).

    Returns
    -------
    list of dict
        One mapping of column to text per row, with every column that the specification knows.
    """
    columns = columns_of(specification)
    names = [column.name for column in columns]
    typed, _ = read_table(content, file=specification["table"], known=names, required=[])
    rows, _ = check_cells(typed, columns, row_name=names[0])
    return [{name: files.cell_text(row[name]) for name in names} for row in rows]


def report_files(
    rows: Mapping[str, Sequence[Row]],
    pictures: Mapping[str, str],
    *,
    settings: Row,
    plan: Mapping[str, Row],
    versions: Mapping[str, str],
) -> dict[str, str]:
    """Return the report and its tables.

    Parameters
    ----------
    rows : mapping
        File -> rows: effects.csv, selection.csv, participants.csv, pooled.csv, leave_one_out.csv, regression.csv,
        forest.csv and those of `EXAMINED` of each analysis, results/effects, the ledger, results/checks/problems.csv,
        data/studies.csv and, where the review has one, data/votes.csv. All cells are text.
    pictures : mapping
        File -> text of the forest plot of each analysis.
    settings : mapping
        config/review.yaml.
    plan : mapping
        Analysis -> its row of config/analyses.csv, in the order of the report.
    versions : mapping
        Name of a package -> version.

    Returns
    -------
    dict
        File -> text.
    """
    tables = tables_of(rows, settings=settings, plan=plan)
    texts = {
        f"results/tables/{name}.csv": files.csv_text(tables[name], columns=columns) for name, columns in COLUMNS.items()
    }
    sections = [
        section(analysis, _parts(name, tables, rows, pictures), settings=settings) for name, analysis in plan.items()
    ]
    page = page_of(tables, sections, rows, settings=settings, plan=plan)
    page["versions"] = report_methods.versions_list(versions)
    return texts | {"results/report.html": render(page)}


def tables_of(rows: Mapping[str, Sequence[Row]], *, settings: Row, plan: Mapping[str, Row]) -> dict[str, list]:
    """Return every table of `COLUMNS` (see `report_files`)."""
    names = ("effects", "selection", "participants", "pooled", "forest")
    results = {a: {n: rows[f"results/analyses/{a}/{n}.csv"] for n in names} for a in plan}
    studies = {row["study_id"]: row for row in rows["data/studies.csv"]}
    labels = {name: study["label"] for name, study in studies.items()}
    wide = settings["examine"]["verdict"]["wide_interval"]
    ledger, effects = rows["results/harmonised/ledger.csv"], _all_effects(rows)
    ladder = report_tables.ladder_rows(plan, results, settings["outcomes"], wide=wide)
    used = report_tables.used_rows(plan, results, ledger)
    not_used = report_tables.not_used_rows(plan, results, labels)
    votes = report_counts.vote_rows(rows.get("data/votes.csv", []), studies)
    ends = report_counts.ledger_rows(ledger, effects=effects, used=used, not_used=not_used, labels=labels)
    known = {"used": used, "ledger": ends, "votes": votes, "studies": studies}
    return {
        "summary": report_tables.summary_rows(ladder),
        "ladder": ladder,
        "models": report_tables.model_rows(plan, results),
        "results_used": used,
        "results_not_used": not_used,
        "votes": votes,
        "votes_by_design": report_counts.votes_by_design(votes, settings["outcomes"]),
        "accounts": report_counts.account_rows(settings["accounts"], **known),
        "studies": [{**study, **report_counts.study_use(study, **known)} for study in studies.values()],
        "ledger": ends,
        "ledger_counts": report_counts.ledger_counts(ends),
        "assumptions": report_counts.assumption_rows(settings["ladder"], effects=effects, used=used),
        "warnings": report_warnings.warning_rows(rows["results/checks/problems.csv"], ledger=ends, labels=labels),
        "participants": report_people.participant_rows(plan, results),
        "disagreements": report_disagreements.disagreement_rows(
            rows["results/checks/disagreements.csv"], ledger=ledger, labels=labels
        ),
    }


def _all_effects(rows: Mapping[str, Sequence[Row]]) -> list[Row]:
    return [row for file in sorted(rows) if file.startswith("results/effects/") for row in rows[file]]


def _parts(
    name: str, tables: Mapping[str, Sequence[Row]], rows: Mapping[str, Sequence[Row]], pictures: Mapping[str, str]
) -> Parts:
    """Return the rows of one analysis."""
    own = {
        table: [row for row in tables[table] if row["analysis"] == name]
        for table in ("ladder", "models", "results_used", "results_not_used")
    }
    return Parts(
        ladder=own["ladder"],
        models=own["models"],
        used=own["results_used"],
        not_used=own["results_not_used"],
        left_out=rows[f"results/analyses/{name}/leave_one_out.csv"],
        regression=rows[f"results/analyses/{name}/regression.csv"],
        examined={table: rows[f"results/analyses/{name}/{table}.csv"] for table in EXAMINED},
        # There only where the review asks for figures beside the forest plot.
        figures=rows.get(f"results/analyses/{name}/figures/figures.csv", ()),
        picture=pictures[f"results/analyses/{name}/forest.svg"],
    )


def page_of(
    tables: Mapping[str, Sequence[Row]],
    sections: Sequence[Section],
    rows: Mapping[str, Sequence[Row]],
    *,
    settings: Row,
    plan: Mapping[str, Row],
) -> dict[str, Any]:
    """Return everything the page says, as finished text and tables."""
    marks = report_summary.marks_of(tables["assumptions"])
    verdicts = {part.answer.analysis: part.answer.verdict for part in sections}
    primary = [part.answer for part in sections if part.role == "primary"]
    titles = {name: row["title"] for name, row in plan.items()}
    roles = [(title, [part for part in sections if part.role == role]) for role, title in terms.ROLES.items()]
    footnotes = [row for row in tables["assumptions"] if row["assumption"] in marks]
    return {
        "title": settings["title"],
        "question": settings["question"],
        "reading_help": report_summary.reading_help(settings, plan),
        "overview": overview(primary, tables["ladder"], arms=settings["arms"]),
        "answers": primary,
        "answer_notes": answer_notes(settings),
        "summary": report_summary.summary_table(
            plan, tables["ladder"], settings=settings, marks=marks, verdicts=verdicts
        ),
        "footnotes": [(marks[row["assumption"]], row["words"]) for row in footnotes],
        "roles": [(title, parts) for title, parts in roles if parts],
        "tables": [(f"tables/{name}.csv", f"{name}.csv") for name in COLUMNS],
        "anchor": say.anchor,
        **_review_parts(tables, settings, titles),
        **_methods_parts(tables, rows, settings, plan, marks),
    }


def _review_parts(tables: Mapping[str, Sequence[Row]], settings: Row, titles: Mapping[str, str]) -> dict[str, Any]:
    counts, votes, ledger = tables["votes_by_design"], tables["votes"], tables["ledger"]
    return {
        "votes": report_votes.votes_table(counts, settings=settings),
        "votes_sentences": report_votes.votes_sentences(counts, votes, settings=settings),
        "vote_list": report_votes.vote_list(votes, settings=settings),
        "studies": report_studies.studies_table(tables["studies"], titles=titles),
        "cohorts": report_studies.shared_cohorts(tables["studies"]),
        "accounts": report_studies.accounts_of(settings["accounts"], tables["accounts"], titles=titles),
        "left_out": report_studies.left_out_studies(tables["studies"]),
        "ledger": report_studies.ledger_table(tables["ledger_counts"]),
        "people": report_people.participants_table(tables["participants"]),
        "unused": report_studies.unused_table(ledger),
        "warnings": report_warnings.warnings_table(tables["warnings"]),
        "warnings_sentence": report_warnings.warnings_sentence(tables["warnings"]),
        "disagreements": report_disagreements.disagreements_table(tables["disagreements"]),
        "disagreements_sentence": report_disagreements.disagreements_sentence(tables["disagreements"]),
        "n_votes": say.whole(len(votes)),
        "n_rows": say.whole(len(ledger)),
    }


def _methods_parts(
    tables: Mapping[str, Sequence[Row]],
    rows: Mapping[str, Sequence[Row]],
    settings: Row,
    plan: Mapping[str, Row],
    marks: Mapping[str, str],
) -> dict[str, Any]:
    return {
        "settings": report_methods.settings_list(settings),
        "steps": report_methods.steps_table(settings),
        "assumptions": report_methods.assumptions_table(tables["assumptions"], marks=marks),
        "routes": report_methods.routes_table(settings, _all_effects(rows)),
        "outcomes": report_methods.outcomes_table(settings),
        "plan": report_methods.plan_table(plan),
    }


def render(page: Mapping[str, Any]) -> str:
    """Return the page as HTML; every text is escaped, pictures alone are taken as they are."""
    import jinja2

    environment = jinja2.Environment(
        autoescape=True,
        loader=jinja2.DictLoader(templates()),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(TEMPLATES[0]).render(page=page)
