"""Work out the values of the variables of a formula: columns, categories and a short list of functions."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from repool.pooling.moderators.formula_grammar import FUNCTIONS, Variable, arithmetic

_ELEMENTWISE: dict[str, Callable] = {
    "I": lambda x: x, "log2": np.log2, "log10": np.log10, "exp": np.exp, "sqrt": np.sqrt, "abs": np.abs,
    "mean": np.mean, "median": np.median, "min": np.min, "max": np.max,
    "sd": lambda x: np.std(x, ddof=1),
    "scale": lambda x: (x - np.mean(x)) / np.std(x, ddof=1),
}  # fmt: skip
_OPERATORS: dict[type, Callable] = {
    ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.divide,
    ast.Pow: np.power, ast.USub: np.negative, ast.UAdd: np.positive,
}  # fmt: skip


@dataclass(frozen=True)
class Values:
    """The values of one variable, one row per effect.

    Attributes
    ----------
    numbers : numpy.ndarray of shape (k, m) or None
        Columns of a numeric variable (m = 1 but for poly); nan where blank.
    codes : numpy.ndarray of shape (k,) or None
        Position in `levels` of a categorical variable; -1 where blank.
    levels : tuple of str
        Categories in order; the first is the one the others are compared with.
    """

    numbers: np.ndarray | None
    codes: np.ndarray | None
    levels: tuple[str, ...]

    @property
    def blank(self) -> np.ndarray:
        """Which rows have no value."""
        return ~np.isfinite(self.numbers).all(axis=1) if self.codes is None else self.codes < 0


def values_of(
    variable: Variable, table: Mapping[str, Sequence], *, formula: str, levels: Mapping[str, Sequence[str]]
) -> Values:
    """Return the values of a variable of a formula.

    Parameters
    ----------
    variable : repool.pooling.moderators.formula_grammar.Variable
        What stands in the formula.
    table : mapping
        Name of a column -> its k values; a DataFrame will do.
    formula : str
        The whole formula, for messages.
    levels : mapping
        Name of a column -> its categories in order; others are found and sorted.

    Raises
    ------
    ValueError
        When a function meets words or blanks that it cannot take.
    """
    if variable.column:
        given = _given_levels(table, variable.column, levels)
        numbers = None if given is not None else _numbers(table[variable.column])
        return _categories(table[variable.column], given) if numbers is None else Values(numbers[:, None], None, ())
    tree, names = arithmetic(formula, variable)
    if variable.function in ("factor", "C", "relevel"):
        return _as_categories(tree, names, table, levels=levels, formula=formula)
    evaluate = _Evaluator(formula, names, table)
    with np.errstate(all="ignore"):
        numbers = np.asarray(evaluate(tree), dtype=float)
    rows = len(table[next(iter(table))])
    numbers = numbers if numbers.ndim == 2 else np.broadcast_to(numbers, rows)[:, None]
    sources = [_numbers(table[name]) for name in names.values()]
    blank = np.zeros(rows, dtype=bool) if not sources else np.any([np.isnan(x) for x in sources], axis=0)
    wrong = ~np.isfinite(numbers).all(axis=1) & ~blank
    if wrong.any():
        raise ValueError(
            f"formula {formula!r}: {variable.label} has no finite value in row {int(np.flatnonzero(wrong)[0]) + 1}; "
            "a mean over a column with blanks, a logarithm of 0 or a division by 0 has none"
        )
    return Values(numbers, None, ())


class _Evaluator:
    """Evaluates the tree of a function call; only what is listed above can be reached."""

    def __init__(self, formula: str, names: Mapping[str, str], table: Mapping[str, Sequence]) -> None:
        self.formula, self.names, self.table = formula, names, table

    def __call__(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
            return float(node.value)
        if isinstance(node, ast.Name) and node.id in self.names:
            numbers = _numbers(self.table[self.names[node.id]])
            if numbers is None:
                self.refuse(f"column {self.names[node.id]!r} holds words and cannot be calculated with")
            return numbers
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            return _OPERATORS[type(node.op)](self(node.left), self(node.right))
        if isinstance(node, ast.UnaryOp) and type(node.op) in _OPERATORS:
            return _OPERATORS[type(node.op)](self(node.operand))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return self.call(node.func.id, node)
        self.refuse("only + - * / ^, numbers, columns and functions may stand inside a function")

    def call(self, name: str, node: ast.Call) -> Any:
        words = {"log": ("x", "base"), "poly": ("x", "degree")}.get(name, ("x",))
        given = dict(zip(words, node.args, strict=False)) | {word.arg: word.value for word in node.keywords}
        if len(node.args) + len(node.keywords) > FUNCTIONS[name] or set(given) - set(words) or "x" not in given:
            self.refuse(f"{name}() takes {' and '.join(words)}")
        x = self(given["x"])
        if name == "poly":
            return _orthogonal(x, self(given["degree"]) if "degree" in given else 1.0, refuse=self.refuse)
        if name == "log":
            return np.log(x) / (math.log(self(given["base"])) if "base" in given else 1.0)
        return _ELEMENTWISE[name](x)

    def refuse(self, reason: str) -> None:
        raise ValueError(f"formula {self.formula!r}: {reason}")


def _orthogonal(x: Any, degree: float, *, refuse: Callable[[str], None]) -> np.ndarray:
    """Return orthogonal polynomials of unit length with positive leading coefficients.

    Kennedy & Gentle (1980), Statistical Computing, 342-347: the columns of a QR decomposition of
    powers of the centred values, signs turned so that the diagonal is positive.
    """
    x = np.asarray(x, dtype=float)
    unique = 0 if x.ndim != 1 else np.unique(x).size
    if not np.isfinite(x).all():
        refuse("poly() cannot take a column with blanks")
    if degree != int(degree) or not 1 <= degree < unique:
        refuse(f"the degree of poly() must be a whole number from 1 to {max(unique - 1, 1)}, one less than its values")
    q, r = np.linalg.qr(np.vander(x - x.mean(), int(degree) + 1, increasing=True))
    return (q * np.sign(np.diagonal(r)))[:, 1:]


def _as_categories(
    tree: ast.expr,
    names: Mapping[str, str],
    table: Mapping[str, Sequence],
    *,
    levels: Mapping[str, Sequence[str]],
    formula: str,
) -> Values:
    """Return factor(x), C(x) or relevel(x, ref = "level") as categories."""
    name, arguments = tree.func.id, list(tree.args) + [word.value for word in tree.keywords]
    inner = arguments[0] if arguments else None
    if name == "relevel" and isinstance(inner, ast.Call) and inner.func.id in ("factor", "C") and inner.args:
        inner = inner.args[0]
    if not isinstance(inner, ast.Name) or inner.id not in names or len(arguments) != (2 if name == "relevel" else 1):
        wanted = 'a column and a level, such as relevel(x, ref = "a")' if name == "relevel" else "one column"
        raise ValueError(f"formula {formula!r}: {name}() takes {wanted}")
    column = names[inner.id]
    found = _categories(table[column], _given_levels(table, column, levels))
    if name != "relevel":
        return found
    first = arguments[1].value if isinstance(arguments[1], ast.Constant) else None
    first = _word(first) if first is not None else ""
    if first not in found.levels:
        raise ValueError(f"formula {formula!r}: {column!r} has no level {first!r}; it has {', '.join(found.levels)}")
    return _categories(table[column], [first, *(level for level in found.levels if level != first)])


def _given_levels(table: Mapping, column: str, levels: Mapping[str, Sequence[str]]) -> list[str] | None:
    """Return the declared categories of a column, None when there are none."""
    declared = levels.get(column)
    if declared is None and hasattr(table[column], "cat"):
        declared = table[column].cat.categories
    return None if declared is None else [_word(level) for level in declared]


def _blank(value: Any) -> bool:
    """Whether a cell holds nothing: None, nan, pandas' NA or an empty text."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return True
    return type(value).__name__ in ("NAType", "NaTType") or (isinstance(value, float) and math.isnan(value))


def _numbers(column: Sequence) -> np.ndarray | None:
    """Return a column as numbers with nan for blanks, or None when it holds words."""
    found = []
    for value in column:
        if isinstance(value, bool | np.bool_):
            return None
        try:
            found.append(math.nan if _blank(value) else float(value))
        except (TypeError, ValueError):
            return None
    return np.array(found, dtype=float)


def _word(value: Any) -> str:
    """Return a category as R writes it: TRUE, and numbers with 15 digits."""
    if isinstance(value, bool | np.bool_):
        return "TRUE" if value else "FALSE"
    return f"{value:.15g}" if isinstance(value, int | float | np.number) else str(value)


def _categories(column: Sequence, levels: Sequence[str] | None) -> Values:
    """Return a column as categories: in the order given, else numbers by size and words by alphabet."""
    words = [None if _blank(value) else _word(value) for value in column]
    if levels is None:
        found = {word for word in words if word is not None}
        numbers = _numbers(sorted(found))
        levels = sorted(found) if numbers is None else sorted(found, key=lambda word: (float(word), word))
    unknown = sorted({word for word in words if word is not None} - set(levels))
    if unknown:
        raise ValueError(f"the value {unknown[0]!r} is not one of the declared levels: {', '.join(levels)}")
    place = {level: i for i, level in enumerate(levels)}
    codes = np.array([-1 if word is None else place[word] for word in words], dtype=int)
    return Values(None, codes, tuple(levels))
