"""The answer of a bench: one sentence and one table that claim no more than is decided."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cmpnet.analysis.claims import Claim
from cmpnet.output.answer import answers
from cmpnet.results import Results
from cmpnet.spec import RepeatResult
from tests.helpers import QUICK, arm_results, call, results_of

BASE = arm_results("baseline", [180, 190, 185, 178, 192])
WS = arm_results("ws", [60, 55, 58, 61, 57])
AUX = arm_results("ws-aux", [30, 25, 28, 31, 27])


def verdict(results: Results) -> str:
    (answer,) = answers(results)
    return answer.verdict


def test_the_best_arm_is_named_with_its_distance_and_the_second() -> None:
    text = verdict(results_of([BASE, WS, AUX]))
    # 28.2 and 185 of 1000 errors in the mean, by hand.
    assert text.startswith("ws-aux has the lowest test error: 2.82 % ± 0.24; 15.68 points below ")
    assert text.endswith("; ws is second with 5.82 % ± 0.24.")


def test_best_is_said_only_if_all_others_are_shown_to_be_worse() -> None:
    assert verdict(results_of([AUX, BASE, WS])).startswith("ws-aux is best: 2.82 %")
    near = arm_results("near", [31, 26, 27, 30, 28])
    text = verdict(results_of([AUX, BASE, near]))
    assert text.startswith("ws-aux has the lowest test error")
    assert "near is not told apart from it" in text or "near is equivalent" in text
    assert verdict(results_of([BASE, AUX])).startswith("ws-aux is best: ")


def test_nothing_is_decided_with_two_repeats() -> None:
    two = [arm_results("a", [10, 12]), arm_results("b", [50, 52])]
    assert "too few repeats to decide against" in verdict(results_of(two))


def test_a_single_arm_has_its_value_and_its_interval() -> None:
    text = verdict(results_of([WS]))
    assert text.startswith("ws: test error 5.82 % ± 0.24 over 5 repeats, 95 % interval ")
    failed = replace(WS, repeats={0: RepeatResult(seed=0, status="failed", cause="x")})
    assert verdict(results_of([failed])) == "No repeat succeeded."


def test_the_table_has_the_difference_and_the_reported_figure_in_the_row_of_the_arm() -> None:
    reported = replace(AUX, reported={"test_error": 0.069})
    (answer,) = answers(results_of([BASE, reported]))
    assert answer.table.headings[-1] == "Reported"
    first, second = answer.table.rows
    assert (first.strong, second.strong) == (False, True)
    assert second.cells[-1] == "6.90"
    assert second.cells[3].startswith("-15.68 [")


def test_claims_that_do_not_hold_are_named() -> None:
    claims = (Claim("sharing helps", "ws", "baseline"), Claim("it harms", "baseline", "ws"))
    section = replace(results_of([BASE, WS]).sections[0], claims=claims)
    (answer,) = answers(Results(sections=(section,)))
    assert answer.notes[:2] == ["Claims: 1 of 2 hold.", "Does not hold: it harms."]
    (answer,) = answers(Results(sections=(replace(section, deviation="3 of 25 epochs"),)))
    assert answer.notes[0] == "Claims: not judged (3 of 25 epochs: not the report's protocol)."


@pytest.mark.parametrize("full", [False, True])
def test_a_bench_ends_with_the_answer_or_with_all_tables(full: bool) -> None:
    done = call("bench", "ws", "baseline", "--repeats", "2", *QUICK, *(["--full"] * full))
    assert done.returncode == 0
    assert ("spread over the repeats" in done.stdout) == full
    assert ("Next:" in done.stdout) != full
    if not full:
        assert done.stdout.splitlines()[0].startswith(("ws ", "baseline "))
        run = done.stdout.split("Run ")[1][:4]
        assert "spread over the repeats" in call("compare", run).stdout
