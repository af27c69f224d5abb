"""Adapter of the rule examine_pool."""

from pathlib import Path
from typing import TYPE_CHECKING

from repool import files
from repool.jobs import plain_errors
from repool.stages import examine as stage_examine

if TYPE_CHECKING:
    from snakemake.script import snakemake

with plain_errors(snakemake.log[0]):
    tables = stage_examine.read_tables(snakemake.input, numbers=snakemake.params.pooling["numbers"])
    found = stage_examine.examine_tables(**tables, settings=snakemake.params)
    folder = Path(snakemake.output[0]).parent
    files.write_all({folder / name: text for name, text in found.items()})
