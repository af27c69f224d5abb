"""The forest plot in words, for readers who do not see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repool.figures.forest.notes import NO_EFFECT, notes_of, reasons_of
from repool.figures.words import inner, plain_text

if TYPE_CHECKING:
    from repool.figures.forest.content import Forest
    from repool.figures.forest.lines import Line
    from repool.figures.plots.canvas import PlotWords

#: Notes about the drawing itself, of no use to a reader who does not see it.
DRAWN_ONLY = ("key", "missing-letters", "assumption-")


def describe(forest: Forest, words: PlotWords) -> str:
    """Say in words what the forest plot shows.

    Parameters
    ----------
    forest : Forest
        What is drawn.
    words : PlotWords
        Title, measure and sides.

    Returns
    -------
    str
        Plain sentences; every number is the one printed in the plot.
    """
    sentences = [f"Forest plot: {plain_text(words.title).rstrip('.')}."]
    if not forest.lines:
        return " ".join([*sentences, NO_EFFECT, *(sentence for _, sentence in reasons_of(forest))])
    before, _, after = forest.choices.look.bracket
    measure = inner(plain_text(words.measure_label))
    sentences.append(f"Effects are given as {measure} {before}{forest.level_words} CI{after}.")
    if words.favours_low:
        sentences.append(f"Left: {plain_text(words.favours_low)}.")
    if words.favours_high:
        sentences.append(f"Right: {plain_text(words.favours_high)}.")
    sentences += [_line_in_words(line, forest) for line in forest.lines if line.kind != "events"]
    notes = notes_of(forest, is_clipped=False)
    sentences += [f"{text.rstrip('.')}." for name, text in notes if not name.startswith(DRAWN_ONLY)]
    return " ".join(sentences)


def _line_in_words(line: Line, forest: Forest) -> str:
    """Return one line of the plot as a sentence."""
    joined = " v ".join(line.arms[place].joined or "–" for place in forest.arm_places)
    arms = f" ({joined})" if any(line.arms) else ""
    parts = [f"{line.label.rstrip('.')}{arms}"]
    if line.effect_text:
        parts[0] += f": {line.effect_text}"
    if line.weight_text:
        parts.append(f"weight {line.weight_text}")
    if line.kind == "study":
        parts += [f"assumption: {plain_text(forest.names.assumptions[name])}" for name in line.assumptions]
        judged = forest.bias.words.get(line.study_id, "") if forest.bias else ""
        parts += [f"risk of bias: {judged}"] if judged else []
    return f"{', '.join(parts)}."
