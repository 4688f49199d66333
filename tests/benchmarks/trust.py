"""``make trust``: how often the rule decides wrongly, and how often it decides at all.

    python -m tests.benchmarks.trust [BENCHES]

Benches are drawn at random, not trained: the error of a repeat is binomial, with a rate whose logit
varies with the seed (shared by all arms) and with the training.
"""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from cmpnet import ArmKey, ArmResults, Curves, RepeatResult, Results, Section, TrainConfig
from cmpnet.analysis.claims import Claim
from cmpnet.analysis.decide import Difference, decide
from cmpnet.results import pairs_with

ARMS, SAMPLES, DIFFERENCES = 6, 1000, 13
Errors = NDArray[np.float64]  # (repeats, arms)
KEY = ArmKey(
    label="",
    architecture="",
    loss="",
    task="",
    architecture_options={},
    loss_options={},
    task_options={},
    config=TrainConfig(),
)


def rates(rng: np.random.Generator, error: float, repeats: int, arms: int, sd: float) -> Errors:
    """True error rates of arms without a difference."""
    logit = np.log(error / (1 - error)) + rng.normal(0, sd, (repeats, 1))
    return np.asarray(1 / (1 + np.exp(-logit - rng.normal(0, sd, (repeats, arms)))))


def arms_of(
    rng: np.random.Generator, error: float, repeats: int, sd: float = 0.3
) -> list[ArmResults]:
    """Six arms without a difference."""
    rate = rates(rng, error, repeats, ARMS, sd)
    test, train = rng.binomial(SAMPLES, rate), rng.binomial(SAMPLES, rate / 2)
    early = np.clip(2 * rate + rng.normal(0, error / 10, rate.shape), 0, 1)
    return [
        ArmResults(
            key=replace(KEY, label=f"a{arm}", architecture=f"a{arm}"),
            wanted=repeats,
            repeats={
                seed: RepeatResult(
                    seed=seed,
                    status="ok",
                    test_error=float(test[seed, arm]) / SAMPLES,
                    train_error=float(train[seed, arm]) / SAMPLES,
                    test_samples=SAMPLES,
                    train_samples=SAMPLES,
                    curves=Curves(test_error=[float(early[seed, arm])]),
                )
                for seed in range(repeats)
            },
        )
        for arm in range(ARMS)
    ]


CLAIMS = (
    *(Claim("", f"a{one}", f"a{other}") for one, other in ((2, 1), (3, 2), (4, 5), (5, 1))),
    *(
        Claim("", f"a{one}", f"a{other}", "higher", measure="gap")
        for one, other in ((1, 0), (2, 1))
    ),
    *(Claim("", f"a{one}", f"a{other}", first_epochs=1) for one, other in ((1, 0), (3, 1))),
)


def wrong_decisions(
    rng: np.random.Generator, error: float, repeats: int, sd: float = 0.3, *, peeking: bool = False
) -> int:
    """How many differences a screen of six equal arms and eight claims sees."""
    arms = [replace(arm, until_decided=peeking) for arm in arms_of(rng, error, repeats, sd)]
    section = Section(arms=tuple(arms), pairs=pairs_with(ARMS), claims=CLAIMS)
    (decisions,) = Results(sections=(section,)).decisions
    assert decisions.count == DIFFERENCES
    wrong = sum(row.decision in ("lower", "higher") for row in decisions.comparisons)
    return wrong + sum(verdict.verdict != "not decided" for verdict in decisions.verdicts)


def power(rng: np.random.Generator, effect: float, benches: int) -> tuple[float, float, float]:
    """Shares of benches of 10 repeats that decide one real effect among 13 differences.

    Returns:
        The rule's, the same where a claim states the direction, and that of the two-sided paired t
        test with Holm's correction.
    """
    decided = np.zeros(3)
    for _ in range(benches):
        values = rng.normal(0, 1, (DIFFERENCES, 10))
        values[0] -= effect
        differences = [Difference(values=tuple(row)) for row in values.tolist()]
        claimed = [replace(differences[0], claimed="lower"), *differences[1:]]
        for column, rows in enumerate((differences, claimed)):
            interval = decide(rows)[0].interval
            decided[column] += interval is not None and interval[1] < 0
        ps = stats.ttest_1samp(values, 0, axis=1).pvalue
        rank = int((ps < ps[0]).sum())
        smaller = np.sort(ps)[:rank] * (DIFFERENCES - np.arange(rank)) <= 0.05
        decided[2] += smaller.all() and ps[0] * (DIFFERENCES - rank) <= 0.05
    return tuple(decided / benches)  # type: ignore[return-value]


def main(benches: int = 10_000) -> None:
    """Print both tables."""
    rng = np.random.default_rng(2026)
    sd = 100 * (0.05 * 0.95 / benches) ** 0.5
    print(f"Any wrong decision, % of {benches} screens of 6 equal arms and 8 claims (SD {sd:.1f})")
    print("true error %     0.2     1     5    20")
    for repeats, peeking in ((5, False), (10, False), (30, False), (100, True)):
        draws = benches // 5 if peeking else benches  # ten times as long
        shares = [
            np.mean([wrong_decisions(rng, e, repeats, peeking=peeking) > 0 for _ in range(draws)])
            for e in (0.002, 0.01, 0.05, 0.2)
        ]
        name = "looks to n = 100" if peeking else f"n = {repeats}"
        print(f"{name:16}" + "".join(f"{100 * share:6.1f}" for share in shares), flush=True)
    print("\nPower at n = 10, one effect d among 13 differences, %")
    print("    d  the rule  claimed  t, Holm  ratio")
    for effect in (0.5, 1.0, 1.5, 2.0):
        rule, claimed, holm = power(rng, effect, benches)
        print(
            f"{effect:5}{100 * rule:10.1f}{100 * claimed:9.1f}{100 * holm:9.1f}"
            f"{rule / holm if holm else float('nan'):7.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
