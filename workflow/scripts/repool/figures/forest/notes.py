"""Notes under the forest plot: what its signs mean, how its studies differ, and what is not shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repool.figures.forest.columns import arm_heads
from repool.figures.forest.lines import reason_text
from repool.figures.forest.tests_in_words import between_text
from repool.figures.rendering import missing_letters
from repool.figures.words import I2_WORDS, heterogeneity_text, inner, model_text, number, plain_text

if TYPE_CHECKING:
    from repool.figures.forest.content import Forest

NO_EFFECT = "No effect could be computed."


def notes_of(forest: Forest, *, is_clipped: bool) -> list[tuple[str, str]]:
    """Return the notes under the plot.

    Parameters
    ----------
    forest : Forest
        What is drawn.
    is_clipped : bool
        Whether an arrow head is drawn.

    Returns
    -------
    list of tuple
        Name of the note, for finding it in the file, and its words.
    """
    notes = _model_notes(forest) if forest.choices.look.tests else _heterogeneity_notes(forest)
    notes += _subgroup_notes(forest)
    for name, (letter, _) in forest.marks.items():
        notes.append((f"assumption-{letter}", f"{letter}  {plain_text(forest.names.assumptions[name])}"))
    notes.append(("key", " ".join(_key(forest, is_clipped=is_clipped))))
    for arm, names in enumerate(forest.arm_names, start=1):
        title = plain_text(forest.names.arms[arm - 1])
        is_news = [name.casefold() for name in names] != [title.casefold()]
        if forest.counted and names and is_news and arm_heads(forest)[arm - 1] == title:
            notes.append((f"arm{arm}-names", f"{title}: {'; '.join(names)}."))
    if forest.groups.idle_rows:
        titles = "; ".join(inner(row["step_title"]) for row in forest.groups.idle_rows)
        notes.append(("idle-steps", f"No study came in at: {titles}."))
    lacking = missing_letters([line.label for line in forest.lines] + [text for _, text in notes])
    if lacking:
        words = f"Shown as empty boxes where the font has no shape for them: {', '.join(lacking)}."
        notes.append(("missing-letters", words))
    return [(name, words) for name, words in notes if words]


def _heterogeneity_notes(forest: Forest) -> list[tuple[str, str]]:
    """Return one note on how the studies of each result differ."""
    return [(f"heterogeneity-{key}", heterogeneity_text(row, step_title=title)) for key, title, row in forest.results]


def _model_notes(forest: Forest) -> list[tuple[str, str]]:
    """Return by which model the results are pooled, which a journal's own lines do not tell."""
    found = {}
    for _, _, row in forest.results:
        definition = plain_text(row["i2_definition"])
        whose = "Model" if not forest.groups.moderator else "Subgroups" if "i2_from_q_percent" in row else "Total"
        words = f"{whose}: {model_text(row)}; I² {I2_WORDS.get(definition, definition)}"
        words += "; the fit did not converge" if plain_text(row["converged"]) == "no" else ""
        found.setdefault(f"{words}.", len(found) + 1)
    return [("model" if place == 1 else f"model-{place}", words) for words, place in found.items()]


def _subgroup_notes(forest: Forest) -> list[tuple[str, str]]:
    """Return what the subgroups are, the test between them, and what stands elsewhere."""
    groups = forest.groups
    if not groups.moderator:
        return []
    name = groups.moderator.replace("_", " ")
    words = f"Subgroups by {name}"
    if groups.between:
        words += f", τ² {'one for all' if groups.between['tau2_common'] == 'yes' else 'one in each'}"
    if groups.between and not forest.choices.look.tests:
        words += f". Test of the difference: {between_text(groups.between)}"
    notes = [("subgroups", f"{words}.")]
    if groups.step_title:
        words = f"Step of the assumption ladder: {inner(groups.step_title)}."
        if groups.n_later:
            words += f" Effects of later steps, not shown: {groups.n_later}."
        notes.append(("step", words))
    return notes


def _key(forest: Forest, *, is_clipped: bool) -> list[str]:
    """Return one sentence for each sign that occurs in the plot."""
    weighted = any(line.weight_text for line in forest.studies)
    kinds = {line.kind for line in forest.lines}
    sentences = []
    if weighted:
        place = " in the next pooled result down" if forest.groups.has_several_totals else ""
        sentences.append(f"The area of a square is the weight{place}.")
    if any(line.assumptions and line.is_pooled for line in forest.lines):
        sentences.append("Hollow: rests on an assumption.")
    if any(not line.is_pooled for line in forest.studies):
        sentences.append("Small grey square: not in a pooled result.")
    if "model" in kinds:
        sentences.append("Flat diamond: the same effects by another model.")
    if "prediction" in kinds and forest.choices.prediction == "shade":
        sentences.append("Shaded band: prediction interval.")
    if "prediction" in kinds and forest.choices.prediction == "distribution":
        sentences.append("Curve: the distribution behind the prediction interval, darker between its ends.")
    if is_clipped:
        sentences.append("Arrow head: the interval goes on beyond the axis.")
    return sentences


def reasons_of(forest: Forest) -> list[tuple[str, str]]:
    """Return, for a plot without any effect, why each step of the ladder has none."""
    return [
        (row["step_title"], f"{row['step_title']}: {reason_text(row)}.")
        for row in forest.groups.idle_rows
        if number(row["estimate"]) is None
    ]
