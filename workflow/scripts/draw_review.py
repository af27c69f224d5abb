"""Adapter of the rule draw_review."""

from pathlib import Path
from typing import TYPE_CHECKING

from repool import files
from repool.jobs import plain_errors
from repool.stages import review_plots

if TYPE_CHECKING:
    from snakemake.script import snakemake

with plain_errors(snakemake.log[0]):
    judgements = review_plots.read_risk_of_bias(snakemake.input.tables)
    flow = review_plots.prisma_of([files.read_bytes(path) for path in snakemake.input.data])
    choices = {name: snakemake.params[name] for name in ("names", "formats", "title", "tools", "style")}
    found = review_plots.review_plot_files(judgements, flow, **choices)
    files.write_all({Path(snakemake.output[0]) / name: content for name, content in found.items()})
