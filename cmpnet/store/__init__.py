"""The store: every finished repeat in one SQLite file, durable when it is reported finished.

A repeat is found by its identity: the SHA-256 of its whole configuration, its seed, the fingerprint
of its data and the code that trained it. Rows are added, and the newest counts; none is removed
but those of a run that the user removes. Several processes may use one store at once: each claims a
repeat before it trains it, and its run as long as it goes on.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import tempfile
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar

from cmpnet import errors
from cmpnet.decoding import decode, decode_result
from cmpnet.events import Imports
from cmpnet.results import ArmResults
from cmpnet.runtime.locks import Locks
from cmpnet.spec import ArmKey, Line, RepeatResult
from cmpnet.store import rows
from cmpnet.store.identity import Identity
from cmpnet.store.runs import (
    About,
    Design,
    Removal,
    RunRow,
    decode_design,
    decode_run,
    removal_of,
)
from cmpnet.store.schema import prepare

__all__ = [
    "FILE",
    "About",
    "Design",
    "Identity",
    "Removal",
    "RunRow",
    "Store",
    "StoredRepeat",
    "files",
    "open_readonly",
]

T = TypeVar("T")
Text = Line | Literal[""]
_LINKED = "SELECT DISTINCT +run FROM run_repeats"
"""The runs that have repeats, by reading all links: a search skips one whose run is damaged."""
FILE, LOCKS = "results.sqlite", "results.lock"
_DAMAGE = (sqlite3.DatabaseError, ValueError, TypeError, RecursionError, MemoryError)
"""What reading a damaged file may raise."""


class StoredRepeat(NamedTuple):
    """A stored repeat.

    Attributes:
        id: number of its row.
        result: the repeat.
    """

    id: int
    result: RepeatResult


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
                self.db.text_factory = bytes.decode  # raises ValueError for damaged text
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
        except _DAMAGE as error:
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
        """Write several things in one step: at its end all are on the disk, or none is.

        Within another transaction it is a part of that.
        """
        if self.db.in_transaction:
            yield
            return
        self._check_place()
        with self._explained():
            self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
            with self._explained():
                self.db.execute("COMMIT")
        except BaseException:
            self.db.rollback()  # nothing, if SQLite has done so
            raise
        self._check_place()

    @contextlib.contextmanager
    def _snapshot(self) -> Iterator[None]:
        """Read several things as they are at one time, whatever other processes write."""
        with self._explained():
            if self.db.in_transaction:
                yield
                return
            self.db.execute("BEGIN")
            try:
                yield
            finally:
                self.db.rollback()

    def close(self) -> None:
        """Close the file and release all claims."""
        self.db.close()
        self.locks.close()

    def get(self, key: str) -> StoredRepeat | None:
        """The newest repeat with this key that did not fail."""
        return next((repeat for repeat, _ in self.history(key)), None)

    def history(self, key: str) -> Iterator[tuple[StoredRepeat, Imports | None]]:
        """The repeats with this key that did not fail, the newest first.

        Each comes with the third-party code that trained it; None if it was not recorded.
        """
        with self._explained():
            for row in [*rows.read(self.db, "repeats", "WHERE key = ? ORDER BY id DESC", key)]:
                if row["key"] != key:
                    raise ValueError("a repeat is found under another key")
                if row["status"] != "failed":
                    imports = json.loads(row["provenance"]).get("imports")
                    recorded = None if imports is None else decode(Imports, imports, "the imports")
                    result = decode_result(json.loads(row["result"]))
                    yield StoredRepeat(row["id"], result), recorded

    def put(self, identity: Identity, result: RepeatResult, provenance: Mapping[str, Any]) -> int:
        """Write one finished repeat; returns the number of its row."""
        with self.transaction(), self._explained():
            row: dict[str, Any] = {
                "id": rows.next_number(self.db, "repeats"),
                "key": identity.key,
                "seed": result.seed,
                "status": result.status,
                "identity": json.dumps(identity.content()),
                "result": json.dumps(asdict(result)),
                "provenance": json.dumps(provenance),
                "finished": _now(),
            }
            rows.write(self.db, "repeats", row)
        return int(row["id"])

    def begin_run(
        self,
        arms: Sequence[ArmKey],
        seeds: Sequence[int],
        design: Design | None = None,
        about: About | None = None,
    ) -> str:
        """Note that a run has started, and claim it; returns its id."""
        with self.transaction(), self._explained():
            row: dict[str, Any] = {
                "number": rows.next_number(self.db, "runs"),
                "id": uuid.uuid4().hex[:12],
                "started": _now(),
                "finished": None,
                "arms": json.dumps([arm.to_json() for arm in arms]),
                "seeds": json.dumps(list(seeds)),
                "design": json.dumps(asdict(design or Design())),
                "about": json.dumps(asdict(about or About())),
            }
            self.locks.claim(row["id"])
            rows.write(self.db, "runs", row)
        return str(row["id"])

    def add_to_run(self, run: str, arm: int, repeat: int) -> None:
        """Note that arm number ``arm`` of a run has the repeat in a row."""
        with self.transaction(), self._explained():
            rows.write(self.db, "run_repeats", {"run": run, "arm": arm, "repeat": repeat})

    def end_run(self, run: str) -> None:
        """Note that a run is complete, how many repeats each arm has, and with which seeds."""
        with self.transaction(), self._explained():
            (row,) = rows.read(self.db, "runs", "WHERE id = ?", run)
            links = self._links(run).get(run, [])
            repeats = [repeat for own in self._rows_of(links) for repeat in own]
            design = replace(
                decode_design(row),
                repeats=tuple(len(own) for own in links),
                failed=sum(repeat["status"] == "failed" for repeat in repeats),
            )
            row |= {"finished": _now(), "design": json.dumps(asdict(design))}
            if design.until_decided:
                trained = {repeat["seed"] for repeat in repeats}
                seeds = [seed for seed in json.loads(row["seeds"]) if seed in trained]
                row["seeds"] = json.dumps(seeds)
            rows.write(self.db, "runs", row)
        self.locks.release(run)

    def describe_run(self, run: str, about: About) -> None:
        """Replace the note, the tags and the command of a run, if it still exists."""
        with self.transaction(), self._explained():
            for row in [*rows.read(self.db, "runs", "WHERE id = ?", run)]:
                rows.write(self.db, "runs", row | {"about": json.dumps(asdict(about))})

    def removal(self, runs: Sequence[str]) -> Removal:
        """What :meth:`remove` would remove."""
        with self._explained():
            return removal_of(self._links(), runs)

    def remove(self, removal: Removal) -> None:
        """Remove runs, and the repeats that no other run has, all of them or none.

        The file keeps its size; later runs use the space.

        Raises:
            CmpnetError: a run is going on, which may reuse the repeats; or another process has
                changed what would be removed.
        """
        with self.transaction():
            if going_on := self.in_progress():
                raise errors.run_in_progress(min(going_on))
            if self.removal(removal.runs) != removal:
                raise errors.changed_store(self.path)
            with self._explained():
                for run in removal.runs:
                    self.db.execute("DELETE FROM run_repeats WHERE run = ?", (run,))
                    self.db.execute("DELETE FROM runs WHERE id = ?", (run,))
                numbers = [(number,) for number in removal.repeats]
                self.db.executemany("DELETE FROM repeats WHERE id = ?", numbers)

    def in_progress(self) -> set[str]:
        """The runs that a process is working on."""
        with self._explained():
            unfinished = {row["id"] for row in rows.read(self.db, "runs", "WHERE finished IS NULL")}
        free = {run for run in unfinished if self.locks.claim(run)}
        for run in free:
            self.locks.release(run)
        return unfinished - free

    def begun(self) -> list[RunRow]:
        """Every run, without the number of its repeats: these take long to count."""
        with self._explained():
            return [decode_run(row) for row in rows.read(self.db, "runs", "ORDER BY number")]

    def runs(self) -> list[RunRow]:
        """Every run in the order in which they began, whatever the clock said."""
        with self._snapshot():
            runs = []
            for row in [*rows.read(self.db, "runs", "ORDER BY number")]:
                statuses = None
                if decode_design(row).failed is None:  # it has to be counted
                    links = self._links(row["id"]).get(row["id"], [])
                    by_arm = self._rows_of(links)
                    statuses = [[repeat["status"] for repeat in own] for own in by_arm]
                runs.append(decode_run(row, statuses))
            linked = {run for (run,) in self.db.execute(_LINKED)}
            if lost := linked - {run.id for run in runs} - {None}:
                raise ValueError(f"run {min(lost)} is missing")
            return runs

    def results(self, run: RunRow, arms: Iterable[int] | None = None) -> list[ArmResults]:
        """The arms of a run with the repeats they have, each with the code and data of its last.

        Args:
            run: the run.
            arms: numbers of the arms; by default all.
        """
        with self._snapshot():
            links = self._links(run.id).get(run.id, [])
            run.design.check(links)
            links += [[] for _ in run.arms[len(links) :]]
            numbers = range(len(run.arms)) if arms is None else [*arms]
            by_arm = self._rows_of([links[number] for number in numbers])
            return [
                _results(run, run.arms[number], own)
                for number, own in zip(numbers, by_arm, strict=True)
            ]

    def fingerprint(self, run: str, arm: int) -> str | None:
        """The data of an arm of a run, by its number; None if it has no repeat."""
        condition = "WHERE run = ? AND arm = ? ORDER BY repeat DESC LIMIT 1"
        with self._snapshot():
            for link in rows.read(self.db, "run_repeats", condition, run, arm):
                found = {
                    row["id"]: _origin(json.loads(row["identity"]))[0]
                    for row in rows.read(self.db, "repeats", "WHERE id = ?", link["repeat"])
                }
                return _every(found, [link["repeat"]])[0]
        return None

    def compared_before(self, keys: Sequence[ArmKey], seeds: Sequence[int]) -> int:
        """The largest number of seeds with which arms were compared by an earlier run.

        It counts if it came to its end, had at least two of these arms, and some of these seeds,
        either fewer or more; or if it was until decided. 0 if there is none.
        """
        return max(
            (
                len(run.seeds)
                for run in self.begun()
                if run.finished and sum(key in run.arms for key in keys) > 1
                if {*run.seeds} < {*seeds}
                or {*run.seeds} > {*seeds}
                or (run.design.until_decided and {*run.seeds} & {*seeds})
            ),
            default=0,
        )

    def _links(self, run: str | None = None) -> dict[str, list[list[int]]]:
        """The rows of the repeats of each arm, by the id of the run: of one run, or of all."""
        condition = "ORDER BY run, arm, repeat"
        found = (
            rows.read(self.db, "run_repeats", condition)
            if run is None
            else rows.read(self.db, "run_repeats", f"WHERE run = ? {condition}", run)
        )
        links: defaultdict[str, list[list[int]]] = defaultdict(list)
        for row in found:
            own = links[row["run"]]
            own += [[] for _ in range(len(own), row["arm"] + 1)]
            own[row["arm"]].append(row["repeat"])
        return dict(links)

    def _rows_of(self, links: Sequence[Sequence[int]]) -> list[list[dict[str, Any]]]:
        """The rows of the repeats of each arm."""
        wanted = json.dumps([number for own in links for number in own])
        condition = "WHERE id IN (SELECT value FROM json_each(?))"
        found = {row["id"]: row for row in rows.read(self.db, "repeats", condition, wanted)}
        return [_every(found, own) for own in links]


def _every(found: Mapping[int, T], numbers: Sequence[int]) -> list[T]:
    """What was found of each repeat.

    Raises:
        ValueError: nothing of one of them.
    """
    if missing := set(numbers) - found.keys():
        raise ValueError(f"repeat {min(missing)} is missing")
    return [found[number] for number in numbers]


def _results(run: RunRow, key: ArmKey, own: Sequence[Mapping[str, Any]]) -> ArmResults:
    """An arm of a run from the rows of its repeats."""
    repeats = [decode_result(json.loads(row["result"])) for row in own]
    data, code = _origin(json.loads(own[-1]["identity"])) if own else ("", {})
    return ArmResults(
        key=key,
        repeats={repeat.seed: repeat for repeat in sorted(repeats, key=lambda r: r.seed)},
        wanted=len(own) if run.design.until_decided else len(run.seeds),
        run=run.id,
        data=data,
        code=code,
        until_decided=run.design.until_decided,
    )


def _origin(content: object) -> tuple[str, dict[str, str]]:
    """The data's fingerprint and the code of an identity."""
    identity = decode(dict[str, Any], content, "an identity")
    data = decode(Text, identity.get("data"), "the data's fingerprint")
    return data, decode(dict[str, Line], identity.get("code"), "the code")


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
