"""Adapter of the rule pool_effects."""

from pathlib import Path
from typing import TYPE_CHECKING

from repool import files
from repool.jobs import plain_errors
from repool.stages import pool as stage_pool

if TYPE_CHECKING:
    from snakemake.script import snakemake

with plain_errors(snakemake.log[0]):
    pooling = snakemake.params.pooling
    effects = files.read_frame(snakemake.input.effects[0], numbers=[*stage_pool.EFFECT_NUMBERS, *pooling["numbers"]])
    tables = stage_pool.pool_tables(effects, analysis=snakemake.wildcards.analysis, pooling=pooling)
    folder = Path(snakemake.output.pooled).parent
    files.write_all({folder / name: text for name, text in tables.items()})
