"""The smallest review that passes the door, as texts of its files; no study in it exists."""

from repool.extraction.review import Review, read_review
from repool.schemas import schema

NAMES = (
    *("review", "analyses", "vocabulary", "studies", "votes", "acknowledged", "units", "extraction"),
    *("risk_of_bias", "prisma", "summary_of_findings", "deviations"),
)
SCHEMAS = {name: schema(name) for name in NAMES}

SETTINGS = """\
title: Invented
question: Does the invented service help?
arms:
  arm1: service
  arm2: no service
outcomes:
  abstinence: {title: Abstinence, higher_is_better: true}
  days_of_use: {title: Days of use, higher_is_better: false}
conversion:
  measures: {OR: LS, SMD: LS}
  zero_cells:
    rule: only0
    add: 0.5
    double_zeros_dropped: [OR]
  p_without_sides: two
  p_thresholds: [0.05, 0.01]
  not_significant: 0.05
  allocation: {value: 0.5, lowest: 0.4, highest: 0.6}
  r_pre_post: {value: 0.5, lowest: 0.3, highest: 0.7}
  icc: none
  medians: luo_wan_shi
  disagreement: {difference_in_se: 0.5, se_ratio: 1.25}
  route_order: [counts, ratio_and_interval]
ladder:
  - step: as_reported
    title: As reported
    assumptions: [p_two_sided]
readings: [preferred]
selection:
  one_effect_per_cohort: [priority, result_id]
  sources_order: []
  multi_arm: choose
  overlap: {rule: one_effect, rho: 0.5}
pooling:
  minimum_k: 2
  primary_model: common
  models:
    - id: common
      method_tau2: none
      ci_method: wald
  level: 0.95
  i2_definition: from_q
  tau2_interval: q_profile
  refuse_above_i2: none
  permutations: none
  prediction_method: none
  minimum_k_prediction: 3
  minimum_k_leave_one_out: 3
examine:
  intervals: {tau2: [], mean: [], prediction: [], thresholds: []}
  bayes: []
  rare_events: []
  dependence:
    models: []
    working_models: []
    rho: []
    method_tau2: REML
    test: t
    dfs: contain
    small_sample: CR2
    minimum_clusters: 3
  subgroups: {tau2: separate, minimum_k: 3, bubble_points: 10}
  missing_evidence:
    minimum_k: 10
    methods: []
    contour_levels: []
    contour_centre: no_effect
    contour_points: 10
  sensitivity:
    minimum_k: 3
    cumulative_by: none
    gosh_subsets: none
    bootstrap: []
    seed: 1
    outliers: none
    subsets: []
    other_measures: {}
  without_pooling:
    by: []
    unit: cohort_id
    agreement: 0.7
    zero_rule: leave_out
    interval: wilson
    combined_p: []
    bounds: leave_out
    without_p: leave_out
    albatross: {effects: {}, arm_ratio: 1, risk_arm2: 0.3, pvals: []}
  verdict:
    few_effects: none
    few_participants: none
    one_study_dominates: none
    heterogeneity: none
    prediction_across: none
    wide_interval: {ratio: 2, standardised: 0.5}
    hangs_on_one_study: none
    hangs_on_choices: none
    rests_on_assumptions: none
    search_unsettled: none
    small_study_effects: none
    few_clusters: none
moderators: {}
accounts:
  - name: Earlier review
    column: cited_by
    words: []
summary_of_findings: {baseline_risk: none}
figures:
  preset: repool
  order: study
  prediction: bar
  models: primary
  rows_per_page: none
  risk_of_bias: false
  width_cm: 18
  font_size: 8
  colour_square: "#000000"
  colour_diamond: "#000000"
  colour_prediction: "#000000"
  png_dpi: 72
  draw: []
  draw_review: []
  formats: [svg]
report:
  word: false
risk_of_bias:
  tools:
    rob2:
      title: RoB 2
      domains: [Randomisation process, Deviations, Missing data]
      judgements: {Low: low, Some concerns: moderate, High: high, No information: no_information}
      overall: not_below_worst
"""

#: File -> text of the whole review.
FILES = {
    "config/review.yaml": SETTINGS,
    "config/analyses.csv": (
        "analysis,title,role,outcome,measure,designs,comparators,time_target_months,"
        "time_min_months,time_max_months,time_not_stated,primary_model,moderators,rationale\n"
        "abstinence_or,Abstinence,primary,abstinence,OR,rct,usual_care,6,0,12,allow,,,why not\n"
    ),
    "config/vocabulary.csv": (
        "term,outcome,higher_is_better,priority\nabstinent,abstinence,yes,1\ndrank,abstinence,no,2\n"
    ),
    "data/studies.csv": (
        "study_id,cohort_id,label,design,status\n"
        "adams2001,adams2001,Adams 2001,rct,included\n"
        "brown2002,brown2002,Brown 2002,rct,included\n"
    ),
    "data/votes.csv": (
        "vote_id,study_id,outcome_reported,outcome,result,source\n"
        "v1,adams2001,abstinent,abstinence,favours_peer,invented\n"
    ),
    "data/extraction/adams2001.csv": (
        "result_id,outcome,outcome_source,condition_arm1,condition_arm2,comparator,"
        "n_arm1,n_arm2,events_arm1,events_arm2,source,locator\n"
        "a1,abstinent,self_report,service,none,usual_care,40,42,20,15,invented,table 1\n"
    ),
    "data/extraction/brown2002.csv": (
        "result_id,outcome,outcome_source,condition_arm1,condition_arm2,comparator,"
        "n_arm1,n_arm2,events_arm1,events_arm2,source,locator\n"
        "b1,abstinent,self_report,service,none,usual_care,30,30,12,9,invented,table 2\n"
    ),
}


def read(changes: dict[str, str | None] | None = None, **more) -> Review:
    """Return the tiny review as read after some files were exchanged, or taken away (None)."""
    files = FILES | (changes or {})
    contents = {name: text.encode() for name, text in files.items() if text is not None}
    return read_review(contents, SCHEMAS, **more)


def swap(file: str, old: str, new: str) -> dict[str, str]:
    """Return one file of the tiny review with one text exchanged for another."""
    assert FILES[file].count(old) == 1, f"{old!r} stands {FILES[file].count(old)} times in {file}"
    return {file: FILES[file].replace(old, new)}


def told(review: Review) -> list[tuple[str, str, int | None, str]]:
    """Return (rule, file, line, column) of every problem of a review."""
    return [(p.rule, p.file, p.line, p.column) for p in review.problems]
