"""Claims are decided by the paired interval alone, held against scipy and by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from cmpnet import Arm, Curves, RepeatResult, TrainConfig
from cmpnet.analysis.claims import MEASURES, Claim, Verdict, border_distance, decide
from cmpnet.bench import ArmResults
from cmpnet.output.suite_tables import claim_lines
from cmpnet.registry import Registry

REGISTRY = Registry()
ARM = Arm(
    label="a",
    architecture="baseline",
    loss="ce",
    task="digit-pairs",
    architecture_options={},
    loss_options={},
    task_options={},
    config=TrainConfig(),
)


def results(errors: list[float], *, first: int = 0, curve: tuple[float, ...] = ()) -> ArmResults:
    repeats = {
        seed: RepeatResult(
            seed=seed,
            status="ok",
            train_error=error / 2,
            test_error=error,
            seconds=10 * error,
            curves=Curves(test_error=[*curve, error]),
        )
        for seed, error in enumerate(errors, first)
    }
    return ArmResults(ARM, repeats)


LOW, HIGH = [0.10, 0.12, 0.11, 0.09], [0.20, 0.23, 0.20, 0.22]


def verdict(claim: Claim, arms: dict[str, ArmResults], **figures: dict[str, float]) -> Verdict:
    return decide(claim, arms, figures, REGISTRY)


def test_the_interval_is_scipys_paired_t_interval() -> None:
    found = verdict(Claim("", "a", "b"), {"a": results(LOW), "b": results(HIGH)})
    expected = stats.ttest_rel(LOW, HIGH).confidence_interval(0.95)
    assert found.ci95 == pytest.approx((expected.low, expected.high))
    assert found.difference == pytest.approx(np.mean(LOW) - np.mean(HIGH))
    assert (found.n, found.verdict) == (4, "holds")


def test_the_contrary_does_not_hold_and_what_straddles_zero_is_not_decided() -> None:
    arms = {"a": results(LOW), "b": results(HIGH), "c": results(LOW[::-1])}
    assert verdict(Claim("", "b", "a"), arms).verdict == "does not hold"
    assert verdict(Claim("", "a", "c"), arms).verdict == "not decided"


def test_only_seeds_that_both_have_are_paired() -> None:
    arms = {"a": results(LOW), "b": results([0.9, 0.12, 0.14], first=1)}
    arms["a"].repeats[2] = replace(arms["a"].repeats[2], status="diverged", test_error=None)
    found = verdict(Claim("", "a", "b"), arms)
    assert found.n == 2  # seeds 1 and 3
    assert found.difference == pytest.approx((0.12 - 0.9 + 0.09 - 0.14) / 2)


def test_without_two_pairs_nothing_is_decided() -> None:
    arms = {"a": results([0.1]), "b": results([0.9])}
    found = verdict(Claim("", "a", "b"), arms)
    assert (found.verdict, found.n, found.ci95) == ("not decided", 1, None)
    assert "give --repeats 2" in claim_lines([found], 1)[-1]
    arms["b"].repeats.clear()
    assert verdict(Claim("", "a", "b"), arms).verdict == "not decided"


@pytest.mark.parametrize(
    ("within", "said"), [(0.02, "holds"), (0.008, "not decided"), (0.0, "not decided")]
)
def test_the_same_within_a_margin_needs_the_whole_interval_in_it(within: float, said: str) -> None:
    # Differences 0.01, 0, -0.01, 0.008, 0: mean 0.0016, SD 0.0078, t(4) 2.776: +-0.0097 by hand.
    arms = {"a": results([0.11, 0.1, 0.09, 0.108, 0.1]), "b": results([0.1] * 5)}
    assert verdict(Claim("", "a", "b", within=within), arms).verdict == said


def test_alike_does_not_hold_where_the_interval_is_outside_the_margin() -> None:
    arms = {"a": results(LOW), "b": results(HIGH)}
    assert verdict(Claim("", "a", "b", within=0.05), arms).verdict == "does not hold"
    assert verdict(Claim("", "b", "a", within=0.05), arms).verdict == "does not hold"


def test_an_arm_is_held_against_a_number() -> None:
    arms = {"a": results(LOW)}
    below, above = Claim("b", "a", 0.2), Claim("b", 0.2, "a")
    assert verdict(below, arms).verdict == "holds"
    assert verdict(above, arms).verdict == "does not hold"
    expected = stats.t.interval(0.95, 3, np.mean(LOW), stats.sem(LOW))
    for claim, side in ((below, "below"), (above, "above")):
        line = claim_lines([verdict(claim, arms)], 4)[-1]
        low, high = (f"{100 * end:.2f}" for end in expected)
        assert f"10.50 points [{low}, {high}] ({side} 20)" in line


def test_measures_are_what_they_say() -> None:
    arms = {"a": results(LOW, curve=(0.5, 0.3)), "b": results(HIGH, curve=(0.7, 0.4))}
    by_hand = {
        Claim("", "a", "b"): np.mean(LOW) - np.mean(HIGH),
        Claim("", "a", "b", measure="train_error"): (np.mean(LOW) - np.mean(HIGH)) / 2,
        Claim("", "a", "b", measure="gap"): (np.mean(LOW) - np.mean(HIGH)) / 2,
        Claim("", "a", "b", measure="seconds"): 10 * (np.mean(LOW) - np.mean(HIGH)),
        Claim("", "a", "b", first_epochs=2): 0.4 - 0.55,
        Claim("", "a", "b", first_epochs=99): (0.8 + np.mean(LOW) - 1.1 - np.mean(HIGH)) / 3,
    }
    for claim, expected in by_hand.items():
        assert verdict(claim, arms).difference == pytest.approx(expected), claim
    assert {claim.measure for claim in by_hand} | {"border"} == set(MEASURES)


def test_the_reports_own_figures_give_the_reports_difference() -> None:
    arms = {"a": results(LOW), "b": results(HIGH)}
    figures = {
        "a": {"train_error": 0.04, "test_error": 0.07},
        "b": {"train_error": 0.05, "test_error": 0.2},
    }
    assert verdict(Claim("", "a", "b"), arms, **figures).reported == pytest.approx(-0.13)
    gap = verdict(Claim("", "a", "b", measure="gap"), arms, **figures)
    assert gap.reported == pytest.approx(-0.12)
    assert "(the report: -12.00)" in claim_lines([gap], 4)[-1]
    assert verdict(Claim("", "a", "b", first_epochs=2), arms, **figures).reported is None
    assert verdict(Claim("", "a", "b"), arms, a=figures["a"]).reported is None


def test_a_claim_is_a_sentence_with_the_interval_that_decides_it() -> None:
    found = verdict(Claim("a is better", "a", "b"), {"a": results(LOW), "b": results(HIGH)})
    title, line = claim_lines([found], 5)[1:]
    assert title.startswith("Claims")
    # By hand: SD 1.708, over the root of 4, times t(3) 3.182.
    assert line == "  a is better: holds, -10.75 points [-13.47, -8.03] (4 of 5 seeds)"


def test_mistakes_on_the_border_are_told_from_mistakes_anywhere() -> None:
    pytest.importorskip("cmpnet_minidl")
    arm = replace(ARM, task="disk", task_options={"points": 2000, "radius": 0.3})
    x = REGISTRY.task("disk").load(7, **arm.task_options).test.x.astype(float)
    distance = abs(np.hypot(*(x - 0.5).T) - 0.3)  # from the circle itself, not from its outline
    nearest = np.argsort(distance)[:50]
    shares = []
    for mistakes in (nearest, np.arange(0, 2000, 2)):
        repeat = RepeatResult(seed=7, status="ok", mistakes=mistakes.tolist())
        (share,) = border_distance(ArmResults(arm, {7: repeat}), REGISTRY).values()
        assert share == pytest.approx(distance[mistakes].mean() / distance.mean(), abs=2e-4)
        shares.append(share)
    assert shares[0] < 0.05
    assert shares[1] == pytest.approx(1, abs=0.1)


def test_a_repeat_without_mistakes_or_a_task_without_border_has_no_such_measure() -> None:
    assert border_distance(results(LOW), REGISTRY) == {}
