"""The reader's report: one page and the tables behind it, from what the pipeline made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from repool import files
from repool.report import disagreements as report_disagreements
from repool.report import evidence, findings_table, terms
from repool.report import methods as report_methods
from repool.report import people as report_people
from repool.report import studies as report_studies
from repool.report import summary as report_summary
from repool.report import votes as report_votes
from repool.report import warnings as report_warnings
from repool.report import words as say
from repool.report.all_tables import COLUMNS, all_effects, tables_of
from repool.report.analysis import EXAMINED, Parts, Section, section
from repool.report.inline_script import inline_script
from repool.report.overview import answer_notes, overview
from repool.report.pictures import shown_pictures
from repool.report.view import tied

Row = Mapping[str, Any]
#: What `report_files` is told by name beside rows and pictures.
CHOICES = ("settings", "plan", "versions")
#: The page, its style and its parts; all stand beside this module.
TEMPLATES = (
    *("report.html.j2", "report_style.css.j2", "report_macros.html.j2", "report_analysis.html.j2"),
    *("report_examined.html.j2", "report_evidence.html.j2", "report_review.html.j2", "report_methods.html.j2"),
    *("report_explorer.html.j2", "report_explorer.css.j2"),
)
#: The page's own script, in the order in which its parts need each other.
SCRIPTS = tuple(
    f"explorer/{name}.js" for name in ("distributions", "pooling", "words", "plot", "controls", "view", "page")
)


def templates() -> dict[str, str]:
    """Return the texts of the templates."""
    folder = Path(__file__).parent
    return {name: files.read_bytes(folder / name).decode("utf-8") for name in TEMPLATES}


def scripts() -> dict[str, str]:
    """Return the texts of the parts of the page's script."""
    folder = Path(__file__).parent
    return {name: files.read_bytes(folder / name).decode("utf-8") for name in SCRIPTS}


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
        data/studies.csv and, where the review has them, results/checks/risk_of_bias.csv, figures.csv of each folder
        of figures, and data/votes.csv, summary_of_findings.csv, prisma.csv and deviations.csv. All cells are text.
    pictures : mapping
        File -> text of the SVG files: the forest plot of each analysis, and figures of the analyses and the review.
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
    tables, page = tables_and_page(rows, pictures, settings=settings, plan=plan, versions=versions)
    texts = {
        f"results/tables/{name}.csv": files.csv_text(tables[name], columns=columns) for name, columns in COLUMNS.items()
    }
    return texts | {"results/report.html": render(page)}


def tables_and_page(
    rows: Mapping[str, Sequence[Row]],
    pictures: Mapping[str, str],
    *,
    settings: Row,
    plan: Mapping[str, Row],
    versions: Mapping[str, str],
) -> tuple[dict[str, list], dict[str, Any]]:
    """Return the tables, and everything the page says (see `report_files`)."""
    tables = tables_of(rows, settings=settings, plan=plan)
    shown = {path: pictures[path] for path in shown_pictures(pictures)}
    sections = [
        section(analysis, _parts(name, tables, rows, shown), settings=settings) for name, analysis in plan.items()
    ]
    page = page_of(tables, sections, rows, settings=settings, plan=plan) | evidence.evidence_parts(
        rows, shown, settings
    )
    page["versions"] = report_methods.versions_list(versions)
    return tables, page


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
        effects=rows[f"results/analyses/{name}/forest.csv"],
        # There only where somebody has judged it.
        risk_of_bias=rows.get("results/checks/risk_of_bias.csv", ()),
        pictures=pictures,
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
        "findings": findings_table.findings_tables(tables["summary_of_findings"], plan, settings),
        "findings_notes": findings_table.findings_notes(tables["summary_of_findings"], settings),
        "is_laddered": len(settings["ladder"]) > 1 or len(settings["readings"]) > 1,
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
        "routes": report_methods.routes_table(settings, all_effects(rows)),
        "outcomes": report_methods.outcomes_table(settings),
        "plan": report_methods.plan_table(plan),
    }


def render(page: Mapping[str, Any]) -> str:
    """Return the page as HTML; every text is escaped, pictures and the page's own script are taken as they are."""
    import jinja2

    environment = jinja2.Environment(
        autoescape=True,
        loader=jinja2.DictLoader(templates()),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["tied"] = tied
    return environment.get_template(TEMPLATES[0]).render(page=page, script=inline_script(scripts().values()))
