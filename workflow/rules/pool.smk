# INPUT   results/analyses/{analysis}/effects.csv
# OUTPUT  results/analyses/{analysis}/pooled.csv and what belongs to it


# Pool one analysis at every step of the ladder by every model, or say why not.
rule pool_effects:
    input:
        effects=after_convert("results/analyses/{analysis}/effects.csv"),
    output:
        pooled=report(
            "results/analyses/{analysis}/pooled.csv",
            caption="../report/pooled.rst",
            category="Pooled results",
            labels=named(),
        ),
        pooled_json="results/analyses/{analysis}/pooled.json",
        regression="results/analyses/{analysis}/regression.csv",
        forest="results/analyses/{analysis}/forest.csv",
        reproduce="results/analyses/{analysis}/reproduce.R",
    log:
        "results/logs/pool_effects/{analysis}.log",
    params:
        pooling=lambda wildcards: analysis_plan.pooling_of(SETTINGS, ANALYSES[wildcards.analysis]),
        code=code_of("pool_effects"),
    script:
        "../scripts/pool_effects.py"
