"""Read a model formula such as ``~ ablat + year`` as data: no part of it is ever run as code."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import NoReturn

#: Functions that may stand in a formula, with how many arguments they take at most.
FUNCTIONS = {
    "I": 1, "factor": 1, "C": 1, "relevel": 2, "poly": 2, "scale": 1,
    "log": 2, "log2": 1, "log10": 1, "exp": 1, "sqrt": 1, "abs": 1,
    "mean": 1, "median": 1, "min": 1, "max": 1, "sd": 1,
}  # fmt: skip

#: Functions that make words of a column; they cannot stand inside arithmetic.
WORD_FUNCTIONS = ("factor", "C", "relevel")

#: Highest power of a bracket, ``(a + b)^2``: more would cross more terms than any review has studies.
LARGEST_POWER = 5

#: A formula longer than this is a mistake.
LONGEST = 2000

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[^\W\d][\w.]*|\.[^\W\d][\w.]*)"
    r"|`(?P<quoted>[^`]+)`|\"(?P<double>[^\"\\]*)\"|'(?P<single>[^'\\]*)'|(?P<sign>[-~+*/:^(),=]))"
)
_ALLOWED = "column names, numbers, + - * : ^ ( ) and the functions " + ", ".join(FUNCTIONS)


@dataclass(frozen=True)
class Token:
    """One word of a formula: kind is name, number, text or sign."""

    kind: str
    text: str


@dataclass(frozen=True)
class Variable:
    """A column, or a function of columns, that enters a model.

    Attributes
    ----------
    label : str
        As R prints it, such as "ablat" or "I(year - 1990)".
    column : str
        Name of the column, "" for a function.
    function : str
        Name of the function, "" for a plain column.
    tokens : tuple of Token
        Words between the brackets of the function.
    """

    label: str
    column: str
    function: str
    tokens: tuple[Token, ...]


@dataclass(frozen=True)
class Terms:
    """The terms of a formula in the order of R, each a tuple of positions in `variables`."""

    variables: tuple[Variable, ...]
    terms: tuple[tuple[int, ...], ...]
    intercept: bool


def read_formula(formula: str, *, columns: Collection[str]) -> Terms:
    """Return the terms of a formula, every name in it checked.

    Parameters
    ----------
    formula : str
        One-sided, such as ``~ ablat * alloc``, ``~ factor(school) - 1`` or ``~ I(year - 1990)``.
    columns : collection of str
        Names that may stand in it.

    Returns
    -------
    Terms
        Main effects first, then two-way interactions and so on, each without repeats.

    Raises
    ------
    ValueError
        When a word of the formula is not allowed, a column does not exist, or brackets do not match.

    Notes
    -----
    Wilkinson & Rogers (1973), J R Stat Soc C 22, 392-399; expanded by the library formulaic.
    """
    tokens = _tokens(formula)
    if not tokens or tokens[0] != Token("sign", "~"):
        _refuse(formula, "it must begin with ~, such as ~ year")
    _check_brackets(formula, tokens)
    variables, skeleton = _skeleton(formula, tokens[1:], list(columns))
    return _expanded(formula, variables, skeleton)


def arithmetic(formula: str, variable: Variable) -> tuple[ast.expr, dict[str, str]]:
    """Return the checked expression inside a function, and which column each of its names stands for.

    Parameters
    ----------
    formula : str
        The whole formula, for the message.
    variable : Variable
        A function of columns.

    Returns
    -------
    tree : ast.expr
        The call as a tree of names, numbers, operators and calls, for `formula_values`.
    names : dict
        Name in the tree -> column.
    """
    names: dict[str, str] = {}
    words = []
    for i, token in enumerate(variable.tokens):
        following = variable.tokens[i + 1] if i + 1 < len(variable.tokens) else Token("sign", "")
        plain = token.kind == "name" and following.text not in ("(", "=")
        if plain:
            name = f"column{len(names)}"
            names[name] = token.text
        words.append(name if plain else repr(token.text) if token.kind == "text" else token.text.replace("^", "**"))
    try:
        tree = ast.parse(f"{variable.function}({' '.join(words)})", mode="eval").body
    except (SyntaxError, ValueError, RecursionError):
        _refuse(formula, f"{variable.label!r} cannot be read")
    return tree, names


def _tokens(formula: str) -> list[Token]:
    """Return the words of a formula, or refuse the first that is not allowed."""
    if len(formula) > LONGEST:
        _refuse(formula[:40] + "...", f"it is longer than {LONGEST} characters")
    tokens, place, text = [], 0, formula.rstrip()
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            _refuse(formula, f"{text[place:].split()[0]!r} is not allowed; only {_ALLOWED}")
        kind = {"quoted": "name", "double": "text", "single": "text"}.get(found.lastgroup, found.lastgroup)
        tokens.append(Token(kind, found.group(found.lastgroup)))
        place = found.end()
    return tokens


def _skeleton(formula: str, tokens: list[Token], columns: list[str]) -> tuple[list[Variable], list[str]]:
    """Return the variables of a formula, and its words with v0, v1 ... in their places."""
    variables: list[Variable] = []
    skeleton, i, before = [], 0, ""
    while i < len(tokens):
        token, end = tokens[i], i + 1
        if token.kind == "name":
            if end < len(tokens) and tokens[end].text == "(" and tokens[end].kind == "sign":
                end = _closing(formula, tokens, end) + 1
            variable = _variable(formula, tokens[i:end], columns)
            labels = [known.label for known in variables]
            if variable.label not in labels:
                variables.append(variable)
            skeleton.append(f"v{[known.label for known in variables].index(variable.label)}")
        else:
            _check_outside(formula, token, before)
            skeleton.append(token.text)
        before, i = token.text, end
    return variables, skeleton


def _check_brackets(formula: str, tokens: list[Token]) -> None:
    """Refuse brackets that are not closed, or closed before they open."""
    depth = 0
    for token in tokens:
        depth += {"(": 1, ")": -1}.get(token.text, 0) if token.kind == "sign" else 0
        if depth < 0:
            _refuse(formula, "a bracket is closed that was not opened")
    if depth:
        _refuse(formula, "a bracket is not closed")


def _check_outside(formula: str, token: Token, before: str) -> None:
    """Refuse what must not stand outside a function."""
    if token.kind == "number":
        if before == "^" and token.text.isdigit() and 1 <= int(token.text) <= LARGEST_POWER:
            return
        if token.text in ("0", "1") and before != "^":
            return
        hint = (
            f"a power must be 1 to {LARGEST_POWER}"
            if before == "^"
            else "numbers stand inside I(), such as I(year-1990)"
        )
        _refuse(formula, f"{token.text!r} is not allowed there; {hint}")
    if token.kind == "text" or token.text in "~/,=":
        _refuse(formula, f"{token.text!r} is not allowed there; only {_ALLOWED}")
    if token.text == "*" and before == "*":
        _refuse(formula, "'**' is not allowed; write a power as ^")


def _closing(formula: str, tokens: list[Token], opening: int) -> int:
    """Return where the bracket that opens there closes."""
    depth = 0
    for i in range(opening, len(tokens)):
        if tokens[i].kind == "sign":
            depth += {"(": 1, ")": -1}.get(tokens[i].text, 0)
        if depth == 0:
            break
    return i


def _variable(formula: str, tokens: list[Token], columns: list[str]) -> Variable:
    """Return a column or a function of columns, its names checked."""
    if len(tokens) == 1:
        _check_column(formula, tokens[0].text, columns)
        return Variable(tokens[0].text, tokens[0].text, "", ())
    inside = tokens[2:-1]
    for i, token in enumerate(tokens):
        following = tokens[i + 1].text if i + 1 < len(tokens) else ""
        if token.kind == "name" and following == "(":
            if token.text not in FUNCTIONS:
                _refuse(formula, f"the function {token.text!r} is not allowed; only {', '.join(FUNCTIONS)}")
            if i > 0 and token.text in WORD_FUNCTIONS and tokens[0].text != "relevel":
                _refuse(formula, f"{token.text!r} cannot stand inside {tokens[0].text}()")
        elif token.kind == "name" and following != "=":
            _check_column(formula, token.text, columns)
        elif token.kind == "sign" and token.text in "~:":
            _refuse(formula, f"{token.text!r} is not allowed inside {tokens[0].text}()")
    return Variable(_written(tokens), "", tokens[0].text, tuple(inside))


def _check_column(formula: str, name: str, columns: list[str]) -> None:
    """Refuse a name that is no column, and offer the nearest one."""
    if name in columns:
        return
    from difflib import get_close_matches

    near = get_close_matches(name, columns, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(sorted(columns)) or 'none'}"
    _refuse(formula, f"there is no column {name!r}; {hint}")


def _written(tokens: list[Token]) -> str:
    """Return a function call as R writes it: no blanks around ^ and /, one around + - * =."""
    text, before = "", Token("sign", "(")
    for token in tokens:
        unary = token.text in "+-" and before.kind == "sign" and before.text != ")"
        if token.kind == "text":
            text += f'"{token.text}"'
        elif token.kind == "number":
            text += f"{float(token.text):.15g}"
        elif token.kind == "sign" and token.text in "+-*=" and not unary:
            text += f" {token.text} "
        else:
            text += ", " if token.text == "," and token.kind == "sign" else token.text
        before = token
    return text


def _expanded(formula: str, variables: list[Variable], skeleton: list[str]) -> Terms:
    """Return the terms that the crossings and brackets of a formula stand for."""
    from formulaic import Formula
    from formulaic.errors import FormulaicError

    try:
        found = list(Formula(" ".join(skeleton) or "1"))
    except (FormulaicError, SyntaxError, ValueError, TypeError, RecursionError, AttributeError) as error:
        reason = re.sub(r"v(\d+)", lambda found: variables[int(found.group(1))].label, str(error).splitlines()[0])
        raise ValueError(f"formula {formula!r} cannot be read: {reason}") from error
    terms, intercept = [], False
    for term in found:
        words = [str(factor) for factor in term.factors]
        intercept = intercept or words == ["1"]
        term = tuple(sorted({int(word[1:]) for word in words if word.startswith("v")}))
        if term and term not in terms:
            terms.append(term)
    # Main effects before interactions, else in the order written: as R lists them.
    return Terms(tuple(variables), tuple(sorted(terms, key=len)), intercept)


def _refuse(formula: str, reason: str) -> NoReturn:
    raise ValueError(f"formula {formula!r}: {reason}")
