"""The layout of the store's file: made, recognised, and brought up to date."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path

from cmpnet import errors
from cmpnet.store import rows

SCHEMA = 4
APPLICATION = 0x636D706E  # "cmpn" in the header: another program's database is never taken for ours
_TABLES = """
CREATE TABLE IF NOT EXISTS repeats (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL, seed INTEGER NOT NULL, status TEXT NOT NULL,
    identity TEXT NOT NULL, result TEXT NOT NULL, provenance TEXT NOT NULL, finished TEXT NOT NULL,
    checksum TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS repeats_by_key ON repeats (key);
CREATE TABLE IF NOT EXISTS runs (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL, started TEXT NOT NULL, finished TEXT,
    arms TEXT NOT NULL, seeds TEXT NOT NULL, design TEXT NOT NULL, about TEXT NOT NULL,
    checksum TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS run_repeats (
    run TEXT NOT NULL, arm INTEGER NOT NULL, repeat INTEGER NOT NULL, checksum TEXT NOT NULL,
    PRIMARY KEY (run, arm, repeat)
) WITHOUT ROWID
"""
WITHOUT_CHECKSUMS = 2  # the schema of cmpnet 0.1
_OLD_ROWS: Mapping[int, Mapping[str, tuple[str, Sequence[str]]]] = {
    WITHOUT_CHECKSUMS: {
        "repeats": ("id, key, seed, status, identity, result, provenance, finished", ()),
        "runs": ("rowid, id, started, finished, arms, seeds", ("{}", "{}")),
        "run_repeats": ("run, arm, repeat", ()),
    },
    3: {"runs": ("number, id, started, finished, arms, seeds, design, checksum", ("{}",))},
}
"""For each old schema the tables that have changed: their columns, and values of the new ones."""


def prepare(db: sqlite3.Connection, path: Path) -> None:
    """Recognise a store, or make one of an empty file, or update an old one: all of it or nothing.

    Raises:
        CmpnetError: the file belongs to another program or to a newer cmpnet.
        ValueError: its tables are not those of its version.
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
    try:
        if empty:
            _make(db)
        elif version in _OLD_ROWS and _has_checksums(db) == (version > WITHOUT_CHECKSUMS):
            _update(db, version)
        elif version != SCHEMA or not _has_checksums(db):
            raise ValueError(f"its tables are not those of version {version}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.rollback()
        raise


def _make(db: sqlite3.Connection) -> None:
    for statement in _TABLES.split(";"):
        db.execute(statement)
    db.execute(f"PRAGMA application_id = {APPLICATION}")
    db.execute(f"PRAGMA user_version = {SCHEMA}")


def _update(db: sqlite3.Connection, version: int) -> None:
    """Copy the tables of an old store that have changed into those of this version.

    Raises:
        ValueError: a row does not have its checksum.
    """
    changed = _OLD_ROWS[version]
    if "repeats" in changed:
        db.execute("DROP INDEX repeats_by_key")
    for table in changed:
        db.execute(f"ALTER TABLE {table} RENAME TO old_{table}")
    _make(db)
    for table, (columns, added) in changed.items():
        for row in db.execute(f"SELECT {columns} FROM old_{table}"):
            values = rows.checked(table, row) if version > WITHOUT_CHECKSUMS else row
            rows.write(db, table, dict(zip(rows.COLUMNS[table], [*values, *added], strict=True)))
    for table in reversed([*changed]):  # a table after those that refer to it
        db.execute(f"DROP TABLE old_{table}")


def _has_checksums(db: sqlite3.Connection) -> bool:
    return all(
        any(column[1] == "checksum" for column in db.execute(f"PRAGMA table_info({table})"))
        for table in rows.COLUMNS
    )
