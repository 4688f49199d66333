"""A bench in processes of its own that tests may disturb, and what it left behind."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from cmpnet import RepeatResult
from cmpnet.records import result_from
from cmpnet.store import FILE
from tests.helpers import variables

Numbers = dict[tuple[str, int], RepeatResult]
_LINE = re.compile(r"^\[\d+/\d+\] (\S+?)(?:\[\S*\])? seed (\d+): test error", re.MULTILINE)


class Running:
    """``cmpnet`` with these arguments, in a process group of its own as a terminal gives it."""

    def __init__(
        self,
        *arguments: str,
        site: Path | None = None,
        prefix: tuple[str, ...] = (),
    ) -> None:
        self.stderr, self.stdout = (Path(tempfile.mkstemp(dir=".")[1]) for _ in range(2))
        with self.stderr.open("wb") as stderr, self.stdout.open("wb") as stdout:
            self.process = subprocess.Popen(
                [*prefix, sys.executable, "-m", "cmpnet", *arguments],
                # What a signal interrupts is left to the collector.
                env={**variables(site), "PYTHONWARNINGS": "error,ignore::ResourceWarning"},
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )
        self.group = self.process.pid

    def said(self) -> str:
        """What is on stderr up to now."""
        return self.stderr.read_text()

    def reported(self) -> set[tuple[str, int]]:
        """Architecture and seed of every repeat that it said was finished."""
        return {(name, int(seed)) for name, seed in _LINE.findall(self.said())}

    def wait_until(self, seen: Callable[[], object], seconds: float = 60) -> None:
        """Wait until something is true, or the process has ended."""
        end = time.monotonic() + seconds
        while not seen() and self.process.poll() is None:
            assert time.monotonic() < end, f"nothing came of it in {seconds} s: {self.said()}"
            time.sleep(0.002)

    def last(self, seconds: float) -> None:
        """Wait so long, or until the process has ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)

    def wait(self, seconds: float = 120) -> int:
        """The exit code; no process of the group is left a moment later."""
        code = self.process.wait(seconds)
        end = time.monotonic() + 20
        while self.members():
            assert time.monotonic() < end, f"left behind: {self.members()}"
            time.sleep(0.02)
        return code

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to the process that was started, and to none of its workers."""
        self.process.send_signal(number)

    def members(self) -> dict[int, str]:
        """Living processes of the group, by id, with their command lines."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                state, _, group = (folder / "stat").read_text().rpartition(")")[2].split()[:3]
                command = (folder / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue
            if int(group) == self.group and state not in "ZX":
                found[int(folder.name)] = command
        return found

    def workers(self) -> list[int]:
        """Ids of the worker processes: what the fork server has forked."""
        servers = {pid for pid, line in self.members().items() if "forkserver" in line}
        return [pid for pid in servers if _parent(pid) in servers]


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def stored(folder: Path) -> Numbers:
    """Every number of a store but the times; the file is sound and has no repeat twice."""
    with contextlib.closing(sqlite3.connect(folder / FILE)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        if not db.execute("SELECT * FROM sqlite_master").fetchall():
            return {}  # stopped before there was a table
        rows = db.execute("SELECT identity, seed, result FROM repeats").fetchall()
    found: Numbers = {
        (json.loads(identity)["architecture"], seed): replace(
            result_from(json.loads(result)), seconds=0
        )
        for identity, seed, result in rows
    }
    assert len(found) == len(rows), "a repeat was trained twice"
    return found


@contextlib.contextmanager
def running(
    *arguments: str, site: Path | None = None, prefix: tuple[str, ...] = ()
) -> Iterator[Running]:
    """A process to disturb; whatever a failing test leaves of it is killed."""
    bench = Running(*arguments, site=site, prefix=prefix)
    try:
        yield bench
    finally:
        for pid in bench.members():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        bench.process.wait()
