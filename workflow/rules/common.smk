# What the rules share: the review as it was typed, and digests of data and code. Nothing is written here,
# unless the review is refused: then results/checks/problems.csv says why.
import sys

PACKAGE_FOLDER = Path(workflow.basedir) / "workflow" / "scripts"
sys.path.insert(0, str(PACKAGE_FOLDER))

from repool import door  # noqa: E402
from repool.problems import ReviewError  # noqa: E402
from repool.extraction import analysis_plan  # noqa: E402
from repool.extraction.settings import carried_columns, numbers_among  # noqa: E402
from repool.report.rst import as_plain_rst  # noqa: E402

try:
    REVIEW = door.open_review(".")
except ReviewError as refusal:
    raise WorkflowError(f"\n{refusal}") from None
SETTINGS = REVIEW.settings
STUDIES = sorted(REVIEW.extraction)
ANALYSES = {row["analysis"]: row for row in REVIEW.analyses}
FORMATS = ["svg", "pdf", "png"]
# The folder of the other figures, where the review asks for any.
PLOTS = ["figures"] if SETTINGS["figures"]["draw"] else []
# The folder of the figures of the whole review, likewise.
REVIEW_PLOTS = ["results/figures"] if SETTINGS["figures"]["draw_review"] else []
# The report as a Word file, likewise.
WORD = ["results/report.docx"] if SETTINGS["report"]["word"] else []
CARRIED = carried_columns(SETTINGS["examine"])
POOLED = ["pooled.csv", "pooled.json", "regression.csv", "forest.csv", "reproduce.R"]
EXAMINED = [
    "intervals.csv", "rare_events.csv", "dependence.csv", "robust.csv", "subgroups.csv", "bubble.csv", "missing_evidence.csv",
    "funnel.csv", "leave_one_out.csv", "influence.csv", "cumulative.csv", "gosh.csv",
    "gosh_cloud.csv", "same_result.csv", "without_pooling.csv", "effect_direction.csv", "albatross.csv", "verdict.csv",
]  # fmt: skip
# What `snakemake --report` prints above all; no rule reads it.
config["report"] = {key: as_plain_rst(SETTINGS[key]) for key in ("title", "question")}


wildcard_constraints:
    analysis="|".join(sorted(ANALYSES)) or "none",


def code_of(rule_name, *resources):
    """Digest of a rule's adapter, the package modules it imports, the files it reads, and the lock."""
    return door.code_digest(rule_name, PACKAGE_FOLDER, resources=[*resources, "../../requirements.lock"])


def hashes_of(*patterns):
    """SHA-256 of data files, so that an edit which keeps an old time stamp is seen."""
    return door.hashes(".", patterns)


def of_analyses(*names):
    """Paths of files that every analysis has."""
    return expand("results/analyses/{analysis}/{name}", analysis=sorted(ANALYSES), name=names)


def after_convert(*paths):
    """Input function: paths that are known to be current only once convert_results has run."""

    def inputs(wildcards):
        # Both, in this order: a job that waits for the second checkpoint alone is forgotten, with all that has
        # changed for it, when the first one runs and leaves the second nothing to do.
        checkpoints.harmonise_results.get()
        checkpoints.convert_results.get()
        return [path.format(**wildcards) for path in paths]

    return inputs


def named(**labels):
    """Labels of an analysis' files in `snakemake --report`: its title, and what else is said."""
    return lambda wildcards: {"analysis": ANALYSES[wildcards.analysis]["title"], **labels}


def labels_of(wildcards):
    """What the forest plot of one analysis is called, and which side is better."""
    row = ANALYSES[wildcards.analysis]
    better = SETTINGS["outcomes"][row["outcome"]]["higher_is_better"]
    return {"title": row["title"], "measure": row["measure"], "higher_is_better": better}
