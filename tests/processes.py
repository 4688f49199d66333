"""A bench in a process of its own that tests may disturb, and what it left behind."""

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
from cmpnet.decoding import decode_result
from cmpnet.store import FILE
from tests.helpers import variables

Numbers = dict[tuple[str, int], RepeatResult]
PROGRAM = (sys.executable, "-m", "cmpnet")
_LINE = re.compile(r"^\[\d+/\d+\] (\S+?)(?:\[\S*\])? seed (\d+): test error", re.MULTILINE)


class Running:
    """A program in a process group of its own, as a terminal starts it."""

    def __init__(self, *command: str, site: Path | None = None) -> None:
        self._stderr, self._stdout = (Path(tempfile.mkstemp(dir=".")[1]) for _ in range(2))
        with self._stderr.open("wb") as stderr, self._stdout.open("wb") as stdout:
            self.process = subprocess.Popen(
                command,
                # The garbage collector closes what a signal interrupts.
                env={**variables(site), "PYTHONWARNINGS": "error,ignore::ResourceWarning"},
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )
        self.group = self.process.pid

    @property
    def stdout(self) -> str:
        """The output up to now."""
        return self._stdout.read_text()

    @property
    def stderr(self) -> str:
        """The messages up to now."""
        return self._stderr.read_text()

    def messages(self) -> list[str]:
        """The lines on stderr that do not report a repeat."""
        return [line for line in self.stderr.splitlines() if line[:1] != "["]

    def reported(self) -> set[tuple[str, int]]:
        """Architecture and seed of every repeat that was reported as finished."""
        return {(name, int(seed)) for name, seed in _LINE.findall(self.stderr)}

    def wait_until(self, condition: Callable[[], object], seconds: float = 60) -> None:
        """Wait until a condition is true, or the process has ended."""
        end = time.monotonic() + seconds
        while not condition() and self.process.poll() is None:
            assert time.monotonic() < end, f"still waiting after {seconds} s: {self.stderr}"
            time.sleep(0.002)

    def wait_at_most(self, seconds: float) -> None:
        """Wait for a time, or until the process has ended."""
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
        living = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                state, _, group = (folder / "stat").read_text().rpartition(")")[2].split()[:3]
                command = (folder / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue
            if int(group) == self.group and state not in "ZX":
                living[int(folder.name)] = command
        return living

    def server(self) -> int:
        """Id of the fork server."""
        (server,) = self._servers() - set(self.workers())
        return server

    def workers(self) -> list[int]:
        """Ids of the worker processes: those that the fork server has forked."""
        servers = self._servers()
        return [pid for pid in servers if _parent(pid) in servers]

    def _servers(self) -> set[int]:
        return {pid for pid, command in self.members().items() if "forkserver" in command}


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


@contextlib.contextmanager
def started(*command: str, site: Path | None = None) -> Iterator[Running]:
    """A process to disturb; whatever a failing test leaves of it is killed."""
    process = Running(*command, site=site)
    try:
        yield process
    finally:
        for pid in process.members():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.process.wait()


def running(
    *arguments: str, site: Path | None = None, prefix: tuple[str, ...] = ()
) -> contextlib.AbstractContextManager[Running]:
    """``cmpnet`` with these arguments, as a process to disturb."""
    return started(*prefix, *PROGRAM, *arguments, site=site)


def stored(folder: Path) -> Numbers:
    """Every number of a store but the times; the file is sound and has no repeat twice."""
    with contextlib.closing(sqlite3.connect(folder / FILE)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        if not db.execute("SELECT * FROM sqlite_master").fetchall():
            return {}  # stopped before there was a table
        rows = db.execute("SELECT identity, seed, result FROM repeats").fetchall()
    results: Numbers = {
        (json.loads(identity)["architecture"], seed): replace(
            decode_result(json.loads(result)), seconds=0
        )
        for identity, seed, result in rows
    }
    assert len(results) == len(rows), "a repeat was trained twice"
    return results
