# INPUT   everything above, data/studies.csv, data/votes.csv
# OUTPUT  results/tables/, results/report.html, results/provenance.json
TABLES = ["summary", "ladder", "votes", "votes_by_design", "accounts", "not_pooled", "results_used"]


# Write the reader's report; every number in it is read from a table.
rule write_report:
    input:
        analyses=after_convert(*of_analyses("effects.csv", "selection.csv", *POOLED, "forest.svg")),
        effects=after_convert(*expand("results/effects/{study}.csv", study=STUDIES)),
        ledger=after_convert("results/harmonised/ledger.csv"),
        data=list(hashes_of("data/studies.csv", "data/votes.csv")),
    output:
        report="results/report.html",
        tables=expand("results/tables/{table}.csv", table=TABLES),
    log:
        "results/logs/write_report.log",
    params:
        settings=SETTINGS,
        analyses=ANALYSES,
        hashes=hashes_of("data/studies.csv", "data/votes.csv"),
        code=code_of("write_report", "repool/report.html.j2"),
    script:
        "../scripts/write_report.py"


# Record which data, configuration, code and lock the results came from; last, so only a whole run is recorded.
# Its inputs are plain paths, not after_convert(...): so it runs whenever an earlier stage ran, also when that
# stage changed nothing, for then the data or the code is another and the record must say so.
rule record_provenance:
    input:
        "results/report.html",
        of_analyses(*POOLED, *expand("forest.{format}", format=FORMATS)),
    output:
        "results/provenance.json",
    log:
        "results/logs/record_provenance.log",
    params:
        review=hashes_of(*door.PATTERNS),
        code=door.code_record(PACKAGE_FOLDER),
    script:
        "../scripts/record_provenance.py"
