"""A real Dask cluster on this machine: a scheduler and workers, each a process, over TCP."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

QUIET = {
    "DASK_DISTRIBUTED__WORKER__DAEMON": "True",  # as it is by default
    "DASK_DISTRIBUTED__ADMIN__LOG_FORMAT": "%(name)s - %(levelname)s - %(message)s",
    "OMP_NUM_THREADS": "1",
}


class Cluster:
    """Processes of a cluster, which end with it.

    Attributes:
        address: address of the scheduler.
        file: its scheduler file.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str], *options: str) -> None:
        self._folder = folder.absolute()
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._environment = {**os.environ, **QUIET, **environment}
        self.file = self._folder / "scheduler.json"
        self.scheduler = self._start(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
            "--scheduler-file", str(self.file), *options,
        )  # fmt: skip
        self.address = ""
        for _ in range(600):
            with contextlib.suppress(OSError, ValueError):
                self.address = json.loads(self.file.read_text())["address"]
                break
            time.sleep(0.05)

    def worker(
        self, *options: str, threads: int = 1, environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a worker without a nanny: killed, it is gone."""
        return self._start(
            "worker", self.address, "--no-nanny", "--nthreads", str(threads), "--no-dashboard",
            "--local-directory", str(self._folder), *options, environment=environment,
        )  # fmt: skip

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """End a process as ``kill -9`` does."""
        process.send_signal(signal.SIGKILL)
        process.wait()

    def _start(
        self, kind: str, *options: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        number = len(self._processes)
        with (self._folder / f"{kind}-{number}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", kind, *options],
                env={**self._environment, **(environment or {})},
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
            )
        self._processes[process.pid] = process
        return process

    def close(self) -> None:
        """End every process."""
        for process in self._processes.values():
            process.kill()
        for process in self._processes.values():
            process.wait()


@pytest.fixture(scope="session")
def make_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Cluster]]:
    """Makes a scheduler without workers; all end with the run."""
    made: list[Cluster] = []

    def make(*options: str, environment: Mapping[str, str] | None = None) -> Cluster:
        folder = tmp_path_factory.mktemp("cluster")
        made.append(Cluster(folder, environment or {}, *options))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture(scope="session")
def cluster(make_cluster: Callable[..., Cluster]) -> Cluster:
    """A scheduler with two workers, which no test harms."""
    made = make_cluster()
    for _ in range(2):
        made.worker()
    return made


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
