"""Words around the forest plot: column heads, the notes under it, and its description in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repool.figures.forest_content import forest_of
from repool.figures.forest_lines import reason_text
from repool.figures.forest_words import heterogeneity_text, inner, level_text, number, plain_text
from repool.figures.rendering import missing_letters

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from repool.figures.forest_content import Forest
    from repool.figures.forest_lines import Line

#: Notes about the drawing itself, of no use to a reader who does not see it.
DRAWN_ONLY = ("key", "missing-letters", "assumption-")
NO_EFFECT = "No effect could be computed."


def heads_of(forest: Forest, *, measure_label: str, level: float) -> dict[str, list[str]]:
    """Return the lines of each column's head.

    Parameters
    ----------
    forest : Forest
        What is drawn.
    measure_label : str
        Name of the measure.
    level : float
        Level of the intervals.

    Returns
    -------
    dict
        Column name to lines; "stacked" is the first column when counts are under the names.
    """
    counted = "events/n" if forest.has_events else "n"
    arms = arm_heads(forest)
    return {
        "label": ["Study"],
        "stacked": ["Study", f"{counted}, {arms[0]} v\u00a0{arms[1]}"],
        "arm1": [arms[0], counted],
        "arm2": [arms[1], counted],
        "plot": ["log scale"] if forest.is_ratio else [],
        "effect": [plain_text(measure_label), f"[{level_text(level)} CI]"],
        "weight": ["Weight"],
    }


def arm_heads(forest: Forest) -> list[str]:
    """Return the names of the arms where all studies use one short name, else what the review calls them."""
    return [
        names[0] if len(names) == 1 and is_short(names[0]) else plain_text(title)
        for title, names in zip(forest.arm_titles, forest.arm_names, strict=True)
    ]


def is_short(name: str) -> bool:
    """Whether the name of an arm can stand over a narrow column."""
    words = name.split()
    return len(words) <= 3 and max(map(len, words), default=0) <= 11


def notes_of(
    forest: Forest,
    *,
    assumption_titles: Mapping[str, str],
    is_clipped: bool,
) -> list[tuple[str, str]]:
    """Return the notes under the plot.

    Parameters
    ----------
    forest : Forest
        What is drawn.
    assumption_titles : mapping
        Assumption id to words.
    is_clipped : bool
        Whether an arrow head is drawn.

    Returns
    -------
    list of tuple
        Name of the note, for finding it in the file, and its words.
    """
    notes = []
    for line in forest.lines:
        if line.kind == "pooled":
            row = next(row for row in forest.pooled_rows if row["step_key"] == line.key)
            notes.append((f"heterogeneity-{line.key}", heterogeneity_text(row, step_title=row["step_title"])))
    for name, (letter, _) in forest.marks.items():
        notes.append((f"assumption-{letter}", f"{letter}  {plain_text(assumption_titles[name])}"))
    notes.append(("key", " ".join(_key(forest, is_clipped=is_clipped))))
    for arm, names in enumerate(forest.arm_names, start=1):
        title = plain_text(forest.arm_titles[arm - 1])
        is_news = [name.casefold() for name in names] != [title.casefold()]
        if forest.has_counts and names and is_news and arm_heads(forest)[arm - 1] == title:
            notes.append((f"arm{arm}-names", f"{title}: {'; '.join(names)}."))
    if forest.idle_rows:
        titles = "; ".join(inner(row["step_title"]) for row in forest.idle_rows)
        notes.append(("idle-steps", f"No study came in at: {titles}."))
    lacking = missing_letters([line.label for line in forest.lines] + [text for _, text in notes])
    if lacking:
        words = f"Shown as empty boxes where the font has no shape for them: {', '.join(lacking)}."
        notes.append(("missing-letters", words))
    return [(name, words) for name, words in notes if words]


def _key(forest: Forest, *, is_clipped: bool) -> list[str]:
    """Return one sentence for each sign that occurs in the plot."""
    weighted = any(line.weight_text for line in forest.studies)
    several = sum(line.kind == "pooled" for line in forest.lines) > 1
    sentences = []
    if weighted:
        place = " in the next pooled result down" if several else ""
        sentences.append(f"The area of a square is the weight{place}.")
    if any(line.assumptions and line.is_pooled for line in forest.lines):
        sentences.append("Hollow: rests on an assumption.")
    if any(not line.is_pooled for line in forest.studies):
        sentences.append("Small grey square: not in a pooled result.")
    if is_clipped:
        sentences.append("Arrow head: the interval goes on beyond the axis.")
    return sentences


def forest_alt_text(
    effects: pd.DataFrame,
    pooled: pd.DataFrame,
    *,
    title: str,
    measure_label: str,
    favours_left: str,
    favours_right: str,
    level: float,
    step_titles: Mapping[str, str],
    assumption_titles: Mapping[str, str],
    arm_titles: tuple[str, str],
) -> str:
    """Say in words what the forest plot shows, for readers who do not see it.

    Parameters
    ----------
    effects, pooled : pandas.DataFrame
        As for `repool.figures.forest.draw_forest`.
    title, measure_label, favours_left, favours_right : str
        The words of the plot.
    level : float
        Level of the intervals, for example 0.95.
    step_titles, assumption_titles : mapping
        Ladder step and assumption id to words.

    Returns
    -------
    str
        Plain sentences; every number is the one printed in the plot.
    """
    forest = forest_of(
        effects,
        pooled,
        level=level,
        step_titles=step_titles,
        assumption_titles=assumption_titles,
        arm_titles=arm_titles,
    )
    sentences = [f"Forest plot: {plain_text(title).rstrip('.')}."]
    if not forest.lines:
        return " ".join([*sentences, NO_EFFECT, *(sentence for _, sentence in reasons_of(forest))])
    sentences.append(f"Effects are given as {inner(plain_text(measure_label))} [{level_text(level)} CI].")
    if favours_left:
        sentences.append(f"Left: {plain_text(favours_left)}.")
    if favours_right:
        sentences.append(f"Right: {plain_text(favours_right)}.")
    for line in forest.lines:
        sentences.append(_line_in_words(line, assumption_titles=assumption_titles))
    notes = notes_of(
        forest,
        assumption_titles=assumption_titles,
        is_clipped=False,
    )
    sentences += [f"{words.rstrip('.')}." for name, words in notes if not name.startswith(DRAWN_ONLY)]
    return " ".join(sentences)


def _line_in_words(line: Line, *, assumption_titles: Mapping[str, str]) -> str:
    """Return one line of the plot as a sentence."""
    arms = f" ({line.arms[0] or '–'} v {line.arms[1] or '–'})" if any(line.arms) else ""
    parts = [f"{line.label.rstrip('.')}{arms}"]
    if line.effect_text:
        parts[0] += f": {line.effect_text}"
    if line.weight_text:
        parts.append(f"weight {line.weight_text}")
    if line.kind == "study":
        parts += [f"assumption: {plain_text(assumption_titles[name])}" for name in line.assumptions]
    return f"{', '.join(parts)}."


def reasons_of(forest: Forest) -> list[tuple[str, str]]:
    """Return, for a plot without any effect, why each step of the ladder has none."""
    return [
        (row["step_title"], f"{row['step_title']}: {reason_text(row)}.")
        for row in forest.idle_rows
        if number(row["estimate"]) is None
    ]
