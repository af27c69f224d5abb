"""Every rule of the check at the door, in words: docs/checks.md is made from this."""

from __future__ import annotations

from commands.evidence_rules import FLOW_RULES, RATING_RULES
from commands.number_rules import NUMBER_RULES, STUDY_RULES, UNIT_RULES
from commands.rule import Rule

#: First letter of a rule -> heading of its group.
GROUPS = {
    "T": "The shape of a table",
    "C": "Cells and rows",
    "S": "The settings, config/review.yaml",
    "R": "The review as a whole",
    "U": "Units and directions",
    "B": "Risk of bias",
    "P": "Flow of studies, and certainty",
}

#: Number of a rule -> its words. A test holds the numbers to those that the package uses.
RULES = {
    "T01": Rule(
        "error or warning",
        "The file is not text in UTF-8.",
        "UTF-8, and UTF-16 with its mark, are read as they are. Other text is read as Windows-1252, "
        "with a warning that shows the first word that depends on it. No text at all is an error.",
    ),
    "T02": Rule("error", "A required column is missing.", "The data dictionary says what it holds."),
    "T03": Rule("error", "The file is empty.", "A table without results has its header line at least."),
    "T04": Rule("error", "A column stands twice.", "One of the two would be lost in silence."),
    "T05": Rule(
        "error",
        "A column is not known.",
        "A misspelt column would be ignored in silence; the nearest known name is shown. Common "
        "names of metafor, meta and Metapsy are accepted.",
    ),
    "T06": Rule(
        "error",
        "A row has more cells than the header.",
        "Mostly a text with a comma in it that does not stand in double quotes.",
    ),
    "T07": Rule("error", "A row of totals.", "It would be taken for one more study or result."),
    "T08": Rule(
        "error",
        "A double quote is not closed where its cell ends.",
        "All rows behind it would be swallowed by one cell.",
    ),
    "C01": Rule("error", "A cell that must be filled is blank.", "NA, NR, - and the like are blank."),
    "C02": Rule("error", "A word is not among the allowed ones.", "The nearest allowed word is shown."),
    "C03": Rule("error", "A cell that must hold a number holds something else.", "Nothing is guessed."),
    "C04": Rule("error", "A count is not a whole number.", "People and events are counted."),
    "C05": Rule(
        "error",
        "A number is outside the possible range.",
        "A negative count, a percent above 100, a p-value above 1; or -99 for a missing value.",
    ),
    "C06": Rule(
        "warning",
        "A number is a usual code for a missing value.",
        "-9, -99, 999 and the like, where they are possible as numbers.",
    ),
    "C07": Rule(
        "error",
        "A spreadsheet turned a number into a date.",
        "1.5 became 1 May; the number is lost.",
    ),
    "C08": Rule(
        "error",
        "A comma or a space in a number.",
        "1,306 may be a thousand or a fraction. A decimal comma is read only in a file whose cells "
        "are separated by semicolons or tabs and which has no decimal point anywhere.",
    ),
    "C09": Rule(
        "error",
        "More than a number in a cell.",
        '"5 (10%)", "12/45", "2.5 ± 1.1", "<0.001": each part has a column of its own.',
    ),
    "C10": Rule("error", "A spreadsheet error such as #DIV/0!.", "The number behind it is lost."),
    "C11": Rule(
        "error",
        "A cell is filled, but the one it cannot do without is blank.",
        "A time without its unit, a p-value without its sign, one limit of an interval.",
    ),
    "C12": Rule("error", "Two rows of a table have the same name.", "Results are found by their names."),
    "C13": Rule("error", "More people with the outcome than people.", "The two are often swapped."),
    "C14": Rule("error", "The lower limit of an interval is not below the upper one.", "A typing error."),
    "C15": Rule("error", "An arm is compared with itself, or with none.", "A label is wrong."),
    "C16": Rule(
        "error",
        "A ratio, or its lower limit, is zero or negative.",
        "A logarithm was typed, or the source misnames what it prints: then estimate_scale is "
        '"unclear", and the estimate is never used.',
    ),
    "C17": Rule("warning", "The scale of a printed estimate is unclear.", "It is kept, and never used."),
    "C18": Rule("error", "An interval does not hold its own estimate.", "One of three numbers is wrong."),
    "C19": Rule(
        "warning",
        "A percent is not a whole number of people of its arm, or not the number beside it.",
        "The denominator may be another, or the percent a misprint.",
    ),
    "C20": Rule(
        "warning",
        "A p-value does not follow from the counts, means, interval or statistic beside it.",
        "By a factor of more than 3; beside a statistic also by more than 0.05, and beside an interval also if it "
        "lies on the other side of the interval's level by a factor of more than 1.5. Sources contradict "
        "themselves, so this is shown, not refused.",
    ),
    **NUMBER_RULES,
    "S01": Rule(
        "error",
        "The settings are not readable as YAML, or a key stands twice.",
        "YAML itself would keep the last of two equal keys in silence.",
    ),
    "S02": Rule("error", "A setting is not known.", "A misspelt setting would be ignored in silence."),
    "S03": Rule("error", "A setting is missing.", "No statistical choice has a hidden default."),
    "S04": Rule("error", "A value is not among the allowed ones.", "The nearest one is shown."),
    "S05": Rule("error", "A value has the wrong type or is out of range.", "See configuration.md."),
    "S06": Rule(
        "error",
        "Settings contradict each other or name what does not exist.",
        "The primary model is no model, a route or assumption is unknown or stands twice.",
    ),
    "R00": Rule("error", "A file of the review is missing.", "`make new REVIEW=path` makes all of them."),
    "R01": Rule("error", "An outcome is not declared in config/review.yaml.", "Its direction is there."),
    "R02": Rule(
        "error",
        "A study is not in data/studies.csv.",
        "An extraction file is named after its study: data/extraction/<study_id>.csv.",
    ),
    "R03": Rule(
        "error",
        "Results are extracted of a study that is not included.",
        "Either its status is wrong, or its results must not be used.",
    ),
    "R04": Rule(
        "error",
        "A reported outcome is not in config/vocabulary.csv.",
        "Its outcome and its direction are known from there, never from the row itself.",
    ),
    "R05": Rule("error", "Two files name a result alike.", "Every result has a name of its own."),
    "R06": Rule("error", "The name of an analysis cannot be that of a folder.", "Results stand there."),
    "R07": Rule("error", "An analysis names a model that does not exist.", "See pooling.models."),
    "R08": Rule("error", "An analysis names a moderator that is not declared.", "See moderators."),
    "R09": Rule("error", "The target time lies outside the time window.", "No effect could be near it."),
    "R10": Rule("error", "A design or comparator is not known.", "It would select nothing in silence."),
    "R11": Rule(
        "error",
        "A table in data/extraction is not a .csv file.",
        "It would not be read, and its study would be missing in silence.",
    ),
    "R12": Rule("error", "There is no result at all.", "A new review starts so; fill in the first study."),
    "R13": Rule(
        "error",
        "An analysis leaves out an intervention class that no study has.",
        "A mistyped class would let in, in silence, what the plan keeps out.",
    ),
    "R14": Rule("error", "A study has the name of a results file.", "The two files would overwrite each other."),
    **STUDY_RULES,
    "R21": Rule(
        "error",
        "The primary model of an analysis does not fit how it chooses effects.",
        "All effects of a cohort need a model with a structure; one of each cohort needs a model without.",
    ),
    "R22": Rule("error", "Subgroups are named by a moderator that holds numbers.", "Numbers enter as moderators."),
    "R23": Rule("error", "The formula of moderators cannot be read.", "See methods/moderators.md."),
    "R24": Rule(
        "error",
        "A meta-regression is asked of an analysis that keeps all effects of a cohort.",
        "It takes effects as independent.",
    ),
    **UNIT_RULES,
    **RATING_RULES,
    **FLOW_RULES,
}
