"""Adapter of the rule write_word."""

from typing import TYPE_CHECKING

from repool import files
from repool.jobs import plain_errors
from repool.report.page import CHOICES
from repool.stages import report as stage_report
from repool.stages import word as stage_word

if TYPE_CHECKING:
    from snakemake.script import snakemake

with plain_errors(snakemake.log[0]):
    found, params = snakemake.input, snakemake.params
    rows = stage_report.read_report_rows(found.tables, figures=found.figures, typed=params.typed)
    drawings = {path: files.read_bytes(path).decode("utf-8") for path in found.forests}
    pictures = files.read_all(found.pictures)
    content = stage_word.word_file(rows, drawings, pictures, **{name: params[name] for name in CHOICES})
    files.write_if_changed(snakemake.output[0], content)
