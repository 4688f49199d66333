"""``cmpnet runs``: what the store says of its runs, and what goes with a run that is removed."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import cmpnet
from cmpnet import CmpnetError
from cmpnet.store import About, Identity, Store, open_readonly
from tests.helpers import arm_results, call

ARMS = [arm_results(label, []).key for label in ("ws", "ws-aux", "baseline")]
STORE = Path(".cmpnet")


def add_run(store: Store, repeats: dict[tuple[int, int], int], about: About | None = None) -> str:
    """A finished run of the repeats (arm, seed) that are in these rows of the store."""
    arms = sorted({arm for arm, _ in repeats})
    seeds = sorted({seed for _, seed in repeats})
    run = store.begin_run([ARMS[arm] for arm in arms], seeds, about=about)
    for (arm, _), row in repeats.items():
        store.add_to_run(run, arms.index(arm), row)
    store.end_run(run)
    return run


def put(store: Store, arm: int, *seeds: int) -> dict[tuple[int, int], int]:
    """Store repeats of an arm; the rows that they are in."""
    results = arm_results(ARMS[arm].label, [100 + 10 * seed for seed in range(9)]).repeats
    return {
        (arm, seed): store.put(Identity(ARMS[arm], seed, "data", {"c": "1"}), results[seed], {})
        for seed in seeds
    }


@pytest.fixture
def filled() -> list[str]:
    """A store in the current folder: the second run shares the repeats of ws with the first."""
    with closing(Store(STORE)) as store:
        shared = put(store, 0, 0, 1)
        command = ["cmpnet", "bench", "ws", "--note", "two words"]
        about = About.checked("two words", ["course"], command)
        first = add_run(store, {**shared, **put(store, 1, 0, 1)}, about)
        second = add_run(store, {**shared, **put(store, 2, 0, 1)})
    return [first, second]


def listed(*arguments: str) -> list[dict[str, Any]]:
    done = call("runs", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    runs: list[dict[str, Any]] = json.loads(done.stdout)["runs"]
    return runs


def seeds_of(name: str) -> dict[str, list[int]]:
    return {arm.label: sorted(arm.repeats) for arm in cmpnet.load(name).arms}


def test_a_bench_keeps_its_note_its_tags_and_its_command() -> None:
    words = ("bench", "linear", "--epochs", "1", "--repeats", "1", "-o", "data=t.csv", "-q")
    Path("t.csv").write_text("a,label\n" + "".join(f"{n},{n % 2}\n" for n in range(40)))
    given = ("--note", "a b", "--tag", "x", "--tag", "y", "--tag", "x", "--no-plot")
    assert call(*words, *given).returncode == 0
    (run,) = listed()
    assert (run["note"], run["tags"]) == ("a b", ["x", "y"])
    assert run["command"] == ["cmpnet", *words, *given]
    shown = call("runs", "show", run["id"][:5]).stdout
    assert "--note 'a b' --tag x" in shown
    cmpnet.bench("linear", epochs=1, repeats=1, data="t.csv", note="from here", tags=["z"])
    (run,) = listed("--tag", "z")
    assert (run["note"], run["command"]) == ("from here", None)
    assert "begun from Python" in call("runs", "show", run["id"]).stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("bench", "ws", "--tag", "a b"), "a tag is a word without blanks"),
        (("bench", "ws", "--note", "a\nb"), "the note is 'a\\nb'; it must be a line of text"),
        (("runs", "show", "zzz"), "No run has an id that begins with 'zzz'"),
        (("runs", "--tag", "x", "show", "zzz"), "options of 'cmpnet runs' itself"),
        (("runs", "--since", "monday"), "--since"),
    ],
)
def test_a_wrong_call_is_a_sentence(
    filled: list[str], arguments: tuple[str, ...], message: str
) -> None:
    done = call(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert len(listed()) == len(filled)


def test_notes_and_tags_are_changed_afterwards(filled: list[str]) -> None:
    first, second = filled
    for arguments in (("note", second[:6], "new"), ("tag", second, "b", "a", "b")):
        assert call("runs", *arguments).returncode == 0
    assert call("runs", "tag", first, "course", "--remove").returncode == 0
    assert [(run["note"], run["tags"]) for run in listed()] == [
        ("two words", []),
        ("new", ["b", "a"]),
    ]
    assert call("runs", "tag", first, "course", "--remove").returncode == 2
    assert listed()[0]["command"] == ["cmpnet", "bench", "ws", "--note", "two words"]


def test_runs_are_found_by_tag_arm_and_day(filled: list[str]) -> None:
    first, second = filled
    assert [run["id"] for run in listed("--tag", "course")] == [first]
    assert [run["id"] for run in listed("--arm", "baseline")] == [second]
    assert [run["id"] for run in listed("--arm", "ws", "--since", "2020-01-01")] == filled
    assert listed("--since", "2999-01-01") == []
    assert "None of the 2 runs" in call("runs", "--tag", "other").stdout
    assert "tags: course" in call("runs").stdout


def test_a_removed_run_takes_only_the_repeats_that_no_other_run_has(filled: list[str]) -> None:
    first, second = filled
    before = cmpnet.load(second).arms
    refused = call("runs", "rm", first)
    assert refused.returncode == 2, "there is no terminal to ask on"
    assert "removed: 1 run, 2 repeats. To be kept for other runs: 2 repeats." in refused.stdout
    assert len(listed()) == 2
    assert call("runs", "rm", first[:5], "--yes").returncode == 0
    assert [run["id"] for run in listed()] == [second]
    assert cmpnet.load(second).arms == before
    with open_readonly(STORE) as store:
        kept = [store.get(Identity(arm, 0, "data", {"c": "1"}).key) for arm in ARMS]
        assert [repeat is None for repeat in kept] == [False, True, False]
    assert call("runs", "rm", second, "--yes").returncode == 0
    with closing(Store(STORE)) as store:
        assert store.db.execute("SELECT count(*) FROM repeats").fetchone() == (0,)
        add_run(store, put(store, 0, 0))
    assert len(listed()) == 1


def test_no_run_is_removed_while_one_is_in_progress(filled: list[str]) -> None:
    with closing(Store(STORE)) as bench:
        going_on = bench.begin_run(ARMS[:1], [0])
        done = call("runs", "rm", filled[0], "--yes")
        assert done.returncode == 2
        assert f"Run {going_on} is in progress" in done.stderr
        assert [run["in_progress"] for run in listed()] == [False, False, True]
        with closing(Store(STORE)) as other:
            removal = other.removal([filled[0]])
            bench.add_to_run(going_on, 0, removal.repeats[0])
            bench.end_run(going_on)
            with pytest.raises(CmpnetError, match="Another process has changed the store"):
                other.remove(removal)
    assert call("runs", "rm", filled[0], "--yes").returncode == 0


def test_a_removal_killed_at_any_statement_is_as_before_or_done(filled: list[str]) -> None:
    code = f"""
import os, shutil, signal
from pathlib import Path
from cmpnet.store import Store
for statement in range(1, 100):
    folder = Path(f"killed{{statement}}")
    shutil.copytree(".cmpnet", folder)
    pid = os.fork()
    if pid == 0:
        store, left = Store(folder), [statement]
        removal = store.removal([{filled[0]!r}])
        def trace(_):
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
        store.db.set_trace_callback(trace)
        store.remove(removal)
        os._exit(0)
    if os.waitpid(pid, 0)[1] == 0:
        break
"""
    subprocess.run([sys.executable, "-c", code], check=True)
    counts = set()
    folders = sorted(Path().glob("killed*"))
    assert len(folders) > 6
    for folder in folders:
        with open_readonly(folder) as store:
            runs = store.runs()
            assert [[len(arm.repeats) for arm in store.results(run)] for run in runs] == [
                [2, 2] for _ in runs
            ]
            counts.add((len(runs), *store.db.execute("SELECT count(*) FROM repeats").fetchone()))
    assert counts == {(2, 6), (1, 4)}


def test_a_run_is_exported_as_a_bench_exports_it(filled: list[str]) -> None:
    assert call("runs", "export", filled[0], "x.json").returncode == 0
    assert [arm.label for arm in cmpnet.load("x.json").arms] == ["ws", "ws-aux"]
    assert cmpnet.load("x.json").arms[0].repeats == cmpnet.load(filled[0]).arms[0].repeats
    done = call("runs", "export", filled[0], "x.txt")
    assert done.returncode == 2
    assert ".csv" in done.stderr
    over = call("runs", "export", filled[0], ".cmpnet/results.sqlite")
    assert over.returncode == 2
    assert seeds_of(filled[1]) == {"ws": [0, 1], "baseline": [0, 1]}


# -- leaderboard ----------------------------------------------------------------------------------


def test_the_leaderboard_ranks_each_arm_once_with_all_its_repeats(filled: list[str]) -> None:
    with closing(Store(STORE)) as store:
        third = add_run(store, put(store, 0, 2, 3))
        epochs = arm_results("ws[epochs=1]", [], epochs=1).key
        store.add_to_run(other := store.begin_run([epochs], [0]), 0, put(store, 0, 0)[0, 0])
    done = call("leaderboard", "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    found = [(one["rank"], one["arm"], one["n"], one["run"]) for one in document["arms"]]
    assert found == [
        (1, "ws-aux", 2, filled[0]),
        (1, "baseline", 2, filled[1]),
        (3, "ws", 4, third),
    ]
    assert document["arms"][2]["mean"] == pytest.approx(0.115)
    assert document["arms"][0]["ci95"][0] < 0.105 < document["arms"][0]["ci95"][1]
    assert "left out: 1 epoch" in done.stderr
    only = json.loads(call("leaderboard", "--where", "epochs=1", "--json").stdout)["arms"]
    assert [(one["arm"], one["run"]) for one in only] == [("ws[epochs=1]", other)]
    table = call("leaderboard").stdout
    assert "digit-pairs, 25 epochs, pairs 1000: 3 arms, lower is better" in table
    assert "11.50 ± 1.29" in table


def test_the_leaderboard_does_not_mix_versions_of_code(filled: list[str]) -> None:
    with closing(Store(STORE)) as store:
        result = arm_results("ws", [50]).repeats[0]
        row = store.put(Identity(ARMS[0], 0, "data", {"c": "2"}), result, {})
        newest = add_run(store, {(0, 0): row})
    first = json.loads(call("leaderboard", "--json").stdout)["arms"][0]
    assert (first["arm"], first["n"], first["mean"], first["run"]) == ("ws", 1, 0.05, newest)
