"""Re-pool a review: extraction -> harmonised -> effects -> pooled -> figures, tables -> report."""

from pathlib import Path


include: "workflow/rules/common.smk"


# Everything that is committed as a result.
rule all:
    input:
        "results/report.html",
        "results/provenance.json",
        expand("results/harmonised/{study}.csv", study=STUDIES),
        expand("results/effects/{study}.csv", study=STUDIES),
        after_convert(*of_analyses("effects.csv", "selection.csv", *POOLED)),
        after_convert(*of_analyses(*expand("forest.{format}", format=FORMATS))),


include: "workflow/rules/harmonise.smk"
include: "workflow/rules/convert.smk"
include: "workflow/rules/pool.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/report.smk"
