"""Adapter of the rule write_report."""

from typing import TYPE_CHECKING

from repool import files
from repool.jobs import plain_errors
from repool.report import page as report
from repool.schemas import schema

if TYPE_CHECKING:
    from snakemake.script import snakemake

with plain_errors(snakemake.log[0]):
    listed = [*snakemake.input.tables, *(f"{folder}/figures.csv" for folder in snakemake.input.figures)]
    rows = {path: files.read_rows(path) for path in listed}
    for path, name in snakemake.params.typed.items():
        rows[path] = report.typed_rows(files.read_bytes(path), schema(name))
    pictures = {path: files.read_bytes(path).decode("utf-8") for path in snakemake.input.forests}
    files.write_all(report.report_files(rows, pictures, **{k: snakemake.params[k] for k in report.CHOICES}))
    files.remove_others("results/tables", snakemake.output.tables, pattern="*.csv")
