"""Two warnings of the invented review of `report_case`: one acknowledged, one open."""

from __future__ import annotations

from repool.problems import COLUMNS


def problem_row(rule: str, file: str, row_name: str, **cells: str) -> dict[str, str]:
    """One row of problems.csv."""
    plain = {"severity": "warning", "rule": rule, "file": file, "row_name": row_name, "status": "open"}
    return dict.fromkeys(COLUMNS, "") | plain | cells


PROBLEMS = [
    problem_row(
        *("C19", "data/extraction/birch2002.csv", "birch2002-04"),
        **{"line": "5", "column": "percent_arm1", "found": "51.4", "problem": "percent and count disagree"},
        **{"status": "acknowledged", "reason": "printed <so>", "initials": "XY"},
    ),
    problem_row("R17", "data/studies.csv", "ash2001", column="cluster", found="groups", problem="clusters left aside"),
]
