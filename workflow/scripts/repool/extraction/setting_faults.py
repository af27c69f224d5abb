"""Faults of config/review.yaml in words, the same for every setting."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from repool.problems import Problem, did_you_mean, fault

REVIEW_FILE = "config/review.yaml"
LOOK_UP = "docs/configuration.md says what is allowed."


def unknown_setting(path: str, key: str, known: Iterable[str]) -> Problem:
    """Return the fault of a key that is no setting."""
    expected = "a known setting"
    return _of(path, "S02", key, f'"{key}" is not a setting', expected, did_you_mean(key, list(known)))


def missing_setting(path: str) -> Problem:
    """Return the fault of a key that is not there."""
    expected = "every setting written down; no statistical choice has a hidden default"
    return _of(path, "S03", "", "this setting is missing", expected, f"Add it; {LOOK_UP}")


def not_allowed(path: str, value: Any, allowed: Iterable[Any]) -> Problem:
    """Return the fault of a value that is not among the allowed ones."""
    words = [str(word) for word in allowed]
    expected = "one of " + ", ".join(words)
    return _of(path, "S04", str(value), "this value is not allowed", expected, did_you_mean(str(value), words))


def wrong_value(path: str, value: Any, problem: str, expected: str) -> Problem:
    """Return the fault of a value of the wrong kind or out of range."""
    return _of(path, "S05", str(value), problem, expected, f"Correct the value; {LOOK_UP}")


def contradiction(path: str, found: Any, problem: str, expected: str, to_fix: str) -> Problem:
    """Return the fault of a setting that goes against another, or names what does not exist."""
    return _of(path, "S06", str(found), problem, expected, to_fix)


def _of(path: str, rule: str, found: str, problem: str, expected: str, to_fix: str) -> Problem:
    return fault(rule, problem, file=REVIEW_FILE, column=path, found=found, expected=expected, to_fix=to_fix)
