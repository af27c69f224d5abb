"""Columns of the forest plot: which there are, what stands over them and what a line has in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from repool.figures.words import number, plain_text

if TYPE_CHECKING:
    from repool.figures.forest.content import Forest
    from repool.figures.forest.lines import Line

#: What the arms hold -> columns of one arm where each number has its own, and their heads.
SPLIT = {
    "events": (("events", "Events"), ("n", "Total")),
    "means": (("mean", "Mean"), ("sd", "SD"), ("n", "Total")),
    "people": (("n", "Total"),),
}


@dataclass(frozen=True, kw_only=True)
class Arrangement:
    """How tightly the columns stand; a narrower page takes the next one.

    Parameters
    ----------
    is_split : bool
        Events and people in columns of their own.
    effect_below : bool
        Intervals under the estimates.
    arms_below : bool
        Arms under the names of studies.
    bias_below : bool
        Circles of the risk of bias under the names of studies.
    weight_below : bool
        Weights under the intervals.
    """

    is_split: bool = False
    effect_below: bool = False
    arms_below: bool = False
    bias_below: bool = False
    weight_below: bool = False


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: its name, the lines of its head, and the head that it shares with its neighbours."""

    name: str
    head: tuple[str, ...] = ()
    group: str = ""
    align: str = "right"

    @property
    def is_circle(self) -> bool:
        """Whether it holds circles of the risk of bias."""
        return self.name.startswith("bias-")


def arrangements(forest: Forest) -> list[Arrangement]:
    """Return the arrangements to try, the widest first."""
    is_split = forest.choices.look.is_split and bool(forest.counted)
    found = [Arrangement(is_split=True), Arrangement(is_split=True, effect_below=True)] if is_split else []
    found.append(Arrangement())
    if is_split or forest.bias:
        found.append(Arrangement(effect_below=True))
    stacked = {"effect_below": True, "arms_below": True}
    found.append(Arrangement(**stacked))
    if forest.bias:
        found.append(Arrangement(bias_below=True, **stacked))
    return [*found, Arrangement(bias_below=bool(forest.bias), weight_below=True, **stacked)]


def columns_of(forest: Forest, arrangement: Arrangement, *, measure_label: str) -> list[Column]:
    """Return the columns from left to right, without those that would be empty.

    Parameters
    ----------
    forest : Forest
        What is drawn.
    arrangement : Arrangement
        How tightly they stand.
    measure_label : str
        Name of the measure.
    """
    preset = forest.choices.look
    filled = {
        "measure": plain_text(measure_label),
        "level": forest.level_words,
        "method": method_words(forest),
        "counted": preset.counted.get(forest.counted, ""),
    }
    heads = {
        name: tuple(text.format_map(filled | {"arm": "{arm}"}) for text in preset.heads[name]) for name in preset.heads
    }
    columns: list[Column] = []
    for name in preset.columns:
        if name == "label":
            columns.append(Column(name="label", head=_label_head(forest, heads["label"], arrangement), align="left"))
        elif name == "arms" and forest.counted and not arrangement.arms_below:
            columns += _arm_columns(forest, heads["arms"], arrangement, group=preset.arms_group.format_map(filled))
        elif name == "plot":
            is_plain = heads["plot"] == ("log scale",) and not forest.is_ratio
            columns.append(Column(name="plot", head=() if is_plain else heads["plot"], align="center"))
        elif name == "effect":
            below = (*heads["weight"],) if arrangement.weight_below and has_weights(forest) else ()
            columns.append(Column(name="effect", head=(*heads["effect"], *(word.lower() for word in below))))
        elif name == "weight" and has_weights(forest) and not arrangement.weight_below:
            columns.append(Column(name="weight", head=heads["weight"]))
        elif name == "bias" and forest.bias and not arrangement.bias_below:
            columns += [
                Column(name=f"bias-{letter}", head=(letter,), group=heads["bias"][0], align="center")
                for letter in forest.bias.letters
            ]
    return columns


def has_weights(forest: Forest) -> bool:
    """Whether any study has a weight."""
    return any(line.weight_text for line in forest.studies)


def _label_head(forest: Forest, head: tuple[str, ...], arrangement: Arrangement) -> tuple[str, ...]:
    """Return the head of the names, with what stands under them."""
    if not (arrangement.arms_below and forest.counted):
        return head
    arms = " v\u00a0".join(arm_heads(forest)[place] for place in forest.arm_places)
    return (*head, f"{forest.choices.look.counted[forest.counted]}, {arms}")


def _arm_columns(forest: Forest, head: tuple[str, ...], arrangement: Arrangement, *, group: str) -> list[Column]:
    """Return the columns of both arms."""
    columns = []
    for place in (place + 1 for place in forest.arm_places):
        arm = arm_heads(forest)[place - 1]
        if arrangement.is_split:
            columns += [
                Column(name=f"{name}{place}", head=(title,), group=arm) for name, title in SPLIT[forest.counted]
            ]
        else:
            columns.append(Column(name=f"arm{place}", head=tuple(t.replace("{arm}", arm) for t in head), group=group))
    return columns


def arm_heads(forest: Forest) -> list[str]:
    """Return the names of the arms where all studies use one short name, else what the review calls them."""
    return [
        names[0] if len(names) == 1 and is_short(names[0]) else plain_text(title)
        for title, names in zip(forest.names.arms, forest.arm_names, strict=True)
    ]


def is_short(name: str) -> bool:
    """Whether the name of an arm can stand over a narrow column."""
    words = name.split()
    return len(words) <= 3 and max(map(len, words), default=0) <= 11


def method_words(forest: Forest) -> str:
    """Return how effects are weighted, in RevMan's words: inverse variance, one true effect or many."""
    rows = [group.results[0] for group in forest.groups.groups if group.results]
    pooled = [row for row in rows if row["verdict"] == "pooled"]
    if not pooled:
        return "IV"
    is_common = plain_text(pooled[-1]["method_tau2"]) in {"", "none"} or number(pooled[-1]["tau2"]) is None
    return "IV,\u00a0Fixed" if is_common else "IV,\u00a0Random"


def cell(line: Line, name: str, arrangement: Arrangement) -> list[str]:
    """Return the lines of text of one cell; empty where there is nothing.

    Parameters
    ----------
    line : Line
        The line.
    name : str
        Name of the column; the label and the circles are written by others.
    arrangement : Arrangement
        How tightly the columns stand.
    """
    if name == "effect":
        return effect_parts(line, arrangement)
    if name == "weight":
        return [line.weight_text] if line.weight_text else []
    if name.startswith("arm"):
        text = line.arms[int(name[-1]) - 1].joined
        return [text] if text else []
    if name[:-1] in ("events", "n", "mean", "sd"):
        # RevMan sums events in a row of their own.
        if name.startswith("events") and line.kind in ("pooled", "subtotal"):
            return []
        text = getattr(line.arms[int(name[-1]) - 1], name[:-1])
        return [text] if text else []
    return []


def effect_parts(line: Line, arrangement: Arrangement) -> list[str]:
    """Return the effect of a line as one text, or as estimate over interval over weight when stacked."""
    parts = [line.estimate_text, line.interval_text] if arrangement.effect_below else [line.effect_text]
    parts += [line.weight_text] if arrangement.weight_below else []
    return [part for part in parts if part]


def small_text(line: Line, forest: Forest, arrangement: Arrangement) -> str:
    """Return what stands under the name of a line in narrow columns: its arms."""
    if not (arrangement.arms_below and any(line.arms)):
        return ""
    return " v\u00a0".join(line.arms[place].joined or "–" for place in forest.arm_places)


def shown_lines(lines: Sequence[Line], arrangement: Arrangement) -> list[Line]:
    """Return the lines without the sums of events, which stand in the total's own cell where columns are joined."""
    return [line for line in lines if line.kind != "events" or arrangement.is_split]
