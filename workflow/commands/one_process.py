"""Every result of a review from one Python process, stage after stage: what `bench` measures a run against."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from commands.engine import ROOT
from repool import door, files

#: Tables of data/ that the report shows as they were typed, as workflow/rules/report.smk lists them.
TYPED = ("studies", "votes", "prisma", "deviations", "summary_of_findings")


def compute(folder: Path) -> None:
    """Make every result of a review by calling the stages one after the other.

    Parameters
    ----------
    folder : path
        Folder with config/ and data/; results/ is written there.
    """
    from repool.stages import harmonise

    os.chdir(folder)
    review = door.open_review(".")
    typed = [name for name in door.hashes(".", door.PATTERNS) if name.startswith(door.FIRST_STAGE_FILES)]
    files.write_all(harmonise.harmonised_tables(review, _schema("extraction"), inputs=typed))
    _convert(review)
    for row in review.analyses:
        _pool_and_draw(review, row)
    folders = [f"results/analyses/{row['analysis']}/figures" for row in review.analyses]
    figures = [*(folders if review.settings["figures"]["draw"] else []), *_draw_review(review.settings)]
    _write_report(review, figures)


def _schema(name: str) -> dict[str, Any]:
    from repool.schemas import schema

    return schema(name)


def _convert(review: Any) -> None:
    from repool.extraction.settings import carried_columns, numbers_among
    from repool.stages import convert

    names = [f"results/harmonised/{study}.csv" for study in sorted(review.extraction)]
    rows = files.read_frames(names, numbers=convert.harmonised_numbers(_schema("extraction")))
    numbers = numbers_among(review.settings["moderators"])
    studies = files.read_frame("results/checks/studies.csv", numbers=numbers)
    named = {"conversion", "ladder", "readings", "selection"}
    settings = SimpleNamespace(
        analyses={row["analysis"]: row for row in review.analyses},
        carried=carried_columns(review.settings["examine"]),
        other_measures=review.settings["examine"]["sensitivity"]["other_measures"],
        **{name: review.settings[name] for name in sorted(named)},
    )
    ratings = files.read_rows("results/checks/risk_of_bias.csv")
    files.write_all(convert.effect_tables(rows, studies, ratings=ratings, settings=settings))


def _pool_and_draw(review: Any, row: Mapping[str, Any]) -> None:
    from repool.extraction import analysis_plan
    from repool.stages import pool

    folder = f"results/analyses/{row['analysis']}"
    pooling = analysis_plan.pooling_of(review.settings, row)
    effects = files.read_frame(f"{folder}/effects.csv", numbers=[*pool.EFFECT_NUMBERS, *pooling["numbers"]])
    tables = pool.pool_tables(effects, analysis=row["analysis"], pooling=pooling)
    files.write_all({f"{folder}/{file}": text for file, text in tables.items()})
    _examine(review, row, pooling)
    _draw(review.settings, row, folder)


def _draw(settings: Mapping[str, Any], row: Mapping[str, Any], folder: str) -> None:
    from repool.figures.plots import kinds
    from repool.stages import draw, plots

    figures = settings["figures"]
    better = settings["outcomes"][row["outcome"]]["higher_is_better"]
    shared = {
        "labels": {"title": row["title"], "measure": row["measure"], "higher_is_better": better},
        "arms": settings["arms"],
        "level": settings["pooling"]["level"],
        "ladder": settings["ladder"],
        "style": figures,
        "choices": figures,
    }
    judged = figures["risk_of_bias"]
    tables = draw.read_tables(folder, kinds.forest_tables(figures["preset"], risk_of_bias=judged))
    pictures = draw.forest_files(tables, formats=["svg", "pdf", "png"], **shared)
    files.write_all({f"{folder}/forest.{ending}": content for ending, content in pictures.items()})
    if figures["draw"]:
        tables = plots.read_tables(folder, figures["draw"], risk_of_bias=judged)
        plotted = plots.plot_files(tables, names=figures["draw"], formats=figures["formats"], **shared)
        files.write_all({f"{folder}/figures/{file}": content for file, content in plotted.items()})


def _draw_review(settings: Mapping[str, Any]) -> list[str]:
    """Draw the figures of the whole review; return their folder, where there are any."""
    from repool.figures.review.kinds import read_for
    from repool.stages import review_plots

    names, folder = settings["figures"]["draw_review"], "results/figures"
    if not names:
        return []
    read = read_for(names)
    flow = review_plots.prisma_of([files.read_bytes(path) for path in door.hashes(".", read) if "data/" in path])
    plotted = review_plots.review_plot_files(
        review_plots.read_risk_of_bias(read),
        flow,
        names=names,
        formats=settings["figures"]["formats"],
        title=settings["title"],
        tools={key: tool["title"] for key, tool in settings["risk_of_bias"]["tools"].items()},
        style=settings["figures"],
    )
    files.write_all({f"{folder}/{file}": content for file, content in plotted.items()})
    return [folder]


def _examine(review: Any, row: Mapping[str, Any], pooling: Mapping[str, Any]) -> None:
    from repool.extraction import analysis_plan
    from repool.stages import examine

    folder = f"results/analyses/{row['analysis']}"
    paths = SimpleNamespace(**{name: f"{folder}/{name}.csv" for name in examine.INPUTS})
    settings = SimpleNamespace(
        pooling=pooling,
        examine=review.settings["examine"],
        votes=analysis_plan.votes_of(review, row),
        risk_of_bias=analysis_plan.risk_of_bias_of(review, row),
        plan=analysis_plan.plan_of(review.settings, row),
    )
    tables = examine.examine_tables(**examine.read_tables(paths, numbers=pooling["numbers"]), settings=settings)
    files.write_all({f"{folder}/{file}": text for file, text in tables.items()})


def _write_report(review: Any, figures: Sequence[str]) -> None:
    from repool.provenance import record
    from repool.report import page
    from repool.stages.report import read_report_rows

    lock = files.read_bytes(door.LOCK).decode()
    each = ("effects", "selection", "participants", "pooled", "leave_one_out", "regression", "forest", *page.EXAMINED)
    names = ["results/harmonised/ledger.csv"]
    names += [f"results/checks/{table}.csv" for table in ("problems", "disagreements", "risk_of_bias")]
    names += [f"results/effects/{study}.csv" for study in sorted(review.extraction)]
    analyses = sorted(row["analysis"] for row in review.analyses)
    names += [f"results/analyses/{analysis}/{table}.csv" for analysis in analyses for table in each]
    typed = {name: Path(name).stem for name in door.hashes(".", [f"data/{name}.csv" for name in TYPED])}
    rows = read_report_rows(names, figures=figures, typed=typed)
    forests = [f"results/analyses/{analysis}/forest.svg" for analysis in analyses]
    pictures = files.read_texts([*forests, *figures], pattern="*.svg")
    plan = {row["analysis"]: {key: row[key] for key in row if key != "line"} for row in review.analyses}
    versions = record(review={}, code={}, results={}, lock=lock)["versions"]
    choices = {"settings": review.settings, "plan": plan, "versions": versions}
    files.write_all(page.report_files(rows, pictures, **choices))
    _write_packed(rows, forests, choices, page.COLUMNS)
    code = door.code_record(ROOT / "workflow" / "scripts")
    made = record(review=door.hashes(".", door.PATTERNS), code=code, results=door.result_hashes("."), lock=lock)
    files.write_if_changed("results/provenance.json", files.json_text(made))


def _write_packed(rows: Any, forests: Sequence[str], choices: Mapping[str, Any], tables: Iterable[str]) -> None:
    """Write the workbook, and the Word file where the review asks for one."""
    from repool.stages.word import word_file
    from repool.stages.workbook import workbook_file

    settings = choices["settings"]
    names = [f"results/tables/{table}.csv" for table in tables]
    names += [name for name in rows if name.endswith("/pooled.csv")]
    words = {name: settings[name] for name in ("title", "question")}
    found = {name: files.read_rows(name) for name in names}
    files.write_if_changed("results/tables.xlsx", workbook_file(found, specification=_schema("results"), **words))
    if settings["report"]["word"]:
        drawings = files.read_texts(forests, pattern="*.svg")
        pictures = files.read_all([f"{name.removesuffix('.svg')}.png" for name in forests])
        files.write_if_changed("results/report.docx", word_file(rows, drawings, pictures, **choices))
