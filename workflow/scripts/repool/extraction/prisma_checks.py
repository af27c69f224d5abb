"""What is wrong with data/prisma.csv: names, numbers, and sums that do not hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from repool.extraction.prisma import COUNTED, HEADINGS, LISTS, PRISMA, Count, broken_balances, count_in, prisma_counts
from repool.extraction.row_problems import refuse, warn
from repool.problems import Problem, did_you_mean

Row = Mapping[str, Any]
#: Status of studies that the flow diagram counts as included, whether or not they have a result.
INCLUDED = ("included", "included_no_result_reached")


def check_prisma(rows: Sequence[Row], *, studies: Sequence[Row]) -> list[Problem]:
    """Return the faults of the flow of studies, and the doubt whether it is that of data/studies.csv.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of data/prisma.csv, with "line".
    studies : sequence of mapping
        Rows of data/studies.csv.
    """
    rows = [dict(row) | {"result_id": row["data"]} for row in rows]
    problems = [*_check_names(rows), *_check_numbers(rows)]
    by_name = {row["data"]: row for row in rows}
    counts = prisma_counts(rows)
    return [*problems, *_check_sums(counts, by_name), *_check_included(counts, by_name, studies)]


def _refuse(rule: str, problem: str, row: Row, **place: Any) -> Problem:
    return refuse(rule, problem, row, file=PRISMA, **place)


def _check_names(rows: Iterable[Row]) -> Iterator[Problem]:
    lines: dict[str, int] = {}
    for row in rows:
        name = row["data"]
        if name is None or name in HEADINGS:
            continue
        if name not in COUNTED:
            problem, expected = "the template has no such row", "a name of the template of PRISMA2020"
            yield _refuse("P01", problem, row, column="data", expected=expected, to_fix=did_you_mean(name, COUNTED))
        elif name in lines:
            problem, to_fix = f"this row stands in line {lines[name]} too", "Delete one of the two."
            yield _refuse("P01", problem, row, column="data", expected="each row once", to_fix=to_fix)
        lines.setdefault(name, row["line"])


def _check_numbers(rows: Iterable[Row]) -> Iterator[Problem]:
    for row in rows:
        if row["data"] not in COUNTED or count_in(row["data"], row["n"]) is not None:
            continue
        expected, to_fix = "a whole number without thousands marks, or a blank cell", "Count again, or leave it blank."
        if row["data"] in LISTS:
            expected += ', or "Reason, 10; Other reason, 3"'
        yield _refuse("P02", "this is not a count", row, column="n", expected=expected, to_fix=to_fix)


def _check_sums(counts: Mapping[str, Count], rows: Mapping[str, Row]) -> Iterator[Problem]:
    for balance, relation, expected in broken_balances(counts):
        terms = [("+", name) for name in balance.plus] + [("-", name) for name in balance.minus]
        known = [f"{sign} {name} {counts[name].n}" for sign, name in terms if counts[name].n is not None]
        lines = sorted(rows[name]["line"] for _, name in terms if name in rows)
        makes = " ".join(known).removeprefix("+ ")
        where = "line " if len(lines) == 1 else "lines "
        problem = f"{balance.result} is {counts[balance.result].n}, but {makes} makes {relation}{expected}"
        problem += f" ({where}{', '.join(map(str, lines))})"
        to_fix = "Count again; if the source prints it so, acknowledge it in data/acknowledged.csv."
        row = rows[balance.result]
        yield _refuse("P03", problem, row, column="n", expected=f"{relation}{expected}", to_fix=to_fix)
    studies, reports = counts["new_studies"].n, counts["new_reports"].n
    if studies is not None and reports is not None and studies > reports:
        problem = f"{studies} new_studies cannot have only {reports} new_reports (line {rows['new_reports']['line']})"
        to_fix = "Count again; a study has one report or more."
        yield _refuse("P03", problem, rows["new_studies"], column="n", expected=f"at most {reports}", to_fix=to_fix)


def _check_included(counts: Mapping[str, Count], rows: Mapping[str, Row], studies: Iterable[Row]) -> Iterator[Problem]:
    """Yield a doubt where the diagram ends with other studies than the table of studies holds."""
    included = [study for study in studies if study["status"] in INCLUDED]
    cohorts = {study["cohort_id"] for study in included}
    name = "total_studies" if counts["total_studies"].n is not None else "new_studies"
    is_whole = name == "total_studies" or not counts["previous_studies"].n
    # Several papers on the same people may be counted as one study.
    if not is_whole or counts[name].n in {None, len(included), len(cohorts)}:
        return
    problem = f"data/studies.csv includes {len(included)} studies of {len(cohorts)} cohorts"
    expected = " or ".join(map(str, dict.fromkeys([len(included), len(cohorts)])))
    to_fix = "Compare the two; acknowledge it if both are right."
    yield warn("P04", problem, rows[name], file=PRISMA, column="n", expected=expected, to_fix=to_fix)
