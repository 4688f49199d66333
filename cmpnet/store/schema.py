"""The layout of the store's file: made, recognised, and brought up to date."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from cmpnet.errors import file_errors
from cmpnet.files import replace_file

SCHEMA = 2
APPLICATION = 0x636D706E  # "cmpn" in the header: no other program's database is taken for ours
_MARK = f"PRAGMA application_id = {APPLICATION}"
_TABLES = f"""
CREATE TABLE repeats (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL, seed INTEGER NOT NULL, status TEXT NOT NULL,
    identity TEXT NOT NULL, result TEXT NOT NULL, provenance TEXT NOT NULL, finished TEXT NOT NULL
);
CREATE INDEX repeats_by_key ON repeats (key);
CREATE TABLE runs (
    id TEXT PRIMARY KEY, started TEXT NOT NULL, finished TEXT,
    arms TEXT NOT NULL, seeds TEXT NOT NULL
);
CREATE TABLE run_repeats (
    run TEXT NOT NULL REFERENCES runs (id), arm INTEGER NOT NULL,
    repeat INTEGER NOT NULL REFERENCES repeats (id), PRIMARY KEY (run, arm, repeat)
);
{_MARK}
"""
_MIGRATIONS = {1: _MARK}  # what leads from each older schema to the next


def schema_of(db: sqlite3.Connection, path: Path) -> int:
    """The schema of a file, 0 if it is empty. Nothing is written.

    Raises:
        CmpnetError: it is another program's, or a newer cmpnet's.
        sqlite3.Error: it cannot be read.
    """
    found, mark = (
        int(db.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("user_version", "application_id")
    )
    (pages,) = db.execute("PRAGMA page_count").fetchone()
    if pages == 0 < path.stat().st_size:
        raise sqlite3.DatabaseError("file is not a database")  # SQLite would take it for empty
    tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
    if mark == APPLICATION:
        if found > SCHEMA:
            raise file_errors.newer_store(path, found, SCHEMA)
    elif (found, mark, tables) != (0, 0, set()) and not (found == 1 and "run_repeats" in tables):
        raise file_errors.foreign_store(path)
    return found


def prepare(db: sqlite3.Connection, path: Path) -> None:
    """Make a new store, or bring an older one up to date after a copy of it beside it.

    All of it or nothing, whenever the process is killed. No two processes may do it at once.

    Raises:
        CmpnetError: the file is no store of ours, or the copy cannot be written.
        sqlite3.Error: it cannot be read or written.
    """
    found = schema_of(db, path)
    if found == 1:  # had a write-ahead log, whose shared memory kills (SIGBUS) on a disk gone bad
        db.execute("PRAGMA journal_mode = DELETE")
    db.execute("PRAGMA synchronous = EXTRA")  # a reported repeat survives a power cut
    db.execute("BEGIN IMMEDIATE")  # fails here and now if the file is read-only
    if found == 0:
        for statement in _TABLES.split(";"):
            db.execute(statement)
    elif found < SCHEMA:
        _keep_copy(path, path.with_name(f"{path.name}.schema{found}"))
        for version in range(found, SCHEMA):
            db.execute(_MIGRATIONS[version])
    if found < SCHEMA:
        db.execute(f"PRAGMA user_version = {SCHEMA}")
    db.execute("COMMIT")


def _keep_copy(path: Path, copy: Path) -> None:
    """The store as it is; nobody writes meanwhile, as its lock is held."""
    with contextlib.closing(sqlite3.connect(path)) as reader:
        try:
            replace_file(copy, reader.serialize())
        except OSError as error:
            raise file_errors.unwritable(copy, "copy of the older store", error) from None
