"""Everything on one screen is decided once: its tables and claims never contradict each other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cmpnet import ArmResults, Results, Section
from cmpnet.analysis.claims import Claim, Outcome, Relation
from cmpnet.analysis.comparisons import Decision
from cmpnet.analysis.decide import Interval
from cmpnet.results import pairs_with
from tests.benchmarks.trust import arms_of
from tests.helpers import arm_results, section_of

OPPOSITE: dict[Relation, Relation] = {"lower": "higher", "higher": "lower", "same": "same"}
CLAIMED: dict[tuple[Decision, Relation], Outcome] = {
    ("lower", "lower"): "holds",
    ("lower", "higher"): "does not hold",
    ("higher", "higher"): "holds",
    ("higher", "lower"): "does not hold",
    ("equivalent", "same"): "holds",
    **{(decision, relation): "not decided"
       for decision in ("equivalent", "undecided") for relation in ("lower", "higher")},
}  # fmt: skip
"""What a claim comes to if the table says this of the same difference.

The last combination, that two arms are different and the same within a margin, is open: the margin
says nothing about "different".
"""


def random_screen(seed: int) -> Results:
    """One or two tables of arms that differ or not, with claims about pairs that they compare."""
    rng = np.random.default_rng([7, seed])
    repeats = int(rng.integers(0, 25))
    arms = arms_of(rng, float(rng.choice([0.005, 0.05, 0.2])), repeats)
    shifts = rng.choice([0, 0, 0.002, 0.02], len(arms))
    until = bool(rng.random() < 0.5)
    arms = [
        replace(shifted(arm, float(by)), until_decided=until)
        for arm, by in zip(arms, shifts, strict=True)
    ]
    return Results(
        sections=tuple(random_section(rng, arms) for _ in range(rng.integers(1, 3))),
        margin=rng.choice([None, 0.01, 0.05]),
    )


def shifted(arm: ArmResults, by: float) -> ArmResults:
    repeats = {
        seed: replace(r, test_error=min(1.0, (r.test_error or 0) + by))
        for seed, r in arm.repeats.items()
    }
    return replace(arm, repeats=repeats)


def random_section(rng: np.random.Generator, arms: list[ArmResults]) -> Section:
    chosen = [arms[place] for place in rng.permutation(len(arms))[: rng.integers(2, 6)]]
    claims = []
    for _ in range(rng.integers(0, 6)):
        one, other = rng.permutation(len(chosen))[:2]
        relation = rng.choice(["lower", "higher", "same"])
        within = 0.03 if relation == "same" else 0.0
        claims.append(Claim("", chosen[one].label, chosen[other].label, relation, within))
    pairs = pairs_with(len(chosen), int(rng.integers(0, len(chosen))))
    return Section(arms=tuple(chosen), pairs=pairs, claims=tuple(claims))


def test_a_table_and_a_claim_about_the_same_difference_have_one_interval_and_one_decision() -> None:
    seen = set()
    for seed in range(300):
        results = random_screen(seed)
        rows = {(row.arm, row.reference): row for row in results.compare()}
        for section, decisions in zip(results.sections, results.decisions, strict=True):
            for verdict in decisions.verdicts:
                one, other = verdict.claim.arms
                relation, comparison = verdict.claim.relation, verdict.comparison
                if (other, one) in rows:
                    one, other, comparison = other, one, comparison.reversed()
                    relation = OPPOSITE[relation]
                elif (one, other) not in rows:
                    continue
                row = rows[one, other]
                assert comparison == row.comparison, (seed, section.title)
                if relation != "same":
                    assert verdict.verdict == CLAIMED[row.decision, relation], seed
                elif row.margin <= 0.03 and row.decision == "equivalent":
                    assert verdict.verdict == "holds", seed
                elif verdict.verdict == "does not hold":
                    assert row.decision in ("lower", "higher"), seed
                seen.add((row.decision, relation, verdict.verdict))
    assert {(decision, relation) for decision, relation, _ in seen} >= CLAIMED.keys()


def test_the_same_difference_in_two_tables_has_one_interval_and_is_counted_once() -> None:
    for seed in range(100):
        results = random_screen(seed)
        asked, intervals = set(), {}
        for decisions in results.decisions:
            for row in decisions.comparisons:
                name = frozenset((row.arm, row.reference))
                comparison = (
                    row.comparison if row.arm < row.reference else row.comparison.reversed()
                )
                assert intervals.setdefault(name, comparison.interval) == comparison.interval
                asked.add(name)
            asked |= {frozenset(verdict.claim.arms) for verdict in decisions.verdicts}
        if any(arm.ok() for arm in results.arms):
            assert all(decisions.count <= len(asked) for decisions in results.decisions)


def interval_of(results: Results) -> Interval:
    interval = results.compare()[0].comparison.interval
    assert interval is not None
    return interval


def test_what_is_claimed_one_way_is_tested_that_way_in_the_table_too() -> None:
    section = section_of([arm_results("a", range(100, 108)), arm_results("b", range(90, 98))])
    sections = {
        relation: replace(section, claims=(Claim("", "b", "a", relation),))
        for relation in ("lower", "higher")
    }
    plain, lower, higher = (
        interval_of(Results(sections=(one,)))
        for one in (section, sections["lower"], sections["higher"])
    )
    assert lower[0] < plain[0]
    assert lower[1] < plain[1]
    assert higher[0] > plain[0]
    assert higher[1] > plain[1]
    # The claim is about b minus a; written the other way round it is the same claim.
    reversed_claim = replace(section, claims=(Claim("", "a", "b", "higher"),))
    assert interval_of(Results(sections=(reversed_claim,))) == lower


def test_contrary_claims_about_one_difference_are_tested_two_sided() -> None:
    section = section_of([arm_results("a", range(100, 108)), arm_results("b", range(90, 98))])
    both = replace(section, claims=(Claim("", "b", "a"), Claim("", "b", "a", "higher")))
    assert interval_of(Results(sections=(both,))) == interval_of(Results(sections=(section,)))
    holds, fails = Results(sections=(both,)).claims
    assert (holds.verdict, fails.verdict) == ("holds", "does not hold")


def test_claims_under_another_protocol_take_no_part_of_the_error_probability() -> None:
    claims = (Claim("", "b", "a", measure="train_error"), Claim("", "b", 0.5))
    section = section_of([arm_results("a", range(100, 108)), arm_results("b", range(90, 98))])
    deviating = replace(section, claims=claims, deviation="3 of 25 epochs")
    (decisions,) = Results(sections=(deviating,)).decisions
    assert decisions.count == 1
    assert interval_of(Results(sections=(deviating,))) == interval_of(Results(sections=(section,)))
    assert [verdict.verdict for verdict in decisions.verdicts] == ["not judged"] * 2


@pytest.mark.parametrize("until_decided", [False, True])
def test_what_is_undecided_is_what_more_repeats_may_decide(until_decided: bool) -> None:
    arms = [
        arm_results("a", [100, 120, 90, 110, 130], until_decided=until_decided),
        arm_results("b", [110, 90, 120, 100, 130], until_decided=until_decided),
        arm_results("c", [500, 510, 490, 505, 500], until_decided=until_decided),
        arm_results("gone", [None] * 5, until_decided=until_decided),
    ]
    claims = (
        Claim("decided", "a", "c"),
        Claim("open", "b", "a"),
        Claim("without a result", "gone", "a"),
        Claim("about times", "b", "a", measure="seconds"),
    )
    section = replace(section_of(arms), claims=claims)
    (decisions,) = Results(sections=(section,)).decisions
    names = [getattr(row, "arm", None) or row.claim.says for row in decisions.undecided]  # type: ignore[union-attr]
    assert names == ["b", "open"]
