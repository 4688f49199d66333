"""The store: durable, reused for exactly the same configuration only, never silently replaced."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from cmpnet import ArmKey, CmpnetError, Curves, RepeatResult, TrainConfig
from cmpnet.store import FILE, Identity, Store, open_readonly
from cmpnet.store.schema import SCHEMA
from tests.helpers import renew_checksums

ARM = ArmKey(
    label="a",
    architecture="a",
    loss="l",
    task="t",
    architecture_options={"hidden": 3},
    loss_options={"alpha": 0.5},
    task_options={"pairs": 10},
    config=TrainConfig(),
)
CODE = {"cmpnet": "0.1+abc"}
IDENTITY = Identity(ARM, 3, "data", CODE)
RESULT = RepeatResult(
    seed=3,
    status="ok",
    train_error=0.1,
    test_error=0.25,
    train_count=2,
    error_count=5,
    train_samples=20,
    test_samples=20,
    curves=Curves(train_loss=[1.5], train_error=[0.1], test_error=[0.25]),
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path)) as opened:
        yield opened


def test_a_stored_repeat_comes_back_equal_after_reopening(tmp_path: Path) -> None:
    with closing(Store(tmp_path)) as store:
        row = store.put(IDENTITY, RESULT, {})
    with closing(Store(tmp_path)) as store:
        assert store.get(IDENTITY.key) == (row, RESULT)


@pytest.mark.parametrize(
    "other",
    [
        Identity(replace(ARM, architecture="b"), 3, "data", CODE),
        Identity(replace(ARM, loss="m"), 3, "data", CODE),
        Identity(replace(ARM, architecture_options={"hidden": 4}), 3, "data", CODE),
        Identity(replace(ARM, loss_options={"alpha": 0.6}), 3, "data", CODE),
        Identity(replace(ARM, task_options={"pairs": 11}), 3, "data", CODE),
        Identity(replace(ARM, config=TrainConfig(lr=0.2)), 3, "data", CODE),
        Identity(ARM, 4, "data", CODE),
        Identity(ARM, 3, "other data", CODE),
        Identity(ARM, 3, "data", {"cmpnet": "0.2+abc"}),
    ],
)
def test_anything_that_could_change_the_numbers_makes_another_repeat(
    store: Store, other: Identity
) -> None:
    store.put(IDENTITY, RESULT, {})
    assert store.get(other.key) is None


def test_the_label_does_not_make_another_repeat() -> None:
    renamed = Identity(replace(ARM, label="b"), 3, "data", CODE)
    assert renamed.key == IDENTITY.key


def test_the_newest_row_counts_and_older_rows_stay(store: Store) -> None:
    store.put(IDENTITY, RESULT, {})
    newer = replace(RESULT, error_count=6, test_error=0.3, curves=Curves())
    store.put(IDENTITY, newer, {})
    newest = store.get(IDENTITY.key)
    assert newest is not None
    assert newest.result == newer
    assert store.db.execute("SELECT count(*) FROM repeats").fetchone() == (2,)


def test_a_failed_repeat_is_kept_but_not_reused(store: Store) -> None:
    store.put(IDENTITY, RepeatResult(seed=3, status="failed", cause="oops"), {})
    assert store.get(IDENTITY.key) is None


def test_a_repeat_survives_kill_9_right_after_it_was_put(tmp_path: Path) -> None:
    code = f"""
import os, signal, sys
sys.path.insert(0, {str(Path(__file__).parent.parent)!r})
from tests.test_store import ARM, CODE, RESULT
from cmpnet.store import Identity, Store
from pathlib import Path
store = Store(Path({str(tmp_path)!r}))
for seed in range(20):
    store.put(Identity(ARM, seed, "data", CODE), RESULT, {{}})
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", code], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    with closing(Store(tmp_path)) as store:
        assert all(store.get(Identity(ARM, seed, "data", CODE).key) for seed in range(20))


@pytest.mark.parametrize(
    "content", [b"not a database at all, but a letter to a friend" * 50, b"\0" * 4096]
)
def test_a_damaged_store_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(CmpnetError, match="move it away"):
        Store(tmp_path)
    assert (tmp_path / FILE).read_bytes() == content


def test_a_cut_store_is_refused(tmp_path: Path) -> None:
    with closing(Store(tmp_path)) as store:
        for seed in range(200):
            store.put(Identity(ARM, seed, "data", CODE), RESULT, {})
    whole = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CmpnetError, match="cannot be read"):
        Store(tmp_path)


def test_the_store_of_a_newer_cmpnet_is_refused(tmp_path: Path) -> None:
    Store(tmp_path).close()
    with sqlite3.connect(tmp_path / FILE) as db:
        db.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    db.close()
    with pytest.raises(CmpnetError, match="Upgrade cmpnet"):
        Store(tmp_path)


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CmpnetError, match="Cannot write the store"):
        Store(tmp_path / "file")
    (tmp_path / "folder" / FILE).mkdir(parents=True)
    with pytest.raises(CmpnetError, match="Cannot write the store"):
        Store(tmp_path / "folder")
    if os.geteuid() != 0:  # root may write everywhere
        (tmp_path / "closed").mkdir(mode=0o500)
        with pytest.raises(CmpnetError, match="Cannot write the store"):
            Store(tmp_path / "closed")


DAMAGES = {
    "result": ["", "null", "3", "[]", "{}", '{"seed": 3, "curves": {}'],
    "json_set(result, '$.test_error', V)": ["'x'", "null", "2", "-0.25", "1e400", "json('[]')"],
    "json_set(result, '$.seconds', V)": ["'x'", "null", "-1", "json('{}')"],
    "json_set(result, '$.curves.test_error', V)": ["'x'", "json('[null]')", "json('[[]]')"],
    "json_set(result, '$.mistakes', V)": ["3", "json('[0.5]')", "json('[20]')", "json('[-1]')"],
    "json_set(result, '$.status', V)": ["'fine'", "json('[]')"],
    "json_set(result, '$.test_samples', V)": ["0", "19.5", "true"],
    "json_set(result, '$.parameters', V)": ["'12'", "12.5", "9223372036854775808"],
    "json_set(result, '$.colour', V)": ["'red'"],
    "json_remove(result, V)": ["'$.seed'"],
}


@pytest.mark.parametrize(
    ("change", "value"), [(change, value) for change in DAMAGES for value in DAMAGES[change]]
)
def test_damage_in_a_repeat_is_reported_in_a_sentence(
    store: Store, change: str, value: str
) -> None:
    row = store.put(IDENTITY, RESULT, {})
    store.add_to_run(store.begin_run([ARM], [3]), 0, row)
    (run,) = store.runs()
    new = change.replace("V", value) if "V" in change else f"'{value}'"
    store.db.execute(f"UPDATE repeats SET result = {new}")
    for look in (lambda: store.get(IDENTITY.key), lambda: store.results(run)):
        with pytest.raises(CmpnetError, match="cannot be read: a row of 'repeats' does not match"):
            look()
    renew_checksums(store.db)
    for look in (lambda: store.get(IDENTITY.key), lambda: store.results(run)):
        with pytest.raises(
            CmpnetError, match=r"^The store .* cannot be read: .*\. It was not changed"
        ):
            look()


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        *(("runs", "seeds", value) for value in ("null", "3", '["a"]', "[]", "{}", "")),
        *(("runs", "arms", value) for value in ("null", "[3]", "[{}]", '{"a": {}}', "[")),
        *(("repeats", "identity", value) for value in ("null", "3", "{}", '{"code": 3}', "[")),
    ],
)
def test_damage_in_a_run_is_reported_in_a_sentence(
    store: Store, table: str, column: str, value: str
) -> None:
    run = store.begin_run([ARM], [3])
    store.add_to_run(run, 0, store.put(IDENTITY, RESULT, {}))
    store.db.execute(f"UPDATE {table} SET {column} = ?", (value,))
    for sentence in (f"a row of '{table}' does not match its checksum", r".*\. It was not changed"):
        with pytest.raises(CmpnetError, match=rf"^The store .* cannot be read: {sentence}"):
            [store.results(row) for row in store.runs()]
        renew_checksums(store.db)
    store.db.execute("DROP TABLE run_repeats")
    with pytest.raises(CmpnetError, match=r"^The store .* can no longer be written"):
        store.add_to_run("r", 0, 1)


def test_reading_a_store_keeps_the_claims_of_a_bench_in_the_same_process(tmp_path: Path) -> None:
    key = "0" * 64
    with closing(Store(tmp_path)) as bench:
        assert bench.locks.claim(key)
        with open_readonly(tmp_path):
            pass
        with closing(Store(tmp_path)) as other:
            assert not other.locks.claim(key), "two benches of one process do not share a claim"
    with closing(Store(tmp_path)) as later:
        assert later.locks.claim(key)
