"""What a job costs on the way to a worker and back: python tests/benchmarks/scaling.py [JOBS].

Instant jobs, with ``local`` and with ``dask`` on 1, 2 and 4 workers of one slot each, over TCP on
loopback. The client, the scheduler and the workers share the cores of this machine.
"""

from __future__ import annotations

import importlib.util
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cloudpickle

from cmpnet.events import Capacity
from cmpnet.runtime.executors import Executor
from cmpnet.runtime.local import LocalExecutor
from cmpnet_dask.executor import DaskExecutor

cloudpickle.register_pickle_by_value(sys.modules[__name__])
JOBS = 10_000
EARLY = 1000  # jobs after which memory is first looked at


def instant(number: int) -> Iterator[int]:
    """A job that does nothing."""
    yield number


def slow(number: int) -> Iterator[int]:
    """A job that leaves the other workers time to join."""
    time.sleep(0.5)
    yield number


def memory() -> float:
    """Resident memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def measure(executor: Executor, jobs: int) -> dict[str, float]:
    """Milliseconds per job, of the clock and of the client's CPU, and memory on the way."""
    pairs: Any = executor.run(instant, range(1, jobs + 1))
    done, early, started, cpu = 0, 0.0, 0.0, 0.0
    for _, message in pairs:
        if isinstance(message, Capacity):
            continue
        if not done:  # the workers have started
            started, cpu = time.perf_counter(), time.process_time()
        done += 1
        if done == EARLY:
            early = memory()
    assert done == jobs
    return {
        "ms": (time.perf_counter() - started) / jobs * 1e3,
        "cpu": (time.process_time() - cpu) / jobs * 1e3,
        "early": early,
        "late": memory(),
    }


def main(jobs: int) -> None:
    """Print a table."""
    conftest = Path(__file__).parent.parent / "conftest.py"
    spec = importlib.util.spec_from_file_location("cluster_of_tests", conftest)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    print(f"{jobs} instant jobs, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print("workers | local ms/job | dask ms/job | beyond local | client CPU ms | client MB")
    for workers in (1, 2, 4):
        local = measure(LocalExecutor(workers), jobs)
        with tempfile.TemporaryDirectory() as folder:
            cluster = module.Cluster(Path(folder), {})
            for _ in range(workers):
                cluster.worker()
            executor = DaskExecutor(address=cluster.address)
            warm_up = [*executor.run(slow, range(1, 10 * workers))]
            assert warm_up
            assert executor.workers == workers
            dask = measure(executor, jobs)
            executor.close()
            cluster.close()
        print(
            f"{workers:7d} | {local['ms']:12.2f} | {dask['ms']:11.2f} | "
            f"{dask['ms'] - local['ms']:12.2f} | {dask['cpu']:13.2f} | "
            f"{dask['early']:.0f} -> {dask['late']:.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else JOBS)
