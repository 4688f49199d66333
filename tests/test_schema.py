"""Files on disk: those of cmpnet 0.1 are read, those of other programs are left as they are."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

import cmpnet
from cmpnet import CmpnetError, Results
from cmpnet.store import FILE, About, Store, open_readonly
from cmpnet.store.rows import checksum
from cmpnet.store.schema import SCHEMA
from tests.helpers import ROOT, call, renew_checksums
from tests.test_store import ARM, IDENTITY, RESULT

# Written by one call of cmpnet 0.1: bench baseline 'ws-aux[alpha=0.5]' torch-mlp --repeats 2
# --epochs 1 --pairs 20 --points 20 --no-plot --export-json
OLD_STORE, OLD_EXPORT = (
    ROOT / "tests" / "data" / f"cmpnet-0.1.{end}" for end in ("sqlite", "json")
)
OLD_RUN = "ead13a1b4d98"
OLD_LABELS = ["baseline", "ws-aux[alpha=0.5]", "torch-mlp"]


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The folder of a store that cmpnet 0.1 wrote."""
    folder = tmp_path / "old"
    folder.mkdir()
    shutil.copyfile(OLD_STORE, folder / FILE)
    return folder


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return int(db.execute("PRAGMA user_version").fetchone()[0])


def rows(path: Path) -> list[str]:
    """Every row of every table."""
    with closing(sqlite3.connect(path)) as db:
        return list(db.iterdump())


# -- what cmpnet 0.1 wrote ------------------------------------------------------------------------


def errors_of(results: Results) -> dict[str, list[float]]:
    return {arm.label: arm.test_errors() for arm in results.arms}


def test_a_store_of_cmpnet_0_1_is_read(old: Path) -> None:
    results = cmpnet.load(old)
    exported = json.loads(OLD_EXPORT.read_text())["arms"]
    assert errors_of(results) == {
        arm["name"]: [repeat["test_error"] for repeat in arm["repeats"]] for arm in exported
    }
    assert [arm.label for arm in results.arms] == OLD_LABELS
    for arm, entry in zip(results.arms, exported, strict=True):
        assert arm.data == entry["data_sha256"]
        assert arm.code == entry["code"]
        assert arm.key.config.epochs == 1
        assert entry["options"]["task"].items() <= arm.key.task_options.items()
        assert [r.mistakes for r in arm.ok()] == [r["mistakes"] for r in entry["repeats"]]
        assert [r.details for r in arm.ok()] == [r["details"] for r in entry["repeats"]]


def test_a_store_of_cmpnet_0_1_is_listed_compared_and_drawn(old: Path) -> None:
    cmpnet.load(old)
    before = rows(old / FILE)
    for arguments in (
        ("runs",),
        ("compare", "baseline", "ws-aux"),
        ("compare", OLD_RUN),
        ("plot", "compare"),
        ("plot", "pairs", "ws-aux"),
    ):
        done = call(*arguments, "--store", str(old))
        assert done.returncode == 0, done.stderr
        assert "ws-aux[alpha=0.5]" in done.stdout
    assert OLD_RUN in call("runs", "--store", str(old)).stdout
    assert rows(old / FILE) == before


def test_an_export_of_cmpnet_0_1_is_read_and_is_the_same_as_its_store(old: Path) -> None:
    exported, stored = cmpnet.load(OLD_EXPORT), cmpnet.load(old)
    for one, other in zip(exported.arms, stored.arms, strict=True):
        assert one.key.portable() == other.key.portable()
        assert one.repeats == other.repeats
        assert (one.data, one.code) == (other.data, other.code)
    assert exported.compare() == stored.compare()
    assert call("compare", str(OLD_EXPORT)).returncode == 0


def test_a_path_in_a_store_of_cmpnet_0_1_stays_out_of_exports(old: Path) -> None:
    """Its arms do not say which options are paths."""
    with closing(Store(old)) as store:
        store.db.execute(
            """UPDATE runs SET arms = replace(arms, '"data_dir": null', V)""".replace(
                "V", """'"data_dir": "/home/someone"'"""
            )
        )
        renew_checksums(store.db)
    cmpnet.load(old).save("x.json")
    assert "/home/someone" not in Path("x.json").read_text()
    assert cmpnet.load(old).arms[0].key.task_options["data_dir"] == "/home/someone"


def test_a_store_of_cmpnet_0_1_is_updated_once_and_keeps_its_rows(old: Path) -> None:
    with closing(sqlite3.connect(OLD_STORE)) as db:
        before = {
            "repeats": db.execute("SELECT * FROM repeats").fetchall(),
            "runs": db.execute("SELECT rowid, runs.*, '{}', '{}' FROM runs").fetchall(),
            "run_repeats": db.execute("SELECT * FROM run_repeats ORDER BY 1, 2, 3").fetchall(),
        }
    assert version(OLD_STORE) == 2
    for _ in range(2):
        Store(old).close()
        assert version(old / FILE) == SCHEMA
        with closing(sqlite3.connect(old / FILE)) as db:
            after = {table: db.execute(f"SELECT * FROM {table}").fetchall() for table in before}
        assert {table: [row[:-1] for row in found] for table, found in after.items()} == before
        written = rows(old / FILE)
    assert written == rows(old / FILE)


@pytest.mark.parametrize("version_said", [2, 1, 0])
def test_a_store_that_says_another_version_than_it_is_is_refused(
    tmp_path: Path, version_said: int
) -> None:
    Store(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / FILE)) as db:
        db.execute(f"PRAGMA user_version = {version_said}")
    with pytest.raises(CmpnetError, match=f"its tables are not those of version {version_said}"):
        Store(tmp_path)


def test_a_damaged_text_in_a_store_of_cmpnet_0_1_is_refused_and_nothing_is_changed(
    old: Path,
) -> None:
    with closing(sqlite3.connect(old / FILE)) as db:
        db.execute("UPDATE repeats SET result = CAST(x'7bff7d' AS TEXT) WHERE id = 1")
        db.commit()
    before = (old / FILE).read_bytes()
    with pytest.raises(CmpnetError, match=r"cannot be read: .*\. It was not changed"):
        Store(old)
    assert (old / FILE).read_bytes() == before


def test_a_store_of_cmpnet_0_1_takes_new_runs_beside_its_own(old: Path) -> None:
    quick = ("--epochs", "1", "--pairs", "20", "--no-plot", "--store", str(old))
    before = cmpnet.load(old)
    done = call("bench", "baseline", "--repeats", "3", *quick)
    assert done.returncode == 0, done.stderr
    assert "from the store" not in done.stdout, "other code trained those"
    with closing(Store(old)) as store:
        assert [run.finished_repeats for run in store.runs()] == [6, 3]
    merged = cmpnet.load(store=old, all_runs=True)
    labels = [arm.label for arm in merged.arms]
    assert labels == OLD_LABELS[:2], "the arm is the same as that of 0.1"
    assert "left out: task disk" in merged.left_out
    assert sorted(merged.arms[0].repeats) == [0, 1, 2]
    assert merged.arms[1:] == before.arms[1:2]
    assert version(old / FILE) == SCHEMA


def test_a_store_of_schema_3_gets_room_for_notes_and_keeps_its_runs(tmp_path: Path) -> None:
    with closing(Store(tmp_path)) as store:
        run = store.begin_run([ARM], [3])
        store.add_to_run(run, 0, store.put(IDENTITY, RESULT, {}))
        store.end_run(run)
        before = store.runs()
        for number, *values in store.db.execute("SELECT * FROM runs").fetchall():
            old = [number, *values[:-2]]
            store.db.execute("UPDATE runs SET checksum = ?", (checksum(old),))
        store.db.execute("ALTER TABLE runs DROP COLUMN about")
        store.db.execute("PRAGMA user_version = 3")
    whole = (tmp_path / FILE).read_bytes()
    with closing(Store(tmp_path)) as store:
        assert store.runs() == before
        assert store.get(IDENTITY.key) is not None
        store.describe_run(run, About("a note"))
        assert store.runs()[0].about.note == "a note"
    assert version(tmp_path / FILE) == SCHEMA
    (tmp_path / FILE).write_bytes(whole)
    with closing(sqlite3.connect(tmp_path / FILE)) as db:
        db.execute("UPDATE runs SET seeds = '[4]'")
        db.commit()
    with pytest.raises(CmpnetError, match="a row of 'runs' does not match its checksum"):
        Store(tmp_path)
    assert version(tmp_path / FILE) == 3


# -- files that are not ours ----------------------------------------------------------------------

UNRELEASED = """
CREATE TABLE repeats (id INTEGER PRIMARY KEY, key TEXT NOT NULL);
CREATE TABLE runs (id TEXT PRIMARY KEY);
CREATE TABLE run_repeats (run TEXT, arm INTEGER, repeat INTEGER);
PRAGMA user_version = 1
"""


@pytest.mark.parametrize(
    "content",
    [
        "CREATE TABLE letters (text)",
        "CREATE TABLE letters (text); PRAGMA user_version = 1",
        f"CREATE TABLE letters (text); PRAGMA user_version = {SCHEMA}",
        "CREATE TABLE letters (text); PRAGMA user_version = 99",
        "PRAGMA application_id = 42",
        "PRAGMA journal_mode = WAL; CREATE TABLE repeats (id)",
        UNRELEASED,
    ],
)
def test_the_database_of_another_program_is_refused_and_left_as_it_is(
    tmp_path: Path, content: str
) -> None:
    with closing(sqlite3.connect(tmp_path / FILE)) as db:
        db.executescript(content)
    before = (tmp_path / FILE).read_bytes()
    for _ in range(2):
        with pytest.raises(CmpnetError, match="the database of another program"):
            Store(tmp_path)
    assert (tmp_path / FILE).read_bytes() == before


def test_a_folder_in_the_stores_place_is_a_sentence() -> None:
    (Path(".cmpnet") / FILE).mkdir(parents=True)
    for arguments in (["runs"], ["plot", "errors"], ["bench", "baseline"]):
        done = call(*arguments)
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1, done.stderr


# -- stores that are not whole or not writable ----------------------------------------------------


@pytest.mark.parametrize("old_version", [0, pytest.param(2, marks=pytest.mark.slow)])
def test_a_store_killed_at_any_line_of_its_making_is_as_before_or_whole(old_version: int) -> None:
    first = Path("first")
    first.mkdir()
    if old_version:
        shutil.copyfile(OLD_STORE, first / FILE)
    code = """
import os, shutil, signal, sys
from pathlib import Path
from cmpnet.store import schema
from cmpnet.store import Store
line = 0
while True:
    line += 1
    folder = Path(f"killed{line}")
    shutil.copytree("first", folder)
    pid = os.fork()
    if pid == 0:
        left = line
        def trace(frame, event, argument):
            global left
            if frame.f_code.co_filename != schema.__file__:
                return None
            left -= event == "line"
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return trace
        sys.settrace(trace)
        Store(folder)
        os._exit(0)
    if os.waitpid(pid, 0)[1] == 0:
        break
print(line)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    lines = int(done.stdout)
    assert lines > 25, "the trace has seen every statement"
    shutil.copytree(first, "whole")
    before = rows(first / FILE) if old_version else []
    Store(Path("whole")).close()
    whole, versions = rows(Path("whole") / FILE), set()
    for line in range(1, lines + 1):
        path = Path(f"killed{line}") / FILE
        versions.add(made := version(path))
        assert made == 0 or rows(path) == (before if made == old_version else whole)
        Store(path.parent).close()
        assert version(path) == SCHEMA
        assert rows(path) == whole
    assert versions == {old_version, SCHEMA}


@contextmanager
def unwritable(folder: Path) -> Iterator[None]:
    """A folder that this user cannot write, root or not."""
    names = [str(folder), *map(str, folder.iterdir())]
    if os.geteuid() == 0:
        if subprocess.run(["chattr", "+i", *names], capture_output=True, check=False).returncode:
            pytest.skip("nothing is unwritable to root here")
        try:
            yield
        finally:
            subprocess.run(["chattr", "-i", *names], check=True)
    else:
        for name in names[::-1]:
            os.chmod(name, 0o500)
        try:
            yield
        finally:
            for name in names:
                os.chmod(name, 0o700)


def test_a_store_that_cannot_be_written_can_still_be_read(old: Path) -> None:
    """Also one whose bench was killed in the middle of a write."""
    killed = Path("killed")
    shutil.copytree(old, killed)
    code = """
import os, signal, sqlite3
from pathlib import Path
from cmpnet.store import Store
db = Store(Path("killed")).db
db.execute("PRAGMA cache_size = 1")
db.execute("BEGIN")
db.execute("DELETE FROM run_repeats")
db.execute("CREATE TABLE big AS SELECT randomblob(100000)")
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", code], check=False)
    assert (killed / f"{FILE}-journal").stat().st_size > 0
    for folder in (old, killed):
        with unwritable(folder):
            where = ("--store", str(folder))
            assert call("bench", "baseline", *where).returncode == 2
            with open_readonly(folder) as store:
                (run,) = store.runs()
                assert [len(arm.repeats) for arm in store.results(run)] == [2, 2, 2]
            done = call("runs", *where)
            assert done.returncode == 0, done.stderr
            assert run.id in done.stdout
            assert call("plot", "compare", *where).returncode == 0
