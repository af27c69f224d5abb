# INPUT   data/extraction/, data/studies.csv, data/acknowledged.csv, config/vocabulary.csv, config/units.csv
# OUTPUT  results/harmonised/, results/checks/
from repool.extraction.selection_plan import planned_variants  # noqa: E402

EXTRACTED = hashes_of(
    "config/vocabulary.csv", "config/units.csv", "data/studies.csv", "data/acknowledged.csv", "data/extraction/*.csv"
)


# Bring every extracted result to one vocabulary, direction and time axis; account for every row.
checkpoint harmonise_results:
    input:
        data=list(EXTRACTED),
    output:
        harmonised=update(expand("results/harmonised/{study}.csv", study=STUDIES)),
        ledger=update("results/harmonised/ledger.csv"),
        lines=update("results/checks/lines.csv"),
        studies=update("results/checks/studies.csv"),
        problems=update("results/checks/problems.csv"),
    log:
        "results/logs/harmonise_results.log",
    params:
        hashes=EXTRACTED,
        outcomes=SETTINGS["outcomes"],
        moderators=SETTINGS["moderators"],
        variants=planned_variants(REVIEW.analyses, SETTINGS["selection"]),
        code=code_of(
            "harmonise_results",
            "../schemas/extraction.yaml",
            "../schemas/studies.yaml",
            "../schemas/acknowledged.yaml",
            "../schemas/units.yaml",
        ),
    script:
        "../scripts/harmonise_results.py"
