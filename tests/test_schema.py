"""The store's file: an older one is brought up to date, anybody else's is left as it is."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from cmpnet import CmpnetError
from cmpnet.store import FILE, Store, to_read
from cmpnet.store.schema import SCHEMA
from tests.helpers import ROOT, cmpnet
from tests.processes import stored

OLD = ROOT / "tests" / "data" / "schema1.sqlite"  # two repeats, written by cmpnet with schema 1
COPY = f"{FILE}.schema1"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The folder of a store with schema 1."""
    folder = tmp_path / "old"
    folder.mkdir()
    shutil.copyfile(OLD, folder / FILE)
    return folder


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return int(db.execute("PRAGMA user_version").fetchone()[0])


def content(path: Path) -> list[str]:
    """Every row of every table."""
    with closing(sqlite3.connect(path)) as db:
        return list(db.iterdump())


def test_an_older_store_is_brought_up_to_date_after_a_copy(old: Path) -> None:
    before = content(OLD)
    with closing(Store(old)) as store:
        (run,) = store.runs()
        assert run.complete
        assert len(store.repeats(run.id)) == 2
    assert version(old / FILE) == SCHEMA
    assert content(old / FILE) == before
    assert version(old / COPY) == 1
    assert content(old / COPY) == before
    Store(old).close()  # nothing more to do


def test_a_migration_killed_at_any_line_leaves_the_old_store_or_the_new(old: Path) -> None:
    code = """
import os, shutil, signal, sys
from pathlib import Path
from cmpnet import files
from cmpnet.store import schema
from cmpnet.store import FILE, Store
places = {schema.__file__, files.__file__}
line = 0
while True:
    line += 1
    folder = Path(f"killed{line}")
    shutil.copytree("old", folder)
    pid = os.fork()
    if pid == 0:
        left = line
        def trace(frame, event, argument):
            global left
            if frame.f_code.co_filename not in places:
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
    assert lines > 25, "the trace has seen the migration"
    found = set()
    for line in range(1, lines + 1):
        folder = Path(f"killed{line}")
        found.add(version(folder / FILE))
        if (folder / COPY).exists():
            assert content(folder / COPY) == content(OLD)
        Store(folder).close()
        assert version(folder / FILE) == SCHEMA
        assert content(folder / FILE) == content(OLD)
        assert version(folder / COPY) == 1
    assert found == {1, SCHEMA}


def test_several_processes_may_migrate_one_store_at_once(old: Path) -> None:
    code = """
import time
from pathlib import Path
from cmpnet.store import Store
time.sleep(1 - time.time() % 1)
Store(Path("old")).close()
"""
    several = [
        subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    assert [each.communicate(timeout=60)[1] for each in several] == [""] * 4
    assert version(old / FILE) == SCHEMA
    assert version(old / COPY) == 1


def test_a_migration_without_room_for_the_copy_changes_nothing(old: Path) -> None:
    (old / COPY).mkdir()
    (old / COPY / "in the way").touch()
    with pytest.raises(CmpnetError, match="Cannot write the copy of the older store"):
        Store(old)
    assert version(old / FILE) == 1
    assert content(old / FILE) == content(OLD)


@pytest.mark.parametrize(
    "made",
    [
        "CREATE TABLE letters (text)",
        "CREATE TABLE letters (text); PRAGMA user_version = 1",
        f"CREATE TABLE letters (text); PRAGMA user_version = {SCHEMA}",
        "CREATE TABLE letters (text); PRAGMA user_version = 99",
        "PRAGMA application_id = 42",
        "PRAGMA journal_mode = WAL; CREATE TABLE repeats (id)",
    ],
)
def test_the_database_of_another_program_is_refused_and_left_as_it_is(
    tmp_path: Path, made: str
) -> None:
    with closing(sqlite3.connect(tmp_path / FILE)) as db:
        db.executescript(made)
    before = (tmp_path / FILE).read_bytes()
    for _ in range(2):
        with pytest.raises(CmpnetError, match="the database of another program"):
            Store(tmp_path)
    assert (tmp_path / FILE).read_bytes() == before


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


def test_what_cannot_be_written_can_still_be_looked_at(old: Path) -> None:
    """An old store, too, and one whose bench was killed in the middle of a write."""
    new = Path("new")
    shutil.copytree(old, new)
    code = """
import os, signal, sqlite3
from pathlib import Path
from cmpnet.store import Store
db = Store(Path("new")).db
db.execute("PRAGMA cache_size = 1")
db.execute("BEGIN")
db.execute("DELETE FROM run_repeats")
db.execute("CREATE TABLE big AS SELECT randomblob(100000)")
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", code], check=False)
    assert (new / f"{FILE}-journal").stat().st_size > 0
    for folder in (old, new):
        with unwritable(folder):
            assert cmpnet("bench", "baseline", "--store", str(folder)).returncode == 2
            with to_read(folder) as store:
                (run,) = store.runs()
                assert len(store.repeats(run.id)) == 2
            done = cmpnet("runs", "--store", str(folder))
            assert done.returncode == 0, done.stderr
            assert run.id in done.stdout
            assert cmpnet("plot", "compare", "--store", str(folder)).returncode == 0
    assert version(old / FILE) == 1


def test_a_folder_in_the_stores_place_is_a_sentence() -> None:
    (Path(".cmpnet") / FILE).mkdir(parents=True)
    for call in (["runs"], ["plot", "errors"], ["bench", "baseline"]):
        done = cmpnet(*call)
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1, done.stderr


def test_an_older_store_takes_new_runs_beside_its_own(old: Path) -> None:
    call = ("baseline", "--repeats", "2", "--epochs", "1", "--pairs", "20", "--no-plot")
    before = stored(old)
    assert cmpnet("bench", *call, "--store", "old").returncode == 0
    assert before.keys() == {("baseline", 0), ("baseline", 1)}
    with closing(Store(old)) as store:
        assert [run.finished_repeats for run in store.runs()] == [2, 2]
