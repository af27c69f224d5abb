"""Adapter of the rule write_workbook."""

from typing import TYPE_CHECKING

from repool import files
from repool.jobs import plain_errors
from repool.schemas import schema
from repool.stages import workbook as stage_workbook

if TYPE_CHECKING:
    from snakemake.script import snakemake

with plain_errors(snakemake.log[0]):
    tables = {path: files.read_rows(path) for path in [*snakemake.input.tables, *snakemake.input.pooled]}
    words = {name: snakemake.params[name] for name in ("title", "question")}
    content = stage_workbook.workbook_file(tables, specification=schema("results"), **words)
    files.write_if_changed(snakemake.output[0], content)
