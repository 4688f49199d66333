"""The cells and notes of the tables, checked by hand."""

from __future__ import annotations

from collections.abc import Sequence

from cmpnet.output.table_data import (
    comparison_notes,
    comparison_table,
    errors_table,
    notes,
    page,
    spread_table,
)
from cmpnet.results import ArmResults
from tests.helpers import arm_results, section_of
from tests.test_pool import digit_arm


def notes_of(arms: Sequence[ArmResults]) -> list[str]:
    return comparison_notes(section_of(arms).comparisons)


def test_a_difference_has_its_interval_and_a_tilde_if_it_may_be_due_to_chance() -> None:
    arms = [
        arm_results("first", range(100, 108)),
        arm_results("lower", [60 + s % 3 for s in range(8)]),
        arm_results("same", [100 + s % 4 for s in range(8)]),
    ]
    rows = section_of(arms).comparisons
    lower, same = comparison_table(rows).rows
    # 60, 61, 62, 60, ... against 100 ... 107: by hand a mean of -42.625 errors of 1000.
    assert lower.cells[:3] == ("lower", "8", "-4.26")
    assert same.cells[2].startswith("~ ")
    assert any("chance" in note for note in comparison_notes(rows))


def test_below_six_pairs_there_is_advice_instead_of_a_p() -> None:
    arms = [arm_results("first", [100] * 5), arm_results("other", range(60, 65))]
    assert section_of(arms).comparisons[0].comparison.p is None
    assert "5 pairs are too few for p < 0.05; both arms need 6 finished repeats." in notes_of(arms)


def test_only_an_arm_that_lost_repeats_is_said_to_have_too_few() -> None:
    arms = [arm_results("a", range(100, 108)), arm_results("b", range(50, 58))]
    lost = arm_results("lost", [60, 61, 62, 63, 64, None, None, None])
    gone = arm_results("gone", [None] * 8)
    (note,) = [note for note in notes_of([*arms, lost, gone]) if "0.05" in note]
    assert note == ("lost: 5 pairs are too few for p < 0.05; both arms need 7 finished repeats.")


def test_with_more_arms_a_test_needs_more_pairs_than_six() -> None:
    arms = [arm_results(name, [100 + n + k for k in range(6)]) for n, name in enumerate("abcd")]
    assert (
        "6 pairs are too few for p < 0.05 after Holm's correction for 3 comparisons; "
        "both arms need 7 finished repeats."
    ) in notes_of(arms)


def test_the_spread_due_to_seeds_is_separated_from_the_sampling_error() -> None:
    # By seed, with 2 / 7.378 and 2 / 0.0506 of a chi-square table: (100e-6 * 2 / 7.378 - 65.2e-6)
    # is below 0, and 100e-6 * 2 / 0.0506 - 65.2e-6 is the square of 6.23 points.
    # 60, 70, 80 errors of 1000: SD 1.00; sampling sqrt(0.07 * 0.93 / 999) = 0.81; the rest 0.59.
    wide, tight = arm_results("wide", [60, 70, 80]), arm_results("tight", [70, 71, 72])
    table = spread_table([wide, tight])
    assert table.rows[0].cells[2:] == ("7.00", "6.00-8.00", "1.00", "0.59 [0.00, 6.23]", "0.81")
    assert table.rows[1].cells[4:6] == ("0.10", "0.00 [0.00, 5.04]")
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
    content = page(section_of([arm_results("a", [60])], title="t"))
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
