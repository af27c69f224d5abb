"""Turn a formula such as ``~ ablat + alloc`` into the design matrix of a meta-regression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from repool.pooling.moderators.formula_grammar import Terms, read_formula
from repool.pooling.moderators.formula_values import Values, values_of

#: Name of the first coefficient, here and in metafor.
INTERCEPT, R_INTERCEPT = "intercept", "intrcpt"

#: A column of which less than this share is left when the columns before it are taken out is
#: redundant: the tolerance of R's lm(), which metafor asks.
REDUNDANT = 1e-7

#: A column nearer to 1 than this everywhere is an intercept, as in metafor.
NEAR_ONE = 1e-8


@dataclass(frozen=True)
class Design:
    """A design matrix with the names of its columns and what was left out.

    Attributes
    ----------
    matrix : numpy.ndarray of shape (k, p)
        One row per effect with all moderators, the intercept first where there is one.
    names, r_names : tuple of str
        Columns in plain words ("alloc: random") and as R names them ("allocrandom").
    terms : tuple of str
        The term each column belongs to, such as "alloc"; "intercept" for the first.
    intercept : bool
        Whether the first column is one.
    kept : numpy.ndarray of shape (rows,), boolean
        Which rows of the table have all moderators.
    missing : dict
        Row of the table (from 0) -> variables that are blank there.
    references : tuple of str
        In words, with which level the others are compared.
    redundant : tuple of str
        Columns left out because those before them carry the same information.
    """

    matrix: np.ndarray
    names: tuple[str, ...]
    r_names: tuple[str, ...]
    terms: tuple[str, ...]
    intercept: bool
    kept: np.ndarray
    missing: dict[int, tuple[str, ...]]
    references: tuple[str, ...]
    redundant: tuple[str, ...]


@dataclass(frozen=True)
class _Column:
    """One column before rows are left out."""

    values: np.ndarray
    name: str
    r_name: str
    term: str


def design_from_formula(
    table: Mapping[str, Sequence],
    formula: str,
    *,
    levels: Mapping[str, Sequence[str]],
    usable: Sequence[bool] | None,
) -> Design:
    """Return the design matrix of a formula.

    Parameters
    ----------
    table : mapping
        Name of a column -> its values, one per effect; a DataFrame will do. Values are numbers
        (or numbers written as text) or words; None, nan and "" are blank.
    formula : str
        Such as ``~ ablat + year``, ``~ alloc - 1``, ``~ I(year - 1990) * factor(school)``; see
        `repool.pooling.moderators.formula_grammar.FUNCTIONS` for what else may stand in it.
    levels : mapping
        Name of a column -> its categories in order, the one to compare with first. A column that
        is not named here is taken in the order of its own categories, else sorted.
    usable : sequence of bool or None
        Which rows have an effect at all; None for every row. Others are left out without a word,
        but a mean in the formula counts them, as in R.

    Returns
    -------
    Design
        The matrix, its names, and what was left out.

    Raises
    ------
    ValueError
        When the formula is not allowed, a column does not exist, or no row has all moderators.

    Notes
    -----
    Treatment coding; a category whose margin is not in the model gets a column for every level:
    Chambers & Hastie (1992), Statistical Models in S, page 38, as in R's model.matrix.
    """
    read = read_formula(formula, columns=list(table))
    values = [values_of(variable, table, formula=formula, levels=levels) for variable in read.variables]
    rows = len(table[next(iter(table))]) if len(list(table)) else 0
    usable = np.ones(rows, dtype=bool) if usable is None else np.asarray(usable, dtype=bool)
    used = sorted({i for term in read.terms for i in term})
    blank = {read.variables[i].label: values[i].blank for i in used}
    kept = usable & ~np.any([np.zeros(rows, dtype=bool), *blank.values()], axis=0)
    missing = {
        int(row): tuple(label for label, holes in blank.items() if holes[row]) for row in np.flatnonzero(usable & ~kept)
    }
    if not kept.any():
        raise ValueError(f"formula {formula!r}: no row has a value of every moderator")
    columns = [_Column(np.ones(rows), INTERCEPT, R_INTERCEPT, INTERCEPT)] if read.intercept else []
    for position in range(len(read.terms)):
        columns += _term_columns(read, values, position)
    references = tuple(_reference(read, values, i) for i in used if values[i].codes is not None)
    return _finished(columns, formula=formula, kept=kept, missing=missing, references=references)


def _finished(
    columns: list[_Column], *, formula: str, kept: np.ndarray, missing: dict, references: tuple[str, ...]
) -> Design:
    """Return the design without blank rows and redundant columns, the intercept first."""
    if not columns:
        raise ValueError(f"formula {formula!r}: nothing is left of it; ~ 1 stands for a mean alone")
    matrix = np.column_stack([column.values[kept] for column in columns])
    keep = _independent(matrix)
    redundant = tuple(column.name for i, column in enumerate(columns) if i not in keep)
    ones = [i for i in keep if np.all(np.abs(matrix[:, i] - 1.0) < NEAR_ONE)]
    order = ones[:1] + [i for i in keep if i not in ones]
    chosen = [columns[i] for i in order]
    names, r_names = [column.name for column in chosen], [column.r_name for column in chosen]
    terms = [column.term for column in chosen]
    if ones:
        names[0], r_names[0], terms[0] = INTERCEPT, R_INTERCEPT, INTERCEPT
    parts = {"names": tuple(names), "r_names": tuple(r_names), "terms": tuple(terms), "references": references}
    return Design(matrix[:, order], intercept=bool(ones), kept=kept, missing=missing, redundant=redundant, **parts)


def _independent(matrix: np.ndarray) -> list[int]:
    """Return the columns that are not combinations of those before them."""
    keep: list[int] = []
    basis = np.zeros((len(matrix), 0))
    for i, column in enumerate(matrix.T):
        length = float(np.linalg.norm(column))
        rest = column / length if length > 0 else column
        # Twice: one pass leaves rounding of the size that is being looked for.
        for _ in range(2):
            rest = rest - basis @ (basis.T @ rest)
        left = float(np.linalg.norm(rest))
        if left > REDUNDANT:
            keep.append(i)
            basis = np.column_stack([basis, rest / left])
    return keep


def _term_columns(read: Terms, values: list[Values], position: int) -> list[_Column]:
    """Return the columns of a term: of every combination of its variables, the first running fastest."""
    term = read.terms[position]
    label = ":".join(read.variables[i].label for i in term)
    columns = [_Column(np.ones(1), "", "", label)]
    for i in term:
        parts = _variable_columns(
            read.variables[i].label, values[i], every_level=_every_level(read, values, position, i)
        )
        columns = [
            _Column(
                left.values * right.values,
                f"{left.name} x {right.name}".removeprefix(" x "),
                f"{left.r_name}:{right.r_name}".removeprefix(":"),
                label,
            )
            for right in parts
            for left in columns
        ]
    return columns


def _every_level(read: Terms, values: list[Values], position: int, variable: int) -> bool:
    """Whether a category gets a column for every level, because nothing before carries its margin."""
    if values[variable].codes is None:
        return False
    margin = set(read.terms[position]) - {variable}
    marginal = bool(margin) and not any(margin <= set(term) for term in read.terms[:position])
    # Without an intercept the first category of the formula stands in for it.
    categorical = [(p, i) for p, term in enumerate(read.terms) for i in term if values[i].codes is not None]
    return marginal or (not read.intercept and categorical[0] == (position, variable))


def _variable_columns(label: str, values: Values, *, every_level: bool) -> list[_Column]:
    """Return the columns of one variable."""
    if values.codes is not None:
        first = 0 if every_level else 1
        return [
            _Column((values.codes == i).astype(float), f"{label}: {level}", f"{label}{level}", label)
            for i, level in list(enumerate(values.levels))[first:]
        ]
    if values.numbers.shape[1] == 1:
        return [_Column(values.numbers[:, 0], label, label, label)]
    return [
        _Column(column, f"{label}: {i}", f"{label}{i}", label) for i, column in enumerate(values.numbers.T, start=1)
    ]


def _reference(read: Terms, values: list[Values], variable: int) -> str:
    """Return in words with which level the others of a category are compared."""
    label, levels = read.variables[variable].label, values[variable].levels
    first = next(position for position, term in enumerate(read.terms) if variable in term)
    if _every_level(read, values, first, variable):
        return f"{label}: one coefficient for each level"
    return f"{label}: always {levels[0]}" if len(levels) == 1 else f"{label}: compared with {levels[0]}"
