"""Adapter of the rule draw_forest."""

from typing import TYPE_CHECKING

from repool import files
from repool.jobs import plain_errors
from repool.stages import draw as stage_draw

if TYPE_CHECKING:
    from snakemake.script import snakemake

with plain_errors(snakemake.log[0]):
    forest = files.read_frame(snakemake.input.forest[0], numbers=stage_draw.FOREST_NUMBERS)
    pooled = files.read_frame(snakemake.input.pooled[0], numbers=stage_draw.POOLED_NUMBERS)
    choices = {name: snakemake.params[name] for name in ("labels", "arms", "ladder", "level", "style")}
    formats = [path.rsplit(".", 1)[1] for path in snakemake.output]
    for path, content in zip(
        snakemake.output, stage_draw.forest_files(forest, pooled, formats=formats, **choices).values(), strict=True
    ):
        files.write_if_changed(path, content)
