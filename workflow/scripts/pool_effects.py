"""Adapter of the rule pool_effects."""

from pathlib import Path
from typing import TYPE_CHECKING

from repool import files, stage_pool
from repool.jobs import plain_errors

if TYPE_CHECKING:
    from snakemake.script import snakemake

with plain_errors(snakemake.log[0]):
    pooling = snakemake.params.pooling
    effects = files.read_frame(snakemake.input.effects[0], numbers=[*stage_pool.EFFECT_NUMBERS, *pooling["moderators"]])
    tables = stage_pool.pool_tables(effects, analysis=snakemake.wildcards.analysis, pooling=pooling)
    folder = Path(snakemake.output.pooled).parent
    for name, text in tables.items():
        files.write_if_changed(folder / name, text)
