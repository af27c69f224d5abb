"""Adapter of the rule harmonise_results."""

from typing import TYPE_CHECKING

from repool import door, files
from repool.jobs import plain_errors
from repool.schemas import schema
from repool.stages import harmonise as stage_harmonise

if TYPE_CHECKING:
    from snakemake.script import snakemake

with plain_errors(snakemake.log[0]):
    review = door.open_review(".")
    tables = stage_harmonise.harmonised_tables(
        review, schema("extraction"), inputs=[*snakemake.input.data, *door.DOUBTED_FILES]
    )
    files.write_all(tables)
    files.remove_others("results/harmonised", tables, pattern="*.csv")
