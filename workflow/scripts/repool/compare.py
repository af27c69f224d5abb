"""Committed results against rebuilt ones: number by number, each number by the tolerance of its class.

===================  ==================================================================  =======================
class                what belongs to it                                                  equal when
===================  ==================================================================  =======================
exact                k, n, events, degrees of freedom, levels, ids, all words            the text is the same
closed form          yi, vi, sei and their best and worst cases, how far routes lie      1e-10 relative
                     apart, q and its p-value, times in months, standard deviations,
                     the interval of one study; all of a common-effect or
                     DerSimonian-Laird model; numbers of people that were shared out,
                     and so are no whole numbers
inputs               the numbers that went into an effect, ten digits each, by name      1e-8 relative
iterative            all else of REML and ML models, weights and moderators included;    1e-6 relative
                     the limits of tau2 (roots of the Q-profile); what result_tables.py
                     says of the examination, where ranks, sign tests, Mantel-Haenszel
                     and Peto are closed forms
engine difference    by how much two engines part: rounding noise by nature              1e-6 absolute
steps                steps that a search took: they say nothing on the result            always
===================  ==================================================================  =======================

A workbook is compared sheet by sheet, a Word file part by part: how an archive is packed says nothing of the results.
Other files without rows are compared as bytes, apart from reproduce.R, whose numbers are those of pooled.csv, and
provenance.json: the hash of a result that is equal within its tolerance may differ, for the bytes differ.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from repool import packed
from repool.differences import Difference, Verdict, bytes_differ, missing
from repool.result_tables import CLOSED_ESTIMATORS, is_closed_form, named

PROVENANCE = "results/provenance.json"
EXACT, CLOSED, ITERATIVE, NOISE, STEPS = "exact", "closed form", "iterative", "engine difference", "steps"
INPUTS, PACKING = "inputs", "packing of an archive"
#: Class -> largest relative difference; the absolute one for differences between engines.
TOLERANCES = {CLOSED: 1e-10, INPUTS: 1e-8, ITERATIVE: 1e-6, NOISE: 1e-6}
#: Below this, a relative difference is taken of this number: a logarithm of 1 may come out as 1e-17.
SMALLEST = 1e-6

_CLOSED = frozenset(
    {"yi", "vi", "sei", "q", "q_pval", "qe", "qe_pval", "time_months", "months_outside", "qe_del"}
    | {"mean_arm1", "sd_arm1", "mean_arm2", "sd_arm2"}
    | {"yi_best", "vi_best", "yi_worst", "vi_worst", "design_effect", "i2_from_q_percent"}
    | {"other_yi", "other_sei", "difference_in_se", "se_ratio"}
)
_OF_THE_MODEL = frozenset(
    {"estimate", "se", "statistic", "pval", "ci_lb", "ci_ub", "pi_lb", "pi_ub", "tau2", "tau", "i2_percent", "h2"}
    | {"estimate_exp", "ci_lb_exp", "ci_ub_exp", "pi_lb_exp", "pi_ub_exp", "qm", "qm_pval", "r2_percent"}
)
_PEOPLE = frozenset(
    {"n_arm1", "n_arm2", "n_total", "n_participants", "events_arm1", "events_arm2", "n_known", "n_used", "n_left_out"}
)
_ITERATIVE = frozenset(
    {"tau2_lb", "tau2_ub", "i2_lb", "i2_ub", "h2_lb", "h2_ub", "tau2_within", "weight_percent"}
    | {"permutation_pval", "permutation_qm_pval"}
)
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])")


def class_of(column: str, row: Mapping[str, Any]) -> str:
    """Return the class of a cell.

    Parameters
    ----------
    column : str
        Its column.
    row : mapping
        Its row: `method_tau2` tells closed forms from iterative ones, `yi` tells that it is of one study.

    Returns
    -------
    str
        A class of the table above; "exact" for columns that it does not name.
    """
    known = is_closed_form(column, row)
    if known is not None:
        return CLOSED if known else ITERATIVE
    if column in _CLOSED or (column in _PEOPLE and "." in row[column]):
        return CLOSED
    if column in _OF_THE_MODEL:
        return CLOSED if row.get("method_tau2") in CLOSED_ESTIMATORS or "yi" in row else ITERATIVE
    if column in _ITERATIVE:
        return ITERATIVE
    # Satterthwaite's degrees of freedom are no count.
    if column == "df" and row.get("ci_method") == "cluster_robust":
        return ITERATIVE
    return {"second_engine_difference": NOISE, "iterations": STEPS, "inputs": INPUTS}.get(column, EXACT)


def is_near(committed: str, rebuilt: str, kind: str) -> bool:
    """Return whether two cells that are not the same text are equal within the tolerance of their class."""
    if kind == STEPS:
        return True
    if kind not in TOLERANCES:
        return False
    if kind == INPUTS:
        pairs = [[part.partition("=") for part in cell.split(";")] for cell in (committed, rebuilt)]
        if [name for name, _, _ in pairs[0]] != [name for name, _, _ in pairs[1]]:
            return False
        values = zip(*([value for _, _, value in part] for part in pairs), strict=True)
        return all(_near(*both, kind) for both in values)
    return _near(committed, rebuilt, kind)


def _near(committed: str, rebuilt: str, kind: str) -> bool:
    """Return whether two numbers are equal within the tolerance of their class."""
    try:
        first, second = float(committed), float(rebuilt)
    except ValueError:
        return False
    scale = 1.0 if kind == NOISE else max(abs(first), abs(second), SMALLEST)
    return abs(first - second) <= TOLERANCES[kind] * scale


def compare_results(committed: Mapping[str, bytes], rebuilt: Mapping[str, bytes]) -> list[Verdict]:
    """Compare two sets of results.

    Parameters
    ----------
    committed, rebuilt : mapping
        File, such as "results/report.html" -> its bytes.

    Returns
    -------
    list of Verdict
        One per file of either, sorted by name.
    """
    names = sorted({*committed, *rebuilt} - {PROVENANCE})
    verdicts = [_compare_file(name, committed.get(name), rebuilt.get(name)) for name in names]
    if PROVENANCE in committed or PROVENANCE in rebuilt:
        excused = {verdict.file for verdict in verdicts if verdict.state == "within tolerance"}
        verdicts.append(_compare_provenance(committed.get(PROVENANCE), rebuilt.get(PROVENANCE), excused))
    return sorted(verdicts, key=lambda verdict: verdict.file)


def _compare_file(name: str, committed: bytes | None, rebuilt: bytes | None) -> Verdict:
    if committed == rebuilt:
        return Verdict(file=name, differences=(), near={})
    whole = missing(name, committed, rebuilt)
    if whole:
        return Verdict(file=name, differences=whole, near={})
    suffix = PurePosixPath(name).suffix
    if suffix == ".csv":
        return _compare_rows(name, _csv_rows(committed), _csv_rows(rebuilt))
    if suffix == ".json":
        return _compare_rows(name, _json_rows(committed), _json_rows(rebuilt))
    if suffix in {".xlsx", ".docx"}:
        return _compare_packed(name, committed, rebuilt)
    if suffix == ".R":
        return _compare_script(name, committed.decode("utf-8"), rebuilt.decode("utf-8"))
    return Verdict(file=name, differences=(bytes_differ(name, committed, rebuilt),), near={})


def _csv_rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def _json_rows(content: bytes) -> list[dict[str, str]]:
    return [{key: "" if value is None else str(value) for key, value in row.items()} for row in json.loads(content)]


def _compare_rows(name: str, committed: list[dict[str, str]], rebuilt: list[dict[str, str]]) -> Verdict:
    differences, near = _row_differences(name, committed, rebuilt)
    if not differences and not near:
        differences.append(Difference(file=name, committed="the same cells", rebuilt="written in other bytes"))
    return Verdict(file=name, differences=tuple(differences), near=near)


def _row_differences(
    name: str, committed: list[dict[str, str]], rebuilt: list[dict[str, str]], *, sheet: str = ""
) -> tuple[list[Difference], Counter[str]]:
    """Return what differs between two tables, and how many cells are equal only within their tolerance."""
    old, new = named(committed), named(rebuilt)
    differences, near = [], Counter()
    for row in [*old, *(row for row in new if row not in old)]:
        if row not in old or row not in new:
            first, second = ("no such row", "a row") if row not in old else ("a row", "no such row")
            differences.append(Difference(file=name, row=f"{sheet}{row}", committed=first, rebuilt=second))
            continue
        for column, first, second in _unequal_cells(old[row], new[row]):
            kind = class_of(column, new[row])
            if is_near(first, second, kind):
                near[kind] += 1
                continue
            cell = {"row": f"{sheet}{row}", "column": column, "committed": first, "rebuilt": second}
            differences.append(Difference(file=name, **cell))
    if not differences and list(old) != list(new):
        order = {"committed": "rows in one order", "rebuilt": "the same rows in another"}
        differences.append(Difference(file=name, row=sheet, **order))
    return differences, near


def _compare_packed(name: str, committed: bytes, rebuilt: bytes) -> Verdict:
    """Compare what two archives hold; the numbers of a workbook by their classes."""
    if not (packed.is_whole(committed) and packed.is_whole(rebuilt)):
        return Verdict(file=name, differences=(bytes_differ(name, committed, rebuilt),), near={})
    if packed.members(committed) == packed.members(rebuilt):
        return Verdict(file=name, differences=(), near={PACKING: 1})
    differences, near = [], Counter()
    if name.endswith(".xlsx"):
        old, new = packed.sheets(committed), packed.sheets(rebuilt)
        for sheet in dict.fromkeys([*old, *new]):
            found = _row_differences(name, old.get(sheet, []), new.get(sheet, []), sheet=f"{sheet}: ")
            differences, near = differences + found[0], near + found[1]
    if not differences and not near:
        differences.append(bytes_differ(name, committed, rebuilt))
    return Verdict(file=name, differences=tuple(differences), near=near)


def _unequal_cells(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for column in [*old, *(column for column in new if column not in old)]:
        first, second = old.get(column, "no such column"), new.get(column, "no such column")
        if first != second:
            yield column, first, second


def _compare_script(name: str, committed: str, rebuilt: str) -> Verdict:
    """Compare the words of a script, and its numbers as those of an iterative model."""
    differences, near = [], Counter()
    old, new = committed.splitlines(), rebuilt.splitlines()
    if len(old) != len(new):
        return Verdict(
            file=name,
            differences=(Difference(file=name, committed=f"{len(old)} lines", rebuilt=f"{len(new)} lines"),),
            near={},
        )
    for number, (first, second) in enumerate(zip(old, new, strict=True), start=1):
        if first == second:
            continue
        pairs = list(zip(_NUMBER.findall(first), _NUMBER.findall(second), strict=False))
        same_words = _NUMBER.sub("#", first) == _NUMBER.sub("#", second)
        if same_words and all(a == b or is_near(a, b, ITERATIVE) for a, b in pairs):
            near[ITERATIVE] += sum(a != b for a, b in pairs)
        else:
            differences.append(
                Difference(file=name, row=f"line {number}", committed=first.strip(), rebuilt=second.strip())
            )
    return Verdict(file=name, differences=tuple(differences), near=near)


def _compare_provenance(committed: bytes | None, rebuilt: bytes | None, excused: set[str]) -> Verdict:
    if committed == rebuilt:
        return Verdict(file=PROVENANCE, differences=(), near={})
    if whole := missing(PROVENANCE, committed, rebuilt):
        return Verdict(file=PROVENANCE, differences=whole, near={})
    old, new = json.loads(committed), json.loads(rebuilt)
    differences, near = [], Counter()
    for part in sorted({*old, *new}):
        for entry, first, second in _unequal_cells(old.get(part, {}), new.get(part, {})):
            if part == "results" and entry in excused:
                near["hash of a result within tolerance"] += 1
            else:
                differences.append(Difference(file=PROVENANCE, row=part, column=entry, committed=first, rebuilt=second))
    return Verdict(file=PROVENANCE, differences=tuple(differences), near=near)
