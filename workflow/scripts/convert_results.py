"""Adapter of the rule convert_results."""

from typing import TYPE_CHECKING

from repool import files
from repool.jobs import plain_errors
from repool.schemas import schema
from repool.stages import convert as stage_convert

if TYPE_CHECKING:
    from snakemake.script import snakemake

with plain_errors(snakemake.log[0]):
    rows = files.read_frames(snakemake.input.harmonised, numbers=stage_convert.harmonised_numbers(schema("extraction")))
    studies = files.read_frame(snakemake.input.studies, numbers=snakemake.params.numbers)
    ratings = files.read_rows(snakemake.input.risk_of_bias)
    tables = stage_convert.effect_tables(rows, studies, ratings=ratings, settings=snakemake.params)
    files.write_all(tables)
    files.remove_others("results/effects", tables, pattern="*.csv")
    files.remove_folders("results/analyses", snakemake.params.analyses)
