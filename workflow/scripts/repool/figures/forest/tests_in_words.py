"""Tests under a forest plot in the words of a journal; every number is one of a table, rounded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repool.figures.words import number, p_text, plain_text, significant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from repool.figures.forest.presets import Phrase, Phrases

#: Style -> what stands between P and a number.
_EQUALS = {"revman5": "= ", "jama": "= ", "bmj": "="}
_BELOW = {"revman5": "< ", "jama": "< ", "bmj": "<"}


def p_words(p: float, *, style: str) -> str:
    """Return a p-value behind its sign, for example "= 0.03" or "< .001".

    Parameters
    ----------
    p : float
        Between 0 and 1.
    style : {"revman5", "jama", "bmj"}
        revman5: two decimals, below 0.01 one significant digit, down to 0.00001. jama: no leading zero, two
        decimals, three below .01, from .001 to .99. bmj: two decimals, three below 0.01, down to 0.001. In all three,
        a p-value below 0.05 that two decimals would turn into 0.05 has as many as it takes to stay below it.
    """
    decimals = 2 if p >= 0.0095 else 3
    while p < 0.05 and float(f"{p:.{decimals}f}") == 0.05 and decimals < 6:
        decimals += 1
    if style == "revman5":
        for least in (0.00001, 0.0001):
            if p < least:
                return f"< {least:.5f}".rstrip("0")
        return f"= {p:.{decimals}f}" if p >= 0.0095 else f"= {p:.1g}"
    if p < 0.001:
        return f"{_BELOW[style]}{'.001' if style == 'jama' else '0.001'}"
    if style == "jama" and p > 0.99:
        return "> .99"
    text = f"{p:.{decimals}f}"
    return f"{_EQUALS[style]}{text.removeprefix('0') if style == 'jama' else text}"


def two_decimals(value: float) -> str:
    """Return a number with two decimals, or with one significant digit where these would show a false zero."""
    text = f"{value:.2f}".replace("-", "−")
    return significant(value, digits=1) if value != 0 and text.strip("−0.") == "" else text


def heterogeneity_words(row: Mapping[str, object], *, phrases: Phrases) -> str:
    """Say how much the effects of a pooled row or of a subgroup differ; "" where nothing is known.

    Parameters
    ----------
    row : mapping
        A row of pooled.csv, or of subgroups.csv with its I² as "i2_percent".
    phrases : Phrases
        The words of the journal.
    """
    values = {name: number(row[name]) for name in ("tau2", "q", "q_df", "q_pval", "i2_percent")}
    found = {
        "tau2": values["tau2"] is not None and two_decimals(values["tau2"]),
        "q": values["q"] is not None and two_decimals(values["q"]),
        "q_df": values["q_df"] is not None and f"{values['q_df']:.10g}",
        "q_pval": values["q_pval"] is not None and p_words(values["q_pval"], style=phrases.p_style),
        "i2_percent": values["i2_percent"] is not None and f"{values['i2_percent']:.0f}",
    }
    return _said(phrases.heterogeneity, found, joint=phrases.joint)


def overall_words(row: Mapping[str, object], *, phrases: Phrases) -> str:
    """Say the test of a pooled row against no effect; "" where there is none.

    Parameters
    ----------
    row : mapping
        A row of pooled.csv or of subgroups.csv: statistic, df (blank for the normal distribution) and pval.
    phrases : Phrases
        The words of the journal.
    """
    df = number(row["df"])
    is_capital = phrases.p_style == "revman5"
    name = ("Z" if is_capital else "z") if df is None else ("T" if is_capital else "t")
    return _test(phrases.overall, row, name=name, dfs=[df], phrases=phrases)


def between_words(row: Mapping[str, object], *, phrases: Phrases) -> str:
    """Say the test between subgroups: the row "between" of subgroups.csv; "" where there is none."""
    chi2 = "Chi²" if phrases.p_style == "revman5" else "χ²"
    name = chi2 if number(row["df"]) is None else "F"
    return _test(phrases.between, row, name=name, dfs=[number(row["df1"]), number(row["df"])], phrases=phrases)


def _test(phrase: Phrase, row: Mapping[str, object], *, name: str, dfs, phrases: Phrases) -> str:
    """Return one test in words, with its degrees of freedom where it has any."""
    statistic, pval = number(row["statistic"]), number(row["pval"])
    equals = _EQUALS[phrases.p_style].replace("= ", " = ")
    known = [f"{df:.10g}" if df == round(df) else f"{df:.1f}" for df in dfs if df is not None]
    found = {
        "name": name,
        "statistic": statistic is not None and two_decimals(statistic),
        "df": f", df{equals}{', '.join(known)}" if known else "",
        "pval": pval is not None and p_words(pval, style=phrases.p_style),
    }
    return _said(phrase, found, joint=phrases.joint)


def _said(phrase: Phrase, found: Mapping[str, object], *, joint: str) -> str:
    """Return the pieces of a phrase whose numbers are known, behind its opening."""
    pieces = [words.format_map(found) for names, words in phrase.pieces if all(found[name] for name in names)]
    return f"{phrase.opening}{joint.join(pieces)}" if pieces else ""


def between_text(row: Mapping[str, object]) -> str:
    """Return the test between subgroups as "χ² = 1.86, df = 2, p = 0.394", or why there is none."""
    statistic, df1, df2, pval = (number(row[name]) for name in ("statistic", "df1", "df", "pval"))
    if statistic is None or df1 is None or pval is None:
        return plain_text(row["note"]) or "not computed"
    name = f"χ² = {statistic:.2f}, df = {df1:.10g}" if df2 is None else f"F({df1:.10g}, {df2:.4g}) = {statistic:.2f}"
    return f"{name}, {p_text(pval)}"
