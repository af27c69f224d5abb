"""Each preset of the forest plot beside R's: the same numbers in every row, in the words of the convention.

Expected numbers: docs/presets/numbers.csv, written by docs/presets/presets.R with R 4.2.2 and metafor 3.8-1 from the
counts that the examples have typed; it computes nothing that repool has computed.
"""

import csv
import re
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree

import pytest
from example_runs import has_metafor

ROOT = Path(__file__).resolve().parents[1]
PRESETS = ROOT / "docs/presets"
BCG = "examples/bcg/results/analyses/bcg_rr/figures"
PICTURES = {
    "revman5": "examples/caffeine/results/analyses/headache_rr/forest.svg",
    "jama": f"{BCG}/forest_jama.svg",
    "bmj": f"{BCG}/forest_bmj.svg",
    "subgroup": f"{BCG}/forest_subgroup.svg",
}
#: What the row of a study prints, in any order.
OF_A_STUDY = ("ai", "n1i", "ci", "n2i", "weight_percent", "estimate", "ci_lb", "ci_ub")


def numbers(folder):
    """Return R's numbers: preset -> row -> quantity -> value."""
    found = defaultdict(lambda: defaultdict(dict))
    with (folder / "numbers.csv").open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            found[row["preset"]][row["row"]][row["quantity"]] = float(row["value"])
    return found


R = numbers(PRESETS)
STUDIES = [(preset, row) for preset in PICTURES for row in R[preset] if re.search(r"\d{4}$", row)]


def words(preset):
    """Return gid -> words of the texts of our picture; the lines of a text are joined."""
    namespace = "{http://www.w3.org/2000/svg}"
    tree = ElementTree.parse(ROOT / PICTURES[preset])
    found = defaultdict(list)
    for group in tree.iter(f"{namespace}g"):
        texts = [" ".join("".join(text.itertext()).split()) for text in group.findall(f"{namespace}text")]
        if texts:
            found[re.sub(r"-line-\d+$", "", group.get("id", ""))] += texts
    return {gid: " ".join(lines) for gid, lines in found.items()}


def printed(text):
    """Return the numbers of a text as they are printed, without the minus that joins two of them."""
    return re.findall(r"(?<![\w.])[-−]?\d+(?:\.\d+)?|(?<=[(-])\d+(?:\.\d+)?|\.\d+", text.replace(",", " "))


def stands_for(word, value):
    """Return whether a printed number is this value, rounded to as many places as are printed."""
    places = len(word.partition(".")[2])
    # Half a unit of the last place; a little more for values that end in a 5 there.
    return abs(abs(float(word.replace("−", "-"))) - abs(value)) <= 0.5 * 10.0**-places * (1 + 1e-9)


def unmatched(found, expected):
    """Return printed numbers that stand for no value, and values that no number stands for; each is used once."""
    left, strange = dict(expected), []
    for word in found:
        # The nearest in size first, so that 0.6 is not taken for 0.63 where both stand in a row.
        near = sorted(left, key=lambda name: abs(left[name] - abs(float(word.replace("−", "-")))))
        match = next((name for name in near if stands_for(word, left[name])), None)
        strange += [word] if match is None else []
        left.pop(match, None)
    return strange, list(left)


@pytest.mark.parametrize(("preset", "study"), STUDIES)
def test_row_of_a_study_prints_rs_numbers_and_no_others(preset, study):
    text = words(preset)
    cells = [
        text[gid] for gid in text if gid.endswith(f"-{study}-01") and not gid.startswith(("row-", "bias-", "arms-"))
    ]
    expected = {name: R[preset][study][name] for name in OF_A_STUDY}
    assert unmatched([number for cell in cells for number in printed(cell)], expected) == ([], [])


@pytest.mark.parametrize("preset", PICTURES)
def test_pooled_result_prints_rs_numbers(preset):
    (cell,) = [text for gid, text in words(preset).items() if gid.startswith("pooled-effect-as_reported")]
    expected = {name: R[preset]["total"][name] for name in ("estimate", "ci_lb", "ci_ub")}
    assert unmatched(printed(cell), expected) == ([], [])


@pytest.mark.parametrize("preset", PICTURES)
def test_prediction_interval_is_what_r_computes(preset):
    (cell,) = [text for gid, text in words(preset).items() if gid.startswith("prediction-effect-as_reported")]
    assert unmatched(printed(cell), R[preset]["prediction"]) == ([], [])


#: The numbers that each journal prints in its sentences under the total.
SENTENCES = [
    ("revman5", "heterogeneity", ("tau2", "q", "df", "q_pval", "i2_percent")),
    ("revman5", "overall", ("statistic", "pval")),
    ("jama", "heterogeneity", ("q", "df", "q_pval", "i2_percent")),
    ("jama", "overall", ("statistic", "df", "pval")),
    ("bmj", "heterogeneity", ("tau2", "q", "df", "q_pval", "i2_percent")),
    ("bmj", "overall", ("statistic", "df", "pval")),
]


@pytest.mark.parametrize(("preset", "test", "names"), SENTENCES)
def test_sentence_under_the_total_prints_rs_numbers(preset, test, names):
    sentence = words(preset)[f"test-{test}-as_reported"]
    expected = {name: R[preset]["test"][name] for name in names}
    bound = re.search(r"P ?< ?([\d.]+)", sentence)
    if bound:
        name = names[-1] if test == "overall" else "q_pval"
        assert expected.pop(name) < float(bound[1])
        sentence = sentence.replace(bound[0], "")
    assert unmatched(printed(sentence), expected) == ([], [])


@pytest.mark.parametrize("place, name", [(1, "alternate"), (2, "random"), (3, "systematic")])
def test_subgroup_prints_rs_numbers(place, name):
    expected = {key: R["subgroup"][name][key] for key in ("estimate", "ci_lb", "ci_ub")}
    assert unmatched(printed(words("subgroup")[f"subtotal-effect-group-{place}"]), expected) == ([], [])
    (size,) = re.findall(r"\(k = (\d+)\)", words("subgroup")[f"subtotal-group-{place}"])
    assert int(size) == R["subgroup"][name]["k"]


def test_difference_between_subgroups_is_what_r_computes():
    sentence = words("subgroup")["note-subgroups"].partition("Test of the difference: ")[2]
    assert unmatched(printed(sentence), R["subgroup"]["between"]) == ([], [])


def test_a_wrong_digit_would_be_seen():
    expected = {"estimate": 0.2194, "ci_lb": 0.0521, "ci_ub": 0.924}
    assert unmatched(printed("0.22 [0.05, 0.92]"), expected) == ([], [])
    assert unmatched(printed("0.21 (0.05-0.92)"), expected) == (["0.21"], ["estimate"])
    assert unmatched(printed("0.22 [0.05, 0.92] 3"), expected) == (["3"], [])
    assert unmatched(printed("t = −3.95, P = .002"), {"statistic": -3.9522, "pval": 0.00192}) == ([], [])


@pytest.mark.slow
@pytest.mark.skipif(not has_metafor(), reason="R with metafor is not on this machine")
def test_rs_numbers_come_out_again(tmp_path):
    words = [shutil.which("Rscript"), PRESETS / "presets.R", tmp_path]
    subprocess.run([str(word) for word in words], cwd=ROOT, capture_output=True, check=True)
    again = numbers(tmp_path)
    assert again.keys() == R.keys()
    for preset, rows in R.items():
        for row, values in rows.items():
            # Twelve digits are written; another machine's mathematics may move the last ones.
            assert again[preset][row] == pytest.approx(values, rel=1e-9), (preset, row)
