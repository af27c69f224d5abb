# INPUT   everything above, and the tables of data/ that the report shows as they were typed
# OUTPUT  results/tables/, results/report.html, results/provenance.json
from repool.provenance import record  # noqa: E402

TABLES = [
    "summary", "summary_of_findings", "ladder", "models", "results_used", "results_not_used", "votes",
    "votes_by_design", "accounts", "studies", "ledger", "ledger_counts", "assumptions", "warnings", "disagreements", "participants",
]  # fmt: skip
TEMPLATES = [
    "report.html.j2", "report_style.css.j2", "report_macros.html.j2", "report_analysis.html.j2",
    "report_examined.html.j2", "report_evidence.html.j2", "report_review.html.j2", "report_methods.html.j2",
    "report_explorer.html.j2", "report_explorer.css.j2",
]  # fmt: skip
SCRIPTS = ["distributions", "pooling", "words", "plot", "controls", "view", "page"]
# Tables of data/ that the report shows as they were typed; studies.csv alone is always there.
TYPED = {
    f"data/{name}.csv": name
    for name in ["studies", "votes", "prisma", "deviations", "summary_of_findings"]
    if hashes_of(f"data/{name}.csv")
}
OF_EACH = [
    "effects.csv", "selection.csv", "participants.csv", "pooled.csv", "leave_one_out.csv", "regression.csv",
    "forest.csv", "verdict.csv", "same_result.csv", "intervals.csv", "influence.csv", "cumulative.csv", "gosh.csv",
    "missing_evidence.csv", "subgroups.csv", "dependence.csv", "robust.csv", "without_pooling.csv",
]  # fmt: skip
READ = after_convert(
    "results/harmonised/ledger.csv",
    "results/checks/problems.csv",
    "results/checks/disagreements.csv",
    "results/checks/risk_of_bias.csv",
    *expand("results/effects/{study}.csv", study=STUDIES),
    *of_analyses(*OF_EACH),
)
PLAN = {name: {key: row[key] for key in row if key != "line"} for name, row in ANALYSES.items()}
VERSIONS = record(review={}, code={}, results={}, lock=door.LOCK.read_text(encoding="utf-8"))["versions"]
OF_TYPED = [f"../schemas/{name}.yaml" for name in TYPED.values()]


# Write the reader's report; every number in it is read from a table.
rule write_report:
    input:
        tables=READ,
        forests=after_convert(*of_analyses("forest.svg")),
        figures=after_convert(*of_analyses(*PLOTS), *REVIEW_PLOTS),
        data=list(TYPED),
    output:
        report=report(
            "results/report.html",
            caption="../report/report.rst",
            category="Report",
            labels={"file": "report.html"},
        ),
        tables=expand("results/tables/{table}.csv", table=TABLES),
    log:
        "results/logs/write_report.log",
    params:
        settings=SETTINGS,
        plan=PLAN,
        versions=VERSIONS,
        typed=TYPED,
        hashes=hashes_of(*TYPED),
        word=WORD,
        code=code_of(
            "write_report",
            *OF_TYPED,
            *[f"repool/report/{template}" for template in TEMPLATES],
            *[f"repool/report/explorer/{name}.js" for name in SCRIPTS],
        ),
    script:
        "../scripts/write_report.py"


# The same report as a Word file, where the review asks for one.
if WORD:

    rule write_word:
        input:
            tables=READ,
            forests=after_convert(*of_analyses("forest.svg")),
            pictures=after_convert(*of_analyses("forest.png")),
            figures=after_convert(*of_analyses(*PLOTS), *REVIEW_PLOTS),
            data=list(TYPED),
        output:
            report(
                "results/report.docx",
                caption="../report/word.rst",
                category="Report",
                labels={"file": "report.docx"},
            ),
        log:
            "results/logs/write_word.log",
        params:
            settings=SETTINGS,
            plan=PLAN,
            versions=VERSIONS,
            typed=TYPED,
            hashes=hashes_of(*TYPED),
            code=code_of("write_word", *OF_TYPED),
        script:
            "../scripts/write_word.py"


# Put the tables of the report, and every pooled result, into one workbook.
rule write_workbook:
    input:
        tables=expand("results/tables/{table}.csv", table=TABLES),
        pooled=after_convert(*of_analyses("pooled.csv")),
    output:
        report(
            "results/tables.xlsx",
            caption="../report/workbook.rst",
            category="Tables",
            labels={"file": "tables.xlsx"},
        ),
    log:
        "results/logs/write_workbook.log",
    params:
        title=SETTINGS["title"],
        question=SETTINGS["question"],
        code=code_of("write_workbook", "../schemas/results.yaml"),
    script:
        "../scripts/write_workbook.py"


# Record which data, configuration, code and lock the results came from; last, so only a whole run is recorded.
# Its inputs are plain paths, not after_convert(...): so it runs whenever an earlier stage ran, also when that
# stage changed nothing, for then the data or the code is another and the record must say so.
rule record_provenance:
    input:
        "results/report.html",
        "results/tables.xlsx",
        WORD,
        of_analyses(*POOLED, *EXAMINED, *expand("forest.{format}", format=FORMATS), *PLOTS),
        REVIEW_PLOTS,
    output:
        "results/provenance.json",
    log:
        "results/logs/record_provenance.log",
    params:
        review=hashes_of(*door.PATTERNS),
        code=door.code_record(PACKAGE_FOLDER),
    script:
        "../scripts/record_provenance.py"
