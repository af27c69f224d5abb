"""What the template lays out: sentences whose numbers keep their signs."""

import re

import report_case as case

from repool.report import page as report
from repool.report.view import tied


def test_no_line_ends_before_a_percent_sign_or_the_value_of_i2():
    assert tied("95 % CI 1 to 2; I² 41.3 %; a % b") == "95\xa0% CI 1 to 2; I²\xa041.3\xa0%; a % b"
    files = report.report_files(case.rows(), case.pictures(), settings=case.SETTINGS, plan=case.PLAN, versions={})
    answers = re.findall(r'<span id="answer-[^"]*">([^<]*)</span>', files["results/report.html"])
    assert any("\xa0% CI" in answer for answer in answers)
    assert not any(re.search(r"\d %", answer) for answer in answers)
