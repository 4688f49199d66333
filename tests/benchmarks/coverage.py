"""How often the intervals cover the truth, by simulation: three minutes on one core.

    python -m tests.benchmarks.coverage [DRAWS]

Each row draws benches from a known truth and counts in how many of them the interval that cmpnet
shows contains it. "t" is the plain t interval of the errors, for comparison.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from cmpnet.analysis.pool import shared_variance
from cmpnet.analysis.rates import rate_interval
from cmpnet.analysis.stats import spread, summarise

SAMPLES = 1000
RATES = (0.002, 0.01, 0.05, 0.2)
SEED_SDS = (0.0, 0.3, 0.6, 1.0)

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(80)
WEIGHTS = WEIGHTS / WEIGHTS.sum()

Interval = tuple[float, float] | None


def covered(intervals: Iterator[Interval], truth: float) -> float:
    """The share of intervals that contain the truth."""
    return float(np.mean([ends is not None and ends[0] <= truth <= ends[1] for ends in intervals]))


def t_interval(errors: list[float]) -> Interval:
    return summarise(errors).ci95


# -- seeds ----------------------------------------------------------------------------------------


def normal_mean(function: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> float:
    """The mean of a function of a standard normal value, by Gauss-Hermite quadrature."""
    return float(WEIGHTS @ function(NODES))


def logit_centre(rate: float, seed_sd: float) -> float:
    """The centre of logit-normal rates whose mean is the given one."""
    return float(
        optimize.brentq(
            lambda centre: normal_mean(lambda z: special.expit(centre + seed_sd * z)) - rate, -30, 5
        )
    )


def seed_benches(
    rng: np.random.Generator, rate: float, seed_sd: float, repeats: int, draws: int
) -> list[list[float]]:
    """Errors of benches whose repeats have logit-normal error rates of the given mean."""
    rates = special.expit(
        logit_centre(rate, seed_sd) + seed_sd * rng.standard_normal((draws, repeats))
    )
    benches: list[list[float]] = (rng.binomial(SAMPLES, rates) / SAMPLES).tolist()
    return benches


def seed_coverage(
    rate: float, seed_sd: float, repeats: int = 10, draws: int = 10_000
) -> tuple[float, float]:
    """Coverage of the mean error over new seeds: of the interval shown and of the t interval."""
    benches = seed_benches(np.random.default_rng(1), rate, seed_sd, repeats, draws)
    shown = (rate_interval(errors, [SAMPLES] * repeats) for errors in benches)
    return covered(shown, rate), covered(map(t_interval, benches), rate)


def part_coverage(
    rate: float, seed_sd: float, repeats: int = 10, draws: int = 10_000
) -> tuple[float, float]:
    """Coverage of the SD by seed, and how often its interval starts at 0."""
    centre = logit_centre(rate, seed_sd)
    truth = normal_mean(lambda z: (special.expit(centre + seed_sd * z) - rate) ** 2) ** 0.5
    benches = seed_benches(np.random.default_rng(2), rate, seed_sd, repeats, draws)
    parts = [spread(errors, [SAMPLES] * repeats) for errors in benches]
    intervals = [part.seeds_ci95 for part in parts if part]
    return (
        covered(iter(intervals), truth if seed_sd else 0.0),
        float(np.mean([low == 0 for low, _ in intervals])),
    )


# -- seeds and digits -----------------------------------------------------------------------------


def pool_coverage(
    rate: float,
    seed_sd: float,
    pairs: int,
    concentration: float,
    *,
    pool: int = 10_000,
    repeats: int = 10,
    draws: int = 2000,
) -> tuple[float, float]:
    """Coverage of the mean error over new seeds and new digits: the interval shown, and t.

    Digit i is misread with probability q_i, drawn from a beta distribution: at a concentration of
    1 and a mean of 1 %, 0.7 % of the digits are misread in more than half of the repeats, and 95 %
    in less than 1 % of them. A pair is wrong if a digit of it is misread. A repeat multiplies every
    q_i by a log-normal factor of mean 1.

    Args:
        rate: probability of misreading a digit, about half the error.
        seed_sd: SD of the factor's logarithm.
        pairs: test pairs of a repeat.
        concentration: of the beta distribution; the smaller, the rarer and harder the hard digits.
        pool: number of digits.
        repeats: repeats of a bench.
        draws: number of benches.
    """
    rng = np.random.default_rng(3)
    a, b = rate * concentration, (1 - rate) * concentration

    def factor(z: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.exp(seed_sd * z - seed_sd**2 / 2)

    def error(z: NDArray[np.float64]) -> NDArray[np.float64]:  # with the mean of min(factor q, 1)
        end = np.minimum(1 / factor(z), 1)
        misread = factor(z) * rate * special.betainc(a + 1, b, end) + special.betaincc(a, b, end)
        return np.asarray(1 - (1 - misread) ** 2)

    truth = normal_mean(error)
    intervals, plain = [], []
    for _ in range(draws):
        difficulty = rng.beta(a, b, pool)
        items = [rng.permutation(pool)[: 2 * pairs].reshape(pairs, 2) for _ in range(repeats)]
        values = []
        for rows, own in zip(items, factor(rng.standard_normal(repeats)), strict=True):
            right = np.prod(1 - np.minimum(difficulty * own, 1)[rows], axis=1)
            values.append((rng.random(pairs) > right).astype(float))
        errors = [float(value.mean()) for value in values]
        shared = shared_variance(values, items)
        intervals.append(rate_interval(errors, [pairs] * repeats, shared))
        plain.append(t_interval(errors))
    return covered(iter(intervals), truth), covered(iter(plain), truth)


def main(draws: int = 10_000) -> None:
    print("Mean error over new seeds, 1000 samples: coverage in %")
    print("repeats  error %  seed SD  shown      t")
    for repeats, rate, seed_sd in product((3, 5, 10), RATES, SEED_SDS):
        shown, plain = seed_coverage(rate, seed_sd, repeats, draws)
        print(
            f"{repeats:7} {100 * rate:8g} {seed_sd:8g} {100 * shown:6.1f} {100 * plain:6.1f}",
            flush=True,
        )
    print("\nMean error over new seeds and new digits, 10 repeats of 10,000 digits")
    print("pairs  misread %  seed SD  concentration  shown      t")
    for pairs, rate, seed_sd, concentration in product(
        (1000, 5000), (0.01, 0.05), (0.0, 0.3), (1.0, 3.0)
    ):
        shown, plain = pool_coverage(rate, seed_sd, pairs, concentration, draws=draws // 5)
        print(
            f"{pairs:5} {100 * rate:10g} {seed_sd:8g} {concentration:14g} "
            f"{100 * shown:6.1f} {100 * plain:6.1f}",
            flush=True,
        )
    print("\nSD by seed, 1000 samples; the last column is how often its interval starts at 0")
    print("repeats  error %  seed SD  shown    at 0")
    for repeats, rate, seed_sd in product((3, 10), (0.02, 0.1), (0.0, 0.1, 0.3, 0.6)):
        shown, at_zero = part_coverage(rate, seed_sd, repeats, draws)
        print(
            f"{repeats:7} {100 * rate:8g} {seed_sd:8g} {100 * shown:6.1f} {100 * at_zero:7.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
