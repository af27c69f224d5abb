# INPUT   results/analyses/{analysis}/forest.csv, pooled.csv
# OUTPUT  results/analyses/{analysis}/forest.svg, .pdf, .png


# Draw the forest plot of one analysis; nothing is computed here.
rule draw_forest:
    input:
        forest=after_convert("results/analyses/{analysis}/forest.csv"),
        pooled=after_convert("results/analyses/{analysis}/pooled.csv"),
        # Not read: it ties the plot to convert_results, so that Snakemake judges anew whether the plot is
        # current once that has run; without it every plot is drawn again when nothing came out different.
        effects=after_convert("results/analyses/{analysis}/effects.csv"),
    output:
        expand("results/analyses/{{analysis}}/forest.{format}", format=FORMATS),
    log:
        "results/logs/draw_forest/{analysis}.log",
    params:
        labels=labels_of,
        arms=SETTINGS["arms"],
        ladder=SETTINGS["ladder"],
        level=SETTINGS["pooling"]["level"],
        style=SETTINGS["figures"],
        code=code_of("draw_forest", "repool/figures/repool.mplstyle"),
    script:
        "../scripts/draw_forest.py"
