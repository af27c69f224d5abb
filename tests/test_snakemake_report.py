"""`snakemake --report` on a finished review: it needs no network, and holds each plot with its caption."""

import base64
import json
import os
import re
import subprocess
import sys

import pytest
from rerun_rows import ANALYSES, NOTHING

pytestmark = pytest.mark.slow
#: Nobody listens there: whoever asks the network is refused at once.
CUT_OFF = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")


@pytest.fixture(scope="module")
def house(base, tmp_path_factory):
    house = base.copy(tmp_path_factory.mktemp("report") / "house")
    words = [sys.executable, "-m", "snakemake", "--directory", house.folder, "--report", house.path("technical.html")]
    done = subprocess.run(
        [str(word) for word in words], cwd=house.folder, env=os.environ | CUT_OFF, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return house


@pytest.fixture(scope="module")
def results(house):
    """What the page says of each file: caption, labels, and the file itself."""
    text = house.path("technical.html").read_text(encoding="utf-8")
    found = re.search(r"<script id=\"results\">\s*var results = (.*?);\s*</script>", text, re.DOTALL)
    return json.loads(found.group(1))


@pytest.mark.parametrize("analysis", ANALYSES)
def test_each_analysis_has_its_plot_and_its_pooled_results_with_captions(analysis, house, results):
    folder = f"results/analyses/{analysis}"
    for name, words in (("forest.svg", "Forest plot of the analysis"), ("pooled.csv", "Every model of the analysis")):
        entry = results[f"{folder}/{name}"]
        assert entry["caption"].startswith(f"<p>{words}")
        assert f">{analysis}</tt>" in entry["caption"]
        assert entry["labels"]["analysis"]
        content = base64.b64decode(entry["data_uri"].split("base64,")[1])
        assert content == house.path(f"{folder}/{name}").read_bytes()


def test_report_and_workbook_are_in_it(house, results):
    for name in ("results/report.html", "results/tables.xlsx"):
        assert results[name]["caption"].startswith("<p>")
        assert results[name]["labels"] == {"file": name.removeprefix("results/")}


def test_nothing_else_is_in_it_and_nothing_is_loaded(house, results):
    expected = {f"results/analyses/{analysis}/{name}" for analysis in ANALYSES for name in ("forest.svg", "pooled.csv")}
    assert set(results) == expected | {"results/report.html", "results/tables.xlsx"}
    text = house.path("technical.html").read_text(encoding="utf-8")
    assert not re.search(r"<(?:script|img|link)[^>]+(?:src|href)=\"https?:", text)
    question = re.search(r"^question: (.*)$", house.path("config/review.yaml").read_text(encoding="utf-8"), re.M)
    assert question.group(1).strip("\"'")[:40] in text


def test_making_it_leaves_nothing_to_run(house):
    assert house.run().jobs == NOTHING
