"""Adapter of the rule draw_figures."""

from pathlib import Path
from typing import TYPE_CHECKING

from repool import files
from repool.jobs import plain_errors
from repool.stages import plots as stage_plots

if TYPE_CHECKING:
    from snakemake.script import snakemake

with plain_errors(snakemake.log[0]):
    folder = Path(snakemake.output[0])
    asked = {key: value for key, value in snakemake.params.items() if key != "code"}
    has_judgements = asked["choices"].get("risk_of_bias", False)
    tables = stage_plots.read_tables(folder.parent.as_posix(), asked["names"], risk_of_bias=has_judgements)
    found = stage_plots.plot_files(tables, **asked)
    files.write_all({folder / name: content for name, content in found.items()})
