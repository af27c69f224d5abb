"""The tables of results: what names a row, and which numbers of the examination are closed forms.

A table of the examination is known by one column that no other table has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

Row = Mapping[str, str]

#: Columns that name a row, where a table has them.
_KEYS = (
    *("analysis", "study_id", "cohort_id", "result_id", "vote_id", "ladder_step"),
    *("reading", "model", "term", "left_out", "route", "measure", "file", "line", "column", "rule"),
    *("tool", "domain"),
)
#: Estimators of the between-study variance that are closed forms; all others are the end of a search.
CLOSED_ESTIMATORS = frozenset({"DL", "HE", "HS", "HSk", "SJ", "none"})
_FITTED = frozenset({"estimate", "se", "statistic", "pval", "ci_lb", "ci_ub", "pi_lb", "pi_ub", "tau2"})
_LIMITS = frozenset({"estimate", "lb", "ub"})
#: People per 1000, from an effect that is the end of a search where its model is.
_PER_1000 = frozenset(
    f"{name}_per_1000"
    for name in (
        *("baseline_risk", "risk", "risk_lb", "risk_ub", "risk_pi_lb", "risk_pi_ub"),
        *("difference", "difference_lb", "difference_ub", "difference_pi_lb", "difference_pi_ub"),
    )
)
_QUANTILES = frozenset({"mean", "sd", "minimum", "q05", "q25", "median", "q75", "q95", "maximum"})
_EDGES = frozenset({"estimate_lb", "estimate_ub", "i2_lb", "i2_ub"})
_SIGN_TESTS = frozenset({"proportion", "ci_lb", "ci_ub", "statistic"})
_ONE_SIDED = frozenset({"pval_two_sided", "pval_favours_arm1", "pval_favours_arm2"})
#: Further intervals that are closed forms where the estimator is.
_CLOSED_INTERVALS = frozenset({"wald", "t", "knapp_hartung", "knapp_hartung_floored"})
#: Tests and corrections for missing evidence that use no between-study variance: ranks, straight lines, sums of z.
_CLOSED_TESTS = frozenset({"begg", "rosenthal", "rosenberg", "macaskill", "peters", "harbord", "deeks"})
#: Those that are a straight line if the setting says so, or else a model with a between-study variance.
_LINES = frozenset({"egger", "pustejovsky_rodgers", "pet", "peese", "pet_peese"})


def _always(row: Row) -> bool:
    return True


def _never(row: Row) -> bool:
    return False


def _by_estimator(row: Row) -> bool:
    return row.get("method_tau2", "") in CLOSED_ESTIMATORS


def _by_interval(row: Row) -> bool:
    # Limits of a mean or of a new study need a distribution alone; those of the variance are searched for.
    simple = (
        row.get("method", "") in _CLOSED_INTERVALS
        if row.get("quantity", "") == "mean"
        else row.get("quantity", "") == "prediction"
    )
    return simple and _by_estimator(row)


def _by_model_of_counts(row: Row) -> bool:
    return row.get("method", "") in {"mantel_haenszel", "peto"}


def _by_test(row: Row) -> bool:
    is_line = row.get("method", "") in _LINES and "model = weighted_regression" in row.get("settings", "")
    return is_line or row.get("method", "") in _CLOSED_TESTS


def _by_centre(row: Row) -> bool:
    return row.get("element", "") != "filled" and (row.get("centre", "") == "null" or _by_estimator(row))


@dataclass(frozen=True)
class Table:
    """One table of the examination.

    Parameters
    ----------
    keys : tuple of str
        Columns that name a row, beside those that name it everywhere.
    numbers : frozenset of str
        Columns with computed numbers of which `is_closed` tells.
    is_closed : callable
        Whether those of a row are closed forms; otherwise they are the end of a search.
    """

    keys: tuple[str, ...]
    numbers: frozenset[str]
    is_closed: Callable[[Row], bool]


#: Column that only one table has -> that table.
TABLES = {
    "tau_prior": Table(
        ("quantity", "method", "method_tau2", "threshold", "tau_prior", "tau_scale", "mu_prior", "mu_mean", "mu_sd"),
        _LIMITS,
        _by_interval,
    ),
    "breslow_day": Table(
        ("method_id",),
        _FITTED
        | {"sigma2", "q", "q_pval", "q_lrt", "q_lrt_pval", "i2_percent", "log_likelihood"}
        | {"cmh", "cmh_pval", "breslow_day", "breslow_day_pval", "tarone", "tarone_pval"},
        _by_model_of_counts,
    ),
    "sigma2_between": Table(
        ("model", "rho"),
        _FITTED
        | {"df", "sigma2_between", "sigma2_within", "i2_percent", "i2_between_percent", "i2_within_percent", "icc"}
        | {"lrt_between", "lrt_between_pval", "lrt_within", "lrt_within_pval", "log_likelihood", "aicc"},
        _never,
    ),
    "working_model": Table(("working_model", "rho"), _FITTED | {"df", "omega2", "i2_percent"}, _never),
    "subgroup": Table(("moderator", "row", "subgroup"), _FITTED, _by_estimator),
    "also_in_model": Table(("moderator", "row", "label"), _FITTED | {"x", "weight_percent"}, _by_estimator),
    "n_hidden": Table(("id", "quantity"), _FITTED | {"n_hidden"}, _by_test),
    "contour_level": Table(
        ("element", "contour_level"), frozenset({"yi", "se", "pval", "lb", "ub", "centre_value"}), _by_centre
    ),
    "left_out": Table((), _FITTED | {"i2_percent"}, _never),
    "cook_d": Table(
        (),
        frozenset({"rstudent", "dffits", "cook_d", "cov_r", "tau2_del", "hat", "weight_percent", "dfbetas"})
        | {"baujat_heterogeneity", "baujat_pull"},
        _by_estimator,
    ),
    "order_column": Table((), _FITTED | {"i2_percent", "h2"}, _by_estimator),
    "every_subset": Table(("part", "quantity"), _QUANTILES, _by_estimator),
    "subsets_with": Table(("part", "estimate_lb", "i2_lb"), _EDGES, _always),
    "is_weighted": Table(("tool", "domain", "risk_level"), frozenset({"share_percent"}), _always),
    "same_side": Table(("choice", "option"), frozenset({"estimate", "ci_lb", "ci_ub", "difference_in_se"}), _never),
    "n_as_no_evidence": Table(("kind", "by", "stratum", "unit", "method"), _SIGN_TESTS | _ONE_SIDED, _always),
    "size_class": Table(("by", "stratum", "unit"), frozenset({"share", "n"}), _always),
    "contour_effect": Table(("kind", "by", "stratum", "contour_effect"), frozenset({"pval_two_sided", "x"}), _always),
    "baseline_kind": Table((), _PER_1000, _never),
    "says": Table(("kind", "name"), frozenset({"found"}), _never),
}


def is_closed_form(column: str, row: Row) -> bool | None:
    """Return whether a number of the examination is a closed form, or None for a cell of another kind or table.

    Parameters
    ----------
    column : str
        The column of the cell.
    row : mapping
        Its row: the columns tell which table it is, the settings in it how the number was found.
    """
    table = _table_of(row)
    return table.is_closed(row) if table and column in table.numbers else None


def named(rows: Iterable[Row]) -> dict[str, Row]:
    """Return rows by name; rows of the same name are numbered.

    Parameters
    ----------
    rows : iterable of mapping
        Rows of one table.
    """
    found: dict[str, Row] = {}
    count: Counter[str] = Counter()
    for row in rows:
        table = _table_of(row)
        keys = dict.fromkeys([*_KEYS, *(table.keys if table else ())])
        name = " / ".join(row[key] or "-" for key in keys if key in row) or "row"
        count[name] += 1
        found[name if count[name] == 1 else f"{name} ({count[name]})"] = row
    return found


def _table_of(row: Row) -> Table | None:
    return next((table for column, table in TABLES.items() if column in row), None)
