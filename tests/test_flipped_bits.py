"""A store with a flipped bit gives the same numbers, or a sentence; never others."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from cmpnet import CmpnetError, RepeatResult
from cmpnet.results import ArmResults
from cmpnet.store import FILE, Design, Identity, RunRow, Store, open_readonly
from tests.helpers import arm_results
from tests.test_store import RESULT

ARMS = [arm_results(label, []).key for label in ("one", "two")]
CODE = {"cmpnet": "0.2+abc"}
SAME, REFUSED = "the same", "refused in a sentence"
LOST = "lost a repeat, which would be trained again"


def identity(arm: int, seed: int) -> Identity:
    return Identity(ARMS[arm], seed, "data", CODE)


KEYS = [identity(arm, seed).key for arm in (0, 1) for seed in range(4)]


@dataclass(frozen=True)
class Content:
    """Everything that is read from a store."""

    runs: list[RunRow]
    results: list[list[ArmResults]]
    data: dict[tuple[str, int], str]
    repeats: dict[str, RepeatResult]
    compared_before: int


def content(folder: Path) -> Content:
    with open_readonly(folder) as store:
        runs = store.runs()
        found = {key: store.get(key) for key in KEYS}
        return Content(
            runs,
            [store.results(run) for run in runs],
            {
                (run.id, arm): store.fingerprint(run.id, arm)
                for run in runs
                for arm in range(len(run.arms))
            },
            {key: row.result for key, row in found.items() if row},
            store.compared_before(ARMS, range(9)),
        )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a finished run, one until decided with a failed repeat, and one that goes on."""
    folder = tmp_path_factory.mktemp("made")
    with closing(Store(folder)) as store:
        numbers = {}
        for run, (design, seeds) in enumerate(
            [(Design(), range(2)), (Design(until_decided=True), range(3)), (Design(), range(4))]
        ):
            name = store.begin_run(ARMS, seeds, design)
            for arm in (0, 1):
                for seed in seeds[: 3 - arm] if run else seeds:
                    if (arm, seed) not in numbers:
                        result = replace(RESULT, seed=seed, seconds=arm + seed / 8)
                        if (arm, seed) == (0, 2):
                            failed = RepeatResult(seed=seed, status="failed", cause="oops")
                            store.add_to_run(name, arm, store.put(identity(arm, seed), failed, {}))
                        numbers[arm, seed] = store.put(identity(arm, seed), result, {"python": "3"})
                    store.add_to_run(name, arm, numbers[arm, seed])
            if run < 2:
                store.end_run(name)
    return folder


@pytest.fixture
def outcome(made: Path, tmp_path: Path) -> Callable[[int], str]:
    """What comes of reading the store with one bit flipped."""
    whole, expected = (made / FILE).read_bytes(), content(made)
    assert len(expected.repeats) == 5
    assert [run.complete for run in expected.runs] == [True, True, False]

    def outcome(bit: int) -> str:
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        (tmp_path / FILE).write_bytes(damaged)
        try:
            read = content(tmp_path)
        except CmpnetError as error:
            return REFUSED if len(str(error).splitlines()) == 1 else f"refused in several: {bit}"
        if read == expected:
            return SAME
        same = replace(read, repeats=expected.repeats) == expected
        assert read.repeats.items() <= expected.repeats.items(), bit
        return LOST if same else f"other numbers: {bit}"

    return outcome


def counts(outcome: Callable[[int], str], bits: Iterable[int]) -> Counter[str]:
    return Counter(outcome(bit) for bit in bits)


def test_a_flipped_bit_never_changes_a_number(made: Path, outcome: Callable[[int], str]) -> None:
    size = 8 * (made / FILE).stat().st_size
    found = counts(outcome, random.Random(0).sample(range(size), 500))
    assert set(found) <= {SAME, REFUSED, LOST}
    assert found[REFUSED] > 10


@pytest.mark.slow
def test_none_of_all_bits_changes_a_number_when_it_is_flipped(
    made: Path, outcome: Callable[[int], str]
) -> None:
    found = counts(outcome, range(8 * (made / FILE).stat().st_size))
    print(found)
    assert set(found) <= {SAME, REFUSED, LOST}
