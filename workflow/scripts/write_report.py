"""Adapter of the rule write_report."""

from typing import TYPE_CHECKING

from repool import files
from repool.jobs import plain_errors
from repool.report import page as report
from repool.stages import report as stage_report

if TYPE_CHECKING:
    from snakemake.script import snakemake

with plain_errors(snakemake.log[0]):
    found, params = snakemake.input, snakemake.params
    rows = stage_report.read_report_rows(found.tables, figures=found.figures, typed=params.typed)
    pictures = files.read_texts([*found.forests, *found.figures], pattern="*.svg")
    files.write_all(report.report_files(rows, pictures, **{name: params[name] for name in report.CHOICES}))
    files.remove_others("results/tables", snakemake.output.tables, pattern="*.csv")
    files.remove_unasked("results", stage_report.UNASKED, asked=[*params.word, *found.figures])
