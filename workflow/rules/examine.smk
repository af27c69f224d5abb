# INPUT   results/analyses/{analysis}/effects.csv, pooled.csv, other_measures.csv, selection.csv
# OUTPUT  results/analyses/{analysis}/: how far the pooled result can be trusted, and the verdict on it


# Ask of one pooled result how much it hangs on single studies, choices and missing evidence; nothing is pooled anew
# for the headline.
rule examine_pool:
    input:
        effects=after_convert("results/analyses/{analysis}/effects.csv"),
        other_measures=after_convert("results/analyses/{analysis}/other_measures.csv"),
        selection=after_convert("results/analyses/{analysis}/selection.csv"),
        pooled=after_convert("results/analyses/{analysis}/pooled.csv"),
    output:
        expand("results/analyses/{{analysis}}/{name}", name=EXAMINED),
    log:
        "results/logs/examine_pool/{analysis}.log",
    params:
        pooling=lambda wildcards: analysis_plan.pooling_of(SETTINGS, ANALYSES[wildcards.analysis]),
        examine=SETTINGS["examine"],
        votes=lambda wildcards: analysis_plan.votes_of(REVIEW, ANALYSES[wildcards.analysis]),
        risk_of_bias=lambda wildcards: analysis_plan.risk_of_bias_of(REVIEW, ANALYSES[wildcards.analysis]),
        plan=lambda wildcards: analysis_plan.plan_of(SETTINGS, ANALYSES[wildcards.analysis]),
        code=code_of("examine_pool"),
    script:
        "../scripts/examine_pool.py"
