"""The cells and notes of the tables, checked by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from cmpnet import Results
from cmpnet.output.decision_data import comparison_table, decision_notes
from cmpnet.output.table_data import errors_table, notes, pages, spread_table
from cmpnet.output.tables import Table
from cmpnet.results import ArmResults
from tests.helpers import arm_results, results_of
from tests.test_pool import digit_arm

FIRST = arm_results("first", range(100, 108))
LOWER = arm_results("lower", [60 + s % 3 for s in range(8)])
LIKE = arm_results("like", [100 + s % 4 for s in range(8)])
"""Differences to the first: 0, 0, 0, 0, -4, -4, -4, -4."""


def notes_of(arms: Sequence[ArmResults], **fields: object) -> list[str]:
    (decisions,) = replace(results_of(arms), **fields).decisions  # type: ignore[arg-type]
    return decision_notes(decisions)


def comparisons_of(results: Results) -> Table:
    return comparison_table(results.compare())


# -- comparisons ----------------------------------------------------------------------------------


def test_a_difference_has_its_interval_its_p_and_a_verdict() -> None:
    table = comparisons_of(results_of([FIRST, LOWER, LIKE]))
    assert table.title == "Test error against first, paired by seed"
    assert table.headings == ("Arm", "n", "Difference", "95 % interval", "p", "g", "Verdict")
    lower, like = (row.cells for row in table.rows)
    # 60, 61, 62, 60, ... against 100 ... 107: by hand a mean of -42.625 errors of 1000 and an SD
    # of 2.326, but counting alone explains one of sqrt(0.042625 * 0.957375 / 1000) = 6.388. With
    # t(7) = 2.836 for 1 - 0.95^(1/2) (scipy): -4.26 -+ 0.64.
    assert lower[:4] == ("lower", "8", "-4.26", "[-4.90, -3.62]")
    assert (lower[4], lower[6]) == ("< 0.001", "lower")
    # Mean -2 of 1000, SD 2.138: counting explains 1.410. -0.20 -+ 2.836 * 0.2138 / sqrt(8).
    assert like[:4] == ("like", "8", "-0.20", "[-0.41, +0.01]")
    # t = -2.646: p = 0.0331 for one (scipy), 1 - (1 - 0.0331)^2 for two.
    assert like[4] == "0.065"
    # -2 / 2.138 = -0.935, times Hedges' 1 - 3 / 27: -0.83.
    assert like[5:] == ("-0.8", "equivalent")


def test_each_arms_reference_is_named_where_there_are_several() -> None:
    section = replace(results_of([FIRST, LOWER, LIKE]).sections[0], pairs=((1, 0), (2, 1)))
    table = comparisons_of(Results(sections=(section,)))
    assert table.title == "Test error against each arm's reference, paired by seed"
    assert table.text_columns == 2
    assert [row.cells[:2] for row in table.rows] == [("lower", "first"), ("like", "lower")]


def test_what_cannot_be_said_is_a_dash() -> None:
    arms = [arm_results(name, [counts] * 2) for name, counts in (("a", 100), ("b", 60))]
    (row,) = comparisons_of(results_of(arms)).rows
    assert row.cells == ("b", "2", "-4.00", "-", "-", "-", "undecided")


def test_the_notes_say_what_decides_and_how_many_differences_share_the_error() -> None:
    one, two = notes_of([FIRST, LOWER]), notes_of([FIRST, LOWER, LIKE])
    assert one[0].startswith("95 % covers the difference decided here (t")
    assert two[0].startswith("95 % covers the 2 differences decided here together")
    assert not any("depended on the results" in note for note in two)
    until = [replace(arm, until_decided=True) for arm in (FIRST, LOWER, LIKE)]
    assert any("depended on the results" in note for note in notes_of(until))
    assert notes_of([FIRST]) == []


def test_the_margin_is_named_where_something_is_equivalent_or_undecided() -> None:
    wide = arm_results("wide", [50, 150, 60, 140, 70, 130, 80, 120])
    even = arm_results("even", [100 + s + (-1) ** s for s in range(8)])
    for other in (even, wide):
        (note,) = [note for note in notes_of([FIRST, other]) if "equivalent" in note]
        assert note == '"equivalent": the whole interval is within ±1.00 points (--margin).'
        (note,) = [note for note in notes_of([FIRST, other], margin=0.02) if "equivalent" in note]
        assert "within ±2.00 points" in note
    assert not any("equivalent" in note for note in notes_of([FIRST, LOWER]))


def test_the_margin_of_small_errors_is_a_tenth_of_the_reference() -> None:
    arms = [arm_results("a", [20, 30, 40, 30]), arm_results("b", [40, 30, 20, 31])]
    assert '"equivalent": the whole interval is within ±0.30 points (--margin).' in notes_of(arms)


@pytest.mark.parametrize(("repeats", "given"), [(1, "1 repeat decides"), (2, "2 repeats decide")])
def test_too_few_repeats_are_said_to_decide_nothing(repeats: int, given: str) -> None:
    arms = [arm_results(name, [100] * repeats) for name in "ab"]
    assert f"{given} nothing; at least 3 are needed." in notes_of(arms)
    until = [replace(arm, until_decided=True) for arm in arms]
    assert any("at least 5 are needed" in note for note in notes_of(until))


def test_three_repeats_need_no_note_about_their_number() -> None:
    arms = [arm_results("a", [100, 101, 102]), arm_results("b", [90, 91, 93])]
    assert not any("needed" in note for note in notes_of(arms))


def test_only_what_lost_repeats_is_said_to_have_too_few() -> None:
    lost = arm_results("lost", [60, 61, None, None, None, None, None, None])
    gone = arm_results("gone", [None] * 8)
    (note,) = [note for note in notes_of([FIRST, LOWER, lost, gone]) if "needed" in note]
    assert note == "lost: 2 repeats decide nothing; at least 3 are needed."


def test_a_page_has_the_comparisons_of_its_own_section() -> None:
    sections = [results_of(arms).sections[0] for arms in ([FIRST, LOWER], [FIRST, LIKE])]
    for page, other in zip(
        pages(Results(sections=tuple(sections))), ("lower", "like"), strict=True
    ):
        assert [row.cells[0] for row in page.tables[-1].rows] == [other]
        assert any("the 2 differences" in sentence for sentence in page.sentences)


# -- errors and their spread ----------------------------------------------------------------------


def test_the_spread_due_to_seeds_is_separated_from_the_sampling_error() -> None:
    # By seed, with 2 / 7.378 and 2 / 0.0506 of a chi-square table: (100e-6 * 2 / 7.378 - 65.2e-6)
    # is below 0, and 100e-6 * 2 / 0.0506 - 65.2e-6 is the square of 6.23 points.
    # 60, 70, 80 errors of 1000: SD 1.00; sampling sqrt(0.07 * 0.93 / 999) = 0.81; the rest 0.59.
    wide, tight = arm_results("wide", [60, 70, 80]), arm_results("tight", [70, 71, 72])
    table = spread_table([wide, tight])
    assert table.rows[0].cells[2:] == ("7.00", "6.00-8.00", "0.59 [0.0, 6.2]", "0.81")
    assert table.rows[1].cells[4] == "0.00 [0.0, 5.0]"
    assert any("cannot be told from 0" in note for note in notes([wide, tight]))
    assert not any("cannot be told" in note for note in notes([arm_results("far", [10, 70, 200])]))


def test_the_interval_of_a_mean_error_stays_above_0() -> None:
    # Two errors in 10,000: t gives 0.02 -+ 2.262 * 0.0422 / sqrt(10), which starts at -0.01.
    table = spread_table([arm_results("good", [1, 0, 0, 0, 0, 1, 0, 0, 0, 0])])
    low, high = map(float, table.rows[0].cells[1].strip("[]").split(", "))
    assert 0 <= low < 0.02 < high


def test_a_note_says_what_the_intervals_cover() -> None:
    digits, points = digit_arm(0.01), arm_results("disk", [3, 4])
    covers = "t interval on the logit scale; it covers"
    assert any(f"{covers} new seeds and new digits." in note for note in notes([digits]))
    assert any(f"{covers} new seeds." in note for note in notes([points]))
    both = f"{covers} new seeds and new digits (new seeds only: disk)."
    assert any(both in note for note in notes([digits, points]))


def test_a_single_repeat_has_no_spread_and_no_note_about_it() -> None:
    (content,) = pages(results_of([arm_results("a", [60])], title="t"))
    assert [table.title for table in content.tables] == ["t"]
    assert content.sentences == []


def test_repeats_from_the_store_are_counted() -> None:
    arms = [arm_results("a", [60, 70], stored=1), arm_results("b", [60, None])]
    assert "1 of 4 repeats came from the store (--fresh trains them again)." in notes(arms)


def test_a_report_that_does_not_say_how_many_repeats_it_has_gets_no_number() -> None:
    figures = {"test_error": 0.1}
    rows = errors_table([arm_results("a", [1], reported=figures)], "t").rows
    assert rows[1].cells[:2] == ("  reported", "-")
    rows = errors_table([arm_results("a", [1], reported={**figures, "repeats": 3})], "t").rows
    assert rows[1].cells[:2] == ("  reported", "3")
