"""The rules on what reviewers judge and report beside the results: risk of bias, flow, certainty."""

from __future__ import annotations

from commands.rule import Rule

RATING_RULES = {
    "B01": Rule(
        "error", "A tool does not have this judgement.", "Its words stand in risk_of_bias.tools of config/review.yaml."
    ),
    "B02": Rule("error", "The tool is not known.", "Domains and words are those of a tool."),
    "B03": Rule("error", "A study was judged twice by one tool.", "Which of the two counts would be chance."),
    "B04": Rule(
        "warning",
        "The judgement on the whole is better than the worst domain.",
        "RoB 2 and ROBINS-I do not allow it; a tool whose `overall` is `free` does.",
    ),
    "B05": Rule("error", "Several studies have the label that names a study.", "The study_id says which is meant."),
    "B06": Rule("error", "A tool does not have this domain.", "The judgement would be shown nowhere."),
    "B07": Rule(
        "error",
        "A plan asks for the risk of bias where no study has a judgement on the whole.",
        "It would compare nothing in silence.",
    ),
    "B08": Rule(
        "warning",
        "An included study was not judged.",
        "Only where the table has rows at all: a review may leave judging out, but not half of it in silence.",
    ),
}

FLOW_RULES = {
    "P01": Rule(
        "error", "A row of the flow of studies is not one of the template, or stands twice.", "See prisma.csv."
    ),
    "P02": Rule(
        "error", "A number of the flow is no count.", "Blank is not recorded; a reason has its number behind a comma."
    ),
    "P03": Rule(
        "error or warning",
        "A sum of the flow does not hold.",
        "An error, unless data/acknowledged.csv says that the source prints it so. Where a number is not recorded, the "
        "others still give a bound.",
    ),
    "P04": Rule(
        "warning",
        "The flow ends with other studies than data/studies.csv includes.",
        "Papers on the same people may count as one study: both ways of counting are accepted.",
    ),
    "P05": Rule("error", "A summary of findings names an analysis that does not exist.", "See config/analyses.csv."),
    "P06": Rule(
        "error",
        "A baseline risk stands beside a measure that leads to no absolute risk.",
        "Odds ratios, risk ratios, risk differences and hazard ratios do.",
    ),
    "P07": Rule(
        "warning",
        "A certainty does not follow from what was rated down and up.",
        "GRADE: randomised trials start as high, other designs as low. Looked at only where all five reasons are "
        "filled and the analysis does not mix both.",
    ),
}
