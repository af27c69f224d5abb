"""The whole review computed in one Python process, without Snakemake: what `bench` measures the pipeline against."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

from repool import door, files
from repool.extraction.settings import words_of
from repool.provenance import record
from repool.report import page
from repool.schemas import schema
from repool.stages import convert, draw, harmonise, pool

FORMATS = ["svg", "pdf", "png"]


def main(arguments: list[str]) -> int:
    """Compute a review into its folder; the files are those that the pipeline makes, provenance apart.

    Parameters
    ----------
    arguments : list of str
        The folder of the review.

    Returns
    -------
    int
        0.
    """
    folder = Path(arguments[0])
    review = door.open_review(folder)
    typed = list(door.hashes(folder, ["config/vocabulary.csv", "data/studies.csv", "data/extraction/*.csv"]))
    _write(folder, harmonise.harmonised_tables(review, schema("extraction"), inputs=typed))
    _write(folder, _effects(folder, review))
    for row in review.analyses:
        _pool_and_draw(folder, review, row)
    _write(folder, _report(folder, review))
    return 0


def _write(folder: Path, texts: dict[str, str]) -> None:
    files.write_all({folder / name: text for name, text in texts.items()})


def _effects(folder: Path, review: door.Review) -> dict[str, str]:
    settings = review.settings
    numbers = convert.harmonised_numbers(schema("extraction"))
    paths = [folder / f"results/harmonised/{study}.csv" for study in sorted(review.extraction)]
    studies = files.read_frame(folder / harmonise.STUDIES_FILE, numbers=settings["moderators"])
    choices = SimpleNamespace(
        analyses={row["analysis"]: row for row in review.analyses},
        conversion=settings["conversion"],
        ladder=settings["ladder"],
        readings=settings["readings"],
        sort_keys=settings["selection"]["one_effect_per_cohort"],
    )
    return convert.effect_tables(files.read_frames(paths, numbers=numbers), studies, settings=choices)


def _pool_and_draw(folder: Path, review: door.Review, row: dict) -> None:
    settings, here = review.settings, folder / "results" / "analyses" / row["analysis"]
    own = {
        "primary_model": row["primary_model"] or settings["pooling"]["primary_model"],
        "moderators": words_of(row["moderators"]),
        "steps": [step["step"] for step in settings["ladder"]],
        "readings": settings["readings"],
    }
    effects = files.read_frame(here / "effects.csv", numbers=[*pool.EFFECT_NUMBERS, *own["moderators"]])
    _write(here, pool.pool_tables(effects, analysis=row["analysis"], pooling=settings["pooling"] | own))
    better = settings["outcomes"][row["outcome"]]["higher_is_better"]
    pictures = draw.forest_files(
        files.read_frame(here / "forest.csv", numbers=draw.FOREST_NUMBERS),
        files.read_frame(here / "pooled.csv", numbers=draw.POOLED_NUMBERS),
        labels={"title": row["title"], "measure": row["measure"], "higher_is_better": better},
        arms=settings["arms"],
        ladder=settings["ladder"],
        level=settings["pooling"]["level"],
        style=settings["figures"],
        formats=FORMATS,
    )
    _write(here, {f"forest.{name}": content for name, content in pictures.items()})


def _report(folder: Path, review: door.Review) -> dict[str, str]:
    made = [
        "results/harmonised/ledger.csv",
        *door.hashes(folder, ["results/effects/*.csv", "results/analyses/*/*.csv"]),
    ]
    rows = {name: files.read_rows(folder / name) for name in made}
    for name in door.hashes(folder, ["data/studies.csv", "data/votes.csv"]):
        rows[name] = page.typed_rows(files.read_bytes(folder / name), schema(Path(name).stem))
    forests = door.hashes(folder, ["results/analyses/*/forest.svg"])
    pictures = {name: files.read_bytes(folder / name).decode("utf-8") for name in forests}
    lock = files.read_bytes(door.LOCK).decode("utf-8")
    versions = record(review={}, code={}, results={}, lock=lock)["versions"]
    plan = {row["analysis"]: {key: row[key] for key in row if key != "line"} for row in review.analyses}
    return page.report_files(rows, pictures, settings=review.settings, plan=plan, versions=versions)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
