"""The rules that compare the numbers of results with each other, in words."""

from __future__ import annotations

from commands.rule import Rule

#: Number of a rule -> its words; they go on where those of single cells and rows end.
NUMBER_RULES = {
    "C21": Rule(
        "error",
        "Smallest value, quartiles, median and largest value are out of order, or the mean lies outside.",
        "Two of them are swapped, or one is mistyped.",
    ),
    "C22": Rule(
        "error",
        "A mean, median or difference lies outside the range of its instrument.",
        "The range is scale_min and scale_max in config/vocabulary.csv. Rows in another unit are not looked at.",
    ),
    "C23": Rule(
        "error",
        "A standard deviation is larger than scores of the instrument can spread.",
        "Half the range (Popoviciu), less where the mean is near an end (Bhatia and Davis), times the root of "
        "n / (n - 1).",
    ),
    "C24": Rule(
        "error",
        "Totals do not hold their parts.",
        "Arms and n_total, events of the arms and events_total, numbers of pairs and people.",
    ),
    "C25": Rule("error", "The variance of a log-rank statistic is not above 0.", "Nothing can be divided by it."),
    "C26": Rule(
        "warning",
        "An interval is not symmetric about its estimate, on the log scale for ratios.",
        "By more than the rounding of all three: mostly a typing error. Intervals that ci_method calls exact, profile "
        "or bootstrap are not looked at; for standardised and risk differences 3 % of the width is allowed.",
    ),
    "C27": Rule(
        "warning",
        "The interval of a ratio is symmetric as it stands and not on the log scale.",
        "Its logarithm was typed, or it is a difference.",
    ),
    "C28": Rule(
        "warning",
        "Standard error, interval, estimate and t or z contradict each other.",
        "By more than 2 % beyond rounding. A standard error of a ratio itself is recognised and named.",
    ),
    "C29": Rule(
        "warning",
        "The interval seems to have another level.",
        "The standard error or the counts fit a 90, 95 or 99 % interval, and not the level that is typed.",
    ),
    "C30": Rule(
        "warning",
        "An odds ratio, risk ratio, risk difference or rate ratio does not follow from the counts beside it.",
        "By more than 2 % beyond rounding (5 % for its interval). Adjusted estimates are not compared; swapped arms "
        "are recognised and named.",
    ),
    "C31": Rule(
        "warning",
        "A difference, a standardised difference or a t does not follow from the means beside it.",
        "By more than 2 % beyond rounding. Adjusted estimates are not compared; a turned sign is recognised and named.",
    ),
    "C32": Rule(
        "warning",
        "The standard deviations of the two arms differ more than three-fold.",
        "One of them is then often a standard error, or a misprint.",
    ),
    "C33": Rule(
        "warning",
        "A standard deviation is far below those of other studies on the same instrument.",
        "At most 1/2.5 of their median, and nearer to it when it is taken for a standard error.",
    ),
    "C34": Rule(
        "warning",
        "Two groups differ by more than three standard deviations.",
        "Three in five such differences in published meta-analyses came from a standard error typed as a standard "
        "deviation (Kadlec 2023).",
    ),
    "C35": Rule(
        "warning",
        "The mean less two standard deviations lies below the lowest score.",
        "The data are skewed, or median and quartiles were typed as mean and standard deviation.",
    ),
    "C36": Rule("warning", "A percent up to 1 stands beside larger ones of the same outcome.", "It may be a fraction."),
    "C37": Rule(
        "warning",
        "The numbers favour the other arm than the source is said to favour.",
        "Swapped arms, a turned sign, or a wrong direction in config/vocabulary.csv.",
    ),
    "C38": Rule(
        "warning",
        "No whole-number scores of so many people have this mean.",
        "GRIM (Brown and Heathers 2017), where config/vocabulary.csv gives items and the study is small enough.",
    ),
    "C39": Rule(
        "warning",
        "No whole-number scores with this mean have this standard deviation.",
        "GRIMMER (Anaya 2016; Allard 2018), under the same conditions.",
    ),
    "C40": Rule(
        "warning",
        "Mean and standard deviation are those at baseline, or those of the other arm.",
        "A column may have been copied.",
    ),
    "C41": Rule("error", "Two rows of a study are the same result.", "It would be counted twice."),
    "C42": Rule(
        "warning",
        "Outcome, time and arms stand twice in a study.",
        "Rows that differ on purpose say so in analysis_set, adjusted, covariates, instrument or estimate_scale.",
    ),
    "C43": Rule(
        "warning",
        "An arm has two sizes at one time for one outcome.",
        "A typing error, or other people are counted: then analysis_set says so.",
    ),
    "C44": Rule(
        "warning",
        "The same people stand in both arms, without a correlation, pairs or a paired test.",
        "The effect then rests on an assumption.",
    ),
}
STUDY_RULES = {
    "R15": Rule(
        "warning",
        "Two studies of different people share their numbers.",
        "Three or more cells with eight significant digits together: one trial under two names. Studies of the same "
        "people share a cohort_id.",
    ),
    "R16": Rule("warning", "Two studies of different people have the same DOI.", "One paper under two names."),
    "R17": Rule(
        "warning",
        "People of a study are nested in clusters, and its rows say nothing of it.",
        "Without icc or clustering_adjusted the standard error may be too small.",
    ),
    "R18": Rule(
        "error",
        "An acknowledgement names a rule that is no warning.",
        "Errors cannot be acknowledged; the nearest rule is shown.",
    ),
    "R19": Rule(
        "warning",
        "An acknowledgement names a warning that is not there any more.",
        "The data have changed: delete it.",
    ),
    "R20": Rule(
        "error",
        "An analysis asks for a measure that is not computed.",
        "`conversion.measures` in `config/review.yaml` names the measures and their variance formulas.",
    ),
}
UNIT_RULES = {
    "U01": Rule(
        "error", "No conversion leads from the unit of a row to that of its term.", "Add it to config/units.csv."
    ),
    "U02": Rule(
        "error",
        "A conversion has a factor of 0 or below, limits out of order, or stands twice.",
        "It would convert nothing, or wrongly.",
    ),
    "U03": Rule(
        "warning",
        "A converted mean is not plausible.",
        "It lies outside plausible_min and plausible_max of config/units.csv: the unit is often another.",
    ),
    "U04": Rule(
        "warning",
        "A term is printed in two units, and config/vocabulary.csv names none to bring both to.",
        "Raw differences of the two cannot be pooled.",
    ),
    "U05": Rule(
        "warning",
        "An instrument has both directions within one outcome.",
        "More of it cannot be better and worse; subscales need names of their own.",
    ),
    "U06": Rule(
        "warning",
        "A term, but for capitals and spaces, stands twice with different directions.",
        "One of the two is wrong.",
    ),
    "U07": Rule(
        "error",
        "The answers of an analysis to shared arms and to overlapping results contradict each other.",
        "Split makes effects of the parts of an arm, and aggregate would make one of them again.",
    ),
}
