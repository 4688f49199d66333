"""The store: every finished repeat in one SQLite file, durable when it is reported finished.

A repeat is found again by its identity: the SHA-256 of its whole configuration, its seed, its
data's fingerprint and the code that trained it. Rows are only ever added; the newest counts.
Several benches may use one store at once: each claims a repeat before it trains it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cmpnet.errors import file_errors
from cmpnet.records import arm_from, check, check_name, result_from
from cmpnet.spec import Arm, RepeatResult
from cmpnet.store.locks import Locks
from cmpnet.store.schema import prepare

FILE, LOCKS = "results.sqlite", "results.lock"


def identity(arm: Arm, seed: int, data: str, code: Mapping[str, str]) -> dict[str, Any]:
    """Everything that decides a repeat's numbers; the arm's label does not."""
    return {**asdict(arm), "label": None, "seed": seed, "data": data, "code": dict(code)}


def key_of(ident: Mapping[str, Any]) -> str:
    """SHA-256 of an identity."""
    return hashlib.sha256(json.dumps(ident, sort_keys=True).encode()).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as the store has it; ``finished_repeats`` of its arms times seeds are there."""

    id: str
    started: str
    arms: list[Arm]
    seeds: list[int]
    finished_repeats: int

    @property
    def complete(self) -> bool:
        """Whether every arm has every seed."""
        return self.finished_repeats >= len(self.arms) * len(self.seeds)


class Store:
    """One folder with one SQLite file in it, and beside it the locks of those who use it."""

    def __init__(self, folder: Path) -> None:
        """Open or make the store, and make sure that it can be written.

        An older store is brought to today's schema, after a copy of it beside it.

        Raises:
            CmpnetError: it cannot be written, is damaged, is no store or that of a newer cmpnet.
        """
        self.path = folder / FILE
        self._opened = False
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise file_errors.unwritable(folder, "store", error) from None
        with contextlib.ExitStack() as undo:
            self.locks = undo.enter_context(contextlib.closing(Locks(folder / LOCKS)))
            with self.locks.alone(), self._said():
                self.db = sqlite3.connect(self.path, timeout=30, isolation_level=None)
                undo.callback(self.db.close)
                prepare(self.db, self.path)
            undo.pop_all()
        self._file, self._opened = os.stat(self.path), True

    @contextlib.contextmanager
    def _said(self) -> Iterator[None]:
        """Say in a sentence what is wrong with the file."""
        try:
            yield
        except sqlite3.OperationalError as error:  # read-only, no space, a folder in its place
            if not self._opened:
                raise file_errors.unwritable(self.path, "store", error) from None
            self._check_place()
            raise file_errors.stopped_store(self.path, error) from None
        except (sqlite3.DatabaseError, ValueError, TypeError, RecursionError) as error:
            raise file_errors.corrupt_store(self.path, error) from None

    def _check_place(self) -> None:
        """SQLite writes on into a file that was moved away; and a store in use never shrinks."""
        try:
            found = os.stat(self.path)
        except OSError:
            raise file_errors.replaced_store(self.path) from None
        if not os.path.samestat(found, self._file) or found.st_size < self._file.st_size:
            raise file_errors.replaced_store(self.path)
        self._file = found

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Write several things in one step: when this ends they are on the disk, or none is."""
        self._check_place()
        self._execute("BEGIN IMMEDIATE")
        try:
            yield
            self._execute("COMMIT")
        except BaseException:
            if self.db.in_transaction:
                self.db.rollback()
            raise
        self._check_place()

    def _execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
        with self._said():
            return self.db.execute(statement, values)

    def close(self) -> None:
        """Close the file, and give up what is claimed."""
        self.db.close()
        self.locks.close()

    def get(self, key: str) -> tuple[int, RepeatResult] | None:
        """Row and result of the newest repeat with this key that did not fail."""
        with self._said():
            row = self.db.execute(
                "SELECT id, result FROM repeats WHERE key = ? AND status != 'failed'"
                " ORDER BY id DESC LIMIT 1",
                (key,),
            ).fetchone()
            return (row[0], result_from(json.loads(row[1]))) if row else None

    def put(
        self, ident: Mapping[str, Any], result: RepeatResult, provenance: Mapping[str, Any]
    ) -> int:
        """Write one finished repeat; its row."""
        cursor = self._execute(
            "INSERT INTO repeats (key, seed, status, identity, result, provenance, finished)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            key_of(ident),
            result.seed,
            result.status,
            json.dumps(ident),
            json.dumps(asdict(result)),
            json.dumps(provenance),
            _now(),
        )
        return int(cursor.lastrowid or 0)

    def begin_run(self, arms: Sequence[Arm], seeds: Sequence[int]) -> str:
        """Note that a run has started; its id."""
        run = uuid.uuid4().hex[:12]
        self._execute(
            "INSERT INTO runs (id, started, arms, seeds) VALUES (?, ?, ?, ?)",
            run,
            _now(),
            json.dumps([asdict(arm) for arm in arms]),
            json.dumps(list(seeds)),
        )
        return run

    def add_to_run(self, run: str, arm: int, repeat: int) -> None:
        """Note that arm number ``arm`` of a run has this repeat."""
        self._execute("INSERT OR IGNORE INTO run_repeats VALUES (?, ?, ?)", run, arm, repeat)

    def end_run(self, run: str) -> None:
        """Note that a run is complete."""
        self._execute("UPDATE runs SET finished = ? WHERE id = ?", _now(), run)

    def runs(self) -> list[RunRow]:
        """Every run, the oldest first."""
        with self._said():
            rows = self.db.execute(
                "SELECT id, started, arms, seeds, (SELECT count(*) FROM run_repeats"
                " JOIN repeats ON repeats.id = repeat WHERE run = runs.id AND status != 'failed')"
                " FROM runs ORDER BY started, rowid"
            ).fetchall()
            return [_run(*row) for row in rows]

    def repeats(self, run: str) -> list[tuple[int, RepeatResult]]:
        """The number of the arm and the result of every repeat of a run, in order."""
        with self._said():
            rows = self.db.execute(
                "SELECT arm, result FROM run_repeats JOIN repeats ON repeats.id = repeat"
                " WHERE run = ? ORDER BY arm, repeats.id",
                (run,),
            ).fetchall()
            return [(arm, result_from(json.loads(result))) for arm, result in rows]

    def origins(self, run: str) -> list[tuple[int, str, dict[str, str]]]:
        """For each repeat its arm's number, its data's fingerprint and the code that trained it."""
        with self._said():
            rows = self.db.execute(
                "SELECT arm, identity FROM run_repeats JOIN repeats ON repeats.id = repeat"
                " WHERE run = ? ORDER BY arm, repeats.id",
                (run,),
            ).fetchall()
            return [(arm, *_origin(json.loads(ident))) for arm, ident in rows]


def _origin(ident: Any) -> tuple[str, dict[str, str]]:
    check("an identity", ident, dict[str, Any])
    data, code = ident.get("data"), ident.get("code")
    check_name("the data's fingerprint", data)
    check("the code", code, dict[str, str])
    return data, code


def _run(run: str, started: str, arms: str, seeds: str, count: int) -> RunRow:
    content, numbers = json.loads(arms), json.loads(seeds)
    check("the arms of a run", content, list[dict[str, Any]])
    check("the seeds of a run", numbers or None, list[int])
    return RunRow(run, started, [*map(arm_from, content)], numbers, count)


def files(folder: Path) -> dict[Path, str]:
    """The files of the store in a folder, and what they are: nobody else may write them."""
    return {folder / name: "the store" for name in (FILE, f"{FILE}-journal", LOCKS)}


@contextlib.contextmanager
def to_read(folder: Path) -> Iterator[Store]:
    """The store for who only looks; where it cannot be written, a copy of it elsewhere.

    A copy, since SQLite must write to read what a killed bench or an older cmpnet left.

    Raises:
        CmpnetError: there is none, or it cannot be read.
    """
    path = folder / FILE
    if not os.path.exists(path):  # False, too, where the name is too long to be one
        raise file_errors.empty_store(folder)
    with contextlib.ExitStack() as stack:
        try:
            store = Store(folder)
        except file_errors.UnwritableError:
            place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cmpnet-")))
            try:
                for file in folder.glob(f"{FILE}*"):  # its journal too
                    shutil.copyfile(file, place / file.name)
            except OSError as error:
                raise file_errors.corrupt_store(path, error) from None
            store = Store(place)
            store.path = path
        yield stack.enter_context(contextlib.closing(store))
