"""The one rule that decides, checked against scipy, textbooks, hand calculation and simulation."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate
from scipy import stats as scipy_stats

from cmpnet.analysis.decide import (
    CLAIMED_SHARE,
    Comparison,
    Difference,
    Direction,
    Interval,
    decide,
    looks,
    repeats_needed,
)
from cmpnet.analysis.stats import hedges
from tests.benchmarks.trust import power, wrong_decisions

SEEDS = range(60)


def normal(rng: np.random.Generator, repeats: int, mean: float = 0, sd: float = 1) -> Difference:
    return Difference(values=tuple(rng.normal(mean, sd, repeats).tolist()))


def only(difference: Difference, *, until_decided: bool = False) -> Comparison:
    (comparison,) = decide([difference], until_decided=until_decided)
    return comparison


def interval_of(difference: Difference, *, until_decided: bool = False) -> Interval:
    interval = only(difference, until_decided=until_decided).interval
    assert interval is not None
    return interval


# -- one difference and several -------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_a_single_difference_has_scipys_t_interval_p_and_mean(seed: int) -> None:
    difference = normal(np.random.default_rng(seed), 3 + 2 * seed, mean=0.5)
    test = scipy_stats.ttest_1samp(difference.values, 0)
    ends = test.confidence_interval(0.95)
    comparison = only(difference)
    assert comparison.n == len(difference.values)
    assert comparison.difference == pytest.approx(np.mean(difference.values))
    assert comparison.interval == pytest.approx((ends.low, ends.high))
    assert comparison.ci95 == comparison.interval
    assert comparison.p == pytest.approx(test.pvalue)
    assert comparison.p_adjusted == pytest.approx(test.pvalue)


@pytest.mark.parametrize("count", [2, 5, 13])
def test_several_differences_have_intervals_that_hold_together(count: int) -> None:
    # Sidak: independent intervals that each cover with 0.95^(1/m) all cover with 95 %. Between
    # them and Bonferroni's at 1 - 0.05/m lie less than 2.6 % of the error probability.
    rng = np.random.default_rng(count)
    differences = [normal(rng, 10) for _ in range(count)]
    assert 0.95 ** (1 / count) == pytest.approx(1 - 0.05 / count, abs=0.026 * 0.05 / count)
    for difference, comparison in zip(differences, decide(differences), strict=True):
        test = scipy_stats.ttest_1samp(difference.values, 0)
        ends = test.confidence_interval(0.95 ** (1 / count))
        assert comparison.interval == pytest.approx((ends.low, ends.high))
        alone = test.confidence_interval(0.95)
        assert comparison.ci95 == pytest.approx((alone.low, alone.high))
        assert comparison.p == pytest.approx(test.pvalue)
        assert comparison.p_adjusted == pytest.approx(1 - (1 - test.pvalue) ** count)


def test_nothing_is_decided_about_nothing() -> None:
    assert decide([]) == decide([], until_decided=True) == []


@pytest.mark.parametrize("until_decided", [False, True])
def test_below_three_repeats_nothing_is_decided(until_decided: bool) -> None:
    for values in ((), (0.1,), (0.1, 0.1), (0.1, 0.10001)):
        comparison = only(Difference(values=values), until_decided=until_decided)
        assert comparison.n == len(values)
        assert comparison.difference == (pytest.approx(np.mean(values)) if values else None)
        assert (comparison.interval, comparison.p, comparison.p_adjusted) == (None, None, None)
        assert comparison.effect_size is None
        assert (comparison.ci95 is None) == (len(values) < 2)


def test_three_repeats_can_decide_what_is_obvious() -> None:
    assert interval_of(Difference(values=(0.1, 0.1001, 0.0999)))[0] > 0


def test_a_difference_that_cannot_be_decided_yet_costs_the_others_nothing() -> None:
    long = normal(np.random.default_rng(1), 10)
    short = Difference(values=(0.1, 0.2))
    assert decide([long, short]) == [only(long), only(short)]


# -- p and interval agree -------------------------------------------------------------------------


def difference_sets(seed: int) -> list[Difference]:
    """Differences of every kind: equal or not, counted or not, claimed, with shared variance."""
    rng = np.random.default_rng([2026, seed])
    return [difference_of(rng) for _ in range(rng.integers(1, 15))]


def difference_of(rng: np.random.Generator) -> Difference:
    repeats, rate = int(rng.integers(0, 40)), float(rng.choice([0.002, 0.02, 0.2]))
    effect = float(rng.choice([0, 0, 0.5, 1, 2])) * float(rng.choice([-1, 1]))
    sampling: tuple[float, ...] = ()
    if rng.random() < 0.5:
        one, two = rng.binomial(1000, rate, (2, repeats)) / 1000
        values = one - two + round(effect * math.sqrt(2 * rate / 1000), 3)
        sampling = tuple((abs(values) * (1 - abs(values)) / 1000).tolist())
    else:
        drift = rng.choice([0, 0, 3]) * (np.arange(repeats) > rng.integers(0, 40))
        values = rng.normal(effect + drift, 1, repeats) * rate
    variance = float(rng.choice([0, rate**2 / 20]))
    return Difference(
        values=tuple(values.round(12).tolist()),
        sampling=sampling,
        shared=lambda repeats: variance,
        limits=(-1.0, 1.0) if sampling else (-math.inf, math.inf),
        claimed=rng.choice([None, "lower", "higher"]),
    )


@pytest.mark.parametrize("until_decided", [False, True])
def test_p_is_at_most_5_percent_exactly_where_the_interval_excludes_0(until_decided: bool) -> None:
    outcomes = set()
    for seed in range(150):
        for comparison in decide(difference_sets(seed), until_decided=until_decided):
            if comparison.interval is None:
                assert comparison.p_adjusted is None
                continue
            low, high = comparison.interval
            assert comparison.difference is not None
            assert comparison.p is not None
            assert comparison.p_adjusted is not None
            assert low <= high
            assert (comparison.p_adjusted <= 0.05) == (low > 0 or high < 0), (seed, comparison)
            assert 0 <= comparison.p_adjusted <= 1
            if not until_decided:
                assert low <= comparison.difference <= high
                assert comparison.p <= comparison.p_adjusted
            outcomes.add((low > 0) - (high < 0))
    assert outcomes == {-1, 0, 1}


def test_an_interval_that_a_later_look_contradicts_stays_and_p_agrees_with_it() -> None:
    # Five differences of almost 0 decide on an interval around 0; a hundred of 10 contradict it.
    first = [-0.001, 0.001, 0, 0.0005, -0.0005]
    comparison = only(Difference(values=(*first, *[10.0] * 100)), until_decided=True)
    alone = only(Difference(values=tuple(first)), until_decided=True)
    assert comparison.interval == alone.interval
    assert comparison.p_adjusted is not None
    assert comparison.p_adjusted > 0.05


@pytest.mark.parametrize("until_decided", [False, True])
def test_the_opposite_difference_has_the_opposite_interval(until_decided: bool) -> None:
    opposite: dict[Direction | None, Direction | None] = {
        None: None,
        "lower": "higher",
        "higher": "lower",
    }
    for seed in range(20):
        differences = difference_sets(seed)
        negative = [
            replace(one, values=tuple(-v for v in one.values), claimed=opposite[one.claimed])
            for one in differences
        ]
        forth = decide(differences, until_decided=until_decided)
        back = decide(negative, until_decided=until_decided)
        for one, other in zip(forth, back, strict=True):
            turned = other.reversed()
            assert turned.interval == pytest.approx(one.interval)
            assert turned.ci95 == pytest.approx(one.ci95)
            assert turned.difference == pytest.approx(one.difference)
            assert turned.effect_size == pytest.approx(one.effect_size)
            assert (turned.n, turned.p_adjusted) == (one.n, pytest.approx(one.p_adjusted))


def test_an_interval_ends_where_nothing_is_possible() -> None:
    wide = Difference(values=(-1.0, 1.0, 0.0), limits=(-1.0, 1.0))
    assert interval_of(wide) == (-1.0, 1.0)
    assert interval_of(replace(wide, limits=(-math.inf, math.inf)))[1] > 1


# -- a claimed direction --------------------------------------------------------------------------


@pytest.mark.parametrize("claimed", ["lower", "higher"])
def test_nine_tenths_of_the_error_are_spent_on_the_side_of_the_claim(claimed: Direction) -> None:
    difference = replace(normal(np.random.default_rng(3), 8, mean=0.4), claimed=claimed)
    values = np.array(difference.values)
    mean, error = values.mean(), values.std(ddof=1) / math.sqrt(8)
    quantile = scipy_stats.t(7).ppf
    large, small = quantile(1 - 0.9 * 0.05) * error, quantile(1 - 0.1 * 0.05) * error
    ends = (mean - small, mean + large) if claimed == "lower" else (mean - large, mean + small)
    assert CLAIMED_SHARE == 0.9
    assert interval_of(difference) == pytest.approx(ends)
    assert only(difference).ci95 == only(replace(difference, claimed=None)).ci95


@pytest.mark.parametrize("effect", [-1.0, 1.0])
def test_a_claimed_direction_has_the_one_sided_p_divided_by_its_share(effect: float) -> None:
    difference = replace(normal(np.random.default_rng(4), 8, mean=effect), claimed="lower")
    one_sided = {
        -1.0: scipy_stats.ttest_1samp(difference.values, 0, alternative="less").pvalue / 0.9,
        1.0: scipy_stats.ttest_1samp(difference.values, 0, alternative="greater").pvalue / 0.1,
    }
    assert only(difference).p == pytest.approx(one_sided[effect])


def test_what_is_claimed_is_found_more_often_and_its_contrary_less_often() -> None:
    rng = np.random.default_rng(5)
    counts = dict.fromkeys((None, "lower", "higher"), 0)
    for _ in range(300):
        difference = normal(rng, 10, mean=-0.8)
        for claimed in counts:
            counts[claimed] += interval_of(replace(difference, claimed=claimed))[1] < 0  # type: ignore[arg-type]
    assert counts["lower"] > counts[None] > counts["higher"] > 0


# -- the variance ---------------------------------------------------------------------------------


def test_equal_counts_have_at_least_the_variance_of_counting() -> None:
    # Each of 4 repeats has 2 more errors in 1000: the SD over the repeats is 0, but McNemar's
    # variance of a difference of 2 in 1000 is at least |d| (1 - |d|) / N = 1.996e-6.
    counted = Difference(values=(0.002,) * 4, sampling=(0.002 * 0.998 / 1000,) * 4)
    half = 3.18245 * math.sqrt(1.996e-6 / 4)  # t(0.975, 3) of a table
    assert interval_of(counted) == pytest.approx((0.002 - half, 0.002 + half), rel=1e-4)
    assert only(counted).effect_size is None
    assert interval_of(replace(counted, sampling=())) == pytest.approx((0.002, 0.002))


def test_a_larger_variance_of_the_repeats_is_not_changed_by_counting() -> None:
    difference = normal(np.random.default_rng(6), 8, sd=0.01)
    counted = replace(difference, sampling=(1e-6,) * 8)
    assert only(counted) == only(difference)


def test_the_floor_is_mcnemars_variance_where_all_errors_are_on_one_side() -> None:
    # b samples are errors of the first arm only: the variance of b / N is that of a binomial share.
    assert (
        pytest.approx(scipy_stats.binom(1000, 0.005).var() / 1000**2)
        == 5 / 1000 * (1 - 5 / 1000) / 1000
    )


def test_equal_differences_without_counting_decide_by_themselves() -> None:
    same, none = only(Difference(values=(0.3,) * 5)), only(Difference(values=(0.0,) * 5))
    assert (same.interval, same.p_adjusted) == (pytest.approx((0.3, 0.3)), 0)
    assert (none.interval, none.p_adjusted) == ((0, 0), 1)


@pytest.mark.parametrize("shared", [0.0, 0.02, 0.5])
def test_the_squares_of_estimated_and_shared_reach_add_up(shared: float) -> None:
    # Zou and Donner 2008: t(8) for what is estimated from the repeats, the normal z for the rest.
    difference = normal(np.random.default_rng(7), 9, mean=0.3)
    values = np.array(difference.values)
    comparison = only(replace(difference, shared=lambda repeats: shared))

    def reach(probability: float) -> float:
        t, z = (law.isf(probability / 2) for law in (scipy_stats.t(8), scipy_stats.norm))
        return math.hypot(t * values.std(ddof=1) / 3, z * math.sqrt(shared))

    half = reach(0.05)
    assert comparison.interval == pytest.approx((values.mean() - half, values.mean() + half))
    assert comparison.p is not None
    assert reach(comparison.p) == pytest.approx(abs(values.mean()))


# -- looks ----------------------------------------------------------------------------------------


def test_the_looks_come_after_5_7_10_13_17_repeats() -> None:
    assert [n for n, _ in looks(100)] == [5, 7, 10, 13, 17, 23, 30, 39, 51, 67, 88]
    assert list(looks(4)) == []
    assert list(looks(5)) == [(5, pytest.approx(1 / 3))]


@pytest.mark.parametrize("repeats", [5, 9, 100, 10_000, 10**9])
def test_the_shares_of_all_looks_are_positive_and_at_most_1(repeats: int) -> None:
    shares = [share for _, share in looks(repeats)]
    assert all(share > 0 for share in shares)
    assert sum(shares) <= 1
    assert shares == sorted(shares, reverse=True)
    assert sum(share for _, share in looks(10**30)) > 0.99


def test_a_bench_until_decided_has_the_intersection_of_the_intervals_of_all_looks() -> None:
    rng, count = np.random.default_rng(8), 4
    differences = [normal(rng, 20, mean=0.4) for _ in range(count)]
    for difference, comparison in zip(
        differences, decide(differences, until_decided=True), strict=True
    ):
        low, high, p = -math.inf, math.inf, 1.0
        for n, share in ((5, 1 / 3), (7, 1 / 6), (10, 1 / 10), (13, 1 / 15), (17, 1 / 21)):
            test = scipy_stats.ttest_1samp(difference.values[:n], 0)
            ends = test.confidence_interval((1 - 0.05 * share) ** (1 / count))
            low, high = max(low, ends.low), min(high, ends.high)
            p = min(p, (1 - (1 - test.pvalue) ** count) / share)
        assert comparison.interval == pytest.approx((low, high))
        assert comparison.p_adjusted == pytest.approx(p)
        assert comparison.difference == pytest.approx(np.mean(difference.values))


def test_before_the_first_look_nothing_is_decided_and_between_looks_nothing_changes() -> None:
    values = normal(np.random.default_rng(9), 12, mean=5).values
    states = [only(Difference(values=values[:n]), until_decided=True) for n in range(13)]
    assert all(state.interval is None for state in states[:5])
    assert states[5].interval == states[6].interval != states[7].interval
    assert states[10].interval == states[11].interval == states[12].interval
    assert states[3].ci95 is not None, "the interval of this difference alone decides nothing"


def test_looking_on_never_takes_a_decision_back() -> None:
    for seed in SEEDS:
        values = normal(np.random.default_rng(seed), 40, mean=0.5).values
        low, high = -math.inf, math.inf
        for n in range(5, 41):
            now = interval_of(Difference(values=values[:n]), until_decided=True)
            assert low <= now[0] <= now[1] <= high
            low, high = now


# -- effect size and repeats needed ---------------------------------------------------------------


@pytest.mark.parametrize("df", [2, 3, 9, 40])
def test_hedges_correction_removes_the_bias_of_d(df: int) -> None:
    # d sqrt(n) is noncentral t, so the mean of d J(df) must be the true effect (Hedges 1981).
    n, true = df + 1, 0.7
    centre = true * math.sqrt(n)
    mean_d = scipy_stats.nct(df, centre).mean() / math.sqrt(n)
    assert hedges(mean_d, df) == pytest.approx(true)
    # Closed form for even df: the correction is 1 / E[sqrt(df) / chi].
    inverse, _ = integrate.quad(
        lambda x: math.sqrt(df) / x * scipy_stats.chi(df).pdf(x), 1e-9, math.inf
    )
    assert hedges(1, df) == pytest.approx(1 / inverse, rel=1e-6)


def test_the_effect_size_is_the_mean_over_the_sd_corrected_for_few_repeats() -> None:
    # J(9) = 0.9139 by Hedges' table; his approximation 1 - 3 / (4 * 9 - 1) gives 0.9143.
    difference = normal(np.random.default_rng(10), 10, mean=2)
    values = np.array(difference.values)
    expected = values.mean() / values.std(ddof=1) * (1 - 3 / 35)
    assert only(difference).effect_size == pytest.approx(expected, rel=1e-3)
    assert only(Difference(values=(1.0, 2.0))).effect_size is None
    assert only(Difference(values=(1.0,) * 4)).effect_size is None


@pytest.mark.parametrize("effect", [0.2, 0.3, 0.5, 0.8, 1.0, 1.5])
@pytest.mark.parametrize("comparisons", [1, 3])
def test_the_repeats_needed_agree_with_the_exact_power_of_the_t_test(
    effect: float, comparisons: int
) -> None:
    def power_of(n: int) -> float:
        edge = scipy_stats.t.ppf(1 - 0.025 / comparisons, n - 1)
        centre = effect * n**0.5
        upper, lower = (scipy_stats.nct.sf, edge), (scipy_stats.nct.cdf, -edge)
        return float(sum(tail(at, n - 1, centre) for tail, at in (upper, lower)))

    exact = next(n for n in itertools.count(2) if power_of(n) >= 0.8)
    assert repeats_needed(effect, comparisons) == repeats_needed(-effect, comparisons) == exact


def test_the_repeats_needed_detect_a_real_difference_in_80_percent_of_benches() -> None:
    n, rng = repeats_needed(0.9), np.random.default_rng(2026)
    detected = sum(interval_of(normal(rng, n, mean=0.9))[0] > 0 for _ in range(400))
    assert 0.75 <= detected / 400 <= 0.88  # n = 12 gives 81 %; 2 SE of 400 benches are 4 points


def test_at_least_three_repeats_are_said_to_be_needed() -> None:
    assert repeats_needed(100) == 3


# -- simulation (the full one is ``make trust``) --------------------------------------------------


def screens_with_a_wrong_decision(benches: int, repeats: int, *, peeking: bool = False) -> int:
    """Of so many screens of six equal arms and eight claims, at errors from 0.2 to 20 %."""
    rng = np.random.default_rng(repeats)
    rates = itertools.islice(itertools.cycle((0.002, 0.01, 0.05, 0.2)), benches)
    return sum(wrong_decisions(rng, error, repeats, peeking=peeking) > 0 for error in rates)


@pytest.mark.parametrize("repeats", [5, 10, 30])
def test_equal_arms_are_told_apart_in_less_than_5_percent_of_screens(repeats: int) -> None:
    # Of 400 screens at a true rate of 4 %, 5 to 30 are wrong in 99.9 % of cases; a rate of 10 %
    # exceeds 30 in 95 % of them.
    benches = 400
    low, high = scipy_stats.binom(benches, 0.04).ppf((0.0005, 0.9995))
    assert scipy_stats.binom(benches, 0.1).sf(high) > 0.94
    wrong = screens_with_a_wrong_decision(benches, repeats)
    assert wrong <= high
    if repeats >= 10:  # fewer would mean that power is thrown away
        assert wrong >= low


def test_a_look_after_every_repeat_up_to_100_does_not_raise_the_rate_of_false_alarms() -> None:
    # Looks at an interval made for a fixed n would be wrong in 26 % of cases and more.
    benches = 150
    high = scipy_stats.binom(benches, 0.04).ppf(0.9995)
    assert scipy_stats.binom(benches, 0.26).cdf(high) < 1e-6
    assert screens_with_a_wrong_decision(benches, 100, peeking=True) <= high


@pytest.mark.parametrize("effect", [0.5, 1.0, 1.5, 2.0])
def test_the_rule_decides_at_least_0_9_times_as_often_as_holms_t_test(effect: float) -> None:
    rule, claimed, holm = power(np.random.default_rng(2026), effect, 80)
    assert rule >= 0.9 * holm
    assert claimed >= rule
