"""The store: every finished repeat in one SQLite file, durable when it is reported finished.

A repeat is found by its identity: the SHA-256 of its whole configuration, its seed, the fingerprint
of its data and the code that trained it. Rows are only ever added; the newest counts. Several
processes may use one store at once: each claims a repeat before it trains it.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
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
from typing import Any, Literal, NamedTuple

from cmpnet import errors
from cmpnet.decoding import decode, decode_arm, decode_result
from cmpnet.results import ArmResults
from cmpnet.runtime.locks import Locks
from cmpnet.spec import ArmKey, Line, RepeatResult
from cmpnet.store.schema import prepare

Text = Line | Literal[""]
FILE, LOCKS = "results.sqlite", "results.lock"


@dataclass(frozen=True, slots=True)
class Identity:
    """Everything that decides a repeat's numbers.

    Attributes:
        arm: names and option values; the label does not matter.
        seed: seed of the repeat.
        data: fingerprint of its data.
        code: version of the code that trains it, by distribution.
    """

    arm: ArmKey
    seed: int
    data: str
    code: Mapping[str, str]

    def content(self) -> dict[str, Any]:
        """The identity as plain JSON values."""
        arm = {**self.arm.to_json(), "label": None}
        return {**arm, "seed": self.seed, "data": self.data, "code": dict(self.code)}

    @property
    def key(self) -> str:
        """SHA-256 of the content."""
        return hashlib.sha256(json.dumps(self.content(), sort_keys=True).encode()).hexdigest()


class StoredRepeat(NamedTuple):
    """A stored repeat.

    Attributes:
        id: number of its row.
        result: the repeat.
    """

    id: int
    result: RepeatResult


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as the store has it.

    Attributes:
        id: its identifier, 12 hexadecimal digits.
        started: when, ISO 8601 in UTC.
        arms: the arms that were asked for.
        seeds: the seeds that were asked for.
        finished_repeats: how many of arms x seeds have not failed.
    """

    id: str
    started: str
    arms: list[ArmKey]
    seeds: list[int]
    finished_repeats: int

    @property
    def wanted(self) -> int:
        """The number of repeats that were asked for."""
        return len(self.arms) * len(self.seeds)

    @property
    def complete(self) -> bool:
        """Whether every arm has every seed."""
        return self.finished_repeats >= self.wanted


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


class Store:
    """A folder with one SQLite file, and beside it the locks of the processes that use it."""

    def __init__(self, folder: Path) -> None:
        """Open or make the store, and make sure that it can be written.

        Raises:
            CmpnetError: it cannot be written, is damaged, or is not a store of this cmpnet.
        """
        self.path = folder / FILE
        self._opened = False
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise errors.unwritable(folder, "store", error) from None
        with contextlib.ExitStack() as undo:
            self.locks = undo.enter_context(contextlib.closing(Locks(folder / LOCKS)))
            with self.locks.exclusive(), self._explained():
                self.db = sqlite3.connect(self.path, timeout=30, isolation_level=None)
                undo.callback(self.db.close)
                prepare(self.db, self.path)
            undo.pop_all()
        self._file, self._opened = os.stat(self.path), True

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn an error of SQLite into a sentence about the file."""
        try:
            yield
        except sqlite3.OperationalError as error:  # read-only, no space, a folder in its place
            if not self._opened:
                raise errors.unwritable(self.path, "store", error) from None
            self._check_place()
            raise errors.stopped_store(self.path, error) from None
        except (sqlite3.DatabaseError, ValueError, TypeError, RecursionError) as error:
            raise errors.corrupt_store(self.path, error) from None

    def _check_place(self) -> None:
        """SQLite keeps writing to a file that was moved away; and a store in use never shrinks."""
        try:
            found = os.stat(self.path)
        except OSError:
            raise errors.replaced_store(self.path) from None
        if not os.path.samestat(found, self._file) or found.st_size < self._file.st_size:
            raise errors.replaced_store(self.path)
        self._file = found

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Write several things in one step: at its end all are on the disk, or none is."""
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
        with self._explained():
            return self.db.execute(statement, values)

    def close(self) -> None:
        """Close the file and release all claims."""
        self.db.close()
        self.locks.close()

    def get(self, key: str) -> StoredRepeat | None:
        """The newest repeat with this key that did not fail."""
        with self._explained():
            row = self.db.execute(
                "SELECT id, result FROM repeats WHERE key = ? AND status != 'failed'"
                " ORDER BY id DESC LIMIT 1",
                (key,),
            ).fetchone()
            return StoredRepeat(row[0], decode_result(json.loads(row[1]))) if row else None

    def put(self, identity: Identity, result: RepeatResult, provenance: Mapping[str, Any]) -> int:
        """Write one finished repeat; returns the number of its row."""
        cursor = self._execute(
            "INSERT INTO repeats (key, seed, status, identity, result, provenance, finished)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            identity.key,
            result.seed,
            result.status,
            json.dumps(identity.content()),
            json.dumps(asdict(result)),
            json.dumps(provenance),
            _now(),
        )
        return int(cursor.lastrowid or 0)

    def begin_run(self, arms: Sequence[ArmKey], seeds: Sequence[int]) -> str:
        """Note that a run has started; returns its id."""
        run = uuid.uuid4().hex[:12]
        self._execute(
            "INSERT INTO runs (id, started, arms, seeds) VALUES (?, ?, ?, ?)",
            run,
            _now(),
            json.dumps([arm.to_json() for arm in arms]),
            json.dumps(list(seeds)),
        )
        return run

    def add_to_run(self, run: str, arm: int, repeat: int) -> None:
        """Note that arm number ``arm`` of a run has the repeat in a row."""
        self._execute("INSERT OR IGNORE INTO run_repeats VALUES (?, ?, ?)", run, arm, repeat)

    def end_run(self, run: str) -> None:
        """Note that a run is complete."""
        self._execute("UPDATE runs SET finished = ? WHERE id = ?", _now(), run)

    def runs(self) -> list[RunRow]:
        """Every run in the order in which they began, whatever the clock said."""
        with self._explained():
            rows = self.db.execute(
                "SELECT id, started, arms, seeds, (SELECT count(*) FROM run_repeats"
                " JOIN repeats ON repeats.id = repeat WHERE run = runs.id AND status != 'failed')"
                " FROM runs ORDER BY rowid"
            ).fetchall()
            return [_run(*row) for row in rows]

    def results(self, run: RunRow) -> list[ArmResults]:
        """Every arm of a run with the repeats it has, each with the code and data of its last."""
        with self._explained():
            rows = self.db.execute(
                "SELECT arm, result, identity FROM run_repeats JOIN repeats ON repeats.id = repeat"
                " WHERE run = ? AND arm < ? ORDER BY arm, repeats.id",
                (run.id, len(run.arms)),
            ).fetchall()
            by_arm = {arm: [*own] for arm, own in itertools.groupby(rows, lambda row: row[0])}
            return [_results(run, key, by_arm.get(n, [])) for n, key in enumerate(run.arms)]

    def fingerprints(self) -> dict[tuple[str, int], str]:
        """The data of every arm that has a repeat, by the run's id and the arm's number."""
        with self._explained():
            rows = self.db.execute(
                "SELECT run, arm, identity, max(repeats.id) FROM run_repeats"
                " JOIN repeats ON repeats.id = repeat GROUP BY run, arm"
            ).fetchall()
            return {(run, arm): _origin(json.loads(identity))[0] for run, arm, identity, _ in rows}


def _results(run: RunRow, key: ArmKey, rows: Sequence[tuple[int, str, str]]) -> ArmResults:
    """An arm of a run from its rows: number of the arm, result and identity as JSON."""
    repeats = [decode_result(json.loads(result)) for _, result, _ in rows]
    data, code = _origin(json.loads(rows[-1][2])) if rows else ("", {})
    return ArmResults(
        key=key,
        repeats={repeat.seed: repeat for repeat in sorted(repeats, key=lambda r: r.seed)},
        wanted=len(run.seeds),
        data=data,
        code=code,
    )


def _origin(content: object) -> tuple[str, dict[str, str]]:
    """The data's fingerprint and the code of an identity."""
    identity = decode(dict[str, Any], content, "an identity")
    data = decode(Text, identity.get("data"), "the data's fingerprint")
    return data, decode(dict[str, Line], identity.get("code"), "the code")


def _run(run: str, started: str, arms: str, seeds: str, count: int) -> RunRow:
    content = decode(list[dict[str, Any]], json.loads(arms), "the arms of a run")
    numbers = decode(list[int], json.loads(seeds) or None, "the seeds of a run")
    return RunRow(run, started, [*map(decode_arm, content)], numbers, count)


def files(folder: Path) -> dict[Path, str]:
    """The files of the store in a folder, which nobody else may write, and what they are."""
    return {folder / name: "the store" for name in (FILE, f"{FILE}-journal", LOCKS)}


@contextlib.contextmanager
def open_readonly(folder: Path) -> Iterator[Store]:
    """The store for reading; a copy of it if it cannot be written.

    A copy, since SQLite must write in order to read what a killed bench left.

    Raises:
        CmpnetError: there is no store, or it cannot be read.
    """
    path = folder / FILE
    if not os.path.exists(path):  # False, too, where the name is too long for a file
        raise errors.empty_store(folder)
    with contextlib.ExitStack() as stack:
        try:
            store = Store(folder)
        except errors.UnwritableError:
            place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cmpnet-")))
            try:
                for file in folder.glob(f"{FILE}*"):  # its journal too
                    shutil.copyfile(file, place / file.name)
            except OSError as error:
                raise errors.corrupt_store(path, error) from None
            store = Store(place)
            store.path = path
        yield stack.enter_context(contextlib.closing(store))
