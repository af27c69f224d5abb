# INPUT   results/analyses/{analysis}/forest.csv, pooled.csv, effects.csv, and the tables of what is asked for
#         results/checks/risk_of_bias.csv, data/prisma.csv
# OUTPUT  results/analyses/{analysis}/forest.svg, .pdf, .png, figures/, results/figures/
from repool.figures.forest.presets import CHOICES  # noqa: E402
from repool.figures.plots.kinds import FORESTS, forest_tables, tables_of  # noqa: E402
from repool.figures.review.kinds import read_for  # noqa: E402

FIGURES = SETTINGS["figures"]
FOREST_CHOICES = {key: FIGURES[key] for key in CHOICES}
STYLE = {key: value for key, value in FIGURES.items() if key not in ("draw", "draw_review", "formats", *CHOICES)}
FOREST_TABLES = forest_tables(FIGURES["preset"], risk_of_bias=FIGURES["risk_of_bias"])
# The choices for forest plots concern the other figures only where forest plots are among them.
OTHER_CHOICES = FOREST_CHOICES if set(FIGURES["draw"]) & set(FORESTS) else {}
OF_REVIEW = read_for(FIGURES["draw_review"])
FLOW = hashes_of(*(path for path in OF_REVIEW if path.startswith("data/")))


# Draw the forest plot of one analysis; nothing is computed here.
rule draw_forest:
    input:
        # The effects also tie the plot to convert_results, so that Snakemake judges anew whether it is current once
        # that has run; without them every plot is drawn again when nothing came out different.
        after_convert(*[f"results/analyses/{{analysis}}/{table}.csv" for table in FOREST_TABLES]),
    output:
        report(
            "results/analyses/{analysis}/forest.svg",
            caption="../report/forest.rst",
            category="Forest plots",
            labels=named(),
        ),
        expand("results/analyses/{{analysis}}/forest.{format}", format=[name for name in FORMATS if name != "svg"]),
    log:
        "results/logs/draw_forest/{analysis}.log",
    params:
        tables=FOREST_TABLES,
        labels=labels_of,
        arms=SETTINGS["arms"],
        ladder=SETTINGS["ladder"],
        level=SETTINGS["pooling"]["level"],
        style=STYLE,
        choices=FOREST_CHOICES,
        code=code_of("draw_forest", "repool/figures/repool.mplstyle"),
    script:
        "../scripts/draw_forest.py"


# Draw the other figures that the review asks for, each from tables as they stand.
rule draw_figures:
    input:
        tables=after_convert(
            *[
                f"results/analyses/{{analysis}}/{table}.csv"
                for table in tables_of(FIGURES["draw"], risk_of_bias=FIGURES["risk_of_bias"])
            ],
            "results/analyses/{analysis}/effects.csv",
        ),
    output:
        figures=report(
            directory("results/analyses/{analysis}/figures"),
            patterns=[f"{{figure}}.{SETTINGS['figures']['formats'][0]}"],
            caption="../report/figure.rst",
            category="Figures",
            labels=named(figure="{figure}"),
        ),
    log:
        "results/logs/draw_figures/{analysis}.log",
    params:
        names=FIGURES["draw"],
        formats=FIGURES["formats"],
        labels=labels_of,
        arms=SETTINGS["arms"],
        ladder=SETTINGS["ladder"],
        level=SETTINGS["pooling"]["level"],
        style=STYLE,
        choices=OTHER_CHOICES,
        code=code_of("draw_figures", "repool/figures/repool.mplstyle"),
    script:
        "../scripts/draw_figures.py"


# Draw the figures of the whole review that it asks for, each from its table as it stands.
rule draw_review:
    input:
        tables=after_convert(*(path for path in OF_REVIEW if path.startswith("results/"))),
        data=list(FLOW),
    output:
        figures=directory("results/figures"),
    log:
        "results/logs/draw_review.log",
    params:
        names=FIGURES["draw_review"],
        formats=FIGURES["formats"],
        title=SETTINGS["title"],
        tools={key: tool["title"] for key, tool in SETTINGS["risk_of_bias"]["tools"].items()},
        style=STYLE,
        hashes=FLOW,
        code=code_of("draw_review", "repool/figures/repool.mplstyle", "../schemas/prisma.yaml"),
    script:
        "../scripts/draw_review.py"
