"""Looks of the forest plot: what each journal's readers expect, as records and not as branches of the drawing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Phrase:
    """One sentence of numbers: its opening, and pieces that are left out where one of their numbers is blank.

    Parameters
    ----------
    opening : str
        How it begins.
    pieces : tuple of (names, words)
        In order: the numbers that a piece needs, and its words.
    """

    opening: str
    pieces: tuple[tuple[tuple[str, ...], str], ...]


@dataclass(frozen=True, kw_only=True)
class Phrases:
    """How a journal writes the tests under a pooled result.

    Parameters
    ----------
    heterogeneity, overall, between : Phrase
        Spread of the effects, the pooled effect against none, and the difference of subgroups.
    joint : str
        What stands between two pieces.
    p_style : {"revman5", "jama", "bmj"}
        How p-values are rounded, see `repool.figures.forest.tests_in_words.p_words`.
    """

    heterogeneity: Phrase
    overall: Phrase
    between: Phrase
    joint: str
    p_style: str


@dataclass(frozen=True, kw_only=True)
class Preset:
    """One look of the forest plot.

    Parameters
    ----------
    columns : tuple of str
        From left to right: "label", "arms", "plot", "effect", "weight", "bias". Two neighbours of the plot may swap.
    is_split : bool
        Whether events and people stand in columns of their own, where there is room.
    heads : mapping
        Column -> lines of its head; {measure}, {level}, {method}, {arm} and {counted} are filled in.
    counted : mapping
        What a cell of an arm holds: for "events", "means" or "people".
    arms_group : str
        Head over both arms; "" for none.
    bracket : tuple of str
        What stands before, between and after the ends of an interval.
    minus_joint : str
        What stands between the ends instead where one of them is negative.
    percent : str
        What follows the number of a weight.
    percent_gap : str
        What stands between a level and its percent sign.
    total, total_of_several, subtotal : str
        Name of a pooled result: the only one, one of several, one of a subgroup; {step}, {k} and {level} are filled in.
    heading_alone : bool
        Whether the only group has a heading.
    by_subgroup : bool
        Whether studies stand in the analysis' subgroups, where it names any.
    tests : Phrases or None
        How tests stand under their result; None: in notes below the plot.
    has_totals, has_events_row : bool
        Whether pooled results show the sums of the people above them, and events in a row of their own.
    favours_on_top : bool
        Whether the words for both sides stand over the plot, in bold.
    axis_words : str
        Name of the axis; "" for none.
    space_before_heading : float
        In font sizes.
    plot_share : float
        Share of the width that the plot gets before names of studies stay on one line.
    colours : mapping
        Colours that are the journal's own; those of the review for all others.
    """

    columns: tuple[str, ...] = ("label", "arms", "plot", "effect", "weight", "bias")
    is_split: bool = False
    heads: Mapping[str, tuple[str, ...]]
    counted: Mapping[str, str] = field(
        default_factory=lambda: {"events": "events/n", "means": "mean (SD), n", "people": "n"}
    )
    arms_group: str = ""
    bracket: tuple[str, str, str] = ("[", " to ", "]")
    minus_joint: str = " to "
    percent: str = " %"
    percent_gap: str = " "
    total: str = "Pooled, {step} (k = {k})"
    total_of_several: str = "Pooled, {step} (k = {k})"
    subtotal: str = "Pooled, {step} (k = {k})"
    heading_alone: bool = True
    by_subgroup: bool = False
    tests: Phrases | None = None
    has_totals: bool = False
    has_events_row: bool = False
    favours_on_top: bool = False
    axis_words: str = ""
    space_before_heading: float = 0.6
    plot_share: float = 0.28
    colours: Mapping[str, str] = field(default_factory=dict)

    def level_words(self, level: float) -> str:
        """Return a level of intervals, between 0 and 1, as this look writes it, for example "95 %"."""
        return f"{100 * level:.6g}{self.percent_gap}%"


_REPOOL_HEADS = {
    "label": ("Study",),
    "arms": ("{arm}", "{counted}"),
    "plot": ("log scale",),
    "effect": ("{measure}", "[{level} CI]"),
    "weight": ("Weight",),
    "bias": ("Risk of bias",),
}
_TAU2, _Q, _I2, _TEST = ("tau2",), ("q", "q_df", "q_pval"), ("i2_percent",), ("statistic", "pval")
_REVMAN5_TESTS = Phrases(
    heterogeneity=Phrase(
        "Heterogeneity: ",
        ((_TAU2, "Tau² = {tau2}"), (_Q, "Chi² = {q}, df = {q_df} (P {q_pval})"), (_I2, "I² = {i2_percent}%")),
    ),
    overall=Phrase("Test for overall effect: ", ((_TEST, "{name} = {statistic}{df} (P {pval})"),)),
    between=Phrase("Test for subgroup differences: ", ((_TEST, "{name} = {statistic}{df} (P {pval})"),)),
    joint="; ",
    p_style="revman5",
)
_JAMA_TESTS = Phrases(
    heterogeneity=Phrase("Heterogeneity: ", ((_Q, "χ² = {q}, df = {q_df} (P {q_pval})"), (_I2, "I² = {i2_percent}%"))),
    overall=_REVMAN5_TESTS.overall,
    between=_REVMAN5_TESTS.between,
    joint="; ",
    p_style="jama",
)
_BMJ_TESTS = Phrases(
    heterogeneity=Phrase(
        "Test for heterogeneity: ",
        ((_TAU2, "τ²={tau2}"), (_Q, "χ²={q}, df={q_df}, P{q_pval}"), (_I2, "I²={i2_percent}%")),
    ),
    overall=Phrase("Test for overall effect: ", ((_TEST, "{name}={statistic}{df}, P{pval}"),)),
    between=Phrase("Test for subgroup differences: ", ((_TEST, "{name}={statistic}{df}, P{pval}"),)),
    joint=", ",
    p_style="bmj",
)

#: What the three printed looks share.
_PRINTED = {
    "percent_gap": "",
    "total": "Total ({level} CI)",
    "total_of_several": "Total, {step} ({level} CI)",
    "subtotal": "Subtotal ({level} CI)",
    "heading_alone": False,
}
#: Value of figures.preset -> the look.
PRESETS: dict[str, Preset] = {
    "repool": Preset(heads=_REPOOL_HEADS),
    "subgroup": Preset(heads=_REPOOL_HEADS, by_subgroup=True),
    # RevMan 5: every number left of the plot, squares in its blue, diamonds in black, tests under each result.
    "revman5": Preset(
        columns=("label", "arms", "weight", "effect", "plot", "bias"),
        is_split=True,
        heads={
            "label": ("Study or Subgroup",),
            "arms": ("{arm}", "{counted}"),
            "plot": ("{measure}", "{method}, {level} CI"),
            "effect": ("{measure}", "{method}, {level} CI"),
            "weight": ("Weight",),
            "bias": ("Risk of Bias",),
        },
        counted={"events": "Events/Total", "means": "Mean (SD), Total", "people": "Total"},
        bracket=("[", ", ", "]"),
        minus_joint=", ",
        percent="%",
        **_PRINTED,
        by_subgroup=True,
        tests=_REVMAN5_TESTS,
        has_totals=True,
        has_events_row=True,
        plot_share=0.22,
        colours={"colour_square": "#2a52be", "colour_diamond": "#000000"},
    ),
    # JAMA: sides named on top, dark blue squares, light blue diamonds, no tau2, no empty lines.
    "jama": Preset(
        columns=("label", "arms", "effect", "plot", "weight", "bias"),
        heads={
            "label": ("Source",),
            "arms": ("{arm}", "{counted}"),
            "plot": (),
            "effect": ("{measure}", "({level} CI)"),
            "weight": ("Weight, %",),
            "bias": ("Risk of bias",),
        },
        counted={"events": "No./total", "means": "mean (SD), No.", "people": "No."},
        bracket=("(", "-", ")"),
        percent="",
        **_PRINTED,
        tests=_JAMA_TESTS,
        favours_on_top=True,
        axis_words="{measure} ({level} CI)",
        space_before_heading=0.0,
        plot_share=0.32,
        colours={"colour_square": "#00306b", "colour_diamond": "#a9cbe8", "edge_diamond": "#00306b"},
    ),
    # BMJ: events over people in one column, a wide plot, tau2 and I2 in one line.
    "bmj": Preset(
        columns=("label", "arms", "plot", "weight", "effect", "bias"),
        heads={
            "label": ("Study",),
            "arms": ("{arm}",),
            "plot": ("{measure}", "({level} CI)"),
            "effect": ("{measure}", "({level} CI)"),
            "weight": ("Weight", "(%)"),
            "bias": ("Risk of bias",),
        },
        arms_group="{counted}",
        counted={"events": "No of events/total", "means": "Mean (SD), No", "people": "No"},
        bracket=("(", " to ", ")"),
        percent="",
        **_PRINTED,
        tests=_BMJ_TESTS,
        has_totals=True,
        plot_share=0.36,
    ),
}


@dataclass(frozen=True, kw_only=True)
class ForestChoices:
    """What a review chooses for its forest plots: keys of `figures` in config/review.yaml.

    Parameters
    ----------
    preset : {"repool", "revman5", "jama", "bmj", "subgroup"}
        The look.
    order : {"study", "year", "effect", "weight"}
        Order of the rows within a group.
    prediction : {"bar", "shade", "distribution", "none"}
        How the prediction interval is drawn.
    models : {"primary", "all"}
        Whether the other models of a pooled result have diamonds too.
    rows_per_page : int or None
        Studies on one page of a PDF or TIFF; None for one page.
    risk_of_bias : bool
        Whether judgements of the risk of bias stand beside the studies.
    """

    preset: str
    order: str
    prediction: str
    models: str
    rows_per_page: int | None
    risk_of_bias: bool

    @property
    def look(self) -> Preset:
        """The preset itself."""
        return PRESETS[self.preset]


#: Keys of `figures` that concern forest plots alone.
CHOICES = ("preset", "order", "prediction", "models", "rows_per_page", "risk_of_bias")


def choices_of(figures: Mapping[str, object]) -> ForestChoices:
    """Return the choices from the key `figures` of config/review.yaml."""
    rows = figures["rows_per_page"]
    return ForestChoices(
        **{name: figures[name] for name in CHOICES} | {"rows_per_page": None if rows == "none" else rows}
    )
