"""An invented review as the pipeline's own tables, for the tests of the report."""

from __future__ import annotations

from math import log

from report_examined import examined
from report_plan import PLAN, SETTINGS
from report_problems import PROBLEMS

from repool.effects.select import ANALYSIS_EFFECTS, SELECTION
from repool.files import cell_text
from repool.pooling.pool import POOLED_COLUMNS

STUDY_COLUMNS = (
    *("study_id", "cohort_id", "label", "citation", "year", "doi", "pmid", "registration", "design", "allocation"),
    *("cluster", "country", "setting", "population", "n", "n_note", "intervention", "intervention_class"),
    *("comparator_text", "comparator", "status", "reason", "cited_by", "in_eddie2019_text", "extractable"),
    *("source", "retraction", "risk_of_bias_notes"),
)
#: A name that would run, break the page or end a cell if it were not escaped.
NASTY = '<script>alert("1")</script> & Søn 2002'


def study(study_id: str, **cells: str) -> dict[str, str]:
    plain = {"study_id": study_id, "cohort_id": study_id, "label": study_id, "design": "rct", "status": "included"}
    return dict.fromkeys(STUDY_COLUMNS, "") | plain | {"comparator": "usual_care", "extractable": "numeric"} | cells


STUDIES = [
    study("ash2001", label="Ash 2001", cited_by="Oak 2010; Elder 2009", n="80", doi="10.1000/ash<1>", pmid="11"),
    study("birch2002", label=NASTY, n="120"),
    study("cedar2003", label="Cedar 2003", cohort_id="cedar", cited_by="Oak 2010"),
    study("cedar2004", label="Cedar 2004", cohort_id="cedar", cited_by="Oak 2010", extractable="direction_only"),
    study("dill2005", label="Dill 2005", design="single_arm_prepost", comparator="none"),
    study("elm2006", label="Elm 2006", status="excluded", reason="no walking", cited_by="Oak 2010 (letter)"),
    study("fir2007", label="Fir 2007", status="adjacent", reason="another disease", design="cohort_comparative"),
]


def pooled(analysis: str, step: int, reading: str, model: str, **cells: object) -> dict[str, str]:
    """One row of pooled.csv; estimate and limits are given as ratios and stored as logarithms."""
    ratios = {name: cells.pop(name) for name in ("estimate", "ci_lb", "ci_ub") if name in cells}
    chosen = next(m for m in SETTINGS["pooling"]["models"] if m["id"] == model)
    plain = {
        "analysis": analysis,
        "ladder_step": SETTINGS["ladder"][step - 1]["step"],
        "step_order": step,
        "reading": reading,
        "model": model,
        "is_primary": "yes" if model == "reml_kh" else "no",
        "verdict": "pooled" if ratios else "not_pooled",
        "measure": "OR",
        "level": 0.95,
        "i2_definition": "from_tau2",
        "converged": "yes",
        "method_tau2": chosen["method_tau2"],
        "ci_method": chosen["ci_method"],
    }
    logs = {name: log(value) for name, value in ratios.items()}
    exps = {f"{name}_exp": value for name, value in ratios.items()}
    row = plain | logs | exps | cells
    return {name: cell_text(row.get(name, "")) for name in POOLED_COLUMNS}


def effect(analysis: str, step: int, reading: str, study_id: str, **cells: object) -> dict[str, str]:
    """One row of forest.csv; yi and limits are given as ratios and stored as logarithms."""
    own = next(row for row in STUDIES if row["study_id"] == study_id)
    ratios = {name: log(cells.pop(name)) for name in ("yi", "ci_lb", "ci_ub")}
    plain = {
        "analysis": analysis,
        "ladder_step": SETTINGS["ladder"][step - 1]["step"],
        "step_order": step,
        "reading": reading,
        "study_id": study_id,
        "cohort_id": own["cohort_id"],
        "label": own["label"],
        "measure": "OR",
        "sei": 0.3,
        "route": "counts",
        "design": own["design"],
        "comparator": "usual_care",
        "time_months": 6,
    }
    row = plain | ratios | cells
    row["vi"] = row["sei"] ** 2
    return {name: cell_text(row.get(name, "")) for name in (*ANALYSIS_EFFECTS, "ci_lb", "ci_ub", "weight_percent")}


def selection(analysis: str, result_id: str, *, used_from: str = "", reason: str = "") -> dict[str, str]:
    cells = {"analysis": analysis, "result_id": result_id, "study_id": result_id.split("-")[0], "term": "a term"}
    return dict.fromkeys(SELECTION, "") | cells | {"used_from": used_from, "reason": reason}


def visits() -> dict[str, list[dict[str, str]]]:
    """Two trials pooled as printed, a third with an assumption; the cautious reading differs at the second step."""
    rows, forest = [], []
    ash = {"result_id": "ash2001-01", "yi": 2.4, "ci_lb": 1.2, "ci_ub": 4.8, "n_arm1": 40, "n_arm2": 40, "n_total": 80}
    ash |= {"events_arm1": 20, "events_arm2": 12}
    birch = {"result_id": "birch2002-01", "yi": 1.6, "ci_lb": 0.8, "ci_ub": 3.2, "n_total": 120, "route": "ratio_and_p"}
    birch |= {"assumptions": "p_two_sided"}
    cedar = {"result_id": "cedar2003-01", "yi": 0.5, "ci_lb": 0.1, "ci_ub": 2.5, "route": "percents_and_total"}
    cedar |= {"assumptions": "declared_allocation"}
    for reading in SETTINGS["readings"]:
        first = {"k": 2, "n_studies": 2, "n_participants": 200, "tau2": 0.25, "i2_percent": 40, "q": 1.5, "q_df": 1}
        first |= {"assumptions": "p_two_sided", "df": 1, "note": "pi_lb, pi_ub: needs 3 effects, there are 2"}
        numbers = {"estimate": 2.0, "ci_lb": 1.25, "ci_ub": 3.2}
        rows.append(pooled("visits_rct", 1, reading, "reml_kh", **first, **numbers))
        rows.append(pooled("visits_rct", 1, reading, "common", **first, estimate=1.9, ci_lb=1.3, ci_ub=2.8))
        second = {"k": 3, "n_studies": 3, "assumptions": "declared_allocation;p_two_sided", "df": 2}
        estimate = 1.5 if reading == "preferred" else 1.4
        rows.append(pooled("visits_rct", 2, reading, "reml_kh", **second, estimate=estimate, ci_lb=0.4, ci_ub=5.6))
        forest += [effect("visits_rct", 1, reading, "ash2001", **ash, added_at="printed")]
        forest += [effect("visits_rct", 1, reading, "birch2002", **birch, added_at="printed")]
        forest += [effect("visits_rct", 2, reading, "ash2001", **ash, added_at="printed")]
        other = birch if reading == "preferred" else birch | {"yi": 1.4, "sei": 0.4, "route": "percents_and_total"}
        forest += [effect("visits_rct", 2, reading, "birch2002", **other, added_at="printed")]
        forest += [effect("visits_rct", 2, reading, "cedar2003", **cedar, added_at="equal")]
    chosen = [selection("visits_rct", f"{name}-01", used_from="printed") for name in ("ash2001", "birch2002")]
    chosen += [selection("visits_rct", "cedar2003-01", used_from="equal")]
    chosen += [selection("visits_rct", "ash2001-03", reason="one effect per cohort: ash2001-01 comes first")]
    chosen += [selection("visits_rct", "dill2005-02", reason="design is single_arm_prepost")]
    people = [known_people(row["study_id"]) for row in chosen]
    return {"pooled": rows, "forest": forest, "effects": [], "selection": chosen, "participants": people}


def known_people(cohort_id: str) -> dict[str, str]:
    """A cohort of 80 people who all enter."""
    return {"cohort_id": cohort_id, "n_known": "80", "n_used": "80", "n_left_out": "0", "reason": ""}


def alone(analysis: str, study_id: str, result_id: str, *, measure: str, **numbers: float) -> dict[str, list]:
    """One study at both steps: nothing is pooled."""
    rows, forest = [], []
    for step in (1, 2):
        for reading in SETTINGS["readings"]:
            why = {"k": 1, "n_studies": 1, "n_participants": 80, "reason": "1 effect", "measure": measure}
            rows += [pooled(analysis, step, reading, model["id"], **why) for model in SETTINGS["pooling"]["models"]]
            cells = {"result_id": result_id, "measure": measure, "n_total": 80, "added_at": "printed"}
            forest.append(effect(analysis, step, reading, study_id, **cells, **numbers))
    return {
        "pooled": rows,
        "forest": forest,
        "effects": [],
        "selection": [selection(analysis, result_id, used_from="printed")],
        "participants": [known_people(study_id)],
    }


def ledger_row(result_id: str, *, fate: str = "kept", reason: str = "", warnings: str = "") -> dict[str, str]:
    columns = ("study_id", "result_id", "term", "outcome", "time_months", "fate", "reason", "warnings")
    cells = {
        "study_id": result_id.split("-")[0],
        "result_id": result_id,
        "term": "kept <all> visits",
        "outcome": "visits",
    }
    plain = dict.fromkeys((*columns, "verbatim", "source", "locator"), "") | cells
    return plain | {
        "verbatim": "20/40 v 12/40",
        "source": "a paper",
        "fate": fate,
        "reason": reason,
        "warnings": warnings,
    }


LEDGER = [
    *(ledger_row(name) for name in ("ash2001-01", "ash2001-02", "ash2001-03", "birch2002-01", "cedar2003-01")),
    *(ledger_row(name) for name in ("dill2005-01", "dill2005-02", "birch2002-02", "birch2002-03")),
    ledger_row("birch2002-04", fate="dropped", reason="it has no direction", warnings="percent and count disagree"),
]


def effect_file(*names: str) -> list[dict[str, str]]:
    rows = [{"result_id": name, "yi": "0.1", "route": "counts", "assumptions": "", "reason": ""} for name in names]
    return [
        *rows,
        {"result_id": "birch2002-02", "yi": "", "route": "", "assumptions": "", "reason": "no route leads on"},
    ]


def vote(number: int, study_id: str, outcome: str, result: str) -> dict[str, str]:
    columns = ("outcome_reported", "contrast", "n_total", "p_as_reported", "time_months", "note", "source", "locator")
    cells = {"vote_id": f"v{number}", "study_id": study_id, "outcome": outcome, "result": result}
    return dict.fromkeys(columns, "") | cells


VOTES = [
    vote(1, "ash2001", "visits", "favours_peer"),
    vote(2, "ash2001", "relapse", "no_difference"),
    vote(3, "cedar2003", "visits", "no_difference"),
    vote(4, "cedar2004", "visits", "no_difference"),
    vote(5, "dill2005", "visits", "improved_prepost"),
    vote(6, "fir2007", "visits", "favours_peer"),
]
PICTURE = """<?xml version="1.0" encoding="utf-8" standalone="no"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9pt" viewBox="0 0 9 9">
<metadata><a xmlns="http://example.org/"/></metadata>
<defs><style type="text/css">*{stroke-linejoin: round}</style><clipPath id="clip"><rect width="3"/></clipPath>
<path id="mark" d="M 0 0"/></defs>
<g id="plot" clip-path="url(#clip)"><use xlink:href="#mark"/><text>Ash &lt;2001&gt;</text></g>
</svg>
"""


def results() -> dict[str, dict[str, list[dict[str, str]]]]:
    """Tables of every analysis."""
    return {
        "visits_rct": visits(),
        "relapse_rct": alone("relapse_rct", "ash2001", "ash2001-02", measure="OR", yi=0.25, ci_lb=0.1, ci_ub=0.6),
        # yi = ln(1/3) is the log odds of a quarter; the limits are those of 10 % and 50 %.
        "reach_single": alone(
            "reach_single", "dill2005", "dill2005-01", measure="PLO", yi=1 / 3, ci_lb=1 / 9, ci_ub=1.0
        ),
    }


#: A printed ratio and the percents beside it, 0.72 standard errors apart.
DISAGREEMENTS = [
    {
        **{"result_id": "birch2002-01", "study_id": "birch2002", "measure": "OR", "route": "ratio_and_p"},
        **{"yi": "0.47", "sei": "0.2", "assumptions": "", "other_route": "percents_and_total", "other_yi": "0.65"},
        **{
            "other_sei": "0.25",
            "other_assumptions": "declared_allocation",
            "difference_in_se": "0.72",
            "se_ratio": "1.25",
        },
    }
]


def rows() -> dict[str, list[dict[str, str]]]:
    """Every table by the name of its file."""
    files = {
        f"results/analyses/{analysis}/{name}.csv": table
        for analysis, tables in results().items()
        for name, table in tables.items()
    }
    for analysis in PLAN:
        files[f"results/analyses/{analysis}/leave_one_out.csv"] = []
        files[f"results/analyses/{analysis}/regression.csv"] = []
        files |= {f"results/analyses/{analysis}/{name}.csv": rows for name, rows in examined(analysis).items()}
    names = ("ash2001-01", "ash2001-02", "ash2001-03", "birch2002-01", "birch2002-03", "cedar2003-01", "dill2005-01")
    return files | {
        "results/effects/all.csv": effect_file(*names, "dill2005-02"),
        "results/harmonised/ledger.csv": LEDGER,
        "results/checks/problems.csv": PROBLEMS,
        "results/checks/disagreements.csv": DISAGREEMENTS,
        "data/studies.csv": STUDIES,
        "data/votes.csv": VOTES,
    }


def pictures() -> dict[str, str]:
    """The forest plot of every analysis, by the name of its file."""
    return {f"results/analyses/{analysis}/forest.svg": PICTURE for analysis in PLAN}
