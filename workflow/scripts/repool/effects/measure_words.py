"""The effect measures in words: for checks, figures, report and documentation, without the formulas."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MeasureWords:
    """A measure as a reader meets it.

    Parameters
    ----------
    title : str
        Its name in words.
    is_log : bool
        Whether it is analysed as a natural logarithm and shown as the ratio itself.
    has_null : bool
        Whether a value of it means "no effect"; False for measures that describe one group.
    vtypes : tuple of str
        Variance formulas it can be computed with, the usual one first; "given": it is only taken as printed.
    """

    title: str
    is_log: bool = False
    has_null: bool = True
    vtypes: tuple[str, ...] = ("LS",)


def _ratio(title: str, *vtypes: str) -> MeasureWords:
    return MeasureWords(title, is_log=True, vtypes=vtypes or ("LS",))


def _plain(title: str, *vtypes: str) -> MeasureWords:
    return MeasureWords(title, vtypes=vtypes or ("LS",))


def _one_group(title: str, *vtypes: str) -> MeasureWords:
    return MeasureWords(title, has_null=False, vtypes=vtypes or ("LS",))


#: metafor's code -> words. `effects.measures.catalogue` holds the formulas.
MEASURE_WORDS = {
    "OR": _ratio("odds ratio"),
    "RR": _ratio("risk ratio"),
    "RD": _plain("risk difference", "LS", "UB", "AV"),
    "PETO": _ratio("Peto's odds ratio"),
    "AS": _plain("difference of arcsine roots of the risks"),
    "PHI": _plain("phi coefficient", "LS", "ST", "CS"),
    "YUQ": _plain("Yule's Q"),
    "YUY": _plain("Yule's Y"),
    "RTET": _plain("tetrachoric correlation"),
    "OR2D": _plain("standardised mean difference from the odds ratio (logistic), by its short name"),
    "OR2DL": _plain("standardised mean difference from the odds ratio (logistic)"),
    "OR2DN": _plain("standardised mean difference from the odds ratio (normal)"),
    "PBIT": _plain("standardised mean difference from probits"),
    "IRR": _ratio("rate ratio"),
    "IRD": _plain("rate difference"),
    "IRSD": _plain("difference of square roots of the rates"),
    "HR": _ratio("hazard ratio", "given"),
    "MD": _plain("mean difference", "LS", "HO"),
    "SMD": _plain("standardised mean difference", "LS", "LS2", "UB", "AV"),
    "SMDH": _plain("standardised mean difference with unequal variances", "LS", "LS5"),
    "SMD1": _plain("standardised mean difference (SD of arm 2)", "LS", "LS2", "UB", "AV"),
    "SMD1H": _plain("standardised mean difference (SD of arm 2) with unequal variances", "LS", "LS5"),
    "ROM": _ratio("ratio of means", "LS", "HO", "AV", "AVHO", "LS5"),
    "VR": _ratio("ratio of standard deviations"),
    "CVR": _ratio("ratio of coefficients of variation", "LS", "LS5"),
    "RPB": _plain("point-biserial correlation", "LS", "ST", "CS"),
    "RBIS": _plain("biserial correlation"),
    "D2OR": _ratio("odds ratio from the standardised mean difference (logistic), by its short name"),
    "D2ORL": _ratio("odds ratio from the standardised mean difference (logistic)"),
    "D2ORN": _ratio("odds ratio from the standardised mean difference (normal)"),
    "MC": _plain("mean change"),
    "SMCC": _plain("standardised mean change (SD of the change)", "LS", "LS2"),
    "SMCR": _plain("standardised mean change (baseline SD)", "LS", "LS2"),
    "SMCRH": _plain("standardised mean change (baseline SD) with unequal variances", "LS", "LS5"),
    "SMCRP": _plain("standardised mean change (pooled SD)"),
    "SMCRPH": _plain("standardised mean change (pooled SD) with unequal variances"),
    "ROMC": _ratio("ratio of means of one group", "LS", "LS5"),
    "VRC": _ratio("ratio of standard deviations of one group"),
    "CVRC": _ratio("ratio of coefficients of variation of one group", "LS", "LS5"),
    "MPORC": _ratio("conditional odds ratio of pairs"),
    "MPPETO": _ratio("Peto's odds ratio of pairs"),
    "MPRR": _ratio("risk ratio of pairs"),
    "MPOR": _ratio("marginal odds ratio of pairs"),
    "MPORM": _ratio("marginal odds ratio from margins"),
    "MPRD": _plain("risk difference of pairs"),
    "COR": _plain("correlation", "LS", "AV"),
    "UCOR": _plain("unbiased correlation", "LS", "UB", "AV"),
    "ZCOR": _plain("Fisher's z of the correlation"),
    "ZSPEARMAN": _plain("Fisher's z of Spearman's rho"),
    "PCOR": _plain("partial correlation", "LS", "LS5", "AV"),
    "ZPCOR": _plain("Fisher's z of the partial correlation", "LS", "LS5"),
    "SPCOR": _plain("semi-partial correlation"),
    "PR": _one_group("proportion", "LS", "UB", "AV"),
    "PLN": _one_group("log proportion", "LS", "AV"),
    "PLO": _one_group("log odds of the proportion", "LS", "AV"),
    "PAS": _one_group("arcsine root of the proportion"),
    "PRZ": _one_group("probit of the proportion"),
    "PFT": _one_group("double arcsine of the proportion"),
    "IR": _one_group("rate"),
    "IRLN": _one_group("log rate"),
    "IRS": _one_group("square root of the rate"),
    "IRFT": _one_group("Freeman-Tukey rate"),
    "MN": _one_group("mean"),
    "MNLN": _one_group("log mean"),
    "SMN": _one_group("standardised mean"),
    "SDLN": _one_group("log standard deviation"),
    "CVLN": _one_group("log coefficient of variation"),
    "ARAW": _one_group("Cronbach's alpha"),
    "AHW": _one_group("Cronbach's alpha, cube root"),
    "ABT": _one_group("Cronbach's alpha, log"),
}
#: Measures analysed as natural logarithms and shown as ratios.
RATIO_MEASURES = frozenset(name for name, measure in MEASURE_WORDS.items() if measure.is_log)
#: Measures of one group: no value of theirs means "no effect".
ONE_GROUP_MEASURES = frozenset(name for name, measure in MEASURE_WORDS.items() if not measure.has_null)
#: Variance formulas that average over the studies of one analysis. Results become effects before it is known which
#: analysis takes them, and a new study would change the variances of all others; so a review cannot ask for them.
AVERAGING_VTYPES = ("AV", "AVHO")
#: Measures of a group against its own past: a change, which compares no two groups.
CHANGE_MEASURES = frozenset({"MC", "SMCC", "SMCR", "SMCRH", "SMCRP", "SMCRPH", "ROMC", "VRC", "CVRC"})
