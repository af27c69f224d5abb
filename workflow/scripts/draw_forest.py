"""Adapter of the rule draw_forest."""

from pathlib import Path
from typing import TYPE_CHECKING

from repool import files
from repool.jobs import plain_errors
from repool.stages import draw as stage_draw

if TYPE_CHECKING:
    from snakemake.script import snakemake

with plain_errors(snakemake.log[0]):
    tables = stage_draw.read_tables(Path(snakemake.input[0]).parent.as_posix(), snakemake.params.tables)
    asked = {key: value for key, value in snakemake.params.items() if key not in ("code", "tables")}
    formats = [path.rsplit(".", 1)[1] for path in snakemake.output]
    drawn = stage_draw.forest_files(tables, formats=formats, **asked)
    files.write_all(dict(zip(snakemake.output, drawn.values(), strict=True)))
