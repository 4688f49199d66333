"""Measured errors beside those of a report, checked against scipy's test of two samples."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from cmpnet.analysis.reported import against_report
from cmpnet.output.table_data import pages
from tests.helpers import arm_results, results_of

OURS = [120, 130, 128, 141]  # errors of 1000
THEIRS = np.array([0.1, 0.11, 0.09, 0.105, 0.12, 0.1])
FIGURES = {"test_error": THEIRS.mean(), "test_error_sd": THEIRS.std(ddof=1), "repeats": 6}
WELCH = stats.ttest_ind(np.divide(OURS, 1000), THEIRS, equal_var=False)


def test_the_interval_is_that_of_scipys_test_of_both_samples() -> None:
    interval = WELCH.confidence_interval(0.95)
    counted = {**FIGURES, "test_sd_count": 1000 * FIGURES["test_error_sd"]}
    del counted["test_error_sd"]
    for figures in (FIGURES, counted):
        found = against_report(arm_results("a", OURS, reported=figures))
        assert found is not None
        assert found.n == 6
        assert found.difference == pytest.approx(0.12975 - THEIRS.mean())
        assert found.ci95 == pytest.approx((interval.low, interval.high))


def test_without_mean_sd_and_n_of_both_there_is_no_interval() -> None:
    assert against_report(arm_results("a", OURS)) is None
    assert against_report(arm_results("a", [120], reported=FIGURES)) is None
    assert against_report(arm_results("a", [None, None], reported=FIGURES)) is None
    assert against_report(arm_results("a", OURS, reported={**FIGURES, "repeats": 1})) is None
    for key in FIGURES:
        figures = {name: value for name, value in FIGURES.items() if name != key}
        assert against_report(arm_results("a", OURS, reported=figures)) is None
    equal = against_report(arm_results("a", [100] * 3, reported={**FIGURES, "test_error_sd": 0}))
    assert equal is not None
    assert equal.ci95 == pytest.approx((equal.difference, equal.difference))


def test_the_table_shows_the_reported_sd_and_a_note_says_which_figures_agree() -> None:
    arms = [arm_results("a", OURS, reported=FIGURES), arm_results("b", OURS)]
    (page,) = pages(results_of(arms))
    assert page.tables[0].rows[1].cells[:5] == ("  reported", "6", "-", "-", "10.42 ± 1.02")
    (note,) = (note for note in page.notes if "reported" in note)
    low, high = (f"{100 * end:+.2f}" for end in WELCH.confidence_interval(0.95))
    assert note == (
        "Measured minus reported test error, in points, each with Welch's 95 % interval: "
        f"a +2.56 [{low}, {high}]. The figures agree where the interval contains 0."
    )
