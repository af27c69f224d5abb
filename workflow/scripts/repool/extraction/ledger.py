"""The ledger: what became of every extracted row and of its people, and the check that nothing was lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from repool.extraction.arms_of_trials import SPLIT

Row = Mapping[str, Any]

#: Words for people that the ledger repeats.
PRINTED = ("verbatim", "source", "locator")
#: Numbers of people: as typed, and with this ending as they are handed on.
PEOPLE = ("n_arm1", "n_arm2", "n_total")
AFTER = "_harmonised"
#: Columns of results/harmonised/ledger.csv.
LEDGER = [
    *("study_id", "result_id", "term", "outcome", "time_months", "fate", "reason", "warnings", "unit"),
    *(*PEOPLE, *(f"{name}{AFTER}" for name in PEOPLE)),
    *PRINTED,
]
#: What becomes of a row as typed: handed on as it is, in another unit, or not at all.
FATES_OF_ROWS = ("kept", "converted", "dropped")
#: What a row made from others is: a part of one, or several as one.
FATES_OF_VARIANTS = ("split", "merged")


def entry(shared: Row, fate: str, reason: str, *, typed: Row, after: Row) -> dict[str, Any]:
    """Return one line of the ledger, without warnings and printed words.

    Parameters
    ----------
    shared : mapping
        Columns that the ledger and the harmonised table share.
    fate, reason : str
        What became of the row, and why.
    typed, after : mapping
        The row as typed and as it is handed on; empty where there is none.
    """
    people = {name: typed.get(name) for name in PEOPLE} | {f"{name}{AFTER}": after.get(name) for name in PEOPLE}
    return {**shared, "fate": fate, "reason": reason, "unit": typed.get("unit"), **people}


def variant_entries(made: Iterable[Row], entries: Iterable[Row]) -> list[dict[str, Any]]:
    """Return the lines of rows that were made from others.

    Parameters
    ----------
    made : iterable of mapping
        Harmonised rows with "variant" and "made_from".
    entries : iterable of mapping
        Lines of the ledger of the rows that they were made from, for their printed words.
    """
    printed = {line["result_id"]: line for line in entries}
    lines = []
    for row in made:
        origins = row["made_from"].split(";")
        shared = {name: row[name] for name in ("study_id", "result_id", "term", "outcome", "time_months")}
        if row["variant"] == SPLIT:
            fate, reason = "split", f"split from {origins[0]}: an equal part of each arm that other contrasts use too"
        else:
            fate, reason = "merged", f"{' and '.join(origins)} merged into one contrast"
        first = printed[origins[0]]
        words = {name: "; ".join(dict.fromkeys(str(printed[o][name] or "") for o in origins)) for name in PRINTED}
        line = entry(shared, fate, reason, typed={"unit": first["unit"]}, after=row)
        lines.append(line | {"warnings": first["warnings"]} | words)
    return lines


def check_ledger(extraction: Mapping[str, list[Row]], harmonised: Mapping[str, list[Row]], ledger: list[Row]) -> None:
    """Check that every row and its people are accounted for, once.

    Parameters
    ----------
    extraction, harmonised : mapping
        study_id -> rows as typed, and as they are handed on.
    ledger : list of mapping
        The ledger.

    Raises
    ------
    ValueError
        Where a row is missing or stands twice, or its people changed though nothing was to change them.
    """
    typed = [(study, row["result_id"]) for study, rows in extraction.items() for row in rows]
    told = [(line["study_id"], line["result_id"]) for line in ledger if line["fate"] in FATES_OF_ROWS]
    if sorted(typed) != sorted(told):
        raise ValueError(f"the ledger does not tell of each typed row once: {_differences(typed, told)}")
    on = [(study, row["result_id"]) for study, rows in harmonised.items() for row in rows]
    handed = [(line["study_id"], line["result_id"]) for line in ledger if line["fate"] != "dropped"]
    if sorted(on) != sorted(handed):
        raise ValueError(f"the ledger does not tell of each row that is handed on once: {_differences(on, handed)}")
    for line in ledger:
        if line["fate"] in {"kept", "converted"}:
            lost = [name for name in PEOPLE if line[name] != line[f"{name}{AFTER}"]]
            if lost:
                raise ValueError(f"{line['result_id']}: {', '.join(lost)} changed on the way")


def _differences(one: list[tuple[str, str]], other: list[tuple[str, str]]) -> str:
    names = sorted({name for name in [*one, *other] if one.count(name) != 1 or other.count(name) != 1})
    return ", ".join(result_id for _, result_id in names[:5])
