# INPUT   results/harmonised/, results/checks/studies.csv, risk_of_bias.csv, config/analyses.csv (as params)
# OUTPUT  results/effects/, results/checks/disagreements.csv,
#         results/analyses/*/effects.csv, other_measures.csv, selection.csv, participants.csv,
#         risk_of_bias.csv
CHOSEN = ["effects.csv", "other_measures.csv", "selection.csv", "participants.csv", "risk_of_bias.csv"]
CHOOSING = [
    "analysis", "outcome", "measure", "designs", "comparators", "interventions_excluded", "time_target_months",
    "time_min_months", "time_max_months", "time_not_stated", "multi_arm", "overlap", "moderators", "subgroups",
]  # fmt: skip


def harmonised_tables(wildcards):
    checkpoints.harmonise_results.get()
    return expand("results/harmonised/{study}.csv", study=STUDIES)


def as_read(table):
    """Input function: a table of the first stage."""

    def inputs(wildcards):
        checkpoints.harmonise_results.get()
        return f"results/checks/{table}.csv"

    return inputs


# Compute every effect by every route, then choose the effects of each analysis.
checkpoint convert_results:
    input:
        harmonised=harmonised_tables,
        studies=as_read("studies"),
        risk_of_bias=as_read("risk_of_bias"),
    output:
        disagreements=update("results/checks/disagreements.csv"),
        effects=update(expand("results/effects/{study}.csv", study=STUDIES)),
        analyses=update(of_analyses(*CHOSEN)),
    log:
        "results/logs/convert_results.log",
    params:
        analyses={name: {key: row[key] for key in CHOOSING} for name, row in sorted(ANALYSES.items())},
        conversion=SETTINGS["conversion"],
        ladder=SETTINGS["ladder"],
        readings=SETTINGS["readings"],
        selection=SETTINGS["selection"],
        numbers=numbers_among(SETTINGS["moderators"]),
        carried=CARRIED,
        other_measures=SETTINGS["examine"]["sensitivity"]["other_measures"],
        code=code_of("convert_results", "../schemas/extraction.yaml"),
    script:
        "../scripts/convert_results.py"
