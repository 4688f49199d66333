"""A bench until decided: what it trains, when it stops, and that it may be interrupted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

import cmpnet
from cmpnet import CmpnetError, Results
from cmpnet.events import Event, Finished, Look
from tests.helpers import call
from tests.processes import running

pytest.importorskip("cmpnet_minidl")

GOOD = "minidl-relu[lr=0.01,optimizer=adam,points=200,epochs=10]"
LIKE = "minidl-relu[lr=0.01,optimizer=adam,width=26,points=200,epochs=10]"
BAD = "minidl-relu[lr=1e-12,points=200,epochs=10]"  # learns nothing: about 50 % instead of 10 %
DIVERGES = "minidl-relu[lr=1000,points=200,epochs=10]"
ALONE: dict[str, Any] = {"workers": 1}
FLAGS = ("--no-plot",)
CLAIM = f"""
[[claim]]
says = "it learns"
lower = "{GOOD}"
than = 0.3
"""


@dataclass(frozen=True)
class Bench:
    """What a bench came to, and what it reported meanwhile."""

    results: Results
    events: list[Event]

    @property
    def trained(self) -> int:
        """Number of repeats that were not in the store."""
        return sum(isinstance(event, Finished) and not event.stored for event in self.events)

    @property
    def looks(self) -> list[Look]:
        """Every look at the results."""
        return [event for event in self.events if isinstance(event, Look)]

    @property
    def repeats(self) -> dict[str, int]:
        """Number of repeats of each arm."""
        return {arm.label: len(arm.repeats) for arm in self.results.arms}


def bench(arms: Sequence[str] | None, most: int = 20, **options: Any) -> Bench:
    events: list[Event] = []
    results = cmpnet.bench(
        arms,
        until_decided=True,
        max_repeats=most,
        on_event=events.append,
        **{**ALONE, **options},
    )
    return Bench(results, events)


def suite(*arms: str, claims: str = CLAIM) -> str:
    lines = [f'[[arm]]\narm = "{arm}"' for arm in arms]
    Path("mine.toml").write_text("\n".join(['title = "mine"', *lines, claims]))
    return "mine.toml"


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """An arm, one that is clearly worse, and one that is hardly different."""
    store = tmp_path_factory.mktemp("three")
    return bench([GOOD, BAD, LIKE], store=store)


# -- what is trained ------------------------------------------------------------------------------


def test_an_obvious_difference_stops_at_the_first_look() -> None:
    done = bench([GOOD, BAD], most=100)
    assert done.repeats == {GOOD: 5, BAD: 5}
    assert [row.decision for row in done.results.compare()] == ["higher"]
    assert done.looks == [Look(5, (), 0)]


def test_arms_that_hardly_differ_are_trained_up_to_the_last_look_that_is_allowed(
    three: Bench,
) -> None:
    assert three.repeats[GOOD] == three.repeats[LIKE] == 17  # 23 would be more than 20
    decisions = {row.arm: row.decision for row in three.results.compare()}
    assert decisions == {BAD: "higher", LIKE: "undecided"}


def test_an_arm_whose_differences_are_decided_is_not_trained_on(three: Bench) -> None:
    assert three.repeats[BAD] == 5
    assert three.trained == 5 + 2 * 17
    late = [event.arm for event in three.events if isinstance(event, Finished)][15:]
    assert Counter(late) == {0: 12, 2: 12}


def test_every_look_says_what_is_undecided_with_its_interval_so_far(three: Bench) -> None:
    assert [(look.repeats, look.coming) for look in three.looks] == [
        *((5, 4), (7, 6), (10, 6), (13, 8), (17, 0))
    ]
    intervals = []
    for look in three.looks:
        (line,) = look.undecided
        assert line.startswith(f"{LIKE} against {GOOD} [")
        intervals.append([float(end) for end in line.rpartition("[")[2].rstrip("]").split(", ")])
    widths = [high - low for low, high in intervals]
    assert widths == sorted(widths, reverse=True)
    (row,) = (row for row in three.results.compare() if row.arm == LIKE)
    assert row.comparison.interval is not None
    assert intervals[-1] == pytest.approx([100 * end for end in row.comparison.interval], abs=0.005)


def test_the_repeats_are_those_of_a_bench_with_a_fixed_number(three: Bench, tmp_path: Path) -> None:
    fixed = cmpnet.bench([GOOD, BAD], repeats=5, store=tmp_path, **ALONE)
    for arm, expected in zip(fixed.arms, three.results.arms, strict=False):
        for seed in range(5):
            assert replace(arm.repeats[seed], seconds=0) == replace(
                expected.repeats[seed], seconds=0
            )


def test_an_arm_that_never_succeeds_is_not_trained_on() -> None:
    done = bench([GOOD, BAD, DIVERGES])
    assert done.repeats == {GOOD: 5, BAD: 5, DIVERGES: 5}
    assert [row.arm for row in done.results.compare()] == [BAD]


def test_a_claim_about_an_arm_that_never_succeeds_does_not_keep_the_bench_going() -> None:
    claim = CLAIM.replace("than = 0.3", f'than = "{DIVERGES}"')
    done = bench(None, suite=suite(GOOD, DIVERGES, claims=claim))
    assert done.repeats == {GOOD: 5, DIVERGES: 5}
    assert [verdict.verdict for verdict in done.results.claims] == ["not decided"]


def test_fail_fast_ends_the_bench() -> None:
    done = bench([DIVERGES, GOOD], fail_fast=True)
    assert sum(done.repeats.values()) < 10
    assert not done.looks


def test_equivalence_is_a_decision_too() -> None:
    done = bench([GOOD, LIKE], most=100, margin=0.2)
    assert done.repeats == {GOOD: 5, LIKE: 5}
    assert [row.decision for row in done.results.compare()] == ["equivalent"]


def test_the_differences_to_the_reference_decide() -> None:
    # GOOD and LIKE both differ from BAD, and nothing compares them with each other.
    done = bench([GOOD, BAD, LIKE], reference=BAD)
    assert set(done.repeats.values()) == {5}
    assert {row.reference for row in done.results.compare()} == {BAD}


def test_the_seeds_begin_where_the_call_says() -> None:
    done = bench([GOOD, BAD], seed=100)
    assert [sorted(arm.repeats) for arm in done.results.arms] == [[*range(100, 105)]] * 2


def test_a_single_arm_has_nothing_to_decide() -> None:
    done = bench([GOOD])
    assert done.repeats == {GOOD: 5}
    assert [(look.undecided, look.coming) for look in done.looks] == [((), 0)]


# -- claims ---------------------------------------------------------------------------------------


def test_a_claim_is_decided_too() -> None:
    done = bench(None, suite=suite(GOOD, BAD))
    assert done.repeats == {GOOD: 5, BAD: 5}
    assert [verdict.verdict for verdict in done.results.claims] == ["holds"]


def test_an_undecided_claim_trains_its_own_arms_on() -> None:
    claim = f"""
[[claim]]
says = "width is of no use"
same = "{LIKE}"
as = "{GOOD}"
within = 0.0001
"""
    done = bench(None, most=7, suite=suite(BAD, GOOD, LIKE, claims=claim))
    assert done.repeats == {BAD: 5, GOOD: 7, LIKE: 7}
    assert [verdict.verdict for verdict in done.results.claims] == ["not decided"]
    assert [line.partition(" [")[0] for line in done.looks[0].undecided] == ["width is of no use"]


def test_a_claim_about_times_does_not_keep_the_bench_going() -> None:
    claim = f"""
[[claim]]
says = "it is faster"
lower = "{GOOD}"
than = "{BAD}"
measure = "seconds"
"""
    done = bench(None, suite=suite(GOOD, BAD, claims=claim))
    assert done.repeats == {GOOD: 5, BAD: 5}


# -- what is printed and exported -----------------------------------------------------------------


def test_the_title_says_how_many_trainings_were_saved() -> None:
    title = bench([GOOD, BAD]).results.sections[0].title
    assert title.splitlines()[-2:] == [
        "5 repeats, seeds 0-4",
        "until decided: 10 trainings, 10 fewer than 10 repeats of each arm",
    ]


def test_more_trainings_than_a_fixed_number_are_counted_too(three: Bench) -> None:
    assert three.results.sections[0].title.splitlines()[-1] == (
        "until decided: 39 trainings, 9 more than 10 repeats of each arm"
    )


def test_results_and_their_export_say_that_the_number_depended_on_them(
    three: Bench, tmp_path: Path
) -> None:
    assert three.results.until_decided
    three.results.save(tmp_path / "x.json")
    content = json.loads((tmp_path / "x.json").read_text())
    assert content["until_decided"] is True
    assert [arm["wanted"] for arm in content["arms"]] == [17, 5, 17]
    assert "The number of repeats depended on the results" in str(three.results)
    assert "5 of 17" not in str(three.results), "no repeat of the decided arm is missing"
    fixed = cmpnet.bench([GOOD, BAD], repeats=3, **ALONE)
    assert not fixed.until_decided
    assert "depended on the results" not in str(fixed)


def test_the_command_line_shows_what_is_undecided_and_the_table() -> None:
    done = call("bench", GOOD, LIKE, *FLAGS, "--until-decided", "--max-repeats", "7", "--full")
    assert done.returncode == 0, done.stderr
    lines = done.stderr.splitlines()
    first = lines.index("after 5 repeats, not decided:")
    assert lines[first + 1].startswith(f"  {LIKE} against {GOOD} [")
    assert "after 7 repeats, not decided:" in lines[first + 2 :]
    assert "[10/10] " in done.stderr
    assert "[14/14] " in done.stderr
    assert "until decided: 14 trainings, 6 fewer than 10 repeats of each arm" in done.stdout
    assert "undecided" in done.stdout


def test_the_command_line_says_when_all_is_decided() -> None:
    done = call("bench", GOOD, BAD, *FLAGS, "--until-decided")
    assert done.stderr.splitlines()[-1] == "after 5 repeats: all is decided"
    quiet = call("bench", GOOD, BAD, *FLAGS, "--until-decided", "--quiet")
    assert quiet.stderr == ""


@pytest.mark.parametrize("most", [0, 4, 100_001])
def test_a_number_without_a_look_is_refused(most: int) -> None:
    done = call("bench", GOOD, BAD, *FLAGS, "--until-decided", "--max-repeats", str(most))
    assert done.returncode == 2
    assert "--max-repeats" in done.stderr
    with pytest.raises(CmpnetError, match=f"max-repeats is {most}; it must be"):
        bench([GOOD, BAD], most=most)
    assert not Path(".cmpnet").exists()


@pytest.mark.parametrize("margin", [-0.01, 1.5, float("nan")])
def test_a_margin_that_is_no_share_is_refused(margin: float) -> None:
    done = call("bench", GOOD, BAD, *FLAGS, "--margin", str(margin))
    assert done.returncode == 2
    assert "margin" in done.stderr
    with pytest.raises(CmpnetError, match="margin is"):
        bench([GOOD, BAD], margin=margin)


# -- again, and interrupted -----------------------------------------------------------------------


def test_the_same_call_again_trains_nothing_and_gives_the_same_results() -> None:
    first, again = bench([GOOD, BAD, LIKE], most=10), bench([GOOD, BAD, LIKE], most=10)
    assert (first.trained, again.trained) == (25, 0)
    assert again.results.compare() == first.results.compare()
    assert again.looks == first.looks
    assert again.results.sections[0].title == first.results.sections[0].title


def test_a_larger_maximum_goes_on_where_the_smaller_ended() -> None:
    bench([GOOD, LIKE], most=7)
    more = bench([GOOD, LIKE], most=10)
    assert more.trained == 6
    assert more.repeats == {GOOD: 10, LIKE: 10}


def test_repeats_that_are_stored_beyond_a_decision_do_not_count() -> None:
    cmpnet.bench([GOOD, BAD], repeats=9, **ALONE)
    done = bench([GOOD, BAD])
    assert done.trained == 0
    assert done.repeats == {GOOD: 5, BAD: 5}


def test_a_bench_that_was_killed_comes_to_the_same_end() -> None:
    command = ("bench", GOOD, BAD, LIKE, *FLAGS, "--until-decided", "--max-repeats", "30")
    whole = call(*command, "--store", "whole", "--export-json", "whole.json")
    assert whole.returncode == 0, whole.stderr
    with running(*command, "--workers", "1", "--store", "cut") as cut:
        cut.wait_until(lambda: "after 5 repeats" in cut.stderr)
        cut.kill()
        assert cut.wait() != 0
    done = call(*command, "--store", "cut", "--export-json", "cut.json")
    assert done.returncode == 0, done.stderr
    assert "of 65 repeats came from the store" in done.stdout
    assert numbers("cut.json") == numbers("whole.json")
    assert done.stdout.splitlines()[:2] == whole.stdout.splitlines()[:2]


def numbers(file: str) -> dict[str, Any]:
    """Everything in an export that does not depend on the clock."""
    content = json.loads(Path(file).read_text())
    content.pop("provenance")
    for arm in content["arms"]:
        arm.pop("seconds")
        for repeat in arm["repeats"]:
            repeat.pop("seconds")
    return dict(content)
