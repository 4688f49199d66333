"""Claims are decided by the interval of the difference, checked against scipy and by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from cmpnet import ArmKey, Curves, RepeatResult, Results, Section, TrainConfig
from cmpnet.analysis.claims import Claim, Drop, JointClaim, JointVerdict, Verdict
from cmpnet.analysis.decide import Interval
from cmpnet.analysis.measures import MEASURES
from cmpnet.output.decision_data import claim_lines, undecided_lines
from cmpnet.results import ArmResults

KEY = ArmKey(
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
            curves=Curves(
                train_error=[value / 4 for value in (*curve, error)], test_error=[*curve, error]
            ),
        )
        for seed, error in enumerate(errors, first)
    }
    return ArmResults(key=KEY, repeats=repeats, times=tuple(10 * error for error in errors))


def judged(claim: Claim, arms: Mapping[str, ArmResults], deviation: str = "") -> Verdict:
    """The verdict where nothing else is decided."""
    labelled = tuple(arm.labelled(label) for label, arm in arms.items())
    section = Section(arms=labelled, pairs=(), claims=(claim,), deviation=deviation)
    (verdict,) = Results(sections=(section,)).claims
    assert isinstance(verdict, Verdict)
    return verdict


def jointly(arms: Mapping[str, ArmResults], *pairs: tuple[str, str]) -> JointVerdict:
    """The verdict on the claim that each of some arms is lower than another."""
    labelled = tuple(arm.labelled(label) for label, arm in arms.items())
    claim = JointClaim("each is lower", tuple(Claim("", *pair) for pair in pairs))
    (verdict,) = Results(sections=(Section(arms=labelled, pairs=(), claims=(claim,)),)).claims
    assert isinstance(verdict, JointVerdict)
    return verdict


def ends(values: Sequence[float], share_below: float = 0.5, error: float = 0.05) -> Interval:
    """A t interval by scipy, with this share of the error below it."""
    t = stats.t(len(values) - 1, np.mean(values), stats.sem(values))
    return float(t.ppf(error * share_below)), float(t.isf(error * (1 - share_below)))


LOW, HIGH = [0.10, 0.12, 0.11, 0.09], [0.20, 0.23, 0.20, 0.22]
MINUS = [-0.10, -0.11, -0.09, -0.13]  # LOW minus HIGH


# -- what decides ---------------------------------------------------------------------------------


def test_the_interval_is_the_paired_t_interval_with_a_tenth_of_the_error_beyond_the_claim() -> None:
    arms = {"a": results(LOW), "b": results(HIGH)}
    lower, higher = judged(Claim("", "a", "b"), arms), judged(Claim("", "b", "a", "higher"), arms)
    assert lower.comparison.interval == pytest.approx(ends(MINUS, share_below=0.1))
    assert higher.comparison.interval == pytest.approx(
        ends([-value for value in MINUS], share_below=0.9)
    )
    assert lower.comparison.ci95 == pytest.approx(ends(MINUS))
    assert lower.comparison.difference == pytest.approx(np.mean(MINUS))
    assert (lower.comparison.n, lower.verdict, higher.verdict) == (4, "holds", "holds")


def test_that_two_sides_are_the_same_is_decided_by_the_two_sided_interval() -> None:
    verdict = judged(
        Claim("", "a", "b", "same", within=0.2), {"a": results(LOW), "b": results(HIGH)}
    )
    assert verdict.comparison.interval == pytest.approx(ends(MINUS))
    assert verdict.verdict == "holds"


def test_the_contrary_does_not_hold_and_an_interval_around_zero_decides_nothing() -> None:
    arms = {"a": results(LOW), "b": results(HIGH), "c": results(LOW[::-1])}
    assert judged(Claim("", "b", "a"), arms).verdict == "does not hold"
    assert judged(Claim("", "a", "b", "higher"), arms).verdict == "does not hold"
    assert judged(Claim("", "a", "c"), arms).verdict == "not decided"


def test_only_seeds_that_both_arms_have_are_paired() -> None:
    arms = {"a": results(LOW), "b": results([0.9, 0.12, 0.14], first=1)}
    diverged = replace(arms["a"].repeats[2], status="diverged", test_error=None)
    arms["a"] = replace(arms["a"], repeats={**arms["a"].repeats, 2: diverged})
    comparison = judged(Claim("", "a", "b"), arms).comparison
    assert comparison.n == 2  # seeds 1 and 3
    assert comparison.difference == pytest.approx((0.12 - 0.9 + 0.09 - 0.14) / 2)


@pytest.mark.parametrize("repeats", [0, 1, 2])
def test_fewer_than_three_pairs_decide_nothing(repeats: int) -> None:
    arms = {"a": results(LOW), "b": results(HIGH[:repeats])}
    verdict = judged(Claim("", "a", "b"), arms)
    assert (verdict.verdict, verdict.comparison.n) == ("not decided", repeats)
    assert verdict.comparison.interval is None
    assert "(too few repeats; give --repeats 3 or more)" in claim_lines([verdict], 1)[-1]


def test_claims_of_one_screen_share_its_error_probability() -> None:
    names = {"a": results(LOW), "b": results(HIGH), "c": results(LOW[::-1])}
    arms = tuple(arm.labelled(label) for label, arm in names.items())
    pairs = (("a", "b"), ("a", "c"), ("b", "c"), ("b", "a"))  # the last is the first, reversed
    claims = tuple(Claim("", one, other, "same", within=0.5) for one, other in pairs)
    verdicts = Results(sections=(Section(arms=arms, pairs=(), claims=claims),)).claims
    t = stats.t(3, np.mean(MINUS), stats.sem(MINUS))
    expected = t.interval(0.95 ** (1 / 3))
    assert verdicts[0].comparison.interval == pytest.approx(expected)
    assert verdicts[3].comparison.interval == pytest.approx((-expected[1], -expected[0]))


# -- margins --------------------------------------------------------------------------------------

# Differences 0.01, 0, -0.01, 0.008, 0: by hand a mean of 0.0016 and an SD of 0.00793. With t(4) =
# 2.776 the two-sided interval ends at 0.0114. With 2.226 for 4.5 % above, that of a claimed
# direction ends at 0.0095.
NEAR = {"a": results([0.11, 0.1, 0.09, 0.108, 0.1]), "b": results([0.1] * 5)}


@pytest.mark.parametrize(
    ("within", "expected"),
    [(0.02, "holds"), (0.0115, "holds"), (0.0113, "not decided"), (0.0, "not decided")],
)
def test_arms_are_the_same_if_the_whole_interval_is_within_the_margin(
    within: float, expected: str
) -> None:
    for one, other in (("a", "b"), ("b", "a")):
        assert judged(Claim("", one, other, "same", within=within), NEAR).verdict == expected


@pytest.mark.parametrize(
    ("within", "expected"), [(0.0096, "holds"), (0.0094, "not decided"), (0.0, "not decided")]
)
def test_an_arm_is_no_higher_if_it_is_lower_but_for_the_margin(
    within: float, expected: str
) -> None:
    assert judged(Claim("", "a", "b", "lower", within=within), NEAR).verdict == expected
    assert judged(Claim("", "b", "a", "higher", within=within), NEAR).verdict == expected


def test_a_margin_makes_a_claim_fail_only_beyond_it() -> None:
    arms = {"a": results(LOW), "b": results(HIGH)}  # a is 0.09 to 0.13 lower
    for relation, one, other in (("lower", "b", "a"), ("higher", "a", "b")):
        verdicts = [
            judged(Claim("", one, other, relation, within=within), arms).verdict  # type: ignore[arg-type]
            for within in (0, 0.05, 0.11, 0.2)
        ]
        assert verdicts == ["does not hold", "does not hold", "not decided", "holds"]


def test_arms_are_not_the_same_if_the_interval_is_outside_the_margin() -> None:
    arms = {"a": results(LOW), "b": results(HIGH)}
    assert judged(Claim("", "a", "b", "same", within=0.05), arms).verdict == "does not hold"
    assert judged(Claim("", "b", "a", "same", within=0.05), arms).verdict == "does not hold"


def test_a_relative_margin_is_a_share_of_the_other_sides_mean() -> None:
    arms = {"a": results(LOW), "b": results(HIGH)}
    claim = Claim("", "a", "b", "same", within=0.1, relative=True)
    assert judged(claim, arms).margin == pytest.approx(0.1 * np.mean(HIGH))
    assert judged(replace(claim, one="b", other="a"), arms).margin == pytest.approx(
        0.1 * np.mean(LOW)
    )
    assert judged(replace(claim, other=-0.3), arms).margin == pytest.approx(0.03)
    assert judged(replace(claim, one=0.3, other="a"), arms).margin == pytest.approx(
        0.1 * np.mean(LOW)
    )
    trained = replace(claim, measure="train_error")
    assert judged(trained, arms).margin == pytest.approx(0.05 * np.mean(HIGH))
    assert judged(claim, {"a": results(LOW), "b": results([])}).margin == 0
    assert judged(replace(claim, relative=False), arms).margin == 0.1


# -- an arm and a number --------------------------------------------------------------------------


def test_an_arm_is_compared_with_a_number() -> None:
    arms = {"a": results(LOW)}
    cases = {
        Claim("x", "a", 0.2): ("holds", "below", 0.1),
        Claim("x", 0.2, "a"): ("does not hold", "above", 0.9),
        Claim("x", "a", 0.2, "higher"): ("does not hold", "above", 0.9),
        Claim("x", 0.2, "a", "higher"): ("holds", "below", 0.1),
    }
    for claim, (expected, side, share_below) in cases.items():
        verdict = judged(claim, arms)
        assert verdict.verdict == expected
        low, high = (f"{100 * end:.2f}" for end in ends(LOW, share_below))
        line = claim_lines([verdict], 4)[-1]
        assert line == f"  x: {expected}, 10.50 points [{low}, {high}] ({side} 20)"


def test_an_interval_ends_at_an_error_of_0_and_of_100_percent() -> None:
    arms = {"a": results([0.0, 0.0, 0.01]), "b": results([1.0, 1.0, 0.99])}
    line = claim_lines([judged(Claim("x", "a", 0.9), arms)], 3)[-1]
    assert line.startswith("  x: holds, 0.33 points [0.00, ")
    line = claim_lines([judged(Claim("x", "b", 0.1, "higher"), arms)], 3)[-1]
    assert line.endswith(", 100.00] (above 10)")


def test_that_an_arm_is_a_number_has_a_margin() -> None:
    claim = Claim("x", "a", 0.1, "same", within=0.03)
    low, high = (f"{100 * end:.2f}" for end in ends(LOW))
    assert claim_lines([judged(claim, {"a": results(LOW)})], 4)[-1] == (
        f"  x: holds, 10.50 points [{low}, {high}] (within 3 of 10)"
    )


# -- several parts, and drops ---------------------------------------------------------------------

MIDDLE = [0.15, 0.16, 0.17, 0.14]


def test_a_joint_claim_holds_if_all_parts_do_and_fails_if_one_does() -> None:
    arms = {"a": results(LOW), "b": results(MIDDLE), "c": results(HIGH), "d": results(LOW[::-1])}
    assert jointly(arms, ("a", "b"), ("b", "c")).verdict == "holds"
    assert jointly(arms, ("a", "b"), ("a", "d")).verdict == "not decided"
    assert jointly(arms, ("b", "a"), ("a", "d"), ("b", "c")).verdict == "does not hold"
    assert jointly({**arms, "e": results([])}, ("a", "b"), ("b", "e")).verdict == "not decided"


def test_each_part_of_a_joint_claim_counts_and_is_printed_with_its_interval() -> None:
    arms = {"a": results(LOW), "b": results(MIDDLE), "c": results(HIGH)}
    verdict = jointly(arms, ("a", "b"), ("b", "c"))
    expected, each = [], 1 - 0.95 ** (1 / 2)  # Sidak, two differences
    for name, first, second in (("a < b", LOW, MIDDLE), ("b < c", MIDDLE, HIGH)):
        minus = np.subtract(first, second)
        low, high = (f"{100 * end:+.2f}" for end in ends(minus, 0.1, each))
        expected.append(f"    {name}: holds, {100 * minus.mean():+.2f} points [{low}, {high}]")
    assert claim_lines([verdict], 4)[2:] == ["  each is lower: holds", *expected]


def test_only_the_undecided_parts_of_a_joint_claim_need_more_repeats() -> None:
    arms = {"a": results(LOW), "b": results(HIGH), "d": results(LOW[::-1])}
    labelled = tuple(arm.labelled(label) for label, arm in arms.items())

    def undecided(*pairs: tuple[str, str]) -> list[str]:
        claim = JointClaim("", tuple(Claim("", *pair) for pair in pairs))
        section = Section(arms=labelled, pairs=(), claims=(claim,))
        return undecided_lines(Results(sections=(section,)).decisions)

    (line,) = undecided(("a", "b"), ("a", "d"))
    assert line.startswith("a < d [")
    assert undecided(("b", "a"), ("a", "d")) == []  # refuted by its first part


def test_drops_are_compared_by_the_paired_difference_of_differences() -> None:
    arms = {"a": results(LOW), "b": results(MIDDLE), "c": results(HIGH)}
    first = np.subtract(HIGH, MIDDLE) - np.subtract(MIDDLE, LOW)
    claim = Claim("larger", Drop("c", "b"), Drop("b", "a"), "higher")
    verdict = judged(claim, arms)
    assert verdict.comparison.interval == pytest.approx(ends(first, share_below=0.9))
    assert verdict.comparison.difference == pytest.approx(first.mean())
    number = judged(Claim("", Drop("c", "a"), 0.05, "higher"), arms)
    minus = np.subtract(HIGH, LOW)
    assert number.verdict == "holds"
    low, high = (f"{100 * end:.2f}" for end in ends(minus, share_below=0.9))
    assert claim_lines([number], 4)[-1] == (
        f"  (c - a) > 0.05: holds, {100 * minus.mean():.2f} points [{low}, {high}] (above 5)"
    )
    relative = judged(replace(claim, relation="same", within=0.5, relative=True), arms)
    assert relative.margin == pytest.approx(0.5 * np.mean(np.subtract(MIDDLE, LOW)))


def test_a_drop_above_zero_is_the_claim_that_an_arm_is_higher() -> None:
    arms = tuple(results(v).labelled(n) for n, v in (("a", LOW), ("b", HIGH), ("c", MIDDLE)))
    claims = (
        Claim("", "b", "a", "higher"),
        Claim("", Drop("b", "a"), 0.0, "higher"),
        Claim("", Drop("b", "c"), Drop("a", "c"), "higher"),  # c cancels out
    )
    section = Section(arms=arms, pairs=(), claims=claims)
    (decisions,) = Results(sections=(section,)).decisions
    assert decisions.count == 1
    first, *others = (verdict.parts[0].comparison for verdict in decisions.verdicts)
    assert others == [first, first]


def test_a_drop_of_counted_errors_has_at_least_the_variance_of_counting() -> None:
    def counted(errors: list[float]) -> ArmResults:
        arm = results(errors)
        repeats = {s: replace(r, test_samples=500) for s, r in arm.repeats.items()}
        return replace(arm, repeats=repeats)

    # a - 2 b + c is -2 of 500 in every repeat: at least 2 samples differ, so that its variance is
    # at least (2 - 4 / 500) / 500^2.
    arms = {n: counted([e, e + 0.1, e]) for n, e in (("a", 0.1), ("b", 0.102), ("c", 0.1))}
    verdict = judged(Claim("", Drop("a", "b"), Drop("b", "c"), "same", within=1), arms)
    error = ((2 - 4 / 500) / 500**2 / 3) ** 0.5
    assert verdict.comparison.interval == pytest.approx(stats.t(2, -0.004, error).interval(0.95))


def test_the_report_gives_a_drop_if_it_gives_all_three_arms() -> None:
    arms = {
        name: replace(results(errors), reported={"test_error": error})
        for name, errors, error in (("a", LOW, 0.1), ("b", MIDDLE, 0.12), ("c", HIGH, 0.2))
    }
    claim = Claim("x", Drop("c", "b"), Drop("b", "a"), "higher")
    assert judged(claim, arms).reported == pytest.approx(0.08 - 0.02)
    assert judged(claim, {**arms, "b": results(MIDDLE)}).reported is None


# -- measures, reported figures, lines ------------------------------------------------------------


def test_each_measure_agrees_with_hand_calculation() -> None:
    arms = {"a": results(LOW, curve=(0.5, 0.3)), "b": results(HIGH, curve=(0.7, 0.4))}
    by_hand = {
        Claim("", "a", "b"): np.mean(MINUS),
        Claim("", "a", "b", measure="train_error"): np.mean(MINUS) / 2,
        Claim("", "a", "b", measure="gap"): np.mean(MINUS) / 2,
        Claim("", "a", "b", measure="seconds"): 10 * np.mean(MINUS),
        Claim("", "a", "b", first_epochs=2): 0.4 - 0.55,
        Claim("", "a", "b", measure="train_error", first_epochs=2): (0.4 - 0.55) / 4,
        Claim("", "a", "b", measure="gap", first_epochs=2): (0.4 - 0.55) * 3 / 4,
        Claim("", "a", "b", first_epochs=99): (0.8 + np.mean(LOW) - 1.1 - np.mean(HIGH)) / 3,
    }
    for claim, expected in by_hand.items():
        verdict = judged(claim, arms)
        assert verdict.comparison.difference == pytest.approx(expected), claim
        assert verdict.measure is MEASURES[claim.measure]
    assert {claim.measure for claim in by_hand} == set(MEASURES)


def test_counted_errors_have_at_least_the_variance_of_counting() -> None:
    def counted(errors: list[float]) -> ArmResults:
        arm = results(errors)
        repeats = {s: replace(r, test_samples=500) for s, r in arm.repeats.items()}
        return replace(arm, repeats=repeats)

    # Every repeat has 2 more errors of 500; t(0.95 + 0.005, 2) for a claimed direction, by scipy.
    arms = {"a": counted([0.1, 0.2, 0.15]), "b": counted([0.104, 0.204, 0.154])}
    error = (0.004 * 0.996 / 500 / 3) ** 0.5
    low, high = stats.t(2, -0.004, error).ppf((0.1 * 0.05, 1 - 0.9 * 0.05))
    verdict = judged(Claim("", "a", "b"), arms)
    assert verdict.comparison.interval == pytest.approx((low, high))
    assert verdict.verdict == "not decided"


def test_times_are_compared_by_the_rounds_of_a_measurement_and_otherwise_not_at_all() -> None:
    claim = Claim("a is faster", "a", "b", measure="seconds")
    arms = {"a": results(LOW), "b": results(HIGH)}
    low, high = (f"{10 * end:+.2f}" for end in ends(MINUS, share_below=0.1))
    line = claim_lines([judged(claim, arms)], 10)[-1]
    assert line == f"  a is faster: holds, -1.07 s [{low}, {high}]"
    unmeasured = {name: replace(arm, times=()) for name, arm in arms.items()}
    line = claim_lines([judged(claim, unmeasured)], 10)[-1]
    assert line == "  a is faster: not decided (times are decided by 'bench --time')"


def test_the_reports_own_figures_give_the_reported_difference() -> None:
    figures = {"train_error": 0.04, "test_error": 0.07}
    arms = {
        "a": replace(results(LOW), reported=figures),
        "b": replace(results(HIGH), reported={"train_error": 0.05, "test_error": 0.2}),
    }
    assert judged(Claim("", "a", "b"), arms).reported == pytest.approx(-0.13)
    gap = judged(Claim("", "a", "b", measure="gap"), arms)
    assert gap.reported == pytest.approx(-0.12)
    assert "(reported: -12.00)" in claim_lines([gap], 4)[-1]
    assert judged(Claim("", "a", 0.05), arms).reported == pytest.approx(0.02)
    assert judged(Claim("", "a", "b", measure="seconds"), arms).reported is None
    assert judged(Claim("", "a", "b", first_epochs=2), arms).reported is None
    arms["b"] = results(HIGH)
    assert judged(Claim("", "a", "b"), arms).reported is None


def test_a_claim_is_printed_with_the_interval_that_decides_it() -> None:
    arms = {"a": results(LOW), "b": results(HIGH)}
    title, line = claim_lines([judged(Claim("a is better", "a", "b"), arms)], 5)[1:]
    assert title.startswith("Claims")
    # By hand: SD 1.708, over the root of 4, times t(0.995, 3) 5.841 and t(0.955, 3) 2.471 (scipy).
    assert line == "  a is better: holds, -10.75 points [-15.74, -8.64] (4 of 5 seeds)"


def test_a_claim_is_printed_with_the_sign_of_its_sentence() -> None:
    arms = {"a": results(LOW), "b": results(HIGH)}
    line = claim_lines([judged(Claim("b ends with a higher error", "b", "a", "higher"), arms)], 4)
    assert line[-1] == "  b ends with a higher error: holds, +10.75 points [+8.64, +15.74]"


def test_a_claim_under_another_protocol_is_not_judged() -> None:
    arms = {"a": results(LOW), "b": results(HIGH)}
    verdict = judged(Claim("a is better", "a", "b"), arms, deviation="3 of 25 epochs")
    assert (verdict.verdict, verdict.comparison.interval) == ("not judged", None)
    assert claim_lines([verdict], 4)[-1] == (
        "  a is better: not judged (3 of 25 epochs: not the report's protocol)"
    )


def test_a_claim_has_a_formula() -> None:
    assert Claim("", "ws", "baseline").formula == "ws < baseline"
    assert Claim("", "ws", 0, "higher").formula == "ws > 0"
    assert Claim("", 0, "ws", "same", within=0.03).formula == "0 = ws, within 0.03"
    relative = Claim("", "a", "b", "lower", within=0.1, relative=True)
    assert relative.formula == "a < b, within 10 %"
