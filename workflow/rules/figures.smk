# INPUT   results/analyses/{analysis}/forest.csv, pooled.csv, and the tables of the other figures
# OUTPUT  results/analyses/{analysis}/forest.svg, .pdf, .png, figures/
from repool.figures.plots.kinds import tables_of  # noqa: E402

STYLE = {key: value for key, value in SETTINGS["figures"].items() if key not in ("draw", "formats")}


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
        style=STYLE,
        code=code_of("draw_forest", "repool/figures/repool.mplstyle"),
    script:
        "../scripts/draw_forest.py"


# Draw the other figures that the review asks for, each from tables as they stand.
rule draw_figures:
    input:
        tables=after_convert(
            *[f"results/analyses/{{analysis}}/{table}.csv" for table in tables_of(SETTINGS["figures"]["draw"])],
            "results/analyses/{analysis}/effects.csv",
        ),
    output:
        figures=directory("results/analyses/{analysis}/figures"),
    log:
        "results/logs/draw_figures/{analysis}.log",
    params:
        names=SETTINGS["figures"]["draw"],
        formats=SETTINGS["figures"]["formats"],
        labels=labels_of,
        arms=SETTINGS["arms"],
        level=SETTINGS["pooling"]["level"],
        style=STYLE,
        code=code_of("draw_figures", "repool/figures/repool.mplstyle"),
    script:
        "../scripts/draw_figures.py"
