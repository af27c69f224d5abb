"""`run.py bench`: what it measures against is the same computation, and what it prints are ratios."""

from __future__ import annotations

import shutil

import pytest
from rerun_tools import ROOT, differing

from commands.bench import RUNS, report
from commands.reproduce import results_in


def test_ratios_are_printed_with_their_median_and_range():
    measured = [
        dict(zip(RUNS, values, strict=True)) for values in ((2.0, 0.5, 1.0), (4.0, 0.25, 1.5), (2.5, 0.75, 1.25))
    ]
    lines = report(measured, cores=2).splitlines()
    assert "2 cores" in lines[0] and "3 measurements" in lines[0]
    # Middle, smallest and largest of the three values above, read off by eye.
    assert [line.split()[-3:] for line in lines[2:]] == [
        ["2.50", "2.00", "4.00"],
        ["0.50", "0.25", "0.75"],
        ["1.25", "1.00", "1.50"],
    ]


@pytest.mark.slow
def test_one_process_comes_to_the_same_bytes_as_the_pipeline(base, tmp_path):
    for name in ("config", "data"):
        shutil.copytree(base.path(name), tmp_path / name)
    out, err = base.start("--in-one-process", str(tmp_path), command="bench").communicate()
    assert (out, err) == ("", "")
    assert differing(results_in(tmp_path), base.results()) == []


@pytest.mark.slow
def test_one_process_writes_every_file_where_figures_and_a_word_file_are_asked_for(base, tmp_path):
    caffeine = ROOT / "examples" / "caffeine"
    for name in ("config", "data"):
        shutil.copytree(caffeine / name, tmp_path / name)
    out, err = base.start("--in-one-process", str(tmp_path), command="bench").communicate()
    assert (out, err) == ("", "")
    assert {"results/figures/risk_of_bias.svg", "results/report.docx"} < results_in(tmp_path).keys()
    assert results_in(tmp_path).keys() == results_in(caffeine).keys()
