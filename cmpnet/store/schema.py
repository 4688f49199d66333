"""The layout of the store's file: made and recognised."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from cmpnet import errors

SCHEMA = 2
APPLICATION = 0x636D706E  # "cmpn" in the header: another program's database is never taken for ours
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
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {SCHEMA}
"""


def prepare(db: sqlite3.Connection, path: Path) -> None:
    """Recognise a store, or make one of an empty file: all of it or nothing.

    Raises:
        CmpnetError: the file belongs to another program or to a newer cmpnet.
        sqlite3.Error: the file cannot be read or written.
    """
    version, mark = (
        int(db.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("user_version", "application_id")
    )
    (pages,) = db.execute("PRAGMA page_count").fetchone()
    if pages == 0 < path.stat().st_size:
        raise sqlite3.DatabaseError("file is not a database")  # SQLite would take it for empty
    empty = not (version or mark or db.execute("SELECT * FROM sqlite_master").fetchone())
    if not empty and mark != APPLICATION:
        raise errors.foreign_store(path)
    if version > SCHEMA:
        raise errors.newer_store(path, version, SCHEMA)
    db.execute("PRAGMA synchronous = EXTRA")  # a reported repeat survives a power cut
    db.execute("BEGIN IMMEDIATE")  # fails here and now if the file is read-only
    for statement in _TABLES.split(";") if empty else ():
        db.execute(statement)
    db.execute("COMMIT")
