"""Re-pool a review: extraction -> harmonised -> effects -> pooled -> figures, tables -> report."""

from pathlib import Path


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"


# Everything that is committed as a result. These are plain paths, not after_convert(...): Snakemake looks
# for a missing file of a checkpoint only where somebody asks for it by its path.
rule all:
    input:
        "results/report.html",
        "results/tables.xlsx",
        WORD,
        "results/provenance.json",
        expand("results/checks/{table}.csv", table=["lines", "problems", "risk_of_bias", "studies"]),
        expand("results/harmonised/{study}.csv", study=[*STUDIES, "ledger"]),
        expand("results/effects/{study}.csv", study=STUDIES),
        of_analyses("effects.csv", "other_measures.csv", "selection.csv", "risk_of_bias.csv", *POOLED, *EXAMINED),
        of_analyses(*expand("forest.{format}", format=FORMATS), *PLOTS),
        REVIEW_PLOTS,


include: "workflow/rules/harmonise.smk"
include: "workflow/rules/convert.smk"
include: "workflow/rules/pool.smk"
include: "workflow/rules/examine.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/report.smk"
