"""Adapter of the rule harmonise_results."""

from typing import TYPE_CHECKING

from repool import door, files, stage_harmonise
from repool.jobs import plain_errors
from repool.schemas import schema

if TYPE_CHECKING:
    from snakemake.script import snakemake

with plain_errors(snakemake.log[0]):
    review = door.open_review(".")
    tables = stage_harmonise.harmonised_tables(review, schema("extraction"), inputs=list(snakemake.input.data))
    for name, text in tables.items():
        files.write_if_changed(name, text)
    files.remove_others("results/harmonised", tables, pattern="*.csv")
