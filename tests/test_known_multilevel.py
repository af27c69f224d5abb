"""Multilevel models are held to every answer of R's metafor kept beside the repository."""

import math
import re

import known_answers
import numpy as np
import pytest

from repool.pooling.dependence.covariance_blocks import block_covariance
from repool.pooling.dependence.multilevel import fit_multilevel
from repool.pooling.dependence.profile_components import profile_interval
from repool.pooling.dependence.random_effects import predict_random_effects
from repool.pooling.dependence.random_terms import RandomTerm
from repool.pooling.moderators.formula import design_from_formula

pytestmark = pytest.mark.skipif(
    not known_answers.ELSEWHERE.is_dir(), reason="R's answers are not beside the repository"
)

#: R's searches end where the likelihood is flat to rounding: 1e-5 of a standard error in a
#: coefficient, 1e-4 in a component, as the answers' own description advises; a bound is a root on
#: R's default tolerance of 1.2e-4 absolute.
TOLERANCE_BETA = 1e-5
TOLERANCE_COMPONENT = 1e-4
TOLERANCE_BOUND = 1e-3

NAMES = sorted({name for name, *_ in known_answers.cases("rma.mv", "confint.mv", "ranef.mv", "vcalc")})


def used_rows(case, contents):
    """Return the rows of the data set that R used, with effects and description."""
    table, about = known_answers.data_set(case["id"].rsplit(":", 1)[0])
    effect = contents["effects"][case["effect"]]
    used = known_answers.rows_used(effect)
    table[".row"] = np.arange(1, len(table) + 1)
    yi, vi = known_answers.pairs(effect)
    return table[used].reset_index(drop=True), about, yi, vi


def column(table, about, name):
    """Return a column as R orders its levels: declared levels become positions."""
    name = re.sub(r"^factor\((.*)\)$", r"\1", name.strip())
    levels = about["columns"].get(name, {}).get("levels")
    values = table[name].to_numpy()
    return np.array([levels.index(str(v)) for v in values]) if levels else values


def random_terms(args, table, about):
    """Return the terms that R's formulas name."""
    structs = args.get("struct", "CS")
    structs = [structs] if isinstance(structs, str) else list(structs)
    terms = []
    for formula in args["random"]:
        left, right = (part.strip() for part in formula.lstrip("~ ").split("|"))
        if left != "1":
            inner = column(table, about, left)
            terms.append(RandomTerm(column(table, about, right), structs.pop(0), inner, name=formula))
            continue
        path = []
        for name in right.split("/"):
            path.append(column(table, about, name))
            code = np.unique(np.stack([p.astype(str) for p in path]), axis=1, return_inverse=True)[1].ravel()
            known = args.get("R") if args.get("R", {}).get("factor") == name.strip() else None
            if known:
                matrix, levels = np.array(known["matrix"], dtype=float), known["levels"]
                labels = table[name.strip()].astype(str).to_numpy()
                terms.append(RandomTerm(labels, correlation=matrix, correlation_levels=levels, name=name))
            else:
                terms.append(RandomTerm(path[0] if len(path) == 1 else code, name=right))
    return terms


def design(args, table, about):
    """Return the design of R's formula: its matrix, and the rows that have all moderators."""
    levels = {name: facts["levels"] for name, facts in about["columns"].items() if facts.get("levels")}
    made = design_from_formula(table, args.get("mods") or "~ 1", levels=levels, usable=None)
    return made.matrix, made.kept


def sampling(args, table, vi):
    """Return sampling variances, or the covariance that R's vcalc made of them."""
    how = args.get("V")
    if not how:
        return vi
    if how["type"] != "vcalc" or set(how) - {"type", "cluster", "obs", "rho"}:
        raise NotImplementedError(how)
    cluster, obs = table[how["cluster"]].to_numpy(), table[how["obs"]].to_numpy()
    return block_covariance(vi, cluster=cluster, obs=obs, rho_obs=how["rho"], indefinite="keep")


def fitted(case, contents):
    """Return our fit of a case."""
    args = case["args"]
    table, about, yi, vi = used_rows(case, contents)
    matrix, kept = design(args, table, about)
    table = table[kept].reset_index(drop=True)
    return fit_multilevel(
        yi[kept],
        sampling(args, table, vi[kept]),
        design=matrix,
        random=random_terms(args, table, about),
        method=args["method"],
        test=args.get("test", "z"),
        dfs=args.get("dfs", "residual"),
        level=args.get("level", 95) / 100 if args.get("level", 95) > 1 else args["level"],
    )


def far(ours, theirs, relative, absolute):
    """Return where two lists differ by more than both tolerances; R's null is our nan."""
    theirs = np.array([known_answers.number(x) for x in np.ravel(np.array(theirs, dtype=object))])
    ours = np.ravel(np.asarray(ours, dtype=float))
    if ours.shape != theirs.shape:
        return f"{ours.size} for {theirs.size} values"
    close = np.isclose(ours, theirs, rtol=relative, atol=absolute, equal_nan=True)
    return "" if close.all() else f"{ours[~close]} for {theirs[~close]}"


def compare_fit(fit, value, yi, vi):
    """Return all differences between a fit and R's answer."""
    searched = 10 * (value.get("xcheck") or {}).get("d_vc", 0.0)
    ours = coefficients(fit, np.array(value["se"], dtype=float), searched)
    ours |= components(fit, value, known_answers.scale(yi, vi), max(TOLERANCE_COMPONENT, searched))
    known = {"coef_names", "s_names", "g_levels", "h_levels", "fit_stats", "xcheck"}
    found = {key: far(ours[key][0], value[key], *ours[key][1:]) for key in value if key in ours}
    found |= {key: "no counterpart" for key in value if key not in ours and key not in known}
    found |= compare_statistics(fit.statistics, value["fit_stats"])
    return [f"{key}: {text}" for key, text in found.items() if text]


def coefficients(fit, se, searched):
    """Return our coefficients and tests by R's names, with relative and absolute tolerance."""
    return {
        "k": (len(fit.residuals), 0, 0),
        "p": (fit.beta.size, 0, 0),
        "beta": (fit.beta, 0, TOLERANCE_BETA * se.min()),
        "se": (fit.se, max(TOLERANCE_BETA, searched), 0),
        "vb": (fit.cov, TOLERANCE_BETA, TOLERANCE_BETA * se.min() ** 2),
        "zval": (fit.statistic, TOLERANCE_BETA, TOLERANCE_BETA),
        # A p-value moves with z times the relative change of z.
        "pval": (fit.pval, TOLERANCE_BETA * (1.0 + float(np.max(fit.statistic**2))), 1e-12),
        "ci_lb": (fit.ci_lb, 0, 3 * TOLERANCE_BETA * se.max()),
        "ci_ub": (fit.ci_ub, 0, 3 * TOLERANCE_BETA * se.max()),
        "ddf": (fit.df, 0, 0),
        "QE": (fit.qe.statistic, 1e-8, 1e-8),
        "QEdf": (fit.qe.df, 0, 0),
        "QEp": (fit.qe.pval, 1e-6, 1e-300),
        "QM": (fit.qm.statistic, 3 * TOLERANCE_BETA, 1e-9),
        "QMdf": ([fit.qm.df] if math.isnan(fit.qm.df2) else [fit.qm.df, fit.qm.df2], 0, 0),
        "QMp": (fit.qm.pval, 3 * TOLERANCE_BETA * (1.0 + fit.qm.statistic), 1e-12),
    }


def components(fit, value, s, relative):
    """Return our variances and correlations by R's names, with relative and absolute tolerance."""
    ours = {
        "sigma2": (fit.sigma2, relative, 1e-6 * s),
        "s_nlevels": ([part.n_levels for part in fit.components if part.structure == "intercept"], 0, 0),
        "I2_total": (fit.i2_total, 0, 1e-3),
        "I2_by_component": (fit.i2_by_component, 0, 5e-3),
        # Shares of nothing: where all variances are 0, R divides its search's leftovers.
        "icc": (fit.icc if fit.sigma2.sum() > 0 else value.get("icc"), 0, TOLERANCE_COMPONENT),
        "typical_v": (fit.typical_variance, 1e-8, 0),
    }
    structured = [part for part in fit.components if part.structure != "intercept"]
    for part, variance, rho in zip(structured, ("tau2", "gamma2"), ("rho", "phi"), strict=False):
        ours[variance] = (part.variances, relative, 1e-6 * s)
        # Without variance there is no correlation; R reports where its search stopped.
        known = part.variances.min() > 1e-9 * s
        ours[rho] = ((part.rho if part.rho.size else [0.0]) if known else value.get(rho), 0, relative)
    return ours


def compare_statistics(ours, theirs):
    """Return differences in likelihood and criteria; R's peak may lie a little lower, never higher."""
    pairs = {"ll": ours.log_likelihood, "dev": ours.deviance, "AIC": ours.aic, "BIC": ours.bic, "AICc": ours.aicc}
    # At a boundary R stops up to 1e-6 below the peak.
    found = {key: far(mine, theirs[key], 1e-8, 4e-6) for key, mine in pairs.items()}
    if ours.log_likelihood < theirs["ll"] - 1e-8 * (1 + abs(ours.log_likelihood)):
        found["peak"] = f"{ours.log_likelihood} is below R's {theirs['ll']}"
    return found


@pytest.mark.parametrize("name", NAMES)
def test_models_agree_with_metafor(name):
    differences = []
    for dataset, case, contents in known_answers.cases("rma.mv"):
        if dataset == name:
            _, _, yi, vi = used_rows(case, contents)
            found = compare_fit(fitted(case, contents), case["value"], yi, vi)
            differences += [f"{case['id']} {case['args']} {text}" for text in found]
    assert differences == []


@pytest.mark.parametrize("name", NAMES)
def test_profile_intervals_agree_with_metafor(name):
    differences = []
    for dataset, case, contents in known_answers.cases("confint.mv"):
        if dataset != name:
            continue
        _, _, yi, vi = used_rows(case, contents)
        args, value = case["args"], case["value"]
        key = "rho" if args["component"] == "rho" else "variance"
        fit = fitted(case, contents)
        term = args["index"] - 1 if args["component"] == "sigma2" else 0
        index = 0 if args["component"] == "sigma2" else args["index"] - 1
        mine = profile_interval(fit, term=term, parameter=key, index=index, level=0.95)
        theirs = value[args["component"]]
        s = known_answers.scale(yi, vi)
        found = far([mine.estimate], theirs[:1], TOLERANCE_COMPONENT, 1e-6 * s)
        # R searches to 1.2e-4 absolute, whatever the scale; a bound it could not reach has a sign.
        found += far([mine.ci_lb], theirs[1:2], TOLERANCE_BOUND, 1.3e-4) if not value["lb_sign"] else ""
        if value["ub_sign"]:
            found += "" if mine.ci_ub >= theirs[2] else f"{mine.ci_ub} below {theirs[2]}"
        else:
            found += far([mine.ci_ub], theirs[2:], TOLERANCE_BOUND, 1.3e-4)
        differences += [f"{case['id']} {found}"] if found or mine.note else []
    assert differences == []


def test_intervals_are_given_where_metafor_could_not_find_them():
    refused = []
    for _, case, contents in known_answers.cases("confint.mv", statuses=("nonconv",)):
        index = case["args"]["index"] - 1
        found = profile_interval(fitted(case, contents), term=index, parameter="variance", index=0, level=0.95)
        if found.note or not found.ci_lb <= found.estimate < found.ci_ub < math.inf:
            refused.append(f"{case['id']} {found}")
    assert refused == []


@pytest.mark.parametrize("name", NAMES)
def test_predicted_random_effects_agree_with_metafor(name):
    differences = []
    for dataset, case, contents in known_answers.cases("ranef.mv"):
        if dataset != name:
            continue
        fit = fitted(case, contents)
        for number, (term, theirs) in enumerate(case["value"].items()):
            mine = predict_random_effects(fit, term=number)
            yardstick = float(np.sqrt(known_answers.scale(*used_rows(case, contents)[2:])))
            # Our levels stand in sorted order of their codes; R's names say which is which.
            order = np.argsort(np.argsort(known_levels(case, contents, number, theirs["levels"])))
            # A component of 0 in R is 1e-11, its prediction errors the root of that: 1e-5.
            for key, values in (("intrcpt", mine.estimate), ("se", mine.se)):
                found = far(values[order], theirs[key], 1e-4, 2e-5 * yardstick)
                differences += [f"{case['id']} {term} {key} {found}"] if found else []
    assert differences == []


def known_levels(case, contents, number, names):
    """Return the code of each of R's level names in our sorted codes."""
    table, about, _, _ = used_rows(case, contents)
    terms = random_terms(case["args"], table, about)
    columns = case["args"]["random"][0].split("|")[1].strip().split("/")[: number + 1]
    if len(case["args"]["random"]) > 1:
        columns = [case["args"]["random"][number].split("|")[1].strip()]
    label = ["/".join(str(x) for x in row) for row in table[columns].to_numpy(dtype=object)]
    code = dict(zip(label, np.unique(np.asarray(terms[number].levels), return_inverse=True)[1], strict=True))
    return np.array([code[name] for name in names])


@pytest.mark.parametrize("name", NAMES)
def test_assumed_covariances_agree_with_metafor(name):
    differences = []
    for dataset, case, contents in known_answers.cases("vcalc"):
        if dataset != name:
            continue
        table, _, _, vi = used_rows(case, contents)
        made = sampling(case["args"], table, vi)
        dense, value = made.dense(), case["value"]
        eigen = np.linalg.eigvalsh(dense)
        determinant = np.linalg.slogdet(dense)[1] if eigen[0] > 0 else math.nan
        ours = {
            "dim": len(dense),
            "sum": dense.sum(),
            "trace": np.trace(dense),
            "eig_min": eigen[0],
            "eig_max": eigen[-1],
            "log_det": determinant,
            "logdet": determinant,
        }
        found = {key: far([ours[key]], [value[key]], 1e-9, 1e-14) for key in value if key in ours}
        found |= {key: "no counterpart" for key in value if key not in ours and key != "blocks"}
        for number, block in enumerate(value.get("blocks", [])):
            rows = np.arange(len(block)) if number == 0 else None
            if rows is not None:
                found[f"block {number}"] = far(dense[np.ix_(rows, rows)], block, 1e-9, 1e-14)
        said = any("not positive definite" in text for text in case.get("warnings", []))
        found["definite"] = "" if said == bool(made.not_positive_definite) else "R says otherwise"
        differences += [f"{case['id']} {key}: {text}" for key, text in found.items() if text]
    assert differences == []
