# INPUT   everything above, data/studies.csv, data/votes.csv
# OUTPUT  results/tables/, results/report.html, results/provenance.json
from repool.provenance import record  # noqa: E402

TABLES = [
    "summary", "ladder", "models", "results_used", "results_not_used", "votes", "votes_by_design", "accounts",
    "studies", "ledger", "ledger_counts", "assumptions", "warnings", "disagreements", "participants",
]  # fmt: skip
TEMPLATES = [
    "report.html.j2", "report_style.css.j2", "report_macros.html.j2", "report_analysis.html.j2",
    "report_examined.html.j2", "report_review.html.j2", "report_methods.html.j2",
]  # fmt: skip
TYPED = {path: Path(path).stem for path in hashes_of("data/studies.csv", "data/votes.csv")}
OF_EACH = [
    "effects.csv", "selection.csv", "participants.csv", "pooled.csv", "leave_one_out.csv", "regression.csv",
    "forest.csv", "verdict.csv", "same_result.csv", "intervals.csv", "influence.csv", "cumulative.csv", "gosh.csv",
    "missing_evidence.csv", "subgroups.csv", "dependence.csv", "robust.csv", "without_pooling.csv",
]  # fmt: skip


# Write the reader's report; every number in it is read from a table.
rule write_report:
    input:
        tables=after_convert(
            "results/harmonised/ledger.csv",
            "results/checks/problems.csv",
            "results/checks/disagreements.csv",
            *expand("results/effects/{study}.csv", study=STUDIES),
            *of_analyses(*OF_EACH),
        ),
        forests=after_convert(*of_analyses("forest.svg")),
        figures=after_convert(*of_analyses(*PLOTS)),
        data=list(TYPED),
    output:
        report="results/report.html",
        tables=expand("results/tables/{table}.csv", table=TABLES),
    log:
        "results/logs/write_report.log",
    params:
        settings=SETTINGS,
        plan={name: {key: row[key] for key in row if key != "line"} for name, row in ANALYSES.items()},
        versions=record(review={}, code={}, results={}, lock=door.LOCK.read_text(encoding="utf-8"))["versions"],
        typed=TYPED,
        hashes=hashes_of(*TYPED),
        code=code_of(
            "write_report",
            "../schemas/studies.yaml",
            "../schemas/votes.yaml",
            *[f"repool/report/{template}" for template in TEMPLATES],
        ),
    script:
        "../scripts/write_report.py"


# Record which data, configuration, code and lock the results came from; last, so only a whole run is recorded.
# Its inputs are plain paths, not after_convert(...): so it runs whenever an earlier stage ran, also when that
# stage changed nothing, for then the data or the code is another and the record must say so.
rule record_provenance:
    input:
        "results/report.html",
        of_analyses(*POOLED, *EXAMINED, *expand("forest.{format}", format=FORMATS), *PLOTS),
    output:
        "results/provenance.json",
    log:
        "results/logs/record_provenance.log",
    params:
        review=hashes_of(*door.PATTERNS),
        code=door.code_record(PACKAGE_FOLDER),
    script:
        "../scripts/record_provenance.py"
