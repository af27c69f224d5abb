# INPUT   data/extraction/, data/studies.csv, data/acknowledged.csv, data/risk_of_bias.csv, config/vocabulary.csv,
#         config/units.csv
# OUTPUT  results/harmonised/, results/checks/
from repool.extraction.selection_plan import planned_variants  # noqa: E402

EXTRACTED = hashes_of(
    "config/vocabulary.csv", "config/units.csv", "data/studies.csv", "data/acknowledged.csv", "data/risk_of_bias.csv",
    "data/extraction/*.csv",
)  # fmt: skip


# Bring every extracted result to one vocabulary, direction and time axis; account for every row.
checkpoint harmonise_results:
    input:
        data=list(EXTRACTED),
    output:
        harmonised=update(expand("results/harmonised/{study}.csv", study=STUDIES)),
        ledger=update("results/harmonised/ledger.csv"),
        lines=update("results/checks/lines.csv"),
        studies=update("results/checks/studies.csv"),
        risk_of_bias=update("results/checks/risk_of_bias.csv"),
        problems=update("results/checks/problems.csv"),
    log:
        "results/logs/harmonise_results.log",
    params:
        hashes=EXTRACTED,
        outcomes=SETTINGS["outcomes"],
        moderators=SETTINGS["moderators"],
        risk_of_bias=SETTINGS["risk_of_bias"],
        doubts=[problem.as_text() for problem in REVIEW.problems if problem.file in door.DOUBTED_FILES],
        variants=planned_variants(REVIEW.analyses, SETTINGS["selection"]),
        code=code_of(
            "harmonise_results",
            "../schemas/extraction.yaml",
            "../schemas/studies.yaml",
            "../schemas/acknowledged.yaml",
            "../schemas/risk_of_bias.yaml",
            "../schemas/units.yaml",
        ),
    script:
        "../scripts/harmonise_results.py"
